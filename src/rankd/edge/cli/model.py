"""`rankd model`: train, seal, evaluate and show models."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bars
from rich.table import Table

from rankd.core.exact.canonical import digest_text
from rankd.core.words.language import Language
from rankd.core.words.learn import CARD, SAYINGS
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption, Spoken
from rankd.forest.manifest import Manifest
from rankd.store.model_folder import read_model_folder
from rankd.usecases.learn.card import feature_row, figure_row, head_row
from rankd.usecases.learn.definitions import MAIN_SCENE
from rankd.usecases.learn.refusal import LearnError

app = typer.Typer(
    no_args_is_help=True,
    help=said("Entraîner, sceller, évaluer et lire des modèles.", "Train, seal, evaluate and read models."),
)

_PIPE_WIDTH = 140
_DATA_SET = "kuairand-pure"

ModelArgument = Annotated[Path, typer.Argument(help=said("Le dossier du modèle scellé.", "The sealed model’s folder."))]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help=said(
            "Le dossier des données; sinon RANKD_DATA, puis ../shared/data.",
            "The data folder; else RANKD_DATA, then ../shared/data.",
        ),
    ),
]
OutOption = Annotated[Path, typer.Option("--out", help=said("Le dossier à écrire.", "The folder to write."))]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help=said("Remplacer le dossier s’il existe.", "Replace the folder if it exists."))
]
ThreadsOption = Annotated[
    int,
    typer.Option(
        "--threads",
        min=1,
        help=said(
            "Nombre de fils d’exécution; le résultat n’en dépend pas.",
            "Number of threads; the result does not depend on it.",
        ),
    ),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help=said("Premier jour, AAAA-MM-JJ.", "First day, YYYY-MM-DD."))
]
ToOption = Annotated[str | None, typer.Option("--to", help=said("Dernier jour, AAAA-MM-JJ.", "Last day, YYYY-MM-DD."))]


@app.command(
    help=said("Entraîner : des affichages à un dossier de travail.", "Train: impressions to a working folder.")
)
def train(
    out: OutOption,
    data: DataOption = None,
    threads: ThreadsOption = 1,
    replace: ReplaceOption = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train, calibrate and judge every head, and leave a working folder for `seal`."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        workshop = _workshop()
        with _progress(language) as progress:
            workshop.train_folder(_data_folder(data), out, threads=threads, replace=replace, progress=progress)
        if as_json:
            write_json({"ok": True, "folder": str(out)})
        else:
            typer.echo(SAYINGS["trained"].say(language, folder=out))


@app.command(help=said("Sceller un dossier de travail.", "Seal a working folder."))
def seal(
    working: Annotated[Path, typer.Argument(help=said("Le dossier de travail.", "The working folder."))],
    out: OutOption,
    replace: ReplaceOption = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Round the leaves, write card, licence and manifest, and check the result as a stranger would."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        model = _workshop().seal_folder(working, out, replace=replace)
        digest = digest_text(model.manifest.digest)
        if as_json:
            write_json({"ok": True, "folder": str(out), "model_digest": digest})
        else:
            typer.echo(SAYINGS["sealed"].say(language, folder=out))
            typer.echo(digest)


@app.command(help=said("Juger un modèle scellé sur des données.", "Judge a sealed model on data."))
def evaluate(
    model: ModelArgument,
    data: DataOption = None,
    first: FromOption = None,
    last: ToOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print figures per head; exit 1 where they differ from those that the manifest records for the same days."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        if (first is None) != (last is None):
            raise typer.BadParameter(said("--from et --to vont ensemble.", "--from and --to go together."))
        days = None if first is None else (first, last)
        folder = _data_folder(data)
        typer.echo(SAYINGS["reading"].say(language, folder=folder), err=True)
        evaluation = _workshop().evaluate_folder(model, folder, days)
        if as_json:
            write_json({"ok": evaluation.agrees is not False} | evaluation.as_json())
        else:
            _write_evaluation(evaluation.heads, evaluation.days, language)
        if evaluation.agrees is not None:
            typer.echo(SAYINGS["agrees" if evaluation.agrees else "differs"].say(language), err=True)
        if evaluation.agrees is False:
            raise typer.Exit(REFUSED)


@app.command(help=said("Montrer un modèle scellé.", "Show a sealed model."))
def show(model: ModelArgument, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Print digest, heads and features of a sealed model, after checking every byte of it."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        manifest = read_model_folder(model).manifest
        if as_json:
            write_json(_manifest_json(manifest))
            return
        typer.echo(f"{SAYINGS['digest'].say(language)} : {digest_text(manifest.digest)}")
        typer.echo(f"{SAYINGS['surface'].say(language)} : {manifest.surface}")
        _write_table(
            CARD["heads_columns"].say(language),
            [head_row(head, manifest.training, language) for head in manifest.heads],
        )
        _write_table(
            CARD["features_columns"].say(language), [feature_row(feature, language) for feature in manifest.features]
        )


def _workshop() -> ModuleType:
    # Imported here because reading a model (`show`) must work where the training libraries are not installed.
    try:
        from rankd.usecases.learn import workshop
    except ModuleNotFoundError as error:
        raise LearnError("TRAINING_NOT_INSTALLED", package=error.name) from error
    return workshop


def _language(lang: Spoken | None) -> Language:
    if lang is None:
        return default_language()
    return "fr" if lang is Spoken.FR else "en"


def _data_folder(named: Path | None) -> Path:
    folder = named or Path(os.environ.get("RANKD_DATA") or "../shared/data")
    return folder / _DATA_SET if (folder / _DATA_SET).is_dir() else folder


@contextmanager
def _progress(language: Language) -> Iterator[Any]:
    with Bars(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(SAYINGS[step].say(language), total=total)
            bars.update(tasks[step], completed=done)

        yield tell


def _manifest_json(manifest: Manifest) -> dict[str, Any]:
    return {
        "ok": True,
        "model_digest": digest_text(manifest.digest),
        "surface": manifest.surface,
        "heads": [
            {
                "objective": head.signal.objective,
                "positives": manifest.training.get("heads", {}).get(head.signal.objective, {}).get("positives"),
                "base_rate_ppb": head.signal.base_rate_ppb,
                "silent": head.silent_reason,
                "digest": digest_text(head.digest),
            }
            for head in manifest.heads
        ],
        "features": [
            {
                "name": feature.name,
                "meaning": {"fr": feature.meaning.fr, "en": feature.meaning.en},
                "unit": feature.unit,
                "default": feature.default_text,
                "nullable": feature.nullable,
                "profiling": feature.profiling,
            }
            for feature in manifest.features
        ],
        "training": dict(manifest.training),
    }


def _write_evaluation(heads: Mapping[str, Any], days: tuple[str, str], language: Language) -> None:
    typer.echo(SAYINGS["judged"].say(language, judge_from=days[0], judge_to=days[1]))
    for scope, title in (("all", "figures_all"), (f"scene_{MAIN_SCENE}", "figures_scene")):
        rows = max(figures[scope]["rows"] for figures in heads.values())
        typer.echo(f"\n{CARD[title].say(language, rows=rows)}")
        lines = [figure_row(objective, figures[scope], language) for objective, figures in heads.items()]
        _write_table(CARD["figures_columns"].say(language), lines)


def _write_table(columns: str, rows: list[list[str]]) -> None:
    table = Table()
    for at, column in enumerate(columns.split(" | ")):
        table.add_column(column, no_wrap=at == 0, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False)
    # A file or a pipe has no width of its own: one that breaks no figure.
    (console if console.is_terminal else Console(markup=False, width=_PIPE_WIDTH)).print(table)
