"""Policy folders: policies and limits on disk, as members read them."""

from dataclasses import dataclass
from pathlib import Path

from rankd.core.assembly.limits_text import read_limits_text
from rankd.core.errors import PolicyError
from rankd.core.policy.characters import MAX_BYTES
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import read_policy

LIMITS_FILE = "limits.yaml"
CONSTITUTION_PREFIX = "constitution."
"""Files whose name begins so are constitutions, or templates of one, and no surface's policy."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy and the bytes that it was read from."""

    path: Path
    data: bytes
    policy: Policy


def read_policy_bytes(path: Path) -> bytes:
    """Return a file's bytes, but never more than one beyond what the reader accepts.

    Raises:
        PolicyError: `POLICY_FILE_UNREADABLE`.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError("POLICY_FILE_UNREADABLE", file=str(path), detail=error.strerror or str(error)) from error


def read_policy_file(path: Path) -> Policy:
    """Read the policy in a file, whatever the file is called.

    Raises:
        PolicyError: The file cannot be read, or its text is refused.
    """
    return read_policy(read_policy_bytes(path), str(path))


def read_limits_file(path: Path) -> Limits:
    """Read the limits in a file: alone, or in a constitution.

    Raises:
        PolicyError: The file cannot be read, or its text is refused.
    """
    return read_limits_text(read_policy_bytes(path), str(path))


def find_policies(folder: Path) -> tuple[Path, ...]:
    """Return the policies of a folder: every `*.yaml` in it but limits, constitutions and hidden files, by name.

    Raises:
        PolicyError: `POLICY_FILE_UNREADABLE`: the folder cannot be listed.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError as error:
        raise PolicyError("POLICY_FILE_UNREADABLE", file=str(folder), detail=error.strerror or str(error)) from error
    return tuple(
        path for path in paths if path.name != LIMITS_FILE and not path.name.startswith((".", CONSTITUTION_PREFIX))
    )


def read_surface_policy(path: Path) -> PolicyFile:
    """Read the policy of a surface from a folder's file, which is called after the surface.

    Raises:
        PolicyError: The file cannot be read, its text is refused, or `SURFACE_FILE_NAME`.
    """
    data = read_policy_bytes(path)
    policy = read_policy(data, str(path))
    if path.stem != policy.surface:
        raise PolicyError("SURFACE_FILE_NAME", file=str(path), surface=policy.surface)
    return PolicyFile(path, data, policy)
