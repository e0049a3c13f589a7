"""The buffer of feedback: everything added is sent until it is acknowledged, once; nothing is lost in silence."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import cast

import pytest

from rankd.client import EventInput, EventOutcome, Feedback, FeedbackBuffer, RankdCallError
from rankd.client.feedback import FeedbackCalls
from rankd.client.feedback_buffer import MOST_EVENTS, MOST_FEEDBACK

OVERLOADED = RankdCallError("RESOURCE_EXHAUSTED", "OVERLOADED", "later", retry_after_s=0.01)
LATE = RankdCallError("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "late")
FORBIDDEN = RankdCallError("PERMISSION_DENIED", "ROLE_MISSING", "no")


class Calls:
    """Records what it is called with, and fails as long as there are failures."""

    def __init__(self) -> None:
        self.failures: list[RankdCallError] = []
        self.batches: list[list[Feedback]] = []
        self.free = threading.Event()
        self.free.set()

    def record_all(
        self, feedback: Sequence[Feedback], _timeout_s: float | None
    ) -> tuple[tuple[EventOutcome, ...], ...]:
        assert self.free.wait(10)
        self.batches.append(list(feedback))
        if self.failures:
            raise self.failures.pop(0)
        return tuple(tuple(outcome(event) for event in entry.events) for entry in feedback)

    @property
    def sent(self) -> list[str]:
        """The ids of all events sent, in order."""
        return [event.id for batch in self.batches for entry in batch for event in entry.events]


def outcome(event: EventInput) -> EventOutcome:
    status = "REFUSED" if event.candidate_id == "never" else "ACCEPTED"
    return EventOutcome(event.id, status, "", "", "")


def feedback(*ids: str, candidate: str = "a") -> Feedback:
    return Feedback("v", b"", tuple(EventInput("like", candidate, id=id_) for id_ in ids))


def buffer(calls: Calls, **options: object) -> FeedbackBuffer:
    return FeedbackBuffer(cast("FeedbackCalls", calls), **({"interval_s": 0.01} | options))  # type: ignore[arg-type]


def until(true: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_what_was_added_is_sent_in_order_and_leaves_nothing_behind() -> None:
    calls = Calls()
    sending = buffer(calls)
    assert all(sending.add(feedback(str(at))) for at in range(20))
    assert sending.close() == ()
    assert calls.sent == [str(at) for at in range(20)]


def test_events_share_a_call_without_going_beyond_what_one_may_carry() -> None:
    calls = Calls()
    calls.free.clear()
    sending = buffer(calls)
    for at in range(MOST_FEEDBACK + 5):
        sending.add(feedback(str(at)))
    sending.add(feedback(*(f"x{at}" for at in range(MOST_EVENTS))))
    calls.free.set()
    assert sending.close() == ()
    assert len(calls.batches) <= 5
    assert max(len(batch) for batch in calls.batches) <= MOST_FEEDBACK
    assert max(sum(len(entry.events) for entry in batch) for batch in calls.batches) <= MOST_EVENTS
    assert len(calls.sent) == len(set(calls.sent)) == MOST_FEEDBACK + 5 + MOST_EVENTS


@pytest.mark.parametrize("failure", [OVERLOADED, LATE])
def test_what_could_not_be_taken_on_is_sent_again_with_the_same_identifiers(failure: RankdCallError) -> None:
    calls = Calls()
    calls.failures = [failure, failure]
    with buffer(calls) as sending:
        sending.add(feedback("1", "2"))
        until(lambda: len(calls.batches) == 3)
    assert calls.sent == ["1", "2"] * 3


def test_a_full_buffer_takes_no_more_and_says_so() -> None:
    calls = Calls()
    calls.free.clear()
    sending = buffer(calls, capacity=MOST_EVENTS)
    assert sending.add(feedback(*(str(at) for at in range(MOST_EVENTS))))
    assert not sending.add(feedback("beyond"))
    calls.free.set()
    until(lambda: sending.add(feedback("later")))
    assert sending.close() == ()
    assert "beyond" not in calls.sent
    assert calls.sent[-1] == "later"


def test_a_closed_buffer_takes_no_more() -> None:
    sending = buffer(Calls())
    sending.close()
    assert not sending.add(feedback("1"))


def test_what_a_close_had_no_time_to_send_is_given_back() -> None:
    calls = Calls()
    calls.failures = [OVERLOADED] * 1_000
    sending = buffer(calls)
    sending.add(feedback("1"))
    sending.add(feedback("2"))
    began_s = time.monotonic()
    assert sending.close(timeout_s=0.2) == (feedback("1"), feedback("2"))
    assert time.monotonic() - began_s < 2


def test_a_refused_event_is_told_and_not_sent_again() -> None:
    calls, told = Calls(), list[str]()
    with buffer(calls, refused=lambda event, _outcome: told.append(event.id)) as sending:
        sending.add(feedback("1"))
        sending.add(feedback("2", candidate="never"))
    assert told == ["2"]
    assert sorted(calls.sent) == ["1", "2"]


def test_what_fails_as_a_whole_is_given_back_and_the_rest_goes_on() -> None:
    calls = Calls()
    calls.failures = [FORBIDDEN]
    lost: list[tuple[str, str]] = []
    with buffer(
        calls, failed=lambda batch, error: lost.extend((error.reason, entry.events[0].id) for entry in batch)
    ) as sending:
        sending.add(feedback("1"))
        until(lambda: bool(lost))
        sending.add(feedback("2"))
    assert lost == [("ROLE_MISSING", "1")]
    assert calls.sent == ["1", "2"]


def test_a_fault_of_who_is_told_stops_nothing_and_gives_nobody_away(caplog: pytest.LogCaptureFixture) -> None:
    def raises(event: EventInput, _outcome: EventOutcome) -> None:
        raise KeyError(event.candidate_id)

    calls = Calls()
    with buffer(calls, refused=raises) as sending:
        sending.add(feedback("1", candidate="never"))
        until(lambda: calls.sent == ["1"])
        sending.add(feedback("2"))
    assert calls.sent == ["1", "2"]
    assert "KeyError" in caplog.text
    assert "never" not in caplog.text


@pytest.mark.parametrize("count", [0, MOST_EVENTS + 1])
def test_feedback_that_no_call_could_carry_is_refused_at_once(count: int) -> None:
    with buffer(Calls()) as sending, pytest.raises(ValueError, match=f"{count} events"):
        sending.add(feedback(*(str(at) for at in range(count))))


def test_a_capacity_below_one_call_is_refused() -> None:
    with pytest.raises(ValueError, match="999"):
        buffer(Calls(), capacity=MOST_EVENTS - 1)
