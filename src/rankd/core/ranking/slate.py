"""The slate: caps, quotas and author diversity while places are filled one by one."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rankd.core.exact.chance import TieLot
from rankd.core.policy.policy import Rules
from rankd.core.ranking.formula import MAX_SERVED, Formula

AFTER_CAP = "after_cap"
"""Move of a candidate that was appended because the policy says so where caps let nobody in."""


def cap_id(index: int) -> str:
    """Return the id of the policy's cap at `index` (from 0): `cap/1#1`, `cap/1#2` and so on."""
    return f"cap/1#{index + 1}"


def quota_id(index: int) -> str:
    """Return the id of the policy's quota at `index` (from 0): `quota/1#1`, `quota/1#2` and so on."""
    return f"quota/1#{index + 1}"


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates that may be placed, in the request's order, by position in these columns.

    Attributes:
        values: Values after every discount but author diversity, micro-points.
        lots: Who comes first among equal values.
        authors: A number per author, or −1 where the author is not known.
        served: Posts already served, per author number.
        groups: Each candidate's groups.
    """

    values: Sequence[int]
    lots: Sequence[TieLot]
    authors: Sequence[int]
    served: Sequence[int]
    groups: Sequence[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Need:
    """A quota as it binds one slate: at least `least` of the `members` in the first `prefix` places."""

    quota_id: str
    members: frozenset[int]
    least: int
    prefix: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled slate.

    Attributes:
        order: Candidates by place.
        values: Adjusted value of each place, micro-points.
        diversity: Author diversity's factor at each place, over 2¹⁶.
        moves: For each place, the quota that pulled its candidate forward, `after_cap`, or None.
        capped: Candidates that no cap let in, each with its first cap's id; empty unless the slate ended early.
    """

    order: tuple[int, ...]
    values: tuple[int, ...]
    diversity: tuple[int, ...]
    moves: tuple[str | None, ...]
    capped: tuple[tuple[int, str], ...]


