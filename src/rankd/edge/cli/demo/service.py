"""The demo's service: a real `rankd serve` in a process of its own, in a folder that goes away with it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rankd.client import RankdCallError, RankdClient
from rankd.core.words.language import Language
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.config import Config

ORIGIN = "dev.localhost"
READY_S = 30.0
STOP_S = 10.0
_POLL_S = 0.05
_SHOWN_LINES = 6


def rankd_command(*arguments: str) -> list[str]:
    """Return the command line that runs rankd with the Python of this process."""
    return [sys.executable, "-c", "from rankd.edge.cli.main import main; main()", *arguments]


def write_config(base: Config, folder: Path, assembly: str) -> Path:
    """Write the demo's configuration: the base's models, a free loopback port, its own data, and the demo's co-op.

    Args:
        base: The configuration whose folders and origin the demo takes; its origin if it is not for members.
        folder: Where the file and the data go.
        assembly: The section that names the co-op whose votes decide.
    """
    path = folder / "rankd.toml"
    path.write_text(
        f"origin = {json.dumps(base.origin if base.is_dev else ORIGIN)}\n"
        '[server]\naddress = "127.0.0.1:0"\nside_address = ""\ndrain_s = 2\n'
        f"[folders]\npolicies = {_quoted(base.folders.policies)}\nmodels = {_quoted(base.folders.models)}\n"
        f"data = {_quoted(data_dir(folder))}\n{assembly}",
        encoding="utf-8",
    )
    return path


def data_dir(folder: Path) -> Path:
    """Return where the demo's service keeps its decisions."""
    return folder / "data"


class RunningService:
    """A service that was started and answers.

    Args:
        process: Its process.
        address: Where it listens, `host:port`.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
        self.address = address
        self._process = process
        self._log = log

    def stop(self) -> None:
        """Ask it to stop, and wait until it has.

        Raises:
            DemoError: It did not stop, or not well.
        """
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            raise DemoError("stop_slow", seconds=round(STOP_S), log=_tail(self._log)) from None
        if code != 0:
            raise DemoError("stop_failed", code=code, log=_tail(self._log))


@contextmanager
def running_service(config: Path, folder: Path, language: Language) -> Iterator[RunningService]:
    """Start `rankd serve` and yield it once it answers; whatever happens inside, it does not stay behind.

    Args:
        config: Its configuration.
        folder: Where what it says is kept.
        language: The language in which it says why it cannot start.

    Raises:
        DemoError: It ended or did not answer in time.
    """
    answer, log = folder / "service.json", folder / "service.log"
    with answer.open("wb") as stdout, log.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 (our own command line, no shell)
            rankd_command("serve", "--config", str(config), "--lang", language, "--json"),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=_environment(),
        )
    try:
        yield RunningService(process, _wait_for(process, answer, log), log)
    finally:
        _end(process)


@contextmanager
def ends_cleanly() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that what was started is ended."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {name: signal.signal(name, interrupt) for name in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _wait_for(process: "subprocess.Popen[bytes]", answer: Path, log: Path) -> str:
    """Return the address at which the service answers."""
    until_s = time.monotonic() + READY_S
    while time.monotonic() < until_s:
        ended = process.poll() is not None
        said = _announcement(answer)
        if ended:
            raise DemoError("start_failed", code=process.returncode, log=said.get("message") or _tail(log))
        if "address" in said:
            _greet(said["address"], until_s, log)
            return said["address"]
        time.sleep(_POLL_S)
    raise DemoError("start_silent", seconds=round(READY_S), log=_tail(log))


def _announcement(answer: Path) -> dict[str, str]:
    """Return what the service wrote on its stdout, as far as it is complete."""
    try:
        said: dict[str, str] = json.loads(answer.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return said


def _greet(address: str, until_s: float, log: Path) -> None:
    left_s = max(0.1, until_s - time.monotonic())
    with RankdClient(address, timeout_s=left_s) as client:
        try:
            client.wait_until_ready(left_s)
            client.status()
        except RankdCallError as error:
            raise DemoError("start_silent", seconds=round(READY_S), log=_tail(log)) from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    # A second Ctrl-C must not leave the service behind; the wait is bounded.
    impatient = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    finally:
        signal.signal(signal.SIGINT, impatient)


def _environment() -> dict[str, str]:
    """Return this environment without what would move the service's addresses, and with its output unbuffered."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RANKD_")}
    return kept | {"PYTHONUNBUFFERED": "1"}


def _quoted(path: Path) -> str:
    return json.dumps(str(path.resolve()), ensure_ascii=False)


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return "\n".join(lines[-_SHOWN_LINES:]) or "–"
