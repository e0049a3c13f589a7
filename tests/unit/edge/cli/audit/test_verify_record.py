"""`rankd verify RECORD`: attacks on a co-op's public record, and its accidents, each through the command line."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from rankd.core.assembly.entries import Guardian, Proposal
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.leaf_codec import decode_leaf, encode_leaf
from rankd.core.assembly.matter import BallotChoice
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.assembly.tally import counters
from rankd.core.assembly.tally.counters import Counter
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.log.checkpoint import cosign
from rankd.core.log.note import COSIGNATURE, NoteSigner, add_signature, parse_note
from rankd.core.policy.reader import read_policy
from rankd.core.records.commitment import commitment
from rankd.core.words.language import LANGUAGES, Language, Phrase
from rankd.core.words.quantity import plural
from rankd.core.words.verify_record import SAYINGS, VERDICTS
from rankd.edge.cli.audit import verify_record
from rankd.edge.cli.audit.verify import app
from tests.assemblies import DAY_MS, FOUNDERS, GUARDIANS, founding, key_of, policy_text, template_text
from tests.minutes import Kept, bounded, kept, signer
from tests.records import CHOICES, Entries, body_of, decided, entries_in, files_of, retell, rewrite, write_bodies

COOP = "coop.example/minutes"
SIZE, PROPOSAL, ARGUMENT = 11, 1, 3
FILES = (
    "constitution/0001.yaml",
    "minutes/bodies/000",
    "minutes/checkpoint",
    f"minutes/tile/0/000.p/{SIZE}",
    f"minutes/tile/entries/000.p/{SIZE}",
    "proposals/p1/1.yaml",
    "proposals/p1/proposal.json",
    "proposals/p1/result.json",
    "record.json",
    "roll/roll.json",
    "video/0001.yaml",
    "video/0002.yaml",
)
READABLE = tuple(name for name in FILES if not name.startswith("minutes/") and name != "record.json")
STRANGER = NoteSigner(COOP, Ed25519PrivateKey.from_private_bytes(sha256(b"a stranger")))
WITNESS = NoteSigner("witness.test", Ed25519PrivateKey.from_private_bytes(sha256(b"a witness")), COSIGNATURE)


def coop(folder: Path, origin: str = COOP) -> Kept:
    """Found a co-op that is not for development."""
    entry = founding(text=bounded(origin), origin=origin)
    return kept(folder, origin=origin, entry=entry)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return the minutes of a co-op whose members adopted a policy."""
    minutes = coop(tmp_path_factory.mktemp("coop") / "co")
    assert decided(minutes) == (PROPOSAL, ARGUMENT)
    return minutes


