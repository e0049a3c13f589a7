"""`rankd explain`: why a candidate stands where it stands, as an addition."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import RenderableType

from rankd.core.words.explain import DATUM, EXPLAIN
from rankd.core.words.language import Language
from rankd.core.words.service import RANK
from rankd.edge.cli.addition import addition
from rankd.edge.cli.answer import write_json
from rankd.edge.cli.behind import candidate_data, closing, shared_data
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
    """Print each candidate's terms as an addition, what would have changed its place, and what stands behind it."""
    language: Language = default_language() if lang is None else lang.value
    with calling(address, timeout, ca, cert, key, language, as_json=as_json) as client:
        explained = client.explain(decision, viewer_id=viewer, candidate_ids=candidates or ())
    if as_json:
        write_json({"ok": True} | asdict(explained))
        return
    console = stdout_console()

    def show(*parts: RenderableType) -> None:
        for part in parts:
            console.print(part)

    for candidate in explained.candidates:
        show(*addition(candidate, language))
        if candidate.swap is not None:
            show(cell(candidate.sentences.say(language)[-1]))
        if candidates:
            show(*candidate_data(explained, candidate, language))
        show("")
    show(*shared_data(explained, language))
    if not candidates:
        show(cell(DATUM["name_one"].say(language, decision=decision)), "")
    show(*closing(explained, language))
    policy = explained.policy
    show(cell(RANK["policy"].say(language, digest=policy.canon_digest, ratification=policy.ratification)))
    order = "newest_first" if explained.model is None else "rounding"
    show(*map(cell, (*explained.automated.say(language), EXPLAIN[order].say(language))))
    show(*map(cell, explained.not_proven.say(language)))
