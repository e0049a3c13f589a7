"""Feedback as a use case: what counts, what is refused and why, and that everything counts once whatever happens."""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import RequestError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.core.features.kinds import KINDS
from rankd.core.log.note import NoteSigner
from rankd.core.records.decision import Decision
from rankd.core.records.events import MAX_EVENTS_BYTES, Event
from rankd.core.records.feature_viewer import feature_viewer
from rankd.core.records.token import feedback_token
from rankd.usecases.serve.feedback.recorder import Feedback
from rankd.usecases.serve.feedback.shown import Shown
from tests.feedback_world import DAY, NOW, Made, World, sent
from tests.unit.store.journal.conftest import Fault


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.disk.faults = {}
    world.close()


@pytest.fixture
def made(world: World) -> Made:
    return world.decide(topics=(12, 0.5, 3, 4))


def one(world: World, made: Made, *events: object, **options: object) -> list[str]:
    return world.record(made.feedback(*events), **options)[0]  # type: ignore[arg-type]


class TestWhatCounts:
    def test_an_event_is_kept_with_what_was_shown_under_the_feature_viewer(self, world: World, made: Made) -> None:
        assert one(world, made, sent("e1", "like", "b", NOW + 100), now_ms=NOW + 500) == ["ACCEPTED"]
        record = world.events.read(0)
        assert record is not None
        assert record.viewer == feature_viewer(world.feature_key, "zoé")
        assert (record.surface, record.decision, record.caller, record.time_ms) == (
            "video",
            made.index,
            "backend",
            NOW + 500,
        )
        assert [(shown.author, shown.place, dict(shown.columns)) for shown in record.shown.values()] == [
            ("author of b", 2, {})
        ]
        assert record.events == (Event("", "shown", "b", NOW + 100), Event("e1", "like", "b", NOW + 100))

    def test_no_file_names_the_viewer_and_no_leaf_the_candidate(self, world: World) -> None:
        other = world.decide("a-very-particular-viewer", ids=("a-very-particular-post",))
        assert one(world, other, sent("e1", "like", "a-very-particular-post")) == ["ACCEPTED"]
        world.restart()
        everything = [path.read_bytes() for path in world.root.rglob("*") if path.is_file()]
        assert not any(b"a-very-particular-viewer" in data for data in everything)
        public = [path.read_bytes() for path in (world.data / "events" / "public").rglob("*") if path.is_file()]
        index = [path.read_bytes() for path in (world.data / "events").glob("index.sqlite*")]
        assert public
        assert index
        assert not any(b"a-very-particular-post" in data for data in public + index)

    def test_every_kind_counts_once_for_one_candidate(self, world: World, made: Made) -> None:
        events = [sent(kind, kind) for kind in KINDS]
        assert one(world, made, *events) == ["ACCEPTED"] * len(KINDS)
        assert one(world, made, *(sent(f"again {kind}", kind) for kind in KINDS)) == ["DUPLICATE"] * len(KINDS)
        assert world.counted() == [(made.index, "a", kind, kind) for kind in KINDS]

    def test_an_outcome_implies_its_impression_once_and_the_impression_itself_comes_late(
        self, world: World, made: Made
    ) -> None:
        assert one(world, made, sent("e1", "click"), sent("e2", "like"), sent("e3", "shown")) == [
            "ACCEPTED",
            "ACCEPTED",
            "DUPLICATE",
        ]
        assert one(world, made, sent("e4", "shown"), sent("e5", "shown", "b"), sent("e6", "hide", "b")) == [
            "DUPLICATE",
            "ACCEPTED",
            "ACCEPTED",
        ]
        assert world.counted() == [
            (0, "a", "shown", ""),
            (0, "a", "click", "e1"),
            (0, "a", "like", "e2"),
            (0, "b", "shown", "e5"),
            (0, "b", "hide", "e6"),
        ]

    def test_each_feedback_with_something_new_is_one_entry_and_all_have_one_commit(self, world: World) -> None:
        made = [world.decide(f"v{number}") for number in range(3)]
        world.record(made[1].feedback(sent("known")))
        world.disk.steps.clear()
        outcomes = world.record(
            made[0].feedback(sent("e1"), sent("e2", "hide")),
            made[1].feedback(sent("known")),
            made[2].feedback(sent("e3")),
        )
        assert outcomes == [["ACCEPTED", "ACCEPTED"], ["DUPLICATE"], ["ACCEPTED"]]
        assert world.disk.steps == ["write wal", "sync wal"]
        assert world.events.count == 3
        assert world.told == [1, 3]

    def test_what_brings_nothing_new_writes_nothing(self, world: World, made: Made) -> None:
        one(world, made, sent("e1"))
        world.disk.steps.clear()
        assert one(world, made, sent("e1"), sent("e2", "like", "z")) == ["DUPLICATE", "FEEDBACK_NOT_SHOWN"]
        assert world.record() == []
        assert (world.disk.steps, world.events.count, world.told) == ([], 1, [1])

    def test_two_decisions_that_show_the_same_candidate_count_apart(self, world: World, made: Made) -> None:
        other = world.decide()
        assert world.record(made.feedback(sent("e1")), other.feedback(sent("e2"))) == [["ACCEPTED"], ["ACCEPTED"]]

    def test_feedback_that_is_too_long_for_one_record_becomes_several_of_one_commit(self, world: World) -> None:
        ids = [f"{'é' * 120}{number:05}" for number in range(1_000)]
        made = world.decide(ids=ids, limit=1_000, topics=range(1_000))
        events = [sent("\\" * 245 + f"{number:05}", "like", candidate) for number, candidate in enumerate(ids)]
        world.disk.steps.clear()
        assert one(world, made, *events) == ["ACCEPTED"] * 1_000
        assert world.disk.steps == ["write wal", "sync wal"]
        assert world.events.count > 1
        assert all(len(world.events.journal.record(index)) <= MAX_EVENTS_BYTES for index in range(world.events.count))
        assert [candidate for _, candidate, kind, _ in world.counted() if kind == "like"] == ids
        assert one(world, made, *events) == ["DUPLICATE"] * 1_000


