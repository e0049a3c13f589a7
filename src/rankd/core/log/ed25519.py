"""Ed25519 (RFC 8032) with the checks on public keys that the library leaves out."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rankd.core.errors import LogError

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_SIGN_BIT = 1 << 255
_Y_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y = frozenset({1, _P - 1, 0, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})
"""The y of the eight points whose order divides 8: one each of order 1 and 2, two of order 4, four of order 8."""


def check_public_key(raw: bytes) -> None:
    """Make sure that 32 bytes are a public key worth trusting.

    Under a key of small order a signature can fit many messages, and a second spelling of one key would let one
    person enrol twice; `cryptography` accepts both.

    Args:
        raw: The key as RFC 8032 section 5.1.2 encodes it.

    Raises:
        LogError: PUBLIC_KEY_LENGTH, PUBLIC_KEY_NOT_CANONICAL, PUBLIC_KEY_SMALL_ORDER, or PUBLIC_KEY_NO_POINT.

    Source: RFC 8032 section 5.1.3 (decoding).
    """
    weakness = _weakness(raw)
    if weakness is not None:
        raise LogError(weakness, found=raw.hex(), size_bytes=len(raw))
    square = int.from_bytes(raw, "little") % _SIGN_BIT
    square = square * square % _P
    # x² = (y² − 1) / (d·y² + 1) must have a root: Euler's criterion, with u·v in place of u/v (same character).
    if pow((square - 1) * (_D * square + 1), (_P - 1) // 2, _P) != 1:
        raise LogError("PUBLIC_KEY_NO_POINT", found=raw.hex())


def verify(raw_public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether `signature` is this key's signature of `message`.

    A key that `check_public_key` refuses signs nothing. OpenSSL refuses S ≥ L and any R but the canonical one.

    Args:
        raw_public: 32 bytes.
        signature: 64 bytes, R ‖ S.
        message: What was signed.

    Source: RFC 8032 section 5.1.7.
    """
    if _weakness(raw_public) is not None or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw_public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _weakness(raw: bytes) -> str | None:
    if len(raw) != PUBLIC_KEY_BYTES:
        return "PUBLIC_KEY_LENGTH"
    y = int.from_bytes(raw, "little") % _SIGN_BIT
    if y % _P in _SMALL_ORDER_Y:
        return "PUBLIC_KEY_SMALL_ORDER"
    return "PUBLIC_KEY_NOT_CANONICAL" if y >= _P else None
