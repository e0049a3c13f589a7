"""What leaves say together: sound journals, and everything that an operator should not have written."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import sha256
from rankd.core.records.chronicle import Chronicle, ChronicleReport
from rankd.core.records.counters import CounterClash, CounterGap
from rankd.core.records.erasure import Erasure, ReasonCode, sign_erasure
from rankd.core.records.leaf import PPM, DecisionLeaf, EpochLeaf, ErasureLeaf, Leaf, Retention, RevealLeaf
from rankd.core.records.sample import kept_longer

ORIGIN = "dev.test"
ERASER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\2")
KEPT_MS, SAMPLED_MS = 1_000, 9_000


def secret(number: int) -> bytes:
    return sha256(b"%d" % number)


def announce(
    number: int = 1, *, worker: str = "w", erasers: Sequence[bytes] | None = None, sample_ppm: int = 0
) -> EpochLeaf:
    keys = (ERASER.public_key().public_bytes_raw(),) if erasers is None else tuple(erasers)
    return EpochLeaf(0, sha256(secret(number)), worker, Retention(KEPT_MS, sample_ppm, SAMPLED_MS), keys, "tests")


def decide(counter: int, number: int = 1, *, worker: str = "w", voids: Sequence[tuple[int, int]] = ()) -> DecisionLeaf:
    named = tuple((sha256(secret(of)), void) for of, void in voids)
    digest = sha256(secret(number))
    return DecisionLeaf(0, "video", None, bytes(32), bytes(32), None, digest, worker, counter, named, bytes(32))


def reveal(number: int = 1, *, count: int | None = None, voids: Sequence[int] = (), worker: str = "w") -> RevealLeaf:
    return RevealLeaf(0, sha256(secret(number)), worker, secret(number), count, tuple(voids))


def erase(
    *ranges: tuple[int, int],
    code: ReasonCode = "REQUEST",
    key: Ed25519PrivateKey = ERASER,
    time_ms: int = 0,
    origin: str = ORIGIN,
) -> ErasureLeaf:
    erasure = Erasure(origin, ranges, (7,), code, code.lower(), time_ms)
    return ErasureLeaf(time_ms, sign_erasure(erasure, key))


def row(*leaves: Leaf | RecordError) -> tuple[Leaf | RecordError, ...]:
    """Return leaves as a journal has them."""
    return leaves


def fold(
    *leaves: Leaf | RecordError,
    bodiless: Sequence[int] = (),
    first: int = 0,
    end: int | None = None,
    context: bool = True,
    **options: Any,
) -> ChronicleReport:
    """Fold leaves; those outside `first` … `end` are shown only as `context`."""
    end = len(leaves) if end is None else end
    chronicle = Chronicle(ORIGIN, first, end, options.pop("size", len(leaves)), **options)
    for index, leaf in enumerate(leaves):
        if context or first <= index < end:
            has_body = isinstance(leaf, DecisionLeaf) and index not in bodiless
            chronicle.take(index, leaf, has_body=has_body)
    return chronicle.report()


def faults(report: ChronicleReport) -> list[tuple[str, int | None, int]]:
    assert all(fault.error.say("fr") != fault.error.say("en") for fault in report.faults)
    return [(fault.error.reason, fault.index, fault.count) for fault in report.faults]


def test_a_sound_journal_has_no_faults() -> None:
    report = fold(
        announce(1), decide(0), decide(2, voids=((1, 1),)), announce(2), decide(0, 2), reveal(1, count=3), decide(1, 2)
    )
    assert report == ChronicleReport(4, (), (), (), (), (), 0, (sha256(secret(2)),), 0, (), 1, 0)


def test_a_journal_without_leaves_is_sound() -> None:
    assert fold() == ChronicleReport(0, (), (), (), (), (), 0, (), 0, (), 0, 0)


def test_a_decision_whose_epoch_was_not_announced_is_named_once_for_its_epoch() -> None:
    assert faults(fold(announce(1), decide(0, 2), decide(1, 2))) == [("EPOCH_UNANNOUNCED", 1, 2)]


def test_an_announcement_behind_the_first_decision_comes_too_late() -> None:
    assert faults(fold(decide(0), announce(1), decide(1))) == [("EPOCH_UNANNOUNCED", 0, 1)]
    leaves = row(announce(9), decide(0), announce(1), decide(1))
    assert faults(fold(*leaves, first=1)) == [("EPOCH_UNANNOUNCED", 1, 1)]


def test_an_epoch_that_is_announced_twice_is_named() -> None:
    assert faults(fold(announce(1), decide(0), announce(1))) == [("EPOCH_TWICE", 2, 1)]


def test_an_epoch_belongs_to_one_worker() -> None:
    assert faults(fold(announce(1), decide(0, worker="x"))) == [("EPOCH_WORKER", 1, 1)]
    assert faults(fold(announce(1), decide(0), reveal(1, worker="x"))) == [("EPOCH_WORKER", 2, 1)]


def test_a_decision_after_its_epochs_secret_was_revealed_is_named() -> None:
    report = fold(announce(1), decide(0), reveal(1), decide(1), decide(2))
    assert faults(report) == [("DECISION_AFTER_REVEAL", 3, 2)]


def test_a_secret_that_is_not_the_epochs_reveals_nothing() -> None:
    false = replace(reveal(1), secret=bytes(32))
    report = fold(announce(1), decide(0), false)
    assert faults(report) == [("REVEAL_DIFFERS", 2, 1)]
    assert report.unrevealed == (sha256(secret(1)),)


def test_a_secret_that_a_crash_left_without_an_announcement_is_revealed_without_a_fault() -> None:
    assert fold(announce(1), reveal(2)).faults == ()


def test_an_epoch_that_is_announced_after_its_reveal_serves_no_decision() -> None:
    assert faults(fold(reveal(1), announce(1), decide(0))) == [("DECISION_AFTER_REVEAL", 2, 1)]


def test_the_same_secret_twice_is_no_fault_and_two_counts_are() -> None:
    assert faults(fold(announce(1), decide(0), reveal(1, count=2, voids=(1,)), reveal(1, voids=(1,)))) == []
    assert faults(fold(announce(1), decide(0), reveal(1, count=1), reveal(1, count=2, voids=(1,)))) == [
        ("REVEAL_COUNT", 3, 1)
    ]


def test_a_counter_beyond_the_count_of_the_reveal_is_named() -> None:
    report = fold(announce(1), decide(0), decide(1), reveal(1, count=1))
    assert faults(report) == [("REVEAL_COUNT", 3, 1)]


def test_a_missing_counter_is_a_gap_once_its_epoch_is_revealed() -> None:
    gap = CounterGap(sha256(secret(1)), "w", 1, 1, pending=True)
    assert fold(announce(1), decide(0), decide(2)).gaps == (gap,)
    assert fold(announce(1), decide(0), decide(2), reveal(1)).gaps == (replace(gap, pending=False),)
    assert fold(announce(1), decide(0), decide(2), reveal(1, voids=(1,))).gaps == ()


def test_decisions_at_the_end_that_were_never_recorded_show_in_the_count() -> None:
    report = fold(announce(1), decide(0), reveal(1, count=3))
    assert report.gaps == (CounterGap(sha256(secret(1)), "w", 1, 2, pending=False),)


def test_a_counter_that_stands_twice_is_a_clash() -> None:
    report = fold(announce(1), decide(0), decide(0), announce(2), decide(0, 2))
    assert report.clashes == (CounterClash(sha256(secret(1)), "w", 0),)


def test_a_void_declared_by_another_worker_explains_nothing() -> None:
    leaves = row(announce(1), decide(0), decide(2), announce(2, worker="x"), decide(0, 2, worker="x", voids=((1, 1),)))
    report = fold(*leaves, reveal(1))
    assert [(gap.first, gap.last, gap.pending) for gap in report.gaps] == [(1, 1, False)]


@pytest.mark.parametrize("worker", ["w", "x"])
def test_a_void_declared_before_its_epoch_began_explains_nothing(worker: str) -> None:
    early = row(announce(2, worker=worker), decide(0, 2, worker=worker, voids=((1, 1),)))
    report = fold(*early, announce(1), decide(0), decide(2), reveal(1, count=3))
    assert [(gap.first, gap.last, gap.pending) for gap in report.gaps] == [(1, 1, False)]


def test_what_is_no_leaf_is_named() -> None:
    error = RecordError("LEAF_MALFORMED", field="leaf", found="x")
    assert faults(fold(announce(1), error, decide(0))) == [("LEAF_MALFORMED", 1, 1)]


def test_a_body_for_a_leaf_that_has_none_is_named() -> None:
    chronicle = Chronicle(ORIGIN, 0, 1, 1)
    chronicle.take(0, announce(1), has_body=True)
    assert faults(chronicle.report()) == [("BODY_UNEXPECTED", 0, 1)]


def test_bodies_that_are_neither_there_nor_erased_are_missing_run_by_run() -> None:
    leaves = row(announce(1), *(decide(counter) for counter in range(6)), erase((3, 4)))
    assert fold(*leaves, bodiless=(2, 3, 4, 5, 6)).missing == ((2, 2), (5, 6))


def test_an_erasure_explains_what_it_reaches() -> None:
    report = fold(announce(1), decide(0), decide(1), decide(2), erase((0, 2)), bodiless=(1, 2))
    (run,) = report.erased
    assert (run.first, run.last, run.entry.index) == (1, 2, 4)
    assert run.entry.erasure.reason_code == "REQUEST"
    assert run.entry.signer == ERASER.public_key().public_bytes_raw().hex()
    assert (report.missing, report.faults, report.periods) == ((), (), (7,))


def test_an_erasure_twice_changes_nothing_about_the_first() -> None:
    leaves = row(announce(1), decide(0), decide(1), erase((1, 1)), erase((1, 2), code="COURT"))
    report = fold(*leaves, bodiless=(1, 2))
    assert [(run.first, run.last, run.entry.index) for run in report.erased] == [(1, 1, 3), (2, 2, 4)]
    assert report.faults == ()


def test_an_erasure_by_an_unknown_key_erases_nothing() -> None:
    report = fold(announce(1), decide(0), erase((1, 1), key=STRANGER), bodiless=(1,))
    assert faults(report) == [("ENVELOPE_KEY_UNKNOWN", 2, 1)]
    assert (report.erased, report.missing) == ((), ((1, 1),))


def test_an_erasure_by_a_key_that_the_auditor_brought_holds() -> None:
    key = STRANGER.public_key().public_bytes_raw()
    report = fold(announce(1), decide(0), erase((1, 1), key=STRANGER), bodiless=(1,), erasers=(key,))
    assert (report.faults, report.missing) == ((), ())


def test_the_last_announcement_says_who_may_erase() -> None:
    stranger = STRANGER.public_key().public_bytes_raw()
    leaves = row(announce(1), decide(0), decide(1), announce(2, erasers=(stranger,)), erase((1, 1)))
    report = fold(*leaves, erase((2, 2), key=STRANGER), bodiless=(1, 2))
    assert faults(report) == [("ENVELOPE_KEY_UNKNOWN", 4, 1)]
    assert report.missing == ((1, 1),)


def test_a_key_of_small_order_that_an_operator_names_lets_nobody_erase() -> None:
    small = bytes([1, *bytes(31)])
    # S = 0 and R the neutral point: a signature of everything under a key of small order.
    forged = erase((1, 1))
    forged = replace(
        forged,
        envelope={
            **forged.envelope,
            "signatures": [{"keyid": small.hex(), "sig": "AQAA" + "A" * 82 + "=="}],
        },
    )
    report = fold(announce(1, erasers=(small,)), decide(0), forged, bodiless=(1,))
    assert faults(report) == [("ENVELOPE_KEY_UNKNOWN", 2, 1)]


def test_an_erasure_of_another_journal_or_of_leaves_to_come_erases_nothing() -> None:
    report = fold(announce(1), decide(0), erase((1, 1), origin="dev.other"), erase((1, 5)), bodiless=(1,))
    assert faults(report) == [("ERASURE_ORIGIN", 2, 1), ("ERASURE_AHEAD", 3, 1)]
    assert report.missing == ((1, 1),)


def test_a_body_that_is_still_there_after_its_erasure_is_named() -> None:
    report = fold(announce(1), decide(0), decide(1), erase((1, 2)), bodiless=(2,))
    assert faults(report) == [("ERASURE_NOT_DONE", 1, 1)]


def test_a_retention_erasure_before_it_was_due_is_named() -> None:
    leaves = row(announce(1), decide(0), decide(1))
    early = fold(*leaves, erase((1, 2), code="RETENTION", time_ms=KEPT_MS - 1), bodiless=(1, 2))
    due = fold(*leaves, erase((1, 2), code="RETENTION", time_ms=KEPT_MS), bodiless=(1, 2))
    assert faults(early) == [("ERASURE_EARLY", 1, 2)]
    assert due.faults == ()


def test_a_later_request_does_not_heal_an_erasure_that_came_too_early() -> None:
    leaves = row(announce(1), decide(0), erase((1, 1), code="RETENTION", time_ms=5), erase((1, 1)))
    assert faults(fold(*leaves, bodiless=(1,))) == [("ERASURE_EARLY", 1, 1)]


def test_other_reasons_than_age_need_not_wait() -> None:
    codes: tuple[ReasonCode, ...] = ("REQUEST", "COURT", "OTHER")
    leaves = row(
        announce(1),
        *(decide(at) for at in range(3)),
        *(erase((at, at), code=c) for at, c in enumerate(codes, 1)),
    )
    assert fold(*leaves, bodiless=(1, 2, 3)).faults == ()


def test_a_retention_erasure_of_a_sampled_decision_is_named() -> None:
    counters = range(40)
    sampled = [kept_longer(secret(1), "w", counter, PPM // 4) for counter in counters]
    assert 0 < sum(sampled) < 40
    leaves = row(announce(1, sample_ppm=PPM // 4), *map(decide, counters), reveal(1))
    sweep = erase((1, 40), code="RETENTION", time_ms=KEPT_MS)
    report = fold(*leaves, sweep, bodiless=range(1, 41))
    assert faults(report) == [("ERASURE_OF_SAMPLE", 1 + sampled.index(True), sum(sampled))]
    late = erase((1, 40), code="RETENTION", time_ms=SAMPLED_MS)
    assert fold(*leaves, late, bodiless=range(1, 41)).faults == ()


def test_the_sample_cannot_be_judged_before_its_secret_is_known() -> None:
    leaves = row(announce(1, sample_ppm=PPM // 4), decide(0), decide(1))
    report = fold(*leaves, erase((1, 2), code="RETENTION", time_ms=KEPT_MS), bodiless=(1, 2))
    assert (report.faults, report.unjudged_count) == ((), 2)


@pytest.mark.parametrize(("sample_ppm", "wanted"), [(0, []), (PPM, [("ERASURE_EARLY", 1, 1)])])
def test_where_all_or_none_are_sampled_no_secret_is_needed(sample_ppm: int, wanted: list[tuple[str, int, int]]) -> None:
    leaves = row(announce(1, sample_ppm=sample_ppm), decide(0))
    report = fold(*leaves, erase((1, 1), code="RETENTION", time_ms=KEPT_MS), bodiless=(1,))
    assert (faults(report), report.unjudged_count) == (wanted, 0)


SOUND = row(
    announce(1),
    *(decide(counter) for counter in range(3)),
    announce(2),
    *(decide(counter, 2) for counter in range(2)),
    reveal(1, count=3),
    erase((2, 5)),
    reveal(2, count=2),
)


def test_a_range_leaves_open_what_lies_before_it() -> None:
    report = fold(*SOUND, first=2, end=6, context=False, bodiless=(2,))
    assert report.decision_count == 3
    # Decisions 2 and 3 are of an epoch that was announced before; the erasure lies behind.
    assert (report.unannounced_count, report.missing) == (2, ((2, 2),))
    assert report.unrevealed == (sha256(secret(1)), sha256(secret(2)))
    assert (report.faults, report.gaps, report.clashes) == ((), (), ())


def test_leaves_outside_a_range_count_for_it_and_are_not_judged_with_it() -> None:
    leaves = row(*SOUND, erase((0, 1), key=STRANGER), announce(1), decide(9, 3))
    report = fold(*leaves, first=2, end=6, bodiless=(2, 3, 5))
    assert (report.unannounced_count, report.unrevealed, report.missing, report.faults) == (0, (), (), ())
    assert [(run.first, run.last) for run in report.erased] == [(2, 3), (5, 5)]


def test_an_erasure_that_was_published_later_explains_and_never_accuses() -> None:
    leaves = row(announce(1), decide(0), decide(1), erase((1, 2)))
    report = fold(*leaves, end=3, size=3, bodiless=(2,))
    assert [(run.first, run.last) for run in report.erased] == [(2, 2)]
    assert (report.missing, report.faults) == ((), ())


def test_lost_leaves_are_no_decisions() -> None:
    chronicle = Chronicle(ORIGIN, 0, 5, 5)
    chronicle.take(0, announce(1), has_body=False)
    chronicle.lose(3)
    chronicle.take(4, decide(3), has_body=True)
    report = chronicle.report()
    assert report.decision_count == 1
    assert [(gap.first, gap.last, gap.pending) for gap in report.gaps] == [(0, 2, True)]


def test_leaves_that_the_evidence_lost_accuse_nobody_of_a_missing_announcement() -> None:
    chronicle = Chronicle(ORIGIN, 0, 6, 6)
    chronicle.lose(3)
    for index, leaf in enumerate(row(decide(1), decide(2), reveal(count=3)), 3):
        chronicle.take(index, leaf, has_body=isinstance(leaf, DecisionLeaf))
    report = chronicle.report()
    assert faults(report) == []
    assert report.unannounced_count == 2


def test_many_wide_erasures_of_the_same_leaves_take_no_time() -> None:
    decisions = [decide(counter) for counter in range(2_000)]
    sweep = erase(*((at, at) for at in range(1, 2_000, 2)))
    report = fold(announce(1), *decisions, *[sweep] * 200, bodiless=range(2_001))
    assert sum(run.last - run.first + 1 for run in report.erased) == 1_000


def test_a_third_epoch_before_the_first_one_is_revealed_is_overdue() -> None:
    honest = fold(
        announce(1), decide(0), announce(2), reveal(1, count=1), decide(0, 2), announce(3), reveal(2, count=1)
    )
    assert faults(honest) == []
    hiding = fold(announce(1), decide(0), announce(2), decide(0, 2), announce(3), announce(4))
    assert faults(hiding) == [("EPOCH_OVERDUE", 4, 2)]
    assert fold(announce(1), announce(2), announce(3, worker="v"), announce(4, worker="v")).faults == ()


def test_a_decision_that_is_dated_before_its_epoch_is_no_older_than_it() -> None:
    hour = 3_600_000
    late = replace(announce(1), time_ms=10 * hour)
    old = replace(decide(0), time_ms=1)
    sweep = replace(erase((1, 1), code="RETENTION"), time_ms=9 * hour)
    assert faults(fold(late, old, sweep, reveal(count=1), bodiless=[1])) == [("ERASURE_EARLY", 1, 1)]
    due = replace(sweep, time_ms=9 * hour + KEPT_MS)
    assert faults(fold(late, old, replace(due), bodiless=[1])) == []


def test_an_erasure_that_is_dated_ahead_is_at_most_an_hour_younger_than_the_leaves_behind_it() -> None:
    hour = 3_600_000
    begin = replace(announce(1), retention=Retention(5 * hour, 0, 9 * hour), time_ms=hour)
    made = replace(decide(0), time_ms=hour)
    ahead = replace(erase((1, 1), code="RETENTION"), time_ms=100 * hour)
    assert faults(fold(begin, made, ahead, replace(decide(1), time_ms=2 * hour), bodiless=[1])) == [
        ("ERASURE_EARLY", 1, 1)
    ]
    assert faults(fold(begin, made, ahead, replace(decide(1), time_ms=5 * hour), bodiless=[1])) == []
