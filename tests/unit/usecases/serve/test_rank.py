"""Ranking as a use case: recorded before answered, repeated requests, voids, the baseline, explanations."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rankd.core.errors import RankdError, RequestError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.core.features.feature import Feature
from rankd.core.ranking.admission import Bounds
from rankd.core.ranking.calibration import MARGIN_ONE, Calibration
from rankd.core.ranking.request import Candidates, Column, Mode, RankingRequest
from rankd.core.ranking.signal import HeadSignal
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import differences, rerank
from rankd.core.words.language import Phrase
from rankd.forest.manifest import Head, manifest_json
from rankd.forest.trees import Forest, Tree, write_forest
from rankd.store.archive import Archive
from rankd.store.disk import Disk
from rankd.store.model_folder import write_model_folder
from rankd.usecases.serve.deciding import Incoming
from rankd.usecases.serve.desk import Desk
from rankd.usecases.serve.rank import Answer
from rankd.usecases.serve.surfaces import SurfaceBook
from tests.conftest import HOUSE_TERMS, LOG_SIGNER

NOW = 1_800_000_000_000
POLICY = """\
schema: rankd.policy/1
surface: video
base: none
title: {fr: "Essai", en: "Test"}
reasons: {fr: "Pour l’essai.", en: "For the test."}
points: {click: 1000, long_view: 0, like: 0, reply: 0, repost: 0, follow: 0, profile_visit: 0, hide: 0, report: 0}
rules:
  drop_muted/1: apply
  quota/1: [{group: local, at_least: 2, in_first: 2}]
exploration: {share: 0%}
sliders: {click: {min: 50%, max: 150%}}
"""
TERMS = replace(HOUSE_TERMS, bounds=Bounds(max_candidate_count=50, max_limit=10), window_count=100)
LIMITS = Path(__file__).parents[4] / "policies" / "limits.yaml"


class FaultyDisk(Disk):
    """A disk that can be told to fail, or to wait, before it writes."""

    def __init__(self) -> None:
        self.broken = False
        self.before_write: Callable[[], None] = lambda: None

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        self.before_write()
        if self.broken:
            raise OSError(28, "full")
        super().write(descriptor, data, offset)


def model_files() -> dict[str, bytes]:
    features = (
        Feature("duration_s", Phrase("durée", "duration"), "s", None, nullable=False, profiling=False),
        Feature("rate", Phrase("taux", "rate"), "1", "0.5", nullable=False, profiling=True),
    )
    leaves = (-MARGIN_ONE, MARGIN_ONE, 2 * MARGIN_ONE)
    text = write_forest(Forest((Tree((0, 1), (10.0, 0.7), (0, 0), (-1, -2), (1, -3), leaves),)), ("duration_s", "rate"))
    table = Calibration(np.array([-(2**25), 2**25]), np.array([100_000_000, 900_000_000]))
    documents = {"LICENSE": b"x\n", "MODEL_CARD.md": b"# x\n"}
    manifest = manifest_json(
        surface="video",
        features=features,
        heads=[Head(HeadSignal("click", 250_000_000, table), "click.txt", sha256(text), None)],
        documents=[(name, sha256(data)) for name, data in documents.items()],
        training={},
    )
    return {"manifest.json": manifest, "click.txt": text, **documents}


class World:
    """A service's inside, without an edge: folders, book, log, clock."""

    def __init__(self, root: Path) -> None:
        self.policies, self.models = root / "policies", root / "models"
        self.policies.mkdir()
        self.models.mkdir()
        (self.policies / "video.yaml").write_text(POLICY)
        (self.policies / "limits.yaml").write_text(re.sub(r"max: \d+}", "max: 1000}", LIMITS.read_text()))
        write_model_folder(self.models / "video", model_files())
        self.data = root / "data"
        self.mark = root / "log.key.mark"
        self.archive = Archive(self.data)
        self.disk = FaultyDisk()
        self.now_ms = NOW
        self.book = SurfaceBook(self.policies, self.models, self.archive, lambda: self.now_ms)
        self.desk = self.open()

    def open(self) -> Desk:
        """Start, in a folder that nobody holds."""
        return Desk(
            self.data, self.book, self.archive, LOG_SIGNER, self.mark, TERMS, lambda: self.now_ms, disk=self.disk
        )

    def restart(self) -> None:
        """Stop and start again."""
        self.desk.close()
        self.desk = self.open()

    def rank(self, sent: Incoming, **options: Any) -> Answer:
        """Rank a request."""
        return self.desk.ranker.rank(sent, **options)

    def decision(self, answer: Answer) -> Decision:
        """Return what was recorded of an answer."""
        return self.desk.decisions.recorded(self.desk.decisions.index_of(answer.decision_id))

    @property
    def count(self) -> int:
        """How many decisions were recorded."""
        return self.desk.decisions.count


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.desk.close()


