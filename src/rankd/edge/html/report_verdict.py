"""The top of a report: the verdict in plain words, and everything that speaks against the journal."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rankd.core.errors import RankdError
from rankd.core.exact.canonical import digest_text
from rankd.core.records.fault import Fault
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.core.words.reasons import bundle, log
from rankd.core.words.report import FACTS, PROBLEMS, SUBJECTS, TERMS, VERDICTS
from rankd.edge.html.markup import Markup, el
from rankd.edge.html.speech import spoken
from rankd.usecases.audit.report import Report
from rankd.usecases.audit.verify import Differing, Hindrance, VerifyReport

T = TypeVar("T")

_SHOWN = 20
_PUBLIC = frozenset(bundle.REASONS) | frozenset(log.REASONS)
_PUBLIC_BEGINNINGS = ("LEAF_", "BODY_", "ERASURE_")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the decisions of a range."""

    count: int
    identical: int
    differing: int
    erased: int

    @property
    def rest(self) -> int:
        """Those without a verdict: missing, damaged, or resting on files that are not there."""
        # A body that is still there although it was erased counts twice.
        return max(self.count - self.identical - self.differing - self.erased, 0)


def tally_of(report: VerifyReport) -> Tally:
    """Return what became of the decisions."""
    erased = sum(run.last - run.first + 1 for run in report.chronicle.erased)
    return Tally(report.chronicle.decision_count, report.identical_count, report.differing_count, erased)


def verdict(report: Report, language: Language) -> Markup:
    """Return the verdict."""
    verified = report.replayed.verified
    tally = tally_of(verified)
    name = "none" if tally.count == 0 else "all" if tally.identical == tally.count else "kept"
    if not verified.good:
        name = "bad"
    counts = {
        "count": count_words(tally.count, language),
        "s": plural(tally.count, language),
        "identical": count_words(tally.identical, language),
        "differing": count_words(tally.differing, language),
        "erased": count_words(tally.erased, language),
        "rest": count_words(tally.rest, language),
    }
    notes = []
    if report.replayed.level == "arithmetic":
        notes.append(spoken(VERDICTS["arithmetic"], language))
    if verified.end - verified.first < verified.checkpoint.size:
        spans = {"first": verified.first, "last": max(verified.end - 1, verified.first)}
        notes.append(spoken(VERDICTS["range"], language, **spans, size=count_words(verified.checkpoint.size, language)))
    return el(
        "section",
        el("p", spoken(VERDICTS["borrowed"], language), class_="warning") if report.trust.is_borrowed else None,
        el("h2", spoken(VERDICTS[name], language), id="verdict"),
        el("p", spoken(VERDICTS[f"{name}_text"], language, **counts)),
        [el("p", note) for note in notes],
        el("ul", list(_problems(verified, language)), class_="problems") if name == "bad" else None,
        class_="verdict " + ("bad" if name == "bad" else "unsure" if report.trust.is_borrowed else "good"),
        aria_labelledby="verdict",
    )


def facts(report: Report, language: Language) -> Markup:
    """Return the counts at a glance."""
    tally = tally_of(report.replayed.verified)
    found = [("decisions", tally.count), ("identical", tally.identical), ("differing", tally.differing)]
    found += [("erased", tally.erased), ("rest", tally.rest)]
    return el(
        "dl",
        [
            el("div", el("dt", spoken(FACTS[name], language)), el("dd", count_words(count, language)))
            for name, count in found
        ],
        class_="facts",
    )


def _problems(report: VerifyReport, language: Language) -> Iterator[Markup]:
    def say(name: str, **params: object) -> Markup:
        return el("li", spoken(PROBLEMS[name], language, **params))

    def fault(entry: Fault) -> Markup:
        more, message = entry.count - 1, _message(entry.error, language)
        words = message
        if entry.index is not None:
            numbers = {"count": count_words(more, language), "s": plural(more, language)}
            name = "fault_many" if more else "fault"
            words = spoken(PROBLEMS[name], language, index=entry.index, message=message, **numbers)
        return el("li", words, [_evidence(note, language) for note in entry.notes])

    def missing(run: tuple[int, int]) -> Markup:
        count = run[1] - run[0] + 1
        name = "missing" if count > 1 else "missing_one"
        return say(name, first=run[0], last=run[1], count=count_words(count, language))

    def differing(entry: Differing) -> Markup:
        term = entry.difference.term
        words = next(words for beginning, words in TERMS.items() if term.startswith(beginning))
        decision = f"{report.checkpoint.origin}/{entry.index}"
        return say("differing", decision=decision, what=words.say(language), term=term)

    def hindered(entry: Hindrance) -> Markup:
        return say(
            "hindered",
            what=SUBJECTS[entry.lack.subject].say(language),
            digest=digest_text(entry.lack.digest)[:19] + "…",
            reason=entry.lack.error.reason,
            count=count_words(entry.decision_count, language),
            s=plural(entry.decision_count, language),
            decision=f"{report.checkpoint.origin}/{entry.first}",
        )

    chronicle = report.chronicle
    yield from _some(report.faults, report.left_out_count, fault, language)
    yield from _some(chronicle.missing, 0, missing, language)
    yield from _some(report.differing, report.differing_count - len(report.differing), differing, language)
    yield from _some(report.hindrances, 0, hindered, language)
    yield from _some(
        chronicle.clashes, 0, lambda clash: say("clash", counter=clash.counter, worker=clash.worker), language
    )
    yield from _some(
        [gap for gap in chronicle.gaps if not gap.pending],
        0,
        lambda gap: say("gap", first=gap.first, last=gap.last, worker=gap.worker),
        language,
    )


def _some(entries: Sequence[T], beyond: int, show: Callable[[T], Markup], language: Language) -> Iterator[Markup]:
    yield from map(show, entries[:_SHOWN])
    if (more := max(len(entries) - _SHOWN, 0) + beyond) > 0:
        yield el("li", spoken(PROBLEMS["more"], language, count=count_words(more, language)))


def _message(error: RankdError, language: Language) -> str:
    """Return what is wrong, without anything that a record holds, and without the paths of this machine."""
    if error.reason not in _PUBLIC and not error.reason.startswith(_PUBLIC_BEGINNINGS):
        return spoken(PROBLEMS["private"], language, reason=error.reason)
    metadata = {name: value.name if isinstance(value, Path) else value for name, value in error.metadata.items()}
    return RankdError(error.reason, **metadata).say(language)


def _evidence(note: bytes, language: Language) -> Markup:
    return el(
        "details",
        el("summary", spoken(PROBLEMS["evidence"], language)),
        el("pre", note.decode("utf-8", "replace")),
    )
