"""The tally of a ranking vote: the Schulze method by winning votes, among the options that beat the status quo."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain

from rankd.core.assembly.tally.result import STATUS_QUO, Ranking, RankingResult, Support

Matrix = tuple[tuple[int, ...], ...]


def tally_ranking(rankings: Iterable[Ranking], option_count: int, quorum: int, majority: Fraction) -> RankingResult:
    """Count a ranking vote.

    An option qualifies if it beats the status quo by the majority among those who rank the two differently, and twice
    its supporters reach the quorum. The others are removed first; where none is left the status quo stays. Among the
    rest the Schulze method decides; of several winners the one with most votes over the status quo, then with fewest
    against, then with the smallest number. The status quo need not take part: it loses to each of the rest.

    Args:
        rankings: One a member; one that names nothing ranks all alike.
        option_count: n; the options are 1 … n, and 0 is the status quo.
        quorum: q, see `quorum_of`.
        majority: num/den, the share of supporters among supporters and opponents that must be exceeded.

    Raises:
        ValueError: There is no option, or a ranking names one that does not exist, one twice, or has an empty group.

    Source: MATH 6; Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent
    single-winner election method", Social Choice and Welfare 36 (2011).
    """
    if option_count < 1:
        raise ValueError("a ranking vote has at least one option")
    counts = Counter(rankings)
    pairwise = _pairwise(counts, option_count)
    over = tuple(_support(option, pairwise, quorum, majority) for option in range(1, option_count + 1))
    qualified = tuple(support.option for support in over if support.qualifies)
    strongest = _strongest_paths(pairwise, qualified)
    winners = _unbeaten(strongest, qualified)
    return RankingResult(
        ballot_count=counts.total(),
        quorum=quorum,
        majority=majority,
        over=over,
        pairwise=pairwise,
        qualified=qualified,
        strongest_paths=strongest,
        schulze_winners=winners,
        winner=min(
            winners,
            key=lambda option: (-over[option - 1].supporters, over[option - 1].opponents, option),
            default=STATUS_QUO,
        ),
    )


def _pairwise(counts: Counter[Ranking], option_count: int) -> Matrix:
    """Ballots that rank option i above option j, at [i][j]."""
    above = [[0] * (option_count + 1) for _ in range(option_count + 1)]
    options = range(option_count + 1)
    for ranking, count in counts.items():
        named = list(chain.from_iterable(ranking))
        if not all(ranking) or len(set(named)) != len(named) or any(option not in options for option in named):
            raise ValueError("a ranking names each option at most once, in groups that are not empty")
        below = set(options)
        for group in ranking:
            below.difference_update(group)
            for better in group:
                row = above[better]
                for worse in below:
                    row[worse] += count
    return tuple(map(tuple, above))


def _support(option: int, pairwise: Matrix, quorum: int, majority: Fraction) -> Support:
    supporters, opponents = pairwise[option][STATUS_QUO], pairwise[STATUS_QUO][option]
    beats = supporters * majority.denominator > majority.numerator * (supporters + opponents)
    return Support(option, supporters, opponents, beats and 2 * supporters >= quorum)


def _strongest_paths(pairwise: Matrix, options: Sequence[int]) -> Matrix:
    """Widest paths by Floyd and Warshall; a link is as strong as the votes that win it, and weakest links count."""
    strength = [[pairwise[i][j] if pairwise[i][j] > pairwise[j][i] else 0 for j in options] for i in options]
    size = range(len(options))
    for via in size:
        for start in size:
            for end in size:
                if start != end:
                    strength[start][end] = max(strength[start][end], min(strength[start][via], strength[via][end]))
    return tuple(map(tuple, strength))


def _unbeaten(strongest: Matrix, options: Sequence[int]) -> tuple[int, ...]:
    size = range(len(options))
    return tuple(options[i] for i in size if all(strongest[i][j] >= strongest[j][i] for j in size))
