import tracemalloc

import pytest
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rankd.core.errors import RecordError
from rankd.core.records import body
from rankd.core.records.body import MAX_BODY_BYTES, MAX_RECORD_BYTES, open_body, seal

KEY = b"k" * 32


def _sealed(frame: bytes) -> bytes:
    return ChaCha20Poly1305(KEY).encrypt(bytes(12), frame, None)


def _reason(sealed: bytes) -> str:
    with pytest.raises(RecordError) as refusal:
        open_body(KEY, sealed)
    return refusal.value.reason


@pytest.mark.parametrize("record", [b"", b"x", b"x" * 10**6, bytes(range(256)) * 100])
def test_a_body_opens_to_its_record(record: bytes) -> None:
    assert open_body(KEY, seal(KEY, record)) == record


def test_after_a_body_that_is_refused_the_next_one_opens() -> None:
    frame = zstandard.ZstdCompressor().compress(b"record" * 100)
    assert _reason(_sealed(frame[:-3])) == "BODY_MALFORMED"
    assert open_body(KEY, seal(KEY, b"record")) == b"record"


def test_a_body_is_smaller_than_a_record_that_repeats_itself() -> None:
    assert len(seal(KEY, b"post-1234 " * 10_000)) < 1_000


def test_the_same_record_seals_to_the_same_bytes_and_under_another_key_to_others() -> None:
    # So what a crash left half done can be done again without a second content under one key and nonce.
    assert seal(KEY, b"record") == seal(KEY, b"record")
    assert seal(KEY, b"record") != seal(b"j" * 32, b"record")


def test_every_flipped_bit_of_a_body_is_noticed() -> None:
    sealed = seal(KEY, b"record")
    for at in range(len(sealed)):
        for bit in range(8):
            flipped = bytearray(sealed)
            flipped[at] ^= 1 << bit
            assert _reason(bytes(flipped)) == "BODY_KEY_WRONG"


def test_a_record_above_the_limit_is_not_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_RECORD_BYTES", 10)
    assert len(seal(KEY, b"x" * 10)) > 0
    with pytest.raises(RecordError) as refusal:
        seal(KEY, b"x" * 11)
    assert refusal.value.reason == "RECORD_TOO_LARGE"


def test_a_record_that_cannot_be_compressed_still_makes_a_body_of_allowed_size() -> None:
    assert zstandard.frame_content_size(zstandard.ZstdCompressor(level=3).compress(b"x")) == 1
    # ZSTD_COMPRESSBOUND, and the tag.
    assert MAX_RECORD_BYTES + (MAX_RECORD_BYTES >> 8) + 16 <= MAX_BODY_BYTES


def test_a_body_that_is_too_long_is_not_even_opened() -> None:
    assert _reason(bytes(MAX_BODY_BYTES + 1)) == "BODY_TOO_LARGE"


def test_a_frame_that_promises_what_is_not_allowed_costs_no_memory() -> None:
    content = zstandard.ZstdCompressor(level=3).compress(bytes(MAX_RECORD_BYTES + 1))
    sealed = _sealed(content)
    assert len(sealed) < 10_000
    tracemalloc.start()
    try:
        assert _reason(sealed) == "BODY_TOO_LARGE"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        ("502a4d1800000000", "it begins with 502a4d18"),
        ("", "it begins with nothing"),
        ("28b52ffd21070f010000", "the frame wants a dictionary"),
        ("28b52ffd0000010000", "the frame states no size"),
    ],
)
def test_a_refusal_says_what_the_frame_is_instead(frame: str, found: str) -> None:
    with pytest.raises(RecordError) as refusal:
        open_body(KEY, _sealed(bytes.fromhex(frame)))
    assert refusal.value.metadata["found"] == found


def test_the_largest_record_opens() -> None:
    sealed = _sealed(zstandard.ZstdCompressor(level=1).compress(bytes(MAX_RECORD_BYTES)))
    assert len(open_body(KEY, sealed)) == MAX_RECORD_BYTES
