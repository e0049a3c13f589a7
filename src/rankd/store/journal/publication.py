"""The public side of a journal: tiles and checkpoint, as far as they are published, and how they grow."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rankd.core.errors import JournalError, LogError
from rankd.core.log import proofs
from rankd.core.log.checkpoint import Checkpoint, open_checkpoint
from rankd.core.log.note import NoteSigner, parse_note, sign_note
from rankd.core.log.tiles import TILE_WIDTH, TileTree, encode_entries, parse_tile_path, tile_path
from rankd.store.disk import Disk
from rankd.store.journal.edge import RightEdge
from rankd.store.journal.mark import Mark
from rankd.store.journal.tile_files import (
    CHECKPOINT_FILE,
    VKEY_FILE,
    WITNESSED_FILE,
    read_public,
    read_tile,
    write_tile,
)


@dataclass(frozen=True, slots=True)
class _Published:
    """One published state: the signed checkpoint and its tree."""

    note: bytes
    size: int
    tree: TileTree


class Publication:
    """A journal's tree as it is published. Reading is safe from many threads, `extend` is for one at a time.

    Between publications only the right edge is in memory: the partial tile of each level and the entries of the last
    bundle if it is not full.

    Args:
        public: The folder.
        signer: The log key; its name is the origin.
        mark: The key's mark.
        disk: How to write.
    """

    def __init__(self, public: Path, signer: NoteSigner, mark: Mark, disk: Disk) -> None:
        self._public = public
        self._signer = signer
        self._mark = mark
        self._disk = disk
        self._state = _Published(b"", 0, self._tree(0, RightEdge().root))
        self._edge = RightEdge()
        self._bundle: list[bytes] = []
        # The bundle that was read last, by number and width: leaves are often asked for one after the other.
        self._read: tuple[int, int, tuple[bytes, ...]] = (-1, 0, ())
        self._tree_lock = threading.Lock()

    def begin(self) -> None:
        """Publish the empty tree.

        A crash leaves nothing, or the mark without a checkpoint: then it can be done again.

        Raises:
            OSError: The disk refuses.
        """
        self._sign(RightEdge())

    def load(self) -> None:
        """Read what is published and make sure that it belongs together: checkpoint, right edge, last bundle.

        Raises:
            JournalError: JOURNAL_CHECKPOINT_MISSING, JOURNAL_CHECKPOINT_DIFFERS or JOURNAL_EDGE_DIFFERS.
            OSError: The disk refuses.
        """
        path = self._public / CHECKPOINT_FILE
        note = read_public(path)
        if note is None:
            raise JournalError("JOURNAL_CHECKPOINT_MISSING", path=path)
        try:
            checkpoint = open_checkpoint(note, self._signer.verifier).checkpoint
        except LogError as error:
            raise JournalError("JOURNAL_CHECKPOINT_DIFFERS", path=path, detail=error.reason) from error
        size = checkpoint.size
        try:
            tree = self._tree(size, checkpoint.root)
            edge = RightEdge.of(tree)
            last = (size - 1) // TILE_WIDTH
            bundle = self._entries(tree, last) if size else ()
            if size:
                tree.tile(0, last)
        except LogError as error:
            where = error.metadata.get("path", self._public)
            raise JournalError("JOURNAL_EDGE_DIFFERS", path=where, detail=error.reason, size=size) from error
        self._edge, self._bundle = edge, list(bundle) if size % TILE_WIDTH else []
        self._state = _Published(note, size, tree)

    def announce(self) -> None:
        """Write the key's public half beside the checkpoint, where it is not there already.

        Raises:
            OSError: The disk refuses.
        """
        path, text = self._public / VKEY_FILE, f"{self._signer.verifier.vkey}\n".encode()
        if read_public(path) != text:
            self._disk.replace(path, text)

    @property
    def size(self) -> int:
        """How many leaves are published."""
        return self._state.size

    @property
    def marked_size(self) -> int:
        """The largest size that the key signed for this tree, published or not."""
        return self._mark.size

    @property
    def note(self) -> bytes:
        """The newest signed checkpoint."""
        return self._state.note

    def root_with(self, size: int, further: Sequence[bytes]) -> bytes:
        """Return the root that the tree had or will have at a size.

        Args:
            size: In leaves.
            further: The leaf hashes that come behind what is published, as far as `size` needs them.

        Raises:
            LogError: TILE_MISSING or TILE_DIFFERS.
        """
        if size > self.size:
            return self._edge.root_with(further[: size - self.size])
        with self._tree_lock:
            return self._state.tree.root_at(size)

    def leaf_hash(self, index: int) -> bytes:
        """Return the hash of a published leaf.

        Raises:
            LogError: TILE_MISSING, TILE_DIFFERS or TILE_OUTSIDE.
        """
        with self._tree_lock:
            return self._state.tree.hash(0, index)

    def leaf(self, index: int) -> bytes:
        """Return a published leaf, checked against the checkpoint.

        Raises:
            LogError: TILE_MISSING, TILE_DIFFERS, TILE_OUTSIDE or ENTRIES_MALFORMED.
            OSError: The disk refuses.
        """
        with self._tree_lock:
            return self._entries(self._state.tree, index // TILE_WIDTH)[index % TILE_WIDTH]

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the audit path of a leaf in the tree of a published size.

        Raises:
            JournalError: SIZE_UNPUBLISHED.
            LogError: PROOF_INDEX_RANGE, TILE_MISSING or TILE_DIFFERS.
            OSError: The disk refuses.
        """
        with self._tree_lock:
            self._check_size(size)
            return proofs.inclusion_proof(index, size, self._state.tree.hash)

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """Return what shows that one published size grew out of another.

        Raises:
            JournalError: SIZE_UNPUBLISHED.
            LogError: PROOF_SIZE_ORDER, TILE_MISSING or TILE_DIFFERS.
            OSError: The disk refuses.
        """
        with self._tree_lock:
            self._check_size(second)
            return proofs.consistency_proof(first, second, self._state.tree.hash)

    def file(self, path: str) -> bytes | None:
        """Return a public file by its path under the folder, None where there is none.

        Raises:
            OSError: The disk refuses.
        """
        if path == CHECKPOINT_FILE:
            return self.note
        if path == WITNESSED_FILE:
            return read_public(self._public / path)
        try:
            parse_tile_path(path)
        except LogError:
            return None
        return read_public(self._public / path)

    def extend(self, leaves: Sequence[bytes], leaf_hashes: Sequence[bytes]) -> None:
        """Publish further leaves: tiles, then the mark, then the checkpoint.

        A crash leaves tiles that no checkpoint names yet, or a mark ahead of the checkpoint. Both are as they will be
        when the same leaves are published again.

        Args:
            leaves: In order.
            leaf_hashes: Their hashes.

        Raises:
            LogError: TILE_MISSING or TILE_DIFFERS: what was written cannot be read back.
            OSError: The disk refuses; nothing has changed for readers.
        """
        edge, bundle = self._edge.copy(), list(self._bundle)
        touched = 0
        for leaf, leaf_hash in zip(leaves, leaf_hashes, strict=True):
            bundle.append(leaf)
            for level, number, hashes in edge.append(leaf_hash):
                if level == 0:
                    write_tile(self._public, "entries", number, TILE_WIDTH, encode_entries(bundle), self._disk)
                    bundle = []
                write_tile(self._public, level, number, TILE_WIDTH, b"".join(hashes), self._disk)
                touched = max(touched, level + 1)
        for level in range(touched + 1):
            number, hashes = edge.partial(level)
            if hashes:
                write_tile(self._public, level, number, len(hashes), b"".join(hashes), self._disk)
        if bundle:
            number = edge.size // TILE_WIDTH
            write_tile(self._public, "entries", number, len(bundle), encode_entries(bundle), self._disk)
        self._sign(edge)
        self._edge, self._bundle = edge, bundle

    def add_cosignatures(self, note: bytes, *, is_witnessed: bool) -> bool:
        """Publish one of the key's checkpoints with what witnesses added to it; not while `extend` runs.

        The mark stays as it is: it says what the key signed. A crash leaves each file with or without the cosignatures.

        Args:
            note: A checkpoint that was published, and further signatures; they are for whoever knows their keys.
            is_witnessed: Whether they are enough of them: then it is also kept as the newest one that is witnessed, for
                a log that grows quickly has gone on before its witnesses answered.

        Returns:
            Whether it is still the newest checkpoint.

        Raises:
            LogError: The key did not sign this.
            OSError: The disk refuses.
        """
        text = open_checkpoint(note, self._signer.verifier).checkpoint.text
        if is_witnessed:
            self._disk.replace(self._public / WITNESSED_FILE, note)
        state = self._state
        if parse_note(state.note).text != text:
            return False
        self._disk.replace(self._public / CHECKPOINT_FILE, note)
        self._state = replace(state, note=note)
        return True

    def _sign(self, edge: RightEdge) -> None:
        root = edge.root
        # Reads the new right edge back, so that nothing is signed that the files do not say.
        tree = self._tree(edge.size, root)
        note = sign_note(Checkpoint(self._signer.name, edge.size, root).text, self._signer)
        self._mark.write(note, edge.size)
        self._disk.replace(self._public / CHECKPOINT_FILE, note)
        self._state = _Published(note, edge.size, tree)

    def _tree(self, size: int, root: bytes) -> TileTree:
        return TileTree(size, root, lambda level, number, width: read_tile(self._public, level, number, width))

    def _entries(self, tree: TileTree, number: int) -> tuple[bytes, ...]:
        width = min(tree.size - number * TILE_WIDTH, TILE_WIDTH)
        if self._read[:2] == (number, width):
            return self._read[2]
        for stored in (width, TILE_WIDTH):
            data = read_tile(self._public, "entries", number, stored)
            if data is not None:
                entries = tree.entries(number, data, stored)
                self._read = (number, width, entries)
                return entries
        raise LogError("TILE_MISSING", path=tile_path("entries", number, width))

    def _check_size(self, size: int) -> None:
        if size > self.size:
            raise JournalError("SIZE_UNPUBLISHED", size=size, published=self.size)
