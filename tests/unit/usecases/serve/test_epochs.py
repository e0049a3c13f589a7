"""Epochs: announced before the first lot, revealed after the last, and no counter unaccounted for."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from rankd.core.errors import ServiceError
from rankd.core.exact.canonical import sha256
from rankd.core.exact.chance import decision_nonce
from rankd.core.records.leaf import DecisionLeaf, EpochLeaf, Leaf, RevealLeaf, decode_leaf
from rankd.store.epoch import EpochFolder
from rankd.store.journal.journal import Journal
from rankd.usecases.serve.deciding import Lot
from rankd.usecases.serve.epochs import MAX_VOIDS, Epochs, lost_counters
from tests.conftest import HOUSE_TERMS

NOW = 1_800_000_000_000


class Entries:
    """A journal's end: what was appended, and whether anything more can be."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.full = False

    def append(self, leaf: bytes, *_: Any) -> None:
        if self.full:
            raise ServiceError("RECORDS_UNAVAILABLE", detail="full")
        self.leaves.append(decode_leaf(leaf))

    def decide(self, epochs: Epochs) -> DecisionLeaf:
        """Draw and record one decision."""
        with epochs.draw() as lot:
            self.leaves.append(leaf := _leaf(lot))
        return leaf

    @property
    def reveals(self) -> list[RevealLeaf]:
        return [leaf for leaf in self.leaves if isinstance(leaf, RevealLeaf)]

    @property
    def announced(self) -> list[EpochLeaf]:
        return [leaf for leaf in self.leaves if isinstance(leaf, EpochLeaf)]


def _leaf(lot: Lot) -> DecisionLeaf:
    digest = bytes(32)
    return DecisionLeaf(
        NOW, "video", None, digest, digest, None, lot.epoch_digest, lot.worker, lot.counter, lot.voids, digest
    )


def _epochs(data: Path, entries: Entries) -> Epochs:
    return Epochs(EpochFolder(data), cast(Journal, entries), worker="w0", clock_ms=lambda: NOW, terms=HOUSE_TERMS.epoch)


@pytest.fixture
def entries() -> Entries:
    return Entries()


@pytest.fixture
def epochs(tmp_path: Path, entries: Entries) -> Epochs:
    epochs = _epochs(tmp_path, entries)
    epochs.begin([], whole=True)
    return epochs


def _fail(epochs: Epochs) -> None:
    with pytest.raises(ServiceError), epochs.draw():
        raise ServiceError("RECORDS_UNAVAILABLE", detail="full")


def test_an_epoch_is_announced_before_its_first_decision_and_revealed_after_its_last(
    epochs: Epochs, entries: Entries
) -> None:
    first, second = entries.decide(epochs), entries.decide(epochs)
    assert epochs.end()
    assert [type(leaf) for leaf in entries.leaves] == [EpochLeaf, DecisionLeaf, DecisionLeaf, RevealLeaf]
    reveal = entries.reveals[0]
    assert entries.announced[0].epoch == first.epoch == sha256(reveal.secret)
    assert (reveal.count, reveal.voids) == (2, ())
    assert (first.counter, second.counter) == (0, 1)


def test_the_nonce_is_the_one_that_the_revealed_secret_gives(epochs: Epochs, entries: Entries) -> None:
    with epochs.draw() as lot:
        pass
    epochs.end()
    assert lot.nonce == decision_nonce(entries.reveals[0].secret, "w0", lot.counter)


def test_a_failed_decision_is_void_in_the_next_record(epochs: Epochs, entries: Entries) -> None:
    _fail(epochs)
    _fail(epochs)
    assert [counter for _, counter in entries.decide(epochs).voids] == [0, 1]
    assert entries.decide(epochs).voids == ()


def test_voids_that_no_record_came_to_declare_stand_in_the_reveal(epochs: Epochs, entries: Entries) -> None:
    entries.decide(epochs)
    _fail(epochs)
    epochs.end()
    assert (entries.reveals[0].count, entries.reveals[0].voids) == (2, (1,))


def test_more_voids_than_an_entry_holds_are_spread_over_entries(epochs: Epochs, entries: Entries) -> None:
    for _ in range(2 * MAX_VOIDS + 7):
        _fail(epochs)
    assert len(entries.decide(epochs).voids) == MAX_VOIDS
    epochs.end()
    assert [len(reveal.voids) for reveal in entries.reveals] == [MAX_VOIDS, 7]
    assert len({reveal.secret for reveal in entries.reveals}) == 1


