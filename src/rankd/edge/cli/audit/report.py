"""`rankd report`: verify and replay a journal, and write what it showed as a page for people."""

from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.errors import BundleError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.words.language import Language
from rankd.core.words.report import COMMAND
from rankd.core.words.verify import SAYINGS
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.audit.evidence import (
    CheckpointOption,
    EraserOption,
    KeyOption,
    PathArgument,
    QuorumOption,
    WitnessesOption,
    WitnessOption,
    opened,
    progress,
)
from rankd.edge.cli.audit.replay import EngineChoice, EngineOption, LevelChoice, LevelOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.html.report import report_page
from rankd.store.atomic import write_atomic
from rankd.usecases.audit.report import make_report

app = typer.Typer()


@app.command(
    help=said(
        "Vérifier et rejouer un journal, et écrire une page pour tout le monde : verdict, politiques, exposition.",
        "Verify and replay a journal, and write a page for everybody: verdict, policies, what was shown.",
    )
)
def report(
    path: PathArgument,
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help=said("La page à écrire.", "The page to write."))],
    key: KeyOption = None,
    name_authors: Annotated[
        bool,
        typer.Option(
            "--name-authors",
            help=said("Nommer les auteurs les plus montrés.", "Name the most shown authors."),
        ),
    ] = False,
    level: LevelOption = LevelChoice.MODEL,
    engine: EngineOption = EngineChoice.AUTO,
    witness: WitnessOption = None,
    quorum: QuorumOption = None,
    witnesses: WitnessesOption = None,
    eraser: EraserOption = None,
    checkpoint: CheckpointOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the page; exit 1 where something speaks against the journal, and write none where it cannot be verified."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        if not out.absolute().parent.is_dir():
            # Better now than after an hour of replay.
            raise BundleError("REPORT_UNWRITABLE", path=out, detail=out.absolute().parent)
        with (
            opened(path, key, witness, quorum, eraser, None, checkpoint, witnesses) as case,
            progress(SAYINGS["progress"], language) as tell,
        ):
            found = make_report(
                case.evidence,
                case.trust,
                now_s=case.now_s,
                level=level.value,
                engine=engine.value,
                checkpoints=case.checkpoints,
                progress=tell,
                again=case.again,
            )
        page = report_page(found, language, installed_version("rankd"), name_authors=name_authors)
        try:
            write_atomic(out, page)
        except OSError as error:
            raise BundleError("REPORT_UNWRITABLE", path=out, detail=error.strerror) from error
    good, borrowed = found.replayed.good, found.trust.is_borrowed
    if as_json:
        write_json({"ok": good, "file": str(out), "digest": digest_text(sha256(page)), "key_from_folder": borrowed})
    else:
        typer.echo(COMMAND["written"].say(language, file=out))
        if borrowed:
            typer.echo(COMMAND["borrowed"].say(language), err=True)
        if not good:
            typer.echo(COMMAND["bad"].say(language), err=True)
    if not good:
        raise typer.Exit(REFUSED)
