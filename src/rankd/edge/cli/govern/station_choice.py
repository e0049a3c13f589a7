"""How somebody is asked for a choice: yes or no, a ranking, or points, objective by objective."""

from collections.abc import Mapping

import typer

from rankd.core.assembly.matter import BallotChoice
from rankd.core.errors import AssemblyError
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.reader import TOTAL_POINTS
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.station import ASKED, STATION
from rankd.edge.cli.asking import ask
from rankd.usecases.govern.ballot_paper import Paper, points_text, read_points, read_ranking

YES, NO, ABSTAIN = ({"o", "oui", "y", "yes"}, {"n", "non", "no"}, {"a", "abstention", "abstain"})
_AGAIN, LEAVE = ({"r"}, {"q"})


class LeftError(Exception):
    """Who was asked leaves without an answer."""


def ask_choice(paper: Paper, language: Language) -> BallotChoice:
    """Ask until there is a choice that the vote takes.

    Raises:
        LeftError: She leaves without voting.
        NoAnswerError: Nobody answers any more.
    """
    if paper.vote.kind == "yes_no":
        return _ask_yes_no(language)
    return _ask_ranking(paper, language) if paper.vote.kind == "ranking" else _ask_points(paper, language)


def ask_whether_to_sign(language: Language) -> bool:
    """Return whether to sign; False: choose again.

    Raises:
        LeftError: She leaves without voting.
        NoAnswerError: Nobody answers any more.
    """
    while True:
        answer = ask(ASKED["sign"].say(language)).lower()
        if answer in YES:
            return True
        if answer in _AGAIN:
            return False
        _not_understood(answer, language)


def _ask_yes_no(language: Language) -> BallotChoice:
    while True:
        answer = ask(ASKED["yes_no"].say(language)).lower()
        if answer in YES:
            return "yes"
        if answer in NO:
            return "no"
        if answer in ABSTAIN:
            return "abstain"
        _not_understood(answer, language)


def _ask_ranking(paper: Paper, language: Language) -> BallotChoice:
    while True:
        answer = ask(ASKED["rank"].say(language))
        if answer.lower() in LEAVE:
            raise LeftError
        try:
            return read_ranking(answer, len(paper.vote.texts))
        except AssemblyError as error:
            typer.echo(error.say(language), err=True)


def _ask_points(paper: Paper, language: Language) -> BallotChoice:
    typer.echo(ASKED["points"].say(language, total=TOTAL_POINTS), err=True)
    while True:
        points: dict[str, int] = {}
        for objective in OBJECTIVES:
            found = _ask_objective(paper, points, objective, language)
            if found == "abstain":
                return "abstain"
            if not isinstance(found, int):
                break
            points[objective] = found
        else:
            return read_points(points_text(points), paper)


def _ask_objective(paper: Paper, points: Mapping[str, int], objective: str, language: Language) -> int | str | None:
    """Return the points for an objective; None: begin again; "abstain".

    Only what leaves a thousand within reach is taken, so that the last objective always comes out right.
    """
    later = [name for name in OBJECTIVES if name not in points and name != objective]
    left = TOTAL_POINTS - sum(points.values())
    least = max(paper.floors[objective], left - sum(paper.caps[name] for name in later))
    most = min(paper.caps[objective], left - sum(paper.floors[name] for name in later))
    noun = OBJECTIVE_WORDS[objective].noun.say(language)
    if least == most:
        typer.echo(ASKED["rest"].say(language, objective=objective, noun=noun, points=least), err=True)
        return least
    now = paper.today.get(objective)
    today = "" if now is None else ASKED["today"].say(language, points=now)
    told = {"left": left, "objective": objective, "noun": noun, "least": least, "most": most, "today": today}
    while True:
        answer = ask(ASKED["objective"].say(language, **told)).lower()
        if answer in _AGAIN:
            return None
        if answer in ABSTAIN:
            return "abstain"
        if answer == "" and now is not None and least <= now <= most:
            return now
        if answer.isascii() and answer.isdigit():
            if least <= int(answer[:6]) <= most:
                return int(answer[:6])
            typer.echo(STATION["out_of_bounds"].say(language, least=least, most=most), err=True)
        else:
            _not_understood(answer, language)


def _not_understood(answer: str, language: Language) -> None:
    if answer in LEAVE:
        raise LeftError
    typer.echo(STATION["not_understood"].say(language), err=True)
