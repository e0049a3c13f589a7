"""The demo's feeds before and after a change: the same request asked again, and why the order is another."""

from collections.abc import Iterator
from dataclasses import dataclass

from rankd.client import CandidateExplanation, CandidateInput, RankdClient, Slate
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.request import Mode
from rankd.edge.cli.demo.assembly import SURFACE
from rankd.edge.cli.demo.feed import Visit

PLACES = 12
_PUSHES = 2
_HOUR_MS = 3_600_000


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


def ask(client: RankdClient, visit: Visit, now_ms: int, mode: Mode = Mode.RANKED) -> Slate:
    """Send what a feed backend would send for this person; the same moment makes the same request."""
    candidates = [
        CandidateInput(
            id=video.id,
            author_id=video.author_id,
            create_time_ms=None if video.hours_ago is None else now_ms - video.hours_ago * _HOUR_MS,
            source=video.source,
            groups=video.groups,
            seen=video.id in visit.seen,
            muted=video.id in visit.muted,
        )
        for video in visit.videos
    ]
    return client.rank(
        surface=SURFACE,
        viewer_id=visit.viewer_id,
        candidates=candidates,
        columns={**visit.columns, **visit.viewer_columns},
        limit=PLACES,
        mode=mode,
        served_author_counts=visit.served,
        sliders=visit.sliders,
    )


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
