from pathlib import Path

import pytest

from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.usecases.learn.definitions import FEATURES
from rankd.usecases.learn.kuairand import History
from rankd.usecases.learn.learning import SPLIT, learn
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.training import HeadPlan
from rankd.usecases.learn.working_folder import read_license, training_record, write_working_folder
from rankd.usecases.learn.workshop import evaluate_folder, seal_folder

RESAMPLES = 10
PLANS = (
    HeadPlan("click", rounds=10, leaves=6, rows_per_leaf=20, rate_ppm=100_000, ridge=1),
    HeadPlan("like", rounds=5, leaves=3, rows_per_leaf=60, rate_ppm=100_000, ridge=1),
)


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory, history: History, data_folder: Path) -> Path:
    path = tmp_path_factory.mktemp("workshop") / "work"
    learned = learn(history, plans=PLANS, resamples=RESAMPLES)
    record = training_record(history, data_folder, SPLIT, learned, RESAMPLES)
    write_working_folder(path, learned, record, read_license(data_folder))
    return path


@pytest.fixture(scope="module")
def model(working: Path) -> Path:
    seal_folder(working, working.with_name("model"), replace=False)
    return working.with_name("model")


def test_a_sealed_model_shows_through_the_serving_engine_what_training_measured(model: Path, data_folder: Path) -> None:
    evaluation = evaluate_folder(model, data_folder, resamples=RESAMPLES)
    assert evaluation.agrees is True
    assert evaluation.days == ("2022-05-03", "2022-05-04")


def test_figures_that_a_record_embellishes_are_found_out(working: Path, tmp_path: Path, data_folder: Path) -> None:
    false = tmp_path / "work"
    false.mkdir()
    for file in working.iterdir():
        (false / file.name).write_bytes(file.read_bytes())
    body = parse_canonical((false / "training.json").read_bytes())
    body["record"]["heads"]["click"]["judgement"]["all"]["auc_ppm"][0] += 1
    (false / "training.json").write_bytes(canonical_json(body))
    seal_folder(false, tmp_path / "model", replace=False)
    assert evaluate_folder(tmp_path / "model", data_folder, resamples=RESAMPLES).agrees is False


def test_figures_of_other_days_are_compared_with_nothing(model: Path, data_folder: Path) -> None:
    evaluation = evaluate_folder(model, data_folder, ("2022-05-03", "2022-05-03"), resamples=RESAMPLES)
    assert evaluation.agrees is None
    assert 0 < evaluation.heads["click"]["all"]["rows"] < 700


def test_days_that_the_data_do_not_hold_are_named(model: Path, data_folder: Path) -> None:
    with pytest.raises(LearnError) as caught:
        evaluate_folder(model, data_folder, ("2022-06-01", "2022-06-02"))
    assert (caught.value.reason, caught.value.metadata["day"]) == ("DATA_DAY_EMPTY", "2022-06-01")


def test_a_model_of_other_features_is_not_judged_on_these(
    model: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rankd.usecases.learn.workshop.FEATURES", FEATURES[:-1])
    with pytest.raises(LearnError) as caught:
        evaluate_folder(model, data_folder)
    assert caught.value.reason == "MODEL_OF_OTHER_FEATURES"
