"""Exposure: what was shown, beside what was on offer, over the recorded decisions of one surface.

Everything is counted in integers, so the order of decisions does not matter and nothing is rounded before it is
written down.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

import numpy as np

from rankd.core.ranking.exploration import exchange
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Mode
from rankd.core.records.decision import NO_POLICY_IN_FORCE, Decision
from rankd.usecases.audit.concentration import Authors, Concentration

WEIGHT_ONE = 1_000_000
MAX_LABELS = 10_000
"""So many labels of one kind are told apart; what comes after them is counted under `OTHER`."""

MAX_LABEL_CHARS = 256
"""Admission lets no longer name in, but a record need not have passed it; the rest of such a name is cut off."""

NONE, OTHER = "", "…"
"""Stand for candidates without a group or a source, and for labels that are not told apart any more."""

_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000
AGE_BOUNDS_MS = (_HOUR_MS, 6 * _HOUR_MS, _DAY_MS, 3 * _DAY_MS, 7 * _DAY_MS, 30 * _DAY_MS, 90 * _DAY_MS, 365 * _DAY_MS)
"""Ages below the first, then from each to below the next, then from the last on."""

_PRECISION = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something there was.

    Attributes:
        offered_count: Candidates.
        shown_count: Places.
        weight_micro: Places by how well they are seen: `place_weight_micro`, summed.
    """

    offered_count: int = 0
    shown_count: int = 0
    weight_micro: int = 0


@dataclass(frozen=True, slots=True)
class Removals:
    """What one rule took out: candidates, and decisions in which it took out any."""

    candidate_count: int
    decision_count: int


@dataclass(frozen=True, slots=True)
class Chance:
    """Exploration under one promised share.

    Attributes:
        share_ppm: The share of requests that is to explore, parts per million.
        decision_count: Decisions by a policy that promises it.
        able_count: Those of them in which there was a pair to exchange.
        done_count: Those of them in which one was.
    """

    share_ppm: int
    decision_count: int
    able_count: int
    done_count: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What was shown on one surface.

    Attributes:
        decision_count: Decisions with a readable record.
        newest_first_count: Those of them in which the person asked for newest first.
        no_policy_count: Those in which newest first stood in for a policy.
        total: All candidates and places.
        groups: By group of the author's posts; a candidate counts in each of its groups.
        sources: By source.
        ages: Of the post when it was asked for, by `AGE_BOUNDS_MS`; the last entry: not known.
        authors: How candidates and places are spread over authors.
        removals: By rule.
        chances: By promised share.
        degraded: Decisions by reason and what it concerns.
    """

    decision_count: int
    newest_first_count: int
    no_policy_count: int
    total: Share
    groups: Mapping[str, Share]
    sources: Mapping[str, Share]
    ages: tuple[Share, ...]
    authors: Concentration
    removals: Mapping[str, Removals]
    chances: tuple[Chance, ...]
    degraded: Mapping[tuple[str, str], int]


@lru_cache(maxsize=4096)
def place_weight_micro(place: int) -> int:
    """Return how much a place counts, in millionths: 1 / log₂(1 + place), to the nearest.

    The first place counts 1, the third one half, the seventh one third, the fifteenth one quarter.

    Args:
        place: From 1.

    Source: A. Singh and T. Joachims, Fairness of Exposure in Rankings, KDD 2018, section 3.
    """
    logarithm = _PRECISION.divide(_PRECISION.ln(Decimal(1 + place)), _PRECISION.ln(Decimal(2)))
    return int(_PRECISION.divide(Decimal(WEIGHT_ONE), logarithm).to_integral_value())


def shown_candidates(decision: Decision) -> tuple[int, ...]:
    """Return the candidates that a record says were shown, by place.

    A record that does not follow from its files may name a pair of places that there is not: then none is exchanged.
    """
    pair, ranked = decision.exploration.pair, len(decision.order)
    if pair is not None and not 1 <= pair[0] < pair[1] <= ranked:
        pair = None
    return exchange(decision.order, pair)[: decision.request.limit]


class Exposures:
    """The fold over the decisions of one surface. What it keeps does not grow with their number, but with authors."""

    def __init__(self) -> None:
        self._decision_count = self._newest_first_count = self._no_policy_count = 0
        self._total = _Shares()
        self._groups, self._sources, self._ages = _Shares(), _Shares(), _Shares()
        self._authors = Authors()
        self._removed, self._removing = _Bounded(), _Bounded()
        self._chances: dict[int, list[int]] = {}
        self._degraded: Counter[tuple[str, str]] = Counter()

    def add(self, decision: Decision) -> None:
        """Take one decision."""
        candidates, shown = decision.request.candidates, shown_candidates(decision)
        weights = [place_weight_micro(place) for place in range(1, len(shown) + 1)]
        stood_in = any(entry.reason == NO_POLICY_IN_FORCE for entry in decision.degraded)
        self._decision_count += 1
        self._newest_first_count += decision.request.mode is Mode.NEWEST_FIRST
        self._no_policy_count += stood_in
        self._total.add([(NONE,)] * len(candidates), shown, weights)
        groups = [tuple(group[:MAX_LABEL_CHARS] for group in several) or (NONE,) for several in candidates.groups]
        self._groups.add(groups, shown, weights)
        self._sources.add([(source[:MAX_LABEL_CHARS],) for source in candidates.sources], shown, weights)
        self._ages.add([(age,) for age in age_places(decision)], shown, weights)
        authors = [author[:MAX_LABEL_CHARS] for author in candidates.author_ids]
        self._authors.add(authors, (authors[c] for c in shown))
        removed = Counter(rule[:MAX_LABEL_CHARS] for _, rule in decision.dropped)
        for rule, count in removed.items():
            self._removed.add(rule, count)
            self._removing.add(rule, 1)
        if decision.request.mode is Mode.RANKED and not stood_in:
            self._explored(decision)
        for entry in decision.degraded:
            for name in entry.names:
                key = (entry.reason[:MAX_LABEL_CHARS], name[:MAX_LABEL_CHARS])
                if key in self._degraded or len(self._degraded) < MAX_LABELS:
                    self._degraded[key] += 1

    def report(self) -> Exposure:
        """Return what came of it."""
        ages = self._ages.all()
        return Exposure(
            decision_count=self._decision_count,
            newest_first_count=self._newest_first_count,
            no_policy_count=self._no_policy_count,
            total=self._total.all().get(NONE, Share()),
            groups=self._groups.all(),
            sources=self._sources.all(),
            ages=tuple(ages.get(str(at), Share()) for at in range(len(AGE_BOUNDS_MS) + 2)),
            authors=self._authors.report(),
            removals={
                rule: Removals(count, self._removing.counts[rule])
                for rule, count in sorted(self._removed.counts.items())
            },
            chances=tuple(Chance(share, *counts) for share, counts in sorted(self._chances.items())),
            degraded=dict(sorted(self._degraded.items())),
        )

    def _explored(self, decision: Decision) -> None:
        exploration = decision.exploration
        if exploration.share_ppm not in self._chances and len(self._chances) == MAX_LABELS:
            return
        counts = self._chances.setdefault(exploration.share_ppm, [0, 0, 0])
        counts[0] += 1
        counts[1] += exploration.pair_count > 0
        counts[2] += exploration.pair is not None


class _Bounded:
    """Counts by label, of which there are at most `MAX_LABELS` and `OTHER`."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, label: str, count: int) -> None:
        known = label in self.counts or len(self.counts) < MAX_LABELS
        self.counts[label if known else OTHER] += count


