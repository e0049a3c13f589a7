"""What the effects of many decisions add up to."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rankd.core.impact.bootstrap import Sums, intervals, mean_ppb
from rankd.core.impact.impact import MAX_BASES, AuthorSpread, Base, Exposure, Objective, Prediction
from rankd.core.impact.slates import Slates, compare_slates
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.policy import Policy
from rankd.core.policy.pull import pull_of
from rankd.core.records.decision import Decision
from rankd.usecases.audit.impact_exposure import ExposureFold
from rankd.usecases.audit.impact_replay import Effect, Proposed

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a decision lies: which of the sources, and the index of its leaf."""

    source: int
    index: int


class EffectFold:
    """The fold over effects, in the order of the decisions.

    It keeps 20 bytes a decision, a few integers a viewer, and what `ExposureFold` keeps.

    Args:
        proposed: What is proposed.
    """

    def __init__(self, proposed: Proposed) -> None:
        self._proposed = proposed
        self._spreads_before, self._spreads_after = [0] * len(proposed.recorded), [0] * len(proposed.heads)
        self._viewers: dict[tuple[str, str], list[int]] = {}
        self._bases: Counter[tuple[bytes, bytes]] = Counter()
        self._sources, self._indexes, self._scores = array("i"), array("q"), array("q")
        self._exposure = ExposureFold()
        self.slates = Slates()
        self.clipped = 0

    def add(self, place: Place, origin: str, decision: Decision, effect: Effect) -> None:
        """Take one decision."""
        change = compare_slates(effect.before, effect.after)
        self.slates += change
        self._sources.append(place.source)
        self._indexes.append(place.index)
        self._scores.append(change.moved * _MILLION // change.places if change.places else 0)
        self.clipped += effect.is_clipped
        self._bases[decision.policy_digest, decision.constitution_digest] += 1
        for sums, spreads in (
            (self._spreads_before, effect.spreads_before),
            (self._spreads_after, effect.spreads_after),
        ):
            for row, one in enumerate(spreads):
                sums[row] += one
        added = (*effect.ppb_before, *effect.ppb_after, len(effect.before), len(effect.after))
        viewer = self._viewers.setdefault((origin, decision.request.viewer_id), [0] * len(added))
        for at, one in enumerate(added):
            viewer[at] += one
        self._exposure.add(decision, effect.before, effect.after)

    @property
    def count(self) -> int:
        """Decisions that were taken."""
        return len(self._scores)

    @property
    def viewers(self) -> int:
        """Pseudonyms among their viewers; two journals share none."""
        return len(self._viewers)

    @property
    def scores(self) -> Sequence[int]:
        """How much each decision changed: moved places in a million, in the order of the decisions."""
        return self._scores

    def place(self, position: int) -> Place:
        """Return where the decision at a position lies."""
        return Place(self._sources[position], self._indexes[position])

    def bases(self) -> tuple[Base, ...]:
        """Return the policies that ranked."""
        found = sorted(self._bases.items(), key=lambda entry: (-entry[1], entry[0]))
        return tuple(Base(policy, limits, count) for (policy, limits), count in found[:MAX_BASES])

    def exposure(self) -> tuple[Exposure, AuthorSpread]:
        """Return who is shown, and how places are spread over authors."""
        return self._exposure.exposure(), self._exposure.authors()

    def objectives(self, policies: Iterable[Policy]) -> tuple[Objective, ...]:
        """Return every objective before and after.

        Args:
            policies: The policies that ranked.
        """
        proposed = self._proposed
        silent = {head.objective: head.silent for head in proposed.heads}
        signs = {entry.objective: entry.sign for entry in proposed.limits.objectives}
        points_before = [dict(policy.points) for policy in policies]
        points_after = dict(proposed.policy.points)
        pulls = [
            pull_of({head.objective: one for head, one in zip(heads, spreads, strict=True)})
            for heads, spreads in (
                (proposed.recorded, self._spreads_before),
                (proposed.heads, self._spreads_after),
            )
        ]
        predictions = self._predictions()
        found = []
        for objective in OBJECTIVES:
            given = {points[objective] for points in points_before}
            speaks = objective in silent and not silent[objective]
            found.append(
                Objective(
                    objective=objective,
                    sign=signs[objective],
                    points_before=given.pop() if len(given) == 1 else None,
                    points_after=points_after[objective],
                    head="speaks" if speaks else "silent" if objective in silent else "none",
                    pull_before_ppm=pulls[0].get(objective, 0),
                    pull_after_ppm=pulls[1].get(objective, 0),
                    prediction=predictions[objective] if speaks and proposed.model is None else None,
                )
            )
        return tuple(found)

    def _predictions(self) -> Mapping[str, Prediction]:
        heads = len(self._proposed.heads)
        rows = np.array([self._viewers[key] for key in sorted(self._viewers)], dtype=np.int64).reshape(
            -1, 2 * heads + 2
        )
        before = Sums(rows[:, :heads], rows[:, -2])
        after = Sums(rows[:, heads:-2], rows[:, -1])
        found = intervals(before, after)
        means = []
        for side in (before, after):
            places = sum(side.places.tolist())
            means.append([mean_ppb(sum(column), places) for column in side.ppb.T.tolist()])
        return {
            head.objective: Prediction(means[0][row], means[1][row], *((None, None) if found is None else found[row]))
            for row, head in enumerate(self._proposed.heads)
        }
