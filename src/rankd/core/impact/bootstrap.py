"""Bootstrap: how far a predicted change would stray with other viewers, drawn so that every machine draws the same.

Viewers are resampled, not decisions: what one person is shown at breakfast and at noon is not two observations. The
draws come from SHA-256 over a counter and all arithmetic is in integers, so the interval is the same bits everywhere.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RESAMPLES = 1_000
LEFT_OUT = 50
"""So many of the resamples lie below the interval and as many above it: 90 % lie inside."""

MIN_VIEWERS = 20
"""With fewer viewers an interval would promise what it cannot keep."""

_DOMAIN = b"rankd/impact/bootstrap/1\0"
_DRAWS_PER_BLOCK = 8
_MAX_INT64 = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sums:
    """What each viewer's slates add up to.

    Attributes:
        ppb: int64, shape (viewers, heads): probabilities of the shown candidates, summed, parts per billion.
        places: int64, shape (viewers,): places.
    """

    ppb: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]


def draw_viewers(resample: int, count: int) -> npt.NDArray[np.int64]:
    """Return which viewers one resample holds: int64, shape (count,), each in [0, count), with repeats.

    Draw d is ⌊u·count / 2³²⌋, where u are the bytes 4·(d mod 8) … + 3, big-endian, of block ⌊d / 8⌋, and block b is
    SHA-256("rankd/impact/bootstrap/1" ‖ 0x00 ‖ resample ‖ b), both as four big-endian bytes.

    Args:
        resample: Its number, from 0.
        count: How many viewers there are, 1 to 2³² − 1.
    """
    prefix = _DOMAIN + resample.to_bytes(4, "big")
    blocks = range(-(-count // _DRAWS_PER_BLOCK))
    raw = b"".join(hashlib.sha256(prefix + block.to_bytes(4, "big")).digest() for block in blocks)
    words = np.frombuffer(raw, dtype=">u4")[:count].astype(np.uint64)
    return ((words * np.uint64(count)) >> np.uint64(32)).astype(np.int64)


def mean_ppb(total: int, places: int) -> int:
    """Return the mean probability of a place, parts per billion, rounded down; 0 where there are no places."""
    return total // places if places else 0


def intervals(before: Sums, after: Sums) -> tuple[tuple[int, int], ...] | None:
    """Return for each head the 90 % percentile interval of the change of its mean, parts per billion.

    Each of `RESAMPLES` resamples gives a change: the mean after, rounded down, less the mean before, rounded down. In
    rising order the interval reaches from the one behind the first `LEFT_OUT` to the one before the last `LEFT_OUT`.

    Args:
        before: Sums of the slates before; rows by viewer.
        after: Sums of the slates after; the same viewers.

    Returns:
        (low, high) per head; None where there are fewer than `MIN_VIEWERS` viewers.

    Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; resampled by cluster.
    """
    viewers, heads = before.ppb.shape
    if viewers < MIN_VIEWERS:
        return None
    sums = np.concatenate([before.ppb, after.ppb, before.places[:, None], after.places[:, None]], axis=1)
    exact: npt.NDArray[Any] = sums
    if viewers * int(sums.max(initial=0)) > _MAX_INT64:
        # Slow, and of any size.
        exact = sums.astype(object)
    changes: list[list[int]] = [[] for _ in range(heads)]
    for resample in range(RESAMPLES):
        counts = np.bincount(draw_viewers(resample, viewers), minlength=viewers)
        totals = [int(total) for total in counts @ exact]
        for head, change in enumerate(_changes(totals, heads)):
            changes[head].append(change)
    ordered = [sorted(one) for one in changes]
    return tuple((one[LEFT_OUT], one[RESAMPLES - 1 - LEFT_OUT]) for one in ordered)


def _changes(totals: Sequence[int], heads: int) -> list[int]:
    *sums, was, now = totals
    return [mean_ppb(sums[heads + head], now) - mean_ppb(sums[head], was) for head in range(heads)]
