from pathlib import Path

import pytest

from rankd.core.errors import PolicyError
from rankd.core.exact.canonical import canonical_json, parse_canonical, sha256
from rankd.forest.manifest import MANIFEST_FILE
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.sources import Kind
from rankd.usecases.learn.workshop import Order, evaluate_folder, seal_folder, train_folder

PROJECT = Path(__file__).resolve().parents[4]
RESAMPLES = 10
PAIR = PROJECT / "policies" / "video.yaml", PROJECT / "policies" / "limits.yaml"
PLAN = """schema: rankd.plan/1
heads:
  click: {rounds: 8, leaves: 6, rows_per_leaf: 20, rate: 10%, ridge: 1}
  long_view: {rounds: 4, leaves: 4, rows_per_leaf: 20, rate: 10%, ridge: 1}
  like: {rounds: 5, leaves: 3, rows_per_leaf: 60, rate: 10%, ridge: 1, columns: 100%, rows: 90%}
"""


def order_of(out: Path, data: Path, features: Path, threads: int = 1) -> Order:
    plan = out.with_name(f"{out.name}.plan.yaml")
    plan.write_text(PLAN, "utf-8")
    return Order(
        Kind.KUAIRAND, data, features, "video", out, plan=plan, policy=PAIR, threads=threads, resamples=RESAMPLES
    )


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory, data_folder: Path, features_file: Path) -> Path:
    path = tmp_path_factory.mktemp("workshop") / "work"
    train_folder(order_of(path, data_folder, features_file))
    return path


@pytest.fixture(scope="module")
def model(working: Path) -> Path:
    seal_folder(working, working.with_name("model"), replace=False)
    return working.with_name("model")


def test_one_thread_or_two_seal_the_same_digest(
    model: Path, tmp_path: Path, data_folder: Path, features_file: Path
) -> None:
    train_folder(order_of(tmp_path / "work", data_folder, features_file, threads=2))
    seal_folder(tmp_path / "work", tmp_path / "model", replace=False)
    one, two = (sha256((folder / MANIFEST_FILE).read_bytes()) for folder in (model, tmp_path / "model"))
    assert one == two


def test_a_sealed_model_shows_through_the_serving_engine_what_training_measured(model: Path, data_folder: Path) -> None:
    evaluation = evaluate_folder(model, Kind.KUAIRAND, data_folder, policy=PAIR, resamples=RESAMPLES)
    record = parse_canonical((model / MANIFEST_FILE).read_bytes())["training"]
    assert evaluation.agrees is True
    assert evaluation.days == ("2022-05-03", "2022-05-04")
    assert evaluation.slates == record["slates"]
    assert set(evaluation.heads["click"]) == {"all", "scene_1"}
    assert evaluation.slates["ndcg"]["value"]["model"] is not None


def test_figures_that_a_record_embellishes_are_found_out(working: Path, tmp_path: Path, data_folder: Path) -> None:
    false = tmp_path / "work"
    false.mkdir()
    for file in working.iterdir():
        (false / file.name).write_bytes(file.read_bytes())
    body = parse_canonical((false / "training.json").read_bytes())
    body["record"]["heads"]["click"]["judgement"]["all"]["auc_ppm"][0] += 1
    (false / "training.json").write_bytes(canonical_json(body))
    seal_folder(false, tmp_path / "model", replace=False)
    assert evaluate_folder(tmp_path / "model", Kind.KUAIRAND, data_folder, resamples=RESAMPLES).agrees is False


def test_figures_of_other_days_are_compared_with_nothing(model: Path, data_folder: Path) -> None:
    day = ("2022-05-03", "2022-05-03")
    evaluation = evaluate_folder(model, Kind.KUAIRAND, data_folder, day, resamples=RESAMPLES)
    assert evaluation.agrees is None
    assert 0 < evaluation.heads["click"]["all"]["rows"] < 700


def test_days_that_the_data_do_not_hold_are_named(model: Path, data_folder: Path) -> None:
    with pytest.raises(LearnError) as caught:
        evaluate_folder(model, Kind.KUAIRAND, data_folder, ("2022-06-01", "2022-06-02"))
    assert (caught.value.reason, caught.value.metadata["day"]) == ("DATA_DAY_EMPTY", "2022-06-01")


def test_a_policy_of_another_surface_is_refused_before_any_work(
    tmp_path: Path, data_folder: Path, features_file: Path
) -> None:
    order = Order(Kind.KUAIRAND, data_folder, features_file, "timeline", tmp_path / "work", policy=PAIR)
    with pytest.raises(PolicyError) as caught:
        train_folder(order)
    assert "video" in caught.value.say("en")
    assert not (tmp_path / "work").exists()


def test_progress_tells_each_step_to_its_end(tmp_path: Path, data_folder: Path, features_file: Path) -> None:
    told: list[tuple[str, int, int]] = []
    train_folder(order_of(tmp_path / "work", data_folder, features_file), progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(name for name, _, _ in told)) == ["reading", "features", "heads", "judging"]
    ends = {name: (done, total) for name, done, total in told}
    assert all(done == total for done, total in ends.values())
