"""Lots: the nonces that decisions name, drawn again once their epoch's secret is known."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from rankd.core.exact.chance import NONCE_BYTES, decision_nonce
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import Difference


@dataclass(slots=True)
class _Waiting:
    """Decisions of one worker in one epoch: 48 bytes each, as long as the secret is not known."""

    indexes: "array[int]" = field(default_factory=lambda: array("q"))
    counters: "array[int]" = field(default_factory=lambda: array("q"))
    nonces: bytearray = field(default_factory=bytearray)


class Lots:
    """Nonces of many decisions, kept until their epochs are revealed: a secret stands behind the last of them."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, dict[str, _Waiting]] = {}
        self.checked_count = 0

    @property
    def epochs(self) -> tuple[bytes, ...]:
        """Digests of the epochs whose nonces wait for a secret."""
        return tuple(self._waiting)

    def note(self, index: int, decision: Decision) -> None:
        """Take down the nonce of the decision whose leaf is `index`."""
        waiting = self._waiting.setdefault(decision.epoch_digest, {}).setdefault(decision.worker, _Waiting())
        waiting.indexes.append(index)
        waiting.counters.append(decision.counter)
        waiting.nonces += decision.nonce

    def reveal(self, epoch_digest: bytes, secret: bytes) -> Iterator[tuple[int, Difference]]:
        """Yield the decisions of an epoch, noted so far, whose nonce was not drawn from its secret.

        Args:
            epoch_digest: The epoch.
            secret: What has this digest.
        """
        for worker, waiting in self._waiting.pop(epoch_digest, {}).items():
            for place, (index, counter) in enumerate(zip(waiting.indexes, waiting.counters, strict=True)):
                recorded = bytes(waiting.nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES])
                drawn = decision_nonce(secret, worker, counter)
                self.checked_count += 1
                if recorded != drawn:
                    yield index, Difference("", "nonce", recorded.hex(), drawn.hex())
