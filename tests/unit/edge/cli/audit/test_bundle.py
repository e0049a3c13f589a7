import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from rankd.core.exact.canonical import sha256
from rankd.core.log.note import COSIGNATURE, NoteSigner, add_signature, parse_note
from rankd.core.words.bundle import SAYINGS
from rankd.core.words.language import LANGUAGES, Language
from rankd.edge.cli.audit.bundle import app
from rankd.edge.cli.audit.verify import app as verify_app
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions
from tests.conftest import LOG_SIGNER, House
from tests.evidence import Written, members, replayed_bundle

WITNESS = NoteSigner("witness.test", Ed25519PrivateKey.from_private_bytes(sha256(b"a witness")), COSIGNATURE)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Record four decisions."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(4))
    return house


def run(data: Path, out: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [str(data), "--out", str(out), *arguments])


def test_a_bundle_is_written_while_a_service_holds_the_journal(house: House, tmp_path: Path) -> None:
    with house.desk() as desk:
        desk.journal.publish()
        result = run(house.data, tmp_path / "b.tar", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["ok"], found["origin"], found["first"], found["body_count"]) == (True, "dev.test", 0, 4)
    assert found["end"] == found["size"]
    assert replayed_bundle(tmp_path / "b.tar").good


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_told_what_is_in_it_and_that_it_is_not_for_everybody(
    house: House, tmp_path: Path, language: Language
) -> None:
    result = run(house.data, tmp_path / "b.tar", "--from", "1", "--to", "3", "--lang", language)
    assert result.exit_code == 0
    assert str(tmp_path / "b.tar") in result.stdout
    assert result.stderr.strip() == SAYINGS["private"].say(language)
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600


def test_an_earlier_size_brings_its_tiles(house: House, tmp_path: Path) -> None:
    assert run(house.data, tmp_path / "b.tar", "--from", "2", "--since", "3").exit_code == 0
    assert "bundle.json" in members(tmp_path / "b.tar")


def test_a_range_that_is_not_there_is_refused_and_nothing_written(house: House, tmp_path: Path) -> None:
    result = run(house.data, tmp_path / "b.tar", "--to", "99", "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "BUNDLE_RANGE")
    assert list(tmp_path.iterdir()) == []
    assert run(house.data, tmp_path / "b.tar", "--from", "-1").exit_code == 2
    assert run(tmp_path / "nowhere", tmp_path / "b.tar").exit_code == 2


def test_what_an_auditor_will_miss_is_told(house: House, tmp_path: Path) -> None:
    shutil.copytree(house.data, tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "archive" / "policies")
    result = run(tmp_path / "data", tmp_path / "b.tar", "--lang", "en")
    assert result.exit_code == 1
    assert "missing from the archive" in result.stderr
    result = run(tmp_path / "data", tmp_path / "b.tar", "--json")
    assert [entry["reason"] for entry in json.loads(result.stdout)["lacks"]] == ["ARCHIVE_MISSING"]


def test_a_bundle_of_the_witnessed_checkpoint_is_refused_where_there_is_none(house: House, tmp_path: Path) -> None:
    for language, words in (("fr", "Sans --witnessed"), ("en", "Without --witnessed")):
        result = run(house.data, tmp_path / "b.tar", "--witnessed", "--lang", language)
        assert (result.exit_code, words in result.stderr) == (1, True)
    found = json.loads(run(house.data, tmp_path / "b.tar", "--witnessed", "--json").stdout)
    assert found["reason"] == "BUNDLE_UNWITNESSED"
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_of_the_witnessed_checkpoint_satisfies_who_asks_for_witnesses(house: House, tmp_path: Path) -> None:
    shutil.copytree(house.data, tmp_path / "data")
    public = tmp_path / "data" / "decisions" / "public"
    note = (public / "checkpoint").read_bytes()
    (public / "witnessed").write_bytes(add_signature(note, WITNESS.sign(parse_note(note).text, 50)))
    out, asked = tmp_path / "b.tar", ["--key", LOG_SIGNER.verifier.vkey, "--witness", WITNESS.verifier.vkey]
    assert run(tmp_path / "data", out).exit_code == 0
    assert CliRunner().invoke(verify_app, [str(out), *asked]).exit_code == 1
    result = run(tmp_path / "data", out, "--witnessed", "--json")
    assert (result.exit_code, json.loads(result.stdout)["later_count"]) == (0, 0)
    assert CliRunner().invoke(verify_app, [str(out), *asked]).exit_code == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_told_what_came_after_the_witnessed_checkpoint(
    tmp_path: Path, house: House, language: Language
) -> None:
    _, decision = next(recorded_decisions(JournalEvidence(house.data, DECISIONS)))
    written = Written(tmp_path / "data", decision, archive=house.data / "archive")
    written.epoch()
    written.cosign(WITNESS)
    written.decide()
    result = run(written.close(), tmp_path / "b.tar", "--witnessed", "--lang", language)
    assert result.exit_code == 0
    assert SAYINGS["later"].say(language, count="1", s="") in result.stdout
