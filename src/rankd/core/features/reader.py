"""The reader: from the bytes of FEATURES.yaml to a declaration in which nothing is half valid."""

import re
from collections.abc import Callable, Mapping

from rankd.core.exact.canonical import sha256
from rankd.core.features.declaration import (
    EVER,
    PARTS,
    Affinity,
    Age,
    Count,
    Declaration,
    Declared,
    Entity,
    OneOf,
    Prior,
    Rate,
    Reading,
    Recency,
    Sent,
    Span,
    entities_of,
    events_of,
)
from rankd.core.features.feature import FEATURE_NAME, Feature, default_spelling
from rankd.core.features.kinds import KINDS, NEGATIVE_KINDS
from rankd.core.features.layout import layout_of
from rankd.core.policy.fields import Field
from rankd.core.policy.reader import check_schema, read_words
from rankd.core.policy.strict_yaml import ScalarNode, parse_strict

SCHEMA = "rankd.features/1"
FILE_NAME = "FEATURES.yaml"

MAX_NODES = 10_000
MAX_ENTITIES = 50
MAX_FEATURES = 200
MAX_BLOCKS = 64
MAX_COUNTERS = 4_096
"""Counters over all blocks. A request of 5,000 candidates then unfolds to at most 80 MB of counts, and a value is never
longer than 16 KiB."""

MAX_WORDS = 100
MAX_WEIGHT = 1_000_000
MAX_HOURS, MAX_DAYS = 168, 90
MAX_MEANING, MAX_UNIT = 500, 64

_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000
_SPAN = re.compile(r"([1-9][0-9]{0,3})([hd])")
_YES, _NO, _EVERYONE = "yes", "no", "everyone"


def read_declaration(data: bytes, name: str = FILE_NAME) -> Declaration:
    """Read a declaration of features.

    Args:
        data: The file's bytes, at most 64 KiB.
        name: What to call the file in errors.

    Raises:
        PolicyError: The text breaks the grammar or a bound. Metadata: file, line, column, field, found.

    Source: docs/spec/features.md.
    """
    root = Field(parse_strict(data, name, MAX_NODES), "", name)
    check_schema(root, SCHEMA)
    top = root.record(("schema", "entities", "features"))
    features = top["features"].entries()
    if not 1 <= len(features) <= MAX_FEATURES:
        raise top["features"].refuse("POLICY_LIST_LENGTH", found=len(features), most=MAX_FEATURES)
    whole = {key for key, place in features.items() if _is_whole(place)}
    entities = _entities(top["entities"], whole)
    declared: list[Declared] = []
    for key, place in features.items():
        declared.append(_Row(place, key, entities, declared).read(top["features"].key(key)))
    for key in top["entities"].entries():
        if not any(key in entities_of(entry.reading) for entry in declared):
            raise top["entities"].key(key).refuse("FEATURE_ENTITY_UNUSED", found=key)
    _check_profiling(features, entities, declared)
    declaration = Declaration(tuple(entities.values()), tuple(declared), sha256(data))
    _check_size(top["features"], declaration)
    return declaration


def _check_profiling(places: Mapping[str, Field], entities: Mapping[str, Entity], features: list[Declared]) -> None:
    """Make sure that every feature says whether its number depends on what the viewer did.

    It does where it counts for one viewer, where a column that does is part of whom it counts for, and where the
    feature that its prior names does.
    """
    profiling = {entry.feature.name for entry in features if entry.feature.profiling}
    for entry in features:
        reading, name = entry.reading, entry.feature.name
        if isinstance(reading, Sent):
            continue
        counted = [entities[of] for of in entities_of(reading)]
        depends = any(entity.is_personal or not profiling.isdisjoint(entity.columns) for entity in counted)
        if isinstance(reading, Rate | Affinity):
            depends = depends or reading.prior.feature in profiling
        if depends != entry.feature.profiling:
            place = places[name].entries()["profiling"]
            raise place.refuse("FEATURE_PROFILING" if depends else "FEATURE_NOT_PROFILING")


def _check_size(place: Field, declaration: Declaration) -> None:
    """Make sure that what is counted for one candidate has an end."""
    blocks = layout_of(declaration).blocks
    if len(blocks) > MAX_BLOCKS:
        raise place.refuse("FEATURE_BLOCKS_TOO_MANY", found=len(blocks), most=MAX_BLOCKS)
    if (found := sum(block.counter_count for block in blocks)) > MAX_COUNTERS:
        raise place.refuse("FEATURE_COUNTERS_TOO_MANY", found=found, most=MAX_COUNTERS)


