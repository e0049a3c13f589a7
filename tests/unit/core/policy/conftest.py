from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.signal import HeadSignal

POLICIES = Path(__file__).parents[4] / "policies"

SMALL = """schema: rankd.policy/1
surface: video
base: none
title: {fr: "Un titre", en: "A title"}
reasons: {fr: "Des raisons", en: "Reasons"}
points:
  {click: 150, long_view: 300, like: 100, reply: 150, repost: 50, follow: 50, profile_visit: 50, hide: 150, report: 0}
rules: {}
exploration: {share: 2%}
sliders: {}
"""


@pytest.fixture
def small() -> Callable[..., Policy]:
    """Read the small policy after replacing (old, new) texts, each of which it must hold."""

    def read(*changes: tuple[str, str]) -> Policy:
        text = SMALL
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return read_policy(text.encode())

    return read


@pytest.fixture
def founding() -> Policy:
    return read_policy((POLICIES / "video.yaml").read_bytes())


@pytest.fixture
def example() -> Policy:
    return read_policy((POLICIES / "examples" / "timeline.yaml").read_bytes())


@pytest.fixture
def limits() -> Limits:
    return read_limits((POLICIES / "limits.yaml").read_bytes())


@pytest.fixture
def heads() -> Callable[..., tuple[HeadSignal, ...]]:
    """Make heads for objectives; those whose name ends in an exclamation mark are silent."""

    def make(*objectives: str) -> tuple[HeadSignal, ...]:
        table = Calibration(np.array([-(2**24), 2**24], dtype=np.int64), np.array([1, 10**9 - 1], dtype=np.int64))
        return tuple(
            HeadSignal(name.rstrip("!"), 1_000_000, None if name.endswith("!") else table) for name in objectives
        )

    return make
