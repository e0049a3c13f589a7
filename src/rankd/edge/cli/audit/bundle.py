"""`rankd bundle`: put a journal, or a range of it, into one file for an auditor."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.errors import BundleError
from rankd.core.words.bundle import SAYINGS
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.audit.evidence import progress
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.store.evidence import DECISIONS, Evidence, JournalEvidence
from rankd.store.record_folder import RecordFolder
from rankd.usecases.audit.bundle import write_bundle

app = typer.Typer()


@app.command(
    help=said(
        "Mettre un journal dans un seul fichier : feuilles, preuves, corps, politiques et modèles.",
        "Put a journal into one file: leaves, proofs, bodies, policies and models.",
    )
)
def bundle(
    data: Annotated[
        Path,
        typer.Argument(
            exists=True,
            file_okay=False,
            help=said("Le dossier de données du service.", "The service’s data directory."),
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help=said("Le fichier à écrire.", "The file to write."))],
    first: Annotated[int, typer.Option("--from", min=0, help=said("La première feuille.", "The first leaf."))] = 0,
    end: Annotated[
        int | None,
        typer.Option(
            "--to",
            min=0,
            help=said(
                "La feuille après la dernière; sans cela, tout ce qui est publié.",
                "The leaf after the last one; without it, all that is published.",
            ),
        ),
    ] = None,
    since: Annotated[
        list[int] | None,
        typer.Option(
            "--since",
            min=0,
            help=said(
                "La taille d’un point de contrôle antérieur dont prouver la suite.",
                "The size of an earlier checkpoint, to prove that the journal went on from it.",
            ),
        ),
    ] = None,
    witnessed: Annotated[
        bool,
        typer.Option(
            "--witnessed",
            help=said(
                "S’arrêter au dernier point de contrôle qu’assez de témoins ont cosigné.",
                "End at the newest checkpoint that enough witnesses cosigned.",
            ),
        ),
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record",
            exists=True,
            file_okay=False,
            help=said(
                "Le dossier public de la coopérative : joindre son procès-verbal.",
                "The co-op’s public record: put in its minutes as well.",
            ),
        ),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a bundle; exit 1 where the journal lacks what an auditor will miss."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json), progress(SAYINGS["progress"], language) as tell:
        read = partial(_read, data, is_witnessed=witnessed)
        minutes = None if record is None else RecordFolder(record)
        report = write_bundle(read, out, first=first, end=end, since=since or (), progress=tell, minutes=minutes)
    about = report.about
    if as_json:
        write_json(
            {
                "ok": report.complete,
                "file": str(out),
                "origin": about.origin,
                "size": about.size,
                "first": about.first,
                "end": about.end,
                "body_count": report.body_count,
                "missing_count": report.missing_count,
                "later_count": report.later_count,
                "lacks": [{"reason": error.reason, "message": error.say(language)} for error in report.lacks],
            }
        )
    else:
        bodies = count_words(report.body_count, language)
        written = {"file": out, "first": about.first, "end": about.end, "size": about.size, "bodies": bodies}
        typer.echo(SAYINGS["written"].say(language, origin=about.origin, **written))
        if report.later_count:
            count, s = count_words(report.later_count, language), plural(report.later_count, language)
            typer.echo(SAYINGS["later"].say(language, count=count, s=s))
        for error in report.lacks:
            typer.echo(error.say(language), err=True)
        if report.missing_count:
            count = count_words(report.missing_count, language)
            typer.echo(SAYINGS["missing"].say(language, count=count), err=True)
        if report.body_count:
            typer.echo(SAYINGS["private"].say(language), err=True)
    if not report.complete:
        raise typer.Exit(REFUSED)


def _read(data: Path, *, is_witnessed: bool) -> Evidence:
    newest = JournalEvidence(data, DECISIONS)
    if not is_witnessed:
        return newest
    witnessed = newest.witnessed()
    if witnessed is None:
        raise BundleError("BUNDLE_UNWITNESSED", path=data / DECISIONS)
    return witnessed
