"""Which entry of the journal erased a body, when, by whom and why."""

import threading
from dataclasses import dataclass

from rankd.core.records.erasure import open_erasure
from rankd.core.records.leaf import ERASURE_SCHEMA, ErasureLeaf, decode_leaf
from rankd.store.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class Erased:
    """What a body was erased by.

    Attributes:
        index: The entry that erased it.
        time_ms: When the journal obeyed, by the server's clock.
        reason_code: `REQUEST`, `RETENTION`, `COURT` or `OTHER`.
        reason: Why, in words.
        signer: Public key of who signed, in hexadecimal.
    """

    index: int
    time_ms: int
    reason_code: str
    reason: str
    signer: str


class ErasureLedger:
    """The erasures of one journal, read from its entries when they are asked for. Safe to use from many threads.

    The first question reads the whole journal once, later ones what came since.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._read_count = 0
        self._spans: list[tuple[int, int, Erased]] = []

    def find(self, index: int) -> Erased | None:
        """Return the first erasure of an entry's body; None where no entry erases it.

        Raises:
            JournalError, LogError, RecordError: An entry cannot be read.
        """
        with self._lock:
            for at in range(self._read_count, self._journal.count):
                self._read(at, self._journal.leaf(at))
                self._read_count = at + 1
            return next((erased for first, last, erased in self._spans if first <= index <= last), None)

    def _read(self, at: int, data: bytes) -> None:
        # Most entries are decisions, and reading one costs more than looking for a word in it.
        leaf = decode_leaf(data) if ERASURE_SCHEMA.encode() in data else None
        if not isinstance(leaf, ErasureLeaf):
            return
        # The signature is held against the key that the envelope itself names: whether that key may erase was asked
        # when the entry was appended, and is for auditors to ask again.
        named = {entry["keyid"]: bytes.fromhex(entry["keyid"]) for entry in leaf.envelope["signatures"]}
        erasure, signer = open_erasure(leaf.envelope, named)
        erased = Erased(at, leaf.time_ms, erasure.reason_code, erasure.reason, signer)
        self._spans.extend((first, last, erased) for first, last in erasure.decisions)
