import os
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.store.disk import Disk, hold


def test_a_write_that_the_system_cuts_short_goes_on_until_all_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda descriptor, data, offset: pwrite(descriptor, data[:3], offset))
    with (tmp_path / "file").open("w+b") as file:
        Disk().write(file.fileno(), b"0123456789", 2)
    assert (tmp_path / "file").read_bytes() == b"\0\x000123456789"


def test_a_cut_file_has_its_new_length(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with (tmp_path / "file").open("r+b") as file:
        Disk().cut(file.fileno(), 4)
    assert (tmp_path / "file").read_bytes() == b"0123"


def test_a_lock_is_held_once(tmp_path: Path) -> None:
    held = hold(tmp_path / "lock")
    with pytest.raises(ServiceError) as caught:
        hold(tmp_path / "lock")
    assert caught.value.reason == "RECORDS_LOCKED"
    os.close(held)
    os.close(hold(tmp_path / "lock"))


def test_a_file_is_replaced_renamed_and_removed(tmp_path: Path) -> None:
    disk = Disk()
    disk.replace(tmp_path / "file", b"new")
    disk.rename(tmp_path / "file", tmp_path / "other")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("other", b"new")]
    disk.sync_names(tmp_path)
    disk.remove(tmp_path / "other")
    disk.remove(tmp_path / "other")
    assert list(tmp_path.iterdir()) == []


def test_a_transaction_is_committed_once() -> None:
    commits: list[str] = []
    Disk().transact(lambda: commits.append("commit"))
    assert commits == ["commit"]
