"""What became of an entry that nobody would otherwise look for: void, sealed, or of another co-op."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rankd.core.assembly.entries import Argument, Payload
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.log.note import NoteSigner
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.counted import Fate, fate_of
from rankd.usecases.govern.keeper import Keeper
from rankd.usecases.govern.kept import Kept, is_kept, read_kept, write_kept
from rankd.usecases.govern.reading import read_minutes
from tests.assemblies import (
    DAY_MS,
    LOG_KEY,
    ORIGIN,
    SECRETARY,
    START_MS,
    TestMinutes,
    found,
    founding,
    key_of,
    policy_text,
)


@dataclass
class House:
    """Minutes that are kept on disk, entry by entry as a fold in memory has them."""

    folder: Path
    minutes: TestMinutes
    keeper: Keeper

    @property
    def signer(self) -> NoteSigner:
        return NoteSigner(ORIGIN, LOG_KEY)

    def enter(self, payload: Payload, by: str) -> Kept:
        """Enter what somebody signs, as it would be at the minutes' time."""
        data = envelope_bytes(sign_entry(payload, key_of(by)))
        done = self.keeper.submit(data, time_ms=self.minutes.now_ms)
        assert done.index is not None
        assert done.key is not None
        self.minutes.append_bytes(data)
        return Kept(ORIGIN, self.keeper.genesis, done.index, done.leaf, done.key, done.receipt, data)

    def fate(self, data: bytes, kept: Kept | None = None) -> Fate:
        """Return what became of an entry, by the record as it is published at the minutes' time."""
        self.keeper.publish()
        folder = RecordFolder(self.folder / "record")
        read = read_minutes(folder, self.keeper.genesis, now_s=self.minutes.now_ms // 1_000).assembly
        return fate_of(folder, read.at(max(self.minutes.now_ms, read.time_ms)), self.signer.verifier, data, kept)


@pytest.fixture
def house(tmp_path: Path) -> House:
    minutes = found()
    data = envelope_bytes(sign_entry(founding(), key_of(SECRETARY)))
    keeper = Keeper.found(
        tmp_path / "home",
        NoteSigner(ORIGIN, LOG_KEY),
        tmp_path / "mark",
        data,
        START_MS,
        clock_ms=lambda: minutes.now_ms,
    )
    return House(tmp_path / "home", minutes, keeper)


def argument(house: House, index: int) -> Argument:
    return Argument(house.minutes.co(), index, "for", None, "Bien.")


def propose(house: House) -> int:
    base = house.minutes.assembly.standing("video").policy.canon_digest
    return house.enter(house.minutes.proposal(policy_text(base, click=100, reply=200)), "Alice").index


def test_an_accepted_entry_is_found_with_and_without_its_receipt(house: House) -> None:
    kept = house.enter(argument(house, propose(house)), "Bruno")
    for fate in (house.fate(kept.envelope), house.fate(kept.envelope, kept)):
        assert (fate.verdict, fate.index, fate.good) == ("entered", kept.index, True)


def test_an_entry_that_was_never_handed_in_is_absent(house: House) -> None:
    data = envelope_bytes(sign_entry(argument(house, propose(house)), key_of("Bruno")))
    fate = house.fate(data)
    assert (fate.verdict, fate.index, fate.good, fate.size) == ("absent", None, False, 2)


def test_an_entry_is_void_where_the_fold_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    index = propose(house)
    # No keeper of ours enters it; another's might.
    void = argument(house, index + 100)
    judge = Assembly.judge
    data = envelope_bytes(sign_entry(argument(house, index), key_of("Bruno")))
    wanted = judge(house.minutes.now(), data, house.minutes.now_ms)
    monkeypatch.setattr(Assembly, "judge", lambda *_, **__: replace(wanted, about=index + 100, payload=void))
    kept = house.enter(void, "Bruno")
    for fate in (house.fate(kept.envelope), house.fate(kept.envelope, kept)):
        assert (fate.verdict, fate.index, fate.good) == ("void", kept.index, False)
        assert fate.error is not None
        assert fate.error.reason == "PROPOSAL_UNKNOWN"


@pytest.mark.parametrize("field", ["index", "leaf", "key", "envelope"])
def test_a_receipt_counts_for_its_own_entry_only(house: House, field: str) -> None:
    index = propose(house)
    mine, other = house.enter(argument(house, index), "Bruno"), house.enter(argument(house, index), "Chloé")
    mixed = replace(mine, **{field: getattr(other, field)})
    with pytest.raises(AssemblyError) as refusal:
        house.fate(mixed.envelope, mixed)
    assert refusal.value.reason == "KEPT_DIFFERS"


def test_a_receipt_of_another_key_proves_nothing(house: House) -> None:
    kept = house.enter(argument(house, propose(house)), "Bruno")
    with pytest.raises(RankdError) as refusal:
        house.fate(kept.envelope, replace(kept, receipt=kept.receipt[:-8] + b"AAAAAA=\n"))
    assert refusal.value.reason.startswith(("NOTE", "RECEIPT"))


def test_an_entry_of_another_founding_is_another_co_ops(house: House) -> None:
    other = found(founding(founders=("Alice",)))
    data = envelope_bytes(sign_entry(Argument(other.co(), 0, "for", None, "x"), key_of("Alice")))
    with pytest.raises(AssemblyError) as refusal:
        house.fate(data)
    assert (refusal.value.reason, refusal.value.metadata["field"]) == ("ENTRY_OTHER_CO", "genesis")


def test_what_is_kept_reads_back_as_it_was_written(house: House) -> None:
    kept = house.enter(argument(house, propose(house)), "Bruno")
    data = write_kept(kept)
    assert (is_kept(data), is_kept(kept.envelope), read_kept(data, "kept.json")) == (True, False, kept)


def test_a_ballot_is_open_then_counted(house: House) -> None:
    minutes = house.minutes
    base = minutes.assembly.standing("video").policy.canon_digest
    # The same life, in memory for what must be named and on disk for what is asked.
    begin = len(minutes.entries)
    index = minutes.to_vote(minutes.proposal(policy_text(base, click=100, reply=200)))
    for entry in minutes.entries[begin:]:
        assert entry.envelope is not None
        house.keeper.submit(entry.envelope, time_ms=entry.leaf.time_ms)
    kept = house.enter(minutes.ballot(index, "yes"), "Bruno")
    assert house.fate(kept.envelope, kept).verdict == "open"
    unplaced = house.fate(kept.envelope)
    vote = minutes.assembly.proposals[index].vote
    assert vote is not None
    assert (unplaced.verdict, unplaced.good, unplaced.index) == ("hidden", False, None)
    assert unplaced.close_ms == vote.close_ms
    minutes.wait(7)
    # Where the record was not brought up to date, the ballots are not shown.
    folder = RecordFolder(house.folder / "record")
    read = read_minutes(folder, house.keeper.genesis, now_s=minutes.now_ms // 1_000).assembly
    stale = fate_of(folder, read.at(minutes.now_ms), house.signer.verifier, kept.envelope, kept)
    assert (stale.verdict, stale.good) == ("sealed", False)
    stale = fate_of(folder, read.at(minutes.now_ms), house.signer.verifier, kept.envelope)
    assert (stale.verdict, stale.good, stale.close_ms) == ("withheld", False, None)
    fate = house.fate(kept.envelope, kept)
    assert (fate.verdict, fate.number, fate.until_s) == ("counted", 1, (minutes.now_ms - 7 * DAY_MS) // 1_000 + 3_600)
