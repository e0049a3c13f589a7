"""The manifest of a sealed model: its features, heads and documents, bound by one digest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import canonical_json, digest_text, parse_canonical, parse_digest, sha256
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.calibration import PPB, Calibration
from rankd.core.ranking.signal import MIN_BASE_RATE_PPB, HeadSignal
from rankd.core.words.language import Phrase

SCHEMA = "rankd.model/1"
MANIFEST_FILE = "manifest.json"
REQUIRED_DOCUMENTS = ("LICENSE", "MODEL_CARD.md")
MAX_FEATURES = 512
MAX_DOCUMENTS = 16
SILENT_REASONS = ("TOO_FEW_POSITIVES", "NO_BETTER_THAN_BASE_RATE", "BASE_RATE_TOO_LOW")
"""Why a head may be silent (MATH 1)."""

_SURFACE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_FEATURE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DOCUMENT = re.compile(r"[A-Z][A-Z0-9_]{0,63}(?:\.md)?")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,38})(?:\.[0-9]{1,60})?")
_BRACE_OR_CONTROL = re.compile(r"[{}\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature matrix, as the model declares it.

    Attributes:
        name: `[a-z][a-z0-9_]{0,63}`, unique in its model.
        meaning: What it measures, for people, 1 to 500 characters in each language.
        unit: Its unit, for people, 1 to 64 characters.
        default_text: What stands where a request does not send the column: the shortest decimal of a finite
            float32, such as "0" or "0.5". None: a request must send the column.
        nullable: Whether NaN, "not known", may be sent.
        profiling: Whether it is derived from the viewer's own behaviour.
    """

    name: str
    meaning: Phrase
    unit: str
    default_text: str | None
    nullable: bool
    profiling: bool

    @property
    def default(self) -> float | None:
        """`default_text` as a number, exactly a float32; None where there is no default."""
        return None if self.default_text is None else float(np.float32(self.default_text))


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One objective's head, as the manifest lists it.

    Attributes:
        signal: Objective, base rate and calibration.
        file: The name of its sealed text: the objective, then `.txt`.
        digest: SHA-256 of that text, 32 bytes.
        silent_reason: One of `SILENT_REASONS` exactly where the head is silent, else None.
    """

    signal: HeadSignal
    file: str
    digest: bytes
    silent_reason: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A sealed model's manifest. Two are equal when their bytes are.

    Attributes:
        surface: The surface that the model ranks.
        features: 1 to 512, in column order.
        heads: At least one, in the canonical order of objectives.
        documents: File names and SHA-256 digests, by name; LICENSE and MODEL_CARD.md among them.
        training: What the trainer recorded: integers, strings and nestings of them.
        canonical: The bytes of manifest.json, which are its RFC 8785 form.
        digest: SHA-256 of `canonical`: the model's digest.
    """

    surface: str = field(compare=False)
    features: tuple[Feature, ...] = field(compare=False)
    heads: tuple[Head, ...] = field(compare=False)
    documents: tuple[tuple[str, bytes], ...] = field(compare=False)
    training: Mapping[str, Any] = field(compare=False)
    digest: bytes = field(compare=False)
    canonical: bytes


def manifest_json(
    *,
    surface: str,
    features: Sequence[Feature],
    heads: Sequence[Head],
    documents: Sequence[tuple[str, bytes]],
    training: Mapping[str, Any],
) -> bytes:
    """Return the bytes of manifest.json, which `read_manifest` is known to accept.

    Args:
        surface: The surface that the model ranks.
        features: In column order.
        heads: In any order; they are written in the canonical order of objectives.
        documents: File names and SHA-256 digests, in any order.
        training: Integers, strings, booleans, None, and lists and objects of them.

    Raises:
        ModelError: As `read_manifest`.
        CanonicalError: `training` holds a float or another value without a canonical form.
    """
    order = {objective: at for at, objective in enumerate(OBJECTIVES)}
    data = canonical_json(
        {
            "schema": SCHEMA,
            "surface": surface,
            "features": [_feature_json(feature) for feature in features],
            "heads": [
                _head_json(head) for head in sorted(heads, key=lambda h: order.get(h.signal.objective, len(order)))
            ],
            "documents": [{"file": name, "digest": digest_text(digest)} for name, digest in sorted(documents)],
            "training": dict(training),
        }
    )
    read_manifest(data)
    return data


