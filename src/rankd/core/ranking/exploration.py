"""Exploration: one swap, last, drawn by lot, with the exact probability of what every place shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

from rankd.core.exact.chance import draw
from rankd.core.policy.policy import Cap
from rankd.core.ranking.slate import Filled, Need, Pool

EXPLORE = "explore/1"
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Exploration:
    """What chance was allowed to do to a slate, and what it did.

    Attributes:
        share_ppm: e, the voted share of requests that explore.
        pair_count: |F|, the number of pairs that may be exchanged.
        partner_counts: d, for each shown place the number of pairs that it is part of.
        pair: The exchanged places (i, x), from 1, i < x; None where nothing was exchanged.
        marginals: For each shown place, the probability that it shows what it shows: (numerator, denominator) in
            lowest terms.
    """

    share_ppm: int
    pair_count: int
    partner_counts: tuple[int, ...]
    pair: tuple[int, int] | None
    marginals: tuple[tuple[int, int], ...]


def explore(
    pool: Pool,
    filled: Filled,
    caps: Sequence[Cap],
    needs: Sequence[Need],
    limit: int,
    share_ppm: int,
    nonce: bytes,
) -> Exploration:
    """Draw whether, and which, pair of places is exchanged.

    Args:
        pool: The candidates.
        filled: The slate S without exploration, to rank M.
        caps: The policy's caps, which no exchange may break.
        needs: The quotas as they bind this slate; those that S meets no exchange may break.
        limit: Wanted length of the shown slate.
        share_ppm: Share of requests that explore, parts per million.
        nonce: The decision's nonce.

    Source: MATH 4; docs/spec/scoring.md section 9.
    """
    allowed = exchangeable(pool, filled, caps, needs, min(limit, len(filled.order)))
    shown, _ = allowed.shape
    pair_count = int(np.count_nonzero(allowed))
    partners = allowed.sum(axis=1)
    partners += allowed[:, :shown].sum(axis=0)
    pair = None
    if pair_count and draw(nonce, b"explore") * _MILLION < share_ppm << 256:
        index = (draw(nonce, b"pair") * pair_count) >> 256
        row, column = divmod(int(np.flatnonzero(allowed)[index]), allowed.shape[1])
        pair = (row + 1, column + 1)
    marginals = tuple(
        _marginal(share_ppm, pair_count, int(count), pair is not None and place in pair)
        for place, count in enumerate(partners, start=1)
    )
    return Exploration(share_ppm, pair_count, tuple(partners.tolist()), pair, marginals)


def exchange(order: tuple[int, ...], pair: tuple[int, int] | None) -> tuple[int, ...]:
    """Return `order` with the two places of `pair` exchanged."""
    if pair is None:
        return order
    i, x = pair[0] - 1, pair[1] - 1
    swapped = list(order)
    swapped[i], swapped[x] = swapped[x], swapped[i]
    return tuple(swapped)


def exchangeable(
    pool: Pool, filled: Filled, caps: Sequence[Cap], needs: Sequence[Need], shown: int
) -> npt.NDArray[np.bool_]:
    """Return F as a table: bool, shape (shown, M), entry (i − 1, x − 1) for the pair of places (i, x), i < x."""
    ranked = len(filled.order)
    rows, columns = np.arange(1, shown + 1)[:, None], np.arange(1, ranked + 1)[None, :]
    positive = np.array([value > 0 for value in filled.values], dtype=np.bool_)
    allowed: npt.NDArray[np.bool_] = (rows < columns) & positive[:shown, None] & positive[None, :]
    authors = np.array([pool.authors[c] for c in filled.order], dtype=np.int64)
    for cap in caps:
        # Only an exchange across the prefix changes what the prefix holds.
        across = (rows <= cap.in_first) & (cap.in_first < columns)
        if cap.group is None:
            comes = (authors[None, :] >= 0) & (authors[None, :] != authors[:shown, None])
            full = _author_counts(authors, cap.in_first) >= cap.at_most
            breaks = comes & full[None, :]
        else:
            inside = np.array([cap.group in pool.groups[c] for c in filled.order], dtype=np.bool_)
            if int(inside[: cap.in_first].sum()) < cap.at_most:
                continue
            breaks = inside[None, :] & ~inside[:shown, None]
        allowed &= ~(across & breaks)
    for need in needs:
        inside = np.array([c in need.members for c in filled.order], dtype=np.bool_)
        if int(inside[: need.prefix].sum()) != need.least:
            continue
        across = (rows <= need.prefix) & (need.prefix < columns)
        allowed &= ~(across & inside[:shown, None] & ~inside[None, :])
    return allowed


def _author_counts(authors: npt.NDArray[np.int64], in_first: int) -> npt.NDArray[np.int64]:
    """Return, for each place, how many of the first `in_first` places its author holds."""
    counts = np.bincount(authors[:in_first] + 1, minlength=int(authors.max(initial=-1)) + 2)
    return counts[authors + 1]


def _marginal(share_ppm: int, pair_count: int, partner_count: int, exchanged: bool) -> tuple[int, int]:
    if pair_count == 0:
        return 1, 1
    whole = _MILLION * pair_count
    part = share_ppm if exchanged else whole - share_ppm * partner_count
    common = gcd(part, whole)
    return part // common, whole // common
