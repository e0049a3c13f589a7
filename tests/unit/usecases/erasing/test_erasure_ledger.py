"""Which entry erased a body: the first that names it, found from the entries alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.leaf import ERASURE_SCHEMA, EpochLeaf, ErasureLeaf, Retention, encode_leaf
from rankd.store.journal.journal import Journal
from rankd.usecases.erasing.erasure_ledger import Erased, ErasureLedger
from tests.conftest import LOG_SIGNER

ERASER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = ERASER.public_key().public_bytes_raw().hex()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    found = Journal.open(tmp_path / "decisions", LOG_SIGNER, tmp_path / "log.key.mark", watch=False)
    for number in range(5):
        found.append(b"entry %d" % number)
    yield found
    found.close()


def erase(journal: Journal, *spans: tuple[int, int], reason: str = "asked for", time_ms: int = 5) -> int:
    erasure = Erasure("dev.test", spans, (), "REQUEST", reason, 3)
    return journal.append(encode_leaf(ErasureLeaf(time_ms, sign_erasure(erasure, ERASER)))).index


def test_an_erasure_is_found_by_every_entry_of_its_ranges_and_by_no_other(journal: Journal) -> None:
    at = erase(journal, (0, 1), (3, 3))
    ledger = ErasureLedger(journal)
    facts = Erased(at, 5, "REQUEST", "asked for", SIGNER)
    assert [ledger.find(index) for index in range(5)] == [facts, facts, None, facts, None]


def test_later_erasures_are_seen_and_the_first_one_stands(journal: Journal) -> None:
    ledger = ErasureLedger(journal)
    assert ledger.find(2) is None
    first = erase(journal, (2, 2))
    journal.publish()
    erase(journal, (0, 4), reason="again")
    found, other = ledger.find(2), ledger.find(4)
    assert found is not None
    assert found.index == first
    assert other is not None
    assert (other.index, other.reason) == (first + 1, "again")


def test_an_entry_that_only_speaks_of_erasures_is_none(journal: Journal) -> None:
    leaf = EpochLeaf(5, bytes(32), "w1", Retention(1, 0, 1), (), ERASURE_SCHEMA)
    journal.append(encode_leaf(leaf))
    assert ErasureLedger(journal).find(0) is None
