"""The partitions of a view in a cluster: how their keys are named, and what is asked of them and changed in them.

All keys of a partition begin with one hash tag, so that they are in one slot and a command or a script may meet several
of them. What `cluster` says about them is kept here; what is done with them, there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from itertools import count
from typing import cast
from zlib import crc32

from redis.exceptions import NoScriptError

from rankd.store.features.link import Command, Reply
from rankd.store.features.shards import SLOT_COUNT, Asked, Shards, slot_of
from rankd.store.features.standing import Standing, pack_step
from rankd.store.features.store import Raised

PARTITION_COUNT = 32
ROOT = 0
"""The partition that holds the generation, and decides."""

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
class Partition:
    """Names of one partition's keys in one generation."""

    slot: int
    position: bytes
    step: bytes
    prefix: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a partition.

    Attributes:
        partition: Its number.
        before: Where it is to stand before; if it stands elsewhere, nothing changes.
        after: Where it is to stand then.
        raised: What the step between raises in it.
    """

    partition: int
    before: Standing
    after: Standing
    raised: Mapping[bytes, Raised]


class Partitions:
    """The partitions of one view.

    Args:
        shards: Where they lie.
        view: What tells this view from others, in a hash tag.
    """

    def __init__(self, shards: Shards, view: str) -> None:
        self._shards = shards
        self._common = f"rankd:{{{view}:{PARTITION_COUNT}:".encode()
        self._tags = [_tag(self._common, partition) for partition in range(PARTITION_COUNT)]
        self._pointer = self._tags[ROOT] + b"generation"
        self._root = _slot_in(self._tags[ROOT])

    def generation(self, deadline_s: float) -> bytes | None:
        """Return the generation that stands now; None where none does.

        Raises:
            FeatureStoreError: As `Shards.exchange`; FEATURE_STORE_DAMAGED: something that is none lies there.
        """
        (generation,) = self._shards.exchange([(self._root, ("GET", self._pointer))], deadline_s)
        return cast("bytes | None", generation)

    def names_of(self, generation: bytes) -> list[Partition]:
        """Return the names of every partition's keys in a generation."""
        return [
            Partition(
                _slot_in(tag), tag + b"position:" + generation, tag + b"step:" + generation, tag + generation + b":"
            )
            for tag in self._tags
        ]

    def ask(
        self, names: list[Partition], keys: Sequence[bytes], places: Sequence[int], deadline_s: float
    ) -> list[list[bytes | None]]:
        """Return what each partition holds in one moment: where it stands, its step, and the values of its keys.

        Args:
            names: The partitions.
            keys: The keys.
            places: In which partition each lies.
            deadline_s: By when.
        """
        asked: list[list[bytes]] = [[name.position, name.step] for name in names]
        ways = [(each.append, name.prefix) for each, name in zip(asked, names, strict=True)]
        for key, place in zip(keys, places, strict=True):
            put, prefix = ways[place]
            put(prefix + key)
        wanted: list[Asked] = [(name.slot, ("MGET", *each)) for name, each in zip(names, asked, strict=True)]
        return self._shards.exchange(wanted, deadline_s)

    def prepare(self, names: list[Partition], changes: Sequence[Change], deadline_s: float) -> list[Reply]:
        """Have partitions take a step down, without counting it.

        Returns:
            For each 1, or where it stands instead; None: nowhere.
        """
        commands: list[Asked] = []
        for change in changes:
            name = names[change.partition]
            step = pack_step(change.raised)
            words: Command = (2, name.position, name.step, change.before.text, change.after.text, step)
            commands.append((name.slot, words))
        return self._run(commands, deadline_s)

    def count(self, names: list[Partition], changes: Sequence[Change], deadline_s: float) -> list[Reply]:
        """Have partitions count the step that they have prepared.

        Returns:
            As `prepare`, or 0 where something else than counters lies under a key.
        """
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

    def begin(self, known: bytes | None, generation: bytes, text: bytes, deadline_s: float) -> bool:
        """Begin a generation, if another one stands now as is known, and end that one.

        Args:
            known: The generation that is to end; None: none.
            generation: The one to begin.
            text: Where its partitions stand.
            deadline_s: By when.

        Returns:
            Whether it was done.
        """
        names, old = self.names_of(generation), self.names_of(known or b"")
        self._shards.exchange([(name.slot, ("SET", name.position, text)) for name in names], deadline_s)
        # The root's old position goes together with the old generation: nobody finds all of it from here on.
        change: Command = (2, self._pointer, old[ROOT].position, known or b"", generation, b"")
        if self._run([(self._root, change)], deadline_s) != [1]:
            return False
        if known is not None:
            self._shards.exchange([(name.slot, ("UNLINK", name.position, name.step)) for name in old], deadline_s)
        return True

    def forget_generation(self, deadline_s: float) -> None:
        """Remove what lies where the generation should, whatever it is."""
        self._shards.exchange([(self._root, ("UNLINK", self._pointer))], deadline_s)

    def sweep(self, generation: bytes, deadline_s: Callable[[], float]) -> None:
        """Remove all keys of this view that are not of this generation, some at a time."""
        kept = (b"position:" + generation, b"step:" + generation, b"generation")
        for node in self._shards.nodes(deadline_s()):
            cursor = b"0"
            while True:
                by_s = deadline_s()
                scan: Command = ("SCAN", cursor, "MATCH", self._common + b"*", "COUNT", _SWEEP_COUNT)
                ((cursor, keys),) = self._shards.exchange_with(node, [scan], by_s)
                gone: list[Asked] = []
                for key in keys:
                    tag, _, rest = key.removeprefix(b"rankd:{").partition(b"}:")
                    if rest not in kept and not rest.startswith(generation + b":"):
                        gone.append((slot_of(tag), ("UNLINK", key)))
                self._shards.exchange(gone, by_s)
                if cursor == b"0":
                    break

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


def places_of(keys: Iterable[bytes]) -> list[int]:
    """Return in which partition each key lies."""
    return [crc32(key) % PARTITION_COUNT for key in keys]


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
