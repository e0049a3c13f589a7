"""`rankd minutes`: enter what was signed into the minutes, and have bodies erased."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.entries import EntryKind, Erasure
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.signing import open_entry
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.words.assembly_desk import DESK
from rankd.core.words.assembly_terms import KINDS
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.answer import refusals, write_json
from rankd.edge.cli.govern.assembly_init import KEYS
from rankd.edge.cli.govern.assembly_record import assembly_time
from rankd.edge.cli.govern.member import ReasonOption
from rankd.edge.cli.govern.minutes_fetch import HELP, fetch
from rankd.edge.cli.govern.signing_desk import Desk, key_of_kind, signing
from rankd.edge.cli.input_files import read_entry
from rankd.edge.cli.keys import PassphraseFileOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.moment import clock_ms
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.passphrase import known_passphrase
from rankd.store.key_file import MINUTES_PASSPHRASE
from rankd.store.record_folder import MINUTES
from rankd.usecases.govern.keeper import RECORD, Keeper, Submitted

app = typer.Typer(
    no_args_is_help=True,
    help=said("Tenir le procès-verbal.", "Keep the minutes."),
)


@dataclass(frozen=True, slots=True)
class _Given:
    """An entry that is to be entered: its file, its bytes, and its kind."""

    file: Path
    data: bytes
    kind: EntryKind


@app.command(help=said("Inscrire au procès-verbal ce qui a été signé.", "Enter what was signed into the minutes."))
def append(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help=said(
                "Les entrées signées, dans l’ordre; sans elles, le dossier public est mis à jour.",
                "The signed entries, in order; without them, the public record is brought up to date.",
            )
        ),
    ] = None,
    home: Annotated[
        Path,
        typer.Option("--home", envvar="RANKD_HOME", help=said("Le dossier du secrétariat.", "The secretary’s home.")),
    ] = Path(),
    log_key: Annotated[
        Path | None,
        typer.Option("--log-key", envvar="RANKD_LOG_KEY", help=said("La clé du procès-verbal.", "The minutes’ key.")),
    ] = None,
    mark: Annotated[
        Path | None,
        typer.Option(
            "--mark", help=said("Le repère de cette clé, si elle est ailleurs.", "Its mark, where it is not beside.")
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            help=said(
                "L’heure (coopérative d’essai) : 2026-03-01T12:00Z, ou +3d après la dernière entrée.",
                "The time (development co-op): 2026-03-01T12:00Z, or +3d after the last entry.",
            ),
        ),
    ] = None,
    passphrase_file: PassphraseFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge every entry first; enter all of them, or none where one would be void."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        # Read before anything is opened: a file that is not there stops it all.
        read = [(file, read_entry(file)) for file in files or ()]
        with _keeper(home, log_key, passphrase_file, mark, at, language) as (keeper, time_ms):
            given = _judged(keeper.assembly_at(clock_ms() if time_ms is None else time_ms), read, time_ms, language)
            done = [(entry, keeper.submit(entry.data, time_ms=time_ms)) for entry in given]
            keeper.publish()
            size = keeper.size
    _answer(done, home, size, language, as_json=as_json)


@app.command(help=said("Faire effacer le corps d’entrées (secrétariat).", "Have bodies of entries erased (secretary)."))
@signing
def erase(
    desk: Desk,
    entries: Annotated[
        list[int],
        typer.Argument(
            help=said("Les entrées : arguments ou inscriptions.", "The entries: arguments or registrations.")
        ),
    ],
    reason: ReasonOption = "",
) -> None:
    """Sign an order to erase the bodies of arguments or registrations; the leaves stay."""
    desk.sign(Erasure(desk.co(), tuple(sorted(set(entries))), reason), "secretary")


app.command(help=HELP)(fetch)


@contextmanager
def _keeper(
    home: Path,
    log_key: Path | None,
    passphrase_file: Path | None,
    mark: Path | None,
    at: str | None,
    language: Language,
) -> Iterator[tuple[Keeper, int | None]]:
    """Yield the keeper of a home, and the time that `--at` names; the record then tells up to that time."""
    if not (home / MINUTES).is_dir():
        raise AssemblyError("MINUTES_EMPTY", path=home / MINUTES)
    key = key_of_kind(log_key or home / KEYS / "log.key", "log")
    signer = NoteSigner(
        key.name, key.unlock(known_passphrase(key, passphrase_file, MINUTES_PASSPHRASE, os.environ, language))
    )
    moment: list[int] = []
    beside = key.path.with_name(f"{key.path.name}.mark")
    keeper = Keeper.open(home, signer, mark or beside, lambda: moment[0] if moment else clock_ms(), watch=False)
    with closing(keeper):
        time_ms = assembly_time(at, keeper.assembly_at(0))
        if time_ms is not None:
            moment.append(time_ms)
        yield keeper, time_ms


def _judged(
    assembly: Assembly, read: Sequence[tuple[Path, bytes]], time_ms: int | None, language: Language
) -> list[_Given]:
    """Return the entries that are to be entered, each judged after those before it.

    Raises:
        RankdError: One would be void; its file is named, and every other that would be.
    """
    found, refused = [], []
    for file, data in read:
        now_ms = assembly.time_ms if time_ms is None else max(time_ms, assembly.time_ms)
        if assembly.index_of(sha256(data)) is not None:
            # Entered before: the keeper finds it again.
            found.append(_Given(file, data, open_entry(data).kind))
            continue
        try:
            judged = assembly.judge(data, now_ms)
        except RankdError as error:
            error.about = str(file)
            refused.append(error)
            continue
        assembly.take(Entry(assembly.size, MinutesLeaf(now_ms, judged.kind, judged.about, bytes(32)), data, True))
        found.append(_Given(file, data, judged.kind))
    for other in refused[1:]:
        typer.echo(other.say(language), err=True)
    if refused:
        typer.echo(DESK["nothing_appended"].say(language), err=True)
        raise refused[0]
    return found


def _answer(
    done: Sequence[tuple[_Given, Submitted]], home: Path, size: int, language: Language, *, as_json: bool
) -> None:
    if as_json:
        entries = [
            {
                "file": str(entry.file),
                "index": submitted.index,
                "time_ms": submitted.time_ms,
                "repeated": submitted.repeated,
            }
            for entry, submitted in done
        ]
        write_json({"ok": True, "entries": entries, "size": size, "record": str(home / RECORD)})
        return
    for entry, submitted in done:
        typer.echo(
            DESK["repeated" if submitted.repeated else "appended"].say(
                language,
                file=entry.file,
                index=submitted.index,
                kind=KINDS[entry.kind].say(language),
                time=moment_words(submitted.time_ms, language),
            )
        )
    count = count_words(size, language)
    said_count = {"count": count, "s": plural(size, language)}
    typer.echo(DESK["published"].say(language, path=home / RECORD, **said_count), err=True)
