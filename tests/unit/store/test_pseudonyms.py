import os
import threading
from pathlib import Path

import pytest

from rankd.core.errors import RecordError, ServiceError
from rankd.store.pseudonyms import Period, PseudonymBook, read_keys
from rankd.store.secret_file import blank_secret_file
from tests.interruption import Killed, watch_disk

PERIOD_MS = 1_000
NOW_MS = 1_800_000_000_000


def opened(data: Path) -> PseudonymBook:
    return PseudonymBook.open(data, PERIOD_MS)


def contents(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((data / "pseudonyms").iterdir())}


def test_a_period_begins_with_the_first_use_and_its_key_is_on_disk(tmp_path: Path) -> None:
    book = opened(tmp_path)
    assert contents(tmp_path) == {}
    number, key = book.current(NOW_MS)
    assert (number, len(key)) == (1, 32)
    assert contents(tmp_path) == {f"000001-{NOW_MS}.key": key}
    (path,) = (tmp_path / "pseudonyms").iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_period_lasts_as_long_as_it_should_also_over_a_restart(tmp_path: Path) -> None:
    book = opened(tmp_path)
    first = book.current(NOW_MS)
    assert book.current(NOW_MS + PERIOD_MS - 1) == first
    assert opened(tmp_path).current(NOW_MS + PERIOD_MS - 1) == first
    second = opened(tmp_path).current(NOW_MS + PERIOD_MS)
    assert second[0] == 2
    assert second[1] != first[1]
    book = opened(tmp_path)
    assert book.periods() == (Period(1, NOW_MS), Period(2, NOW_MS + PERIOD_MS))
    assert [book.key(number) for number in (0, 1, 2, 3)] == [None, first[1], second[1], None]


def test_a_clock_that_goes_back_a_little_stays_in_its_period(tmp_path: Path) -> None:
    book = opened(tmp_path)
    assert book.current(NOW_MS)[0] == 1
    assert book.current(NOW_MS - 1)[0] == 1
    # A clock that was a year ahead for a moment must not keep one key for a year.
    assert book.current(NOW_MS - 365 * 86_400_000)[0] == 2
    assert opened(tmp_path).current(NOW_MS - 365 * 86_400_000)[0] == 2


def test_a_period_has_ended_once_nothing_later_can_have_used_it(tmp_path: Path) -> None:
    book = opened(tmp_path)
    assert book.ended_before(NOW_MS) == ()
    book.current(NOW_MS)
    assert book.ended_before(NOW_MS + 10 * PERIOD_MS) == ()
    book.current(NOW_MS + 5 * PERIOD_MS)
    assert book.ended_before(NOW_MS + 5 * PERIOD_MS - 1) == ()
    assert book.ended_before(NOW_MS + 5 * PERIOD_MS) == (1,)
    # The clock went back: the second period was in use until a period after its begin.
    book.current(NOW_MS + PERIOD_MS)
    assert book.ended_before(NOW_MS + 6 * PERIOD_MS - 1) == (1,)
    assert book.ended_before(NOW_MS + 6 * PERIOD_MS) == (1, 2)


