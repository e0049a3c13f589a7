"""Keys that nobody should trust are refused, and signatures are checked to the letter."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.log.ed25519 import check_public_key, verify
from tests.unit.core.log.vectors import official

VECTORS = official("ed25519.json")
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def add(one: Point, two: Point) -> Point:
    """Return the sum of two points of the curve −x² + y² = 1 + dx²y² (RFC 8032 section 5.1)."""
    (x, y), (u, v) = one, two
    product = D * x * y * u * v % P
    return ((x * v + y * u) * pow(1 + product, -1, P) % P, (y * v + x * u) * pow(1 - product, -1, P) % P)


def times(scalar: int, point: Point) -> Point:
    total = IDENTITY
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def decode(raw: bytes) -> Point | None:
    """Return the point whose y is written there, whatever its spelling; None where there is none."""
    whole = int.from_bytes(raw, "little")
    y = whole % 2**255 % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (x if x % 2 == whole >> 255 else -x % P, y)


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def torsion() -> list[Point]:
    """Return the eight points of small order: what is left of any point after multiplying the group order away."""
    y = 2
    while True:
        found = decode(y.to_bytes(32, "little"))
        if found is not None:
            points = [times(k, times(L, found)) for k in range(8)]
            if len(set(points)) == 8:
                return points
        y += 1


def small_order_spellings() -> list[bytes]:
    """Return every 32 bytes that a lax reader takes for a point of small order."""
    spellings = {
        y | sign << 255
        for _, canonical in torsion()
        for y in (canonical, canonical + P)
        if y < 2**255
        for sign in (0, 1)
    }
    return [spelling.to_bytes(32, "little") for spelling in sorted(spellings)]


def refusal(raw: bytes) -> LogError:
    with pytest.raises(LogError) as caught:
        check_public_key(raw)
    return caught.value


def test_there_are_eight_points_of_small_order_in_fourteen_spellings() -> None:
    assert {times(8, point) for point in torsion()} == {IDENTITY}
    assert {encode(point) for point in torsion()} < set(small_order_spellings())
    assert len(small_order_spellings()) == 14


@pytest.mark.parametrize("raw", small_order_spellings(), ids=bytes.hex)
def test_keys_of_small_order_are_refused_in_every_spelling(raw: bytes) -> None:
    assert refusal(raw).reason == "PUBLIC_KEY_SMALL_ORDER"
    # Under such a key, this “signature” fits one message in a few.
    assert not any(verify(raw, encode(point) + bytes(32), b"%d" % at) for at, point in enumerate(torsion() * 4))


def test_keys_that_are_written_otherwise_are_refused() -> None:
    others = {y: decode((y + P).to_bytes(32, "little")) for y in range(19)}
    for y, point in others.items():
        if y > 1 and point is not None:
            assert refusal((y + P).to_bytes(32, "little")).reason == "PUBLIC_KEY_NOT_CANONICAL"
            assert refusal((y + P | 1 << 255).to_bytes(32, "little")).reason == "PUBLIC_KEY_NOT_CANONICAL"


def test_bytes_that_are_no_point_are_refused() -> None:
    for y in range(2, 60):
        raw = y.to_bytes(32, "little")
        if decode(raw) is None:
            assert refusal(raw).reason == "PUBLIC_KEY_NO_POINT"
            assert not verify(raw, bytes(64), b"")
        else:
            check_public_key(raw)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    assert refusal(bytes([9]) * size).reason == "PUBLIC_KEY_LENGTH"
    assert not verify(bytes([9]) * size, bytes(64), b"")


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["source"] for vector in VECTORS])
def test_official_vector(vector: dict[str, Any]) -> None:
    key, signature, message = (bytes.fromhex(vector[name]) for name in ("key", "signature", "message"))
    assert verify(key, signature, message) == vector["want"]
    if vector["key_reason"] is None:
        check_public_key(key)
    else:
        assert refusal(key).reason == vector["key_reason"]
    if "seed" in vector:
        assert Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["seed"])).sign(message) == signature


def test_a_signature_has_one_spelling() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, signature = private.public_key().public_bytes_raw(), private.sign(b"text")
    assert verify(key, signature, b"text")
    s = int.from_bytes(signature[32:], "little")
    for multiple in range(1, 8):
        malleable = signature[:32] + (s + multiple * L).to_bytes(32, "little")
        assert not verify(key, malleable, b"text")
    for at in range(0, 512, 5):
        flipped = bytes(byte ^ (1 << at % 8 if at // 8 == place else 0) for place, byte in enumerate(signature))
        assert not verify(key, flipped, b"text")
    for other in (b"", signature[:63], signature + b"\0", signature * 2):
        assert not verify(key, other, b"text")
    assert not verify(key, signature, b"texT")
