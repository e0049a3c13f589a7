"""The gate under attack: whatever lies in the record's place, only what was decided is served, and only forwards."""

import logging
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rankd.core.assembly.entries import Recall
from rankd.core.errors import RankdError, RequestError, ServiceError
from rankd.core.exact.canonical import Written
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import Decision
from rankd.core.records.leaf import DecisionLeaf
from rankd.store.assembly_mark import MARK_FILE, read_mark, write_mark
from rankd.usecases.serve import gate as gate_module
from rankd.usecases.serve.deciding import Incoming
from rankd.usecases.serve.decisions import Proof
from rankd.usecases.serve.gate import SETTLE_MS, Gate
from rankd.usecases.serve.model_finder import ModelFinder
from rankd.usecases.serve.record_reader import Trust
from tests.assemblies import FOUNDERS
from tests.conftest import House
from tests.evidence import replayed
from tests.gates import MEMBERS_ORIGIN, CoOp
from tests.minutes import Kept

FOUNDED = {"policy": 1, "activation": 2, "ratification": "RATIFIED"}
ADOPTED = {"policy": 2, "activation": 3, "ratification": "RATIFIED"}


@pytest.fixture
def co(tmp_path: Path, house: House) -> CoOp:
    """Return a co-op that is not for development."""
    return CoOp(tmp_path / "members", house, origin=MEMBERS_ORIGIN)


@pytest.fixture
def dev(tmp_path: Path, house: House) -> CoOp:
    """Return a development co-op."""
    return CoOp(tmp_path / "dev", house)


def reason(refusal: RankdError | None) -> str | None:
    if refusal is None:
        return None
    assert refusal.say("fr") != refusal.say("en")
    return refusal.reason


def refused(gate: Gate) -> str | None:
    assert gate.refusal("video") == gate.status().refusal or gate.status().refusal is None
    return reason(gate.status().refusal)


def test_what_the_founders_adopted_is_served_with_everything_that_stands_behind_it(co: CoOp) -> None:
    gate = co.gate()
    snapshot, standing = gate.snapshot("video"), co.minutes.now().standing("video")
    assert gate.surfaces() == ("video",)
    assert (snapshot.standing, snapshot.minutes_size) == (standing, 1)
    assert snapshot.policy_file == co.text.encode()
    assert snapshot.model_digest == co.model
    assert snapshot.limits == standing.constitution.limits
    assert snapshot.limits.canon_digest == standing.constitution.canon_digest
    assert co.served(gate) == FOUNDED
    assert gate.refusals() == {}
    archive = co.house.archive
    assert archive.policy_file(snapshot.policy_digest) == co.text.encode()
    assert archive.constitution(snapshot.limits.canon_digest) == standing.constitution
    assert archive.model(co.model).manifest.digest == co.model


def test_an_unknown_surface_is_refused(co: CoOp) -> None:
    with pytest.raises(RequestError, match="video"):
        co.gate().snapshot("images")


def test_a_vote_comes_into_force_at_its_time_without_a_restart_and_not_before(co: CoOp) -> None:
    gate = co.gate()
    index = co.queue()
    due_ms = co.minutes.now().proposals[index].queue_ms
    for now_ms, wanted in ((due_ms - 1, FOUNDED), (due_ms + SETTLE_MS - 1, FOUNDED), (due_ms + SETTLE_MS, ADOPTED)):
        co.minutes.now_ms = now_ms
        gate.poll()
        assert co.served(gate) == wanted
    assert gate.refusals() == {}
    assert gate.status().activation == 3
    standing = gate.snapshot("video").standing
    assert standing is not None
    assert standing.policy.adopted_by == index


def test_a_cancelled_change_that_was_on_its_way_to_the_server_is_never_served(co: CoOp) -> None:
    gate = co.gate()
    index = co.queue()
    co.minutes.now_ms = co.minutes.now().proposals[index].queue_ms - 1
    recall(co, index)
    co.minutes.now_ms += SETTLE_MS // 2
    gate.poll()
    co.minutes.keeper.publish()
    co.minutes.now_ms += SETTLE_MS
    gate.poll()
    assert (co.served(gate), gate.refusals()) == (FOUNDED, {})


def recall(co: CoOp, index: int) -> None:
    for name in FOUNDERS:
        if co.minutes.now().proposals[index].state == "queued":
            co.minutes.accept(Recall(co.minutes.co(), index), name)
    assert co.minutes.now().proposals[index].state == "recalled"


