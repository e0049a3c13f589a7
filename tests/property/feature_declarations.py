"""Declarations, events and moments for property tests of features: many that are good, some at every border."""

import json
import math
import struct
from typing import Any

import numpy as np
from hypothesis import strategies as st

from rankd.core.features.block import COUNTER_BYTES, MAX_COUNT, Increment
from rankd.core.features.cells import Cells
from rankd.core.features.declaration import Declaration
from rankd.core.features.happened import Happened
from rankd.core.features.kinds import KINDS, NEGATIVE_KINDS
from rankd.core.features.layout import Layout, layout_of
from rankd.core.features.reader import MAX_DAYS, MAX_HOURS
from rankd.core.features.reading import Given, Numbers, read_features

HOUR_MS = 3_600_000
END_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""

COLUMNS = ("topic", "scene")
ENTITIES = {
    "person": ["viewer"],
    "post": ["item"],
    "writer": ["author"],
    "place": ["scene"],
    "person_writer": ["author", "viewer"],
    "person_topic": ["topic", "viewer"],
    "post_scene": ["scene", "item"],
    "everything": ["topic", "scene", "viewer", "author", "item"],
}
AMONG = {
    name: [other for other, fewer in ENTITIES.items() if set(fewer) < set(parts)] for name, parts in ENTITIES.items()
}

USUAL_KINDS = st.sampled_from(["shown", "click", "hide"])
"""Few kinds, viewers, items, authors and numbers, so that events meet what is read."""

VIEWERS = (b"\x00" * 16, b"a\x00" * 8, bytes(range(16)))
# Ids that look like parts of keys, and like each other.
IDS = ("a", "b", "0", "-1", "a0", "1 2", "é", "\u2028x", "\U0001f600")
NUMBERS = (0.0, -0.0, 1.0, -1.0, 12.0, 0.5, 2.0**24, -(2.0**52), 2.0**53, 3e38, math.inf, -math.inf, math.nan)


@st.composite
def spans(draw: st.DrawFn, *, is_finite: bool = False, may_fade: bool = True) -> dict[str, str]:
    """A span's fields."""
    text = draw(
        st.one_of(
            st.sampled_from(["1h", "2h", "24h", "1d", "2d", "7d"] + ([] if is_finite else ["ever"] * 4)),
            st.integers(1, MAX_HOURS).map("{}h".format),
            st.integers(1, MAX_DAYS).map("{}d".format),
        )
    )
    if text == "ever" or not may_fade or draw(st.booleans()):
        return {"within": text}
    return {"within": text, "half_life": draw(st.sampled_from(["1h", "90m", "1d", "3600001ms", "3650d"]))}


@st.composite
def declarations(draw: st.DrawFn) -> dict[str, Any]:
    """A declaration as a mapping that the reader accepts."""
    profiling = {name: draw(st.booleans()) for name in COLUMNS}
    features: dict[str, Any] = {}
    for name in COLUMNS:
        default = draw(st.sampled_from([None, "0", "12", "0.5"]))
        features[name] = {"sent": "whole"} | ({} if default is None else {"default": default})
    shares: dict[str, bool] = {}
    for number in range(draw(st.sampled_from([6, 5, 4, 3, 2, 1]))):
        name = f"f{number}"
        features[name], depends = draw(_kept(profiling, shares))
        reading = next(iter(features[name]))
        features[name] |= {
            "profiling": "yes" if depends else "no",
            "default": draw(st.sampled_from(["0", "-3", "0.1"])),
        }
        if reading in ("rate", "affinity"):
            shares[name] = depends
    nullable = {name for name in features if {"recency", "age", "sent"} & features[name].keys() and draw(st.booleans())}
    for name, feature in features.items():
        feature.setdefault("profiling", "yes" if profiling.get(name) else "no")
        feature |= {"meaning": {"fr": "f", "en": "e"}, "unit": "u", "nullable": "yes" if name in nullable else "no"}
    used = {
        entity
        for feature in features.values()
        for reading in feature.values()
        if isinstance(reading, dict)
        for entity in (reading.get("of"), reading.get("among"))
    }
    return {
        "schema": "rankd.features/1",
        "entities": {name: parts for name, parts in ENTITIES.items() if name in used},
        "features": features,
    }


