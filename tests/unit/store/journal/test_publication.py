import errno
from collections.abc import Sequence
from pathlib import Path

import pytest

from rankd.core.errors import JournalError, LogError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.proofs import verify_consistency, verify_inclusion
from rankd.core.log.tiles import tile_path, tiles_of
from rankd.core.log.tree import leaf_hash, root_of
from rankd.store.journal.mark import Mark
from rankd.store.journal.publication import Publication
from tests.unit.store.journal.conftest import Fault, Place

LEAVES = [b"leaf %d" % number for number in range(1_100)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def made(place: Place) -> Publication:
    return Publication(place.public, place.signer, Mark(place.mark, place.signer.verifier, place.disk), place.disk)


def extend(publication: Publication, size: int) -> None:
    publication.extend(LEAVES[publication.size : size], HASHES[publication.size : size])


@pytest.fixture
def publication(place: Place) -> Publication:
    place.public.mkdir(parents=True)
    begun = made(place)
    begun.begin()
    return begun


def grown(publication: Publication, sizes: Sequence[int]) -> Publication:
    for size in sizes:
        extend(publication, size)
    return publication


def reason(place: Place) -> str:
    with pytest.raises(JournalError) as caught:
        made(place).load()
    return caught.value.reason


@pytest.mark.parametrize("sizes", [[1], [3, 255, 256], [257], [256, 512], [700, 701, 1_100]])
def test_what_is_published_is_the_tree_of_rfc_6962_in_the_files_of_tlog_tiles(
    place: Place, publication: Publication, sizes: list[int]
) -> None:
    grown(publication, sizes)
    size = sizes[-1]
    note = (place.public / "checkpoint").read_bytes()
    checkpoint = open_checkpoint(note, place.signer.verifier).checkpoint
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (place.signer.name, size, root_of(HASHES[:size]))
    assert (publication.size, publication.note, place.mark.read_bytes()) == (size, note, note)
    files = {path for path in (place.public / "tile").rglob("*") if path.is_file()}
    wanted = {place.public / tile_path(*tile) for tile in tiles_of(size)}
    wanted |= {
        place.public / tile_path("entries", number, width) for level, number, width in tiles_of(size) if not level
    }
    assert wanted <= files
    assert all(".p/" in str(path) for path in files - wanted)
    assert [publication.leaf(index) for index in range(size)] == LEAVES[:size]


def test_proofs_hold_for_every_published_size_and_no_other(publication: Publication) -> None:
    grown(publication, [300, 600])
    for index, size in ((0, 1), (5, 300), (299, 300), (256, 599), (599, 600)):
        proof = publication.inclusion_proof(index, size)
        verify_inclusion(HASHES[index], index, size, proof, root_of(HASHES[:size]))
    for first, second in ((0, 600), (1, 600), (300, 600), (256, 513), (600, 600)):
        proof = publication.consistency_proof(first, second)
        verify_consistency(first, second, proof, root_of(HASHES[:first]), root_of(HASHES[:second]))
    with pytest.raises(JournalError) as caught:
        publication.inclusion_proof(0, 601)
    assert caught.value.reason == "SIZE_UNPUBLISHED"
    with pytest.raises(JournalError) as caught:
        publication.consistency_proof(1, 601)
    assert caught.value.reason == "SIZE_UNPUBLISHED"
    with pytest.raises(LogError):
        publication.inclusion_proof(600, 600)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_it_goes_on_where_it_was_left(place: Place, publication: Publication, size: int) -> None:
    grown(publication, [size] if size else [])
    again = made(place)
    again.load()
    assert (again.size, again.note) == (size, publication.note)
    assert again.root_with(size, ()) == root_of(HASHES[:size])
    assert again.root_with(size // 2, ()) == root_of(HASHES[: size // 2])
    assert again.root_with(size + 5, HASHES[size : size + 9]) == root_of(HASHES[: size + 5])
    grown(again, [size + 300])
    assert open_checkpoint(again.note, place.signer.verifier).checkpoint.root == root_of(HASHES[: size + 300])


def test_it_goes_on_from_full_tiles_that_a_crash_left_ahead_of_the_checkpoint(
    place: Place, publication: Publication
) -> None:
    grown(publication, [300])
    note = publication.note
    grown(publication, [600])
    (place.public / "checkpoint").write_bytes(note)
    assert not (place.public / tile_path(0, 1, 44)).exists()
    again = made(place)
    again.load()
    assert (again.size, again.leaf(299)) == (300, LEAVES[299])
    grown(again, [600])
    assert again.note == publication.note


@pytest.mark.parametrize("step", ["replace tile", "replace log.mark", "replace checkpoint"])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_failed_publication_changes_nothing_for_readers_and_is_repeated_whole(
    place: Place, publication: Publication, step: str, share: float
) -> None:
    grown(publication, [100])
    note = publication.note
    place.disk.faults = {step: Fault(errno.ENOSPC, share)}
    with pytest.raises(OSError, match="No space"):
        extend(publication, 300)
    assert (publication.size, publication.note, publication.leaf(99)) == (100, note, LEAVES[99])
    publication.inclusion_proof(5, 100)
    place.disk.faults = {}
    grown(publication, [301])
    assert open_checkpoint(publication.note, place.signer.verifier).checkpoint.root == root_of(HASHES[:301])
    assert [publication.leaf(index) for index in range(301)] == LEAVES[:301]


def test_the_mark_is_written_before_the_checkpoint_and_both_after_the_tiles(
    place: Place, publication: Publication
) -> None:
    place.disk.steps.clear()
    grown(publication, [3])
    assert place.disk.steps == ["replace tile"] * 2 + ["replace log.mark", "replace checkpoint"]
    assert publication.marked_size == 3


def test_nothing_is_signed_that_the_tiles_do_not_say(
    place: Place, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(publication, [3])
    note = publication.note
    monkeypatch.setattr(place.disk, "replace", lambda path, data: path.write_bytes(data.replace(data[-1:], b"!")))
    with pytest.raises(LogError) as caught:
        extend(publication, 5)
    assert caught.value.reason == "TILE_DIFFERS"
    assert place.mark.read_bytes() == (place.public / "checkpoint").read_bytes() == note


def test_a_missing_checkpoint_and_that_of_another_key_are_refused(place: Place, publication: Publication) -> None:
    grown(publication, [3])
    path = place.public / "checkpoint"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"dev.test/log", b"dev.test/lag"))
    assert reason(place) == "JOURNAL_CHECKPOINT_DIFFERS"
    path.unlink()
    assert reason(place) == "JOURNAL_CHECKPOINT_MISSING"


EDGE_OF_700 = ["tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/002.p/188"]


@pytest.mark.parametrize(
    ("size", "path"),
    [(700, path) for path in EDGE_OF_700]
    + [(512, path) for path in ("tile/1/000.p/2", "tile/0/001", "tile/entries/001")],
)
@pytest.mark.parametrize("change", ["flip", "cut", "remove"])
def test_a_right_edge_that_disagrees_with_the_checkpoint_stops_the_start(
    place: Place, publication: Publication, size: int, path: str, change: str
) -> None:
    grown(publication, [size])
    file = place.public / path
    data = file.read_bytes()
    if change == "flip":
        file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    elif change == "cut":
        file.write_bytes(data[:-1])
    else:
        file.unlink()
    assert reason(place) == "JOURNAL_EDGE_DIFFERS"


def test_a_leaf_in_a_damaged_bundle_is_refused_and_others_are_read(place: Place, publication: Publication) -> None:
    grown(publication, [700])
    path = place.public / tile_path("entries", 0)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"leaf 7", b"leaf 8", 1))
    with pytest.raises(LogError) as caught:
        publication.leaf(9)
    assert caught.value.reason == "TILE_DIFFERS"
    assert publication.leaf(300) == LEAVES[300]


def test_only_the_checkpoint_and_tiles_are_public_files(place: Place, publication: Publication) -> None:
    grown(publication, [300])
    assert publication.file("checkpoint") == publication.note
    assert publication.file("tile/0/000") == b"".join(HASHES[:256])
    assert publication.file("tile/0/001.p/44") == b"".join(HASHES[256:300])
    (place.public / "tile" / "secret").write_bytes(b"")
    for path in ("", "vkey", "tile/secret", "../private/keys.sqlite", "tile/0/../0/000", "tile/0/001", "tile/9/000"):
        assert publication.file(path) is None


def test_the_key_is_announced_once(place: Place, publication: Publication) -> None:
    publication.announce()
    place.disk.steps.clear()
    publication.announce()
    assert place.disk.steps == []
    assert Path(place.public / "vkey").read_text() == f"{place.signer.verifier.vkey}\n"
