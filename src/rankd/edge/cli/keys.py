"""`rankd keys`: make keys, in a file or on paper, and show what is public of them."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.identity import member_id
from rankd.core.assembly.key_sheet import SEED_BYTES, write_sheet
from rankd.core.errors import AssemblyError, KeyFileError
from rankd.core.words.keys import ADVICE, KINDS, LABELS, MADE, PROTECTED
from rankd.core.words.language import Language
from rankd.core.words.station import SHEET
from rankd.edge.cli.answer import refusals, write_json
from rankd.edge.cli.govern.paper_key import check_not_on_disk, sheet_lines, typed_key
from rankd.edge.cli.govern.secrecy import leave_no_core
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.passphrase import PASSPHRASE_VARIABLE, known_passphrase, new_passphrase
from rankd.store.key_file import KeyFile, KeyKind, create_key, read_key

app = typer.Typer(
    no_args_is_help=True,
    help=said("Créer des clés, et montrer ce qu’elles ont de public.", "Make keys, and show what is public of them."),
)


class KindChoice(StrEnum):
    """The kinds of keys that `rankd keys new` takes."""

    LOG = "log"
    ERASER = "eraser"
    WITNESS = "witness"
    MEMBER = "member"
    SECRETARY = "secretary"
    GUARDIAN = "guardian"


PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help=said("Le fichier qui contient la phrase de passe.", "The file that holds the passphrase."),
    ),
]


@app.command(help=said("Créer une clé et son fichier.", "Make a key and its file."))
def new(
    kind: Annotated[
        KindChoice,
        typer.Argument(
            help=said(
                "log : signe le journal; eraser : signe les effacements; witness : cosigne; member : propose et vote; "
                "secretary : tient la liste des membres; guardian : peut arrêter un changement.",
                "log: signs the journal; eraser: signs erasures; witness: cosigns; member: proposes and votes; "
                "secretary: keeps the roll of members; guardian: may stop a change.",
            )
        ),
    ],
    path: Annotated[Path, typer.Argument(help=said("Le fichier à créer.", "The file to make."))],
    name: Annotated[
        str,
        typer.Option(
            "--name",
            help=said(
                "log : l’origine du service; witness : son nom; les autres : à qui elle est.",
                "log: the service’s origin; witness: its name; the others: whose it is.",
            ),
        ),
    ],
    passphrase_file: PassphraseFileOption = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help=said("Sans phrase de passe.", "Without a passphrase."))
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key under a passphrase, and print what is public of it; nothing is ever overwritten."""
    language: Language = default_language() if lang is None else lang.value
    wanted: KeyKind = kind.value
    with refusals(language, as_json=as_json):
        passphrase = new_passphrase(passphrase_file, none=no_passphrase, language=language)
        key = create_key(path, wanted, name, passphrase)
        if as_json:
            write_json(_json(key))
            return
        typer.echo(MADE.say(language, file=path), err=True)
        _write(key, language)
        typer.echo(ADVICE[wanted].say(language), err=True)


@app.command(help=said("Montrer ce qu’une clé a de public.", "Show what is public of a key."))
def show(
    path: Annotated[Path, typer.Argument(help=said("Le fichier de la clé.", "The key’s file."))],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print kind, name, public key, vkey and a member's id on the roll; a passphrase is neither asked nor needed."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        key = read_key(path)
        if as_json:
            write_json(_json(key))
        else:
            _write(key, language)


@app.command(help=said("Une clé de membre sur papier.", "A member key on paper."))
def paper(
    source: Annotated[
        Path | None,
        typer.Option("--from", help=said("Imprimer une clé qui est dans un fichier.", "Print a key that has a file.")),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help=said("Taper une feuille, pour voir si elle est juste.", "Type a sheet, to see it is right.")
        ),
    ] = False,
    passphrase_file: PassphraseFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a new member key that is nowhere else, or that of a file; or check a sheet."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        leave_no_core()
        if check and source is not None:
            raise AssemblyError("KEY_SHEET_TWICE", first="--check", second="--from")
        if check:
            public = typed_key(language).public_key().public_bytes_raw()
            told = {"member": member_id(public), "public": public.hex()}
            if as_json:
                write_json({"ok": True, **told})
            else:
                typer.echo(SHEET["checked"].say(language, **told))
            return
        check_not_on_disk()
        private = _private(source, passphrase_file, language)
        if as_json:
            public = private.public_key().public_bytes_raw()
            told = {"member": member_id(public), "public": public.hex()}
            write_json({"ok": True, **told, "lines": list(write_sheet(private.private_bytes_raw()))})
            return
        typer.echo("\n".join(sheet_lines(private, language)))
        typer.echo(SHEET["copied"].say(language), err=True)


def _private(source: Path | None, passphrase_file: Path | None, language: Language) -> Ed25519PrivateKey:
    if source is None:
        return Ed25519PrivateKey.from_private_bytes(os.urandom(SEED_BYTES))
    key = read_key(source)
    if key.kind != "member":
        raise KeyFileError("KEY_KIND_DIFFERS", file=source, found=key.kind, wanted="member")
    return key.unlock(known_passphrase(key, passphrase_file, PASSPHRASE_VARIABLE, os.environ, language))


def _json(key: KeyFile) -> dict[str, Any]:
    return {
        "ok": True,
        "file": str(key.path),
        "kind": key.kind,
        "name": key.name,
        "public": key.public.hex(),
        "vkey": key.vkey,
        "member": member_id(key.public) if key.kind == "member" else None,
        "passphrase": key.protected,
    }


def _write(key: KeyFile, language: Language) -> None:
    said_of = {"kind": KINDS[key.kind].say(language), "name": key.name, "public": key.public.hex()}
    if key.vkey is not None:
        said_of["vkey"] = key.vkey
    if key.kind == "member":
        said_of["member"] = member_id(key.public)
    said_of["passphrase"] = PROTECTED[key.protected].say(language)
    width = max(len(LABELS[label].say(language)) for label in said_of)
    for label, value in said_of.items():
        typer.echo(f"{LABELS[label].say(language):<{width}}  {value}")
