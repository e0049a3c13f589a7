"""What one person does with a feed in front of the audience, and what comes of it, for that person and for others."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rankd.client import RankdClient, Slate
from rankd.client.feedback import EventInput, EventOutcome
from rankd.edge.cli.demo.backend import Backend
from rankd.edge.cli.demo.change import Shift, Turn, differing_count, find_shift, find_turns
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Visit, by_id

WATCHED_KINDS = ("click", "long_view", "like", "profile_visit")
_WATCHED_FROM_RANK = 4
_NUMBER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one person did, and what came of it.

    Attributes:
        visit: The person.
        hidden: The video that was hidden.
        watched: The one that was watched and liked.
        accepted: How many events were accepted.
        repeated: How many of them were duplicates when sent again.
        refused: What became of an event with a forged token.
        counted_ms: How long it took until a decision read the counts, milliseconds.
        decision_id: That decision.
        entries: How many entries of the events journal it read.
        before: The feed after it was shown, before anything else.
        after: The same request after everything.
        shift: The first place that changed because of the points; None: there is none.
        turns: What changed about the watched video.
        hide_turns: What the hide alone changed about the hidden one.
        hide_moved: How many of the person's places the hide alone changed.
        unmoved: How many numbers the others' feeds rest on; the hide changed none of them.
        others: How many places the others' feeds have, together.
        others_moved: How many of these the rest changed.
        slates: Everybody's newest feed, by viewer.
    """

    visit: Visit
    hidden: str
    watched: str
    accepted: int
    repeated: int
    refused: EventOutcome
    counted_ms: int
    decision_id: str
    entries: int
    before: Slate
    after: Slate
    shift: Shift | None
    turns: tuple[Turn, ...]
    hide_turns: tuple[Turn, ...]
    hide_moved: int
    unmoved: int
    others: int
    others_moved: int
    slates: Mapping[str, Slate]


def react(client: RankdClient, backend: Backend, visits: Sequence[Visit], shown: Slate) -> Reaction:
    """Have the first person hide one video of a feed, and watch and like another.

    Args:
        client: Explains decisions.
        backend: Asks and reports.
        visits: Everybody; the first one acts.
        shown: That person's feed.

    Raises:
        DemoError: An event was not taken as it should be, or the hide changed a number about somebody else's feed.
    """
    visit, others = visits[0], visits[1:]
    hidden = shown.ids[0]
    watched = _elsewhere(visit, shown)
    # The app says that the page was before the person's eyes; what follows is then all that changes.
    page = [EventInput("shown", id_) for id_ in shown.ids]
    backend.report(visit.viewer_id, shown.feedback_token, page)
    before = backend.ask_settled(visits)
    hide = [EventInput("hide", hidden)]
    outcomes = list(backend.report(visit.viewer_id, shown.feedback_token, hide))
    between = backend.ask_settled(visits)
    unmoved = 0
    for other in others:
        was, now = (backend.numbers(slates[other.viewer_id]) for slates in (before, between))
        if was != now:
            raise DemoError("hide_moved", viewer=other.viewer_id)
        unmoved += len(was) // _NUMBER_BYTES
    watch = [EventInput(kind, watched) for kind in WATCHED_KINDS]
    begin_s = time.monotonic()
    outcomes += backend.report(visit.viewer_id, shown.feedback_token, watch)
    after = backend.ask_settled([visit])
    counted_ms = max(1, round((time.monotonic() - begin_s) * 1000))
    after |= backend.ask_settled(others)
    again = backend.report(visit.viewer_id, shown.feedback_token, [*hide, *watch])
    forged = shown.feedback_token[:-1] + bytes([shown.feedback_token[-1] ^ 1])
    (refused,) = backend.report(visit.viewer_id, forged, [EventInput("like", watched)])
    statuses = {outcome.status for outcome in outcomes}, {outcome.status for outcome in again}, refused.status
    if statuses != ({"ACCEPTED"}, {"DUPLICATE"}, "REFUSED"):
        raise DemoError("not_accepted", status=str(statuses), detail=refused.message_en)
    mine = [slates[visit.viewer_id] for slates in (before, between, after)]
    moved = sum(_moved(between[other.viewer_id], after[other.viewer_id]) for other in others)
    return Reaction(
        visit=visit,
        hidden=hidden,
        watched=watched,
        accepted=len(outcomes),
        repeated=len(again),
        refused=refused,
        counted_ms=counted_ms,
        decision_id=mine[2].decision_id,
        entries=backend.read_entries(mine[2]),
        before=mine[0],
        after=mine[2],
        shift=find_shift(client, visit, mine[0], mine[2]),
        turns=_turns(client, visit, watched, mine[1], mine[2]),
        hide_turns=_turns(client, visit, hidden, mine[0], mine[1]),
        hide_moved=differing_count(mine[0], mine[1]),
        unmoved=unmoved,
        others=sum(len(slate.ids) for viewer, slate in after.items() if viewer != visit.viewer_id),
        others_moved=moved,
        slates=after,
    )


def _elsewhere(visit: Visit, shown: Slate) -> str:
    """Return a video further down, by another author than the first one's and, where topics are known, on another."""
    videos, first = by_id(visit), shown.ids[0]
    topics = dict(zip(videos, visit.columns["topic"].tolist(), strict=True)) if "topic" in visit.columns else {}
    further = [id_ for id_ in shown.ids[_WATCHED_FROM_RANK - 1 :] if videos[id_].author_id != videos[first].author_id]
    for id_ in further:
        if topics.get(id_) != topics.get(first):
            return id_
    return further[0] if further else shown.ids[-1]


def _moved(before: Slate, after: Slate) -> int:
    """Return how many places show another video with another value; equal values are ordered by lot."""
    pairs = zip(before.places, after.places, strict=False)
    return sum(old.id != new.id and old.value != new.value for old, new in pairs)


def _turns(client: RankdClient, visit: Visit, video: str, before: Slate, after: Slate) -> tuple[Turn, ...]:
    was, now = (
        client.explain(slate.decision_id, viewer_id=visit.viewer_id, candidate_ids=[video]) for slate in (before, after)
    )
    return find_turns(was, now)
