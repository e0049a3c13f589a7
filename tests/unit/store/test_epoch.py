import os
from pathlib import Path

import pytest

from rankd.core.errors import RecordError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.store.epoch import EpochFolder
from tests.interruption import Killed, watch_disk


def test_every_start_draws_a_new_secret_and_keeps_the_old_ones(tmp_path: Path) -> None:
    first, second = EpochFolder(tmp_path).open(), EpochFolder(tmp_path).open()
    assert first.secret != second.secret
    assert (len(first.secret), first.digest) == (32, sha256(first.secret))
    assert sorted(path.name for path in (tmp_path / "epochs").iterdir()) == [
        f"000001-{first.digest.hex()}.secret",
        f"000002-{second.digest.hex()}.secret",
    ]
    assert EpochFolder(tmp_path).find_secret(first.digest) == first.secret
    assert EpochFolder(tmp_path).find_secret(second.digest) == second.secret


def test_a_secret_is_for_its_owner_alone_and_never_printed(tmp_path: Path) -> None:
    epoch = EpochFolder(tmp_path).open()
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
    fsync, link = os.fsync, os.link

    def spy_fsync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append(f"sync {'file' if name.suffix == '.tmp' else name.name}")
        fsync(descriptor)

    def spy_link(source: str, target: Path) -> None:
        steps.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(os, "link", spy_link)
    EpochFolder(tmp_path).open()
    assert steps == [f"sync {tmp_path.name}", "sync file", "link", "sync epochs"]


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_secret_that_cannot_be_kept_begins_no_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / "epochs").mkdir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(ServiceError) as caught:
        EpochFolder(tmp_path).open()
    assert caught.value.reason == "EPOCH_UNWRITABLE"
    assert list((tmp_path / "epochs").iterdir()) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(4))
def test_a_crash_leaves_a_whole_epoch_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool
) -> None:
    folder = EpochFolder(tmp_path)
    first = folder.open()
    with monkeypatch.context() as patch:
        watch_disk(patch, step, after=after)
        with pytest.raises(Killed):
            folder.open()
    last = folder.open()
    found = folder.unrevealed()
    assert (found[0], found[-1]) == (first, last)
    assert len(found) in (2, 3)
    assert all(len(epoch.secret) == 32 for epoch in found)


def test_epochs_are_unrevealed_in_their_order_until_it_is_noted(tmp_path: Path) -> None:
    folder = EpochFolder(tmp_path)
    assert folder.unrevealed() == ()
    epochs = [folder.open() for _ in range(3)]
    assert folder.unrevealed() == tuple(epochs)
    folder.note_revealed(epochs[1])
    assert EpochFolder(tmp_path).unrevealed() == (epochs[0], epochs[2])
    folder.note_revealed(epochs[1])
    assert folder.find_secret(epochs[1].digest) == epochs[1].secret
    assert folder.open() not in epochs
    names = sorted(path.name for path in (tmp_path / "epochs").iterdir())
    assert [name.partition("-")[0] for name in names] == ["000001", "000002", "000003", "000004"]
    assert [name.rpartition(".")[2] for name in names] == ["secret", "revealed", "secret", "secret"]


def test_the_millionth_epoch_comes_after_the_others(tmp_path: Path) -> None:
    folder = EpochFolder(tmp_path)
    first, second = folder.open(), folder.open()
    (path,) = (tmp_path / "epochs").glob("000002-*")
    path.rename(path.with_name(path.name.replace("000002", "1000000")))
    assert folder.unrevealed() == (first, second)
    assert folder.unrevealed()[:2] == (first, second)
    third = folder.open()
    assert folder.unrevealed() == (first, second, third)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(2))
def test_a_crash_while_noting_loses_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool
) -> None:
    folder = EpochFolder(tmp_path)
    epoch = folder.open()
    with monkeypatch.context() as patch:
        watch_disk(patch, step, after=after)
        with pytest.raises(Killed):
            folder.note_revealed(epoch)
    assert folder.unrevealed() in ((), (epoch,))
    folder.note_revealed(epoch)
    assert (folder.unrevealed(), folder.find_secret(epoch.digest)) == ((), epoch.secret)


def test_a_note_that_the_disk_refuses_leaves_the_epoch_unrevealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    folder = EpochFolder(tmp_path)
    epoch = folder.open()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        with pytest.raises(ServiceError) as caught:
            folder.note_revealed(epoch)
    assert caught.value.reason == "EPOCH_UNWRITABLE"
    assert folder.unrevealed() == (epoch,)


def test_an_epoch_that_the_folder_does_not_hold_has_no_secret(tmp_path: Path) -> None:
    assert EpochFolder(tmp_path).find_secret(bytes(32)) is None


def test_a_secret_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    epoch = EpochFolder(tmp_path).open()
    (path,) = (tmp_path / "epochs").iterdir()
    path.write_bytes(bytes([epoch.secret[0] ^ 1]) + epoch.secret[1:])
    with pytest.raises(RecordError) as caught:
        EpochFolder(tmp_path).find_secret(epoch.digest)
    assert caught.value.reason == "EPOCH_DIFFERS"
    with pytest.raises(RecordError) as caught:
        EpochFolder(tmp_path).unrevealed()
    assert caught.value.reason == "EPOCH_DIFFERS"
