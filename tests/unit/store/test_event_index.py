import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.store.event_index import EventIndex, Indexed, Taken, event_mark, event_name
from tests.unit.store.journal.conftest import Fault, FaultyDisk

ORIGIN = "dev.test/events"
DAY = 86_400_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


@pytest.fixture
def index(path: Path) -> Iterator[EventIndex]:
    opened = EventIndex.open(path, ORIGIN)
    yield opened
    opened.close()


def event(number: int, *, named: bool = True) -> Indexed:
    return Indexed(event_mark(number, "a", "like"), event_name("feed", f"e{number}") if named else None)


def take(index: EventIndex, first: int, end: int, *, time_ms: int = 0, before_ms: int = 0) -> None:
    entries = [Taken(number, time_ms + number, [event(number)]) for number in range(first, end)]
    index.take(entries, end, b"hash %d" % end, before_ms)


def known(index: EventIndex, numbers: range) -> list[int]:
    found, named = index.find([event(n).mark for n in numbers], [event(n).name or b"" for n in numbers])
    assert {event(n).mark for n in numbers if event(n).name in named} == found
    return [number for number in numbers if event(number).mark in found]


def traced(folder: Path, sought: bytes) -> bool:
    return any(sought in file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_marks_tell_decisions_candidates_and_kinds_apart_and_names_tell_callers() -> None:
    marks = {event_mark(1, "a", "like"), event_mark(2, "a", "like"), event_mark(1, "b", "like")}
    assert len({*marks, event_mark(1, "a", "hide"), event_mark(1, "alike", "")}) == 5
    assert len({event_name("feed", "e"), event_name("other", "e"), event_name("fee", "de")}) == 3


def test_what_was_taken_is_found_and_nothing_else(index: EventIndex) -> None:
    assert (index.count, index.begin_ms, index.last_hash) == (0, 0, b"")
    take(index, 0, 1_200)
    assert known(index, range(2_000)) == list(range(1_200))
    assert (index.count, index.last_hash) == (1_200, b"hash 1200")
    index.take([Taken(1_200, 0, [event(1_200, named=False), event(1_201)])], 1_201, b"", 0)
    found, named = index.find([event(1_200).mark], [event_name("feed", "e1200"), event_name("feed", "e1201")])
    assert (found, named) == ({event(1_200).mark}, {event_name("feed", "e1201"): event(1_201).mark})


def test_it_goes_on_where_it_ended_and_only_its_owner_can_read_it(path: Path, index: EventIndex) -> None:
    take(index, 0, 3)
    index.close()
    again = EventIndex.open(path, ORIGIN)
    assert (again.count, again.last_hash, known(again, range(5))) == (3, b"hash 3", [0, 1, 2])
    again.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_entry_that_repeats_something_is_known_by_the_first_one(index: EventIndex) -> None:
    take(index, 0, 2)
    index.take([Taken(2, 0, [event(0), event(5)])], 3, b"", 0)
    assert (known(index, range(6)), index.count) == ([0, 1, 5], 3)


def test_erased_entries_are_forgotten(index: EventIndex) -> None:
    take(index, 0, 6)
    index.take([Taken(6, 9, erases=[(1, 2), (4, 4)])], 7, b"", 0)
    assert (known(index, range(7)), index.count) == ([0, 3, 5], 7)


def test_no_file_keeps_a_trace_of_what_was_erased(path: Path, index: EventIndex) -> None:
    take(index, 0, 40)
    take(index, 40, 60)
    erased, name = event(7).mark, event(7).name or b""

    assert traced(path.parent, erased)
    assert traced(path.parent, name)
    index.take([Taken(60, 9, erases=[(7, 7)])], 61, b"", 0)
    assert traced(path.parent, event(8).mark)
    assert not traced(path.parent, erased)
    assert not traced(path.parent, name)
    index.restart(61, b"", 0)
    assert not traced(path.parent, event(8).mark)


def test_a_crash_leaves_no_trace_of_what_was_erased_beyond_the_next_start(
    path: Path, index: EventIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(index, 0, 40)
    monkeypatch.setattr(index, "_empty_log", lambda: None)
    index.take([Taken(40, 9, erases=[(7, 7)])], 41, b"", 0)
    crashed = shutil.copytree(path.parent, path.parent / "crashed")
    assert traced(crashed, event(7).mark)
    again = EventIndex.open(crashed / path.name, ORIGIN)
    assert not traced(crashed, event(7).mark)
    assert known(again, range(40)) == [number for number in range(40) if number != 7]
    again.close()


def test_what_is_past_its_time_goes_a_little_each_time_and_the_index_says_from_when_it_knows(index: EventIndex) -> None:
    take(index, 0, 2_000, time_ms=DAY)
    take(index, 2_000, 2_001, time_ms=DAY, before_ms=DAY + 1_500)
    gone = 2_001 - len(known(index, range(2_001)))
    assert 0 < gone < 1_000
    assert index.begin_ms == DAY + gone
    for number in range(2_001, 2_020):
        take(index, number, number + 1, time_ms=DAY, before_ms=DAY + 1_500)
    assert known(index, range(2_020)) == list(range(1_500, 2_020))
    assert index.begin_ms == DAY + 1_500


def test_a_clock_that_leapt_ahead_forgets_no_more_than_what_was_there(index: EventIndex) -> None:
    take(index, 0, 3, time_ms=DAY)
    take(index, 3, 4, time_ms=DAY, before_ms=1_000 * DAY)
    assert (known(index, range(4)), index.begin_ms) == ([], DAY + 4)
    take(index, 4, 5, time_ms=DAY + 100)
    assert (known(index, range(6)), index.begin_ms) == ([4], DAY + 4)


def test_beginning_anew_leaves_nothing_but_how_far_it_was_read(path: Path, index: EventIndex) -> None:
    take(index, 0, 3)
    index.restart(9, b"leaf 8", 77)
    assert (known(index, range(3)), index.count, index.last_hash, index.begin_ms) == ([], 9, b"leaf 8", 77)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not a database at all" * 400, id="no database"),
        pytest.param(None, id="another database"),
    ],
)
def test_a_file_that_is_no_index_is_made_anew(path: Path, content: bytes | None) -> None:
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE body (idx)")
        other.close()
    else:
        path.write_bytes(content)
    index = EventIndex.open(path, ORIGIN)
    assert index.count == 0
    take(index, 0, 2)
    assert known(index, range(3)) == [0, 1]
    index.close()