def _feature_json(feature: Feature) -> dict[str, Any]:
    return {
        "name": feature.name,
        "meaning": {"fr": feature.meaning.fr, "en": feature.meaning.en},
        "unit": feature.unit,
        "default": feature.default_text,
        "nullable": feature.nullable,
        "profiling": feature.profiling,
    }


def _head_json(head: Head) -> dict[str, Any]:
    table = head.signal.calibration
    knots = [] if table is None else [list(k) for k in zip(table.margins.tolist(), table.ppb.tolist(), strict=True)]
    return {
        "objective": head.signal.objective,
        "file": head.file,
        "digest": digest_text(head.digest),
        "base_rate_ppb": head.signal.base_rate_ppb,
        "calibration": knots,
        "silent": head.silent_reason,
    }


def read_manifest(data: bytes) -> Manifest:
    """Read manifest.json strictly.

    Args:
        data: The bytes of the file. They must be the RFC 8785 form, so that `sha256sum manifest.json` prints the
            model's digest.

    Raises:
        ModelError: MODEL_MANIFEST_NOT_CANONICAL, or MODEL_MANIFEST_KEY_UNKNOWN, MODEL_MANIFEST_KEY_MISSING or
            MODEL_MANIFEST_VALUE with the field.
    """
    try:
        root = parse_canonical(data)
    except (ValueError, RecursionError) as error:
        raise ModelError("MODEL_MANIFEST_NOT_CANONICAL", detail=str(error)[:200]) from error
    body = _object(root, "manifest", ("schema", "surface", "features", "heads", "documents", "training"))
    _require(body["schema"] == SCHEMA, "schema", body["schema"], SCHEMA)
    training = body["training"]
    _require(isinstance(training, dict), "training", training, "object")
    return Manifest(
        surface=_matching(body["surface"], "surface", _SURFACE),
        features=_features(body["features"]),
        heads=_heads(body["heads"]),
        documents=_documents(body["documents"]),
        training=training,
        digest=sha256(data),
        canonical=data,
    )


def _features(value: Any) -> tuple[Feature, ...]:
    items = _list(value, "features", 1, MAX_FEATURES)
    features = tuple(_feature(item, f"features[{at}]") for at, item in enumerate(items))
    _require_unique([feature.name for feature in features], "features", "name")
    return features


def _feature(value: Any, where: str) -> Feature:
    body = _object(value, where, ("name", "meaning", "unit", "default", "nullable", "profiling"))
    meaning = _object(body["meaning"], f"{where}.meaning", ("fr", "en"))
    for flag in ("nullable", "profiling"):
        _require(isinstance(body[flag], bool), f"{where}.{flag}", body[flag], "true | false")
    return Feature(
        name=_matching(body["name"], f"{where}.name", _FEATURE_NAME),
        meaning=Phrase(
            fr=_words(meaning["fr"], f"{where}.meaning.fr", 500),
            en=_words(meaning["en"], f"{where}.meaning.en", 500),
        ),
        unit=_words(body["unit"], f"{where}.unit", 64),
        default_text=_default(body["default"], f"{where}.default"),
        nullable=body["nullable"],
        profiling=body["profiling"],
    )


def _default(value: Any, where: str) -> str | None:
    if value is None:
        return None
    text = _matching(value, where, _DECIMAL)
    with np.errstate(over="ignore"):
        number = np.float32(text)
    spelling = np.format_float_positional(number, unique=True, trim="-")
    # "-0" would be a second spelling of "0".
    _require(text == spelling and text != "-0", where, text, "0" if text == "-0" else spelling)
    return text


def _heads(value: Any) -> tuple[Head, ...]:
    items = _list(value, "heads", 1, len(OBJECTIVES))
    heads = tuple(_head(item, f"heads[{at}]") for at, item in enumerate(items))
    names = [head.signal.objective for head in heads]
    _require_unique(names, "heads", "objective")
    wanted = [objective for objective in OBJECTIVES if objective in names]
    _require(names == wanted, "heads", " ".join(names), " ".join(wanted))
    return heads


