"""Requests of the client: from Python values, numpy columns or JSON to the message."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.core.errors import RequestError
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Mode
from rankd.v1 import ranking_service_pb2 as wire
from rankd.v1 import types_pb2 as types

_MODES = {Mode.RANKED: types.ORDER_MODE_RANKED, Mode.NEWEST_FIRST: types.ORDER_MODE_NEWEST_FIRST}


@dataclass(frozen=True, slots=True)
class CandidateInput:
    """One thing that may be shown.

    Attributes:
        id: Identifier, unique within the request.
        author_id: Its author; "" where unknown.
        create_time_ms: When it was published, milliseconds since 1970; None where unknown.
        source: Where the backend found it; "" where none is named.
        groups: Groups that the policy's caps and quotas may speak of.
        seen: Whether the viewer has seen it before.
        muted: Whether the viewer has muted it, its author or its subject.
    """

    id: str
    author_id: str = ""
    create_time_ms: int | None = None
    source: str = ""
    groups: tuple[str, ...] = ()
    seen: bool = False
    muted: bool = False


def rank_request(
    *,
    request_id: str,
    surface: str,
    viewer_id: str,
    candidates: Sequence[CandidateInput] | Candidates,
    columns: Mapping[str, npt.ArrayLike],
    limit: int,
    mode: Mode,
    request_time_ms: int | None,
    served_author_counts: Mapping[str, int],
    sliders: Mapping[str, int],
    dry_run: bool,
) -> wire.RankRequest:
    """Return the message of a ranking request; see `RankdClient.rank`.

    Raises:
        ValueError: A column has more than one dimension.
    """
    per_candidate: list[wire.Column] = []
    per_viewer: list[wire.Column] = []
    for name, values in columns.items():
        numbers = np.asarray(values, dtype="<f4")
        if numbers.ndim > 1:
            raise ValueError(f"the column {name} has {numbers.ndim} dimensions; it may have one, or none")
        column = wire.Column(name=name, le_float32=numbers.tobytes())
        (per_candidate if numbers.ndim else per_viewer).append(column)
    return wire.RankRequest(
        request_id=request_id,
        surface=surface,
        viewer_id=viewer_id,
        mode=_MODES[mode],
        request_time=None if request_time_ms is None else _timestamp(request_time_ms),
        candidates=_candidates(candidates),
        columns=per_candidate,
        viewer_columns=per_viewer,
        limit=limit,
        served_author_counts=[
            wire.ServedAuthorCount(author_id=author, count=count) for author, count in served_author_counts.items()
        ],
        sliders=[wire.Slider(objective=objective, percent=percent) for objective, percent in sliders.items()],
        dry_run=dry_run,
    )


def rank_request_from_json(text: str, name: str) -> wire.RankRequest:
    """Return the message that a JSON text says, in the field names of the contract.

    Raises:
        RequestError: The text is not JSON, or not a RankRequest.
    """
    try:
        document: Any = json.loads(text)
        message = json_format.ParseDict(document, wire.RankRequest())
    except (json.JSONDecodeError, json_format.ParseError, RecursionError) as error:
        raise RequestError("REQUEST_JSON_INVALID", file=name, detail=str(error)) from error
    if not isinstance(document, dict):
        # Any empty value would pass for an empty message.
        raise RequestError("REQUEST_JSON_INVALID", file=name, detail="{…}?")
    return message


def _candidates(candidates: Sequence[CandidateInput] | Candidates) -> list[wire.Candidate]:
    if isinstance(candidates, Candidates):
        return [
            wire.Candidate(
                id=id_,
                author_id=author,
                create_time=None if time_ms == UNKNOWN_TIME_MS else _timestamp(time_ms),
                source=source,
                groups=groups,
                seen=seen,
                muted=muted,
            )
            for id_, author, time_ms, source, groups, seen, muted in zip(
                candidates.ids,
                candidates.author_ids,
                candidates.create_times_ms.tolist(),
                candidates.sources,
                candidates.groups,
                candidates.seen.tolist(),
                candidates.muted.tolist(),
                strict=True,
            )
        ]
    return [
        wire.Candidate(
            id=c.id,
            author_id=c.author_id,
            create_time=None if c.create_time_ms is None else _timestamp(c.create_time_ms),
            source=c.source,
            groups=c.groups,
            seen=c.seen,
            muted=c.muted,
        )
        for c in candidates
    ]


def _timestamp(time_ms: int) -> Timestamp:
    return Timestamp(seconds=time_ms // 1_000, nanos=time_ms % 1_000 * 1_000_000)
