"""The steps of learning on folders: train, seal, evaluate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rankd.core.exact.canonical import digest_text
from rankd.forest.engine import choose_engine
from rankd.forest.sealed import SealedModel
from rankd.store.model_folder import read_model_folder, write_model_folder
from rankd.usecases.learn import metrics
from rankd.usecases.learn.definitions import FEATURES
from rankd.usecases.learn.evaluation import judge
from rankd.usecases.learn.kuairand import EPOCH, day_text, read_history
from rankd.usecases.learn.learning import SPLIT, Progress, learn
from rankd.usecases.learn.materialise import Materialiser, moments_of
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.sealing import sealed_files
from rankd.usecases.learn.working_folder import (
    check_vacant,
    file_digests,
    read_license,
    read_working_folder,
    training_record,
    write_working_folder,
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A sealed model's figures on some days.

    Attributes:
        model_digest: SHA-256 of the manifest.
        days: First and last day, YYYY-MM-DD.
        heads: For each objective its figures, as in the manifest's record.
        agrees: Whether they equal the figures that the manifest records, where it records these days of these data;
            None where it does not.
    """

    model_digest: bytes
    days: tuple[str, str]
    heads: Mapping[str, Any]
    agrees: bool | None

    def as_json(self) -> dict[str, Any]:
        """Return the figures as `rankd model evaluate --json` prints them."""
        return {
            "model_digest": digest_text(self.model_digest),
            "days": list(self.days),
            "heads": dict(self.heads),
            "agrees_with_record": self.agrees,
        }


def train_folder(data: Path, out: Path, *, threads: int, replace: bool, progress: Progress) -> None:
    """Learn from KuaiRand-Pure and leave a working folder.

    Args:
        data: The folder with the four Parquet files and LICENSE.
        out: The working folder to write.
        threads: How many threads may work, ≥ 1.
        replace: Whether `out` may exist.
        progress: Is told how far it is.

    Raises:
        LearnError: The data cannot be learned from, or `out` not be written.
    """
    check_vacant(out, replace=replace)
    license_text = read_license(data)
    history = read_history(data)
    learned = learn(history, threads=threads, progress=progress)
    record = training_record(history, data, SPLIT, learned, metrics.RESAMPLES)
    write_working_folder(out, learned, record, license_text, replace=replace)


def seal_folder(working: Path, out: Path, *, replace: bool) -> SealedModel:
    """Seal what training left.

    Raises:
        LearnError: The working folder cannot be read.
        ModelError: A head cannot be sealed, or `out` not be written.
    """
    model, files = sealed_files(read_working_folder(working))
    write_model_folder(out, files, replace=replace)
    return model


def evaluate_folder(
    model_folder: Path, data: Path, days: tuple[str, str] | None = None, *, resamples: int = metrics.RESAMPLES
) -> Evaluation:
    """Judge a sealed model on real impressions, through the engine that serves it.

    Args:
        model_folder: The sealed model.
        data: The folder with the four Parquet files.
        days: First and last day, YYYY-MM-DD; without them, the days of judgement that the manifest records.
        resamples: How often viewers are drawn anew for the intervals.

    Raises:
        ModelError: The model cannot be opened.
        LearnError: It reads other features, or the data do not hold these days.
    """
    model = read_model_folder(model_folder)
    manifest = model.manifest
    wanted, found = (" ".join(feature.name for feature in side) for side in (FEATURES, manifest.features))
    if found != wanted:
        raise LearnError("MODEL_OF_OTHER_FEATURES", found=found, wanted=wanted)
    first, last = days or manifest.training.get("split", {}).get("judgement", ("–", "–"))
    low, high = _day(first), _day(last)
    if low > high:
        raise LearnError("DATA_DAY_UNREADABLE", found=f"{first} … {last}")
    history = read_history(data)
    rows = (history.events.days >= low) & (history.events.days <= high)
    if not rows.any():
        raise LearnError("DATA_DAY_EMPTY", day=first)
    matrix = Materialiser(history).features(moments_of(history.events))
    margins = choose_engine(model).margins(matrix[rows])
    judged = judge([head.signal for head in manifest.heads], margins, history.events, rows, resamples=resamples)
    heads = {judgement.objective: judgement.record() for judgement in judged}
    return Evaluation(
        manifest.digest,
        (day_text(low), day_text(high)),
        heads,
        _agrees(manifest.training, data, (day_text(low), day_text(high)), heads, resamples),
    )


def _agrees(
    record: Mapping[str, Any], data: Path, days: tuple[str, str], heads: Mapping[str, Any], resamples: int
) -> bool | None:
    asked = (list(days), file_digests(data), resamples)
    split, source = record.get("split", {}), record.get("data", {})
    if asked != (split.get("judgement"), source.get("files"), record.get("resamples")):
        return None
    recorded = record.get("heads", {})
    return all(recorded.get(objective, {}).get("judgement") == figures for objective, figures in heads.items())


def _day(text: str) -> int:
    try:
        return date.fromisoformat(text).toordinal() - EPOCH
    except ValueError as error:
        raise LearnError("DATA_DAY_UNREADABLE", found=text) from error
