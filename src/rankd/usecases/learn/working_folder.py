"""The working folder: what training leaves for sealing, boosters as LightGBM wrote them and one record."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rankd.core.exact.canonical import canonical_json, digest_text, parse_canonical
from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.signal import HeadSignal
from rankd.store.atomic import sync_directory, write_atomic
from rankd.usecases.learn.kuairand import FILES, History, day_text
from rankd.usecases.learn.learning import LearnedHead, Split
from rankd.usecases.learn.materialise import FEEDBACK_DELAY_MS
from rankd.usecases.learn.metrics import CALIBRATION_BINS
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.training import SHARED_SETTINGS

SCHEMA = "rankd.training/1"
RECORD_FILE = "training.json"
LICENSE_FILE = "LICENSE"
SURFACE = "video"


@dataclass(frozen=True, slots=True)
class TrainedHead:
    """A head between training and sealing.

    Attributes:
        signal: Base rate and calibration.
        silent_reason: Why it is silent, or None.
        text: As LightGBM wrote it.
    """

    signal: HeadSignal
    silent_reason: str | None
    text: str


@dataclass(frozen=True, slots=True)
class WorkingFolder:
    """What training left.

    Attributes:
        heads: In canonical order.
        record: What the manifest will say of the training.
        license: The text of the model's licence.
    """

    heads: tuple[TrainedHead, ...]
    record: Mapping[str, Any]
    license: bytes


def training_record(
    history: History, folder: Path, split: Split, learned: Sequence[LearnedHead], resamples: int
) -> dict[str, Any]:
    """Return all that a reader of the manifest should know of a training, in integers and words.

    Nothing in it depends on the machine, the time or the number of threads.

    Args:
        history: What was learned from.
        folder: Where it was read from; only digests of its files are recorded.
        split: Which days did what.
        learned: The heads.
        resamples: How often viewers were drawn anew.
    """
    return {
        "data": {
            "name": "KuaiRand-Pure",
            "license": "CC BY-SA 4.0",
            "files": file_digests(folder),
            "rows": len(history.events),
            "duplicates_dropped": history.duplicates,
            "early_rows_dropped": history.early,
        },
        "split": {
            "training": [day_text(split.first), day_text(split.last)],
            "calibration": [day_text(split.calibration[0]), day_text(split.calibration[-1])],
            "judgement": [day_text(day) for day in split.judgement],
            "time_zone": "Asia/Shanghai",
        },
        "feedback_delay_ms": FEEDBACK_DELAY_MS,
        "calibration_error_bins": CALIBRATION_BINS,
        "resamples": resamples,
        "libraries": {name: version(name) for name in ("lightgbm", "numpy", "pyarrow")},
        "settings": dict(SHARED_SETTINGS),
        "heads": {head.plan.objective: _head_record(head) for head in learned},
    }


def _head_record(head: LearnedHead) -> dict[str, Any]:
    return {
        "rows": head.rows,
        "positives": head.positives,
        "settings": head.plan.settings(),
        "calibration": {
            "method": head.rehearsal.method,
            "rows": head.rehearsal.rows,
            "positives": head.rehearsal.positives,
            "normalised_entropy_ppm": head.rehearsal.entropy_ppm,
            "bound_ppm": head.rehearsal.bound_ppm,
        },
        "judgement": head.judgement.record(),
    }


def file_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each data file, by name."""
    digests = {}
    for name in FILES:
        with (folder / name).open("rb") as file:
            digests[name] = digest_text(hashlib.file_digest(file, "sha256").digest())
    return digests


def read_license(folder: Path) -> bytes:
    """Return the licence that stands beside the data: the model is under the same one."""
    path = folder / LICENSE_FILE
    if not path.is_file():
        raise LearnError("DATA_FILE_MISSING", file=LICENSE_FILE, folder=folder)
    return path.read_bytes()


def check_vacant(path: Path, *, replace: bool) -> None:
    """Refuse a folder that exists, before hours of training and not after.

    Raises:
        LearnError: WORKING_FOLDER_EXISTS.
    """
    if path.exists() and not replace:
        raise LearnError("WORKING_FOLDER_EXISTS", folder=path)


def write_working_folder(
    path: Path, learned: Sequence[LearnedHead], record: Mapping[str, Any], license_text: bytes, *, replace: bool = False
) -> None:
    """Write what training left. The record comes last: a folder without it is not taken for a whole one.

    Raises:
        LearnError: The folder exists and `replace` is not given, or it cannot be written.
    """
    check_vacant(path, replace=replace)
    heads = [
        {
            "objective": head.signal.objective,
            "base_rate_ppb": head.signal.base_rate_ppb,
            "calibration": _knots(head.signal.calibration),
            "silent": head.silent_reason,
        }
        for head in learned
    ]
    body = canonical_json({"schema": SCHEMA, "surface": SURFACE, "heads": heads, "record": dict(record)})
    try:
        if path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True)
        for head in learned:
            write_atomic(path / f"{head.signal.objective}.txt", head.text.encode("utf-8"))
        write_atomic(path / LICENSE_FILE, license_text)
        write_atomic(path / RECORD_FILE, body)
        sync_directory(path)
    except OSError as error:
        raise LearnError("WORKING_FOLDER_UNWRITABLE", folder=path, detail=error) from error


def _knots(table: Calibration | None) -> list[list[int]]:
    if table is None:
        return []
    return [[margin, ppb] for margin, ppb in zip(table.margins.tolist(), table.ppb.tolist(), strict=True)]


def read_working_folder(path: Path) -> WorkingFolder:
    """Read what training left.

    Raises:
        LearnError: WORKING_FOLDER_UNREADABLE with what is wrong.
    """
    try:
        body = parse_canonical((path / RECORD_FILE).read_bytes())
        heads = tuple(_read_head(path, entry) for entry in body["heads"])
        kind = (body["schema"], body["surface"])
        folder = WorkingFolder(heads, body["record"], (path / LICENSE_FILE).read_bytes())
    except (OSError, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise LearnError("WORKING_FOLDER_UNREADABLE", folder=path, detail=error) from error
    if kind != (SCHEMA, SURFACE):
        raise LearnError("WORKING_FOLDER_UNREADABLE", folder=path, detail=" ".join(map(str, kind)))
    return folder


def _read_head(path: Path, entry: Mapping[str, Any]) -> TrainedHead:
    knots = np.array(entry["calibration"], dtype=np.int64).reshape(-1, 2)
    table = None if entry["silent"] else Calibration(knots[:, 0].copy(), knots[:, 1].copy())
    text = (path / f"{entry['objective']}.txt").read_text("utf-8")
    return TrainedHead(HeadSignal(entry["objective"], entry["base_rate_ppb"], table), entry["silent"], text)
