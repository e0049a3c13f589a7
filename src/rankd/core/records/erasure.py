"""Erasure: a signed order to destroy the keys of bodies, or of a pseudonym period; it stays in the journal for ever.

Source: DESIGN "The journals" (Erasing); docs/spec/log.md section 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import CanonicalError, canonical_json, parse_canonical
from rankd.core.log.envelope import open_envelope, sign_envelope
from rankd.core.records.pseudonym import MAX_PERIOD
from rankd.core.records.strict import Fields, each, line, natural, naturals, pair, text, time

SCHEMA = "rankd.erasure/1"
PAYLOAD_TYPE = "application/vnd.rankd.erasure.v1+json"
MAX_RANGES = 1_000
MAX_PERIODS = 100
MAX_REASON_LENGTH = 500
MAX_ORIGIN_LENGTH = 256

ReasonCode: TypeAlias = Literal["REQUEST", "RETENTION", "COURT", "OTHER"]
"""A person asked for it; the promised time has passed; a court ordered it; something else, as the reason says."""

_REASON_CODES = get_args(ReasonCode)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is erased, and why.

    Attributes:
        origin: The journal that it is about.
        decisions: (first, last) indexes of leaves, both included, sorted and disjoint, at most `MAX_RANGES`. Leaves
            that have no body, or whose body is gone, may lie within.
        pseudonym_periods: Periods whose key is destroyed, sorted, at most `MAX_PERIODS`.
        reason_code: What sort of reason.
        reason: The reason in words, without personal data: everybody reads it for ever.
        time_ms: When it was signed.
    """

    origin: str
    decisions: tuple[tuple[int, int], ...]
    pseudonym_periods: tuple[int, ...]
    reason_code: ReasonCode
    reason: str
    time_ms: int


def sign_erasure(erasure: Erasure, private_key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return the erasure in a DSSE envelope, as the JSON object that an `ErasureLeaf` holds.

    Raises:
        RecordError: ERASURE_MALFORMED: `open_erasure` would refuse it.
    """
    document = {
        "schema": SCHEMA,
        "origin": erasure.origin,
        "decisions": [list(span) for span in erasure.decisions],
        "pseudonym_periods": erasure.pseudonym_periods,
        "reason_code": erasure.reason_code,
        "reason": erasure.reason,
        "time_ms": erasure.time_ms,
    }
    try:
        payload = canonical_json(document)
    except CanonicalError as error:
        raise _malformed("erasure", str(error)) from None
    _read(payload)
    return sign_envelope(PAYLOAD_TYPE, payload, private_key).document


def open_erasure(envelope: Mapping[str, Any], keys: Mapping[str, bytes]) -> tuple[Erasure, str]:
    """Verify and read an erasure; whether it is about this journal is for `check_scope` to say.

    Args:
        envelope: The DSSE envelope's JSON object.
        keys: Public keys that may sign, by their hexadecimal form.

    Returns:
        The erasure, and the signer's public key in hexadecimal.

    Raises:
        LogError: The envelope is malformed or of another type, no known key signed it, or its signature is wrong.
        RecordError: ERASURE_MALFORMED, with the field.
    """
    payload, signer = open_envelope(envelope, PAYLOAD_TYPE, keys)
    return _read(payload), signer


def check_scope(erasure: Erasure, origin: str, count: int) -> None:
    """Make sure that an erasure is about this journal, and about what it held before.

    Args:
        erasure: A verified erasure.
        origin: The journal's origin.
        count: How many entries stand before the erasure's own.

    Raises:
        RecordError: ERASURE_ORIGIN or ERASURE_AHEAD.
    """
    if erasure.origin != origin:
        raise RecordError("ERASURE_ORIGIN", found=erasure.origin, wanted=origin)
    if erasure.decisions and erasure.decisions[-1][1] >= count:
        raise RecordError("ERASURE_AHEAD", index=erasure.decisions[-1][1], count=count)


def _read(payload: bytes) -> Erasure:
    try:
        document = parse_canonical(payload)
    except CanonicalError as error:
        raise _malformed("erasure", str(error)) from None
    fields = Fields(document, "erasure", "ERASURE_MALFORMED")
    fields.take("schema", _schema)
    erasure = Erasure(
        origin=fields.take("origin", line(MAX_ORIGIN_LENGTH)),
        decisions=fields.take("decisions", _ranges),
        pseudonym_periods=fields.take("pseudonym_periods", _periods),
        reason_code=fields.take("reason_code", _reason_code),
        reason=fields.take("reason", line(MAX_REASON_LENGTH)),
        time_ms=fields.take("time_ms", time),
    )
    fields.end()
    if not erasure.decisions and not erasure.pseudonym_periods:
        raise _malformed("erasure.decisions", "nothing to erase")
    return erasure


def _schema(value: Any) -> None:
    if text(value) != SCHEMA:
        raise ValueError


def _ranges(value: Any) -> tuple[tuple[int, int], ...]:
    ranges = each(lambda entry: pair(entry, natural, natural))(value)
    bounds = [bound for span in ranges for bound in span]
    # Every first is beyond the last before it, so what is erased has one spelling.
    if len(ranges) > MAX_RANGES or bounds != sorted(bounds):
        raise ValueError
    if any(after[0] <= before[1] for before, after in pairwise(ranges)):
        raise ValueError
    return ranges


def _periods(value: Any) -> tuple[int, ...]:
    periods = naturals(value)
    if len(periods) > MAX_PERIODS or list(periods) != sorted(set(periods)) or max(periods, default=0) > MAX_PERIOD:
        raise ValueError
    return periods


def _reason_code(value: Any) -> ReasonCode:
    if value not in _REASON_CODES:
        raise ValueError
    code: ReasonCode = value
    return code


def _malformed(field: str, found: str) -> RecordError:
    return RecordError("ERASURE_MALFORMED", field=field, found=found[:200])
