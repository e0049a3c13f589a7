"""A mirror holds what was verified, grows with its minutes, and stays as it was where something is wrong."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import pytest

from rankd.core.assembly.entries import Argument, Erasure
from rankd.core.assembly.leaf_codec import encode_leaf
from rankd.core.errors import LogError, RankdError
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.note import NoteSigner, sign_note
from rankd.core.log.tree import leaf_hash, root_of
from rankd.core.records.commitment import commitment
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.mirror import mirror
from rankd.usecases.govern.reading import Minutes, read_minutes
from tests.assemblies import FOUNDERS, LOG_KEY, ORIGIN, SECRETARY, TestMinutes, found, key_of, policy_text


@dataclass(frozen=True)
class Shown:
    """An entry as it is shown."""

    leaf: bytes
    key: bytes | None
    envelope: bytes | None


@dataclass(frozen=True)
class Page:
    """Entries that follow each other."""

    entries: tuple[Shown, ...]
    size: int
    checkpoint: bytes


@dataclass
class Keeper:
    """Who keeps minutes that are in memory, three entries a page.

    Attributes:
        minutes: The minutes.
        hidden: Entries whose body is not shown.
        signer: Who signs their checkpoint.
        unpublished: How many entries the checkpoint does not cover yet.
        edit: Changes a page on its way.
    """

    minutes: TestMinutes
    hidden: set[int] = field(default_factory=set)
    signer: NoteSigner = field(default_factory=lambda: NoteSigner(ORIGIN, LOG_KEY))
    unpublished: int = 0
    edit: Callable[[Page], Page] = lambda page: page

    def shown(self, index: int) -> Shown:
        entry = self.minutes.entries[index]
        assert entry.envelope is not None
        key = sha256(b"%d" % index).digest()
        leaf = encode_leaf(replace(entry.leaf, commitment=commitment(key, entry.envelope)))
        return Shown(leaf, None, None) if index in self.hidden else Shown(leaf, key, entry.envelope)

    def page(self, start: int) -> Page:
        size = len(self.minutes.entries)
        signed = size - self.unpublished
        root = root_of([leaf_hash(self.shown(index).leaf) for index in range(signed)])
        note = sign_note(Checkpoint(ORIGIN, signed, root).text, self.signer)
        page = Page(tuple(self.shown(index) for index in range(start, min(size, start + 3))), size, note)
        return self.edit(page)


@pytest.fixture
def keeper() -> Keeper:
    """Return who keeps the minutes of a co-op in which a vote is under way."""
    minutes = found()
    policy = minutes.assembly.standing("video").policy
    index = minutes.to_vote(minutes.proposal(policy_text(policy.canon_digest)))
    minutes.accept(Argument(minutes.co(), index, "for", None, "Because."), "Bruno")
    ballots = len(minutes.entries)
    minutes.cast(index, dict.fromkeys(FOUNDERS[:5], "yes"))
    return Keeper(minutes, set(range(ballots, ballots + 5)))


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return where the record will lie."""
    return tmp_path / "record"


