"""Obeying orders: each once, whatever happens in between."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rankd.core.errors import JournalError, LogError, RecordError, ServiceError
from rankd.core.records.chronicle import Chronicle
from rankd.core.records.erasure import Erasure, ReasonCode, open_erasure, sign_erasure
from rankd.core.records.leaf import ErasureLeaf, Retention, decode_leaf
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.journal.journal import Journal
from rankd.usecases.erasing.erase import Outcome, apply_erasure, apply_inbox, erase_expired
from rankd.usecases.erasing.expiry import Expiry
from tests.interruption import Killed, watch_disk
from tests.journals import DAY_MS, HOUR_MS, ORIGIN, TIME_MS, Ledger, private_key, public

NOW_MS = TIME_MS + HOUR_MS


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return a journal with decisions at 1 to 8, whose viewers had pseudonyms of period 1."""
    found = Ledger(tmp_path)
    found.viewers.current(TIME_MS)
    found.epoch("first", [TIME_MS + number for number in range(8)])
    found.journal.publish()
    yield found
    found.journal.close()


def order(
    *decisions: tuple[int, int],
    periods: tuple[int, ...] = (),
    origin: str = ORIGIN,
    code: ReasonCode = "REQUEST",
    signer: str = "eraser",
) -> dict[str, Any]:
    erasure = Erasure(origin, decisions, periods, code, "A viewer asked for it.", NOW_MS)
    return sign_erasure(erasure, private_key(signer))


def obey(ledger: Ledger) -> list[Outcome]:
    return apply_inbox(ErasureInbox(ledger.data), ledger.journal, ledger.viewers, ledger.erasers, NOW_MS)


def erasures(ledger: Ledger) -> list[ErasureLeaf]:
    leaves = (decode_leaf(ledger.journal.leaf(index)) for index in range(ledger.journal.count))
    return [leaf for leaf in leaves if isinstance(leaf, ErasureLeaf)]


def test_an_obeyed_order_stands_in_the_journal_and_nobody_reads_the_bodies(ledger: Ledger) -> None:
    envelope = order((2, 3), (5, 5))
    index = apply_erasure(ledger.journal, ledger.viewers, envelope, ledger.erasers, NOW_MS)
    for at in (2, 3, 5):
        with pytest.raises(JournalError) as caught:
            ledger.journal.record(at)
        assert caught.value.reason == "BODY_ERASED"
    leaf = decode_leaf(ledger.journal.leaf(index))
    assert isinstance(leaf, ErasureLeaf)
    assert (leaf.time_ms, dict(leaf.envelope)) == (NOW_MS, envelope)
    assert open_erasure(leaf.envelope, ledger.erasers)[1] == public(ledger.eraser).hex()
    assert ledger.live() == [1, 4, 6, 7, 8]


def test_an_order_destroys_the_keys_of_its_periods(ledger: Ledger) -> None:
    apply_erasure(ledger.journal, ledger.viewers, order(periods=(1, 7)), ledger.erasers, NOW_MS)
    assert (ledger.viewers.key(1), ledger.live()) == (None, list(range(1, 9)))


@pytest.mark.parametrize(
    ("envelope", "reason"),
    [
        (order((1, 1), signer="somebody"), "ENVELOPE_KEY_UNKNOWN"),
        (order((1, 1), origin="other.example"), "ERASURE_ORIGIN"),
        (order((1, 9)), "ERASURE_AHEAD"),
        (order((1, 1)) | {"payload": order((1, 2))["payload"]}, "ENVELOPE_SIGNATURE_WRONG"),
        ({}, "ENVELOPE_MALFORMED"),
    ],
    ids=["key", "origin", "ahead", "payload", "empty"],
)
def test_what_may_not_be_obeyed_is_refused_and_changes_nothing(
    ledger: Ledger, envelope: dict[str, Any], reason: str
) -> None:
    with pytest.raises((LogError, RecordError)) as caught:
        apply_erasure(ledger.journal, ledger.viewers, envelope, ledger.erasers, NOW_MS)
    assert caught.value.reason == reason
    inbox = ErasureInbox(ledger.data)
    digest = inbox.put(envelope)
    (outcome,) = obey(ledger)
    assert (outcome.digest, outcome.index) == (digest, None)
    assert outcome.error is not None
    assert outcome.error.reason == reason
    assert (inbox.waiting(), inbox.state(digest)) == ((), "refused")
    assert (erasures(ledger), ledger.live()) == ([], list(range(1, 9)))


