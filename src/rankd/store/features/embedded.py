"""The embedded feature store: counters in memory, and a snapshot on disk so that a start need not count everything.

`<folder>/<origin>-<layout>.snapshot`, named by eight and sixteen hexadecimal digits of their digests, holds what was
counted up to its position. It is replaced as a whole now and then and at the close. A crash leaves the one before, and
the rest is counted again from the journal; a crash while one is written leaves the old one and perhaps a hidden file
beside it, which the next start removes. One process at a time: whoever holds the journal's lock.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from pathlib import Path

from rankd.core.errors import FeatureStoreError
from rankd.core.features.block import Increment
from rankd.store.disk import Disk
from rankd.store.features.snapshot import Snapshot, SnapshotDamagedError, SnapshotForeignError, pack, unpack
from rankd.store.features.store import Raised, gather, origin_digest, raised_value
from rankd.store.secret_file import make_secret_folder

ADDRESS = "embedded"
SUFFIX = ".snapshot"
_LOG = logging.getLogger(__name__)
_NEVER_MS = 2**63
_BACK_MS = 3_600_000
"""The least width of a bucket: so far back a clock may go, and nothing is read that was let go of."""

_SWEEP_COUNT = 2_000


class EmbeddedStore:
    """A `FeatureStore` in this process's memory. Open it with `open`.

    Writers take turns; readers wait only while new values, made beforehand, are put in place.

    Attributes:
        refused: Why the snapshot that was there was not taken up; None: it was, or there was none.
        unsaved: Why the last snapshot could not be written; None: it could.
    """

    def __init__(
        self,
        path: Path,
        identity: tuple[bytes, bytes],
        clock_ms: Callable[[], int],
        disk: Disk,
        snapshot_interval_s: float,
    ) -> None:
        self.refused: FeatureStoreError | None = None
        self.unsaved: FeatureStoreError | None = None
        self._path = path
        self._identity = identity
        self._clock_ms = clock_ms
        self._disk = disk
        self._interval_s = snapshot_interval_s
        # Whoever changes anything holds `_writing`; whoever reads, or puts changes in place, holds `_lock`.
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._position: int | None = None
        self._is_saved = True
        self._saved_s = time.monotonic()
        self._values: dict[bytes, bytes] = {}
        self._expiry: dict[bytes, int] = {}
        self._ends: list[int] = []
        self._ending: dict[int, list[bytes]] = {}
        # Up to when the time of values was over that are not here for that reason.
        self._let_go_ms = 0

    @classmethod
    def open(
        cls,
        folder: Path,
        origin: str,
        layout: bytes,
        *,
        clock_ms: Callable[[], int],
        disk: Disk | None = None,
        snapshot_interval_s: float = 300.0,
    ) -> "EmbeddedStore":
        """Open a store, with the last snapshot where it is whole and of this origin and layout.

        Args:
            folder: Where snapshots lie; made where it is missing, for its owner alone.
            origin: The journal's.
            layout: The layout's digest, 32 bytes.
            clock_ms: The server's clock, milliseconds since 1970.
            disk: How to write.
            snapshot_interval_s: A snapshot is written by an `add` that comes so many seconds after the last one.
        """
        identity = (origin_digest(origin), layout)
        path = folder / f"{identity[0].hex()[:8]}-{layout.hex()[:16]}{SUFFIX}"
        store = cls(path, identity, clock_ms, disk or Disk(), snapshot_interval_s)
        store._take_up()
        return store

    def position(self) -> int | None:
        """See `FeatureStore`. Nothing is here once the clock goes back behind what was let go of by it."""
        return None if self._is_behind(self._clock_ms()) else self._position

    def read(self, keys: Sequence[bytes], timeout_s: float) -> tuple[int, list[bytes | None]]:
        """See `FeatureStore`."""
        # A negative time would wait for ever.
        if not self._lock.acquire(timeout=max(0.0, timeout_s)):
            raise FeatureStoreError("FEATURE_STORE_SLOW", address=ADDRESS, timeout_ms=round(timeout_s * 1_000))
        try:
            position, now_ms = self._position, self._clock_ms()
            if position is None or self._is_behind(now_ms):
                raise FeatureStoreError("FEATURE_STORE_EMPTY", address=ADDRESS)
            values = list(map(self._values.get, keys))
            if self._ends and self._ends[0] <= now_ms:
                expiry = self._expiry.get
                over = [at for at, key in enumerate(keys) if expiry(key, _NEVER_MS) <= now_ms]
                for at in over:
                    values[at] = None
            return position, values
        finally:
            self._lock.release()

    def add(self, increments: Sequence[Increment], position: int, *, expected: int) -> None:
        """See `FeatureStore`. What is due of snapshots and of values whose time is over is done along the way."""
        with self._writing:
            now_ms = self._clock_ms()
            if self._position is None or self._is_behind(now_ms):
                raise FeatureStoreError("FEATURE_STORE_EMPTY", address=ADDRESS)
            if self._position != expected:
                found = self._position
                raise FeatureStoreError("FEATURE_STORE_MOVED", address=ADDRESS, expected=expected, found=found)
            raised = gather(increments, now_ms)
            over = (increment.expire_ms for increment in increments if increment.expire_ms <= now_ms)
            self._let_go_ms = max(self._let_go_ms, max(over, default=0))
            changed = {key: self._changed(key, how, now_ms) for key, how in raised.items()}
            with self._lock:
                self._values.update(changed)
                for key, how in raised.items():
                    self._note_end(key, how.expire_ms, now_ms)
                self._position, self._is_saved = position, False
            self._sweep(now_ms)
            if time.monotonic() - self._saved_s >= self._interval_s:
                self._save_or_tell()

    def reset(self) -> None:
        """See `FeatureStore`. The snapshot goes first: a crash after it leaves nothing, and all is counted again."""
        with self._writing:
            self._remove()
            with self._lock:
                self._put(Snapshot(0, {}, {}))
            self._is_saved = False
            self._saved_s = time.monotonic()

    def save(self) -> None:
        """Write a snapshot where the last one is not of now.

        Raises:
            FeatureStoreError: FEATURE_SNAPSHOT_UNWRITABLE; the last one stays.
        """
        with self._writing:
            self._save()

    def close(self) -> None:
        """Write a snapshot. Raises as `save`."""
        self.save()

    def _is_behind(self, now_ms: int) -> bool:
        return now_ms < self._let_go_ms - _BACK_MS

    def _changed(self, key: bytes, how: Raised, now_ms: int) -> bytes:
        """Return the value after some increments."""
        value = self._values.get(key, b"")
        if value and (end_ms := self._expiry.get(key, _NEVER_MS)) <= now_ms:
            value, self._let_go_ms = b"", max(self._let_go_ms, end_ms)
        return raised_value(value, how)

    def _note_end(self, key: bytes, expire_ms: int, now_ms: int) -> None:
        known_ms = self._expiry.get(key)
        if known_ms is not None and known_ms <= now_ms:
            del self._expiry[key]
        if not expire_ms or known_ms == expire_ms:
            return
        if expire_ms not in self._ending:
            self._ending[expire_ms] = []
            heappush(self._ends, expire_ms)
        self._ending[expire_ms].append(key)
        self._expiry[key] = expire_ms

    def _sweep(self, now_ms: int) -> None:
        """Remove some of the values whose time is over; readers take no notice of the others."""
        room = _SWEEP_COUNT
        while room and self._ends and self._ends[0] <= now_ms:
            end = self._ends[0]
            self._let_go_ms = max(self._let_go_ms, end)
            keys = self._ending[end]
            part = keys[-room:]
            with self._lock:
                for key in part:
                    if self._expiry.get(key) == end:
                        del self._expiry[key]
                        self._values.pop(key, None)
                del keys[-room:]
                if not keys:
                    del self._ending[end]
                    heappop(self._ends)
            room -= len(part)

    def _put(self, snapshot: Snapshot) -> None:
        self._position, self._let_go_ms = snapshot.position, 0
        self._values, self._expiry = snapshot.values, {}
        self._ends, self._ending = [], {}
        for key, expire_ms in snapshot.expiry.items():
            self._note_end(key, expire_ms, 0)

    def _take_up(self) -> None:
        origin, layout = self._identity
        try:
            make_secret_folder(self._path.parent)
            for path in self._path.parent.glob(f".{self._path.name}.*.tmp"):
                path.unlink()
            snapshot = unpack(self._path.read_bytes(), origin, layout)
        except FileNotFoundError:
            return
        except SnapshotDamagedError:
            self.refused = FeatureStoreError("FEATURE_SNAPSHOT_DAMAGED", path=self._path)
        except SnapshotForeignError:
            self.refused = FeatureStoreError("FEATURE_SNAPSHOT_FOREIGN", path=self._path)
        except OSError as error:
            detail = error.strerror or error
            self.refused = FeatureStoreError("FEATURE_SNAPSHOT_UNREADABLE", path=self._path, detail=detail)
        else:
            self._put(snapshot)
            return
        _LOG.warning("%s: %s", self.refused.reason, self.refused)

    def _save(self) -> None:
        self._saved_s = time.monotonic()
        if self._position is None or self._is_saved:
            return
        # Readers do not change anything and writers wait for `_writing`: this is of one moment without their lock.
        data = pack(*self._identity, Snapshot(self._position, self._values, self._expiry))
        try:
            self._disk.replace(self._path, data)
        except OSError as error:
            raise self._unwritable(error) from error
        self._is_saved, self.unsaved = True, None

    def _save_or_tell(self) -> None:
        try:
            self._save()
        except FeatureStoreError as error:
            if self.unsaved is None:
                _LOG.warning("%s: %s", error.reason, error)
            self.unsaved = error

    def _remove(self) -> None:
        try:
            self._disk.remove(self._path)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> FeatureStoreError:
        return FeatureStoreError("FEATURE_SNAPSHOT_UNWRITABLE", path=self._path, detail=error.strerror or error)
