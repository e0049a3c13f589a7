"""The secretary enters what was signed: all of it or nothing, and each entry once."""

import shutil
from pathlib import Path

import pytest

from tests.cooperative import BEGIN_MS, DAY_MS, ORIGIN, Cooperative, body, found, policy, rankd, reason


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    return found(tmp_path_factory.mktemp("coop") / "home")


@pytest.fixture
def coop(begun: Cooperative, tmp_path: Path) -> Cooperative:
    shutil.copytree(begun.home, tmp_path / "home")
    return Cooperative(tmp_path / "home", 1)


def register(coop: Cooperative, name: str) -> Path:
    coop.new_key(name)
    return coop.sign("member", "register", by=name)


def size(coop: Cooperative) -> int:
    return int(body(coop.read("assembly", "status", "--json"))["size"])


def test_entries_are_entered_in_their_order_and_the_record_follows(coop: Cooperative) -> None:
    registration = register(coop, "dora")
    admission = coop.sign("member", "admit", registration, by="secretary")
    result = coop.append(registration, admission)
    assert (result.exit_code, size(coop)) == (0, 3)
    assert result.stdout.splitlines() == [
        f"{registration}\u00a0: entrée 1, inscription, 2\u00a0janvier\u00a02026, 00\u00a0h\u00a000.",
        f"{admission}\u00a0: entrée 2, registre des membres, 2\u00a0janvier\u00a02026, 00\u00a0h\u00a000.",
    ]
    assert "(3 entrées)" in result.stderr
    assert body(coop.read("assembly", "status", "--json"))["active_member_count"] == 4


def test_one_bad_file_keeps_all_out_and_every_bad_one_is_named(coop: Cooperative) -> None:
    good, bad, worse = register(coop, "dora"), coop.home / "bad.json", coop.home / "worse.json"
    bad.write_bytes(good.read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
    worse.write_text("{}\n")
    result = coop.append(good, bad, worse)
    assert (result.exit_code, size(coop)) == (1, 1)
    assert f"{bad}\u00a0: " in result.stderr
    assert f"{worse}\u00a0: " in result.stderr
    assert "Rien n’a été inscrit." in result.stderr
    as_json = rankd("minutes", "append", good, bad, "--home", coop.home, *coop.at, "--json")
    assert body(as_json)["about"] == str(bad)


def test_a_file_that_is_not_there_stops_it_all(coop: Cooperative) -> None:
    result = rankd("minutes", "append", coop.home / "gone.json", "--home", coop.home, "--json")
    assert (result.exit_code, reason(result)) == (2, "ENTRY_FILE_UNREADABLE")


def test_the_same_entry_twice_is_one_entry(coop: Cooperative) -> None:
    registration = register(coop, "dora")
    assert coop.append(registration).exit_code == 0
    again = coop.append(registration)
    assert (again.exit_code, size(coop)) == (0, 2)
    assert again.stdout == f"{registration}\u00a0: déjà au procès-verbal, entrée 1.\n"
    twice = register(coop, "eve")
    both = rankd("minutes", "append", twice, twice, "--home", coop.home, *coop.at, "--json")
    assert [(entry["index"], entry["repeated"]) for entry in body(both)["entries"]] == [(2, False), (2, True)]


def test_time_is_given_in_a_trial_only_and_never_runs_back(coop: Cooperative, tmp_path: Path) -> None:
    registration = register(coop, "dora")
    words = ("minutes", "append", registration, "--home", coop.home, "--json")
    early = rankd(*words, "--at", "2025-12-31")
    assert (early.exit_code, size(coop)) == (1, 1)
    (entry,) = body(rankd(*words, "--at", "+2d"))["entries"]
    assert entry["time_ms"] == BEGIN_MS + 2 * DAY_MS
    for text in ("+2", "tomorrow", "2026-13-01", "+9999999d", "1969-01-01"):
        malformed = rankd(*words, "--at", text)
        assert (malformed.exit_code, reason(malformed)) == (1, "TIME_MALFORMED")


def test_another_log_key_does_not_open_the_minutes(coop: Cooperative) -> None:
    other = coop.key("other")
    assert rankd("keys", "new", "log", other, "--name", ORIGIN, "--no-passphrase").exit_code == 0
    result = rankd("minutes", "append", "--home", coop.home, "--log-key", other, "--json")
    assert result.exit_code == 1
    member = rankd("minutes", "append", "--home", coop.home, "--log-key", coop.key("member-1"), "--json")
    assert (member.exit_code, reason(member)) == (1, "KEY_KIND_DIFFERS")


def test_bodies_of_arguments_are_erased_and_their_leaves_stay(coop: Cooperative) -> None:
    base = body(coop.read("assembly", "status", "--json"))["surfaces"][0]["policy"]["canon_digest"]
    text = coop.home / "reply.yaml"
    text.write_text(policy(base, click=100, reply=200), encoding="utf-8")
    name = f"p{coop.enter('proposal', 'new', 'policy', text, by='member-1')}"
    first = coop.enter("proposal", "argue", name, "À effacer.", by="member-2")
    second = coop.enter("proposal", "argue", name, "Réponse.", "--against", "--reply-to", first, by="member-3")
    assert "À effacer." in coop.read("assembly", "show", name).stdout
    refused = coop.try_sign("minutes", "erase", first, "--json", by="member-1")
    assert (refused.exit_code, reason(refused)) == (1, "KEY_KIND_DIFFERS")
    coop.enter("minutes", "erase", first, "--reason", "À la demande de la personne.", by="secretary")
    shown = coop.read("assembly", "show", name)
    assert (shown.exit_code, "À effacer." in shown.stdout) == (0, False)
    assert f"  [{first}] (effacé)\n    [{second}] " in shown.stdout
    proposal = coop.try_sign("minutes", "erase", int(name[1:]), "--json", by="secretary")
    assert proposal.exit_code == 1


def test_a_home_of_somebody_else_is_not_opened(tmp_path: Path, coop: Cooperative) -> None:
    result = rankd("minutes", "append", "--home", tmp_path, "--json")
    assert reason(result) == "MINUTES_EMPTY"
    assert result.exit_code != 0
    # Nothing is made where there was nothing.
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert coop.append().exit_code == 0


def test_home_and_key_are_named_once_in_the_environment(coop: Cooperative, monkeypatch: pytest.MonkeyPatch) -> None:
    registration = register(coop, "dora")
    elsewhere = coop.home / "elsewhere"
    elsewhere.mkdir()
    for name in ("log.key", "log.key.mark"):
        (coop.home / "keys" / name).rename(elsewhere / name)
    monkeypatch.setenv("RANKD_HOME", str(coop.home))
    without = rankd("minutes", "append", registration, *coop.at, "--json")
    assert reason(without) == "KEY_FILE_ABSENT"
    monkeypatch.setenv("RANKD_LOG_KEY", str(elsewhere / "log.key"))
    result = rankd("minutes", "append", registration, *coop.at)
    assert (result.exit_code, size(coop)) == (0, 2)
