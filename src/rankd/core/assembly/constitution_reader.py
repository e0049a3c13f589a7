"""The reader of constitutions: from a file's bytes to rules in which nothing is half valid."""

import re
from fractions import Fraction
from typing import Literal, cast

from rankd.core.assembly.bounds import MAX_KEYS, check_bounds
from rankd.core.assembly.constitution import SUBJECTS, Class, Constitution, Guardians, Subject
from rankd.core.errors import LogError
from rankd.core.exact.canonical import Json, canonical_json, digest_text, sha256
from rankd.core.log.ed25519 import check_public_key
from rankd.core.log.origin import ORIGIN_PATTERN
from rankd.core.policy.canonical_form import limits_form
from rankd.core.policy.fields import PPM, Field, duration_text
from rankd.core.policy.policy import Limits
from rankd.core.policy.reader import (
    LIMITS_FIELDS,
    check_schema,
    read_base,
    read_limits_block,
    read_reasons,
    read_title,
)
from rankd.core.policy.strict_yaml import ListNode, ScalarNode, parse_strict
from rankd.core.words.language import Phrase

CONSTITUTION_SCHEMA = "rankd.constitution/1"

MAX_NUMBER = 1_000_000
MAX_SPONSORS = 1_000_000
MAX_TERM = 1_000
"""Largest numerator or denominator of a majority."""

_FIELDS = (
    "schema",
    "number",
    "origin",
    "base",
    "title",
    "reasons",
    "log_key",
    "secretaries",
    "guardians",
    "limits",
    "classes",
)
_CLASS_FIELDS = (
    "by",
    "sponsors",
    "sponsorship",
    "deliberation",
    "deliberation_max",
    "notice",
    "voting",
    "quorum",
    "quorum_min",
    "majority",
    "late_swing",
    "timelock",
    "recall",
)
_KEY = re.compile(r"[0-9a-f]{64}")
_FRACTION = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


def read_constitution(data: bytes, name: str = "constitution.yaml") -> Constitution:
    """Read a constitution.

    Every duration is at most ten years (`Field.duration_ms`), so that the sum of all of them and a clock stays far
    below 2⁵³ milliseconds.

    Args:
        data: The file's bytes, at most 64 KiB.
        name: What to call the file in errors.

    Raises:
        PolicyError: The text breaks the grammar or a bound. Metadata: file, line, column, field, found. Bounds of
            `core.assembly.bounds` do not bind an origin that begins with `dev.`.

    Source: docs/spec/constitution.md.
    """
    root = Field(parse_strict(data, name), "", name)
    check_schema(root, CONSTITUTION_SCHEMA)
    top = root.record(_FIELDS)
    number = top["number"].integer(1, MAX_NUMBER)
    origin = top["origin"].text()
    if re.fullmatch(ORIGIN_PATTERN, origin) is None:
        raise top["origin"].refuse("ORIGIN_FORM")
    base = read_base(top["base"], "CONSTITUTION_BASE_FORM")
    if (base is None) != (number == 1):
        raise top["base"].refuse("CONSTITUTION_BASE_NUMBER", number=number)
    title, reasons = read_title(top["title"]), read_reasons(top["reasons"])
    log_key = _key(top["log_key"])
    secretaries = _keys(top["secretaries"], log_key)
    guardians = _guardians(top["guardians"], log_key)
    ceiling_micro, exploration_max_ppm, objectives = read_limits_block(top["limits"].record(LIMITS_FIELDS))
    classes = _classes(top["classes"])
    canonical = canonical_json(
        {
            "schema": CONSTITUTION_SCHEMA,
            "number": number,
            "origin": origin,
            "base": None if base is None else digest_text(base),
            "title": _phrase_form(title),
            "reasons": _phrase_form(reasons),
            "log_key": log_key.hex(),
            "secretaries": [key.hex() for key in secretaries],
            "guardians": {
                "keys": [key.hex() for key in guardians.keys],
                "needed": guardians.needed,
                "confirmation_ms": guardians.confirmation_ms,
            },
            "limits": limits_form(ceiling_micro, exploration_max_ppm, objectives),
            "classes": {rules.subject: _class_form(rules) for rules in classes},
        }
    )
    canon_digest, file_digest = sha256(canonical), sha256(data)
    constitution = Constitution(
        number=number,
        origin=origin,
        base_digest=base,
        title=title,
        reasons=reasons,
        log_key=log_key,
        secretaries=secretaries,
        guardians=guardians,
        limits=Limits(ceiling_micro, exploration_max_ppm, objectives, canon_digest, file_digest, canonical),
        classes=classes,
        canon_digest=canon_digest,
        file_digest=file_digest,
        canonical=canonical,
        text=data,
    )
    breach = None if constitution.is_dev else check_bounds(constitution)
    if breach is not None:
        place = root
        for part in breach.path.split("."):
            place = place.entries()[part]
        raise place.refuse("CONSTITUTION_BOUND", found=breach.found, least=breach.least, most=breach.most)
    for rules in () if constitution.is_dev else classes:
        # While ballots are sealed, an extension can only be believed if nothing could have come into force meanwhile.
        if rules.late_swing_ms > rules.timelock_ms:
            place = top["classes"].entries()[rules.subject].entries()["late_swing"]
            raise place.refuse("CONSTITUTION_SWING", timelock=duration_text(rules.timelock_ms))
    return constitution


