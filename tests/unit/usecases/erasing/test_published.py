from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import JournalError, LogError
from rankd.core.records.leaf import EpochLeaf, decode_leaf
from rankd.store.journal.reading import JournalFiles
from rankd.usecases.erasing.published import PublishedEntries, epoch_of
from tests.journals import ORIGIN, TIME_MS, Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(tmp_path)
    yield found
    found.journal.close()


def test_entries_are_those_of_the_journal_over_bundles_and_as_far_as_published(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS] * 600)
    ledger.journal.publish()
    ledger.decide("first", 600, TIME_MS)
    published = PublishedEntries(ledger.files)
    assert (published.checkpoint().origin, published.checkpoint().size) == (ORIGIN, 601)
    for first, end in ((0, 601), (255, 257), (600, 900), (10, 10), (700, 800)):
        indexes = range(first, min(end, 601))
        assert list(published.entries(first, end)) == [(index, ledger.journal.leaf(index)) for index in indexes]
    ledger.journal.publish()
    assert [index for index, _ in published.entries(599, 700)] == [599, 600, 601]


def test_each_bundle_is_read_once_in_a_row(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.epoch("first", [TIME_MS] * 600)
    ledger.journal.publish()
    read: list[int] = []
    bundle = JournalFiles.entry_bundle

    def spy(self: JournalFiles, number: int, width: int) -> bytes | None:
        read.append(number)
        return bundle(self, number, width)

    monkeypatch.setattr(JournalFiles, "entry_bundle", spy)
    published = PublishedEntries(ledger.files)
    list(published.entries(0, 601))
    list(published.entries(520, 530))
    assert read == [0, 1, 2]


def test_the_newest_epoch_is_found_from_the_end(ledger: Ledger) -> None:
    published = PublishedEntries(ledger.files)
    assert published.newest_epoch() is None
    ledger.epoch("first", [TIME_MS])
    index = ledger.announce("second", TIME_MS)
    for counter in range(600):
        ledger.decide("second", counter, TIME_MS)
    ledger.journal.publish()
    assert published.newest_epoch() == decode_leaf(ledger.journal.leaf(index))


def test_only_an_announcement_is_one(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS])
    assert isinstance(epoch_of(ledger.journal.leaf(0)), EpochLeaf)
    assert epoch_of(ledger.journal.leaf(1)) is None
    assert epoch_of(b"{}") is None


def test_what_is_missing_or_damaged_is_named(ledger: Ledger, tmp_path: Path) -> None:
    ledger.epoch("first", [TIME_MS] * 300)
    ledger.journal.publish()
    path = ledger.folder / "public" / "tile" / "entries" / "000"
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(LogError):
        list(PublishedEntries(ledger.files).entries(0, 1))
    path.unlink()
    with pytest.raises(JournalError) as caught:
        list(PublishedEntries(ledger.files).entries(0, 1))
    assert (caught.value.reason, caught.value.metadata["path"]) == ("JOURNAL_UNREADABLE", "tile/entries/000")
    with pytest.raises(JournalError):
        PublishedEntries(JournalFiles(tmp_path / "absent")).checkpoint()
