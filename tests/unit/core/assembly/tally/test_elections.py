"""What people really voted: a mayor of Burlington and a participatory budget of Toulouse. Skipped without the data."""

import os
import re
from fractions import Fraction
from itertools import chain
from pathlib import Path

import pytest

from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.assembly.tally.result import POINTS_TOTAL, PointsBallot, Ranking

PROJECT = Path(__file__).resolve().parents[5]
DATA = Path(os.environ.get("RANKD_DATA") or PROJECT / "../shared/data") / "elections"
HALF = Fraction(1, 2)

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the real elections are absent: no elections under RANKD_DATA or ../shared/data"
    ),
]
counter = pytest.mark.parametrize("counter", COUNTERS)


def read_toi(path: Path) -> list[Ranking]:
    """Read PrefLib's rankings with ties ({1,6}) and gaps (who is not named)."""
    lines = [line.split(": ") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return list(
        chain.from_iterable(
            [tuple(tuple(map(int, re.findall(r"\d+", group))) for group in re.findall(r"{[^}]*}|\d+", text))]
            * int(count)
            for count, text in lines
        )
    )


def read_pb(path: Path) -> tuple[dict[str, int], list[dict[str, int]]]:
    """Read Pabulib's published total by project, and the points of each voter by project."""
    projects, votes = path.read_text("utf-8").split("PROJECTS\n")[1].split("VOTES\n")
    totals = {fields[0]: int(fields[3]) for fields in (line.split(";") for line in projects.splitlines()[1:])}
    ballots = []
    for line in votes.splitlines()[1:]:
        _, named, points = line.split(";")
        ballots.append(dict(zip(named.split(","), map(int, points.split(",")), strict=True)))
    return totals, ballots


def scaled(ballot: dict[str, int], projects: list[str]) -> dict[str, int]:
    """A thousand points in a ballot's proportions: by largest remainder, ties to the smaller project."""
    total = sum(ballot.values())
    exact = {project: Fraction(ballot.get(project, 0) * POINTS_TOTAL, total) for project in projects}
    points = {project: int(share) for project, share in exact.items()}
    by_remainder = sorted(projects, key=lambda project: (points[project] - exact[project], int(project)))
    for project in by_remainder[: POINTS_TOTAL - sum(points.values())]:
        points[project] += 1
    return points


@pytest.fixture(scope="module")
def burlington() -> list[Ranking]:
    return read_toi(DATA / "burlington-2009.toi")


@pytest.fixture(scope="module")
def toulouse() -> tuple[list[str], list[PointsBallot]]:
    totals, ballots = read_pb(DATA / "toulouse-2019.pb")
    projects = sorted(totals, key=int)
    return projects, [scaled(ballot, projects) for ballot in ballots]


def test_the_ballots_of_burlington_are_read_with_ties_and_gaps(burlington: list[Ranking]) -> None:
    assert len(burlington) == 8_980
    assert burlington.count(((2,), (4,), (3, 5), (1,))) == 1
    assert burlington.count(((5,),)) == 840


@counter
def test_burlington_2009_is_won_by_andy_montroll_whom_a_majority_prefers_to_each_other(
    counter: str, burlington: list[Ranking]
) -> None:
    # Nobody could vote for leaving things as they are. Here it is named on no ballot, so that it is below everybody
    # whom a ballot names, and with a quorum of 0 everybody whom anybody named qualifies.
    result = COUNTERS[counter].ranking(burlington, 6, 0, HALF)
    assert result.qualified == (1, 2, 3, 4, 5, 6)
    assert (result.schulze_winners, result.winner) == ((2,), 2)
    assert all(result.pairwise[2][other] > result.pairwise[other][2] for other in (1, 3, 4, 5, 6))
    # it takes a majority of all who ranked the two differently, not most first places: those are 5's
    firsts = [sum(ranking[0] == (option,) for ranking in burlington) for option in range(1, 7)]
    assert max(range(1, 7), key=lambda option: firsts[option - 1]) == 5


def test_counters_agree_on_burlington(burlington: list[Ranking]) -> None:
    for quorum in (0, 143, 8_980, 17_960):
        fast, naive = (COUNTERS[name].ranking(burlington, 6, quorum, HALF) for name in ("fast", "naive"))
        assert fast == naive


def test_the_ballots_of_toulouse_come_to_the_published_totals() -> None:
    totals, ballots = read_pb(DATA / "toulouse-2019.pb")
    assert (len(totals), len(ballots)) == (30, 1_494)
    assert {project: sum(ballot.get(project, 0) for ballot in ballots) for project in totals} == totals


def test_counters_agree_on_toulouse(toulouse: tuple[list[str], list[PointsBallot]]) -> None:
    projects, ballots = toulouse
    floors, caps = dict.fromkeys(projects, 0), dict.fromkeys(projects, POINTS_TOTAL)
    fast, naive = (COUNTERS[name].points(ballots, floors, caps, 58) for name in ("fast", "naive"))
    assert fast == naive
    assert fast.points is not None
    assert (sum(fast.points.values()), sum(fast.shares.values()), fast.ballot_count) == (
        POINTS_TOTAL,
        POINTS_TOTAL,
        1_494,
    )
    assert max(fast.points.items(), key=lambda item: item[1])[0] == "4"  # as in the published totals
