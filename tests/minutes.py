"""Minutes on disk for tests: a co-op of `tests.assemblies` whose entries a keeper takes."""

from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.assembly.entries import Argument, Erasure, Founding, Payload
from rankd.core.assembly.entry_codec import encode_payload
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.store.disk import Disk
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.keeper import Keeper, Submitted
from rankd.usecases.govern.reading import Minutes, read_minutes
from tests.assemblies import (
    LOG_KEY,
    ORIGIN,
    SECRETARY,
    START_MS,
    TestMinutes,
    constitution,
    founding,
    key_of,
    policy_text,
)


def signer(origin: str = ORIGIN) -> NoteSigner:
    """Return the log key under an origin."""
    return NoteSigner(origin, LOG_KEY)


def bounded(origin: str) -> str:
    """Return a constitution that holds to the hard bounds, for a co-op that is not for development."""
    strict = {"quorum": "10%", "majority": "2/3", "timelock": "7d", "recall": "5%"}
    return constitution(origin=origin, policy={"recall": "5%"}, model={"recall": "5%"}, constitution=strict)


def founding_envelope(entry: Founding) -> bytes:
    """Return a founding as the secretary signs it."""
    return envelope_bytes(sign_entry(entry, key_of(SECRETARY)))


@dataclass
class Kept(TestMinutes):
    """Minutes that a keeper keeps in a folder; time is told to it where the co-op is for development, else set."""

    __test__ = False

    root: Path = field(default=Path())
    keeper: Keeper = field(default=None)  # type: ignore[assignment]
    disk: Disk | None = None

    @property
    def home(self) -> Path:
        """The keeper's home."""
        return self.root / "home"

    @property
    def record(self) -> Path:
        """The public record."""
        return self.home / "record"

    @property
    def mark(self) -> Path:
        """The log key's mark."""
        return self.root / "log.key.mark"

    def clock_ms(self) -> int:
        """Return the time, as the keeper's clock tells it."""
        return self.now_ms

    def steady_s(self) -> float:
        """Return seconds that go by as the clock does."""
        return self.now_ms / 1_000

    def open(self, *, watch: bool = False, publish_interval_s: float = 0.5) -> None:
        """Open the keeper, as a start does."""
        self.keeper = Keeper.open(
            self.home,
            signer(self.origin),
            self.mark,
            self.clock_ms,
            disk=self.disk,
            watch=watch,
            publish_interval_s=publish_interval_s,
            steady_s=self.steady_s,
        )
        self.assembly = self.keeper.assembly_at(self.now_ms)

    def reopen(self) -> None:
        """Close and open again."""
        self.keeper.close()
        self.open()

    def submit(self, payload: Payload, by: str, *, dry_run: bool = False) -> Submitted:
        """Have somebody sign and submit."""
        return self.submit_bytes(envelope_bytes(sign_entry(payload, key_of(by))), dry_run=dry_run)

    def submit_bytes(self, data: bytes, *, dry_run: bool = False) -> Submitted:
        """Submit an envelope now."""
        time_ms = self.now_ms if self.origin.startswith("dev.") else None
        submitted = self.keeper.submit(data, time_ms=time_ms, dry_run=dry_run)
        self.assembly = self.keeper.assembly_at(self.now_ms)
        return submitted

    def append_bytes(self, data: bytes, payload: Payload | None = None) -> int:  # noqa: ARG002
        """Submit an envelope; what is refused is raised here."""
        index = self.submit_bytes(data).index
        assert index is not None
        return index

    def argue(self, proposal: int, text: str, by: str = "Chloé") -> int:
        """Have somebody argue."""
        return self.accept(Argument(self.co(), proposal, "for", None, text), by)

    def erase(self, *entries: int) -> int:
        """Have the secretary erase."""
        return self.accept(Erasure(self.co(), entries, ""), SECRETARY)

    def read(self, **options: object) -> Minutes:
        """Read the record as somebody who knows the genesis digest."""
        values = {"now_s": self.now_ms // 1_000} | options
        return read_minutes(RecordFolder(self.record), self.genesis, **values)  # type: ignore[arg-type]

    def policy(self) -> str:
        """Return another policy, which replaces the one in force."""
        return policy_text(self.now().standing("video").policy.canon_digest, click=100, reply=200)

    def under_vote(self) -> int:
        """Bring a policy to the vote; return its index."""
        return self.to_vote(self.proposal(self.policy()))


def kept(root: Path, *, origin: str = ORIGIN, entry: Founding | None = None, disk: Disk | None = None) -> Kept:
    """Found a co-op on disk."""
    said = founding(origin=origin) if entry is None else entry
    genesis = sha256(encode_payload(said))
    minutes = Kept(genesis, Assembly(genesis), origin=origin, root=root, disk=disk)
    root.mkdir(parents=True, exist_ok=True)
    minutes.home.mkdir(exist_ok=True)
    keeper = Keeper.found(
        minutes.home,
        signer(origin),
        minutes.mark,
        founding_envelope(said),
        START_MS,
        clock_ms=minutes.clock_ms,
        disk=disk,
        steady_s=minutes.steady_s,
    )
    minutes.keeper, minutes.assembly = keeper, keeper.assembly_at(START_MS)
    return minutes
