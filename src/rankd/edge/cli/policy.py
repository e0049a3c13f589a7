"""`rankd policy`: check, show, digest, describe and compare policies, and say what they would change."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import typer

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.constitution_reader import CONSTITUTION_SCHEMA, read_constitution
from rankd.core.assembly.constitution_template import check_filled
from rankd.core.assembly.describe import describe_constitution
from rankd.core.assembly.points_template import Template, read_template
from rankd.core.errors import PolicyError
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.canonical_form import VOTE
from rankd.core.policy.describe import describe
from rankd.core.policy.diff import diff
from rankd.core.policy.pairing import check_limits, check_pair, check_surface
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import LIMITS_SCHEMA, read_limits, read_policy
from rankd.core.ranking.signal import HeadSignal
from rankd.core.words.language import Language
from rankd.core.words.policy import CHANGES, CHECKS, OBJECTIVE_WORDS
from rankd.core.words.quantity import listing
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption, Spoken
from rankd.edge.cli.policy_impact import impact
from rankd.edge.cli.policy_options import FileArgument, LimitsOption, ModelOption, beside, needed_limits
from rankd.store.model_folder import read_model_folder
from rankd.store.policy_folder import read_limits_file, read_policy_bytes, read_policy_file

Text: TypeAlias = Policy | Limits | Constitution | Template

app = typer.Typer(
    no_args_is_help=True,
    help=said("Vérifier, lire et comparer des politiques.", "Check, read and compare policies."),
)


@app.command(help=said("Vérifier un texte, ses limites et son modèle.", "Check a text, its limits and its model."))
def check(
    file: FileArgument,
    limits: LimitsOption = None,
    model: ModelOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a policy, limits or a constitution; a policy, with limits and a model, also that they go together."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        data = read_policy_bytes(file)
        try:
            policy = read_policy(data, str(file))
        except PolicyError as error:
            _check_other(file, data, error, language, as_json=as_json)
            return
        against = beside(file, limits)
        if model is not None and against is None:
            raise PolicyError("LIMITS_NEEDED", file=str(file))
        heads = None if model is None else _heads(model, policy)
        silent: tuple[str, ...] = ()
        if against is not None:
            found = read_limits_file(against)
            if heads is None:
                check_limits(policy, found)
            else:
                silent = check_pair(policy, found, heads)
        _answer_check(file, policy, against, model, silent, language, as_json=as_json)


@app.command(help=said("Montrer ce que la machine suit.", "Show what the machine obeys."))
def show(file: FileArgument, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Print the canonical form, laid out for reading, and both digests."""
    with refusals(_language(lang), as_json=as_json):
        policy = read_policy_file(file)
        form = {"policy": json.loads(policy.canonical)} | _digests(policy)
        if as_json:
            write_json(form)
            return
        typer.echo(json.dumps(form["policy"], ensure_ascii=False, indent=2))
        _write_digests(policy)


