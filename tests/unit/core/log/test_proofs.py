"""Proofs: other people's probes, the same mutations over all small trees, and what is refused by name."""

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from rankd.core.errors import LogError
from rankd.core.log.proofs import consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion
from rankd.core.log.tree import EMPTY_ROOT, leaf_hash, root_of
from tests.reference import rfc6962
from tests.unit.core.log.vectors import official

INCLUSION = official("inclusion.json")
CONSISTENCY = official("consistency.json")
MOST = 20
ENTRIES = [b"entry %d" % at for at in range(MOST)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [root_of(LEAVES[:size]) for size in range(MOST + 1)]
RANDOM = bytes(range(32))


def read(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : index + 1 << level])


def files(probes: Sequence[dict[str, Any]]) -> list[str]:
    return [probe["file"] for probe in probes]


def plain(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def refuses(check: Callable[..., None], *args: object) -> bool:
    try:
        check(*args)
    except LogError as error:
        return error.reason.startswith("PROOF_")
    return False


@pytest.mark.parametrize("probe", INCLUSION, ids=files(INCLUSION))
def test_inclusion_probe(probe: dict[str, Any]) -> None:
    proof = [plain(found) for found in probe["proof"] or []]
    given = (plain(probe["leafHash"]), probe["leafIdx"], probe["treeSize"], proof, plain(probe["root"]))
    assert refuses(verify_inclusion, *given) == probe["wantErr"]


@pytest.mark.parametrize("probe", CONSISTENCY, ids=files(CONSISTENCY))
def test_consistency_probe(probe: dict[str, Any]) -> None:
    proof = [plain(found) for found in probe["proof"] or []]
    given = (probe["size1"], probe["size2"], proof, plain(probe["root1"]), plain(probe["root2"]))
    # Two probes call “don't care 2” a root. Twelve bytes are no root here, whatever they are compared with.
    is_hash = all(len(found) == 32 for found in given[3:])
    assert refuses(verify_consistency, *given) == (probe["wantErr"] or not is_hash)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_inclusion_proofs_are_those_of_the_definition_and_verify(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, size, read)
        assert list(proof) == rfc6962.path(index, ENTRIES[:size])
        verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize("second", range(MOST + 1))
def test_consistency_proofs_are_those_of_the_definition_and_verify(second: int) -> None:
    for first in range(second + 1):
        proof = consistency_proof(first, second, read)
        assert list(proof) == (rfc6962.proof(first, ENTRIES[:second]) if 0 < first < second else [])
        verify_consistency(first, second, proof, ROOTS[first], ROOTS[second])


def damaged(proof: Sequence[bytes], *others: bytes) -> Iterator[list[bytes]]:
    """Yield the ways in which the probes damage a proof, for every place in it."""
    for at, found in enumerate(proof):
        yield [*proof[:at], bytes([found[0] ^ 8]) + found[1:], *proof[at + 1 :]]
        yield [*proof[:at], found[:31] + bytes([found[31] ^ 128]), *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], b"", *proof[at + 1 :]]
        yield [*proof[:at], found + b"\0", *proof[at + 1 :]]
        yield [*proof[:at], RANDOM, *proof[at:]]
        yield [*proof[:at], found, found, *proof[at + 1 :]]
    for other in (b"", RANDOM, EMPTY_ROOT, *others):
        yield [other, *proof]
        yield [*proof, other]
    for at in range(1, len(proof)):
        yield [*proof[: at - 1], proof[at], proof[at - 1], *proof[at + 1 :]]


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_no_damaged_inclusion_proof_verifies(size: int) -> None:
    for index in range(size):
        leaf, proof, root_hash = LEAVES[index], inclusion_proof(index, size, read), ROOTS[size]
        for other in damaged(proof, root_hash, leaf):
            assert refuses(verify_inclusion, leaf, index, size, other, root_hash)
        for place in {index - 1, index + 1, index ^ 2, size, -1} - {index}:
            assert refuses(verify_inclusion, leaf, place, size, proof, root_hash)
        for large in {size * 2, size // 2, 0, -1, 2**63} - {size}:
            assert refuses(verify_inclusion, leaf, index, large, proof, root_hash)
        for wrong in (b"", b"WrongLeaf", RANDOM, EMPTY_ROOT, leaf_hash(b"another"), leaf + b"\0"):
            assert refuses(verify_inclusion, wrong, index, size, proof, root_hash)
            assert refuses(verify_inclusion, leaf, index, size, proof, wrong)


@pytest.mark.parametrize("second", range(2, MOST + 1))
def test_no_damaged_consistency_proof_verifies(second: int) -> None:
    for first in range(1, second):
        proof, one, two = consistency_proof(first, second, read), ROOTS[first], ROOTS[second]
        assert refuses(verify_consistency, first, second, [], one, two)
        assert refuses(verify_consistency, first, second, proof, two, one)
        for other in damaged(proof, one, two, proof[0]):
            assert refuses(verify_consistency, first, second, other, one, two)
        for size in {first - 1, first + 1, first ^ 2, 0, second, second + 1, -1} - {first}:
            assert refuses(verify_consistency, size, second, proof, one, two)
        for size in {second * 2, second // 2, first, 0, 2**63} - {second}:
            assert refuses(verify_consistency, first, size, proof, one, two)
        for wrong in (b"", b"WrongRoot", RANDOM, EMPTY_ROOT):
            assert refuses(verify_consistency, first, second, proof, wrong, two)
            assert refuses(verify_consistency, first, second, proof, one, wrong)


def test_a_root_is_computed_from_full_subtrees() -> None:
    for size in range(MOST + 1):
        assert root(size, read) == ROOTS[size]


def test_every_log_begins_with_the_empty_one() -> None:
    verify_consistency(0, 5, [], EMPTY_ROOT, ROOTS[5])
    with pytest.raises(LogError) as refusal:
        verify_consistency(0, 5, [], ROOTS[5], ROOTS[5])
    assert refusal.value.reason == "PROOF_ROOT_DIFFERS"


@pytest.mark.parametrize(
    ("reason", "check"),
    [
        ("PROOF_SIZE", lambda: root(2**63, read)),
        ("PROOF_SIZE", lambda: root(-1, read)),
        ("PROOF_INDEX_RANGE", lambda: inclusion_proof(5, 5, read)),
        ("PROOF_INDEX_RANGE", lambda: inclusion_proof(-1, 5, read)),
        ("PROOF_INDEX_RANGE", lambda: inclusion_proof(0, 0, read)),
        ("PROOF_SIZE_ORDER", lambda: consistency_proof(6, 5, read)),
        ("PROOF_SIZE_ORDER", lambda: consistency_proof(-1, 5, read)),
        ("PROOF_HASH_LENGTH", lambda: verify_inclusion(b"", 0, 1, [], ROOTS[1])),
        ("PROOF_LENGTH", lambda: verify_inclusion(LEAVES[0], 0, 1, [RANDOM], ROOTS[1])),
        ("PROOF_ROOT_DIFFERS", lambda: verify_inclusion(LEAVES[0], 0, 1, [], RANDOM)),
        ("PROOF_LENGTH", lambda: verify_consistency(2, 2, [RANDOM], ROOTS[2], ROOTS[2])),
        ("PROOF_ROOT_DIFFERS", lambda: verify_consistency(2, 2, [], ROOTS[2], ROOTS[3])),
    ],
)
def test_refusal_has_its_name(reason: str, check: Callable[[], object]) -> None:
    with pytest.raises(LogError) as refusal:
        check()
    assert refusal.value.reason == reason


def test_the_largest_tree_has_proofs_of_63_hashes() -> None:
    size = 2**63 - 1
    same = inclusion_proof(0, size, lambda _level, _index: RANDOM)
    assert len(same) == 63
    with pytest.raises(LogError) as refusal:
        verify_inclusion(RANDOM, 0, size, same, RANDOM)
    assert refusal.value.reason == "PROOF_ROOT_DIFFERS"