def test_a_dev_record_is_not_taken_by_a_server_for_members(dev: CoOp) -> None:
    gate = dev.gate(Trust(MEMBERS_ORIGIN, dev.minutes.genesis))
    assert refused(gate) == "GATE_DEV_RECORD"
    assert gate.snapshot("video").policy is None
    assert gate.snapshot("video").standing is None
    assert read_mark(dev.house.data) is None


def test_another_co_ops_record_is_not_taken(co: CoOp) -> None:
    assert refused(co.gate(replace(co.trust, origin="minutes.other.example"))) == "GATE_ORIGIN_DIFFERS"
    assert refused(co.gate(replace(co.trust, genesis=bytes(32)))) == "MINUTES_GENESIS"


def test_a_data_directory_that_served_one_co_op_does_not_serve_another(co: CoOp) -> None:
    co.gate()
    gate = co.gate(replace(co.trust, genesis=bytes(32)))
    assert refused(gate) == "GATE_GENESIS_DIFFERS"
    assert gate.snapshot("video").policy is None


def test_an_old_policy_is_not_served_again_by_an_old_copy_of_the_record(co: CoOp) -> None:
    gate, old = co.gate(), co.mirror()
    co.adopt()
    gate.poll()
    assert co.served(gate) == ADOPTED
    served = gate.snapshot("video")
    co.show(old)
    gate = co.gate()
    assert refused(gate) == "MINUTES_ROLLED_BACK"
    assert gate.status().is_restored
    assert co.served(gate) == ADOPTED
    restored = gate.snapshot("video")
    assert (restored.policy, restored.standing) == (served.policy, served.standing)
    assert restored.engine is not None


def test_minutes_that_are_cut_off_under_a_running_gate_change_nothing(co: CoOp) -> None:
    old = co.mirror()
    co.adopt()
    co.show(co.mirror("new"))
    gate = co.gate()
    co.show(old)
    for _ in range(3):
        gate.poll()
    assert (refused(gate), co.served(gate), gate.refused_count) == ("MINUTES_ROLLED_BACK", ADOPTED, 1)
    assert not gate.status().is_restored
    co.show(co.root / "new")
    gate.poll()
    assert (refused(gate), co.served(gate)) == (None, ADOPTED)


def test_forked_minutes_are_refused_by_a_running_gate_and_at_a_start(co: CoOp) -> None:
    minutes = co.minutes
    minutes.keeper.close()
    shutil.copytree(minutes.root, co.root / "fork")
    fork = Kept(minutes.genesis, minutes.assembly, now_ms=minutes.now_ms, origin=minutes.origin, root=co.root / "fork")
    fork.nonces = 1_000
    minutes.open()
    gate = co.gate()
    co.adopt(600)
    gate.poll()
    fork.open()
    honest, co.minutes = co.minutes, fork
    co.adopt(700)
    for _ in range(9):
        fork.admit(f"somebody {fork.nonces}")
    fork.keeper.publish()
    co.record = fork.record
    fork.now_ms = max(fork.now_ms, honest.now_ms)
    for again in (co.gate(), co.gate()):
        assert refused(again) == "MINUTES_FORKED"
        assert co.served(again) == ADOPTED
        assert b"click: 600" in again.snapshot("video").policy_file


def test_minutes_that_lead_to_another_activation_than_was_served_are_refused(co: CoOp) -> None:
    index = co.queue()
    # A server that starts with its clock far ahead.
    co.now_ms = co.minutes.now().proposals[index].queue_ms + SETTLE_MS
    assert co.served(co.gate()) == ADOPTED
    co.now_ms = None
    recall(co, index)
    co.minutes.wait(30)
    co.minutes.keeper.publish()
    gate = co.gate()
    assert refused(gate) == "GATE_REPLAYED"
    assert co.served(gate) == ADOPTED


def test_a_clock_that_is_set_forward_activates_nothing(co: CoOp) -> None:
    gate = co.gate()
    index = co.queue()
    gate.poll()
    co.steady_s = co.steady()
    co.now_ms = co.minutes.now().proposals[index].queue_ms + SETTLE_MS
    gate.poll()
    assert (refused(gate), co.served(gate)) == ("GATE_CLOCK_LEAPT", FOUNDED)
    co.now_ms = None
    gate.poll()
    assert (refused(gate), co.served(gate)) == (None, FOUNDED)


