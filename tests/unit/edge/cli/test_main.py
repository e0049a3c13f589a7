"""The root of the command line: what each command needs, and nothing more."""

import subprocess
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

from rankd.edge.cli import main as root
from rankd.edge.cli.main import COMMANDS, build

BLOCKED = """\
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Block())
from rankd.edge.cli.main import main
main({arguments})
"""
# Not pydantic: newer versions of typer stand on it themselves.
EXTRAS = {
    "google",
    "grpc",
    "grpc_health",
    "grpc_reflection",
    "grpc_status",
    "lightgbm",
    "prometheus_client",
    "pyarrow",
    "sklearn",
}


def run_without(names: set[str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run rankd where some packages are not installed."""
    code = BLOCKED.format(names=names, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(build(name), [name, "--help"])
    assert result.exit_code == 0
    assert "--help" in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_module_of_its_name(name: str) -> None:
    assert name in COMMANDS[name].module.split(".")


def test_a_module_of_options_is_no_command() -> None:
    for module in ("options", "policy_options", "impact_answer"):
        assert not hasattr(import_module(f"rankd.edge.cli.{module}"), "app")


def test_the_root_lists_every_command_in_words() -> None:
    result = CliRunner().invoke(build(""), ["--help"])
    for name in COMMANDS:
        assert f" {name} " in result.stdout


def test_the_version_is_said() -> None:
    result = CliRunner().invoke(build(""), ["--version"])
    assert (result.exit_code, result.stdout.split()[0]) == (0, "rankd")


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(build("nope"), ["nope"]).exit_code == 2


@pytest.mark.parametrize(
    "arguments", [("policy", "digest", "policies/video.yaml"), ("replay", "--help"), ("keys", "new", "--help")]
)
def test_an_auditor_needs_no_extra(arguments: tuple[str, ...]) -> None:
    result = run_without(EXTRAS, *arguments)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(("name", "extra"), [("serve", "serve"), ("rank", "client"), ("explain", "client")])
def test_a_missing_extra_is_named(name: str, extra: str) -> None:
    result = run_without(EXTRAS, name)
    assert result.returncode == 1
    assert f"pip install 'rankd[{extra}]'" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_defect_of_our_own_is_not_taken_for_a_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise ModuleNotFoundError("No module named 'rankd.gone'", name="rankd.gone")

    monkeypatch.setattr(root, "build", broken)
    with pytest.raises(ModuleNotFoundError):
        root.main(["serve"])
