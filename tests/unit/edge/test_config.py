"""The configuration: defaults that work, one example that names every key, refusals that name the key."""

import re
import tomllib
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.core.ranking.admission import Bounds
from rankd.edge.config import Assembly, Config, is_loopback, read_config

EXAMPLE = Path(__file__).parents[3] / "examples" / "rankd.toml"

TLS = '[tls]\ncert = "server.pem"\nkey = "secret-place.key"\nclient_ca = "ca.pem"\n'


def refusal(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> ServiceError:
    path = tmp_path / "rankd.toml"
    path.write_text(text)
    with pytest.raises(ServiceError) as caught:
        read_config(path, environ or {})
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value


def read(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    path = tmp_path / "rankd.toml"
    path.write_text(text)
    return read_config(path, environ or {})


def test_an_empty_file_is_the_defaults_against_its_own_folder(tmp_path: Path) -> None:
    config = read(tmp_path, "")
    assert config.server.address == "127.0.0.1:50051"
    assert config.server.max_request_bytes == 8 * 1024 * 1024
    assert config.folders.data == tmp_path / "data"
    assert config.requests.bounds == Bounds(5_000, 500, 300_000)
    assert config.tls is None


def test_the_example_names_every_key_and_shows_the_defaults() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = tomllib.loads(text)
    everything = tomllib.loads(
        "\n".join(
            line.removeprefix("# ") if re.match(r'# (\[|"|[a-z_]+ = )', line) else line for line in text.splitlines()
        )
    )
    for name, section in Config().model_dump(exclude={"origin", "tls", "callers", "folders", "assembly"}).items():
        assert set(everything[name]) == set(section)
        assert {key: section[key] for key in shown[name]} == shown[name]
    assert set(everything["assembly"]) == set(Assembly.model_fields)
    assert everything["assembly"]["stale_after_s"] == Assembly.model_fields["stale_after_s"].default
    assert set(everything["folders"]) == {"policies", "models", "data"}
    assert set(everything["assembly"]) == set(Assembly.model_fields)
    assert set(everything["tls"]) == {"cert", "key", "client_ca"}
    assert set(everything["callers"]) == {"spiffe://coop.example/feed", "auditor.example"}
    assert read_config(EXAMPLE, {}).folders.models == EXAMPLE.parents[1] / "models"


@pytest.mark.parametrize(
    ("text", "key"),
    [("adress = 'x'", "adress"), ("[server]\nport = 1", "server.port"), ("[tls]\nca = 'x'\n", "tls.ca")],
)
def test_an_unknown_key_is_named(tmp_path: Path, text: str, key: str) -> None:
    error = refusal(tmp_path, text if key != "tls.ca" else TLS + 'ca = "x"\n')
    assert (error.reason, error.metadata["key"]) == ("CONFIG_KEY_UNKNOWN", key)


@pytest.mark.parametrize(
    ("text", "key", "wanted"),
    [
        ("[server]\nconcurrency = '4'", "server.concurrency", "a whole number"),
        ("[server]\nconcurrency = 4.0", "server.concurrency", "a whole number"),
        ("[server]\nconcurrency = true", "server.concurrency", "a whole number"),
        ("[server]\nconcurrency = 0", "server.concurrency", "at least 1"),
        ("[server]\nqueue = 10001", "server.queue", "at most 10000"),
        ("[server]\nside_public = 1", "server.side_public", "true or false"),
        ("[server]\naddress = ':50051'", "server.address", "of the form"),
        ("server = 3", "server", "a section"),
        ("[folders]\ndata = 3", "folders.data", "a path"),
        ("origin = 'Not An Origin'", "origin", "of the form"),
        ("[callers]\nx = ['root']", "callers.x.0", "one of"),
        ("[callers]\nx = []", "callers.x", "at least one role"),
        ("[callers]\nx = 'feed'", "callers.x", "a list of roles"),
        ("[journal]\nlog_key = 3", "journal.log_key", "a path"),
        ("[journal]\nerasers = 'ab'", "journal.erasers", "a list of public keys"),
        ("[journal]\nerasers = ['AB']", "journal.erasers.0", "of the form"),
        ("[retention]\ndecision_s = 0", "retention.decision_s", "at least 1"),
        ("[retention]\nepoch_s = 2678401", "retention.epoch_s", "at most 2678400"),
        ("[retention]\nsample_ppm = 1000001", "retention.sample_ppm", "at most 1000000"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(tmp_path: Path, text: str, key: str, wanted: str) -> None:
    error = refusal(tmp_path, text)
    assert (error.reason, error.metadata["key"]) == ("CONFIG_VALUE", key)
    assert wanted in error.say("en")


def test_a_sample_that_is_erased_before_all_the_rest_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[retention]\nsample_s = 2591999")
    assert (error.reason, error.metadata["decision_s"]) == ("RETENTION_ORDER", 2_592_000)
    assert read(tmp_path, "[retention]\nsample_s = 2592000").retention.sample_s == 2_592_000


def test_events_that_are_erased_while_they_are_still_taken_are_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[retention]\nevent_s = 691199")
    assert (error.reason, error.metadata["least_s"]) == ("RETENTION_EVENTS", 691_200)
    assert read(tmp_path, "[retention]\nevent_s = 691200").retention.event_s == 691_200
    assert refusal(tmp_path, "[feedback]\nwindow_s = 2678400\n[retention]\nevent_s = 2678400").reason == error.reason


def test_the_keys_of_the_journal_are_found_from_the_file(tmp_path: Path) -> None:
    public = "ab" * 32
    journal = read(tmp_path, f'[journal]\nlog_key = "k/log.key"\nerasers = ["{public}"]').journal
    assert (journal.log_key, journal.mark, journal.erasers) == (tmp_path / "k" / "log.key", None, (public,))
    assert journal.eraser_key is None


@pytest.mark.parametrize(("origin", "is_dev"), [("dev.localhost", True), ("rankd.coop", False), ("devil.coop", False)])
def test_only_an_origin_that_says_so_is_not_for_members(tmp_path: Path, origin: str, *, is_dev: bool) -> None:
    assert read(tmp_path, f'origin = "{origin}"').is_dev is is_dev


def test_half_a_tls_section_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, '[tls]\ncert = "a"\nkey = "b"\n')
    assert (error.reason, error.metadata["key"]) == ("CONFIG_KEY_MISSING", "tls.client_ca")


def test_a_file_that_is_no_toml_or_no_text_or_absent_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a = ").reason == "CONFIG_SYNTAX"
    path = tmp_path / "rankd.toml"
    path.write_bytes(b"\xff")
    for bad in (path, tmp_path / "absent.toml"):
        with pytest.raises(ServiceError) as caught:
            read_config(bad, {})
        assert caught.value.reason == "CONFIG_UNREADABLE"


@pytest.mark.parametrize("address", ["0.0.0.0:1", "192.168.1.5:50051", "[::]:1", "feed.example:1"])
def test_a_service_open_to_other_machines_needs_mutual_tls(tmp_path: Path, address: str) -> None:
    assert refusal(tmp_path, f'[server]\naddress = "{address}"').reason == "TLS_REQUIRED"
    text = f'[server]\naddress = "{address}"\n{TLS}[callers]\n"spiffe://x/feed" = ["feed"]\n'
    assert read(tmp_path, text).callers == {"spiffe://x/feed": frozenset({"feed"})}


def test_an_address_from_the_environment_is_no_way_around_it(tmp_path: Path) -> None:
    assert refusal(tmp_path, "", {"RANKD_ADDRESS": "0.0.0.0:1"}).reason == "TLS_REQUIRED"
    assert refusal(tmp_path, "", {"RANKD_SIDE_ADDRESS": "0.0.0.0:1"}).reason == "SIDE_ADDRESS_PUBLIC"


def test_tls_without_callers_and_callers_without_tls_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, TLS).reason == "CALLERS_REQUIRED"
    assert refusal(tmp_path, '[callers]\nx = ["feed"]\n').reason == "CALLERS_WITHOUT_TLS"


def test_the_side_address_is_opened_to_others_only_in_so_many_words(tmp_path: Path) -> None:
    text = '[server]\nside_address = "0.0.0.0:9464"\n'
    assert refusal(tmp_path, text).reason == "SIDE_ADDRESS_PUBLIC"
    assert read(tmp_path, text + "side_public = true\n").server.side_address == "0.0.0.0:9464"


def test_addresses_and_nothing_else_come_from_the_environment(tmp_path: Path) -> None:
    environ = {"RANKD_ADDRESS": "127.0.0.1:7", "RANKD_SIDE_ADDRESS": "", "RANKD_QUEUE": "1"}
    config = read(tmp_path, '[server]\naddress = "127.0.0.1:1"', environ)
    assert (config.server.address, config.server.side_address, config.server.queue) == ("127.0.0.1:7", "", 64)


def test_the_effective_configuration_shows_every_key_but_no_secret(tmp_path: Path) -> None:
    lines = list(read(tmp_path, TLS + '[callers]\n"a.test" = ["feed", "audit"]\n').lines())
    assert "tls.key = ***" in lines
    assert "callers.a.test = ['audit', 'feed']" in lines
    assert "server.drain_s = 10" in lines
    assert "secret-place" not in "\n".join(lines)


def test_relative_paths_count_from_the_file_and_links_stay_links(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "models").symlink_to("v1")
    (tmp_path / "etc").mkdir()
    path = tmp_path / "etc" / "rankd.toml"
    path.write_text('[folders]\nmodels = "../models"\ndata = "/srv/data"\n')
    config = read_config(path, {})
    assert config.folders.models == tmp_path / "models"
    assert config.folders.data == Path("/srv/data")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "localhost:1"])
def test_loopback_is_known(address: str) -> None:
    assert is_loopback(address)
