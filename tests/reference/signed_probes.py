"""Probes about receipts, checkpoints and erasures: what somebody signed, and what nobody did."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.reference.log_probes import ORIGIN, TIME_MS, Probe, canonical, secret
from tests.reference.strict import Document

LOG, OTHER, WITNESS, ERASER = (
    Ed25519PrivateKey.from_private_bytes(secret(f"rankd probe: {name}"))
    for name in ("log", "other", "witness", "eraser")
)
PAYLOAD_TYPE = "application/vnd.rankd.erasure.v1+json"


def signed_probes() -> Iterator[Probe]:
    """Yield every probe."""
    yield from _receipts()
    yield from _checkpoints()
    yield from _erasures()


def public(key: Ed25519PrivateKey) -> bytes:
    """Return a key's public half."""
    return key.public_key().public_bytes_raw()


def base64(data: bytes) -> str:
    """Return standard base64."""
    return b64encode(data).decode()


def key_id(name: str, key: bytes, algorithm: int = 1) -> bytes:
    """Return a key's id in a note."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + key).digest()[:4]


def vkey(name: str, key: Ed25519PrivateKey, algorithm: int = 1) -> str:
    """Return the text form of a public key."""
    return f"{name}+{key_id(name, public(key), algorithm).hex()}+{base64(bytes([algorithm]) + public(key))}"


def signature(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Return a signature line."""
    return f"— {name} {base64(key_id(name, public(key)) + key.sign(text.encode()))}\n"


def cosignature(text: str, name: str, key: Ed25519PrivateKey, time_s: int) -> str:
    """Return a witness's line."""
    signed = key.sign(f"cosignature/v1\ntime {time_s}\n{text}".encode())
    return f"— {name} {base64(key_id(name, public(key), 4) + time_s.to_bytes(8, 'big') + signed)}\n"


def note(text: str, *lines: str) -> str:
    """Return a note; under the log key if no line is given."""
    return text + "\n" + "".join(lines or [signature(text, ORIGIN, LOG)])


def _receipts() -> Iterator[Probe]:
    hashed = base64(secret("leaf"))

    def text(origin: str = ORIGIN, index: object = 41, leaf: str = hashed, until: object = 1_753_000_060) -> str:
        return f"rankd.coop/receipt/1\n{origin}\n{index}\n{leaf}\n{until}\n"

    def probe(name: str, desc: str, document: str, reason: str | None, key: str = vkey(ORIGIN, LOG)) -> Probe:
        return f"receipt_{name}", desc, {"note": document, "vkey": key}, reason

    good = text()
    elsewhere = signature(good, "dev.elsewhere", OTHER)
    yield probe("good", "A receipt.", note(good), None)
    yield probe("largest", "The largest numbers.", note(text(index=2**63 - 1, until=2**63 - 1)), None)
    yield probe(
        "more_signatures",
        "A line of a key that nobody knows.",
        note(good, elsewhere, signature(good, ORIGIN, LOG)),
        None,
    )
    yield probe(
        "other_key",
        "Signed by another key of that name.",
        note(good, signature(good, ORIGIN, OTHER)),
        "NOTE_KEY_UNKNOWN",
    )
    yield probe("other_name", "Signed by another name.", note(good, elsewhere), "NOTE_KEY_UNKNOWN")
    forged = f"— {ORIGIN} {base64(key_id(ORIGIN, public(LOG)) + OTHER.sign(good.encode()))}\n"
    yield probe("forged", "Another key's signature under this key's id.", note(good, forged), "NOTE_SIGNATURE_WRONG")
    changed = note(good).replace("\n41\n", "\n42\n")
    yield probe("changed_index", "The index was changed afterwards.", changed, "NOTE_SIGNATURE_WRONG")
    yield probe("unsigned", "No signature.", f"{good}\n", "NOTE_MALFORMED")
    yield probe(
        "carriage_return", "Lines that end in two characters.", note(good).replace("\n", "\r\n"), "NOTE_MALFORMED"
    )
    yield probe("hyphen", "A hyphen in the dash's place.", note(good).replace("— ", "- "), "NOTE_MALFORMED")
    yield probe(
        "origin", "A receipt for another journal under this key.", note(text("dev.elsewhere")), "RECEIPT_ORIGIN"
    )
    for name, desc, wrong in (
        ("checkpoint", "A checkpoint is no receipt.", f"{ORIGIN}\n41\n{hashed}\n"),
        ("version", "Another version.", good.replace("receipt/1", "receipt/2")),
        ("extra_line", "One line more.", good + "x\n"),
        ("line_missing", "One line less.", good.rsplit("\n", 2)[0] + "\n"),
        ("index_zeroes", "An index with a leading zero.", text(index="041")),
        ("index_plus", "An index with a sign.", text(index="+41")),
        ("index_digits", "Digits of another script.", text(index="٤١")),
        ("index_63_bits", "An index of 2^63.", text(index=2**63)),
        ("index_endless", "An index of five thousand digits.", text(index="9" * 5000)),
        ("until_fraction", "A fraction of a second.", text(until="1753000060.5")),
        ("hash_short", "A hash of 31 bytes.", text(leaf=base64(secret("leaf")[1:]))),
        ("hash_hexadecimal", "A hash in hexadecimal.", text(leaf=secret("leaf").hex())),
        ("hash_bare", "A hash without padding.", text(leaf=hashed.rstrip("="))),
    ):
        yield probe(name, desc, note(wrong), "RECEIPT_MALFORMED")


