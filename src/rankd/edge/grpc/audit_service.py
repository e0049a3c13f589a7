"""AuditService: leaves, records, checkpoints and proofs, for auditors who trust nobody."""

from rankd.core.errors import JournalError, RequestError
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import NoteVerifier, parse_note
from rankd.core.log.tlog_proof import TlogProof
from rankd.core.log.tree import leaf_hash
from rankd.edge.config import Role
from rankd.edge.grpc.answers import timestamp
from rankd.edge.grpc.dispatch import Call, Method
from rankd.edge.grpc.load import Lane
from rankd.store.journal.journal import Journal
from rankd.usecases.erasing.erasure_ledger import ErasureLedger
from rankd.usecases.serve.decisions import DecisionJournal
from rankd.v1 import audit_service_pb2 as wire

NAME = "rankd.v1.AuditService"

_AUDIT: frozenset[Role] = frozenset({"audit"})
_ANYBODY: frozenset[Role] = frozenset()


class AuditCalls:
    """What the methods of AuditService do.

    Args:
        decisions: The journal of decisions.
        log: The log's key.
    """

    def __init__(self, decisions: DecisionJournal, log: NoteVerifier) -> None:
        self._decisions = decisions
        self._journal: Journal = decisions.journal
        self._log = log
        self._erasures = ErasureLedger(self._journal)

    def methods(self, read_lane: Lane) -> tuple[Method, ...]:
        """Return the methods; all of them but GetCheckpoint read files."""
        return (
            Method("GetDecision", wire.GetDecisionRequest, _AUDIT, read_lane, self.get_decision),
            Method("GetCheckpoint", wire.GetCheckpointRequest, _ANYBODY, None, self.get_checkpoint),
            Method("GetInclusionProof", wire.GetInclusionProofRequest, _ANYBODY, read_lane, self.get_inclusion_proof),
            Method(
                "GetConsistencyProof", wire.GetConsistencyProofRequest, _ANYBODY, read_lane, self.get_consistency_proof
            ),
        )

    def get_decision(self, message: wire.GetDecisionRequest, _call: Call) -> wire.GetDecisionResponse:
        """Return a decision's leaf, and its record while that lives."""
        index = self._decisions.index_of(message.decision_id)
        leaf = self._journal.leaf(index)
        note, size = self._newest()
        response = wire.GetDecisionResponse(
            decision_id=message.decision_id,
            leaf=leaf,
            leaf_hash=leaf_hash(leaf),
            tlog_proof=self._proof_text(index, note, self._journal.inclusion_proof(index, size))
            if index < size
            else "",
        )
        try:
            response.key, response.record = self._journal.body(index)
        except JournalError as error:
            if error.reason != "BODY_ERASED":
                raise
            response.erasure.CopyFrom(self._erasure(index))
        return response

    def get_checkpoint(self, _message: wire.GetCheckpointRequest, _call: Call) -> wire.GetCheckpointResponse:
        """Return the newest checkpoint."""
        return wire.GetCheckpointResponse(checkpoint=self._journal.checkpoint(), vkey=self._log.vkey)

    def get_inclusion_proof(
        self, message: wire.GetInclusionProofRequest, _call: Call
    ) -> wire.GetInclusionProofResponse:
        """Prove that an entry is in a published tree."""
        note, newest = self._newest()
        index, size = message.index, message.tree_size or newest
        self._check_size(size, newest, "tree_size")
        if index < 0 or (message.tree_size and index >= size):
            raise RequestError("ENTRY_INDEX_OUT_OF_RANGE", field="index", found=index, size=size)
        # Without a size the newest tree is meant, so what it does not hold yet is asked for too early.
        self._check_size(index + 1, newest, "index")
        hashes = self._journal.inclusion_proof(index, size)
        return wire.GetInclusionProofResponse(
            index=index,
            tree_size=size,
            leaf_hash=leaf_hash(self._journal.leaf(index)),
            hashes=hashes,
            tlog_proof=self._proof_text(index, note, hashes) if size == newest else "",
        )

    def get_consistency_proof(
        self, message: wire.GetConsistencyProofRequest, _call: Call
    ) -> wire.GetConsistencyProofResponse:
        """Prove that a published tree only appended to an earlier one."""
        _, newest = self._newest()
        first, second = message.first_size, message.second_size or newest
        self._check_size(second, newest, "second_size")
        self._check_size(first, newest, "first_size")
        if first > second:
            raise RequestError("TREE_SIZES_REVERSED", field="first_size", first=first, second=second)
        hashes = self._journal.consistency_proof(first, second)
        return wire.GetConsistencyProofResponse(first_size=first, second_size=second, hashes=hashes)

    def _newest(self) -> tuple[bytes, int]:
        """Return the newest checkpoint and its tree's size; the journal may publish more at any time."""
        note = self._journal.checkpoint()
        return note, parse_checkpoint_text(parse_note(note).text).size

    def _check_size(self, size: int, newest: int, field: str) -> None:
        if size < 0:
            raise RequestError("TREE_SIZE_NEGATIVE", field=field, found=size)
        if size > self._journal.count:
            raise RequestError("ENTRY_UNKNOWN", field=field, count=self._journal.count)
        if size > newest:
            raise RequestError("ENTRY_UNPUBLISHED", field=field, size=newest)

    def _erasure(self, index: int) -> wire.ErasureFacts:
        erased = self._erasures.find(index)
        if erased is None:
            # The key is gone, and the entry that should say why is not there.
            raise JournalError("ERASURE_UNEXPLAINED", index=index)
        return wire.ErasureFacts(
            index=erased.index,
            erase_time=timestamp(erased.time_ms),
            reason_code=erased.reason_code,
            reason=erased.reason,
            signer=erased.signer,
        )

    @staticmethod
    def _proof_text(index: int, note: bytes, hashes: tuple[bytes, ...]) -> str:
        return TlogProof(index, hashes, note).encode().decode()
