"""`rankd verify`: attacks on journals, bundles and the auditor's trust, each through the command line."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from rankd.core.exact.canonical import canonical_json, sha256
from rankd.core.log.checkpoint import Checkpoint, parse_checkpoint_text
from rankd.core.log.note import COSIGNATURE, NoteSigner, add_signature, parse_note, sign_note
from rankd.core.log.tiles import decode_entries, encode_entries
from rankd.core.log.tree import leaf_hash, root_of
from rankd.core.records.body import open_body, seal
from rankd.core.records.receipt import Receipt, issue_receipt
from rankd.core.words.language import LANGUAGES, Language
from rankd.core.words.verify import NOT_PROVEN, SAYINGS
from rankd.edge.cli.audit.replay import app as replay_app
from rankd.edge.cli.audit.verify import app
from rankd.store.bundle_bodies import BundleBodies, body_head
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions
from tests.conftest import HOUSE_ORIGIN, HOUSE_TIME_MS, LOG_SIGNER, House
from tests.evidence import Written, bundled, members, rewrite, secret, tar_of

KEY = LOG_SIGNER.verifier.vkey
STRANGER_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"a stranger"))
STRANGER = NoteSigner(HOUSE_ORIGIN, STRANGER_KEY)
WITNESS, OTHER_WITNESS = (
    NoteSigner(f"{name}.test", Ed25519PrivateKey.from_private_bytes(sha256(name.encode())), COSIGNATURE)
    for name in ("witness", "other")
)
TILE, ENTRIES = "tile/0/000.p/8", "tile/entries/000.p/8"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Record five decisions."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(6))
    return house


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no service: none is at work."""
    monkeypatch.setattr("rankd.edge.cli.audit.evidence._PUBLICATION_S", 0.0)


@pytest.fixture
def bundle(house: House, tmp_path: Path) -> Path:
    """Bundle them: eight leaves, an epoch, six decisions and a reveal."""
    return bundled(house.data, tmp_path / "b.tar")


@pytest.fixture
def written(house: House, tmp_path: Path) -> Written:
    """Return a journal without leaves that rests on the same archive."""
    _, decision = next(recorded_decisions(JournalEvidence(house.data, DECISIONS)))
    return Written(tmp_path / "written", decision, archive=house.data / "archive")


def run(path: Path, *arguments: str, key: str | None = KEY) -> Result:
    options = [] if key is None else ["--key", key]
    return CliRunner().invoke(app, [str(path), *options, *arguments])


def judged(path: Path, *arguments: str, key: str | None = KEY) -> tuple[int, Any]:
    """Return exit code and JSON."""
    result = run(path, "--json", "--lang", "en", *arguments, key=key)
    return result.exit_code, json.loads(result.stdout)


def refused(path: Path, *arguments: str, key: str | None = KEY) -> str:
    """Return the reason of a refusal, or of the first fault."""
    code, found = judged(path, *arguments, key=key)
    assert code == 1
    assert found["ok"] is False
    if "reason" in found:
        return str(found["reason"])
    return str(found["faults"][0]["reason"])


def leaves_of(files: dict[str, bytes]) -> list[bytes]:
    return list(decode_entries(files[ENTRIES], 8))


def with_leaves(files: dict[str, bytes], leaves: list[bytes]) -> None:
    """Put other leaves into a bundle, and the level-0 tile that they hash to; the checkpoint stays."""
    files[ENTRIES] = encode_entries(leaves)
    files[TILE] = b"".join(map(leaf_hash, leaves))


def signed(
    files: dict[str, bytes], change: Callable[[Checkpoint], Checkpoint], signer: NoteSigner = LOG_SIGNER
) -> None:
    """Put another checkpoint into a bundle."""
    old = parse_checkpoint_text(parse_note(files["checkpoint"]).text)
    files["checkpoint"] = sign_note(change(old).text, signer)


def bodies_of(files: dict[str, bytes]) -> dict[int, tuple[bytes, bytes]]:
    data = files["bodies/000"]
    return dict(BundleBodies(lambda offset, size: data[offset : offset + size], "", 0, len(data), range(8)))


def with_bodies(files: dict[str, bytes], bodies: dict[int, tuple[bytes, bytes]]) -> None:
    parts = (body_head(index, key, len(sealed)) + sealed for index, (key, sealed) in sorted(bodies.items()))
    files["bodies/000"] = b"".join(parts)


# --- what is good


