"""Somebody at a terminal: a command behind a pseudo-terminal, what it shows and what is typed."""

import codecs
import os
import pty
import select
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_PATIENCE_S = 40


class Terminal:
    """A command that believes that somebody sits in front of it.

    Args:
        command: The command.
        environ: Its environment; None: this process's.
        folder: Where it runs; None: here.

    Attributes:
        seen: Everything that it showed so far.
    """

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        self.seen = ""
        self._read = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, cwd=folder, start_new_session=True
        )
        os.close(theirs)

    def wait_for(self, *wanted: str) -> None:
        """Wait until it shows some texts, one after the other, behind what was waited for before.

        Raises:
            AssertionError: It does not.
        """
        for text in wanted:
            while (place := self.seen.find(text, self._read)) < 0:
                if not self._more():
                    self.process.kill()
                    self.process.wait()
                    raise AssertionError((text, self.seen))
            self._read = place + len(text)

    def type(self, text: str) -> None:
        """Type."""
        os.write(self._ours, text.encode())

    def close(self) -> int:
        """Wait for the command to end, and return its exit code."""
        while self._more():
            pass
        os.close(self._ours)
        try:
            return self.process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def _more(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], _PATIENCE_S)
        try:
            data = os.read(self._ours, 65_536) if ready else b""
        except OSError:
            # Linux says so where nobody holds the other end any more.
            data = b""
        self.seen += self._decoder.decode(data).replace("\r\n", "\n")
        return bool(data)