def test_a_clock_that_is_set_back_takes_nothing_back(co: CoOp) -> None:
    gate = co.gate()
    index = co.queue()
    co.minutes.now_ms = co.minutes.now().proposals[index].queue_ms + SETTLE_MS
    gate.poll()
    assert co.served(gate) == ADOPTED
    # Not so far that the minutes' last entry would seem to come out of the future.
    co.now_ms = co.minutes.assembly.time_ms
    gate.poll()
    assert co.served(gate) == ADOPTED
    assert co.served(co.gate()) == ADOPTED
    co.now_ms = co.clock_ms() - 86_400_000
    gate.poll()
    assert co.served(gate) == ADOPTED


def test_minutes_out_of_the_future_are_refused_but_for_development(co: CoOp) -> None:
    co.now_ms = co.minutes.now_ms
    co.minutes.wait(1)
    co.minutes.admit("Jade")
    co.minutes.keeper.publish()
    assert refused(co.gate()) == "MINUTES_TIME_AHEAD"


def test_a_development_co_op_is_as_late_as_its_last_entry(dev: CoOp) -> None:
    dev.now_ms = dev.minutes.now_ms
    gate = dev.gate()
    dev.adopt()
    gate.poll()
    assert dev.served(gate)["policy"] == 1
    dev.minutes.admit("Jade")
    dev.minutes.keeper.publish()
    gate.poll()
    assert dev.served(gate) == {"policy": 2, "activation": 3, "ratification": "DEV"}


def test_a_ratified_policy_is_not_served_with_an_unratified_model(co: CoOp) -> None:
    ratified = co.model
    folder = co.house.models / "whatever it is called"
    folder.rename(co.root / "ratified")
    co.house.write_model(leaf=2 * MARGIN_ONE)
    gate = co.gate()
    assert reason(gate.refusal("video")) == "GATE_MODEL_MISSING"
    snapshot = gate.snapshot("video")
    assert (snapshot.policy_digest, snapshot.model_digest, snapshot.activation) == (BASELINE_DIGEST, None, 2)
    with co.house.desk(gate) as desk:
        decided = desk.ranker.rank(co.house.incoming(0, mode=Mode.RANKED)).decided.decision
        assert [entry.reason for entry in decided.degraded] == ["NO_POLICY_IN_FORCE"]
    for _ in range(3):
        gate.poll()
    assert gate.refused_count == 1
    (co.root / "ratified").rename(folder)
    gate.poll()
    assert (gate.refusal("video"), gate.snapshot("video").model_digest) == (None, ratified)
    # From now on the archive holds it, whatever lies in the folders.
    shutil.rmtree(folder)
    again = co.gate()
    assert (again.refusal("video"), again.snapshot("video").model_digest) == (None, ratified)


def test_a_model_that_is_voted_is_waited_for_and_the_last_good_pair_stays_meanwhile(co: CoOp) -> None:
    gate = co.gate()
    before = co.model
    elsewhere = House.write_model(co.house, surface="video", leaf=3 * MARGIN_ONE).rename(co.root / "elsewhere")
    following = ModelFinder(co.root, co.house.archive).lying()["elsewhere"]
    co.adopt_model(following)
    gate.poll()
    assert reason(gate.refusal("video")) == "GATE_MODEL_MISSING"
    assert (gate.snapshot("video").model_digest, gate.snapshot("video").activation) == (before, 2)
    assert gate.status().activation == 3
    assert co.served(co.gate()) == FOUNDED
    elsewhere.rename(co.house.models / "new")
    gate.poll()
    assert (gate.snapshot("video").model_digest, gate.snapshot("video").activation) == (following, 3)


def test_a_model_with_other_heads_than_the_ratified_ones_is_not_served(tmp_path: Path, house: House) -> None:
    co = CoOp(tmp_path / "members", house, origin=MEMBERS_ORIGIN, heads=("click", "reply", "follow", "hide"))
    gate = co.gate()
    assert reason(gate.refusal("video")) == "GATE_HEADS_DIFFER"
    assert gate.snapshot("video").policy is None


def lose(co: CoOp) -> None:
    shutil.rmtree(co.record)


def forge(co: CoOp) -> None:
    path = co.record / "minutes" / "checkpoint"
    note = path.read_bytes()
    # One signature in sixteen ends so already.
    path.write_bytes(note[:-3] + (b"E=\n" if note.endswith(b"A=\n") else b"A=\n"))


