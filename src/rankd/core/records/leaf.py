"""Leaves: what a journal's tree holds, without personal data, readable by anybody for as long as the journal lasts.

Source: DESIGN "The journals" (Leaf); docs/spec/log.md section 2.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from rankd.core.errors import LogError, RecordError
from rankd.core.exact.canonical import CanonicalError, canonical_json, digest_text, parse_canonical
from rankd.core.log.ed25519 import check_public_key
from rankd.core.log.envelope import parse_envelope
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import Difference
from rankd.core.records.strict import (
    Fields,
    anything,
    array,
    digest,
    each,
    hex_32,
    line,
    natural,
    naturals,
    optional,
    pair,
    shown,
    text,
    time,
)

DECISION_SCHEMA = "rankd.leaf.decision/1"
EPOCH_SCHEMA = "rankd.leaf.epoch/1"
REVEAL_SCHEMA = "rankd.leaf.reveal/1"
ERASURE_SCHEMA = "rankd.leaf.erasure/1"

MAX_LEAF_BYTES = 65_535
"""A tile of entries holds each entry behind two bytes of length (C2SP tlog-tiles)."""
MAX_NAME_LENGTH = 256
PPM = 1_000_000

_NAME = line(MAX_NAME_LENGTH)


@dataclass(frozen=True, slots=True)
class DecisionLeaf:
    """What anybody may know of one decision.

    Attributes:
        time_ms: The server's clock when it decided.
        surface: Where the feed is shown.
        activation: The newest activation that touches the surface; None as long as no assembly activates.
        policy: Canon digest of the policy, or of the baseline.
        constitution: Canon digest of the constitution or of the limits.
        model: Digest of the model's manifest; None in a newest-first decision.
        epoch: SHA-256 of the epoch secret.
        worker: The worker that decided.
        counter: Its counter within the epoch, from 0.
        voids: (epoch digest, counter) drawn by this worker without a decision.
        commitment: `core.records.commitment.commitment` of the record.
    """

    time_ms: int
    surface: str
    activation: int | None
    policy: bytes
    constitution: bytes
    model: bytes | None
    epoch: bytes
    worker: str
    counter: int
    voids: tuple[tuple[bytes, int], ...]
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Retention:
    """How long bodies are kept, as an epoch promises it for its own decisions.

    Attributes:
        decision_ms: Every decision's body, from the leaf's time.
        sample_ppm: Share of decisions whose body is kept as long as `sample_ms`, 0 to 1 000 000.
        sample_ms: That sample's bodies, from the leaf's time.
    """

    decision_ms: int
    sample_ppm: int
    sample_ms: int


@dataclass(frozen=True, slots=True)
class EpochLeaf:
    """The announcement of an epoch, before its first decision.

    Attributes:
        time_ms: The server's clock.
        epoch: SHA-256 of the epoch secret.
        worker: The worker whose epoch it is.
        retention: How long bodies are kept.
        erasers: Public keys whose signed erasures the operator obeys, 32 bytes each, in byte order, none twice.
        software: Name and version of what runs.
    """

    time_ms: int
    epoch: bytes
    worker: str
    retention: Retention
    erasers: tuple[bytes, ...]
    software: str


@dataclass(frozen=True, slots=True)
class RevealLeaf:
    """The end of an epoch: its secret, by which everybody checks every nonce.

    Attributes:
        time_ms: The server's clock.
        epoch: SHA-256 of the epoch secret.
        worker: The worker whose epoch it was.
        secret: The epoch secret, 32 bytes.
        count: Counters drawn, so 0 to count − 1; None where a crash left nobody who knows.
        voids: Counters of this epoch that stand in no decision and that no decision declares void, rising.
    """

    time_ms: int
    epoch: bytes
    worker: str
    secret: bytes
    count: int | None
    voids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ErasureLeaf:
    """A signed erasure, word for word.

    Attributes:
        time_ms: The server's clock when it obeyed.
        envelope: The DSSE envelope as JSON; `core.records.erasure.open_erasure` reads and verifies it.
    """

    time_ms: int
    envelope: Mapping[str, Any]


Leaf: TypeAlias = DecisionLeaf | EpochLeaf | RevealLeaf | ErasureLeaf


def encode_leaf(leaf: Leaf) -> bytes:
    """Return a leaf's bytes: canonical JSON, at most `MAX_LEAF_BYTES`.

    Raises:
        RecordError: LEAF_TOO_LARGE, or LEAF_MALFORMED: `decode_leaf` would not read it.
    """
    try:
        data = canonical_json(_document(leaf))
    except CanonicalError as error:
        raise RecordError("LEAF_MALFORMED", field="leaf", found=str(error)[:200]) from None
    if len(data) > MAX_LEAF_BYTES:
        raise RecordError("LEAF_TOO_LARGE", size_bytes=len(data), most_bytes=MAX_LEAF_BYTES)
    # A journal is for ever: nothing that its readers would refuse may enter it.
    decode_leaf(data)
    return data


def decode_leaf(data: bytes) -> Leaf:
    """Read a leaf strictly, from bytes that nobody vouches for.

    Raises:
        RecordError: LEAF_MALFORMED, with the field: too long, not canonical, of an unknown schema, or a field that
            is missing, unknown or of another kind.
    """
    if len(data) > MAX_LEAF_BYTES:
        raise RecordError("LEAF_MALFORMED", field="leaf", found=f"{len(data)} bytes")
    try:
        document = parse_canonical(data)
    except CanonicalError as error:
        raise RecordError("LEAF_MALFORMED", field="leaf", found=str(error)[:200]) from None
    fields = Fields(document, "leaf", "LEAF_MALFORMED")
    read = _READERS.get(fields.take("schema", text))
    if read is None:
        raise RecordError("LEAF_MALFORMED", field="leaf.schema", found=shown(document["schema"]))
    leaf = read(fields)
    fields.end()
    return leaf


def leaf_of_decision(decision: Decision, commitment: bytes, activation: int | None = None) -> DecisionLeaf:
    """Return the leaf of a decision.

    Args:
        decision: The decision.
        commitment: Commitment to its record, 32 bytes.
        activation: The activation under which it was made; None as long as no assembly activates.
    """
    return DecisionLeaf(
        time_ms=decision.time_ms,
        surface=decision.request.surface,
        activation=activation,
        policy=decision.policy_digest,
        constitution=decision.constitution_digest,
        model=decision.model_digest,
        epoch=decision.epoch_digest,
        worker=decision.worker,
        counter=decision.counter,
        voids=decision.voids,
        commitment=commitment,
    )


def leaf_differences(leaf: DecisionLeaf, decision: Decision) -> Iterator[Difference]:
    """Yield every field in which a leaf says otherwise than the record that it commits to.

    A difference's `recorded` is what the leaf says, `recomputed` what follows from the record. Activation number and
    commitment are not in a record.
    """
    said, follows = (_document(entry) for entry in (leaf, leaf_of_decision(decision, leaf.commitment, leaf.activation)))
    for field, value in said.items():
        if value != follows[field]:
            yield Difference("", f"leaf.{field}", _words(value), _words(follows[field]))


def _words(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _document(leaf: Leaf) -> dict[str, Any]:
    if isinstance(leaf, DecisionLeaf):
        return {
            "schema": DECISION_SCHEMA,
            "time_ms": leaf.time_ms,
            "surface": leaf.surface,
            "activation": leaf.activation,
            "policy": digest_text(leaf.policy),
            "constitution": digest_text(leaf.constitution),
            "model": None if leaf.model is None else digest_text(leaf.model),
            "epoch": digest_text(leaf.epoch),
            "worker": leaf.worker,
            "counter": leaf.counter,
            "voids": [[digest_text(epoch), counter] for epoch, counter in leaf.voids],
            "commitment": digest_text(leaf.commitment),
        }
    if isinstance(leaf, EpochLeaf):
        return {
            "schema": EPOCH_SCHEMA,
            "time_ms": leaf.time_ms,
            "epoch": digest_text(leaf.epoch),
            "worker": leaf.worker,
            "retention": {
                "decision_ms": leaf.retention.decision_ms,
                "sample_ppm": leaf.retention.sample_ppm,
                "sample_ms": leaf.retention.sample_ms,
            },
            "erasers": [key.hex() for key in leaf.erasers],
            "software": leaf.software,
        }
    if isinstance(leaf, RevealLeaf):
        return {
            "schema": REVEAL_SCHEMA,
            "time_ms": leaf.time_ms,
            "epoch": digest_text(leaf.epoch),
            "worker": leaf.worker,
            "secret": leaf.secret.hex(),
            "count": leaf.count,
            "voids": leaf.voids,
        }
    return {"schema": ERASURE_SCHEMA, "time_ms": leaf.time_ms, "envelope": dict(leaf.envelope)}


def _decision(fields: Fields) -> DecisionLeaf:
    return DecisionLeaf(
        time_ms=fields.take("time_ms", time),
        surface=fields.take("surface", _NAME),
        activation=fields.take("activation", optional(natural)),
        policy=fields.take("policy", digest),
        constitution=fields.take("constitution", digest),
        model=fields.take("model", optional(digest)),
        epoch=fields.take("epoch", digest),
        worker=fields.take("worker", _NAME),
        counter=fields.take("counter", natural),
        voids=fields.take("voids", each(lambda entry: pair(entry, digest, natural))),
        commitment=fields.take("commitment", digest),
    )


def _epoch(fields: Fields) -> EpochLeaf:
    return EpochLeaf(
        time_ms=fields.take("time_ms", time),
        epoch=fields.take("epoch", digest),
        worker=fields.take("worker", _NAME),
        retention=_retention(Fields(fields.take("retention", anything), "leaf.retention", "LEAF_MALFORMED")),
        erasers=fields.take("erasers", _keys),
        software=fields.take("software", _NAME),
    )


def _retention(fields: Fields) -> Retention:
    retention = Retention(
        decision_ms=fields.take("decision_ms", natural),
        sample_ppm=fields.take("sample_ppm", _share),
        sample_ms=fields.take("sample_ms", natural),
    )
    fields.end()
    return retention


def _reveal(fields: Fields) -> RevealLeaf:
    return RevealLeaf(
        time_ms=fields.take("time_ms", time),
        epoch=fields.take("epoch", digest),
        worker=fields.take("worker", _NAME),
        secret=fields.take("secret", hex_32),
        count=fields.take("count", optional(natural)),
        voids=fields.take("voids", _rising),
    )


def _erasure(fields: Fields) -> ErasureLeaf:
    return ErasureLeaf(time_ms=fields.take("time_ms", time), envelope=fields.take("envelope", _envelope))


_READERS: Mapping[str, Callable[[Fields], Leaf]] = {
    DECISION_SCHEMA: _decision,
    EPOCH_SCHEMA: _epoch,
    REVEAL_SCHEMA: _reveal,
    ERASURE_SCHEMA: _erasure,
}


def _share(value: Any) -> int:
    if natural(value) > PPM:
        raise ValueError
    return natural(value)


def _rising(value: Any) -> tuple[int, ...]:
    numbers = naturals(value)
    if any(number >= after for number, after in pairwise(numbers)):
        raise ValueError
    return numbers


def _keys(value: Any) -> tuple[bytes, ...]:
    keys = tuple(hex_32(key) for key in array(value))
    if list(keys) != sorted(set(keys)):
        raise ValueError
    try:
        for key in keys:
            check_public_key(key)
    except LogError as error:
        raise ValueError from error
    return keys


def _envelope(value: Any) -> Mapping[str, Any]:
    try:
        return parse_envelope(value).document
    except LogError as error:
        raise ValueError from error
