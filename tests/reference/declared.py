"""Features from docs/spec/features.md alone: from a declaration's text to counters to columns. No code of rankd."""

import hashlib
import json
import math
import struct
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.reference.value import half_life_factor

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
KINDS = ("shown", "click", "long_view", "like", "reply", "repost", "follow", "profile_visit", "hide", "report")
COUNTED = ("count", "rate", "affinity", "recency")
MAX_COUNTER = 2**32 - 1
MOST_WHOLE = 2**53 - 1

Numbers = list[float | None]
"""Numbers of a column, None where one is NaN; one for each candidate, or one for all of them."""


@dataclass
class Block:
    """Section 5."""

    code: int
    entity: str
    parts: list[str]
    width_ms: int
    buckets: int
    kinds: list[str]


@dataclass
class Model:
    """A declaration as plain YAML, and its layout."""

    entities: dict[str, list[str]]
    features: dict[str, Any]
    blocks: list[Block]
    digest: str


@dataclass
class Store:
    """Counters under keys, as bytes, and when each key may go."""

    values: dict[bytes, bytes] = field(default_factory=dict)
    expiry_ms: dict[bytes, int] = field(default_factory=dict)

    def add(self, key: bytes, cell: int, expire_ms: int) -> None:
        """Raise one counter."""
        value = self.values.get(key, b"")
        counters = [int.from_bytes(value[i : i + 4], "big") for i in range(0, 4 * cell + 4, 4)]
        counters[cell] = min(MAX_COUNTER, counters[cell] + 1)
        self.values[key] = b"".join(count.to_bytes(4, "big") for count in counters) + value[4 * cell + 4 :]
        self.expiry_ms[key] = expire_ms


def read_model(text: str) -> Model:
    """Read a declaration that is known to be good (sections 1 to 5)."""
    document = yaml.safe_load(text)
    entities = {name: canonical_parts(parts) for name, parts in document["entities"].items()}
    blocks: list[Block] = []
    for entity, parts in entities.items():
        spans: dict[int, tuple[int, set[str]]] = {}
        for feature in document["features"].values():
            for of, kinds, (width_ms, buckets, _) in counted(feature):
                if of == entity:
                    most, known = spans.get(width_ms, (0, set()))
                    spans[width_ms] = max(most, buckets), known | set(kinds)
        for width_ms in sorted(spans):
            buckets, known = spans[width_ms]
            ordered = [kind for kind in KINDS if kind in known]
            blocks.append(Block(len(blocks) + 1, entity, parts, width_ms, buckets, ordered))
    form = {
        "schema": "rankd.layout/1",
        "blocks": [
            {"parts": b.parts, "bucket_ms": b.width_ms, "bucket_count": b.buckets, "events": b.kinds} for b in blocks
        ],
    }
    # Keys and values are ASCII and integers: these settings write the RFC 8785 form.
    canonical = json.dumps(form, sort_keys=True, separators=(",", ":"))
    digest = f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
    return Model(entities, document["features"], blocks, digest)


def canonical_parts(parts: list[str]) -> list[str]:
    """Return parts in the canonical order (section 2)."""
    first = ["viewer", "item", "author"]
    return [part for part in first if part in parts] + sorted(part for part in parts if part not in first)


def span_of(fields: dict[str, Any]) -> tuple[int, int, int]:
    """Return width, buckets and half-life of a span, in milliseconds (section 3.2)."""
    text = fields["within"]
    if text == "ever":
        return 0, 1, 0
    units = {"ms": 1, "s": 1000, "m": 60_000, "h": HOUR_MS, "d": DAY_MS}
    half_life = fields.get("half_life", "0h")
    digits = half_life.rstrip("msdh")
    return units[text[-1]], int(text[:-1]), int(digits) * units[half_life[len(digits) :]]


