"""A development co-op run from the command line, in process: its home, its keys, and the time that it is."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from rankd.edge.cli.main import build

ROOT = Path(__file__).resolve().parents[1]
ORIGIN = "dev.coop"
VIDEO = ROOT / "policies/video.yaml"
MODEL = ROOT / "models/video"
BEGIN = "2026-01-01T00:00Z"
DAY_MS = 86_400_000
BEGIN_MS = 1_767_225_600_000


def rankd(*words: object, input: str | None = None) -> Result:  # noqa: A002 (typer's own name)
    """Run a command."""
    given = [str(word) for word in words]
    return CliRunner().invoke(build(given[0]), given, input=input, catch_exceptions=False)


def body(result: Result) -> dict[str, Any]:
    """Return the JSON that a command answered."""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def reason(result: Result) -> str:
    """Return the reason of a refusal that was answered in JSON."""
    return str(body(result)["reason"])


@dataclass
class Cooperative:
    """A founded co-op.

    Attributes:
        home: The secretary's home.
        day: How many days after the founding it is.
    """

    home: Path
    day: float = 0

    @property
    def genesis(self) -> str:
        """The genesis digest."""
        return (self.home / "genesis").read_text().strip()

    @property
    def at(self) -> tuple[str, str]:
        """The option that says what time it is."""
        moment = datetime.fromtimestamp((BEGIN_MS + round(self.day * DAY_MS)) / 1_000, UTC)
        return "--at", moment.isoformat()

    def key(self, name: str) -> Path:
        """Return a key file of the home: member-1 to member-3, secretary, log, or one made by `new_key`."""
        return self.home / "keys" / f"{name}.key"

    def new_key(self, name: str, kind: str = "member") -> Path:
        """Make a key."""
        path = self.key(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        made = rankd("keys", "new", kind, path, "--name", name, "--no-passphrase")
        assert made.exit_code == 0, made.output
        return path

    def read(self, *words: object) -> Result:
        """Run a command that reads the record, at the present."""
        return rankd(*words, *self._record(), *self.at)

    def sign(self, *words: object, by: str, file: Path | None = None) -> Path:
        """Run a command that signs, and return the entry's file.

        Raises:
            AssertionError: It was refused.
        """
        out = self.new_file() if file is None else file
        result = self.try_sign(*words, by=by, out=out)
        assert result.exit_code == 0, result.output
        return out

    def try_sign(self, *words: object, by: str, out: Path | None = None) -> Result:
        """Run a command that signs."""
        file = self.new_file() if out is None else out
        return rankd(*words, *self._record(), *self.at, "--key", self.key(by), "--out", file)

    def append(self, *files: Path) -> Result:
        """Have the secretary enter what was signed, at the present."""
        return rankd("minutes", "append", *files, "--home", self.home, *self.at)

    def enter(self, *words: object, by: str) -> int:
        """Sign and enter; return the entry's index.

        Raises:
            AssertionError: One of them was refused.
        """
        file = self.sign(*words, by=by)
        result = rankd("minutes", "append", file, "--home", self.home, *self.at, "--json")
        assert result.exit_code == 0, result.output
        return int(body(result)["entries"][0]["index"])

    def pass_days(self, days: float) -> None:
        """Let days pass, and bring the record up to date."""
        self.day += days
        result = self.append()
        assert result.exit_code == 0, result.output

    def state(self, proposal: str) -> str:
        """Return where a proposal is."""
        return str(body(self.read("assembly", "show", proposal, "--json"))["state"])

    def to_vote(self, *words: object) -> str:
        """Propose as member 1, sponsor as members 2 and 3, settle the text, wait for the vote; return the name."""
        name = f"p{self.enter('proposal', 'new', *words, by='member-1')}"
        for sponsor in ("member-2", "member-3"):
            self.enter("proposal", "sponsor", name, by=sponsor)
        self.day += 30
        self.enter("proposal", "freeze", name, by="member-1")
        self.pass_days(5)
        return name

    def new_file(self) -> Path:
        """Return the path of a file that is not there yet."""
        numbers = (self.home / f"entry-{number}.json" for number in count(1))
        return next(path for path in numbers if not path.exists())

    def _record(self) -> tuple[object, ...]:
        return "--record", self.home / "record", "--genesis", self.home / "genesis"


def policy(base: str | None = None, **points: int) -> str:
    """Return the policy for video with another base and other points."""
    text = VIDEO.read_text(encoding="utf-8")
    if base is not None:
        text = text.replace("base: none", f"base: {base}")
    for objective, given in points.items():
        head, _, tail = text.partition(f"\n  {objective}: ")
        text = f"{head}\n  {objective}: {given}\n{tail.partition(chr(10))[2]}"
    return text


def template(base: str) -> str:
    """Return the policy for video with its points left to a vote."""
    lines = policy(base).split("\n")
    begin = lines.index("points:")
    return "\n".join([*lines[:begin], "points: vote", *lines[begin + 10 :]])


def found(home: Path, *words: object) -> Cooperative:
    """Found a development co-op with three members."""
    surface = ("--surface", f"video={VIDEO}:{MODEL}")
    result = rankd("assembly", "init", home, "--origin", ORIGIN, "--at", BEGIN, *surface, *words)
    assert result.exit_code == 0, result.output
    return Cooperative(home)
