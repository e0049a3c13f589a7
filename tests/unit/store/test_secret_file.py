import os
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.store.secret_file import (
    LoosePermissionsError,
    blank_secret_file,
    create_secret_file,
    make_secret_folder,
    open_secret,
    read_secret_file,
)
from tests.interruption import Killed, watch_disk

SECRET = bytes(range(1, 33))


def test_a_secret_is_for_its_owner_alone_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        create_secret_file(tmp_path / "secret", SECRET)
    finally:
        os.umask(old)
    assert list(tmp_path.iterdir()) == [tmp_path / "secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert read_secret_file(tmp_path / "secret", 32) == SECRET


def test_content_is_on_disk_before_it_gets_its_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = watch_disk(monkeypatch)
    create_secret_file(tmp_path / "secret", SECRET)
    assert steps == ["fsync", "link", "unlink", "fsync"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(4))
def test_a_crash_leaves_the_whole_secret_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool
) -> None:
    with monkeypatch.context() as patch:
        watch_disk(patch, step, after=after)
        with pytest.raises(Killed):
            create_secret_file(tmp_path / "secret", SECRET)
    named = [path.read_bytes() for path in tmp_path.iterdir() if path.suffix != ".tmp"]
    assert named in ([], [SECRET])
    if not named:
        create_secret_file(tmp_path / "secret", SECRET)
    assert read_secret_file(tmp_path / "secret", 32) == SECRET


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_disk_that_refuses_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space"):
        create_secret_file(tmp_path / "secret", SECRET)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_is_there_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "secret"
    if kind == "file":
        path.write_bytes(b"kept")
    elif kind == "link":
        path.symlink_to("nowhere")
    else:
        path.mkdir()
    with pytest.raises(FileExistsError):
        create_secret_file(path, SECRET)
    assert list(tmp_path.iterdir()) == [path]
    assert kind != "file" or path.read_bytes() == b"kept"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_secret_that_others_can_reach_is_not_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    create_secret_file(path, SECRET)
    path.chmod(mode)
    with pytest.raises(LoosePermissionsError):
        read_secret_file(path, 32)
    path.chmod(0o400)
    assert read_secret_file(path, 32) == SECRET


def test_a_pipe_or_a_folder_is_no_secret_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(0o700)
    for name in ("pipe", "folder"):
        with pytest.raises(OSError, match=r"regular|directory"):
            read_secret_file(tmp_path / name, 32)


def test_a_long_file_is_told_without_reading_it_all(tmp_path: Path) -> None:
    create_secret_file(tmp_path / "secret", bytes(10_000))
    assert len(read_secret_file(tmp_path / "secret", 32)) == 33


def test_a_blanked_secret_is_gone_under_every_name(tmp_path: Path) -> None:
    create_secret_file(tmp_path / "secret", SECRET)
    # What a crash leaves between the link and the unlink.
    os.link(tmp_path / "secret", tmp_path / ".secret.x.tmp")
    blank_secret_file(tmp_path / "secret")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"", b""]


def test_a_secret_is_overwritten_on_disk_before_it_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    create_secret_file(path, SECRET)
    seen: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_bytes()))
    blank_secret_file(path)
    assert seen == [bytes(32), b""]


def test_a_secret_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    for _ in range(2):
        make_secret_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_the_secret_of_feedback_tokens_is_drawn_once(tmp_path: Path) -> None:
    first = open_secret(tmp_path)
    assert (len(first), open_secret(tmp_path)) == (32, first)
    path = tmp_path / "keys" / "feedback.secret"
    assert path.read_bytes() == first
    path.chmod(0o644)
    with pytest.raises(ServiceError, match="mode 0644") as caught:
        open_secret(tmp_path)
    assert caught.value.reason == "SECRET_UNUSABLE"
    path.chmod(0o600)
    path.write_bytes(first[:31])
    with pytest.raises(ServiceError) as caught:
        open_secret(tmp_path)
    assert caught.value.reason == "SECRET_UNUSABLE"
    assert first.hex() not in str(caught.value)