def garble(co: CoOp) -> None:
    for path in sorted((co.record / "minutes" / "tile").rglob("*")):
        if path.is_file():
            path.write_bytes(bytes(path.stat().st_size))
    # As every change of a record, it changes this file.
    told = co.record / "record.json"
    told.write_bytes(told.read_bytes() + b"\n")


@pytest.mark.parametrize("spoil", [lose, garble, forge])
def test_a_spoilt_record_leaves_the_last_good_in_force_and_is_said_once(
    co: CoOp, caplog: pytest.LogCaptureFixture, spoil: Callable[[CoOp], None]
) -> None:
    co.adopt()
    good = co.mirror()
    co.show(good)
    gate = co.gate()
    before = gate.snapshot("video")
    spoil(co)
    caplog.clear()
    for _ in range(4):
        gate.poll()
    assert gate.snapshot("video") is before
    assert refused(gate) is not None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    again = co.gate()
    assert (refused(again), co.served(again)) == (refused(gate), ADOPTED)
    assert again.snapshot("video").standing == before.standing
    co.show(good)
    for healed in (gate, again):
        healed.poll()
        assert (healed.refusals(), co.served(healed), healed.status().is_restored) == ({}, ADOPTED, False)


def test_without_a_record_and_a_mark_the_baseline_answers_and_says_so(co: CoOp) -> None:
    mirror = co.mirror()
    co.record = co.root / "shown"
    gate = co.gate()
    snapshot = gate.snapshot("video")
    assert (snapshot.policy, snapshot.standing, gate.surfaces()) == (None, None, ("video",))
    assert (refused(gate), gate.status().is_restored, gate.status().activation) == ("MINUTES_MISSING", True, 0)
    with co.house.desk(gate) as desk:
        decided = desk.ranker.rank(co.house.incoming(0, mode=Mode.RANKED)).decided.decision
        assert [entry.reason for entry in decided.degraded] == ["NO_POLICY_IN_FORCE"]
    assert replayed(co.house.data).good
    co.show(mirror)
    gate.poll()
    assert co.served(gate) == FOUNDED


def test_ballots_that_are_withheld_after_the_close_stop_the_gate(co: CoOp) -> None:
    gate = co.gate()
    index = co.minutes.to_vote(co.minutes.proposal(co.policy(600), model=co.model))
    co.minutes.cast(index, dict.fromkeys(FOUNDERS, "yes"))
    co.minutes.keeper.publish()
    co.show(co.mirror())
    gate = co.gate()
    vote = co.minutes.now().proposals[index].vote
    assert vote is not None
    co.minutes.now_ms = vote.close_ms + 60_000 + SETTLE_MS
    gate.poll()
    assert (refused(gate), co.served(gate)) == (None, FOUNDED)
    co.minutes.now_ms += 1_000
    gate.poll()
    assert (refused(gate), co.served(gate)) == ("MINUTES_BALLOTS_WITHHELD", FOUNDED)
    co.minutes.wait(5)
    gate.poll()
    assert co.served(gate) == FOUNDED
    co.minutes.keeper.publish()
    co.show(co.mirror("with the ballots"))
    gate.poll()
    assert (refused(gate), co.served(gate)) == (None, ADOPTED)


