"""Bundle: what an auditor needs of a journal, in one file: leaves, proofs, bodies, and what the decisions rest on."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rankd.core.errors import BundleError, RankdError, RecordError
from rankd.core.log.envelope import parse_envelope
from rankd.core.log.tiles import TILE_HEIGHT, TILE_WIDTH, TileTree, encode_entries, tile_path, tiles_of
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.records.erasure import open_erasure
from rankd.core.records.leaf import DecisionLeaf, EpochLeaf, ErasureLeaf, Leaf, RevealLeaf, decode_leaf
from rankd.core.records.spans import Spans
from rankd.store.archive import Kind
from rankd.store.bundle_bodies import body_head
from rankd.store.bundle_layout import (
    ABOUT,
    CHECKPOINT,
    MINUTES,
    MINUTES_CHECKPOINT,
    About,
    archive_member,
    bodies_member,
)
from rankd.store.bundle_log import BundleLog
from rankd.store.bundle_writer import BundleWriter
from rankd.store.evidence import Evidence
from rankd.store.record_folder import RecordFolder
from rankd.usecases.audit.leaves import entries_of, said_checkpoint, tree_of

Basis: TypeAlias = tuple[bytes, bytes, bytes | None]
"""Digests of the policy, limits and model that a decision names."""

_ATTEMPTS = 3
_DECISION_MARK = b'"schema":"rankd.leaf.decision/1"'


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What was bundled.

    Attributes:
        about: Journal and range.
        body_count: Bodies in the bundle.
        missing_count: Decisions of the range whose body is neither here nor erased.
        later_count: Entries that the journal had published beyond the bundle's checkpoint.
        lacks: Files that decisions name and that the archive does not give.
    """

    about: About
    body_count: int
    missing_count: int
    later_count: int
    lacks: tuple[RankdError, ...]

    @property
    def complete(self) -> bool:
        """Whether whoever reads it will miss nothing."""
        return self.missing_count == 0 and not self.lacks