def test_a_rotation_reveals_the_old_secret_only_when_its_last_decision_is_recorded(
    epochs: Epochs, entries: Entries
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def decide() -> None:
        with epochs.draw() as lot:
            inside.set()
            assert go_on.wait(10)
            entries.leaves.append(_leaf(lot))

    slow = threading.Thread(target=decide)
    slow.start()
    assert inside.wait(10)
    rotation = threading.Thread(target=epochs.rotate)
    rotation.start()
    while len(entries.announced) < 2:
        pass
    during = entries.decide(epochs)
    assert entries.reveals == []
    go_on.set()
    slow.join(10)
    rotation.join(10)
    assert [type(leaf) for leaf in entries.leaves[-2:]] == [DecisionLeaf, RevealLeaf]
    assert entries.reveals[0].epoch == entries.announced[0].epoch
    assert during.epoch == entries.announced[1].epoch


def test_a_rotation_that_cannot_announce_leaves_the_old_epoch_in_use(epochs: Epochs, entries: Entries) -> None:
    entries.full = True
    with pytest.raises(ServiceError):
        epochs.rotate()
    entries.full = False
    assert entries.decide(epochs).epoch == entries.announced[0].epoch
    assert entries.reveals == []


def test_a_reveal_that_cannot_be_written_is_made_up_for_at_the_next_start(
    tmp_path: Path, epochs: Epochs, entries: Entries
) -> None:
    entries.decide(epochs)
    _fail(epochs)
    entries.full = True
    with pytest.raises(ServiceError):
        epochs.end()
    entries.full = False
    decisions = [leaf for leaf in entries.leaves if isinstance(leaf, DecisionLeaf)]
    _epochs(tmp_path, entries).begin(decisions[::-1], whole=True)
    assert [reveal.epoch for reveal in entries.reveals] == [entries.announced[0].epoch]
    assert entries.reveals[0].count is None


def test_a_crash_between_the_reveal_and_its_note_reveals_the_same_secret_twice(
    tmp_path: Path, epochs: Epochs, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EpochFolder, "note_revealed", crash)
        with pytest.raises(KeyboardInterrupt):
            epochs.end()
    _epochs(tmp_path, entries).begin([], whole=True)
    assert len(entries.reveals) == 2
    assert len({reveal.secret for reveal in entries.reveals}) == 1


def test_counters_lost_in_a_crash_are_void_in_the_reveal_of_the_next_start(
    tmp_path: Path, epochs: Epochs, entries: Entries
) -> None:
    made = [entries.decide(epochs) for _ in range(4)]
    _epochs(tmp_path, entries).begin([made[3], made[0]], whole=True)
    assert (entries.reveals[0].count, entries.reveals[0].voids) == (None, (1, 2))


def test_no_further_epoch_is_announced_while_an_ended_one_waits_for_its_reveal(
    epochs: Epochs, entries: Entries
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def decide() -> None:
        with epochs.draw() as lot:
            inside.set()
            assert go_on.wait(10)
            entries.leaves.append(_leaf(lot))

    slow = threading.Thread(target=decide)
    slow.start()
    assert inside.wait(10)
    assert not epochs.rotate(patience_s=0.01)
    assert not epochs.rotate(patience_s=0.01)
    assert len(entries.announced) == 2
    go_on.set()
    slow.join(10)
    assert epochs.rotate(patience_s=10)
    assert [reveal.epoch for reveal in entries.reveals] == [leaf.epoch for leaf in entries.announced[:2]]
    assert len(entries.announced) == 3


def test_nothing_is_drawn_after_the_end(epochs: Epochs) -> None:
    epochs.end()
    with pytest.raises(ServiceError) as caught, epochs.draw():
        pass
    assert caught.value.reason == "SHUTTING_DOWN"
    assert epochs.end()


@pytest.mark.parametrize(
    ("counters", "whole", "lost"), [((3, 1), True, [0, 2]), ((3, 1), False, [2]), ((), True, []), ((2, 1, 0), True, [])]
)
def test_lost_counters_are_looked_for_as_far_as_what_was_read_allows(
    counters: Sequence[int], *, whole: bool, lost: list[int]
) -> None:
    leaves = [_leaf(Lot(b"e" * 32, bytes(32), "w0", counter)) for counter in counters]
    assert [counter for _, counter in lost_counters(leaves, "w0", whole=whole)] == lost
