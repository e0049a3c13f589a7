"""A journal with decisions that nobody made, for tests of what happens to bodies."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.records.commitment import commitment
from rankd.core.records.leaf import DecisionLeaf, EpochLeaf, Retention, RevealLeaf, encode_leaf
from rankd.store.journal.journal import Body, Journal
from rankd.store.journal.reading import JournalFiles
from rankd.store.pseudonyms import PseudonymBook

TIME_MS = 1_800_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ORIGIN = "rankd.coop.example"
RETENTION = Retention(30 * DAY_MS, 0, 400 * DAY_MS)


def private_key(name: str) -> Ed25519PrivateKey:
    """Return a key that is the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()))


def public(key: Ed25519PrivateKey) -> bytes:
    """Return the public part of a key, 32 bytes."""
    return key.public_key().public_bytes_raw()


class Ledger:
    """A data directory with a journal, its log key and one eraser.

    Args:
        root: Where; the data directory is `root / "data"`.
    """

    def __init__(self, root: Path) -> None:
        self.data = root / "data"
        self.folder = self.data / "decisions"
        self.mark = root / "log.key.mark"
        self.signer = NoteSigner(ORIGIN, private_key("log"))
        self.eraser = private_key("eraser")
        self.erasers = {public(self.eraser).hex(): public(self.eraser)}
        self.secrets: dict[bytes, bytes] = {}
        self.data.mkdir(exist_ok=True)
        self.open()

    def open(self) -> None:
        """Open the journal and the keys of pseudonyms, as a start does."""
        self.journal = Journal.open(self.folder, self.signer, self.mark, watch=False)
        self.viewers = PseudonymBook.open(self.data, 30 * DAY_MS)

    def reopen(self) -> None:
        """Close the journal and open it again."""
        self.journal.close()
        self.open()

    @property
    def files(self) -> JournalFiles:
        """The journal as other processes read it."""
        return JournalFiles(self.folder)

    def announce(self, name: str, time_ms: int, retention: Retention = RETENTION) -> int:
        """Commit the announcement of an epoch; return its index."""
        secret = sha256(name.encode())
        self.secrets[sha256(secret)] = secret
        erasers = tuple(sorted(self.erasers.values()))
        leaf = EpochLeaf(time_ms, sha256(secret), "w1", retention, erasers, "rankd test")
        return self.journal.append(encode_leaf(leaf)).index

    def reveal(self, name: str, time_ms: int, count: int) -> int:
        """Commit the secret of an epoch; return its index."""
        secret = sha256(name.encode())
        return self.journal.append(encode_leaf(RevealLeaf(time_ms, sha256(secret), "w1", secret, count, ()))).index

    def decide(self, name: str, counter: int, time_ms: int) -> int:
        """Commit a decision of an epoch; return its index."""
        record = b"record %d of %s" % (counter, name.encode())
        key = sha256(b"key of " + record)
        leaf = DecisionLeaf(
            time_ms=time_ms,
            surface="video",
            activation=None,
            policy=bytes(32),
            constitution=bytes(32),
            model=None,
            epoch=sha256(sha256(name.encode())),
            worker="w1",
            counter=counter,
            voids=(),
            commitment=commitment(key, record),
        )
        return self.journal.append(encode_leaf(leaf), Body(key, record)).index

    def epoch(self, name: str, times_ms: Sequence[int], retention: Retention = RETENTION) -> list[int]:
        """Announce an epoch at the first time and decide at each; return the decisions' indexes."""
        self.announce(name, times_ms[0], retention)
        return [self.decide(name, counter, time_ms) for counter, time_ms in enumerate(times_ms)]

    def live(self) -> list[int]:
        """Return the indexes of the decisions whose bodies can be read."""
        self.journal.publish()
        return sorted(self.files.bodies(0, self.journal.count))
