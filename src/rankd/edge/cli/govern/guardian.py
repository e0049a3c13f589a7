"""`rankd guardian`: stop a queued change, or go back to an earlier policy, until the members confirm it."""

from typing import Annotated

import typer

from rankd.core.assembly.identity import parse_proposal_name
from rankd.core.errors import AssemblyError
from rankd.core.words.language import Phrase
from rankd.edge.cli.govern.proposal import ProposalArgument, both
from rankd.edge.cli.govern.signing_desk import Desk, signing
from rankd.edge.cli.language import said
from rankd.usecases.govern.drafting import cancel_of, find_matter, rollback_of

app = typer.Typer(
    no_args_is_help=True,
    help=said("Arrêter un changement, à titre de gardien.", "Stop a change, as a guardian."),
)

ReasonFrOption = Annotated[
    str | None, typer.Option("--reason-fr", help=said("Pourquoi, en français.", "Why, in French."))
]
ReasonEnOption = Annotated[
    str | None, typer.Option("--reason-en", help=said("Pourquoi, en anglais.", "Why, in English."))
]


@app.command(
    help=said("Annuler ce qui est adopté et pas encore en vigueur.", "Cancel what passed and is not in force yet.")
)
@signing
def cancel(
    desk: Desk, proposal: ProposalArgument, reason_fr: ReasonFrOption = None, reason_en: ReasonEnOption = None
) -> None:
    """Demand that a queued proposal be cancelled; with enough guardians it is held, and the members vote."""
    matter = find_matter(desk.sound, parse_proposal_name(proposal), proposal)
    desk.sign(cancel_of(matter, desk.co(), _reason(reason_fr, reason_en)), "guardian")


@app.command(help=said("Ramener une surface à une politique passée.", "Take a surface back to an earlier policy."))
@signing
def rollback(
    desk: Desk,
    surface: Annotated[str, typer.Argument(help=said("La surface.", "The surface."))],
    to: Annotated[
        int,
        typer.Option(
            "--to",
            min=0,
            help=said("Le numéro de la politique; 0 : l’ordre de base.", "The policy’s number; 0: the baseline."),
        ),
    ],
    reason_fr: ReasonFrOption = None,
    reason_en: ReasonEnOption = None,
) -> None:
    """Demand an earlier policy; with enough guardians it is in force at once, and the members vote."""
    desk.sign(rollback_of(surface, to, desk.co(), _reason(reason_fr, reason_en)), "guardian")


def _reason(fr: str | None, en: str | None) -> Phrase:
    reason = both(fr, en)
    if reason is None:
        raise AssemblyError("TEXT_NEEDED", what="--reason-fr")
    return reason
