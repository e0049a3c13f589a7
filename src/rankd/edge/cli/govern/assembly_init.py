"""`rankd assembly init`: found a co-op."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.constitution import DEV_PREFIX
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.constitution_template import fill_constitution
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.signing import open_registration
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import CanonicalError, digest_text, parse_canonical
from rankd.core.log.note import NoteSigner
from rankd.core.words.assembly_init import ASKS, INIT
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.core.words.quantity import count_words, plural
from rankd.core.words.usage import QUESTION
from rankd.edge.cli.answer import refusals, write_json
from rankd.edge.cli.govern.signing_desk import key_of_kind
from rankd.edge.cli.input_files import read_entry
from rankd.edge.cli.keys import PassphraseFileOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.moment import clock_ms, parse_moment
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.passphrase import PASSPHRASE_VARIABLE, known_passphrase, on_terminal
from rankd.store.atomic import write_atomic
from rankd.store.constitution_folder import read_constitution_template
from rankd.store.key_file import MINUTES_PASSPHRASE, KeyFile, KeyKind, create_key, read_key
from rankd.store.policy_folder import read_policy_bytes
from rankd.store.record_folder import MINUTES
from rankd.usecases.audit.trust import read_erasers
from rankd.usecases.govern.founding import check_matches, read_surface, sign_founding, sign_registration
from rankd.usecases.govern.keeper import RECORD, Keeper

KEYS, CONSTITUTION_FILE, GENESIS_FILE = "keys", "constitution.yaml", "genesis"
_PUBLIC = re.compile(r"[0-9a-fA-F]{64}")
DEV_FOUNDERS = 3
"""A trial has so many founders unless it is told whom."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be founded.

    Attributes:
        text: The constitution.
        is_filled: Whether lines of a file that was given were filled.
        log: The minutes' key.
        secretary: The secretary's key that signs.
        secretaries: The public keys of all secretaries that the command line names, this one among them.
        founders: Registrations.
        member_keys: Key files that were made for founders of a trial.
    """

    text: bytes
    is_filled: bool
    log: KeyFile
    secretary: KeyFile
    secretaries: tuple[bytes, ...]
    founders: tuple[bytes, ...]
    member_keys: tuple[KeyFile, ...]


def init(
    home: Annotated[Path, typer.Argument(help=said("Le dossier à faire.", "The folder to make."))],
    origin: Annotated[
        str | None,
        typer.Option("--origin", help=said("Le nom de la coopérative pour rankd.", "The co-op’s name for rankd.")),
    ] = None,
    constitution: Annotated[
        Path | None,
        typer.Option(
            "--constitution",
            help=said(
                "La constitution, ses lignes en capitales remplies ou non; sans elle, le modèle fourni.",
                "The constitution, its lines in capitals filled or not; without it, the template.",
            ),
        ),
    ] = None,
    log_key: Annotated[
        Path | None,
        typer.Option("--log-key", help=said("La clé du procès-verbal (log).", "The minutes’ key (log).")),
    ] = None,
    secretary: Annotated[
        list[str] | None,
        typer.Option(
            "--secretary",
            help=said(
                "La clé d’une secrétaire : un fichier, ou sa clé publique; répétable. Le premier fichier signe.",
                "A secretary’s key: a file, or her public key; repeatable. The first file signs.",
            ),
        ),
    ] = None,
    guardian: Annotated[
        list[str] | None,
        typer.Option(
            "--guardian",
            help=said(
                "La clé d’un gardien : un fichier, ou sa clé publique; répétable.",
                "A guardian’s key: a file, or the public key; repeatable.",
            ),
        ),
    ] = None,
    needed: Annotated[
        int | None,
        typer.Option("--needed", min=0, help=said("Combien de gardiens il faut.", "How many guardians it takes.")),
    ] = None,
    founder: Annotated[
        list[Path] | None,
        typer.Option(
            "--founder",
            help=said("L’inscription d’une personne fondatrice; répétable.", "A founder’s registration; repeatable."),
        ),
    ] = None,
    surface: Annotated[
        list[str] | None,
        typer.Option(
            "--surface",
            help=said(
                "Ce qu’adopte une surface : video=POLITIQUE.yaml:MODÈLE; répétable.",
                "What a surface adopts: video=POLICY.yaml:MODEL; repeatable.",
            ),
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help=said("L’heure de la fondation (dev.).", "The time of the founding (dev.).")),
    ] = None,
    passphrase_file: PassphraseFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the founding, begin the minutes and their public record, and say what members must pin."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        if (home / MINUTES).exists():
            raise AssemblyError("HOME_NOT_EMPTY", path=home)
        named = origin or _ask("origin", language)
        is_asking = origin is None
        if not named:
            raise AssemblyError("TEXT_NEEDED", what="--origin")
        is_dev = named.startswith(DEV_PREFIX)
        if at is not None and not is_dev:
            raise AssemblyError("TIME_NOT_DEV", origin=named)
        time_ms = clock_ms() if at is None else parse_moment(at, clock_ms())
        if not is_dev:
            log_key = log_key or _ask_path("log_key", language)
            secretary = secretary or [text for text in (_ask("secretary", language),) if text]
            founder = founder or [Path(text) for text in _ask_all("founder", language)]
        if is_asking:
            constitution = constitution or _ask_path("constitution", language)
            surface = surface or _ask_all("surface", language)
        adopted = [read_surface(text) for text in surface or ()]
        guardians = [_public(text, "guardian") for text in guardian or ()]
        home.mkdir(parents=True, exist_ok=True)
        plan = _plan(home, named, language, constitution, log_key, secretary or (), guardians, needed, founder or ())
        read = read_constitution(plan.text, str(constitution or home / CONSTITUTION_FILE))
        check_matches(read, named, plan.log.public, plan.secretaries, guardians, needed)
        documents = [_document(data) for data in plan.founders]
        members = [member_id(open_registration(document, named)) for document in documents]
        private = _unlock(plan.secretary, passphrase_file, PASSPHRASE_VARIABLE, language)
        founded = sign_founding(plan.text.decode("utf-8"), documents, adopted, private)
        signer = NoteSigner(named, _unlock(plan.log, None, MINUTES_PASSPHRASE, language))
        mark = plan.log.path.with_name(f"{plan.log.path.name}.mark")
        genesis = digest_text(founded.genesis)
        # First what members pin: whatever happens from here on, minutes without it are not there.
        write_atomic(home / CONSTITUTION_FILE, plan.text)
        write_atomic(home / GENESIS_FILE, f"{genesis}\n".encode())
        Keeper.found(home, signer, mark, founded.envelope, time_ms).close()
        _answer(home, named, genesis, plan, members, time_ms, language, as_json=as_json)


def _plan(
    home: Path,
    origin: str,
    language: Language,
    constitution: Path | None,
    log_key: Path | None,
    secretaries: Sequence[str],
    guardians: Sequence[bytes],
    needed: int | None,
    founders: Sequence[Path],
) -> _Plan:
    """Return what is to be founded; a trial's missing keys are made."""
    is_dev = origin.startswith(DEV_PREFIX)
    log = _key(home, "log", "log", origin, log_key, "--log-key", is_dev=is_dev)
    signing = next((Path(text) for text in secretaries if not _is_public(text)), None)
    officer = _key(home, "secretary", "secretary", "secretary", signing, "--secretary", is_dev=is_dev)
    officers = tuple(dict.fromkeys([officer.public, *(_public(text, "secretary") for text in secretaries)]))
    registrations: tuple[bytes, ...] = tuple(map(read_entry, founders))
    made: tuple[KeyFile, ...] = ()
    if not founders:
        if not is_dev:
            raise AssemblyError("FOUNDERS_MISSING", origin=origin)
        made = tuple(
            _key(home, f"member-{number}", "member", f"member-{number}", None, "", is_dev=True)
            for number in range(1, DEV_FOUNDERS + 1)
        )
        registrations = tuple(sign_registration(origin, key.unlock(None)) for key in made)
    template = read_constitution_template(language) if constitution is None else read_policy_bytes(constitution)
    text = fill_constitution(
        template,
        origin=origin,
        log_key=log.public,
        secretaries=officers,
        guardians=guardians,
        needed=len(guardians) // 2 + 1 if needed is None and guardians else needed or 0,
    )
    is_filled = constitution is not None and text != template
    return _Plan(text, is_filled, log, officer, officers, registrations, made)