def _is_whole(place: Field) -> bool:
    sent = place.entries().get("sent")
    return sent is not None and isinstance(sent.node, ScalarNode) and sent.node.text == "whole"


def _entities(place: Field, columns: set[str]) -> dict[str, Entity]:
    fields = place.entries()
    if len(fields) > MAX_ENTITIES:
        raise place.refuse("POLICY_LIST_LENGTH", found=len(fields), most=MAX_ENTITIES)
    found: dict[str, Entity] = {}
    for name, field in fields.items():
        if FEATURE_NAME.fullmatch(name) is None:
            raise place.key(name).refuse("FEATURE_NAME_FORM", found=name)
        parts: list[str] = []
        for item in field.items(len(PARTS) + len(columns)):
            part = item.text()
            if part not in PARTS and part not in columns:
                raise item.refuse("FEATURE_PART_UNKNOWN")
            if part in parts:
                raise item.refuse("FEATURE_PART_REPEATED")
            parts.append(part)
        entity = Entity(name, (*(p for p in PARTS if p in parts), *sorted(p for p in parts if p not in PARTS)))
        for other in found.values():
            if other.parts == entity.parts:
                raise place.key(name).refuse("FEATURE_ENTITY_REPEATED", other=other.name)
        found[name] = entity
    return found


class _Row:
    """One feature on its way from its place in the text."""

    def __init__(self, place: Field, name: str, entities: Mapping[str, Entity], before: list[Declared]) -> None:
        self._place = place
        self._name = name
        self._entities = entities
        self._before = before

    def read(self, key: Field) -> Declared:
        if FEATURE_NAME.fullmatch(self._name) is None:
            raise key.refuse("FEATURE_NAME_FORM", found=self._name)
        readers: dict[str, Callable[[Field], Reading]] = {
            "count": self._count,
            "rate": self._rate,
            "affinity": self._affinity,
            "recency": self._recency,
            "age": self._age,
            "one_of": self._one_of,
            "sent": self._sent,
        }
        known = ("meaning", "unit", "nullable", "profiling")
        fields = self._place.record(known, ("default", *readers))
        ways = [way for way in readers if way in fields]
        if len(ways) != 1:
            raise self._place.refuse("FEATURE_READING", found=", ".join(ways) or "–", allowed=", ".join(readers))
        reading = readers[ways[0]](fields[ways[0]])
        feature = Feature(
            name=self._name,
            meaning=read_words(fields["meaning"], MAX_MEANING),
            unit=_unit(fields["unit"]),
            default_text=_default(fields["default"]) if "default" in fields else None,
            nullable=fields["nullable"].choice(_YES, _NO) == _YES,
            profiling=fields["profiling"].choice(_YES, _NO) == _YES,
        )
        if feature.default_text is None and not isinstance(reading, Sent):
            raise self._place.refuse("FEATURE_DEFAULT_MISSING")
        if feature.nullable and not isinstance(reading, Sent | Recency | Age):
            raise fields["nullable"].refuse("FEATURE_NULLABLE")
        return Declared(feature, reading, self._check_negative(fields[ways[0]], reading))

    def _check_negative(self, place: Field, reading: Reading) -> bool:
        """Make sure that what pushes away fades, and counts for one person; return whether the text says otherwise."""
        if not isinstance(reading, Count | Rate | Affinity | Recency):
            return False
        kinds = [kind for name in entities_of(reading) for kind in events_of(reading, name)]
        negative = [kind for kind in kinds if kind in NEGATIVE_KINDS]
        if negative and reading.span == EVER:
            raise place.refuse("FEATURE_NEGATIVE_FOREVER", found=negative[0])
        shared = bool(negative) and not all(self._entities[name].is_personal for name in entities_of(reading))
        said = "scope" in place.entries()
        if shared and not said:
            raise place.refuse("FEATURE_NEGATIVE_FOR_EVERYONE", found=negative[0])
        if said and not shared:
            raise place.entries()["scope"].refuse("FEATURE_SCOPE_NEEDLESS", allowed=", ".join(sorted(NEGATIVE_KINDS)))
        return shared

    def _count(self, place: Field) -> Reading:
        fields = _record(place, ("of", "event", "within"), ("half_life",))
        return Count(self._entity(fields["of"]), _kind(fields["event"]), _span(fields))

    def _rate(self, place: Field) -> Reading:
        fields = _record(place, ("of", "hits", "trials", "within", "prior", "weight"), ("half_life",))
        hits, trials = _kind(fields["hits"]), _kind(fields["trials"])
        return Rate(self._entity(fields["of"]), hits, trials, _span(fields), self._prior(fields))

    def _affinity(self, place: Field) -> Reading:
        fields = _record(place, ("of", "among", "event", "within", "prior", "weight"), ("half_life",))
        of, among = self._entity(fields["of"]), self._entity(fields["among"])
        if not set(self._entities[among].parts) < set(self._entities[of].parts):
            raise fields["among"].refuse("FEATURE_AMONG", of=of)
        return Affinity(of, among, _kind(fields["event"]), _span(fields), self._prior(fields))

    def _recency(self, place: Field) -> Reading:
        fields = _record(place, ("of", "event", "within"))
        span = _span(fields)
        if span == EVER:
            raise fields["within"].refuse("FEATURE_SPAN_EVER")
        return Recency(self._entity(fields["of"]), _kind(fields["event"]), span)

    def _age(self, place: Field) -> Reading:
        place.choice("created")
        return Age()

    def _one_of(self, place: Field) -> Reading:
        fields = place.record(("field", "words"))
        words = [item.name() for item in fields["words"].items(MAX_WORDS)]
        for at, word in enumerate(words):
            if word in words[:at]:
                raise fields["words"].items(MAX_WORDS)[at].refuse("FEATURE_PART_REPEATED")
        return OneOf(fields["field"].choice("source", "groups"), tuple(words))

    def _sent(self, place: Field) -> Reading:
        place.choice("number", "whole")
        return Sent()

    def _entity(self, place: Field) -> str:
        if (name := place.text()) not in self._entities:
            raise place.refuse("FEATURE_ENTITY_UNKNOWN", known=", ".join(self._entities) or "–")
        return name

    def _prior(self, fields: Mapping[str, Field]) -> Prior:
        place, weight = fields["prior"], fields["weight"].integer(1, MAX_WEIGHT)
        if place.text().endswith("%"):
            return Prior(place.share_ppm(), "", weight)
        shares = [entry.feature.name for entry in self._before if isinstance(entry.reading, Rate | Affinity)]
        if place.text() not in shares:
            raise place.refuse("FEATURE_PRIOR_UNKNOWN")
        return Prior(0, place.text(), weight)


