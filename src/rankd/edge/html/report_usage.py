"""Decisions over time, and which policy ranked what share of them."""

from collections.abc import Sequence
from fractions import Fraction

from rankd.core.exact.canonical import digest_text
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.policy import Policy
from rankd.core.policy.rule_sentences import rule_sentences
from rankd.core.words.exposure import USAGE
from rankd.core.words.language import Language
from rankd.core.words.moment import clock_words, moment_words, short_day_words
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, duration_words, percent_words, share_words
from rankd.core.words.report import FRAME
from rankd.edge.html.figures import Caption, Column, Mark, columns, legend
from rankd.edge.html.markup import Content, Markup, el, join, label, short
from rankd.edge.html.speech import in_language, spoken
from rankd.edge.html.tables import Heading, table
from rankd.usecases.audit.report import Report
from rankd.usecases.audit.timeline import DAY_MS
from rankd.usecases.audit.usage import FATES, Change, Usage, Use

_PAINTS = ("p0", "p1", "p2", "p3", "p4", "p5")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHOWN, _MARKS = 40, 12


def usage_section(report: Report, language: Language) -> Markup:
    """Return figures and tables of everything that the public entries alone tell."""
    usage = report.usage
    if not usage.uses:
        return el("p", spoken(USAGE["none"], language))
    surfaces = dict.fromkeys(use.surface for use in usage.uses)
    return join(
        _fates(usage, language),
        [_Surface(report, surface, at, language).write() for at, surface in enumerate(surfaces)],
        _files(usage, language),
    )


def _fates(usage: Usage, language: Language) -> Markup:
    used = [fate for fate in FATES if any(stretch.counts[fate] for stretch in usage.fates)]
    heading = spoken(USAGE["fates"], language)
    text = spoken(
        USAGE["fates_text"],
        language,
        width=duration_words(usage.width_ms, language),
        first=moment_words(usage.fates[0].begin_ms, language),
        last=moment_words(usage.fates[-1].begin_ms + usage.width_ms, language),
        most=count_words(max(stretch.counts.total() for stretch in usage.fates), language),
    )
    stacks = [
        Column(_label(stretch.begin_ms, usage, language), [stretch.counts[fate] for fate in used])
        for stretch in usage.fates
    ]
    names = [spoken(USAGE[fate], language) for fate in used]
    return join(
        el("h3", heading),
        el(
            "figure",
            el("figcaption", text),
            legend([(f"f-{fate}", name) for fate, name in zip(used, names, strict=True)]),
            columns(Caption("fates", heading, text), stacks, [f"f-{fate}" for fate in used], language),
        ),
        _numbers(heading, usage, names, [stack.counts for stack in stacks], language),
    )


