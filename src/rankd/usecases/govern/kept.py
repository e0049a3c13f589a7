"""What a member keeps of an entry that she submitted: enough to show that it was entered, or that it was not.

Format `rankd.kept/1`: one line of canonical JSON with `schema`, `origin`, `genesis`, `index`, `leaf` (the leaf's
object), `key` (hex), `receipt` (the signed note) and `envelope` (the envelope's object).
"""

from dataclasses import dataclass, field
from typing import Any

from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import (
    CanonicalError,
    canonical_json,
    digest_text,
    parse_canonical,
    parse_digest,
)
from rankd.core.log.note import NoteVerifier
from rankd.core.log.tree import leaf_hash
from rankd.core.records.commitment import KEY_BYTES, commitment
from rankd.core.records.receipt import Receipt, open_receipt

SCHEMA = "rankd.kept/1"
_FIELDS = {"schema", "origin", "genesis", "index", "leaf", "key", "receipt", "envelope"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept; nothing is verified.

    Attributes:
        origin: The minutes' origin.
        genesis: The co-op's genesis digest.
        index: Where the entry stands.
        leaf: The leaf.
        key: The body's key.
        receipt: The log key's promise, a signed note.
        envelope: The envelope's canonical JSON.
    """

    origin: str
    genesis: bytes
    index: int
    leaf: bytes
    key: bytes = field(repr=False)
    receipt: bytes
    envelope: bytes


def write_kept(kept: Kept) -> bytes:
    """Return the file."""
    document = {
        "schema": SCHEMA,
        "origin": kept.origin,
        "genesis": digest_text(kept.genesis),
        "index": kept.index,
        "leaf": parse_canonical(kept.leaf),
        "key": kept.key.hex(),
        "receipt": kept.receipt.decode("utf-8"),
        "envelope": parse_canonical(kept.envelope),
    }
    return canonical_json(document) + b"\n"


def is_kept(data: bytes) -> bool:
    """Tell whether a file says that it is what `write_kept` writes."""
    return b'"schema":"' + SCHEMA.encode() + b'"' in data[-200:]


def read_kept(data: bytes, file: object) -> Kept:
    """Read what `write_kept` wrote.

    Args:
        data: The file.
        file: Its name, for words.

    Raises:
        AssemblyError: KEPT_MALFORMED, naming the field.
    """
    try:
        document = parse_canonical(data.removesuffix(b"\n"))
    except CanonicalError:
        raise AssemblyError("KEPT_MALFORMED", file=file, field="JSON") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA or document.keys() != _FIELDS:
        raise AssemblyError("KEPT_MALFORMED", file=file, field="schema")
    texts = {name: _text(document, name, file) for name in ("origin", "genesis", "key", "receipt")}
    index = document["index"]
    if type(index) is not int or index < 0:
        raise AssemblyError("KEPT_MALFORMED", file=file, field="index")
    try:
        genesis, key = parse_digest(texts["genesis"]), bytes.fromhex(texts["key"])
    except ValueError:
        raise AssemblyError("KEPT_MALFORMED", file=file, field="genesis, key") from None
    if len(key) != KEY_BYTES:
        raise AssemblyError("KEPT_MALFORMED", file=file, field="key")
    leaf, envelope = (canonical_json(document[name]) for name in ("leaf", "envelope"))
    return Kept(texts["origin"], genesis, index, leaf, key, texts["receipt"].encode("utf-8"), envelope)


def check_kept(kept: Kept, log: NoteVerifier, leaf_commitment: bytes, file: object) -> Receipt:
    """Make sure that receipt, leaf, key and entry belong together, and return what was promised.

    Args:
        kept: What was kept.
        log: The key that signs the minutes.
        leaf_commitment: What the leaf commits to.
        file: The file's name, for words.

    Raises:
        LogError, RecordError: The receipt is malformed, or the log key did not sign it.
        AssemblyError: KEPT_DIFFERS, naming what does not belong.
    """
    promise = open_receipt(kept.receipt, log)
    if promise.index != kept.index:
        raise AssemblyError("KEPT_DIFFERS", file=file, field="index")
    if promise.leaf_hash != leaf_hash(kept.leaf):
        raise AssemblyError("KEPT_DIFFERS", file=file, field="leaf")
    if leaf_commitment != commitment(kept.key, kept.envelope):
        raise AssemblyError("KEPT_DIFFERS", file=file, field="envelope")
    return promise


def _text(document: dict[str, Any], name: str, file: object) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise AssemblyError("KEPT_MALFORMED", file=file, field=name)
    return value
