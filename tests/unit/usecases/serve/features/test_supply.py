"""Ranking by ids: what rankd works out itself, from events that were recorded, and what becomes of it in the record."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rankd.core.errors import FeatureStoreError, RequestError, ServiceError
from rankd.core.features.declaration import VIEWER, Declaration
from rankd.core.features.reader import read_declaration
from rankd.core.ranking.request import Column, Mode
from rankd.core.records.decision import DEFAULT_USED, FEATURES_UNAVAILABLE, FeaturesRead, request_digest
from rankd.core.records.reading import decode_decision
from rankd.usecases.serve.desk import Desk, FeatureTerms
from rankd.usecases.serve.feedback.recorder import Feedback, Sent
from rankd.usecases.serve.rank import Answer
from tests.conftest import HOUSE_TERMS, HOUSE_TIME_MS
from tests.kept import DECLARATION, KEPT, KeptHouse, by_ids


@pytest.fixture
def house(tmp_path: Path) -> KeptHouse:
    return KeptHouse(tmp_path)


@pytest.fixture
def desk(house: KeptHouse) -> Iterator[Desk]:
    with house.desk() as desk:
        yield desk


def say(desk: Desk, answer: Answer, viewer_id: str, *events: tuple[str, str]) -> None:
    assert answer.proof is not None
    sent = tuple(Sent(f"{answer.request_id}/{at}", kind, id_, None) for at, (kind, id_) in enumerate(events))
    outcomes = desk.recorder.record([Feedback(viewer_id, answer.proof.token, sent)], "feed", HOUSE_TIME_MS)
    assert [outcome.status for outcome in outcomes[0]] == ["ACCEPTED"] * len(events)
    (view,) = desk.supply.views().values()
    assert view.settle(desk.events.count, 5.0)


def column(answer: Answer, name: str) -> list[float]:
    return next(c.values.tolist() for c in answer.decided.decision.columns if c.name == name)


def shown(answer: Answer) -> list[str]:
    ids = answer.decided.decision.request.candidates.ids
    return [ids[at] for at in answer.decided.ranking.shown]


def test_a_request_of_ids_is_ranked_by_what_people_did_before(desk: Desk) -> None:
    first = desk.ranker.rank(by_ids("r1"))
    place = shown(first)[-1]
    say(desk, first, "viewer-1", ("click", place))
    second = desk.ranker.rank(by_ids("r2"))
    at = first.decided.decision.request.candidates.ids.index(place)
    assert column(first, "viewer_author_clicks")[at] == 0
    assert column(second, "viewer_author_clicks")[at] == 1
    assert column(second, "item_click_rate")[at] == np.float32((1 + 5 * 0.4) / (1 + 5))
    assert second.decided.ranking.values != first.decided.ranking.values
    assert shown(second).index(place) < shown(first).index(place)


def test_the_record_says_what_was_worked_out_and_from_how_many_entries(desk: Desk) -> None:
    first = desk.ranker.rank(by_ids("r1"))
    say(desk, first, "viewer-1", ("click", shown(first)[0]))
    second = desk.ranker.rank(by_ids("r2", columns=[Column("topic", np.array([3.0], dtype=np.float32))]))
    decisions = [
        decode_decision(desk.journal.record(answer.decided.decision.counter + 1)) for answer in (first, second)
    ]
    assert [d.features.entry_count for d in decisions if d.features] == [0, 1]
    assert all(d.features is not None and d.features.names == KEPT for d in decisions)
    assert {c.name for c in decisions[1].sent_columns} == {"topic", "hours_since_hide"}


def test_what_one_person_hides_moves_nobody_elses_feed(desk: Desk) -> None:
    first = desk.ranker.rank(by_ids("r1"))
    hidden = shown(first)[0]
    say(desk, first, "viewer-1", ("hide", hidden))
    mine, other = desk.ranker.rank(by_ids("r2")), desk.ranker.rank(by_ids("r3", "viewer-2"))
    at = first.decided.decision.request.candidates.ids.index(hidden)
    assert column(mine, "viewer_author_hides")[at] == 1
    assert max(column(other, "viewer_author_hides")) == 0


def test_a_column_that_the_request_sends_stands(desk: Desk) -> None:
    own = Column("viewer_author_clicks", np.arange(8, dtype=np.float32))
    answer = desk.ranker.rank(by_ids("r1", columns=[own]))
    decision = answer.decided.decision
    assert column(answer, "viewer_author_clicks") == list(range(8))
    assert decision.features is not None
    assert "viewer_author_clicks" not in decision.features.names


def test_newest_first_reads_nothing_about_anybody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ranker.rank(by_ids("r1"))
    (view,) = desk.supply.views().values()

    def never(*_: object) -> None:
        raise AssertionError("a newest-first request read counts")

    monkeypatch.setattr(type(view), "read", never)
    monkeypatch.setattr(type(desk.supply), "read", never)
    answer = desk.ranker.rank(by_ids("r2", mode=Mode.NEWEST_FIRST))
    assert answer.decided.decision.columns == ()
    assert answer.decided.decision.features is None


def test_only_entities_of_features_that_are_needed_are_read(desk: Desk, house: KeptHouse) -> None:
    """A request that brings its own personal columns has no key of the viewer looked up."""
    asked: list[bytes] = []
    desk.ranker.rank(by_ids("r0"))
    (view,) = desk.supply.views().values()
    read = view.read

    def listening(keys: Sequence[bytes], timeout_s: float | None = None) -> object:
        asked.extend(keys)
        return read(keys, timeout_s)

    view.read = listening  # type: ignore[method-assign, assignment]
    personal = [name for name in KEPT if name.startswith("viewer_")]
    sent = [Column(name, np.zeros(1, dtype=np.float32)) for name in personal]
    desk.ranker.rank(by_ids("r1", columns=sent))
    codes = {key[0] for key in asked}
    snapshot = desk.ranker.book.find("video")
    assert snapshot is not None
    assert snapshot.model is not None
    assert snapshot.model.declaration is not None
    kept = {d.name: VIEWER in d.parts for d in snapshot.model.declaration.entities}
    layout = desk.supply._of("video", snapshot.model.declaration).layout
    assert codes
    assert all(not kept[block.entity.name] for block in layout.blocks if block.code[0] in codes)


def test_a_store_that_cannot_be_read_leaves_the_declared_defaults(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ranker.rank(by_ids("r1"))
    (view,) = desk.supply.views().values()

    def down(*_: object) -> None:
        raise FeatureStoreError("FEATURE_STORE_DOWN", address="here", detail="gone")

    monkeypatch.setattr(type(view), "read", down)
    decision = desk.ranker.rank(by_ids("r2")).decided.decision
    assert next((entry.reason, entry.names) for entry in decision.degraded) == (FEATURES_UNAVAILABLE, KEPT)
    assert set(KEPT) <= {name for entry in decision.degraded if entry.reason == DEFAULT_USED for name in entry.names}
    assert decision.features is None
    values = {column.name: column.values.tolist() for column in decision.columns}
    assert [values[name] for name in KEPT] == [[np.float32(0.4)], [0.0], [0.0], [np.float32(0.1)], [0.0]]
    monkeypatch.undo()
    again = desk.ranker.rank(by_ids("r3")).decided.decision
    assert again.features is not None
    assert FEATURES_UNAVAILABLE not in {entry.reason for entry in again.degraded}


def test_the_same_request_again_is_answered_from_the_record_whatever_happened_since(desk: Desk) -> None:
    first = desk.ranker.rank(by_ids("r1"))
    say(desk, first, "viewer-1", ("click", shown(first)[-1]))
    again = desk.ranker.rank(by_ids("r1"))
    assert again.decision_id == first.decision_id
    assert shown(again) == shown(first)


def test_counts_are_the_same_after_a_restart(house: KeptHouse) -> None:
    with house.desk() as desk:
        first = desk.ranker.rank(by_ids("r1"))
        say(desk, first, "viewer-1", ("click", shown(first)[2]), ("like", shown(first)[1]))
        second = desk.ranker.rank(by_ids("r2"))
    with house.desk() as desk:
        third = desk.ranker.rank(by_ids("r3"))
    for name in KEPT:
        assert column(third, name) == column(second, name)


def test_an_unreachable_server_of_counts_ends_no_request(house: KeptHouse) -> None:
    terms = replace(HOUSE_TERMS, features=FeatureTerms("redis://127.0.0.1:1/0"))
    with house.desk(terms=terms) as desk:
        decision = desk.ranker.rank(by_ids("r1")).decided.decision
    assert decision.degraded[0].reason == FEATURES_UNAVAILABLE


class AgeHouse(KeptHouse):
    """A house whose model reads one column that rankd works out without any counts."""

    declaration_text = (
        KeptHouse.declaration_text
        + """\
  age_hours:
    meaning: {fr: "Âge", en: "Age"}
    unit: h
    default: "24"
    nullable: "no"
    profiling: "no"
    age: created
