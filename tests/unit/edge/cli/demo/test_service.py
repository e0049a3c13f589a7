import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rankd.edge.cli.demo import service as demo_service
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.service import data_dir, ends_cleanly, running_service, write_config
from rankd.edge.config import read_config


def script(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the service's process run a Python script."""
    monkeypatch.setattr(demo_service, "rankd_command", lambda *_: [sys.executable, "-c", text])


def watch(monkeypatch: pytest.MonkeyPatch) -> "list[subprocess.Popen[bytes]]":
    """Return a list that holds every process which is started from now on."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


ASSEMBLY = f'[assembly]\norigin = "dev.demo"\ngenesis = "sha256:{"0" * 64}"\nkeeps = "coop"\n'


def test_the_demos_configuration_takes_policies_models_and_origin_and_nothing_else(tmp_path: Path) -> None:
    home = tmp_path / 'a "coop" é'
    home.mkdir()
    base_file = home / "rankd.toml"
    base_file.write_text(
        'origin = "dev.coop"\n[server]\naddress = "127.0.0.1:50051"\n[folders]\npolicies = "p"\nmodels = "m"\n'
        'data = "var"\n',
        encoding="utf-8",
    )
    (tmp_path / "demo").mkdir()

    config = read_config(write_config(read_config(base_file, {}), tmp_path / "demo", ASSEMBLY), {})

    assert config.origin == "dev.coop"
    assert (config.folders.policies, config.folders.models) == (home / "p", home / "m")
    assert config.folders.data == data_dir(tmp_path / "demo")
    assert (config.server.address, config.server.side_address) == ("127.0.0.1:0", "")
    assert config.assembly is not None
    assert (config.assembly.origin, config.assembly.keeps) == ("dev.demo", tmp_path / "demo" / "coop")


def test_a_configuration_for_members_lends_its_folders_and_not_its_name(tmp_path: Path) -> None:
    base = read_config(None, {}).model_copy(update={"origin": "fil.coop.example"})

    assert read_config(write_config(base, tmp_path, ASSEMBLY), {}).origin == demo_service.ORIGIN


def test_a_service_that_ends_at_once_is_told_in_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "import sys; sys.exit('nothing to serve here')")

    with pytest.raises(DemoError) as caught, running_service(tmp_path / "c", tmp_path, "en"):
        pass
    assert caught.value.name == "start_failed"
    assert "nothing to serve here" in caught.value.say("en")


def test_a_service_that_says_nothing_is_given_up_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(demo_service, "READY_S", 0.3)
    started = watch(monkeypatch)

    with pytest.raises(DemoError) as caught, running_service(tmp_path / "c", tmp_path, "fr"):
        pass
    assert caught.value.name == "start_silent"
    assert [process.returncode for process in started] == [-signal.SIGTERM]


def test_a_service_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")
    monkeypatch.setattr(demo_service, "READY_S", 1.0)
    monkeypatch.setattr(demo_service, "STOP_S", 0.3)
    started = watch(monkeypatch)

    with pytest.raises(DemoError), running_service(tmp_path / "c", tmp_path, "fr"):
        pass
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_sigterm_unwinds_as_ctrl_c_does_and_is_given_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt), ends_cleanly():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
