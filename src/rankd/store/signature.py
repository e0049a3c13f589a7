"""Signatures: what tells, without reading it, that a file or a folder is not the one that it was."""

import os
from pathlib import Path
from typing import TypeAlias

Signature: TypeAlias = tuple[tuple[object, ...], ...]
"""Compared for equality only."""


def file_signature(path: Path) -> Signature:
    """Return the signature of a file, reached through links; that of an absent one where it cannot be looked at."""
    try:
        return (_of(path.stat()),)
    except OSError:
        return (("absent",),)


def folder_signature(path: Path) -> Signature:
    """Return the signature of a folder, reached through links, and of everything that lies directly in it.

    A folder that is renamed into place, a link that is moved and a file that is rewritten all change it.
    """
    try:
        entries = sorted(path.iterdir())
        return (_of(path.stat()), *((entry.name, *_of(entry.lstat())) for entry in entries))
    except OSError:
        return (("absent",),)


def _of(stat: os.stat_result) -> tuple[object, ...]:
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
