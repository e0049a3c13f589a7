"""`rankd verify`: whether a journal, or a bundle of it, is what its key signed, and whether it is sound."""

import typer

from rankd.core.words.language import Language
from rankd.core.words.verify import SAYINGS
from rankd.edge.cli.answer import REFUSED, refusals
from rankd.edge.cli.evidence import (
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
from rankd.edge.cli.evidence_json import verify_json, write_report
from rankd.edge.cli.evidence_words import verify_lines
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.policy import JsonOption, LangOption
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
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify a journal; exit 1 where anything speaks against it, or is missing."""
    language: Language = default_language() if lang is None else lang.value
    with (
        refusals(language, as_json=as_json),
        opened(path, key, witness, quorum, eraser, receipt, checkpoint, witnesses) as case,
        progress(SAYINGS["progress"], language) as tell,
    ):
        report = verify_evidence(
            case.evidence,
            case.trust,
            now_s=case.now_s,
            receipts=case.receipts,
            checkpoints=case.checkpoints,
            progress=tell,
            again=case.again,
        )
        borrowed = case.trust.is_borrowed
    if as_json:
        write_report(verify_json(report, language, key_from_folder=borrowed))
    else:
        for line in verify_lines(report, language, key_from_folder=borrowed):
            typer.echo(line)
    if not report.good:
        raise typer.Exit(REFUSED)
