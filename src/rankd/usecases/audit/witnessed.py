"""Which state of a data directory is judged: the newest, or the newest that the auditor's own witnesses vouch for."""

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.store.evidence import Evidence, JournalEvidence
from rankd.usecases.audit.trust import Trust


def vouched_for(newest: JournalEvidence, trust: Trust, now_s: int) -> JournalEvidence:
    """Return the newest state with the quorum, of the two that a journal publishes; the newest one if neither has it.

    A busy journal outruns its witnesses: when they have cosigned a checkpoint, there is a newer one.

    Args:
        newest: The journal as it is.
        trust: Witnesses, and how many of them are needed.
        now_s: The time of judging, POSIX seconds.

    Raises:
        JournalError: The disk refuses.
        LogError: A checkpoint is not one that the log key signed.
    """
    if _has_quorum(newest, trust, now_s):
        return newest
    earlier = newest.witnessed()
    return earlier if earlier is not None and _has_quorum(earlier, trust, now_s) else newest


def _has_quorum(evidence: Evidence, trust: Trust, now_s: int) -> bool:
    try:
        open_checkpoint(evidence.checkpoint(), trust.log, trust.witnesses, quorum=trust.quorum, latest_s=now_s)
    except LogError as error:
        if error.reason != "CHECKPOINT_QUORUM":
            raise
        return False
    return True