def test_a_good_bundle_and_a_good_data_directory(house: House, bundle: Path) -> None:
    for path in (bundle, house.data):
        code, found = judged(path)
        assert (code, found["ok"], found["count"], found["body_count"]) == (0, True, 6, 6)
        assert (found["size"], found["first"], found["end"], found["nonces_checked"]) == (8, 0, 8, 6)
        assert (found["faults"], found["missing"], found["erased"], found["key_from_folder"]) == ([], [], [], False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_told_what_was_found_and_what_it_does_not_prove(bundle: Path, language: Language) -> None:
    result = run(bundle, "--lang", language)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert HOUSE_ORIGIN in lines[0]
    assert SAYINGS["nonces"].say(language, count="6") in lines
    assert lines[-3:] == [NOT_PROVEN[name].say(language) for name in ("candidates", "discarded", "recomputation")]


def test_the_key_may_stand_in_a_file(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "vkey").write_text(f"{KEY}\n")
    assert run(bundle, key=str(tmp_path / "vkey")).exit_code == 0


def test_a_bundle_needs_a_key_from_elsewhere(bundle: Path) -> None:
    result = run(bundle, key=None)
    assert result.exit_code == 2
    assert "--key" in result.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_from_the_folder_itself_is_said_loudly(house: House, language: Language) -> None:
    assert judged(house.data, key=None)[1]["key_from_folder"] is True
    result = run(house.data, "--lang", language, key=None)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == SAYINGS["borrowed"].say(language)


def test_mistakes_of_usage(bundle: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere").exit_code == 2
    assert run(bundle, key="no key").exit_code == 1
    assert run(bundle, "--receipt", str(tmp_path / "nowhere")).exit_code == 2
    assert run(bundle, "--witness", "no key").exit_code == 1
    assert run(bundle, "--eraser", "no key").exit_code == 1
    assert refused(tmp_path, key=KEY) == "JOURNAL_CHECKPOINT_MISSING"


@pytest.mark.parametrize("app_name", ["verify", "replay"])
def test_an_unpacked_bundle_is_not_taken_for_a_data_directory(bundle: Path, tmp_path: Path, app_name: str) -> None:
    for name, data in members(bundle).items():
        path = tmp_path / "opened" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    judge = {"verify": app, "replay": replay_app}[app_name]
    for language, words in (("fr", "Donnez le fichier que rankd bundle a écrit"), ("en", "Give the file that rankd")):
        result = CliRunner().invoke(judge, [str(tmp_path / "opened"), "--key", KEY, "--lang", language])
        assert (result.exit_code, words in result.stderr) == (1, True)
    assert refused(tmp_path / "opened") == "BUNDLE_UNPACKED"


# --- the tree


def test_a_tail_that_was_truncated_is_detected(bundle: Path) -> None:
    assert refused(rewrite(bundle, lambda files: with_leaves(files, [*leaves_of(files)[:-1], b""]))) == "TILE_DIFFERS"


def test_a_tail_that_was_truncated_with_the_numbers_changed_is_detected(bundle: Path) -> None:
    def cut(files: dict[str, bytes]) -> None:
        leaves = leaves_of(files)[:7]
        files["bundle.json"] = canonical_json(json.loads(files["bundle.json"]) | {"size": 7, "end": 7})
        rest = {name: data for name, data in files.items() if not name.startswith("tile/")}
        files.clear()
        about, checkpoint, *others = rest.items()
        tiles = [("tile/0/000.p/7", b"".join(map(leaf_hash, leaves))), ("tile/entries/000.p/7", encode_entries(leaves))]
        files.update([about, checkpoint, *tiles, *others])

    assert refused(rewrite(bundle, cut)) == "BUNDLE_DIFFERS"

    def signed_anew(files: dict[str, bytes]) -> None:
        leaves = decode_entries(files["tile/entries/000.p/7"], 7)
        signed(files, lambda old: replace(old, size=7, root=root_of([*map(leaf_hash, leaves)])), STRANGER)

    assert refused(rewrite(bundle, signed_anew)) == "NOTE_KEY_UNKNOWN"


@pytest.mark.parametrize(
    "change",
    [
        lambda leaves: [leaves[0], leaves[1].replace(b"video", b"other"), *leaves[2:]],
        lambda leaves: [*leaves[:3], *leaves[4:], leaves[7]],
        lambda leaves: [*leaves[:2], leaves[3], leaves[2], *leaves[4:]],
        lambda leaves: [*leaves[:2], leaves[1], *leaves[3:]],
    ],
    ids=["changed", "removed", "reordered", "repeated"],
)
def test_an_entry_that_was_changed_removed_reordered_or_repeated_is_detected(
    bundle: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    assert refused(rewrite(bundle, lambda files: with_leaves(files, change(leaves_of(files))))) == "TILE_DIFFERS"

    # With the old hashes it is the entries that do not fit.
    def entries_alone(files: dict[str, bytes]) -> None:
        files[TILE] = b"".join(map(leaf_hash, change(leaves_of(files))))
        files[ENTRIES], files[TILE] = encode_entries(leaves_of(files)), files[TILE]

    assert refused(rewrite(bundle, entries_alone)) == "TILE_DIFFERS"


def test_a_proof_for_another_leaf_is_detected(bundle: Path) -> None:
    def swap(files: dict[str, bytes]) -> None:
        tile = files[TILE]
        files[TILE] = tile[:32] + tile[64:96] + tile[32:64] + tile[96:]

    assert refused(rewrite(bundle, swap)) == "TILE_DIFFERS"


def test_the_right_leaf_in_the_wrong_tree_is_detected(bundle: Path, written: Written) -> None:
    written.epoch(7)
    for _ in range(7):
        written.decide(7)
    other = members(bundled(written.close(), bundle.with_name("other.tar")))

    def mix(files: dict[str, bytes]) -> None:
        files[TILE], files[ENTRIES] = other[TILE], other[ENTRIES]

    assert refused(rewrite(bundle, mix)) == "TILE_DIFFERS"


# --- the checkpoint


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: replace(c, origin="dev.other"), "CHECKPOINT_ORIGIN"),
        (lambda c: replace(c, size=9), "BUNDLE_DIFFERS"),
        (lambda c: replace(c, size=7), "BUNDLE_DIFFERS"),
        (lambda c: replace(c, root=bytes(32)), "TILE_DIFFERS"),
    ],
    ids=["origin", "larger", "smaller", "root"],
)
def test_a_checkpoint_with_a_wrong_origin_size_or_root_is_detected(
    bundle: Path, change: Callable[[Checkpoint], Checkpoint], reason: str
) -> None:
    assert refused(rewrite(bundle, lambda files: signed(files, change))) == reason


