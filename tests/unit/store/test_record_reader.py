import os
from pathlib import Path

import pytest

from rankd.core.errors import RecordError
from rankd.store.decision_log import DecisionLog
from rankd.store.frames import FILE_HEADER, HEAD_BYTES, log_path
from rankd.store.record_reader import read_records


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    log = DecisionLog.open(tmp_path)
    for record in (b"a", b"b", b"c"):
        log.append(record)
    log.close()
    return tmp_path


def seen(data_dir: Path) -> list[tuple[int, bytes | str]]:
    return [(index, item.reason if isinstance(item, RecordError) else item) for index, item in read_records(data_dir)]


def test_records_are_read_while_a_writer_holds_the_log(data_dir: Path) -> None:
    log = DecisionLog.open(data_dir)
    log.append(b"d")
    assert seen(data_dir) == [(0, b"a"), (1, b"b"), (2, b"c"), (3, b"d")]
    log.close()


def test_reading_changes_nothing(data_dir: Path) -> None:
    os.truncate(log_path(data_dir), log_path(data_dir).stat().st_size - 1)
    before = log_path(data_dir).read_bytes()
    assert seen(data_dir) == [(0, b"a"), (1, b"b"), (2, "RECORD_TORN")]
    assert log_path(data_dir).read_bytes() == before
    assert sorted(path.name for path in log_path(data_dir).parent.iterdir()) == ["decisions.log", "lock"]


def test_a_damaged_record_is_named_and_the_others_are_read(data_dir: Path) -> None:
    with log_path(data_dir).open("r+b") as file:
        file.seek(len(FILE_HEADER) + HEAD_BYTES)
        file.write(b"A")
    assert seen(data_dir) == [(0, "RECORD_DAMAGED"), (1, b"b"), (2, b"c")]


def test_a_damaged_header_is_named_and_the_records_are_read(data_dir: Path) -> None:
    with log_path(data_dir).open("r+b") as file:
        file.write(b"R")
    assert seen(data_dir) == [(-1, "RECORDS_HEADER"), (0, b"a"), (1, b"b"), (2, b"c")]


def test_an_empty_file_that_a_first_start_left_holds_no_records(data_dir: Path) -> None:
    os.truncate(log_path(data_dir), 0)
    assert seen(data_dir) == []


def test_a_folder_without_decisions_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        seen(tmp_path)
    assert caught.value.reason == "RECORDS_UNREADABLE"
    assert caught.value.metadata["path"] == log_path(tmp_path)
