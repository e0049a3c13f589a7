"""`rankd replay`: verify a journal and recompute its decisions from files alone."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from rankd.core.words.language import Language
from rankd.core.words.verify import SAYINGS
from rankd.edge.cli.answer import REFUSED, refusals
from rankd.edge.cli.audit.events import EventsCase
from rankd.edge.cli.audit.events_json import events_json
from rankd.edge.cli.audit.events_words import events_lines
from rankd.edge.cli.audit.evidence import (
    CheckpointOption,
    EraserOption,
    KeyOption,
    PathArgument,
    QuorumOption,
    ReceiptOption,
    WitnessesOption,
    WitnessOption,
    opened,
    processors,
    progress,
)
from rankd.edge.cli.audit.evidence_json import replay_json, write_report
from rankd.edge.cli.audit.evidence_words import replay_lines
from rankd.edge.cli.audit.verdict_json import mandate_json
from rankd.edge.cli.audit.verdict_words import mandate_lines
from rankd.edge.cli.audit.verify_record import (
    CounterChoice,
    CounterOption,
    GenesisOption,
    NowOption,
    RecordOption,
    members_of,
)
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.usecases.audit.replay import replay as replay_evidence

app = typer.Typer()


class EngineChoice(StrEnum):
    """The engines that `--engine` takes."""

    AUTO = "auto"
    REFERENCE = "reference"
    LIGHTGBM = "lightgbm"


class LevelChoice(StrEnum):
    """How far decisions are recomputed."""

    MODEL = "model"
    ARITHMETIC = "arithmetic"


EngineOption = Annotated[
    EngineChoice,
    typer.Option(
        "--engine",
        help=said(
            "Ce qui recalcule les marges : reference (lent, sans LightGBM), lightgbm, ou auto.",
            "What computes margins again: reference (slow, without LightGBM), lightgbm, or auto.",
        ),
    ),
]
LevelOption = Annotated[
    LevelChoice,
    typer.Option(
        "--level",
        help=said(
            "model : tout recalculer; arithmetic : prendre les marges consignées, sans consulter le modèle.",
            "model: recompute everything; arithmetic: take the recorded margins, without consulting the model.",
        ),
    ),
]


@app.command(
    help=said(
        "Vérifier un journal ou un paquet, recalculer ses décisions et comparer au bit près.",
        "Verify a journal or a bundle, recompute its decisions, and compare to the last bit.",
    )
)
def replay(
    path: PathArgument,
    key: KeyOption = None,
    level: LevelOption = LevelChoice.MODEL,
    engine: EngineOption = EngineChoice.AUTO,
    witness: WitnessOption = None,
    quorum: QuorumOption = None,
    witnesses: WitnessesOption = None,
    eraser: EraserOption = None,
    receipt: ReceiptOption = None,
    checkpoint: CheckpointOption = None,
    genesis: GenesisOption = None,
    record: RecordOption = None,
    counter: CounterOption = CounterChoice.FAST,
    now: NowOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute every decision that is not erased; exit 1 where anything differs, is missing or speaks against it."""
    language: Language = default_language() if lang is None else lang.value
    with (
        refusals(language, as_json=as_json),
        opened(path, key, witness, quorum, eraser, receipt, checkpoint, witnesses) as case,
        progress(SAYINGS["progress"], language) as tell,
    ):
        members = members_of(case.evidence, path, genesis, record, counter=counter, now=now)
        events = EventsCase(case, path, members.observer)
        report = replay_evidence(
            case.evidence,
            case.trust,
            now_s=case.now_s,
            level=level.value,
            engine=engine.value,
            receipts=case.receipts,
            checkpoints=events.checkpoints,
            observe=events.observe,
            progress=tell,
            again=case.again,
            jobs=processors(),
        )
        report = replace(report, verified=members.judge(report.verified, case.evidence))
        events.judge()
        origin, borrowed = case.trust.log.name, case.trust.is_borrowed
    good = report.good and events.good
    if as_json:
        document = replay_json(report, language, key_from_folder=borrowed) | mandate_json(members)
        write_report(document | events_json(events, origin, language) | {"ok": good})
    else:
        lines = replay_lines(report, language, key_from_folder=borrowed)
        for line in (*lines, *mandate_lines(members, language), *events_lines(events, origin, language)):
            typer.echo(line)
    if not good:
        raise typer.Exit(REFUSED)
