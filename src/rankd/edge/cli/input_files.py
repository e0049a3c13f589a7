"""Files that members' commands read: texts, impacts and signed entries."""

from pathlib import Path

from rankd.core.assembly.signing import MAX_ENVELOPE_BYTES
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import CanonicalError, parse_canonical
from rankd.core.log.envelope import MAX_PAYLOAD_BYTES
from rankd.store.policy_folder import read_policy_bytes
from rankd.usecases.govern.drafting import TextFile


def read_text(path: Path) -> TextFile:
    """Return a policy, template or constitution.

    Raises:
        PolicyError: POLICY_FILE_UNREADABLE.
    """
    return TextFile(str(path), read_policy_bytes(path))


def read_impact(path: Path) -> str:
    """Return an impact's canonical JSON, as the minutes will hold it.

    Raises:
        AssemblyError: ENTRY_FILE_UNREADABLE, or ENTRY_FILE_MALFORMED: it is not canonical JSON.
    """
    data = read_bytes(path, MAX_PAYLOAD_BYTES).removesuffix(b"\n")
    try:
        parse_canonical(data)
    except CanonicalError:
        raise AssemblyError("ENTRY_FILE_MALFORMED", file=path) from None
    return data.decode("utf-8")


def read_entry(path: Path) -> bytes:
    """Return a signed entry: the envelope's canonical JSON, without the line feed that ends the file.

    Raises:
        AssemblyError: ENTRY_FILE_UNREADABLE.
    """
    return read_bytes(path, MAX_ENVELOPE_BYTES + 1).removesuffix(b"\n")


def read_bytes(path: Path, most: int) -> bytes:
    """Return a file's bytes, at most one more than `most`.

    Raises:
        AssemblyError: ENTRY_FILE_UNREADABLE.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise AssemblyError("ENTRY_FILE_UNREADABLE", file=path, detail=error.strerror) from error
