"""A house for benchmarks: folders with one policy and one model, ranked in from inside or by a service of its own."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.ranking.admission import Bounds
from rankd.core.records.leaf import Retention
from rankd.store.archive import Archive
from rankd.store.evidence import DECISIONS
from rankd.usecases.serve.desk import Desk, DeskTerms
from rankd.usecases.serve.epochs import Terms
from rankd.usecases.serve.surfaces import SurfaceBook

ORIGIN = "dev.bench"
DAY_MS = 86_400_000
LOG_SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(sha256(b"the log key of benchmarks")))
ERASER_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"the eraser key of benchmarks"))
ERASER = ERASER_KEY.public_key().public_bytes_raw()
EPOCH_TERMS = Terms(Retention(30 * DAY_MS, 10_000, 400 * DAY_MS), (ERASER,), "rankd bench")


def now_ms() -> int:
    """Return the machine's clock, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class House:
    """Folders of one service.

    Args:
        root: An empty folder.
        models: The folder of models, one folder for each surface.
        policies: Texts of policies and limits, by file name.
    """

    def __init__(self, root: Path, models: Path, policies: dict[str, str]) -> None:
        self.root, self.models, self.data = root, models, root / "data"
        self.archive = Archive(self.data)
        (root / "policies").mkdir()
        for name, text in policies.items():
            (root / "policies" / name).write_text(text, encoding="utf-8")

    @property
    def journal(self) -> Path:
        """The folder of the journal of decisions."""
        return self.data / DECISIONS

    def desk(self, publish_interval_s: float = 0.5) -> Desk:
        """Start what ranks and records, in this process; close it."""
        book = SurfaceBook(self.root / "policies", self.models, self.archive, now_ms)
        terms = DeskTerms(
            worker="w0",
            bounds=Bounds(),
            window_ms=60_000,
            window_count=1_000,
            epoch=EPOCH_TERMS,
            pseudonym_ms=30 * DAY_MS,
            publish_interval_s=publish_interval_s,
        )
        return Desk(self.data, book, self.archive, LOG_SIGNER, self.root / "log.mark", terms, now_ms)

    def write_config(self, more: str = "") -> Path:
        """Write a service's configuration; return its file."""
        config = self.root / "rankd.toml"
        config.write_text(
            f'origin = "{ORIGIN}"\n[server]\naddress = "127.0.0.1:0"\nside_address = ""\n'
            f"[folders]\nmodels = {json.dumps(str(self.models))}\n{more}"
        )
        return config

    @contextmanager
    def service(self, more: str = "") -> Iterator[str]:
        """Run `rankd serve` as a process of its own and yield its address.

        Args:
            more: Further lines of its configuration.
        """
        config = self.write_config(more)
        command = [str(Path(sys.executable).parent / "rankd"), "serve", "--json", "--config", str(config)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["address"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
