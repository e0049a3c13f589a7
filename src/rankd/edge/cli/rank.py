"""`rankd rank`: have a request ranked, and read the slate."""

import base64
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from rankd.client import Slate
from rankd.core.errors import RequestError
from rankd.core.words.explain import micro_words
from rankd.core.words.language import Language
from rankd.core.words.ranking import code_words, degraded_words
from rankd.core.words.service import RANK
from rankd.edge.cli.addition import addition
from rankd.edge.cli.answer import refusals, write_json
from rankd.edge.cli.calling import (
    DEFAULT_ADDRESS,
    AddressOption,
    CaOption,
    CertOption,
    KeyOption,
    TimeoutOption,
    calling,
)
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.terminal import cell, harmless, stdout_console

app = typer.Typer()

_VALUE_DIGITS = 2

RequestOption = Annotated[
    str,
    typer.Option(
        "--request",
        help=said("La demande en JSON; - : l’entrée standard.", "The request in JSON; -: standard input."),
    ),
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help=said("Expliquer aussi la première place.", "Explain the first place as well."))
]


@app.command(help=said("Faire classer une demande.", "Have a request ranked."))
def rank(
    request: RequestOption,
    address: AddressOption = DEFAULT_ADDRESS,
    explain: ExplainOption = False,
    timeout: TimeoutOption = 10.0,
    ca: CaOption = None,
    cert: CertOption = None,
    key: KeyOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a request written as JSON in the field names of the contract, and print the slate."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        text = _read(request)
    with calling(address, timeout, ca, cert, key, language, as_json=as_json) as client:
        slate = client.rank_json(text, request)
        explained = None
        if explain and slate.decision_id and slate.places:
            viewer = client.viewer_of_json(text)
            explained = client.explain(slate.decision_id, viewer_id=viewer, candidate_ids=[slate.places[0].id])
    if as_json:
        more = {} if explained is None else {"explained": asdict(explained)}
        write_json({"ok": True} | asdict(slate) | _proof(slate) | more)
        return
    console = stdout_console()
    console.print(_table(slate, language) if slate.places else cell(RANK["empty"].say(language)))
    if explained is not None:
        for candidate in explained.candidates:
            for part in addition(candidate, language):
                console.print(part)
    for line in _footer(slate, language):
        console.print(cell(line))


def _proof(slate: Slate) -> dict[str, str]:
    """Return the receipt as the text that it is, and the token in standard base64."""
    return {
        "commitment_receipt": slate.commitment_receipt.decode(),
        "feedback_token": base64.b64encode(slate.feedback_token).decode(),
    }


def _read(request: str) -> str:
    try:
        return sys.stdin.read() if request == "-" else Path(request).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise RequestError("REQUEST_JSON_INVALID", file=request, detail=detail) from error


def _table(slate: Slate, language: Language) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(RANK["rank"].say(language), justify="right")
    table.add_column(RANK["id"].say(language))
    table.add_column(RANK["value"].say(language), justify="right", no_wrap=True)
    table.add_column(RANK["reasons"].say(language))
    for place in slate.places:
        value = "" if slate.model is None else micro_words(place.value, language, _VALUE_DIGITS)
        reasons = ", ".join(code_words(code, language) for code in place.reason_codes)
        table.add_row(str(place.rank), cell(place.id), value, cell(reasons))
    return table


def _footer(slate: Slate, language: Language) -> list[str]:
    lines = [degraded_words(entry.reason, entry.names, language) for entry in slate.degraded]
    if slate.dropped:
        told = ", ".join(f"{harmless(entry.id)} ({code_words(entry.rule_id, language)})" for entry in slate.dropped)
        lines.append(RANK["dropped"].say(language, list=told))
    policy = slate.policy
    lines.append(RANK["policy"].say(language, digest=policy.canon_digest, ratification=policy.ratification))
    if slate.model is not None:
        lines.append(RANK["model"].say(language, digest=slate.model.digest))
    lines.append(
        RANK["decision"].say(language, id=slate.decision_id) if slate.decision_id else RANK["dry_run"].say(language)
    )
    return lines
