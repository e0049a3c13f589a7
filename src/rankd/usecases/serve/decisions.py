"""Decisions as entries of a journal: a public leaf, an erasable body, and the promise that goes with the answer."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rankd.core.errors import RecordError, RequestError
from rankd.core.exact.canonical import Written
from rankd.core.log.note import NoteSigner
from rankd.core.log.tree import leaf_hash
from rankd.core.records.commitment import KEY_BYTES, commitment
from rankd.core.records.decision import Decision, encode_decision
from rankd.core.records.leaf import DecisionLeaf, decode_leaf, encode_leaf, leaf_of_decision
from rankd.core.records.reading import decode_decision
from rankd.core.records.receipt import Receipt, issue_receipt
from rankd.core.records.token import check_token, feedback_token, token_index
from rankd.store.journal.journal import Body, Journal

RECEIPT_DELAY_MS = 3_600_000
"""A receipt promises that its leaf is in every checkpoint signed this long after the decision. One follows within a
second; the rest is for a disk that is full meanwhile."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What an answer carries so that its decision cannot be denied later.

    Attributes:
        decision_id: `<origin>/<index>`.
        receipt: The log key's signed promise, a note.
        token: Ties feedback to the decision.
    """

    decision_id: str
    receipt: bytes
    token: bytes


class DecisionJournal:
    """The journal of decisions, decision by decision. Safe to use from many threads at once.

    Args:
        journal: The journal; other kinds of leaves stand in it as well.
        signer: The log key.
        token_key: 32 bytes, the secret of feedback tokens.
        draw: Where keys of bodies come from.
    """

    def __init__(
        self, journal: Journal, signer: NoteSigner, token_key: bytes, draw: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.journal = journal
        self._signer = signer
        self._token_key = token_key
        self._draw = draw

    @property
    def origin(self) -> str:
        """First part of decision ids, and the name of the log."""
        return self.journal.origin

    @property
    def count(self) -> int:
        """How many decisions were ever recorded."""
        return self.journal.body_count

    def commit(
        self, decision: Decision, candidates: Written | None = None, activation: int | None = None
    ) -> tuple[int, Proof]:
        """Record a decision; when this returns, it survives a crash of the machine.

        Args:
            decision: The decision.
            candidates: See `encode_decision`.
            activation: The activation under which it was made; None where no assembly activates.

        Returns:
            Its index, and what proves it.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: it was not recorded.
            RecordError: It is too large.
        """
        record, key = encode_decision(decision, candidates), self._draw(KEY_BYTES)
        leaf = encode_leaf(leaf_of_decision(decision, commitment(key, record), activation))
        committed = self.journal.append(leaf, Body(key, record))
        return committed.index, self.proof(decision, committed.index, committed.leaf_hash)

    def proof(self, decision: Decision, index: int, hash_: bytes) -> Proof:
        """Return what proves a recorded decision: the same whenever it is asked for.

        Args:
            decision: The decision.
            index: Its index in the journal.
            hash_: The hash of its leaf, 32 bytes.
        """
        until_s = (decision.time_ms + RECEIPT_DELAY_MS) // 1_000
        receipt = issue_receipt(Receipt(self.origin, index, hash_, until_s), self._signer)
        token = feedback_token(self._token_key, self.origin, index, hash_)
        return Proof(f"{self.origin}/{index}", receipt, token)

    def recorded(self, index: int) -> Decision:
        """Return a recorded decision.

        Raises:
            JournalError: Its body was erased, or this leaf is no decision.
            RecordError: The record is not what it should be.
        """
        return decode_decision(self.journal.record(index))

    def activation(self, index: int) -> int | None:
        """Return the activation under which a decision was made; None where no assembly activated.

        Raises:
            JournalError: There is no such leaf.
        """
        leaf = decode_leaf(self.journal.leaf(index))
        return leaf.activation if isinstance(leaf, DecisionLeaf) else None

    def leaf_hash(self, index: int) -> bytes:
        """Return the hash of a leaf, 32 bytes.

        Raises:
            JournalError: There is no such leaf.
        """
        return leaf_hash(self.journal.leaf(index))

    def index_by(self, token: bytes) -> int:
        """Return the index of the decision that a feedback token was given out for.

        Raises:
            RecordError: TOKEN_MALFORMED; TOKEN_FOREIGN: this journal gave it out for none.
            JournalError: The journal cannot be read.
        """
        index = token_index(token)
        if index >= self.journal.count:
            raise RecordError("TOKEN_FOREIGN", index=index)
        check_token(token, self._token_key, self.origin, self.leaf_hash(index))
        return index

    def index_of(self, decision_id: str) -> int:
        """Return the index in a decision id of this journal.

        Raises:
            RequestError: DECISION_UNKNOWN: there is no such decision here.
        """
        origin, _, text = decision_id.rpartition("/")
        well_formed = text.isascii() and text.isdigit() and len(text) < 16 and str(int(text)) == text
        if origin != self.origin or not well_formed or int(text) >= self.journal.count:
            raise RequestError("DECISION_UNKNOWN", field="decision_id", origin=self.origin)
        if not isinstance(decode_leaf(self.journal.leaf(int(text))), DecisionLeaf):
            raise RequestError("DECISION_UNKNOWN", field="decision_id", origin=self.origin)
        return int(text)

    def newest(self) -> Iterator[tuple[int, DecisionLeaf]]:
        """Yield the leaves of decisions with their indexes, the newest first."""
        for index in range(self.journal.count - 1, -1, -1):
            leaf = decode_leaf(self.journal.leaf(index))
            if isinstance(leaf, DecisionLeaf):
                yield index, leaf