def incoming(request_id: str = "r1", **changes: object) -> Incoming:
    ids = ("a", "b", "c", "d")
    candidates = Candidates(
        ids=ids,
        author_ids=("x", "x", "y", ""),
        create_times_ms=np.array([NOW - 4000, NOW - 1000, NOW - 2000, -1]),
        sources=("",) * 4,
        groups=(("local",), (), (), ()),
        seen=np.zeros(4, dtype=np.bool_),
        muted=np.array([False, False, True, False]),
    )
    request = RankingRequest(request_id, "video", "viewer", Mode.RANKED, NOW, candidates, 3)
    columns = (
        Column("duration_s", np.array([5, 50, 60, 70], dtype=np.float32)),
        Column("rate", np.array([0.9], dtype=np.float32)),
    )
    base = Incoming(replace(request, **{k: v for k, v in changes.items() if k != "columns"}), columns, "local", True)  # type: ignore[arg-type]
    return replace(base, columns=changes["columns"]) if "columns" in changes else base  # type: ignore[arg-type]


def test_a_decision_is_recorded_before_the_answer_and_replays_to_the_same(world: World) -> None:
    answer = world.rank(incoming())
    assert answer.decision_id == "dev.test/1"
    decision = world.decision(answer)
    assert list(differences(decision, rerank(decision, world.book.snapshot("video").formula))) == []
    assert [decision.request.candidates.ids[c] for c in answer.decided.ranking.shown][
        1
    ] == "a"  # pulled forward by the quota
    assert answer.decided.ranking.dropped == ((2, "drop_muted/1"),)
    assert decision.policy_digest == world.book.snapshot("video").policy_digest


def test_a_quota_that_cannot_be_met_is_said(world: World) -> None:
    degraded = world.rank(incoming()).decided.decision.degraded
    assert [(entry.reason, entry.names) for entry in degraded] == [("QUOTA_SHORT", ("quota/1#1",))]


def test_a_default_that_stands_for_a_column_is_said_and_the_request_is_still_recognised(world: World) -> None:
    columns = (Column("duration_s", np.array([5, 50, 60, 70], dtype=np.float32)),)
    first = world.rank(incoming(columns=columns))
    assert ("DEFAULT_USED", ("rate",)) in [(entry.reason, entry.names) for entry in first.decided.decision.degraded]
    assert world.rank(incoming(columns=columns)).decision_id == first.decision_id
    decision = world.decision(first)
    assert list(differences(decision, first.decided.ranking)) == []


def test_the_same_request_again_returns_the_recorded_decision(world: World) -> None:
    first = world.rank(incoming())
    world.now_ms += 1000
    again = world.rank(incoming())
    assert again.decision_id == first.decision_id
    assert again.decided.ranking.shown == first.decided.ranking.shown
    assert again.decided.reasons == first.decided.reasons
    assert world.count == 1


def test_the_same_id_with_another_body_is_refused(world: World) -> None:
    world.rank(incoming())
    with pytest.raises(RequestError) as caught:
        world.rank(incoming(limit=2))
    assert caught.value.reason == "REQUEST_ID_REUSED"


def test_the_same_id_on_another_surface_or_by_another_caller_is_another_request(world: World) -> None:
    world.rank(incoming())
    other = replace(incoming(limit=2), caller="other")
    assert world.rank(other).decision_id == "dev.test/2"


def test_a_request_id_is_forgotten_after_its_window(world: World) -> None:
    world.rank(incoming())
    world.now_ms += 60_001
    assert world.rank(incoming(limit=2)).decision_id == "dev.test/2"


def test_a_restart_remembers_request_ids(world: World) -> None:
    first = world.rank(incoming())
    world.restart()
    again = world.rank(incoming())
    assert again == replace(first, decided=again.decided)
    assert world.count == 1


def test_concurrent_calls_with_one_id_make_one_decision(world: World) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert go_on.wait(10)

    world.disk.before_write = hold
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(world.rank(incoming()).decision_id)) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert inside.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert answers == ["dev.test/1"] * 6
    assert world.count == 1


def test_a_second_call_with_one_id_waits_no_longer_than_its_caller(world: World) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert go_on.wait(10)

    world.disk.before_write = hold
    first = threading.Thread(target=lambda: world.rank(incoming()))
    first.start()
    assert inside.wait(10)
    with pytest.raises(ServiceError) as caught:
        world.rank(incoming(), time_left_s=lambda: 0.0)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    go_on.set()
    first.join(10)
    assert world.count == 1


def test_a_failed_record_fails_the_call_and_its_counter_is_void_in_the_next(world: World) -> None:
    world.disk.broken = True
    for request_id in ("r1", "r2"):
        with pytest.raises(ServiceError) as caught:
            world.rank(incoming(request_id))
        assert caught.value.reason == "RECORDS_UNAVAILABLE"
    world.disk.broken = False
    decision = world.rank(incoming("r1")).decided.decision
    assert decision.counter == 2
    assert decision.voids == ((decision.epoch_digest, 0), (decision.epoch_digest, 1))
    assert world.rank(incoming("r3")).decided.decision.voids == ()


