"""A voting station: a member votes with a key on paper, takes a slip home, and leaves nothing behind."""

import gc
import re
import shutil
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import Result

from rankd.core.assembly.entries import Ballot
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.key_sheet import write_sheet
from rankd.core.assembly.signing import open_entry
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.objectives import OBJECTIVES
from rankd.edge.cli.asking import NoAnswerError
from rankd.edge.cli.govern import station as command
from rankd.edge.cli.govern import submitting
from rankd.store.key_file import read_key
from rankd.usecases.govern.keeper import Keeper, Submitted
from tests.cooperative import BEGIN_MS, DAY_MS, Cooperative, body, found, policy, rankd, template
from tests.terminal import Terminal


@pytest.fixture(autouse=True)
def core_dumps_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the limits of the process that tests run in as they are."""
    monkeypatch.setattr(command, "leave_no_core", lambda: None)
    monkeypatch.setenv("RANKD_LANG", "en")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    """Return a co-op with three votes open: p1 yes or no, p2 a ranking, p3 points."""
    coop = found(tmp_path_factory.mktemp("coop") / "home")
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    base = str(surface["policy"]["canon_digest"])
    files = {"a": policy(base, click=100, reply=200), "b": policy(base, click=100, like=150), "c": template(base)}
    for name, text in files.items():
        (coop.home / f"{name}.yaml").write_text(text, encoding="utf-8")
    names = [
        f"p{coop.enter('proposal', 'new', 'policy', *(coop.home / f'{name}.yaml' for name in given), by='member-1')}"
        for given in ("a", "ab", "c")
    ]
    assert names == ["p1", "p2", "p3"]
    for name in names:
        for sponsor in ("member-2", "member-3"):
            coop.enter("proposal", "sponsor", name, by=sponsor)
    coop.day = 15
    for name in names:
        coop.enter("proposal", "freeze", name, by="member-1")
    coop.pass_days(3)
    return coop


@pytest.fixture
def coop(begun: Cooperative, tmp_path: Path) -> Cooperative:
    shutil.copytree(begun.home, tmp_path / "home")
    return Cooperative(tmp_path / "home", begun.day)


@pytest.fixture
def ballots(tmp_path: Path) -> Path:
    folder = tmp_path / "ballots"
    folder.mkdir()
    return folder


def private(coop: Cooperative, name: str) -> Ed25519PrivateKey:
    return read_key(coop.key(name)).unlock(None)


def member(coop: Cooperative, name: str) -> str:
    return member_id(read_key(coop.key(name)).public)


def typed(coop: Cooperative, name: str, *answers: object) -> str:
    """Return what somebody types: the key, the answers, and Enter for the slip."""
    return "".join(f"{line}\n" for line in (*write_sheet(private(coop, name).private_bytes_raw()), *answers, ""))


def record(coop: Cooperative) -> tuple[object, ...]:
    return ("--record", coop.home / "record", "--genesis", coop.home / "genesis", *coop.at)


def visit(coop: Cooperative, name: str, folder: Path, *visits: str, once: bool = True) -> Result:
    words = ("station", name, *record(coop), "--out", folder, *(["--once"] if once else []))
    return rankd(*words, input="".join(visits))


def ballots_in(folder: Path) -> list[tuple[Ballot, bytes]]:
    """Return every ballot of a folder with its signer, by number."""
    signed = [open_entry(path.read_bytes().removesuffix(b"\n")) for path in folder.iterdir()]
    found = [(entry.payload, entry.key) for entry in signed if isinstance(entry.payload, Ballot)]
    assert len(found) == len(signed)
    return sorted(found, key=lambda pair: pair[0].number)


def now_s(coop: Cooperative) -> int:
    return (BEGIN_MS + round(coop.day * DAY_MS)) // 1_000


def test_a_member_sees_everything_signs_and_takes_a_slip_home(coop: Cooperative, ballots: Path) -> None:
    result = visit(coop, "p1", ballots, typed(coop, "member-2", "y", "y"))
    assert result.exit_code == 0, result.output
    assert f"You are member {member(coop, 'member-2')}." in result.stdout
    assert "schema: rankd.policy/1" in result.stdout
    assert "Points for replies: 150 → 200 (+50)." in result.stdout
    assert "--yes" not in result.stdout
    (path,) = ballots.iterdir()
    ((ballot, key),) = ballots_in(ballots)
    assert (ballot.choice, key) == ("yes", read_key(coop.key("member-2")).public)
    digest = sha256(path.read_bytes().removesuffix(b"\n")).hex()
    signs, _, slip = result.stdout.partition("\nSlip\n")
    assert f"Ballot number {ballot.number}: yes" in signs
    assert "Vote p1, dev.coop" in slip
    assert f"rankd ballot slip p1 {digest[:16]}" in slip
    assert re.sub(r"\s", "", re.search(r"Ballot ([0-9a-f ]+)", slip)[1]) == digest  # type: ignore[index]
    assert "yes" not in slip
    assert member(coop, "member-2") not in slip


def test_the_number_is_the_time_and_a_later_visit_counts(coop: Cooperative, ballots: Path) -> None:
    visit(coop, "p1", ballots, typed(coop, "member-2", "y", "y"))
    coop.day += 0.5
    visit(coop, "p1", ballots, typed(coop, "member-2", "n", "y"))
    (first, _), (second, _) = ballots_in(ballots)
    assert [first.number, second.number] == [now_s(coop) - DAY_MS // 2_000, now_s(coop)]
    coop.append(*sorted(ballots.iterdir(), key=lambda path: path.name))
    coop.pass_days(8)
    (path,) = (path for path in ballots.iterdir() if open_entry(path.read_bytes()[:-1]).payload == second)
    slip = path.name.split("-")[2].partition(".")[0]
    answer = body(rankd("ballot", "slip", "p1", slip, *record(coop), "--json"))
    assert (answer["verdict"], answer["choice"], answer["member"]) == ("counted", "no", member(coop, "member-2"))


def test_two_visits_in_one_second_have_two_numbers(coop: Cooperative, ballots: Path) -> None:
    visits = (typed(coop, "member-2", "y", "y"), typed(coop, "member-2", "n", "y"), typed(coop, "member-3", "a", "y"))
    result = visit(coop, "p1", ballots, *visits, once=False)
    assert result.exit_code == 0, result.output
    found = ballots_in(ballots)
    assert [ballot.number for ballot, _ in found] == [now_s(coop), now_s(coop) + 1, now_s(coop) + 2]
    assert [ballot.choice for ballot, _ in found] == ["yes", "no", "abstain"]
    assert "Ballots signed: 3." in result.stderr


def test_a_ranking_is_asked_again_until_it_is_one(coop: Cooperative, ballots: Path) -> None:
    result = visit(coop, "p2", ballots, typed(coop, "member-2", "2>7", "2>0,1", "y"))
    assert result.exit_code == 0, result.output
    ((ballot, _),) = ballots_in(ballots)
    assert ballot.choice == ((2,), (0, 1))


def test_points_are_entered_one_by_one_and_always_make_a_thousand(coop: Cooperative, ballots: Path) -> None:
    answers = ["5000", "100", "", "x", *[""] * 20]
    result = visit(coop, "p3", ballots, typed(coop, "member-2", *answers))
    assert "Left: 1000. click (clicks)" in result.stderr
    assert "Left: 900. long_view (long views)" in result.stderr
    assert "This answer is not understood." in result.stderr
    assert list(ballots.iterdir()) == []
    # Every objective as low as it goes: the last ones take what is left.
    lowest = "".join(f"{line}\n" for line in write_sheet(private(coop, "member-2").private_bytes_raw()))
    said = visit(coop, "p3", ballots, lowest)
    assert said.exit_code == 1
    points = {"click": 100}
    given = visit(coop, "p3", ballots, typed(coop, "member-2", *_within_reach(coop, ballots, points), "y"))
    assert given.exit_code == 0, given.output
    ((ballot, _),) = ballots_in(ballots)
    assert isinstance(ballot.choice, tuple)
    entered = dict(ballot.choice)  # type: ignore[arg-type]
    assert list(entered) == list(OBJECTIVES)
    assert (entered["click"], sum(entered.values())) == (100, 1000)


def _within_reach(coop: Cooperative, folder: Path, wanted: dict[str, int]) -> list[str]:
    """Return answers that the station takes: those wanted, else the least that it offers."""
    answers: list[str] = []
    while True:
        result = visit(coop, "p3", folder, typed(coop, "member-2", *answers)[:-1])
        asked = re.findall(r"Left: \d+\. (\w+) \([^)]*\), (\d+) to (\d+)", result.stderr)
        if len(asked) == len(answers):
            return answers
        objective, least, _ = asked[-1]
        answers.append(str(wanted.get(objective, int(least))))


@pytest.mark.parametrize("answers", [("q",), ("y", "q"), ("y",), ("nonsense",)])
def test_who_leaves_has_signed_nothing(coop: Cooperative, ballots: Path, answers: tuple[str, ...]) -> None:
    result = visit(coop, "p1", ballots, typed(coop, "member-2", *answers))
    assert result.exit_code == 1
    assert "Nothing was signed." in result.stderr
    assert list(ballots.iterdir()) == []


def test_a_choice_can_be_taken_back_before_it_is_signed(coop: Cooperative, ballots: Path) -> None:
    assert visit(coop, "p1", ballots, typed(coop, "member-2", "y", "r", "n", "y")).exit_code == 0
    assert [ballot.choice for ballot, _ in ballots_in(ballots)] == ["no"]


def test_a_key_that_is_not_on_the_roll_is_refused_and_the_next_member_is_served(
    coop: Cooperative, ballots: Path
) -> None:
    coop.new_key("stranger")
    visits = (typed(coop, "stranger"), typed(coop, "member-2", "y", "y"))
    result = visit(coop, "p1", ballots, *visits, once=False)
    assert f"(member {member(coop, 'stranger')}) is not one of those that may vote on p1." in result.stderr
    assert "Ballots signed: 1." in result.stderr


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), "Nothing says where the signed entry goes."),
        (("--out", "here", "--server", "x:1"), "contradict"),
        (("--out", "nowhere"), "nowhere is no folder"),
    ],
)
def test_the_station_does_not_open_where_ballots_cannot_go(
    coop: Cooperative, words: tuple[str, ...], wanted: str
) -> None:
    result = rankd("station", "p1", *record(coop), *words, input="")
    assert result.exit_code in (1, 2)
    assert wanted in result.stderr


def test_the_station_does_not_open_once_the_vote_is_over(coop: Cooperative, ballots: Path) -> None:
    coop.day += 30
    assert visit(coop, "p1", ballots, typed(coop, "member-2", "y", "y")).exit_code == 1
    assert list(ballots.iterdir()) == []


def serve(coop: Cooperative, monkeypatch: pytest.MonkeyPatch, failures: int = 0) -> None:
    """Let this process be the service that keeps the minutes; it fails a few times first."""
    left = [failures]

    def submit(address: str, tls: object, data: bytes, time_ms: int | None, *_: object, **__: object) -> Submitted:
        if left[0]:
            left[0] -= 1
            raise typer.Exit(1)
        log = read_key(coop.key("log"))
        signer, mark = NoteSigner(log.name, log.unlock(None)), log.path.with_name("log.key.mark")
        keeper = Keeper.open(coop.home, signer, mark, lambda: time_ms or 0, watch=False)
        done = keeper.submit(data, time_ms=time_ms)
        keeper.publish()
        keeper.close()
        return done

    monkeypatch.setattr(submitting, "submit", submit)


def test_a_service_takes_the_ballot_and_the_slip_can_be_checked_at_once(
    coop: Cooperative, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(coop, monkeypatch, failures=1)
    kept = tmp_path / "kept"
    kept.mkdir()
    words = ("station", "p1", *record(coop), "--server", "x:1", "--receipts", kept, "--once")
    result = rankd(*words, input=typed(coop, "member-2", "y", "y", ""))
    assert result.exit_code == 0, result.output
    index, leaf = re.search(r"Entry (\d+), leaf ([0-9a-f]{64})", result.stdout).groups()  # type: ignore[union-attr]
    digest = re.search(r"ballot slip p1 ([0-9a-f]{16})", result.stdout)[1]  # type: ignore[index]
    slip: tuple[Any, ...] = ("ballot", "slip", "p1", digest, *record(coop), "--json")
    there = rankd(*slip, "--index", index, "--leaf", leaf[:16])
    assert (there.exit_code, body(there)["verdict"]) == (0, "there")
    other = rankd(*slip, "--index", index, "--leaf", "0" * 16)
    assert (other.exit_code, body(other)["verdict"]) == (1, "differs")
    sealed = rankd(*slip)
    assert (sealed.exit_code, body(sealed)["verdict"]) == (1, "sealed")
    (receipt,) = kept.iterdir()
    assert member(coop, "member-2") not in receipt.name
    assert body(rankd("ballot", "check", receipt, *record(coop), "--json"))["verdict"] == "open"


def test_a_slip_that_no_ballot_bears_is_told(coop: Cooperative, ballots: Path) -> None:
    visit(coop, "p1", ballots, typed(coop, "member-2", "y", "y"))
    coop.pass_days(9)
    (path,) = ballots.iterdir()
    digest = sha256(path.read_bytes()[:-1]).hex()
    result = rankd("ballot", "slip", "p1", digest, *record(coop), "--json")
    assert (result.exit_code, body(result)["verdict"]) == (1, "absent")
    assert body(rankd("ballot", "slip", "p1", "12", *record(coop), "--json"))["reason"] == "SLIP_MALFORMED"


class Watched:
    """A private key that can be watched while it lives."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def public_key(self) -> object:
        return self._key.public_key()

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


