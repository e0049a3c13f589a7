"""A co-op on disk, a house with the model that it ratified, and the gate between the two."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from rankd.core.assembly.entries import Guardian
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.policy.reader import read_policy
from rankd.core.words.language import Phrase
from rankd.forest.manifest import MANIFEST_FILE
from rankd.usecases.serve.gate import Gate
from rankd.usecases.serve.record_reader import RecordReader, Trust
from tests.assemblies import FOUNDERS, GUARDIANS, LIMITS, ORIGIN, constitution, founding
from tests.conftest import House
from tests.minutes import Kept, bounded, kept

HEADS = ("click", "reply", "hide")
MEMBERS_ORIGIN = "minutes.coop.example"


class CoOp:
    """A co-op that has founded itself with the house's policy and model.

    Attributes:
        house: Model folders and data directory.
        minutes: The minutes, in the hands of a keeper.
        record: The record that the gate reads; the keeper's own until `mirror` makes another.
        now_ms: The server's clock; None: the keeper's.
        steady_s: Seconds that pass however that is set; None: they go by as the clock does.
    """

    def __init__(self, root: Path, house: House, *, origin: str = ORIGIN, heads: tuple[str, ...] = HEADS) -> None:
        self.house, self.root = house, root
        self.text = (house.policies / "video.yaml").read_text(encoding="utf-8")
        (house.models / "video").rename(house.models / "whatever it is called")
        rules = constitution(origin=origin) if origin.startswith("dev.") else bounded(origin)
        limits = (house.policies / "limits.yaml").read_text(encoding="utf-8").partition("\n")[2]
        rules = rules.replace(LIMITS, "\n".join(f"  {line}" for line in limits.splitlines()))
        entry = founding(rules, policy=self.text, model=self.model, heads=heads, origin=origin)
        self.minutes: Kept = kept(root / "co", origin=origin, entry=entry)
        self.record = self.minutes.record
        self.now_ms: int | None = None
        self.steady_s: float | None = None
        # Nothing of the operator's own decides any more.
        shutil.rmtree(house.policies)

    @property
    def model(self) -> bytes:
        """Digest of the model in the house."""
        folder = next(path for path in sorted(self.house.models.iterdir()) if not path.name.startswith("."))
        return sha256((folder / MANIFEST_FILE).read_bytes())

    @property
    def trust(self) -> Trust:
        """Whom a server of theirs believes."""
        return Trust(self.minutes.origin, self.minutes.genesis)

    def clock_ms(self) -> int:
        """Return the server's clock."""
        return self.minutes.now_ms if self.now_ms is None else self.now_ms

    def steady(self) -> float:
        """Return seconds that pass however the clock is set."""
        return self.clock_ms() / 1_000 if self.steady_s is None else self.steady_s

    def gate(self, trust: Trust | None = None, *, stale_after_s: int = 40 * 86_400) -> Gate:
        """Return a gate as a start opens it."""
        believed = trust or self.trust
        return Gate(
            RecordReader(self.record, believed),
            believed,
            self.house.data,
            self.house.models,
            self.house.archive,
            self.clock_ms,
            self.steady,
            stale_after_s=stale_after_s,
        )

    def policy(self, click: int) -> str:
        """Return a policy that replaces the one in force: `click` of 800 points go to click, the rest to reply."""
        base = self.minutes.now().standing("video").policy.canon_digest
        points = f"click: {click}, reply: {800 - click}"
        text = self.text.replace("click: 500, reply: 300", points).replace("base: none", f"base: {digest_text(base)}")
        assert read_policy(text.encode(), "policy").points[0][1] >= 0
        return text

    def queue(self, click: int = 600) -> int:
        """Bring a policy through its vote into the queue; return its index."""
        minutes = self.minutes
        index = minutes.to_vote(minutes.proposal(self.policy(click), model=self.model))
        minutes.cast(index, dict.fromkeys(FOUNDERS, "yes"))
        minutes.wait(7)
        minutes.keeper.publish()
        assert minutes.now().proposals[index].state == "queued"
        return index

    def adopt(self, click: int = 600) -> int:
        """Bring a policy into force; return its index."""
        index = self.queue(click)
        timelock_ms = self.minutes.now().proposals[index].queue_ms - self.minutes.now_ms
        self.minutes.now_ms += timelock_ms + 60_000
        self.minutes.keeper.publish()
        assert self.minutes.now().proposals[index].state == "activated"
        return index

    def adopt_model(self, digest: bytes) -> int:
        """Bring a model into force by a vote; return its index."""
        minutes, standing = self.minutes, self.minutes.now().standing("video")
        index = minutes.to_vote(
            minutes.proposal(
                "",
                subject="model",
                model=digest,
                heads=HEADS,
                base_policy=standing.policy.canon_digest,
                base_model=None if standing.model is None else standing.model.digest,
            )
        )
        minutes.cast(index, dict.fromkeys(FOUNDERS, "yes"))
        minutes.wait(7)
        minutes.now_ms = minutes.now().proposals[index].queue_ms + 60_000
        minutes.keeper.publish()
        assert minutes.now().proposals[index].state == "activated"
        return index

    def roll_back(self, to: int) -> None:
        """Have two guardians go back to an earlier policy."""
        reason = Phrase(fr="Un défaut.", en="A defect.")
        for name in GUARDIANS[:2]:
            self.minutes.accept(Guardian(self.minutes.co(), "rollback", None, "video", to, reason), name)
        self.minutes.keeper.publish()

    def mirror(self, name: str = "mirror") -> Path:
        """Copy the keeper’s record as it is now."""
        return Path(shutil.copytree(self.minutes.record, self.root / name))

    def show(self, copy: Path) -> None:
        """Put a copy of a record in the place that the gate reads."""
        place = self.root / "shown"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(copy, place)
        self.record = place

    def served(self, gate: Gate) -> Mapping[str, object]:
        """Return what a gate serves on the surface."""
        snapshot = gate.snapshot("video")
        standing = snapshot.standing
        return {
            "policy": 0 if snapshot.policy is None or standing is None else standing.policy.number,
            "activation": snapshot.activation,
            "ratification": None if standing is None else standing.ratification,
        }