def _record(place: Field, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Field]:
    fields = place.record(required, (*optional, "scope"))
    if "scope" in fields:
        fields["scope"].choice(_EVERYONE)
    return fields


def _kind(place: Field) -> str:
    if (kind := place.text()) not in KINDS:
        raise place.refuse("FEATURE_KIND_UNKNOWN", allowed=", ".join(KINDS))
    return kind


def _span(fields: Mapping[str, Field]) -> Span:
    place = fields["within"]
    text = place.text()
    if text == "ever":
        if "half_life" in fields:
            raise fields["half_life"].refuse("FEATURE_HALF_LIFE_EVER")
        return EVER
    match = _SPAN.fullmatch(text)
    most = {"h": MAX_HOURS, "d": MAX_DAYS}
    if match is None or int(match[1]) > most[match[2]]:
        raise place.refuse("FEATURE_SPAN_FORM", most_hours=MAX_HOURS, most_days=MAX_DAYS)
    half_life_ms = fields["half_life"].duration_ms(_HOUR_MS) if "half_life" in fields else 0
    return Span(_HOUR_MS if match[2] == "h" else _DAY_MS, int(match[1]), half_life_ms)


def _unit(place: Field) -> str:
    text = place.text()
    if not text.strip() or len(text) > MAX_UNIT:
        raise place.refuse("TEXT_LENGTH", length=len(text), most=MAX_UNIT)
    if "\n" in text:
        raise place.refuse("TEXT_LINES")
    return text


def _default(place: Field) -> str:
    text = place.text()
    if (wanted := default_spelling(text)) != text:
        raise place.refuse("FEATURE_DEFAULT_FORM", wanted=wanted or "0")
    return text