class TestWhatIsRefused:
    def test_forged_and_malformed_tokens_are_refused(self, world: World, made: Made) -> None:
        flipped = made.token[:-1] + bytes([made.token[-1] ^ 1])
        hash_ = world.decisions.leaf_hash(made.index)
        own_key = feedback_token(bytes(32), "dev.test", made.index, hash_)
        ahead = feedback_token(sha256(b"tokens"), "dev.test", 2**64 - 1, hash_)
        for token, reason in (
            (flipped, "TOKEN_FOREIGN"),
            (own_key, "TOKEN_FOREIGN"),
            (ahead, "TOKEN_FOREIGN"),
            (b"", "TOKEN_MALFORMED"),
            (b"\x02" + made.token[1:], "TOKEN_MALFORMED"),
            (made.token + b"\x00", "TOKEN_MALFORMED"),
        ):
            assert world.record(Feedback("zoé", token, (sent("e1"), sent("e2", "hide")))) == [[reason, reason]]
        assert world.events.count == 0

    def test_the_token_of_another_decision_counts_for_that_one_alone(self, world: World, made: Made) -> None:
        other = world.decide(ids=("x", "y", "z"))
        assert one(world, other, sent("e1", "like", "a")) == ["FEEDBACK_NOT_SHOWN"]
        moved = other.token[:1] + made.token[1:9] + other.token[9:]
        assert world.record(Feedback("zoé", moved, (sent("e1", "like", "a"),))) == [["TOKEN_FOREIGN"]]

    def test_the_token_of_another_origin_is_foreign_even_under_the_same_secret(
        self, world: World, made: Made, tmp_path: Path
    ) -> None:
        key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        elsewhere = World(tmp_path / "elsewhere", NoteSigner("dev.elsewhere", key))
        foreign = elsewhere.decide()
        assert foreign.index == made.index
        assert one(world, foreign, sent("e1")) == ["TOKEN_FOREIGN"]
        elsewhere.close()

    def test_a_decision_that_was_made_for_somebody_else_is_refused(self, world: World, made: Made) -> None:
        for viewer in ("ana", "zoe", "ZOÉ", "zoé "):
            assert world.record(made.feedback(sent("e1"), viewer_id=viewer)) == [["FEEDBACK_VIEWER"]]
        for viewer, reason in (
            ("", "ID_EMPTY"),
            ("x\n", "ID_CONTROL"),
            ("zoe\u0301", "ID_NOT_NFC"),
            ("\ud800", "ID_CONTROL"),
        ):
            assert world.record(made.feedback(sent("e1"), viewer_id=viewer)) == [[reason]]

    def test_only_what_was_in_the_answered_slate_counts(self, world: World) -> None:
        made = world.decide(ids=("a", "b", "c", "d"), limit=2, pair=(1, 3))
        events = [sent(candidate, "like", candidate) for candidate in ("c", "b", "a", "d", "never offered")]
        assert one(world, made, *events) == ["ACCEPTED", "ACCEPTED", *["FEEDBACK_NOT_SHOWN"] * 3]
        assert {candidate for _, candidate, _, _ in world.counted()} == {"c", "b"}

    def test_a_viewer_who_is_known_again_in_another_period_is_one_feature_viewer(self, world: World) -> None:
        made = [world.decide(), world.decide(time_ms=NOW + 31 * DAY)]
        for number, decision in enumerate(made):
            one(world, decision, sent(f"e{number}"), now_ms=NOW + 31 * DAY * number)
        pseudonyms = {world.shown.shown(decision.index).viewer for decision in made}
        viewers = {record.viewer for _, record in world.events.since(0) if record}
        assert (len(pseudonyms), len(viewers)) == (2, 1)

    def test_unknown_kinds_and_ids_that_are_none_are_refused_one_by_one(self, world: World, made: Made) -> None:
        events = [sent("e1", "love"), sent("e2", "SHOWN"), sent("", "like"), sent("x" * 257), sent("e\n"), sent("e3")]
        assert one(world, made, *events) == [
            "FEEDBACK_KIND",
            "FEEDBACK_KIND",
            "ID_EMPTY",
            "ID_TOO_LONG",
            "ID_CONTROL",
            "ACCEPTED",
        ]

    def test_an_id_that_stands_for_another_event_is_refused_and_the_other_stays(self, world: World, made: Made) -> None:
        other = world.decide()
        assert one(world, made, sent("e1"), sent("e1", "hide"), sent("e1", "like", "b")) == [
            "ACCEPTED",
            "EVENT_ID_REUSED",
            "EVENT_ID_REUSED",
        ]
        assert one(world, other, sent("e1")) == ["EVENT_ID_REUSED"]
        assert one(world, made, sent("e1", "like", "a", NOW - 5)) == ["DUPLICATE"]
        assert world.counted() == [(0, "a", "shown", ""), (0, "a", "like", "e1")]

    def test_ids_belong_to_the_caller_who_gave_them(self, world: World, made: Made) -> None:
        assert one(world, made, sent("e1"), caller="feed") == ["ACCEPTED"]
        assert one(world, made, sent("e1", "hide"), caller="notifications") == ["ACCEPTED"]
        assert one(world, made, sent("e1"), caller="notifications") == ["EVENT_ID_REUSED"]
        assert one(world, made, sent("e9"), caller="notifications") == ["DUPLICATE"]

    def test_refusals_say_what_happened_and_what_to_do_in_both_languages(self, world: World, made: Made) -> None:
        late = world.decide(time_ms=NOW - 8 * DAY)
        outcomes = world.recorder.record(
            [
                made.feedback(sent("e1", "love"), sent("e2", "like", "z"), sent("e3", time_ms=NOW - DAY)),
                made.feedback(sent("e4"), viewer_id="ana"),
                late.feedback(sent("e5")),
            ],
            "backend",
            NOW,
        )
        for outcome in (outcome for of_one in outcomes for outcome in of_one):
            assert isinstance(outcome.error, RequestError)
            assert outcome.error.say("fr") != outcome.error.say("en")
            assert "{" not in outcome.error.say("fr") + outcome.error.say("en")


