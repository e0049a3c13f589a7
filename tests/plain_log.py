"""A log in memory for tests of witnesses: leaves, signed checkpoints of any size, proofs between any two."""

from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.log import proofs
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.note import COSIGNATURE, NoteSigner, sign_note
from rankd.core.log.tree import leaf_hash, root_of
from rankd.core.log.witnessing import AddCheckpoint

ORIGIN = "log.example/decisions"
NOW_S = 1_800_000_000


def private_key(name: str) -> Ed25519PrivateKey:
    """Return the key of this name, the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"test key {name}".encode()).digest())


def witness_signer(name: str) -> NoteSigner:
    """Return a witness's key."""
    return NoteSigner(name, private_key(name), COSIGNATURE)


class PlainLog:
    """A log that signs whatever it is asked to.

    Args:
        words: One leaf each.
        origin: Its name.
        key: The name of its key; None: its own.
    """

    def __init__(self, words: Sequence[str], origin: str = ORIGIN, key: str | None = None) -> None:
        self.hashes = [leaf_hash(word.encode()) for word in words]
        self.signer = NoteSigner(origin, private_key(key or origin))

    @classmethod
    def of(cls, size: int, fork_at: int | None = None, origin: str = ORIGIN) -> "PlainLog":
        """Return a log of `size` leaves; from `fork_at` on they are other ones than those of a log without."""
        return cls([f"{at}{'' if fork_at is None or at < fork_at else ' forked'}" for at in range(size)], origin)

    def checkpoint(self, size: int) -> Checkpoint:
        """Return what the log was at `size`."""
        return Checkpoint(self.signer.name, size, root_of(self.hashes[:size]))

    def note(self, size: int) -> bytes:
        """Return the signed checkpoint of `size`."""
        return sign_note(self.checkpoint(size).text, self.signer)

    def proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """Return the consistency proof from `first` to `second`."""
        return proofs.consistency_proof(first, second, self._read)

    def request(self, first: int, second: int) -> bytes:
        """Return an honest add-checkpoint request."""
        return AddCheckpoint(first, self.proof(first, second), self.note(second)).encode()

    def _read(self, level: int, index: int) -> bytes:
        return root_of(self.hashes[index << level : (index + 1) << level])
