"""A co-op is founded from the command line, with its own keys or a trial's."""

from pathlib import Path

import pytest

from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.signing import open_entry
from rankd.core.exact.canonical import sha256
from rankd.core.records.body import open_body
from rankd.edge.cli.govern import assembly_init as command
from rankd.store.key_file import read_key
from rankd.store.record_folder import RecordFolder
from tests.cooperative import MODEL, ORIGIN, ROOT, VIDEO, body, found, rankd, reason

REAL = "coop.example/fil"


def keys(folder: Path) -> dict[str, Path]:
    """Make the keys of a co-op that is no trial, and its founders' registrations."""
    made = {}
    for name, kind, label in (
        ("log", "log", REAL),
        ("secretary", "secretary", "secretary"),
        ("alice", "member", "alice"),
        ("bob", "member", "bob"),
    ):
        made[name] = folder / f"{name}.key"
        assert rankd("keys", "new", kind, made[name], "--name", label, "--no-passphrase").exit_code == 0
    for name in ("alice", "bob"):
        file = folder / f"{name}.json"
        signed = rankd("member", "register", "--origin", REAL, "--key", made[name], "--out", file)
        assert signed.exit_code == 0, signed.output
    return made


def words(folder: Path) -> tuple[object, ...]:
    made = keys(folder)
    return (
        *("--origin", REAL, "--log-key", made["log"], "--secretary", made["secretary"]),
        *("--founder", folder / "alice.json", "--founder", folder / "bob.json"),
    )


def test_a_trial_is_founded_with_one_command(tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = rankd("assembly", "init", home, "--origin", ORIGIN, "--json")
    assert result.exit_code == 0, result.output
    answer = body(result)
    assert (answer["origin"], len(answer["members"]), list(answer["member_keys"])) == (ORIGIN, 3, answer["members"])
    assert (home / "genesis").read_text() == f"{answer['genesis']}\n"
    assert answer["vkey"] == read_key(home / "keys/log.key").vkey
    status = rankd("assembly", "status", "--record", answer["record"], "--genesis", answer["genesis"], "--json")
    assert (status.exit_code, body(status)["active_member_count"], body(status)["faults"]) == (0, 3, [])


def test_what_to_pin_and_what_to_do_next_are_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    french = rankd("assembly", "init", home, "--origin", ORIGIN, "--lang", "fr")
    genesis = (home / "genesis").read_text().strip()
    assert f"Empreinte fondatrice\u00a0: {genesis}\n" in french.stdout
    assert f"{read_key(home / 'keys/log.key').vkey}\n" in french.stdout
    assert f"rankd minutes append ENTRÉE.json --home {home}" in french.stderr
    assert "sans phrase de passe" in french.stderr
    english = rankd("assembly", "init", tmp_path / "other", "--origin", ORIGIN, "--lang", "en")
    assert "3 members" in english.stdout
    assert "Give these two lines to the members" in english.stderr


def test_the_founders_adopt_a_policy_and_its_model(tmp_path: Path) -> None:
    coop = found(tmp_path / "home")
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    assert (surface["surface"], surface["policy"]["number"], surface["ratification"]) == ("video", 1, "DEV")
    assert surface["policy"]["file_digest"] == f"sha256:{sha256(VIDEO.read_bytes()).hex()}"
    assert "reply" in surface["model"]["heads"]


def test_a_real_co_op_brings_its_own_keys_and_the_template_is_filled_with_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = rankd("assembly", "init", home, *words(tmp_path), "--surface", f"video=:{MODEL}", "--json")
    assert result.exit_code == 0, result.output
    text = read_constitution((home / "constitution.yaml").read_bytes())
    assert (text.origin, text.log_key) == (REAL, read_key(tmp_path / "log.key").public)
    assert text.secretaries == (read_key(tmp_path / "secretary.key").public,)
    assert not (home / "keys").exists()
    assert len(body(result)["members"]) == 2
    (surface,) = body(
        rankd("assembly", "status", "--record", home / "record", "--genesis", home / "genesis", "--json")
    )["surfaces"]
    assert (surface["ratification"], surface["policy"]["number"]) == ("BASELINE", 0)


def test_marked_lines_of_a_file_are_filled_where_they_stand(tmp_path: Path) -> None:
    text, home = tmp_path / "own.yaml", tmp_path / "home"
    template = (ROOT / "policies/constitution.fr.yaml").read_text(encoding="utf-8")
    text.write_text(template.replace("    voting: 7d", "    voting: 9d", 1), encoding="utf-8")
    guardians = []
    for name in ("one", "two"):
        guardians.append(tmp_path / name)
        rankd("keys", "new", "guardian", guardians[-1], "--name", name, "--no-passphrase")
    options = [word for file in guardians for word in ("--guardian", file)]
    result = rankd("assembly", "init", home, *words(tmp_path), "--constitution", text, *options)
    assert result.exit_code == 0, result.output
    adopted = read_constitution((home / "record/constitution/0001.yaml").read_bytes())
    assert adopted.origin == REAL
    assert adopted.secretaries == (read_key(tmp_path / "secretary.key").public,)
    assert adopted.guardians.keys == tuple(sorted(read_key(file).public for file in guardians))
    assert (adopted.guardians.needed, adopted.classes[0].voting_ms) == (2, 9 * 86_400_000)
    assert (home / "constitution.yaml").read_bytes() == adopted.text
    assert f"ses lignes en capitales remplies\u00a0: {home / 'constitution.yaml'}" in result.stderr


def test_a_file_without_marks_is_taken_as_it_is(tmp_path: Path) -> None:
    words_of = words(tmp_path)
    assert rankd("assembly", "init", tmp_path / "one", *words_of).exit_code == 0
    text = tmp_path / "one/constitution.yaml"
    (tmp_path / "log.key.mark").unlink()
    result = rankd("assembly", "init", tmp_path / "two", *words_of, "--constitution", text)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "two/record/constitution/0001.yaml").read_bytes() == text.read_bytes()
    assert "remplies" not in result.stderr


