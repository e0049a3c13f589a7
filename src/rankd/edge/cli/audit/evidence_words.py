"""Reports about journals as people read them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rankd.core.errors import BundleError
from rankd.core.records.counters import CounterClash, CounterGap
from rankd.core.records.fault import Fault
from rankd.core.words import replay, verify
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.terminal import harmless
from rankd.usecases.audit.replay import ReplayReport
from rankd.usecases.audit.verify import Differing, VerifyReport

T = TypeVar("T")

_SHOWN = 20
_EPOCH_DIGITS = 12


def verify_lines(report: VerifyReport, language: Language, *, key_from_folder: bool) -> Iterator[str]:
    """Yield what a verification says to people, line by line; nothing in it can steer a terminal."""
    names = ("candidates", "discarded", "recomputation")
    yield from map(harmless, _lines(report, language, (), names, key_from_folder=key_from_folder))


def replay_lines(report: ReplayReport, language: Language, *, key_from_folder: bool) -> Iterator[str]:
    """Yield what a replay says to people, line by line; see `verify_lines`."""
    verdict = [_replayed(report.verified, language)]
    names = ["candidates", "discarded"]
    if report.level == "arithmetic":
        verdict.append(replay.VERDICTS["arithmetic"].say(language))
        names.append("margins")
    yield from map(harmless, _lines(report.verified, language, verdict, names, key_from_folder=key_from_folder))


def _lines(
    report: VerifyReport,
    language: Language,
    verdict: Sequence[str],
    not_proven: Sequence[str],
    *,
    key_from_folder: bool,
) -> Iterator[str]:
    if key_from_folder:
        yield verify.SAYINGS["borrowed"].say(language)
    yield from verdict
    count, size = report.chronicle.decision_count, report.checkpoint.size
    yield verify.VERDICTS["good" if report.good else "bad"].say(
        language,
        origin=report.checkpoint.origin,
        size=count_words(size, language),
        s=plural(size, language),
        count=count_words(count, language),
        t=plural(count, language),
        bodies=count_words(report.body_count, language),
        u=plural(report.body_count, language),
    )
    if later := report.later_count:
        shown, more = count_words(size, language), count_words(later, language)
        yield verify.SAYINGS["later"].say(language, size=shown, count=more, s=plural(later, language))
    yield from _against(report, language)
    yield from _found(report, language)
    yield from _left_open(report, language)
    for name in not_proven:
        yield verify.NOT_PROVEN[name].say(language)


def _replayed(report: VerifyReport, language: Language) -> str:
    count, identical, differing = report.chronicle.decision_count, report.identical_count, report.differing_count
    if count == 0:
        return replay.VERDICTS["none"].say(language)
    if identical == count:
        words = replay.VERDICTS["all_identical"]
        return words.say(language, count=count_words(count, language), s=plural(count, language))
    erased = sum(run.last - run.first + 1 for run in report.chronicle.erased)
    return replay.VERDICTS["some_identical"].say(
        language,
        count=count_words(count, language),
        s=plural(count, language),
        identical=count_words(identical, language),
        t=plural(identical, language),
        differing=count_words(differing, language),
        u=plural(differing, language),
        erased=count_words(erased, language),
        v=plural(erased, language),
        # A body that is still there although it was erased counts twice.
        rest=count_words(max(count - identical - differing - erased, 0), language),
    )


def _against(report: VerifyReport, language: Language) -> Iterator[str]:
    """Yield everything that speaks against the journal."""

    def fault(entry: Fault) -> Iterator[str]:
        message, more = entry.error.say(language), entry.count - 1
        if entry.index is None:
            yield message
        else:
            words = verify.SAYINGS["fault_many" if more else "fault"]
            count, s = count_words(more, language), plural(more, language)
            yield words.say(language, index=entry.index, message=message, count=count, s=s)
        for note in entry.notes:
            yield verify.SAYINGS["note"].say(language)
            yield from note.decode("utf-8", "replace").rstrip("\n").split("\n")

    def missing(run: tuple[int, int]) -> Iterator[str]:
        first, last = run
        yield BundleError("BODY_ABSENT", first=first, last=last, count=last - first + 1).say(language)

    def differing(entry: Differing) -> Iterator[str]:
        difference = entry.difference
        yield verify.SAYINGS["differing"].say(
            language,
            decision=_id(report, entry.index),
            term=difference.term,
            candidate=verify.SAYINGS["candidate"].say(language, id=difference.candidate_id)
            if difference.candidate_id
            else "",
            recorded=difference.recorded,
            recomputed=difference.recomputed,
        )

    def clash(entry: CounterClash) -> Iterator[str]:
        epoch = entry.epoch_digest.hex()[:_EPOCH_DIGITS]
        yield verify.SAYINGS["clash"].say(language, counter=entry.counter, worker=entry.worker, epoch=epoch)

    def gap(entry: CounterGap) -> Iterator[str]:
        words, epoch = (
            verify.SAYINGS["gap_pending" if entry.pending else "gap"],
            entry.epoch_digest.hex()[:_EPOCH_DIGITS],
        )
        yield words.say(language, first=entry.first, last=entry.last, worker=entry.worker, epoch=epoch)

    yield from _some(report.faults, fault, language)
    if (count := report.left_out_count) > 0:
        yield verify.SAYINGS["left_out"].say(language, count=count_words(count, language), s=plural(count, language))
    yield from _some(report.chronicle.missing, missing, language)
    yield from _some(report.differing, differing, language)
    for hindrance in report.hindrances:
        message, count_text = hindrance.lack.error.say(language), count_words(hindrance.decision_count, language)
        words = verify.SAYINGS["hindered"]
        yield words.say(language, message=message, count=count_text, first=_id(report, hindrance.first))
    yield from _some(report.chronicle.clashes, clash, language)
    yield from _some(report.chronicle.gaps, gap, language)


def _found(report: VerifyReport, language: Language) -> Iterator[str]:
    """Yield what was found in order."""
    if report.cosigners:
        yield verify.SAYINGS["cosigned"].say(language, names=", ".join(name for name, _ in report.cosigners))
    codes: Counter[str] = Counter()
    for run in report.chronicle.erased:
        codes[run.entry.erasure.reason_code] += run.last - run.first + 1
    if codes:
        shown = ", ".join(f"{code} {count_words(count, language)}" for code, count in sorted(codes.items()))
        yield verify.SAYINGS["erased"].say(language, count=count_words(codes.total(), language), codes=shown)
    if report.chronicle.periods:
        periods = ", ".join(str(period) for period in report.chronicle.periods[:_SHOWN])
        yield verify.SAYINGS["periods"].say(language, periods=periods)
    if report.nonce_count:
        yield verify.SAYINGS["nonces"].say(language, count=count_words(report.nonce_count, language))
    for entry in report.receipts:
        words, receipt = verify.RECEIPTS[entry.verdict], entry.receipt
        yield words.say(language, name=entry.name, index=receipt.index, until_s=receipt.until_s)
    for seen in report.checkpoints:
        yield verify.CHECKPOINTS[seen.verdict].say(language, name=seen.name, size=seen.size)


def _left_open(report: VerifyReport, language: Language) -> Iterator[str]:
    """Yield what this evidence cannot tell."""
    chronicle, size = report.chronicle, report.checkpoint.size
    if report.end - report.first < size:
        yield verify.OPEN["range"].say(language, first=report.first, end=report.end, size=size)
    counts = {
        "unannounced": chronicle.unannounced_count,
        "unrevealed": len(chronicle.unrevealed),
        "uncounted": chronicle.uncounted_count,
        "voids": chronicle.void_count,
        "unjudged": chronicle.unjudged_count,
        "unpublished": report.unpublished_count,
    }
    for name, count in counts.items():
        if count:
            yield verify.OPEN[name].say(language, count=count_words(count, language), s=plural(count, language))


def _some(entries: Sequence[T], say: Callable[[T], Iterator[str]], language: Language) -> Iterator[str]:
    for entry in entries[:_SHOWN]:
        yield from say(entry)
    if (more := len(entries) - _SHOWN) > 0:
        yield verify.SAYINGS["more"].say(language, count=count_words(more, language), s=plural(more, language))


def _id(report: VerifyReport, index: int) -> str:
    return f"{report.checkpoint.origin}/{index}"
