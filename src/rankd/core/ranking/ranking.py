"""One ranking: from a request and its margins to a slate, the whole path in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.exact.chance import TieLot
from rankd.core.ranking.exploration import Exploration, exchange, explore
from rankd.core.ranking.formula import Formula
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, RankingRequest
from rankd.core.ranking.rules import DROP_MUTED, Step, discounts, drop
from rankd.core.ranking.slate import Pool, fill, needs, short_quotas
from rankd.core.ranking.value import Terms, value_terms


@dataclass(frozen=True, slots=True)
class Workings:
    """How the values of a ranking came about, for explanations.

    Attributes:
        terms: Every objective's part; rows in the order of the formula's heads.
        steps: Discounts in the order in which they were applied.
        diversity: Author diversity's factor for each place of S, over 2¹⁶.
        moves: For each place of S, the quota that pulled its candidate forward, `after_cap`, or None.
    """

    terms: Terms
    steps: tuple[Step, ...]
    diversity: tuple[int, ...]
    moves: tuple[str | None, ...]

    @property
    def discounted(self) -> npt.NDArray[np.int64]:
        """Values after every rule but author diversity: int64, shape (n,), micro-points."""
        return self.steps[-1].after if self.steps else self.terms.values


@dataclass(frozen=True, slots=True)
class Ranking:
    """The outcome of one request.

    Attributes:
        order: S, the slate without exploration, to rank M ≤ 3 × limit: candidates by index in the request.
        values: Adjusted value of each place of S, micro-points; zeros in a newest-first ranking.
        shown: The slate: the first min(limit, M) places after the exchange that exploration drew, if any.
        dropped: (candidate, rule id), in the request's order.
        quota_short: Quotas that S does not meet.
        exploration: What chance was allowed to do, and did.
        workings: None in a newest-first ranking, which has no values.
    """

    order: tuple[int, ...]
    values: tuple[int, ...]
    shown: tuple[int, ...]
    dropped: tuple[tuple[int, str], ...]
    quota_short: tuple[str, ...]
    exploration: Exploration
    workings: Workings | None


def rank(
    request: RankingRequest,
    formula: Formula,
    margins: npt.NDArray[np.int32],
    rule_columns: Mapping[str, npt.NDArray[np.float32]],
    nonce: bytes,
) -> Ranking:
    """Rank a request by a policy.

    Args:
        request: Checked by `core.ranking.admission`.
        formula: The formula in force.
        margins: int32, shape (heads, n), units of 2⁻²⁴ log-odds, in the order of the formula's heads.
        rule_columns: float32, shape (n,) or (1,), by name: the columns that the policy's rules read.
        nonce: 32 bytes that key every lot of this decision.

    Source: DESIGN "The exact score"; docs/spec/scoring.md, whose sections this function follows one by one.
    """
    terms = value_terms(formula, margins, request.sliders)
    steps = discounts(request, formula.rules, rule_columns, terms.values)
    discounted = steps[-1].after if steps else terms.values
    dropped = drop(request, formula.rules)
    kept = [c for c in range(len(request.candidates)) if c not in dropped]
    pool = _pool(request, kept, discounted, nonce)
    filled = fill(pool, formula, request.limit)
    quotas = needs(pool, formula.rules, request.limit)
    exploration = explore(pool, filled, formula.rules.caps, quotas, request.limit, formula.exploration_ppm, nonce)
    dropped.update((kept[c], rule_id) for c, rule_id in filled.capped)
    order = tuple(kept[c] for c in filled.order)
    return Ranking(
        order=order,
        values=filled.values,
        shown=exchange(order, exploration.pair)[: request.limit],
        dropped=tuple(sorted(dropped.items())),
        quota_short=short_quotas(filled.order, quotas),
        exploration=exploration,
        workings=Workings(terms, steps, filled.diversity, filled.moves),
    )


def rank_without_chance(
    request: RankingRequest,
    formula: Formula,
    margins: npt.NDArray[np.int32],
    rule_columns: Mapping[str, npt.NDArray[np.float32]],
    nonce: bytes,
) -> tuple[int, ...]:
    """Return the first `limit` places of S, which `rank` shows where it exchanges nothing, in half the time.

    Args:
        request: See `rank`, as for all that follow.
        formula: See there.
        margins: See there.
        rule_columns: See there.
        nonce: See there.
    """
    values = value_terms(formula, margins, request.sliders).values
    steps = discounts(request, formula.rules, rule_columns, values)
    dropped = drop(request, formula.rules)
    kept = [c for c in range(len(request.candidates)) if c not in dropped]
    pool = _pool(request, kept, steps[-1].after if steps else values, nonce)
    return tuple(kept[c] for c in fill(pool, formula, request.limit, beyond=False).order)


def rank_newest_first(request: RankingRequest, nonce: bytes) -> Ranking:
    """Rank by creation time, newest first, without profiling: the baseline.

    Muted candidates are dropped, unknown creation times come last, ties are broken by lot. Neither margins nor
    columns nor what the viewer has seen are read.

    Source: docs/spec/scoring.md section 10.
    """
    candidates = request.candidates
    dropped = tuple((int(c), DROP_MUTED) for c in np.flatnonzero(candidates.muted))
    kept = np.flatnonzero(~candidates.muted).tolist()
    lots = [TieLot(nonce, candidate_id) for candidate_id in candidates.ids]
    created = candidates.create_times_ms.tolist()
    kept.sort(key=lambda c: (created[c] == UNKNOWN_TIME_MS, -created[c], lots[c]))
    order = tuple(kept[: request.limit])
    certain = Exploration(0, 0, (0,) * len(order), None, ((1, 1),) * len(order))
    return Ranking(order, (0,) * len(order), order, dropped, (), certain, None)


def _pool(request: RankingRequest, kept: list[int], values: npt.NDArray[np.int64], nonce: bytes) -> Pool:
    candidates: Candidates = request.candidates
    numbers: dict[str, int] = {"": -1}
    authors = [numbers.setdefault(candidates.author_ids[c], len(numbers) - 1) for c in kept]
    counts = dict(request.served_author_counts)
    return Pool(
        values=values[kept].tolist(),
        lots=[TieLot(nonce, candidates.ids[c]) for c in kept],
        authors=authors,
        served=[counts.get(author, 0) for author in numbers if author],
        groups=[frozenset(candidates.groups[c]) for c in kept],
    )
