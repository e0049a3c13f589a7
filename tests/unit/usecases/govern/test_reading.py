"""Reading minutes from hostile hands: what is found, what is refused, and what is read anew."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rankd.core.assembly.entry_codec import encode_payload
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.leaf_codec import encode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import RankdError
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.records.commitment import commitment
from rankd.store.evidence import JournalEvidence
from rankd.store.journal.journal import Body, Journal
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern import reading
from rankd.usecases.govern.reading import Minutes, MinutesRun, Reading, Seen, read_minutes
from tests.assemblies import FOUNDERS, START_MS, founding, key_of
from tests.minutes import Kept, bounded, founding_envelope, kept, signer


def lived(root: Path, argument_count: int) -> Kept:
    """Return minutes with a finished vote, one that is under way, arguments and an erased one."""
    minutes = kept(root / "co")
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
    minutes.wait(9)
    proposal = minutes.accept(minutes.proposal(minutes.policy()), "Bruno")
    for number in range(argument_count):
        said = minutes.argue(proposal, f"argument {number}", FOUNDERS[number % 6])
    minutes.erase(said)
    minutes.keeper.close()
    return minutes


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return minutes of more than one bundle."""
    return lived(tmp_path_factory.mktemp("whole"), 250)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return minutes with little in them."""
    return lived(tmp_path_factory.mktemp("short"), 2)


def copy_of(minutes: Kept, root: Path) -> Kept:
    """Return a copy of a record, which nobody is writing to."""
    shutil.copytree(minutes.record, root / "home/record")
    return Kept(minutes.genesis, minutes.assembly, now_ms=minutes.now_ms, root=root)


@pytest.fixture
def copied(short: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setattr(reading, "_PATIENCE_S", 0)
    return copy_of(short, tmp_path)


KNOWN: set[bytes] = set()
"""Signatures that were seen to hold: most of these tests are about something else."""


def told(minutes: Kept, **options: object) -> list[str]:
    """Return what is wrong, whether it is refused or listed; it can be said in both languages."""
    try:
        errors = [fault.error for fault in minutes.read(**{"known": KNOWN} | options).faults]
    except RankdError as error:
        errors = [error]
    assert all(error.say("fr") != error.say("en") for error in errors)
    return [error.reason for error in errors]


def files_of(record: Path) -> list[Path]:
    return sorted(path for path in record.rglob("*") if path.is_file())


def test_a_sound_record_says_what_was_decided(whole: Kept) -> None:
    read = whole.read()
    assert (read.faults, read.assembly.voids, read.assembly.size) == ((), [], whole.assembly.size)
    now = read.assembly.at(whole.now_ms)
    assert now.standing("video") == whole.now().standing("video")
    assert now.standing("video").policy.number == 2
    assert read.size == 262


def flip(copied: Kept, files: Sequence[Path], *parts: int) -> None:
    """Change one byte at the beginning, the end, and parts of the way through each file, and find it each time."""
    for path in files:
        data = path.read_bytes()
        for at in {0, len(data) - 1, *(len(data) // part for part in parts)}:
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert told(copied), (path, at)
        path.write_bytes(data)
    assert told(copied) == []


def test_one_wrong_byte_in_any_file_is_found(copied: Kept) -> None:
    files = files_of(copied.record)
    assert len(files) > 12
    flip(copied, files, 2, 3, 7)


def test_one_wrong_byte_in_any_of_several_tiles_is_found(
    whole: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE_S", 0)
    copied = copy_of(whole, tmp_path)
    files = files_of(copied.record / "minutes")
    assert len(files) == 8
    flip(copied, files)


def test_any_file_that_is_missing_cut_or_lengthened_is_found(copied: Kept) -> None:
    for path in files_of(copied.record):
        data = path.read_bytes()
        for other in (data[:-1], data + b"\n"):
            path.write_bytes(other)
            assert told(copied), path
        path.unlink()
        assert told(copied), path
        path.write_bytes(data)
    assert told(copied) == []


@pytest.mark.parametrize(
    "name",
    [
        "proposals/p1/2.yaml",
        "video/0003.yaml",
        "minutes/tile/0/000.p/3",
        "minutes/bodies/007",
        "minutes/x",
        "index.html",
    ],
)
def test_a_file_that_nothing_asks_for_is_named(copied: Kept, name: str) -> None:
    (copied.record / name).parent.mkdir(exist_ok=True, parents=True)
    (copied.record / name).write_bytes(b"x")
    assert told(copied) == ["RECORD_FILE_UNEXPECTED"]


def test_what_tools_hide_there_is_left_alone(copied: Kept) -> None:
    (copied.record / ".git").mkdir()
    (copied.record / ".git/HEAD").write_bytes(b"x")
    (copied.record / "minutes/.checkpoint.abc.tmp").write_bytes(b"x")
    assert told(copied) == []


def pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def link(path: Path, aside: Path) -> None:
    path.symlink_to(aside)


def folder(path: Path, _: Path) -> None:
    path.mkdir()


def huge(path: Path, _: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize("make", [pipe, link, folder, huge], ids=lambda make: make.__name__)
def test_what_is_no_plain_file_is_found_and_nobody_waits_for_it(
    copied: Kept, make: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    for path in files_of(copied.record):
        aside = tmp_path / "aside"
        path.rename(aside)
        make(path, aside)
        assert told(copied), path
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        aside.rename(path)
    assert told(copied) == []


def test_a_folder_that_is_a_link_is_not_followed(copied: Kept, tmp_path: Path) -> None:
    for name in ("minutes", "minutes/tile", "minutes/bodies", "proposals", "roll"):
        (copied.record / name).rename(tmp_path / "aside")
        (copied.record / name).symlink_to(tmp_path / "aside")
        assert told(copied), name
        (copied.record / name).unlink()
        (tmp_path / "aside").rename(copied.record / name)
    assert told(copied) == []


def test_a_record_may_itself_be_reached_by_a_link(copied: Kept, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(copied.record)
    read = read_minutes(RecordFolder(tmp_path / "link"), copied.genesis, now_s=copied.now_ms // 1_000)
    assert read.faults == ()


def test_a_folder_without_minutes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RankdError) as caught:
        RecordFolder(tmp_path / "nowhere")
    assert caught.value.reason == "MINUTES_MISSING"


def test_another_genesis_digest_is_another_co_op(copied: Kept) -> None:
    copied.genesis = bytes(32)
    assert told(copied) == ["MINUTES_GENESIS"]


def test_a_checkpoint_of_another_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RankdError) as caught:
        written(tmp_path, log=NoteSigner(signer().name, key_of("forger")))
    assert caught.value.reason == "NOTE_KEY_UNKNOWN"


def test_a_checkpoint_of_another_origin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RankdError) as caught:
        written(tmp_path, log=signer("dev.other"))
    assert caught.value.reason == "MINUTES_ORIGIN"


def journal_source(folder_: Path) -> JournalEvidence:
    return JournalEvidence(folder_.parent, folder_.name)


def written(
    root: Path,
    *entries: MinutesLeaf | bytes,
    bodies: dict[int, bytes] | None = None,
    log: NoteSigner | None = None,
) -> Minutes:
    """Read minutes that the log key's owner wrote leaf by leaf behind a founding."""
    founding_ = founding_envelope(founding())
    first = MinutesLeaf(START_MS, "constitution", None, commitment(bytes(32), founding_))
    root.mkdir(exist_ok=True)
    journal = Journal.open(root / "forged", log or signer(), root / "forged.mark", watch=False)
    journal.append(encode_leaf(first), Body(bytes(32), founding_))
    for at, leaf in enumerate(entries, 1):
        body = (bodies or {}).get(at)
        journal.append(
            leaf if isinstance(leaf, bytes) else encode_leaf(leaf), None if body is None else Body(bytes(32), body)
        )
    journal.close()
    genesis = sha256(encode_payload(founding()))
    return read_minutes(journal_source(root / "forged"), genesis, now_s=START_MS // 1_000)


def reasons(minutes: Minutes) -> list[tuple[str, int | None]]:
    return [(fault.error.reason, fault.index) for fault in minutes.faults]


def test_a_leaf_that_is_none_ends_the_reading(tmp_path: Path) -> None:
    read = written(tmp_path, b"leaf", MinutesLeaf(START_MS, "argument", None, bytes(32)))
    assert (reasons(read), read.assembly.size) == ([("MINUTES_LEAF_MALFORMED", 1)], 1)


def test_a_time_that_falls_ends_the_reading(tmp_path: Path) -> None:
    read = written(tmp_path, MinutesLeaf(START_MS - 1, "argument", None, bytes(32)))
    assert (reasons(read), read.assembly.size) == ([("MINUTES_TIME_FALLS", 1)], 1)


def test_a_time_to_come_ends_the_reading_where_time_is_no_game(tmp_path: Path) -> None:
    coop = "coop.example/minutes"
    minutes = kept(tmp_path / "co", origin=coop, entry=founding(text=bounded(coop), origin=coop))
    minutes.wait(1)
    minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.keeper.close()
    late = minutes.now_ms // 1_000
    assert told(minutes, now_s=late - 600) == []
    assert told(minutes, now_s=late - 601) == ["MINUTES_TIME_AHEAD"]


def test_a_body_that_nobody_erased_is_missed(tmp_path: Path) -> None:
    read = written(tmp_path, MinutesLeaf(START_MS, "argument", None, bytes(32)))
    assert reasons(read) == [("MINUTES_BODY_MISSING", 1)]
    again = written(tmp_path / "again", MinutesLeaf(START_MS, "proposal", None, bytes(32)))
    assert reasons(again) == [("MINUTES_BODY_MISSING", 1)]


def test_a_body_that_the_leaf_does_not_commit_to_is_told(tmp_path: Path) -> None:
    read = written(tmp_path, MinutesLeaf(START_MS, "argument", None, bytes(32)), bodies={1: b"{}"})
    assert reasons(read) == [("MINUTES_BODY_DIFFERS", 1)]


def test_a_body_that_should_be_erased_is_told(tmp_path: Path) -> None:
    minutes = kept(tmp_path / "co")
    proposal = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    argument = minutes.argue(proposal, "Mon adresse est connue de tous.")
    minutes.keeper.publish()
    before = (minutes.record / "minutes/bodies/000").read_bytes()
    minutes.erase(argument)
    minutes.keeper.close()
    kept_body = RecordFolder(minutes.record)
    assert argument not in kept_body.bodies(0)
    after = (minutes.record / "minutes/bodies/000").read_bytes()
    tail = after[after.index((argument + 1).to_bytes(8, "big")) :]
    (minutes.record / "minutes/bodies/000").write_bytes(before + tail)
    assert told(minutes) == ["MINUTES_NOT_ERASED"]


def test_ballots_that_are_not_shown_a_minute_after_the_close_are_told(tmp_path: Path) -> None:
    minutes = kept(tmp_path / "co")
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
    minutes.keeper.close()
    close_s = minutes.now_ms // 1_000 + 7 * 86_400
    assert told(minutes, now_s=close_s + 60) == []
    assert told(minutes, now_s=close_s + 61) == ["MINUTES_BALLOTS_WITHHELD"]
    assert minutes.read(now_s=close_s + 1).assembly.at(1_000 * close_s + 1_000).withheld == index


def test_a_record_of_a_vote_that_was_extended_has_no_faults(tmp_path: Path) -> None:
    minutes = kept(tmp_path / "co")
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:4], "yes"))
    minutes.wait(6)
    minutes.cast(index, dict.fromkeys(FOUNDERS[4:], "no"))
    minutes.wait(1)
    minutes.keeper.publish()
    assert told(minutes) == []
    minutes.wait(2)
    minutes.keeper.close()
    assert told(minutes) == []


