"""Counters that read like the definitions of MATH 5 and 6, for who would rather trust a slow count.

They share the types of the results with the fast ones, and nothing else: no helper, no shortcut.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor

from rankd.core.assembly.entries import Choice
from rankd.core.assembly.tally.result import (
    PointsBallot,
    PointsResult,
    Ranking,
    RankingResult,
    Support,
    YesNoResult,
)


def naive_yes_no(choices: Iterable[Choice], quorum: int, majority: Fraction) -> YesNoResult:
    """Count a yes/no vote; see `tally_yes_no`."""
    yes = no = abstain = 0
    for choice in choices:
        if choice == "yes":
            yes += 1
        elif choice == "no":
            no += 1
        elif choice == "abstain":
            abstain += 1
        else:
            raise ValueError("not a choice")
    return YesNoResult(
        yes=yes,
        no=no,
        abstain=abstain,
        quorum=quorum,
        majority=majority,
        passed=yes + yes >= quorum and yes > 0 and Fraction(yes, yes + no) > majority,
    )


def naive_ranking(rankings: Iterable[Ranking], option_count: int, quorum: int, majority: Fraction) -> RankingResult:
    """Count a ranking vote; see `tally_ranking`."""
    if option_count <= 0:
        raise ValueError("nothing to rank")
    places = [_places(ranking, option_count) for ranking in rankings]

    def votes(better: int, worse: int) -> int:
        return sum(1 for place in places if place[better] < place[worse])

    supports = []
    for option in range(1, option_count + 1):
        supporters, opponents = votes(option, 0), votes(0, option)
        wins = supporters > 0 and Fraction(supporters, supporters + opponents) > majority
        supports.append(Support(option, supporters, opponents, wins and supporters * 2 >= quorum))
    qualified = [support.option for support in supports if support.qualifies]

    links = {(i, j): votes(i, j) for i in qualified for j in qualified if votes(i, j) > votes(j, i)}
    strongest = {(i, j): _strongest_path(links, i, j) for i in qualified for j in qualified}
    winners = [i for i in qualified if not any(strongest[j, i] > strongest[i, j] for j in qualified)]

    return RankingResult(
        ballot_count=len(places),
        quorum=quorum,
        majority=majority,
        over=tuple(supports),
        pairwise=tuple(tuple(votes(i, j) for j in range(option_count + 1)) for i in range(option_count + 1)),
        qualified=tuple(qualified),
        strongest_paths=tuple(tuple(strongest[i, j] for j in qualified) for i in qualified),
        schulze_winners=tuple(winners),
        winner=_first(winners, supports),
    )


def _places(ranking: Ranking, option_count: int) -> list[int]:
    """The place of each option on a ballot, 0 the best; who is not named stands behind everybody else."""
    places = [len(ranking)] * (option_count + 1)
    seen: list[int] = []
    for place, group in enumerate(ranking):
        if len(group) == 0:
            raise ValueError("an empty group")
        for option in group:
            if option < 0 or option > option_count or option in seen:
                raise ValueError("not an option, or one named twice")
            seen.append(option)
            places[option] = place
    return places


def _strongest_path(links: Mapping[tuple[int, int], int], start: int, end: int) -> int:
    """The greatest strength such that links at least so strong lead from start to end; 0: none do."""
    if start == end:
        return 0
    for strength in sorted(set(links.values()), reverse=True):
        reached = {start}
        while more := {j for (i, j), s in links.items() if s >= strength and i in reached and j not in reached}:
            reached |= more
        if end in reached:
            return strength
    return 0


def _first(winners: Sequence[int], supports: Sequence[Support]) -> int:
    """Most votes over the status quo, then fewest against, then the smallest number."""
    left = [support for support in supports if support.option in winners]
    if not left:
        return 0
    most = max(support.supporters for support in left)
    left = [support for support in left if support.supporters == most]
    fewest = min(support.opponents for support in left)
    return min(support.option for support in left if support.opponents == fewest)


def naive_points(
    ballots: Sequence[PointsBallot], floors: Mapping[str, int], caps: Mapping[str, int], quorum: int
) -> PointsResult:
    """Count a points vote; see `tally_points`. The letters are those of MATH 5."""
    objectives = list(floors)
    if set(objectives) != set(caps) or any(floors[j] < 0 or floors[j] > caps[j] for j in objectives):
        raise ValueError("not bounds")
    if sum(floors.values()) > 1000 or sum(caps.values()) < 1000:
        raise ValueError("bounds that nobody can keep")
    given: list[Mapping[str, int]] = []
    for ballot in ballots:
        if isinstance(ballot, str):
            if ballot != "abstain":
                raise ValueError("not a ballot")
            continue
        if set(ballot) != set(objectives) or any(type(ballot[j]) is not int for j in objectives):
            raise ValueError("not every objective, or not integers")
        if sum(ballot.values()) != 1000 or any(ballot[j] < floors[j] or ballot[j] > caps[j] for j in objectives):
            raise ValueError("not 1000, or out of bounds")
        given.append(ballot)
    n = len(given)
    if n == 0:
        return PointsResult(None, {}, None, {}, 0, len(ballots), quorum)

    spare = 1000 - sum(floors.values())
    above = {j: _above([ballot[j] - floors[j] for ballot in given], spare) for j in objectives}
    t, x = _markets(above, spare)
    shares = {j: floors[j] + x[j] for j in objectives}
    return PointsResult(
        points=_whole(shares) if n >= quorum else None,
        shares=shares,
        t=t,
        mean={j: sum((Fraction(ballot[j]) for ballot in given), Fraction(0)) / n for j in objectives},
        ballot_count=n,
        abstain_count=len(ballots) - n,
        quorum=quorum,
    )


def _above(s: Sequence[int], spare: int) -> list[int]:
    """(a) G(v) at v + 1, for v = −1, 0 … R: how many ballots give more than v; at −1 all of them."""
    ordered = sorted(s)
    return [len(ordered)] + [len(ordered) - bisect_right(ordered, v) for v in range(spare + 1)]


def _markets(above: Mapping[str, Sequence[int]], spare: int) -> tuple[Fraction, dict[str, Fraction]]:
    """(d) Return t* and the amounts at t*."""
    least = dict.fromkeys(above, 0)
    a, at_a = Fraction(0), dict.fromkeys(above, Fraction(0))
    for b in _breakpoints(above, spare):
        least_at_b = {j: _least(b, g, least[j]) for j, g in above.items()}
        at_b = {j: _amount(b, g, least_at_b[j]) for j, g in above.items()}
        if sum(at_b.values()) > spare:
            if sum(at_a.values()) == spare:
                return a, at_a
            t = a + (b - a) * (spare - sum(at_a.values())) / (sum(at_b.values()) - sum(at_a.values()))
            return t, {j: _amount(t, g, _least(t, g, least[j])) for j, g in above.items()}
        a, at_a, least = b, at_b, least_at_b
    return a, at_a


def _least(t: Fraction, g: Sequence[int], start: int) -> int:
    """(b) The least v with v ≥ t·G(v). It does not fall while t rises, so an earlier moment's is where to start."""
    v = start
    while v < t * g[v + 1]:
        v += 1
    return v


def _amount(t: Fraction, g: Sequence[int], v: int) -> Fraction:
    """(b) What an objective holds at t, v being the least."""
    return min(Fraction(v), t * g[v])


def _breakpoints(above: Mapping[str, Sequence[int]], spare: int) -> list[Fraction]:
    """(c) 0, and all v/G(v − 1) and v/G(v) with positive denominators, rising."""
    breakpoints = {Fraction(0)}
    for g in above.values():
        for v in range(spare + 1):
            for demand in (g[v], g[v + 1]):
                if demand > 0:
                    breakpoints.add(Fraction(v, demand))
    return sorted(breakpoints)


def _whole(shares: Mapping[str, Fraction]) -> dict[str, int]:
    """(e) Round down; the missing points go one each to the largest fractional parts, ties to the smaller id."""
    points = {j: floor(share) for j, share in shares.items()}
    waiting = sorted(shares, key=lambda j: j.encode("utf-8"))
    while sum(points.values()) < 1000:
        next_one = max(waiting, key=lambda j: shares[j] - floor(shares[j]))
        waiting.remove(next_one)
        points[next_one] += 1
    return points
