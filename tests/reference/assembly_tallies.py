"""The tallies of docs/spec/assembly.md, section 7, formula by formula: plain lists and fractions, without rankd."""

from fractions import Fraction
from itertools import permutations
from typing import Any

Points = dict[str, int]


def least_share(ppm: int, members: int) -> int:
    """Return the least integer ≥ ppm / 10⁶ × members."""
    return next(number for number in range(members + 1) if number * 1_000_000 >= ppm * members)


def quorum_of(members: int, quorum_ppm: int | None, quorum_min_ppm: int) -> int:
    """Return q; `quorum_ppm` None is `root`."""
    if quorum_ppm is None:
        quorum = next(number for number in range(2 * members + 2) if 4 * number * number >= 9 * members)
    else:
        quorum = least_share(quorum_ppm, members)
    return min(members, max(quorum, least_share(quorum_min_ppm, members)))


def petition_of(members: int, recall_ppm: int) -> int:
    """Return how many members recall a change (section 5, item 6)."""
    return max(1, least_share(recall_ppm, members))


def counting(ballots: list[tuple[str, int, str, Any]]) -> list[Any]:
    """Return the choices that count, of ballots as (member, number, digest, choice) (section 6)."""
    choices = []
    for member in sorted({ballot[0] for ballot in ballots}):
        own = [ballot for ballot in ballots if ballot[0] == member]
        alone = [ballot for ballot in own if len({other[2] for other in own if other[1] == ballot[1]}) == 1]
        if alone:
            choices.append(max(alone, key=lambda ballot: ballot[1])[3])
    return choices


def passes(choices: list[str], quorum: int, majority: tuple[int, int]) -> bool:
    """Whether a yes/no vote passes."""
    yes, no = choices.count("yes"), choices.count("no")
    return yes > 0 and 2 * yes >= quorum and yes * majority[1] > majority[0] * (yes + no)


def place(ballot: list[list[int]], option: int) -> int:
    """Return where a ballot ranks an option; the smaller, the better."""
    return next((at for at, group in enumerate(ballot) if option in group), len(ballot))


def winner(ballots: list[list[list[int]]], options: int, quorum: int, majority: tuple[int, int]) -> int:
    """Return the option of 1 … options that wins, 0 if nothing changes."""

    def above(one: int, other: int) -> int:
        return sum(place(ballot, one) < place(ballot, other) for ballot in ballots)

    left = []
    for option in range(1, options + 1):
        supporters, opponents = above(option, 0), above(0, option)
        enough = supporters > 0 and 2 * supporters >= quorum
        if enough and supporters * majority[1] > majority[0] * (supporters + opponents):
            left.append(option)
    paths = {(a, b): above(a, b) if above(a, b) > above(b, a) else 0 for a, b in permutations(left, 2)}
    # Longer and longer paths, until none is stronger than those before.
    changed = True
    while changed:
        changed = False
        for a, b, c in permutations(left, 3):
            through = min(paths[a, b], paths[b, c])
            if through > paths[a, c]:
                paths[a, c] = through
                changed = True
    best = [a for a in left if all(paths[b, a] <= paths[a, b] for b in left if b != a)]
    return min(best, key=lambda option: (-above(option, 0), above(0, option), option), default=0)


def markets(ballots: list[Points], floors: Points, quorum: int) -> Points | None:
    """Return the thousand points that the markets agree on, None if there is no decision."""
    if len(ballots) < max(1, quorum):
        return None
    rest = 1000 - sum(floors.values())
    above = {
        objective: {
            v: sum(ballot[objective] - floor > v for ballot in ballots) if v >= 0 else len(ballots)
            for v in range(-1, rest + 1)
        }
        for objective, floor in floors.items()
    }

    def share(objective: str, t: Fraction) -> Fraction:
        g = above[objective]
        low, high = 0, rest  # v − t·G(v) rises with v, and G(rest) is 0
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if middle >= t * g[middle] else (middle + 1, high)
        return min(Fraction(low), t * g[low - 1])

    def total(t: Fraction) -> Fraction:
        return sum((share(objective, t) for objective in floors), Fraction(0))

    points = {Fraction(0)}
    for g in above.values():
        points |= {Fraction(v, g[w]) for v in range(rest + 1) for w in (v - 1, v) if g[w] > 0}
    breakpoints = sorted(points)
    low, high = 0, len(breakpoints)  # the sum rises with t, and is 0 at 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if total(breakpoints[middle]) <= rest else (low, middle)
    t = breakpoints[low]
    if total(t) != rest:
        following = breakpoints[low + 1]
        t += (following - t) * (rest - total(t)) / (total(following) - total(t))
    exact = {objective: share(objective, t) for objective in floors}
    given = {objective: int(value) for objective, value in exact.items()}
    missing = rest - sum(given.values())
    order = sorted(floors, key=lambda objective: (given[objective] - exact[objective], objective.encode()))
    return {objective: floor + given[objective] + (objective in order[:missing]) for objective, floor in floors.items()}


def swings(kind: str, before: Any, after: Any) -> bool:
    """Whether two tallies differ so much that the vote goes on (section 7, late swing)."""
    if kind != "points" or before is None or after is None:
        return bool(before != after)
    return bool(sum(abs(before[objective] - after[objective]) for objective in before) > 100)
