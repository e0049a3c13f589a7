"""The co-op's record as every command of the assembly reads it: which folder, which co-op, and what time it is."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.constitution import DEV_PREFIX
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import parse_digest
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.words.language import Language
from rankd.edge.cli.audit.evidence import processors
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.moment import clock_ms, parse_moment
from rankd.edge.cli.options import JsonOption, LangOption, with_options
from rankd.store.record_folder import RecordFolder
from rankd.usecases.audit.leaves import entries_of, said_checkpoint, tree_of
from rankd.usecases.govern.reading import Minutes, read_minutes

_MOST_GENESIS_BYTES = 1_000

RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        envvar="RANKD_RECORD",
        help=said("Le dossier public de la coopérative.", "The co-op’s public record."),
    ),
]
GenesisOption = Annotated[
    str | None,
    typer.Option(
        "--genesis",
        envvar="RANKD_GENESIS",
        help=said(
            "L’empreinte fondatrice, ou le fichier qui la contient.", "The genesis digest, or the file that holds it."
        ),
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        help=said(
            "L’heure qu’il est, pour une coopérative d’essai : 2026-03-01T12:00Z, ou +3d après la dernière entrée.",
            "What time it is, for a development co-op: 2026-03-01T12:00Z, or +3d after the last entry.",
        ),
    ),
]


@dataclass(frozen=True)
class Record:
    """Which record is read, and how the answer is given.

    Attributes:
        record: The folder; None: not named.
        pinned: The genesis digest or its file; None: not named.
        at: The time that `--at` names.
        language: The language of the answer.
        as_json: Whether the answer is JSON.
    """

    record: Path | None
    pinned: str | None
    at: str | None
    language: Language
    as_json: bool

    @cached_property
    def genesis(self) -> bytes:
        """The pinned genesis digest.

        Raises:
            AssemblyError: GENESIS_UNNAMED or GENESIS_MALFORMED.
        """
        if self.pinned is None:
            raise AssemblyError("GENESIS_UNNAMED")
        return read_genesis(self.pinned)

    @cached_property
    def folder(self) -> RecordFolder:
        """The record's folder.

        Raises:
            AssemblyError: RECORD_UNNAMED, or what `RecordFolder` refuses.
        """
        if self.record is None:
            raise AssemblyError("RECORD_UNNAMED")
        return RecordFolder(self.record)

    @cached_property
    def now_ms(self) -> int:
        """What time it is for the co-op: the clock's, or in a development co-op what `--at` names.

        Raises:
            AssemblyError: TIME_NOT_DEV, TIME_MALFORMED, or see `folder`.
        """
        if self.at is None:
            return clock_ms()
        # What the folder says of itself is only believed once its minutes were read: they must bear the same origin.
        if not self.folder.origin.startswith(DEV_PREFIX):
            raise AssemblyError("TIME_NOT_DEV", origin=self.folder.origin)
        return parse_moment(self.at, last_entry_ms(self.folder))

    @cached_property
    def minutes(self) -> Minutes:
        """The minutes, read and verified.

        Raises:
            AssemblyError: See `folder`, `genesis`, `now_ms`, and what `read_minutes` refuses.
        """
        folder, genesis = self.folder, self.genesis
        return read_minutes(folder, genesis, now_s=self.now_ms // 1_000, jobs=processors())

    @cached_property
    def assembly(self) -> Assembly:
        """What the members decided, now.

        A development co-op has no clock: unless `--at` names the time, it is as late as its record tells. Ballots stand
        there only once their vote is over.

        Raises:
            AssemblyError: See `minutes`.
        """
        found = self.minutes.assembly
        found = found.at(max(self.now_ms, found.time_ms))
        while self.at is None and found.is_dev and (close_ms := shown_close_ms(found)) is not None:
            found = found.at(close_ms)
        return found

    @cached_property
    def sound(self) -> Assembly:
        """What the members decided, now, by a record without faults: nothing is signed by any other.

        Raises:
            AssemblyError: RECORD_FAULTY, or see `assembly`.
        """
        faults = self.minutes.faults
        if faults:
            raise AssemblyError("RECORD_FAULTY", count=len(faults), first=faults[0].error.say(self.language))
        return self.assembly

    @property
    def judging_ms(self) -> int:
        """The time at which an entry is judged: no entry is older than the last."""
        return max(self.now_ms, self.assembly.time_ms)


def last_entry_ms(folder: RecordFolder) -> int:
    """Return the time of a record's last entry.

    Raises:
        AssemblyError, LogError: The record cannot be read.
    """
    checkpoint = said_checkpoint(folder)
    if checkpoint.size == 0:
        raise AssemblyError("MINUTES_EMPTY", path=folder.path)
    number, place = divmod(checkpoint.size - 1, TILE_WIDTH)
    return decode_leaf(entries_of(folder, tree_of(folder, checkpoint), number)[place]).time_ms


def shown_close_ms(assembly: Assembly) -> int | None:
    """Return the close of the first vote that is open and whose ballots are shown all the same; None: there is none."""
    if assembly.withheld is not None:
        return None
    votes = [(index, matter.vote) for index, matter in assembly.proposals.items()]
    votes += [(index, intervention.vote) for index, intervention in assembly.interventions.items()]
    closes = [
        vote.close_ms for index, vote in votes if vote is not None and not vote.is_closed and assembly.ballots(index)
    ]
    return min(closes, default=None)


def assembly_time(at: str | None, assembly: Assembly) -> int | None:
    """Return the time that `--at` names for a development co-op; None where it names none.

    Raises:
        AssemblyError: TIME_NOT_DEV or TIME_MALFORMED.
    """
    if at is None:
        return None
    if not assembly.is_dev:
        raise AssemblyError("TIME_NOT_DEV", origin=assembly.origin)
    return parse_moment(at, assembly.time_ms)


def read_genesis(text: str) -> bytes:
    """Return the genesis digest that stands in a text, or in the file of that name.

    Raises:
        AssemblyError: GENESIS_MALFORMED.
    """
    try:
        if not text.startswith("sha256:"):
            with Path(text).open("rb") as file:
                text = file.read(_MOST_GENESIS_BYTES).decode("utf-8", "replace").strip()
        return parse_digest(text)
    except (OSError, ValueError) as error:
        raise AssemblyError("GENESIS_MALFORMED", found=text[:80]) from error


def _record(
    *,
    record: RecordOption = None,
    genesis: GenesisOption = None,
    at: AtOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> Record:
    return Record(record, genesis, at, default_language() if lang is None else lang.value, as_json)


reading = with_options(_record)
"""Gives a command the record that it reads, as its first argument."""
