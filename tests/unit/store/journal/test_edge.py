import pytest

from rankd.core.log.tiles import TileTree, tiles_of
from rankd.core.log.tree import leaf_hash, root_of
from rankd.store.journal.edge import RightEdge

HASHES = [leaf_hash(b"leaf %d" % number) for number in range(66_000)]


@pytest.fixture(scope="module")
def grown() -> tuple[RightEdge, dict[tuple[int, int], bytes]]:
    edge = RightEdge()
    tiles: dict[tuple[int, int], bytes] = {}
    for leaf in HASHES:
        for level, number, hashes in edge.append(leaf):
            assert (level, number) not in tiles
            tiles[level, number] = b"".join(hashes)
    return edge, tiles


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 700])
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    edge = RightEdge()
    for leaf in HASHES[:size]:
        list(edge.append(leaf))
    assert (edge.size, edge.root) == (size, root_of(HASHES[:size]))
    assert edge.root_with(HASHES[size : size + 300]) == root_of(HASHES[: size + 300])
    assert edge.root == root_of(HASHES[:size])


def test_it_completes_every_full_tile_once_and_holds_the_partial_ones(
    grown: tuple[RightEdge, dict[tuple[int, int], bytes]],
) -> None:
    edge, full = grown
    tiles = dict(full)
    for level in range(3):
        number, hashes = edge.partial(level)
        assert len(hashes) < 256
        tiles[level, number] = b"".join(hashes)
    wanted = {(level, number): width for level, number, width in tiles_of(len(HASHES))}
    assert {at: len(data) // 32 for at, data in tiles.items() if data} == wanted
    assert edge.root == root_of(HASHES)


def test_it_is_read_back_from_the_tiles_of_a_tree(grown: tuple[RightEdge, dict[tuple[int, int], bytes]]) -> None:
    edge, full = grown
    tiles = full | {(level, edge.partial(level)[0]): b"".join(edge.partial(level)[1]) for level in range(3)}
    read = RightEdge.of(TileTree(edge.size, edge.root, lambda level, number, _: tiles.get((level, number))))
    assert [read.partial(level) for level in range(3)] == [edge.partial(level) for level in range(3)]
    assert (read.size, read.root) == (edge.size, edge.root)


def test_a_copy_grows_on_its_own() -> None:
    edge = RightEdge()
    list(edge.append(HASHES[0]))
    copy = edge.copy()
    list(copy.append(HASHES[1]))
    assert edge.root == root_of(HASHES[:1])
    assert copy.root == root_of(HASHES[:2])