"""
    )


def test_what_needs_no_counts_is_still_not_taken_for_something_that_was_sent(tmp_path: Path) -> None:
    with AgeHouse(tmp_path).desk() as desk:
        zeros = [Column(name, np.zeros(1, dtype=np.float32)) for name in KEPT]
        decision = desk.ranker.rank(by_ids("r1", columns=zeros)).decided.decision
    assert decision.features == FeaturesRead(0, ("age_hours",))
    assert request_digest(decision.request, decision.sent_columns, True) == decision.request_digest


def test_what_needs_no_counts_is_worked_out_and_recorded_while_no_counts_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise FeatureStoreError("FEATURE_STORE_DOWN", address="here", detail="gone")

    with AgeHouse(tmp_path).desk() as desk:
        (view,) = desk.supply.views().values()
        monkeypatch.setattr(type(view), "read", down)
        answer = desk.ranker.rank(by_ids("r1"))
    decision = answer.decided.decision
    assert decision.features == FeaturesRead(0, ("age_hours",))
    assert column(answer, "age_hours") != [24.0]
    assert next((entry.reason, entry.names) for entry in decision.degraded) == (FEATURES_UNAVAILABLE, KEPT)


def test_counts_are_waited_for_no_longer_than_the_caller_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (view,) = desk.supply.views().values()
    waits: list[float | None] = []

    def slow(keys: Sequence[bytes], timeout_s: float | None = None) -> object:
        waits.append(timeout_s)
        raise FeatureStoreError("FEATURE_STORE_SLOW", address="here", timeout_ms=1)

    monkeypatch.setattr(view, "read", slow)
    desk.ranker.rank(by_ids("r1"), time_left_s=lambda: 0.004)
    assert waits == [0.004]
    with pytest.raises(ServiceError) as caught:
        desk.ranker.rank(by_ids("r2"), time_left_s=lambda: -1.0)
    assert (caught.value.reason, [wait for wait in waits if wait is not None and wait < 0]) == ("DEADLINE_EXCEEDED", [])


def test_a_column_that_is_not_sent_is_part_of_an_entity_by_its_default(desk: Desk) -> None:
    first = desk.ranker.rank(by_ids("r1"))
    say(desk, first, "viewer-1", ("click", shown(first)[0]))
    assert set(column(desk.ranker.rank(by_ids("r2")), "viewer_topic_share")) == {np.float32((1 + 5 * 0.1) / (1 + 5))}
    other = Column("topic", np.array([1.0], dtype=np.float32))
    assert set(column(desk.ranker.rank(by_ids("r3", columns=[other])), "viewer_topic_share")) == {
        np.float32((0 + 5 * 0.1) / (1 + 5))
    }


@pytest.mark.parametrize("length", [0, 2, 7, 9])
def test_a_column_of_a_wrong_length_that_is_part_of_an_entity_is_refused(desk: Desk, length: int) -> None:
    with pytest.raises(RequestError) as caught:
        desk.ranker.rank(by_ids("r1", columns=[Column("topic", np.zeros(length, dtype=np.float32))]))
    assert "topic" in caught.value.say("en")


def test_each_surface_and_each_declaration_has_its_own_counts(desk: Desk) -> None:
    first = desk.ranker.rank(by_ids("r1"))
    say(desk, first, "viewer-1", ("click", shown(first)[0]))
    assert first.decided.snapshot.model is not None
    own = first.decided.snapshot.model.declaration
    assert own is not None
    other = read_declaration(DECLARATION.replace("author_shown_day", "author_shown_week").replace("24h", "7d").encode())
    request = by_ids("r2").request

    def read(declaration: Declaration, surface: str) -> tuple[tuple[str, ...], float]:
        """Return the names of the columns, and all clicks on authors that are counted."""
        asked = replace(request, surface=surface)
        desk.supply.read(declaration, asked, (), lambda: 5.0)
        for view in desk.supply.views().values():
            assert view.settle(desk.events.count, 5.0)
        supplied = desk.supply.read(declaration, asked, (), lambda: 5.0)
        found = {column.name: float(column.values.sum()) for column in supplied.columns}
        return tuple(found), found["viewer_author_clicks"]

    weekly = tuple(name.replace("author_shown_day", "author_shown_week") for name in KEPT)
    clicks = read(own, "video")[1]
    assert clicks > 0
    assert read(own, "video") == (KEPT, clicks)
    assert read(other, "video") == (weekly, clicks)
    assert read(own, "elsewhere") == (KEPT, 0)
    assert read(own, "video") == (KEPT, clicks)
    assert sorted(surface for surface, _ in desk.supply.views()) == ["elsewhere", "video", "video"]


def test_what_is_recorded_is_counted_at_once_and_nothing_goes_on_after_the_end(house: KeptHouse) -> None:
    def followers() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name == "rankd-feature-view"}

    before = followers()
    with house.desk() as desk:
        answer = desk.ranker.rank(by_ids("r1"))
        assert answer.proof is not None
        (view,) = desk.supply.views().values()
        assert view.settle(0, 5.0)
        time.sleep(0.2)
        assert len(followers() - before) == 1
        event = Sent("e", "click", shown(answer)[0], None)
        desk.recorder.record([Feedback("viewer-1", answer.proof.token, (event,))], "feed", HOUSE_TIME_MS)
        # By itself a view looks every five seconds.
        assert view.settle(1, 2.0)
    assert followers() == before


def test_counts_that_no_served_model_reads_any_more_are_let_go(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (view,) = desk.supply.views().values()
    served = desk.ranker.book.served()
    now_s = 1_000.0
    monkeypatch.setattr(desk.supply, "steady_s", lambda: now_s)
    desk.supply.prepare((), 0, 0.0)
    now_s += 299
    desk.supply.prepare((), 0, 0.0)
    assert list(desk.supply.views().values()) == [view]
    now_s += 2
    desk.supply.prepare((), 0, 0.0)
    assert not desk.supply.views()
    monkeypatch.undo()
    desk.supply.prepare(served, 0, 5.0)
    (again,) = desk.supply.views().values()
    assert again is not view
    assert desk.ranker.rank(by_ids("r1")).decided.decision.features is not None


def test_counts_that_are_needed_again_in_time_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    views = desk.supply.views()
    now_s = 1_000.0
    monkeypatch.setattr(desk.supply, "steady_s", lambda: now_s)
    for served in ((), desk.ranker.book.served(), ()):
        desk.supply.prepare(served, 0, 0.0)
        now_s += 200
    desk.supply.prepare((), 0, 0.0)
    assert desk.supply.views() == views
