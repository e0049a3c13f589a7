"""The keys at a start: made only where nothing is for members, and refused by name everywhere else."""

from pathlib import Path

import pytest

from rankd.core.errors import KeyFileError
from rankd.edge.config import Assembly, Config, Folders, Journal
from rankd.edge.signing import Signing, check_signing, open_minutes_signing, open_signing
from rankd.store.key_file import KeyFile, KeyKind, create_key, read_key

ORIGIN = "rankd.coop.example"
WORDS = "cheval pile agrafe"


def config(tmp_path: Path, origin: str = ORIGIN, **journal: object) -> Config:
    return Config(origin=origin, folders=Folders(data=tmp_path / "data"), journal=Journal.model_validate(journal))


def key(tmp_path: Path, kind: KeyKind = "log", name: str = ORIGIN, passphrase: str | None = None) -> KeyFile:
    return create_key(tmp_path / f"{kind}.key", kind, name, passphrase, scrypt_n=1_024)


def refusal(settings: Config, environ: dict[str, str] | None = None) -> KeyFileError:
    with pytest.raises(KeyFileError) as caught:
        open_signing(settings, environ or {})
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value


def test_an_origin_that_is_not_for_members_makes_its_own_keys_once(tmp_path: Path) -> None:
    settings = config(tmp_path, "dev.localhost")
    first, second = open_signing(settings, {}), open_signing(settings, {})
    keys = tmp_path / "data" / "keys"
    assert first.log.verifier == second.log.verifier
    assert first.log.name == "dev.localhost"
    assert first.mark == keys / "log.key.mark"
    assert first.erasers == second.erasers == (read_key(keys / "eraser.key").public,)
    assert first.eraser is not None
    assert first.eraser.public_key().public_bytes_raw() == first.erasers[0]
    assert sorted(path.name for path in keys.iterdir()) == ["eraser.key", "log.key"]
    assert keys.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("origin", [ORIGIN, "devil.example", "a.dev.example", "dev"])
def test_an_origin_for_members_makes_none(tmp_path: Path, origin: str) -> None:
    error = refusal(config(tmp_path, origin))
    assert (error.reason, error.metadata["origin"]) == ("LOG_KEY_REQUIRED", origin)
    assert f"--name {origin}" in error.say("fr")
    assert not (tmp_path / "data").exists()


def test_an_origin_for_members_starts_with_its_log_key_alone(tmp_path: Path) -> None:
    made = key(tmp_path)
    found = open_signing(config(tmp_path, log_key=made.path), {})
    assert found.log.verifier.vkey == made.vkey
    assert (found.mark, found.eraser, found.erasers) == (tmp_path / "log.key.mark", None, ())
    assert not (tmp_path / "data").exists()


def test_a_dev_origin_uses_the_keys_that_are_named(tmp_path: Path) -> None:
    log, eraser = key(tmp_path, name="dev.localhost"), key(tmp_path, "eraser", "Zoé")
    settings = config(tmp_path, "dev.localhost", log_key=log.path, eraser_key=eraser.path, mark=tmp_path / "mark")
    found = open_signing(settings, {})
    assert (found.log.verifier.vkey, found.erasers, found.mark) == (log.vkey, (eraser.public,), tmp_path / "mark")
    assert not (tmp_path / "data").exists()


def test_those_who_may_erase_are_listed_once_and_in_order(tmp_path: Path) -> None:
    log, eraser = key(tmp_path), key(tmp_path, "eraser", "Zoé")
    other = create_key(tmp_path / "other.key", "eraser", "Ada", None).public
    texts = [eraser.public.hex(), other.hex(), other.hex()]
    found = open_signing(config(tmp_path, log_key=log.path, eraser_key=eraser.path, erasers=texts), {})
    assert found.erasers == tuple(sorted({eraser.public, other}))


def test_passphrases_come_from_the_environment(tmp_path: Path) -> None:
    log, eraser = key(tmp_path, passphrase=WORDS), key(tmp_path, "eraser", "Zoé", WORDS + "!")
    settings = config(tmp_path, log_key=log.path, eraser_key=eraser.path)
    environ = {"RANKD_LOG_PASSPHRASE": WORDS, "RANKD_ERASER_PASSPHRASE": WORDS + "!"}
    found = open_signing(settings, environ)
    assert (found.log.verifier.vkey, found.erasers) == (log.vkey, (eraser.public,))
    for missing in environ:
        error = refusal(settings, {name: value for name, value in environ.items() if name != missing})
        assert error.reason == "KEY_PASSPHRASE_MISSING"
        assert missing in error.say("fr")
        error = refusal(settings, environ | {missing: "no"})
        assert error.reason == "KEY_PASSPHRASE_WRONG"
        assert WORDS not in str(error)