def counted(feature: dict[str, Any]) -> list[tuple[str, list[str], tuple[int, int, int]]]:
    """Return the entities whose counts a feature reads, with the kinds and the span."""
    reading = next((name for name in COUNTED if name in feature), None)
    if reading is None:
        return []
    fields = feature[reading]
    kinds = [fields["hits"], fields["trials"]] if reading == "rate" else [fields["event"]]
    entities = [fields["of"], fields["among"]] if reading == "affinity" else [fields["of"]]
    return [(entity, kinds, span_of(fields)) for entity in entities]


def entity_bytes(parts: list[str], viewer: bytes, item: str, author: str, columns: dict[str, Any]) -> bytes | None:
    """Return what stands in keys for one entity; None where a part is not known (sections 5 and 6)."""
    words = []
    for part in parts:
        if part == "item":
            words.append(item.encode())
        elif part == "author":
            if author == "":
                return None
            words.append(author.encode())
        elif part != "viewer":
            number = columns.get(part)
            if number is None or not math.isfinite(number) or number != math.floor(number) or abs(number) > MOST_WHOLE:
                return None
            words.append(str(int(number)).encode())
    return (viewer if "viewer" in parts else b"") + b"\0".join(words)


def key_of(block: Block, entity: bytes, chunk: int) -> bytes:
    """Return a value's key."""
    key = bytes([block.code]) + entity
    return key if block.width_ms == 0 else key + b"\0" + str(chunk).encode()


def happen(model: Model, store: Store, event: dict[str, Any]) -> None:
    """Count one event (section 6): `kind`, `viewer` in hexadecimal, `item`, `author`, `columns`, `time_ms`."""
    viewer = bytes.fromhex(event["viewer"])
    for block in model.blocks:
        entity = entity_bytes(block.parts, viewer, event["item"], event["author"], event["columns"])
        if event["kind"] not in block.kinds or entity is None:
            continue
        kind = block.kinds.index(event["kind"])
        if block.width_ms == 0:
            store.add(key_of(block, entity, 0), kind, 0)
            continue
        bucket = event["time_ms"] // block.width_ms
        chunk = bucket // block.buckets
        cell = (bucket - chunk * block.buckets) * len(block.kinds) + kind
        store.add(key_of(block, entity, chunk), cell, (chunk + 2) * block.buckets * block.width_ms)


def to_binary32(value: float) -> float:
    """Round to binary32."""
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded


