"""`rankd explain`: why a candidate stands where it stands, as an addition."""

from dataclasses import asdict
from typing import Annotated

import typer

from rankd.core.words.explain import EXPLAIN
from rankd.core.words.language import Language
from rankd.core.words.service import RANK
from rankd.edge.cli.addition import addition
from rankd.edge.cli.answer import write_json
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
from rankd.edge.cli.policy import JsonOption, LangOption
from rankd.edge.cli.terminal import cell, stdout_console

app = typer.Typer()

DecisionArgument = Annotated[
    str,
    typer.Argument(help=said("La décision, telle que la réponse la nomme.", "The decision, as the answer names it.")),
]
CandidatesArgument = Annotated[
    list[str] | None,
    typer.Argument(help=said("Les publications; sans rien, le fil montré.", "The candidates; none: the shown slate.")),
]
ViewerOption = Annotated[
    str,
    typer.Option(
        "--viewer",
        help=said(
            "La personne que la décision concerne; seul un auditeur peut l’omettre.",
            "The viewer whom the decision is about; only an auditor may leave it out.",
        ),
    ),
]


@app.command(help=said("Expliquer une décision.", "Explain a decision."))
def explain(
    decision: DecisionArgument,
    candidates: CandidatesArgument = None,
    viewer: ViewerOption = "",
    address: AddressOption = DEFAULT_ADDRESS,
    timeout: TimeoutOption = 10.0,
    ca: CaOption = None,
    cert: CertOption = None,
    key: KeyOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print each candidate's terms as an addition that a person can check with a pocket calculator."""
    language: Language = default_language() if lang is None else lang.value
    with calling(address, timeout, ca, cert, key, language, as_json=as_json) as client:
        explained = client.explain(decision, viewer_id=viewer, candidate_ids=candidates or ())
    if as_json:
        write_json({"ok": True} | asdict(explained))
        return
    console = stdout_console()
    for candidate in explained.candidates:
        for part in addition(candidate, language):
            console.print(part)
        console.print()
    policy = explained.policy
    console.print(cell(RANK["policy"].say(language, digest=policy.canon_digest, ratification=policy.ratification)))
    closing = ["newest_first"] if explained.model is None else ["rounding"]
    for name in (*closing, "not_proven"):
        console.print(cell(EXPLAIN[name].say(language)))