def test_a_passphrase_that_is_not_needed_does_no_harm(tmp_path: Path) -> None:
    open_signing(config(tmp_path, "dev.localhost"), {"RANKD_LOG_PASSPHRASE": "x", "RANKD_ERASER_PASSPHRASE": ""})


def test_a_key_of_another_kind_or_another_name_is_refused(tmp_path: Path) -> None:
    log, eraser = key(tmp_path, name="other.example"), key(tmp_path, "eraser", ORIGIN)
    error = refusal(config(tmp_path, log_key=eraser.path))
    assert (error.reason, error.metadata["found"], error.metadata["wanted"]) == ("KEY_KIND_DIFFERS", "eraser", "log")
    error = refusal(config(tmp_path, log_key=log.path))
    assert (error.reason, error.metadata["found"]) == ("KEY_NAME_DIFFERS", "other.example")
    error = refusal(config(tmp_path, "other.example", log_key=log.path, eraser_key=log.path))
    assert (error.reason, error.metadata["wanted"]) == ("KEY_KIND_DIFFERS", "eraser")


def test_a_data_directory_keeps_its_origin(tmp_path: Path) -> None:
    open_signing(config(tmp_path, "dev.one"), {})
    assert refusal(config(tmp_path, "dev.two")).reason == "KEY_NAME_DIFFERS"


def test_a_key_that_is_named_and_not_there_is_not_made(tmp_path: Path) -> None:
    assert refusal(config(tmp_path, "dev.localhost", log_key=tmp_path / "absent")).reason == "KEY_FILE_ABSENT"
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_a_key_that_lies_open_to_others_stops_a_start(tmp_path: Path, mode: int) -> None:
    made = key(tmp_path)
    made.path.chmod(mode)
    assert refusal(config(tmp_path, log_key=made.path)).reason == "KEY_FILE_PERMISSIONS"


def test_a_key_or_mark_among_the_data_is_refused_where_members_rely_on_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    inside = create_key(tmp_path / "data" / "log.key", "log", ORIGIN, None)
    error = refusal(config(tmp_path, log_key=inside.path))
    assert (error.reason, error.metadata["key"]) == ("LOG_KEY_IN_DATA", "journal.log_key")
    outside = key(tmp_path)
    (tmp_path / "link").symlink_to("data")
    error = refusal(config(tmp_path, log_key=outside.path, mark=tmp_path / "link" / "mark"))
    assert (error.reason, error.metadata["key"]) == ("LOG_KEY_IN_DATA", "journal.mark")


@pytest.mark.parametrize("text", ["00" * 32, "01" + "00" * 31, "ff" * 32])
def test_a_weak_key_may_not_erase(tmp_path: Path, text: str) -> None:
    error = refusal(config(tmp_path, log_key=key(tmp_path).path, erasers=[text]))
    assert (error.reason, error.metadata["found"]) == ("ERASER_INVALID", text)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    assert refusal(config(tmp_path, "dev.localhost")).reason == "KEY_FILE_UNWRITABLE"


def test_nothing_private_is_printed(tmp_path: Path) -> None:
    found = open_signing(config(tmp_path, "dev.localhost"), {})
    assert isinstance(found, Signing)
    assert "PrivateKey" not in repr(found)


def test_a_check_asks_for_no_passphrase_and_makes_no_key(tmp_path: Path) -> None:
    log, eraser = key(tmp_path, passphrase=WORDS), key(tmp_path, "eraser", "Zoé", WORDS)
    check_signing(config(tmp_path, log_key=log.path, eraser_key=eraser.path, erasers=[eraser.public.hex()]))
    check_signing(config(tmp_path, "dev.localhost"))
    assert not (tmp_path / "data").exists()


def test_a_check_refuses_the_keys_that_a_start_would(tmp_path: Path) -> None:
    log, eraser = key(tmp_path, passphrase=WORDS), key(tmp_path, "eraser", ORIGIN, WORDS)
    for settings in (
        config(tmp_path),
        config(tmp_path, log_key=tmp_path / "absent"),
        config(tmp_path, log_key=eraser.path),
        config(tmp_path, "other.example", log_key=log.path),
        config(tmp_path, log_key=log.path, mark=tmp_path / "data" / "mark"),
        config(tmp_path, "dev.localhost", eraser_key=log.path),
        config(tmp_path, log_key=log.path, erasers=["00" * 32]),
    ):
        with pytest.raises(KeyFileError) as caught:
            check_signing(settings)
        environ = {"RANKD_LOG_PASSPHRASE": WORDS, "RANKD_ERASER_PASSPHRASE": WORDS}
        assert caught.value.reason == refusal(settings, environ).reason