class TestTimes:
    def test_an_event_without_a_time_happened_when_it_was_recorded(self, world: World, made: Made) -> None:
        one(world, made, sent("e1"), now_ms=NOW + 7)
        assert [event.time_ms for event in (world.events.read(0) or pytest.fail("nothing")).events] == [NOW + 7] * 2

    @pytest.mark.parametrize(
        ("time_ms", "wanted"),
        [
            pytest.param(NOW + 40_000, NOW + 40_000, id="between decision and now"),
            pytest.param(NOW + 60_001, NOW + 60_000, id="a little in the future"),
            pytest.param(NOW + 360_000, NOW + 60_000, id="as far in the future as clocks differ"),
            pytest.param(NOW + 360_001, None, id="in the future"),
            pytest.param(NOW - 1, NOW, id="a little before the decision"),
            pytest.param(NOW - 300_000, NOW, id="as far before it as clocks differ"),
            pytest.param(NOW - 300_001, None, id="before the decision"),
            pytest.param(-(2**62), None, id="long before anything"),
            pytest.param(2**62, None, id="long after everything"),
        ],
    )
    def test_a_time_is_held_between_the_decision_and_now(
        self, world: World, made: Made, time_ms: int, wanted: int | None
    ) -> None:
        outcome = one(world, made, sent("e1", time_ms=time_ms), now_ms=NOW + 60_000)
        if wanted is None:
            assert (outcome, world.events.count) == (["FEEDBACK_TIME"], 0)
            return
        record = world.events.read(0)
        assert record is not None
        assert (outcome, [event.time_ms for event in record.events]) == (["ACCEPTED"], [wanted, wanted])

    def test_events_out_of_order_are_kept_in_the_order_of_their_coming_with_their_own_times(
        self, world: World, made: Made
    ) -> None:
        one(world, made, sent("e2", "like", "a", NOW + 200), sent("e1", "click", "a", NOW + 100), now_ms=NOW + 300)
        one(world, made, sent("e0", "shown", "b", NOW + 50), now_ms=NOW + 400)
        times = [
            [(event.kind, event.time_ms - NOW) for event in record.events]
            for _, record in world.events.since(0)
            if record
        ]
        assert times == [[("shown", 200), ("like", 200), ("click", 100)], [("shown", 50)]]

    def test_the_window_closes_for_a_decision_and_not_for_what_was_recorded_in_it(
        self, world: World, made: Made
    ) -> None:
        assert one(world, made, sent("e1"), now_ms=NOW + 7 * DAY) == ["ACCEPTED"]
        assert one(world, made, sent("e2", "hide"), sent("e1"), now_ms=NOW + 7 * DAY + 1) == ["FEEDBACK_TOO_LATE"] * 2
        assert len(world.counted()) == 2

    def test_a_clock_that_goes_back_makes_nothing_happen_before_its_decision(self, world: World, made: Made) -> None:
        assert one(world, made, sent("e1"), now_ms=NOW - DAY) == ["ACCEPTED"]
        record = world.events.read(0)
        assert record is not None
        assert (record.time_ms, [event.time_ms for event in record.events]) == (NOW, [NOW, NOW])

    def test_what_the_index_forgot_does_not_count_again_when_the_clock_goes_back(self, world: World) -> None:
        made = world.decide()
        one(world, made, sent("e1"))
        later = NOW + 9 * DAY
        newer = world.decide(time_ms=later)
        assert one(world, newer, sent("e2"), now_ms=later) == ["ACCEPTED"]
        assert one(world, made, sent("e1"), now_ms=NOW) == ["FEEDBACK_TOO_LATE"]
        assert one(world, newer, sent("e2"), now_ms=NOW) == ["DUPLICATE"]


