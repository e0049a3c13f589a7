"""One tar header, in the only form that an audit bundle has: a plain file in ustar, with nothing left to choose.

Readers of tar forgive: they follow links, merge extended headers, guess at encodings and skip what they do not
know, and each of these has let somebody in. Here a header is read for its name and size alone, written anew from these
two, and compared byte for byte. Links, devices, sparse files, pax and GNU extensions, other owners, modes and times
and every second spelling of a number differ from what is written anew, so they are refused without a rule of their own.

Source: POSIX.1-1988 ustar; docs/spec/log.md, "Bundle".
"""

import re

BLOCK_BYTES = 512
END = bytes(2 * BLOCK_BYTES)
"""What stands after the last member, and nothing after it."""

MAX_MEMBER_BYTES = 8**11 - 1
_NAME_BYTES = 100
_PREFIX_BYTES = 155
_SIZE = re.compile(rb"[0-7]{11}\0")
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"5": "a folder",
    b"6": "a pipe",
    b"7": "a reserved type",
    b"D": "a GNU folder dump",
    b"K": "a GNU long link",
    b"L": "a GNU long name",
    b"M": "a GNU continuation",
    b"S": "a GNU sparse file",
    b"V": "a GNU volume label",
    b"g": "a pax header",
    b"x": "a pax header",
}


def ustar_header(name: str, size: int) -> bytes:
    """Return the header of a plain file, 512 bytes.

    A name of more than 100 bytes is split at its last slash. Mode is 0644; owner, group and time are 0.

    Args:
        name: ASCII, relative.
        size: Bytes, 0 … `MAX_MEMBER_BYTES`.

    Raises:
        ValueError: Name or size do not fit.
    """
    raw, prefix = name.encode("ascii"), b""
    if len(raw) > _NAME_BYTES:
        prefix, _, raw = raw.rpartition(b"/")
    if not 0 < len(raw) <= _NAME_BYTES or len(prefix) > _PREFIX_BYTES or not 0 <= size <= MAX_MEMBER_BYTES:
        raise ValueError(f"no ustar header holds {name!r} with {size} bytes")
    before = raw.ljust(_NAME_BYTES, b"\0") + b"0000644\0" + 2 * b"0000000\0" + b"%011o\0" % size + b"00000000000\0"
    after = b"0" + bytes(100) + b"ustar\x0000" + bytes(80) + prefix.ljust(_PREFIX_BYTES, b"\0") + bytes(12)
    checksum = sum(before) + sum(after) + 8 * ord(" ")
    return before + b"%06o\0 " % checksum + after


def read_ustar_header(block: bytes) -> tuple[str, int]:
    """Return name and size of a plain file.

    Args:
        block: 512 bytes.

    Raises:
        ValueError: This is not a header that `ustar_header` writes; the text says what it is instead.
    """
    kind = block[156:157]
    if kind != b"0":
        raise ValueError(_KINDS.get(kind, f"type {kind!r}"))
    if _SIZE.fullmatch(block[124:136]) is None:
        raise ValueError("a size that is not eleven octal digits")
    size = int(block[124:135], 8)
    prefix, name = block[345:500].rstrip(b"\0"), block[:_NAME_BYTES].rstrip(b"\0")
    try:
        whole = (prefix + b"/" + name if prefix else name).decode("ascii")
        written = ustar_header(whole, size)
    except ValueError:
        raise ValueError("a name that is not plain") from None
    if written != block:
        raise ValueError("fields that differ from mode 0644, owner 0, time 0")
    return whole, size


def padding(size: int) -> int:
    """Return how many zero bytes stand between a member of `size` bytes and the next header."""
    return -size % BLOCK_BYTES