@dataclass
class Reader:
    """Reading for one request (section 7).

    The moment has `viewer` (hexadecimal), `time_ms`, `columns` (numbers by name, one or one for each candidate, None
    where one is NaN) and `candidates` (`id`, `author`, `create_time_ms`, `source`, `groups`).
    """

    model: Model
    store: Store
    moment: dict[str, Any]

    def columns(self) -> dict[str, Numbers]:
        """Return every column that rankd works out, with one number or one for each candidate."""
        kept = [name for name, feature in self.model.features.items() if "sent" not in feature]
        return {name: self.column(name) for name in kept}

    def column(self, name: str) -> Numbers:
        """Return one column."""
        count = 1 if self.is_shared(name) else len(self.moment["candidates"])
        return [self.value(name, at) for at in range(count)]

    def sent(self, name: str, at: int) -> float | None:
        """Return the number of a sent column for a candidate, or its default; None where not known."""
        numbers = self.moment["columns"].get(name)
        if numbers is None:
            default = self.model.features[name].get("default")
            return None if default is None else to_binary32(float(default))
        number: float | None = numbers[at if len(numbers) > 1 else 0]
        return None if number is None or math.isnan(number) else number

    def is_shared(self, name: str) -> bool:
        """Whether a column has one number for all candidates."""
        feature = self.model.features[name]
        if "age" in feature or "one_of" in feature:
            return False
        for entity, _, _ in counted(feature):
            for part in self.model.entities[entity]:
                if part in ("item", "author") or len(self.moment["columns"].get(part, [0])) > 1:
                    return False
        prior = next(feature[reading].get("prior", "0%") for reading in COUNTED if reading in feature)
        return bool(prior.endswith("%")) or self.is_shared(prior)

    def counts(self, entity: str, kind: str, span: tuple[int, int, int], at: int) -> list[int]:
        """Return c_k for the buckets of a span, the newest first."""
        width_ms, buckets, _ = span
        block = next(b for b in self.model.blocks if b.entity == entity and b.width_ms == width_ms)
        one, viewer = self.moment["candidates"][at], bytes.fromhex(self.moment["viewer"])
        columns = {part: self.sent(part, at) for part in block.parts if part not in ("viewer", "item", "author")}
        known = entity_bytes(block.parts, viewer, one["id"], one["author"], columns)
        if known is None:
            return [0] * buckets
        found = []
        for k in range(buckets):
            bucket = 0 if width_ms == 0 else self.moment["time_ms"] // width_ms - k
            chunk = bucket // block.buckets
            cell = (bucket - chunk * block.buckets) * len(block.kinds) + block.kinds.index(kind)
            value = self.store.values.get(key_of(block, known, chunk), b"")
            found.append(int.from_bytes(value[4 * cell : 4 * cell + 4], "big"))
        return found

    def total(self, entity: str, kind: str, span: tuple[int, int, int], at: int) -> float:
        """Return what counts within a span, as binary64."""
        width_ms, _, half_life_ms = span
        counts = self.counts(entity, kind, span, at)
        if half_life_ms == 0:
            return float(sum(counts))
        return float(sum(c * half_life_factor(k * width_ms, half_life_ms) for k, c in enumerate(counts))) / 65536

    def value(self, name: str, at: int) -> float | None:
        """Return a feature's number for a candidate, rounded to binary32."""
        feature = self.model.features[name]
        wide = self.wide(feature, at)
        if wide is None:
            wide = None if feature["nullable"] == "yes" else float(feature["default"])
        return None if wide is None else to_binary32(wide)

    def wide(self, feature: dict[str, Any], at: int) -> float | None:
        """Return a feature's number before it is rounded; None where it is not known."""
        candidate = self.moment["candidates"][at]
        if "age" in feature:
            if candidate["create_time_ms"] == -1:
                return None
            return float(max(0, self.moment["time_ms"] - candidate["create_time_ms"])) / 3_600_000
        if "one_of" in feature:
            words, carried = feature["one_of"]["words"], candidate["groups"]
            if feature["one_of"]["field"] == "source":
                carried = [candidate["source"]]
            numbers = [words.index(word) + 1 for word in carried if word in words]
            return float(min(numbers, default=0))
        reading = next(reading for reading in COUNTED if reading in feature)
        fields = feature[reading]
        span = span_of(fields)
        if reading == "count":
            return self.total(fields["of"], fields["event"], span, at)
        if reading == "recency":
            counts = self.counts(fields["of"], fields["event"], span, at)
            ago = next((k for k, count in enumerate(counts) if count > 0), None)
            return None if ago is None else float(ago * (span[0] // HOUR_MS))
        hits, trials = ("hits", "trials") if reading == "rate" else ("event", "event")
        h = self.total(fields["of"], fields[hits], span, at)
        m = self.total(fields["of" if reading == "rate" else "among"], fields[trials], span, at)
        if fields["prior"].endswith("%"):
            percent, _, rest = fields["prior"][:-1].partition(".")
            prior = int(percent + rest.ljust(4, "0")) / 1_000_000
        else:
            # A share is always known.
            prior = self.value(fields["prior"], at) or 0.0
        weight = fields["weight"]
        share: float = (h + weight * prior) / (m + weight)
        return min(1.0, share)


def read_columns(text: str, events: list[dict[str, Any]], moment: dict[str, Any]) -> dict[str, Numbers]:
    """Return what is read at a moment after some events, in the order in which they are counted."""
    model, store = read_model(text), Store()
    for event in events:
        happen(model, store, event)
    return Reader(model, store, moment).columns()