def test_a_mark_that_stands_twice_founds_nothing(tmp_path: Path) -> None:
    text = tmp_path / "own.yaml"
    text.write_text((ROOT / "policies/constitution.en.yaml").read_text(encoding="utf-8") + "origin: ORIGIN\n")
    result = rankd("assembly", "init", tmp_path / "home", *words(tmp_path), "--constitution", text, "--json")
    assert (result.exit_code, reason(result)) == (1, "CONSTITUTION_PLACE")
    assert not (tmp_path / "home" / "minutes").exists()


def test_several_secretaries_are_named_and_the_first_file_signs(tmp_path: Path) -> None:
    home, second, third = tmp_path / "home", tmp_path / "second", tmp_path / "third"
    given = words(tmp_path)
    for file in (second, third):
        rankd("keys", "new", "secretary", file, "--name", file.name, "--no-passphrase")
    at = given.index("--secretary")
    by_hand = ("--secretary", read_key(second).public.hex())
    more = (*given[:at], *by_hand, *given[at:], "--secretary", third)
    result = rankd("assembly", "init", home, *more)
    assert result.exit_code == 0, result.output
    keys = [read_key(file).public for file in (tmp_path / "secretary.key", second, third)]
    assert read_constitution((home / "constitution.yaml").read_bytes()).secretaries == tuple(sorted(keys))
    founding = open_entry(open_body(*RecordFolder(home / "record").bodies(0)[0]))
    assert founding.key == keys[0]


def test_a_trial_names_secretaries_beside_its_own(tmp_path: Path) -> None:
    second = tmp_path / "second"
    rankd("keys", "new", "secretary", second, "--name", "second", "--no-passphrase")
    other = read_key(second).public
    result = rankd("assembly", "init", tmp_path / "home", "--origin", ORIGIN, "--secretary", other.hex())
    assert result.exit_code == 0, result.output
    own = read_key(tmp_path / "home/keys/secretary.key").public
    text = read_constitution((tmp_path / "home/constitution.yaml").read_bytes())
    assert text.secretaries == tuple(sorted([own, other]))


def test_somebody_must_be_able_to_sign(tmp_path: Path) -> None:
    given = list(words(tmp_path))
    at = given.index("--secretary") + 1
    given[at] = read_key(Path(str(given[at]))).public.hex()
    result = rankd("assembly", "init", tmp_path / "home", *given, "--json")
    assert (result.exit_code, reason(result)) == (2, "FOUNDING_KEYS_NEEDED")


@pytest.mark.parametrize(
    ("option", "value", "field"), [("--secretary", "other", "secretaries"), ("--needed", 3, "guardians.needed")]
)
def test_what_the_file_says_otherwise_is_refused(tmp_path: Path, option: str, value: object, field: str) -> None:
    given = words(tmp_path)
    assert rankd("assembly", "init", tmp_path / "one", *given).exit_code == 0
    rankd("keys", "new", "secretary", tmp_path / "other", "--name", "other", "--no-passphrase")
    more = (option, tmp_path / "other" if value == "other" else value)
    text = tmp_path / "one/constitution.yaml"
    result = rankd("assembly", "init", tmp_path / "two", *given, "--constitution", text, *more, "--json")
    assert (result.exit_code, reason(result)) == (1, "CONSTITUTION_OTHER_CO")
    assert body(result)["metadata"]["field"] == field


