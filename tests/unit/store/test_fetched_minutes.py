"""Minutes that were fetched: every tile and bundle that their tree has, for every size, and nothing beyond."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import AssemblyError, LogError
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.note import NoteSigner, sign_note
from rankd.core.log.tiles import TILE_WIDTH, TileTree, tiles_of
from rankd.core.log.tree import leaf_hash, root_of
from rankd.core.records.body import open_body
from rankd.store.fetched_minutes import FetchedMinutes

SIGNER = NoteSigner("dev.test/minutes", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def leaf(index: int) -> bytes:
    return b"leaf %d" % index


def key(index: int) -> bytes:
    return index.to_bytes(32, "big")


def note(size: int) -> bytes:
    root = root_of([leaf_hash(leaf(index)) for index in range(size)])
    return sign_note(Checkpoint(SIGNER.name, size, root).text, SIGNER)


def fetched(count: int, size: int) -> FetchedMinutes:
    """Return `count` entries under a checkpoint of `size`; every third body is not shown."""
    minutes = FetchedMinutes("test")
    for index in range(count):
        shown = index % 3 > 0
        minutes.add(leaf(index), key(index) if shown else None, b"body %d" % index if shown else None)
    minutes.end_at(note(size))
    return minutes


@pytest.mark.parametrize(
    ("count", "size"),
    [(1, 1), (255, 255), (256, 256), (257, 257), (600, 600), (257, 256), (600, 3), (600, 513), (65_800, 65_793)],
)
def test_the_tree_of_any_size_is_there_with_its_entries(count: int, size: int) -> None:
    minutes = fetched(count, size)
    root = root_of([leaf_hash(leaf(index)) for index in range(size)])
    tree = TileTree(size, root, minutes.tile)
    for level, number, _ in tiles_of(size):
        tree.tile(level, number)
    found: list[bytes] = []
    for number in minutes.numbers:
        width = min(size - number * TILE_WIDTH, TILE_WIDTH)
        bundle = minutes.entry_bundle(number, width)
        assert bundle is not None
        found += tree.entries(number, bundle)
    assert found == [leaf(index) for index in range(size)]
    assert (minutes.origin, minutes.size, minutes.first, minutes.end) == (SIGNER.name, size, 0, size)
    assert (minutes.count, minutes.checkpoint()) == (count, note(size))


def test_bodies_that_are_shown_open_with_their_keys_and_no_other_is_there() -> None:
    minutes = fetched(300, 260)
    bodies = {**minutes.bodies(0), **minutes.bodies(1)}
    assert sorted(bodies) == [index for index in range(260) if index % 3]
    assert all(open_body(*bodies[index]) == b"body %d" % index for index in bodies)


def test_what_the_tree_does_not_have_is_none() -> None:
    minutes = fetched(600, 300)
    assert minutes.tile(0, 1, 45) is None
    assert minutes.tile(0, 2, 1) is None
    assert minutes.tile(1, 0, 2) is None
    assert minutes.tile(7, 0, 1) is None
    assert minutes.entry_bundle(1, 45) is None
    assert minutes.entry_bundle(2, 1) is None


def test_a_checkpoint_of_more_than_there_is_is_refused() -> None:
    with pytest.raises(AssemblyError) as caught:
        fetched(2, 3)
    assert caught.value.reason == "MINUTES_UNREADABLE"
    with pytest.raises(LogError):
        FetchedMinutes("test").end_at(b"rubbish")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(AssemblyError) as caught:
        FetchedMinutes("test").add(b"leaf", bytes(31), b"body")
    assert caught.value.reason == "MINUTES_UNREADABLE"
