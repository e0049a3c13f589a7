"""Public records for tests of their verification: whole ones, and ones that somebody wrote anew."""

from collections.abc import Callable, Iterator
from pathlib import Path

from rankd.core.assembly.entries import Freeze, Sponsor
from rankd.core.assembly.matter import BallotChoice
from rankd.core.exact.canonical import sha256
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.note import NoteSigner, sign_note
from rankd.core.log.tiles import decode_entries, encode_entries
from rankd.core.log.tree import leaf_hash, root_of
from rankd.core.records.body import seal
from rankd.store.bundle_bodies import BundleBodies, body_head
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.reading import read_minutes
from rankd.usecases.govern.record_view import record_files
from tests.minutes import Kept

CHOICES: dict[str, BallotChoice] = {
    "Alice": "yes",
    "Bruno": "no",
    "Chloé": "yes",
    "Denis": "abstain",
    "Émilie": "yes",
    "Farid": "yes",
}

Entries = list[tuple[bytes, tuple[bytes, bytes] | None]]
"""Leaves, each with key and sealed body where that is shown."""


def files_of(record: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and place of every file of a record."""
    for path in sorted(record.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(record)), path


def entries_in(record: Path) -> Entries:
    """Return the entries of a record that has fewer than 256."""
    size = RecordFolder(record).size
    leaves = decode_entries((record / f"minutes/tile/entries/000.p/{size}").read_bytes(), size)
    data = (record / "minutes/bodies/000").read_bytes()
    bodies = BundleBodies(lambda offset, length: data[offset : offset + length], "", 0, len(data), range(256))
    return [(leaf, bodies.get(index)) for index, leaf in enumerate(leaves)]


def write_bodies(record: Path, entries: Entries) -> None:
    """Write the bodies of a record anew."""
    parts = (
        body_head(index, body[0], len(body[1])) + body[1] for index, (_, body) in enumerate(entries) if body is not None
    )
    (record / "minutes/bodies/000").write_bytes(b"".join(parts))


def rewrite(record: Path, change: Callable[[Entries], None], signer: NoteSigner) -> bytes:
    """Write the minutes of a record anew with other entries, well formed, and sign them; return the checkpoint."""
    entries = entries_in(record)
    before = len(entries)
    for name in (f"minutes/tile/0/000.p/{before}", f"minutes/tile/entries/000.p/{before}"):
        (record / name).unlink()
    change(entries)
    size, hashes = len(entries), [leaf_hash(leaf) for leaf, _ in entries]
    (record / f"minutes/tile/0/000.p/{size}").write_bytes(b"".join(hashes))
    (record / f"minutes/tile/entries/000.p/{size}").write_bytes(encode_entries([leaf for leaf, _ in entries]))
    write_bodies(record, entries)
    note = sign_note(Checkpoint(signer.verifier.name, size, root_of(hashes)).text, signer)
    (record / "minutes/checkpoint").write_bytes(note)
    return note


def retell(record: Path, minutes: Kept) -> None:
    """Write the files for people anew, so that they tell what the minutes in the record say now."""
    read = read_minutes(RecordFolder(record), minutes.genesis, now_s=minutes.now_ms // 1_000, with_files=False)
    for name, data in record_files(read.assembly.at(minutes.now_ms)).items():
        (record / name).parent.mkdir(parents=True, exist_ok=True)
        (record / name).write_bytes(data)


def body_of(envelope: bytes, name: str = "body") -> tuple[bytes, bytes]:
    """Return a key and the sealed body of an entry that somebody slips in."""
    key = sha256(name.encode())
    return key, seal(key, envelope)


def decided(minutes: Kept) -> tuple[int, int]:
    """Have members adopt a policy by vote and let it come into force; return the proposal's index and an argument's."""
    index = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    argument = minutes.argue(index, "On lit trop peu de réponses.")
    minutes.wait(3)
    minutes.accept(Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    minutes.wait(1)
    minutes.cast(index, CHOICES)
    minutes.wait(10)
    minutes.keeper.publish()
    return index, argument
