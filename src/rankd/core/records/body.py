"""Body: a record, compressed and sealed under a key of its own; without the key nobody reads it again.

Source: DESIGN "The journals" (Body); docs/spec/log.md section 4; RFC 8878 (Zstandard), RFC 8439 (ChaCha20-Poly1305).
"""

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rankd.core.errors import RecordError

MAX_RECORD_BYTES = 64 * 1024 * 1024
MAX_BODY_BYTES = MAX_RECORD_BYTES + MAX_RECORD_BYTES // 256 + 1024
"""What the largest record takes where it cannot be compressed at all."""

_LEVEL = 3
_FRAME_MAGIC = b"\x28\xb5\x2f\xfd"
# A key seals one body and no other, so the nonce need not tell two apart.
_NONCE = bytes(12)
_EMPTY_FRAME = bytes.fromhex("28b52ffd2000010000")


# Decompressors that nobody uses now. To make one takes longer than to decompress a ballot, and none serves two callers
# at once: a list gives and takes in one step.
_IDLE: list[zstandard.ZstdDecompressor] = []


def seal(key: bytes, record: bytes) -> bytes:
    """Return a record's body: one Zstandard frame that states its size, in ChaCha20-Poly1305 under a zero nonce.

    Args:
        key: 32 bytes that have sealed nothing else.
        record: The record, at most `MAX_RECORD_BYTES`.

    Raises:
        RecordError: RECORD_TOO_LARGE.
    """
    if len(record) > MAX_RECORD_BYTES:
        raise RecordError("RECORD_TOO_LARGE", size_bytes=len(record), most_bytes=MAX_RECORD_BYTES)
    return ChaCha20Poly1305(key).encrypt(_NONCE, zstandard.ZstdCompressor(level=_LEVEL).compress(record), None)


def open_body(key: bytes, sealed: bytes) -> bytes:
    """Return the record that a body holds; whether a leaf commits to it is for `commitment` to say.

    Nothing is decompressed before the frame's own head has said how large it becomes and how much memory it wants.

    Args:
        key: The body's key, 32 bytes.
        sealed: The body, from somebody whom nobody vouches for.

    Raises:
        RecordError: BODY_TOO_LARGE; BODY_KEY_WRONG: this key does not open it; BODY_MALFORMED: not one frame of the
            size that it states and nothing more.
    """
    if len(sealed) > MAX_BODY_BYTES:
        raise RecordError("BODY_TOO_LARGE", size_bytes=len(sealed), most_bytes=MAX_BODY_BYTES)
    try:
        frame = ChaCha20Poly1305(key).decrypt(_NONCE, sealed, None)
    except InvalidTag:
        raise RecordError("BODY_KEY_WRONG") from None
    size_bytes = _stated_size(frame)
    # The library reads no further where a frame states that it is empty.
    if size_bytes == 0 and frame != _EMPTY_FRAME:
        raise RecordError("BODY_MALFORMED", found=f"{len(frame)} bytes that state that they are nothing")
    decompressor = _take_idle()
    try:
        # One frame and no byte more: a second one, or a skippable one, would hide content from other readers.
        record = decompressor.decompress(
            frame, max_output_size=size_bytes, read_across_frames=False, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise RecordError("BODY_MALFORMED", found=str(error)[:200]) from None
    _IDLE.append(decompressor)
    if len(record) != size_bytes:
        raise RecordError("BODY_MALFORMED", found=f"{len(record)} bytes, not the {size_bytes} that it states")
    return record


def _take_idle() -> zstandard.ZstdDecompressor:
    try:
        return _IDLE.pop()
    except IndexError:
        return zstandard.ZstdDecompressor(max_window_size=MAX_RECORD_BYTES)


def _stated_size(frame: bytes) -> int:
    if not frame.startswith(_FRAME_MAGIC):
        raise RecordError("BODY_MALFORMED", found=f"it begins with {frame[:4].hex() or 'nothing'}")
    try:
        head = zstandard.get_frame_parameters(frame)
    except zstandard.ZstdError as error:
        raise RecordError("BODY_MALFORMED", found=str(error)[:200]) from None
    if head.content_size == zstandard.CONTENTSIZE_UNKNOWN:
        raise RecordError("BODY_MALFORMED", found="the frame states no size")
    if head.dict_id:
        raise RecordError("BODY_MALFORMED", found="the frame wants a dictionary")
    largest = max(head.content_size, head.window_size)
    if largest > MAX_RECORD_BYTES:
        raise RecordError("BODY_TOO_LARGE", size_bytes=largest, most_bytes=MAX_RECORD_BYTES)
    return int(head.content_size)
