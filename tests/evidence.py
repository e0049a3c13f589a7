"""Journals for tests of verification: whole ones from a house, and ones written leaf by leaf, sound or not."""

import io
import shutil
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.exact.canonical import sha256
from rankd.core.exact.chance import decision_nonce
from rankd.core.log.note import NoteSigner, add_signature, parse_note, parse_vkey
from rankd.core.records.commitment import commitment
from rankd.core.records.decision import Decision, encode_decision
from rankd.core.records.erasure import Erasure, ReasonCode, sign_erasure
from rankd.core.records.leaf import (
    DecisionLeaf,
    EpochLeaf,
    ErasureLeaf,
    Leaf,
    Retention,
    RevealLeaf,
    encode_leaf,
    leaf_of_decision,
)
from rankd.store.bundle_file import BundleFile
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.journal.journal import Body, Journal
from rankd.store.ustar import END, padding, ustar_header
from rankd.usecases.audit.bundle import write_bundle
from rankd.usecases.audit.replay import EngineName, ReplayReport, replay
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import VerifyReport, verify
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, HOUSE_TIME_MS, LOG_SIGNER

TRUST = Trust(LOG_SIGNER.verifier)
DAY_MS = 86_400_000
RETENTION = Retention(30 * DAY_MS, 0, 400 * DAY_MS)


def own_trust(data_dir: Path) -> Trust:
    """Return trust in the key that a data directory itself names: a service of tests made it there."""
    return Trust(parse_vkey((data_dir / DECISIONS / "public" / "vkey").read_text().strip()))


def replayed(data_dir: Path, engine: EngineName = "auto", trust: Trust = TRUST, **options: Any) -> ReplayReport:
    """Replay what is published in a data directory, under the log key of tests."""
    return replay(JournalEvidence(data_dir, DECISIONS), trust, now_s=0, engine=engine, **options)


def verified(data_dir: Path, trust: Trust = TRUST, **options: Any) -> VerifyReport:
    """Verify what is published in a data directory, under the log key of tests."""
    return verify(JournalEvidence(data_dir, DECISIONS), trust, **{"now_s": 0} | options)


def bundled(data_dir: Path, out: Path, **options: Any) -> Path:
    """Bundle a data directory."""
    write_bundle(lambda: JournalEvidence(data_dir, DECISIONS), out, **options)
    return out


def replayed_bundle(path: Path, **options: Any) -> ReplayReport:
    """Replay a bundle under the log key of tests."""
    with BundleFile(path) as bundle:
        return replay(bundle, TRUST, now_s=0, **options)


def reasons(report: VerifyReport) -> list[str]:
    """Return the reason of every fault, after making sure that there are words for it."""
    assert all(fault.error.say("fr") != fault.error.say("en") for fault in report.faults)
    return [fault.error.reason for fault in report.faults]


def members(path: Path) -> dict[str, bytes]:
    """Return the members of a tar, in order."""
    with tarfile.open(path) as tar:
        return {entry.name: (tar.extractfile(entry) or io.BytesIO()).read() for entry in tar}


