"""The demo's feed backend: it asks for rankings by ids, and reports what people did with them."""

import time
from collections.abc import Iterable, Sequence

from rankd.client import CandidateInput, RankdClient, Slate
from rankd.client.feedback import EventInput, EventOutcome
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import Decision
from rankd.core.records.reading import decode_decision
from rankd.edge.cli.demo.assembly import SURFACE
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Lived, Visit

PLACES = 12
_HOUR_MS = 3_600_000
_COUNTED_S = 20.0
_POLL_S = 0.02


class Backend:
    """What a feed backend does. It keeps no counts: rankd does, from what is reported.

    Args:
        client: Calls the service.
        now_ms: The clock of all its requests, so that the same request stays the same, milliseconds since 1970.

    Attributes:
        asked: How many decisions it has had made.
        reported: How many events it has reported that were accepted.
        entries: How many entries of the events journal these make.
    """

    def __init__(self, client: RankdClient, now_ms: int) -> None:
        self.asked = self.reported = self.entries = 0
        self._client = client
        self._now_ms = now_ms

    def ask(self, visit: Visit, mode: Mode = Mode.RANKED, limit: int = PLACES) -> Slate:
        """Send ids, and the columns that rankd does not keep."""
        candidates = [
            CandidateInput(
                id=video.id,
                author_id=video.author_id,
                create_time_ms=None if video.hours_ago is None else self._now_ms - video.hours_ago * _HOUR_MS,
                source=video.source,
                groups=video.groups,
                seen=video.id in visit.seen,
                muted=video.id in visit.muted,
            )
            for video in visit.videos
        ]
        self.asked += 1
        return self._client.rank(
            surface=SURFACE,
            viewer_id=visit.viewer_id,
            candidates=candidates,
            columns=visit.columns,
            limit=limit,
            mode=mode,
            request_time_ms=self._now_ms,
            served_author_counts=visit.served,
            sliders=visit.sliders,
        )

    def ask_settled(self, visits: Sequence[Visit]) -> dict[str, Slate]:
        """Ask for everybody, and again where events are not counted yet or chance swapped places; by viewer."""
        until_s = time.monotonic() + _COUNTED_S
        slates = {}
        for visit in visits:
            while not self._is_settled(slate := self.ask(visit)):
                if time.monotonic() > until_s:
                    raise DemoError("not_counted", seconds=round(_COUNTED_S))
                time.sleep(_POLL_S)
            slates[visit.viewer_id] = slate
        return slates

    def report(self, viewer_id: str, token: bytes, events: Iterable[EventInput]) -> tuple[EventOutcome, ...]:
        """Report what somebody did with a slate, and return what became of each event."""
        outcomes = self._client.feedback.record(viewer_id, token, tuple(events))
        accepted = sum(outcome.status == "ACCEPTED" for outcome in outcomes)
        self.reported += accepted
        self.entries += accepted > 0
        return outcomes

    def relive(self, past: Iterable[Lived]) -> None:
        """Live through what people did so far: every slate is ranked, and then reported on.

        Raises:
            DemoError: An event was not accepted.
        """
        for lived in past:
            slate = self.ask(lived.visit, limit=len(lived.visit.videos))
            shown = set(slate.ids)
            events = [EventInput(kind, video) for video, kind in lived.events if video in shown]
            for outcome in self.report(lived.visit.viewer_id, slate.feedback_token, events):
                if outcome.status != "ACCEPTED":
                    raise DemoError("not_accepted", status=outcome.status, detail=outcome.message_en)

    def read_entries(self, slate: Slate) -> int:
        """Return how many entries of the events journal a decision's record says that it reflects."""
        features = self._record(slate).features
        return 0 if features is None else features.entry_count

    def brought(self, slate: Slate) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return which columns a decision's record says that the request brought, and which rankd worked out."""
        decision = self._record(slate)
        worked_out = () if decision.features is None else decision.features.names
        return tuple(column.name for column in decision.sent_columns), worked_out

    def numbers(self, slate: Slate) -> bytes:
        """Return every number that a decision rests on, as its record holds them: float32, one after the other."""
        return b"".join(column.values.tobytes() for column in self._record(slate).columns)

    def _record(self, slate: Slate) -> Decision:
        return decode_decision(self._client.audit.decision(slate.decision_id).record)

    def _is_settled(self, slate: Slate) -> bool:
        is_plain = not any(EXPLORE in place.reason_codes for place in slate.places)
        return is_plain and self.read_entries(slate) >= self.entries
