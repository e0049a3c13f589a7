"""From what a service showed and what people did to rows: joined by decision, read as the service read them."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from rankd.core.errors import FeatureStoreError
from rankd.core.features.declaration import Declaration
from rankd.core.features.reader import read_declaration
from rankd.core.ranking.request import Column
from rankd.store.journal.bodies import KEYS_FILE
from rankd.store.journal.reading import PRIVATE_FOLDER
from rankd.usecases.learn.loop import read_loop
from rankd.usecases.learn.materialise import materialise
from rankd.usecases.learn.recorded import agreement, with_recorded
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.sources import Kind
from rankd.usecases.learn.workshop import Order, evaluate_folder, seal_folder, train_folder
from rankd.usecases.serve.desk import Desk
from rankd.usecases.serve.feedback.recorder import Feedback, Sent
from rankd.usecases.serve.rank import Answer
from tests.conftest import HOUSE_TERMS, HOUSE_TIME_MS
from tests.kept import DECLARATION, KEPT, KeptHouse, by_ids

DAY_MS = 86_400_000
TERMS = replace(HOUSE_TERMS, publish_interval_s=3600.0)


@dataclass
class Town:
    """People who open their feed over some days, and act on it."""

    house: KeptHouse
    now_ms: int = HOUSE_TIME_MS
    said: list[tuple[int, str, set[str]]] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def live(self, days: int, visits: int) -> None:
        with self.house.desk(terms=TERMS, clock_ms=lambda: self.now_ms) as desk:
            for day in range(days):
                for visit in range(visits):
                    self.now_ms = HOUSE_TIME_MS + day * DAY_MS + visit * (DAY_MS // (visits + 1))
                    self.visit(desk, f"r{day}-{visit}")

    def visit(self, desk: Desk, request_id: str) -> None:
        viewer = f"viewer-{self.random.integers(0, 7)}"
        topic = Column("topic", self.random.integers(0, 3, 8).astype(np.float32))
        answer = desk.ranker.rank(by_ids(request_id, viewer, columns=[topic], time_ms=self.now_ms))
        events = self.events(answer, request_id)
        if events:
            assert answer.proof is not None
            feedback = Feedback(viewer, answer.proof.token, tuple(events))
            (outcomes,) = desk.recorder.record([feedback], "feed", self.now_ms)
            assert {outcome.status for outcome in outcomes} == {"ACCEPTED"}
            (view,) = desk.supply.views().values()
            assert view.settle(desk.events.count, 5.0)

    def events(self, answer: Answer, request_id: str) -> list[Sent]:
        ids = answer.decided.decision.request.candidates.ids
        index = int(answer.decision_id.rpartition("/")[2])
        events = []
        for place, at in enumerate(answer.decided.ranking.shown):
            happened = [
                kind
                for kind, odds in (("click", 0.6 - 0.1 * place + 0.05 * at), ("like", 0.1), ("hide", 0.05))
                if self.random.random() < odds
            ]
            if happened or self.random.random() < 0.7:
                self.said.append((index, ids[at], set(happened)))
                events += [
                    Sent(f"{request_id}/{ids[at]}/{kind}", kind, ids[at], None) for kind in (happened or ["shown"])
                ]
        return events


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = Town(KeptHouse(tmp_path_factory.mktemp("town")))
    made.live(days=5, visits=30)
    return made


@pytest.fixture(scope="module")
def declared() -> Declaration:
    return read_declaration(DECLARATION.encode())


def test_every_candidate_with_an_event_is_a_row_with_what_came_of_it(town: Town, declared: Declaration) -> None:
    history, _ = read_loop(town.house.data, declared, "video")
    rows = history.rows
    found = {
        (int(rows.slates[at]), history.items[rows.items[at]]): {
            objective for at_, objective in enumerate(rows.objectives) if rows.outcomes[at, at_]
        }
        for at in range(len(rows))
    }
    assert found == {(index, item): kinds for index, item, kinds in town.said}
    assert len(found) == len(rows) == history.facts["rows"]
    assert rows.places.min() == 1
    assert np.all(np.diff(rows.times_ms) >= 0)


def test_what_decisions_recorded_comes_out_the_same_again_to_the_last_bit(town: Town, declared: Declaration) -> None:
    history, recorded = read_loop(town.house.data, declared, "video")
    matrix = materialise(declared, history)
    assert agreement(declared, matrix, recorded) == (len(KEPT) * len(history.rows), len(KEPT) * len(history.rows))
    names = [feature.name for feature in declared.columns]
    assert len(np.unique(matrix[:, names.index("item_click_rate")])) > 20
    assert np.array_equal(with_recorded(declared, matrix, recorded), matrix)


def test_another_declaration_is_read_from_the_same_journals(town: Town, declared: Declaration) -> None:
    other = read_declaration(DECLARATION.replace("prior: 40%, weight: 5", "prior: 20%, weight: 9").encode())
    history, recorded = read_loop(town.house.data, other, "video")
    matrix = materialise(other, history)
    # Of five columns four mean the same; the fifth is worked out anew.
    assert agreement(other, matrix, recorded) == (4 * len(history.rows), 4 * len(history.rows))
    before = materialise(declared, read_loop(town.house.data, declared, "video")[0])
    at = [feature.name for feature in other.columns].index("item_click_rate")
    assert not np.array_equal(matrix[:, at], before[:, at])


def test_no_file_of_training_knows_who_anybody_is(town: Town, declared: Declaration) -> None:
    history, _ = read_loop(town.house.data, declared, "video")
    assert all(len(name) == 32 and "viewer" not in name for name in history.viewers)


def test_another_surface_has_nothing_to_learn_from(town: Town, declared: Declaration) -> None:
    with pytest.raises(LearnError) as caught:
        read_loop(town.house.data, declared, "timeline")
    assert caught.value.reason == "DATA_LOOP_EMPTY"


def test_a_model_is_trained_from_the_loop_sealed_and_judged(town: Town, tmp_path: Path) -> None:
    (tmp_path / "FEATURES.yaml").write_text(DECLARATION, "utf-8")
    order = Order(
        Kind.LOOP,
        town.house.data,
        tmp_path / "FEATURES.yaml",
        "video",
        tmp_path / "work",
        calibrate_days=2,
        judge_days=1,
        resamples=5,
    )
    record = train_folder(order)
    model = seal_folder(tmp_path / "work", tmp_path / "model", replace=False)
    evaluation = evaluate_folder(tmp_path / "model", Kind.LOOP, town.house.data, resamples=5)
    assert record["recorded"]["compared"] == record["recorded"]["same"] > 0
    assert evaluation.agrees is True
    assert {head.signal.objective for head in model.manifest.heads} == {"click", "like", "hide"}
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text("utf-8")
    assert "as far as events speak of them" in card
    assert "Effect of the place" in card or "Places are not known" in card


def test_a_decision_whose_counts_could_not_be_read_is_worked_out_from_what_was_known_then(
    declared: Declaration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Town(KeptHouse(tmp_path))
    other.live(days=1, visits=8)
    known = len(read_loop(other.house.data, declared, "video")[0].rows)

    def down(*_: object) -> None:
        raise FeatureStoreError("FEATURE_STORE_SLOW", timeout_ms=1)

    other.now_ms += DAY_MS
    with other.house.desk(terms=TERMS, clock_ms=lambda: other.now_ms) as desk:
        (view,) = desk.supply.views().values()
        monkeypatch.setattr(type(view), "read", down)
        other.visit(desk, "late")
        monkeypatch.undo()
    history, recorded = read_loop(other.house.data, declared, "video")
    matrix = materialise(declared, history)
    names = [feature.name for feature in declared.columns]
    assert len(history.rows) > known
    assert not recorded.is_read["item_click_rate"][known:].any()
    assert not np.array_equal(
        recorded.values["item_click_rate"][known:], matrix[known:, names.index("item_click_rate")]
    )
    assert set(history.rows.at[known:].tolist()) == {int(history.rows.at[known])}
    assert history.rows.at[known] > history.rows.at[known - 1]


def test_what_was_erased_is_left_out_and_counted(declared: Declaration, tmp_path: Path) -> None:
    other = Town(KeptHouse(tmp_path))
    other.live(days=1, visits=12)
    whole, _ = read_loop(other.house.data, declared, "video")
    erased = int(whole.rows.slates[0])
    _forget(other.house.journal, erased)
    less, _ = read_loop(other.house.data, declared, "video")
    assert less.facts["erased_decisions"] == 1
    assert len(less.rows) == len(whole.rows) - int((whole.rows.slates == erased).sum())
    # What was counted stays counted: the events have not been erased.
    assert len(less.events) == len(whole.events)
    _forget(other.house.data / "events", 0)
    gone, _ = read_loop(other.house.data, declared, "video")
    assert gone.facts["erased_events"] == 1
    assert len(gone.events) < len(whole.events)


def _forget(journal: Path, index: int) -> None:
    """Delete the key of one body, as an erasure does."""
    with closing(sqlite3.connect(journal / PRIVATE_FOLDER / KEYS_FILE)) as keys, keys:
        keys.execute("UPDATE body SET key = NULL WHERE idx = ?", (index,))
