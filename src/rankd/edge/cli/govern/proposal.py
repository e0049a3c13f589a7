"""`rankd proposal`: propose, sponsor, argue, amend, settle a text, and recall what was passed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from rankd.core.assembly.entries import Amendment, Argument, Recall, VoteKind
from rankd.core.assembly.identity import parse_proposal_name
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import sha256
from rankd.core.words.language import Phrase
from rankd.edge.cli.govern.signing_desk import Desk, signing
from rankd.edge.cli.input_files import read_impact, read_text
from rankd.edge.cli.language import said
from rankd.store.model_folder import read_model_folder
from rankd.usecases.govern.drafting import (
    find_matter,
    freeze_of,
    offer_of,
    propose_constitution,
    propose_model,
    propose_policies,
    sponsor_of,
)

app = typer.Typer(
    no_args_is_help=True,
    help=said("Proposer, débattre, arrêter un texte.", "Propose, debate, settle a text."),
)


class SubjectChoice(StrEnum):
    """What `rankd proposal new` proposes."""

    POLICY = "policy"
    MODEL = "model"
    CONSTITUTION = "constitution"


class VoteChoice(StrEnum):
    """How policies are voted on."""

    YES_NO = "yes_no"
    RANKING = "ranking"
    POINTS = "points"


ProposalArgument = Annotated[str, typer.Argument(help=said("La proposition, comme p14.", "The proposal, such as p14."))]
ImpactOption = Annotated[
    Path | None,
    typer.Option(
        "--impact",
        help=said(
            "L’effet mesuré sur des décisions passées (rankd policy impact).",
            "The effect measured on past decisions (rankd policy impact).",
        ),
    ),
]
TitleFrOption = Annotated[str | None, typer.Option("--title-fr", help=said("Le titre français.", "The French title."))]
TitleEnOption = Annotated[str | None, typer.Option("--title-en", help=said("Le titre anglais.", "The English title."))]
ReasonsFrOption = Annotated[
    str | None, typer.Option("--reasons-fr", help=said("Les raisons, en français.", "The reasons, in French."))
]
ReasonsEnOption = Annotated[
    str | None, typer.Option("--reasons-en", help=said("Les raisons, en anglais.", "The reasons, in English."))
]


@app.command(
    help=said("Proposer une politique, un modèle ou une constitution.", "Propose a policy, model or constitution.")
)
@signing
def new(
    desk: Desk,
    subject: Annotated[SubjectChoice, typer.Argument(help=said("Sur quoi.", "What about."))],
    files: Annotated[
        list[Path],
        typer.Argument(
            help=said(
                "Les textes; plusieurs politiques se classent. Pour un modèle, son dossier.",
                "The texts; several policies are ranked. For a model, its folder.",
            )
        ),
    ],
    vote: Annotated[
        VoteChoice | None,
        typer.Option(
            "--vote",
            help=said(
                "Comment en décider; sans cela : oui ou non pour un texte, classement pour plusieurs, points pour un "
                "texte qui les laisse au vote.",
                "How to decide; without it: yes or no for one text, a ranking for several, points for a text that "
                "leaves them to the vote.",
            ),
        ),
    ] = None,
    surface: Annotated[
        str | None, typer.Option("--surface", help=said("model : sa surface.", "model: its surface."))
    ] = None,
    title_fr: TitleFrOption = None,
    title_en: TitleEnOption = None,
    reasons_fr: ReasonsFrOption = None,
    reasons_en: ReasonsEnOption = None,
    impact: ImpactOption = None,
) -> None:
    """Sign a proposal; title and reasons are the first text's unless they are given."""
    desk.check_delivery()
    assembly, co = desk.sound, desk.co()
    title, reasons = both(title_fr, title_en), both(reasons_fr, reasons_en)
    if subject is SubjectChoice.MODEL:
        manifest = read_model_folder(files[0]).manifest
        if title is None or reasons is None:
            raise AssemblyError("TEXT_NEEDED", what="--title-fr, --reasons-fr")
        heads = tuple(head.signal.objective for head in manifest.heads)
        payload = propose_model(assembly, co, surface or manifest.surface, manifest.digest, heads, title, reasons)
    elif subject is SubjectChoice.CONSTITUTION:
        payload = propose_constitution(co, read_text(files[0]), title, reasons)
    else:
        kind: VoteKind | None = None if vote is None else vote.value
        digest = None if impact is None else sha256(read_impact(impact).encode("utf-8"))
        payload = propose_policies(assembly, co, [read_text(file) for file in files], kind, title, reasons, digest)
    desk.sign(payload, "member")


