"""Tiles: where they lie, which a tree has, and that nothing read from them is believed without proof."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from rankd.core.errors import LogError
from rankd.core.log.tiles import (
    MAX_ENTRY_BYTES,
    TILE_WIDTH,
    Level,
    TileTree,
    decode_entries,
    encode_entries,
    parse_tile_path,
    tile_path,
    tile_widths,
    tiles_of,
)
from rankd.core.log.tree import EMPTY_ROOT, HASH_BYTES, leaf_hash, root_of

PATHS: list[tuple[str, tuple[Level, int, int]]] = [
    ("tile/0/000", (0, 0, 256)),
    ("tile/0/001.p/5", (0, 1, 5)),
    ("tile/0/999", (0, 999, 256)),
    ("tile/0/x001/000", (0, 1000, 256)),
    ("tile/0/x001/x234/067", (0, 1_234_067, 256)),
    ("tile/4/x123/078.p/255", (4, 123_078, 255)),
    ("tile/entries/x003/x057/500", ("entries", 3_057_500, 256)),
    ("tile/entries/000.p/1", ("entries", 0, 1)),
    ("tile/63/000", (63, 0, 256)),
]


class Tiles:
    """The published tiles of a log, which remember what was asked for."""

    def __init__(self, count: int) -> None:
        self.entries = [b"entry %d" % at for at in range(count)]
        self.leaves = [leaf_hash(entry) for entry in self.entries]
        self.files: dict[tuple[int, int, int], bytes] = {}
        self.asked: list[tuple[int, int, int]] = []
        self.publish(count)

    def publish(self, size: int) -> None:
        hashes, level = self.leaves[:size], 0
        while hashes:
            for at in range(0, len(hashes), TILE_WIDTH):
                part = hashes[at : at + TILE_WIDTH]
                self.files[level, at // TILE_WIDTH, len(part)] = b"".join(part)
            hashes = [root_of(hashes[at : at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
            level += 1

    def read(self, level: int, number: int, width: int) -> bytes | None:
        self.asked.append((level, number, width))
        return self.files.get((level, number, width))

    def tree(self, size: int | None = None) -> TileTree:
        size = len(self.leaves) if size is None else size
        return TileTree(size, root_of(self.leaves[:size]), self.read)

    def bundle(self, number: int, size: int | None = None) -> bytes:
        return encode_entries(self.entries[:size][number * 256 : number * 256 + 256])


@pytest.fixture(scope="module")
def large() -> Tiles:
    return Tiles(66_000)


def read_tile(tiles: Tiles, level: int, number: int) -> bytes:
    return tiles.tree().tile(level, number)


def refusal(act: Callable[[], object]) -> LogError:
    with pytest.raises(LogError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(("path", "tile"), PATHS)
def test_path_and_tile_belong_together(path: str, tile: tuple[Level, int, int]) -> None:
    assert tile_path(*tile) == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/x001/x002",
        "tile/0/x1/002",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/100/000",
        "tile/3/5/123/456/078",
        "tile/data/000",
        "tile/0/000.p/0",
        "tile/0/000.p/00",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/300",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/0/000.p/١",
        "tile/63/001",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
        "TILE/0/000",
    ],
)
def test_any_other_path_is_refused(path: str) -> None:
    assert refusal(lambda: parse_tile_path(path)).reason == "TILE_PATH_MALFORMED"


def test_a_tree_has_the_tiles_of_the_specification() -> None:
    # The example of tlog-tiles, “Partial Tiles”.
    tiles = list(tiles_of(70_000))
    assert tile_widths(70_000) == (112, 17, 1)
    assert tiles[:273] == [(0, number, 256) for number in range(273)]
    assert tiles[273:] == [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert tile_widths(256) == (0, 1)
    assert list(tiles_of(0)) == []
    assert tile_widths(0) == ()


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000])
def test_growing_trees_add_the_tiles_that_they_lacked(size: int) -> None:
    for first in {0, 1, 255, 256, 257, 512, size - 1, size} - set(range(size + 1, 1000)):
        before = set(tiles_of(first))
        assert [tile for tile in tiles_of(size) if tile not in before] == list(tiles_of(size, first))


def test_entries_read_back() -> None:
    entries = (b"", b"a", bytes(MAX_ENTRY_BYTES), b"\0\1")
    data = encode_entries(entries)
    assert data[:5] == b"\0\0\0\1a"
    assert decode_entries(data, 4) == entries
    assert decode_entries(b"", 0) == ()


def test_an_entry_has_at_most_65_535_bytes() -> None:
    assert refusal(lambda: encode_entries([bytes(MAX_ENTRY_BYTES + 1)])).reason == "ENTRY_TOO_LARGE"


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\0", 1),
        (b"\0\1", 1),
        (b"\0\1a\0", 1),
        (b"\0\1a\0\0", 1),
        (b"\0\1a", 2),
        (b"\0\1a\0", 2),
        (b"\0", 0),
    ],
)
def test_a_bundle_of_another_shape_is_refused(data: bytes, width: int) -> None:
    assert refusal(lambda: decode_entries(data, width)).reason == "ENTRIES_MALFORMED"


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000])
def test_a_tree_gives_back_its_tiles_hashes_and_entries(size: int) -> None:
    tiles = Tiles(size)
    tree = tiles.tree()
    for (level, number, _), data in tiles.files.items():
        assert tree.tile(level, number) == data
    for level in range(10):
        for index in range(size >> level):
            assert tree.hash(level, index) == root_of(tiles.leaves[index << level : index + 1 << level])
    for number in range(-(-size // 256)):
        assert list(tree.entries(number, tiles.bundle(number))) == tiles.entries[number * 256 : number * 256 + 256]
    for earlier in {0, min(1, size), size // 3, size // 2, max(0, size - 1), size}:
        assert tree.root_at(earlier) == root_of(tiles.leaves[:earlier])


def test_a_tree_of_three_levels_gives_back_its_hashes(large: Tiles) -> None:
    tree = large.tree()
    assert tree.hash(16, 0) == root_of(large.leaves[:65_536])
    assert tree.hash(0, 70) == large.leaves[70]
    assert tree.hash(12, 3) == root_of(large.leaves[3 << 12 : 4 << 12])
    assert tree.root_at(40_000) == root_of(large.leaves[:40_000])
    assert tree.entries(3, large.bundle(3))[5] == large.entries[3 * 256 + 5]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_any_changed_bit_of_any_tile_is_noticed(size: int) -> None:
    tiles = Tiles(size)
    whole = dict(tiles.files)
    for (level, number, width), data in whole.items():
        for at in {0, len(data) // 2, len(data) - 1}:
            tiles.files[level, number, width] = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            error = refusal(partial(read_tile, tiles, level, number))
            assert error.reason == "TILE_DIFFERS"
            assert tile_path(level, number, width) in str(error.metadata["path"]).split(", ")
        tiles.files[level, number, width] = data


@pytest.mark.parametrize("change", [lambda data: data[:0], lambda data: data[:-1], lambda data: data + bytes(32)])
@pytest.mark.parametrize("number", [0, 1])
def test_a_tile_of_another_length_is_refused(change: Callable[[bytes], bytes], number: int) -> None:
    tiles = Tiles(300)
    key = (0, number, 256 if number == 0 else 44)
    tiles.files[key] = change(tiles.files[key])
    assert refusal(lambda: tiles.tree().tile(0, number)).reason == "TILE_DIFFERS"


def test_swapped_tiles_are_noticed() -> None:
    tiles = Tiles(600)
    tiles.files[0, 0, 256] = tiles.files[0, 1, 256]
    error = refusal(lambda: tiles.tree().hash(0, 0))
    assert (error.reason, error.metadata) == ("TILE_DIFFERS", {"path": "tile/0/000"})


def test_a_missing_tile_has_its_name() -> None:
    tiles = Tiles(600)
    del tiles.files[0, 1, 256]
    tree = tiles.tree()
    assert tree.hash(8, 1) == root_of(tiles.leaves[256:512])
    error = refusal(lambda: tree.hash(0, 300))
    assert (error.reason, error.metadata) == ("TILE_MISSING", {"path": "tile/0/001"})
    del tiles.files[0, 2, 88]
    error = refusal(tiles.tree)
    assert (error.reason, error.metadata) == ("TILE_MISSING", {"path": "tile/0/002.p/88"})


def test_a_wrong_root_names_the_whole_edge() -> None:
    tiles = Tiles(66_000)
    error = refusal(lambda: TileTree(66_000, EMPTY_ROOT, tiles.read))
    assert error.metadata == {"path": "tile/0/257.p/208, tile/1/001.p/1, tile/2/000.p/1"}


@pytest.mark.parametrize("size", [-1, 2**63])
def test_a_size_out_of_range_is_refused_before_anything_is_read(size: int) -> None:
    assert refusal(lambda: TileTree(size, EMPTY_ROOT, lambda *_: None)).reason == "PROOF_SIZE"


def test_the_empty_tree_has_the_empty_root() -> None:
    assert Tiles(0).tree().root_at(0) == EMPTY_ROOT
    assert refusal(lambda: TileTree(0, bytes(32), lambda *_: None)).reason == "TILE_DIFFERS"


def test_a_wider_tile_stands_in_where_the_partial_one_is_gone() -> None:
    tiles = Tiles(600)
    tiles.publish(300)
    del tiles.files[0, 1, 44]
    tree = tiles.tree(300)
    assert tree.tile(0, 1) == b"".join(tiles.leaves[256:300])
    assert tree.entries(1, tiles.bundle(1), stored_width=256) == tuple(tiles.entries[256:300])
    tiles.files[0, 1, 256] = tiles.files[0, 0, 256]
    assert refusal(lambda: tiles.tree(300)).reason == "TILE_DIFFERS"


def test_a_full_bundle_needs_no_tile_of_leaves() -> None:
    tiles = Tiles(600)
    del tiles.files[0, 0, 256]
    assert tiles.tree().entries(0, tiles.bundle(0)) == tuple(tiles.entries[:256])


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("at", [0, 3, 40])
def test_a_changed_entry_is_noticed(number: int, at: int) -> None:
    tiles = Tiles(300)
    entries = tiles.entries[number * 256 : number * 256 + 256]
    entries[at] += b"!"
    error = refusal(lambda: tiles.tree().entries(number, encode_entries(entries)))
    assert error.reason == "TILE_DIFFERS"
    assert error.metadata == {"path": tile_path("entries", number, 256 if number == 0 else 44)}


def test_a_bundle_with_too_few_or_too_many_entries_is_refused() -> None:
    tiles = Tiles(300)
    for entries in (tiles.entries[256:299], [*tiles.entries[256:], b"more"], tiles.entries[:256]):
        assert refusal(partial(tiles.tree().entries, 1, encode_entries(entries))).reason == "ENTRIES_MALFORMED"


@pytest.mark.parametrize(
    "act",
    [
        lambda tree: tree.hash(0, 300),
        lambda tree: tree.hash(0, -1),
        lambda tree: tree.hash(9, 0),
        lambda tree: tree.hash(8, 1),
        lambda tree: tree.hash(64, 0),
        lambda tree: tree.tile(0, 2),
        lambda tree: tree.tile(0, -1),
        lambda tree: tree.tile(1, 1),
        lambda tree: tree.tile(2, 0),
        lambda tree: tree.entries(2, b""),
    ],
)
def test_what_a_tree_has_not_is_refused(act: Callable[[TileTree], object]) -> None:
    tree = Tiles(300).tree()
    assert refusal(lambda: act(tree)).reason == "TILE_OUTSIDE"


def test_an_earlier_root_is_asked_of_an_earlier_tree() -> None:
    assert refusal(lambda: Tiles(300).tree().root_at(301)).reason == "PROOF_SIZE_ORDER"


def test_each_tile_is_read_once_for_work_in_one_place(large: Tiles) -> None:
    large.asked.clear()
    tree = large.tree()
    for number in range(40):
        tree.entries(number, large.bundle(number))
    assert large.asked == [(0, 257, 208), (1, 1, 1), (2, 0, 1), (1, 0, 256)]


def test_memory_stays_bounded_while_all_leaves_are_walked(large: Tiles) -> None:
    large.asked.clear()
    tree = large.tree()
    for index in range(0, 65_536, 64):
        assert tree.hash(0, index) == large.leaves[index]
    assert len(large.asked) == len(set(large.asked))
    assert len(tree._cache) <= 64


def split(data: bytes) -> Sequence[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def test_the_hashes_of_a_tile_are_the_roots_below_it(large: Tiles) -> None:
    above = split(large.tree().tile(1, 0))
    assert above[7] == root_of(split(large.tree().tile(0, 7)))
