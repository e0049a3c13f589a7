"""The published probes of whole minutes and of tallies: rankd and the second implementation say what they want."""

import json
from base64 import b64decode
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from rankd.core.assembly.fold import Entry
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.tally.ballots import counted
from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.assembly.tally.quorum import quorum_of
from rankd.core.assembly.voting import least_recallers
from tests.property.assembly_told import refolded, told
from tests.reference.assembly import fold
from tests.vectors.assembly import generate_fold, generate_tallies

FOLDS = sorted(generate_fold.FOLDER.glob("*.json"))
TALLIES = sorted(generate_tallies.FOLDER.glob("*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("generator", [generate_fold, generate_tallies], ids=["fold", "tallies"])
def test_the_probes_are_those_that_are_generated(generator: Any) -> None:
    present = {path.stem: read(path) for path in generator.FOLDER.glob("*.json")}
    assert present == dict(generator.documents())


@pytest.mark.parametrize("path", FOLDS, ids=lambda path: path.stem)
def test_minutes_come_to_what_is_published(path: Path) -> None:
    probe = read(path)
    pairs = [(b64decode(leaf), None if body is None else b64decode(body)) for leaf, body in probe["entries"]]
    entries = [Entry(index, decode_leaf(leaf), body) for index, (leaf, body) in enumerate(pairs)]
    genesis = bytes.fromhex(probe["genesis"].removeprefix("sha256:"))
    assert json.loads(json.dumps(told(refolded(genesis, entries, probe["now_ms"])))) == probe["want"]
    assert json.loads(json.dumps(fold(pairs, probe["genesis"], probe["now_ms"]))) == probe["want"]


@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize("path", TALLIES, ids=lambda path: path.stem)
def test_ballots_are_counted_as_published(path: Path, counter: str) -> None:
    probe = read(path)
    ballots, given = probe["ballots"], probe["parameters"]
    assert generate_tallies.count(probe["kind"], ballots, given) == probe["want"]
    majority = Fraction(*given.get("majority", (1, 2)))
    count = COUNTERS[counter]
    result: Any
    match probe["kind"]:
        case "yes_no":
            result = count.yes_no(ballots, given["quorum"], majority).passed
        case "ranking":
            ranks = [tuple(tuple(group) for group in ballot) for ballot in ballots]
            result = count.ranking(ranks, given["options"], given["quorum"], majority).winner
        case "points":
            result = count.points(ballots, given["floors"], given["caps"], given["quorum"]).points
        case "quorum":
            share, least = given["quorum_ppm"], Fraction(given["quorum_min_ppm"], 1_000_000)
            result = quorum_of(given["members"], None if share is None else Fraction(share, 1_000_000), least)
        case "petition":
            result = least_recallers(Fraction(given["recall_ppm"], 1_000_000), given["members"])
        case _:
            cast = [(member, number, digest.encode(), choice) for member, number, digest, choice in ballots]
            result = [choice for _, choice in sorted(counted(cast).items())]
    assert result == probe["want"]
