"""`rankd vote`: read what is to be decided, see exactly what is signed, and vote."""

from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.identity import parse_proposal_name
from rankd.core.assembly.matter import BallotChoice
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import AssemblyError
from rankd.core.words.assembly_desk import DESK
from rankd.core.words.impact import SUMMARY
from rankd.edge.cli.answer import REFUSED, write_json
from rankd.edge.cli.asking import agreed
from rankd.edge.cli.govern.assembly import write_lines
from rankd.edge.cli.govern.ballot_words import PaperTeller, paper_json
from rankd.edge.cli.govern.own_points import DecisionsKeyOption, DecisionsOption, own_points
from rankd.edge.cli.govern.signing_desk import Desk, signing
from rankd.edge.cli.impact_answer import check_writable, write_pages
from rankd.edge.cli.language import said
from rankd.edge.cli.passphrase import on_terminal
from rankd.store.ballot_numbers import BallotNumbers
from rankd.usecases.govern.ballot_paper import Paper, open_paper, read_points, read_ranking, write_ballot
from rankd.usecases.govern.measuring import measure_of, need_frozen

app = typer.Typer()

PaperArgument = Annotated[
    str,
    typer.Argument(
        help=said("La proposition (p14), ou l’intervention (g15).", "The proposal (p14), or intervention (g15).")
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help=said("Oui.", "Yes."))]
NoOption = Annotated[bool, typer.Option("--no", help=said("Non.", "No."))]
AbstainOption = Annotated[bool, typer.Option("--abstain", help=said("Abstention.", "Abstain."))]
RankOption = Annotated[
    str | None,
    typer.Option(
        "--rank",
        help=said(
            'Classement, la meilleure d’abord : "2>0,1"; 0 garde les choses telles qu’elles sont.',
            'Ranking, best first: "2>0,1"; 0 keeps things as they are.',
        ),
    ),
]
PointsOption = Annotated[
    str | None,
    typer.Option(
        "--points",
        help=said(
            "Mille points, les neuf objectifs nommés : click=150,reply=300,…",
            "A thousand points, all nine objectives named: click=150,reply=300,…",
        ),
    ),
]
NumberOption = Annotated[
    int | None,
    typer.Option(
        "--number",
        min=1,
        help=said(
            "Le numéro du bulletin; sans cela, le suivant de ceux que cette clé a signés.",
            "The ballot’s number; without it, the next after those that this key signed.",
        ),
    ),
]
ImpactPageOption = Annotated[
    Path | None,
    typer.Option(
        "--impact-page",
        dir_okay=False,
        help=said(
            "Écrire la page de l’incidence arrêtée avec la proposition.",
            "Write the page of the impact that was frozen with the proposal.",
        ),
    ),
]
ConfirmOption = Annotated[
    bool,
    typer.Option(
        "--confirm",
        help=said(
            "Signer sans demander; hors d’un terminal, rien n’est demandé.",
            "Sign without asking; without a terminal nothing is asked.",
        ),
    ),
]


@app.command(help=said("Lire ce qui est à décider, puis voter.", "Read what is to be decided, then vote."))
@signing
def vote(
    desk: Desk,
    proposal: PaperArgument,
    yes: YesOption = False,
    no: NoOption = False,
    abstain: AbstainOption = False,
    rank: RankOption = None,
    points: PointsOption = None,
    number: NumberOption = None,
    confirm: ConfirmOption = False,
    decisions: DecisionsOption = None,
    decisions_key: DecisionsKeyOption = None,
    impact_page: ImpactPageOption = None,
) -> None:
    """Print the paper; with a choice, print what is signed, ask, and sign. The last ballot counts."""
    paper = open_paper(desk.sound, parse_proposal_name(proposal), proposal)
    teller = PaperTeller(desk.sound, desk.language)
    choice = read_choice(paper, yes=yes, no=no, abstain=abstain, rank=rank, points=points)
    if impact_page is not None:
        _write_page(desk, paper, impact_page)
    if not desk.as_json:
        write_lines(teller.paper(paper))
    if choice is None:
        if desk.as_json:
            write_json(paper_json(desk.sound, paper, desk.language))
        return
    if decisions and points is not None and not desk.as_json:
        given = dict(read_points(points, paper))
        write_lines(own_points(paper, given, decisions, decisions_key, desk.language))
    cast(desk, paper, choice, number, ask=not confirm)


