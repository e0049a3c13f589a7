"""What somebody signed, read from docs/spec/log.md alone: checkpoints, receipts and erasures; no code of rankd."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from tests.reference.ed25519 import is_signed_by
from tests.reference.strict import (
    Document,
    RefusedError,
    canonical,
    decimal,
    is_line,
    is_list_of,
    is_natural,
    is_rising,
    is_time,
    need,
    standard_base64,
)


def open_note(data: bytes, vkeys: Sequence[str]) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a signed note's text, and (vkey, signature) of the known keys that signed it."""
    need(len(data) <= 1_000_000, "NOTE_TOO_LARGE")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("NOTE_MALFORMED") from None
    body, blank, tail = whole.rpartition("\n\n")
    need(blank and tail.endswith("\n"), "NOTE_MALFORMED")
    need(not any(character < " " and character != "\n" for character in body), "NOTE_MALFORMED")
    lines = tail[:-1].split("\n")
    need(len(lines) <= 100, "NOTE_SIGNATURE_COUNT")
    text, verified = body + "\n", []
    known = {read_vkey(vkey)[:2]: vkey for vkey in vkeys}
    for line in lines:
        match = re.fullmatch(r"— (\S+) (\S+)", line)
        need(match and "+" not in match[1], "NOTE_MALFORMED")
        name, encoded = line[2:].split(" ")
        raw = standard_base64(encoded, "NOTE_MALFORMED")
        need(len(raw) > 4, "NOTE_MALFORMED")
        if vkey := known.get((name, raw[:4])):
            verified.append((vkey, raw[4:]))
    for vkey, signature in verified:
        _, _, algorithm, key = read_vkey(vkey)
        message = text.encode()
        if algorithm == 4:
            time_s, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {time_s}\n{text}".encode()
        need(is_signed_by(key, signature, message), "NOTE_SIGNATURE_WRONG")
    need(verified, "NOTE_KEY_UNKNOWN")
    return text, verified


def read_vkey(vkey: str) -> tuple[str, bytes, int, bytes]:
    """Return the name, the key id, the algorithm and the key of a verifier key."""
    name, key_id, encoded = vkey.split("+", 2)
    raw = standard_base64(encoded, "VKEY_MALFORMED")
    wanted = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(key_id == wanted.hex() and len(raw) == 33 and raw[0] in (1, 4), "VKEY_MALFORMED")
    return name, wanted, raw[0], raw[1:]


def open_receipt(data: bytes, vkey: str) -> Document:
    """Return what a receipt promises."""
    text, _ = open_note(data, [vkey])
    lines = text[:-1].split("\n")
    need(len(lines) == 5 and lines[0] == "rankd.coop/receipt/1", "RECEIPT_MALFORMED")
    need(lines[1] == read_vkey(vkey)[0], "RECEIPT_ORIGIN")
    hashed = standard_base64(lines[3], "RECEIPT_MALFORMED")
    need(len(hashed) == 32, "RECEIPT_MALFORMED")
    index, until_s = decimal(lines[2], "RECEIPT_MALFORMED"), decimal(lines[4], "RECEIPT_MALFORMED")
    return {"origin": lines[1], "index": index, "leaf_hash": hashed.hex(), "until_s": until_s}


def open_checkpoint(data: bytes, vkey: str, witnesses: Sequence[str], quorum: int) -> Document:
    """Return what a checkpoint says, and which witnesses cosigned it."""
    text, verified = open_note(data, [vkey, *witnesses])
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), "CHECKPOINT_MALFORMED")
    size, root = decimal(lines[1], "CHECKPOINT_MALFORMED"), standard_base64(lines[2], "CHECKPOINT_MALFORMED")
    need(len(root) == 32 and (size > 0 or root == hashlib.sha256().digest()), "CHECKPOINT_MALFORMED")
    need(lines[0] == read_vkey(vkey)[0], "CHECKPOINT_ORIGIN")
    signers = [signer for signer, _ in verified]
    need(vkey in signers, "CHECKPOINT_UNSIGNED")
    cosigners = [witness for witness in witnesses if witness in signers]
    need(len(cosigners) >= quorum, "CHECKPOINT_QUORUM")
    return {"origin": lines[0], "size": size, "root": root.hex(), "cosigners": [read_vkey(v)[0] for v in cosigners]}


def read_envelope(envelope: Any) -> tuple[str, bytes, str, bytes]:
    """Return the payload type, the payload, the key id and the signature of a DSSE envelope."""
    reason = "ENVELOPE_MALFORMED"
    need(type(envelope) is dict and set(envelope) == {"payload", "payloadType", "signatures"}, reason)
    kind, signatures = envelope["payloadType"], envelope["signatures"]
    need(type(kind) is str and kind and kind.isascii(), reason)
    payload = standard_base64(envelope["payload"], reason)
    need(len(payload) <= 2**20, reason)
    need(type(signatures) is list and len(signatures) == 1 and type(signatures[0]) is dict, reason)
    need(set(signatures[0]) == {"keyid", "sig"} and type(signatures[0]["keyid"]) is str, reason)
    return kind, payload, signatures[0]["keyid"], standard_base64(signatures[0]["sig"], reason)


def open_erasure(envelope: Any, keys: Sequence[str], origin: str, count: int) -> Document:
    """Return an erasure's JSON object and its signer."""
    kind, payload, keyid, signature = read_envelope(envelope)
    need(kind == "application/vnd.rankd.erasure.v1+json", "ENVELOPE_TYPE")
    need(keyid in keys, "ENVELOPE_KEY_UNKNOWN")
    signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    need(is_signed_by(bytes.fromhex(keyid), signature, signed), "ENVELOPE_SIGNATURE_WRONG")
    reason = "ERASURE_MALFORMED"
    erasure = canonical(payload, reason)
    fields = {"schema", "origin", "decisions", "pseudonym_periods", "reason_code", "reason", "time_ms"}
    need(type(erasure) is dict and set(erasure) == fields and erasure["schema"] == "rankd.erasure/1", reason)
    need(is_line(erasure["origin"]) and is_line(erasure["reason"], 500) and is_time(erasure["time_ms"]), reason)
    need(erasure["reason_code"] in ("REQUEST", "RETENTION", "COURT", "OTHER"), reason)
    ranges, periods = erasure["decisions"], erasure["pseudonym_periods"]
    need(is_list_of(is_natural)(periods) and is_rising(periods) and len(periods) <= 100, reason)
    need(all(period < 10**15 for period in periods), reason)
    need(is_list_of(is_list_of(is_natural))(ranges) and all(len(span) == 2 for span in ranges), reason)
    need(len(ranges) <= 1000 and all(first <= last for first, last in ranges), reason)
    need(is_rising([-1, *(bound for first, last in ranges for bound in (2 * first, 2 * last + 1))]), reason)
    need(ranges or periods, reason)
    need(erasure["origin"] == origin, "ERASURE_ORIGIN")
    need(not ranges or ranges[-1][1] < count, "ERASURE_AHEAD")
    return {"erasure": erasure, "signer": keyid}
