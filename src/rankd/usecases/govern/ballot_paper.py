"""Ballot papers: what stands to be decided in an open vote, and the ballot that a choice makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from rankd.core.assembly.entries import Ballot, Co
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import BallotChoice, Intervention, Matter, Vote
from rankd.core.assembly.wording import floors_and_caps
from rankd.core.errors import AssemblyError
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.reader import TOTAL_POINTS, read_policy
from rankd.core.words.assembly_terms import INTERVENTION_STATES, STATES


@dataclass(frozen=True, slots=True)
class Paper:
    """One open vote.

    Attributes:
        name: `p14`, or `g15` for the guardians' intervention that is to be confirmed.
        index: The entry behind it.
        matter: The proposal; None: it is an intervention.
        intervention: The intervention; None: it is a proposal.
        vote: The vote.
        floors: points: fewest points by objective; else none.
        caps: points: most points by objective; else none.
        today: points: the points of the policy in force, none where there is none; else none.
    """

    name: str
    index: int
    matter: Matter | None
    intervention: Intervention | None
    vote: Vote
    floors: Mapping[str, int]
    caps: Mapping[str, int]
    today: Mapping[str, int]


def open_paper(assembly: Assembly, index: int, name: str = "") -> Paper:
    """Return the paper of a vote that is open now.

    Args:
        assembly: The assembly, at the present.
        index: The entry behind what is voted on: one is never both a proposal's and an intervention's.
        name: What it was called by whoever asks; "": as proposals are.

    Raises:
        AssemblyError: PROPOSAL_NOT_FOUND, or PAPER_NOT_OPEN.
    """
    matter, intervention = assembly.proposals.get(index), assembly.interventions.get(index)
    if matter is None and intervention is None:
        raise AssemblyError("PROPOSAL_NOT_FOUND", proposal=name or proposal_name(index))
    name = proposal_name(index) if intervention is None else intervention_name(index)
    vote = matter.vote if matter is not None else None if intervention is None else intervention.vote
    if vote is None or vote.is_closed or assembly.time_ms >= vote.close_ms:
        intervened = "" if intervention is None else intervention.state
        state = INTERVENTION_STATES[intervened] if matter is None else STATES[matter.state]
        raise AssemblyError("PAPER_NOT_OPEN", proposal=name, state_fr=state.fr, state_en=state.en)
    if vote.kind != "points" or matter is None:
        return Paper(name, index, matter, intervention, vote, {}, {}, {})
    policy = assembly.standing(matter.proposal.surface).policy
    today = dict(read_policy(policy.text, "policy").points) if policy.number else {}
    return Paper(name, index, matter, intervention, vote, *floors_and_caps(vote.constitution.limits, vote.heads), today)


def write_ballot(paper: Paper, co: Co, number: int, choice: BallotChoice) -> Ballot:
    """Return the ballot that says a choice: it names all that was pinned when the vote opened."""
    vote = paper.vote
    return Ballot(
        co=co,
        proposal=paper.index,
        vote=vote.kind,
        texts=vote.texts,
        constitution=vote.constitution.canon_digest,
        roll=vote.electorate.digest,
        impact=vote.impact,
        number=number,
        choice=choice,
    )


def read_ranking(text: str, options: int) -> tuple[tuple[int, ...], ...]:
    """Return a ranking written like `2>0,1`: best first, `>` between ranks, `,` between equals.

    Args:
        text: What was written.
        options: How many texts are on offer; option 0 is to keep things as they are.

    Raises:
        AssemblyError: PAPER_RANK: an option twice, or one that is not on offer.
    """
    try:
        groups = tuple(tuple(sorted(int(option) for option in group.split(","))) for group in text.split(">"))
    except ValueError:
        raise AssemblyError("PAPER_RANK", found=text[:200], options=options) from None
    named = [option for group in groups for option in group]
    if len(set(named)) < len(named) or not set(named) <= set(range(options + 1)):
        raise AssemblyError("PAPER_RANK", found=text[:200], options=options)
    return groups


def read_points(text: str, paper: Paper) -> tuple[tuple[str, int], ...]:
    """Return points written like `click=150,reply=300,…`, in the canonical order.

    Nothing is filled in for an objective that is not named: what is not written was not decided.

    Raises:
        AssemblyError: PAPER_POINTS_MALFORMED, PAPER_POINTS_INCOMPLETE, PAPER_POINTS_BOUNDS or PAPER_POINTS_SUM.
    """
    example = points_text(paper.today or paper.floors)
    points: dict[str, int] = {}
    for part in text.replace(" ", "").split(","):
        objective, _, number = part.partition("=")
        if objective not in OBJECTIVES or objective in points or not (number.isascii() and number.isdigit()):
            raise AssemblyError("PAPER_POINTS_MALFORMED", found=text[:300], field=part[:40], template=example)
        points[objective] = int(number[:6])
    missing = [objective for objective in OBJECTIVES if objective not in points]
    if missing:
        raise AssemblyError("PAPER_POINTS_INCOMPLETE", missing=", ".join(missing), template=example)
    for objective, given in points.items():
        least, most = paper.floors[objective], paper.caps[objective]
        if not least <= given <= most:
            raise AssemblyError("PAPER_POINTS_BOUNDS", objective=objective, found=given, least=least, most=most)
    if sum(points.values()) != TOTAL_POINTS:
        raise AssemblyError("PAPER_POINTS_SUM", found=sum(points.values()))
    return tuple((objective, points[objective]) for objective in OBJECTIVES)


def points_text(points: Mapping[str, int]) -> str:
    """Write points as `--points` takes them, in the canonical order."""
    return ",".join(f"{objective}={points[objective]}" for objective in OBJECTIVES)
