"""Explanations: the terms behind a value, which add up to it exactly, and the strongest reasons as codes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import probability_ppb
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.formula import Formula
from rankd.core.ranking.ranking import Ranking
from rankd.core.ranking.rules import AUTHOR_DIVERSITY
from rankd.core.ranking.signal import LIFT_ONE

NEWEST_FIRST = "newest_first"
MAX_OBJECTIVE_REASONS = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One objective's part in one candidate's value; units as in `Terms`.

    `policy_points` are the policy's, `points` those after the viewer's slider.
    """

    objective: str
    policy_points: int
    points: int
    sign: int
    margin: int
    probability_ppb: int
    base_rate_ppb: int
    lift_micro: int
    term: int
    silent: bool


@dataclass(frozen=True, slots=True)
class Weight:
    """How much one objective counts in one decision, for every candidate alike.

    Attributes:
        objective: The objective.
        sign: +1: a reward; −1: a penalty.
        policy_points: The policy's points, of a thousand.
        points: Those after the viewer's slider.
        share_ppm: Share of all points after sliders, parts per million, rounded down; 0 where there are none.
        silent: Whether the model knows too little: these points count the same for every candidate.
    """

    objective: str
    sign: int
    policy_points: int
    points: int
    share_ppm: int
    silent: bool


@dataclass(frozen=True, slots=True)
class RuleStep:
    """What one rule did to one candidate's value, micro-points; `factor` is over 2¹⁶."""

    rule_id: str
    factor: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """One candidate explained: Σ terms, plus every step's (after − before), is `value`.

    Attributes:
        candidate: Index in the request.
        rank: Shown place from 1, or None.
        ranked_at: Place in S from 1, or None.
        dropped_by: Rule id, or None.
        value: Final value, micro-points.
        moves: Quota, `after_cap` or `explore/1`, as far as they placed it.
        marginal: Probability with which its shown place shows it, or None where it is not shown.
    """

    candidate: int
    rank: int | None
    ranked_at: int | None
    dropped_by: str | None
    terms: tuple[Term, ...]
    steps: tuple[RuleStep, ...]
    value: int
    moves: tuple[str, ...]
    marginal: tuple[int, int] | None


def explain(
    ranking: Ranking, formula: Formula | None, margins: npt.NDArray[np.int32] | None, candidate: int
) -> Explanation:
    """Explain one candidate of a ranking.

    Args:
        ranking: The ranking.
        formula: The formula that ranked; None for a newest-first ranking.
        margins: int32, shape (heads, n); None for a newest-first ranking.
        candidate: Index in the request.

    Source: docs/spec/scoring.md section 11.
    """
    place = ranking.order.index(candidate) if candidate in ranking.order else None
    shown = ranking.shown.index(candidate) if candidate in ranking.shown else None
    terms: tuple[Term, ...] = ()
    steps: tuple[RuleStep, ...] = ()
    moves: list[str] = []
    value = 0
    if ranking.workings is not None and formula is not None and margins is not None:
        terms = _terms(ranking, formula, margins, candidate)
        steps, value = _steps(ranking, formula, candidate, place)
        if place is not None and (move := ranking.workings.moves[place]) is not None:
            moves.append(move)
    pair = ranking.exploration.pair
    if pair is not None and place is not None and place + 1 in pair:
        moves.append(EXPLORE)
    return Explanation(
        candidate=candidate,
        rank=None if shown is None else shown + 1,
        ranked_at=None if place is None else place + 1,
        dropped_by=dict(ranking.dropped).get(candidate),
        terms=terms,
        steps=steps,
        value=value,
        moves=tuple(moves),
        marginal=None if shown is None else ranking.exploration.marginals[shown],
    )


def weigh(formula: Formula, sliders: tuple[tuple[str, int], ...]) -> tuple[Weight, ...]:
    """Return how much each of the model's objectives counts, most first; equals in the canonical order.

    Args:
        formula: The formula that ranked.
        sliders: The viewer's settings.
    """
    points = formula.moved_points(sliders)
    total = sum(points)
    weights = [
        Weight(head.objective, sign, before, after, after * 1_000_000 // total if total else 0, head.silent)
        for head, sign, before, after in zip(formula.heads, formula.signs, formula.points, points, strict=True)
    ]
    return tuple(sorted(weights, key=lambda weight: -weight.points))


def reason_codes(ranking: Ranking, formula: Formula | None, candidate: int) -> tuple[str, ...]:
    """Return the strongest reasons for a shown candidate's place, strongest first, as stable codes.

    Up to three objectives whose term is furthest from what an average candidate's would be, then the rules that
    changed its value, then the moves.

    Source: docs/spec/scoring.md section 12.
    """
    work = ranking.workings
    if work is None or formula is None:
        return (NEWEST_FIRST,)
    usual = [s * p * LIFT_ONE for s, p in zip(formula.signs, work.terms.points, strict=True)]
    lifts = work.terms.lifts_micro[:, candidate].tolist()
    gaps = [abs(t - u) for t, u in zip(work.terms.terms[:, candidate].tolist(), usual, strict=True)]
    ranked = sorted((k for k, gap in enumerate(gaps) if gap), key=lambda k: (-gaps[k], k))
    codes = [
        f"{formula.heads[k].objective}_{'above' if lifts[k] > LIFT_ONE else 'below'}_usual"
        for k in ranked[:MAX_OBJECTIVE_REASONS]
    ]
    place = ranking.order.index(candidate)
    steps, _ = _steps(ranking, formula, candidate, place)
    codes.extend(step.rule_id for step in steps if step.after != step.before)
    if (move := work.moves[place]) is not None:
        codes.append(move)
    pair = ranking.exploration.pair
    if pair is not None and place + 1 in pair:
        codes.append(EXPLORE)
    return tuple(codes)


def _terms(ranking: Ranking, formula: Formula, margins: npt.NDArray[np.int32], candidate: int) -> tuple[Term, ...]:
    if ranking.workings is None:
        return ()
    work = ranking.workings.terms
    column = margins[:, candidate : candidate + 1]
    return tuple(
        Term(
            objective=head.objective,
            policy_points=formula.points[row],
            points=work.points[row],
            sign=formula.signs[row],
            margin=int(column[row, 0]),
            probability_ppb=(0 if head.calibration is None else int(probability_ppb(head.calibration, column[row])[0])),
            base_rate_ppb=head.base_rate_ppb,
            lift_micro=int(work.lifts_micro[row, candidate]),
            term=int(work.terms[row, candidate]),
            silent=head.silent,
        )
        for row, head in enumerate(formula.heads)
    )


def _steps(ranking: Ranking, formula: Formula, candidate: int, place: int | None) -> tuple[tuple[RuleStep, ...], int]:
    work = ranking.workings
    if work is None:
        return (), 0
    value = int(work.terms.values[candidate])
    steps = []
    for step in work.steps:
        after = int(step.after[candidate])
        steps.append(RuleStep(step.rule_id, int(step.factors[candidate]), value, after))
        value = after
    if formula.rules.author_diversity is not None and place is not None:
        steps.append(RuleStep(AUTHOR_DIVERSITY, work.diversity[place], value, ranking.values[place]))
        value = ranking.values[place]
    return tuple(steps), value
