"""A decision: everything needed to recompute one ranking, as bytes and back.

Source: DESIGN "The journals" (Record); docs/spec/record.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import Member, Written, digest_text, sha256, write_object
from rankd.core.ranking.exploration import Exploration
from rankd.core.ranking.request import Candidates, Column, RankingRequest

SCHEMA = "rankd.decision/1"
FEATURES_SCHEMA = "rankd.decision/2"
"""The schema of a record that says which columns rankd worked out itself, and from how much of the events journal."""

MAX_HEADER_BYTES = 8 * 1024 * 1024
"""A header unfolds to a hundred times its size in memory, so whoever reads one must know how long it can be. That of
twenty thousand candidates takes about three."""

DEFAULT_USED = "DEFAULT_USED"
FEATURES_UNAVAILABLE = "FEATURES_UNAVAILABLE"
QUOTA_SHORT = "QUOTA_SHORT"
NO_POLICY_IN_FORCE = "NO_POLICY_IN_FORCE"


@dataclass(frozen=True, slots=True)
class Degraded:
    """Why an answer is less than it could be, and what it concerns."""

    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeaturesRead:
    """What rankd worked out itself for a decision, so that anybody with the events journal can work it out again.

    Attributes:
        entry_count: How many entries of the events journal the counts reflected, from the first on.
        names: The columns, in the model's order.
    """

    entry_count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One ranking with all that is needed to recompute it.

    Attributes:
        request: The request.
        clock_given: Whether `request_time_ms` is the caller's clock; else it is the server's.
        caller: Identity of the caller.
        request_digest: `request_digest` of what was sent, 32 bytes.
        policy_digest: Canon digest of the policy, or of the baseline.
        constitution_digest: Canon digest of the limits.
        model_digest: Digest of the model's manifest; None in a newest-first decision.
        epoch_digest: SHA-256 of the epoch secret.
        nonce: 32 bytes that key every lot.
        worker: The worker that decided.
        counter: Its decision counter within the epoch, from 0.
        voids: (epoch digest, counter) that this worker drew and did not commit, as far as no earlier record says so.
        time_ms: The server's clock when it decided.
        order: S to rank M, candidates by index.
        values: Adjusted value of each place of S.
        dropped: (candidate, rule id).
        exploration: What chance was allowed to do, and did.
        degraded: What was less than it could be.
        columns: float32 columns that model and rules read, shape (n,) or (1,).
        heads: Objectives of the rows of `margins`.
        margins: int32, shape (heads, n); shape (0, n) in a newest-first decision.
        features: The columns that rankd worked out from events; None: none.
    """

    request: RankingRequest
    clock_given: bool
    caller: str
    request_digest: bytes
    policy_digest: bytes
    constitution_digest: bytes
    model_digest: bytes | None
    epoch_digest: bytes
    nonce: bytes
    worker: str
    counter: int
    voids: tuple[tuple[bytes, int], ...]
    time_ms: int
    order: tuple[int, ...]
    values: tuple[int, ...]
    dropped: tuple[tuple[int, str], ...]
    exploration: Exploration
    degraded: tuple[Degraded, ...]
    columns: tuple[Column, ...]
    heads: tuple[str, ...]
    margins: npt.NDArray[np.int32]
    features: FeaturesRead | None = None

    @property
    def known_columns(self) -> tuple[Column, ...]:
        """The columns for which no default stands: what the request brought, and what rankd worked out."""
        defaulted = {name for entry in self.degraded if entry.reason == DEFAULT_USED for name in entry.names}
        return tuple(column for column in self.columns if column.name not in defaulted)

    @property
    def sent_columns(self) -> tuple[Column, ...]:
        """The columns that the request brought."""
        own = () if self.features is None else self.features.names
        return tuple(column for column in self.known_columns if column.name not in own)


def request_digest(
    request: RankingRequest, columns: Sequence[Column], clock_given: bool, candidates: Written | None = None
) -> bytes:
    """Return the digest by which a repeated request is recognised, 32 bytes.

    It covers what the caller sent and nothing that the server added: SHA-256 of the request's canonical JSON (with
    `request_time_ms` null where the caller sent none), a line feed, and the columns in the order of their names.

    Args:
        request: The request.
        columns: What it brought.
        clock_given: Whether the caller sent a request time.
        candidates: `write_candidates` of its candidates, where that was made before.
    """
    members = _request_members(request, candidates)
    members["columns"] = [_column_entry(column) for column in _by_name(columns)]
    if not clock_given:
        members["request_time_ms"] = None
    raw = b"".join(little_endian(column.values, "<f4") for column in _by_name(columns))
    return sha256(write_object(members).data + b"\n" + raw)


