"""Roots are those of RFC 6962, whichever way they are computed."""

from hashlib import sha256

import pytest

from rankd.core.log.tree import EMPTY_ROOT, CompactRange, join_peaks, leaf_hash, node_hash, parents, root_of
from tests.reference import rfc6962
from tests.unit.core.log.vectors import official

ENTRIES = [b"entry %d" % at for at in range(300)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
CT = official("tree.json")


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert leaf_hash(b"x") == sha256(b"\0x").digest()
    assert node_hash(b"l", b"r") == sha256(b"\1lr").digest()
    assert leaf_hash(b"\1" + bytes(64)) != node_hash(bytes(32), bytes(32))


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == CompactRange().root() == join_peaks([]) == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_certificate_transparency(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in CT["leaves"]]
    assert root_of(leaves[:size]).hex() == CT["roots"][size - 1]


def test_roots_agree_with_the_definition() -> None:
    growing = CompactRange()
    for size in range(len(LEAVES) + 1):
        assert growing.size == size
        assert growing.root() == root_of(LEAVES[:size]) == rfc6962.mth(ENTRIES[:size])
        if size < len(LEAVES):
            growing.append(LEAVES[size])


@pytest.mark.parametrize("size", [0, 1, 2, 3, 64, 127, 200])
def test_a_range_goes_on_from_its_peaks(size: int) -> None:
    before = CompactRange()
    for leaf in LEAVES[:size]:
        before.append(leaf)
    after = CompactRange(size, before.peaks)
    for leaf in LEAVES[size:]:
        after.append(leaf)
    assert after.root() == root_of(LEAVES)
    assert before.root() == root_of(LEAVES[:size])


@pytest.mark.parametrize(("size", "count"), [(0, 1), (1, 0), (3, 1), (4, 2), (-1, 1), (-1, 0)])
def test_peaks_that_do_not_fit_the_size_are_refused(size: int, count: int) -> None:
    with pytest.raises(ValueError, match="peaks"):
        CompactRange(size, LEAVES[:count])


def test_peaks_are_not_shared_with_whoever_gave_them() -> None:
    peaks = [LEAVES[0]]
    growing = CompactRange(1, peaks)
    growing.append(LEAVES[1])
    assert peaks == [LEAVES[0]]


def test_parents_leave_out_the_odd_one() -> None:
    assert parents(LEAVES[:5]) == [node_hash(*LEAVES[0:2]), node_hash(*LEAVES[2:4])]
    assert parents(LEAVES[:1]) == []
