import io
import tarfile
from typing import Literal

import pytest

from rankd.store.ustar import END, MAX_MEMBER_BYTES, padding, read_ustar_header, ustar_header

LONG = f"archive/policies/{'a' * 64}/{'b' * 64}.yaml"
NAMES = ["bundle.json", "tile/0/x001/234", LONG, "a" * 100]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, 1, 512, MAX_MEMBER_BYTES])
def test_a_header_is_read_back(name: str, size: int) -> None:
    header = ustar_header(name, size)
    assert len(header) == 512
    assert read_ustar_header(header) == (name, size)


def test_other_tools_read_what_is_written() -> None:
    data = b"".join(ustar_header(name, 3) + b"abc" + bytes(padding(3)) for name in NAMES) + END
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = tar.getmembers()
        assert [(entry.name, entry.size, entry.mode, entry.mtime) for entry in found] == [
            (name, 3, 0o644, 0) for name in NAMES
        ]
        assert all(entry.isreg() and (file := tar.extractfile(entry)) and file.read() == b"abc" for entry in found)


@pytest.mark.parametrize(
    ("name", "size"), [("", 0), ("a" * 101, 0), ("é", 0), ("a", MAX_MEMBER_BYTES + 1), ("a", -1), ("b/" * 90 + "c", 0)]
)
def test_what_no_header_can_hold_is_a_mistake(name: str, size: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - encoding errors are ValueErrors with texts of their own
        ustar_header(name, size)


def test_every_changed_byte_of_a_header_is_refused() -> None:
    header = ustar_header("bundle.json", 77)
    for at in range(512):
        for bit in (1, 16, 128):
            changed = header[:at] + bytes([header[at] ^ bit]) + header[at + 1 :]
            with pytest.raises(ValueError, match=r"."):
                read_ustar_header(changed)


def made_by_tarfile(tar_format: Literal[0, 1, 2], **fields: object) -> bytes:
    entry = tarfile.TarInfo("bundle.json")
    for name, value in fields.items():
        setattr(entry, name, value)
    return entry.tobuf(tar_format)[:512]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (made_by_tarfile(tarfile.USTAR_FORMAT, type=tarfile.SYMTYPE, linkname="/etc/passwd"), "a symbolic link"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, type=tarfile.LNKTYPE, linkname="x"), "a hard link"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, type=tarfile.CHRTYPE), "a device"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, type=tarfile.BLKTYPE), "a device"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, type=tarfile.FIFOTYPE), "a pipe"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, type=tarfile.DIRTYPE), "a folder"),
        (made_by_tarfile(tarfile.GNU_FORMAT, type=tarfile.GNUTYPE_SPARSE), "a GNU sparse file"),
        (made_by_tarfile(tarfile.GNU_FORMAT, name="n" * 200), "a GNU long name"),
        (made_by_tarfile(tarfile.PAX_FORMAT, name="é" * 90), "a pax header"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, type=tarfile.AREGTYPE), "type"),
        (made_by_tarfile(tarfile.GNU_FORMAT), "fields"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, mode=0o4755), "fields"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, uid=1000, uname="root"), "fields"),
        (made_by_tarfile(tarfile.USTAR_FORMAT, mtime=1), "fields"),
        (made_by_tarfile(tarfile.GNU_FORMAT, size=8**12), "a size"),
        (bytes(512), "type"),
    ],
)
def test_everything_but_a_plain_file_is_said_to_be_what_it_is(header: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_ustar_header(header)


def test_a_name_that_is_split_elsewhere_than_it_must_be_is_refused() -> None:
    header = bytearray(ustar_header("tile/0/000", 0))
    header[:10] = b"0/000".ljust(10, b"\0")
    header[345:349] = b"tile"
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 256)
    with pytest.raises(ValueError, match="fields"):
        read_ustar_header(bytes(header))
