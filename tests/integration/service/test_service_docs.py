"""What the guides say is so: their examples run, their tables are complete."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.edge.cli.main import COMMANDS
from rankd.edge.config import Config, Folders, Server
from tests.integration.service.conftest import Running, running

ROOT = Path(__file__).parents[3]
GUIDES = ROOT / "docs" / "guide"


def block(guide: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (GUIDES / guide).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return a server over the policies and models of this checkout."""
    config = Config(
        server=Server(address="127.0.0.1:0", side_address=""),
        folders=Folders(policies=ROOT / "policies", models=ROOT / "models", data=tmp_path_factory.mktemp("data")),
    )
    with running(config) as found:
        yield found


def test_the_backends_python_example_runs(server: Running, capsys: pytest.CaptureFixture[str]) -> None:
    code = block("backend.md", "python").replace("127.0.0.1:50051", server.address).replace("0.5", "10")
    exec(compile(code, "backend.md", "exec"), {})  # noqa: S102 (our own guide)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert {line.split()[1] for line in lines} == {"post-1", "post-2"}


def test_the_example_request_is_ranked_with_the_models_columns(server: Running) -> None:
    with server.client() as client:
        slate = client.rank_json((ROOT / "examples" / "request.json").read_text(encoding="utf-8"))
    assert len(slate.places) == 6
    # What it leaves out rankd keeps, so nothing stands by default.
    assert slate.degraded == ()
    assert [entry.rule_id for entry in slate.dropped] == ["drop_muted/1"]


def test_the_operators_guide_names_every_metric(server: Running) -> None:
    text = server.service.metrics.text().decode()
    exposed = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    exposed = {name for name in exposed if not name.endswith("_created")}
    named = set(re.findall(r"`(rankd_\w+)", (GUIDES / "operator.md").read_text(encoding="utf-8")))
    assert named == exposed


def test_the_operators_example_of_tls_is_a_configuration() -> None:
    document = tomllib.loads(block("operator.md", "toml"))
    assert set(Config.model_validate(document, context=Path()).callers) == {
        "spiffe://coop.example/feed",
        "auditor.example",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_a_guide_or_the_readme(command: str) -> None:
    pages = [*GUIDES.glob("*.md"), ROOT / "README.md", *(ROOT / "docs" / "spec").glob("*.md")]
    assert any(re.search(rf"rankd {command}\b", page.read_text(encoding="utf-8")) for page in pages)
