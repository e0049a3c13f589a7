"""The demo's feeds before and after a change: why the order of the same request is another one."""

from collections.abc import Iterator
from dataclasses import dataclass

from rankd.client import CandidateExplanation, DatumSpec, Explained, RankdClient, Slate
from rankd.core.ranking.data_used import Value
from rankd.core.ranking.exploration import EXPLORE
from rankd.edge.cli.demo.feed import Visit

_PUSHES = 2
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Push:
    """What one objective did for the gap between two videos.

    Attributes:
        objective: The objective.
        before: The policy's points before.
        after: The policy's points after.
        change: How far the gap moved towards the video that is now ahead, micro-points.
    """

    objective: str
    before: int
    after: int
    change: int


@dataclass(frozen=True, slots=True)
class Shift:
    """Two videos that changed places, and why.

    Attributes:
        rank: The place.
        old: The video that held it, as explained before and after.
        new: The video that holds it now, as explained before and after.
        pushes: The objectives that moved the gap most, the strongest first.
    """

    rank: int
    old: tuple[CandidateExplanation, CandidateExplanation]
    new: tuple[CandidateExplanation, CandidateExplanation]
    pushes: tuple[Push, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A datum about one video that is another one now."""

    spec: DatumSpec
    before: Value
    after: Value


def differing_count(before: Slate, after: Slate) -> int:
    """Return how many places show another video."""
    return sum(old != new for old, new in zip(before.ids, after.ids, strict=False))


def find_shift(client: RankdClient, visit: Visit, before: Slate, after: Slate) -> Shift | None:
    """Return the first place that shows another video because of the points; None where there is none.

    Where chance, a cap or a quota put either video in its place, points do not tell why.
    """
    for rank, old, new in _differing(before, after):
        asked = [
            client.explain(slate.decision_id, viewer_id=visit.viewer_id, candidate_ids=[old, new])
            for slate in (before, after)
        ]
        told = [{entry.id: entry for entry in explained.candidates} for explained in asked]
        was, now = (told[0][old], told[1][old]), (told[0][new], told[1][new])
        is_plain = not any(entry.moves for entry in (*was, *now))
        if is_plain and was[0].value >= now[0].value and now[1].value >= was[1].value:
            return Shift(rank, was, now, _pushes(was, now))
    return None


def find_turns(before: Explained, after: Explained) -> tuple[Turn, ...]:
    """Return the data about one explained video that changed: first those about the person, then what changed most.

    Args:
        before: A decision with one candidate explained.
        after: Another one with the same candidate.
    """
    was = {spec.name: value for spec, value in zip(before.data, before.candidates[0].data, strict=True)}
    now = zip(after.data, after.candidates[0].data, strict=True)
    turns = [Turn(spec, was[spec.name], value) for spec, value in now if was.get(spec.name, value) != value]
    return tuple(sorted(turns, key=lambda turn: (not turn.spec.personal, -change_of(turn.before, turn.after))))


def change_of(before: Value, after: Value) -> float:
    """Return how far apart two numbers are, by the smaller one; 0 where either is none."""
    if isinstance(before, str) or isinstance(after, str) or before is None or after is None:
        return 0.0
    return abs(after - before) / max(min(abs(before), abs(after)), _LEAST)


def _differing(before: Slate, after: Slate) -> Iterator[tuple[int, str, str]]:
    for old, new in zip(before.places, after.places, strict=False):
        if old.id != new.id and EXPLORE not in (*old.reason_codes, *new.reason_codes):
            yield old.rank, old.id, new.id


def _pushes(
    old: tuple[CandidateExplanation, CandidateExplanation], new: tuple[CandidateExplanation, CandidateExplanation]
) -> tuple[Push, ...]:
    found = []
    for terms in zip(old[0].terms, new[0].terms, old[1].terms, new[1].terms, strict=True):
        old_before, new_before, old_after, new_after = terms
        change = (new_after.term - old_after.term) - (new_before.term - old_before.term)
        found.append(Push(old_before.objective, old_before.policy_points, old_after.policy_points, change))
    found.sort(key=lambda push: -push.change)
    return tuple(push for push in found[:_PUSHES] if push.change > 0)
