"""Keeping minutes: what is entered, when, once, and what becomes public."""

import threading
import time
from pathlib import Path

import pytest

from rankd.core.assembly.entries import Argument, Recall, Sponsor
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import AssemblyError, JournalError, RankdError, ServiceError
from rankd.core.log.note import NoteSigner
from rankd.core.log.tree import leaf_hash
from rankd.core.records.commitment import commitment
from rankd.core.records.receipt import open_receipt
from rankd.store.disk import Disk
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.keeper import RECEIPT_DELAY_MS, Keeper
from tests.assemblies import DAY_MS, FOUNDERS, START_MS, founding, key_of
from tests.minutes import Kept, bounded, founding_envelope, kept, signer

MINUTE_MS = 60_000
COOP = "coop.example/minutes"


@pytest.fixture
def minutes(tmp_path: Path) -> Kept:
    return kept(tmp_path / "co")


@pytest.fixture
def earnest(tmp_path: Path) -> Kept:
    """Return the minutes of a co-op that is not for development."""
    return kept(tmp_path / "co", origin=COOP, entry=founding(text=bounded(COOP), origin=COOP))


def refusal(error: pytest.ExceptionInfo[RankdError]) -> str:
    assert error.value.say("fr") != error.value.say("en")
    return error.value.reason


def test_an_entry_is_committed_promised_and_published(minutes: Kept) -> None:
    proposal = minutes.proposal(minutes.policy())
    submitted = minutes.submit(proposal, "Alice")
    assert (submitted.index, submitted.repeated, submitted.time_ms) == (1, False, START_MS)
    leaf = decode_leaf(submitted.leaf)
    envelope = envelope_bytes(sign_entry(proposal, key_of("Alice")))
    assert submitted.key is not None
    assert (leaf.kind, leaf.about, leaf.commitment) == ("proposal", None, commitment(submitted.key, envelope))
    receipt = open_receipt(submitted.receipt, signer().verifier)
    assert (receipt.index, receipt.leaf_hash) == (1, leaf_hash(submitted.leaf))
    assert receipt.until_s * 1_000 == START_MS + RECEIPT_DELAY_MS
    minutes.keeper.publish()
    read = minutes.read()
    assert (read.size, read.faults, list(read.assembly.proposals)) == (2, (), [1])


def test_an_entry_that_breaks_a_rule_is_refused_and_leaves_nothing(minutes: Kept) -> None:
    with pytest.raises(AssemblyError) as caught:
        minutes.submit(Recall(minutes.co(), 1), "Alice")
    assert refusal(caught) == "PROPOSAL_UNKNOWN"
    assert minutes.keeper.size == 1
    minutes.reopen()
    assert (minutes.keeper.size, minutes.assembly.voids) == (1, [])


def test_a_dry_run_enters_nothing_and_lets_no_time_go_by(minutes: Kept) -> None:
    minutes.now_ms += 400 * DAY_MS
    submitted = minutes.submit(minutes.proposal(minutes.policy()), "Alice", dry_run=True)
    assert (submitted.index, submitted.key, submitted.receipt, submitted.time_ms) == (None, None, b"", minutes.now_ms)
    minutes.now_ms = START_MS
    assert minutes.submit(minutes.proposal(minutes.policy()), "Alice").time_ms == START_MS


def test_the_same_envelope_again_is_the_same_entry_also_after_a_restart(minutes: Kept) -> None:
    data = envelope_bytes(sign_entry(minutes.proposal(minutes.policy()), key_of("Alice")))
    first = minutes.submit_bytes(data)
    minutes.wait(2)
    again = minutes.submit_bytes(data)
    minutes.reopen()
    later = minutes.submit_bytes(data)
    assert (again.repeated, later.repeated, minutes.keeper.size) == (True, True, 2)
    for one in (again, later):
        assert (one.index, one.leaf, one.key, one.receipt, one.time_ms) == (
            first.index,
            first.leaf,
            first.key,
            first.receipt,
            first.time_ms,
        )


def test_the_same_envelope_from_many_at_once_is_entered_once(minutes: Kept) -> None:
    data = envelope_bytes(sign_entry(minutes.proposal(minutes.policy()), key_of("Alice")))
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(minutes.keeper.submit(data).repeated)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(found), minutes.keeper.size) == ([False] + [True] * 7, 2)


def test_a_clock_a_little_behind_goes_on_from_the_last_entry(earnest: Kept) -> None:
    earnest.now_ms += DAY_MS
    first = earnest.submit(earnest.proposal(earnest.policy()), "Alice")
    earnest.now_ms -= 9 * MINUTE_MS
    second = earnest.submit(Argument(earnest.co(), 1, "for", None, "oui"), "Bruno")
    assert first.time_ms == second.time_ms == START_MS + DAY_MS