def _checkpoints() -> Iterator[Probe]:
    root = base64(secret("root"))
    good = f"{ORIGIN}\n42\n{root}\n"
    log, witness = vkey(ORIGIN, LOG), vkey("w.example", WITNESS, 4)

    def probe(name: str, desc: str, document: str, reason: str | None, quorum: int = 0) -> Probe:
        inputs: Document = {"note": document, "vkey": log, "witnesses": [witness] if quorum else [], "quorum": quorum}
        return f"checkpoint_{name}", desc, inputs, reason

    cosigned = note(good, signature(good, ORIGIN, LOG), cosignature(good, "w.example", WITNESS, 1_753_000_000))
    empty = f"{ORIGIN}\n0\n{base64(hashlib.sha256().digest())}\n"
    yield probe("good", "A checkpoint.", note(good), None)
    yield probe("empty", "The empty tree.", note(empty), None)
    yield probe("cosigned", "With one witness.", cosigned, None, 1)
    yield probe("unwitnessed", "A witness is wanted.", note(good), "CHECKPOINT_QUORUM", 1)
    only = note(good, cosignature(good, "w.example", WITNESS, 1_753_000_000))
    yield probe("unsigned", "Only the witness signed.", only, "CHECKPOINT_UNSIGNED", 1)
    broken = note(good, signature(good, ORIGIN, LOG), cosignature(good + "x\n", "w.example", WITNESS, 1_753_000_000))
    yield probe("cosigned_other_text", "The witness signed another text.", broken, "NOTE_SIGNATURE_WRONG", 1)
    elsewhere = f"dev.elsewhere\n42\n{root}\n"
    yield probe("origin", "Another journal's checkpoint under this key.", note(elsewhere), "CHECKPOINT_ORIGIN")
    for name, desc, wrong in (
        ("receipt", "A receipt is no checkpoint.", f"rankd.coop/receipt/1\n{ORIGIN}\n42\n{root}\n1753000060\n"),
        ("size_zeroes", "A size with a leading zero.", f"{ORIGIN}\n042\n{root}\n"),
        ("root_short", "A root of 31 bytes.", f"{ORIGIN}\n42\n{base64(secret('root')[1:])}\n"),
        ("empty_root", "An empty tree with the root of another.", f"{ORIGIN}\n0\n{root}\n"),
        ("two_lines", "No root.", f"{ORIGIN}\n42\n"),
    ):
        yield probe(name, desc, note(wrong), "CHECKPOINT_MALFORMED")


ERASURE: Document = {
    "schema": "rankd.erasure/1",
    "origin": ORIGIN,
    "decisions": [[3, 3], [7, 19]],
    "pseudonym_periods": [2],
    "reason_code": "REQUEST",
    "reason": "Une personne l’a demandé.",
    "time_ms": TIME_MS,
}


