"""Ed25519 keys as docs/spec/log.md wants them, by plain arithmetic on the curve (RFC 8032, section 5.1)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P

Point = tuple[int, int]


def add(one: Point, other: Point) -> Point:
    """Return the sum of two points (RFC 8032, section 5.1.4, in affine coordinates)."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, P - 2, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, P - 2, P)
    return x % P, y % P


def point(raw: bytes) -> Point | None:
    """Return the point that 32 bytes spell, None if they spell none (RFC 8032, section 5.1.3)."""
    number = int.from_bytes(raw, "little")
    y, sign = number % 2**255, number >> 255
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x % 2 != sign else x), y


def is_sound_key(raw: bytes) -> bool:
    """Whether 32 bytes are a point in its only spelling that eight times itself does not vanish."""
    found = point(raw)
    if found is None:
        return False
    for _ in range(3):
        found = add(found, found)
    return found != (0, 1)


def is_signed_by(raw: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a sound key signed the message."""
    if not is_sound_key(raw) or len(signature) != 64:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True
