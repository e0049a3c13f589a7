"""The feature store in a Valkey or Redis Cluster, whose counts lie on several nodes.

Keys lie in 32 *partitions* by their CRC-32. All keys of a partition begin with `rankd:{<origin>:<layout>:32:<n>}:`, so
that they are in one slot; the numbers n are chosen so that the partitions' slots are spread evenly. Below it:

| key | value |
|---|---|
| `generation` | in partition 0 alone: sixteen hexadecimal digits, drawn at each `reset` |
| `position:<generation>` | where the partition stands (`standing`) |
| `step:<generation>` | what a prepared step raises here |
| `<generation>:` ‖ key | the counters |

A cluster does nothing on two nodes at once, so an `add` is a *step* in three rounds:

1. **prepare**: every partition takes the step down beside its counts, which stay as they are;
2. **decide**: once all have, partition 0 counts it. From here on the step is done, whatever fails;
3. **follow**: all others count it.

Each change is one script in one partition, done only if the partition stands where it was expected, and changes where
it stands. So at each moment there is one position that every partition counts, or counts together with the step that it
has prepared. A read asks all partitions, all nodes at the same time, and returns that position: the values as they lie,
raised by the prepared step where a partition has yet to follow. Where the nodes answered at moments too far apart,
there is no such position, and it asks again. Two readings of the same standings without one: counts were lost.

A step that was never decided is replaced by the next one, partition 0 first: after that it can never be decided. One
that was is followed first. Both are found by whoever adds next, so a writer may die anywhere.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1
from itertools import count
from typing import cast
from zlib import crc32

from redis.exceptions import NoScriptError

from rankd.core.errors import FeatureStoreError
from rankd.core.features.layout import Increment
from rankd.store.features.link import WRONG_TYPE, Command, Reply
from rankd.store.features.shards import SLOT_COUNT, Asked, Shards, slot_of
from rankd.store.features.standing import TOKEN_BYTES, Mark, Standing, common_mark, pack_step, unpack_step
from rankd.store.features.store import Raised, gather, origin_digest, raised_value
from rankd.store.features.valkey import evicting_policy

PARTITION_COUNT = 32
_ROOT = 0
_SWEEP_COUNT = 1_000
# Lua hands a command some thousand words at most.
_CELLS_AT_ONCE = 1_000

_CHANGE = b"""\
local found = redis.call('GET', KEYS[1])
if (found or '') ~= ARGV[1] then return found end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[3] == '' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], ARGV[3]) end
local at, done = 4, 1
for k = 3, #KEYS do
  local last = at + 1 + tonumber(ARGV[at])
  local reply = redis.pcall('BITFIELD', KEYS[k], 'OVERFLOW', 'SAT', unpack(ARGV, at + 2, last))
  if reply.err then done = 0
  elseif ARGV[at + 1] ~= '0' then redis.call('PEXPIREAT', KEYS[k], ARGV[at + 1]) end
  at = last + 1
end
return done
"""
"""KEYS: a text, a step, values. ARGV: the text that is expected ('': none) and the one to set, the step to lay down
('': none), and for each value how many words raise its counters, when its time is over, and these words.

