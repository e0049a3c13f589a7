from hashlib import sha256

import pytest

from rankd.core.log.tree import leaf_hash
from rankd.store.journal.entry import Entry, decode_entry, draft_entry

KEY = bytes(range(32))


@pytest.mark.parametrize(
    "entry",
    [
        Entry(b"leaf", None, b"", ()),
        Entry(b"", None, b"", ()),
        Entry(b"leaf", KEY, b"record", ()),
        Entry(b"leaf", KEY, b"", ()),
        Entry(b"leaf", None, b"", ((0, 7), (9, 2**63))),
        Entry(b"leaf", KEY, b"record", ((5, 5),)),
    ],
)
def test_an_entry_is_read_back_as_it_was_written(entry: Entry) -> None:
    draft = draft_entry(entry.leaf, entry.key, entry.record, entry.erases)
    data = b"".join(draft.parts)
    assert decode_entry(data) == entry
    assert draft.length == len(data)
    assert draft.digest == sha256(data).digest()
    assert draft.summary == entry.summary
    assert draft.summary.leaf_hash == leaf_hash(entry.leaf)


def test_an_entry_is_written_as_its_format_says() -> None:
    data = b"".join(draft_entry(b"leaf", KEY, b"record", [(1, 258)]).parts)
    assert data == b"\x04\0\0\0\x01\0\0\0" + b"\x01" + bytes(7) + b"\x02\x01" + bytes(6) + b"leaf" + KEY + b"record"


@pytest.mark.parametrize("cut", [0, 7, 8, 20, 27, 28, 59])
def test_bytes_that_are_no_entry_are_refused(cut: int) -> None:
    data = b"".join(draft_entry(b"leaf", KEY, b"", [(1, 2)]).parts)
    assert len(data) == 60
    if cut == 28:
        assert decode_entry(data[:cut]) == Entry(b"leaf", None, b"", ((1, 2),))
        return
    with pytest.raises(ValueError, match="no entry"):
        decode_entry(data[:cut])


@pytest.mark.parametrize(("key", "record"), [(None, b"record"), (b"short", b"record")])
def test_a_body_without_a_whole_key_is_refused(key: bytes | None, record: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        draft_entry(b"leaf", key, record, ())