class TestOnce:
    def test_an_answer_that_was_lost_is_asked_for_again_also_of_a_new_start(self, world: World, made: Made) -> None:
        events = [sent("e1"), sent("e2", "hide", "b"), sent("e3", "shown", "c")]
        assert one(world, made, *events) == ["ACCEPTED"] * 3
        before = world.counted()
        assert one(world, made, *events) == ["DUPLICATE"] * 3
        world.restart()
        assert one(world, made, *events) == ["DUPLICATE"] * 3
        assert world.counted() == before

    @pytest.mark.parametrize("damage", ["removed", "old", "damaged"])
    def test_an_index_that_is_gone_old_or_damaged_is_made_again_from_the_journal(
        self, world: World, made: Made, damage: str
    ) -> None:
        one(world, made, sent("e1"))
        world.close()
        old = world.index_path.read_bytes()
        world.open()
        one(world, made, sent("e2", "hide", "b"), sent("e3", "click"))
        world.close()
        if damage == "removed":
            world.index_path.unlink()
        else:
            world.index_path.write_bytes(old if damage == "old" else b"x" * 10_000)
        world.open()
        assert one(world, made, sent("e1"), sent("e2", "hide", "b"), sent("x", "click"), sent("e3")) == [
            "DUPLICATE",
            "DUPLICATE",
            "DUPLICATE",
            "EVENT_ID_REUSED",
        ]
        assert len(world.counted()) == 5

    def test_the_index_of_a_longer_or_another_history_is_not_believed(self, world: World, made: Made) -> None:
        one(world, made, sent("e1"))
        with sqlite3.connect(world.index_path) as index:
            index.execute("UPDATE meta SET value = ? WHERE name = 'last_hash'", (bytes(32),))
            index.execute("DELETE FROM event")
        index.close()
        world.restart()
        assert one(world, made, sent("e1")) == ["DUPLICATE"]
        with sqlite3.connect(world.index_path) as index:
            index.execute("UPDATE meta SET value = 99 WHERE name = 'count'")
            index.execute("DELETE FROM event")
        index.close()
        world.restart()
        assert one(world, made, sent("e1")) == ["DUPLICATE"]

    def test_an_index_that_is_damaged_while_it_is_used_is_made_anew(self, world: World, made: Made) -> None:
        events = [sent(f"e{number}", kind) for number, kind in enumerate(KINDS)]
        one(world, made, *events)
        world.index._is_damaged = True
        assert one(world, made, *events) == ["DUPLICATE"] * len(KINDS)
        assert not world.index.is_damaged

    def test_an_index_made_anew_takes_only_what_may_still_matter_and_refuses_the_rest(self, world: World) -> None:
        old = world.decide(time_ms=NOW - 20 * DAY)
        one(world, old, sent("e0"), now_ms=NOW - 20 * DAY)
        made = world.decide()
        one(world, made, sent("e1"))
        world.close()
        world.index_path.unlink()
        read: list[int] = []
        world.open()
        world.events.read, reading = lambda index: read.append(index) or reading(index), world.events.read  # type: ignore[method-assign,func-returns-value]
        assert world.index.count == 2
        assert one(world, made, sent("e1")) == ["DUPLICATE"]
        assert one(world, old, sent("e0"), now_ms=NOW - 19 * DAY) == ["FEEDBACK_TOO_LATE"]
        assert read == []

    def test_the_same_events_sent_by_many_at_once_count_once(self, world: World, made: Made) -> None:
        start, outcomes = threading.Barrier(8), []

        def call(number: int) -> None:
            start.wait()
            for at in range(5):
                events = [sent(f"{kind} {at % 3}", kind, "abc"[at % 3]) for kind in KINDS]
                outcomes.append(one(world, made, *events, caller=f"caller {number % 2}"))

        threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert len(outcomes) == 40
        flat = [outcome for of_one in outcomes for outcome in of_one]
        assert flat.count("ACCEPTED") == 3 * len(KINDS)
        assert flat.count("DUPLICATE") == len(flat) - flat.count("ACCEPTED")
        counted = [(candidate, kind) for _, candidate, kind, _ in world.counted()]
        assert len(counted) == len(set(counted)) == 3 * len(KINDS)

    def test_calls_that_wait_share_one_commit(self, world: World) -> None:
        made = [world.decide(f"v{number}") for number in range(6)]
        world.disk.gate = threading.Event()
        world.disk.steps.clear()
        outcomes: dict[int, list[str]] = {}

        def call(number: int) -> None:
            outcomes[number] = one(world, made[number], sent(f"e{number}"))

        threads = [threading.Thread(target=call, args=(number,)) for number in range(6)]
        until = monotonic() + 10
        threads[0].start()
        while "wait" not in world.disk.steps and monotonic() < until:
            sleep(0.001)
        for thread in threads[1:]:
            thread.start()
        while len(world.recorder._waiting) < 5 and monotonic() < until:
            sleep(0.001)
        world.disk.gate.set()
        for thread in threads:
            thread.join(timeout=10)
        assert outcomes == {number: ["ACCEPTED"] for number in range(6)}
        assert [step for step in world.disk.steps if step != "wait"] == ["write wal", "sync wal"] * 2
        assert world.told == [1, 6]