def write_bundle(
    read: Callable[[], Evidence],
    out: Path,
    *,
    first: int = 0,
    end: int | None = None,
    since: Sequence[int] = (),
    minutes: RecordFolder | BundleLog | None = None,
    progress: Callable[[int], None] | None = None,
) -> BundleReport:
    """Write a bundle of a journal, or of a range of it. No service is needed, and none is disturbed.

    Everything that is written is checked against the checkpoint's root first; the checkpoint's signature is for the
    bundle's reader to check. Where the body of a decision is gone and the erasure is not published yet, it is all done
    again with a newer checkpoint.

    Args:
        read: Opens the journal as it is now, or up to an earlier checkpoint, with what came after it as `later`.
        out: The file to write.
        first: The first leaf of the range.
        end: The leaf after the last one; None: all that is published.
        since: Sizes of earlier checkpoints from which the bundle is to prove that the journal went on.
        minutes: The co-op's minutes to put in as well, whole, as a record or another bundle shows them: ballots that
            may not be public yet are in neither. A journal of minutes holds them, so it is not taken.
        progress: Called with the number of leaves surveyed, after each entry bundle.

    Raises:
        BundleError: BUNDLE_RANGE, BUNDLE_UNWRITABLE, BUNDLE_TOO_LARGE, or BUNDLE_ERASED_SINCE: what explains that a
            body is gone comes after the checkpoint.
        RankdError: The journal cannot be read, or is damaged.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        evidence = read()
        checkpoint = said_checkpoint(evidence)
        about = About(checkpoint.origin, checkpoint.size, first, checkpoint.size if end is None else end)
        if not 0 <= about.first <= about.end <= about.size or not all(0 <= size <= about.size for size in since):
            raise BundleError("BUNDLE_RANGE", first=about.first, end=about.end, size=about.size)
        tree = tree_of(evidence, checkpoint)
        survey = _Survey(evidence, tree, about, progress)
        with BundleWriter(out) as writer:
            report = _write(writer, survey, since)
            if minutes is not None:
                _write_minutes(writer, minutes)
            if report.missing_count == 0 or attempt == _ATTEMPTS:
                return report
            writer.discard()
    raise AssertionError("unreachable: the last attempt returns or raises")


class _Survey:
    """All leaves once: which entry bundles belong to a range, and what its decisions name."""

    def __init__(
        self, evidence: Evidence, tree: TileTree, about: About, progress: Callable[[int], None] | None
    ) -> None:
        self.evidence, self.tree, self.about = evidence, tree, about
        self.bases: list[Basis] = []
        self.gone, self.gone_since = Spans(), Spans()
        # For each leaf of the range the place of its basis in `bases`; −1 where it is no decision.
        self.named = array("i")
        self._known: dict[Basis, int] = {}
        self._epochs: set[bytes] = set()
        self._announced: list[tuple[int, bytes]] = []
        self._revealed: defaultdict[bytes, list[int]] = defaultdict(list)
        self._erasures: list[int] = []
        for number in evidence.numbers:
            for index, entry in enumerate(entries_of(evidence, tree, number), number * TILE_WIDTH):
                self._take(index, entry)
            if progress is not None:
                progress(min((number + 1) * TILE_WIDTH, about.size))
        self.later_count = 0 if evidence.later is None else self._look_ahead(evidence.later)

    def numbers(self) -> list[int]:
        """Return the entry bundles of the range, and those with what it rests on: epochs, reveals and erasures."""
        places = [index for index, digest in self._announced if digest in self._epochs]
        places += [index for digest in self._epochs for index in self._revealed[digest]]
        places += self._erasures
        for index in (self.about.first, *self._erasures):
            # Who may erase is what the last announcement before an erasure says.
            before = bisect_left(self._announced, (index, b""))
            places += [self._announced[before - 1][0]] if before else []
        if self.about.first == self.about.end:
            return []
        own = range(self.about.first // TILE_WIDTH, (self.about.end - 1) // TILE_WIDTH + 1)
        return sorted({*own, *(index // TILE_WIDTH for index in places)})

    def _take(self, index: int, entry: bytes) -> None:
        is_inside = self.about.first <= index < self.about.end
        if not is_inside and _DECISION_MARK in entry:
            return
        leaf = _known_leaf(entry)
        if is_inside:
            self.named.append(self._basis(leaf) if isinstance(leaf, DecisionLeaf) else -1)
        if isinstance(leaf, EpochLeaf):
            self._announced.append((index, leaf.epoch))
        elif isinstance(leaf, RevealLeaf):
            self._revealed[leaf.epoch].append(index)
        elif isinstance(leaf, ErasureLeaf) and self._erase(leaf, self.gone):
            self._erasures.append(index)

    def _look_ahead(self, later: Evidence) -> int:
        """Note what was erased after the bundle's checkpoint; return how many entries came after it."""
        tree, size = tree_of(later, said_checkpoint(later)), self.about.size
        for number in range(size // TILE_WIDTH, -(-tree.size // TILE_WIDTH)):
            for index, entry in enumerate(entries_of(later, tree, number), number * TILE_WIDTH):
                leaf = None if index < size or _DECISION_MARK in entry else _known_leaf(entry)
                if isinstance(leaf, ErasureLeaf):
                    self._erase(leaf, self.gone_since)
        return max(tree.size - size, 0)

    def _basis(self, leaf: DecisionLeaf) -> int:
        self._epochs.add(leaf.epoch)
        basis = (leaf.policy, leaf.constitution, leaf.model)
        if basis not in self._known:
            self._known[basis] = len(self.bases)
            self.bases.append(basis)
        return self._known[basis]

    def _erase(self, leaf: ErasureLeaf, gone: Spans) -> bool:
        """Tell whether an erasure reaches the range; whether its signer may erase is for others to judge."""
        try:
            ((keyid, _),) = parse_envelope(leaf.envelope).signatures
            erasure, _ = open_erasure(leaf.envelope, {keyid: bytes.fromhex(keyid)})
        except (RankdError, ValueError):
            return False
        reached = [span for span in erasure.decisions if span[0] < self.about.end and span[1] >= self.about.first]
        for first, last in reached:
            gone.add(first, last)
        return bool(reached)


def _known_leaf(entry: bytes) -> Leaf | None:
    try:
        return decode_leaf(entry)
    except RecordError:
        # It goes into the bundle as it is; whoever reads that says what is wrong with it.
        return None


def _write(writer: BundleWriter, survey: _Survey, since: Sequence[int]) -> BundleReport:
    evidence, tree, about = survey.evidence, survey.tree, survey.about
    writer.add(ABOUT, [about.document])
    writer.add(CHECKPOINT, [evidence.checkpoint()])
    edges = {size >> TILE_HEIGHT for size in (*since, about.size) if size % TILE_WIDTH}
    for level, number, width in tiles_of(about.size):
        if level > 0 or number in edges:
            writer.add(tile_path(level, number, width), [tree.tile(level, number)])
    for number in survey.numbers():
        width = min(about.size - number * TILE_WIDTH, TILE_WIDTH)
        writer.add(tile_path("entries", number, width), [encode_entries(entries_of(evidence, tree, number))])
    found = bytearray(about.end - about.first)
    for number in range(about.first // TILE_WIDTH, -(-about.end // TILE_WIDTH)):
        bodies = [
            (index, *body)
            for index, body in sorted(evidence.bodies(number).items())
            if about.first <= index < about.end
        ]
        for index, _, _ in bodies:
            found[index - about.first] = 1
        if bodies:
            writer.add(bodies_member(number), _laid_out(bodies))
    live = {basis for basis, is_found in zip(survey.named, found, strict=True) if is_found and basis >= 0}
    lacks = _archive(writer, evidence, [survey.bases[basis] for basis in sorted(live)])
    absent = (at for at, basis in enumerate(survey.named, about.first) if basis >= 0 and not found[at - about.first])
    unexplained = [index for index in absent if survey.gone.add(index, index)]
    missing_count = sum(1 for index in unexplained if survey.gone_since.add(index, index))
    if missing_count < len(unexplained):
        # To whoever reads the bundle they would be missing like the others.
        raise BundleError("BUNDLE_ERASED_SINCE", size=about.size, count=len(unexplained) - missing_count)
    return BundleReport(about, sum(found), missing_count, survey.later_count, tuple(lacks))


def _write_minutes(writer: BundleWriter, minutes: RecordFolder | BundleLog) -> None:
    tree = tree_of(minutes, said_checkpoint(minutes))
    writer.add(MINUTES_CHECKPOINT, [minutes.checkpoint()])
    for level, number, width in tiles_of(tree.size):
        if level > 0 or width < TILE_WIDTH:
            writer.add(MINUTES + tile_path(level, number, width), [tree.tile(level, number)])
    numbers = range(-(-tree.size // TILE_WIDTH))
    for number in numbers:
        width = min(tree.size - number * TILE_WIDTH, TILE_WIDTH)
        entries = encode_entries(entries_of(minutes, tree, number))
        writer.add(MINUTES + tile_path("entries", number, width), [entries])
    for number in numbers:
        bodies = [(index, *body) for index, body in sorted(minutes.bodies(number).items())]
        if bodies:
            writer.add(MINUTES + bodies_member(number), _laid_out(bodies))


def _laid_out(bodies: Iterable[tuple[int, bytes, bytes]]) -> list[bytes]:
    return [part for index, key, sealed in bodies for part in (body_head(index, key, len(sealed)), sealed)]


def _archive(writer: BundleWriter, evidence: Evidence, bases: Iterable[Basis]) -> list[RankdError]:
    wanted: set[tuple[Kind, bytes]] = set()
    for policy, limits, model in bases:
        wanted.add(("limits", limits))
        if policy != BASELINE_DIGEST:
            wanted.add(("policies", policy))
        if model is not None:
            wanted.add(("models", model))
    lacks: list[RankdError] = []
    for kind, digest in sorted(wanted):
        try:
            files = list(evidence.archive.files(kind, digest))
        except RankdError as error:
            lacks.append(error)
            continue
        for name, data in files:
            member = archive_member(name)
            if member is not None:
                writer.add(member, [data])
    return lacks
