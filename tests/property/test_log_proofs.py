"""Over random trees: proofs are those of RFC 6962, verify, and verify nothing else."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import LogError
from rankd.core.log.proofs import consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion
from rankd.core.log.tree import CompactRange, leaf_hash, root_of
from tests.reference import rfc6962

quickly = settings(max_examples=60, deadline=None)
logs = st.lists(st.binary(max_size=3), min_size=1, max_size=70)


def refusal(act: Callable[[], object]) -> str | None:
    try:
        act()
    except LogError as error:
        return error.reason
    return None


def reader(entries: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, index: rfc6962.mth(entries[index << level : index + 1 << level])


@given(logs)
@quickly
def test_every_way_to_a_root_gives_the_defined_one(entries: list[bytes]) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    growing = CompactRange()
    for leaf in leaves:
        growing.append(leaf)
    assert rfc6962.mth(entries) == root_of(leaves) == growing.root() == root(len(entries), reader(entries))


@given(st.data(), logs)
@quickly
def test_an_inclusion_proof_proves_its_leaf_and_no_other(data: st.DataObject, entries: list[bytes]) -> None:
    size = data.draw(st.integers(1, len(entries)))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, reader(entries))
    top = rfc6962.mth(entries[:size])
    assert list(proof) == rfc6962.path(index, entries[:size])
    verify_inclusion(leaf_hash(entries[index]), index, size, proof, top)
    other = data.draw(st.integers(0, size - 1))
    if entries[other] != entries[index]:
        with pytest.raises(LogError):
            verify_inclusion(leaf_hash(entries[other]), index, size, proof, top)


@given(st.data(), logs)
@quickly
def test_a_consistency_proof_fits_two_trees_and_no_third(data: st.DataObject, entries: list[bytes]) -> None:
    second = data.draw(st.integers(1, len(entries)))
    first = data.draw(st.integers(1, second))
    proof = consistency_proof(first, second, reader(entries))
    assert list(proof) == ([] if first == second else rfc6962.proof(first, entries[:second]))
    one, two = rfc6962.mth(entries[:first]), rfc6962.mth(entries[:second])
    verify_consistency(first, second, proof, one, two)
    at = data.draw(st.integers(0, first - 1))
    forked = [*entries[:at], entries[at] + b"!", *entries[at + 1 :]]
    with pytest.raises(LogError):
        verify_consistency(first, second, proof, rfc6962.mth(forked[:first]), two)
    with pytest.raises(LogError):
        verify_consistency(first, second, proof, one, rfc6962.mth(forked[:second]))


@given(
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=31, max_size=33), max_size=70),
    st.binary(min_size=32, max_size=32),
)
@quickly
def test_random_proofs_are_refused_by_name(first: int, second: int, proof: list[bytes], other: bytes) -> None:
    checks = (
        partial(verify_inclusion, other, first, second, proof, bytes(32)),
        partial(verify_consistency, first, second, proof, bytes(32), other),
    )
    for check in checks:
        reason = refusal(check)
        assert first == second if reason is None else reason.startswith("PROOF_")