def _key(field: Field) -> bytes:
    text = field.text()
    if _KEY.fullmatch(text) is None:
        raise field.refuse("CONSTITUTION_KEY_FORM")
    key = bytes.fromhex(text)
    try:
        check_public_key(key)
    except LogError as error:
        raise field.refuse("CONSTITUTION_KEY_WEAK", key=text, detail=error.reason) from error
    return key


def _keys(field: Field, log_key: bytes) -> tuple[bytes, ...]:
    keys: set[bytes] = set()
    for item in field.items(MAX_KEYS):
        key = _key(item)
        if key in keys:
            raise item.refuse("CONSTITUTION_KEY_REPEATED", key=key.hex())
        if key == log_key:
            raise item.refuse("CONSTITUTION_KEY_ROLES", key=key.hex())
        keys.add(key)
    return tuple(sorted(keys))


def _guardians(field: Field, log_key: bytes) -> Guardians:
    entries = field.record(("keys", "needed", "confirmation"))
    node = entries["keys"].node
    nobody = isinstance(node, ListNode) and not node.items
    keys = () if nobody else _keys(entries["keys"], log_key)
    needed = entries["needed"].integer(0, MAX_KEYS)
    if needed > len(keys) or (needed == 0) != nobody:
        raise entries["needed"].refuse("CONSTITUTION_GUARDIANS", count=len(keys))
    return Guardians(keys, needed, entries["confirmation"].duration_ms(0))


def _classes(field: Field) -> tuple[Class, ...]:
    entries = field.record(SUBJECTS)
    return tuple(_class(subject, entries[subject]) for subject in SUBJECTS)


def _class(subject: Subject, field: Field) -> Class:
    entries = field.record(_CLASS_FIELDS)
    by = cast('Literal["vote", "notice"]', entries["by"].choice("vote", "notice"))
    if by == "notice" and subject != "model":
        raise entries["by"].refuse("CONSTITUTION_NOTICE")
    sponsors = entries["sponsors"].integer(0, MAX_SPONSORS)
    sponsorship_ms, deliberation_ms = entries["sponsorship"].duration_ms(0), entries["deliberation"].duration_ms(0)
    deliberation_max_ms = entries["deliberation_max"].duration_ms(0)
    if deliberation_max_ms < deliberation_ms:
        raise entries["deliberation_max"].refuse("CONSTITUTION_DELIBERATION", least=duration_text(deliberation_ms))
    return Class(
        subject=subject,
        by=by,
        sponsors=sponsors,
        sponsorship_ms=sponsorship_ms,
        deliberation_ms=deliberation_ms,
        deliberation_max_ms=deliberation_max_ms,
        notice_ms=entries["notice"].duration_ms(0),
        voting_ms=entries["voting"].duration_ms(0),
        quorum=_quorum(entries["quorum"]),
        quorum_min=Fraction(entries["quorum_min"].share_ppm(), PPM),
        majority=_majority(entries["majority"]),
        late_swing_ms=entries["late_swing"].duration_ms(0),
        timelock_ms=entries["timelock"].duration_ms(0),
        recall=Fraction(entries["recall"].share_ppm(1), PPM),
    )


def _quorum(field: Field) -> Fraction | None:
    text = _scalar(field)
    if text == "root":
        return None
    if not text.endswith("%"):
        raise field.refuse("CONSTITUTION_QUORUM")
    return Fraction(field.share_ppm(1), PPM)


def _majority(field: Field) -> Fraction:
    match = _FRACTION.fullmatch(_scalar(field))
    if match is not None and max(terms := (int(match[1]), int(match[2]))) <= MAX_TERM:
        majority = Fraction(*terms)
        if Fraction(1, 2) <= majority < 1:
            return majority
    raise field.refuse("CONSTITUTION_MAJORITY", most=MAX_TERM)


def _scalar(field: Field) -> str:
    """Return what stands there, a number too: whoever writes 20 for 20% is told about shares, not about quotes."""
    return field.node.text if isinstance(field.node, ScalarNode) else ""


def _phrase_form(phrase: Phrase) -> Json:
    return {"fr": phrase.fr, "en": phrase.en}


def _class_form(rules: Class) -> Json:
    return {
        "by": rules.by,
        "sponsors": rules.sponsors,
        "sponsorship_ms": rules.sponsorship_ms,
        "deliberation_ms": rules.deliberation_ms,
        "deliberation_max_ms": rules.deliberation_max_ms,
        "notice_ms": rules.notice_ms,
        "voting_ms": rules.voting_ms,
        "quorum_ppm": None if rules.quorum is None else int(rules.quorum * PPM),
        "quorum_min_ppm": int(rules.quorum_min * PPM),
        "majority": [rules.majority.numerator, rules.majority.denominator],
        "late_swing_ms": rules.late_swing_ms,
        "timelock_ms": rules.timelock_ms,
        "recall_ppm": int(rules.recall * PPM),
    }
