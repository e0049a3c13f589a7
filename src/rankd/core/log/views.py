"""Two checkpoints of one log, seen at two times or by two people: one history, or not."""

from collections.abc import Sequence

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.proofs import verify_consistency


def is_split_view(a: Checkpoint, b: Checkpoint) -> bool:
    """Tell whether two checkpoints that one log signed are by themselves the proof that it told two stories."""
    return a.origin == b.origin and a.size == b.size and a.root != b.root


def compare_checkpoints(earlier: Checkpoint, later: Checkpoint, consistency: Sequence[bytes] = ()) -> None:
    """Make sure that the log that showed `earlier` went on from there to show `later`.

    Both signatures are verified already. A proof that does not hold may also be a bad proof; a split view and a
    rollback need no proof to be what they are.

    Args:
        earlier: What was seen first.
        later: What was seen after it, or by somebody else.
        consistency: RFC 6962 consistency proof from the size of `earlier` to that of `later`; empty between equal sizes
            and from the empty tree.

    Raises:
        LogError: CHECKPOINT_ORIGIN: two logs; LOG_SPLIT_VIEW: same size, other root; LOG_ROLLED_BACK: `later` is
            smaller; LOG_FORKED: nothing shows that it is a continuation.

    Source: RFC 6962 section 2.1.2; C2SP tlog-checkpoint, “Signatures”.
    """
    if earlier.origin != later.origin:
        raise LogError("CHECKPOINT_ORIGIN", wanted=earlier.origin, found=later.origin)
    if is_split_view(earlier, later):
        raise split_view(earlier, later)
    if later.size < earlier.size:
        raise LogError("LOG_ROLLED_BACK", origin=later.origin, held=earlier.size, found=later.size)
    try:
        verify_consistency(earlier.size, later.size, consistency, earlier.root, later.root)
    except LogError as error:
        raise LogError(
            "LOG_FORKED", origin=later.origin, first=earlier.size, second=later.size, detail=error.reason
        ) from error


def split_view(held: Checkpoint, found: Checkpoint) -> LogError:
    """Return the error that says so."""
    return LogError(
        "LOG_SPLIT_VIEW", origin=found.origin, size=found.size, held=held.root.hex(), found=found.root.hex()
    )
