"""`rankd erase`: sign an order to erase decisions, and see that it is obeyed."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import ErasureError, KeyFileError, ServiceError
from rankd.core.log.note import NoteSigner
from rankd.core.records.erasure import sign_erasure
from rankd.core.words.erase import SAYINGS
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.asking import agreed
from rankd.edge.cli.keys import PassphraseFileOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.passphrase import known_passphrase, on_terminal
from rankd.store.epoch import EpochFolder
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.evidence import DECISIONS
from rankd.store.journal.journal import Journal
from rankd.store.journal.reading import JournalFiles
from rankd.store.key_file import ERASER_PASSPHRASE, LOG_PASSPHRASE, KeyFile, KeyKind, read_key
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.erasing.erase import apply_inbox, expired_orders
from rankd.usecases.erasing.erasure_order import Order, check_eraser, write_order
from rankd.usecases.erasing.expiry import Expiry
from rankd.usecases.erasing.published import PublishedEntries

app = typer.Typer()

_SHOWN_RANGES = 5
_PATIENCE_S = 5.0
_LOOK_S = 0.1


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
        if due and (decisions or reason):
            raise ErasureError("ERASE_CONTRADICTION")
        published, now_ms = PublishedEntries(JournalFiles(data / DECISIONS)), _clock_ms()
        eraser = _key(key, "eraser")
        erasers = check_eraser(published, eraser.public)
        order = None if due else write_order(published, decisions or [], code.value, reason, now_ms)
        if order is not None and not as_json:
            _say_what(order, language)
        if order is not None and not yes and on_terminal():
            _confirm(language)
        private = eraser.unlock(known_passphrase(eraser, passphrase_file, ERASER_PASSPHRASE, os.environ, language))
        # Before anything is ordered: a passphrase may be wrong.
        log = _log(data, log_key, mark, language)
        inbox = ErasureInbox(data)
        signed = _due(data, published, private, now_ms) if order is None else [sign_erasure(order.erasure, private)]
        digests = [inbox.put(envelope) for envelope in signed]
        entries = _obey(data, inbox, digests, log, erasers, now_ms) if log is not None and digests else {}
        orders = [_Given(digest, _state(inbox, digest, entries), entries.get(digest)) for digest in digests]
    _answer(order, orders, data, language, as_json=as_json)
    if any(given.state == "refused" for given in orders):
        raise typer.Exit(REFUSED)


@dataclass(frozen=True, slots=True)
class _Given:
    """An order that was given: what became of it, and the entry that holds it where it was obeyed here."""

    digest: str
    state: str
    entry: int | None


def _clock_ms() -> int:
    return time.time_ns() // 1_000_000


def _due(data: Path, published: PublishedEntries, private: Ed25519PrivateKey, now_ms: int) -> Iterator[dict[str, Any]]:
    expiry = Expiry(data, published.files, EpochFolder(data).find_secret)
    return expired_orders(published.checkpoint().origin, expiry, private, now_ms, keep=False)


def _key(path: Path, kind: KeyKind) -> KeyFile:
    key = read_key(path)
    if key.kind != kind:
        raise KeyFileError("KEY_KIND_DIFFERS", file=path, found=key.kind, wanted=kind)
    return key


def _log(data: Path, path: Path | None, mark: Path | None, language: Language) -> tuple[NoteSigner, Path] | None:
    """Return the log key and its mark; None where none is named and the data directory has none of its own."""
    own = data / "keys" / "log.key"
    if path is None and not own.exists():
        return None
    key = _key(path or own, "log")
    private = key.unlock(known_passphrase(key, None, LOG_PASSPHRASE, os.environ, language))
    return NoteSigner(key.name, private), mark or key.path.with_name(f"{key.path.name}.mark")


def _obey(
    data: Path,
    inbox: ErasureInbox,
    digests: Sequence[str],
    log: tuple[NoteSigner, Path],
    erasers: Sequence[bytes],
    now_ms: int,
) -> dict[str, int]:
    """Obey what waits, unless a service holds the journal; return the entry of each order obeyed.

    Raises:
        RankdError: The journal must not be signed for, the disk refuses, or one of the orders `digests` is refused.
    """
    try:
        journal = Journal.open(data / DECISIONS, *log, watch=False)
    except ServiceError as error:
        if error.reason == "RECORDS_LOCKED":
            return {}
        raise
    with closing(journal):
        # Keys of periods are only destroyed here, so how long a period lasts does not matter.
        viewers = PseudonymBook.open(data, period_ms=1)
        outcomes = apply_inbox(inbox, journal, viewers, {key.hex(): key for key in erasers}, now_ms)
    for outcome in outcomes:
        if outcome.error is not None and outcome.digest in digests:
            raise outcome.error
    return {outcome.digest: outcome.index for outcome in outcomes if outcome.index is not None}


def _state(inbox: ErasureInbox, digest: str, entries: Mapping[str, int]) -> str:
    """Return what became of an order; a running service has a few seconds to obey it."""
    until = time.monotonic() + _PATIENCE_S
    while digest not in entries and (state := inbox.state(digest)) != "gone":
        if state == "refused" or time.monotonic() > until:
            return state
        time.sleep(_LOOK_S)
    return "obeyed"


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


def _answer(order: Order | None, orders: Sequence[_Given], data: Path, language: Language, *, as_json: bool) -> None:
    if as_json:
        write_json(
            {
                "ok": all(given.state != "refused" for given in orders),
                "decisions": None if order is None else [list(span) for span in order.erasure.decisions],
                "count": None if order is None else order.live_count,
                "already_erased": None if order is None else order.erased_count,
                "orders": [{"digest": given.digest, "state": given.state, "entry": given.entry} for given in orders],
            }
        )
        return
    if not orders:
        typer.echo(SAYINGS["none_due"].say(language))
    for given in orders:
        name = "obeyed_here" if given.entry is not None else given.state
        typer.echo(SAYINGS[name].say(language, entry=given.entry, path=data))