def test_two_threads_begin_one_period(tmp_path: Path) -> None:
    book = opened(tmp_path)
    found: list[tuple[int, bytes]] = []
    threads = [threading.Thread(target=lambda: found.append(book.current(NOW_MS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(contents(tmp_path)) == 1


def test_a_destroyed_key_leaves_no_byte_and_no_number(tmp_path: Path) -> None:
    book = opened(tmp_path)
    _, first = book.current(NOW_MS)
    _, second = book.current(NOW_MS + PERIOD_MS)
    assert book.destroy(1)
    assert not book.destroy(1)
    assert not book.destroy(7)
    assert first not in b"".join(contents(tmp_path).values())
    assert contents(tmp_path) == {
        f"000001-{NOW_MS}.destroyed": b"",
        f"000002-{NOW_MS + PERIOD_MS}.key": second,
    }
    assert (book.key(1), book.periods()) == (None, (Period(2, NOW_MS + PERIOD_MS),))
    assert opened(tmp_path).periods() == book.periods()


def test_a_destroyed_current_key_is_followed_by_another_under_a_new_number(tmp_path: Path) -> None:
    book = opened(tmp_path)
    earlier = book.current(NOW_MS)
    assert book.current(NOW_MS + PERIOD_MS)[0] == 2
    assert book.destroy(2)
    number, key = book.current(NOW_MS + PERIOD_MS)
    assert number == 3
    assert key != earlier[1]
    assert opened(tmp_path).current(NOW_MS + PERIOD_MS) == (3, key)
    assert opened(tmp_path).destroy(3)
    assert opened(tmp_path).current(NOW_MS + PERIOD_MS)[0] == 4


def test_a_key_under_a_second_name_is_destroyed_with_the_first(tmp_path: Path) -> None:
    book = opened(tmp_path)
    _, key = book.current(NOW_MS)
    # What a crash between a file's two names leaves.
    folder = tmp_path / "pseudonyms"
    os.link(folder / f"000001-{NOW_MS}.key", folder / ".000001.x.tmp")
    book.destroy(1)
    assert key not in b"".join(contents(tmp_path).values())


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(4))
def test_a_crash_while_a_period_begins_leaves_a_whole_key_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool
) -> None:
    book = opened(tmp_path)
    with monkeypatch.context() as patch:
        watch_disk(patch, step, after=after)
        with pytest.raises(Killed):
            book.current(NOW_MS)
    number, key = opened(tmp_path).current(NOW_MS)
    assert (number, len(key)) == (1, 32)
    assert contents(tmp_path)[f"000001-{NOW_MS}.key"] == key


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(4))
def test_a_crash_while_a_key_is_destroyed_leaves_the_key_or_no_byte_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool
) -> None:
    book = opened(tmp_path)
    _, key = book.current(NOW_MS)
    with monkeypatch.context() as patch:
        watch_disk(patch, step, after=after)
        with pytest.raises(Killed):
            book.destroy(1)
    left = b"".join(contents(tmp_path).values())
    assert left in (key, bytes(32), b"")
    book = opened(tmp_path)
    if left == key:
        assert book.key(1) == key
        assert book.destroy(1)
    assert contents(tmp_path) == {f"000001-{NOW_MS}.destroyed": b""}
    assert opened(tmp_path).current(NOW_MS)[0] == 2


def test_a_disk_that_refuses_begins_no_period_and_destroys_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    book = opened(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", full)
        with pytest.raises(ServiceError) as caught:
            book.current(NOW_MS)
        assert caught.value.reason == "PSEUDONYM_KEYS_UNUSABLE"
    assert contents(tmp_path) == {}
    number, key = book.current(NOW_MS)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ServiceError):
            book.destroy(number)
    assert book.destroy(number)
    assert key not in b"".join(contents(tmp_path).values())


def test_a_period_that_reached_the_disk_though_it_was_refused_keeps_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link_and_fail(source: str, target: Path) -> None:
        link(source, target)
        raise OSError(5, "Input/output error")

    link = os.link
    book = opened(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", link_and_fail)
        with pytest.raises(ServiceError):
            book.current(NOW_MS)
    used = book.current(NOW_MS)
    assert used[0] == 2
    assert opened(tmp_path).current(NOW_MS) == used
    assert [period.number for period in opened(tmp_path).periods()] == [1, 2]


def test_a_key_that_is_cut_short_or_lies_open_stops_a_start(tmp_path: Path) -> None:
    opened(tmp_path).current(NOW_MS)
    (path,) = (tmp_path / "pseudonyms").iterdir()
    path.chmod(0o644)
    with pytest.raises(ServiceError, match="mode 0644") as loose:
        opened(tmp_path)
    assert loose.value.reason == "PSEUDONYM_KEYS_UNUSABLE"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:31])
    with pytest.raises(RecordError) as caught:
        opened(tmp_path)
    assert caught.value.reason == "PSEUDONYM_KEY_DAMAGED"
    path.write_bytes(b"")
    assert opened(tmp_path).current(NOW_MS)[0] == 2


def test_keys_are_read_without_writing_anything(tmp_path: Path) -> None:
    book = PseudonymBook.open(tmp_path, 1_000)
    numbers = [book.current(time_ms)[0] for time_ms in (0, 2_000, 4_000, 6_000)]
    book.destroy(numbers[1])
    (half,) = (tmp_path / "pseudonyms").glob(f"{numbers[2]:06d}-*.key")
    blank_secret_file(half)
    before = sorted(path.name for path in (tmp_path / "pseudonyms").iterdir())
    keys, destroyed = read_keys(tmp_path)
    assert (sorted(keys), destroyed) == ([numbers[0], numbers[3]], (numbers[1], numbers[2]))
    assert keys[numbers[3]] == book.key(numbers[3])
    assert sorted(path.name for path in (tmp_path / "pseudonyms").iterdir()) == before


def test_where_no_pseudonym_was_ever_given_there_are_no_keys(tmp_path: Path) -> None:
    assert read_keys(tmp_path) == ({}, ())


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    PseudonymBook.open(tmp_path, 1_000).current(0)
    (key,) = (tmp_path / "pseudonyms").glob("*.key")
    key.chmod(0o644)
    with pytest.raises(ServiceError) as caught:
        read_keys(tmp_path)
    assert caught.value.reason == "PSEUDONYM_KEYS_UNUSABLE"
