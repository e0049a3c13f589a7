"""A journal of events by itself: who may erase in it, and when."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.exact.canonical import sha256
from rankd.core.records.decision import Decision
from rankd.store.evidence import DECISIONS, EVENTS, JournalEvidence
from rankd.usecases.audit.events_journal import NEVER, Erasers, EventsJournal, events_verifier
from rankd.usecases.audit.trust import Trust
from tests.conftest import ERASER_KEY, HOUSE_TIME_MS, LOG_SIGNER, House
from tests.evidence import TRUST, Written
from tests.forged import decisions_in, erasure, forge, write_events
from tests.kept import KeptHouse, live

HOUR = 3_600_000
SECOND = Ed25519PrivateKey.from_private_bytes(sha256(b"a second eraser"))
FIRST_KEY, SECOND_KEY = (key.public_key().public_bytes_raw() for key in (ERASER_KEY, SECOND))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = KeptHouse(tmp_path_factory.mktemp("house"))
    with house.desk() as desk:
        live(desk)
    return house.data


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    house = House(tmp_path_factory.mktemp("house"))
    house.record([1])
    return next(iter(decisions_in(house.data).values()))


def opened(data: Path) -> EventsJournal:
    erasers = Erasers(JournalEvidence(data, DECISIONS), TRUST)
    return EventsJournal(JournalEvidence(data, EVENTS), events_verifier(TRUST), erasers, 0)


def test_the_key_of_the_decisions_signs_events_under_a_name_of_their_own() -> None:
    verifier = events_verifier(TRUST)
    assert (verifier.name, verifier.public_key) == (f"{LOG_SIGNER.name}/events", TRUST.log.public_key)
    assert verifier.key_id != TRUST.log.key_id


def test_the_newest_announcement_says_who_may_erase(
    tmp_path: Path, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Written(tmp_path / "data", decision)
    for number, key in enumerate((ERASER_KEY, SECOND)):
        monkeypatch.setattr("tests.evidence.HOUSE_TIME_MS", HOUSE_TIME_MS + number * 10 * HOUR)
        written.epoch(number, erasers=[key])
    erasers = Erasers(JournalEvidence(written.close(), DECISIONS), TRUST)
    assert set(erasers.at(HOUSE_TIME_MS - 2 * HOUR).values()) == set()
    assert set(erasers.at(HOUSE_TIME_MS).values()) == {FIRST_KEY}
    assert set(erasers.at(HOUSE_TIME_MS + 5 * HOUR).values()) == {FIRST_KEY}
    # Clocks are set: within an hour of the change either may sign.
    assert set(erasers.at(HOUSE_TIME_MS + 10 * HOUR).values()) == {FIRST_KEY, SECOND_KEY}
    assert set(erasers.at(HOUSE_TIME_MS + 12 * HOUR).values()) == {SECOND_KEY}


def test_an_auditor_may_bring_an_eraser_of_their_own(tmp_path: Path, decision: Decision) -> None:
    evidence = JournalEvidence(Written(tmp_path / "data", decision).close(), DECISIONS)
    assert Erasers(evidence, TRUST).at(HOUSE_TIME_MS) == {}
    brought = Trust(TRUST.log, erasers=(SECOND_KEY,))
    assert Erasers(evidence, brought).at(HOUSE_TIME_MS) == {SECOND_KEY.hex(): SECOND_KEY}


def test_every_entry_comes_in_order_with_its_record_or_without(data: Path, tmp_path: Path) -> None:
    out = forge(data, tmp_path / "out")
    write_events(out, [erasure((2, 3), code="RETENTION"), erasure((3, 4))])
    journal = opened(out)
    found = journal.read()
    assert (found.living_count, found.missing, found.faults) == (3, (), ())
    assert [(index, record is None) for index, record in journal.records()] == [
        (index, index in {2, 3, 4, 6, 7}) for index in range(8)
    ]
    assert [journal.is_empty(index) for index in range(8)] == [False] * 6 + [True] * 2
    # Of two orders that name an entry, the first one erased it.
    assert [journal.erased_at(index) for index in range(8)] == [NEVER, NEVER, 6, 6, 7, NEVER, NEVER, NEVER]
    assert [journal.forgets(index) for index in (6, 7)] == [False, True]


def test_links_name_decision_and_person_of_every_entry_that_can_be_read(data: Path) -> None:
    journal = opened(data)
    journal.read()
    links = list(journal.links())
    assert [index for index, _, _ in links] == list(range(6))
    assert [viewer for _, _, viewer in links] == [0, 1, 2, 0, 1, 2]
    assert len(set(journal.viewers)) == 3


def test_a_lost_bundle_of_entries_is_named_once_and_leaves_its_entries_unknown(data: Path, tmp_path: Path) -> None:
    out = forge(data, tmp_path / "out")
    (path,) = (out / EVENTS / "public" / "tile" / "entries").rglob("6")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    journal = opened(out)
    found = journal.read()
    assert [fault.error.reason for fault in found.faults] == ["TILE_DIFFERS"]
    assert (found.living_count, found.missing) == (0, ())
    assert [record for _, record in journal.records()] == [None] * 6
    assert journal.time_ms(0) == 2**53
