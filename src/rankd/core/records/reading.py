"""Reading a decision's record back: strict, from bytes that nobody vouches for."""

from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import CanonicalError, parse_canonical
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.admission import MAX_TIME_MS
from rankd.core.ranking.exploration import Exploration
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Column, Mode, RankingRequest
from rankd.core.records.decision import (
    FEATURES_SCHEMA,
    MAX_HEADER_BYTES,
    SCHEMA,
    Decision,
    Degraded,
    FeaturesRead,
)
from rankd.core.records.strict import (
    Fields,
    anything,
    array,
    digest,
    each,
    hex_32,
    integer,
    integers,
    natural,
    naturals,
    optional,
    pair,
    text,
    texts,
)


def decode_decision(data: bytes) -> Decision:
    """Read a record.

    The header must be canonical, every field of its kind, and the raw columns exactly as long as the header says.
    Whether the decision *follows* from it is for `core.records.recompute` to say.

    Raises:
        RecordError: `data` is not a record; the message names the field.
    """
    head, separator, raw = data.partition(b"\n")
    if not separator:
        raise RecordError("RECORD_MALFORMED", field="header", found="no line feed after it")
    if len(head) > MAX_HEADER_BYTES:
        raise RecordError("RECORD_MALFORMED", field="header", found=f"{len(head)} bytes")
    try:
        document = parse_canonical(head)
    except CanonicalError as error:
        raise RecordError("RECORD_MALFORMED", field="header", found=str(error)[:200]) from None
    header = _object(document, "header")
    schema = header.take("schema", text)
    if schema not in (SCHEMA, FEATURES_SCHEMA):
        raise RecordError("RECORD_MALFORMED", field="schema", found=str(document["schema"])[:64])
    request = _request(_object(header.take("request", anything), "request"))
    count = len(request.candidates)
    entries = [_column_entry(entry, count) for entry in header.take("columns", array)]
    heads = header.take("heads", texts)
    if len(set(heads)) != len(heads) or not set(heads) <= set(OBJECTIVES):
        raise RecordError("RECORD_MALFORMED", field="heads", found=", ".join(heads)[:200])
    columns, margins = _raw(raw, entries, len(heads), count)
    decision = Decision(
        request=request,
        clock_given=header.take("clock", _clock),
        caller=header.take("caller", text),
        request_digest=header.take("request_digest", digest),
        policy_digest=header.take("policy", digest),
        constitution_digest=header.take("constitution", digest),
        model_digest=header.take("model", optional(digest)),
        epoch_digest=header.take("epoch", digest),
        nonce=header.take("nonce", hex_32),
        worker=header.take("worker", text),
        counter=header.take("counter", natural),
        voids=header.take("voids", each(lambda entry: pair(entry, digest, natural))),
        time_ms=header.take("time_ms", natural),
        order=header.take("order", naturals),
        values=header.take("values", integers),
        dropped=header.take("dropped", each(lambda entry: pair(entry, natural, text))),
        exploration=_exploration(_object(header.take("exploration", anything), "exploration")),
        degraded=tuple(_degraded(entry) for entry in header.take("degraded", array)),
        columns=columns,
        heads=heads,
        margins=margins,
        features=_features(header.take("features", anything)) if schema == FEATURES_SCHEMA else None,
    )
    header.end()
    if decision.features is not None and not set(decision.features.names) <= {name for name, _ in entries}:
        raise RecordError("RECORD_MALFORMED", field="features.names", found="a column that is not there")
    if any(index >= count for index in (*decision.order, *(index for index, _ in decision.dropped))):
        raise RecordError("RECORD_MALFORMED", field="order", found="a candidate that the request does not have")
    if len(decision.values) != len(decision.order):
        raise RecordError("RECORD_MALFORMED", field="values", found=f"{len(decision.values)} for another count")
    return decision


def _object(value: Any, name: str) -> Fields:
    return Fields(value, name, "RECORD_MALFORMED")


def _clock(value: Any) -> bool:
    if value not in ("caller", "server"):
        raise ValueError
    return bool(value == "caller")


def _time(value: Any) -> int:
    if not UNKNOWN_TIME_MS <= integer(value) <= MAX_TIME_MS:
        raise ValueError
    return integer(value)


