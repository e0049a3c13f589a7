import json
import os
from pathlib import Path
from typing import Any

import pytest

from rankd.core.errors import ServiceError
from rankd.store.expiry_file import Progress, Stretch, load_progress, save_progress

PROGRESS = Progress(900, (Stretch(0, 40, 7, 3, (0,)), Stretch(40, 800, 9, 5, (0, 40))), (0, 40, 800))


def test_progress_is_read_back(tmp_path: Path) -> None:
    assert load_progress(tmp_path) == Progress()
    save_progress(tmp_path, PROGRESS)
    assert load_progress(tmp_path) == PROGRESS
    assert (tmp_path / "erasures").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "rankd.expiry/2"},
        {"searched": -1},
        {"searched": 1.0},
        {"searched": True},
        {"stretches": [{}]},
        {"stretches": 7},
        {"stretches": [[]]},
        {"epochs": ["0"]},
        {"epochs": None},
    ],
    ids=str,
)
def test_a_file_that_is_not_what_it_should_be_means_looking_through_everything(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    save_progress(tmp_path, PROGRESS)
    path = tmp_path / "erasures" / "expiry.json"
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps(document | change))
    assert load_progress(tmp_path) == Progress()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_so_does_one_that_is_none(tmp_path: Path, content: bytes) -> None:
    save_progress(tmp_path, PROGRESS)
    (tmp_path / "erasures" / "expiry.json").write_bytes(content)
    assert load_progress(tmp_path) == Progress()


def test_a_disk_that_refuses_is_named_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    save_progress(tmp_path, PROGRESS)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ServiceError) as caught:
        save_progress(tmp_path, Progress())
    assert caught.value.reason == "ERASURES_UNUSABLE"
    assert load_progress(tmp_path) == PROGRESS