class TestDisk:
    @pytest.mark.parametrize(
        ("step", "fault"),
        [
            pytest.param("write wal", Fault(errno.ENOSPC), id="full"),
            pytest.param("write wal", Fault(errno.ENOSPC, 0.6), id="full half way"),
            pytest.param("write wal", Fault(errno.EIO, 1.0), id="write fails but persisted"),
            pytest.param("sync wal", Fault(errno.EIO), id="sync fails"),
        ],
    )
    def test_a_disk_that_refuses_acknowledges_nothing_and_the_same_call_counts_later(
        self, world: World, step: str, fault: Fault
    ) -> None:
        made = [world.decide(f"v{number}") for number in range(2)]
        feedback = [decision.feedback(sent(f"e{decision.index}"), sent("bad", "love")) for decision in made]
        world.disk.faults = {step: fault}
        for _ in range(2):
            with pytest.raises(ServiceError) as caught:
                world.record(*feedback)
            assert caught.value.reason == "RECORDS_UNAVAILABLE"
        assert (world.events.count, world.told) == (0, [])
        world.disk.faults = {}
        assert world.record(*feedback) == [["ACCEPTED", "FEEDBACK_KIND"]] * 2
        assert world.record(*feedback) == [["DUPLICATE", "FEEDBACK_KIND"]] * 2
        assert (world.events.count, len(world.counted())) == (2, 4)

    def test_a_crash_after_a_commit_that_nobody_was_told_of_leaves_duplicates(self, world: World, made: Made) -> None:
        other = world.decide()
        world.disk.faults = {"sync wal": Fault(errno.EIO), "cut wal": Fault(errno.EIO)}
        with pytest.raises(ServiceError):
            world.record(made.feedback(sent("e1")), other.feedback(sent("e2")))
        world.disk.faults = {}
        # Nobody closes what a crash ends; both entries were written whole.
        crashed = world.events.journal
        crashed._wal.close()
        crashed._bodies.close()
        os.close(crashed._lock_descriptor)
        world.index.close()
        world.decisions.journal.close()
        world.open()
        assert world.events.count == 2
        assert world.record(made.feedback(sent("e1")), other.feedback(sent("e2"))) == [["DUPLICATE"], ["DUPLICATE"]]

    @pytest.mark.parametrize("share", [0.0, 1.0], ids=["fails and not persisted", "fails but persisted"])
    def test_an_index_that_cannot_be_written_after_the_commit_costs_nothing_but_a_second_look(
        self, world: World, made: Made, share: float
    ) -> None:
        world.index_disk.faults = {"commit keys": Fault(errno.ENOSPC, share)}
        assert one(world, made, sent("e1")) == ["ACCEPTED"]
        with pytest.raises(ServiceError) as caught:
            one(world, made, sent("e1"), sent("e2", "hide"))
        assert caught.value.reason == "RECORDS_UNAVAILABLE"
        assert (world.events.count, world.told) == (1, [1])
        world.index_disk.faults = {}
        assert one(world, made, sent("e1"), sent("e2", "hide")) == ["DUPLICATE", "ACCEPTED"]
        world.restart()
        assert one(world, made, sent("e1"), sent("e2", "hide")) == ["DUPLICATE", "DUPLICATE"]

    def test_everybody_who_waits_on_a_commit_that_fails_is_told(self, world: World) -> None:
        made = [world.decide(f"v{number}") for number in range(4)]
        world.disk.gate = threading.Event()
        reasons: list[str] = []

        def call(number: int) -> None:
            try:
                one(world, made[number], sent(f"e{number}"))
            except ServiceError as error:
                reasons.append(error.reason)

        threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        until = monotonic() + 10
        while ("wait" not in world.disk.steps or len(world.recorder._waiting) < 3) and monotonic() < until:
            sleep(0.001)
        world.disk.faults = {"sync wal": Fault(errno.EIO), "write wal": Fault(errno.ENOSPC)}
        world.disk.gate.set()
        for thread in threads:
            thread.join(timeout=10)
        assert reasons == ["RECORDS_UNAVAILABLE"] * 4
        world.disk.faults = {}
        assert [one(world, made[number], sent(f"e{number}")) for number in range(4)] == [["ACCEPTED"]] * 4

    def test_a_recorder_whose_log_is_closed_refuses(self, world: World, made: Made) -> None:
        world.events.close()
        with pytest.raises(ServiceError) as caught:
            one(world, made, sent("e1"))
        assert caught.value.reason == "RECORDS_UNAVAILABLE"


