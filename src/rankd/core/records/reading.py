"""Reading a decision's record back: strict, from bytes that nobody vouches for."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import CanonicalError, parse_canonical, parse_digest
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.admission import MAX_TIME_MS
from rankd.core.ranking.exploration import Exploration
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Column, Mode, RankingRequest
from rankd.core.records.decision import SCHEMA, Decision, Degraded

T = TypeVar("T")
U = TypeVar("U")


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
    try:
        document = parse_canonical(head)
    except CanonicalError as error:
        raise RecordError("RECORD_MALFORMED", field="header", found=str(error)[:200]) from None
    header = _Object(document, "header")
    if header.take("schema", _text) != SCHEMA:
        raise RecordError("RECORD_MALFORMED", field="schema", found=str(document["schema"])[:64])
    request = _request(_Object(header.take("request", _any), "request"))
    count = len(request.candidates)
    entries = [_column_entry(entry, count) for entry in header.take("columns", _list)]
    heads = header.take("heads", _texts)
    if len(set(heads)) != len(heads) or not set(heads) <= set(OBJECTIVES):
        raise RecordError("RECORD_MALFORMED", field="heads", found=", ".join(heads)[:200])
    columns, margins = _raw(raw, entries, len(heads), count)
    decision = Decision(
        request=request,
        clock_given=header.take("clock", _clock),
        caller=header.take("caller", _text),
        request_digest=header.take("request_digest", _digest),
        policy_digest=header.take("policy", _digest),
        constitution_digest=header.take("constitution", _digest),
        model_digest=header.take("model", lambda value: None if value is None else _digest(value)),
        epoch_digest=header.take("epoch", _digest),
        nonce=header.take("nonce", _nonce),
        worker=header.take("worker", _text),
        counter=header.take("counter", _natural),
        voids=header.take("voids", _each(lambda entry: _pair(entry, _digest, _natural))),
        time_ms=header.take("time_ms", _natural),
        order=header.take("order", _naturals),
        values=header.take("values", _integers),
        dropped=header.take("dropped", _each(lambda entry: _pair(entry, _natural, _text))),
        exploration=_exploration(_Object(header.take("exploration", _any), "exploration")),
        degraded=tuple(_degraded(entry) for entry in header.take("degraded", _list)),
        columns=columns,
        heads=heads,
        margins=margins,
    )
    header.end()
    if any(index >= count for index in (*decision.order, *(index for index, _ in decision.dropped))):
        raise RecordError("RECORD_MALFORMED", field="order", found="a candidate that the request does not have")
    if len(decision.values) != len(decision.order):
        raise RecordError("RECORD_MALFORMED", field="values", found=f"{len(decision.values)} for another count")
    return decision


class _Object:
    """One JSON object, taken field by field; what is left over is refused."""

    def __init__(self, value: Any, name: str) -> None:
        if type(value) is not dict:
            raise RecordError("RECORD_MALFORMED", field=name, found=_shown(value))
        self.name = name
        self.rest = dict(value)

    def take(self, key: str, read: Callable[[Any], T]) -> T:
        if key not in self.rest:
            raise RecordError("RECORD_MALFORMED", field=f"{self.name}.{key}", found="nothing")
        value = self.rest.pop(key)
        try:
            return read(value)
        except (ValueError, TypeError, OverflowError):
            raise RecordError("RECORD_MALFORMED", field=f"{self.name}.{key}", found=_shown(value)) from None

    def end(self) -> None:
        if self.rest:
            raise RecordError("RECORD_MALFORMED", field=f"{self.name}.{min(self.rest)}", found="an unknown field")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:64]


def _any(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError
    return value


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise ValueError
    return value


def _natural(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise ValueError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _integers(value: Any) -> tuple[int, ...]:
    return tuple(_integer(item) for item in _list(value))


def _naturals(value: Any) -> tuple[int, ...]:
    return tuple(_natural(item) for item in _list(value))


def _each(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    return lambda value: tuple(read(item) for item in _list(value))


def _pair(value: Any, first: Callable[[Any], T], second: Callable[[Any], U]) -> tuple[T, U]:
    items = _list(value)
    if len(items) != 2:
        raise ValueError
    return first(items[0]), second(items[1])


def _digest(value: Any) -> bytes:
    return parse_digest(_text(value))


def _nonce(value: Any) -> bytes:
    nonce = bytes.fromhex(_text(value))
    if len(nonce) != 32 or nonce.hex() != value:
        raise ValueError
    return nonce


def _clock(value: Any) -> bool:
    if value not in ("caller", "server"):
        raise ValueError
    return bool(value == "caller")


def _time(value: Any) -> int:
    if not UNKNOWN_TIME_MS <= _integer(value) <= MAX_TIME_MS:
        raise ValueError
    return _integer(value)


def _request(fields: _Object) -> RankingRequest:
    candidates = _candidates(_Object(fields.take("candidates", _any), "request.candidates"))
    request = RankingRequest(
        request_id=fields.take("request_id", _text),
        surface=fields.take("surface", _text),
        viewer_id=fields.take("viewer_id", _text),
        mode=fields.take("mode", Mode),
        request_time_ms=fields.take("request_time_ms", _time),
        candidates=candidates,
        limit=fields.take("limit", _natural),
        served_author_counts=fields.take("served_author_counts", _each(lambda entry: _pair(entry, _text, _natural))),
        sliders=fields.take("sliders", _each(lambda entry: _pair(entry, _text, _natural))),
    )
    fields.end()
    return request


def _candidates(fields: _Object) -> Candidates:
    ids = fields.take("id", _texts)
    count = len(ids)

    def flags(value: Any) -> npt.NDArray[np.bool_]:
        indexes = _naturals(value)
        if list(indexes) != sorted(set(indexes)) or (indexes and indexes[-1] >= count):
            raise ValueError
        column = np.zeros(count, dtype=np.bool_)
        column[list(indexes)] = True
        return column

    candidates = Candidates(
        ids=ids,
        author_ids=fields.take("author_id", _texts),
        create_times_ms=np.array(fields.take("create_time_ms", _each(_time)), dtype=np.int64),
        sources=fields.take("source", _texts),
        groups=fields.take("groups", lambda value: tuple(_texts(item) for item in _list(value))),
        seen=fields.take("seen", flags),
        muted=fields.take("muted", flags),
    )
    fields.end()
    columns = (candidates.author_ids, candidates.create_times_ms, candidates.sources, candidates.groups)
    if any(len(column) != count for column in columns) or len(set(ids)) != count:
        raise RecordError("RECORD_MALFORMED", field="request.candidates", found="columns that do not match")
    return candidates


def _exploration(fields: _Object) -> Exploration:
    exploration = Exploration(
        share_ppm=fields.take("share_ppm", _natural),
        pair_count=fields.take("pair_count", _natural),
        partner_counts=fields.take("partner_counts", _naturals),
        pair=fields.take("pair", lambda value: None if value is None else _pair(value, _natural, _natural)),
        marginals=fields.take("marginals", _each(lambda entry: _pair(entry, _natural, _natural))),
    )
    fields.end()
    return exploration


def _degraded(value: Any) -> Degraded:
    fields = _Object(value, "degraded")
    entry = Degraded(fields.take("reason", _text), fields.take("names", _texts))
    fields.end()
    return entry


def _column_entry(value: Any, count: int) -> tuple[str, int]:
    fields = _Object(value, "columns")
    entry = fields.take("name", _text), fields.take("rows", _natural)
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
