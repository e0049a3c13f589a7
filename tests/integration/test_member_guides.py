"""The guides for members and for the secretary, done as they stand: every command runs, and answers what they say."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from google.protobuf import json_format
from typer.main import get_command

from rankd.core.assembly.identity import member_id
from rankd.core.ranking.admission import Bounds
from rankd.core.words.language import Language
from rankd.edge.cli.main import build, main
from rankd.edge.grpc.convert import read_rank_request
from rankd.store.key_file import read_key
from rankd.v1 import ranking_service_pb2 as wire
from tests.conftest import HOUSE_TIME_MS, LOG_SIGNER, House
from tests.evidence import bundled
from tests.guides import Step, block_steps, pattern

ROOT = Path(__file__).parents[2]
GUIDES: Mapping[str, Language] = {"member": "en", "membre": "fr", "secretary": "en", "secretariat": "fr"}

_NOT_DONE_HERE = ("pip ",) if shutil.which("git") else ("pip ", "git ")
_REFUSED = {
    "member": ("sha256:0000", "policy diff", "hide=100,report=0 --out"),
    "membre": ("sha256:0000", "policy diff", "hide=100,report=0 --out"),
    "secretary": ("check constitution", "verify altered", "--home old"),
    "secretariat": ("check constitution", "verify alteree", "--home ancien"),
}
"""What stands in commands that end with 1, in each guide."""

_MEMBER = re.compile(r"\bm[0-9a-f]{16}\b")
_BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DECISION_COUNT = 25


def text_of(guide: str) -> str:
    return (ROOT / "docs" / "guide" / f"{guide}.md").read_text(encoding="utf-8")


def write_past(folder: Path) -> None:
    """Leave decisions of the past, ranked by the project's policy and model: `past.tar` and `log.vkey`."""
    (folder / "house").mkdir()
    house = House(folder / "house")
    for path, name in ((house.policies, "policies"), (house.models, "models")):
        shutil.rmtree(path)
        shutil.copytree(ROOT / name, path)
    shutil.rmtree(house.policies / "examples")
    for path in house.policies.glob("constitution.*"):
        path.unlink()
    request = json.loads((ROOT / "examples/request.json").read_text(encoding="utf-8"))
    with house.desk() as desk:
        for number in range(_DECISION_COUNT):
            drawn = request | {"viewer_id": f"v{number}", "request_id": f"r{number}"}
            message = json_format.ParseDict(drawn, wire.RankRequest())
            message.ClearField("request_time")
            desk.ranker.rank(read_rank_request(message, "feed", Bounds(), lambda: HOUSE_TIME_MS))
    bundled(house.data, folder / "past.tar")
    (folder / "log.vkey").write_text(f"{LOG_SIGNER.verifier.vkey}\n")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("past")
    write_past(folder)
    return folder


def edit(path: Path, block: str) -> None:
    """Put the parts of a YAML block in place of those of the same names in a file, as somebody with an editor would."""
    text = path.read_text(encoding="utf-8")
    for part in re.split(r"^(?=\w)", block, flags=re.MULTILINE)[1:]:
        name = part.partition(":")[0]
        text, count = re.subn(rf"^{name}:.*\n(?:(?: .*)?\n(?=[ \n])|(?: .*)\n)*", lambda _: part, text, flags=re.M)  # noqa: B023
        assert count == 1, (path, name)
    path.write_text(text, encoding="utf-8")


def play(guide: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Step]:
    """Do everything that a guide says, in the present folder; yield each command that was done."""
    for kind, block in _BLOCK.findall(text_of(guide)):
        if kind == "yaml":
            name, _, rest = block.removeprefix("# ").partition("\n")
            edit(Path(name), rest)
            continue
        for step in block_steps(block):
            if not step.command.startswith(_NOT_DONE_HERE):
                do(step, guide, monkeypatch, capsys)
                yield step


def do(step: Step, guide: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    name, *arguments = shlex.split(_MEMBER.sub(lambda _: new_member(), step.command), comments=True)
    if name == "export":
        for assignment in arguments:
            variable, _, value = assignment.partition("=")
            monkeypatch.setenv(variable, value)
        return
    code = int(any(word in step.command for word in _REFUSED[guide]))
    if name == "rankd":
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        captured = capsys.readouterr()
        said, ended = (captured.out + captured.err).replace("\u00a0", " "), caught.value.code
    else:
        done = subprocess.run(["sh", "-c", step.command], capture_output=True, text=True, timeout=60)
        said, ended = done.stdout + done.stderr, done.returncode
    wanted = [_MEMBER.sub("…", line.replace("\u00a0", " ")) for line in step.answer]
    assert re.fullmatch(pattern(wanted), said), (step, said)
    assert ended == code, (step, ended, said)


def new_member() -> str:
    """Return the name of the member whom a guide's secretary admits: keys are others each time."""
    return member_id(read_key(Path("keys/dora.key")).public)


@pytest.mark.parametrize("guide", GUIDES)
def test_the_commands_of_the_guide_run_and_answer_what_it_says(
    guide: str, past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("policies", "models", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("past.tar", "log.vkey"):
        (tmp_path / name).symlink_to(past / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RANKD_LANG", "fr")
    done = [step.command for step in play(guide, monkeypatch, capsys)]
    assert sum(command.startswith("rankd ") for command in done) >= 30


@pytest.mark.parametrize("guide", GUIDES)
def test_what_the_guide_names_in_passing_exists(guide: str) -> None:
    named = [words for words in re.findall(r"`(rankd [^`\n]+)`", text_of(guide)) if "…" not in words]
    for words in named:
        _, *parts = words.split()
        command = get_command(build(parts[0]))
        while parts and not parts[0].startswith("-") and parts[0] in getattr(command, "commands", {}):
            command = getattr(command, "commands", {})[parts.pop(0)]
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        asked = {part for part in parts if part.startswith("--")}
        assert asked <= options, words
        assert not getattr(command, "commands", {}) or not parts or parts[0].isupper(), words