def fetch(keeper: Keeper, record: Path, **options: bytes) -> Minutes:
    genesis = options.get("genesis", keeper.minutes.genesis)
    return mirror(keeper.page, genesis, record, name="test", now_s=keeper.minutes.now_ms // 1_000)


def read(keeper: Keeper, record: Path) -> Minutes:
    return read_minutes(RecordFolder(record), keeper.minutes.genesis, now_s=keeper.minutes.now_ms // 1_000)


def files(record: Path) -> dict[str, bytes]:
    return {str(path.relative_to(record)): path.read_bytes() for path in record.rglob("*") if path.is_file()}


def refused(keeper: Keeper, record: Path, **options: bytes) -> str:
    before = files(record)
    with pytest.raises(RankdError) as caught:
        fetch(keeper, record, **options)
    assert files(record) == before
    return caught.value.reason


def test_a_mirror_can_be_read_like_the_record_itself(keeper: Keeper, record: Path) -> None:
    fetched = fetch(keeper, record)
    minutes = read(keeper, record)
    assert minutes.faults == ()
    assert (minutes.size, minutes.root) == (fetched.size, fetched.root) == (len(keeper.minutes.entries), minutes.root)
    assert (record / "video" / "0001.yaml").is_file()


def test_ballots_come_with_the_next_fetch_after_the_close_and_what_was_erased_goes(
    keeper: Keeper, record: Path
) -> None:
    fetch(keeper, record)
    minutes = keeper.minutes
    argument = next(entry.index for entry in minutes.entries if entry.leaf.kind == "argument")
    sealed = min(keeper.hidden)
    assert argument in RecordFolder(record).bodies(0)
    assert sealed not in RecordFolder(record).bodies(0)
    minutes.wait(8)
    minutes.accept(Erasure(minutes.co(), (argument,), ""), SECRETARY)
    keeper.hidden = {argument}
    fetch(keeper, record)
    after = read(keeper, record)
    assert after.faults == ()
    assert sealed in RecordFolder(record).bodies(0)
    assert argument not in RecordFolder(record).bodies(0)
    assert list(record.glob("proposals/p*/result.json"))


def test_a_mirror_over_several_bundles_has_every_tile(record: Path) -> None:
    minutes = found()
    index = minutes.accept(
        minutes.proposal(policy_text(minutes.assembly.standing("video").policy.canon_digest)), "Alice"
    )
    for number in range(300):
        minutes.accept(Argument(minutes.co(), index, "neither", None, f"{number}"), FOUNDERS[number % 9])
    keeper = Keeper(minutes)
    fetch(keeper, record)
    assert read(keeper, record).faults == ()
    assert (record / "minutes/tile/0/000").is_file()


def test_a_fetch_that_changes_nothing_writes_nothing(keeper: Keeper, record: Path) -> None:
    fetch(keeper, record)
    before = {path: path.stat().st_mtime_ns for path in record.rglob("*") if path.is_file()}
    fetch(keeper, record)
    assert {path: path.stat().st_mtime_ns for path in record.rglob("*") if path.is_file()} == before


def test_entries_beyond_the_checkpoint_wait_for_the_next_fetch(keeper: Keeper, record: Path) -> None:
    keeper.unpublished = 2
    assert fetch(keeper, record).size == len(keeper.minutes.entries) - 2
    assert read(keeper, record).faults == ()
    keeper.unpublished = 0
    assert fetch(keeper, record).size == len(keeper.minutes.entries)


def test_another_co_op_is_refused_and_nothing_is_written(keeper: Keeper, record: Path) -> None:
    assert refused(keeper, record, genesis=bytes(32)) == "MINUTES_GENESIS"
    assert not record.exists()


def test_a_checkpoint_of_another_key_is_refused(keeper: Keeper, record: Path) -> None:
    keeper.signer = NoteSigner(ORIGIN, key_of("mallory"))
    with pytest.raises(LogError):
        fetch(keeper, record)
    assert not record.exists()


def test_minutes_that_went_back_are_refused_and_the_mirror_stays(keeper: Keeper, record: Path) -> None:
    fetch(keeper, record)
    keeper.unpublished = 1
    assert refused(keeper, record) == "MINUTES_ROLLED_BACK"


def test_another_history_under_the_same_key_is_refused_and_the_mirror_stays(keeper: Keeper, record: Path) -> None:
    fetch(keeper, record)
    other = found()
    index = other.accept(other.proposal(policy_text(other.assembly.standing("video").policy.canon_digest)), "Denis")
    while len(other.entries) < len(keeper.minutes.entries):
        other.accept(Argument(other.co(), index, "against", None, "No."), "Denis")
    other.now_ms = keeper.minutes.now_ms
    assert refused(Keeper(other), record) == "MINUTES_FORKED"


def test_a_body_that_was_changed_on_its_way_is_refused(keeper: Keeper, record: Path) -> None:
    fetch(keeper, record)

    def edit(page: Page) -> Page:
        return replace(page, entries=tuple(replace(e, envelope=e.envelope and e.envelope + b" ") for e in page.entries))

    keeper.edit = edit
    assert refused(keeper, record) in {"MINUTES_BODY_DIFFERS", "MINUTES_EMPTY"}


def test_a_body_that_is_kept_back_is_refused(keeper: Keeper, record: Path) -> None:
    keeper.hidden.add(1)
    assert refused(keeper, record) == "MINUTES_BODY_MISSING"


def test_a_leaf_that_was_changed_on_its_way_is_refused(keeper: Keeper, record: Path) -> None:
    def edit(page: Page) -> Page:
        return replace(page, entries=(*page.entries[:-1], replace(page.entries[-1], leaf=b"{}")))

    keeper.edit = edit
    assert refused(keeper, record) == "TILE_DIFFERS"


def test_a_giver_that_stops_before_its_checkpoint_is_refused(keeper: Keeper, record: Path) -> None:
    keeper.edit = lambda page: replace(page, entries=page.entries[:1], size=1)
    assert refused(keeper, record) == "MINUTES_UNREADABLE"


def test_a_key_that_there_cannot_be_is_refused(keeper: Keeper, record: Path) -> None:
    def edit(page: Page) -> Page:
        return replace(page, entries=tuple(replace(e, key=e.key and e.key[:-1]) for e in page.entries))

    keeper.edit = edit
    assert refused(keeper, record) == "MINUTES_UNREADABLE"


def test_a_mirror_that_was_damaged_is_mended(keeper: Keeper, record: Path) -> None:
    fetch(keeper, record)
    (record / "minutes/bodies/000").write_bytes(b"rubbish")
    (record / "roll/roll.json").unlink()
    shutil.rmtree(record / "minutes/tile")
    fetch(keeper, record)
    assert read(keeper, record).faults == ()


@pytest.mark.parametrize(
    "name", ["notes.txt", "proposals/p1.txt", "minutes/private/wal/000", "minutes/public/checkpoint"]
)
def test_a_folder_that_holds_something_else_is_left_alone(keeper: Keeper, record: Path, name: str) -> None:
    (record / name).parent.mkdir(parents=True)
    (record / name).write_text("precious")
    assert refused(keeper, record) == "RECORD_FOLDER_TAKEN"


def test_a_mirror_whose_first_fetch_was_cut_off_is_finished(keeper: Keeper, record: Path) -> None:
    fetch(keeper, record)
    whole = files(record)
    (record / "minutes/checkpoint").unlink()
    (record / "record.json").unlink()
    fetch(keeper, record)
    assert files(record) == whole


def test_a_mirror_begins_in_an_empty_folder_also_of_git(keeper: Keeper, record: Path) -> None:
    (record / ".git").mkdir(parents=True)
    (record / ".git" / "HEAD").write_text("ref: refs/heads/main")
    fetch(keeper, record)
    assert read(keeper, record).faults == ()
    assert (record / ".git" / "HEAD").read_text() == "ref: refs/heads/main"


def test_a_file_is_no_folder_for_a_mirror(keeper: Keeper, record: Path) -> None:
    record.write_text("precious")
    with pytest.raises(RankdError):
        fetch(keeper, record)
    assert record.read_text() == "precious"
