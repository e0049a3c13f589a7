"""The tallies keep what members are told about them: counters agree, order is nothing, and a lie brings nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, product, repeat
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.assembly.entries import Choice
from rankd.core.assembly.tally.ballots import counted
from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.assembly.tally.markets import tally_points
from rankd.core.assembly.tally.quorum import quorum_of
from rankd.core.assembly.tally.result import STATUS_QUO, Abstention, PointsBallot, PointsResult, Ranking
from rankd.core.assembly.tally.schulze import tally_ranking
from rankd.core.assembly.tally.yes_no import tally_yes_no

Points = dict[str, int]

FAST, NAIVE = COUNTERS["fast"], COUNTERS["naive"]
HALF = Fraction(1, 2)
ABSTAIN: Abstention = "abstain"

rngs = st.randoms(use_true_random=False)
quickly = settings(max_examples=60, deadline=None)
choice_lists: st.SearchStrategy[list[Choice]] = st.lists(st.sampled_from(("yes", "no", "abstain")), max_size=30)
majorities = st.sampled_from([HALF, Fraction(3, 5), Fraction(2, 3), Fraction(3, 4)])


def random_ranking(rng: Random, option_count: int) -> Ranking:
    """Some of the options and the status quo, in random groups."""
    named = rng.sample(range(option_count + 1), rng.randint(0, option_count + 1))
    groups: list[list[int]] = []
    for option in named:
        if groups and rng.random() < 0.25:
            groups[-1].append(option)
        else:
            groups.append([option])
    return tuple(map(tuple, groups))


def random_rankings(rng: Random, option_count: int) -> list[Ranking]:
    """Up to 25 rankings; often several are the same, so that there are ties and cycles of equal strength."""
    pool = [random_ranking(rng, option_count) for _ in range(rng.randint(1, 8))]
    return [rng.choice(pool) for _ in range(rng.randint(0, 25))]


class PointsVote:
    """Random bounds that leave `spare` points to hand out, and random ballots within them."""

    def __init__(self, rng: Random, size: int, spare: int) -> None:
        self.rng = rng
        self.floors = self._hand_out(dict.fromkeys("zyxwvuts"[:size], 0), 1000 - spare)
        self.caps = {objective: floor + rng.randint(0, spare) for objective, floor in self.floors.items()}
        while sum(self.caps.values()) < 1000:
            objective = rng.choice(list(self.caps))
            self.caps[objective] = self.floors[objective] + spare

    def ballot(self) -> Points:
        return self._hand_out(dict(self.floors), 1000 - sum(self.floors.values()), self.caps)

    def ballots(self, count: int) -> list[Points]:
        pool = [self.ballot() for _ in range(self.rng.randint(1, 6))]
        return [self.rng.choice(pool) if self.rng.random() < 0.5 else self.ballot() for _ in range(count)]

    def count(self, ballots: Sequence[PointsBallot], quorum: int = 1) -> PointsResult:
        return tally_points(ballots, self.floors, self.caps, quorum)

    def _hand_out(self, points: Points, left: int, caps: Mapping[str, int] | None = None) -> Points:
        step = self.rng.choice([1, 10, 100, 1000]) if left > 100 else 1
        while left:
            objective = self.rng.choice([o for o in points if caps is None or points[o] < caps[o]])
            more = min(left, step * self.rng.randint(1, max(1, left // step)))
            if caps is not None:
                more = min(more, caps[objective] - points[objective])
            points[objective] += more
            left -= more
        return points


def random_points_vote(rng: Random) -> PointsVote:
    return PointsVote(rng, rng.randint(1, 5), rng.choice([0, 1, 2, 7, 30, 200, 1000]))


# One counter is as good as the other


@given(choice_lists, st.integers(0, 40), majorities)
@quickly
def test_counters_agree_on_yes_and_no(choices: list[Choice], quorum: int, majority: Fraction) -> None:
    assert FAST.yes_no(choices, quorum, majority) == NAIVE.yes_no(choices, quorum, majority)


@given(rngs, st.integers(1, 6), st.integers(0, 10), majorities)
@settings(max_examples=200, deadline=None)
def test_counters_agree_on_rankings(rng: Random, option_count: int, quorum: int, majority: Fraction) -> None:
    rankings = random_rankings(rng, option_count)
    fast = FAST.ranking(rankings, option_count, quorum, majority)
    assert fast == NAIVE.ranking(rankings, option_count, quorum, majority)


@given(rngs, st.integers(0, 12), st.integers(0, 8))
@quickly
def test_counters_agree_on_points(rng: Random, count: int, quorum: int) -> None:
    vote = random_points_vote(rng)
    ballots: list[PointsBallot] = [*vote.ballots(count), *repeat(ABSTAIN, rng.randint(0, 2))]
    fast = FAST.points(ballots, vote.floors, vote.caps, quorum)
    assert fast == NAIVE.points(ballots, vote.floors, vote.caps, quorum)


# What is counted


@given(rngs, choice_lists, st.integers(1, 5))
@quickly
def test_the_order_of_ballots_never_matters(rng: Random, choices: list[Choice], option_count: int) -> None:
    rankings = random_rankings(rng, option_count)
    vote = random_points_vote(rng)
    ballots: list[PointsBallot] = [*vote.ballots(rng.randint(0, 8)), "abstain"]
    before = (
        tally_yes_no(choices, 9, HALF),
        tally_ranking(rankings, option_count, 3, HALF),
        vote.count(ballots),
    )
    for each in (choices, rankings, ballots):
        rng.shuffle(each)
    assert before == (
        tally_yes_no(choices, 9, HALF),
        tally_ranking(rankings, option_count, 3, HALF),
        vote.count(ballots),
    )


_cast = st.lists(
    st.tuples(st.sampled_from(("ada", "bea")), st.integers(1, 4), st.sampled_from((b"1", b"2", b"3"))), max_size=12
).map(lambda cast: [(member, number, digest, (number, digest)) for member, number, digest in cast])


@given(rngs, _cast)
@quickly
def test_neither_order_nor_repetition_changes_which_ballot_counts(
    rng: Random, cast: list[tuple[str, int, bytes, tuple[int, bytes]]]
) -> None:
    want = {}
    for member in ("ada", "bea"):
        for number in range(1, 5):
            contents = {digest for who, at, digest, _ in cast if (who, at) == (member, number)}
            if len(contents) == 1:
                want[member] = (number, *contents)
    again = cast + [rng.choice(cast) for _ in cast]
    rng.shuffle(again)
    assert counted(cast) == counted(again) == want


# Quorum, yes and no


@given(st.integers(1, 10**6) | st.integers(1, 60))
@quickly
def test_the_quorum_is_the_least_that_fits(active: int) -> None:
    quorum = quorum_of(active, None, Fraction(0))
    assert 1 <= quorum <= active
    assert 4 * (quorum - 1) ** 2 < 9 * active
    assert 4 * quorum**2 >= 9 * active or quorum == active


@given(st.integers(1, 10**5), st.fractions(0, 1), st.fractions(0, 1))
@quickly
def test_a_share_and_a_minimum_are_reached_by_the_quorum_and_not_by_one_less(
    active: int, share: Fraction, at_least: Fraction
) -> None:
    quorum = quorum_of(active, share, at_least)
    assert quorum >= share * active
    assert quorum >= at_least * active
    assert quorum == 0 or quorum - 1 < max(share, at_least) * active


@given(choice_lists, st.integers(0, 20), majorities, st.integers(1, 10))
@quickly
def test_a_no_never_helps_to_pass(choices: list[Choice], quorum: int, majority: Fraction, more: int) -> None:
    without = tally_yes_no(choices, quorum, majority)
    noes: list[Choice] = ["no" for _ in range(more)]
    assert tally_yes_no(choices + noes, quorum, majority).passed <= without.passed
    # nor does a no instead of an abstention
    others: list[Choice] = ["no" if choice == "abstain" else choice for choice in choices]
    assert tally_yes_no(others, quorum, majority).passed <= without.passed


@given(choice_lists, st.integers(0, 20), majorities)
@quickly
def test_a_yes_never_hinders(choices: list[Choice], quorum: int, majority: Fraction) -> None:
    more: list[Choice] = [*choices, "yes"]
    assert tally_yes_no(more, quorum, majority).passed >= tally_yes_no(choices, quorum, majority).passed


# Rankings


def test_who_beats_each_other_option_wins_when_all_qualify() -> None:
    rng = Random(2009)
    found = 0
    for _ in range(400):
        option_count = rng.randint(2, 6)
        rankings: list[Ranking] = [tuple((o,) for o in range(1, option_count + 1))]
        rankings += [without_status_quo(ranking) for ranking in random_rankings(rng, option_count)]
        result = tally_ranking(rankings, option_count, 0, HALF)
        assert result.qualified == tuple(range(1, option_count + 1))
        beats = [
            all(result.pairwise[i][j] > result.pairwise[j][i] for j in result.qualified if j != i)
            for i in result.qualified
        ]
        if any(beats):
            found += 1
            assert (result.schulze_winners, result.winner) == ((beats.index(True) + 1,), beats.index(True) + 1)
    assert 100 < found < 400


def without_status_quo(ranking: Ranking) -> Ranking:
    """The same ranking, naming the options only: the status quo comes last, and whom somebody names qualifies."""
    groups = (tuple(option for option in group if option != STATUS_QUO) for group in ranking)
    return tuple(group for group in groups if group)


@given(rngs, st.integers(2, 6), st.integers(0, 10), majorities)
@quickly
def test_an_option_that_does_not_qualify_changes_nothing_for_the_others(
    rng: Random, option_count: int, quorum: int, majority: Fraction
) -> None:
    rankings = random_rankings(rng, option_count)
    result = tally_ranking(rankings, option_count, quorum, majority)
    kept = (STATUS_QUO, *result.qualified)
    if not result.qualified:
        assert result.winner == STATUS_QUO
        return
    # the same ballots in a vote where the others were never on offer
    complete = [(*ranking, tuple(set(range(option_count + 1)) - set(chain(*ranking)))) for ranking in rankings]
    groups = [[tuple(kept.index(o) for o in group if o in kept) for group in ranking] for ranking in complete]
    pruned = [tuple(group for group in ranking if group) for ranking in groups]
    again = tally_ranking(pruned, len(result.qualified), quorum, majority)
    assert again.strongest_paths == result.strongest_paths
    assert kept[again.winner] == result.winner


# Points


@given(rngs, st.integers(1, 12))
@quickly
def test_points_keep_floors_and_caps_and_are_a_thousand(rng: Random, count: int) -> None:
    vote = random_points_vote(rng)
    result = vote.count(vote.ballots(count))
    assert result.points is not None
    assert list(result.points) == list(vote.floors)
    assert sum(result.points.values()) == sum(result.shares.values()) == sum(result.mean.values()) == 1000
    for objective, points in result.points.items():
        assert vote.floors[objective] <= points <= vote.caps[objective]
        assert vote.floors[objective] <= result.shares[objective] <= vote.caps[objective]
        assert abs(points - result.shares[objective]) < 1


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6).filter(any))
@quickly
def test_members_who_each_want_one_thing_split_the_points_by_their_numbers(counts: list[int]) -> None:
    objectives = "abcdef"[: len(counts)]
    ballots = [
        {objective: 1000 * (objective == wanted) for objective in objectives}
        for wanted, count in zip(objectives, counts, strict=True)
        for _ in range(count)
    ]
    free, full = dict.fromkeys(objectives, 0), dict.fromkeys(objectives, 1000)
    result = tally_points(ballots, free, full, 1)
    assert list(result.shares.values()) == [Fraction(1000 * count, sum(counts)) for count in counts]


@pytest.mark.parametrize("times", [1, 7, 300])
def test_two_three_and_five_of_ten_split_the_points_so(times: int) -> None:
    wants = ["a"] * 2 + ["b"] * 3 + ["c"] * 5
    ballots = [{objective: 1000 * (objective == wanted) for objective in "abc"} for wanted in wants * times]
    result = tally_points(ballots, dict.fromkeys("abc", 0), dict.fromkeys("abc", 1000), 1)
    assert result.points == {"a": 200, "b": 300, "c": 500}


@given(rngs, st.integers(1, 6), st.integers(2, 4))
@quickly
def test_as_many_of_each_ballot_come_to_the_same(rng: Random, count: int, times: int) -> None:
    vote = random_points_vote(rng)
    ballots = vote.ballots(count)
    once, often = vote.count(ballots), vote.count(ballots * times)
    assert (once.points, once.shares, once.mean) == (often.points, often.shares, often.mean)


# Lies. What members are told (MATH 5): no single member can bring the result closer to her own thousand points by
# handing in other points, apart from rounding, which moves no objective by a whole point. Closer is Σ|Δ|. Rounding
# twice can so bring a lie a gain, but less than one point per objective.

Outcome = tuple[Mapping[str, Fraction], Mapping[str, int]]
Rule = Callable[[PointsVote, Sequence[Points]], Outcome]


def markets(vote: PointsVote, ballots: Sequence[Points]) -> Outcome:
    result = vote.count(ballots)
    assert result.points is not None
    return result.shares, result.points


def average(vote: PointsVote, ballots: Sequence[Points]) -> Outcome:
    """What would be paid out under the mean."""
    mean = vote.count(ballots).mean
    return mean, {objective: round(share) for objective, share in mean.items()}


def distance(outcome: Mapping[str, Fraction] | Mapping[str, int], own: Points) -> Fraction:
    return sum((abs(Fraction(outcome[objective]) - points) for objective, points in own.items()), Fraction(0))


def every_ballot(vote: PointsVote) -> Iterator[Points]:
    """All ballots that the bounds allow; for few spare points."""
    ranges = [range(floor, vote.caps[objective] + 1) for objective, floor in vote.floors.items()]
    for values in product(*ranges):
        if sum(values) == 1000:
            yield dict(zip(vote.floors, values, strict=True))


def some_lies(vote: PointsVote, own: Points) -> Iterator[Points]:
    """Other points at random, and own points with some moved between two objectives: one, many, or all that can be."""
    for _ in range(4):
        yield vote.ballot()
    for amount in (1, 3, 40, 1000, 1000):
        source, target = vote.rng.choice(list(own)), vote.rng.choice(list(own))
        moved = min(amount, own[source] - vote.floors[source], vote.caps[target] - own[target])
        if source != target and moved > 0:
            yield {**own, source: own[source] - moved, target: own[target] + moved}


def gains(rule: Rule, seed: int, profile_count: int) -> tuple[Fraction, Fraction, int]:
    """Search for lies that pay.

    Returns:
        The greatest gain on the result before rounding; the greatest gain after rounding, per objective; lies tried.
    """
    rng = Random(seed)
    best = best_rounded = Fraction(-1)
    tried = 0
    for number in range(profile_count):
        few = number % 2 == 0
        vote = PointsVote(rng, rng.randint(2, 4), rng.randint(1, 5) if few else rng.choice([50, 1000]))
        ballots = vote.ballots(rng.randint(1, 7))
        own, others = ballots[0], ballots[1:]
        shares, points = rule(vote, ballots)
        for lie in every_ballot(vote) if few else some_lies(vote, own):
            lied_shares, lied_points = rule(vote, [lie, *others])
            tried += 1
            best = max(best, distance(shares, own) - distance(lied_shares, own))
            gain = distance(points, own) - distance(lied_points, own)
            best_rounded = max(best_rounded, gain / len(own))
    return best, best_rounded, tried


def test_no_lie_pays_under_markets() -> None:
    best, best_rounded, tried = gains(markets, seed=5, profile_count=5_000)
    assert best == 0
    assert best_rounded < 1
    assert tried > 20_000


def test_the_same_search_finds_lies_that_pay_under_an_average() -> None:
    best, best_rounded, _ = gains(average, seed=5, profile_count=200)
    assert best > 100
    assert best_rounded > 50