class _Surface:
    """The policies of one surface."""

    def __init__(self, report: Report, surface: str, at: int, language: Language) -> None:
        self._usage, self._surface, self._language = report.usage, surface, language
        self._policies, self._penalties = report.policies, report.penalties
        self._id = f"policies-{at}"
        uses = [use for use in report.usage.uses if use.surface == surface]
        # What ranked stands below, in the order in which it began; newest first and the rest on top.
        self._uses = sorted(uses, key=lambda use: (use.policy == b"", use.policy == BASELINE_DIGEST))
        ranked = [use.policy for use in self._uses if use.policy not in (BASELINE_DIGEST, b"")]
        self._signs = {policy: _sign(number) for number, policy in enumerate(ranked)}
        self._paints = {
            policy: _PAINTS[number] if number < len(_PAINTS) else "po" for number, policy in enumerate(ranked)
        }
        self._paints |= {BASELINE_DIGEST: "pb", b"": "po"}

    def write(self) -> Markup:
        """Return the surface's part of the page."""
        usage, language = self._usage, self._language
        name = "policies" if self._surface else "policies_rest"
        heading = self._say(name, surface=self._surface)
        text = self._say("policies_text", width=duration_words(usage.width_ms, language))
        changes = [change for change in usage.changes if change.surface == self._surface and change.before is not None]
        stacks = [
            Column(
                _label(stretch.begin_ms, usage, language),
                [stretch.counts[self._surface, use.policy] for use in self._uses],
            )
            for stretch in usage.policies
        ]
        begin, span = usage.policies[0].begin_ms, usage.width_ms * len(usage.policies)
        marks = [
            Mark(Fraction(change.time_ms - begin, span), f"→ {self._signs.get(change.after, '…')}")
            for change in changes[:_MARKS]
        ]
        paints = [self._paints[use.policy] for use in self._uses]
        names = [self._name(use.policy) for use in self._uses]
        return join(
            el("h3", heading),
            el(
                "figure",
                el("figcaption", text),
                legend(list(zip(paints, map(self._named, self._uses), strict=True))),
                columns(Caption(self._id, heading, text), stacks, paints, language, marks),
            ),
            self._table(heading),
            self._changes(changes),
            _numbers(heading, usage, names, [stack.counts for stack in stacks], language),
            [self._says(self._policies[use.policy]) for use in self._uses if use.policy in self._policies],
        )

    def _say(self, key: str, **params: object) -> str:
        return spoken(USAGE[key], self._language, **params)

    def _title(self, policy: bytes) -> str:
        if policy == BASELINE_DIGEST:
            return self._say("baseline")
        if policy == b"":
            return self._say("others")
        known = self._policies.get(policy)
        return self._say("unknown") if known is None else in_language(known.title, self._language)

    def _name(self, policy: bytes) -> str:
        """Return what a column of a table calls a policy."""
        return self._signs.get(policy) or short(self._title(policy))

    def _named(self, use: Use) -> Markup:
        sign = self._signs.get(use.policy)
        return join(el("b", sign) if sign else None, " " if sign else None, label(self._title(use.policy)))

    def _table(self, heading: str) -> Markup:
        language, total = self._language, sum(use.decision_count for use in self._uses)
        rows: list[Sequence[Content]] = [
            (
                self._named(use),
                _digest(use.policy) if use.policy not in (b"", BASELINE_DIGEST) else "–",
                count_words(use.decision_count, language),
                percent_words(Fraction(use.decision_count, total), language),
                moment_words(use.first_ms, language),
                moment_words(use.last_ms, language),
            )
            for use in self._uses[:_SHOWN]
        ]
        headings = [
            Heading(self._say("policy"), False),
            Heading(self._say("digest"), False),
            Heading(self._say("count")),
            Heading(self._say("share")),
            Heading(self._say("first"), False),
            Heading(self._say("last"), False),
        ]
        return table(heading, headings, rows, language, is_titled=True)

    def _changes(self, changes: Sequence[Change]) -> Markup:
        if not changes:
            return el("p", self._say("changes_none"))
        rows = [
            (
                str(change.index),
                moment_words(change.time_ms, self._language),
                f"{self._signs.get(change.before or b'', '…')} → {self._signs.get(change.after, '…')}",
            )
            for change in changes[:_SHOWN]
        ]
        headings = [
            Heading(self._say("entry"), False),
            Heading(self._say("time"), False),
            Heading(self._say("from_to"), False),
        ]
        count = self._usage.change_count
        more = self._say("changes_more", count=count_words(count, self._language))
        return join(
            table(self._say("changes", surface=self._surface), headings, rows, self._language),
            el("p", more) if len(changes) > _SHOWN or count > len(self._usage.changes) else None,
        )

    def _says(self, policy: Policy) -> Markup:
        """Return what a policy says, folded away."""
        language = self._language
        points = sorted((entry for entry in policy.points if entry[1]), key=lambda entry: -entry[1])
        lines = []
        for objective, count in points:
            noun = OBJECTIVE_WORDS[objective].noun.say(language)
            words = self._say("against", noun=noun) if objective in self._penalties else noun
            lines.append(el("li", el("b", count_words(count, language)), " ", words))
        sentences = [words for _, words in rule_sentences(policy.rules, language)]
        if policy.exploration_ppm:
            sentences.append(self._say("explores", share=share_words(policy.exploration_ppm, language)))
        title = in_language(policy.title, language)
        return el(
            "details",
            el("summary", self._say("says", sign=self._signs[policy.canon_digest], title=title)),
            el("p", self._say("points")),
            el("ul", lines),
            [el("p", self._say("rules")), el("ul", [el("li", words) for words in sentences])] if sentences else None,
        )


def _files(usage: Usage, language: Language) -> Markup:
    rows = [
        (spoken(USAGE[kind], language), _digest(digest) if digest else "…", count_words(count, language))
        for kind, found in (("limits_file", usage.limits), ("model_file", usage.models))
        for digest, count in found[:_SHOWN]
    ]
    headings = [Heading(spoken(USAGE[name], language), name == "count") for name in ("kind", "digest", "count")]
    return table(spoken(USAGE["limits"], language), headings, rows, language)


def _numbers(
    caption: str, usage: Usage, names: Sequence[str], counts: Sequence[Sequence[int]], language: Language
) -> Markup:
    rows = [
        (moment_words(stretch.begin_ms, language), *(count_words(count, language) for count in several))
        for stretch, several in zip(usage.fates, counts, strict=True)
    ]
    headings = [Heading(spoken(USAGE["begin"], language), False), *map(Heading, names)]
    return el(
        "details",
        el("summary", spoken(FRAME["numbers"], language)),
        table(caption, headings, rows, language),
    )


def _label(time_ms: int, usage: Usage, language: Language) -> str:
    if usage.width_ms >= DAY_MS:
        return short_day_words(time_ms, language)
    return f"{short_day_words(time_ms, language)}, {clock_words(time_ms, language)}"


def _digest(digest: bytes) -> Markup:
    return el("code", digest_text(digest)[:15] + "…", title=digest_text(digest))


def _sign(number: int) -> str:
    whole, rest = divmod(number, len(_LETTERS))
    return _LETTERS[rest] + (str(whole + 1) if whole else "")
