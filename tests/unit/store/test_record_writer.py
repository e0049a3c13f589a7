"""Writing a record: only what changes, nothing that nobody asked for, and whole at every step for whoever reads it."""

import os
from pathlib import Path

import pytest

from rankd.core.errors import AssemblyError
from rankd.usecases.govern import reading
from tests.assemblies import FOUNDERS
from tests.interruption import Killed, watch_disk
from tests.minutes import Kept, kept


def state_of(record: Path) -> dict[str, tuple[int, bytes]]:
    """Return inode and content of each file; a file that is written anew has another inode."""
    files = (path for path in sorted(record.rglob("*")) if path.is_file())
    return {str(path.relative_to(record)): (path.stat().st_ino, path.read_bytes()) for path in files}


@pytest.fixture
def minutes(tmp_path: Path) -> Kept:
    return kept(tmp_path / "co")


def test_publishing_again_writes_nothing_also_after_a_restart(minutes: Kept) -> None:
    proposal = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.argue(proposal, "oui")
    minutes.keeper.publish()
    before = state_of(minutes.record)
    minutes.wait(1)
    minutes.keeper.publish()
    minutes.reopen()
    assert state_of(minutes.record) == before


def test_only_what_changes_is_written(minutes: Kept) -> None:
    first = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.keeper.publish()
    before = state_of(minutes.record)
    minutes.accept(minutes.proposal(minutes.policy()), "Bruno")
    minutes.keeper.publish()
    after = state_of(minutes.record)
    assert {name for name in before if after.get(name) != before[name]} == {
        "record.json",
        "minutes/bodies/000",
        "minutes/checkpoint",
        "minutes/tile/0/000.p/2",
        "minutes/tile/entries/000.p/2",
    }
    assert {name for name in after if name not in before} == {
        "minutes/tile/0/000.p/3",
        "minutes/tile/entries/000.p/3",
        f"proposals/p{first + 1}/1.yaml",
        f"proposals/p{first + 1}/proposal.json",
    }


def test_what_is_not_as_it_was_written_is_written_again_at_a_start(minutes: Kept) -> None:
    minutes.under_vote()
    minutes.keeper.close()
    before = {name: content for name, (_, content) in state_of(minutes.record).items()}
    for path in minutes.record.rglob("*"):
        if path.is_file():
            path.write_bytes(b"x") if path.stat().st_size % 2 else path.unlink()
    (minutes.record / "minutes/tile/0/000.p/1").write_bytes(b"x")
    (minutes.record / "video/0007.yaml").write_bytes(b"x")
    (minutes.record / "minutes/.checkpoint.abc.tmp").write_bytes(b"x")
    minutes.open()
    assert {name: content for name, (_, content) in state_of(minutes.record).items()} == before


def test_what_lies_outside_the_folders_of_the_record_is_left_alone(minutes: Kept) -> None:
    (minutes.record / "index.html").write_bytes(b"x")
    (minutes.record / ".git").mkdir()
    (minutes.record / ".git/HEAD").write_bytes(b"x")
    minutes.reopen()
    minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.keeper.publish()
    assert (minutes.record / "index.html").exists()
    assert (minutes.record / ".git/HEAD").exists()


def test_anybody_may_read_what_is_published(minutes: Kept) -> None:
    assert {path.stat().st_mode & 0o777 for path in minutes.record.rglob("*") if path.is_file()} == {0o644}


def test_a_publication_that_ends_before_or_after_any_step_leaves_a_record_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE_S", 0)
    known: set[bytes] = set()
    at, seen_sizes = 0, set()
    while True:
        for after in (False, True):
            minutes = kept(tmp_path / f"{at} {after}")
            index = minutes.under_vote()
            minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
            minutes.keeper.publish()
            before = minutes.read(known=known)
            assert before.faults == ()
            minutes.wait(7)
            minutes.argue(index, "trop tard pour voter")
            minutes.keeper.journal.publish()
            with monkeypatch.context() as patched:
                steps = watch_disk(patched, at, after=after)
                try:
                    minutes.keeper.publish()
                except Killed:
                    was_killed = True
                else:
                    was_killed = False
            found = minutes.read(known=known, with_files=False, seen=before.seen)
            assert (found.faults, found.assembly.voids) == ((), [])
            seen_sizes.add(found.size)
            os.close(minutes.keeper.journal._lock_descriptor)
            minutes.open()
            whole = minutes.read(known=known, seen=found.seen)
            assert (whole.faults, len(whole.assembly.ballots(index))) == ((), 6)
            minutes.keeper.close()
        at += 5
        if not was_killed:
            break
    assert len(steps) >= 20
    assert len(seen_sizes) == 2


def test_a_folder_that_cannot_be_written_is_told_with_its_name(minutes: Kept) -> None:
    minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    (minutes.record / "proposals").write_bytes(b"in the way")
    with pytest.raises(AssemblyError) as caught:
        minutes.keeper.publish()
    assert caught.value.reason == "RECORD_UNWRITABLE"
    assert "proposals" in caught.value.say("en")
