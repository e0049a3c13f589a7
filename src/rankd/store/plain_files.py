"""Files of a folder that strangers filled: read without following a link, waiting for anybody, or reading too much."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe is opened without waiting for its writer; it is refused a moment later.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

MAX_DEPTH = 16


class OversizeError(Exception):
    """A file is larger than it can be.

    Attributes:
        size: Its size in bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class PlainFiles:
    """The plain files under a folder. The folder itself may be reached by a link; nothing in it may be one.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str, most_bytes: int) -> bytes | None:
        """Return the content of a file, None where there is none.

        Args:
            name: Its path under the folder, parts joined by "/"; none of them is ".." or empty.
            most_bytes: How large it may be.

        Raises:
            OversizeError: It is larger.
            OSError: It is no plain file, a link is on the way to it, or the disk refuses.
        """
        with ExitStack() as opened:
            try:
                descriptor = self._open(name, opened)
            except (FileNotFoundError, NotADirectoryError):
                if self._is_hidden_by_link(name):
                    raise OSError(errno.ELOOP, "a link", name) from None
                return None
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise OSError(errno.EINVAL, "not a plain file", name)
            if state.st_size > most_bytes:
                raise OversizeError(state.st_size)
            # It may grow while it is read.
            with os.fdopen(os.dup(descriptor), "rb") as file:
                data = file.read(most_bytes + 1)
            if len(data) > most_bytes:
                raise OversizeError(len(data))
            return data

    def names(self, most: int, *, with_hidden: bool = False) -> Iterator[tuple[str, bool]]:
        """Yield the path of whatever lies under the folder, and whether it is a plain file; sorted by part.

        Folders are walked, not named; what begins with a dot is left out: tools put their own things there, and files
        under way are called so.

        Args:
            most: After so many the walk ends.
            with_hidden: Files that begin with a dot are named as well; folders that do are not walked.

        Raises:
            OSError: The disk refuses.
        """
        left = most
        waiting: list[tuple[str, int]] = [("", 0)]
        while waiting:
            folder, depth = waiting.pop()
            inside = []
            for name, is_folder, is_plain in self._listed(folder):
                if name.startswith(".") and (is_folder or not with_hidden):
                    continue
                path = f"{folder}{name}"
                if is_folder and depth < MAX_DEPTH:
                    inside.append((f"{path}/", depth + 1))
                    continue
                left -= 1
                if left < 0:
                    return
                yield path, is_plain
            waiting.extend(reversed(inside))

    def _listed(self, folder: str) -> list[tuple[str, bool, bool]]:
        with ExitStack() as opened:
            descriptor = self._folder(folder.split("/")[:-1], opened)
            with os.scandir(descriptor) as entries:
                return sorted(
                    (entry.name, entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False))
                    for entry in entries
                )

    def _open(self, name: str, opened: ExitStack) -> int:
        *folders, last = name.split("/")
        descriptor = os.open(last, _FILE, dir_fd=self._folder(folders, opened))
        opened.callback(os.close, descriptor)
        return descriptor

    def _folder(self, parts: list[str], opened: ExitStack) -> int:
        descriptor = os.open(self.root, _FOLDER & ~os.O_NOFOLLOW)
        opened.callback(os.close, descriptor)
        for part in parts:
            descriptor = os.open(part, _FOLDER, dir_fd=descriptor)
            opened.callback(os.close, descriptor)
        return descriptor

    def _is_hidden_by_link(self, name: str) -> bool:
        """Tell whether a part of a path is a link: with O_DIRECTORY the system says only that it is no folder."""
        path = self.root
        for part in name.split("/"):
            path /= part
            if path.is_symlink():
                return True
        return False
