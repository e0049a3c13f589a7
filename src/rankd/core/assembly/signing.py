"""Entries signed and opened: DSSE envelopes in canonical JSON, each under the very key that its key id spells."""

import json
import re
from binascii import unhexlify
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.entries import (
    ENTRY_KINDS,
    EntryKind,
    Payload,
    Registration,
    kind_of,
    payload_type,
)
from rankd.core.assembly.entry_codec import decode_payload, encode_payload
from rankd.core.assembly.entry_fields import MALFORMED
from rankd.core.errors import AssemblyError, LogError
from rankd.core.exact.canonical import CanonicalError, canonical_json, parse_canonical, sha256
from rankd.core.log import ed25519
from rankd.core.log.canonical_text import spelled
from rankd.core.log.envelope import MAX_PAYLOAD_BYTES, Envelope, pae, parse_envelope, sign_envelope
from rankd.core.words.visible import visible

MAX_ENVELOPE_BYTES = MAX_PAYLOAD_BYTES // 3 * 4 + 1_024

_KIND_OF_TYPE: Mapping[bytes, EntryKind] = {payload_type(kind).encode(): kind for kind in ENTRY_KINDS}
_KEY_ID = re.compile(r"[0-9a-f]{64}")

# The only spelling that an entry's envelope has: what does not match is refused, and `_refusal` says why.
_ENVELOPE = re.compile(
    rb'{"payload":"([A-Za-z0-9+/]*={0,2})","payloadType":"([a-z0-9./+-]+)",'
    rb'"signatures":\[{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/]{86}==)"}\]}'
)


class _Parts(NamedTuple):
    kind: EntryKind
    payload: bytes
    key: bytes
    signature: bytes


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
    decode_payload(kind, data, signer=private_key.public_key().public_bytes_raw())
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
    parts = _parse(data)
    return SignedEntry(parts.kind, _open(parts, verified), parts.key, sha256(data))


def signature_holds(data: bytes) -> bool:
    """Tell whether this is an entry's envelope with a good signature; its payload is not looked at.

    For what comes from anybody, before `open_entry`.
    """
    try:
        return _holds(_parse(data))
    except AssemblyError:
        return False


def signatures_hold(data: bytes) -> bool:
    """Tell whether this is an entry's envelope with a good signature, and so is every registration in it.

    For passes over many entries at a time, before `open_entry`. Payloads that hold no registrations are not looked at.
    """
    try:
        parts = _parse(data)
        if not _holds(parts):
            return False
        return all(_holds(_parse(canonical_json(document))) for document in _registrations(parts))
    except (AssemblyError, ValueError, TypeError, LookupError, RecursionError):
        return False


def _registrations(parts: _Parts) -> Iterator[Any]:
    """Yield what stands where a payload holds registrations; whether it is one that can be read is not looked at."""
    if parts.kind == "constitution":
        yield from json.loads(parts.payload)["registrations"]
    elif parts.kind == "roll":
        registrations = (change["registration"] for change in json.loads(parts.payload)["changes"])
        yield from (document for document in registrations if document is not None)


def each_holds(envelopes: Sequence[bytes]) -> list[bool]:
    """Tell of each envelope what `signatures_hold` does: what another process is sent at a time."""
    return list(map(signatures_hold, envelopes))


def open_registration(document: Mapping[str, Any], origin: str, verified: bool | None = None) -> bytes:
    """Return the key that a person registered.

    Args:
        document: The envelope's JSON object, as a founding or a change of the roll holds it.
        origin: The co-op's origin, which the registration must name.
        verified: Whether its signature was seen to hold; None: nobody looked.

    Raises:
        AssemblyError: As `open_entry`; ENTRY_TYPE: it is no registration; REGISTRATION_NOT_OWN: another key signed it;
            REGISTRATION_ORIGIN: it is for another co-op.
    """
    try:
        data = canonical_json(dict(document))
    except CanonicalError as error:
        raise AssemblyError(MALFORMED, field="registration", found=str(error)[:200]) from None
    parts = _parse(data)
    payload = _open(parts, verified)
    if not isinstance(payload, Registration):
        raise AssemblyError("ENTRY_TYPE", found=payload_type(parts.kind))
    if payload.key != parts.key:
        raise AssemblyError("REGISTRATION_NOT_OWN", wanted=payload.key.hex(), found=parts.key.hex())
    if payload.origin != origin:
        raise AssemblyError("REGISTRATION_ORIGIN", wanted=origin, found=payload.origin)
    return parts.key


def _open(parts: _Parts, verified: bool | None) -> Payload:
    """Return the payload once its signature holds."""
    if not (_holds(parts) if verified is None else verified):
        raise AssemblyError("ENVELOPE_SIGNATURE_WRONG", found=parts.key.hex())
    return decode_payload(parts.kind, parts.payload, signer=parts.key)


def _parse(data: bytes) -> _Parts:
    """Take an envelope apart.

    Raises:
        AssemblyError: See `open_entry`.
    """
    found = _ENVELOPE.fullmatch(data)
    if found is None or len(data) > MAX_ENVELOPE_BYTES:
        raise _refusal(data)
    payload, kind, keyid, signature = found.groups()
    try:
        return _Parts(_KIND_OF_TYPE[kind], spelled(payload), unhexlify(keyid), spelled(signature))
    except (KeyError, ValueError):
        raise _refusal(data) from None


def _refusal(data: bytes) -> AssemblyError:
    """Say what is wrong with bytes that are no entry's envelope."""
    if len(data) > MAX_ENVELOPE_BYTES:
        return AssemblyError("ENVELOPE_MALFORMED", field="envelope")
    try:
        envelope = parse_envelope(parse_canonical(data))
    except CanonicalError:
        return AssemblyError("ENVELOPE_MALFORMED", field="envelope")
    except LogError as error:
        return AssemblyError(error.reason, **error.metadata)
    ((keyid, _),) = envelope.signatures
    if envelope.payload_type.encode() not in _KIND_OF_TYPE:
        return AssemblyError("ENTRY_TYPE", found=visible(envelope.payload_type[:100]))
    return AssemblyError("ENVELOPE_MALFORMED", field=f"signatures[0].{'sig' if _KEY_ID.fullmatch(keyid) else 'keyid'}")


def _holds(parts: _Parts) -> bool:
    return ed25519.verify(parts.key, parts.signature, pae(payload_type(parts.kind), parts.payload))
