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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rankd.core.errors import FeatureStoreError
from rankd.core.features.block import Increment
from rankd.store.features.link import WRONG_TYPE, Reply
from rankd.store.features.partitions import PARTITION_COUNT, Change, Partition, Partitions, places_of
from rankd.store.features.shards import Shards
from rankd.store.features.standing import TOKEN_BYTES, Mark, Standing, common_mark, unpack_step
from rankd.store.features.store import Raised, gather, origin_digest, raised_value
from rankd.store.features.valkey import evicting_policy


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
        self._partitions = Partitions(self._shards, f"{origin_digest(origin).hex()[:8]}:{layout.hex()[:16]}")
        self._clock_ms = clock_ms
        self._write_timeout_s = write_timeout_s
        self._draw = draw
        self._writing = threading.Lock()
        # Of the generation that was last seen. Once another one begins, partition 0 has no position under these.
        self._names: list[Partition] | None = None
        # Where all partitions stand, as the last `add` left them.
        self._left: tuple[list[Partition], Mark] | None = None

    def position(self) -> int | None:
        """See `FeatureStore`."""
        deadline_s = self._write_deadline_s()
        # Whoever asks has a reason to: another one may have prepared something.
        self._left = None
        self._check_memory(deadline_s)
        try:
            _, standings, _ = self._read([], [], deadline_s)
        except FeatureStoreError as error:
            if error.reason == "FEATURE_STORE_EMPTY":
                return None
            raise
        return self._common_mark(standings).position

    def read(self, keys: Sequence[bytes], timeout_s: float) -> tuple[int, list[bytes | None]]:
        """See `FeatureStore`."""
        places = places_of(keys)
        _, standings, found = self._read(keys, places, time.monotonic() + timeout_s)
        mark = self._common_mark(standings)
        takers = [iter(values[2:]) for values in found]
        values = [next(takers[place]) for place in places]
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
        gathered = gather(increments, self._clock_ms())
        for place, (key, how) in zip(places_of(gathered), gathered.items(), strict=True):
            raised[place][key] = how
        deadline_s = self._write_deadline_s()
        with self._turn(deadline_s):
            names, standings, mark = self._where(expected, deadline_s)
            if mark.position != expected:
                raise self._moved(expected, mark.position)
            to = Mark(position, self._token())
            prepared = Standing(mark, to)
            begin = [Change(at, standing, prepared, raised[at]) for at, standing in enumerate(standings)]
            if any(standing.to is not None for standing in standings):
                # Once partition 0 holds this step, no other can be decided; only then may others be replaced.
                self._check(self._partitions.prepare(names, begin[:1], deadline_s), expected)
                self._check(self._partitions.prepare(names, begin[1:], deadline_s), expected)
            else:
                self._check(self._partitions.prepare(names, begin, deadline_s), expected)
            counted = [Change(at, prepared, Standing(to), raised[at]) for at in range(PARTITION_COUNT)]
            self._check(self._partitions.count(names, counted[:1], deadline_s), expected)
            if self._follow(names, counted[1:], deadline_s):
                self._left = names, to

    def reset(self) -> None:
        """See `FeatureStore`. Returns when the old keys are gone: when it went through all keys of all nodes."""
        deadline_s = self._write_deadline_s()
        with self._turn(deadline_s):
            self._left = None
            known = self._known(deadline_s)
            generation = self._token()
            mark = Mark(0, generation)
            if not self._partitions.begin(known, generation, Standing(mark).text, deadline_s):
                raise self._moved(0, "?")
            self._names = self._partitions.names_of(generation)
            self._left = self._names, mark
            self._partitions.sweep(generation, self._write_deadline_s)

    def close(self) -> None:
        """Close the connections."""
        self._shards.close()

    def _read(
        self, keys: Sequence[bytes], places: Sequence[int], deadline_s: float
    ) -> tuple[list[Partition], list[Standing], list[list[bytes | None]]]:
        """Return what the partitions hold at moments that have a common mark.

        Returns:
            The names, where each partition stands, and for each its position, its step and the values of its keys.

        Raises:
            FeatureStoreError: As `read`.
        """
        names = self._names or self._look(deadline_s)
        before: list[bytes | None] = []
        while names is not None:
            found = self._partitions.ask(names, keys, places, deadline_s)
            texts = [values[0] for values in found]
            known = {text: self._standing(text) for text in set(texts) if text is not None}
            if None not in texts:
                standings = [known[text] for text in texts if text is not None]
                if common_mark(standings) is not None:
                    return names, standings, found
                if texts == before:
                    # Somebody had counted more than another could reach, and still does: a part went back in time.
                    break
                before = texts
                continue
            # Another generation may have begun; if not, a part is gone.
            old, names = names, self._look(deadline_s)
            if names == old:
                break
        raise FeatureStoreError("FEATURE_STORE_EMPTY", address=self.address)

    def _where(self, expected: int, deadline_s: float) -> tuple[list[Partition], list[Standing], Mark]:
        """Return where the partitions stand, once all have counted what was decided."""
        left, self._left = self._left, None
        if left is not None and left[1].position == expected:
            names, mark = left
            return names, [Standing(mark)] * PARTITION_COUNT, mark
        names, standings, found = self._read([], [], deadline_s)
        mark = self._common_mark(standings)
        behind = [
            Change(at, standing, Standing(mark), self._step_in(found[at][1] or b""))
            for at, standing in enumerate(standings)
            if standing.at != mark
        ]
        self._follow(names, behind, deadline_s)
        return names, [Standing(mark) if standing.at != mark else standing for standing in standings], mark

    def _follow(self, names: list[Partition], changes: list[Change], deadline_s: float) -> bool:
        """Have partitions count what is decided; return False where somebody else had them do so, and perhaps more."""
        replies = self._partitions.count(names, changes, deadline_s)
        self._check_whole(replies)
        return all(reply == 1 for reply in replies)

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

    def _look(self, deadline_s: float) -> list[Partition] | None:
        """Return the names under the generation that stands now; None where none does."""
        generation = self._partitions.generation(deadline_s)
        self._names = None if generation is None else self._partitions.names_of(generation)
        return self._names

    def _known(self, deadline_s: float) -> bytes | None:
        """Return the generation that stands now; None where there is none, or something that is none was removed."""
        try:
            return self._partitions.generation(deadline_s)
        except FeatureStoreError as error:
            if error.reason != "FEATURE_STORE_DAMAGED":
                raise
            self._partitions.forget_generation(deadline_s)
            return None

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
