"""Killing a process in the middle of its work."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).parents[2]


def killed(code: str, *arguments: str, after_s: float) -> list[list[str]]:
    """Run a writer, kill it in the middle of its work, and return what it acknowledged, line by line in words.

    Args:
        code: What it does: says `ready` first, then one line, in one write, for each thing that it acknowledges.
        arguments: Its command line.
        after_s: Seconds from `ready` to its end.
    """
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": "src"}) as process:
        assert process.stdout is not None
        descriptor, received = process.stdout.fileno(), b""
        until, kill_at = monotonic() + 20, None
        try:
            while monotonic() < (kill_at or until):
                if select.select([descriptor], [], [], 0.005)[0]:
                    received += os.read(descriptor, 1 << 20)
                if kill_at is None and received.startswith(b"ready\n"):
                    kill_at = monotonic() + after_s
        finally:
            process.send_signal(signal.SIGKILL)
        while rest := os.read(descriptor, 1 << 20):
            received += rest
        assert process.wait() == -signal.SIGKILL
        assert kill_at is not None
    return [line.split(" ", 1) for line in received.decode().splitlines()[1:]]
