"""Two folds of the same minutes say the same: rankd's own, and the one written from the specification alone."""

import pytest

from rankd.core.exact.canonical import digest_text
from tests.property.assembly_coops import read_once
from tests.property.assembly_told import hidden, refolded, told, wire
from tests.property.assembly_walks import Walk
from tests.reference.assembly import fold

STEPS = 60


@pytest.fixture(autouse=True)
def _texts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read_once(monkeypatch.setattr)


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_a_walk_comes_to_the_same_in_both(first: int) -> None:
    states = set()
    for seed in range(first, first + 20):
        walk = Walk(seed)
        walk.run(STEPS)
        entries, genesis = walk.minutes.entries, walk.minutes.genesis
        now_ms = walk.minutes.now_ms + walk.dice.choice((0, walk.unit_ms, 20 * walk.unit_ms))
        product = told(refolded(genesis, entries, now_ms))
        assert fold(wire(entries), digest_text(genesis), now_ms) == product, f"seed {seed}"
        states |= {one["state"] for one in product["proposals"].values()}

        shown = hidden(entries, walk.dice)
        now_ms = max(shown[-1].leaf.time_ms, walk.dice.choice((now_ms, 0)))
        product = told(refolded(genesis, shown, now_ms))
        assert fold(wire(shown), digest_text(genesis), now_ms) == product, f"seed {seed}, some bodies not shown"
    assert states >= {"draft", "lapsed", "defeated", "activated"}
