"""A backend's calls with feedback: what people did with the slates that they got."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.client.errors import catalogue_error
from rankd.core.features.kinds import KINDS
from rankd.core.words.language import Language
from rankd.v1 import feedback_service_pb2 as wire
from rankd.v1 import feedback_service_pb2_grpc

_KINDS: Mapping[str, wire.EventKind.ValueType] = {
    kind: wire.EventKind.Value(f"EVENT_KIND_{kind.upper()}") for kind in KINDS
}


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class EventInput:
    """One thing that happened to one candidate of a slate.

    Attributes:
        kind: "shown", "click", "long_view", "like", "reply", "repost", "follow", "profile_visit", "hide" or "report";
            any other one is a ValueError. What followed implies "shown".
        candidate_id: The candidate.
        time_ms: When, milliseconds since 1970 by the caller's clock; None: when it is recorded.
        id: Identifier of the event; a random one unless given. It makes it safe to send the event again, so give your
            own, and keep it, where events must outlive a crash of yours.
    """

    kind: str
    candidate_id: str
    time_ms: int | None = None
    id: str = field(default_factory=_new_id)

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"{self.kind!r} is no kind of event; there are {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person did with the slate of one decision.

    Attributes:
        viewer_id: The viewer of that decision.
        token: The slate's `feedback_token`.
        events: What happened, in its order.
    """

    viewer_id: str
    token: bytes
    events: tuple[EventInput, ...]


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """What became of one event.

    Attributes:
        id: The event's identifier.
        status: ACCEPTED, DUPLICATE (it was there already), or REFUSED (and will be again).
        reason: Why it was refused (docs/errors.md); "" where it was not.
        message_fr: The same in a French sentence, with what to do.
        message_en: The same in English.
    """

    id: str
    status: str
    reason: str
    message_fr: str
    message_en: str

    def say(self, language: Language) -> str:
        """Return why it was refused and what to do; "" where it was not."""
        return self.message_fr if language == "fr" else self.message_en


class FeedbackCalls:
    """The calls of FeedbackService; every one raises RankdCallError where it was refused as a whole or did not arrive.

    What did not come through is safe to send again, alone or among others: an event counts once.

    Args:
        channel: The client's connection.
        call: The client's way to call: method, message, deadline in seconds.
        address: The server's, for words.
    """

    def __init__(self, channel: grpc.Channel, call: Callable[[Any, Any, float | None], Any], address: str) -> None:
        self._stub = feedback_service_pb2_grpc.FeedbackServiceStub(channel)
        self._call = call
        self._address = address

    def record(
        self, viewer_id: str, token: bytes, events: Sequence[EventInput], timeout_s: float | None = None
    ) -> tuple[EventOutcome, ...]:
        """Record what one person did with one slate, and return what became of each event.

        Args:
            viewer_id: The viewer of the slate's decision.
            token: The slate's `feedback_token`.
            events: What happened, 1 to 1,000 events.
            timeout_s: Deadline; None: the client's.
        """
        return self.record_all([Feedback(viewer_id, token, tuple(events))], timeout_s)[0]

    def record_all(
        self, feedback: Sequence[Feedback], timeout_s: float | None = None
    ) -> tuple[tuple[EventOutcome, ...], ...]:
        """Record what many people did in one call, and return what became of each event, in the order given.

        Args:
            feedback: 1 to 500 of them, with 1 to 1,000 events in all.
            timeout_s: Deadline; None: the client's.

        Raises:
            RankdCallError: Also OUTCOMES_OUT_OF_ORDER: what came back are not the outcomes of these events.
        """
        message = wire.RecordEventsRequest(request_id=_new_id(), feedback=[_feedback(entry) for entry in feedback])
        found: wire.RecordEventsResponse = self._call(self._stub.RecordEvents, message, timeout_s)
        ids = [event.id for entry in feedback for event in entry.events]
        if [outcome.event_id for outcome in found.outcomes] != ids:
            raise catalogue_error("DATA_LOSS", "OUTCOMES_OUT_OF_ORDER", address=self._address, count=len(ids))
        outcomes = map(_outcome, found.outcomes)
        return tuple(tuple(_next(outcomes, len(entry.events))) for entry in feedback)


def _feedback(feedback: Feedback) -> wire.Feedback:
    return wire.Feedback(
        viewer_id=feedback.viewer_id, feedback_token=feedback.token, events=[_event(event) for event in feedback.events]
    )


def _event(event: EventInput) -> wire.Event:
    message = wire.Event(event_id=event.id, kind=_KINDS[event.kind], candidate_id=event.candidate_id)
    if event.time_ms is not None:
        seconds, rest_ms = divmod(event.time_ms, 1_000)
        message.event_time.CopyFrom(Timestamp(seconds=seconds, nanos=rest_ms * 1_000_000))
    return message


def _outcome(message: wire.EventOutcome) -> EventOutcome:
    # A newer server may know a status that this client does not: its number is better than a failure.
    known = wire.EventStatus.DESCRIPTOR.values_by_number.get(message.status)
    status = str(message.status) if known is None else known.name.removeprefix("EVENT_STATUS_")
    return EventOutcome(message.event_id, status, message.reason, message.message_fr, message.message_en)


def _next(outcomes: Iterator[EventOutcome], count: int) -> Iterator[EventOutcome]:
    for _ in range(count):
        yield next(outcomes)