def _is_public(text: str) -> bool:
    return _PUBLIC.fullmatch(text) is not None


def _public(text: str, kind: KeyKind) -> bytes:
    """Return the public key that a text is, or that of the key file that it names."""
    return read_erasers([text])[0] if _is_public(text) else key_of_kind(Path(text), kind).public


def _key(home: Path, file: str, kind: KeyKind, name: str, given: Path | None, option: str, *, is_dev: bool) -> KeyFile:
    if given is not None:
        return key_of_kind(given, kind)
    if not is_dev:
        raise AssemblyError("FOUNDING_KEYS_NEEDED", option=option, kind=kind)
    folder = home / KEYS
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{file}.key"
    # A founding that was refused leaves its keys; they are as good the next time.
    return read_key(path) if path.exists() else create_key(path, kind, name, None)


def _unlock(key: KeyFile, file: Path | None, variable: str, language: Language) -> Ed25519PrivateKey:
    return key.unlock(known_passphrase(key, file, variable, os.environ, language))


def _document(data: bytes) -> dict[str, object]:
    try:
        document = parse_canonical(data)
    except CanonicalError:
        document = None
    if not isinstance(document, dict):
        raise AssemblyError("ENTRY_FILE_MALFORMED", file="--founder")
    return document


def _ask(name: str, language: Language) -> str:
    if not on_terminal():
        return ""
    question = QUESTION.say(language, question=ASKS[name].say(language))
    answer: str = typer.prompt(question, prompt_suffix="", default="", show_default=False, err=True)
    return answer.strip()


