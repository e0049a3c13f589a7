"""`rankd erase`: sign an order to erase decisions, and see that it is obeyed."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import ErasureError
from rankd.core.records.erasure import sign_erasure
from rankd.core.words.erase import SAYINGS
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.asking import agreed
from rankd.edge.cli.keys import PassphraseFileOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.ordering import Given, clock_ms, given, key_of, log_of
from rankd.edge.cli.passphrase import known_passphrase, on_terminal
from rankd.store.epoch import EpochFolder
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.evidence import DECISIONS
from rankd.store.journal.reading import JournalFiles
from rankd.store.key_file import ERASER_PASSPHRASE
from rankd.usecases.erasing.erase import expired_orders, old_event_orders
from rankd.usecases.erasing.erasure_order import Order, check_eraser, write_order
from rankd.usecases.erasing.event_expiry import EventExpiry
from rankd.usecases.erasing.expiry import Expiry
from rankd.usecases.erasing.published import PublishedEntries
from rankd.usecases.privacy.finding import has_events
from rankd.usecases.serve.feedback.event_log import EVENTS

app = typer.Typer()

_SHOWN_RANGES = 5


class CodeChoice(StrEnum):
    """The sorts of reasons that `--code` takes."""

    REQUEST = "REQUEST"
    COURT = "COURT"
    OTHER = "OTHER"


DataArgument = Annotated[
    Path,
    typer.Argument(
        exists=True, file_okay=False, help=said("Le dossier de données du service.", "The service’s data directory.")
    ),
]
DecisionsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        help=said(
            "Les décisions : ORIGINE/12, 12, ou 12-40 pour une suite.",
            "The decisions: ORIGIN/12, 12, or 12-40 for a run of them.",
        )
    ),
]
KeyOption = Annotated[Path, typer.Option("--key", help=said("La clé qui efface.", "The eraser’s key."))]
ReasonOption = Annotated[
    str,
    typer.Option(
        "--reason",
        help=said(
            "Pourquoi; tout le monde le lira, donc sans donnée personnelle.",
            "Why; everybody will read it, so without personal data.",
        ),
    ),
]
CodeOption = Annotated[CodeChoice, typer.Option("--code", help=said("La sorte de raison.", "The sort of reason."))]
DueOption = Annotated[
    bool, typer.Option("--due", help=said("Tout ce qui a dépassé sa durée.", "Everything that is past its time."))
]
EventsOption = Annotated[
    int | None,
    typer.Option(
        "--event-s",
        min=1,
        help=said(
            "Avec --due : aussi les événements plus vieux que tant de secondes (retention.event_s).",
            "With --due: events older than so many seconds as well (retention.event_s).",
        ),
    ),
]
YesOption = Annotated[
    bool,
    typer.Option(
        "--yes",
        help=said(
            "Sans demander de confirmation; hors d’un terminal, rien n’est demandé.",
            "Do not ask for confirmation; without a terminal nothing is asked.",
        ),
    ),
]
LogKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--log-key",
        help=said(
            "La clé du journal, pour exécuter l’ordre ici quand le service est arrêté.",
            "The log key, to obey the order here where the service is stopped.",
        ),
    ),
]
MarkOption = Annotated[
    Path | None,
    typer.Option(
        "--mark", help=said("Le repère de cette clé, si elle est ailleurs.", "Its mark, where it is not beside.")
    ),
]


@app.command(
    help=said(
        "Effacer pour de bon le contenu de décisions; le journal garde leur trace.",
        "Erase the bodies of decisions for good; the journal keeps their leaves.",
    )
)
def erase(
    data: DataArgument,
    decisions: DecisionsArgument = None,
    *,
    key: KeyOption,
    reason: ReasonOption = "",
    code: CodeOption = CodeChoice.REQUEST,
    due: DueOption = False,
    event_s: EventsOption = None,
    yes: YesOption = False,
    passphrase_file: PassphraseFileOption = None,
    log_key: LogKeyOption = None,
    mark: MarkOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the order, hand it to the running service, or obey it here; exit 1 where it is refused."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        if (due and (decisions or reason)) or (event_s is not None and not due):
            raise ErasureError("ERASE_CONTRADICTION")
        published, now_ms = PublishedEntries(JournalFiles(data / DECISIONS)), clock_ms()
        eraser = key_of(key, "eraser")
        erasers = check_eraser(published, eraser.public)
        order = None if due else write_order(published, decisions or [], code.value, reason, now_ms)
        if order is not None and not as_json:
            _say_what(order, language)
        if order is not None and not yes and on_terminal():
            _confirm(language)
        private = eraser.unlock(known_passphrase(eraser, passphrase_file, ERASER_PASSPHRASE, os.environ, language))
        # Before anything is ordered: a passphrase may be wrong.
        log = log_of(data, log_key, mark, language)
        inbox = ErasureInbox(data)
        if order is None:
            signed = _due(data, published, private, event_s, now_ms)
        else:
            signed = [sign_erasure(order.erasure, private)]
        digests = [inbox.put(envelope) for envelope in signed]
        orders = given(data, inbox, digests, log, erasers, now_ms)
    _answer(order, orders, data, language, as_json=as_json)
    if any(one.state == "refused" for one in orders):
        raise typer.Exit(REFUSED)


def _due(
    data: Path, published: PublishedEntries, private: Ed25519PrivateKey, event_s: int | None, now_ms: int
) -> list[dict[str, Any]]:
    expiry = Expiry(data, published.files, EpochFolder(data).find_secret)
    orders = list(expired_orders(published.checkpoint().origin, expiry, private, now_ms, keep=False))
    if event_s is not None and has_events(data):
        files = JournalFiles(data / EVENTS)
        origin = PublishedEntries(files).checkpoint().origin
        orders += old_event_orders(origin, EventExpiry(files, 1_000 * event_s), private, now_ms)
    return orders


def _say_what(order: Order, language: Language) -> None:
    erasure, count = order.erasure, order.live_count
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in erasure.decisions[:_SHOWN_RANGES]]
    if len(erasure.decisions) > _SHOWN_RANGES:
        shown.append(SAYINGS["more"].say(language, count=len(erasure.decisions)))
    words = {"count": count_words(count, language), "s": plural(count, language)}
    typer.echo(SAYINGS["about"].say(language, origin=erasure.origin, ranges=", ".join(shown), **words), err=True)
    if order.erased_count:
        count = order.erased_count
        words = {"count": count_words(count, language), "s": plural(count, language)}
        typer.echo(SAYINGS["already"].say(language, **words), err=True)


def _confirm(language: Language) -> None:
    if not agreed(SAYINGS["confirm"].say(language), language):
        typer.echo(SAYINGS["stopped"].say(language), err=True)
        raise typer.Exit(REFUSED)


def _answer(order: Order | None, orders: Sequence[Given], data: Path, language: Language, *, as_json: bool) -> None:
    if as_json:
        write_json(
            {
                "ok": all(one.state != "refused" for one in orders),
                "decisions": None if order is None else [list(span) for span in order.erasure.decisions],
                "count": None if order is None else order.live_count,
                "already_erased": None if order is None else order.erased_count,
                "orders": [{"digest": one.digest, "state": one.state, "entry": one.entry} for one in orders],
            }
        )
        return
    if not orders:
        typer.echo(SAYINGS["none_due"].say(language))
    for one in orders:
        name = "obeyed_here" if one.entry is not None else one.state
        typer.echo(SAYINGS[name].say(language, entry=one.entry, path=data))