def test_a_checkpoint_by_an_unknown_signer_or_by_nobody_is_detected(bundle: Path) -> None:
    def unsigned(files: dict[str, bytes]) -> None:
        files["checkpoint"] = files["checkpoint"].partition(b"\n\n")[0] + b"\n\n"

    def edited(files: dict[str, bytes]) -> None:
        files["checkpoint"] = files["checkpoint"].replace(b"\n8\n", b"\n9\n")

    data = bundle.read_bytes()
    assert refused(rewrite(bundle, lambda files: signed(files, lambda c: c, STRANGER))) == "NOTE_KEY_UNKNOWN"
    bundle.write_bytes(data)
    assert refused(rewrite(bundle, unsigned)) == "NOTE_MALFORMED"
    bundle.write_bytes(data)
    assert refused(rewrite(bundle, edited)) == "NOTE_SIGNATURE_WRONG"
    bundle.write_bytes(data)
    assert refused(bundle, key=STRANGER.verifier.vkey) == "NOTE_KEY_UNKNOWN"
    assert refused(bundle, key=NoteSigner("dev.other", STRANGER_KEY).verifier.vkey) == "NOTE_KEY_UNKNOWN"


def test_witnesses_that_did_not_sign_are_missed(bundle: Path) -> None:
    witness = NoteSigner("witness.test", STRANGER_KEY, 4).verifier.vkey
    assert refused(bundle, "--witness", witness) == "CHECKPOINT_QUORUM"
    assert run(bundle, "--witness", witness, "--quorum", "0").exit_code == 0
    assert refused(bundle, "--witness", witness, "--quorum", "2") == "QUORUM_IMPOSSIBLE"


def policy_file(tmp_path: Path, *witnesses: NoteSigner, quorum: int = 1) -> str:
    path = tmp_path / "witnesses.toml"
    entries = (
        f'[[witness]]\nname = "{witness.name}"\nvkey = "{witness.verifier.vkey}"\nurl = "https://w.test"\n'
        for witness in witnesses
    )
    path.write_text(f"quorum = {quorum}\n" + "".join(entries))
    return str(path)


def cosigned(files: dict[str, bytes]) -> None:
    note = files["checkpoint"]
    files["checkpoint"] = add_signature(note, WITNESS.sign(parse_note(note).text, 50))