def test_minutes_that_went_back_or_forked_are_refused(copied: Kept) -> None:
    read = copied.read()
    assert copied.read(seen=read.seen).size == read.size
    assert told(copied, seen=Seen(read.size + 1, read.root)) == ["MINUTES_ROLLED_BACK"]
    assert told(copied, seen=Seen(read.size, bytes(32))) == ["MINUTES_FORKED"]
    assert told(copied, seen=Seen(3, bytes(32))) == ["MINUTES_FORKED"]


def test_signatures_that_are_known_to_hold_are_not_looked_at_again(
    copied: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: set[bytes] = set()
    copied.read(known=known)
    assert len(known) == copied.assembly.size - 1
    monkeypatch.setattr("rankd.core.assembly.signing.signatures_hold", lambda _: pytest.fail("looked at again"))
    assert copied.read(known=known).faults == ()


def test_an_entry_whose_signature_does_not_hold_is_void(tmp_path: Path) -> None:
    minutes = kept(tmp_path / "co")
    signed = sign_entry(minutes.proposal(minutes.policy()), key_of("Alice"))
    ((keyid, signature),) = signed.signatures
    envelope = envelope_bytes(replace(signed, signatures=((keyid, signature[:-1] + b"\0"),)))
    leaf = MinutesLeaf(START_MS, "proposal", None, commitment(bytes(32), envelope))
    read = written(tmp_path / "forged", leaf, bodies={1: envelope})
    assert [(void.index, void.error.reason) for void in read.assembly.voids] == [(1, "ENVELOPE_SIGNATURE_WRONG")]
    assert (dict(read.assembly.proposals), read.faults) == ({}, ())


def test_reading_goes_on_from_where_it_was_and_what_was_read_stays_as_it_was(tmp_path: Path) -> None:
    minutes = kept(tmp_path / "co")
    run = MinutesRun(Reading(minutes.genesis), set())
    before = run.go(RecordFolder(minutes.record), minutes.now_ms // 1_000)
    proposal = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.argue(proposal, "oui")
    minutes.keeper.publish()
    after = run.go(RecordFolder(minutes.record), minutes.now_ms // 1_000)
    assert (before.assembly.size, dict(before.assembly.proposals)) == (1, {})
    assert (after.assembly.size, list(after.assembly.proposals), after.faults) == (3, [proposal], ())


def test_a_reading_that_goes_on_refuses_what_did_not_grow_out_of_it(tmp_path: Path) -> None:
    minutes, other = kept(tmp_path / "co"), kept(tmp_path / "other")
    minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    other.accept(other.proposal(other.policy()), "Bruno")
    other.wait(1)
    other.argue(1, "oui")
    minutes.keeper.close()
    other.keeper.close()
    run = MinutesRun(Reading(minutes.genesis), set())
    run.go(RecordFolder(minutes.record), minutes.now_ms // 1_000)
    with pytest.raises(RankdError) as caught:
        run.go(RecordFolder(other.record), minutes.now_ms // 1_000)
    assert caught.value.reason == "MINUTES_FORKED"


def test_a_journal_and_its_record_read_alike(whole: Kept) -> None:
    own = read_minutes(JournalEvidence(whole.home, "minutes"), whole.genesis, now_s=whole.now_ms // 1_000)
    assert (own.faults, own.root) == ((), whole.read().root)
    assert dict(own.assembly.proposals) == dict(whole.read().assembly.proposals)


def test_a_record_that_moves_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = kept(tmp_path / "co")
    old = RecordFolder(minutes.record)
    proposal = minutes.accept(minutes.proposal(minutes.policy()), "Alice")
    minutes.argue(proposal, "oui")
    minutes.keeper.publish()
    monkeypatch.setattr(reading, "_PATIENCE_S", 0)
    # The narrow tiles that its checkpoint needs are gone.
    read = read_minutes(old, minutes.genesis, now_s=minutes.now_ms // 1_000)
    assert (read.size, read.faults) == (3, ())


def test_many_signatures_are_verified_by_several_processes(copied: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankd.usecases.govern.signatures.PARALLEL_FROM", 10)
    known: set[bytes] = set()
    assert copied.read(jobs=2, known=known).faults == ()
    assert len(known) == copied.assembly.size - 1