def _head(value: Any, where: str) -> Head:
    keys = ("objective", "file", "digest", "base_rate_ppb", "calibration", "silent")
    body = _object(value, where, keys)
    objective, silent = body["objective"], body["silent"]
    _require(objective in OBJECTIVES, f"{where}.objective", objective, " | ".join(OBJECTIVES))
    _require(body["file"] == f"{objective}.txt", f"{where}.file", body["file"], f"{objective}.txt")
    _require(
        silent is None or silent in SILENT_REASONS, f"{where}.silent", silent, "null | " + " | ".join(SILENT_REASONS)
    )
    base_rate = body["base_rate_ppb"]
    least = MIN_BASE_RATE_PPB if silent is None else 1
    fits = type(base_rate) is int and least <= base_rate <= PPB - 1
    _require(fits, f"{where}.base_rate_ppb", base_rate, f"{least}…{PPB - 1}")
    signal = HeadSignal(objective, base_rate, _calibration(body["calibration"], silent, f"{where}.calibration"))
    return Head(signal, body["file"], _digest(body["digest"], f"{where}.digest"), silent)


def _calibration(value: Any, silent: str | None, where: str) -> Calibration | None:
    if silent is not None:
        _require(value == [], where, value, "[]")
        return None
    knots = _list(value, where, 1, 1025)
    for at, knot in enumerate(knots):
        pair = isinstance(knot, list) and len(knot) == 2 and all(type(number) is int for number in knot)
        _require(pair, f"{where}[{at}]", knot, "[margin, ppb]")
    table = np.array(knots, dtype=np.int64)
    try:
        return Calibration(table[:, 0].copy(), table[:, 1].copy())
    except ValueError as error:
        raise ModelError("MODEL_MANIFEST_VALUE", field=where, found=str(error), wanted="MATH 1") from error


def _documents(value: Any) -> tuple[tuple[str, bytes], ...]:
    items = _list(value, "documents", len(REQUIRED_DOCUMENTS), MAX_DOCUMENTS)
    documents = []
    for at, item in enumerate(items):
        body = _object(item, f"documents[{at}]", ("file", "digest"))
        name = _matching(body["file"], f"documents[{at}].file", _DOCUMENT)
        documents.append((name, _digest(body["digest"], f"documents[{at}].digest")))
    names = [name for name, _ in documents]
    _require(names == sorted(set(names)), "documents", " ".join(names), " ".join(sorted(set(names))))
    for required in REQUIRED_DOCUMENTS:
        if required not in names:
            raise ModelError("MODEL_MANIFEST_KEY_MISSING", field=f"documents: {required}")
    return tuple(documents)


def _object(value: Any, where: str, keys: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, value, "object")
    for key in value:
        if key not in keys:
            raise ModelError("MODEL_MANIFEST_KEY_UNKNOWN", field=f"{where}.{key}"[:200])
    for key in keys:
        if key not in value:
            raise ModelError("MODEL_MANIFEST_KEY_MISSING", field=f"{where}.{key}")
    return value


def _list(value: Any, where: str, least: int, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(where, value, "array")
    _require(least <= len(value) <= most, where, len(value), f"{least}…{most}")
    return value


def _matching(value: Any, where: str, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _wrong(where, value, pattern.pattern)
    return value


def _words(value: Any, where: str, most: int) -> str:
    # Meanings become templates (`Phrase`), so a brace would be read as a parameter.
    if not isinstance(value, str) or not 1 <= len(value) <= most or _BRACE_OR_CONTROL.search(value):
        raise _wrong(where, value, f"string 1…{most}, no {{ }}")
    return value


def _digest(value: Any, where: str) -> bytes:
    try:
        return parse_digest(value if isinstance(value, str) else "")
    except ValueError:
        raise _wrong(where, value, "sha256:<64 hex>") from None


def _require_unique(names: list[str], where: str, key: str) -> None:
    for name in names:
        _require(names.count(name) == 1, f"{where}.{key}", name, "unique")


def _require(condition: bool, where: str, found: object, wanted: object) -> None:
    if not condition:
        raise _wrong(where, found, wanted)


def _wrong(where: str, found: object, wanted: object) -> ModelError:
    return ModelError("MODEL_MANIFEST_VALUE", field=where, found=str(found)[:80], wanted=wanted)
