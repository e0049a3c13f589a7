"""The numbers of a member's own ballots, beside her key: two ballots of one number would both count for nothing.

`<key file>.ballots.json` is one line of canonical JSON: `schema` (rankd.ballots/1) and `numbers`, the highest number
signed by genesis digest and proposal. A number is on disk before its ballot is signed, so that a crash skips a number
and never repeats one.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import CanonicalError, canonical_json, digest_text, parse_canonical
from rankd.store.atomic import write_atomic

SCHEMA = "rankd.ballots/1"
MAX_NUMBER = 2**32 - 1
_MOST_BYTES = 1 << 20


class BallotNumbers:
    """The numbers beside one key.

    Args:
        key_path: The key file.
    """

    def __init__(self, key_path: Path) -> None:
        self.path = key_path.with_name(f"{key_path.name}.ballots.json")

    def last(self, genesis: bytes, proposal: int) -> int:
        """Return the highest number that was taken; 0: none.

        Raises:
            AssemblyError: BALLOT_NUMBERS_UNUSABLE.
        """
        return self._read().get(_name(genesis, proposal), 0)

    def take(self, genesis: bytes, proposal: int, known: int = 0, wanted: int | None = None) -> int:
        """Take a number that no earlier ballot has; on return it is on disk.

        Args:
            genesis: The co-op's genesis digest.
            proposal: What is voted on.
            known: The highest number of the member's own that the minutes show.
            wanted: The number to take; None: the next one.

        Raises:
            AssemblyError: BALLOT_NUMBER_USED, or BALLOT_NUMBERS_UNUSABLE.
        """
        with self._alone():
            numbers = self._read()
            name = _name(genesis, proposal)
            last = max(numbers.get(name, 0), known)
            number = last + 1 if wanted is None else wanted
            if not last < number <= MAX_NUMBER:
                raise AssemblyError("BALLOT_NUMBER_USED", last=last, number=number, next=last + 1)
            numbers[name] = number
            try:
                write_atomic(self.path, canonical_json({"schema": SCHEMA, "numbers": dict(numbers)}) + b"\n")
            except OSError as error:
                raise AssemblyError("BALLOT_NUMBERS_UNUSABLE", file=self.path, detail=error.strerror) from error
        return number

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Two commands at once must not take the same number.
        try:
            descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise AssemblyError("BALLOT_NUMBERS_UNUSABLE", file=self.path, detail=error.strerror) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> dict[str, int]:
        try:
            with self.path.open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise AssemblyError("BALLOT_NUMBERS_UNUSABLE", file=self.path, detail=error.strerror) from error
        try:
            document = parse_canonical(data.removesuffix(b"\n"))
        except CanonicalError as error:
            raise AssemblyError("BALLOT_NUMBERS_UNUSABLE", file=self.path, detail="JSON") from error
        numbers = document.get("numbers") if isinstance(document, dict) else None
        if not isinstance(numbers, dict) or document.get("schema") != SCHEMA:
            raise AssemblyError("BALLOT_NUMBERS_UNUSABLE", file=self.path, detail="schema")
        if not all(type(number) is int and 0 < number <= MAX_NUMBER for number in numbers.values()):
            raise AssemblyError("BALLOT_NUMBERS_UNUSABLE", file=self.path, detail="numbers")
        return numbers


def _name(genesis: bytes, proposal: int) -> str:
    return f"{digest_text(genesis)} {proposal}"