def _ask_path(name: str, language: Language) -> Path | None:
    answer = _ask(name, language)
    return Path(answer) if answer else None


def _ask_all(name: str, language: Language) -> list[str]:
    found = []
    while answer := _ask(name, language):
        found.append(answer)
    return found


def _answer(
    home: Path,
    origin: str,
    genesis: str,
    plan: _Plan,
    members: Sequence[str],
    time_ms: int,
    language: Language,
    *,
    as_json: bool,
) -> None:
    record = home / RECORD
    if as_json:
        keys = {member: str(key.path) for member, key in zip(members, plan.member_keys, strict=False)}
        write_json(
            {
                "ok": True,
                "origin": origin,
                "genesis": genesis,
                "vkey": plan.log.vkey,
                "members": list(members),
                "member_keys": keys,
                "home": str(home),
                "record": str(record),
            }
        )
        return
    count = len(members)
    words = {"count": count_words(count, language), "s": plural(count, language)}
    typer.echo(INIT["founded"].say(language, origin=origin, time=moment_words(time_ms, language), **words))
    typer.echo(INIT["genesis"].say(language, genesis=genesis))
    typer.echo(INIT["vkey"].say(language, vkey=plan.log.vkey))
    typer.echo(INIT["pin"].say(language, genesis=home / GENESIS_FILE), err=True)
    if plan.is_filled:
        typer.echo(INIT["filled"].say(language, path=home / CONSTITUTION_FILE), err=True)
    if origin.startswith(DEV_PREFIX):
        typer.echo(INIT["dev"].say(language, path=home / KEYS), err=True)
        for member, key in zip(members, plan.member_keys, strict=False):
            typer.echo(f"  {INIT['member'].say(language, member=member, file=key.path)}", err=True)
    typer.echo(INIT["next"].say(language), err=True)
    for name in ("next_record", "next_serve", "next_append", "next_status"):
        said_next = INIT[name].say(language, record=record, home=home, genesis=genesis)
        typer.echo(f"  {said_next}", err=True)
