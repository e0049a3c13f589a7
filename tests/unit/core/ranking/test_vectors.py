"""The published probes of the exact score, given by both implementations."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.reference.conversion import rankd_answer
from tests.reference.scorer import score
from tests.reference.write_vectors import FOLDER, agrees, rewritten

PROBES = sorted(FOLDER.glob("*.json"))


def _probe(path: Path) -> dict[str, Any]:
    probe: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return probe


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path.stem)
def test_rankd_gives_what_a_probe_wants(path: Path) -> None:
    probe = _probe(path)
    assert rankd_answer(probe) == probe["want"]


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path.stem)
def test_the_naive_scorer_gives_what_a_probe_wants(path: Path) -> None:
    probe = _probe(path)
    assert score(probe) == probe["want"]


def test_what_was_worked_out_by_hand_is_part_of_what_is_wanted() -> None:
    probes = [_probe(path) for path in PROBES]
    by_hand = [probe for probe in probes if "by_hand" in probe]
    assert len(by_hand) > 50
    assert [probe["desc"] for probe in by_hand if not agrees(probe["by_hand"], probe["want"])] == []


def test_probes_stand_as_the_writer_would_write_them() -> None:
    stale = [path.name for path in PROBES if rewritten(_probe(path), path.stem) != path.read_text(encoding="utf-8")]
    assert stale == []


@pytest.mark.parametrize(
    ("part", "whole"),
    [({"a": 1}, {"a": 2}), ({"a": 1}, {}), ([1], [1, 2]), ({"a": [{"b": 1}]}, {"a": [{"b": True}]}), (0, None)],
)
def test_a_part_that_says_otherwise_does_not_agree(part: Any, whole: Any) -> None:
    assert not agrees(part, whole)
