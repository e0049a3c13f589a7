"""Bundles that somebody hands over: what is read of a good one, and everything that is refused."""

import errno
import os
import random
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from rankd.core.errors import BundleError
from rankd.store import bundle_file
from rankd.store.bundle_file import BundleFile
from rankd.store.bundle_layout import About
from rankd.store.ustar import END, ustar_header
from tests.conftest import House
from tests.evidence import bundled, members, tar_of

Change = Callable[[dict[str, bytes]], None]
HEX = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundle five decisions."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(5))
    return bundled(house.data, house.data.with_name("good.tar"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def refused(path: Path, data: bytes, temporary: Path) -> str:
    """Return why these bytes are no bundle; whatever they are, nothing stays behind."""
    path.write_bytes(data)
    with pytest.raises(BundleError) as caught:
        BundleFile(path)
    assert list(temporary.iterdir()) == []
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def test_a_good_bundle_gives_what_it_holds(good: Path, temporary: Path) -> None:
    files = members(good)
    with BundleFile(good) as bundle:
        assert (bundle.origin, bundle.size, bundle.first, bundle.end) == ("dev.test", 7, 0, 7)
        assert bundle.checkpoint() == files["checkpoint"]
        assert bundle.tile(0, 0, 7) == files["tile/0/000.p/7"]
        assert bundle.entry_bundle(0, 7) == files["tile/entries/000.p/7"]
        assert (list(bundle.numbers), len(bundle.bodies(0)), bundle.unpublished_count) == ([0], 5, 0)
        assert bundle.tile(0, 0, 6) is bundle.tile(0, 1, 7) is bundle.tile(1, 0, 1) is None
        assert bundle.entry_bundle(0, 256) is bundle.entry_bundle(1, 7) is None
        assert bundle.bodies(1) == {}
        (folder,) = temporary.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        kept = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        # Two folders deep like the archive of a data directory, where a text's name holds both digests.
        assert len(kept) == sum(name.startswith("archive/") for name in files)
        assert all(name.startswith("archive/") for name in kept)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../escape",
        "tile/../../escape",
        f"archive/models/{HEX}/../../../escape.txt",
        "archive/models/escape.txt",
        "tile/0/001",
        "tile/entries/001.p/1",
        "bodies/001",
        "keys.sqlite",
    ],
)
def test_a_path_traversal_an_absolute_path_or_a_strange_name_is_refused(
    good: Path, temporary: Path, tmp_path: Path, name: str
) -> None:
    data = tar_of([*members(good).items(), (name, b"x")])
    assert refused(tmp_path / "b.tar", data, temporary) == "BUNDLE_MEMBER"
    assert not list(tmp_path.rglob("escape*"))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_a_link_a_device_a_pipe_or_a_folder_is_refused(
    good: Path, temporary: Path, tmp_path: Path, kind: bytes
) -> None:
    entry = tarfile.TarInfo(f"archive/models/{HEX}/manifest.json")
    entry.type, entry.linkname = kind, "/etc/passwd"
    data = good.read_bytes().removesuffix(END) + entry.tobuf(tarfile.USTAR_FORMAT) + END
    assert refused(tmp_path / "b.tar", data, temporary) == "BUNDLE_HEADER"


