"""A recorded decision that has something in every field, as bytes and as header."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from rankd.core.exact.canonical import canonical_json
from rankd.core.records.decision import Decision, encode_decision
from tests.reference.cases import CLOCK_MS, plain_case
from tests.reference.conversion import rankd_decision
from tests.reference.value import Case

Rewrite = Callable[[Callable[[dict[str, Any]], None]], bytes]


@pytest.fixture
def case() -> Case:
    """Return a case with drops, a quota that is short, an exchange, a slider and served counts."""
    case = plain_case([6_000_000, 5_000_000, 4_000_000, 3_000_000, 2_000_000], share_ppm=1_000_000, limit=3)
    case["policy"]["rules"] = {
        "drop_muted/1": "apply",
        "feedback_fatigue/1": {"column": "hours", "recovery_hours": 24, "floor_ppm": 500_000},
        "quota/1": [{"group": "local", "at_least": 1, "in_first": 3}],
    }
    case["policy"]["sliders"] = {"click": {"min_percent": 50, "max_percent": 150}}
    case["request"] |= {"request_time_ms": CLOCK_MS, "served_author_counts": [["ana", 2]], "sliders": [["click", 150]]}
    case["request"]["candidates"] |= {
        "author_id": ["ana", "bao", "", "chloé", "ana"],
        "create_time_ms": [CLOCK_MS - 1, -1, 0, CLOCK_MS, CLOCK_MS + 1],
        "groups": [["news"], [], ["ad", "news"], [], []],
        "seen": [0, 3],
        "muted": [4],
    }
    case["columns"] = {"hours": [None, 1.5, 12.0, 24.0, 0.0]}
    return case


@pytest.fixture
def decision(case: Case) -> Decision:
    """Return the decision about the case."""
    return rankd_decision(case)


@pytest.fixture
def record(decision: Decision) -> bytes:
    """Return its record."""
    return encode_decision(decision)


@pytest.fixture
def rewrite(record: bytes) -> Rewrite:
    """Return a function that changes the header and gives the record with the new one, canonical again."""

    def rewritten(change: Callable[[dict[str, Any]], None]) -> bytes:
        head, _, numbers = record.partition(b"\n")
        header = json.loads(head)
        change(header)
        return canonical_json(header) + b"\n" + numbers

    return rewritten
