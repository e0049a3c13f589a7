"""A witness at work: decide, write down, cosign, in this order."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from rankd.core.errors import WitnessError
from rankd.core.log.checkpoint import cosign
from rankd.core.log.note import NoteSigner
from rankd.core.log.witnessing import KnownLogs, Ruling, Verdict, judge
from rankd.store.witness_state import MOST_EVIDENCE, WitnessState

logger = logging.getLogger(__name__)

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What a witness answers.

    Attributes:
        status: The HTTP status.
        kind: The media type of the body.
        body: Signature lines; for a conflict the size that is held; else one sentence for a person.
    """

    status: int
    kind: str
    body: bytes


class Witness:
    """Cosigns what its logs show, as long as it is one history. Safe to ask from many threads.

    Args:
        signer: The witness's key, algorithm COSIGNATURE.
        logs: The logs that it follows.
        state: Its memory, opened for this key; nobody else uses it.
        clock_s: POSIX seconds.

    Attributes:
        vkey: The witness's key as its logs and their verifiers enter it.
        cosigned_count: Cosignatures given since the start.
        refused_count: Requests refused since the start.
        split_view_count: Split views shown since the start.
    """

    def __init__(self, signer: NoteSigner, logs: KnownLogs, state: WitnessState, clock_s: Callable[[], int]) -> None:
        self.vkey = signer.verifier.vkey
        self.cosigned_count = self.refused_count = self.split_view_count = 0
        self._signer = signer
        self._logs = logs
        self._state = state
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._trouble = ""
        self._said: set[str] = set()

    def add_checkpoint(self, data: bytes) -> WitnessAnswer:
        """Answer an add-checkpoint request.

        The new checkpoint is on disk before its cosignature exists. Where the disk refuses, the answer is 503 and
        nothing is signed.

        Source: C2SP tlog-witness, “add-checkpoint”.
        """
        # Deciding and writing down are one step: two requests at a time could take the witness backwards.
        with self._lock:
            try:
                verdict = judge(data, self._logs, self._state.held)
                if verdict.ruling is Ruling.COSIGN and verdict.checkpoint is not None:
                    self._state.advance(verdict.checkpoint, verdict.note)
                    line = cosign(verdict.checkpoint.text, self._signer, self._clock_s())
                    self.cosigned_count += 1
                    self._trouble = ""
                    return WitnessAnswer(verdict.ruling.value, TEXT, line.encode())
                self.refused_count += 1
                self._report(verdict)
            except WitnessError as error:
                self._say_trouble(error)
                return WitnessAnswer(_UNAVAILABLE, TEXT, b"the witness cannot write down what it would sign\n")
        if verdict.ruling is Ruling.CONFLICT:
            return WitnessAnswer(verdict.ruling.value, SIZE, f"{verdict.held_size}\n".encode())
        return WitnessAnswer(verdict.ruling.value, TEXT, f"{verdict.refusal}\n".encode())

    def _report(self, verdict: Verdict) -> None:
        """Keep and say what may be evidence against a log. Only what a known key signed comes this far."""
        if verdict.checkpoint is None or verdict.refusal is None:
            return
        if verdict.split is not None:
            self.split_view_count += 1
            path = self._state.keep_evidence("split-view", verdict.checkpoint, verdict.note)
            # Once for each since the start: whoever has the checkpoint can show it again and again.
            if str(verdict.split) not in self._said and len(self._said) < MOST_EVIDENCE["split-view"]:
                self._said.add(str(verdict.split))
                logger.critical("%s [%s]", verdict.split, "kept before" if path is None else path)
        elif verdict.ruling is Ruling.INCONSISTENT:
            path = self._state.keep_evidence("unproven", verdict.checkpoint, verdict.note)
            if path is not None:
                logger.error("%s [%s]", verdict.refusal, path)

    def _say_trouble(self, error: WitnessError) -> None:
        if self._trouble != str(error):
            self._trouble = str(error)
            logger.error("nothing is cosigned (%s): %s", error.reason, error)
