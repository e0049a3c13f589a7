"""The request that a running service count everything again: a file that is there until it is done.

`features/rebuild.request` in the data directory is empty. Whoever may write there may ask; asking twice is asking once.
"""

from contextlib import suppress
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.store.atomic import sync_directory
from rankd.store.secret_file import create_secret_file, make_secret_folder


class RebuildRequest:
    """The request of a data directory.

    Args:
        data_dir: The data directory.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "features" / "rebuild.request"

    def put(self) -> None:
        """Ask, durably. A crash leaves the request or none.

        Raises:
            ServiceError: REBUILD_UNUSABLE: the disk refuses.
        """
        try:
            make_secret_folder(self._path.parent)
            # Somebody may have asked already.
            if not self.is_waiting:
                with suppress(FileExistsError):
                    create_secret_file(self._path, b"")
        except OSError as error:
            raise self._unusable(error) from error

    @property
    def is_waiting(self) -> bool:
        """Whether somebody asked, and it is not done."""
        return self._path.exists()

    def finish(self) -> None:
        """Note that it is done. A crash leaves the request there or not; then it is done once more.

        Raises:
            ServiceError: REBUILD_UNUSABLE.
        """
        try:
            self._path.unlink(missing_ok=True)
            if self._path.parent.is_dir():
                sync_directory(self._path.parent)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> ServiceError:
        return ServiceError("REBUILD_UNUSABLE", path=self._path, detail=error.strerror)
