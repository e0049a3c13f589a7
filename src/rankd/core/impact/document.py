"""Impacts as canonical JSON, and back, strictly: the document that a proposal names by its digest.

Several texts to be ranked have an impact each, in one document.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from rankd.core.errors import ImpactError
from rankd.core.exact.canonical import CanonicalError, Json, canonical_json, digest_text, parse_canonical, parse_digest
from rankd.core.impact.impact import Impact, Objective, Part, Prediction, Side
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.fields import PPM
from rankd.core.records.strict import array, natural, shown, text

SCHEMA = "rankd.impact/1"
SEVERAL_SCHEMA = "rankd.impacts/1"
MAX_IMPACT_BYTES = 256 * 1024
MAX_SEVERAL_BYTES = 480 * 1024
"""As a string in an entry it takes twice as many bytes at worst, and still fits the largest payload."""

MAX_IMPACTS = 10
_FRAME_BYTES = 520
"""More than `SEVERAL_SCHEMA` takes around its documents."""

MAX_TEXT = 256


def encode_impact(impact: Impact) -> bytes:
    """Return the RFC 8785 form of an impact: integers, strings, truth values and nulls only.

    Raises:
        ImpactError: IMPACT_TOO_LARGE.
    """
    data = _data(impact)
    if len(data) > MAX_IMPACT_BYTES:
        raise ImpactError("IMPACT_TOO_LARGE", size_bytes=len(data), most_bytes=MAX_IMPACT_BYTES)
    return data


def fitting(impact: Impact, most_bytes: int = MAX_IMPACT_BYTES) -> Impact:
    """Return an impact that fits its bound: examples go, from the last on, until it does."""
    while impact.examples and len(_data(impact)) > most_bytes:
        impact = replace(impact, examples=impact.examples[:-1])
    return impact


def encode_impacts(impacts: Sequence[Impact]) -> bytes:
    """Return the document of the impacts of a proposal's texts: of one the impact's own, of several one for all.

    Args:
        impacts: One for each text, in their order, 1 to `MAX_IMPACTS`.

    Raises:
        ImpactError: IMPACT_TOO_LARGE.
    """
    if len(impacts) == 1:
        return encode_impact(impacts[0])
    data = canonical_json({"schema": SEVERAL_SCHEMA, "impacts": [_document(one) for one in impacts]})
    if len(data) > MAX_SEVERAL_BYTES:
        raise ImpactError("IMPACT_TOO_LARGE", size_bytes=len(data), most_bytes=MAX_SEVERAL_BYTES)
    return data


def fitting_impacts(impacts: Sequence[Impact]) -> tuple[Impact, ...]:
    """Return impacts that fit their common bound: each has an equal share of it, and gives up examples."""
    share = min(MAX_IMPACT_BYTES, (MAX_SEVERAL_BYTES - _FRAME_BYTES) // len(impacts))
    return tuple(impacts) if len(impacts) == 1 else tuple(fitting(one, share) for one in impacts)


def decode_impact(data: bytes) -> Impact:
    """Return the impact that canonical JSON says.

    That it is well formed does not make it true: whoever holds the decisions computes it again.

    Args:
        data: The document, from anybody.

    Raises:
        ImpactError: IMPACT_MALFORMED or IMPACT_TOO_LARGE.
    """
    return _read_document(_parsed(data, MAX_IMPACT_BYTES))


def decode_impacts(data: bytes) -> tuple[Impact, ...]:
    """Return the impact, or the several, that canonical JSON says; see `decode_impact`.

    Raises:
        ImpactError: IMPACT_MALFORMED or IMPACT_TOO_LARGE.
    """
    document = _parsed(data, MAX_SEVERAL_BYTES)
    if type(document) is not dict or document.get("schema") != SEVERAL_SCHEMA:
        return (_read_document(_within(document, len(data))),)
    impacts = document.get("impacts")
    if document.keys() != {"schema", "impacts"} or type(impacts) is not list or not 2 <= len(impacts) <= MAX_IMPACTS:
        raise ImpactError("IMPACT_MALFORMED", field="impacts", found=shown(impacts))
    return tuple(_read_document(_within(one, len(canonical_json(one)))) for one in impacts)


def _data(impact: Impact) -> bytes:
    return canonical_json(_document(impact))


def _document(impact: Impact) -> dict[str, Json]:
    return {"schema": SCHEMA, **_object(impact)}


def _parsed(data: bytes, most_bytes: int) -> Any:
    if len(data) > most_bytes:
        raise ImpactError("IMPACT_TOO_LARGE", size_bytes=len(data), most_bytes=most_bytes)
    try:
        return parse_canonical(data)
    except CanonicalError as error:
        raise ImpactError("IMPACT_MALFORMED", field="impact", found=str(error)[:120]) from error


def _within(document: Any, size_bytes: int) -> Any:
    if size_bytes > MAX_IMPACT_BYTES:
        raise ImpactError("IMPACT_TOO_LARGE", size_bytes=size_bytes, most_bytes=MAX_IMPACT_BYTES)
    return document


def _read_document(document: Any) -> Impact:
    if type(document) is not dict or document.pop("schema", None) != SCHEMA:
        raise ImpactError("IMPACT_MALFORMED", field="schema", found=shown(document))
    found: Impact = _read(Impact, document, "impact")
    _check(found)
    return found


def _check(impact: Impact) -> None:
    """Make sure that an impact can be: so that whoever shows one divides by nothing and looks up nothing unknown."""
    slates = impact.slates
    named = tuple(part.objective for example in impact.examples for row in example.rows for part in row.parts)
    checks = {
        "objectives": tuple(one.objective for one in impact.objectives) == OBJECTIVES,
        "objectives.sign": all(one.sign in (-1, 1) for one in impact.objectives),
        "objectives.pull_before_ppm": all(one.pull_before_ppm <= PPM for one in impact.objectives),
        "objectives.pull_after_ppm": all(one.pull_after_ppm <= PPM for one in impact.objectives),
        "examples.rows.parts": set(named) <= set(OBJECTIVES),
        "examples.moved": all(example.moved <= example.places for example in impact.examples),
        "slates.moved": slates.moved <= slates.places,
        "slates.discordant": slates.discordant <= slates.pairs,
        "slates.top_places": min(slates.places, 1) <= slates.top_places <= slates.places,
        "slates.top_kept": slates.top_kept <= slates.top_places,
        "slates.identical": slates.identical <= impact.count,
    }
    for field, holds in checks.items():
        if not holds:
            raise ImpactError("IMPACT_MALFORMED", field=f"impact.{field}", found="–")


def _object(value: Any) -> dict[str, Json]:
    return {one.name: _json(getattr(value, one.name)) for one in fields(value)}


def _json(value: Any) -> Json:
    if isinstance(value, bytes):
        return digest_text(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return _object(value) if is_dataclass(value) else value


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _short(value: Any) -> str:
    if len(text(value)) > MAX_TEXT:
        raise ValueError
    return text(value)


_SIGNED = {(Objective, "sign"), (Prediction, "low_ppb"), (Prediction, "high_ppb")}
_SIGNED |= {(Part, "before"), (Part, "after"), (Side, "value")}
"""Every other integer is a count or a share, and never negative."""


_PLAIN: Mapping[Any, Callable[[Any], Any]] = {int: natural, str: _short, bytes: lambda value: parse_digest(text(value))}


def _read(kind: Any, value: Any, name: str) -> Any:
    """Return a value as its type wants it: the types are those that stand in `core.impact.impact`, and no others."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if value is None else _read(next(one for one in arguments if one is not NoneType), value, name)
    try:
        if origin is tuple:
            return tuple(_read(arguments[0], item, f"{name}[{at}]") for at, item in enumerate(array(value)))
        if origin is Literal:
            return arguments[arguments.index(value)]
        if kind in _PLAIN:
            return _PLAIN[kind](value)
    except ValueError:
        raise ImpactError("IMPACT_MALFORMED", field=name, found=shown(value)) from None
    hints = _hints(kind)
    if type(value) is not dict or value.keys() != hints.keys():
        raise ImpactError("IMPACT_MALFORMED", field=name, found=shown(value))
    return kind(
        **{
            field: _signed(hint, value[field], f"{name}.{field}")
            if (kind, field) in _SIGNED
            else _read(hint, value[field], f"{name}.{field}")
            for field, hint in hints.items()
        }
    )


def _signed(kind: Any, value: Any, name: str) -> Any:
    return value if type(value) is int else _read(kind, value, name)
