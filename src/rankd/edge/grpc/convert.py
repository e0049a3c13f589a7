"""From the wire to the score: a `RankRequest` as an `Incoming`. Nothing here decides; what is wrong is named."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.core.errors import RequestError
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.admission import MAX_TIME_MS, Bounds
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Column, Mode, RankingRequest
from rankd.usecases.serve.deciding import Incoming
from rankd.v1 import ranking_service_pb2 as wire
from rankd.v1 import types_pb2 as types

_MODES = {
    types.ORDER_MODE_UNSPECIFIED: Mode.RANKED,
    types.ORDER_MODE_RANKED: Mode.RANKED,
    types.ORDER_MODE_NEWEST_FIRST: Mode.NEWEST_FIRST,
}
_FLOAT = np.dtype("<f4")
_NANOS = 1_000_000_000


def parse(kind: type[Message], data: bytes) -> Message:
    """Return the message that `data` encodes.

    Raises:
        RequestError: It is no message of that kind (or holds text that is not UTF-8).
    """
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise RequestError("MESSAGE_MALFORMED", message=kind.DESCRIPTOR.name) from error


def read_rank_request(message: wire.RankRequest, caller: str, bounds: Bounds, clock_ms: Callable[[], int]) -> Incoming:
    """Return a request as the score takes it.

    A newest-first request's columns, sliders and served counts are not looked at: that order uses no profiling.
    Identifiers, counts and ranges are checked later, in `core.ranking.admission`; here only what the core's types
    could not express.

    Args:
        message: The message.
        caller: Identity of the caller.
        bounds: Looked at before anything is copied.
        clock_ms: The server's clock, taken where the request brings no time.

    Raises:
        RequestError: Too many candidates, an order mode or a time that does not exist, or a column with the wrong
            number of numbers.
    """
    count = len(message.candidates)
    if count > bounds.max_candidate_count:
        raise RequestError("CANDIDATES_TOO_MANY", field="candidates", found=count, most=bounds.max_candidate_count)
    if message.mode not in _MODES:
        raise RequestError("MODE_UNKNOWN", field="mode", found=message.mode)
    mode = _MODES[message.mode]
    clock_given = message.HasField("request_time")
    request_time_ms = milliseconds(message.request_time, "request_time") if clock_given else clock_ms()
    personal = mode is Mode.RANKED
    served = sorted((entry.author_id, entry.count) for entry in message.served_author_counts) if personal else ()
    return Incoming(
        request=RankingRequest(
            request_id=message.request_id,
            surface=message.surface,
            viewer_id=message.viewer_id,
            mode=mode,
            request_time_ms=request_time_ms,
            candidates=_candidates(message.candidates),
            limit=message.limit,
            served_author_counts=tuple(served),
            sliders=_sliders(message.sliders) if personal else (),
        ),
        columns=_columns(message, count) if personal else (),
        caller=caller,
        clock_given=clock_given,
    )


def milliseconds(time: Timestamp, field: str) -> int:
    """Return a time in milliseconds since 1970, rounded down.

    Raises:
        RequestError: It is not between 1970 and 9999, or its nanoseconds are not between 0 and 999,999,999.
    """
    found = time.seconds * 1_000 + time.nanos // 1_000_000
    if not 0 <= time.nanos < _NANOS or not 0 <= found <= MAX_TIME_MS:
        raise RequestError("TIME_OUT_OF_RANGE", field=field, found=found)
    return found


def _candidates(candidates: Sequence[wire.Candidate]) -> Candidates:
    # Each pass over the container would make new Python objects for its messages: make them once.
    candidates = list(candidates)
    return Candidates(
        ids=tuple([c.id for c in candidates]),
        author_ids=tuple([c.author_id for c in candidates]),
        create_times_ms=_create_times(candidates),
        sources=tuple([c.source for c in candidates]),
        # A slice is copied in one go, an iteration message by message.
        groups=tuple([tuple(groups[:]) if groups else () for groups in [c.groups for c in candidates]]),
        seen=np.array([c.seen for c in candidates], dtype=np.bool_),
        muted=np.array([c.muted for c in candidates], dtype=np.bool_),
    )


def _create_times(candidates: Sequence[wire.Candidate]) -> npt.NDArray[np.int64]:
    known = np.array([c.HasField("create_time") for c in candidates], dtype=np.bool_)
    times = [c.create_time for c in candidates]
    seconds = np.array([t.seconds for t in times], dtype=np.int64)
    nanos = np.array([t.nanos for t in times], dtype=np.int64)
    # Seconds first: far ones would overflow once they are milliseconds.
    wrong = (seconds < 0) | (seconds > MAX_TIME_MS // 1_000) | (nanos < 0) | (nanos >= _NANOS)
    if wrong.any():
        at = int(np.argmax(wrong))
        milliseconds(times[at], f"candidates[{at}].create_time")
    found: npt.NDArray[np.int64] = np.where(known, seconds * 1_000 + nanos // 1_000_000, UNKNOWN_TIME_MS)
    return found


def _columns(message: wire.RankRequest, count: int) -> tuple[Column, ...]:
    columns = [_column(column, "columns", count) for column in message.columns]
    columns.extend(_column(column, "viewer_columns", 1) for column in message.viewer_columns)
    return tuple(columns)


def _column(column: wire.Column, where: str, wanted: int) -> Column:
    kind = column.WhichOneof("data")
    field = f"{where}[{column.name}]"
    if kind == "le_float32":
        data = column.le_float32
        if len(data) % _FLOAT.itemsize:
            raise RequestError("COLUMN_BYTES", field=f"{field}.le_float32", found=len(data))
        numbers = np.frombuffer(data, dtype=_FLOAT)
    else:
        numbers = np.array(column.values.values, dtype=np.float32)
    if len(numbers) != wanted:
        name = field if kind is None else f"{field}.{kind}"
        raise RequestError("COLUMN_LENGTH", field=name, found=len(numbers), wanted=wanted)
    return Column(column.name, numbers)


def _sliders(sliders: Sequence[wire.Slider]) -> tuple[tuple[str, int], ...]:
    order = {objective: at for at, objective in enumerate(OBJECTIVES)}
    found = [(slider.objective, slider.percent) for slider in sliders]
    return tuple(sorted(found, key=lambda entry: order.get(entry[0], len(order))))