def tar_of(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the tar of these files as a bundle has it."""
    parts = (ustar_header(name, len(data)) + data + bytes(padding(len(data))) for name, data in files)
    return b"".join(parts) + END


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a bundle anew, well formed, with other members."""
    files = members(path)
    change(files)
    path.write_bytes(tar_of(list(files.items())))
    return path


def secret(number: int) -> bytes:
    """Return the secret of an epoch."""
    return sha256(b"epoch %d" % number)


def epoch(number: int) -> bytes:
    """Return its digest."""
    return sha256(secret(number))


class Written:
    """A journal that is written leaf by leaf, honestly unless it is told otherwise.

    Args:
        data: The data directory.
        decision: What decisions are made from.
        archive: An archive to copy.
        signer: The log key.
        mark: Where the log key's mark is kept; None: beside the data directory.
    """

    def __init__(
        self,
        data: Path,
        decision: Decision,
        *,
        archive: Path | None = None,
        signer: NoteSigner = LOG_SIGNER,
        mark: Path | None = None,
    ) -> None:
        self.data, self._decision = data, decision
        if archive is not None:
            shutil.copytree(archive, data / "archive")
        data.mkdir(exist_ok=True)
        self.journal = Journal.open(data / DECISIONS, signer, mark or data.with_name(f"{data.name}.mark"), watch=False)
        self._counters: dict[int, int] = {}

    def epoch(
        self,
        number: int = 1,
        *,
        worker: str = "w0",
        retention: Retention = RETENTION,
        erasers: Sequence[Ed25519PrivateKey] = (ERASER_KEY,),
    ) -> int:
        """Announce an epoch; return the leaf's index."""
        keys = tuple(sorted(key.public_key().public_bytes_raw() for key in erasers))
        return self.append(EpochLeaf(HOUSE_TIME_MS, epoch(number), worker, retention, keys, "tests"))

    def decide(
        self,
        number: int = 1,
        *,
        counter: int | None = None,
        voids: Sequence[tuple[int, int]] = (),
        nonce: bytes | None = None,
        worker: str = "w0",
        time_ms: int = HOUSE_TIME_MS,
        body: Callable[[bytes, bytes], Body | None] = Body,
        leaf: Callable[[DecisionLeaf], Leaf] = lambda leaf: leaf,
        of: Decision | None = None,
    ) -> int:
        """Record a decision of an epoch; return the leaf's index.

        Args:
            number: The epoch.
            counter: Its counter; None: the next one.
            voids: (epoch, counter) that it declares void.
            nonce: Its nonce; None: the one that follows.
            worker: Whose it is.
            time_ms: When it was made.
            body: Makes the body that is kept from the key and the record that the leaf commits to.
            leaf: Makes the leaf that is kept from the one that follows.
            of: What it is made from; None: what the journal was given.
        """
        if counter is None:
            counter = self._counters.get(number, 0)
        self._counters[number] = counter + 1
        decision = replace(
            of or self._decision,
            epoch_digest=epoch(number),
            worker=worker,
            counter=counter,
            voids=tuple((epoch(of), void) for of, void in voids),
            nonce=decision_nonce(secret(number), worker, counter) if nonce is None else nonce,
            time_ms=time_ms,
        )
        record = encode_decision(decision)
        key = sha256(b"key" + record)
        kept = leaf(leaf_of_decision(decision, commitment(key, record)))
        return self.journal.append(encode_leaf(kept), body(key, record)).index

    def reveal(
        self,
        number: int = 1,
        *,
        count: int | None = None,
        voids: Sequence[int] = (),
        worker: str = "w0",
        instead: bytes | None = None,
    ) -> int:
        """Reveal an epoch's secret, or another one `instead`; return the leaf's index."""
        said = secret(number) if instead is None else instead
        return self.append(RevealLeaf(HOUSE_TIME_MS, epoch(number), worker, said, count, tuple(voids)))

    def erase(
        self,
        *ranges: tuple[int, int],
        code: ReasonCode = "REQUEST",
        key: Ed25519PrivateKey = ERASER_KEY,
        time_ms: int = HOUSE_TIME_MS,
        origin: str = HOUSE_ORIGIN,
        done: bool = True,
        periods: Sequence[int] = (),
    ) -> int:
        """Record an erasure, and erase unless it is not to be `done`; return the leaf's index."""
        erasure = Erasure(origin, ranges, tuple(periods), code, f"because: {code}", time_ms)
        leaf = encode_leaf(ErasureLeaf(time_ms, sign_erasure(erasure, key)))
        inside = [span for span in ranges if span[1] < self.journal.count]
        return self.journal.append(leaf, erases=inside if done else ()).index

    def cosign(self, *witnesses: NoteSigner, note: bytes | None = None, time_s: int = 50) -> bytes:
        """Publish a checkpoint, or take an older one, and have it cosigned; it is witnessed then."""
        note = note or self.journal.publish()
        for witness in witnesses:
            note = add_signature(note, witness.sign(parse_note(note).text, time_s))
        self.journal.add_cosignatures(note, is_witnessed=True)
        return note

    def append(self, leaf: Leaf) -> int:
        """Record a leaf; return its index."""
        return self.journal.append(encode_leaf(leaf)).index

    def close(self) -> Path:
        """Publish, close, and return the data directory."""
        self.journal.close()
        return self.data
