"""Minutes on the command line of `rankd verify` and `rankd replay`: a record by itself, or decisions under it."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.errors import AssemblyError
from rankd.edge.cli.audit.evidence import brought, named_witnesses, processors
from rankd.edge.cli.govern.assembly_record import assembly_time, read_genesis
from rankd.edge.cli.language import said
from rankd.edge.cli.moment import clock_ms
from rankd.store.bundle_file import BundleFile
from rankd.store.evidence import DECISIONS, Evidence
from rankd.store.record_folder import MINUTES, RecordFolder
from rankd.usecases.audit.mandate import Mandate, MandateReport, with_mandate
from rankd.usecases.audit.verify import VerifyReport
from rankd.usecases.govern.verdict import Verdict, judge_minutes


class CounterChoice(StrEnum):
    """What counts votes."""

    FAST = "fast"
    NAIVE = "naive"
    BOTH = "both"


GenesisOption = Annotated[
    str | None,
    typer.Option(
        "--genesis",
        help=said(
            "L’empreinte fondatrice de la coopérative (sha256:…), ou le fichier qui la contient : juger aussi ce que "
            "les membres ont décidé.",
            "The co-op’s genesis digest (sha256:…), or the file that holds it: judge also what the members decided.",
        ),
    ),
]
RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        exists=True,
        file_okay=False,
        help=said(
            "Le dossier public de la coopérative, pour juger des décisions d’après lui.",
            "The co-op’s public record, to judge decisions by it.",
        ),
    ),
]
CounterOption = Annotated[
    CounterChoice,
    typer.Option(
        "--counter",
        help=said(
            "Ce qui recompte les votes : fast, naive (écrit à part, lent), ou both, qui compare les deux.",
            "What counts votes again: fast, naive (written apart, slow), or both, which compares them.",
        ),
    ),
]
NowOption = Annotated[
    str | None,
    typer.Option(
        "--now",
        help=said(
            "L’heure qu’il est, pour une coopérative d’essai seulement : 2026-03-01T12:00Z, ou +3d après la dernière "
            "entrée.",
            "What time it is, for a development co-op only: 2026-03-01T12:00Z, or +3d after the last entry.",
        ),
    ),
]


class Members:
    """The members' minutes beside decisions.

    Args:
        verdict: What was found in them; None: decisions are judged by no minutes.
        is_unread: Whether there are some that nobody asked to be read.

    Attributes:
        observer: Takes the decisions; see `verify`.
        mandate: What they rest on; None: nobody asked, or they were not judged yet.
    """

    def __init__(self, verdict: Verdict | None, *, is_unread: bool) -> None:
        self.verdict, self.is_unread = verdict, is_unread
        self.observer = None if verdict is None else Mandate(verdict.assembly)
        self.mandate: MandateReport | None = None

    def judge(self, report: VerifyReport, evidence: Evidence) -> VerifyReport:
        """Return the journal's report, with what speaks against the minutes and against the decisions under them."""
        if self.verdict is None or self.observer is None:
            return report
        self.observer.check_archive(evidence.archive)
        self.mandate = self.observer.report()
        return with_mandate(report, self.verdict, self.mandate)


def is_record(path: Path, genesis: str | None) -> bool:
    """Tell whether a path is to be judged as a record: it looks like one, or else like nothing that has decisions."""
    if not path.is_dir() or (path / DECISIONS).exists():
        return False
    return (path / MINUTES).exists() or genesis is not None


def judged_record(
    path: Path,
    genesis: str | None,
    *,
    counter: CounterChoice,
    now: str | None,
    witnesses: Sequence[str] | None = None,
    quorum: int | None = None,
    policy: Path | None = None,
    receipts: Sequence[Path] | None = None,
    checkpoints: Sequence[Path] | None = None,
) -> Verdict:
    """Return the verdict on a record by itself.

    Raises:
        AssemblyError: GENESIS_REQUIRED, GENESIS_MALFORMED, TIME_NOT_DEV, TIME_MALFORMED, or see `judge_minutes`.
        BundleError, LogError, WitnessError: What names the witnesses, or what was brought, is refused.
    """
    if genesis is None:
        raise AssemblyError("GENESIS_REQUIRED", path=path)
    pinned, (keys, wanted) = read_genesis(genesis), named_witnesses(witnesses, quorum, policy)
    of_receipts, of_checkpoints = (tuple(map(brought, paths or ())) for paths in (receipts, checkpoints))

    def judge(now_ms: int) -> Verdict:
        return judge_minutes(
            RecordFolder(path),
            pinned,
            now_ms=now_ms,
            counter=counter.value,
            jobs=processors(),
            witnesses=keys,
            quorum=wanted,
            receipts=of_receipts,
            checkpoints=of_checkpoints,
        )

    return _judged(judge, now)


def members_of(
    evidence: Evidence,
    path: Path,
    genesis: str | None,
    record: Path | None,
    *,
    counter: CounterChoice,
    now: str | None,
) -> Members:
    """Return the minutes by which decisions are judged.

    Args:
        evidence: The decisions.
        path: Where they are from.
        genesis: The genesis digest, or its file; None: decisions are judged by no minutes.
        record: The record; None: the minutes that the evidence carries.
        counter: What counts.
        now: What time it is, for a development co-op.

    Raises:
        AssemblyError: GENESIS_REQUIRED, MANDATE_MINUTES, or see `judged_record`.
    """
    carried = evidence.minutes if isinstance(evidence, BundleFile) else None
    if genesis is None:
        if record is not None:
            raise AssemblyError("GENESIS_REQUIRED", path=record)
        return Members(None, is_unread=carried is not None)
    if record is None and carried is None:
        raise AssemblyError("MANDATE_MINUTES", path=path)
    pinned = read_genesis(genesis)

    def judge(now_ms: int) -> Verdict:
        source = RecordFolder(record) if record is not None else carried
        if source is None:
            raise AssertionError("unreachable: one of the two is there")
        return judge_minutes(source, pinned, now_ms=now_ms, counter=counter.value, jobs=processors())

    return Members(_judged(judge, now), is_unread=False)


def _judged(judge: Callable[[int], Verdict], now: str | None) -> Verdict:
    """Judge at the clock's time, or where a development co-op is told another, at that."""
    verdict = judge(clock_ms())
    given = assembly_time(now, verdict.minutes.assembly)
    return verdict if given is None else judge(given)
