"""A journal for tests: its folder, its key and mark, and a disk that fails as told."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.log.note import NoteSigner
from rankd.store.disk import Disk
from rankd.store.journal.journal import Body, Journal


@dataclass
class Fault:
    """An error that a step gives, after the share of its work that is done nevertheless."""

    code: int
    share: float = 0.0


class FaultyDisk(Disk):
    """Notes each step as verb and subject ("write wal", "replace checkpoint" …) and fails as told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.faults: dict[str, Fault] = {}
        self.gate: threading.Event | None = None

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        step = f"write {subject(descriptor, data if offset == 0 else b'')}"
        fault = self.faults.get(step)
        part = data if fault is None else data[: int(len(data) * fault.share)]
        self.steps.append(step)
        super().write(descriptor, part, offset)
        self._fail(fault)

    def sync(self, descriptor: int) -> None:
        if self.gate is not None:
            self.steps.append("wait")
            self.gate.wait(timeout=10)
        # What a killed process leaves is in the kernel already; only a power failure needs more.
        self._do(f"sync {subject(descriptor)}", lambda: None)

    def cut(self, descriptor: int, size: int) -> None:
        self._do(f"cut {subject(descriptor)}", lambda: Disk.cut(self, descriptor, size))

    def replace(self, path: Path, data: bytes) -> None:
        known = {"checkpoint", "vkey", "log.mark"}
        name = path.name if path.name in known else "tile"
        self._do(f"replace {name}", lambda: Disk.replace(self, path, data))

    def rename(self, source: Path, target: Path) -> None:
        self._do("rename wal", lambda: Disk.rename(self, source, target))

    def sync_names(self, folder: Path) -> None:
        self._do(f"sync {folder.name}/", lambda: Disk.sync_names(self, folder))

    def transact(self, commit: Callable[[], None]) -> None:
        self._do("commit keys", commit)

    def remove(self, path: Path) -> None:
        self._do(f"remove {path.suffix[1:]}", lambda: Disk.remove(self, path))

    def _do(self, step: str, act: Callable[[], None]) -> None:
        self.steps.append(step)
        fault = self.faults.get(step)
        if fault is None or fault.share == 1.0:
            act()
        self._fail(fault)

    @staticmethod
    def _fail(fault: Fault | None) -> None:
        if fault is not None:
            raise OSError(fault.code, os.strerror(fault.code))


def subject(descriptor: int, beginning: bytes = b"") -> str:
    """Tell what sort of file this is by its first bytes."""
    header = beginning or os.pread(descriptor, 16, 0)
    return header[len(b"rankd.") : header.find(b"/")].decode()


def key(number: int) -> bytes:
    """Return a key that can be found again in any file."""
    return b"KEY-" + b"%028d" % number


@dataclass
class Place:
    """Where one test's journal lies."""

    root: Path
    disk: FaultyDisk = field(default_factory=FaultyDisk)
    signer: NoteSigner = field(
        default_factory=lambda: NoteSigner("dev.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    )

    @property
    def folder(self) -> Path:
        return self.root / "data" / "decisions"

    @property
    def mark(self) -> Path:
        return self.root / "log.mark"

    @property
    def wal(self) -> Path:
        return self.folder / "private" / "wal"

    @property
    def public(self) -> Path:
        return self.folder / "public"

    def open(self) -> Journal:
        """Open the journal without a publisher of its own."""
        return Journal.open(self.folder, self.signer, self.mark, disk=self.disk, watch=False)

    def fill(self, journal: Journal, numbers: range) -> None:
        """Append entries, every third without a body."""
        for number in numbers:
            body = Body(key(number), b"record %d " % number * 20) if number % 3 else None
            assert journal.append(b"leaf %d" % number, body).index == number

    def holds(self, wanted: bytes) -> list[Path]:
        """Return the files, mark included, that hold these bytes."""
        return [path for path in self.root.rglob("*") if path.is_file() and wanted in path.read_bytes()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
