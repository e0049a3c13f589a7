"""Examples of an impact: a few slates before and after, of whom nobody can say whose they were."""

from collections.abc import Iterator, Sequence

from rankd.core.impact.impact import Example, Part, Pick, Row, Side
from rankd.core.impact.slates import TOP, compare_slates
from rankd.core.policy.policy import Policy
from rankd.core.ranking.explanation import Explanation, explain
from rankd.core.ranking.formula import Formula
from rankd.core.ranking.ranking import Ranking
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import rerank
from rankd.usecases.audit.impact_exposure import LABEL_CHARS
from rankd.usecases.audit.impact_replay import rank_proposed

PICKS: tuple[Pick, ...] = ("most", "most", "median", "median", "least")
GROUPS_NAMED = 4
PARTS_NAMED = 3
_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000
_MICRO = 1_000_000


def pick(scores: Sequence[int]) -> tuple[tuple[int, Pick], ...]:
    """Return which decisions are shown, by position: two of the most changed, two of the median, one of the least.

    They are taken from all positions by falling score, equals in their order: the first two, those at ⌊(n − 1) / 2⌋ and
    behind it, the last. A position that was taken for one reason is not taken again.

    Args:
        scores: How much each decision changed, in the order of the decisions.
    """
    count = len(scores)
    order = sorted(range(count), key=lambda at: (-scores[at], at))
    wanted = zip((0, 1, (count - 1) // 2, (count - 1) // 2 + 1, count - 1), PICKS, strict=True)
    found: dict[int, Pick] = {}
    for at, why in wanted:
        if 0 <= at < count:
            found.setdefault(order[at], why)
    return tuple(found.items())


def example_of(decision: Decision, used: Formula, policy: Policy, formula: Formula, why: Pick) -> Example:
    """Return one example.

    Args:
        decision: The decision.
        used: The formula that ranked it.
        policy: The proposed policy.
        formula: Its formula.
        why: What it is an example of.
    """
    limit = decision.request.limit
    before, after = rerank(decision, used), rank_proposed(decision, policy, formula)
    was, now = before.order[:limit], after.order[:limit]
    change = compare_slates(was, now)
    named = list(dict.fromkeys((*now[:TOP], *was[:TOP])))
    return Example(
        pick=why,
        places=change.places,
        moved=change.moved,
        rows=tuple(_row(decision, (before, used), (after, formula), limit, candidate) for candidate in named),
    )


def _row(
    decision: Decision, before: tuple[Ranking, Formula], after: tuple[Ranking, Formula], limit: int, candidate: int
) -> Row:
    candidates = decision.request.candidates
    created = int(candidates.create_times_ms[candidate])
    age_ms = max(decision.request.request_time_ms - created, 0)
    was, now = (explain(ranking, formula, decision.margins, candidate) for ranking, formula in (before, after))
    return Row(
        source=candidates.sources[candidate][:LABEL_CHARS],
        groups=tuple(group[:LABEL_CHARS] for group in candidates.groups[candidate][:GROUPS_NAMED]),
        age_ms=None if created == UNKNOWN_TIME_MS else rough_age_ms(age_ms),
        before=_side(was, limit),
        after=_side(now, limit),
        parts=tuple(_parts(was, now)),
    )


def rough_age_ms(age_ms: int) -> int:
    """Return an age that points to no post: whole hours below two days, then whole days, at most 90."""
    unit = _HOUR_MS if age_ms < 2 * _DAY_MS else _DAY_MS
    return min(age_ms // unit * unit, 90 * _DAY_MS)


def _side(found: Explanation, limit: int) -> Side:
    codes = [step.rule_id for step in found.steps if step.after != step.before]
    # A swap by lot is no merit of a policy.
    codes += [move for move in found.moves if not move.startswith("explore/")]
    if found.dropped_by is not None:
        codes.append(found.dropped_by)
    place = found.ranked_at if found.ranked_at is not None and found.ranked_at <= limit else None
    return Side(place, _points(found.value), tuple(codes))


def _parts(was: Explanation, now: Explanation) -> Iterator[Part]:
    changes = [(abs(b.term - a.term), a, b) for a, b in zip(was.terms, now.terms, strict=True) if a.term != b.term]
    for _, a, b in sorted(changes, key=lambda one: -one[0])[:PARTS_NAMED]:
        yield Part(b.objective, b.lift_micro * 100 // _MICRO, _points(a.term), _points(b.term))


def _points(micro: int) -> int:
    """Return micro-points as points, a half rounded away from zero."""
    points = (abs(micro) + _MICRO // 2) // _MICRO
    return points if micro >= 0 else -points
