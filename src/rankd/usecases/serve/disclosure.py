"""Disclosure: what a person may know about one decision, beside the addition that gave each value.

It answers Québec's Act respecting the protection of personal information in the private sector, s. 12.1 (the personal
information used, the reasons, the principal factors and parameters), Regulation (EU) 2022/2065, art. 27 (the main
parameters, their relative importance, how to change them) and Regulation (EU) 2016/679, art. 15(1)(h).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rankd.core.policy.policy import Slider
from rankd.core.ranking.counterfactual import Counterfactuals, Swap
from rankd.core.ranking.data_used import MODEL, Datum, column_values, request_data
from rankd.core.ranking.explanation import Weight, weigh
from rankd.core.ranking.rules import FEEDBACK_FATIGUE
from rankd.core.records.decision import DEFAULT_USED, Decision
from rankd.core.words.ranking import RULE_COLUMN_MEANING
from rankd.usecases.needs import rule_columns
from rankd.usecases.serve.explain import Explained
from rankd.usecases.serve.snapshot import Snapshot

MAX_SWAPS = 20
"""For how many of the explained candidates a swap is looked for."""

MAX_TRIES = 32
_MIN_TRIES = 4
_RANKED_CANDIDATES = 16_000


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What stands behind a decision.

    Attributes:
        data: What was read: the columns in their order, then what stands in the request itself.
        weights: How much each objective counts, most first; none in newest-first order.
        sliders: What the policy lets people move for themselves.
        points: The policy's points by objective; none in newest-first order.
        swaps: For each explained candidate, in their order, what it would have taken to come before the one ranked
            right before it; None where nobody is, and beyond the first `MAX_SWAPS`.
    """

    data: tuple[Datum, ...]
    weights: tuple[Weight, ...]
    sliders: tuple[Slider, ...]
    points: tuple[tuple[str, int], ...]
    swaps: tuple[Swap | None, ...]


def disclose(explained: Explained) -> Disclosure:
    """Return what stands behind an explained decision, from its record alone."""
    decision, snapshot = explained.decided.decision, explained.decided.snapshot
    policy, formula, request = snapshot.policy, snapshot.formula, decision.request
    swaps: list[Swap | None] = [None] * len(explained.explanations)
    if policy is None or formula is None:
        return Disclosure(request_data(request, None), (), (), (), tuple(swaps))
    columns = {column.name: column.values for column in decision.columns}
    counterfactuals = Counterfactuals(
        request, formula, snapshot.limits, decision.margins, columns, decision.nonce, explained.decided.ranking
    )
    for at, entry in enumerate(explained.explanations[:MAX_SWAPS]):
        swaps[at] = counterfactuals.swap(entry.candidate, tries(len(request.candidates)))
    return Disclosure(
        data=(*_columns(decision, snapshot), *request_data(request, formula.rules)),
        weights=weigh(formula, request.sliders),
        sliders=policy.sliders,
        points=policy.points,
        swaps=tuple(swaps),
    )


def tries(candidate_count: int) -> int:
    """Return how many policies are ranked again for one swap: fewer where a ranking takes long."""
    return min(MAX_TRIES, max(_MIN_TRIES, _RANKED_CANDIDATES // candidate_count))


def _columns(decision: Decision, snapshot: Snapshot) -> Iterator[Datum]:
    features = {} if snapshot.model is None else {f.name: f for f in snapshot.model.manifest.features}
    by_rules = () if snapshot.policy is None else rule_columns(snapshot.policy.rules)
    defaulted = {name for entry in decision.degraded if entry.reason == DEFAULT_USED for name in entry.names}
    for column in decision.columns:
        feature = features.get(column.name)
        yield Datum(
            name=column.name,
            meaning=RULE_COLUMN_MEANING if feature is None else feature.meaning,
            unit="h" if feature is None else feature.unit,
            personal=feature is None or feature.profiling,
            defaulted=column.name in defaulted,
            readers=(
                *(() if feature is None else (MODEL,)),
                *((FEEDBACK_FATIGUE,) if column.name in by_rules else ()),
            ),
            values=column_values(column),
        )
