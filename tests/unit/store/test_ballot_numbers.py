"""Numbers of ballots: each is taken once, whatever happens in between."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rankd.core.errors import AssemblyError
from rankd.store.ballot_numbers import MAX_NUMBER, BallotNumbers

GENESIS = bytes(32)
OTHER = b"\1" * 32


@pytest.fixture
def numbers(tmp_path: Path) -> BallotNumbers:
    return BallotNumbers(tmp_path / "member.key")


def test_numbers_rise_by_one_for_each_vote_and_co_op(numbers: BallotNumbers) -> None:
    assert [numbers.take(GENESIS, 3) for _ in range(3)] == [1, 2, 3]
    assert (numbers.take(GENESIS, 4), numbers.take(OTHER, 3)) == (1, 1)
    again = BallotNumbers(numbers.path.with_name("member.key"))
    assert (again.last(GENESIS, 3), again.last(GENESIS, 5)) == (3, 0)
    assert numbers.path.name == "member.key.ballots.json"


def test_what_the_minutes_show_counts_too(numbers: BallotNumbers) -> None:
    assert numbers.take(GENESIS, 3, known=7) == 8
    assert numbers.take(GENESIS, 3, known=7) == 9


@pytest.mark.parametrize("wanted", [0, 7, 8, MAX_NUMBER + 1])
def test_a_number_that_would_not_be_later_is_refused(numbers: BallotNumbers, wanted: int) -> None:
    numbers.take(GENESIS, 3, known=7)
    before = numbers.path.read_bytes()
    with pytest.raises(AssemblyError) as refusal:
        numbers.take(GENESIS, 3, wanted=wanted)
    assert (refusal.value.reason, refusal.value.metadata["next"]) == ("BALLOT_NUMBER_USED", 9)
    assert numbers.path.read_bytes() == before
    assert numbers.take(GENESIS, 3, wanted=MAX_NUMBER) == MAX_NUMBER


def test_commands_at_the_same_time_never_take_the_same_number(numbers: BallotNumbers) -> None:
    with ThreadPoolExecutor(8) as threads:
        taken = list(
            threads.map(lambda _: BallotNumbers(numbers.path.with_name("member.key")).take(GENESIS, 3), range(40))
        )
    assert sorted(taken) == list(range(1, 41))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]\n",
        b'{"numbers":{},"schema":"rankd.ballots/2"}\n',
        b'{"numbers":{"x":0},"schema":"rankd.ballots/1"}\n',
        b'{"numbers":{"x":true},"schema":"rankd.ballots/1"}\n',
        b'{"numbers":[],"schema":"rankd.ballots/1"}\n',
    ],
)
def test_a_damaged_file_is_never_taken_for_an_empty_one(numbers: BallotNumbers, data: bytes) -> None:
    numbers.path.write_bytes(data)
    with pytest.raises(AssemblyError) as refusal:
        numbers.take(GENESIS, 3)
    assert refusal.value.reason == "BALLOT_NUMBERS_UNUSABLE"
    assert numbers.path.read_bytes() == data


def test_a_number_that_cannot_be_written_is_not_taken(numbers: BallotNumbers, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rankd.store.ballot_numbers.write_atomic", refuse)
    with pytest.raises(AssemblyError) as refusal:
        numbers.take(GENESIS, 3)
    assert (refusal.value.reason, numbers.last(GENESIS, 3)) == ("BALLOT_NUMBERS_UNUSABLE", 0)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError) as refusal:
        BallotNumbers(tmp_path / "gone" / "member.key").take(GENESIS, 3)
    assert refusal.value.reason == "BALLOT_NUMBERS_UNUSABLE"
