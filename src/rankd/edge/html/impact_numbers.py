"""The numbers of an impact: objectives, predictions, exposure, authors."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from rankd.core.impact.bootstrap import RESAMPLES
from rankd.core.impact.impact import REST, UNLABELLED, Exposed, Impact, Objective, Prediction
from rankd.core.words.exposure import SHOWN
from rankd.core.words.impact import PAGE, SUMMARY
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import (
    count_words,
    duration_words,
    percent_words,
    plural,
    rounded_words,
    share_words,
    signed_words,
)
from rankd.edge.html.figures import Bar, Caption, Whisker, bars, legend, whiskers
from rankd.edge.html.markup import Content, Markup, el, join, label
from rankd.edge.html.speech import spoken
from rankd.edge.html.tables import Heading, table
from rankd.usecases.audit.exposure import AGE_BOUNDS_MS

_IN_FIGURE = 12
_MILLION = 1_000_000
_PER_THOUSAND = 1_000_000
_SERIES = (("offered", "s-offered"), ("before", "s-weighted"), ("after", "s-shown"))


class Numbers:
    """The parts of the page that are tables and figures.

    Args:
        impact: The impact.
        language: In which language.
    """

    def __init__(self, impact: Impact, language: Language) -> None:
        self._impact, self._language = impact, language

    def objectives(self) -> Markup:
        """Return points and pull, before and after."""
        shown = [one for one in self._impact.objectives if _has_part(one)]
        pulls = [
            (one, Fraction(one.pull_before_ppm, _MILLION), Fraction(one.pull_after_ppm, _MILLION)) for one in shown
        ]
        scale = max((max(before, after) for _, before, after in pulls), default=Fraction(0)) or Fraction(1)
        groups = [
            (
                self._noun(one),
                [
                    Bar(before / scale, self._percent(before), "s-weighted"),
                    Bar(after / scale, self._percent(after), "s-shown"),
                ],
            )
            for one, before, after in pulls
        ]
        lines = [
            (label(self._noun(one)), self._points(one), self._percent(before), self._percent(after))
            for one, before, after in pulls
        ]
        heading, text = self._say("objectives"), self._say("objectives_text")
        heads = ("points_head", "pull_before", "pull_after")
        headings = [Heading(self._say("objective"), False), *(Heading(self._say(name)) for name in heads)]
        return join(
            el(
                "figure",
                el("figcaption", text),
                legend([(paint, self._say(name)) for name, paint in _SERIES[1:]]),
                bars(Caption("objectives-f", heading, text), groups),
            ),
            table(heading, headings, lines, self._language, is_titled=True),
        )

    def predictions(self) -> Markup:
        """Return what the model predicts, before and after, with intervals."""
        found = [(one, one.prediction) for one in self._impact.objectives if one.prediction is not None]
        heading, text = self._say("predictions"), self._say("predictions_text", resamples=self._number(RESAMPLES))
        changes = [(one, _relative(said.after_ppb - said.before_ppb, said), _interval(said)) for one, said in found]
        reach = [abs(change) for _, change, _ in changes] + [abs(end) for _, _, ends in changes for end in ends or ()]
        scale = max(reach, default=Fraction(0)) or Fraction(1)
        rows = [
            (
                self._noun(one),
                Whisker(
                    change / scale,
                    None if ends is None else (ends[0] / scale, ends[1] / scale),
                    self._signed_percent(change),
                ),
            )
            for one, change, ends in changes
        ]
        figure = self._say("predictions_figure", scale=rounded_words(scale * 100, 1, self._language) + " %")
        heads = ("before_head", "after_head", "change_head", "interval_head")
        headings = [Heading(self._say("objective"), False), *(Heading(self._say(name)) for name in heads)]
        lines = [(label(self._noun(one)), *self._prediction(said)) for one, said in found]
        return join(
            el("p", text),
            el("figure", el("figcaption", figure), whiskers(Caption("predictions-f", heading, figure), rows)),
            table(heading, headings, lines, self._language, is_titled=True),
            el("p", spoken(SUMMARY["caution"], self._language)),
        )

    def exposure(self) -> Markup:
        """Return who would be shown."""
        found = self._impact.exposure
        return join(
            el("p", self._say("exposure_text")),
            self._shares("groups", "none_group", found.groups),
            self._shares("sources", "none_source", found.sources),
            self._shares("languages", "none_language", found.languages, self._say("languages_text")),
            self._shares("ages", "none_source", found.ages),
        )

    def authors(self) -> Markup:
        """Return how places would be spread over authors."""
        found = self._impact.authors
        ginis = [
            "–" if ppm is None else rounded_words(Fraction(ppm, _MILLION), 3, self._language)
            for ppm in (found.gini_before_ppm, found.gini_after_ppm)
        ]
        text = self._say(
            "authors_text",
            authors=self._number(found.authors),
            s=plural(found.authors, self._language),
            before=self._number(found.shown_before),
            after=self._number(found.shown_after),
            gini_before=ginis[0],
            gini_after=ginis[1],
        )
        lines = [
            (
                share_words(part.percent * 10_000, self._language),
                self._number(part.authors),
                self._part(part.before, found.places_before),
                self._part(part.after, found.places_after),
            )
            for part in found.parts
        ]
        heads = ("authors_count", "places_before", "places_after")
        headings = [Heading(self._say("authors_part"), False), *(Heading(self._say(name)) for name in heads)]
        return join(el("p", text), table(self._say("authors"), headings, lines, self._language, is_titled=True))

    def _shares(self, kind: str, none: str, rows: Sequence[Exposed], note: str | None = None) -> Markup:
        total = self._impact.exposure.total
        names = {UNLABELLED: self._say(none), REST: self._say("rest")}
        heading = self._say(kind)
        lines: list[Sequence[Content]] = []
        groups = []
        scale = max(
            (
                Fraction(part, whole)
                for one in rows[:_IN_FIGURE]
                for part, whole in ((one.offered, total.offered), (one.before, total.before), (one.after, total.after))
                if whole
            ),
            default=Fraction(0),
        ) or Fraction(1)
        for one in rows:
            name = self._age(one.label) if kind == "ages" else names.get(one.label, one.label)
            shares = (
                (one.offered, total.offered),
                (one.before, total.before),
                (one.after, total.after),
                (one.before_micro, total.before_micro),
                (one.after_micro, total.after_micro),
            )
            percents = [self._part(part, whole) for part, whole in shares]
            lines.append((label(name), *percents))
            lengths = [Fraction(part, whole) / scale if whole else Fraction(0) for part, whole in shares[:3]]
            groups.append(
                (
                    name,
                    [
                        Bar(length, words, paint)
                        for length, words, (_, paint) in zip(lengths, percents[:3], _SERIES, strict=True)
                    ],
                )
            )
        heads = ("offered_head", "places_before", "places_after", "weighted_before", "weighted_after")
        headings = [Heading(heading, False), *(Heading(self._say(name)) for name in heads)]
        return join(
            el("h3", heading),
            None if note is None else el("p", note),
            el(
                "figure",
                legend([(paint, self._say(name)) for name, paint in _SERIES]),
                bars(Caption(f"{kind}-f", heading, self._say("exposure_text")), groups[:_IN_FIGURE]),
            ),
            table(heading, headings, lines, self._language, is_titled=True),
        )

    def _age(self, place: str) -> str:
        bounds = [duration_words(bound, self._language) for bound in AGE_BOUNDS_MS]
        names = [spoken(SHOWN["age_below"], self._language, high=bounds[0])]
        names += [spoken(SHOWN["age_between"], self._language, low=low, high=high) for low, high in pairwise(bounds)]
        names += [spoken(SHOWN["age_from"], self._language, low=bounds[-1])]
        named = {str(at): name for at, name in enumerate(names)}
        return named.get(place, spoken(SHOWN["age_unknown"], self._language))

    def _prediction(self, one: Prediction) -> tuple[str, str, str, str]:
        def rate(ppb: int) -> Fraction:
            return Fraction(ppb, _PER_THOUSAND)

        interval = self._say("too_few")
        if one.low_ppb is not None and one.high_ppb is not None:
            low, high = (signed_words(rate(ppb), 2, self._language) for ppb in (one.low_ppb, one.high_ppb))
            interval = self._say("range", low=low, high=high)
        return (
            rounded_words(rate(max(one.before_ppb, 0)), 2, self._language),
            rounded_words(rate(max(one.after_ppb, 0)), 2, self._language),
            signed_words(rate(one.after_ppb - one.before_ppb), 2, self._language),
            interval,
        )

    def _say(self, name: str, **params: object) -> str:
        return spoken(PAGE[name], self._language, **params)

    def _number(self, count: int) -> str:
        return count_words(count, self._language)

    def _part(self, part: int, whole: int) -> str:
        return self._percent(Fraction(part, whole)) if whole else "–"

    def _percent(self, part: Fraction) -> str:
        return percent_words(part, self._language)

    def _signed_percent(self, part: Fraction) -> str:
        return signed_words(part * 100, 1, self._language) + ("\u00a0%" if self._language == "fr" else "%")

    def _noun(self, one: Objective) -> str:
        words = OBJECTIVE_WORDS.get(one.objective)
        noun = one.objective if words is None else spoken(words.noun, self._language)
        return noun if one.sign > 0 else self._say("penalty", noun=noun)

    def _points(self, one: Objective) -> str:
        several = spoken(SUMMARY["several"], self._language)
        before = several if one.points_before is None else self._number(one.points_before)
        return spoken(SUMMARY["arrow"], self._language, before=before, after=self._number(one.points_after))


def _has_part(one: Objective) -> bool:
    return bool(one.points_after or one.points_before is None or one.points_before or one.prediction is not None)


def _relative(change_ppb: int, one: Prediction) -> Fraction:
    return Fraction(change_ppb, one.before_ppb) if one.before_ppb > 0 else Fraction(0)


def _interval(one: Prediction) -> tuple[Fraction, Fraction] | None:
    if one.low_ppb is None or one.high_ppb is None:
        return None
    return _relative(one.low_ppb, one), _relative(one.high_ppb, one)
