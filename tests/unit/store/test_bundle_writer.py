import errno
import os
from pathlib import Path

import pytest

from rankd.core.errors import BundleError
from rankd.store import bundle_writer
from rankd.store.bundle_writer import BundleWriter
from tests.evidence import members, tar_of


def test_members_are_written_in_order_and_take_the_name_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "b.tar"
    path.write_bytes(b"before")
    with BundleWriter(path) as writer:
        writer.add("one", [b"ab", b"c"])
        writer.add("two", [])
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == tar_of([("one", b"abc"), ("two", b"")])
    assert list(members(path)) == ["one", "two"]
    # It holds keys: only its owner can read it.
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["b.tar"]


def test_what_goes_wrong_inside_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "b.tar"
    path.write_bytes(b"before")

    def fail() -> None:
        with BundleWriter(path) as writer:
            writer.add("one", [b"abc"])
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with BundleWriter(path) as writer:
        writer.add("one", [b"abc"])
        writer.discard()
    assert path.read_bytes() == b"before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["b.tar"]


def test_a_folder_that_is_not_there_and_a_disk_that_refuses_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BundleError) as caught:
        BundleWriter(tmp_path / "nowhere" / "b.tar")
    assert caught.value.reason == "BUNDLE_UNWRITABLE"

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(BundleError) as caught, BundleWriter(tmp_path / "b.tar") as writer:
        writer.add("one", [b"abc"])
    assert caught.value.reason == "BUNDLE_UNWRITABLE"
    assert list(tmp_path.iterdir()) == []


def test_a_member_that_no_header_can_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_writer, "MAX_MEMBER_BYTES", 2)
    with pytest.raises(BundleError) as caught, BundleWriter(tmp_path / "b.tar") as writer:
        writer.add("one", [b"abc"])
    assert caught.value.reason == "BUNDLE_TOO_LARGE"
