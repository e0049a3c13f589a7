"""Limits alone, and in a constitution."""

import pytest

from rankd.core.assembly.limits_text import read_limits_text
from rankd.core.errors import PolicyError
from rankd.core.policy.reader import read_limits
from tests.constitutions import POLICIES, constitution_of, constitution_text

POLICY = (POLICIES / "video.yaml").read_text(encoding="utf-8")


def test_limits_are_found_alone_or_in_a_constitution() -> None:
    alone = (POLICIES / "limits.yaml").read_bytes()
    assert read_limits_text(alone) == read_limits(alone)
    assert read_limits_text(constitution_text().encode()) == constitution_of().limits


@pytest.mark.parametrize(
    ("text", "reason"),
    [(POLICY, "SCHEMA_UNKNOWN"), (constitution_text(("voting: 7d", "voting: 1h")), "CONSTITUTION_BOUND")],
)
def test_a_policy_sets_no_limits_and_a_refused_constitution_stays_refused(text: str, reason: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_limits_text(text.encode(), "l.yaml")
    assert (caught.value.reason, caught.value.metadata["file"]) == (reason, "l.yaml")