def envelope(payload: bytes, key: Ed25519PrivateKey = ERASER, kind: str = PAYLOAD_TYPE) -> Document:
    """Return a DSSE envelope."""
    signed = key.sign(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
    signatures = [{"keyid": public(key).hex(), "sig": base64(signed)}]
    return {"payload": base64(payload), "payloadType": kind, "signatures": signatures}


def _erasures() -> Iterator[Probe]:
    def probe(name: str, desc: str, document: Any, reason: str | None, count: int = 20) -> Probe:
        inputs = {"envelope": document, "keys": [public(ERASER).hex()], "origin": ORIGIN, "count": count}
        return f"erasure_{name}", desc, inputs, reason

    def payload(**changes: Any) -> bytes:
        return canonical(ERASURE | changes).encode()

    def signed(**changes: Any) -> Document:
        return envelope(payload(**changes))

    good = signed()
    for name, desc, document in (
        ("good", "Two ranges and a period.", good),
        ("touching", "Ranges that touch.", signed(decisions=[[0, 6], [7, 19]])),
        ("period_only", "Only a period.", signed(decisions=[])),
        ("longest_reason", "A reason of 500 characters.", signed(reason="é" * 500)),
    ):
        yield probe(name, desc, document, None)
    thousand = signed(decisions=[[n, n] for n in range(1000)])
    yield probe("ranges_1000", "A thousand ranges.", thousand, None, 1000)
    for name, desc, document in (
        ("overlap", "A decision in two ranges.", signed(decisions=[[3, 7], [7, 19]])),
        ("contained", "A range within another.", signed(decisions=[[3, 19], [4, 5]])),
        ("unsorted", "Ranges out of order.", signed(decisions=[[7, 19], [3, 3]])),
        ("backwards", "A range that ends before it begins.", signed(decisions=[[19, 7]])),
        ("twice", "A range twice.", signed(decisions=[[3, 3], [3, 3]])),
        ("triple", "A range of three.", signed(decisions=[[3, 3, 3]])),
        ("negative", "A negative index.", signed(decisions=[[-1, 3]])),
        ("single", "A number in a range's place.", signed(decisions=[3])),
        ("ranges_1001", "A thousand and one ranges.", signed(decisions=[[n, n] for n in range(1001)])),
        ("nothing", "Nothing to erase.", signed(decisions=[], pseudonym_periods=[])),
        ("periods_unsorted", "Periods out of order.", signed(pseudonym_periods=[2, 1])),
        ("periods_101", "A hundred and one periods.", signed(pseudonym_periods=list(range(101)))),
        ("period_large", "A period that no pseudonym can have.", signed(pseudonym_periods=[10**15])),
        ("code_unknown", "A reason code that does not exist.", signed(reason_code="BECAUSE")),
        ("code_list", "A reason code that is no text.", signed(reason_code=["REQUEST"])),
        ("reason_empty", "No reason.", signed(reason="")),
        ("reason_501", "A reason of 501 characters.", signed(reason="é" * 501)),
        ("reason_line_feed", "A reason of two lines.", signed(reason="a\nb")),
        ("schema", "Another version.", signed(schema="rankd.erasure/2")),
        ("field_unknown", "One field more.", signed(viewer_id="ana")),
        ("spaced", "Not in canonical form.", envelope(payload().replace(b":", b": ", 1))),
        ("not_json", "No JSON.", envelope(b"erase everything")),
        ("float", "A float.", envelope(payload().replace(b"[3,3]", b"[3.0,3]"))),
    ):
        yield probe(name, desc, document, "ERASURE_MALFORMED")
    yield probe("origin", "Another journal's erasure, sent here.", signed(origin="dev.elsewhere"), "ERASURE_ORIGIN")
    yield probe("ahead", "A decision that does not exist yet.", signed(decisions=[[7, 20]]), "ERASURE_AHEAD")
    yield probe(
        "key_unknown", "Signed by a key that may not erase.", envelope(payload(), OTHER), "ENVELOPE_KEY_UNKNOWN"
    )
    claimed = envelope(payload(), OTHER)
    claimed["signatures"][0]["keyid"] = public(ERASER).hex()
    yield probe("forged", "Another key's signature under an eraser's name.", claimed, "ENVELOPE_SIGNATURE_WRONG")
    changed = good | {"payload": base64(payload(decisions=[[0, 19]]))}
    yield probe("changed", "More is erased than was signed.", changed, "ENVELOPE_SIGNATURE_WRONG")
    other_type = envelope(payload(), kind="application/vnd.rankd.ballot.v1+json")
    yield probe("type", "Signed as something else.", other_type, "ENVELOPE_TYPE")
    retyped = other_type | {"payloadType": PAYLOAD_TYPE}
    yield probe("retyped", "Signed as something else, and renamed.", retyped, "ENVELOPE_SIGNATURE_WRONG")
    capitals = signed()
    capitals["signatures"][0]["keyid"] = public(ERASER).hex().upper()
    yield probe("keyid_capitals", "The key in capitals.", capitals, "ENVELOPE_KEY_UNKNOWN")
    malformed: tuple[tuple[str, str, Any], ...] = (
        ("two_signatures", "The same signature twice.", good | {"signatures": good["signatures"] * 2}),
        ("no_signature", "No signature.", good | {"signatures": []}),
        ("base64", "Base64 that is none.", good | {"payload": good["payload"] + "!"}),
        ("base64_line", "Base64 in two lines.", good | {"payload": f"{good['payload'][:8]}\n{good['payload'][8:]}"}),
        ("envelope_field", "One field more in the envelope.", good | {"comment": "x"}),
        ("envelope_list", "A list of envelopes.", [good]),
    )
    for name, desc, document in malformed:
        yield probe(name, desc, document, "ENVELOPE_MALFORMED")
