"""The log's side of witnessing: show every witness the newest checkpoint, and publish what they cosign.

Nothing here is in the way of ranking, recording or publishing: witnesses are asked about what is published already,
each from a thread of its own.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping

from rankd.core.errors import RankdError, WitnessError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.note import NoteVerifier, add_signature
from rankd.store.witness_policy import WitnessPolicy
from rankd.usecases.witness.witness_asking import Post, WitnessAsker, WitnessedLog

logger = logging.getLogger(__name__)

PATIENCE_S = 5.0


class Witnessing:
    """Has a log's checkpoints cosigned.

    All witnesses of a round are asked about the same checkpoint, so that their cosignatures add up; a log that grows
    all the time would otherwise never have a quorum. What they give is published when there is a quorum, and again at
    the round's end. A witness that is too slow holds up nobody: the next rounds pass it over until it has answered.

    Args:
        log: The log.
        key: The log's key.
        policy: Whose cosignatures count, and how many are needed.
        post: Sends a request.
        clock_s: POSIX seconds.
        patience_s: Seconds that a round waits for its witnesses, and that one request to a witness may take.

    Attributes:
        witnessed_size: The size of the newest checkpoint that a quorum cosigned in this process's time; 0: none yet.

    Raises:
        LogError: WITNESS_REFUSED: the log's own key is among the witnesses'.
    """

    def __init__(
        self,
        log: WitnessedLog,
        key: NoteVerifier,
        policy: WitnessPolicy,
        post: Post,
        clock_s: Callable[[], int],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.witnessed_size = 0
        self._log = log
        self._key = key
        self._policy = policy
        self._patience_s = patience_s
        self._askers = [WitnessAsker(witness, log, post, clock_s, patience_s) for witness in policy.witnesses]
        self._answered: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_short = False
        self._stopped = threading.Event()
        self._watcher: threading.Thread | None = None
        self._cosigners(log.checkpoint())

    @property
    def failed_count(self) -> int:
        """How often a witness was asked and gave no cosignature that counts."""
        return sum(asker.failed_count for asker in self._askers)

    def failures(self) -> Mapping[str, WitnessError]:
        """Return, by its name, why a witness's last answer does not count."""
        return {asker.name: asker.failure for asker in self._askers if asker.failure is not None}

    def watch(self, interval_s: float) -> None:
        """Hold a round every `interval_s` seconds in a thread of its own, until `stop`."""
        if self._watcher is None:
            self._stopped.clear()
            self._watcher = threading.Thread(target=self._watch, args=(interval_s,), name="witnessing", daemon=True)
            self._watcher.start()

    def stop(self) -> None:
        """Stop watching; return when the thread has ended. Close the log after this, not before."""
        if self._watcher is not None:
            self._stopped.set()
            self._answered.put(None)
            self._watcher.join()
            self._watcher = None

    def round(self) -> None:
        """Ask every witness that has not cosigned the newest checkpoint, and publish what they give.

        Raises:
            RankdError: The log cannot publish. A witness that fails raises nothing.
        """
        note = self._log.checkpoint()
        checkpoint = open_checkpoint(note, self._key).checkpoint
        cosigners = self._cosigners(note)
        # Its own queue for each round: a late answer to an earlier one is not counted here.
        answered = self._answered = queue.SimpleQueue[None]()
        waiting = [asker for asker in self._askers if asker.name not in cosigners]
        count = sum(asker.ask(note, checkpoint, lambda: answered.put(None)) for asker in waiting)
        deadline_s = time.monotonic() + self._patience_s
        for _ in range(count):
            try:
                answered.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                break
            if self._stopped.is_set():
                break
            if len(cosigners) < self._policy.quorum:
                note, cosigners = self._publish(note, checkpoint.text, checkpoint.size, self._policy.quorum)
        note, cosigners = self._publish(note, checkpoint.text, checkpoint.size, 1)
        self._report(checkpoint.size, len(cosigners))

    def _publish(self, note: bytes, text: str, size: int, least: int) -> tuple[bytes, set[str]]:
        """Publish a checkpoint with what was given for it so far, if that is more than it has and at least `least`."""
        known = self._cosigners(note)
        longer = note
        for asker in self._askers:
            line = asker.line_for(text)
            if line is not None and asker.name not in known:
                longer = add_signature(longer, line)
        cosigners = self._cosigners(longer)
        is_witnessed = len(cosigners) >= self._policy.quorum
        if is_witnessed:
            self.witnessed_size = max(self.witnessed_size, size)
        if len(cosigners) <= len(known) or len(cosigners) < least:
            return note, known
        self._log.add_cosignatures(longer, is_witnessed=is_witnessed)
        return longer, cosigners

    def _cosigners(self, note: bytes) -> set[str]:
        return {name for name, _ in open_checkpoint(note, self._key, self._policy.verifiers).cosigners}

    def _report(self, size: int, count: int) -> None:
        is_short = count < self._policy.quorum
        if is_short != self._is_short:
            level = logging.WARNING if is_short else logging.INFO
            logger.log(level, "size %d: %d cosignatures, quorum %d", size, count, self._policy.quorum)
        self._is_short = is_short

    def _watch(self, interval_s: float) -> None:
        trouble = ""
        while not self._stopped.wait(interval_s):
            try:
                self.round()
                trouble = ""
            except RankdError as error:
                if error.reason != trouble:
                    trouble = error.reason
                    logger.warning("witnessing failed (%s); it goes on: %s", error.reason, error)
            except Exception:
                # A defect here must not end witnessing, and even less publishing.
                logger.exception("witnessing failed; it goes on")