def test_a_clock_far_behind_the_last_entry_enters_nothing(earnest: Kept) -> None:
    earnest.now_ms += DAY_MS
    earnest.submit(earnest.proposal(earnest.policy()), "Alice")
    earnest.now_ms -= 11 * MINUTE_MS
    with pytest.raises(AssemblyError) as caught:
        earnest.submit(Argument(earnest.co(), 1, "for", None, "oui"), "Bruno")
    assert (refusal(caught), earnest.keeper.size) == ("MINUTES_CLOCK_BACK", 2)
    earnest.now_ms += 2 * MINUTE_MS
    assert earnest.submit(Argument(earnest.co(), 1, "for", None, "oui"), "Bruno").index == 2


def test_a_clock_that_leaps_ahead_enters_nothing_and_opens_no_ballots(earnest: Kept) -> None:
    index = earnest.under_vote()
    earnest.cast(index, {"Alice": "yes"})
    earnest.keeper.publish()
    steady_ms = earnest.now_ms
    earnest.keeper._stamps._steady_s = lambda: steady_ms / 1_000
    earnest.now_ms += 30 * DAY_MS
    with pytest.raises(AssemblyError) as caught:
        earnest.submit(Argument(earnest.co(), index, "for", None, "oui"), "Bruno")
    assert refusal(caught) == "MINUTES_CLOCK_LEAPT"
    earnest.keeper.publish()
    earnest.now_ms = steady_ms
    assert earnest.keeper.entries(earnest.keeper.size - 1, 1)[0].envelope is None
    assert earnest.submit(Argument(earnest.co(), index, "for", None, "oui"), "Bruno").time_ms == steady_ms


def test_only_a_development_co_op_is_told_the_time(earnest: Kept) -> None:
    data = envelope_bytes(sign_entry(earnest.proposal(earnest.policy()), key_of("Alice")))
    with pytest.raises(AssemblyError) as caught:
        earnest.keeper.submit(data, time_ms=START_MS)
    assert refusal(caught) == "MINUTES_TIME_GIVEN"


def test_a_told_time_does_not_go_back(minutes: Kept) -> None:
    minutes.wait(1)
    minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.now_ms -= 1
    with pytest.raises(AssemblyError) as caught:
        minutes.submit(Argument(minutes.co(), 1, "for", None, "oui"), "Bruno")
    assert refusal(caught) == "MINUTES_TIME_BACK"


def test_ballots_are_public_after_the_last_close_of_their_vote_and_not_before(minutes: Kept) -> None:
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
    first = minutes.keeper.size - 6
    minutes.keeper.publish()
    read = minutes.read()
    assert (read.faults, read.assembly.ballots(index)) == ((), ())
    assert set(RecordFolder(minutes.record).bodies(0)) == set(range(first))
    assert all(entry.envelope is None and entry.key is None for entry in minutes.keeper.entries(first, 6))
    minutes.wait(7)
    minutes.keeper.publish()
    read = minutes.read()
    assert (read.faults, len(read.assembly.ballots(index))) == ((), 6)
    assert read.assembly.at(minutes.now_ms).proposals[index].state == "queued"
    assert all(entry.envelope and entry.key for entry in minutes.keeper.entries(first, 6))
    assert (minutes.record / f"proposals/p{index}/result.json").exists()


def test_ballots_of_a_vote_that_was_extended_stay_sealed_until_its_second_close(minutes: Kept) -> None:
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:4], "yes"))
    minutes.wait(6)
    minutes.cast(index, dict.fromkeys(FOUNDERS[4:], "no"))
    ballot = minutes.keeper.size - 1
    minutes.wait(1)
    minutes.keeper.publish()
    assert minutes.now().proposals[index].state == "voting"
    assert minutes.keeper.entries(ballot, 1)[0].envelope is None
    minutes.wait(2)
    minutes.keeper.publish()
    assert minutes.keeper.entries(ballot, 1)[0].envelope is not None
    assert (minutes.read().faults, minutes.read().assembly.at(minutes.now_ms).proposals[index].state) == (
        (),
        "defeated",
    )


def test_who_reads_the_record_learns_that_a_vote_was_extended(minutes: Kept) -> None:
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:4], "yes"))
    minutes.wait(6)
    minutes.cast(index, dict.fromkeys(FOUNDERS[4:], "no"))
    size = minutes.keeper.size
    minutes.wait(1)
    minutes.keeper.publish()
    minutes.keeper.publish()
    assert minutes.keeper.size == size + 1
    minutes.wait(1.5)
    read = minutes.read()
    assert (read.faults, read.assembly.voids) == ((), [])
    assert (read.assembly.withheld, read.assembly.proposals[index].state) == (None, "voting")
    vote = read.assembly.proposals[index].vote
    assert vote is not None
    assert (vote.is_extended, vote.is_closed) == (True, False)
    minutes.reopen()
    minutes.keeper.publish()
    assert minutes.keeper.size == size + 1


