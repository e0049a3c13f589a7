import os
from pathlib import Path

import pytest

from rankd.core.errors import RecordError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.store.epoch import find_secret, open_epoch


def test_every_start_draws_a_new_secret_and_keeps_the_old_ones(tmp_path: Path) -> None:
    first, second = open_epoch(tmp_path), open_epoch(tmp_path)
    assert first.secret != second.secret
    assert (len(first.secret), first.digest) == (32, sha256(first.secret))
    assert sorted(path.name for path in (tmp_path / "epochs").iterdir()) == [
        f"000001-{first.digest.hex()}.secret",
        f"000002-{second.digest.hex()}.secret",
    ]
    assert find_secret(tmp_path, first.digest) == first.secret
    assert find_secret(tmp_path, second.digest) == second.secret


def test_a_secret_is_for_its_owner_alone_and_never_printed(tmp_path: Path) -> None:
    epoch = open_epoch(tmp_path)
    (path,) = (tmp_path / "epochs").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.read_bytes() == epoch.secret
    assert epoch.secret.hex() not in repr(epoch)
    assert repr(epoch.secret) not in repr(epoch)


def test_the_secret_is_on_disk_under_its_name_before_anybody_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def spy_fsync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append(f"sync {'file' if name.suffix == '.tmp' else name.name}")
        fsync(descriptor)

    def spy_rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(Path, "rename", spy_rename)
    open_epoch(tmp_path)
    assert steps == [f"sync {tmp_path.name}", "sync file", "rename", "sync epochs"]


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_secret_that_cannot_be_kept_begins_no_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / "epochs").mkdir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if call == "fsync" else Path, call, full)
    with pytest.raises(ServiceError) as caught:
        open_epoch(tmp_path)
    assert caught.value.reason == "EPOCH_UNWRITABLE"
    assert list((tmp_path / "epochs").iterdir()) == []


def test_an_epoch_that_the_folder_does_not_hold_has_no_secret(tmp_path: Path) -> None:
    assert find_secret(tmp_path, bytes(32)) is None


def test_a_secret_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    epoch = open_epoch(tmp_path)
    (path,) = (tmp_path / "epochs").iterdir()
    path.write_bytes(bytes([epoch.secret[0] ^ 1]) + epoch.secret[1:])
    with pytest.raises(RecordError) as caught:
        find_secret(tmp_path, epoch.digest)
    assert caught.value.reason == "EPOCH_DIFFERS"
