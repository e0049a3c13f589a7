"""FeedbackService: events of slates go in, and each one's outcome comes back."""

from collections.abc import Callable, Mapping

from rankd.core.errors import RequestError
from rankd.core.features.kinds import KINDS
from rankd.core.ranking.admission import check_id
from rankd.edge.config import Role
from rankd.edge.grpc.convert import milliseconds
from rankd.edge.grpc.dispatch import Call, Method
from rankd.edge.grpc.errors import words
from rankd.edge.grpc.load import Lane
from rankd.edge.http.metrics import Metrics
from rankd.usecases.serve.feedback.recorder import Feedback, Outcome, Recorder, Sent
from rankd.v1 import feedback_service_pb2 as wire

NAME = "rankd.v1.FeedbackService"
MAX_FEEDBACK_COUNT = 500
MAX_EVENT_COUNT = 1_000

_FEEDBACK: frozenset[Role] = frozenset({"feedback"})
_KINDS: Mapping[int, str] = {wire.EventKind.Value(f"EVENT_KIND_{kind.upper()}"): kind for kind in KINDS}
_STATUSES: Mapping[str, wire.EventStatus.ValueType] = {
    "ACCEPTED": wire.EVENT_STATUS_ACCEPTED,
    "DUPLICATE": wire.EVENT_STATUS_DUPLICATE,
    "REFUSED": wire.EVENT_STATUS_REFUSED,
}


class FeedbackCalls:
    """What the methods of FeedbackService do.

    Args:
        recorder: Writes events into their journal.
        clock_ms: The server's clock, milliseconds since 1970.
        metrics: Where events are counted.
    """

    def __init__(self, recorder: Recorder, clock_ms: Callable[[], int], metrics: Metrics) -> None:
        self._recorder = recorder
        self._clock_ms = clock_ms
        self._metrics = metrics

    def methods(self, lane: Lane) -> tuple[Method, ...]:
        """Return the methods; feedback has a lane of its own, so that a flood of it never starves ranking."""
        return (Method("RecordEvents", wire.RecordEventsRequest, _FEEDBACK, lane, self.record_events),)

    def record_events(self, message: wire.RecordEventsRequest, call: Call) -> wire.RecordEventsResponse:
        """Record events; whatever is accepted is on disk when this returns."""
        check_id(message.request_id, "request_id")
        call.request_id = message.request_id
        _check_counts(message)
        read = [[_sent(event) for event in feedback.events] for feedback in message.feedback]
        sound = [
            Feedback(
                feedback.viewer_id, feedback.feedback_token, tuple(sent for sent in of_one if isinstance(sent, Sent))
            )
            for feedback, of_one in zip(message.feedback, read, strict=True)
        ]
        recorded = self._recorder.record(sound, call.caller.identity, self._clock_ms(), call.time_left_s)
        outcomes: list[wire.EventOutcome] = []
        for feedback, of_one, taken in zip(message.feedback, read, map(iter, recorded), strict=True):
            for event, sent in zip(feedback.events, of_one, strict=True):
                outcome = next(taken) if isinstance(sent, Sent) else Outcome("REFUSED", sent)
                self._metrics.count_event(outcome.status, "" if outcome.error is None else outcome.error.reason)
                outcomes.append(_outcome(event.event_id, outcome))
        return wire.RecordEventsResponse(request_id=message.request_id, outcomes=outcomes)


def _check_counts(message: wire.RecordEventsRequest) -> None:
    count = len(message.feedback)
    if count == 0:
        raise RequestError("FEEDBACK_EMPTY", field="feedback")
    if count > MAX_FEEDBACK_COUNT:
        raise RequestError("FEEDBACK_TOO_MANY", field="feedback", found=count, most=MAX_FEEDBACK_COUNT)
    event_count = 0
    for at, feedback in enumerate(message.feedback):
        if not feedback.events:
            raise RequestError("FEEDBACK_EMPTY", field=f"feedback[{at}].events")
        event_count += len(feedback.events)
    if event_count > MAX_EVENT_COUNT:
        raise RequestError("EVENTS_TOO_MANY", field="feedback", found=event_count, most=MAX_EVENT_COUNT)


def _sent(event: wire.Event) -> Sent | RequestError:
    """Return an event as the recorder takes it, or why it cannot be said so: its time is none."""
    time_ms = None
    if event.HasField("event_time"):
        try:
            time_ms = milliseconds(event.event_time, "event_time")
        except RequestError as error:
            return error
    return Sent(event.event_id, _KINDS.get(event.kind, str(event.kind)), event.candidate_id, time_ms)


def _outcome(event_id: str, outcome: Outcome) -> wire.EventOutcome:
    status, error = _STATUSES[outcome.status], outcome.error
    if error is None:
        return wire.EventOutcome(event_id=event_id, status=status)
    french, english = words(error)
    return wire.EventOutcome(
        event_id=event_id, status=status, reason=error.reason, message_fr=french, message_en=english
    )
