"""Leaves, envelopes and payloads of docs/spec/assembly.md, sections 1 and 2: what can be said of an entry by itself."""

import itertools
import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.characters import refused_character
from tests.reference.assembly_texts import canonical_bytes, is_sound
from tests.reference.strict import (
    Document,
    RefusedError,
    canonical,
    is_digest,
    is_hex,
    is_list_of,
    is_natural,
    is_null_or,
    is_rising,
    is_time,
    need,
    standard_base64,
)

Check = Callable[[Any], bool]


def matches(pattern: str) -> Check:
    return lambda value: type(value) is str and re.fullmatch(pattern, value) is not None


def is_object(fields: dict[str, Check]) -> Check:
    return lambda value: (
        type(value) is dict
        and value.keys() == fields.keys()
        and all(check(value[name]) for name, check in fields.items())
    )


def is_choice_of(*words: str) -> Check:
    return lambda value: type(value) is str and value in words


def is_count(value: Any) -> bool:
    return is_natural(value) and value < 2**53


def is_text(most: int) -> Check:
    """Return what checks a text of lines that show, in normal form C."""

    def check(value: Any) -> bool:
        shown = type(value) is str and not refused_character(value) and value.strip() != ""
        return shown and len(value) <= most

    return check


def is_remark(value: Any) -> bool:
    return value == "" or is_text(2000)(value)


def is_phrase(most: int, *, one_line: bool = False) -> Check:
    def check(value: Any) -> bool:
        return is_text(most)(value) and not (one_line and "\n" in value)

    return is_object({"fr": check, "en": check})


def is_registration(value: Any) -> bool:
    """Whether this is the envelope of a registration that the key itself signed."""
    try:
        signed = open_envelope(canonical_bytes(value))
    except RefusedError:
        return False
    return bool(signed["kind"] == "registration")


def is_list(check: Check, least: int, most: int) -> Check:
    return lambda value: type(value) is list and least <= len(value) <= most and all(check(item) for item in value)


def are_heads(value: Any) -> bool:
    return (
        is_list_of(is_choice_of(*OBJECTIVES))(value)
        and [objective for objective in OBJECTIVES if objective in value] == value
    )


is_surface = matches("[a-z][a-z0-9_]{0,31}")
is_origin = matches("[a-z0-9]([a-z0-9._/-]{0,98}[a-z0-9])?")
is_member = matches("m[0-9a-f]{16}")
is_nonce = matches("[0-9a-f]{32}")
are_files = is_list(is_digest, 0, 10)


def is_canonical(value: Any) -> bool:
    """Whether this is null, or a string of canonical JSON."""
    try:
        return value is None or (type(value) is str and canonical(value.encode(), "impact") is not None)
    except RefusedError:
        return False


def is_file(value: Any) -> bool:
    return type(value) is str and not refused_character(value) and 1 <= len(value.encode()) <= 65_536


def is_change(value: Any) -> bool:
    fields = {"action": is_choice_of("admit", "suspend", "reinstate", "resign", "rotate"), "member": is_member}
    whole = is_object(fields | {"registration": is_null_or(is_registration)})(value)
    return whole and (value["registration"] is None) == (value["action"] not in ("admit", "rotate"))


def is_ranking(value: Any) -> bool:
    groups = is_list_of(is_list(is_natural, 1, 11))(value)
    named = [option for group in value for option in group] if groups else [11]
    return len({*named}) == len(named) and all(option <= 10 for option in named)


def is_points(value: Any) -> bool:
    given = is_object(dict.fromkeys(OBJECTIVES, is_natural))(value)
    return value == "abstain" or (given and sum(value.values()) == 1000)


CHOICES: dict[str, Check] = {
    "yes_no": is_choice_of("yes", "no", "abstain"),
    "ranking": is_ranking,
    "points": is_points,
}
SURFACE = is_object(
    {"surface": is_surface, "policy": is_null_or(is_file), "model": is_null_or(is_digest), "heads": are_heads}
)
CO: dict[str, Check] = {"origin": is_origin, "genesis": is_digest, "nonce": is_nonce}
WITNESS: dict[str, Check] = CO | {"proposal": is_count}
FIELDS: dict[str, dict[str, Check]] = {
    "constitution": {
        "text": is_file,
        "registrations": is_list(is_registration, 0, 2_000),
        "surfaces": is_list_of(SURFACE),
        "nonce": is_nonce,
    },
    "registration": {"origin": is_origin, "key": is_hex, "nonce": is_nonce},
    "roll": CO | {"changes": is_list(is_change, 1, 2_000), "reason": is_remark},
    "proposal": CO
    | {
        "subject": is_choice_of("policy", "model", "constitution"),
        "vote": is_choice_of("yes_no", "ranking", "points"),
        "surface": lambda value: value == "" or is_surface(value),
        "title": is_phrase(200, one_line=True),
        "reasons": is_phrase(2000),
        "texts": is_list(is_file, 0, 10),
        "model": is_null_or(is_digest),
        "heads": are_heads,
        "base_policy": is_null_or(is_digest),
        "base_model": is_null_or(is_digest),
        "impact": is_null_or(is_digest),
    },
    "sponsor": CO | {"proposal": is_count, "texts": are_files},
    "argument": CO
    | {
        "proposal": is_count,
        "side": is_choice_of("for", "against", "neither"),
        "reply_to": is_null_or(is_count),
        "text": is_text(4000),
    },
    "amendment": CO | {"proposal": is_count, "texts": is_list(is_file, 0, 10), "accepts": is_null_or(is_count)},
    "freeze": CO | {"proposal": is_count, "texts": are_files, "impact": is_canonical},
    "open": WITNESS | {"said": is_hex},
    "close": WITNESS | {"said": is_choice_of("extended", "closed")},
    "activation": WITNESS | {"said": matches("[1-9][0-9]{0,15}")},
    "ballot": CO
    | {
        "proposal": is_count,
        "vote": is_choice_of("yes_no", "ranking", "points"),
        "texts": is_list(lambda value: is_list(is_digest, 2, 2)(value), 1, 10),
        "constitution": is_digest,
        "roll": is_digest,
        "impact": is_null_or(is_digest),
        "number": lambda value: is_natural(value) and 1 <= value < 2**32,
        "choice": lambda value: value is not None,
    },
    "recall": CO | {"proposal": is_count},
    "guardian": CO
    | {
        "action": is_choice_of("cancel", "rollback"),
        "proposal": is_null_or(is_count),
        "surface": lambda value: value == "" or is_surface(value),
        "to": is_null_or(is_count),
        "reason": is_phrase(2000),
    },
    "erasure": CO | {"entries": is_list(is_count, 1, 1000), "reason": is_remark},
}
SCHEMAS = {kind: f"rankd.{'founding' if kind == 'constitution' else kind}/1" for kind in FIELDS}


