from pathlib import Path

import pytest

from rankd.core.errors import JournalError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.records.commitment import commitment
from rankd.core.records.events_leaf import EventsLeaf, decode_events_leaf
from rankd.usecases.serve.feedback.event_log import EventLog, events_signer
from tests.feedback_world import NOW, SIGNER, World, sent


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_it_is_a_log_of_its_own_under_the_same_key_with_its_own_mark(world: World) -> None:
    world.record(world.decide().feedback(sent("e1")))
    checkpoint = open_checkpoint(world.events.journal.publish(), events_signer(SIGNER).verifier).checkpoint
    assert (checkpoint.origin, checkpoint.size, world.events.origin) == ("dev.test/events", 1, "dev.test/events")
    public = events_signer(SIGNER).verifier.public_key
    assert public == SIGNER.verifier.public_key
    assert (world.root / "log.mark.events").read_bytes() == (world.data / "events/public/checkpoint").read_bytes()


def test_its_leaves_commit_to_records_and_name_nobody(world: World) -> None:
    world.record(world.decide().feedback(sent("e1")))
    leaf = decode_events_leaf(world.events.journal.leaf(0))
    key, record = world.events.journal.body(0)
    assert leaf == EventsLeaf(NOW, commitment(key, record))
    assert b"zo" not in world.events.journal.leaf(0)


def test_entries_are_read_in_order_and_erased_ones_and_erasures_are_none(world: World) -> None:
    made = [world.decide(f"v{number}") for number in range(3)]
    for number, one in enumerate(made):
        world.record(one.feedback(sent(f"e{number}")))
    world.erase(world.events.journal, (1, 1))
    for _ in range(2):
        found = [(index, None if record is None else record.decision) for index, record in world.events.since(0)]
        assert found == [(0, 0), (1, None), (2, 2), (3, None)]
        assert [index for index, _ in world.events.since(2)] == [2, 3]
        assert [index for index, _ in world.events.since(1, 3)] == [1, 2]
        world.events.journal.publish()
    with pytest.raises(JournalError) as caught:
        world.events.read(4)
    assert caught.value.reason == "LEAF_ABSENT"


def test_entries_that_come_while_others_are_read_are_read_too(world: World) -> None:
    made = world.decide()
    world.record(made.feedback(sent("e1")))
    walk = world.events.since(0)
    next(walk)
    world.record(made.feedback(sent("e2", "hide")))
    assert [index for index, _ in walk] == [1]


def test_records_appended_together_have_keys_of_their_own(world: World) -> None:
    log = EventLog(world.events.journal)
    log.append_all([(1, b"one"), (2, b"two")])
    (first, _), (second, _) = world.events.journal.body(0), world.events.journal.body(1)
    assert (len(first), first != second, log.count) == (32, True, 2)