def encode_decision(decision: Decision, candidates: Written | None = None) -> bytes:
    """Return the record of a decision: canonical JSON header, a line feed, the raw columns, the margins.

    Columns are little-endian float32, margins little-endian int32, head by head, in the header's order.

    Args:
        decision: The decision.
        candidates: `write_candidates` of its request's candidates, where that was made before.

    Raises:
        RecordError: RECORD_TOO_LARGE: its header is longer than `MAX_HEADER_BYTES`.
    """
    exploration = decision.exploration
    header: dict[str, Member] = {
        "schema": SCHEMA if decision.features is None else FEATURES_SCHEMA,
        "request": write_object(_request_members(decision.request, candidates)),
        "clock": "caller" if decision.clock_given else "server",
        "caller": decision.caller,
        "request_digest": digest_text(decision.request_digest),
        "policy": digest_text(decision.policy_digest),
        "constitution": digest_text(decision.constitution_digest),
        "model": None if decision.model_digest is None else digest_text(decision.model_digest),
        "epoch": digest_text(decision.epoch_digest),
        "nonce": decision.nonce.hex(),
        "worker": decision.worker,
        "counter": decision.counter,
        "voids": [[digest_text(epoch), counter] for epoch, counter in decision.voids],
        "time_ms": decision.time_ms,
        "order": decision.order,
        "values": decision.values,
        "dropped": [[index, rule_id] for index, rule_id in decision.dropped],
        "exploration": {
            "share_ppm": exploration.share_ppm,
            "pair_count": exploration.pair_count,
            "partner_counts": exploration.partner_counts,
            "pair": exploration.pair,
            "marginals": [list(marginal) for marginal in exploration.marginals],
        },
        "degraded": [{"reason": entry.reason, "names": entry.names} for entry in decision.degraded],
        "columns": [_column_entry(column) for column in decision.columns],
        "heads": decision.heads,
    }
    if decision.features is not None:
        header["features"] = {"entry_count": decision.features.entry_count, "names": decision.features.names}
    head = write_object(header).data
    if len(head) > MAX_HEADER_BYTES:
        raise RecordError("RECORD_TOO_LARGE", size_bytes=len(head), most_bytes=MAX_HEADER_BYTES)
    raw = [little_endian(column.values, "<f4") for column in decision.columns]
    return b"".join([head, b"\n", *raw, little_endian(decision.margins, "<i4")])


def write_candidates(candidates: Candidates) -> Written:
    """Return the candidates as digest and record hold them, column by column: most of either's canonical JSON."""
    return write_object(
        {
            "id": candidates.ids,
            "author_id": candidates.author_ids,
            "create_time_ms": candidates.create_times_ms.tolist(),
            "source": candidates.sources,
            "groups": candidates.groups,
            "seen": np.flatnonzero(candidates.seen).tolist(),
            "muted": np.flatnonzero(candidates.muted).tolist(),
        }
    )


def _request_members(request: RankingRequest, candidates: Written | None) -> dict[str, Member]:
    return {
        "request_id": request.request_id,
        "surface": request.surface,
        "viewer_id": request.viewer_id,
        "mode": request.mode.value,
        "request_time_ms": request.request_time_ms,
        "limit": request.limit,
        "served_author_counts": [list(entry) for entry in request.served_author_counts],
        "sliders": [list(entry) for entry in request.sliders],
        "candidates": candidates or write_candidates(request.candidates),
    }


def little_endian(values: npt.NDArray[Any], dtype: str) -> bytes:
    """Return the numbers as raw little-endian bytes, row by row."""
    return values.astype(dtype, copy=False).tobytes()


def _column_entry(column: Column) -> dict[str, Any]:
    return {"name": column.name, "rows": len(column.values)}


def _by_name(columns: Sequence[Column]) -> list[Column]:
    return sorted(columns, key=lambda column: column.name)
