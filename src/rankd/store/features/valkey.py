"""The feature store in a Valkey or Redis server.

All keys of a view begin with its *namespace*, `rankd:{<origin>:<layout>}:`, eight and sixteen hexadecimal digits of
their digests; the braces keep it on one node of a cluster. Below it:

| key | value |
|---|---|
| `generation` | eight hexadecimal digits, drawn at each `reset` |
| `position:<generation>` | the position, decimal |
| `<generation>:` ‖ key | the counters |

A read is one MGET of the position and the values, so they are of one moment. An `add` watches the position, then raises
counters and position in one MULTI/EXEC. A `reset` changes generation and position in one MULTI/EXEC, and removes what
belongs to no generation after that: a crash leaves garbage that the next `reset` removes, and nobody reads it.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from redis.exceptions import ResponseError

from rankd.core.errors import FeatureStoreError
from rankd.core.features.block import Increment
from rankd.store.features.link import WRONG_TYPE, Command, Link, Links, Reply, Server, error_code
from rankd.store.features.store import Raised, gather, origin_digest

_GENERATION = b"generation"
_GENERATION_BYTES = 4
_SWEEP_COUNT = 1_000
_KEEPS_KEYS = "noeviction"
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of keys in one generation: the position's, and what the values' begin with."""

    position: bytes
    prefix: bytes


