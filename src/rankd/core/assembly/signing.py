"""Entries signed and opened: DSSE envelopes in canonical JSON, each under the very key that its key id spells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.entries import ENTRY_KINDS, EntryKind, Payload, Registration, kind_of, payload_type
from rankd.core.assembly.entry_codec import decode_payload, encode_payload
from rankd.core.assembly.entry_fields import MALFORMED
from rankd.core.errors import AssemblyError, LogError
from rankd.core.exact.canonical import CanonicalError, canonical_json, parse_canonical, sha256
from rankd.core.log import ed25519
from rankd.core.log.envelope import MAX_PAYLOAD_BYTES, Envelope, pae, parse_envelope, sign_envelope

MAX_ENVELOPE_BYTES = MAX_PAYLOAD_BYTES // 3 * 4 + 1_024

_KIND_OF_TYPE: Mapping[str, EntryKind] = {payload_type(kind): kind for kind in ENTRY_KINDS}
_KEY_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """An entry whose signature holds.

    Attributes:
        kind: The kind of entry.
        payload: What was signed.
        key: The public key that signed it, 32 bytes; whose it is, and whether it may, is for the fold to say.
        digest: SHA-256 of the envelope's canonical JSON.
    """

    kind: EntryKind
    payload: Payload
    key: bytes
    digest: bytes


def sign_entry(payload: Payload, private_key: Ed25519PrivateKey) -> Envelope:
    """Return a payload in its envelope.

    Raises:
        AssemblyError: ENTRY_MALFORMED: `open_entry` would refuse it.
    """
    kind = kind_of(payload)
    data = encode_payload(payload)
    decode_payload(kind, data)
    return sign_envelope(payload_type(kind), data, private_key)


def envelope_bytes(envelope: Envelope) -> bytes:
    """Return an envelope as the minutes hold it: its canonical JSON."""
    return canonical_json(envelope.document)


def open_entry(data: bytes, verified: bool | None = None) -> SignedEntry:
    """Read an entry; its payload is not looked at before its signature holds.

    Args:
        data: The canonical JSON of an envelope.
        verified: What `signature_holds` said of it, if it was asked before.

    Raises:
        AssemblyError: ENVELOPE_MALFORMED or ENTRY_MALFORMED, naming the field; ENTRY_TYPE; ENVELOPE_SIGNATURE_WRONG;
            PUBLIC_KEY_…: what is registered cannot be a key.
    """
    kind, envelope, key = _parse(data)
    holds = _holds(envelope, key) if verified is None else verified
    if not holds:
        raise AssemblyError("ENVELOPE_SIGNATURE_WRONG", found=key.hex())
    return SignedEntry(kind, decode_payload(kind, envelope.payload), key, sha256(data))


def signature_holds(data: bytes) -> bool:
    """Tell whether this is an entry's envelope with a good signature; its payload is not looked at.

    For passes over many entries at a time, before `open_entry`.
    """
    try:
        _, envelope, key = _parse(data)
    except AssemblyError:
        return False
    return _holds(envelope, key)


def open_registration(document: Mapping[str, Any], origin: str) -> bytes:
    """Return the key that a person registered.

    Args:
        document: The envelope's JSON object, as a founding or a change of the roll holds it.
        origin: The co-op's origin, which the registration must name.

    Raises:
        AssemblyError: As `open_entry`; ENTRY_TYPE: it is no registration; REGISTRATION_NOT_OWN: another key signed it;
            REGISTRATION_ORIGIN: it is for another co-op.
    """
    try:
        data = canonical_json(dict(document))
    except CanonicalError as error:
        raise AssemblyError(MALFORMED, field="registration", found=str(error)[:200]) from None
    entry = open_entry(data)
    if not isinstance(entry.payload, Registration):
        raise AssemblyError("ENTRY_TYPE", found=payload_type(entry.kind))
    if entry.payload.key != entry.key:
        raise AssemblyError("REGISTRATION_NOT_OWN", wanted=entry.payload.key.hex(), found=entry.key.hex())
    if entry.payload.origin != origin:
        raise AssemblyError("REGISTRATION_ORIGIN", wanted=origin, found=entry.payload.origin)
    return entry.key


def _parse(data: bytes) -> tuple[EntryKind, Envelope, bytes]:
    if len(data) > MAX_ENVELOPE_BYTES:
        raise AssemblyError("ENVELOPE_MALFORMED", field="envelope")
    try:
        envelope = parse_envelope(parse_canonical(data))
    except CanonicalError:
        raise AssemblyError("ENVELOPE_MALFORMED", field="envelope") from None
    except LogError as error:
        raise AssemblyError(error.reason, **error.metadata) from None
    kind = _KIND_OF_TYPE.get(envelope.payload_type)
    if kind is None:
        raise AssemblyError("ENTRY_TYPE", found=envelope.payload_type[:100])
    ((keyid, _),) = envelope.signatures
    if not _KEY_ID.fullmatch(keyid):
        raise AssemblyError("ENVELOPE_MALFORMED", field="signatures[0].keyid")
    return kind, envelope, bytes.fromhex(keyid)


def _holds(envelope: Envelope, key: bytes) -> bool:
    ((_, signature),) = envelope.signatures
    return ed25519.verify(key, signature, pae(envelope.payload_type, envelope.payload))
