"""Inclusion and consistency proofs of RFC 6962: made from a tree's hashes, checked without it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from rankd.core.errors import LogError
from rankd.core.log.canonical_text import MAX_NUMBER
from rankd.core.log.tree import EMPTY_ROOT, HASH_BYTES, join_peaks, node_hash

HashReader: TypeAlias = Callable[[int, int], bytes]
"""(level, index) → the root of the full subtree over the 2**level leaves from index·2**level on."""


class _Sibling(NamedTuple):
    """A subtree beside the way down, over the leaves [begin, end)."""

    begin: int
    end: int
    is_left: bool


def root(size: int, read: HashReader) -> bytes:
    """Return the root of the tree of the first `size` leaves.

    Args:
        size: 0 to 2⁶³ − 1.
        read: Gives the hashes of full subtrees within `size`.
    """
    _check_size(size)
    return _range_root(0, size, read)


def inclusion_proof(index: int, size: int, read: HashReader) -> tuple[bytes, ...]:
    """Return the audit path of a leaf, from its sibling up to the root's child.

    Args:
        index: The leaf, 0 ≤ index < size.
        size: The tree's leaves, up to 2⁶³ − 1.
        read: Gives the hashes of full subtrees within `size`.

    Raises:
        LogError: PROOF_INDEX_RANGE.

    Source: RFC 6962 section 2.1.1 (PATH).
    """
    _check_index(index, size)
    return tuple(_range_root(begin, end, read) for begin, end, _ in _inclusion_path(index, size))


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Make sure that the leaf is the one at `index` in the tree of `size` leaves with this root.

    Args:
        leaf_hash: 32 bytes.
        index: 0 ≤ index < size.
        size: Up to 2⁶³ − 1.
        proof: From the leaf's sibling up, 32 bytes each.
        root: 32 bytes.

    Raises:
        LogError: PROOF_INDEX_RANGE, PROOF_HASH_LENGTH, PROOF_LENGTH, or PROOF_ROOT_DIFFERS.

    Source: RFC 6962 section 2.1.1.
    """
    _check_index(index, size)
    _check_hashes(leaf_hash, root, *proof)
    path = _inclusion_path(index, size)
    _check_length(len(path), len(proof))
    found = leaf_hash
    for (_, _, is_left), sibling in zip(path, proof, strict=True):
        found = node_hash(sibling, found) if is_left else node_hash(found, sibling)
    _check_root(size, root, found)


def consistency_proof(first: int, second: int, read: HashReader) -> tuple[bytes, ...]:
    """Return what shows that the tree of `second` leaves begins with the tree of `first` leaves.

    The proof is empty where nothing needs showing: from the empty tree, and between equal sizes.

    Args:
        first: 0 ≤ first ≤ second.
        second: Up to 2⁶³ − 1.
        read: Gives the hashes of full subtrees within `second`.

    Raises:
        LogError: PROOF_SIZE_ORDER.

    Source: RFC 6962 section 2.1.2 (PROOF).
    """
    _check_order(first, second)
    if first in (0, second):
        return ()
    seed, path = _consistency_path(first, second)
    proof = tuple(_range_root(begin, end, read) for begin, end, _ in path)
    return proof if seed == 0 else (_range_root(seed, first, read), *proof)


def verify_consistency(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> None:
    """Make sure that the tree with `second_root` begins with all the leaves of the tree with `first_root`.

    Every tree begins with the empty one, so from size 0 the proof is empty and `first_root` must be the empty
    tree's; nothing is learnt about `second_root` then.

    Args:
        first: 0 ≤ first ≤ second.
        second: Up to 2⁶³ − 1.
        proof: As `consistency_proof` gives it, 32 bytes each.
        first_root: 32 bytes.
        second_root: 32 bytes.

    Raises:
        LogError: PROOF_SIZE_ORDER, PROOF_HASH_LENGTH, PROOF_LENGTH, or PROOF_ROOT_DIFFERS.

    Source: RFC 6962 section 2.1.2.
    """
    _check_order(first, second)
    _check_hashes(first_root, second_root, *proof)
    if first in (0, second):
        _check_length(0, len(proof))
        _check_root(first, first_root, EMPTY_ROOT if first == 0 else second_root)
        return
    seed, path = _consistency_path(first, second)
    _check_length(len(path) + (seed > 0), len(proof))
    # Where the smaller tree is itself a full subtree of the larger one, the proof leaves it out: the verifier has it.
    old = new = first_root if seed == 0 else proof[0]
    for (_, _, is_left), sibling in zip(path, proof[seed > 0 :], strict=True):
        if is_left:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    _check_root(first, first_root, old)
    _check_root(second, second_root, new)


def _inclusion_path(index: int, size: int) -> list[_Sibling]:
    """Return the siblings on the way from leaf `index` up to the root."""
    begin, end, path = 0, size, list[_Sibling]()
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_Sibling(middle, end, is_left=False))
            end = middle
        else:
            path.append(_Sibling(begin, middle, is_left=True))
            begin = middle
    path.reverse()
    return path


def _consistency_path(first: int, second: int) -> tuple[int, list[_Sibling]]:
    """Return where the last full subtree of the smaller tree begins, and the siblings from there up to the root.

    That subtree spans [begin, first) in both trees; it is the whole smaller tree if it begins at 0.
    """
    begin, end, path = 0, second, list[_Sibling]()
    while end != first:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(_Sibling(middle, end, is_left=False))
            end = middle
        else:
            path.append(_Sibling(begin, middle, is_left=True))
            begin = middle
    path.reverse()
    return begin, path


def _split(count: int) -> int:
    """Return the largest power of two that is smaller than `count` ≥ 2."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(begin: int, end: int, read: HashReader) -> bytes:
    """Return the root over the leaves [begin, end), a subtree of the tree: `begin` is aligned to its height."""
    return join_peaks([read(level, index) for level, index in _full_subtrees(begin, end)])


def _full_subtrees(begin: int, end: int) -> Iterator[tuple[int, int]]:
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_NUMBER:
        raise LogError("PROOF_SIZE", size=size, most=MAX_NUMBER)


def _check_index(index: int, size: int) -> None:
    _check_size(size)
    if not 0 <= index < size:
        raise LogError("PROOF_INDEX_RANGE", index=index, size=size)


def _check_order(first: int, second: int) -> None:
    _check_size(second)
    if not 0 <= first <= second:
        raise LogError("PROOF_SIZE_ORDER", first=first, second=second)


def _check_hashes(*hashes: bytes) -> None:
    for found in hashes:
        if len(found) != HASH_BYTES:
            raise LogError("PROOF_HASH_LENGTH", wanted=HASH_BYTES, found=len(found))


def _check_length(wanted: int, found: int) -> None:
    if wanted != found:
        raise LogError("PROOF_LENGTH", wanted=wanted, found=found)


def _check_root(size: int, wanted: bytes, found: bytes) -> None:
    if wanted != found:
        raise LogError("PROOF_ROOT_DIFFERS", size=size, wanted=wanted.hex(), found=found.hex())