def needs(pool: Pool, rules: Rules, limit: int) -> tuple[Need, ...]:
    """Return the policy's quotas, scaled to a slate that may be shorter than they foresee.

    Source: MATH 3; docs/spec/scoring.md section 8.2.
    """
    scaled = []
    for index, quota in enumerate(rules.quotas):
        prefix = min(quota.in_first, limit, len(pool.values))
        members = frozenset(c for c, groups in enumerate(pool.groups) if quota.group in groups)
        scaled.append(Need(quota_id(index), members, quota.at_least * prefix // quota.in_first, prefix))
    return tuple(scaled)


def short_quotas(order: Sequence[int], needs: Iterable[Need]) -> tuple[str, ...]:
    """Return the quotas that the slate does not meet, by id."""
    return tuple(n.quota_id for n in needs if sum(c in n.members for c in order[: n.prefix]) < n.least)


def fill(pool: Pool, formula: Formula, limit: int, *, beyond: bool = True) -> Filled:
    """Fill a slate of up to 3 × limit places.

    At each place quotas decide who is eligible, caps who is not; then the best adjusted value, then the tie key.

    Args:
        pool: Who may be placed.
        formula: The formula in force.
        limit: Wanted length of the shown slate.
        beyond: Whether to go beyond `limit` places; a place depends on those before it alone.

    Source: MATH 3; docs/spec/scoring.md section 8.
    """
    return _Filling(pool, formula, limit).run(3 * limit if beyond else limit)


class _Filling:
    """The state of one slate while it is filled; places count from 1."""

    def __init__(self, pool: Pool, formula: Formula, limit: int) -> None:
        self.pool = pool
        self.caps = formula.rules.caps
        self.append = formula.rules.after_cap == "append"
        self.limit = limit
        self.needs = needs(pool, formula.rules, limit)
        self.factors = formula.diversity
        self.placed = [False] * len(pool.values)
        self.author_counts = [0] * len(pool.served)
        self.group_counts = [0] * len(self.caps)
        self.need_counts = [0] * len(self.needs)
        self.unplaced = [self._by_author(need) for need in self.needs]
        self.caps_hold = True
        self.author_caps = [(cap.at_most, cap.in_first) for cap in self.caps if cap.group is None]
        self.available = [self._availability(k, 1) for k in range(len(self.needs))]
        self.all = _Queue(self, range(len(pool.values)))
        self.members = [_Queue(self, sorted(need.members)) for need in self.needs]

    def run(self, places: int) -> Filled:
        order: list[int] = []
        values: list[int] = []
        diversity: list[int] = []
        moves: list[str | None] = []
        for place in range(1, min(places, len(self.pool.values)) + 1):
            if any(in_first == place - 1 for _, in_first in self.author_caps):
                self.available = [self._availability(k, place) for k in range(len(self.needs))]
            chosen, move = self._choose(place)
            if chosen is None:
                if not self.append:
                    break
                self.caps_hold = False
                chosen, move = self._choose(place)
                if chosen is None:
                    break
            order.append(chosen)
            values.append(self.adjusted(chosen))
            diversity.append(self.factors[self.exponent(chosen)])
            moves.append(move)
            self._place(chosen, place)
        capped: tuple[tuple[int, str], ...] = ()
        if len(order) < min(self.limit, len(self.pool.values)):
            place = len(order) + 1
            left = (c for c, placed in enumerate(self.placed) if not placed)
            capped = tuple((c, cap_id(self._blocking(c, place)[0])) for c in left)
        return Filled(tuple(order), tuple(values), tuple(diversity), tuple(moves), capped)

    def exponent(self, candidate: int) -> int:
        """How many of the author's posts come before this one, as far as diversity counts them."""
        author = self.pool.authors[candidate]
        if author < 0:
            return 0
        return min(self.pool.served[author] + self.author_counts[author], MAX_SERVED)

    def adjusted(self, candidate: int) -> int:
        value = self.pool.values[candidate]
        return (value * self.factors[self.exponent(candidate)]) >> 16 if value > 0 else value

    def blocked_until(self, candidate: int, place: int) -> int:
        """Return the last place that a cap keeps from this candidate, 0 where none does."""
        if not self.caps_hold or not self.caps:
            return 0
        return max((self.caps[index].in_first for index in self._blocking(candidate, place)), default=0)

    def _blocking(self, candidate: int, place: int) -> list[int]:
        author, groups = self.pool.authors[candidate], self.pool.groups[candidate]
        blocking = []
        for index, cap in enumerate(self.caps):
            if place > cap.in_first:
                continue
            if cap.group is None:
                full = author >= 0 and self.author_counts[author] >= cap.at_most
            else:
                full = cap.group in groups and self.group_counts[index] >= cap.at_most
            if full:
                blocking.append(index)
        return blocking

    def _choose(self, place: int) -> tuple[int | None, str | None]:
        best = self.all.best(place)
        if best is None:
            return None, None
        if not self.caps_hold:
            return best, AFTER_CAP
        urgent = self._urgent(place)
        if not urgent:
            return best, None
        chosen: int | None = None
        for k in urgent:
            candidate = self.members[k].best(place)
            if candidate is not None and (chosen is None or self._key(candidate) < self._key(chosen)):
                chosen = candidate
        if chosen is None or chosen == best:
            return best, None
        return chosen, next(self.needs[k].quota_id for k in urgent if chosen in self.needs[k].members)

    def _key(self, candidate: int) -> tuple[int, TieLot]:
        return -self.adjusted(candidate), self.pool.lots[candidate]

    def _urgent(self, place: int) -> list[int]:
        """Return the quotas whose members alone are eligible at `place`; none: everybody is."""
        remaining = [
            min(max(0, need.least - count), available) if place <= need.prefix else 0
            for need, count, available in zip(self.needs, self.need_counts, self.available, strict=True)
        ]
        for deadline in sorted({need.prefix for need, r in zip(self.needs, remaining, strict=True) if r > 0}):
            within = [k for k, need in enumerate(self.needs) if remaining[k] > 0 and need.prefix <= deadline]
            if sum(remaining[k] for k in within) >= deadline - place + 1:
                return within
        return []

    def _place(self, candidate: int, place: int) -> None:
        author = self.pool.authors[candidate]
        touched = [k for k, unplaced in enumerate(self.unplaced) if author in unplaced]
        before = [self._share(k, author, place) for k in touched]
        self.placed[candidate] = True
        if author >= 0:
            self.author_counts[author] += 1
        for index, cap in enumerate(self.caps):
            if cap.group is not None and cap.group in self.pool.groups[candidate]:
                self.group_counts[index] += 1
        for k, need in enumerate(self.needs):
            if candidate in need.members:
                self.need_counts[k] += 1
                self.unplaced[k][author] -= 1
        for k, old in zip(touched, before, strict=True):
            self.available[k] += self._share(k, author, place) - old

    def _by_author(self, need: Need) -> dict[int, int]:
        counts: dict[int, int] = {}
        for candidate in need.members:
            author = self.pool.authors[candidate]
            counts[author] = counts.get(author, 0) + 1
        return counts

    def _availability(self, k: int, place: int) -> int:
        return sum(self._share(k, author, place) for author in self.unplaced[k])

    def _share(self, k: int, author: int, place: int) -> int:
        """Return how many of one author's unplaced members quota k can still hope for."""
        share = self.unplaced[k][author]
        if author < 0:
            return share
        prefix = self.needs[k].prefix
        for at_most, in_first in self.author_caps:
            if place <= in_first:
                left = max(0, at_most - self.author_counts[author]) + max(0, prefix - in_first)
                share = min(share, left)
        return share


class _Queue:
    """Best-first queue over some candidates; adjusted values only fall, so stale entries are mended on the way out."""

    def __init__(self, filling: _Filling, candidates: Iterable[int]) -> None:
        self.filling = filling
        self.heap = [self._entry(candidate) for candidate in candidates]
        heapq.heapify(self.heap)
        self.waiting: list[tuple[int, int]] = []
        self.adjusted: Callable[[int], int] = filling.adjusted

    def _entry(self, candidate: int) -> tuple[int, TieLot, int]:
        return -self.filling.adjusted(candidate), self.filling.pool.lots[candidate], candidate

    def best(self, place: int) -> int | None:
        """Return the best candidate that is unplaced and that no cap blocks at `place`, without taking it."""
        filling, heap = self.filling, self.heap
        while self.waiting and (self.waiting[0][0] < place or not filling.caps_hold):
            heapq.heappush(heap, self._entry(heapq.heappop(self.waiting)[1]))
        while heap:
            negated, _, candidate = heap[0]
            if filling.placed[candidate]:
                heapq.heappop(heap)
            elif -negated != filling.adjusted(candidate):
                heapq.heapreplace(heap, self._entry(candidate))
            else:
                until = filling.blocked_until(candidate, place)
                if until == 0:
                    return candidate
                heapq.heappop(heap)
                heapq.heappush(self.waiting, (until, candidate))
        return None
