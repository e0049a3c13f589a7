"""The leaves of evidence, each checked against the checkpoint before anybody looks at it."""

from collections.abc import Iterator

from rankd.core.errors import BundleError, LogError
from rankd.core.log.checkpoint import Checkpoint, parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.core.log.tiles import TILE_WIDTH, TileTree, decode_entries, tile_path
from rankd.core.log.tree import leaf_hash
from rankd.core.records.decision import Decision
from rankd.core.records.leaf import DecisionLeaf, decode_leaf
from rankd.store.evidence import Evidence, Source
from rankd.usecases.audit.examination import read_body


def said_checkpoint(evidence: Source) -> Checkpoint:
    """Return what the checkpoint of evidence says, for those who hold no key to verify it with.

    Raises:
        LogError: It is malformed.
    """
    return parse_checkpoint_text(parse_note(evidence.checkpoint()).text)


def tree_of(evidence: Source, checkpoint: Checkpoint) -> TileTree:
    """Return the tree that a checkpoint signs, read from evidence.

    Tiles of level 0 may be missing where the entries under them are there.

    Raises:
        LogError: TILE_MISSING or TILE_DIFFERS, for the right edge.
        BundleError: BUNDLE_DIFFERS.
    """
    if (evidence.origin, evidence.size) != (checkpoint.origin, checkpoint.size):
        said, found = (f"{one.origin}/{one.size}" for one in (evidence, checkpoint))
        raise BundleError("BUNDLE_DIFFERS", said=said, found=found)

    def read(level: int, number: int, width: int) -> bytes | None:
        data = evidence.tile(level, number, width)
        if data is None and level == 0 and (entries := evidence.entry_bundle(number, width)) is not None:
            return b"".join(leaf_hash(entry) for entry in decode_entries(entries, width))
        return data

    return TileTree(checkpoint.size, checkpoint.root, read)


def entries_of(evidence: Source, tree: TileTree, number: int) -> tuple[bytes, ...]:
    """Return the authentic entries of one entry bundle.

    Raises:
        LogError: TILE_MISSING, TILE_DIFFERS or ENTRIES_MALFORMED.
    """
    width = min(tree.size - number * TILE_WIDTH, TILE_WIDTH)
    for stored in dict.fromkeys((width, TILE_WIDTH)):
        data = evidence.entry_bundle(number, stored)
        if data is not None:
            return tree.entries(number, data, stored)
    raise LogError("TILE_MISSING", path=tile_path("entries", number, width))


def recorded_decisions(evidence: Evidence) -> Iterator[tuple[int, Decision]]:
    """Yield every decision of the range whose body is there, with the index of its leaf.

    Leaves are checked against the checkpoint and bodies against their leaves; whose checkpoint it is, and whether the
    leaves are sound together, is for `verify` to say.

    Raises:
        RankdError: Something is damaged.
    """
    tree = tree_of(evidence, said_checkpoint(evidence))
    for number in range(evidence.first // TILE_WIDTH, -(-evidence.end // TILE_WIDTH)):
        bodies = evidence.bodies(number)
        for index, entry in enumerate(entries_of(evidence, tree, number), number * TILE_WIDTH):
            leaf = decode_leaf(entry) if index in bodies else None
            if isinstance(leaf, DecisionLeaf):
                yield index, read_body(leaf, *bodies[index])
