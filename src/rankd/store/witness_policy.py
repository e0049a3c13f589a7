"""The file of witnesses: whose cosignatures count, how many are needed, and where to ask for them.

It is a file of its own, not a section of the service's configuration: an auditor reads the same file with the light
install, and two cooperatives can compare theirs.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rankd.core.errors import LogError, WitnessError
from rankd.core.log.note import COSIGNATURE, NoteVerifier, parse_vkey

MOST_WITNESSES = 15
"""With the log's own signature sixteen, which every reader of signed notes must accept."""

_MOST_BYTES = 64 * 1024
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """One witness.

    Attributes:
        verifier: Its key, algorithm COSIGNATURE, under its name.
        url: Its submission prefix, without a slash at the end.
    """

    verifier: NoteVerifier
    url: str

    @property
    def name(self) -> str:
        """The name that stands in its signature lines."""
        return self.verifier.name


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """Whose cosignatures count.

    Attributes:
        quorum: How many are needed, 1 to the number of witnesses.
        witnesses: All different in name and key.
    """

    quorum: int
    witnesses: tuple[PolicyWitness, ...]

    @property
    def verifiers(self) -> tuple[NoteVerifier, ...]:
        """The witnesses' keys, as `open_checkpoint` takes them."""
        return tuple(witness.verifier for witness in self.witnesses)


def read_witness_policy(path: Path) -> WitnessPolicy:
    """Read a file of witnesses strictly.

    Raises:
        WitnessError: WITNESS_POLICY_UNREADABLE or WITNESS_POLICY_INVALID, naming the key.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise WitnessError("WITNESS_POLICY_UNREADABLE", file=path, detail=f"> {_MOST_BYTES}")
        document = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise WitnessError("WITNESS_POLICY_UNREADABLE", file=path, detail=error.strerror) from error
    except UnicodeDecodeError as error:
        raise WitnessError("WITNESS_POLICY_UNREADABLE", file=path, detail="UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise WitnessError("WITNESS_POLICY_UNREADABLE", file=path, detail=error) from error
    for key, found in _faults(document):
        raise WitnessError("WITNESS_POLICY_INVALID", file=path, key=key, found=str(found)[:_SHOWN])
    witnesses = tuple(
        PolicyWitness(parse_vkey(entry["vkey"]), entry["url"].rstrip("/")) for entry in document["witness"]
    )
    return WitnessPolicy(document["quorum"], witnesses)


def _faults(document: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the key and the value of whatever is wrong, the first thing first."""
    for key in document.keys() - {"quorum", "witness"}:
        yield key, document[key]
    entries, quorum = document.get("witness"), document.get("quorum")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_WITNESSES:
        yield "witness", entries if not isinstance(entries, list) else len(entries)
        return
    if type(quorum) is not int or not 1 <= quorum <= len(entries):
        yield "quorum", quorum
    names, keys = set[str](), set[bytes]()
    for at, entry in enumerate(entries):
        verifier = None
        for field, found in _entry_faults(entry):
            yield f"witness[{at}].{field}", found
            return
        verifier = parse_vkey(entry["vkey"])
        if verifier.name in names:
            yield f"witness[{at}].name", verifier.name
        if verifier.public_key in keys:
            # One key under two names would count as two witnesses.
            yield f"witness[{at}].vkey", verifier.vkey
        names.add(verifier.name)
        keys.add(verifier.public_key)


def _entry_faults(entry: object) -> Iterator[tuple[str, object]]:
    if not isinstance(entry, dict):
        yield "name", entry
        return
    for key in sorted({"name", "vkey", "url"} ^ entry.keys()):
        yield key, entry.get(key)
    for key in ("name", "vkey", "url"):
        if not isinstance(entry.get(key), str):
            yield key, entry.get(key)
    try:
        verifier = parse_vkey(entry["vkey"])
    except LogError:
        yield "vkey", entry["vkey"]
        return
    if verifier.algorithm != COSIGNATURE:
        yield "vkey", entry["vkey"]
    if verifier.name != entry["name"]:
        yield "name", entry["name"]
    if not _is_prefix(entry["url"]):
        yield "url", entry["url"]


def _is_prefix(url: str) -> bool:
    """Tell whether requests can be sent to paths under this address, and nothing in it is a secret."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not parts.query and not parts.fragment
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and plain and "?" not in url
