"""The gate's mark: up to where the minutes were verified, what was in force there, and what was served of it.

`assembly.mark` in the data directory is one canonical JSON document. It is written before anything newer is served,
so that whatever is shown to the gate later, it knows what it has seen: activation numbers only rise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rankd.core.assembly.standing import Cause
from rankd.core.errors import RecordError, ServiceError
from rankd.core.exact.canonical import CanonicalError, canonical_json, digest_text, parse_canonical, sha256
from rankd.core.records.strict import (
    Fields,
    anything,
    array,
    digest,
    each,
    line,
    natural,
    optional,
    shown,
    text,
    time,
)
from rankd.store.atomic import write_atomic

MARK_FILE = "assembly.mark"
MARK_SCHEMA = "rankd.mark.assembly/1"

_MAX_BYTES = 64 * 1024 * 1024
_CAUSES: frozenset[str] = frozenset(("founding", "vote", "notice", "rollback", "lapse"))
_NAME = line(256)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MarkedPolicy:
    """A policy as a mark names it; see `ActivePolicy`. The text lies in the archive."""

    number: int
    canon_digest: bytes
    file_digest: bytes
    adopted_by: int | None


@dataclass(frozen=True, slots=True)
class MarkedModel:
    """A model as a mark names it; see `ActiveModel`."""

    digest: bytes
    heads: tuple[str, ...]
    adopted_by: int


@dataclass(frozen=True, slots=True)
class MarkedActivation:
    """An activation as a mark names it; see `Activation`. `constitution` is a canon digest."""

    number: int
    time_ms: int
    cause: Cause
    entry: int
    surface: str
    policy: MarkedPolicy | None
    model: MarkedModel | None
    constitution: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """The farthest that the gate ever went.

    Attributes:
        origin: The minutes' origin.
        genesis: The genesis digest.
        size: Entries verified.
        root: Root hash of the tree over them.
        time_ms: The time up to which the assembly had come.
        activations: Every activation until then; number n is at n − 1.
        served: By surface, the activation under which it is served.
    """

    origin: str
    genesis: bytes
    size: int
    root: bytes
    time_ms: int
    activations: tuple[MarkedActivation, ...]
    served: Mapping[str, int]


def read_mark(data_dir: Path) -> Mark | None:
    """Return the mark of a data directory; None where there is none yet.

    Raises:
        ServiceError: GATE_MARK_DAMAGED: it is not as `write_mark` left it, or cannot be read.
    """
    path = data_dir / MARK_FILE
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ServiceError("GATE_MARK_DAMAGED", path=path, detail=error.strerror or error) from error
    try:
        return _parse(data)
    except RecordError as error:
        raise ServiceError("GATE_MARK_DAMAGED", path=path, detail=error.metadata["field"]) from error


def write_mark(data_dir: Path, mark: Mark) -> None:
    """Replace the mark, durably and all at once: a crash leaves the old one or the new one.

    Raises:
        ServiceError: GATE_MARK_UNWRITABLE; the old one stays.
    """
    path = data_dir / MARK_FILE
    document = _document(mark)
    document["digest"] = digest_text(sha256(canonical_json(document)))
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        write_atomic(path, canonical_json(document))
    except OSError as error:
        raise ServiceError("GATE_MARK_UNWRITABLE", path=path, detail=error.strerror or error) from error


def _document(mark: Mark) -> dict[str, Any]:
    return {
        "schema": MARK_SCHEMA,
        "origin": mark.origin,
        "genesis": digest_text(mark.genesis),
        "size": mark.size,
        "root": digest_text(mark.root),
        "time_ms": mark.time_ms,
        "activations": [_activation(entry) for entry in mark.activations],
        "served": [[surface, number] for surface, number in sorted(mark.served.items())],
    }


def _activation(entry: MarkedActivation) -> dict[str, Any]:
    policy, model = entry.policy, entry.model
    return {
        "time_ms": entry.time_ms,
        "cause": entry.cause,
        "entry": entry.entry,
        "surface": entry.surface,
        "policy": None
        if policy is None
        else {
            "number": policy.number,
            "canon": digest_text(policy.canon_digest),
            "file": digest_text(policy.file_digest) if policy.file_digest else None,
            "adopted_by": policy.adopted_by,
        },
        "model": None
        if model is None
        else {"digest": digest_text(model.digest), "heads": list(model.heads), "adopted_by": model.adopted_by},
        "constitution": digest_text(entry.constitution),
    }


def _parse(data: bytes) -> Mark:
    try:
        document = parse_canonical(data)
    except CanonicalError as error:
        raise _malformed("mark", error) from None
    fields = Fields(document, "mark", "RECORD_MALFORMED")
    if (found := fields.take("schema", text)) != MARK_SCHEMA:
        raise _malformed("mark.schema", found)
    said = fields.take("digest", digest)
    mark = Mark(
        origin=fields.take("origin", _NAME),
        genesis=fields.take("genesis", digest),
        size=fields.take("size", natural),
        root=fields.take("root", digest),
        time_ms=fields.take("time_ms", time),
        activations=tuple(
            _read_activation(number, Fields(entry, "mark.activations", "RECORD_MALFORMED"))
            for number, entry in enumerate(fields.take("activations", array), start=1)
        ),
        served=dict(fields.take("served", each(_served))),
    )
    fields.end()
    if sha256(canonical_json(_document(mark))) != said:
        raise _malformed("mark.digest", digest_text(said))
    return mark


def _read_activation(number: int, fields: Fields) -> MarkedActivation:
    activation = MarkedActivation(
        number=number,
        time_ms=fields.take("time_ms", time),
        cause=fields.take("cause", _cause),
        entry=fields.take("entry", natural),
        surface=fields.take("surface", text),
        policy=_optional(fields, "policy", _read_policy),
        model=_optional(fields, "model", _read_model),
        constitution=fields.take("constitution", digest),
    )
    fields.end()
    return activation


def _read_policy(fields: Fields) -> MarkedPolicy:
    return MarkedPolicy(
        number=fields.take("number", natural),
        canon_digest=fields.take("canon", digest),
        file_digest=fields.take("file", optional(digest)) or b"",
        adopted_by=fields.take("adopted_by", optional(natural)),
    )


def _read_model(fields: Fields) -> MarkedModel:
    return MarkedModel(
        digest=fields.take("digest", digest),
        heads=fields.take("heads", each(_NAME)),
        adopted_by=fields.take("adopted_by", natural),
    )


def _optional(fields: Fields, name: str, read: Callable[[Fields], T]) -> T | None:
    value = fields.take(name, anything)
    if value is None:
        return None
    inner = Fields(value, f"mark.{name}", "RECORD_MALFORMED")
    found = read(inner)
    inner.end()
    return found


def _cause(value: Any) -> Any:
    if value not in _CAUSES:
        raise ValueError
    return value


def _served(value: Any) -> tuple[str, int]:
    surface, number = array(value)
    return text(surface), natural(number)


def _malformed(field: str, found: object) -> RecordError:
    return RecordError("RECORD_MALFORMED", field=field, found=shown(str(found)))
