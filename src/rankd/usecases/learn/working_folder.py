"""The working folder: what training leaves for sealing, boosters as LightGBM wrote them and one record."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.core.features.declaration import Declaration
from rankd.core.features.reader import FILE_NAME, read_declaration
from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.signal import HeadSignal
from rankd.store.atomic import sync_directory, write_atomic
from rankd.usecases.learn.learning import LearnedHead
from rankd.usecases.learn.refusal import LearnError

SCHEMA = "rankd.training/2"
RECORD_FILE = "training.json"
LICENSE_FILE = "LICENSE"


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
        surface: The surface that the model is for.
        heads: In canonical order.
        record: What the manifest will say of the training.
        features: The bytes of FEATURES.yaml.
        declaration: What they declare.
        license: The text of the model's licence.
    """

    surface: str
    heads: tuple[TrainedHead, ...]
    record: Mapping[str, Any]
    features: bytes
    declaration: Declaration
    license: bytes


def check_vacant(path: Path, *, replace: bool) -> None:
    """Refuse a folder that exists, before hours of training and not after.

    Raises:
        LearnError: WORKING_FOLDER_EXISTS.
    """
    if path.exists() and not replace:
        raise LearnError("WORKING_FOLDER_EXISTS", folder=path)


def write_working_folder(
    path: Path,
    surface: str,
    learned: Sequence[LearnedHead],
    record: Mapping[str, Any],
    features: bytes,
    license_text: bytes,
    *,
    replace: bool = False,
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
    body = canonical_json({"schema": SCHEMA, "surface": surface, "heads": heads, "record": dict(record)})
    try:
        if path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True)
        for head in learned:
            write_atomic(path / f"{head.signal.objective}.txt", head.text.encode("utf-8"))
        write_atomic(path / FILE_NAME, features)
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
        PolicyError: What is wrong in FEATURES.yaml.
    """
    try:
        body = parse_canonical((path / RECORD_FILE).read_bytes())
        heads = tuple(_read_head(path, entry) for entry in body["heads"])
        schema, surface, record = body["schema"], body["surface"], body["record"]
        features, license_text = (path / FILE_NAME).read_bytes(), (path / LICENSE_FILE).read_bytes()
    except (OSError, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise LearnError("WORKING_FOLDER_UNREADABLE", folder=path, detail=error) from error
    if schema != SCHEMA:
        raise LearnError("WORKING_FOLDER_UNREADABLE", folder=path, detail=schema)
    return WorkingFolder(surface, heads, record, features, read_declaration(features), license_text)


def _read_head(path: Path, entry: Mapping[str, Any]) -> TrainedHead:
    knots = np.array(entry["calibration"], dtype=np.int64).reshape(-1, 2)
    table = None if entry["silent"] else Calibration(knots[:, 0].copy(), knots[:, 1].copy())
    text = (path / f"{entry['objective']}.txt").read_text("utf-8")
    return TrainedHead(HeadSignal(entry["objective"], entry["base_rate_ppb"], table), entry["silent"], text)