@pytest.mark.parametrize("answers", [["y", "y", ""], ["q", ""]])
def test_the_key_is_gone_before_the_next_member_comes(
    coop: Cooperative, ballots: Path, monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    keys: list[weakref.ref[Watched]] = []

    def ask_key(_: str) -> Watched:
        if keys:
            gc.collect()
            assert keys[0]() is None
            raise NoAnswerError
        key = Watched(private(coop, "member-2"))
        keys.append(weakref.ref(key))
        return key

    monkeypatch.setattr(command, "ask_key", ask_key)
    result = visit(coop, "p1", ballots, "".join(f"{answer}\n" for answer in answers), once=False)
    assert (result.exit_code, len(keys)) == (0, 1)
    assert keys[0]() is None


def test_nothing_is_left_behind_but_the_signed_entry(coop: Cooperative, tmp_path: Path) -> None:
    seed = private(coop, "member-2").private_bytes_raw()
    sheet = write_sheet(seed)
    room = tmp_path / "room"
    folders = {name: room / name for name in ("home", "tmp", "ballots", "work")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    code = (
        "import resource; from rankd.edge.cli.main import main\n"
        "import rankd.edge.cli.govern.station as s; old = s.Station._hand_over\n"
        "def look(*given):\n"
        "    print('limit', resource.getrlimit(resource.RLIMIT_CORE), open('/proc/self/cmdline').read().count('-'))\n"
        "    return old(*given)\n"
        "s.Station._hand_over = look\n"
        "main()\n"
    )
    words = [str(word) for word in ("station", "p1", *record(coop), "--out", folders["ballots"], "--lang", "en")]
    environ = {
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["tmp"]),
        "PATH": "/usr/bin:/bin",
        "TERM": "xterm",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    terminal = Terminal([sys.executable, "-c", code, *words], environ, folders["work"])
    terminal.wait_for("Line 1 of 9: ")
    for number, line in enumerate(sheet, 1):
        terminal.type(f"{line}\n")
        terminal.wait_for(f"Line {number + 1} of 9: " if number < len(sheet) else "without voting): ")
    environment = Path(f"/proc/{terminal.process.pid}/environ").read_bytes()
    arguments = Path(f"/proc/{terminal.process.pid}/cmdline").read_bytes()
    terminal.type("y\n")
    terminal.wait_for("Sign? ")
    terminal.type("y\n")
    terminal.wait_for("limit (0, 0)", "Slip", "will be cleared. ")
    shown = terminal.seen
    terminal.type("\n")
    terminal.wait_for("\x1b[3J", "Line 1 of 9: ")
    terminal.type("\x04")
    assert terminal.close() == 0
    left = [path for path in room.rglob("*") if path.is_file()]
    assert [path.parent for path in left] == [folders["ballots"]]
    secrets = [seed, seed.hex().encode(), *(part.encode() for line in sheet for part in (line, line.replace(" ", "")))]
    assert not any(secret in environment + arguments for secret in secrets)
    assert not any(line in shown or line.replace(" ", "") in shown for line in sheet)
    ours = [path for path in coop.home.rglob("*") if path.is_file() and path != coop.key("member-2")]
    for path in (*left, *ours):
        data = path.read_bytes()
        assert not any(secret in data for secret in secrets), path
    assert member(coop, "member-2") not in left[0].name
