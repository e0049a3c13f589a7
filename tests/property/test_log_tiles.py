"""Over random sizes: tiles are those of the specification, and a damaged folder never gives a wrong hash."""

from collections.abc import Callable
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import LogError
from rankd.core.log.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from rankd.core.log.tiles import TileTree, decode_entries, encode_entries, parse_tile_path, tile_path, tiles_of
from rankd.core.log.tree import leaf_hash, root_of
from tests.reference import rfc6962

MOST = 1_500
ENTRIES = [b"%d" % at for at in range(MOST)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
quickly = settings(max_examples=40, deadline=None)
sizes = st.one_of(st.integers(1, MOST), st.sampled_from([1, 255, 256, 257, 511, 512, 513, 1024]))


@cache
def tile_of(level: int, number: int, width: int) -> bytes:
    """Return a tile of the whole log, cut to its width."""
    return rfc6962.tile(level, number, ENTRIES)[: width * 32]


def outcome(act: Callable[[], object]) -> object:
    """Return what `act` returns, or the reason of its refusal."""
    try:
        return act()
    except LogError as error:
        return error.reason


def tree(size: int) -> TileTree:
    return TileTree(size, root_of(LEAVES[:size]), tile_of)


@given(sizes)
@quickly
def test_the_tiles_of_a_tree_are_those_of_the_definition(size: int) -> None:
    reading = tree(size)
    for level, number, width in tiles_of(size):
        assert reading.tile(level, number) == rfc6962.tile(level, number, ENTRIES[:size])
        assert width == len(rfc6962.tile(level, number, ENTRIES[:size])) // 32
        assert parse_tile_path(tile_path(level, number, width)) == (level, number, width)


@given(sizes, st.data())
@quickly
def test_proofs_made_from_tiles_verify(size: int, data: st.DataObject) -> None:
    reading = tree(size)
    small = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, small - 1))
    one, two = root_of(LEAVES[:small]), root_of(LEAVES[:size])
    verify_inclusion(LEAVES[index], index, small, inclusion_proof(index, small, reading.hash), one)
    verify_consistency(small, size, consistency_proof(small, size, reading.hash), one, two)
    assert reading.root_at(small) == one


@given(sizes, st.integers(0, 2**32), st.integers(1, 255), st.data())
@quickly
def test_a_damaged_folder_gives_the_true_hash_or_a_refusal(size: int, at: int, flip: int, data: st.DataObject) -> None:
    victim = data.draw(st.sampled_from(list(tiles_of(size))))

    def read(level: int, number: int, width: int) -> bytes:
        found = tile_of(level, number, width)
        if (level, number, width) != victim:
            return found
        place = at % len(found)
        return found[:place] + bytes([found[place] ^ flip]) + found[place + 1 :]

    index = data.draw(st.integers(0, size - 1))
    height = data.draw(st.integers(0, 10))
    begin = index >> height << height
    found = outcome(lambda: TileTree(size, root_of(LEAVES[:size]), read).hash(height, index >> height))
    assert found in {"TILE_DIFFERS", "TILE_OUTSIDE", root_of(LEAVES[begin : begin + (1 << height)])}


@given(sizes, st.data())
@quickly
def test_entries_are_given_back_only_as_they_were_logged(size: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, (size - 1) // 256))
    entries = ENTRIES[:size][number * 256 : number * 256 + 256]
    bundle = encode_entries(entries)
    assert tree(size).entries(number, bundle) == tuple(entries)
    place = data.draw(st.integers(0, len(bundle) - 1))
    changed = bundle[:place] + bytes([bundle[place] ^ data.draw(st.integers(1, 255))]) + bundle[place + 1 :]
    assert outcome(lambda: tree(size).entries(number, changed)) in {"TILE_DIFFERS", "ENTRIES_MALFORMED"}


@given(st.lists(st.binary(max_size=400), max_size=256))
@quickly
def test_entry_bundles_read_back(entries: list[bytes]) -> None:
    assert decode_entries(encode_entries(entries), len(entries)) == tuple(entries)


@given(st.binary(max_size=60), st.integers(0, 8))
@quickly
def test_a_bundle_has_one_reading(data: bytes, width: int) -> None:
    try:
        entries = decode_entries(data, width)
    except LogError:
        return
    assert encode_entries(entries) == data


@given(st.integers(0, 7), st.integers(0, 2**63), st.integers(1, 256))
@quickly
def test_tile_paths_read_back_within_their_range(level: int, number: int, width: int) -> None:
    path = tile_path(level, number, width)
    is_within = number << 8 * (level + 1) < 2**63
    assert outcome(lambda: parse_tile_path(path)) == ((level, number, width) if is_within else "TILE_PATH_MALFORMED")


@given(st.text("tile/entrsx0123456789.p-", max_size=30).map(lambda rest: "tile/" + rest))
@quickly
def test_a_path_has_one_spelling(path: str) -> None:
    try:
        tile = parse_tile_path(path)
    except LogError:
        return
    assert tile_path(*tile) == path


@given(st.integers(0, 2**40), st.integers(0, 600))
@quickly
def test_a_growing_tree_lists_each_new_tile_once(first: int, more: int) -> None:
    listed = list(tiles_of(first + more, first))
    assert len(set(listed)) == len(listed)
    for level, number, width in listed:
        assert number << 8 * (level + 1) < first + more
        end = min((number << 8) + width << 8 * level, first + more)
        assert end > first >> 8 * level << 8 * level