def _write_page(desk: Desk, paper: Paper, path: Path) -> None:
    """Write the page of the impact that was frozen with what is put to the vote.

    Raises:
        AssemblyError, ImpactError: IMPACT_UNFROZEN or IMPACT_UNWRITABLE.
    """
    if paper.matter is None:
        raise AssemblyError("IMPACT_UNFROZEN", proposal=paper.name)
    impacts = need_frozen(paper.matter, paper.name)
    check_writable(path)
    policies = measure_of(desk.sound, paper.matter).policies
    for file in write_pages(path, impacts, desk.language, policies):
        typer.echo(SUMMARY["written"].say(desk.language, file=file), err=True)


def cast(desk: Desk, paper: Paper, choice: BallotChoice, number: int | None, *, ask: bool) -> None:
    """Show what is signed, ask where somebody can be asked, sign, and hand it over.

    Args:
        desk: Where it is signed.
        paper: The vote.
        choice: What to say.
        number: The ballot's number; None: the next.
        ask: Whether to ask on a terminal.

    Raises:
        RankdError: It would not count, or cannot be signed or handed over.
    """
    desk.check_delivery()
    key, assembly = desk.key("member"), desk.sound
    private = desk.unlock(key)
    me = paper.vote.electorate.ids.get(key.public)
    known = max((entry.number for entry in assembly.ballots(paper.index) if entry.member == me), default=0)
    numbers = BallotNumbers(key.path)
    last = max(numbers.last(desk.genesis, paper.index), known)
    ballot = write_ballot(paper, desk.co(), last + 1 if number is None else number, choice)
    if not desk.as_json:
        teller = PaperTeller(assembly, desk.language)
        write_lines(teller.signs(paper, ballot, key.public, again=last > 0))
    if ask and on_terminal() and not agreed(DESK["confirm"].say(desk.language), desk.language):
        typer.echo(DESK["stopped"].say(desk.language), err=True)
        raise typer.Exit(REFUSED)
    # What would not count takes no number.
    data = envelope_bytes(sign_entry(ballot, private))
    assembly.judge(data, desk.judging_ms)
    # Where another command took this number meanwhile, the ballot stays here.
    numbers.take(desk.genesis, paper.index, known, ballot.number)
    desk.deliver("ballot", data, key)


def read_choice(
    paper: Paper, *, yes: bool, no: bool, abstain: bool, rank: str | None, points: str | None
) -> BallotChoice | None:
    """Return the choice that the options say; None: none.

    Raises:
        AssemblyError: PAPER_CHOICE_TWICE, PAPER_CHOICE_OTHER, or what `read_ranking` and `read_points` refuse.
    """
    given = {"--yes": yes, "--no": no, "--abstain": abstain, "--rank": rank is not None, "--points": points is not None}
    named = [option for option, is_given in given.items() if is_given]
    if not named:
        return None
    if len(named) > 1:
        raise AssemblyError("PAPER_CHOICE_TWICE")
    kind = paper.vote.kind
    fitting = {"yes_no": ("--yes", "--no", "--abstain"), "ranking": ("--rank",), "points": ("--points", "--abstain")}
    if named[0] not in fitting[kind]:
        raise AssemblyError("PAPER_CHOICE_OTHER", option=named[0], vote=kind)
    if rank is not None:
        return read_ranking(rank, len(paper.vote.texts))
    if points is not None:
        return read_points(points, paper)
    return "yes" if yes else "no" if no else "abstain"
