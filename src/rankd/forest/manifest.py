"""The manifest of a sealed model: its features, heads and documents, bound by one digest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import canonical_json, digest_text, parse_canonical, sha256
from rankd.core.features.feature import DECIMAL, FEATURE_NAME, Feature, default_spelling
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.calibration import PPB, Calibration
from rankd.core.ranking.signal import MIN_BASE_RATE_PPB, HeadSignal
from rankd.core.words.language import Phrase
from rankd.forest.fields import (
    read_digest,
    read_list,
    read_matching,
    read_object,
    read_words,
    require,
    require_unique,
)

SCHEMA = "rankd.model/1"
MANIFEST_FILE = "manifest.json"
REQUIRED_DOCUMENTS = ("LICENSE", "MODEL_CARD.md")
MAX_FEATURES = 512
MAX_DOCUMENTS = 16
MAX_TRAINING_DEPTH = 16
"""Nesting of the training record: far below what a JSON reader's stack allows, so that all machines agree."""

SILENT_REASONS = ("TOO_FEW_POSITIVES", "NO_BETTER_THAN_BASE_RATE", "BASE_RATE_TOO_LOW")
"""Why a head may be silent (MATH 1)."""

_SILENT = " | ".join(("null", *SILENT_REASONS))
_SURFACE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_DOCUMENT = re.compile(r"[A-Z][A-Z0-9_]{0,63}(?:\.(?:md|yaml|svg))?")


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
    body = read_object(root, "manifest", ("schema", "surface", "features", "heads", "documents", "training"))
    require(body["schema"] == SCHEMA, "schema", body["schema"], SCHEMA)
    training = body["training"]
    require(isinstance(training, dict), "training", training, "object")
    require(_depth(training) <= MAX_TRAINING_DEPTH, "training", training, f"nesting ≤ {MAX_TRAINING_DEPTH}")
    return Manifest(
        surface=read_matching(body["surface"], "surface", _SURFACE),
        features=_features(body["features"]),
        heads=_heads(body["heads"]),
        documents=_documents(body["documents"]),
        training=training,
        digest=sha256(data),
        canonical=data,
    )


def _features(value: Any) -> tuple[Feature, ...]:
    items = read_list(value, "features", 1, MAX_FEATURES)
    features = tuple(_feature(item, f"features[{at}]") for at, item in enumerate(items))
    require_unique([feature.name for feature in features], "features", "name")
    return features


def _feature(value: Any, where: str) -> Feature:
    body = read_object(value, where, ("name", "meaning", "unit", "default", "nullable", "profiling"))
    meaning = read_object(body["meaning"], f"{where}.meaning", ("fr", "en"))
    for flag in ("nullable", "profiling"):
        require(isinstance(body[flag], bool), f"{where}.{flag}", body[flag], "true | false")
    return Feature(
        name=read_matching(body["name"], f"{where}.name", FEATURE_NAME),
        meaning=Phrase(
            fr=read_words(meaning["fr"], f"{where}.meaning.fr", 500),
            en=read_words(meaning["en"], f"{where}.meaning.en", 500),
        ),
        unit=read_words(body["unit"], f"{where}.unit", 64),
        default_text=_default(body["default"], f"{where}.default"),
        nullable=body["nullable"],
        profiling=body["profiling"],
    )


def _default(value: Any, where: str) -> str | None:
    if value is None:
        return None
    text = read_matching(value, where, DECIMAL)
    spelling = default_spelling(text)
    require(text == spelling, where, text, spelling or "inf")
    return text


def _heads(value: Any) -> tuple[Head, ...]:
    items = read_list(value, "heads", 1, len(OBJECTIVES))
    heads = tuple(_head(item, f"heads[{at}]") for at, item in enumerate(items))
    names = [head.signal.objective for head in heads]
    require_unique(names, "heads", "objective")
    wanted = [objective for objective in OBJECTIVES if objective in names]
    require(names == wanted, "heads", " ".join(names), " ".join(wanted))
    return heads


def _head(value: Any, where: str) -> Head:
    keys = ("objective", "file", "digest", "base_rate_ppb", "calibration", "silent")
    body = read_object(value, where, keys)
    objective, silent = body["objective"], body["silent"]
    require(objective in OBJECTIVES, f"{where}.objective", objective, " | ".join(OBJECTIVES))
    require(body["file"] == f"{objective}.txt", f"{where}.file", body["file"], f"{objective}.txt")
    require(
        silent is None or silent in SILENT_REASONS, f"{where}.silent", silent, "null | " + " | ".join(SILENT_REASONS)
    )
    base_rate = body["base_rate_ppb"]
    least = MIN_BASE_RATE_PPB if silent is None else 1
    fits = type(base_rate) is int and least <= base_rate <= PPB - 1
    require(fits, f"{where}.base_rate_ppb", base_rate, f"{least}…{PPB - 1}")
    signal = HeadSignal(objective, base_rate, _calibration(body["calibration"], silent, f"{where}.calibration"))
    return Head(signal, body["file"], read_digest(body["digest"], f"{where}.digest"), silent)


def _calibration(value: Any, silent: str | None, where: str) -> Calibration | None:
    if silent is not None:
        require(value == [], where, value, "[]")
        return None
    knots = read_list(value, where, 1, 1025)
    for at, knot in enumerate(knots):
        pair = isinstance(knot, list) and len(knot) == 2 and all(type(number) is int for number in knot)
        require(pair, f"{where}[{at}]", knot, "[margin, ppb]")
    table = np.array(knots, dtype=np.int64)
    try:
        return Calibration(table[:, 0].copy(), table[:, 1].copy())
    except ValueError as error:
        raise ModelError("MODEL_MANIFEST_VALUE", field=where, found=str(error), wanted="MATH 1") from error


def _documents(value: Any) -> tuple[tuple[str, bytes], ...]:
    items = read_list(value, "documents", len(REQUIRED_DOCUMENTS), MAX_DOCUMENTS)
    documents = []
    for at, item in enumerate(items):
        body = read_object(item, f"documents[{at}]", ("file", "digest"))
        name = read_matching(body["file"], f"documents[{at}].file", _DOCUMENT)
        documents.append((name, read_digest(body["digest"], f"documents[{at}].digest")))
    names = [name for name, _ in documents]
    require(names == sorted(set(names)), "documents", " ".join(names), " ".join(sorted(set(names))))
    for required in REQUIRED_DOCUMENTS:
        if required not in names:
            raise ModelError("MODEL_MANIFEST_KEY_MISSING", field=f"documents: {required}")
    return tuple(documents)


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = [list(v.values()) if isinstance(v, dict) else v for v in level if isinstance(v, (dict, list))]
        level = [item for items in inner for item in items]
    return depth
