"""`rankd features`: count again, from the journal of events, what is counted of people and posts."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bars

from rankd.core.errors import ServiceError
from rankd.core.words.features import REBUILD
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words
from rankd.edge.cli import ordering
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.viewer_words import entries
from rankd.store.rebuild_request import RebuildRequest
from rankd.usecases.serve.features.rebuilding import Rebuilt, held, rebuild_here

app = typer.Typer(
    no_args_is_help=True,
    help=said("Les comptes d’événements que lisent les modèles.", "The counts of events that models read."),
)

DataArgument = Annotated[
    Path | None,
    typer.Argument(
        exists=True,
        file_okay=False,
        help=said("Le dossier de données du service.", "The service’s data directory."),
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help=said(
            "La configuration du service, qui nomme dossier et serveur de comptes.",
            "The service’s configuration, which names directory and server of counts.",
        ),
    ),
]
WaitOption = Annotated[
    int,
    typer.Option(
        "--wait",
        min=0,
        help=said("Secondes à attendre un service en marche.", "Seconds to wait for a running service."),
    ),
]


@app.callback()
def features() -> None:
    """Take the name of the group."""


@app.command(
    help=said("Refaire les comptes à partir du journal des événements.", "Count again from the journal of events.")
)
def rebuild(
    data: DataArgument = None,
    config: ConfigOption = None,
    wait: WaitOption = 600,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count again, here where no service runs, else by the service; exit 1 where that is not done in time."""
    language: Language = default_language() if lang is None else lang.value
    if (data is None) == (config is None):
        raise typer.BadParameter(said("Donnez DATA, ou --config.", "Give DATA, or --config."))
    with refusals(language, as_json=as_json):
        folder, url = _place(data, config)
        try:
            with held(folder), _progress(language) as progress:
                done = rebuild_here(folder, url, ordering.clock_ms, progress)
                # Somebody may have asked a service that is gone.
                RebuildRequest(folder).finish()
        except ServiceError as error:
            if error.reason != "RECORDS_LOCKED":
                raise
        else:
            _answer(done, language, as_json=as_json)
            return
        is_done = _ask(folder, wait, language, as_json=as_json)
    if as_json:
        write_json({"ok": is_done, "by_service": True, "rebuilt": None})
    elif is_done:
        typer.echo(REBUILD["done"].say(language))
    else:
        typer.echo(REBUILD["waits"].say(language, seconds=wait, path=folder))
    if not is_done:
        raise typer.Exit(REFUSED)


def _place(data: Path | None, config: Path | None) -> tuple[Path, str | None]:
    """Return the data directory, and the server that holds the counts."""
    if data is not None:
        return data, os.environ.get("RANKD_FEATURES_URL")
    # Imported here because counting again in a data directory needs nothing that a service needs.
    from rankd.edge.config import read_config

    found = read_config(config, os.environ)
    return found.folders.data, found.features.url


def _ask(folder: Path, wait_s: int, language: Language, *, as_json: bool) -> bool:
    """Ask the service that runs there, and wait; return whether it is done."""
    request = RebuildRequest(folder)
    request.put()
    if not as_json:
        typer.echo(REBUILD["asked"].say(language), err=True)
    until_s = time.monotonic() + wait_s
    while request.is_waiting:
        if time.monotonic() >= until_s:
            return False
        time.sleep(ordering.LOOK_S)
    return True


@contextmanager
def _progress(language: Language) -> Iterator[Callable[[str, int, int], None]]:
    console = Console(stderr=True)
    with Bars(console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def tell(surface: str, done: int, total: int) -> None:
            if surface not in tasks:
                tasks[surface] = bars.add_task(REBUILD["counting"].say(language, surface=surface))
            bars.update(tasks[surface], completed=done, total=total)

        yield tell


def _answer(done: tuple[Rebuilt, ...], language: Language, *, as_json: bool) -> None:
    if as_json:
        rebuilt = [{"surface": one.surface, "layout": one.layout.hex(), "entry_count": one.entry_count} for one in done]
        write_json({"ok": True, "by_service": False, "rebuilt": rebuilt})
        return
    if not done:
        typer.echo(REBUILD["nothing"].say(language))
    for one in done:
        count, ending = count_words(one.entry_count, language), entries(one.entry_count, language)
        typer.echo(REBUILD["done_here"].say(language, surface=one.surface, entries=count, s=ending))