def test_a_damaged_file_in_the_inbox_holds_up_nobody(ledger: Ledger) -> None:
    inbox = ErasureInbox(ledger.data)
    first, second = order((1, 1)), order((2, 2))
    inbox.put(first)
    inbox.waiting()[0].path.write_bytes(b"{")
    inbox.put(second)
    outcomes = obey(ledger)
    assert sorted(outcome.index is None for outcome in outcomes) == [False, True]
    assert [dict(leaf.envelope) for leaf in erasures(ledger)] == [second]


def test_what_waits_is_obeyed_in_order_and_leaves_the_inbox(ledger: Ledger) -> None:
    inbox = ErasureInbox(ledger.data)
    envelopes = [order((number, number), periods=(1,)) for number in (4, 2, 6)]
    for age, envelope in enumerate(envelopes):
        os.utime(ledger.data / "erasures" / "inbox" / f"{inbox.put(envelope)}.json", (age, age))
    outcomes = obey(ledger)
    assert [outcome.index for outcome in outcomes] == [9, 10, 11]
    assert [dict(leaf.envelope) for leaf in erasures(ledger)] == envelopes
    assert (inbox.waiting(), obey(ledger), ledger.live()) == ((), [], [1, 3, 5, 7, 8])
    assert ledger.viewers.key(1) is None


def steps_of_an_order(tmp_path: Path) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        ledger = Ledger(tmp_path)
        ledger.viewers.current(TIME_MS)
        ledger.epoch("first", [TIME_MS])
        ErasureInbox(ledger.data).put(order((1, 1), periods=(1,)))
        steps = watch_disk(patch)
        obey(ledger)
    ledger.journal.close()
    return steps


