"""Asking one witness: one question at a time, in a thread of its own, and never for long."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from rankd.core.errors import RankdError, WitnessError
from rankd.core.log.checkpoint import Checkpoint, parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.core.log.witness_answer import MAX_ANSWER_BYTES, read_cosignature, read_held_size
from rankd.core.log.witnessing import AddCheckpoint, Ruling
from rankd.core.words.reasons.reason import Kind
from rankd.store.witness_policy import PolicyWitness

logger = logging.getLogger(__name__)

CLOCK_SKEW_S = 300
"""How far ahead of ours a witness's clock may be."""


class WitnessedLog(Protocol):
    """What is asked of a log that has witnesses. Safe to ask from many threads."""

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint, with the cosignatures that were added to it."""

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """Return the proof between two published sizes; raise a RankdError where there is none."""

    def add_cosignatures(self, note: bytes, *, is_witnessed: bool) -> bool:
        """Publish a checkpoint that carries cosignatures, durably; return whether it is still the newest one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answered.

    Attributes:
        status: The HTTP status.
        body: At most `MAX_ANSWER_BYTES` + 1 bytes of it.
    """

    status: int
    body: bytes


Post: TypeAlias = Callable[[str, bytes, float], Reply]
"""(address, body, seconds) → the answer; an OSError where there is none in time."""


class WitnessAsker:
    """Asks one witness for cosignatures. The questions come from one thread.

    Args:
        witness: Whom.
        log: What it is asked about.
        post: Sends a request.
        clock_s: POSIX seconds.
        patience_s: Seconds that one request may take.

    Attributes:
        name: The witness's.
        failure: Why its last answer does not count; None if it does, or there was none yet.
        failed_count: How often there was such a failure.
    """

    def __init__(
        self, witness: PolicyWitness, log: WitnessedLog, post: Post, clock_s: Callable[[], int], patience_s: float
    ) -> None:
        self.name = witness.name
        self.failure: WitnessError | None = None
        self.failed_count = 0
        self._witness = witness
        self._log = log
        self._post = post
        self._clock_s = clock_s
        self._patience_s = patience_s
        # The size that it holds, as far as we know; it corrects us where we are wrong.
        self._size = 0
        self._given = ("", "")
        self._thread: threading.Thread | None = None

    def line_for(self, text: str) -> str | None:
        """Return the signature line that it gave for this checkpoint; None if its last one is of another."""
        given_for, line = self._given
        return line if given_for == text else None

    def ask(self, note: bytes, checkpoint: Checkpoint, done: Callable[[], None]) -> bool:
        """Begin to ask for a cosignature, unless it still owes the answer to an earlier question.

        Args:
            note: The signed checkpoint.
            checkpoint: What it says.
            done: Is called when `line_for` and `failure` say how it went.

        Returns:
            Whether it is being asked.
        """
        if self._thread is not None and self._thread.is_alive():
            self._fail(WitnessError("WITNESS_UNREACHABLE", name=self.name, detail=f"> {self._patience_s} s"))
            return False
        self._thread = threading.Thread(
            target=self._run, args=(note, checkpoint, done), name=f"witness {self.name}", daemon=True
        )
        self._thread.start()
        return True

    def _run(self, note: bytes, checkpoint: Checkpoint, done: Callable[[], None]) -> None:
        try:
            line = self._question(note, checkpoint)
        except WitnessError as error:
            self._fail(error)
        except OSError as error:
            detail = error.strerror or str(error) or type(error).__name__
            self._fail(WitnessError("WITNESS_UNREACHABLE", name=self.name, detail=detail))
        except RankdError as error:
            # The log itself has no proof to give: its own failure, which it reports by itself.
            logger.warning("no proof for the witness %s (%s)", self.name, error.reason)
        else:
            if line is not None:
                self._given = (checkpoint.text, line)
                self._recover()
        finally:
            done()

    def _question(self, note: bytes, checkpoint: Checkpoint) -> str | None:
        """Return a line that counts; None where the log has grown beyond `checkpoint` for this witness already."""
        for _ in range(2):
            held, size = self._size, checkpoint.size
            proof = self._log.consistency_proof(held, size) if 0 < held < size else ()
            request = AddCheckpoint(held, proof, note).encode()
            reply = self._post(f"{self._witness.url}/add-checkpoint", request, self._patience_s)
            if len(reply.body) > MAX_ANSWER_BYTES:
                raise WitnessError("WITNESS_ANSWER_MALFORMED", name=self.name)
            if reply.status == Ruling.COSIGN.value:
                latest_s = self._clock_s() + CLOCK_SKEW_S
                line = read_cosignature(reply.body, checkpoint.text, self._witness.verifier, latest_s)
                self._size = size
                return line
            if reply.status == Ruling.INCONSISTENT.value:
                raise WitnessError("WITNESS_UNCONVINCED", name=self.name, size=size, held=held)
            if reply.status != Ruling.CONFLICT.value:
                raise WitnessError("WITNESS_DECLINED", name=self.name, status=reply.status)
            self._size = read_held_size(reply.body, self._witness.verifier)
            if self._size == held == size:
                raise WitnessError("WITNESS_UNCONVINCED", name=self.name, size=size, held=held)
            if self._size > size:
                self._check_overtaken(size)
                return None
        raise WitnessError("WITNESS_DECLINED", name=self.name, status=reply.status)

    def _check_overtaken(self, size: int) -> None:
        """Make sure that it holds no more than we published: others may have shown it our newer checkpoints."""
        newest = parse_checkpoint_text(parse_note(self._log.checkpoint()).text).size
        held, self._size = self._size, min(self._size, newest)
        if held > newest:
            raise WitnessError("WITNESS_AHEAD", name=self.name, held=held, size=max(size, newest))

    def _fail(self, failure: WitnessError) -> None:
        self.failed_count += 1
        if self.failure is None or self.failure.reason != failure.reason:
            # What may be evidence against the log, or the witness, is louder than a line that is down.
            level = logging.ERROR if failure.kind is Kind.DATA_LOSS else logging.WARNING
            logger.log(level, "witness %s (%s): %s", self.name, failure.reason, failure)
        self.failure = failure

    def _recover(self) -> None:
        if self.failure is not None:
            logger.info("witness %s cosigns again", self.name)
        self.failure = None