def _times(value: Any) -> tuple[int, ...]:
    times = integers(value)
    if times and not UNKNOWN_TIME_MS <= min(times) <= max(times) <= MAX_TIME_MS:
        raise ValueError
    return times


def _groups(value: Any) -> tuple[tuple[str, ...], ...]:
    if not set(map(type, array(value))) <= {list}:
        raise ValueError
    texts(list(chain.from_iterable(value)))
    return tuple(map(tuple, value))


def _request(fields: Fields) -> RankingRequest:
    candidates = _candidates(_object(fields.take("candidates", anything), "request.candidates"))
    request = RankingRequest(
        request_id=fields.take("request_id", text),
        surface=fields.take("surface", text),
        viewer_id=fields.take("viewer_id", text),
        mode=fields.take("mode", Mode),
        request_time_ms=fields.take("request_time_ms", _time),
        candidates=candidates,
        limit=fields.take("limit", natural),
        served_author_counts=fields.take("served_author_counts", each(lambda entry: pair(entry, text, natural))),
        sliders=fields.take("sliders", each(lambda entry: pair(entry, text, natural))),
    )
    fields.end()
    return request


def _candidates(fields: Fields) -> Candidates:
    ids = fields.take("id", texts)
    count = len(ids)

    def flags(value: Any) -> npt.NDArray[np.bool_]:
        indexes = naturals(value)
        if list(indexes) != sorted(set(indexes)) or (indexes and indexes[-1] >= count):
            raise ValueError
        column = np.zeros(count, dtype=np.bool_)
        column[list(indexes)] = True
        return column

    candidates = Candidates(
        ids=ids,
        author_ids=fields.take("author_id", texts),
        create_times_ms=np.array(fields.take("create_time_ms", _times), dtype=np.int64),
        sources=fields.take("source", texts),
        groups=fields.take("groups", _groups),
        seen=fields.take("seen", flags),
        muted=fields.take("muted", flags),
    )
    fields.end()
    columns = (candidates.author_ids, candidates.create_times_ms, candidates.sources, candidates.groups)
    if any(len(column) != count for column in columns) or len(set(ids)) != count:
        raise RecordError("RECORD_MALFORMED", field="request.candidates", found="columns that do not match")
    return candidates


def _exploration(fields: Fields) -> Exploration:
    exploration = Exploration(
        share_ppm=fields.take("share_ppm", natural),
        pair_count=fields.take("pair_count", natural),
        partner_counts=fields.take("partner_counts", naturals),
        pair=fields.take("pair", optional(lambda value: pair(value, natural, natural))),
        marginals=fields.take("marginals", each(lambda entry: pair(entry, natural, natural))),
    )
    fields.end()
    return exploration


def _degraded(value: Any) -> Degraded:
    fields = _object(value, "degraded")
    entry = Degraded(fields.take("reason", text), fields.take("names", texts))
    fields.end()
    return entry


def _features(value: Any) -> FeaturesRead:
    fields = _object(value, "features")
    features = FeaturesRead(fields.take("entry_count", natural), fields.take("names", texts))
    fields.end()
    if not features.names or len(set(features.names)) != len(features.names):
        raise RecordError("RECORD_MALFORMED", field="features.names", found=", ".join(features.names)[:200])
    return features


def _column_entry(value: Any, count: int) -> tuple[str, int]:
    fields = _object(value, "columns")
    entry = fields.take("name", text), fields.take("rows", natural)
    fields.end()
    if entry[1] not in (1, count):
        raise RecordError("RECORD_MALFORMED", field=f"columns.{entry[0]}"[:80], found=f"{entry[1]} rows")
    return entry


def _raw(
    raw: bytes, entries: list[tuple[str, int]], heads: int, count: int
) -> tuple[tuple[Column, ...], npt.NDArray[np.int32]]:
    wanted = 4 * (sum(rows for _, rows in entries) + heads * count)
    if len(raw) != wanted:
        raise RecordError("RECORD_MALFORMED", field="columns", found=f"{len(raw)} bytes of numbers, not {wanted}")
    columns, offset = [], 0
    for name, rows in entries:
        values = np.frombuffer(raw, dtype="<f4", count=rows, offset=offset).astype(np.float32, copy=False)
        columns.append(Column(name, values))
        offset += 4 * rows
    margins = np.frombuffer(raw, dtype="<i4", offset=offset).astype(np.int32, copy=False).reshape(heads, count)
    return tuple(columns), margins