def test_a_file_of_witnesses_says_whose_cosignatures_count_and_how_many(bundle: Path, tmp_path: Path) -> None:
    one_of_two = policy_file(tmp_path, WITNESS, OTHER_WITNESS)
    assert refused(bundle, "--witnesses", one_of_two) == "CHECKPOINT_QUORUM"
    rewrite(bundle, cosigned)
    code, found = judged(bundle, "--witnesses", one_of_two)
    assert (code, found["cosigners"]) == (0, [{"name": "witness.test", "time_s": 50}])
    assert CliRunner().invoke(replay_app, [str(bundle), "--key", KEY, "--witnesses", one_of_two]).exit_code == 0
    both = policy_file(tmp_path, WITNESS, OTHER_WITNESS, quorum=2)
    assert refused(bundle, "--witnesses", both) == "CHECKPOINT_QUORUM"
    assert refused(bundle, "--witnesses", policy_file(tmp_path, WITNESS, quorum=2)) == "WITNESS_POLICY_INVALID"
    assert run(bundle, "--witnesses", str(tmp_path / "nowhere")).exit_code == 2


@pytest.mark.parametrize("more", [["--witness", "…"], ["--quorum", "0"]])
def test_a_file_of_witnesses_and_single_witnesses_are_not_both_taken(
    bundle: Path, tmp_path: Path, more: list[str]
) -> None:
    asked = ["--witnesses", policy_file(tmp_path, WITNESS), *more]
    assert refused(bundle, *asked) == "WITNESSES_TWICE"
    for language, words in (("fr", "Prenez l’un ou l’autre"), ("en", "Take one or the other")):
        assert words in run(bundle, "--lang", language, *asked).stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_data_directory_that_outran_its_witnesses_is_judged_as_far_as_they_saw_it(
    written: Written, tmp_path: Path, language: Language
) -> None:
    written.epoch()
    written.decide()
    written.cosign(WITNESS)
    written.decide()
    written.decide()
    data, asked = written.close(), ["--witness", WITNESS.verifier.vkey]
    code, found = judged(data, *asked)
    assert (code, found["size"], found["open"]["published_later"]) == (0, 2, 2)
    lines = run(data, "--lang", language, *asked).stdout.splitlines()
    assert lines[1] == SAYINGS["later"].say(language, size="2", count="2", s="s")
    code, found = judged(data)
    assert (code, found["size"], found["open"]["published_later"]) == (0, 4, 0)


# --- what the auditor remembers


def note_file(tmp_path: Path, note: bytes) -> str:
    path = tmp_path / f"note-{sha256(note).hex()[:8]}"
    path.write_bytes(note)
    return str(path)


def test_two_views_for_two_clients_are_named_as_a_split_view_with_both_notes(
    bundle: Path, written: Written, tmp_path: Path
) -> None:
    written.epoch(7)
    for _ in range(7):
        written.decide(7)
    other = members(bundled(written.close(), tmp_path / "other.tar"))["checkpoint"]
    code, found = judged(bundle, "--checkpoint", note_file(tmp_path, other))
    (fault,) = found["faults"]
    assert (code, fault["reason"]) == (1, "LOG_SPLIT_VIEW")
    assert fault["notes"] == [other.decode(), members(bundle)["checkpoint"].decode()]
    result = run(bundle, "--lang", "fr", "--checkpoint", note_file(tmp_path, other))
    assert all(line in result.stdout for line in (*other.decode().splitlines(), SAYINGS["note"].fr))


def test_a_restored_backup_that_went_on_signing_is_detected(house: House, written: Written, tmp_path: Path) -> None:
    written.epoch()
    for _ in range(3):
        written.decide()
    written.journal.publish()
    mark = written.data.with_name("written.mark")
    backup = tmp_path / "backup"
    shutil.copytree(written.data, backup)
    shutil.copy(mark, tmp_path / "backup.mark")
    for _ in range(3):
        written.decide()
    seen = note_file(tmp_path, written.journal.publish())
    written.journal.close()
    # The backup is put back with its own old mark beside it, and goes on.
    assert refused(backup, "--checkpoint", seen) == "LOG_ROLLED_BACK"
    _, decision = next(recorded_decisions(JournalEvidence(house.data, DECISIONS)))
    restored = Written(backup, decision, mark=tmp_path / "backup.mark")
    for counter in range(3, 9):
        restored.decide(counter=counter, time_ms=HOUSE_TIME_MS + 1)
    restored.close()
    assert refused(backup, "--checkpoint", seen) == "LOG_REWRITTEN"
    assert judged(written.data, "--checkpoint", seen)[0] == 0


