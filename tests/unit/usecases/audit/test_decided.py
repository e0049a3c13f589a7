"""What is kept of decisions while they are verified: enough to find each again, and nothing that cannot be checked."""

from pathlib import Path

import pytest

from rankd.core.errors import RecordError
from rankd.core.records.leaf import DecisionLeaf
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.decided import Decided
from rankd.usecases.audit.verify import verify
from tests.evidence import TRUST
from tests.forged import decisions_in
from tests.kept import KEPT, KeptHouse, live


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = KeptHouse(tmp_path_factory.mktemp("house"))
    with house.desk() as desk:
        live(desk)
    return house.data


@pytest.fixture
def decided(data: Path) -> Decided:
    decided = Decided()
    verify(JournalEvidence(data, DECISIONS), TRUST, now_s=0, observe=decided)
    return decided


def test_decisions_are_found_by_their_leaves_and_other_leaves_are_not(data: Path, decided: Decided) -> None:
    leaves = list(decisions_in(data))
    assert [decided.find(index) for index in leaves] == list(range(10))
    assert [decided.find(index) for index in (0, leaves[-1] + 1, 10_000)] == [None, None, None]
    assert [decided.index(place) for place in range(len(decided))] == leaves


def test_a_decision_is_read_again_and_its_leaf_must_commit_to_it(data: Path, decided: Decided) -> None:
    evidence, wanted = JournalEvidence(data, DECISIONS), decisions_in(data)
    for place in range(len(decided)):
        found = decided.read(evidence, place)
        assert found.request_digest == wanted[decided.index(place)].request_digest
    decided._commitments[0] ^= 1
    with pytest.raises(RecordError) as caught:
        decided.read(evidence, 0)
    assert caught.value.reason == "COMMITMENT_DIFFERS"


def test_decisions_come_in_the_order_of_what_they_read(decided: Decided) -> None:
    assert [count for count, _ in decided.featured()] == [0, 1, 2, 3, 4, 5, 6, 6, 6, 6]
    assert [place for _, place in decided.featured()] == list(range(10))


def test_decisions_alike_share_a_shape(decided: Decided) -> None:
    (shape,) = decided.shapes
    assert decided.shape_counts() == [10]
    assert (shape.surface, shape.is_unread, shape.is_unserved) == ("video", False, False)
    assert not set(shape.sent) & set(KEPT)


def test_an_erased_decision_keeps_its_time_and_surface_alone() -> None:
    decided = Decided()
    leaf = DecisionLeaf(5, "music", None, bytes(32), bytes(32), None, bytes(32), "w", 0, (), bytes(32))
    decided(7, leaf, None)
    assert (decided.find(7), decided.time_ms(0), decided.surface(0)) == (0, 5, "music")
    assert (decided.name(0), decided.shape(0), decided.featured()) == (None, None, [])


def test_another_observer_is_told_the_same(data: Path) -> None:
    told: list[int] = []
    decided = Decided(lambda index, _leaf, _decision: told.append(index))
    verify(JournalEvidence(data, DECISIONS), TRUST, now_s=0, observe=decided)
    assert told == list(decisions_in(data))
