"""Increments are gathered by key."""

import pytest

from rankd.core.features.block import Increment
from rankd.store.features.store import MAX_CELLS, Raised, gather, origin_digest


def test_increments_are_gathered_by_key_and_cell() -> None:
    increments = [Increment(b"a", 2, 90), Increment(b"b", 0, 0), Increment(b"a", 2, 90), Increment(b"a", 0, 90)]
    assert gather(increments, 50) == {b"a": Raised({2: 2, 0: 1}, 90), b"b": Raised({0: 1}, 0)}


def test_what_is_over_is_left_out() -> None:
    increments = [Increment(b"a", 0, 50), Increment(b"b", 0, 51), Increment(b"c", 0, 0)]
    assert list(gather(increments, 50)) == [b"b", b"c"]


@pytest.mark.parametrize("cell", [-1, MAX_CELLS, 2**40])
def test_a_cell_that_no_layout_has_is_refused(cell: int) -> None:
    with pytest.raises(ValueError, match="cell"):
        gather([Increment(b"a", cell, 1)], 50)


def test_origins_are_told_apart() -> None:
    digests = {origin_digest(origin) for origin in ("", "a", "b", "a#b", "a/events#video")}
    assert {len(digest) for digest in digests} == {32}
    assert len(digests) == 5