def receipt_file(tmp_path: Path, index: int, leaf: bytes, until_s: int, signer: NoteSigner = LOG_SIGNER) -> str:
    return note_file(tmp_path, issue_receipt(Receipt(HOUSE_ORIGIN, index, leaf_hash(leaf), until_s), signer))


def test_a_receipt_whose_leaf_is_there_is_kept(house: House, bundle: Path, tmp_path: Path) -> None:
    leaf = leaves_of(members(bundle))[3]
    code, found = judged(bundle, "--receipt", receipt_file(tmp_path, 3, leaf, 5))
    assert (code, [entry["verdict"] for entry in found["receipts"]]) == (0, ["kept"])


def test_a_receipt_whose_leaf_never_appeared_is_a_broken_promise(bundle: Path, tmp_path: Path) -> None:
    due = receipt_file(tmp_path, 8, b"a decision", 5)
    not_due = receipt_file(tmp_path, 8, b"a decision", 99_999_999_999)
    assert refused(bundle, "--receipt", due) == "RECEIPT_BROKEN"
    code, found = judged(bundle, "--receipt", not_due)
    assert (code, [entry["verdict"] for entry in found["receipts"]]) == (0, ["not_due"])


def test_a_receipt_for_another_leaf_or_by_another_key_is_detected(bundle: Path, tmp_path: Path) -> None:
    leaf = leaves_of(members(bundle))[3]
    assert refused(bundle, "--receipt", receipt_file(tmp_path, 4, leaf, 5)) == "RECEIPT_DIFFERS"
    assert refused(bundle, "--receipt", receipt_file(tmp_path, 3, leaf, 5, STRANGER)) == "NOTE_KEY_UNKNOWN"


# --- bodies


def test_bodies_that_were_swapped_between_decisions_are_detected(bundle: Path) -> None:
    def swap(files: dict[str, bytes]) -> None:
        bodies = bodies_of(files)
        with_bodies(files, bodies | {2: bodies[3], 3: bodies[2]})

    code, found = judged(rewrite(bundle, swap))
    assert [(fault["reason"], fault["index"]) for fault in found["faults"]] == [
        ("COMMITMENT_DIFFERS", 2),
        ("COMMITMENT_DIFFERS", 3),
    ]
    assert (code, found["body_count"]) == (1, 4)


def test_a_body_that_was_edited_together_with_its_key_is_detected(bundle: Path) -> None:
    def edit(files: dict[str, bytes]) -> None:
        bodies = bodies_of(files)
        key, sealed = bodies[2]
        record, other = open_body(key, sealed), sha256(key)
        with_bodies(files, bodies | {2: (other, seal(other, record.replace(b'"feed"', b'"food"')))})

    assert refused(rewrite(bundle, edit)) == "COMMITMENT_DIFFERS"


def test_a_body_that_does_not_open_or_is_not_shown_is_detected(bundle: Path) -> None:
    def spoil(files: dict[str, bytes]) -> None:
        bodies = bodies_of(files)
        with_bodies(files, bodies | {2: (bytes(32), bodies[2][1])})

    def hide(files: dict[str, bytes]) -> None:
        bodies = bodies_of(files)
        del bodies[2], bodies[4]
        with_bodies(files, bodies)

    data = bundle.read_bytes()
    assert refused(rewrite(bundle, spoil)) == "BODY_KEY_WRONG"
    bundle.write_bytes(data)
    code, found = judged(rewrite(bundle, hide))
    assert (code, [entry["first_decision_id"] for entry in found["missing"]]) == (1, ["dev.test/2", "dev.test/4"])
    assert {(entry["subject"], entry["reason"], entry["decision_count"]) for entry in found["missing"]} == {
        ("body", "BODY_ABSENT", 1)
    }


# --- what the operator should not have written


def test_an_erasure_twice_counts_once_with_the_first_reason(written: Written) -> None:
    written.epoch()
    written.decide()
    written.erase((1, 1), code="REQUEST")
    written.erase((1, 1), code="COURT")
    code, found = judged(written.close())
    assert (code, found["erased_count"]) == (0, 1)
    assert found["erased"] == [
        {
            "decision_id": "dev.test/1",
            "time_ms": HOUSE_TIME_MS,
            "reason_code": "REQUEST",
            "reason": "because: REQUEST",
            "signer": found["erased"][0]["signer"],
        }
    ]