@st.composite
def _kept(draw: st.DrawFn, profiling: dict[str, bool], shares: dict[str, bool]) -> tuple[dict[str, Any], bool]:
    """A reading, and whether it depends on the viewer."""
    reading = draw(st.sampled_from(["rate", "count", "affinity", "recency", "rate", "count", "age", "one_of"]))
    if reading == "age":
        return {"age": "created"}, False
    if reading == "one_of":
        words = draw(st.lists(st.sampled_from(IDS[:3]), min_size=1, unique=True))
        return {"one_of": {"field": draw(st.sampled_from(["source", "groups"])), "words": words}}, False
    of = draw(st.sampled_from([name for name in ENTITIES if reading != "affinity" or AMONG[name]]))
    read = [of] + ([draw(st.sampled_from(AMONG[of]))] if reading == "affinity" else [])
    kinds = [
        draw(st.one_of(USUAL_KINDS, USUAL_KINDS, st.sampled_from(KINDS))) for _ in range(2 if reading == "rate" else 1)
    ]
    is_negative = not NEGATIVE_KINDS.isdisjoint(kinds)
    fields: dict[str, Any] = {"of": of}
    fields |= dict(zip(["hits", "trials"] if reading == "rate" else ["event"], kinds, strict=True))
    fields |= draw(spans(is_finite=is_negative or reading == "recency", may_fade=reading != "recency"))
    if reading == "affinity":
        fields["among"] = read[1]
    depends = any(part == "viewer" or profiling.get(part, False) for entity in read for part in ENTITIES[entity])
    if reading in ("rate", "affinity"):
        fields["prior"] = draw(st.sampled_from(["0%", "40%", "33.3333%", "100%", *shares]))
        fields["weight"] = draw(st.sampled_from([1, 3, 10, 1_000_000]))
        depends = depends or shares.get(fields["prior"], False)
    if is_negative and not all("viewer" in ENTITIES[entity] for entity in read):
        fields["scope"] = "everyone"
    return {reading: fields}, depends


_MIDNIGHT_MS = 19_675 * 24 * HOUR_MS

TIMES_MS = st.one_of(
    st.sampled_from([0, 1, HOUR_MS - 1, HOUR_MS, END_MS]),
    st.integers(0, END_MS),
    # Close together, at and around the borders of hours and days.
    st.builds(
        lambda days, hours, rest: (
            1_700_000_000_000 // (24 * HOUR_MS) * 24 * HOUR_MS + (24 * days + hours) * HOUR_MS + rest
        ),
        st.integers(-100, 5),
        st.integers(-3, 3),
        st.sampled_from([-1, 0, 1]),
    ),
)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events of few viewers, items and authors, several times over, in any order."""
    base = draw(TIMES_MS)
    hours = st.one_of(st.integers(-3, 3), st.integers(-30, 0), st.integers(-100 * 24, 0))
    near = hours.map(lambda number: _clamped(base + number * HOUR_MS))
    columns = {name: st.sampled_from([0, 1, 1, -1, 12, 2**24]) for name in COLUMNS}
    event = st.fixed_dictionaries(
        {
            "kind": st.one_of(USUAL_KINDS, USUAL_KINDS, USUAL_KINDS, st.sampled_from(KINDS)),
            "viewer": st.sampled_from(VIEWERS[:2]).map(bytes.hex),
            "item": st.sampled_from(IDS[:3]),
            "author": st.sampled_from(["", *IDS[:2]]),
            "columns": st.one_of(st.fixed_dictionaries(columns), st.fixed_dictionaries({}, optional=columns)),
            "time_ms": st.one_of(near, near, near, TIMES_MS),
        }
    )
    return draw(st.lists(event, min_size=draw(st.sampled_from([30, 20, 10, 0])), max_size=40))


@st.composite
def moments(draw: st.DrawFn, events: list[dict[str, Any]]) -> dict[str, Any]:
    """A request's side of a reading, mostly near an event."""
    times = [event["time_ms"] for event in events] or [0]
    near = st.builds(
        lambda time_ms, hours: _clamped(time_ms + hours * HOUR_MS),
        st.sampled_from(times),
        st.one_of(st.sampled_from([0, 1, 2, 23, 24, 25, -1]), st.integers(0, 91 * 24)),
    )
    count = draw(st.integers(1, 4))
    ids = draw(st.one_of(st.permutations(IDS[:4]), st.permutations(IDS)))[:count]
    columns = {}
    for name in draw(st.sets(st.sampled_from(COLUMNS))):
        numbers = st.one_of(st.sampled_from([0.0, 1.0, 12.0]), st.sampled_from(NUMBERS).map(binary32))
        length = draw(st.sampled_from([count, 1]))
        columns[name] = draw(st.lists(numbers, min_size=length, max_size=length))
    candidates = [
        {
            "id": name,
            "author": draw(st.sampled_from(["", *IDS[:3]])),
            "create_time_ms": draw(st.one_of(st.just(-1), near, TIMES_MS)),
            "source": draw(st.sampled_from(["", *IDS[:3]])),
            "groups": draw(st.lists(st.sampled_from(IDS[:4]), max_size=3, unique=True)),
        }
        for name in ids
    ]
    viewer = draw(st.sampled_from(VIEWERS)).hex()
    time_ms = draw(st.one_of(near, TIMES_MS))
    if events and draw(st.sampled_from([True, True, True, False])):
        # The request that comes after an event: the same viewer, item, author and numbers.
        event = draw(st.sampled_from(events))
        viewer = event["viewer"]
        later = draw(st.one_of(st.sampled_from([0, 1, 2, 23, 24, 25, -1]), st.integers(0, 91 * 24)))
        time_ms = _clamped(event["time_ms"] + later * HOUR_MS)
        columns |= {name: [float(number)] for name, number in event["columns"].items()}
        others = [one for one in candidates[1:] if one["id"] != event["item"]]
        candidates = [candidates[0] | {"id": event["item"], "author": event["author"]}, *others]
        columns = {name: (numbers * count)[: len(candidates)] for name, numbers in columns.items()}
    return {"viewer": viewer, "time_ms": time_ms, "columns": columns, "candidates": candidates}


