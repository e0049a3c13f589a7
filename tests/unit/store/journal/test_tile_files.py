from pathlib import Path

from rankd.store.journal.tile_files import read_public, read_tile, write_tile
from tests.unit.store.journal.conftest import FaultyDisk


def test_a_tile_is_read_where_it_was_written(tmp_path: Path) -> None:
    disk = FaultyDisk()
    write_tile(tmp_path, 0, 1234, 7, b"seven", disk)
    write_tile(tmp_path, "entries", 0, 256, b"full", disk)
    assert (tmp_path / "tile/0/x001/234.p/7").read_bytes() == b"seven"
    assert read_tile(tmp_path, 0, 1234, 7) == b"seven"
    assert read_tile(tmp_path, "entries", 0, 256) == b"full"
    assert (tmp_path / "tile/0/x001/234.p/7").stat().st_mode & 0o777 == 0o644


def test_a_tile_that_is_not_there_is_none_even_where_a_file_stands_for_its_folder(tmp_path: Path) -> None:
    write_tile(tmp_path, 0, 0, 256, b"full", FaultyDisk())
    assert read_tile(tmp_path, 0, 0, 7) is None
    assert read_public(tmp_path / "tile/0/000/x") is None


def test_a_full_tile_takes_the_place_of_its_partial_ones(tmp_path: Path) -> None:
    disk = FaultyDisk()
    for width in (1, 200):
        write_tile(tmp_path, 0, 0, width, b"partial", disk)
    write_tile(tmp_path, 0, 1, 3, b"of the next", disk)
    write_tile(tmp_path, 0, 0, 256, b"full", disk)
    assert sorted(path.name for path in (tmp_path / "tile/0").iterdir()) == ["000", "001.p"]