@app.command(help=said("Les deux empreintes d’une politique.", "Both digests of a policy."))
def digest(file: FileArgument, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Print the canon digest (what the machine obeys) and the file digest (what members read)."""
    with refusals(_language(lang), as_json=as_json):
        policy = read_policy_file(file)
        if as_json:
            write_json(_digests(policy))
        else:
            _write_digests(policy)


@app.command("describe", help=said("Dire un texte en mots simples.", "Say a text in plain words."))
def describe_(
    file: FileArgument,
    limits: LimitsOption = None,
    model: ModelOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the description for members; a policy's with the text for the terms and conditions."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        data = read_policy_bytes(file)
        read: Text
        try:
            read = read_policy(data, str(file))
        except PolicyError as error:
            if error.reason != "SCHEMA_UNKNOWN" or error.metadata["found"] != CONSTITUTION_SCHEMA:
                raise
            read = _read_constitution(data, str(file))
            text = describe_constitution(read, language)
        else:
            heads = None if model is None else _heads(model, read)
            text = describe(read, needed_limits(file, limits), language, heads)
        if as_json:
            write_json({"language": language, "description": text} | _digests(read))
        else:
            typer.echo(text, nl=False)


@app.command("diff", help=said("Dire ce qui change entre deux politiques.", "Say what changes between two policies."))
def diff_(
    old: FileArgument,
    new: FileArgument,
    limits: LimitsOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what changes, most weighty first; exit 1 where the machine would obey something else."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        before, after = read_policy_file(old), read_policy_file(new)
        changes = diff(before, after, needed_limits(new, limits), language)
        if as_json:
            write_json(
                {
                    "identical": not changes,
                    "same_bytes": before.file_digest == after.file_digest,
                    "old": _digests(before),
                    "new": _digests(after),
                    "changes": [change.as_json() for change in changes],
                }
            )
        elif changes:
            for change in changes:
                typer.echo(change.words)
        else:
            same = "same" if before.file_digest == after.file_digest else "same_other_bytes"
            typer.echo(CHANGES[same].say(language), err=True)
        if changes:
            raise typer.Exit(REFUSED)


app.command(
    help=said(
        "Dire ce qu’une politique aurait changé dans des décisions consignées.",
        "Say what a policy would have changed in recorded decisions.",
    )
)(impact)


def _language(lang: Spoken | None) -> Language:
    if lang is None:
        return default_language()
    return "fr" if lang is Spoken.FR else "en"


def _read_constitution(data: bytes, name: str) -> Constitution:
    """Read a constitution; of a template the lines that are left to fill are told."""
    check_filled(data, name)
    return read_constitution(data, name)


def _heads(model: Path, policy: Policy) -> tuple[HeadSignal, ...]:
    manifest = read_model_folder(model).manifest
    check_surface(policy, manifest.surface)
    return tuple(head.signal for head in manifest.heads)


def _digests(text: Text) -> dict[str, Any]:
    return {"canon_digest": digest_text(text.canon_digest), "file_digest": digest_text(text.file_digest)}


def _write_digests(text: Text) -> None:
    typer.echo(f"canon {digest_text(text.canon_digest)}")
    typer.echo(f"file  {digest_text(text.file_digest)}")


def _check_other(file: Path, data: bytes, refusal: PolicyError, language: Language, *, as_json: bool) -> None:
    """Check a text that was refused as a policy, if it says that it is another text; else it stays refused."""
    found, name = refusal.metadata.get("found"), str(file)
    if refusal.reason == "SCHEMA_UNKNOWN" and found == LIMITS_SCHEMA:
        _answer(file, "limits", read_limits(data, name), {}, language, as_json=as_json)
    elif refusal.reason == "SCHEMA_UNKNOWN" and found == CONSTITUTION_SCHEMA:
        text = _read_constitution(data, name)
        about: dict[str, str | int] = {"number": text.number, "origin": text.origin}
        _answer(file, "constitution", text, about, language, as_json=as_json)
    elif refusal.metadata.get("field") == "points" and found == VOTE:
        template = read_template(data, name)
        _answer(file, "template", template, {"surface": template.surface}, language, as_json=as_json)
    else:
        raise refusal


def _answer(
    file: Path, kind: str, text: Text, about: Mapping[str, str | int], language: Language, *, as_json: bool
) -> None:
    if as_json:
        write_json({"ok": True, "file": str(file), "kind": kind, **about} | _digests(text))
        return
    typer.echo(CHECKS[kind].say(language, file=file, **about))
    _write_digests(text)


def _answer_check(
    file: Path,
    policy: Policy,
    limits: Path | None,
    model: Path | None,
    silent: tuple[str, ...],
    language: Language,
    *,
    as_json: bool,
) -> None:
    if as_json:
        answer = {"ok": True, "file": str(file), "kind": "policy", "surface": policy.surface} | _digests(policy)
        checked = {
            "limits": None if limits is None else str(limits),
            "model": None if model is None else str(model),
            "silent": list(silent),
        }
        write_json(answer | checked)
        return
    typer.echo(CHECKS["policy"].say(language, file=file, surface=policy.surface))
    _write_digests(policy)
    typer.echo(CHECKS["no_limits" if limits is None else "with_limits"].say(language, file=limits), err=True)
    if model is not None:
        typer.echo(CHECKS["with_model"].say(language, file=model), err=True)
    if silent:
        nouns = listing([OBJECTIVE_WORDS[objective].noun.say(language) for objective in silent], language)
        typer.echo(CHECKS["silent"].say(language, nouns=nouns), err=True)