@pytest.mark.parametrize("tar_format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_extended_headers_are_refused(good: Path, temporary: Path, tmp_path: Path, tar_format: Literal[1, 2]) -> None:
    entry = tarfile.TarInfo("n" * 300)
    data = good.read_bytes().removesuffix(END) + entry.tobuf(tar_format) + END
    assert refused(tmp_path / "b.tar", data, temporary) == "BUNDLE_HEADER"


def test_a_global_pax_header_before_everything_is_refused(good: Path, temporary: Path, tmp_path: Path) -> None:
    header = tarfile.TarInfo.create_pax_global_header({"path": "/etc/passwd"})
    assert refused(tmp_path / "b.tar", header + good.read_bytes(), temporary) == "BUNDLE_HEADER"


def test_a_sparse_file_is_refused(good: Path, temporary: Path, tmp_path: Path) -> None:
    entry = tarfile.TarInfo("checkpoint")
    entry.type = tarfile.GNUTYPE_SPARSE
    data = good.read_bytes().removesuffix(END) + entry.tobuf(tarfile.GNU_FORMAT) + END
    assert refused(tmp_path / "b.tar", data, temporary) == "BUNDLE_HEADER"


def swapped(files: dict[str, bytes]) -> list[tuple[str, bytes]]:
    items = list(files.items())
    items[-1], items[-2] = items[-2], items[-1]
    return items


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda files: [*files.items(), list(files.items())[-1]], "BUNDLE_ORDER"),
        (lambda files: [*list(files.items())[:3], *list(files.items())[2:]], "BUNDLE_ORDER"),
        (swapped, "BUNDLE_ORDER"),
        (lambda files: list(files.items())[1:], "BUNDLE_INCOMPLETE"),
        (lambda files: [entry for entry in files.items() if entry[0] != "checkpoint"], "BUNDLE_INCOMPLETE"),
        (lambda files: [("bundle.json", files["bundle.json"]), *files.items()], "BUNDLE_INCOMPLETE"),
        (lambda files: [*files.items(), ("checkpoint", b"")], "BUNDLE_MEMBER"),
        (lambda _: [], "BUNDLE_INCOMPLETE"),
    ],
)
def test_duplicates_and_another_order_are_refused(
    good: Path,
    temporary: Path,
    tmp_path: Path,
    make: Callable[[dict[str, bytes]], list[tuple[str, bytes]]],
    reason: str,
) -> None:
    assert refused(tmp_path / "b.tar", tar_of(make(members(good))), temporary) == reason


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("bundle.json", 4_097),
        ("checkpoint", 1_000_001),
        ("tile/0/000.p/7", 256 * 32 + 1),
        ("tile/entries/000.p/7", 256 * 65_537 + 1),
    ],
)
def test_a_bomb_is_refused_by_its_size_alone(good: Path, temporary: Path, tmp_path: Path, name: str, size: int) -> None:
    files = members(good) | {name: bytes(size)}
    assert refused(tmp_path / "b.tar", tar_of(list(files.items())), temporary) == "BUNDLE_TOO_LARGE"


def test_an_archive_of_too_many_files_or_bytes_is_refused(
    good: Path, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_file, "MAX_ARCHIVE_FILES", 3)
    assert refused(tmp_path / "b.tar", good.read_bytes(), temporary) == "BUNDLE_TOO_MANY"
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(bundle_file, "MAX_ARCHIVE_BYTES", 1_000)
    assert refused(tmp_path / "b.tar", good.read_bytes(), temporary) == "BUNDLE_TOO_LARGE"


def test_millions_of_tiny_entries_are_refused_before_they_fill_the_memory(
    good: Path, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_file, "MAX_MEMBERS", 5_000)
    about = About("dev.test", 256 * 10_000, 0, 256 * 10_000)
    files = [("bundle.json", about.document), ("checkpoint", b"")]
    files += [(f"bodies/{'' if at < 1_000 else f'x{at // 1_000:03d}/'}{at % 1_000:03d}", b"") for at in range(5_000)]
    assert refused(tmp_path / "b.tar", tar_of(files), temporary) == "BUNDLE_TOO_MANY"


def test_a_member_takes_some_bytes_of_memory_and_no_object(tmp_path: Path) -> None:
    about = About("dev.test", 256 * 3_000, 0, 256 * 3_000)
    files = [("bundle.json", about.document), ("checkpoint", b"")]
    files += [(f"bodies/{'' if at < 1_000 else f'x{at // 1_000:03d}/'}{at % 1_000:03d}", b"") for at in range(3_000)]
    (tmp_path / "b.tar").write_bytes(tar_of(files))
    with BundleFile(tmp_path / "b.tar") as bundle:
        assert bundle.bodies(2_999) == {}
        assert list(bundle.numbers) == []