class _Shares:
    """Candidates and places by label, of which there are at most `MAX_LABELS` and `OTHER`."""

    def __init__(self) -> None:
        self._offered = _Bounded()
        self._shown: Counter[str] = Counter()
        self._weights: Counter[str] = Counter()

    def add(self, labels: Sequence[tuple[str, ...]], shown: Iterable[int], weights: Iterable[int]) -> None:
        """Take one decision: each candidate's labels, the candidates shown, the weight of each place."""
        for several, count in Counter(labels).items():
            for label in dict.fromkeys(several):
                self._offered.add(label, count)
        for candidate, weight in zip(shown, weights, strict=True):
            for label in dict.fromkeys(labels[candidate]):
                known = label if label in self._offered.counts else OTHER
                self._shown[known] += 1
                self._weights[known] += weight

    def all(self) -> dict[str, Share]:
        """Return all labels, the most shown first, then the most offered, then by name."""
        found = {
            label: Share(count, self._shown[label], self._weights[label])
            for label, count in self._offered.counts.items()
        }
        return dict(sorted(found.items(), key=lambda entry: (-entry[1].shown_count, -entry[1].offered_count, entry[0])))


def age_places(decision: Decision) -> Iterator[str]:
    """Yield for each candidate the place of its age among `AGE_BOUNDS_MS`, or the place behind the last."""
    created = decision.request.candidates.create_times_ms
    ages = np.maximum(decision.request.request_time_ms - created, 0)
    places = np.searchsorted(np.array(AGE_BOUNDS_MS), ages, side="right")
    places[created == UNKNOWN_TIME_MS] = len(AGE_BOUNDS_MS) + 1
    return map(str, places.tolist())