@pytest.fixture
def record(original: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of its record; the clock stands where the last file was written."""
    monkeypatch.setattr(verify_record, "clock_ms", lambda: original.now_ms)
    return Path(shutil.copytree(original.record, tmp_path / "record"))


@pytest.fixture
def genesis(original: Kept) -> str:
    return digest_text(original.genesis)


def run(path: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [str(path), *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def judged(path: Path, genesis: str, *arguments: str) -> tuple[int, Any]:
    """Return exit code and JSON."""
    result = run(path, "--genesis", genesis, "--json", "--lang", "en", *arguments)
    return result.exit_code, json.loads(result.stdout)


def refused(path: Path, genesis: str, *arguments: str) -> list[str]:
    """Return the reason of a refusal, or those of all faults."""
    code, found = judged(path, genesis, *arguments)
    assert (code in (1, 2), found["ok"]) == (True, False)
    return [found["reason"]] if "reason" in found else [fault["reason"] for fault in found["faults"]]


def kept_note(record: Path) -> Path:
    """Keep the checkpoint of today beside the record."""
    path = record.with_name("kept.note")
    path.write_bytes((record / "minutes/checkpoint").read_bytes())
    return path


# --- what is good


@pytest.mark.parametrize("counter", ["fast", "naive", "both"])
def test_a_record_is_judged_from_its_files_alone(record: Path, genesis: str, counter: str) -> None:
    code, found = judged(record, genesis, "--counter", counter)
    assert (code, found["ok"], found["dev"], found["size"]) == (0, True, False, SIZE)
    assert (found["faults"], found["voids"], found["active_member_count"]) == ([], [], 9)
    (proposal,) = found["proposals"]
    assert (proposal["proposal"], proposal["state"], proposal["vote"]["ballot_count"]) == ("p1", "activated", 6)
    result = proposal["vote"]["result"]
    assert (result["yes"], result["no"], result["abstain"], result["passed"]) == (4, 1, 1, True)
    assert [(entry["number"], entry["by"]) for entry in found["activations"]] == [(1, "p0"), (2, "p0"), (3, "p1")]
    assert [(entry["surface"], entry["policy"]["number"]) for entry in found["surfaces"]] == [("video", 2)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_member_reads_a_short_verdict(record: Path, genesis: str, language: Language) -> None:
    result = run(record, "--genesis", genesis, "--lang", language)
    lines = result.stdout.splitlines()
    assert (result.exit_code, len(lines)) == (0, 9)
    assert lines[0] == VERDICTS["good"].say(language, origin=COOP)
    assert SAYINGS["yes_no"].say(language, yes=4, no=1, abstain=1, s="", members=9) in result.stdout
    assert lines[-1] == SAYINGS["not_proven"].say(language)
    assert lines[3].startswith("  p1 ")
    assert "(p1)" in lines[5]


def test_the_genesis_digest_may_stand_in_a_file(record: Path, genesis: str) -> None:
    path = record.with_name("genesis")
    path.write_text(f"{genesis}\n")
    assert judged(record, str(path))[0] == 0


def test_an_argument_erased_after_the_vote_leaves_the_verdict_as_it_is(tmp_path: Path, monkeypatch: Any) -> None:
    minutes = coop(tmp_path / "co")
    _, argument = decided(minutes)
    minutes.erase(argument)
    minutes.keeper.publish()
    monkeypatch.setattr(verify_record, "clock_ms", lambda: minutes.now_ms)
    assert entries_in(minutes.record)[argument][1] is None
    genesis = digest_text(minutes.genesis)
    code, found = judged(minutes.record, genesis)
    assert (code, found["faults"], found["proposals"][0]["state"]) == (0, [], "activated")
    assert (
        SAYINGS["erased"].say("en", count=1, s="") in run(minutes.record, "--genesis", genesis, "--lang", "en").stdout
    )


def test_ballots_of_an_open_vote_are_counted_by_nobody(tmp_path: Path, monkeypatch: Any) -> None:
    minutes = coop(tmp_path / "co")
    index = minutes.under_vote()
    minutes.cast(index, CHOICES)
    minutes.keeper.publish()
    monkeypatch.setattr(verify_record, "clock_ms", lambda: minutes.now_ms)
    code, found = judged(minutes.record, digest_text(minutes.genesis))
    vote = found["proposals"][0]["vote"]
    assert (code, vote["closed"], vote["result"], vote["ballot_count"], vote["shown_count"]) == (0, False, None, 6, 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_development_record_is_said_to_be_one(tmp_path: Path, language: Language) -> None:
    minutes = kept(tmp_path / "co")
    decided(minutes)
    result = run(minutes.record, "--genesis", digest_text(minutes.genesis), "--lang", language)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == VERDICTS["dev"].say(language)


def test_only_a_development_record_can_be_told_the_time(tmp_path: Path, record: Path, genesis: str) -> None:
    assert refused(record, genesis, "--now", "+1d") == ["TIME_NOT_DEV"]
    minutes = kept(tmp_path / "co")
    index = minutes.under_vote()
    minutes.keeper.publish()
    states = {}
    for now in ("+30h", "+400d"):
        code, found = judged(minutes.record, digest_text(minutes.genesis), "--now", now)
        assert (code, found["proposals"][0]["proposal"]) == (0, f"p{index}")
        states[now] = found["proposals"][0]["state"]
    assert states == {"+30h": "voting", "+400d": "defeated"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_vote_is_told_in_a_line(tmp_path: Path, language: Language, monkeypatch: Any) -> None:
    minutes = coop(tmp_path / "co")

    def base() -> bytes:
        return minutes.now().standing("video").policy.canon_digest

    def adopt(proposal: Proposal, choice: BallotChoice) -> None:
        index = minutes.to_vote(proposal)
        minutes.cast(index, dict.fromkeys(FOUNDERS[:5], choice))
        minutes.wait(20)
        assert minutes.now().proposals[index].state in ("activated", "superseded", "defeated")

    points = read_policy(minutes.now().standing("video").policy.text, "policy").points
    adopt(minutes.proposal(template_text(base()), vote="points"), points)
    texts = tuple(policy_text(base(), click=click, reply=300 - click) for click in (100, 50))
    adopt(minutes.proposal("", vote="ranking", texts=texts), ((2,), (1,), (0,)))
    adopt(minutes.proposal(policy_text(base(), click=90, reply=210)), "no")
    for name in GUARDIANS[:2]:
        reason = Phrase(fr="Un défaut.", en="A defect.")
        last = minutes.accept(Guardian(minutes.co(), "rollback", None, "video", 1, reason), name)
    minutes.wait(8)
    minutes.keeper.publish()
    monkeypatch.setattr(verify_record, "clock_ms", lambda: minutes.now_ms)
    genesis = digest_text(minutes.genesis)
    code, found = judged(minutes.record, genesis, "--counter", "both")
    assert (code, found["faults"], found["voids"]) == (0, [], [])
    assert [entry["vote"]["kind"] for entry in found["proposals"]] == ["points", "ranking", "yes_no"]
    assert [(entry["intervention"], entry["state"]) for entry in found["interventions"]] == [(f"g{last}", "lapsed")]
    said = run(minutes.record, "--genesis", genesis, "--lang", language).stdout
    members = {"count": 5, "members": 9}
    assert SAYINGS["ranking"].say(language, winner=2, **members) in said
    assert SAYINGS["yes_no"].say(language, yes=0, no=5, abstain=0, s=plural(0, language), members=9) in said
    assert SAYINGS["points"].say(language, points="", **members) in said
    assert SAYINGS["votes"].say(language, count=4, how="") in said
    assert f"\n  g{last}, " in said
    # What came back when the guardians were not confirmed is still what members had adopted.
    assert f"3 ({found['proposals'][1]['proposal']}), " in said


# --- what is asked for


def test_without_the_genesis_digest_nothing_is_judged(record: Path) -> None:
    for language, words in (("fr", "Tenez-la d’un membre"), ("en", "Have it from a member")):
        result = run(record, "--lang", language)
        assert (result.exit_code, result.stdout, words in result.stderr) == (2, "", True)


def test_the_genesis_digest_of_another_co_op_is_refused(record: Path, genesis: str, tmp_path: Path) -> None:
    other = coop(tmp_path / "other", "other.example/minutes")
    assert refused(record, digest_text(other.genesis)) == ["MINUTES_GENESIS"]
    assert refused(other.record, genesis) == ["MINUTES_GENESIS"]
    assert refused(record, "sha256:12") == ["GENESIS_MALFORMED"]


@pytest.mark.parametrize("option", ["--key", "--eraser"])
def test_options_about_decisions_are_not_taken_for_a_record(record: Path, genesis: str, option: str) -> None:
    assert refused(record, genesis, option, "x") == ["MANDATE_OPTION"]


def test_a_folder_that_is_no_record_is_said_to_be_none(tmp_path: Path, genesis: str) -> None:
    code, found = judged(tmp_path, genesis)
    assert (code, found["reason"]) == (2, "MINUTES_MISSING")


def test_witnesses_are_asked_for_where_they_are_named(record: Path, genesis: str) -> None:
    named = ("--witness", WITNESS.verifier.vkey)
    assert refused(record, genesis, *named) == ["CHECKPOINT_QUORUM"]
    note = (record / "minutes/checkpoint").read_bytes()
    cosigned = add_signature(note, cosign(parse_note(note).text, WITNESS, 1_700_000_000))
    (record / "minutes/checkpoint").write_bytes(cosigned)
    code, found = judged(record, genesis, *named)
    assert (code, found["cosigners"]) == (0, [{"name": "witness.test", "time_s": 1_700_000_000}])


# --- accidents and attacks on files


def test_the_list_of_files_is_that_of_the_record(record: Path) -> None:
    assert [name for name, _ in files_of(record)] == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_is_refused_or_named(record: Path, genesis: str, name: str) -> None:
    path = record / name
    data = path.read_bytes()
    for at in sorted({0, len(data) // 7, len(data) // 2, 6 * len(data) // 7, len(data) - 1}):
        for bit in (1, 128):
            path.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
            assert refused(record, genesis)
    path.write_bytes(data)
    assert judged(record, genesis)[0] == 0


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_or_named(record: Path, genesis: str, name: str) -> None:
    (record / name).unlink()
    found = refused(record, genesis)
    assert found
    if name in READABLE:
        assert found == ["RECORD_FILE_MISSING"]


@pytest.mark.parametrize("name", FILES)
def test_an_emptied_file_is_refused_or_named(record: Path, genesis: str, name: str) -> None:
    (record / name).write_bytes(b"")
    assert refused(record, genesis)


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_makes_nobody_wait_and_no_link_is_followed(record: Path, genesis: str, name: str) -> None:
    path = record / name
    kept_data = record.with_name("kept")
    shutil.move(path, kept_data)
    os.mkfifo(path)
    assert refused(record, genesis)
    path.unlink()
    path.symlink_to(kept_data)
    assert refused(record, genesis)


def test_a_readable_policy_that_differs_is_named(record: Path, genesis: str) -> None:
    path = record / "video/0002.yaml"
    path.write_text(path.read_text().replace("click: 100", "click: 101"))
    assert refused(record, genesis) == ["RECORD_FILE_DIFFERS"]
    assert "video/0002.yaml" in run(record, "--genesis", genesis).stdout


@pytest.mark.parametrize("name", ["video/0003.yaml", "proposals/p9/result.json", "minutes/bodies/001", "minutes/x"])
def test_an_extra_file_is_named(record: Path, genesis: str, name: str) -> None:
    (record / name).parent.mkdir(parents=True, exist_ok=True)
    (record / name).write_bytes(b"{}\n")
    assert set(refused(record, genesis)) & {"RECORD_FILE_UNEXPECTED", "MINUTES_BODIES"}


def test_bodies_swapped_between_two_entries_are_named(record: Path, genesis: str) -> None:
    entries = entries_in(record)
    (one, first), (other, second) = entries[5], entries[6]
    entries[5], entries[6] = (one, second), (other, first)
    write_bodies(record, entries)
    assert refused(record, genesis)[:2] == ["MINUTES_BODY_DIFFERS", "MINUTES_BODY_DIFFERS"]


def test_ballots_withheld_after_the_close_are_named_and_nothing_after_it_is_known(record: Path, genesis: str) -> None:
    entries = entries_in(record)
    write_bodies(record, [(leaf, None if decode_leaf(leaf).kind == "ballot" else body) for leaf, body in entries])
    code, found = judged(record, genesis)
    assert (code, found["withheld"], found["proposals"][0]["vote"]["result"]) == (1, "p1", None)
    assert "MINUTES_BALLOTS_WITHHELD" in [fault["reason"] for fault in found["faults"]]
    assert SAYINGS["withheld"].say("en", name="p1") in run(record, "--genesis", genesis, "--lang", "en").stdout


def test_one_ballot_withheld_is_enough(record: Path, genesis: str) -> None:
    entries = entries_in(record)
    entries[7] = entries[7][0], None
    write_bodies(record, entries)
    assert "MINUTES_BALLOTS_WITHHELD" in refused(record, genesis)


def test_a_body_missing_that_nobody_erased_is_named(record: Path, genesis: str) -> None:
    entries = entries_in(record)
    entries[ARGUMENT] = entries[ARGUMENT][0], None
    write_bodies(record, entries)
    assert "MINUTES_BODY_MISSING" in refused(record, genesis)


def test_a_clock_behind_the_entries_is_named(
    record: Path, genesis: str, original: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_record, "clock_ms", lambda: original.now_ms - 12 * DAY_MS)
    assert "MINUTES_TIME_AHEAD" in refused(record, genesis)


# --- attacks by whoever holds the log key


def test_a_checkpoint_by_another_key_is_refused(record: Path, genesis: str) -> None:
    rewrite(record, lambda _: None, STRANGER)
    assert refused(record, genesis) == ["NOTE_KEY_UNKNOWN"]


def test_truncated_minutes_contradict_a_checkpoint_that_somebody_kept(record: Path, genesis: str) -> None:
    note = kept_note(record)
    rewrite(record, lambda entries: entries.__delitem__(slice(8, None)), signer(COOP))
    assert "RECORD_FILE_DIFFERS" in refused(record, genesis)
    for name in ("record.json", *READABLE):
        (record / name).unlink()
    code, found = judged(record, genesis, "--checkpoint", str(note))
    assert (code, found["checkpoints"][0]["verdict"]) == (1, "broken")
    assert [fault["reason"] for fault in found["faults"] if fault["notes"]] == ["LOG_ROLLED_BACK"]


def test_a_truncated_file_without_a_signature_is_refused(record: Path, genesis: str) -> None:
    path = record / f"minutes/tile/entries/000.p/{SIZE}"
    path.write_bytes(path.read_bytes()[:-40])
    assert refused(record, genesis)[0] == "ENTRIES_MALFORMED"


def test_forked_minutes_two_checkpoints_of_one_size_are_the_proof(record: Path, genesis: str) -> None:
    note = kept_note(record)

    def change(entries: Entries) -> None:
        entries[-1] = entries[-2]

    rewrite(record, change, signer(COOP))
    code, found = judged(record, genesis, "--checkpoint", str(note))
    assert (code, found["checkpoints"][0]["verdict"]) == (1, "broken")
    (proof,) = (fault for fault in found["faults"] if fault["notes"])
    assert (proof["reason"], len(proof["notes"])) == ("LOG_SPLIT_VIEW", 2)


def test_reordered_minutes_are_named(record: Path, genesis: str) -> None:
    note = kept_note(record)

    def change(entries: Entries) -> None:
        entries[1], entries[4] = entries[4], entries[1]

    rewrite(record, change, signer(COOP))
    assert "MINUTES_TIME_FALLS" in refused(record, genesis)
    assert "LOG_SPLIT_VIEW" in refused(record, genesis, "--checkpoint", str(note))


def test_reordered_minutes_with_their_times_put_right_change_nothing_unseen(record: Path, genesis: str) -> None:
    def change(entries: Entries) -> None:
        times = [decode_leaf(leaf).time_ms for leaf, _ in entries]
        entries[2], entries[4] = entries[4], entries[2]
        for at in (2, 4):
            leaf, body = entries[at]
            old = decode_leaf(leaf)
            entries[at] = encode_leaf(MinutesLeaf(times[at], old.kind, old.about, old.commitment)), body

    rewrite(record, change, signer(COOP))
    code, found = judged(record, genesis)
    # Frozen before it was sponsored: the freeze is void, so there never was a vote, and every ballot is void.
    assert (code, found["proposals"][0]["vote"], len(found["voids"])) == (1, None, 7)


def test_an_entry_with_a_flipped_leaf_does_not_belong_to_its_body(record: Path, genesis: str) -> None:
    def change(entries: Entries) -> None:
        leaf, body = entries[6]
        old = decode_leaf(leaf)
        entries[6] = encode_leaf(MinutesLeaf(old.time_ms, "recall", old.about, old.commitment)), body

    rewrite(record, change, signer(COOP))
    code, found = judged(record, genesis)
    assert ([void["reason"] for void in found["voids"]], code) == (["ENTRY_LEAF_DIFFERS"], 1)


def test_a_ballot_that_a_stranger_signed_is_void_and_does_not_count(
    record: Path, genesis: str, original: Kept, tmp_path: Path
) -> None:
    minutes = coop(tmp_path / "co")
    index = minutes.under_vote()
    ballot = minutes.ballot(index, "no")
    forged = envelope_bytes(sign_entry(ballot, key_of("somebody who is no member")))

    def change(entries: Entries) -> None:
        key, sealed = body_of(forged)
        time_ms = decode_leaf(entries[-1][0]).time_ms
        entries.append((encode_leaf(MinutesLeaf(time_ms, "ballot", PROPOSAL, commitment(key, forged))), (key, sealed)))

    rewrite(record, change, signer(COOP))
    code, found = judged(record, genesis)
    (void,) = found["voids"]
    assert (void["index"], void["kind"], void["reason"]) == (SIZE, "ballot", "BALLOT_NOT_ON_ROLL")
    assert found["proposals"][0]["vote"]["result"]["no"] == 1
    said = run(record, "--genesis", genesis, "--lang", "fr").stdout
    assert SAYINGS["voids"].say("fr", count=1) in said
    # The files for people are still those of before; once they are right, what is left is the keeper's fault alone.
    assert (code, {fault["reason"] for fault in found["faults"]}) == (1, {"RECORD_FILE_DIFFERS"})
    retell(record, original)
    code, found = judged(record, genesis)
    assert (code, found["ok"], found["faults"], len(found["voids"])) == (1, False, [], 1)
    told = run(record, "--genesis", genesis, "--lang", "fr")
    assert told.exit_code == 1
    assert VERDICTS["void"].say("fr", origin=found["origin"]) in told.stdout
    assert VERDICTS["bad"].say("fr", origin=found["origin"]) not in told.stdout


def test_two_programs_that_disagree_are_named(record: Path, genesis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = counters.COUNTERS["fast"]

    def wrong(*arguments: Any) -> Any:
        result = fast.yes_no(*arguments)
        return type(result)(result.yes - 1, result.no, result.abstain, result.quorum, result.majority, result.passed)

    broken = {"fast": fast, "naive": Counter(wrong, fast.ranking, fast.points)}
    monkeypatch.setattr("rankd.usecases.govern.reading.COUNTERS", broken)
    assert judged(record, genesis, "--counter", "fast")[0] == 0
    assert refused(record, genesis, "--counter", "both") == ["COUNTERS_DIFFER"]


def test_nothing_that_members_wrote_steers_a_terminal(tmp_path: Path, monkeypatch: Any) -> None:
    minutes = kept(tmp_path / "co")
    decided(minutes)
    hostile = "\x1b[2Jadopté"
    monkeypatch.setattr("rankd.edge.cli.audit.verdict_words.spoken", lambda *_: hostile)
    said = run(minutes.record, "--genesis", digest_text(minutes.genesis)).stdout
    assert ("\x1b" in said, "adopté" in said) == (False, True)
