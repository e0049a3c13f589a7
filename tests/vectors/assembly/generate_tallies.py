"""Write the probes of tests/vectors/assembly/tallies: ballots, parameters, and what the count says.

`want` is what `tests/reference/assembly_tallies.py` counts. Run `python -m tests.vectors.assembly.generate_tallies`
from the repository's root; with `--check` nothing is written and the exit status says whether anything would be.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.reference.assembly_tallies import counting, markets, passes, petition_of, quorum_of, winner
from tests.vectors.assembly.rewriting import rewrite

FOLDER = Path(__file__).parent / "tallies"

Document = dict[str, Any]


def count(kind: str, ballots: list[Any], parameters: Document) -> Any:
    """Count as the second implementation does."""
    if kind == "quorum":
        return quorum_of(**parameters)
    if kind == "petition":
        return petition_of(**parameters)
    if kind == "counting":
        return counting([(ballot[0], ballot[1], ballot[2], ballot[3]) for ballot in ballots])
    if kind == "points":
        points = [ballot for ballot in ballots if ballot != "abstain"]
        return markets(points, parameters["floors"], parameters["quorum"])
    majority = (parameters["majority"][0], parameters["majority"][1])
    if kind == "yes_no":
        return passes(ballots, parameters["quorum"], majority)
    return winner(ballots, parameters["options"], parameters["quorum"], majority)


def yes_no(yes: int, no: int, abstain: int, quorum: int, num: int = 1, den: int = 2) -> tuple[str, list[Any], Document]:
    ballots = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
    return "yes_no", ballots, {"quorum": quorum, "majority": [num, den]}


def ranking(*ranks: str, options: int, quorum: int = 1, times: int = 1) -> tuple[str, list[Any], Document]:
    """Return a ranking; `1=2 0` is options 1 and 2 side by side, then 0."""
    ballots = [[[int(one) for one in group.split("=")] for group in rank.split()] for rank in ranks] * times
    return "ranking", ballots, {"options": options, "quorum": quorum, "majority": [1, 2]}


def points(*ballots: list[int], floors: list[int] | None = None, quorum: int = 1) -> tuple[str, list[Any], Document]:
    """Return a points vote on objectives that are called a, b, c and so on."""
    names = "abcdefghi"[: len(ballots[0])]
    given = [dict(zip(names, ballot, strict=True)) for ballot in ballots]
    least = dict(zip(names, floors or [0] * len(names), strict=True))
    return "points", given, {"floors": least, "caps": dict.fromkeys(names, 1000), "quorum": quorum}


def quorum(members: int, share: int | None, least: int = 0) -> tuple[str, list[Any], Document]:
    return "quorum", [], {"members": members, "quorum_ppm": share, "quorum_min_ppm": least}


def cases() -> Iterator[tuple[str, str, tuple[str, list[Any], Document]]]:
    """Yield name, desc and content of each probe."""
    yield "yes_no_passes", "Two of three, and twice the yes are the quorum.", yes_no(2, 1, 0, 4)
    yield "yes_no_tie", "A tie fails.", yes_no(5, 5, 0, 1)
    yield "yes_no_majority_exact", "Two thirds exactly are not more than two thirds.", yes_no(6, 3, 0, 1, 2, 3)
    yield "yes_no_majority_above", "One more is.", yes_no(7, 3, 0, 1, 2, 3)
    yield "yes_no_quorum_odd", "Twice two yes are fewer than five.", yes_no(2, 0, 9, 5)
    yield "yes_no_no_does_not_help", "No votes bring nobody nearer to the quorum.", yes_no(2, 1, 0, 5)
    yield "yes_no_nobody", "Nobody votes, and nobody could: not passed.", yes_no(0, 0, 0, 0)
    yield (
        "ranking_cycle",
        "A cycle of three: the weakest of the three defeats does not count.",
        ranking(*["1 2 3 0"] * 4, *["2 3 1 0"] * 3, *["3 1 2 0"] * 2, options=3),
    )
    tied = ("1 2 0", "1 2 0", "2 0 1", "2 1 0")
    yield "ranking_tie_supporters", "Tied: the one with more supporters.", ranking(*tied, options=2)
    yield "ranking_tie_number", "Tied in everything: the smaller number.", ranking("1 2 0", "2 1 0", options=2)
    yield (
        "ranking_status_quo",
        "Above option 0 on half of the ballots only: it does not qualify.",
        ranking("1 0 2", "0 1 2", "2 1 0", "0", options=2),
    )
    yield "ranking_unnamed_last", "Who is not named comes last, tied, also option 0.", ranking("1", "1", "2", options=2)
    yield (
        "ranking_left_out_first",
        "What does not qualify is left out before paths are sought.",
        ranking(*["1 0 2 3"] * 3, *["2 3 1 0"] * 2, *["3 0 1 2"] * 2, options=3),
    )
    yield (
        "ranking_long_path",
        "The strongest path from the first to the fourth has three steps.",
        ranking(*["1 2 3 4 0"] * 5, *["4 1 2 3 0"] * 4, *["3 4 1 2 0"] * 3, *["2 3 4 1 0"] * 2, options=4),
    )
    yield "ranking_empty", "Empty ballots: nothing changes.", ranking("", "", options=2)
    yield "ranking_quorum", "Two supporters where five are the quorum.", ranking("1 0", "1 0", options=1, quorum=5)
    yield (
        "points_single_minded",
        "Each for one thing only: shares of the voters.",
        points(*[[1000, 0, 0]] * 2, *[[0, 1000, 0]] * 3, *[[0, 0, 1000]] * 5),
    )
    yield "points_four", "t* = 175.", points([700, 200, 100], [300, 600, 100], [300, 100, 600], [0, 500, 500])
    yield (
        "points_floors",
        "Floors of 100, 50 and 50; t* = 400/3.",
        points(
            [600, 250, 150, 0], [100, 350, 350, 200], [300, 50, 150, 500], [900, 50, 50, 0], floors=[100, 50, 50, 0]
        ),
    )
    yield (
        "points_below_every_vote",
        "The result for the first is below every ballot's.",
        points([600, 400, 0, 0, 0], [600, 0, 400, 0, 0], [600, 0, 0, 400, 0], [600, 0, 0, 0, 400]),
    )
    yield (
        "points_remainders",
        "A thousand among three: the point that is missing goes to the first in bytes.",
        points([1000, 0, 0], [0, 1000, 0], [0, 0, 1000]),
    )
    yield "points_unanimous", "One ballot is the result.", points([123, 456, 421])
    yield "points_no_quorum", "Two ballots where three are needed.", points([500, 500], [400, 600], quorum=3)
    yield (
        "points_abstain",
        "Abstentions do not count towards the quorum.",
        (
            "points",
            [{"a": 500, "b": 500}, "abstain", "abstain"],
            {"floors": {"a": 0, "b": 0}, "caps": {"a": 1000, "b": 1000}, "quorum": 2},
        ),
    )
    for members in (0, 1, 2, 3, 4, 9, 100, 101, 10_000):
        yield f"quorum_root_{members}", "The least q with 4q² ≥ 9N, at most N.", quorum(members, None)
    yield "quorum_share", "A share, rounded up.", quorum(7, 500_000)
    yield "quorum_least", "Never below the least share.", quorum(10_000, None, 20_000)
    yield "petition_one", "At least one member.", ("petition", [], {"members": 0, "recall_ppm": 10_000})
    yield "petition_up", "Rounded up.", ("petition", [], {"members": 41, "recall_ppm": 50_000})
    ballot = "sha256:"
    yield (
        "counting",
        "Two with one number are left out; the highest of the others counts, whatever its place.",
        (
            "counting",
            [
                ["m1", 3, ballot + "a", "no"],
                ["m1", 3, ballot + "b", "yes"],
                ["m1", 2, ballot + "c", "yes"],
                ["m1", 1, ballot + "d", "no"],
                ["m2", 9, ballot + "e", "abstain"],
                ["m2", 1, ballot + "f", "yes"],
                ["m3", 1, ballot + "g", "yes"],
                ["m3", 1, ballot + "h", "yes"],
            ],
            {},
        ),
    )


def documents() -> Iterator[tuple[str, Document]]:
    """Yield the name and the content of each probe."""
    for name, desc, (kind, ballots, parameters) in cases():
        want = count(kind, ballots, parameters)
        yield name, {"desc": desc, "kind": kind, "ballots": ballots, "parameters": parameters, "want": want}


if __name__ == "__main__":
    sys.exit(rewrite(FOLDER, documents(), sys.argv[1:]))
