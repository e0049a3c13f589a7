"""A request as the score sees it: candidates in columns, the viewer's choices, the clock."""

from dataclasses import dataclass
from enum import Enum, unique

import numpy as np
import numpy.typing as npt

UNKNOWN_TIME_MS = -1
"""Stands for a creation time that is not known."""


@unique
class Mode(Enum):
    """How the viewer wants the feed ordered."""

    RANKED = "RANKED"
    NEWEST_FIRST = "NEWEST_FIRST"


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of one request, column by column, each of length n ≥ 1 and in the request's order.

    Attributes:
        ids: Unique.
        author_ids: "" where the author is not known.
        create_times_ms: int64, milliseconds since 1970, or `UNKNOWN_TIME_MS`.
        sources: "" where none is named.
        groups: Each candidate's groups, without repeats.
        seen: bool.
        muted: bool.
    """

    ids: tuple[str, ...]
    author_ids: tuple[str, ...]
    create_times_ms: npt.NDArray[np.int64]
    sources: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    seen: npt.NDArray[np.bool_]
    muted: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Column:
    """Numbers that a request brings.

    Attributes:
        name: The column's name.
        values: float32, shape (n,), or (1,) for a number that holds for every candidate of the request.
    """

    name: str
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RankingRequest:
    """What one viewer is to be shown, from what, and when.

    Attributes:
        request_time_ms: The request's clock, milliseconds since 1970.
        limit: Wanted length of the slate, ≥ 1.
        served_author_counts: (author id, posts already served), sorted by author id, counts ≥ 0.
        sliders: (objective, percent), in the canonical order of objectives.
    """

    request_id: str
    surface: str
    viewer_id: str
    mode: Mode
    request_time_ms: int
    candidates: Candidates
    limit: int
    served_author_counts: tuple[tuple[str, int], ...] = ()
    sliders: tuple[tuple[str, int], ...] = ()