def test_guardians_stand_in_the_constitution(tmp_path: Path) -> None:
    guardians = []
    for name in ("one", "two", "three"):
        rankd("keys", "new", "guardian", tmp_path / name, "--name", name, "--no-passphrase")
        guardians.append(read_key(tmp_path / name).public)
    options = [word for key in guardians for word in ("--guardian", key.hex())]
    home = tmp_path / "home"
    assert rankd("assembly", "init", home, "--origin", ORIGIN, *options).exit_code == 0
    text = read_constitution((home / "constitution.yaml").read_bytes())
    assert (text.guardians.keys, text.guardians.needed) == (tuple(sorted(guardians)), 2)


@pytest.mark.parametrize(
    ("left_out", "wanted", "code"),
    [
        ("--log-key", "FOUNDING_KEYS_NEEDED", 2),
        ("--secretary", "FOUNDING_KEYS_NEEDED", 2),
        ("--founder", "FOUNDERS_MISSING", 2),
    ],
)
def test_a_real_co_op_makes_no_keys_by_itself(tmp_path: Path, left_out: str, wanted: str, code: int) -> None:
    given = list(words(tmp_path))
    while left_out in given:
        at = given.index(left_out)
        del given[at : at + 2]
    result = rankd("assembly", "init", tmp_path / "home", *given, "--json")
    assert (result.exit_code, reason(result)) == (code, wanted)
    assert not (tmp_path / "home" / "minutes").exists()


def test_a_constitution_of_another_co_op_is_refused(tmp_path: Path) -> None:
    assert rankd("assembly", "init", tmp_path / "one", "--origin", ORIGIN).exit_code == 0
    text = tmp_path / "one" / "constitution.yaml"
    result = rankd("assembly", "init", tmp_path / "two", "--origin", "dev.other", "--constitution", text, "--json")
    assert (result.exit_code, reason(result)) == (1, "CONSTITUTION_OTHER_CO")
    assert body(result)["metadata"]["field"] == "origin"
    assert not (tmp_path / "two" / "minutes").exists()


def test_a_co_op_is_founded_once(tmp_path: Path) -> None:
    assert rankd("assembly", "init", tmp_path, "--origin", ORIGIN).exit_code == 0
    before = (tmp_path / "genesis").read_bytes()
    result = rankd("assembly", "init", tmp_path, "--origin", ORIGIN, "--json")
    assert (result.exit_code, reason(result)) == (1, "HOME_NOT_EMPTY")
    assert (tmp_path / "genesis").read_bytes() == before


@pytest.mark.parametrize("text", ["video", "=x:y", f"video={VIDEO}", f"fil={VIDEO}:{MODEL}"])
def test_what_a_surface_adopts_is_written_one_way(tmp_path: Path, text: str) -> None:
    result = rankd("assembly", "init", tmp_path / "home", "--origin", ORIGIN, "--surface", text, "--json")
    assert (result.exit_code, reason(result)) == (1, "SURFACE_OPTION")
    assert not (tmp_path / "home").exists()


def test_a_refused_founding_can_be_repeated_with_the_keys_that_it_left(tmp_path: Path) -> None:
    home, bad = tmp_path / "home", tmp_path / "bad.yaml"
    bad.write_text((ROOT / "policies/video.yaml").read_text().replace("surface: video", "surface: other"))
    refused = rankd("assembly", "init", home, "--origin", ORIGIN, "--surface", f"video={bad}:{MODEL}", "--json")
    assert (refused.exit_code, reason(refused)) == (1, "WORDING_SURFACE")
    log = read_key(home / "keys/log.key").public
    assert rankd("assembly", "init", home, "--origin", ORIGIN).exit_code == 0
    assert read_key(home / "keys/log.key").public == log


def test_a_real_co_op_has_the_time_of_its_clock(tmp_path: Path) -> None:
    result = rankd("assembly", "init", tmp_path / "home", *words(tmp_path), "--at", "2026-01-01", "--json")
    assert (result.exit_code, reason(result)) == (1, "TIME_NOT_DEV")


def test_on_a_terminal_what_is_missing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "on_terminal", lambda: True)
    made = keys(tmp_path)
    answers = [REAL, made["log"], made["secretary"], tmp_path / "alice.json", tmp_path / "bob.json", "", "", ""]
    result = rankd("assembly", "init", tmp_path / "home", input="".join(f"{answer}\n" for answer in answers))
    assert result.exit_code == 0, result.output
    assert "2 membres" in result.stdout
    assert "La clé du secrétariat" in result.stderr


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    result = rankd("assembly", "init", tmp_path / "home", "--json")
    assert (result.exit_code, reason(result)) == (2, "TEXT_NEEDED")
