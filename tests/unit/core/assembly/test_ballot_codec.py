import pytest

from rankd.core.assembly.ballot_codec import match_ballot
from rankd.core.assembly.entries import Ballot, Co
from rankd.core.assembly.entry_codec import encode_payload

BALLOT = Ballot(
    co=Co("dev.coop.example", b"\x01" * 32, b"\x02" * 16),
    proposal=14,
    vote="ranking",
    texts=((b"\x03" * 32, b"\x04" * 32), (b"\x05" * 32, b"\x06" * 32)),
    constitution=b"\x07" * 32,
    roll=b"\x08" * 32,
    impact=b"\x09" * 32,
    number=1,
    choice=((2,), (0, 1)),
)
DATA = encode_payload(BALLOT)


def test_a_ballot_is_matched_as_it_was_written() -> None:
    assert match_ballot(DATA) == BALLOT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"number":1', b'"number":01'),
        (b'"number":1', b'"number":4294967296'),
        (b'"proposal":14', b'"proposal":9007199254740992'),
        (b"[[2],[0,1]]", b"[[2],[0,1],]"),
        (b"[[2],[0,1]]", b"[[2],[00,1]]"),
        (b"[[2],[0,1]]", b"[[2],[]]"),
        (b"[[2],[0,1]]", b"[[2],[2]]"),
        (b"[[2],[0,1]]", b'"yes"'),
        (b'"choice"', b' "choice"'),
        (b"rankd.ballot/1", b"rankd.ballot/2"),
        (b"dev.coop.example", "dév.coop.example".encode()),
        (b'"impact":"sha256:0909', b'"impact":"sha256:09'),
    ],
)
def test_what_is_not_written_as_ballots_are_is_left_to_the_general_reader(before: bytes, after: bytes) -> None:
    assert before in DATA
    assert match_ballot(DATA.replace(before, after)) is None
