"""Counting for an audit: the same bytes as the layout says, within a bound, and what erasures and clocks leave open."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from rankd.core.errors import ModelError
from rankd.core.features.block import Increment
from rankd.core.features.declaration import EVER, Declaration, Span
from rankd.core.features.layout import layout_of
from rankd.core.features.reader import read_declaration
from rankd.core.records.decision import Decision, FeaturesRead
from rankd.core.records.erasing import SLACK_MS
from rankd.core.records.events import Event, EventsRecord, ShownCandidate
from rankd.core.records.happened import happened_in
from rankd.usecases.audit.features import Counts, Recount, _reaches
from tests.conftest import HOUSE_TIME_MS
from tests.forged import decisions_in
from tests.kept import DECLARATION, KEPT, KeptHouse, by_ids

HOUR, DAY = 3_600_000, 86_400_000
MODEL = b"m" * 32
ZOE = b"z" * 16


@pytest.fixture(scope="module")
def declaration() -> Declaration:
    return read_declaration(DECLARATION.encode())


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """Return a decision that was made when nothing had happened."""
    house = KeptHouse(tmp_path_factory.mktemp("house"))
    with house.desk() as desk:
        desk.ranker.rank(by_ids("r"))
    (decision,) = decisions_in(house.data).values()
    return replace(decision, model_digest=MODEL)


def recount(declaration: Declaration | None, most: int = 1_000) -> Recount:
    return Recount(lambda _: declaration, [("video", MODEL)], most)


def click(candidate: str, author: str, *, surface: str = "video", time_ms: int = HOUSE_TIME_MS) -> EventsRecord:
    seen = ShownCandidate(author, 1, {"topic": 0})
    events = (Event("", "shown", candidate, time_ms), Event("c", "click", candidate, time_ms))
    return EventsRecord(surface, ZOE, 1, "feed", time_ms, {candidate: seen}, events)


def opened(counted: Recount) -> Sequence[str]:
    return sorted(name for name, count in counted.open.items() if count)


def test_counters_stand_where_the_layout_puts_them_and_a_value_grows_as_it_must() -> None:
    counts = Counts()
    for cell in (2, 0, 2):
        counts.add(Increment(b"k", cell, 0))
    assert counts.read([b"k", b"other"]) == [bytes([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]), None]


def test_a_counter_that_is_full_stays_full() -> None:
    counts = Counts()
    counts.add(Increment(b"k", 0, 0))
    counts._values[b"k"][:] = b"\xff\xff\xff\xff"
    counts.add(Increment(b"k", 0, 0))
    assert counts.read([b"k"]) == [b"\xff\xff\xff\xff"]


def test_values_whose_time_is_over_are_let_go_and_others_are_not() -> None:
    counts = Counts()
    for key, expire_ms in ((b"a", 100), (b"b", 200), (b"c", 100), (b"d", 0)):
        counts.add(Increment(key, 0, expire_ms))
    counts.expire(199)
    assert [value is None for value in counts.read([b"a", b"b", b"c", b"d"])] == [True, False, True, False]
    assert counts.expired_ms == 100


def test_more_values_than_may_be_kept_are_all_dropped_and_nothing_is_counted_any_more() -> None:
    counts = Counts(2)
    for key in (b"a", b"b", b"c", b"d"):
        counts.add(Increment(key, 0, 0))
    assert counts.is_dropped
    assert counts.read([b"a", b"d"]) == [None, None]


@pytest.mark.parametrize(
    ("span", "gone_ms", "reached"),
    [
        (EVER, -1, False),
        (EVER, 0, True),
        (Span(HOUR, 24), 100 * HOUR, True),
        (Span(HOUR, 24), 77 * HOUR, True),
        (Span(HOUR, 24), 77 * HOUR - 1, False),
        (Span(DAY, 1), 4 * DAY, True),
        (Span(DAY, 1), 4 * DAY - 1, False),
    ],
)
def test_what_is_gone_reaches_a_span_exactly_if_its_bucket_is_one_of_them(
    span: Span, gone_ms: int, reached: bool
) -> None:
    assert _reaches(span, gone_ms, 100 * HOUR) is reached


def test_a_decision_that_read_nothing_follows_from_nothing(declaration: Declaration, decision: Decision) -> None:
    counted = recount(declaration)
    counted.check(1, decision, ZOE)
    assert (counted.checked_count, counted.column_count, counted.differing_count) == (1, len(KEPT), 0)


def test_an_event_that_the_decision_did_not_count_shows_in_its_columns(
    declaration: Declaration, decision: Decision
) -> None:
    counted = recount(declaration)
    counted.take(click("p3", "a0"))
    counted.check(1, decision, b"y" * 16)
    (found,) = counted.differing
    assert (found.difference.term, found.difference.candidate_id) == ("column:item_click_rate", "p3")


def test_events_of_another_surface_do_not_count(declaration: Declaration, decision: Decision) -> None:
    counted = recount(declaration)
    counted.take(click("p3", "a0", surface="music"))
    counted.check(1, decision, ZOE)
    assert counted.checked_count == 1


def test_a_person_whom_nothing_links_leaves_open_what_is_about_them_alone(
    declaration: Declaration, decision: Decision
) -> None:
    counted = recount(declaration)
    counted.check(1, decision, None)
    assert (counted.partial_count, counted.column_count, opened(counted)) == (1, 2, ["unlinked"])


def test_what_was_erased_long_ago_leaves_open_what_counts_for_ever(
    declaration: Declaration, decision: Decision
) -> None:
    counted = recount(declaration)
    counted.lose(HOUSE_TIME_MS - 40 * DAY, 9)
    counted.check(1, decision, ZOE)
    assert (counted.column_count, opened(counted)) == (3, ["erased"])


def test_what_was_erased_before_an_order_to_forget_counts_nothing_behind_it(
    declaration: Declaration, decision: Decision
) -> None:
    counted = recount(declaration)
    counted.lose(HOUSE_TIME_MS, 5)
    counted.lose(HOUSE_TIME_MS, 7)
    counted.forget(7)
    counted.check(1, decision, ZOE)
    assert counted.checked_count == 1
    counted.lose(HOUSE_TIME_MS, 9)
    counted.forget(8)
    counted.check(2, decision, ZOE)
    assert (counted.checked_count, opened(counted)) == (1, ["erased"])


def test_of_all_that_one_entry_erased_the_newest_counts(declaration: Declaration, decision: Decision) -> None:
    left = []
    for times_ms in ((0, 1, HOUSE_TIME_MS), (HOUSE_TIME_MS, 1, 0)):
        counted = recount(declaration)
        for time_ms in times_ms:
            counted.lose(time_ms, erased_at=9)
        counted.check(1, decision, ZOE)
        left.append((counted.column_count, opened(counted)))
    assert left == [(0, ["erased"])] * 2


def test_what_was_erased_at_a_time_that_nobody_knows_leaves_open_all_counts(
    declaration: Declaration, decision: Decision
) -> None:
    counted = recount(declaration)
    counted.lose(2**53, 2**53)
    counted.check(1, decision, ZOE)
    assert (counted.checked_count, counted.partial_count, counted.column_count) == (0, 0, 0)


def test_a_request_whose_clock_is_an_hour_behind_leaves_windows_open(
    declaration: Declaration, decision: Decision
) -> None:
    late = replace(decision, time_ms=decision.request.request_time_ms + HOUR)
    counted = recount(declaration)
    counted.check(1, late, ZOE)
    # The hours of one column; the days of others reach further than the clock is behind.
    assert (counted.column_count, opened(counted)) == (len(KEPT) - 1, ["expired"])


def test_entries_much_later_than_the_request_leave_open_what_was_let_go_since(
    declaration: Declaration, decision: Decision
) -> None:
    counted = recount(declaration)
    counted.take(click("p3", "a0"))
    counted.take(click("x", "b", time_ms=HOUSE_TIME_MS + 100 * DAY))
    counted.check(1, decision, b"y" * 16)
    assert opened(counted) == ["expired"]


def test_what_a_request_may_still_read_by_a_clock_that_is_behind_is_not_let_go(declaration: Declaration) -> None:
    counted, layout = recount(declaration), layout_of(declaration)
    _, counts = counted._counts["video"][layout.digest]
    counted.take(click("p3", "a0"))
    ends = sorted({one.expire_ms for one in layout.increments_of(happened_in(click("p3", "a0"))) if one.expire_ms})
    counted.take(click("x", "", time_ms=ends[0] + SLACK_MS - 1))
    assert counts.expired_ms == 0
    counted.take(click("y", "", time_ms=ends[0] + SLACK_MS))
    assert counts.expired_ms == ends[0]


def test_of_several_widths_the_least_says_how_far_a_clock_may_be_behind(decision: Decision) -> None:
    text = DECLARATION.replace("within: 7d, prior: 40%", "within: 7d, prior: item_click_rate_day") + (
        '  unused:\n    meaning: {fr: "a", en: "a"}\n    unit: a\n    default: "0"\n    nullable: "no"\n'
        '    profiling: "no"\n    count: {of: item, event: like, within: 7d}\n'
    )
    before = "  item_click_rate:\n"
    day = (
        '  item_click_rate_day:\n    meaning: {fr: "a", en: "a"}\n    unit: a\n    default: "0"\n    nullable: "no"\n'
        '    profiling: "no"\n    rate: {of: item, hits: click, trials: shown, within: 24h, prior: 40%, weight: 5}\n'
    )
    mixed = read_declaration(text.replace(before, day + before).encode())
    late = replace(decision, time_ms=decision.request.request_time_ms + HOUR)
    hindered = {
        name: recount(mixed)._hindrance(mixed, name, late, ZOE, Counts()) for name in ("item_click_rate", "unused")
    }
    assert hindered == {"item_click_rate": "expired", "unused": None}


def test_too_many_counts_leave_open_what_needs_them(declaration: Declaration, decision: Decision) -> None:
    counted = recount(declaration, most=1)
    counted.take(click("p3", "a0"))
    counted.check(1, decision, ZOE)
    assert (counted.checked_count, opened(counted)) == (0, ["unheld"])


def test_a_column_of_another_length_differs(declaration: Declaration, decision: Decision) -> None:
    columns = [replace(one, values=np.zeros(1, np.float32)) if one.name == "viewer_author_clicks" else one
               for one in decision.columns]  # fmt: skip
    counted = recount(declaration)
    counted.check(1, replace(decision, columns=tuple(columns)), ZOE)
    (found,) = counted.differing
    assert (found.difference.recorded, found.difference.recomputed) == ("1 rows", "8 rows")


@pytest.mark.parametrize("names", [("duration_s",), (*KEPT, "topic")])
def test_what_the_model_leaves_to_the_application_cannot_have_been_worked_out(
    declaration: Declaration, decision: Decision, names: tuple[str, ...]
) -> None:
    counted = recount(declaration)
    counted.check(1, replace(decision, features=FeaturesRead(0, names)), ZOE)
    (fault,) = counted.faults.all()
    assert (fault.error.reason, fault.error.metadata["names"]) == ("FEATURES_UNDECLARED", names[-1])


def test_a_model_without_a_declaration_works_nothing_out(decision: Decision) -> None:
    counted = recount(None)
    counted.check(1, decision, ZOE)
    assert [fault.error.reason for fault in counted.faults.all()] == ["FEATURES_UNDECLARED"]


def test_a_model_that_cannot_be_read_is_named_once_for_all_its_decisions(decision: Decision) -> None:
    def refuse(_: bytes) -> Declaration | None:
        raise ModelError("MODEL_FILE_MISSING", file="FEATURES.yaml")

    counted = Recount(refuse, [("video", MODEL)])
    counted.check(1, decision, ZOE)
    counted.check(2, decision, ZOE)
    (fault,) = counted.faults.all()
    assert (fault.count, counted.open["unreadable"]) == (2, 2)


def test_being_behind_counts_only_where_counts_were_read(declaration: Declaration, decision: Decision) -> None:
    counted = recount(declaration)
    counted.check(1, decision, ZOE, is_behind=True)
    assert counted.behind_count == 1


def test_two_models_of_one_layout_share_their_counts(declaration: Declaration) -> None:
    counted = Recount(lambda _: declaration, [("video", MODEL), ("video", b"n" * 32), ("music", MODEL)])
    assert {surface: list(of) for surface, of in counted._counts.items()} == {
        "video": [layout_of(declaration).digest],
        "music": [layout_of(declaration).digest],
    }
