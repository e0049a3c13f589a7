"""Pull: what points do on real requests, as opposed to what they cost."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rankd.core.errors import PolicyError
from rankd.core.policy.fields import PPM

_MAX_INT64 = 2**63 - 1


def pull_ppm(terms: Mapping[str, Sequence[npt.NDArray[np.int64]]]) -> dict[str, int]:
    """Return the share of the differences between two candidates of one request that each objective causes.

    For an objective, every pair of candidates of one request gives |t_a − t_b|; these are added over all pairs and
    requests. The shares of these sums are rounded down to parts per million, and what is missing goes, one part each,
    to the largest remainders, ties to the smaller objective id in byte order.

    Args:
        terms: For each objective, one int64 array per request of shape (candidates,): its terms, micro-points. Every
            objective has the same requests in the same order.

    Returns:
        Parts per million by objective, in the order of `terms`, together 1 000 000; all 0 where no two candidates of
        any request differ.

    Raises:
        PolicyError: `PULL_SHAPE`: the objectives do not have the same requests.

    Source: MATH 2.
    """
    shapes = {objective: [column.shape for column in columns] for objective, columns in terms.items()}
    if len({tuple(shape) for shape in shapes.values()}) > 1 or any(
        len(s) != 1 for each in shapes.values() for s in each
    ):
        raise PolicyError("PULL_SHAPE", found=", ".join(sorted(terms)))
    return pull_of({objective: sum(spread(column) for column in columns) for objective, columns in terms.items()})


def pull_of(spreads: Mapping[str, int]) -> dict[str, int]:
    """Return each objective's pull from its sum of differences; see `pull_ppm`.

    Args:
        spreads: For each objective, `spread` of its terms, added over all requests.
    """
    total = sum(spreads.values())
    if total == 0:
        return dict.fromkeys(spreads, 0)
    shares = {objective: one * PPM // total for objective, one in spreads.items()}
    remainders = {objective: one * PPM % total for objective, one in spreads.items()}
    by_remainder = sorted(spreads, key=lambda objective: (-remainders[objective], objective.encode("utf-8")))
    for objective in by_remainder[: PPM - sum(shares.values())]:
        shares[objective] += 1
    return shares


def spread(column: npt.NDArray[np.int64]) -> int:
    """Return Σ over pairs of |t_a − t_b|, exactly: the i-th smallest of n counts 2i − n + 1 times, i from 0."""
    count = len(column)
    if count < 2:
        return 0
    ordered = np.sort(column)
    largest = max(abs(int(ordered[0])), abs(int(ordered[-1])))
    if largest * count * count > _MAX_INT64:
        return sum((2 * i - count + 1) * value for i, value in enumerate(ordered.tolist()))
    weights = np.arange(count, dtype=np.int64) * 2 - (count - 1)
    return int(np.dot(weights, ordered))