def test_an_erasure_by_an_unknown_key_is_detected_unless_the_auditor_knows_it(written: Written) -> None:
    written.epoch()
    written.decide()
    written.erase((1, 1), key=STRANGER_KEY)
    data = written.close()
    assert refused(data) == "ENVELOPE_KEY_UNKNOWN"
    assert judged(data, "--eraser", STRANGER_KEY.public_key().public_bytes_raw().hex())[0] == 0


def test_a_retention_erasure_before_it_was_due_is_detected(written: Written) -> None:
    written.epoch()
    written.decide()
    written.erase((1, 1), code="RETENTION", time_ms=HOUSE_TIME_MS + 1)
    assert refused(written.close()) == "ERASURE_EARLY"


def test_a_decision_after_its_epochs_secret_was_revealed_is_detected(written: Written) -> None:
    written.epoch()
    written.decide()
    written.reveal()
    written.decide()
    assert refused(written.close()) == "DECISION_AFTER_REVEAL"


def test_a_missing_counter_is_detected(written: Written) -> None:
    written.epoch()
    written.decide()
    written.decide(counter=2)
    written.reveal(count=3)
    code, found = judged(written.close())
    assert (code, [(gap["first"], gap["last"], gap["pending"]) for gap in found["counter_gaps"]]) == (
        1,
        [(1, 1, False)],
    )


def test_lots_that_were_drawn_until_one_pleased_and_a_count_that_is_kept_back_are_told(written: Written) -> None:
    written.epoch()
    written.decide(counter=500)
    written.reveal(voids=range(500))
    data = written.close()
    code, found = judged(data)
    assert (code, found["open"]["void_counters"], found["open"]["uncounted_epochs"]) == (0, 500, 1)
    told = run(data, "--lang", "en").stdout
    assert "Counters declared void: 500." in told
    assert "without saying how many counters were drawn: 1;" in told


def test_a_counter_that_stands_twice_is_detected(written: Written) -> None:
    written.epoch()
    written.decide(counter=0)
    written.decide(counter=0)
    code, found = judged(written.close())
    assert (code, [clash["counter"] for clash in found["counter_clashes"]]) == (1, [0])


def test_a_wrong_nonce_is_detected(written: Written) -> None:
    written.epoch()
    written.decide(nonce=secret(3))
    written.reveal(count=1)
    code, found = judged(written.close())
    assert (code, found["differing"][0]["term"], found["differing"][0]["decision_id"]) == (1, "nonce", "dev.test/1")


# --- how it is said


def test_what_a_strange_bundle_holds_cannot_steer_a_terminal(bundle: Path) -> None:
    files = list(members(bundle).items())
    bundle.write_bytes(tar_of([*files, ("archive/\x1b[31m", b"")]))
    result = run(bundle, "--lang", "fr")
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr
    assert "\ufffd[31m" in result.stderr

    def strange(files: dict[str, bytes]) -> None:
        files["bundle.json"] = files["bundle.json"].replace(b"rankd.bundle/1", b"\\u001b[31m")

    bundle.write_bytes(tar_of(files))
    result = run(rewrite(bundle, strange), "--lang", "fr")
    assert "\x1b" not in result.stderr


def test_a_hostile_bundle_is_refused_in_words_and_as_json(tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(b"\0" * 10_240)
    assert refused(tmp_path / "b.tar") == "BUNDLE_END"
    result = run(tmp_path / "b.tar", "--lang", "fr")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "paquet" in result.stderr


def test_a_range_says_what_it_leaves_open(house: House, tmp_path: Path) -> None:
    path = bundled(house.data, tmp_path / "b.tar", first=2, end=5)
    code, found = judged(path)
    assert (code, found["first"], found["end"], found["size"], found["count"]) == (0, 2, 5, 8, 3)
    result = run(path, "--lang", "en")
    assert "Only leaves 2 to 5 (excluded) of 8 are judged" in result.stdout


def test_many_faults_are_cut_short_for_people_and_never_in_json(written: Written) -> None:
    written.epoch()
    for _ in range(25):
        written.decide(leaf=lambda leaf: replace(leaf, surface="timeline"))
    data = written.close()
    assert len(judged(data)[1]["differing"]) == 25
    assert "… and 5 more; --json names them." in run(data, "--lang", "en").stdout
