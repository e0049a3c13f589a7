"""Counterfactuals: the smallest transfer of points that would have put a candidate before the one ahead of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rankd.core.exact.chance import TieLot
from rankd.core.policy.policy import Limits
from rankd.core.ranking.formula import MAX_SERVED, Formula
from rankd.core.ranking.ranking import Ranking, Workings, rank
from rankd.core.ranking.request import RankingRequest
from rankd.core.ranking.rules import discount, drop

_Ints = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Transfer:
    """A policy that differs from the one that ranked by `points`, taken from one objective and given to another."""

    points: int
    from_objective: str
    to_objective: str


@dataclass(frozen=True, slots=True)
class Swap:
    """What it would have taken to come before the candidate ranked right before.

    Attributes:
        before: The candidate ranked right before, by index in the request; places are those before exploration.
        transfer: The smallest transfer found, confirmed by ranking again; None where none was found.
        settled: Whether every other transfer is accounted for, by ranking again or by proof: with a transfer, no
            smaller one does it; without, none does it at all.
        tried: How many policies were ranked again, at most the number of tries.
    """

    before: int
    transfer: Transfer | None
    settled: bool
    tried: int


class Counterfactuals:
    """One decision's policies that differ by one transfer of points, each ranked again in full when it is tried.

    A transfer leaves a thousand points in all and each objective within its limits; only objectives for which the
    model has a head can receive points. The viewer's sliders, the rules and the nonce stay as they were.

    Args:
        request: The request, as recorded.
        formula: The formula that ranked it.
        limits: The limits that every tried policy must keep.
        margins: int32, shape (heads, n), as recorded.
        rule_columns: float32, shape (n,) or (1,), by name: the columns that the policy's rules read.
        nonce: The decision's nonce.
        ranking: What they gave.
    """

    def __init__(
        self,
        request: RankingRequest,
        formula: Formula,
        limits: Limits,
        margins: npt.NDArray[np.int32],
        rule_columns: Mapping[str, npt.NDArray[np.float32]],
        nonce: bytes,
        ranking: Ranking,
    ) -> None:
        self._request = request
        self._formula = formula
        self._margins = margins
        self._rule_columns = rule_columns
        self._nonce = nonce
        self._ranking = ranking
        self._table = _Table(formula, limits, request.sliders)
        dropped = drop(request, formula.rules)
        self._kept = [c for c in range(len(request.candidates)) if c not in dropped]
        self._posts = Counter(request.candidates.author_ids[c] for c in self._kept)
        self._served = dict(request.served_author_counts)
        self._orders: dict[tuple[int, ...], tuple[int, ...]] = {}

    def swap(self, candidate: int, tries: int) -> Swap | None:
        """Return the smallest transfer that puts a candidate before the one ranked right before it.

        Transfers are tried in order of size, then of the objectives that give and receive: first those that do it
        where author diversity weighs as it did; if the first of them fail, larger ones by doubling and halving; last
        every other transfer that could do it at all. The same arguments always give the same answer.

        Args:
            candidate: Index in the request.
            tries: How many policies to rank again at most, ≥ 1.

        Returns:
            None where nobody is ranked right before it: it is first, has no place, or the order is newest first.
        """
        order, work = self._ranking.order, self._ranking.workings
        if work is None or candidate not in order[1:]:
            return None
        place = order.index(candidate)
        ahead = order[place - 1]
        mine, theirs = (self._table.values(work, c) for c in (candidate, ahead))
        first_of_equals = TieLot(self._nonce, self._id(candidate)) < TieLot(self._nonce, self._id(ahead))
        factors = work.diversity[place], work.diversity[place - 1]
        likely = _beats(mine, theirs, *factors, first_of_equals)
        possible = np.ones_like(likely)
        if not (self._may_be_blocked(ahead) or self._may_be_pulled(candidate, ahead)):
            possible = _beats(mine, theirs, *self._best_case(candidate, ahead), first_of_equals)
        search = _Search(self, candidate, ahead, tries)
        found = search.smallest(np.flatnonzero(likely).tolist())
        settled = search.settle(np.flatnonzero(possible[:found]).tolist())
        found = min(search.good, default=None)
        transfer = None if found is None else self._table.transfer(found)
        return Swap(ahead, transfer, settled, len(search.good) + len(search.bad))

    def puts_before(self, number: int, candidate: int, ahead: int) -> bool:
        """Whether transfer `number`, ranked again, puts `candidate` before `ahead` in the slate."""
        formula = self._table.formula(number)
        moved = formula.moved_points(self._request.sliders)
        if moved not in self._orders:
            again = rank(self._request, formula, self._margins, self._rule_columns, self._nonce)
            self._orders[moved] = again.order
        order = self._orders[moved]
        return candidate in order and (ahead not in order or order.index(candidate) < order.index(ahead))

    def _id(self, candidate: int) -> str:
        return self._request.candidates.ids[candidate]

    def _may_be_blocked(self, ahead: int) -> bool:
        """Whether some slate lets a cap keep `ahead` from a place."""
        candidates = self._request.candidates
        author = candidates.author_ids[ahead]
        for cap in self._formula.rules.caps:
            if cap.group is None:
                others = self._posts[author] - 1 if author else -1
            elif cap.group in candidates.groups[ahead]:
                others = sum(cap.group in candidates.groups[c] for c in self._kept) - 1
            else:
                continue
            if others >= cap.at_most:
                return True
        return False

    def _may_be_pulled(self, candidate: int, ahead: int) -> bool:
        """Whether a quota can reserve a place to `candidate` that `ahead` cannot have."""
        mine, theirs = (self._request.candidates.groups[c] for c in (candidate, ahead))
        return any(quota.group in mine and quota.group not in theirs for quota in self._formula.rules.quotas)

    def _best_case(self, candidate: int, ahead: int) -> tuple[int, int]:
        """Return the factors of author diversity that suit `candidate` best.

        No other post of its own author comes before it, and all those of the other's author do.
        """
        authors, diversity = self._request.candidates.author_ids, self._formula.diversity
        mine, theirs = authors[candidate], authors[ahead]
        earliest = self._served.get(mine, 0) if mine else 0
        latest = self._served.get(theirs, 0) + self._posts[theirs] - 1 if theirs else 0
        return diversity[min(earliest, MAX_SERVED)], diversity[min(latest, MAX_SERVED)]


class _Search:
    """Which transfers were tried for one candidate, and how they did."""

    def __init__(self, policies: Counterfactuals, candidate: int, ahead: int, tries: int) -> None:
        self.good: set[int] = set()
        self.bad: set[int] = set()
        self._policies = policies
        self._candidate = candidate
        self._ahead = ahead
        self._tries = tries

    def smallest(self, likely: Sequence[int]) -> int | None:
        """Return the smallest transfer among `likely` that does it, as far as the tries reach."""
        early = max(1, self._tries // 2)
        for number in likely[:early]:
            if self._try(number):
                return number
        fails, works = min(early, len(likely)) - 1, len(likely)
        reach = 2 * early
        while fails + 1 < works and self._left():
            at = min(reach, len(likely) - 1) if works == len(likely) else (fails + works) // 2
            if self._try(likely[at]):
                works = at
            else:
                fails = at
            reach *= 2
        return likely[works] if works < len(likely) else None

    def settle(self, possible: Sequence[int]) -> bool:
        """Try the rest of what is possible, in order of size; return whether nothing smaller is left untried.

        Where a transfer is known and the rest cannot all be tried, none is: a part of them would settle nothing.
        """
        rest = [number for number in possible if number not in self.bad]
        if self.good and len(rest) > self._left():
            return False
        for number in rest[: self._left()]:
            if self._try(number):
                return True
        return all(number in self.bad for number in rest)

    def _left(self) -> int:
        return self._tries - len(self.good) - len(self.bad)

    def _try(self, number: int) -> bool:
        does = self._policies.puts_before(number, self._candidate, self._ahead)
        (self.good if does else self.bad).add(number)
        return does


class _Table:
    """Every transfer that keeps the limits and changes somebody's points, in order of size."""

    def __init__(self, formula: Formula, limits: Limits, sliders: tuple[tuple[str, int], ...]) -> None:
        self._formula = formula
        percents = dict(sliders)
        self._percents = np.array([percents.get(head.objective, 100) for head in formula.heads], dtype=np.int64)
        self._points, self._signs = np.array(formula.points, np.int64), np.array(formula.signs, np.int64)
        bounds = {entry.objective: entry for entry in limits.objectives}
        rows: list[tuple[int, int, int]] = []
        for giver, head in enumerate(formula.heads):
            spare = formula.points[giver] - bounds[head.objective].min_points
            for taker, other in enumerate(formula.heads):
                room = bounds[other.objective].max_points - formula.points[taker]
                if giver != taker:
                    rows.extend((points, giver, taker) for points in range(1, min(spare, room) + 1))
        table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
        self._sizes, self._givers, self._takers = self._distinct(table).T

    def transfer(self, number: int) -> Transfer:
        """Return one transfer."""
        heads = self._formula.heads
        giver, taker = heads[self._givers[number]], heads[self._takers[number]]
        return Transfer(int(self._sizes[number]), giver.objective, taker.objective)

    def formula(self, number: int) -> Formula:
        """Return the formula of the policy that one transfer leads to."""
        points = list(self._formula.points)
        points[self._givers[number]] -= int(self._sizes[number])
        points[self._takers[number]] += int(self._sizes[number])
        return replace(self._formula, points=tuple(points))

    def values(self, work: Workings, candidate: int) -> _Ints:
        """Return a candidate's value under each transfer, after every rule but author diversity.

        Returns:
            int64, shape (transfers,), micro-points.
        """
        lifts = work.terms.lifts_micro[:, candidate] * self._signs
        values: _Ints = work.terms.values[candidate] + (
            self._changes(self._givers, -self._sizes) * lifts[self._givers]
            + self._changes(self._takers, self._sizes) * lifts[self._takers]
        )
        for step in work.steps:
            values = discount(values, step.factors[candidate])
        return values

    def _changes(self, rows: _Ints, points: _Ints) -> _Ints:
        """Return by how much points after the slider change, where `points` are added to the policy's."""
        before, percents = self._points[rows], self._percents[rows]
        changes: _Ints = (before + points) * percents // 100 - before * percents // 100
        return changes

    def _distinct(self, table: _Ints) -> _Ints:
        """Leave out what sliders make equal to the policy itself, or to a smaller transfer."""
        sizes, givers, takers = table.T
        less, more = self._changes(givers, -sizes), self._changes(takers, sizes)
        ends = np.where(less == 0, -1, givers), np.where(more == 0, -1, takers)
        alike = np.stack((*ends, less, more), axis=1)
        _, first = np.unique(alike, axis=0, return_index=True)
        kept = np.zeros(len(table), dtype=np.bool_)
        kept[first] = True
        distinct: _Ints = table[kept & ((less != 0) | (more != 0))]
        return distinct


def _beats(mine: _Ints, theirs: _Ints, my_factor: int, their_factor: int, first_of_equals: bool) -> _Flags:
    """Where a candidate comes before another by value, then by lot, with these factors of author diversity."""
    my_value, their_value = discount(mine, np.array(my_factor)), discount(theirs, np.array(their_factor))
    beats: _Flags = (my_value > their_value) | ((my_value == their_value) & first_of_equals)
    return beats