def _agree(kind: str, said: Document) -> bool:
    """Whether the fields of a payload suit each other."""
    if kind == "constitution":
        names = [surface["surface"] for surface in said["surfaces"]]
        whole = all(one["model"] is not None or not (one["policy"] or one["heads"]) for one in said["surfaces"])
        payloads = [envelope["payload"] for envelope in said["registrations"]]
        whole = whole and len({*payloads}) == len(payloads)
        return whole and all(one < other for one, other in itertools.pairwise(names))
    if kind == "proposal":
        subject, texts = said["subject"], len(said["texts"])
        if subject != "policy" and said["vote"] != "yes_no":
            return False
        if (subject == "constitution") != (said["surface"] == ""):
            return False
        if subject != "model" and (said["heads"] or said["base_policy"] or said["base_model"]):
            return False
        if (subject == "constitution") != (said["model"] is None):
            return False
        if subject == "model":
            return texts == 0
        return 1 <= texts <= (10 if said["vote"] == "ranking" else 1)
    if kind == "amendment":
        return (said["accepts"] is None) == bool(said["texts"])
    if kind == "guardian":
        cancels = said["action"] == "cancel"
        fields = ((said["proposal"] is not None), (said["surface"] == ""), (said["to"] is None))
        return fields == (cancels, cancels, cancels)
    if kind == "ballot":
        return CHOICES[said["vote"]](said["choice"])
    if kind == "erasure":
        return is_rising(said["entries"])
    return True


def read_leaf(leaf: bytes) -> Document:
    """Return what a leaf says.

    Raises:
        RefusedError: It is none.
    """
    need(len(leaf) <= 1024, "leaf")
    said: Document = canonical(leaf, "leaf")
    fields: dict[str, Check] = {"about": is_null_or(is_count), "commitment": is_digest, "kind": is_choice_of(*FIELDS)}
    fields |= {"schema": is_choice_of("rankd.leaf.minutes/1"), "time_ms": is_time}
    need(is_object(fields)(said), "leaf")
    return said


@lru_cache(maxsize=8192)
def open_envelope(data: bytes) -> Document:
    """Return kind, key, digest, payload and what it says, once the signature holds.

    Raises:
        RefusedError: It is no entry.
    """
    envelope = canonical(data, "envelope")
    signature = is_list(is_object({"keyid": is_hex, "sig": lambda value: type(value) is str}), 1, 1)
    text: Check = lambda value: type(value) is str  # noqa: E731
    need(is_object({"payload": text, "payloadType": text, "signatures": signature})(envelope), "envelope")
    payload = standard_base64(envelope["payload"], "payload")
    need(len(payload) <= 2**20, "payload")
    signed_by = envelope["signatures"][0]
    kind = re.fullmatch(r"application/vnd\.rankd\.([a-z]+)\.v1\+json", envelope["payloadType"])
    need(kind and kind[1] in FIELDS, "type")
    message = b"DSSEv1 %d %b %d %b" % (
        len(envelope["payloadType"]),
        envelope["payloadType"].encode(),
        len(payload),
        payload,
    )
    key = signed_by["keyid"]
    need(is_signed_by(key, standard_base64(signed_by["sig"], "sig"), message), "signature")
    name = kind[1] if kind else ""
    said = canonical(payload, "entry")
    fields = FIELDS[name] | {"schema": is_choice_of(SCHEMAS[name])}
    need(is_object(fields)(said) and _agree(name, said), "entry")
    need(name != "registration" or (said["key"] == key and is_sound(key)), "registration")
    return {
        "kind": name,
        "key": key,
        "digest": f"sha256:{sha256(data).hexdigest()}",
        "payload": payload,
        "said": said,
        "about": said.get("proposal"),
    }


@lru_cache(maxsize=8192)
def is_signed_by(key: str, signature: bytes, message: bytes) -> bool:
    """Whether a sound key signed the message."""
    if not is_sound(key) or len(signature) != 64:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def choice_suits(vote: Document, choice: Any) -> bool:
    """Whether a choice is among what is put to the vote (section 6)."""
    if vote["kind"] == "ranking":
        return all(option <= len(vote["texts"]) for group in choice for option in group)
    if vote["kind"] == "points" and choice != "abstain":
        return all(vote["floors"][name] <= choice[name] <= vote["caps"][name] for name in OBJECTIVES)
    return True
