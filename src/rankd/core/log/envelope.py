"""DSSE envelopes with one Ed25519 signature: a typed payload that is parsed only after its signature holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.log import ed25519
from rankd.core.log.canonical_text import base64_text, parse_base64

MAX_PAYLOAD_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its type and signature; nothing is verified.

    Attributes:
        payload_type: A media type.
        payload: At most MAX_PAYLOAD_BYTES.
        signatures: One pair of key id (the public key in lower-case hexadecimal) and signature.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object: payload, payloadType, signatures with keyid and sig, in standard base64.

        Source: DSSE envelope.md, version 1.0.
        """
        return {
            "payload": base64_text(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": keyid, "sig": base64_text(sig)} for keyid, sig in self.signatures],
        }


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: `DSSEv1`, and both fields behind their lengths in bytes, joined by spaces.

    Source: DSSE protocol.md, version 1.0, “Signature Definition”.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_envelope(payload_type: str, payload: bytes, private_key: Ed25519PrivateKey) -> Envelope:
    """Return the payload with this key's signature."""
    signature = private_key.sign(pae(payload_type, payload))
    return Envelope(payload_type, payload, ((private_key.public_key().public_bytes_raw().hex(), signature),))


def parse_envelope(document: object) -> Envelope:
    """Read an envelope's JSON object strictly; nothing is verified.

    DSSE lets a verifier take either base64 alphabet and any number of signatures; here an envelope has one spelling
    (standard base64 with padding) and one signature, so that it has one digest and one signer.

    Args:
        document: What the JSON parser gave.

    Raises:
        LogError: ENVELOPE_MALFORMED, naming the field.
    """
    fields = _object(document, "envelope", {"payload", "payloadType", "signatures"})
    payload_type = fields["payloadType"]
    if not isinstance(payload_type, str) or not payload_type or not payload_type.isascii():
        raise LogError("ENVELOPE_MALFORMED", field="payloadType")
    payload = _bytes(fields["payload"], "payload")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise LogError("ENVELOPE_MALFORMED", field="payload")
    signatures = fields["signatures"]
    if not isinstance(signatures, list | tuple) or len(signatures) != 1:
        raise LogError("ENVELOPE_MALFORMED", field="signatures")
    signature = _object(signatures[0], "signatures[0]", {"keyid", "sig"})
    keyid = signature["keyid"]
    if not isinstance(keyid, str):
        raise LogError("ENVELOPE_MALFORMED", field="signatures[0].keyid")
    return Envelope(payload_type, payload, ((keyid, _bytes(signature["sig"], "signatures[0].sig")),))


def open_envelope(document: object, payload_type: str, keys: Mapping[str, bytes]) -> tuple[bytes, str]:
    """Return the payload of an envelope that one of the keys signed, and whose key that is.

    The key id only says which key to try: the signature has the say.

    Args:
        document: The envelope's JSON object.
        payload_type: The type that it must have.
        keys: Public keys (32 bytes) that may sign, by their lower-case hexadecimal form; enrolled with
            `ed25519.check_public_key`.

    Returns:
        The payload, and the signer's key in hexadecimal.

    Raises:
        LogError: ENVELOPE_MALFORMED, ENVELOPE_TYPE, ENVELOPE_KEY_UNKNOWN or ENVELOPE_SIGNATURE_WRONG.

    Source: DSSE protocol.md, version 1.0, “Protocol”.
    """
    envelope = parse_envelope(document)
    if envelope.payload_type != payload_type:
        raise LogError("ENVELOPE_TYPE", wanted=payload_type, found=envelope.payload_type)
    ((keyid, signature),) = envelope.signatures
    public_key = keys.get(keyid)
    if public_key is None or public_key.hex() != keyid:
        raise LogError("ENVELOPE_KEY_UNKNOWN", found=keyid)
    if not ed25519.verify(public_key, signature, pae(payload_type, envelope.payload)):
        raise LogError("ENVELOPE_SIGNATURE_WRONG", found=keyid)
    return envelope.payload, keyid


def _object(found: object, field: str, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(found, Mapping) or set(found) != names:
        raise LogError("ENVELOPE_MALFORMED", field=field)
    return found


def _bytes(found: object, field: str) -> bytes:
    if not isinstance(found, str):
        raise LogError("ENVELOPE_MALFORMED", field=field)
    try:
        return parse_base64(found)
    except ValueError as error:
        raise LogError("ENVELOPE_MALFORMED", field=field) from error
