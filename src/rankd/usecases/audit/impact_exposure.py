"""Who is shown before and after: the fold over decisions, counted in integers."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from rankd.core.impact.impact import LANGUAGE_GROUP, REST, UNLABELLED, AuthorPart, AuthorSpread, Exposed, Exposure
from rankd.core.records.decision import Decision
from rankd.usecases.audit.concentration import Authors, Concentration
from rankd.usecases.audit.exposure import MAX_LABELS, age_places, place_weight_micro

LABELS_NAMED = 30
"""So many labels of one kind stand by themselves; the others are added up."""

LABEL_CHARS = 48
AUTHOR_PERCENTS = (1, 10, 50)
_PPM = 1_000_000


class ExposureFold:
    """Exposure over decisions. What it keeps does not grow with their number, but with labels and authors."""

    def __init__(self) -> None:
        self._total, self._sources, self._groups = _Labels(), _Labels(), _Labels()
        self._languages, self._ages = _Labels(), _Labels()
        self._before, self._after = Authors(), Authors()

    def add(self, decision: Decision, before: Sequence[int], after: Sequence[int]) -> None:
        """Take one decision and its two slates."""
        candidates = decision.request.candidates
        self._total.add([(UNLABELLED,)] * len(candidates), before, after)
        self._sources.add([(source[:LABEL_CHARS],) for source in candidates.sources], before, after)
        parted = {several: _parted(several) for several in set(candidates.groups)}
        self._groups.add([parted[several][0] for several in candidates.groups], before, after)
        self._languages.add([parted[several][1] for several in candidates.groups], before, after)
        self._ages.add([(age,) for age in age_places(decision)], before, after)
        authors = candidates.author_ids
        self._before.add(authors, (authors[c] for c in before))
        self._after.add(authors, (authors[c] for c in after))

    def exposure(self) -> Exposure:
        """Return who is shown."""
        total = self._total.named()
        return Exposure(
            total=total[0] if total else Exposed(UNLABELLED, 0, 0, 0, 0, 0),
            sources=self._sources.named(),
            groups=self._groups.named(),
            languages=self._languages.named(),
            ages=tuple(sorted(self._ages.named(), key=lambda one: one.label)),
        )

    def authors(self) -> AuthorSpread:
        """Return how places are spread over authors."""
        before, after = self._before.report(), self._after.report()
        parts = zip(_parts(before), _parts(after), strict=True)
        return AuthorSpread(
            authors=before.author_count,
            shown_before=before.shown_author_count,
            shown_after=after.shown_author_count,
            gini_before_ppm=_ppm(before.shown_gini),
            gini_after_ppm=_ppm(after.shown_gini),
            places_before=before.shown_count,
            places_after=after.shown_count,
            parts=tuple(AuthorPart(percent, count, was, now) for (percent, count, was), (_, _, now) in parts),
        )


class _Labels:
    """Candidates and places by label, of which at most `MAX_LABELS` are told apart, the first that come."""

    def __init__(self) -> None:
        self._offered: Counter[str] = Counter()
        self._places: dict[str, list[int]] = {}

    def add(self, labels: Sequence[tuple[str, ...]], before: Sequence[int], after: Sequence[int]) -> None:
        for several, count in Counter(labels).items():
            for label in several:
                self._offered[self._known(label)] += count
        for side, shown in enumerate((before, after)):
            for place, candidate in enumerate(shown, start=1):
                weight = place_weight_micro(place)
                for label in labels[candidate]:
                    places = self._places.setdefault(self._known(label), [0, 0, 0, 0])
                    places[side] += 1
                    places[2 + side] += weight

    def named(self) -> tuple[Exposed, ...]:
        """Return the labels that stand by themselves, in their order, and what the others add up to."""
        found = [
            Exposed(label, count, *self._places.get(label, (0, 0, 0, 0))) for label, count in self._offered.items()
        ]
        found.sort(key=lambda one: (one.label == REST, -max(one.before, one.after), -one.offered, one.label.encode()))
        rest = found[LABELS_NAMED:]
        if not rest:
            return tuple(found)
        sums = (
            sum(getattr(one, name) for one in rest)
            for name in ("offered", "before", "after", "before_micro", "after_micro")
        )
        return (*found[:LABELS_NAMED], Exposed(REST, *sums))

    def _known(self, label: str) -> str:
        return label if label in self._offered or len(self._offered) < MAX_LABELS else REST


def _parted(groups: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a candidate's groups, and apart from them its language."""
    plain = tuple(dict.fromkeys(one[:LABEL_CHARS] for one in groups if not one.startswith(LANGUAGE_GROUP)))
    spoken = sorted(one.removeprefix(LANGUAGE_GROUP)[:LABEL_CHARS] for one in groups if one.startswith(LANGUAGE_GROUP))
    return plain or (UNLABELLED,), (spoken[0] if spoken else UNLABELLED,)


def _parts(found: Concentration) -> list[tuple[int, int, int]]:
    of = {part.percent: part for part in found.parts}
    return [
        (percent, of[percent].author_count, of[percent].shown_count)
        if percent in of
        else (percent, -(-found.author_count * percent // 100), 0)
        for percent in AUTHOR_PERCENTS
    ]


def _ppm(number: Fraction | None) -> int | None:
    return None if number is None else number.numerator * _PPM // number.denominator
