"""Writing audit bundles: members one after the other, in the order that readers demand, and all or nothing.

Two bundles of the same range at the same checkpoint are the same bytes, unless a body was erased in between.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from rankd.core.errors import BundleError
from rankd.store.atomic import sync_directory
from rankd.store.ustar import END, MAX_MEMBER_BYTES, padding, ustar_header


class BundleWriter:
    """One bundle under way. A context manager: it takes its name when the block ends, or leaves nothing.

    A crash leaves what was there before, and perhaps a hidden `.….tmp` beside it that nobody reads.

    Args:
        path: The file; one that is there already is replaced.

    Raises:
        BundleError: BUNDLE_UNWRITABLE: the disk refuses, here or at any member.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            descriptor, self._staged = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        except OSError as error:
            raise self._refused(error) from error
        self._file = os.fdopen(descriptor, "wb")
        self._is_given_up = False

    def __enter__(self) -> "BundleWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_wanted = kind is None and not self._is_given_up
        try:
            with self._file:
                if is_wanted:
                    self._file.write(END)
                    self._file.flush()
                    os.fsync(self._file.fileno())
            if is_wanted:
                Path(self._staged).replace(self._path)
                sync_directory(self._path.parent)
        except OSError as refusal:
            raise self._refused(refusal) from refusal
        finally:
            Path(self._staged).unlink(missing_ok=True)

    def add(self, member: str, parts: Sequence[bytes]) -> None:
        """Write one member.

        Args:
            member: Its name.
            parts: Its content.

        Raises:
            BundleError: BUNDLE_TOO_LARGE or BUNDLE_UNWRITABLE.
        """
        size = sum(map(len, parts))
        if size > MAX_MEMBER_BYTES:
            raise BundleError("BUNDLE_TOO_LARGE", member=member, size_bytes=size, most_bytes=MAX_MEMBER_BYTES)
        try:
            self._file.write(ustar_header(member, size))
            self._file.writelines(parts)
            self._file.write(bytes(padding(size)))
        except OSError as error:
            raise self._refused(error) from error

    def discard(self) -> None:
        """Give up: when the block ends, nothing takes the file's name."""
        self._is_given_up = True

    def _refused(self, error: OSError) -> BundleError:
        return BundleError("BUNDLE_UNWRITABLE", path=self._path, detail=error.strerror or error)
