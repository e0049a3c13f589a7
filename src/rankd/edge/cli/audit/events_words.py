"""Verdicts on events and features as people read them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rankd.core.records.fault import Fault
from rankd.core.words import verify, verify_events
from rankd.core.words.language import Language, Phrase
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.audit.events import EventsCase
from rankd.edge.cli.terminal import harmless
from rankd.usecases.audit.events import EventsReport

_SHOWN = 20


def events_lines(case: EventsCase, origin: str, language: Language) -> Iterator[str]:
    """Yield what was found of events and features, line by line; nothing where there is nothing to say.

    Args:
        case: The case.
        origin: The journal of decisions.
        language: In which language.
    """
    if case.report is None:
        if case.unjudged_count:
            yield _counted(verify_events.UNCHECKED["bundle"], case.unjudged_count, language)
    elif not case.report.is_silent:
        yield from map(harmless, _lines(case.report, origin, language))


def _lines(report: EventsReport, origin: str, language: Language) -> Iterator[str]:
    size = 0 if report.found is None else report.found.checkpoint.size
    yield verify_events.VERDICTS["good" if report.good else "bad"].say(
        language,
        origin=report.origin,
        size=count_words(size, language),
        s=plural(size, language),
        count=count_words(report.event_count, language),
        t=plural(report.event_count, language),
    )
    yield from _against(report, origin, language)
    yield from _found(report, language)
    features = report.features
    counts = {
        "orphans": report.orphan_count,
        "unjudged": report.unjudged_count,
        "unpublished": report.unpublished_count,
        "unread": features.unread_count,
        "sent": features.sent_count,
        "behind": features.behind_count,
    }
    for name, count in counts.items():
        if count:
            yield _counted(verify_events.OPEN[name], count, language)
    for phrase in verify_events.NOT_PROVEN.values():
        yield phrase.say(language)


def _against(report: EventsReport, origin: str, language: Language) -> Iterator[str]:
    def of_events(fault: Fault) -> Iterator[str]:
        if fault.index is None:
            yield verify_events.SAYINGS["whole"].say(language, message=fault.error.say(language))
        else:
            yield _fault(fault, "fault", "fault_many", language, index=str(fault.index))
        for note in fault.notes:
            yield verify.SAYINGS["note"].say(language)
            yield from note.decode("utf-8", "replace").rstrip("\n").split("\n")

    def of_decisions(fault: Fault) -> Iterator[str]:
        yield _fault(fault, "decision", "decision_many", language, decision=f"{origin}/{fault.index}")

    yield from _some(report.faults, of_events, language)
    yield from _some(report.features.faults, of_decisions, language)
    if count := report.left_out_count + report.features.left_out_count:
        yield _counted(verify.SAYINGS["left_out"], count, language)
    if report.found is not None:
        for first, last in report.found.missing[:_SHOWN]:
            yield verify_events.SAYINGS["missing"].say(language, first=first, last=last)
    for differing in report.features.differing[:_SHOWN]:
        difference, candidate = differing.difference, differing.difference.candidate_id
        yield verify.SAYINGS["differing"].say(
            language,
            decision=f"{origin}/{differing.index}",
            term=difference.term,
            candidate=verify.SAYINGS["candidate"].say(language, id=candidate) if candidate else "",
            recorded=difference.recorded,
            recomputed=difference.recomputed,
        )
    if (more := report.features.differing_count - _SHOWN) > 0:
        yield _counted(verify.SAYINGS["more"], more, language)


def _found(report: EventsReport, language: Language) -> Iterator[str]:
    codes: Counter[str] = Counter()
    for run in () if report.found is None else report.found.erased:
        codes[run.entry.erasure.reason_code] += run.last - run.first + 1
    if codes:
        shown = ", ".join(f"{code} {count_words(count, language)}" for code, count in sorted(codes.items()))
        yield verify_events.SAYINGS["erased"].say(language, count=count_words(codes.total(), language), codes=shown)
    for seen in report.checkpoints:
        yield verify.CHECKPOINTS[seen.verdict].say(language, name=seen.name, size=seen.size)
    features = report.features
    if features.decision_count:
        yield verify_events.SAYINGS["features"].say(
            language,
            checked=count_words(features.checked_count, language),
            s=plural(features.checked_count, language),
            count=count_words(features.decision_count, language),
            t=plural(features.decision_count, language),
        )
    if features.partial_count:
        yield _counted(verify_events.SAYINGS["partial"], features.partial_count, language)
    for name, count in features.open.items():
        yield _counted(verify_events.UNCHECKED[name], count, language)


def _fault(fault: Fault, one: str, many: str, language: Language, **named: str) -> str:
    more = fault.count - 1
    words = verify_events.SAYINGS[many if more else one]
    count, s = count_words(more, language), plural(more, language)
    return words.say(language, message=fault.error.say(language), count=count, s=s, **named)


def _counted(phrase: Phrase, count: int, language: Language) -> str:
    return phrase.say(language, count=count_words(count, language), s=plural(count, language))


def _some(entries: Sequence[Fault], say: Callable[[Fault], Iterator[str]], language: Language) -> Iterator[str]:
    for entry in entries[:_SHOWN]:
        yield from say(entry)
    if (more := len(entries) - _SHOWN) > 0:
        yield _counted(verify.SAYINGS["more"], more, language)
