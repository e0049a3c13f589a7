"""A request that is admitted as it stands, and a way to change one thing about it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rankd.core.ranking.request import Candidates, Mode, RankingRequest

NOW_MS = 1_700_000_000_000
Build = Callable[..., RankingRequest]


def candidates(count: int = 2, **changed: Any) -> Candidates:
    """Return plain candidates p0, p1 … with some columns given."""
    columns: dict[str, Any] = {
        "ids": tuple(f"p{index}" for index in range(count)),
        "author_ids": ("ana",) * count,
        "create_times_ms": (NOW_MS - 1000,) * count,
        "sources": ("in_network",) * count,
        "groups": ((),) * count,
        "seen": (False,) * count,
        "muted": (False,) * count,
    }
    columns |= changed
    columns["create_times_ms"] = np.array(columns["create_times_ms"], dtype=np.int64)
    columns["seen"] = np.array(columns["seen"], dtype=np.bool_)
    columns["muted"] = np.array(columns["muted"], dtype=np.bool_)
    return Candidates(**columns)


@pytest.fixture
def build() -> Build:
    """Return a function that builds a request: fields of the request by name, columns in `of`."""

    def request(of: dict[str, Any] | None = None, count: int = 2, **changed: Any) -> RankingRequest:
        plain = RankingRequest(
            request_id="r1",
            surface="video",
            viewer_id="v1",
            mode=Mode.RANKED,
            request_time_ms=NOW_MS,
            candidates=candidates(count, **(of or {})),
            limit=10,
        )
        return replace(plain, **changed)

    return request