def test_the_index_of_another_journal_is_made_anew(path: Path, index: EventIndex) -> None:
    take(index, 0, 3)
    index.close()
    other = EventIndex.open(path, "dev.other/events")
    assert (other.count, known(other, range(3))) == (0, [])
    other.close()


def test_damage_that_shows_later_is_said_and_mended_by_beginning_anew(path: Path, index: EventIndex) -> None:
    take(index, 0, 5_000)
    index.close()
    data = bytearray(path.read_bytes())
    data[20_480:] = b"\xff" * (len(data) - 20_480)
    path.write_bytes(data)
    again = EventIndex.open(path, ORIGIN)
    with pytest.raises(ServiceError) as caught:
        known(again, range(5_000))
    assert (caught.value.reason, again.is_damaged) == ("RECORDS_UNAVAILABLE", True)
    again.renew()
    assert (again.is_damaged, again.count, known(again, range(10))) == (False, 0, [])
    again.close()


@pytest.mark.parametrize("share", [0.0, 1.0], ids=["fails and not persisted", "fails but persisted"])
def test_a_commit_that_fails_says_so_and_what_is_there_is_either_before_or_after(path: Path, share: float) -> None:
    disk = FaultyDisk()
    index = EventIndex.open(path, ORIGIN, disk)
    take(index, 0, 2)
    disk.faults = {"commit keys": Fault(errno.ENOSPC, share)}
    with pytest.raises(ServiceError) as caught:
        take(index, 2, 3)
    assert (caught.value.reason, index.is_damaged) == ("RECORDS_UNAVAILABLE", False)
    assert index.count == 2
    disk.faults = {}
    index.close()
    again = EventIndex.open(path, ORIGIN)
    assert (again.count, known(again, range(3))) in ((2, [0, 1]), (3, [0, 1, 2]))
    again.close()


def test_what_is_closed_or_cannot_be_opened_is_refused_by_reason(tmp_path: Path, index: EventIndex) -> None:
    index.close()
    with pytest.raises(ServiceError) as caught:
        index.find([b"x"], [])
    assert (caught.value.reason, index.is_damaged) == ("RECORDS_UNAVAILABLE", False)
    with pytest.raises(ServiceError) as caught:
        EventIndex.open(tmp_path / "absent" / "index.sqlite", ORIGIN)
    assert caught.value.reason == "RECORDS_UNOPENABLE"