def test_a_crash_before_the_mark_serves_the_old_and_a_crash_behind_it_the_new(
    co: CoOp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash_before(*_: object) -> None:
        raise KeyboardInterrupt

    def crash_behind(*given: object) -> None:
        write_mark(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    gate = co.gate()
    co.adopt()
    for crash, served in ((crash_before, FOUNDED), (crash_behind, ADOPTED)):
        with monkeypatch.context() as patched:
            patched.setattr(gate_module, "write_mark", crash)
            with pytest.raises(KeyboardInterrupt):
                gate.poll()
        # Nothing newer than the mark was served before it was on disk.
        assert co.served(gate) == FOUNDED
        there, co.record = co.record, co.root / "nowhere"
        assert co.served(co.gate()) == served
        co.record = there
    assert co.served(co.gate()) == ADOPTED


def test_a_mark_that_cannot_be_written_lets_nothing_newer_through_until_it_can(
    co: CoOp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ServiceError("GATE_MARK_UNWRITABLE", path="assembly.mark", detail="No space left on device")

    gate = co.gate()
    co.adopt()
    with monkeypatch.context() as patched:
        patched.setattr(gate_module, "write_mark", full)
        gate.poll()
        assert (refused(gate), co.served(gate)) == ("GATE_MARK_UNWRITABLE", FOUNDED)
    co.minutes.now_ms += 60_000
    gate.poll()
    assert (refused(gate), co.served(gate)) == (None, ADOPTED)


def test_a_damaged_mark_stops_the_start(co: CoOp) -> None:
    co.gate()
    path = co.house.data / MARK_FILE
    path.write_bytes(path.read_bytes().replace(b'"time_ms":18', b'"time_ms":17', 1))
    with pytest.raises(ServiceError) as caught:
        co.gate()
    assert caught.value.reason == "GATE_MARK_DAMAGED"


def test_a_lost_archive_is_no_reason_to_serve_what_was_not_verified(co: CoOp) -> None:
    co.gate()
    shutil.rmtree(co.house.data / "archive")
    co.record = co.root / "nowhere"
    gate = co.gate()
    assert gate.snapshot("video").policy is None


def test_a_record_without_newer_evidence_is_stale_and_served_on(co: CoOp) -> None:
    gate = co.gate(stale_after_s=86_400)
    assert (gate.status().is_stale, gate.status().age_s) == (False, 0)
    co.minutes.wait(1)
    assert not gate.status().is_stale
    co.minutes.now_ms += 1_000
    gate.poll()
    assert (gate.status().is_stale, gate.status().age_s, co.served(gate)) == (True, 86_401, FOUNDED)
    co.minutes.admit("Jade")
    co.minutes.keeper.publish()
    gate.poll()
    assert (gate.status().is_stale, gate.status().age_s) == (False, 0)
    assert gate.snapshot("video").minutes_size == 2


def test_guardians_go_back_to_an_earlier_policy_or_the_baseline(co: CoOp) -> None:
    gate = co.gate()
    co.adopt()
    co.roll_back(1)
    gate.poll()
    assert co.served(gate) == {"policy": 1, "activation": 4, "ratification": "ROLLED_BACK"}
    assert gate.snapshot("video").policy_file == co.text.encode()
    # It lapses without a vote that confirms it: the policy before comes back.
    co.minutes.wait(6)
    gate.poll()
    assert co.served(gate) == ADOPTED | {"activation": 5}
    # What the members kept stays; guardians can go back from what is adopted after it.
    co.adopt(700)
    co.roll_back(0)
    gate.poll()
    assert co.served(gate) == {"policy": 0, "activation": 7, "ratification": "BASELINE"}
    assert gate.snapshot("video").model is None


def test_decisions_carry_the_activation_and_what_stood_then_is_told_for_ever(co: CoOp) -> None:
    gate, house = co.gate(), co.house
    with house.desk(gate, clock_ms=lambda: co.minutes.now_ms) as desk:
        first = desk.ranker.rank(clocked(house, co, 0))
        chosen = desk.ranker.rank(clocked(house, co, 4, mode=Mode.NEWEST_FIRST))
        began_ms = co.minutes.now_ms
        co.adopt()
        gate.poll()
        second = desk.ranker.rank(clocked(house, co, 5))
        leaves = [leaf for _, leaf in desk.decisions.newest()]
        assert [leaf.activation for leaf in reversed(leaves)] == [2, 2, 3]
        assert all(isinstance(leaf, DecisionLeaf) for leaf in leaves)
        for answer, number, activation in ((first, 1, 2), (chosen, 1, 2), (second, 2, 3)):
            assert answer.proof is not None
            explained = desk.explainer.explain(answer.decision_id, None, ()).decided.snapshot
            assert explained.standing is not None
            assert (explained.standing.policy.number, explained.activation) == (number, activation)
            assert explained.standing == answer.decided.snapshot.standing
        assert chosen.decided.snapshot.policy is None
        assert co.minutes.now_ms > began_ms
    with house.desk(co.gate(), clock_ms=lambda: co.minutes.now_ms) as desk:
        explained = desk.explainer.explain(first.decision_id, None, ()).decided.snapshot
        assert explained.standing == first.decided.snapshot.standing


def clocked(house: House, co: CoOp, seed: int, mode: Mode = Mode.RANKED) -> Incoming:
    incoming = house.incoming(seed, mode=mode)
    return replace(incoming, request=replace(incoming.request, request_time_ms=co.minutes.now_ms), clock_given=False)


def test_no_decision_under_an_activation_follows_one_under_a_later_activation(
    dev: CoOp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, house = dev.gate(), dev.house
    over = threading.Event()
    failures: list[Exception] = []
    with house.desk(gate) as desk:
        commit = desk.decisions.commit

        def slowly(decision: Decision, candidates: Written, activation: int) -> tuple[int, Proof]:
            if activation % 2 == 0:
                # Those of one activation are slower than those of the next.
                over.wait(0.05)
            return commit(decision, candidates, activation)

        monkeypatch.setattr(desk.decisions, "commit", slowly)

        def work(first: int) -> None:
            seed = first
            while not over.is_set():
                try:
                    desk.ranker.rank(house.incoming(seed))
                except Exception as error:  # noqa: BLE001
                    failures.append(error)
                seed += 4

        def await_decisions(activation: int) -> None:
            for _ in range(2_000):
                leaves = [leaf for _, leaf in desk.decisions.newest()]
                if sum(leaf.activation == activation for leaf in leaves) >= 8:
                    return
                over.wait(0.01)
            pytest.fail(f"nothing is decided under activation {activation}: {failures}")

        threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
        for thread in threads:
            thread.start()
        for activation, click in enumerate((600, 550, 650), start=3):
            await_decisions(activation - 1)
            dev.adopt(click)
            dev.minutes.admit(f"somebody {click}")
            dev.minutes.keeper.publish()
            gate.poll()
        await_decisions(5)
        over.set()
        for thread in threads:
            thread.join(timeout=20)
        activations = [leaf.activation for _, leaf in desk.decisions.newest()][::-1]
    assert failures == []
    assert set(activations) == {2, 3, 4, 5}
    assert activations == sorted(activations, key=lambda number: number or 0)
    assert replayed(house.data).good


def test_a_decision_waits_with_its_record_for_those_that_began_before_the_change(
    dev: CoOp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, house = dev.gate(), dev.house
    held, go_on = threading.Event(), threading.Event()
    with house.desk(gate) as desk, ThreadPoolExecutor(2) as pool:
        commit = desk.decisions.commit

        def hold(decision: Decision, candidates: Written, activation: int) -> tuple[int, Proof]:
            if activation == 2:
                held.set()
                assert go_on.wait(20)
            return commit(decision, candidates, activation)

        monkeypatch.setattr(desk.decisions, "commit", hold)
        before = pool.submit(desk.ranker.rank, house.incoming(0))
        assert held.wait(20)
        dev.adopt()
        dev.minutes.admit("Jade")
        dev.minutes.keeper.publish()
        gate.poll()
        left = iter((1.0, 0.05, 0.0))
        with pytest.raises(ServiceError) as caught:
            desk.ranker.rank(house.incoming(1), time_left_s=lambda: next(left, 0.0))
        assert caught.value.reason == "DEADLINE_EXCEEDED"
        behind = pool.submit(desk.ranker.rank, house.incoming(2))
        with pytest.raises(TimeoutError):
            behind.result(0.2)
        assert desk.decisions.count == 0
        go_on.set()
        assert (before.result(20).decision_id, behind.result(20).decision_id) == ("dev.test/1", "dev.test/2")
        assert [leaf.activation for _, leaf in desk.decisions.newest()] == [3, 2]
    assert replayed(house.data).good


def test_the_watch_takes_changes_up_by_itself(dev: CoOp) -> None:
    gate = dev.gate()
    gate.watch(0.005)
    try:
        dev.adopt()
        dev.minutes.admit("Jade")
        dev.minutes.keeper.publish()
        waited = threading.Event()
        for _ in range(1_000):
            if dev.served(gate)["policy"] == 2:
                break
            waited.wait(0.01)
        assert dev.served(gate)["policy"] == 2
    finally:
        gate.stop()


def test_a_model_that_takes_the_ratified_ones_folder_while_it_is_looked_for_is_not_served(
    co: CoOp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratified = co.model
    folder = co.house.models / "whatever it is called"
    look = ModelFinder.lying

    def swap(finder: ModelFinder) -> dict[str, bytes]:
        found = look(finder)
        if folder.is_dir() and "whatever it is called" in found:
            shutil.rmtree(folder)
            co.house.write_model(leaf=2 * MARGIN_ONE).rename(folder)
            return found | {folder.name: ratified}
        return found

    monkeypatch.setattr(ModelFinder, "lying", swap)
    gate = co.gate()
    assert reason(gate.refusal("video")) == "GATE_MODEL_MISSING"
    assert gate.snapshot("video").model_digest is None
