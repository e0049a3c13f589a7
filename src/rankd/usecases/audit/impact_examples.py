"""Examples of an impact: a few slates before and after, of whom nobody can say whose they were."""

from collections.abc import Iterator, Sequence

from rankd.core.impact.impact import Example, Part, Pick, Row, Side
from rankd.core.impact.slates import TOP, compare_slates
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.explanation import Explanation, explain
from rankd.core.ranking.formula import Formula
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import rerank
from rankd.usecases.audit.impact_exposure import LABEL_CHARS
from rankd.usecases.audit.impact_replay import Proposed

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


def example_of(decision: Decision, used: Formula, proposed: Proposed, formula: Formula, why: Pick) -> Example:
    """Return one example.

    Args:
        decision: The decision.
        used: The formula that ranked it.
        proposed: What is proposed.
        formula: Its formula.
        why: What it is an example of.
    """
    limit = decision.request.limit
    other = proposed.restate(decision)
    before, after = _Ranked(decision, used), _Ranked(other, formula)
    was, now = before.ranking.order[:limit], after.ranking.order[:limit]
    change = compare_slates(was, now)
    named = list(dict.fromkeys((*now[:TOP], *was[:TOP])))
    return Example(
        pick=why,
        places=change.places,
        moved=change.moved,
        rows=tuple(_row(before, after, limit, candidate) for candidate in named),
    )


class _Ranked:
    """A decision as one side ranks it."""

    def __init__(self, decision: Decision, formula: Formula) -> None:
        self.decision, self.formula = decision, formula
        self.ranking = rerank(decision, formula)

    def explain(self, candidate: int) -> Explanation:
        return explain(self.ranking, self.formula, self.decision.margins, candidate)


def _row(before: _Ranked, after: _Ranked, limit: int, candidate: int) -> Row:
    request = before.decision.request
    candidates = request.candidates
    created = int(candidates.create_times_ms[candidate])
    age_ms = max(request.request_time_ms - created, 0)
    was, now = before.explain(candidate), after.explain(candidate)
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
    terms_before, terms_after = ({term.objective: term for term in one.terms} for one in (was, now))
    changes = []
    for objective in OBJECTIVES:
        a, b = terms_before.get(objective), terms_after.get(objective)
        old, new = (0 if term is None else term.term for term in (a, b))
        known = b or a
        if known is not None and old != new:
            changes.append((abs(new - old), known.lift_micro, objective, old, new))
    for _, lift_micro, objective, old, new in sorted(changes, key=lambda one: -one[0])[:PARTS_NAMED]:
        yield Part(objective, lift_micro * 100 // _MICRO, _points(old), _points(new))


def _points(micro: int) -> int:
    """Return micro-points as points, a half rounded away from zero."""
    points = (abs(micro) + _MICRO // 2) // _MICRO
    return points if micro >= 0 else -points
