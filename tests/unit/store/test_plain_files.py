"""Files among strangers' files."""

import os
from pathlib import Path

import pytest

from rankd.store.plain_files import OversizeError, PlainFiles


def test_a_plain_file_is_read_and_an_absent_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").write_bytes(b"content")
    files = PlainFiles(tmp_path)
    assert files.read("a/b", 7) == b"content"
    assert files.read("a/c", 7) is files.read("x/y", 7) is files.read("a/b/c", 7) is None


def test_no_more_is_read_than_there_can_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    with pytest.raises(OversizeError) as caught:
        PlainFiles(tmp_path).read("a", 6)
    assert caught.value.size == 7


@pytest.mark.parametrize("name", ["link", "folder/file", "dangling", "pipe", "folder", "socket/x"])
def test_links_pipes_and_folders_are_refused_at_once(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "file").write_bytes(b"secret")
    (root / "link").symlink_to(outside / "file")
    (root / "folder").symlink_to(outside)
    (root / "dangling").symlink_to(outside / "nothing")
    (root / "socket").symlink_to(outside)
    os.mkfifo(root / "pipe")
    with pytest.raises(OSError):  # noqa: PT011 - the system's number differs with what lies there
        PlainFiles(root).read(name, 100)


def test_what_lies_there_is_named_without_following_or_entering_what_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "b/c").mkdir(parents=True)
    (tmp_path / "b/c/d").write_bytes(b"")
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/x").write_bytes(b"")
    (tmp_path / "b/.y.tmp").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    files = PlainFiles(tmp_path)
    assert list(files.names(10)) == [("a", True), ("loop", False), ("b/c/d", True)]
    assert [name for name, _ in files.names(10, with_hidden=True)] == ["a", "loop", "b/.y.tmp", "b/c/d"]
    assert len(list(files.names(2))) == 2