@app.command(help=said("Parrainer une proposition.", "Sponsor a proposal."))
@signing
def sponsor(desk: Desk, proposal: ProposalArgument) -> None:
    """Sign that a proposal should be debated, as it stands."""
    desk.sign(sponsor_of(find_matter(desk.sound, parse_proposal_name(proposal), proposal), desk.co()), "member")


@app.command(help=said("Argumenter.", "Argue."))
@signing
def argue(
    desk: Desk,
    proposal: ProposalArgument,
    text: Annotated[
        str, typer.Argument(help=said("Ce que vous dites; « - » : lu sur l’entrée.", "What you say; “-”: from stdin."))
    ],
    pro: Annotated[bool, typer.Option("--for", help=said("Pour.", "For."))] = False,
    con: Annotated[bool, typer.Option("--against", help=said("Contre.", "Against."))] = False,
    reply_to: Annotated[
        int | None,
        typer.Option(
            "--reply-to",
            help=said("L’argument (son entrée) auquel vous répondez.", "The argument (its entry) that you answer."),
        ),
    ] = None,
) -> None:
    """Sign an argument, for everybody to read under your pseudonym."""
    index = parse_proposal_name(proposal)
    find_matter(desk.sound, index, proposal)
    if pro and con:
        raise AssemblyError("PAPER_CHOICE_TWICE")
    words = typer.get_text_stream("stdin").read().rstrip("\n") if text == "-" else text
    side: Literal["for", "against", "neither"] = "for" if pro else "against" if con else "neither"
    desk.sign(Argument(desk.co(), index, side, reply_to, words), "member")


@app.command(help=said("Offrir un autre texte, ou en accepter un.", "Offer another text, or accept one."))
@signing
def amend(
    desk: Desk,
    proposal: ProposalArgument,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help=said("Tous les textes, tels qu’ils seraient.", "Every text, as it would be.")),
    ] = None,
    accept: Annotated[
        int | None,
        typer.Option(
            "--accept", help=said("L’entrée de l’offre que vous acceptez.", "The entry of the offer that you accept.")
        ),
    ] = None,
) -> None:
    """Sign an offer of other texts; or, as the proposer, accept one: the debate then begins again."""
    matter = find_matter(desk.sound, parse_proposal_name(proposal), proposal)
    if (accept is None) == (not files):
        raise AssemblyError("TEXT_NEEDED", what="FILES | --accept")
    if accept is not None:
        desk.sign(Amendment(desk.co(), matter.index, (), accept), "member")
    else:
        desk.sign(offer_of(matter, desk.co(), [read_text(file) for file in files or ()]), "member")


@app.command(help=said("Arrêter le texte : le vote est annoncé.", "Settle the text: the vote is announced."))
@signing
def freeze(desk: Desk, proposal: ProposalArgument, impact: ImpactOption = None) -> None:
    """Sign, as the proposer, that the deliberation is over and the texts stay as they are."""
    matter = find_matter(desk.sound, parse_proposal_name(proposal), proposal)
    document = None if impact is None else read_impact(impact)
    desk.sign(freeze_of(matter, desk.co(), document), "member")


@app.command(help=said("Signer le rappel de ce qui est adopté.", "Sign the recall of what was passed."))
@signing
def recall(desk: Desk, proposal: ProposalArgument) -> None:
    """Sign the petition against a change that was passed and is not yet in force."""
    matter = find_matter(desk.sound, parse_proposal_name(proposal), proposal)
    desk.sign(Recall(desk.co(), matter.index), "member")


def both(fr: str | None, en: str | None) -> Phrase | None:
    """Return a phrase of what was given; one language stands for the other where only one was."""
    if fr is None and en is None:
        return None
    return Phrase(fr=fr if fr is not None else en or "", en=en if en is not None else fr or "")
