"""What was checked, what was erased and why, and what this evidence leaves open."""

from collections import Counter
from collections.abc import Iterator

from rankd.core.log.canonical_text import base64_text
from rankd.core.records.erasing import ErasureEntry
from rankd.core.words.language import Language
from rankd.core.words.moment import day_words, moment_words
from rankd.core.words.quantity import count_words, listing, plural
from rankd.core.words.report import CHECKS, ERASURES, OPEN
from rankd.edge.html.markup import Content, Markup, el, join, label
from rankd.edge.html.report_verdict import tally_of
from rankd.edge.html.speech import spoken
from rankd.edge.html.tables import Heading, table
from rankd.usecases.audit.report import Report
from rankd.usecases.audit.verify import VerifyReport

_SHOWN = 30


def checks(report: Report, language: Language) -> Markup:
    """Return every check and its result."""
    rows = [(spoken(CHECKS[name], language), result) for name, result in _results(report, language)]
    headings = [Heading(spoken(CHECKS["check"], language), False), Heading(spoken(CHECKS["result"], language), False)]
    return join(
        el("p", spoken(CHECKS["intro"], language)),
        table(spoken(CHECKS["caption"], language), headings, rows, language, is_titled=True),
        _open(report.replayed.verified, language),
        el("h3", spoken(ERASURES["heading"], language)),
        _erasures(report.replayed.verified, language),
    )


def _results(report: Report, language: Language) -> Iterator[tuple[str, Content]]:
    verified = report.replayed.verified
    checkpoint, chronicle, tally = verified.checkpoint, verified.chronicle, tally_of(verified)

    def say(key: str, **params: object) -> str:
        return spoken(CHECKS[key], language, **params)

    def number(count: int) -> str:
        return count_words(count, language)

    root, size = base64_text(checkpoint.root), number(checkpoint.size)
    yield "signature", join(say("signature_good", size=size), " ", el("code", root, class_="long"))
    yield "key", el("code", report.trust.log.vkey, class_="long")
    if report.trust.witnesses:
        names = [
            say("witness", name=name, time=day_words(time_s * 1000, language)) for name, time_s in verified.cosigners
        ]
        yield "witnesses", say("witnesses_some", count=number(len(names)), names=listing(names, language))
    else:
        yield "witnesses", say("witnesses_none")
    yield "entries", number(verified.end - verified.first)
    yield "bodies", say("bodies_found", count=number(verified.body_count), of=number(tally.count))
    yield "replayed", say("replayed_found", identical=number(tally.identical), differing=number(tally.differing))
    undrawn = number(max(verified.body_count - verified.nonce_count, 0))
    yield "lots", say("lots_found", count=number(verified.nonce_count), rest=undrawn)
    gaps = sum(not gap.pending for gap in chronicle.gaps)
    if gaps or chronicle.clashes:
        yield "counters", say("counters_bad", gaps=number(gaps), clashes=number(len(chronicle.clashes)))
    elif chronicle.gaps:
        yield "counters", say("counters_open", count=number(len(chronicle.gaps)))
    else:
        yield "counters", say("counters_good")
    for seen in verified.checkpoints:
        yield "before", say(f"before_{seen.verdict}", size=number(seen.size))


def _open(report: VerifyReport, language: Language) -> Markup | None:
    chronicle = report.chronicle
    counts = {
        "unannounced": chronicle.unannounced_count,
        "unrevealed": len(chronicle.unrevealed),
        "unjudged": chronicle.unjudged_count,
        "unpublished": report.unpublished_count,
        "later": report.later_count,
    }
    found = [
        spoken(OPEN[name], language, count=count_words(count, language), s=plural(count, language))
        for name, count in counts.items()
        if count
    ]
    if not found:
        return None
    return join(el("h3", spoken(OPEN["heading"], language)), el("ul", [el("li", words) for words in found]))


def _erasures(report: VerifyReport, language: Language) -> Markup:
    counts: Counter[int] = Counter()
    entries: dict[int, ErasureEntry] = {}
    for run in report.chronicle.erased:
        counts[run.entry.index] += run.last - run.first + 1
        entries[run.entry.index] = run.entry
    if not entries:
        return el("p", spoken(ERASURES["none"], language))

    def say(name: str, **params: object) -> str:
        return spoken(ERASURES[name], language, **params)

    order = sorted(entries)
    rows = [
        (
            str(index),
            moment_words(entries[index].time_ms, language),
            count_words(counts[index], language),
            say(entries[index].erasure.reason_code),
            label(entries[index].erasure.reason),
            el("code", entries[index].signer[:16] + "…"),
        )
        for index in order[:_SHOWN]
    ]
    headings = [
        Heading(say("entry"), False),
        Heading(say("time"), False),
        Heading(say("count")),
        *(Heading(say(name), False) for name in ("why", "words", "signer")),
    ]
    rest = order[_SHOWN:]
    left = sum(counts[index] for index in rest)
    more = say(
        "more", orders=count_words(len(rest), language), count=count_words(left, language), s=plural(left, language)
    )
    return join(table(say("caption"), headings, rows, language, is_titled=True), el("p", more) if rest else None)
