"""What the auditor brought along, against what the journal shows: receipts of answers, checkpoints seen earlier."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.errors import BundleError, LogError, RankdError
from rankd.core.log.checkpoint import VerifiedCheckpoint, open_checkpoint
from rankd.core.log.note import NoteVerifier
from rankd.core.log.tiles import TileTree
from rankd.core.log.views import compare_checkpoints, is_split_view, split_view
from rankd.core.records.fault import Fault
from rankd.core.records.receipt import Receipt, open_receipt
from rankd.store.evidence import Evidence
from rankd.usecases.audit.leaves import tree_of

Verdict: TypeAlias = Literal["kept", "not_due", "outside", "broken"]


@dataclass(frozen=True, slots=True)
class Brought:
    """A signed note that somebody kept.

    Attributes:
        name: What to call it: its file's name.
        note: The note.
    """

    name: str
    note: bytes


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """Whether the promise of one receipt was kept.

    Attributes:
        name: What to call it.
        receipt: The promise.
        verdict: `outside`: the evidence does not reach so far back.
        fault: What speaks against the journal, where it is `broken`.
    """

    name: str
    receipt: Receipt
    verdict: Verdict
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class CheckpointVerdict:
    """Whether the journal went on from a checkpoint that was seen earlier; see `ReceiptVerdict`."""

    name: str
    size: int
    verdict: Verdict
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class PromiseReport:
    """What became of everything that was promised.

    Attributes:
        receipts: Every receipt that was brought.
        checkpoints: Every checkpoint that was brought.
        faults: What speaks against the journal.
        later_count: Entries that the newest tree at hand has beyond the one that is judged.
    """

    receipts: tuple[ReceiptVerdict, ...]
    checkpoints: tuple[CheckpointVerdict, ...]
    faults: tuple[Fault, ...]
    later_count: int


def judge_promises(
    receipts: Sequence[Brought],
    checkpoints: Sequence[Brought],
    log: NoteVerifier,
    later: Evidence | None,
    tree: TileTree,
    shown: VerifiedCheckpoint,
    now_s: int,
) -> PromiseReport:
    """Judge what was brought by the newest tree that is at hand, and that tree by the one which is shown.

    Args:
        receipts: Receipts, as answers carried them.
        checkpoints: Signed checkpoints.
        log: The key that signed them.
        later: The journal as it went on, where an earlier state is shown.
        tree: The tree of the journal as it is shown.
        shown: What signs this tree.
        now_s: The time of judging, POSIX seconds.

    Raises:
        LogError, RecordError: Something that was brought is not of this log, or the newest checkpoint is not.
    """
    newest, newest_tree, first = shown, tree, tuple[CheckpointVerdict, ...]()
    if later is not None and later.size > tree.size:
        newest = open_checkpoint(later.checkpoint(), log)
        newest_tree = tree_of(later, newest.checkpoint)
        first = tuple(judge_checkpoints([Brought("", shown.note)], log, newest_tree, newest))
    of_receipts = tuple(judge_receipts(receipts, log, newest_tree, newest, now_s))
    of_checkpoints = tuple(judge_checkpoints(checkpoints, log, newest_tree, newest))
    found = [entry.fault for entry in first]
    found += [entry.fault for entry in of_receipts]
    found += [entry.fault for entry in of_checkpoints]
    return PromiseReport(of_receipts, of_checkpoints, tuple(filter(None, found)), newest_tree.size - tree.size)


def judge_receipts(
    receipts: Sequence[Brought], log: NoteVerifier, tree: TileTree, checkpoint: VerifiedCheckpoint, now_s: int
) -> Iterator[ReceiptVerdict]:
    """Yield what became of every receipt.

    Args:
        receipts: Receipts, as answers carried them.
        log: The key that signed them.
        tree: The tree of the journal as it is shown.
        checkpoint: What signs this tree.
        now_s: The time of judging, POSIX seconds: a promise that is not due is not broken.

    Raises:
        LogError, RecordError: Something that was brought is no receipt of this log.
    """
    for brought in receipts:
        with _about(brought):
            receipt = open_receipt(brought.note, log)
        verdict, error = _receipt(receipt, tree, now_s)
        notes = (brought.note, checkpoint.note)
        fault = None if error is None else Fault(error, receipt.index, notes=notes)
        yield ReceiptVerdict(brought.name, receipt, verdict, fault)


def judge_checkpoints(
    brought: Sequence[Brought], log: NoteVerifier, tree: TileTree, shown: VerifiedCheckpoint
) -> Iterator[CheckpointVerdict]:
    """Yield for every checkpoint that was seen earlier whether the journal that is shown went on from it.

    Checkpoints are compared with one another too: two of one size with two roots need no journal to tell.

    Args:
        brought: Signed checkpoints.
        log: The key that signed them.
        tree: The tree of the journal as it is shown.
        shown: What signs this tree.

    Raises:
        LogError: Something that was brought is no checkpoint of this log.
    """
    seen = [shown]
    for entry in brought:
        with _about(entry):
            earlier = open_checkpoint(entry.note, log)
        other = next((one for one in seen if is_split_view(one.checkpoint, earlier.checkpoint)), None)
        seen.append(earlier)
        size = earlier.checkpoint.size
        if other is not None:
            error: LogError | None = split_view(earlier.checkpoint, other.checkpoint)
            verdict: Verdict = "broken"
        else:
            other = shown
            verdict, error = _checkpoint(earlier, tree, shown)
        fault = None if error is None else Fault(error, None, notes=(entry.note, other.note))
        yield CheckpointVerdict(entry.name, size, verdict, fault)


@contextmanager
def _about(brought: Brought) -> Iterator[None]:
    """Have a refusal inside the block say which note it is about: they are many, and the journal has its own."""
    try:
        yield
    except RankdError as error:
        error.about = brought.name
        raise


def _receipt(receipt: Receipt, tree: TileTree, now_s: int) -> tuple[Verdict, RankdError | None]:
    if receipt.index >= tree.size:
        if now_s <= receipt.until_s:
            return "not_due", None
        return "broken", BundleError("RECEIPT_BROKEN", index=receipt.index, size=tree.size, until_s=receipt.until_s)
    try:
        found = tree.hash(0, receipt.index)
    except LogError as error:
        if error.reason == "TILE_MISSING":
            return "outside", None
        return "broken", error
    if found != receipt.leaf_hash:
        wanted = receipt.leaf_hash.hex()
        return "broken", BundleError("RECEIPT_DIFFERS", index=receipt.index, wanted=wanted, found=found.hex())
    return "kept", None


def _checkpoint(
    earlier: VerifiedCheckpoint, tree: TileTree, shown: VerifiedCheckpoint
) -> tuple[Verdict, LogError | None]:
    size = earlier.checkpoint.size
    try:
        if size >= tree.size:
            compare_checkpoints(earlier.checkpoint, shown.checkpoint)
            return "kept", None
        # The tree is at hand, so that nobody needs to be asked for a proof: it has one root at that size.
        root = tree.root_at(size)
    except LogError as error:
        return ("outside", None) if error.reason == "TILE_MISSING" else ("broken", error)
    if root != earlier.checkpoint.root:
        return "broken", LogError("LOG_REWRITTEN", origin=shown.checkpoint.origin, first=size, second=tree.size)
    return "kept", None