def test_an_erased_argument_is_nowhere_any_more(minutes: Kept) -> None:
    proposal = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    argument = minutes.argue(proposal, "Mon adresse est connue de tous.")
    minutes.keeper.publish()
    minutes.erase(argument)
    minutes.keeper.publish()
    minutes.reopen()
    assert minutes.keeper.entries(argument, 1)[0].envelope is None
    assert minutes.read().faults == ()
    assert argument not in RecordFolder(minutes.record).bodies(0)
    minutes.keeper.close()
    minutes.open()
    with pytest.raises(JournalError, match="erased"):
        minutes.keeper.journal.record(argument)


def test_two_keepers_of_one_home_are_one_too_many(minutes: Kept) -> None:
    with pytest.raises(ServiceError) as caught:
        Keeper.open(minutes.home, signer(), minutes.mark, minutes.clock_ms)
    assert caught.value.reason == "RECORDS_LOCKED"
    minutes.accept(minutes.proposal(minutes.policy()), "Alice")


def test_founding_twice_is_founding_once_and_another_founding_is_refused(minutes: Kept) -> None:
    minutes.keeper.close()
    again = Keeper.found(minutes.home, signer(), minutes.mark, founding_envelope(founding()), START_MS + 5)
    assert (again.size, again.genesis) == (1, minutes.genesis)
    again.close()
    other = founding_envelope(founding(founders=FOUNDERS[:3]))
    with pytest.raises(AssemblyError) as caught:
        Keeper.found(minutes.home, signer(), minutes.mark, other, START_MS)
    assert refusal(caught) == "MINUTES_FOUNDED"


def test_a_founding_that_is_refused_leaves_nothing_on_disk(tmp_path: Path) -> None:
    stranger = envelope_bytes(sign_entry(founding(), key_of("Alice")))
    with pytest.raises(AssemblyError) as caught:
        Keeper.found(tmp_path / "home", signer(), tmp_path / "mark", stranger, START_MS)
    assert (refusal(caught), list(tmp_path.iterdir())) == ("SIGNER_NOT_SECRETARY", [])


def test_the_log_key_is_the_one_that_the_constitution_names(minutes: Kept, tmp_path: Path) -> None:
    minutes.keeper.close()
    other = NoteSigner(signer().name, key_of("another log"))
    with pytest.raises(AssemblyError) as caught:
        Keeper.found(tmp_path / "home", other, tmp_path / "mark", founding_envelope(founding()), START_MS)
    assert (refusal(caught), list(tmp_path.iterdir())) == ("MINUTES_LOG_KEY", [minutes.root])


def test_a_home_without_a_founding_cannot_be_opened(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(AssemblyError) as caught:
            Keeper.open(tmp_path / "home", signer(), tmp_path / "mark", lambda: START_MS)
        assert refusal(caught) == "MINUTES_EMPTY"


def test_minutes_that_were_touched_are_not_kept_on(minutes: Kept) -> None:
    minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.keeper.close()
    (pack,) = (minutes.home / "minutes/private/bodies").glob("*")
    data = bytearray(pack.read_bytes())
    data[-1] ^= 1
    pack.write_bytes(data)
    with pytest.raises(AssemblyError) as caught:
        minutes.open()
    assert refusal(caught) == "MINUTES_UNSOUND"


def test_entries_are_published_soon_and_votes_close_without_any_entry(minutes: Kept) -> None:
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
    minutes.keeper.close()
    minutes.open(watch=True, publish_interval_s=0.01)
    minutes.argue(index, "oui")
    size = minutes.keeper.size
    until_s = time.monotonic() + 20
    while minutes.read().size < size and time.monotonic() < until_s:
        time.sleep(0.02)
    assert minutes.read().size == size
    minutes.wait(7)
    result = minutes.record / f"proposals/p{index}/result.json"
    while not result.exists() and time.monotonic() < until_s:
        time.sleep(0.02)
    assert result.exists()
    minutes.keeper.close()


def test_a_record_that_cannot_be_written_stops_no_entry(minutes: Kept, tmp_path: Path) -> None:
    class Full(Disk):
        is_full = False

        def replace(self, path: Path, data: bytes) -> None:
            if self.is_full and "record" in path.parts:
                raise OSError(28, "No space left on device")
            super().replace(path, data)

    minutes.keeper.close()
    minutes.disk = disk = Full()
    minutes.open()
    disk.is_full = True
    index = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    with pytest.raises(AssemblyError) as caught:
        minutes.keeper.publish()
    assert (refusal(caught), minutes.keeper.failure) == ("RECORD_UNWRITABLE", "RECORD_UNWRITABLE")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    disk.is_full = False
    minutes.keeper.publish()
    assert (minutes.read().size, minutes.read().faults, minutes.keeper.failure) == (3, (), None)
