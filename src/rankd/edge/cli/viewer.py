"""`rankd viewer`: hand a person everything that is held about them, or have it forgotten."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bars

from rankd.core.errors import ErasureError
from rankd.core.records.erasure import MAX_REASON_LENGTH, sign_erasure
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.core.words.viewer import EXPORT, FORGET
from rankd.core.words.visible import visible
from rankd.edge.cli import ordering
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.asking import agreed
from rankd.edge.cli.erase import (
    CodeChoice,
    CodeOption,
    DataArgument,
    KeyOption,
    LogKeyOption,
    MarkOption,
    ReasonOption,
    YesOption,
)
from rankd.edge.cli.keys import PassphraseFileOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.ordering import Given
from rankd.edge.cli.passphrase import known_passphrase, on_terminal
from rankd.edge.cli.viewer_words import entries, export_lines
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.evidence import DECISIONS
from rankd.store.journal.reading import JournalFiles
from rankd.store.key_file import ERASER_PASSPHRASE
from rankd.store.secret_file import create_secret_file
from rankd.usecases.erasing.erasure_order import check_eraser
from rankd.usecases.erasing.published import PublishedEntries
from rankd.usecases.privacy.export import export_document
from rankd.usecases.privacy.finding import Journals, Progress
from rankd.usecases.privacy.forgetting import Left, forget_orders, left_of
from rankd.usecases.privacy.holdings import holdings_of
from rankd.usecases.privacy.person import know
from rankd.usecases.serve.feedback.event_log import EVENTS

app = typer.Typer(
    no_args_is_help=True,
    help=said(
        "Remettre à une personne ce qui est détenu sur elle, ou l’oublier.",
        "Hand a person what is held about them, or forget it.",
    ),
)

_MOST_ROUNDS = 4
_STANDARD_INPUT = "-"

ViewerArgument = Annotated[
    str,
    typer.Argument(
        help=said(
            "L’identifiant de la personne, tel que la plateforme l’envoie; - le lit sur l’entrée standard.",
            "The person’s id as the platform sends it; - reads it from standard input.",
        )
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=said("Écrire dans ce fichier, lisible de vous seul.", "Write to this file, for your eyes only."),
    ),
]


@app.command(
    help=said("Tout ce que rankd détient sur une personne.", "Everything that rankd holds about a person."),
)
def export(
    data: DataArgument,
    viewer: ViewerArgument,
    out: OutOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print everything about a person in words, or as JSON; nothing is changed, and a service may be running."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        with _progress(language) as progress:
            holdings = holdings_of(data, _named(viewer), ordering.clock_ms(), progress)
        if as_json:
            text = json.dumps(export_document(holdings), ensure_ascii=False, indent=2) + "\n"
        else:
            # Ids are the platform's, and may turn the direction of a line, or end it.
            text = "".join(f"{visible(line)}\n" for line in export_lines(holdings, language))
        if out is None:
            typer.echo(text, nl=False)
        else:
            _write(out, text)
            typer.echo(EXPORT["written"].say(language, path=out), err=True)


@app.command(
    help=said(
        "Effacer tout ce que rankd détient sur une personne.", "Erase everything that rankd holds about a person."
    )
)
def forget(
    data: DataArgument,
    viewer: ViewerArgument,
    *,
    key: KeyOption,
    reason: ReasonOption = "",
    code: CodeOption = CodeChoice.REQUEST,
    yes: YesOption = False,
    passphrase_file: PassphraseFileOption = None,
    log_key: LogKeyOption = None,
    mark: MarkOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the orders, hand them to the running service or obey them here, and look again until nothing is left."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        if not 0 < len(reason) <= MAX_REASON_LENGTH:
            raise ErasureError("ERASE_REASON")
        eraser = ordering.key_of(key, "eraser")
        erasers = check_eraser(PublishedEntries(JournalFiles(data / DECISIONS)), eraser.public)
        person = know(data, _named(viewer))
        # What was erased a moment ago is gone from the files once it is published.
        _settled(data)
        with _progress(language) as progress:
            left = left_of(Journals(data, progress), person)
        if left and not as_json:
            typer.echo(_say("about", left, language), err=True)
        if left and not yes and on_terminal() and not agreed(FORGET["confirm"].say(language), language):
            typer.echo(FORGET["stopped"].say(language), err=True)
            raise typer.Exit(REFUSED)
        private = eraser.unlock(known_passphrase(eraser, passphrase_file, ERASER_PASSPHRASE, os.environ, language))
        # Before anything is ordered: a passphrase may be wrong.
        log = ordering.log_of(data, log_key, mark, language)
        inbox, journals = ErasureInbox(data), Journals(data)
        orders: list[Given] = []
        decisions: set[int] = set()
        events: set[int] = set()
        is_settled = False
        for _ in range(_MOST_ROUNDS):
            # What was under way while the last round was obeyed, or not published yet, is found by the next one.
            decisions.update(left.decisions)
            events.update(left.events)
            now_ms = ordering.clock_ms()
            wanted = forget_orders(journals, left, code.value, reason, now_ms)
            digests = [inbox.put(sign_erasure(order, private)) for order in wanted]
            orders += ordering.given(data, inbox, digests, log, erasers, now_ms, always=True)
            is_settled = all(order.state == "obeyed" for order in orders) and _settled(data)
            if not is_settled:
                break
            left = left_of(journals, person)
            if not left:
                break
    everything = Left(tuple(decisions), tuple(events))
    _answer(everything, orders, data, language, is_settled=is_settled, as_json=as_json)
    if any(order.state == "refused" for order in orders):
        raise typer.Exit(REFUSED)


def _named(viewer: str) -> str:
    return sys.stdin.readline().rstrip("\r\n") if viewer == _STANDARD_INPUT else viewer


def _write(path: Path, text: str) -> None:
    try:
        create_secret_file(path, text.encode())
    except OSError as error:
        raise ErasureError("EXPORT_UNWRITABLE", path=path, detail=error.strerror or error) from error


@contextmanager
def _progress(language: Language) -> Iterator[Progress]:
    console = Console(stderr=True)
    with Bars(console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = {name: bars.add_task(f"{EXPORT['searching'].say(language)} {name}") for name in (DECISIONS, EVENTS)}
        yield lambda name, done, total: bars.update(tasks[name], completed=done, total=total)


def _settled(data: Path) -> bool:
    """Wait a moment until everything that is committed now is published; return whether it is."""
    journals = Journals(data)
    wanted = {}
    for name in (DECISIONS, EVENTS):
        reach = journals.reach(name)
        wanted[name] = reach.size + reach.unpublished_count
    until_s = time.monotonic() + ordering.PATIENCE_S
    while any(journals.reach(name).size < size for name, size in wanted.items()):
        if time.monotonic() > until_s:
            return False
        time.sleep(ordering.LOOK_S)
    return True


def _say(name: str, left: Left, language: Language) -> str:
    decisions, events = len(left.decisions), len(left.events)
    return FORGET[name].say(
        language,
        decisions=count_words(decisions, language),
        s=plural(decisions, language),
        events=count_words(events, language),
        z=entries(events, language),
    )


def _answer(
    left: Left, orders: Sequence[Given], data: Path, language: Language, *, is_settled: bool, as_json: bool
) -> None:
    states = {order.state for order in orders}
    if as_json:
        write_json(
            {
                "ok": "refused" not in states,
                "done": is_settled,
                "decisions": len(left.decisions),
                "events": len(left.events),
                "orders": [{"digest": one.digest, "state": one.state, "entry": one.entry} for one in orders],
            }
        )
        return
    if "refused" in states:
        typer.echo(FORGET["refused"].say(language))
    elif "waiting" in states:
        typer.echo(FORGET["waits"].say(language, path=data))
    elif not is_settled:
        typer.echo(FORGET["unsettled"].say(language))
    elif left:
        typer.echo(_say("done", left, language))
    else:
        typer.echo(FORGET["nothing"].say(language))
    typer.echo(FORGET["future"].say(language))