def _clamped(time_ms: int) -> int:
    return min(max(time_ms, 0), END_MS)


def binary32(number: float) -> float:
    """Return the nearest number that a column can hold."""
    return float(np.float32(number))


def text_of(declaration: dict[str, Any]) -> str:
    """Write a declaration as a file: one JSON object is strict YAML too, but for its integers and words."""
    return _yaml(declaration) + "\n"


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def happened(event: dict[str, Any]) -> Happened:
    """Return an event as `core.features` takes it."""
    return Happened(
        event["kind"],
        bytes.fromhex(event["viewer"]),
        event["item"],
        event["author"],
        event["columns"],
        event["time_ms"],
    )


class Counters:
    """The least that a store does: packed counters under keys."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.expiry_ms: dict[bytes, int] = {}

    def add(self, increments: list[Increment]) -> None:
        for increment in increments:
            end = COUNTER_BYTES * (increment.cell + 1)
            value = bytearray(self.values.get(increment.key, b""))
            value.extend(bytes(max(0, end - len(value))))
            count = int.from_bytes(value[end - COUNTER_BYTES : end], "big")
            value[end - COUNTER_BYTES : end] = min(count + 1, MAX_COUNT).to_bytes(COUNTER_BYTES, "big")
            self.values[increment.key] = bytes(value)
            assert self.expiry_ms.setdefault(increment.key, increment.expire_ms) == increment.expire_ms


def counted(layout: Layout, events: list[dict[str, Any]]) -> Counters:
    """Return what a store holds after some events."""
    counters = Counters()
    for event in events:
        counters.add(layout.increments(happened(event)))
    return counters


def cells_of(declaration: Declaration, counters: Counters, moment: dict[str, Any]) -> Cells:
    """Return the counts that a request reads, as serving does: what it does not send stands by its default."""
    columns = {
        name: np.array([math.nan if one is None else one for one in values], dtype=np.float32)
        for name, values in moment["columns"].items()
    }
    for feature in declaration.columns:
        if feature.name in declaration.key_columns and feature.name not in columns and feature.default is not None:
            columns[feature.name] = np.array([feature.default], dtype=np.float32)
    candidates = moment["candidates"]
    wanted = layout_of(declaration).wanted(
        bytes.fromhex(moment["viewer"]),
        [one["id"] for one in candidates],
        [one["author"] for one in candidates],
        columns,
        moment["time_ms"],
    )
    return wanted.cells([counters.values.get(key) for key in wanted.keys])


def given_of(moment: dict[str, Any]) -> Given:
    """Return what a request says beside columns."""
    candidates = moment["candidates"]
    return Given(
        np.array([moment["time_ms"]], dtype=np.int64),
        np.array([one["create_time_ms"] for one in candidates], dtype=np.int64),
        [one["source"] for one in candidates],
        [tuple(one["groups"]) for one in candidates],
    )


def read(declaration: Declaration, counters: Counters, moment: dict[str, Any]) -> dict[str, Numbers]:
    """Return the columns that a request is served with."""
    return read_features(declaration, cells_of(declaration, counters, moment), given_of(moment))


def bits(numbers: list[float | None]) -> str:
    """Return numbers as the big-endian hexadecimal digits of their binary32."""
    return " ".join("7fc00000" if number is None else struct.pack(">f", number).hex() for number in numbers)


def bits_of(numbers: Numbers) -> str:
    """Return a column as `bits` writes it."""
    return " ".join(f"{number:08x}" for number in numbers.view(np.uint32).tolist())
