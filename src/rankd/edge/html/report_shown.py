"""What one surface showed: groups, sources, ages, authors, rules, chance, and what was lacking."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from rankd.core.words.exposure import SHOWN
from rankd.core.words.language import Language
from rankd.core.words.quantity import (
    count_words,
    duration_words,
    percent_words,
    plural,
    rounded_words,
    share_words,
)
from rankd.core.words.ranking import code_words, degraded_words
from rankd.edge.html.figures import Bar, Caption, bars, curves, legend
from rankd.edge.html.markup import Content, Markup, el, join, label
from rankd.edge.html.speech import spoken
from rankd.edge.html.tables import Heading, table
from rankd.usecases.audit.concentration import Concentration
from rankd.usecases.audit.exposure import AGE_BOUNDS_MS, MAX_LABELS, NONE, OTHER, Chance, Exposure, Share

_IN_FIGURE, _IN_TABLE = 12, 40
_MILLION = 1_000_000
_SERIES = (("offered", "s-offered"), ("shown", "s-shown"), ("weighted", "s-weighted"))


class Shown:
    """The part of a page about one surface.

    Args:
        exposure: Its figures.
        id_: Stands before every id in it.
        language: In which language.
        name_authors: Whether the most shown authors are named.
    """

    def __init__(self, exposure: Exposure, id_: str, language: Language, *, name_authors: bool) -> None:
        self._exposure, self._id, self._language, self._name_authors = exposure, id_, language, name_authors

    def write(self) -> Markup:
        """Return it, without its heading."""
        exposure = self._exposure
        newest = exposure.newest_first_count + exposure.no_policy_count
        return join(
            el(
                "p",
                self._say(
                    "intro",
                    decisions=self._number(exposure.decision_count),
                    s=plural(exposure.decision_count, self._language),
                    offered=self._number(exposure.total.offered_count),
                    shown=self._number(exposure.total.shown_count),
                ),
                " ",
                self._say(
                    "newest",
                    newest=self._number(exposure.newest_first_count),
                    stood_in=self._number(exposure.no_policy_count),
                )
                if newest
                else None,
            ),
            self._labels("groups", "group", exposure.groups),
            self._labels("sources", "source", exposure.sources),
            self._authors(exposure.authors),
            self._ages(),
            self._rules(),
            self._chances(),
            self._degraded(),
        )

    def _say(self, key: str, **params: object) -> str:
        return spoken(SHOWN[key], self._language, **params)

    def _number(self, count: int) -> str:
        return count_words(count, self._language)

    def _percent(self, part: int, whole: int) -> str:
        return percent_words(Fraction(part, whole), self._language) if whole else "–"

    def _labels(self, kind: str, one: str, shares: Mapping[str, Share]) -> Markup:
        names = {NONE: self._say(f"no_{one}"), OTHER: self._say("other", count=self._number(MAX_LABELS))}
        rows = [(names.get(name, name), share) for name, share in shares.items()]
        more = len(rows) - _IN_TABLE
        return join(
            self._shares(kind, one, rows[:_IN_TABLE]),
            el("p", self._say("more", count=self._number(more), s=plural(more, self._language))) if more > 0 else None,
        )

    def _ages(self) -> Markup:
        bounds = [duration_words(bound, self._language) for bound in AGE_BOUNDS_MS]
        names = [self._say("age_below", high=bounds[0])]
        names += [self._say("age_between", low=low, high=high) for low, high in pairwise(bounds)]
        names += [self._say("age_from", low=bounds[-1]), self._say("age_unknown")]
        return self._shares("ages", "age", list(zip(names, self._exposure.ages, strict=True)))

    def _shares(self, kind: str, one: str, rows: Sequence[tuple[str, Share]]) -> Markup:
        """Return what was shown beside what was offered, as a figure and as a table."""
        total = self._exposure.total
        wholes = (total.offered_count, total.shown_count, total.weight_micro)

        def parts(share: Share) -> list[Fraction]:
            found = (share.offered_count, share.shown_count, share.weight_micro)
            return [Fraction(part, whole) if whole else Fraction(0) for part, whole in zip(found, wholes, strict=True)]

        scale = max((part for _, share in rows[:_IN_FIGURE] for part in parts(share)), default=Fraction(0)) or Fraction(
            1
        )
        groups = [
            (
                name,
                [
                    Bar(part / scale, percent_words(part, self._language), paint)
                    for part, (_, paint) in zip(parts(share), _SERIES, strict=True)
                ],
            )
            for name, share in rows[:_IN_FIGURE]
            if share.offered_count
        ]
        heading, text = self._say(kind), self._say(f"{kind}_text")
        lines: list[Sequence[Content]] = []
        for name, share in rows:
            offered, shown, weighted = parts(share)
            percents = [percent_words(part, self._language) for part in (offered, shown, weighted)]
            lines.append(
                (
                    label(name),
                    self._number(share.offered_count),
                    percents[0],
                    self._number(share.shown_count),
                    percents[1],
                    percents[2],
                    rounded_words(shown / offered, 2, self._language) if offered else "–",
                )
            )
        heads = ("offered_head", "part_head", "shown_head", "part_head", "weighted_head", "ratio_head")
        headings = [Heading(self._say(one), False), *(Heading(self._say(head)) for head in heads)]
        return join(
            el("h3", heading),
            el(
                "figure",
                el("figcaption", text),
                legend([(paint, self._say(name)) for name, paint in _SERIES]),
                bars(Caption(f"{self._id}-{kind}", heading, text), groups),
            ),
            table(heading, headings, lines, self._language, is_titled=True),
        )

    def _authors(self, found: Concentration) -> Markup:
        heading = self._say("authors")
        if found.shown_gini is None or found.offered_gini is None:
            return join(el("h3", heading), el("p", self._say("authors_none")))
        tenth = next(part for part in found.parts if part.percent == 10)
        lines = [
            (
                share_words(part.percent * 10_000, self._language),
                self._number(part.author_count),
                self._percent(part.shown_count, found.shown_count),
                self._percent(part.offered_count, found.offered_count),
            )
            for part in found.parts
        ]
        heads = ("authors_count", "authors_shown", "authors_offered")
        headings = [Heading(self._say("authors_part"), False), *(Heading(self._say(head)) for head in heads)]
        curve = {
            "s-offered": [
                self._point(part.author_count, part.offered_count, found, found.offered_count) for part in found.parts
            ],
            "s-shown": [
                self._point(part.author_count, part.shown_count, found, found.shown_count) for part in found.parts
            ],
        }
        figure = self._say("authors_figure")
        return join(
            el("h3", heading),
            el(
                "p",
                self._say(
                    "authors_text",
                    count=self._number(found.author_count),
                    s=plural(found.author_count, self._language),
                    shown=self._number(found.shown_author_count),
                    tenth=self._percent(tenth.shown_count, found.shown_count),
                ),
                " ",
                self._say(
                    "gini",
                    shown=rounded_words(found.shown_gini, 3, self._language),
                    offered=rounded_words(found.offered_gini, 3, self._language),
                ),
            ),
            el("p", self._say("authors_left_out", count=self._number(found.left_out_count)))
            if found.left_out_count
            else None,
            el(
                "figure",
                el("figcaption", figure),
                legend([(paint, self._say(name)) for name, paint in _SERIES[:2]]),
                curves(
                    Caption(f"{self._id}-authors", heading, figure),
                    list(curve.items()),
                    self._say("authors_axis"),
                    self._language,
                ),
            ),
            table(heading, headings, lines, self._language, is_titled=True),
            self._named(found) if self._name_authors else None,
        )

    def _point(self, authors: int, part: int, found: Concentration, whole: int) -> tuple[Fraction, Fraction]:
        return Fraction(authors, found.author_count), Fraction(part, whole)

    def _named(self, found: Concentration) -> Markup:
        lines = [
            (
                label(one.author_id),
                self._number(one.shown_count),
                self._percent(one.shown_count, found.shown_count),
                self._number(one.offered_count),
                self._percent(one.offered_count, found.offered_count),
            )
            for one in found.named
        ]
        heads = ("shown_head", "part_head", "offered_head", "part_head")
        headings = [Heading(self._say("author"), False), *(Heading(self._say(head)) for head in heads)]
        return table(self._say("named"), headings, lines, self._language)

    def _rules(self) -> Markup:
        removals, heading = self._exposure.removals, self._say("rules")
        if not removals:
            return join(el("h3", heading), el("p", self._say("rules_none")))
        offered, decisions = self._exposure.total.offered_count, self._exposure.decision_count
        scale = max(one.candidate_count for one in removals.values())
        groups = []
        lines: list[Sequence[Content]] = []
        for rule, one in sorted(removals.items(), key=lambda entry: -entry[1].candidate_count)[:_IN_TABLE]:
            words, percent = code_words(rule, self._language), self._percent(one.candidate_count, offered)
            groups.append((words, [Bar(Fraction(one.candidate_count, scale), percent, "s-removed")]))
            lines.append(
                (
                    join(label(words), " ", el("code", rule)) if words != rule else label(rule),
                    self._number(one.candidate_count),
                    percent,
                    self._number(one.decision_count),
                    self._percent(one.decision_count, decisions),
                )
            )
        heads = ("removed", "of_offered", "in_decisions", "part_of_decisions")
        headings = [Heading(self._say("rule"), False), *(Heading(self._say(head)) for head in heads)]
        text = self._say("rules_text")
        caption = Caption(f"{self._id}-rules", heading, text)
        return join(
            el("h3", heading),
            el("figure", el("figcaption", text), bars(caption, groups[:_IN_FIGURE])),
            table(heading, headings, lines, self._language, is_titled=True),
        )

    def _chances(self) -> Markup:
        heading = self._say("chance")
        if not self._exposure.chances:
            return join(el("h3", heading), el("p", self._say("chance_none")))
        heads = ("ranked", "able", "expected", "range_head", "done")
        headings = [Heading(self._say("promised"), False), *(Heading(self._say(head)) for head in heads)]
        lines = [self._chance(one) for one in self._exposure.chances[:_IN_TABLE]]
        return join(
            el("h3", heading),
            el("p", self._say("chance_text")),
            table(heading, headings, lines, self._language, is_titled=True),
        )

    def _chance(self, one: Chance) -> Sequence[Content]:
        expected = Fraction(one.share_ppm * one.able_count, _MILLION)
        # Twice the standard deviation of a binomial count, rounded down to a millionth.
        spread = Fraction(isqrt(4 * one.able_count * one.share_ppm * max(_MILLION - one.share_ppm, 0)), _MILLION)
        low = max(-((spread - expected).__floor__()), 0)
        high = min((expected + spread).__floor__(), one.able_count)
        return (
            share_words(one.share_ppm, self._language),
            self._number(one.decision_count),
            self._number(one.able_count),
            rounded_words(expected, 1, self._language),
            self._say("range", low=self._number(low), high=self._number(high)),
            self._number(one.done_count),
        )

    def _degraded(self) -> Markup:
        heading = self._say("degraded")
        if not self._exposure.degraded:
            return join(el("h3", heading), el("p", self._say("degraded_none")))
        lines = [
            (
                label(degraded_words(reason, [name], self._language)),
                self._number(count),
                self._percent(count, self._exposure.decision_count),
            )
            for (reason, name), count in list(self._exposure.degraded.items())[:_IN_TABLE]
        ]
        headings = [
            Heading(self._say("degraded_reason"), False),
            Heading(self._say("degraded_count")),
            Heading(self._say("part_of_decisions")),
        ]
        return join(el("h3", heading), table(heading, headings, lines, self._language, is_titled=True))