MINUTES = "coop.example/minutes"


def minutes(tmp_path: Path, origin: str = MINUTES, **assembly: object) -> Config:
    """Return a configuration of a service that keeps the minutes in `home`."""
    section = {"origin": origin, "genesis": f"sha256:{'0' * 64}", "keeps": str(tmp_path / "home")} | assembly
    return Config(
        origin="dev.localhost",
        folders=Folders(data=tmp_path / "data"),
        assembly=Assembly.model_validate(section, context=tmp_path),
    )


def minutes_refusal(settings: Config) -> tuple[str, object]:
    with pytest.raises(KeyFileError) as opened:
        open_minutes_signing(settings, {})
    with pytest.raises(KeyFileError) as checked:
        check_signing(settings)
    assert checked.value.reason == opened.value.reason
    return opened.value.reason, opened.value.metadata.get("key")


def test_a_service_that_keeps_no_minutes_has_no_key_for_them(tmp_path: Path) -> None:
    assert open_minutes_signing(config(tmp_path), {}) is None
    assert open_minutes_signing(minutes(tmp_path, keeps=None), {}) is None


def test_minutes_for_members_are_signed_with_a_key_that_lies_elsewhere(tmp_path: Path) -> None:
    made = key(tmp_path, name=MINUTES, passphrase=WORDS)
    settings = minutes(tmp_path, log_key=str(made.path))
    found = open_minutes_signing(settings, {"RANKD_MINUTES_PASSPHRASE": WORDS, "RANKD_LOG_PASSPHRASE": "other"})
    assert found is not None
    assert (found.home, found.mark) == (tmp_path / "home", tmp_path / "log.key.mark")
    assert found.log.verifier.vkey == made.vkey
    with pytest.raises(KeyFileError) as caught:
        open_minutes_signing(settings, {"RANKD_LOG_PASSPHRASE": WORDS})
    assert caught.value.reason == "KEY_PASSPHRASE_MISSING"
    assert "RANKD_MINUTES_PASSPHRASE" in caught.value.say("fr")
    assert not (tmp_path / "home").exists()


def test_minutes_for_members_need_a_key_outside_their_home(tmp_path: Path) -> None:
    (tmp_path / "home" / "keys").mkdir(parents=True)
    inside = key(tmp_path / "home" / "keys", name=MINUTES)
    assert minutes_refusal(minutes(tmp_path)) == ("LOG_KEY_REQUIRED", "assembly.log_key")
    assert minutes_refusal(minutes(tmp_path, log_key=str(inside.path))) == ("LOG_KEY_IN_DATA", "assembly.log_key")
    outside = key(tmp_path, name=MINUTES)
    mark = tmp_path / "home" / "mark"
    settings = minutes(tmp_path, log_key=str(outside.path), log_mark=str(mark))
    assert minutes_refusal(settings) == ("LOG_KEY_IN_DATA", "assembly.log_mark")


def test_minutes_of_a_development_co_op_have_their_key_with_them(tmp_path: Path) -> None:
    (tmp_path / "home" / "keys").mkdir(parents=True)
    made = key(tmp_path / "home" / "keys", name="dev.coop/minutes")
    found = open_minutes_signing(minutes(tmp_path, "dev.coop/minutes"), {})
    assert found is not None
    assert found.log.verifier.vkey == made.vkey
    assert found.mark == tmp_path / "home" / "keys" / "log.key.mark"


def test_a_key_of_other_minutes_is_refused_and_none_is_made(tmp_path: Path) -> None:
    other = key(tmp_path, name="dev.other/minutes")
    settings = minutes(tmp_path, "dev.coop/minutes", log_key=str(other.path))
    assert minutes_refusal(settings)[0] == "KEY_NAME_DIFFERS"
    assert minutes_refusal(minutes(tmp_path, "dev.coop/minutes"))[0] == "KEY_FILE_ABSENT"
    assert not (tmp_path / "home").exists()


def test_minutes_and_decisions_never_share_a_name(tmp_path: Path) -> None:
    assert minutes_refusal(minutes(tmp_path, "dev.localhost"))[0] == "LOG_ORIGIN_TWICE"