def test_sizes_that_lie_are_refused(good: Path, temporary: Path, tmp_path: Path) -> None:
    data = good.read_bytes().removesuffix(END)
    for size in (1, 512, 513, 64 * 1024 * 1024):
        lying = data + ustar_header(f"archive/policies/{HEX}/{HEX}.yaml", size) + END
        assert refused(tmp_path / "b.tar", lying, temporary) in {"BUNDLE_TRUNCATED", "BUNDLE_HEADER", "BUNDLE_ORDER"}


def test_a_file_that_is_cut_anywhere_or_goes_on_is_refused(good: Path, temporary: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    for length in (0, 1, 511, 512, 600, 1_024, len(data) // 2, len(data) - 1_024, len(data) - 512, len(data) - 1):
        assert refused(tmp_path / "b.tar", data[:length], temporary) in {"BUNDLE_TRUNCATED", "BUNDLE_INCOMPLETE"}
    for more in (b"\0", bytes(512), bytes(9_216), b"x", data):
        assert refused(tmp_path / "b.tar", data + more, temporary) == "BUNDLE_END"


def test_bytes_hidden_in_the_padding_are_refused(good: Path, temporary: Path, tmp_path: Path) -> None:
    data = bytearray(good.read_bytes())
    data[512 + 511] = 1
    assert refused(tmp_path / "b.tar", bytes(data), temporary) == "BUNDLE_HEADER"


@pytest.mark.parametrize("compress", ["gz", "xz", "bz2"])
def test_a_compressed_bundle_is_no_bundle(good: Path, temporary: Path, tmp_path: Path, compress: str) -> None:
    packed = tmp_path / "packed"
    with tarfile.open(packed, f"w:{compress}") as tar:  # type: ignore[call-overload]  # its modes are literals
        tar.add(good, "bundle.json")
    assert refused(tmp_path / "b.tar", packed.read_bytes(), temporary) in {"BUNDLE_HEADER", "BUNDLE_TRUNCATED"}


def test_what_is_no_plain_file_is_refused_without_waiting(tmp_path: Path, temporary: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path, tmp_path / "nothing"):
        with pytest.raises(BundleError) as caught:
            BundleFile(path)
        assert caught.value.reason == "BUNDLE_UNREADABLE"
    assert list(temporary.iterdir()) == []


def test_random_bytes_anywhere_are_refused_or_read_as_they_are(good: Path, tmp_path: Path) -> None:
    """A flipped bit in a header is always refused; one in a content is for whoever verifies it."""
    draw, data = random.Random(5), good.read_bytes()
    contents = members(good)
    for _ in range(300):
        at, bit = draw.randrange(len(data)), 1 << draw.randrange(8)
        (tmp_path / "b.tar").write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        try:
            with BundleFile(tmp_path / "b.tar"):
                found = members(tmp_path / "b.tar")
        except BundleError:
            continue
        assert found.keys() == contents.keys()
        assert sum(found[name] != contents[name] for name in contents) == 1


def test_a_file_that_shrinks_while_it_is_read_is_named(good: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(good.read_bytes())
    with BundleFile(tmp_path / "b.tar") as bundle:
        os.truncate(tmp_path / "b.tar", 100)
        with pytest.raises(BundleError) as caught:
            bundle.entry_bundle(0, 7)
    assert caught.value.reason == "BUNDLE_TRUNCATED"


def test_a_disk_that_refuses_is_named(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with BundleFile(good) as bundle:

        def refuse(*_: object) -> bytes:
            raise OSError(errno.EIO, "input/output error")

        monkeypatch.setattr(os, "pread", refuse)
        with pytest.raises(BundleError) as caught:
            bundle.entry_bundle(0, 7)
        monkeypatch.undo()
    assert caught.value.reason == "BUNDLE_UNREADABLE"
