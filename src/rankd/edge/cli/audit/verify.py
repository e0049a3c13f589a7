"""`rankd verify`: whether a journal, a bundle of it, or a co-op's public record is what its key signed, and sound."""

from pathlib import Path

import typer

from rankd.core.errors import AssemblyError
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
    progress,
)
from rankd.edge.cli.audit.evidence_json import verify_json, write_report
from rankd.edge.cli.audit.evidence_words import verify_lines
from rankd.edge.cli.audit.verdict_json import mandate_json, verdict_json
from rankd.edge.cli.audit.verdict_words import mandate_lines, record_lines
from rankd.edge.cli.audit.verify_record import (
    CounterChoice,
    CounterOption,
    GenesisOption,
    NowOption,
    RecordOption,
    is_record,
    judged_record,
    members_of,
)
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.usecases.audit.verify import verify as verify_evidence

app = typer.Typer()


@app.command(
    help=said(
        "Vérifier un journal ou un paquet : signatures, chaque feuille, chaque corps, effacements, compteurs.",
        "Verify a journal or a bundle: signatures, every leaf, every body, erasures, counters.",
    )
)
def verify(
    path: PathArgument,
    key: KeyOption = None,
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
    """Verify a journal or a record; exit 1 where anything speaks against it, or is missing."""
    language: Language = default_language() if lang is None else lang.value
    if is_record(path, genesis):
        with refusals(language, as_json=as_json):
            _check_options(path, {"--key": key, "--eraser": eraser, "--record": record})
            verdict = judged_record(
                path,
                genesis,
                counter=counter,
                now=now,
                witnesses=witness,
                quorum=quorum,
                policy=witnesses,
                receipts=receipt,
                checkpoints=checkpoint,
            )
        if as_json:
            write_report(verdict_json(verdict, language))
        else:
            for line in record_lines(verdict, language):
                typer.echo(line)
        if not verdict.good:
            raise typer.Exit(REFUSED)
        return
    with (
        refusals(language, as_json=as_json),
        opened(path, key, witness, quorum, eraser, receipt, checkpoint, witnesses) as case,
        progress(SAYINGS["progress"], language) as tell,
    ):
        members = members_of(case.evidence, path, genesis, record, counter=counter, now=now)
        events = EventsCase(case, path, members.observer)
        report = verify_evidence(
            case.evidence,
            case.trust,
            now_s=case.now_s,
            receipts=case.receipts,
            checkpoints=events.checkpoints,
            observe=events.observe,
            progress=tell,
            again=case.again,
        )
        report = members.judge(report, case.evidence)
        events.judge()
        origin, borrowed = case.trust.log.name, case.trust.is_borrowed
    good = report.good and events.good
    if as_json:
        document = verify_json(report, language, key_from_folder=borrowed) | mandate_json(members)
        write_report(document | events_json(events, origin, language) | {"ok": good})
    else:
        lines = verify_lines(report, language, key_from_folder=borrowed)
        for line in (*lines, *mandate_lines(members, language), *events_lines(events, origin, language)):
            typer.echo(line)
    if not good:
        raise typer.Exit(REFUSED)


def _check_options(path: Path, options: dict[str, object]) -> None:
    """Refuse what says nothing about a record: whoever gives it means something else."""
    for option, given in options.items():
        if given:
            raise AssemblyError("MANDATE_OPTION", option=option, path=path)