def test_however_often_it_is_interrupted_an_order_is_obeyed_once(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(steps_of_an_order(tmp_path_factory.mktemp("whole")))
    assert count > 6
    for step in range(count):
        for after in (False, True):
            ledger = Ledger(tmp_path_factory.mktemp("cut"))
            ledger.viewers.current(TIME_MS)
            ledger.epoch("first", [TIME_MS, TIME_MS])
            envelope = order((1, 1), periods=(1,))
            ErasureInbox(ledger.data).put(envelope)
            with monkeypatch.context() as patch:
                watch_disk(patch, step, after=after)
                with pytest.raises(Killed):
                    obey(ledger)
            ledger.reopen()
            ledger.decide("first", 2, TIME_MS)
            obey(ledger)
            assert [dict(leaf.envelope) for leaf in erasures(ledger)] == [envelope]
            assert (ledger.live(), ledger.viewers.key(1)) == ([2, ledger.live()[-1]], None)
            assert ErasureInbox(ledger.data).waiting() == ()
            ledger.journal.close()


def test_an_order_that_was_obeyed_before_a_crash_is_not_refused_after_it(ledger: Ledger) -> None:
    inbox = ErasureInbox(ledger.data)
    envelope = order((1, 1), periods=(1,))
    inbox.put(envelope)
    inbox.begin(inbox.waiting()[0], ledger.journal.count)
    apply_erasure(ledger.journal, ledger.viewers, envelope, ledger.erasers, NOW_MS)
    # The eraser was replaced at the restart.
    ledger.erasers = {}
    assert [(outcome.index, outcome.error) for outcome in obey(ledger)] == [(9, None)]
    assert len(erasures(ledger)) == 1
    assert inbox.waiting() == ()


def test_an_order_that_the_journal_did_not_come_to_commit_is_obeyed_later(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise ServiceError("RECORDS_UNAVAILABLE", detail="No space left on device")

    inbox = ErasureInbox(ledger.data)
    inbox.put(order((1, 1)))
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", full)
        for _ in range(2):
            with pytest.raises(ServiceError):
                obey(ledger)
    assert [entry.since for entry in inbox.waiting()] == [9]
    ledger.decide("first", 8, TIME_MS)
    assert [outcome.index for outcome in obey(ledger)] == [10]
    assert ledger.live() == [2, 3, 4, 5, 6, 7, 8, 9]


def test_what_is_past_its_time_is_erased_with_the_pseudonyms_that_only_it_knew(ledger: Ledger) -> None:
    assert ledger.viewers.current(TIME_MS + 31 * DAY_MS)[0] == 2
    ledger.epoch("second", [TIME_MS + 32 * DAY_MS])
    expiry = Expiry(ledger.data, ledger.files, ledger.secrets.get)
    now_ms = TIME_MS + 62 * DAY_MS
    assert erase_expired(ledger.journal, ledger.viewers, expiry, ledger.eraser, now_ms - 1) == 0
    assert erase_expired(ledger.journal, ledger.viewers, expiry, ledger.eraser, now_ms) == 2
    assert ledger.live() == [10]
    bodies, periods = (open_erasure(leaf.envelope, ledger.erasers)[0] for leaf in erasures(ledger))
    assert (bodies.decisions, bodies.pseudonym_periods, bodies.reason_code) == (((1, 8),), (), "RETENTION")
    assert (periods.decisions, periods.pseudonym_periods) == ((), (1,))
    assert ledger.viewers.key(1) is None
    assert ledger.viewers.key(2) is not None
    assert erase_expired(ledger.journal, ledger.viewers, expiry, ledger.eraser, now_ms) == 0


def aged(root: Path) -> Ledger:
    """Return a journal whose first epoch is over, with a body that is due and one that is not."""
    ledger = Ledger(root)
    ledger.viewers.current(TIME_MS)
    ledger.epoch("first", [TIME_MS, TIME_MS])
    ledger.viewers.current(TIME_MS + 31 * DAY_MS)
    ledger.epoch("second", [TIME_MS + 32 * DAY_MS])
    return ledger


def sweep(ledger: Ledger) -> None:
    expiry = Expiry(ledger.data, ledger.files, ledger.secrets.get)
    erase_expired(ledger.journal, ledger.viewers, expiry, ledger.eraser, TIME_MS + 62 * DAY_MS)


def test_a_sweep_that_is_interrupted_erases_the_rest_the_next_time(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = aged(tmp_path_factory.mktemp("whole"))
    with monkeypatch.context() as patch:
        steps = watch_disk(patch)
        sweep(whole)
    assert len(erasures(whole)) == 2
    # From the journal's own steps on, which its own tests interrupt.
    for step in range(len(steps) - 12, len(steps)):
        for after in (False, True):
            ledger = aged(tmp_path_factory.mktemp("cut"))
            with monkeypatch.context() as patch:
                watch_disk(patch, step, after=after)
                with pytest.raises(Killed):
                    sweep(ledger)
            ledger.reopen()
            sweep(ledger)
            assert (ledger.live(), ledger.viewers.key(1)) == ([4], None)
            opened = [open_erasure(leaf.envelope, ledger.erasers)[0] for leaf in erasures(ledger)]
            assert [erasure.decisions for erasure in opened if erasure.decisions] == [((1, 2),)]
            assert {erasure.pseudonym_periods for erasure in opened if not erasure.decisions} == {(1,)}
            ledger.journal.close()
    whole.journal.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_verifier_finds_every_body_that_is_gone_erased_in_time_and_none_left_too_long(
    tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    ledger = Ledger(tmp_path)
    expiry = Expiry(ledger.data, ledger.files, ledger.secrets.get)
    now_ms, count = TIME_MS, 0
    for day in range(12):
        retention = Retention(draw.randint(1, 3) * DAY_MS, draw.choice([0, 300_000, 1_000_000]), 5 * DAY_MS)
        ledger.announce(str(day), now_ms, retention)
        # Clocks are not perfect.
        times_ms = [now_ms + draw.randint(-HOUR_MS // 2, DAY_MS) for _ in range(draw.randint(0, 25))]
        for counter, time_ms in enumerate(times_ms):
            ledger.decide(str(day), counter, time_ms)
            count += 1
        now_ms += DAY_MS
        ledger.reveal(str(day), now_ms, len(times_ms))
        erase_expired(ledger.journal, ledger.viewers, expiry, ledger.eraser, now_ms)
    ledger.announce("last", now_ms)
    for _ in range(10):
        now_ms += DAY_MS
        erase_expired(ledger.journal, ledger.viewers, expiry, ledger.eraser, now_ms)
    live, size = set(ledger.live()), ledger.journal.count
    chronicle = Chronicle(ORIGIN, 0, size, size)
    for index in range(size):
        chronicle.take(index, decode_leaf(ledger.journal.leaf(index)), has_body=index in live)
    report = chronicle.report()
    assert (report.faults, report.missing, report.unjudged_count) == ((), (), 0)
    assert (live, report.decision_count) == (set(), count)
    ledger.journal.close()