class ValkeyStore:
    """A `FeatureStore` in a Valkey or Redis server (7 or later). Connects when it is first asked.

    Args:
        url: `redis://[user:password@]host[:port][/database]`, `rediss://` with TLS, or `unix:///path`.
        origin: The journal's.
        layout: The layout's digest, 32 bytes.
        clock_ms: The server's clock, milliseconds since 1970.
        link_count: How many connections at most.
        write_timeout_s: How long everything but a read may take.
        draw: Where the names of generations come from.

    Raises:
        FeatureStoreError: FEATURE_STORE_URL.
    """

    def __init__(
        self,
        url: str,
        origin: str,
        layout: bytes,
        *,
        clock_ms: Callable[[], int],
        link_count: int = 16,
        write_timeout_s: float = 2.0,
        draw: Callable[[int], bytes] = os.urandom,
    ) -> None:
        server = Server(url)
        self.address = server.address
        self._links = Links(server, link_count)
        self._namespace = f"rankd:{{{origin_digest(origin).hex()[:8]}:{layout.hex()[:16]}}}:".encode()
        self._clock_ms = clock_ms
        self._write_timeout_s = write_timeout_s
        self._draw = draw
        # Of the generation that was last seen. Once another one begins, there is no position under these any more.
        self._names: _Names | None = None

    def position(self) -> int | None:
        """See `FeatureStore`."""
        deadline_s = self._write_deadline_s()
        with self._links.borrow(deadline_s) as link:
            self._check_memory(link, deadline_s)
            if (names := self._look(link, deadline_s)) is None:
                return None
            (found,) = link.exchange([("GET", names.position)], deadline_s)
            return self._number(found)

    def read(self, keys: Sequence[bytes], timeout_s: float) -> tuple[int, list[bytes | None]]:
        """See `FeatureStore`."""
        deadline_s = time.monotonic() + timeout_s
        with self._links.borrow(deadline_s) as link:
            names = self._names or self._look(link, deadline_s)
            while names is not None:
                prefix = names.prefix
                (values,) = link.exchange([("MGET", names.position, *[prefix + key for key in keys])], deadline_s)
                if (position := self._number(values[0])) is not None:
                    del values[0]
                    return position, values
                # Another generation may have begun; if not, there is nothing.
                before, names = names, self._look(link, deadline_s)
                if names == before:
                    break
        raise self._empty()

    def add(self, increments: Sequence[Increment], position: int, *, expected: int) -> None:
        """See `FeatureStore`."""
        raised = gather(increments, self._clock_ms())
        deadline_s = self._write_deadline_s()
        with self._links.borrow(deadline_s) as link:
            names = self._names or self._look(link, deadline_s)
            if names is None:
                raise self._empty()
            _, found = link.exchange([("WATCH", names.position), ("GET", names.position)], deadline_s)
            if (at := self._number(found)) != expected:
                link.exchange([("UNWATCH",)], deadline_s)
                self._names = None
                raise self._empty() if at is None else self._moved(expected, at)
            commands: list[Command] = [("MULTI",), ("SET", names.position, position)]
            for key, how in raised.items():
                commands += _raise(names.prefix + key, how)
            self._check_done(link.exchange([*commands, ("EXEC",)], deadline_s)[-1], expected)

    def reset(self) -> None:
        """See `FeatureStore`. Returns when the old keys are gone: when it went through all keys of the server."""
        deadline_s = self._write_deadline_s()
        pointer = self._namespace + _GENERATION
        with self._links.borrow(deadline_s) as link:
            known = self._known(link, pointer, deadline_s)
            generation = self._draw(_GENERATION_BYTES).hex().encode()
            names = self._names_of(generation)
            commands: list[Command] = [("MULTI",), ("SET", pointer, generation), ("SET", names.position, 0)]
            if known is not None:
                # Whoever still reads the old generation must not find a part of it.
                commands.append(("UNLINK", self._names_of(known).position))
            self._check_done(link.exchange([*commands, ("EXEC",)], deadline_s)[-1], 0)
            self._names = names
        self._sweep(names)

    def close(self) -> None:
        """Close the connections."""
        self._links.close()

    def _sweep(self, names: _Names) -> None:
        """Remove all keys of the namespace that are not of this generation, some at a time."""
        kept = {self._namespace + _GENERATION, names.position}
        cursor = b"0"
        while True:
            deadline_s = self._write_deadline_s()
            with self._links.borrow(deadline_s) as link:
                scan: Command = ("SCAN", cursor, "MATCH", self._namespace + b"*", "COUNT", _SWEEP_COUNT)
                ((cursor, keys),) = link.exchange([scan], deadline_s)
                old = [key for key in keys if not key.startswith(names.prefix) and key not in kept]
                if old:
                    link.exchange([("UNLINK", *old)], deadline_s)
            if cursor == b"0":
                return

    def _look(self, link: Link, deadline_s: float) -> _Names | None:
        """Return the names under the generation that stands now; None where none does."""
        (generation,) = link.exchange([("GET", self._namespace + _GENERATION)], deadline_s)
        self._names = None if generation is None else self._names_of(generation)
        return self._names

    def _known(self, link: Link, pointer: bytes, deadline_s: float) -> bytes | None:
        """Watch the key of the generation, and return what stands there; None where it is nothing, or no text."""
        try:
            _, known = link.exchange([("WATCH", pointer), ("GET", pointer)], deadline_s)
        except ResponseError as error:
            if error_code(error) != WRONG_TYPE:
                raise
            return None
        return cast("bytes | None", known)

    def _names_of(self, generation: bytes) -> _Names:
        return _Names(self._namespace + b"position:" + generation, self._namespace + generation + b":")

    def _check_memory(self, link: Link, deadline_s: float) -> None:
        """Make sure that the server does not drop counts when it runs out of memory, where it says so."""
        try:
            (info,) = link.exchange([("INFO", "memory")], deadline_s)
        except ResponseError:
            # Some accounts may not ask; the guide tells their operator what to make sure of.
            return
        if (policy := evicting_policy(info)) is not None:
            raise FeatureStoreError("FEATURE_STORE_EVICTS", address=self.address, policy=policy)

    def _check_done(self, done: Reply, expected: int) -> None:
        """Raise where a transaction was not done, or not done in full."""
        if done is None:
            raise self._moved(expected, "?")
        for reply in done:
            if isinstance(reply, ResponseError):
                raise FeatureStoreError("FEATURE_STORE_DAMAGED", address=self.address, detail=error_code(reply))

    def _number(self, found: Reply) -> int | None:
        if found is None:
            return None
        if not found.isdigit() or len(found) > _MOST_DIGITS:
            raise FeatureStoreError("FEATURE_STORE_DAMAGED", address=self.address, detail="position")
        return int(found)

    def _write_deadline_s(self) -> float:
        return time.monotonic() + self._write_timeout_s

    def _moved(self, expected: int, found: int | str) -> FeatureStoreError:
        return FeatureStoreError("FEATURE_STORE_MOVED", address=self.address, expected=expected, found=found)

    def _empty(self) -> FeatureStoreError:
        return FeatureStoreError("FEATURE_STORE_EMPTY", address=self.address)


def evicting_policy(info: bytes) -> str | None:
    """Return by which rule a server drops keys when its memory is full; None: it drops none, or does not say.

    Args:
        info: What it says of its memory (`INFO memory`).
    """
    said = dict(line.split(":", 1) for line in info.decode(errors="replace").splitlines() if ":" in line)
    policy = said.get("maxmemory_policy", _KEEPS_KEYS)
    return policy if said.get("maxmemory", "0") != "0" and policy != _KEEPS_KEYS else None


def _raise(key: bytes, how: Raised) -> list[Command]:
    """Return the commands that raise the counters of one value."""
    counters = [part for cell, count in how.cells.items() for part in ("INCRBY", "u32", f"#{cell}", count)]
    commands: list[Command] = [("BITFIELD", key, "OVERFLOW", "SAT", *counters)]
    if how.expire_ms:
        commands.append(("PEXPIREAT", key, how.expire_ms))
    return commands