def test_a_caller_whose_time_is_up_gets_no_recorded_decision(world: World) -> None:
    with pytest.raises(ServiceError) as caught:
        world.rank(incoming(), time_left_s=lambda: 0.0)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    assert world.count == 0
    assert world.rank(incoming()).decided.decision.voids[0][1] == 0


def test_a_refused_request_draws_no_lot_that_stays_unaccounted(world: World) -> None:
    with pytest.raises(RequestError):
        world.rank(incoming("r1", sliders=(("click", 400),)))
    decision = world.rank(incoming("r2")).decided.decision
    assert {counter for _, counter in decision.voids} | {decision.counter} == set(range(decision.counter + 1))


def test_a_dry_run_records_nothing_and_shows_nothing_of_recorded_lots(world: World) -> None:
    dry = world.rank(incoming(), dry_run=True)
    assert dry.decision_id == ""
    assert world.count == 0
    wet = world.rank(incoming())
    assert wet.decided.decision.counter == 0
    assert dry.decided.decision.nonce != wet.decided.decision.nonce
    assert world.rank(incoming(), dry_run=True).decided.decision.nonce == dry.decided.decision.nonce


def test_newest_first_reads_no_columns_and_names_the_baseline(world: World) -> None:
    sent = incoming(mode=Mode.NEWEST_FIRST, sliders=(("click", 120),), served_author_counts=(("x", 3),))
    answer = world.rank(sent)
    decision = world.decision(answer)
    assert list(differences(decision, rerank(decision, None))) == []
    assert (decision.request.sliders, decision.request.served_author_counts) == ((), ())
    ids = answer.decided.decision.request.candidates.ids
    assert [ids[c] for c in answer.decided.ranking.shown] == ["b", "a", "d"]
    assert answer.decided.decision.model_digest is None
    assert answer.decided.decision.columns == ()
    assert answer.decided.snapshot.policy is None
    assert answer.decided.reasons == (("newest_first",),) * 3


def test_without_a_model_the_baseline_answers_and_says_so(world: World, tmp_path: Path) -> None:
    (world.policies / "timeline.yaml").write_text(POLICY.replace("surface: video", "surface: timeline"))
    world.book.refresh()
    answer = world.rank(incoming(surface="timeline"))
    assert [entry.reason for entry in answer.decided.decision.degraded] == ["NO_POLICY_IN_FORCE"]
    assert world.rank(incoming(surface="timeline")).decision_id == answer.decision_id
    decision = world.decision(answer)
    assert list(differences(decision, rerank(decision, None))) == []


def test_an_explanation_adds_up_and_is_for_its_viewer_only(world: World) -> None:
    decision_id = world.rank(incoming(sliders=(("click", 150),))).decision_id
    explained = world.desk.explainer.explain(decision_id, "viewer", ())
    assert len(explained.explanations) == 3
    for entry in explained.explanations:
        total = sum(t.sign * t.points * t.lift_micro for t in entry.terms)
        assert total + sum(step.after - step.before for step in entry.steps) == entry.value
        assert (entry.terms[0].policy_points, entry.terms[0].points) == (1000, 1500)
    with pytest.raises(RequestError) as caught:
        world.desk.explainer.explain(decision_id, "somebody else", ())
    assert caught.value.reason == "DECISION_OF_ANOTHER_VIEWER"
    assert world.desk.explainer.explain(decision_id, None, ("c",)).explanations[0].dropped_by == "drop_muted/1"


@pytest.mark.parametrize(
    "decision_id", ["dev.test/0", "dev.test/2", "dev.test/01", "other/1", "dev.test/-1", "dev.test/", "x", "dev.test/٠"]
)
def test_an_unknown_decision_is_refused(world: World, decision_id: str) -> None:
    world.rank(incoming())
    with pytest.raises(RequestError) as caught:
        world.desk.explainer.explain(decision_id, "viewer", ())
    assert caught.value.reason == "DECISION_UNKNOWN"


def test_an_old_decision_is_explained_by_the_policy_that_ranked_it(world: World) -> None:
    first = world.rank(incoming())
    (world.policies / "video.yaml").write_text(POLICY.replace("drop_muted/1: apply", "drop_seen/1: apply"))
    world.book.refresh()
    assert world.book.snapshot("video").policy_digest != first.decided.decision.policy_digest
    explained = world.desk.explainer.explain(first.decision_id, "viewer", ("c",))
    assert explained.explanations[0].dropped_by == "drop_muted/1"
    assert explained.decided.snapshot.policy_digest == first.decided.decision.policy_digest


def test_every_refusal_of_a_request_names_its_field_in_both_languages(world: World) -> None:
    for changes in (
        {"limit": 0},
        {"limit": 11},
        {"request_time_ms": NOW + 10**9},
        {"request_id": ""},
        {"viewer_id": "\n"},
    ):
        with pytest.raises(RankdError) as caught:
            world.rank(incoming(**changes))
        assert str(caught.value.metadata["field"]) in caught.value.say("fr")
        assert caught.value.say("fr") != caught.value.say("en")