Returns 1; 0 where other things lie under a value's key; and where another text stands, that one, and nothing is done.
"""
_CHANGE_NAME = sha1(_CHANGE, usedforsecurity=False).hexdigest().encode()


@dataclass(frozen=True, slots=True)
class _Partition:
    """Names of one partition's keys in one generation."""

    slot: int
    position: bytes
    step: bytes
    prefix: bytes


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to become of a partition."""

    partition: int
    before: Standing
    after: Standing
    raised: Mapping[bytes, Raised]


class ClusterStore:
    """A `FeatureStore` in a Valkey or Redis Cluster (7 or later, with scripts). Connects when it is first asked.

    Args:
        url: The cluster's address; see `Shards`.
        origin: The journal's.
        layout: The layout's digest, 32 bytes.
        clock_ms: The server's clock, milliseconds since 1970.
        link_count: How many connections to each node at most.
        write_timeout_s: How long everything but a read may take.
        draw: Where the names of generations and steps come from.

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
        self._shards = Shards(url, link_count)
        self.address = self._shards.address
        self._common = f"rankd:{{{origin_digest(origin).hex()[:8]}:{layout.hex()[:16]}:{PARTITION_COUNT}:".encode()
        self._tags = [_tag(self._common, partition) for partition in range(PARTITION_COUNT)]
        self._clock_ms = clock_ms
        self._write_timeout_s = write_timeout_s
        self._draw = draw
        self._writing = threading.Lock()
        # Of the generation that was last seen. Once another one begins, partition 0 has no position under these.
        self._names: list[_Partition] | None = None
        # Where all partitions stand, as the last `add` left them.
        self._left: tuple[list[_Partition], Mark] | None = None

    def position(self) -> int | None:
        """See `FeatureStore`."""
        deadline_s = self._write_deadline_s()
        self._check_memory(deadline_s)
        try:
            _, standings, _ = self._read([], deadline_s)
        except FeatureStoreError as error:
            if error.reason == "FEATURE_STORE_EMPTY":
                return None
            raise
        return self._common_mark(standings).position

    def read(self, keys: Sequence[bytes], timeout_s: float) -> tuple[int, list[bytes | None]]:
        """See `FeatureStore`."""
        _, standings, found = self._read(keys, time.monotonic() + timeout_s)
        mark = self._common_mark(standings)
        takers = [iter(values[2:]) for values in found]
        values = [next(takers[crc32(key) % PARTITION_COUNT]) for key in keys]
        prepared = [
            self._step_in(reply[1])
            for standing, reply in zip(standings, found, strict=True)
            if standing.at != mark and reply[1] is not None
        ]
        if prepared:
            raised = {key: how for step in prepared for key, how in step.items()}
            now_ms = self._clock_ms()
            for at, key in enumerate(keys):
                if (how := raised.get(key)) is not None:
                    is_over = 0 < how.expire_ms <= now_ms
                    values[at] = None if is_over else raised_value(values[at] or b"", how)
        return mark.position, values

    def add(self, increments: Sequence[Increment], position: int, *, expected: int) -> None:
        """See `FeatureStore`."""
        raised: list[dict[bytes, Raised]] = [{} for _ in range(PARTITION_COUNT)]
        for key, how in gather(increments, self._clock_ms()).items():
            raised[crc32(key) % PARTITION_COUNT][key] = how
        deadline_s = self._write_deadline_s()
        with self._turn(deadline_s):
            names, standings, mark = self._where(expected, deadline_s)
            if mark.position != expected:
                raise self._moved(expected, mark.position)
            to = Mark(position, self._token())
            prepared = Standing(mark, to)
            begin = [_Change(at, standing, prepared, raised[at]) for at, standing in enumerate(standings)]
            if any(standing.to is not None for standing in standings):
                # Once partition 0 holds this step, no other can be decided; only then may others be replaced.
                self._prepare(names, begin[:1], expected, deadline_s)
                self._prepare(names, begin[1:], expected, deadline_s)
            else:
                self._prepare(names, begin, expected, deadline_s)
            counted = [_Change(at, prepared, Standing(to), raised[at]) for at in range(PARTITION_COUNT)]
            self._check(self._count(names, counted[:1], deadline_s), expected)
            if self._follow(names, counted[1:], deadline_s):
                self._left = names, to

    def reset(self) -> None:
        """See `FeatureStore`. Returns when the old keys are gone: when it went through all keys of all nodes."""
        deadline_s = self._write_deadline_s()
        with self._turn(deadline_s):
            known = self._known(deadline_s)
            generation = self._token()
            names, begin = self._names_of(generation), Standing(Mark(0, generation)).text
            self._shards.exchange([(name.slot, ("SET", name.position, begin)) for name in names], deadline_s)
            # What is told by the old generation's position goes with the generation.
            old = self._names_of(known or b"")
            pointer = self._tags[_ROOT] + b"generation"
            change: Command = (2, pointer, old[_ROOT].position, known or b"", generation, b"")
            (found,) = self._run([(names[_ROOT].slot, change)], deadline_s)
            if found != 1:
                raise self._moved(0, "?")
            self._names = names
            if known is not None:
                gone: list[Asked] = [(name.slot, ("UNLINK", name.position, name.step)) for name in old]
                self._shards.exchange(gone, deadline_s)
            self._left = names, Mark(0, generation)
            self._sweep(generation)

    def close(self) -> None:
        """Close the connections."""
        self._shards.close()

    def _read(
        self, keys: Sequence[bytes], deadline_s: float
    ) -> tuple[list[_Partition], list[Standing], list[list[bytes | None]]]:
        """Return what the partitions hold at moments that have a common mark.

        Returns:
            The names, where each partition stands, and for each its position, its step and the values of its keys.

        Raises:
            FeatureStoreError: As `read`.
        """
        names = self._names or self._look(deadline_s)
        before: list[bytes | None] = []
        while names is not None:
            asked: list[list[bytes]] = [[name.position, name.step] for name in names]
            prefixes = [name.prefix for name in names]
            for key in keys:
                partition = crc32(key) % PARTITION_COUNT
                asked[partition].append(prefixes[partition] + key)
            found = self._shards.exchange(
                [(name.slot, ("MGET", *wanted)) for name, wanted in zip(names, asked, strict=True)], deadline_s
            )
            texts = [values[0] for values in found]
            if None not in texts:
                standings = [self._standing(text) for text in texts]
                if common_mark(standings) is not None:
                    return names, standings, found
                if texts == before:
                    # Somebody had counted more than another could reach, and still does: a part went back in time.
                    break
                before = texts
                continue
            # Another generation may have begun; if not, a part is gone.
            known, names = names, self._look(deadline_s)
            if names == known:
                break
        raise FeatureStoreError("FEATURE_STORE_EMPTY", address=self.address)

    def _where(self, expected: int, deadline_s: float) -> tuple[list[_Partition], list[Standing], Mark]:
        """Return where the partitions stand, once all have counted what was decided."""
        left, self._left = self._left, None
        if left is not None and left[1].position == expected:
            names, mark = left
            return names, [Standing(mark)] * PARTITION_COUNT, mark
        names, standings, found = self._read([], deadline_s)
        mark = self._common_mark(standings)
        behind = [
            _Change(at, standing, Standing(mark), self._step_in(found[at][1] or b""))
            for at, standing in enumerate(standings)
            if standing.at != mark
        ]
        self._follow(names, behind, deadline_s)
        return names, [Standing(mark) if standing.at != mark else standing for standing in standings], mark

    def _prepare(self, names: list[_Partition], changes: list[_Change], expected: int, deadline_s: float) -> None:
        """Have partitions take a step down, without counting it."""
        commands: list[Asked] = []
        for change in changes:
            name = names[change.partition]
            step = pack_step(change.raised)
            words: Command = (2, name.position, name.step, change.before.text, change.after.text, step)
            commands.append((name.slot, words))
        self._check(self._run(commands, deadline_s), expected)

    def _follow(self, names: list[_Partition], changes: list[_Change], deadline_s: float) -> bool:
        """Have partitions count what is decided; return False where somebody else had them do so, and perhaps more."""
        replies = self._count(names, changes, deadline_s)
        self._check_whole(replies)
        return all(reply == 1 for reply in replies)

    def _count(self, names: list[_Partition], changes: list[_Change], deadline_s: float) -> list[Reply]:
        """Have partitions count the step that they have prepared."""
        commands: list[Asked] = []
        for change in changes:
            name = names[change.partition]
            keys, words = [name.position, name.step], [change.before.text, change.after.text, b""]
            for key, cells, expire_ms in _portions(change.raised):
                keys.append(name.prefix + key)
                counters = [part for cell in cells for part in (b"INCRBY", b"u32", b"#%d" % cell[0], b"%d" % cell[1])]
                words += [b"%d" % len(counters), b"%d" % expire_ms, *counters]
            commands.append((name.slot, (len(keys), *keys, *words)))
        return self._run(commands, deadline_s)

    def _run(self, commands: list[Asked], deadline_s: float) -> list[Reply]:
        """Run the script in some partitions; where a node has not seen it yet, with its text."""
        replies = self._shards.exchange(
            [(slot, ("EVALSHA", _CHANGE_NAME, *words)) for slot, words in commands], deadline_s
        )
        unknown = [at for at, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
            again: list[Asked] = [(commands[at][0], ("EVAL", _CHANGE, *commands[at][1])) for at in unknown]
            for at, reply in zip(unknown, self._shards.exchange(again, deadline_s), strict=True):
                replies[at] = reply
        return replies

    def _check(self, replies: list[Reply], expected: int) -> None:
        """Raise where a partition stood elsewhere, so that nothing was done there."""
        self._check_whole(replies)
        for reply in replies:
            if reply is None:
                raise FeatureStoreError("FEATURE_STORE_EMPTY", address=self.address)
            if reply != 1:
                raise self._moved(expected, self._standing(reply).at.position)

    def _check_whole(self, replies: list[Reply]) -> None:
        """Raise where something else than counters lies under a key."""
        if 0 in replies:
            raise self._damaged(WRONG_TYPE)

    def _sweep(self, generation: bytes) -> None:
        """Remove all keys of this view that are not of this generation, some at a time."""
        kept = (b"position:" + generation, b"step:" + generation, b"generation")
        for node in self._shards.nodes(self._write_deadline_s()):
            cursor = b"0"
            while True:
                deadline_s = self._write_deadline_s()
                scan: Command = ("SCAN", cursor, "MATCH", self._common + b"*", "COUNT", _SWEEP_COUNT)
                ((cursor, keys),) = self._shards.exchange_with(node, [scan], deadline_s)
                gone: list[Asked] = []
                for key in keys:
                    tag, _, rest = key.removeprefix(b"rankd:{").partition(b"}:")
                    if rest not in kept and not rest.startswith(generation + b":"):
                        gone.append((slot_of(tag), ("UNLINK", key)))
                self._shards.exchange(gone, deadline_s)
                if cursor == b"0":
                    break

    def _look(self, deadline_s: float) -> list[_Partition] | None:
        """Return the names under the generation that stands now; None where none does."""
        (generation,) = self._shards.exchange([self._pointer()], deadline_s)
        self._names = None if generation is None else self._names_of(generation)
        return self._names

    def _known(self, deadline_s: float) -> bytes | None:
        """Return the generation that stands now; None where there is none, or something that is none was removed."""
        slot, get = self._pointer()
        try:
            (known,) = self._shards.exchange([(slot, get)], deadline_s)
        except FeatureStoreError as error:
            if error.reason != "FEATURE_STORE_DAMAGED":
                raise
            self._shards.exchange([(slot, ("UNLINK", get[1]))], deadline_s)
            return None
        return cast("bytes | None", known)

    def _pointer(self) -> Asked:
        tag = self._tags[_ROOT]
        return _slot_in(tag), ("GET", tag + b"generation")

    def _names_of(self, generation: bytes) -> list[_Partition]:
        return [
            _Partition(
                _slot_in(tag), tag + b"position:" + generation, tag + b"step:" + generation, tag + generation + b":"
            )
            for tag in self._tags
        ]

    def _check_memory(self, deadline_s: float) -> None:
        """Make sure that no node drops counts when it runs out of memory, where it says so."""
        for node in self._shards.nodes(deadline_s):
            try:
                (info,) = self._shards.exchange_with(node, [("INFO", "memory")], deadline_s)
            except FeatureStoreError as error:
                if error.reason != "FEATURE_STORE_REFUSED":
                    raise
                # Some accounts may not ask; the guide tells their operator what to make sure of.
                continue
            if (policy := evicting_policy(info)) is not None:
                raise FeatureStoreError("FEATURE_STORE_EVICTS", address=f"{node[0]}:{node[1]}", policy=policy)

    def _common_mark(self, standings: list[Standing]) -> Mark:
        mark = common_mark(standings)
        assert mark is not None  # noqa: S101  # `_read` returns none without
        return mark

    def _standing(self, text: bytes) -> Standing:
        try:
            return Standing.read(text)
        except ValueError:
            raise self._damaged("position") from None

    def _step_in(self, data: bytes) -> dict[bytes, Raised]:
        try:
            return unpack_step(data)
        except ValueError:
            raise self._damaged("step") from None

    @contextmanager
    def _turn(self, deadline_s: float) -> Iterator[None]:
        """Wait until nobody else in this process changes anything."""
        if not self._writing.acquire(timeout=max(0.0, deadline_s - time.monotonic())):
            timeout_ms = round(self._write_timeout_s * 1_000)
            raise FeatureStoreError("FEATURE_STORE_SLOW", address=self.address, timeout_ms=timeout_ms)
        try:
            yield
        finally:
            self._writing.release()

    def _token(self) -> bytes:
        return self._draw(TOKEN_BYTES).hex().encode()

    def _write_deadline_s(self) -> float:
        return time.monotonic() + self._write_timeout_s

    def _moved(self, expected: int, found: int | str) -> FeatureStoreError:
        return FeatureStoreError("FEATURE_STORE_MOVED", address=self.address, expected=expected, found=found)

    def _damaged(self, detail: str) -> FeatureStoreError:
        return FeatureStoreError("FEATURE_STORE_DAMAGED", address=self.address, detail=detail)


def _tag(common: bytes, partition: int) -> bytes:
    """Return what all keys of a partition begin with: in a slot of the partition's share of all slots."""
    share = SLOT_COUNT // PARTITION_COUNT
    for number in count():
        tag = b"%s%d}:" % (common, number)
        if _slot_in(tag) // share == partition:
            return tag
    raise AssertionError


def _slot_in(tag: bytes) -> int:
    return slot_of(tag[tag.index(b"{") + 1 : tag.index(b"}")])


def _portions(raised: Mapping[bytes, Raised]) -> Iterator[tuple[bytes, list[tuple[int, int]], int]]:
    """Yield what is raised, key by key, in portions that a script can hand on."""
    for key, how in raised.items():
        cells = list(how.cells.items())
        for begin in range(0, len(cells), _CELLS_AT_ONCE):
            yield key, cells[begin : begin + _CELLS_AT_ONCE], how.expire_ms
