"""The keys of pseudonyms: one for each period, and gone for good when it is destroyed.

A file `pseudonyms/<period>-<begin, milliseconds since 1970>.key` holds the 32 bytes of a key as they are. A destroyed
one leaves an empty file that ends in `.destroyed`, so that no later period takes its number.
"""

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rankd.core.errors import RecordError, ServiceError
from rankd.store.atomic import sync_directory
from rankd.store.secret_file import (
    SECRET_BYTES,
    blank_secret_file,
    create_secret_file,
    make_secret_folder,
    read_secret_file,
)

_KEY, _DESTROYED = ".key", ".destroyed"
_NAME = re.compile(r"([0-9]{1,15})-([0-9]{1,16})\.(?:key|destroyed)")


@dataclass(frozen=True, slots=True)
class Period:
    """A period whose key is here.

    Attributes:
        number: From 1, never used again.
        begin_ms: When it began, milliseconds since 1970; it lasts until the next one begins.
    """

    number: int
    begin_ms: int


class PseudonymBook:
    """The keys of pseudonyms of a data directory. Safe to use from many threads at once. Open it with `open`."""

    def __init__(self, folder: Path, period_ms: int, draw: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._period_ms = period_ms
        self._draw = draw
        self._lock = threading.Lock()
        self._paths: dict[Period, Path] = {}
        self._last_number = 0
        self._current: tuple[Period, bytes] | None = None

    @classmethod
    def open(cls, data_dir: Path, period_ms: int, draw: Callable[[int], bytes] = os.urandom) -> "PseudonymBook":
        """Open the keys of a data directory, and finish what a crash left half destroyed.

        Args:
            data_dir: The data directory, whose journal this process holds.
            period_ms: How long a period lasts.
            draw: Where keys come from.

        Raises:
            RecordError: PSEUDONYM_KEY_DAMAGED: a key is not of its length.
            ServiceError: PSEUDONYM_KEYS_UNUSABLE: the disk refuses, or others can read a key.
        """
        book = cls(data_dir / "pseudonyms", period_ms, draw)
        try:
            make_secret_folder(book._folder)
            book._read_folder()
        except OSError as error:
            raise book._unusable(error) from error
        return book

    def current(self, now_ms: int) -> tuple[int, bytes]:
        """Return the number and the key of the period that `now_ms` falls in; a new one is on disk before that.

        A clock that goes back stays in the period, unless it goes back by more than a period.

        Raises:
            ServiceError: PSEUDONYM_KEYS_UNUSABLE: the disk refuses; no new period began.
        """
        with self._lock:
            if self._current is None or abs(now_ms - self._current[0].begin_ms) >= self._period_ms:
                self._current = self._begin(now_ms)
            period, key = self._current
            return period.number, key

    def key(self, number: int) -> bytes | None:
        """Return the key of a period, or None where it was destroyed or never was.

        Raises:
            RecordError: PSEUDONYM_KEY_DAMAGED.
            ServiceError: PSEUDONYM_KEYS_UNUSABLE.
        """
        with self._lock:
            path = next((path for period, path in self._paths.items() if period.number == number), None)
            try:
                return None if path is None else _read(path)
            except OSError as error:
                raise self._unusable(error) from error

    def periods(self) -> tuple[Period, ...]:
        """Return the periods whose keys are here, in order."""
        with self._lock:
            return tuple(self._paths)

    def ended_before(self, time_ms: int) -> tuple[int, ...]:
        """Return the numbers of the periods that nothing from `time_ms` on can have used, the last one excepted."""
        with self._lock:
            pairs = pairwise(self._paths)
            return tuple(
                period.number
                for period, after in pairs
                # A clock that went back may have begun the next one early.
                if max(after.begin_ms, period.begin_ms + self._period_ms) <= time_ms
            )

    def destroy(self, number: int) -> bool:
        """Destroy the key of a period: pseudonyms of that time lead to nobody any more.

        A crash leaves the key, or no byte of it; in both cases it can be destroyed again.

        Returns:
            Whether there was one.

        Raises:
            ServiceError: PSEUDONYM_KEYS_UNUSABLE: the disk refuses; destroy it again.
        """
        with self._lock:
            period = next((period for period in self._paths if period.number == number), None)
            if period is None:
                return False
            # From here on nobody draws from it, even where the disk refuses.
            if self._current is not None and self._current[0] == period:
                self._current = None
            try:
                blank_secret_file(self._paths[period])
                self._bury(self._paths[period])
            except OSError as error:
                raise self._unusable(error) from error
            del self._paths[period]
            return True

    def _begin(self, now_ms: int) -> tuple[Period, bytes]:
        period, key = Period(self._last_number + 1, now_ms), self._draw(SECRET_BYTES)
        # Also where the disk refuses: the file may be there all the same.
        self._last_number = period.number
        path = self._folder / f"{period.number:06d}-{now_ms}{_KEY}"
        try:
            create_secret_file(path, key)
        except OSError as error:
            raise self._unusable(error) from error
        self._paths[period] = path
        return period, key

    def _read_folder(self) -> None:
        found = [(match, path) for path in self._folder.iterdir() if (match := _NAME.fullmatch(path.name))]
        for match, path in sorted(found, key=lambda item: int(item[0][1])):
            self._last_number, self._current = int(match[1]), None
            if path.suffix == _DESTROYED:
                continue
            if (key := _read(path)) is None:
                blank_secret_file(path)
                self._bury(path)
                continue
            period = Period(int(match[1]), int(match[2]))
            self._paths[period] = path
            self._current = (period, key)

    def _bury(self, path: Path) -> None:
        path.rename(path.with_suffix(_DESTROYED))
        sync_directory(self._folder)

    def _unusable(self, error: OSError) -> ServiceError:
        return ServiceError("PSEUDONYM_KEYS_UNUSABLE", path=self._folder, detail=error.strerror)


def read_keys(data_dir: Path) -> tuple[dict[int, bytes], tuple[int, ...]]:
    """Return the keys of a data directory by the numbers of their periods, and the periods whose key was destroyed.

    Nothing is written; another process may hold the directory.

    Args:
        data_dir: The data directory.

    Raises:
        RecordError: PSEUDONYM_KEY_DAMAGED.
        ServiceError: PSEUDONYM_KEYS_UNUSABLE: the disk refuses, or others can read a key.
    """
    folder = data_dir / "pseudonyms"
    keys: dict[int, bytes] = {}
    destroyed: set[int] = set()
    try:
        found = [(int(match[1]), path) for path in folder.glob("*") if (match := _NAME.fullmatch(path.name))]
        for number, path in sorted(found):
            try:
                key = None if path.suffix == _DESTROYED else _read(path)
            except FileNotFoundError:
                key = None  # destroyed this moment
            if key is None:
                destroyed.add(number)
            else:
                keys[number] = key
    except OSError as error:
        raise ServiceError("PSEUDONYM_KEYS_UNUSABLE", path=folder, detail=error.strerror) from error
    return keys, tuple(sorted(destroyed))


def _read(path: Path) -> bytes | None:
    """Return a key, or None where a crash cut its destruction short."""
    key = read_secret_file(path, SECRET_BYTES)
    if key in (b"", bytes(SECRET_BYTES)):
        return None
    if len(key) != SECRET_BYTES:
        raise RecordError("PSEUDONYM_KEY_DAMAGED", file=path)
    return key