class TestErasure:
    def test_feedback_about_an_erased_decision_is_refused_also_where_it_is_remembered(
        self, world: World, made: Made
    ) -> None:
        forgotten = world.decide(remember=False)
        world.erase(world.decisions.journal, (made.index, made.index), (forgotten.index, forgotten.index))
        for _ in range(2):
            assert world.record(made.feedback(sent("e1")), forgotten.feedback(sent("e2"))) == [
                ["FEEDBACK_DECISION_ERASED"],
                ["FEEDBACK_DECISION_ERASED"],
            ]
            world.decisions.journal.publish()

    def test_what_an_erased_decision_showed_is_not_kept_once_somebody_asked(self, world: World, made: Made) -> None:
        assert made.index in world.shown._kept
        world.erase(world.decisions.journal, (made.index, made.index))
        assert one(world, made, sent("e1")) == ["FEEDBACK_DECISION_ERASED"]
        assert made.index not in world.shown._kept

    def test_feedback_under_a_pseudonym_whose_key_is_destroyed_is_refused(self, world: World, made: Made) -> None:
        world.erase(world.decisions.journal, periods=(1,))
        assert one(world, made, sent("e1")) == ["FEEDBACK_DECISION_ERASED"]

    def test_erased_events_leave_the_index_too_and_a_rebuilt_one_says_the_same(self, world: World, made: Made) -> None:
        other = world.decide("ana")
        one(world, made, sent("e1"))
        one(world, other, sent("e2"))
        world.erase(world.events.journal, (0, 0))
        assert one(world, other, sent("e2")) == ["DUPLICATE"]
        with sqlite3.connect(world.index_path) as index:
            assert index.execute("SELECT COUNT(*) FROM event").fetchone() == (2,)
        index.close()
        world.close()
        world.index_path.unlink()
        world.open()
        with sqlite3.connect(world.index_path) as index:
            assert index.execute("SELECT COUNT(*) FROM event").fetchone() == (2,)
        index.close()
        assert one(world, other, sent("e3", "hide")) == ["ACCEPTED"]

    def test_an_erasure_between_two_calls_of_one_recorder_is_taken_in_its_turn(self, world: World, made: Made) -> None:
        one(world, made, sent("e1"))
        world.erase(world.events.journal, (0, 0))
        assert one(world, made, sent("e2", "hide")) == ["ACCEPTED"]
        assert (world.index.count, world.events.count, world.told) == (3, 3, [1, 3])

    def test_nothing_is_recorded_while_it_is_held_and_what_waited_is_judged_afterwards(
        self, world: World, made: Made
    ) -> None:
        outcomes: list[list[str]] = []
        with world.recorder.hold():
            thread = threading.Thread(target=lambda: outcomes.append(one(world, made, sent("e1"))))
            thread.start()
            until = monotonic() + 10
            while not world.recorder._waiting and monotonic() < until:
                sleep(0.001)
            world.erase(world.decisions.journal, (made.index, made.index))
            assert (outcomes, world.events.count) == ([], 0)
        thread.join(timeout=10)
        assert outcomes == [["FEEDBACK_DECISION_ERASED"]]


