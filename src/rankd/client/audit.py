"""An auditor's calls: leaves, records, checkpoints and proofs. What they return is to be checked, not believed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

from rankd.client.reading import milliseconds
from rankd.v1 import audit_service_pb2 as wire
from rankd.v1 import audit_service_pb2_grpc


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a record was erased by: the entry that did, when, why, and the public key of who signed (hexadecimal)."""

    index: int
    time_ms: int
    reason_code: str
    reason: str
    signer: str


@dataclass(frozen=True, slots=True)
class JournalDecision:
    """One decision as the journal holds it; `core.records` reads leaf and record, `core.log.tlog_proof` the proof.

    `record` and `key` are empty where the record was erased, and `erasure` says how. `tlog_proof` is empty where the
    entry is not published yet.
    """

    decision_id: str
    leaf: bytes
    leaf_hash: bytes
    record: bytes = field(repr=False)
    key: bytes = field(repr=False)
    erasure: Erasure | None
    tlog_proof: bytes


@dataclass(frozen=True, slots=True)
class LogCheckpoint:
    """The newest checkpoint, a signed note, and the log's verifier key as the server itself gives it."""

    note: bytes
    vkey: str


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry is in a tree; `tlog_proof` is empty where the tree is not that of the newest checkpoint."""

    index: int
    tree_size: int
    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    tlog_proof: bytes


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of `second_size` begins with that of `first_size`."""

    first_size: int
    second_size: int
    hashes: tuple[bytes, ...]


class AuditCalls:
    """The calls of AuditService; every one raises RankdCallError where it was refused or did not come through.

    Args:
        channel: The client's connection.
        call: The client's way to call: method, message, deadline in seconds.
    """

    def __init__(self, channel: grpc.Channel, call: Callable[[Any, Any, float | None], Any]) -> None:
        self._stub = audit_service_pb2_grpc.AuditServiceStub(channel)
        self._call = call

    def decision(self, decision_id: str, timeout_s: float | None = None) -> JournalDecision:
        """Return one decision's entry, and its record while that lives; needs the role `audit`."""
        message = wire.GetDecisionRequest(decision_id=decision_id)
        found: wire.GetDecisionResponse = self._call(self._stub.GetDecision, message, timeout_s)
        erasure = found.erasure
        return JournalDecision(
            decision_id=found.decision_id,
            leaf=found.leaf,
            leaf_hash=found.leaf_hash,
            record=found.record,
            key=found.key,
            erasure=(
                Erasure(
                    erasure.index,
                    milliseconds(erasure.erase_time),
                    erasure.reason_code,
                    erasure.reason,
                    erasure.signer,
                )
                if found.HasField("erasure")
                else None
            ),
            tlog_proof=found.tlog_proof.encode(),
        )

    def checkpoint(self, timeout_s: float | None = None) -> LogCheckpoint:
        """Return the newest checkpoint."""
        found: wire.GetCheckpointResponse = self._call(self._stub.GetCheckpoint, wire.GetCheckpointRequest(), timeout_s)
        return LogCheckpoint(found.checkpoint, found.vkey)

    def inclusion_proof(self, index: int, tree_size: int = 0, timeout_s: float | None = None) -> InclusionProof:
        """Return the proof that an entry is in a tree; without a size, the newest published one."""
        message = wire.GetInclusionProofRequest(index=index, tree_size=tree_size)
        found: wire.GetInclusionProofResponse = self._call(self._stub.GetInclusionProof, message, timeout_s)
        return InclusionProof(
            found.index, found.tree_size, found.leaf_hash, tuple(found.hashes), found.tlog_proof.encode()
        )

    def consistency_proof(
        self, first_size: int, second_size: int = 0, timeout_s: float | None = None
    ) -> ConsistencyProof:
        """Return the proof that a tree only appended to an earlier one; without a second size, the newest published."""
        message = wire.GetConsistencyProofRequest(first_size=first_size, second_size=second_size)
        found: wire.GetConsistencyProofResponse = self._call(self._stub.GetConsistencyProof, message, timeout_s)
        return ConsistencyProof(found.first_size, found.second_size, tuple(found.hashes))
