"""An entry goes to a service, and what it answers is kept beside the key."""

from pathlib import Path

import pytest

from rankd.core.log.note import NoteSigner
from rankd.edge.cli.govern import signing_desk, submitting
from rankd.store.key_file import read_key
from rankd.usecases.govern.keeper import Keeper, Submitted
from rankd.usecases.govern.kept import read_kept
from tests.cooperative import Cooperative, body, found, rankd, reason


@pytest.fixture
def coop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cooperative:
    """Return a co-op whose minutes a service keeps: this process, instead of another."""
    coop = found(tmp_path / "home")
    coop.day = 1

    def submit(address: str, tls: object, data: bytes, time_ms: int | None, *_: object, **__: object) -> Submitted:
        assert (address, tls) == ("localhost:1", (None, None, None))
        log = read_key(coop.key("log"))
        signer, mark = NoteSigner(log.name, log.unlock(None)), log.path.with_name("log.key.mark")
        keeper = Keeper.open(coop.home, signer, mark, lambda: time_ms or 0, watch=False)
        done = keeper.submit(data, time_ms=time_ms)
        keeper.close()
        return done

    monkeypatch.setattr(submitting, "submit", submit)
    return coop


def test_the_receipt_is_kept_beside_the_key_and_says_where_the_entry_is(coop: Cooperative) -> None:
    coop.new_key("dora")
    record = ("--record", coop.home / "record", "--genesis", coop.home / "genesis", *coop.at)
    result = rankd("member", "register", *record, "--key", coop.key("dora"), "--server", "localhost:1")
    assert result.exit_code == 0, result.output
    kept = coop.home / "keys" / "dora-1.kept.json"
    assert f"entrée 1, 2\u00a0janvier\u00a02026, 00\u00a0h\u00a000. Reçu gardé\u00a0: {kept}" in result.stdout
    assert read_kept(kept.read_bytes(), kept).index == 1
    checked = rankd("ballot", "check", kept, *record, "--json")
    assert (checked.exit_code, body(checked)["verdict"]) == (0, "entered")


def test_the_receipt_goes_where_it_is_told(coop: Cooperative) -> None:
    coop.new_key("dora")
    record = ("--record", coop.home / "record", "--genesis", coop.home / "genesis", *coop.at)
    words = ("member", "register", *record, "--key", coop.key("dora"), "--server", "localhost:1", "--json")
    answer = body(rankd(*words, "--receipt", coop.home / "mine.json"))
    assert answer == {"ok": True, "kind": "registration", "index": 1, "receipt": str(coop.home / "mine.json")}
    assert (coop.home / "mine.json").exists()


def test_an_entry_goes_to_one_place(coop: Cooperative) -> None:
    result = coop.try_sign("member", "register", "--server", "localhost:1", "--json", by="member-1")
    assert (result.exit_code, reason(result)) == (1, "DELIVERY_TWICE")


def test_without_grpc_it_is_said_what_to_install(coop: Cooperative, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> None:
        raise ModuleNotFoundError("No module named 'grpc'", name="grpc")

    monkeypatch.setattr(signing_desk, "import_module", absent)
    coop.new_key("dora")
    record = ("--record", coop.home / "record", "--genesis", coop.home / "genesis", *coop.at)
    words = ("member", "register", *record, "--key", coop.key("dora"), "--server", "localhost:1", "--json")
    result = rankd(*words)
    assert (result.exit_code, reason(result)) == (1, "EXTRA_MISSING")
    assert "rankd[client]" in body(result)["message"]


def test_the_passphrase_may_come_from_a_file(coop: Cooperative, tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text("cheval pile agrafe\n")
    key = coop.key("dora")
    assert rankd("keys", "new", "member", key, "--name", "dora", "--passphrase-file", words).exit_code == 0
    silent = coop.try_sign("member", "register", "--json", by="dora")
    assert (silent.exit_code, reason(silent)) == (1, "KEY_PASSPHRASE_UNASKED")
    assert coop.try_sign("member", "register", "--passphrase-file", words, by="dora").exit_code == 0


def test_an_output_that_cannot_be_written_is_said(coop: Cooperative) -> None:
    coop.new_key("dora")
    result = coop.try_sign("member", "register", "--json", by="dora", out=coop.home / "no" / "out.json")
    assert (result.exit_code, reason(result)) == (1, "OUTPUT_UNWRITABLE")