def test_what_the_server_is_at_fault_for_and_nobody_can_mend_is_refused_alone(world: World, made: Made) -> None:
    bad = world.decide(remember=False)
    world.decisions.journal.publish()
    pack = next((world.data / "decisions" / "private" / "bodies").iterdir())
    data = bytearray(pack.read_bytes())
    data[-5] ^= 1
    pack.write_bytes(data)
    assert world.record(bad.feedback(sent("e1")), made.feedback(sent("e2"))) == [["JOURNAL_BODY_DAMAGED"], ["ACCEPTED"]]


def test_a_key_that_cannot_be_read_now_refuses_the_whole_call(world: World, made: Made) -> None:
    path = next((world.data / "pseudonyms").glob("*.key"))
    path.chmod(0o644)
    with pytest.raises(ServiceError) as caught:
        one(world, made, sent("e1"))
    assert caught.value.reason == "PSEUDONYM_KEYS_UNUSABLE"
    path.chmod(0o600)
    assert one(world, made, sent("e1")) == ["ACCEPTED"]


def test_a_caller_who_hung_up_costs_no_more_than_what_was_begun_and_repeats_go_on_from_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [world.decide(f"v{number}", remember=False) for number in range(6)]
    batch, read = [one.feedback(sent(f"e{one.index}")) for one in made], []
    recorded = world.decisions.recorded

    def counted(index: int) -> Decision:
        read.append(index)
        return recorded(index)

    monkeypatch.setattr(world.decisions, "recorded", counted)
    with pytest.raises(ServiceError) as caught:
        world.recorder.record(batch, "backend", NOW, lambda: 3.0 - len(read))
    assert (caught.value.reason, read, world.events.count) == ("DEADLINE_EXCEEDED", [0, 1, 2], 0)
    assert world.record(*batch) == [["ACCEPTED"]] * 6
    assert read == list(range(6))


def test_five_hundred_feedbacks_about_one_decision_look_at_it_once(
    world: World, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, shown = [], world.shown.shown

    def counted(index: int) -> Shown:
        looks.append(index)
        return shown(index)

    monkeypatch.setattr(world.shown, "shown", counted)
    outcomes = world.record(*(made.feedback(sent(f"e{number}")) for number in range(500)))
    assert outcomes == [["ACCEPTED"]] + [["DUPLICATE"]] * 499
    assert looks == [made.index]
