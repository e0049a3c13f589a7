"""The verdict on a record: everything done again from its files alone, up to a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.matter import Vote
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.note import NoteVerifier
from rankd.core.records.fault import Fault
from rankd.store.evidence import Source
from rankd.store.record_folder import RecordFolder
from rankd.usecases.audit.leaves import tree_of
from rankd.usecases.audit.promises import (
    Brought,
    CheckpointVerdict,
    ReceiptVerdict,
    judge_checkpoints,
    judge_receipts,
)
from rankd.usecases.govern.reading import Minutes, Verified, read_minutes

CounterName: TypeAlias = Literal["fast", "naive", "both"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying minutes found.

    Attributes:
        minutes: The minutes.
        assembly: What follows from them up to the moment of judging.
        counter: What counted the votes.
        faults: What speaks against the minutes, or against what is shown of them.
        receipts: What became of the receipts that were brought.
        checkpoints: Whether the minutes went on from the checkpoints that were brought.
    """

    minutes: Minutes
    assembly: Assembly
    counter: CounterName
    faults: tuple[Fault, ...]
    receipts: tuple[ReceiptVerdict, ...] = ()
    checkpoints: tuple[CheckpointVerdict, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing speaks against the minutes, or who keeps them.

        A void entry changes nothing, and what holds still holds. But who keeps the minutes by the rules refuses what
        would be void, so it should not be there.
        """
        return not self.faults and not self.assembly.voids


def judge_minutes(
    source: Source,
    genesis: bytes,
    *,
    now_ms: int,
    counter: CounterName = "fast",
    jobs: int = 1,
    witnesses: Sequence[NoteVerifier] = (),
    quorum: int = 0,
    receipts: Sequence[Brought] = (),
    checkpoints: Sequence[Brought] = (),
) -> Verdict:
    """Verify minutes from the genesis digest on, and count every vote.

    Args:
        source: What is shown: a record, or the minutes in a bundle.
        genesis: The genesis digest, from elsewhere.
        now_ms: The moment of judging, milliseconds since 1970; never before the last entry.
        counter: What counts; `both` counts twice, by programs written apart, and compares.
        jobs: How many processes verify signatures.
        witnesses: Keys of witnesses.
        quorum: How many of these must have cosigned.
        receipts: Receipts of entries.
        checkpoints: Checkpoints that were seen earlier, or by somebody else.

    Raises:
        RankdError: See `read_minutes`; or something that was brought is not of these minutes.
    """
    now_s, known = now_ms // 1_000, Verified()

    def read(name: str) -> Minutes:
        return read_minutes(
            source, genesis, now_s=now_s, counter=name, jobs=jobs, known=known, witnesses=witnesses, quorum=quorum
        )

    minutes = read("fast" if counter == "both" else counter)
    assembly = _at(minutes, now_ms)
    faults = list(minutes.faults)
    if counter == "both":
        faults += [Fault(error, None) for error in _differences(assembly, _at(read("naive"), now_ms))]
    of_receipts: tuple[ReceiptVerdict, ...] = ()
    of_checkpoints: tuple[CheckpointVerdict, ...] = ()
    if receipts or checkpoints:
        constitution = assembly.constitutions[0]
        log = NoteVerifier.of(constitution.origin, constitution.log_key)
        # A record that was written to meanwhile is judged by what it shows now: it has grown out of that.
        newest = RecordFolder(source.path) if isinstance(source, RecordFolder) else source
        shown = open_checkpoint(newest.checkpoint(), log)
        tree = tree_of(newest, shown.checkpoint)
        of_receipts = tuple(judge_receipts(receipts, log, tree, shown, now_s))
        own = [] if shown.note == minutes.note else [Brought("", minutes.note)]
        of_checkpoints = tuple(judge_checkpoints([*checkpoints, *own], log, tree, shown))
        faults += filter(None, [entry.fault for entry in of_receipts])
        faults += filter(None, [entry.fault for entry in of_checkpoints])
    return Verdict(minutes, assembly, counter, tuple(faults), of_receipts, of_checkpoints[: len(checkpoints)])


def votes_of(assembly: Assembly) -> list[tuple[int, Vote]]:
    """Return every vote that was closed and counted, with the entry behind it, in the order of the closes."""
    votes = [(index, matter.vote) for index, matter in assembly.proposals.items()]
    votes += [(index, intervention.vote) for index, intervention in assembly.interventions.items()]
    counted = [
        (index, vote) for index, vote in votes if vote is not None and vote.result is not None and vote.is_closed
    ]
    return sorted(counted, key=lambda entry: (entry[1].close_ms, entry[0]))


def _at(minutes: Minutes, now_ms: int) -> Assembly:
    return minutes.assembly.at(max(now_ms, minutes.assembly.time_ms))


def _differences(one: Assembly, other: Assembly) -> list[RankdError]:
    """Return for what the two programs did not find the same."""
    found: list[RankdError] = []
    for index in sorted({*one.proposals, *one.interventions, *other.proposals, *other.interventions}):
        if _outcome(one, index) != _outcome(other, index):
            name = f"g{index}" if index in one.interventions else f"p{index}"
            found.append(AssemblyError("COUNTERS_DIFFER", proposal=name))
    return found


def _outcome(assembly: Assembly, index: int) -> object:
    matter, intervention = assembly.proposals.get(index), assembly.interventions.get(index)
    vote = matter.vote if matter is not None else None if intervention is None else intervention.vote
    counted = None if vote is None else (vote.close_ms, vote.before, vote.at_first_close, vote.result)
    history = None if matter is None else (matter.history, matter.activation)
    return history, None if intervention is None else intervention.state, counted
