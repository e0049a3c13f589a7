"""Counts as of a moment: for each row, the events that it may see, by kind and bucket of time.

Per block, events lie in order of (entity, bucket, visible_at), with running counts of each kind. What a row sees of one
bucket is then one stretch of that order, whatever the order in which events arrived: late ones, early ones, equal ones.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.features.block import Block
from rankd.core.features.declaration import EVER_BUCKET_MS, Entity
from rankd.core.features.kinds import KINDS
from rankd.usecases.learn.entity_keys import key_entities
from rankd.usecases.learn.history import Events, Int8s, Int64s, Rows

Counted = npt.NDArray[np.int32]

_DIGITS = 1 << 16
_WIDE = 1 << 36
"""Moments that lie further apart than this are numbered, so that a key and a moment fit into 62 bits together."""


class Told:
    """Events in the order in which they are read, with `visible_at` and `at` as numbers that keep their order.

    Args:
        events: The events.
        rows: The rows, at least one.

    Attributes:
        events: First those that every row sees, then those that some row sees; what no row sees is left out.
        settled_count: How many every row sees.
        settled_last_ms: When the last of those happened.
        kinds: int8: the kinds of the events.
        span: More than any moment.
        when: int64: the moments of the events behind those, from 1.
        rows: int64, shape (n,): the moments of the rows; a row sees what has a smaller one.
        order: int64, shape (n,): the rows in the order of their moments; None: they are in it.
        is_behind: Whether no live event that a row sees lies in a bucket behind the row's own.
    """

    def __init__(self, events: Events, rows: Rows) -> None:
        least, most = int(rows.at.min()), int(rows.at.max())
        settled = np.flatnonzero(events.visible_at < least)
        live = np.flatnonzero((events.visible_at >= least) & (events.visible_at < most))
        # In the order in which they become known, so that sorting them by key is enough.
        live = live[np.argsort(events.visible_at[live], kind="stable")]
        self.events = events.take(np.concatenate([settled, live]))
        self.settled_count = len(settled)
        self.settled_last_ms = int(self.events.times_ms[: len(settled)].max(initial=0))
        self.kinds = self.events.kinds.astype(np.int8)
        visible_at = self.events.visible_at[len(settled) :]
        if most - least + 2 <= _WIDE:
            self.span = most - least + 2
            self.rows, self.when = rows.at - (least - 1), visible_at - (least - 1)
        else:
            values = np.unique(rows.at)
            self.span = len(values) + 1
            self.rows = np.searchsorted(values, rows.at) + 1
            # The first row that sees the event lies behind all those that come no later than it.
            self.when = np.searchsorted(values, visible_at, side="right")
        self.order = None if bool(np.all(rows.at[1:] >= rows.at[:-1])) else np.argsort(rows.at, kind="stable")
        behind = bool(np.all(self.events.visible_at[len(settled) :] >= self.events.times_ms[len(settled) :]))
        # Nothing is known before it happens, and rows are asked no later than they happen: no bucket lies ahead.
        self.is_behind = behind and bool(np.all(rows.at <= rows.times_ms))

    def since(self, first_ms: int) -> "Told":
        """Return the same without what every row sees, where all of that lies before a time."""
        count = self.settled_count
        if not count or self.settled_last_ms >= first_ms:
            return self
        told = copy(self)
        told.events, told.settled_count = self.events.take(slice(count, None)), 0
        told.kinds = self.kinds[count:]
        return told


class AsOf:
    """The counts of one entity.

    Args:
        entity: The entity.
        kinds: The kinds that any of its blocks counts.
        rows: The rows.
        told: The events.

    Attributes:
        index: int64, shape (n,), non-decreasing: which read each row is; neighbours that ask the same share one.
    """

    def __init__(self, entity: Entity, kinds: frozenset[str], rows: Rows, told: Told) -> None:
        keyed, events = key_entities(entity, rows, told.events), told.events
        split = int(np.searchsorted(keyed.which, told.settled_count))
        self._told, self._settled = told, (keyed.events[:split], keyed.which[:split])
        which, keys = keyed.which[split:], keyed.events[split:]
        counts = np.array([kind in kinds for kind in KINDS])[told.kinds[which]]
        if not counts.all():
            which, keys = which[counts], keys[counts]
        order = _by_key(keys, keyed.count)
        self._keys, which = keys[order], which[order]
        self._when = told.when[which - told.settled_count]
        self._places = self._keys * told.span + self._when
        self._kinds, self._times_ms = told.kinds[which], events.times_ms[which]
        self._span, self._count, self._is_behind = told.span, keyed.count + 1, told.is_behind
        # Where each key's events begin; the last key is that of rows whose entity is not known.
        self._starts = np.cumsum(np.bincount(self._keys + 1, minlength=self._count + 1))[: self._count]

        first = _first_of_each(keyed.rows, told.rows, rows.times_ms)
        self.index = np.cumsum(first) - 1
        row_keys, row_when, row_times_ms = keyed.rows, told.rows, rows.times_ms
        if not first.all():
            row_keys, row_when, row_times_ms = row_keys[first], row_when[first], row_times_ms[first]
        # Reads in the order of the events: each finds its answer beside the one before.
        if told.order is None:
            self._order = _by_key(row_keys, keyed.count + 1)
        else:
            self._order = np.argsort(row_keys * told.span + row_when)
        self._row_keys, self._row_when = row_keys[self._order], row_when[self._order]
        self._row_times_ms = row_times_ms[self._order]
        self._row_ends = np.searchsorted(self._places, self._row_keys * told.span + self._row_when)

    def block(self, block: Block, *, whole: bool) -> "Ever | Bucketed":
        """Return the counts of one block, ready to be read.

        Args:
            block: The block.
            whole: Whether every feature reads all of its buckets and none cares which: their sum will do.
        """
        code = np.full(len(KINDS), -1, dtype=np.int8)
        code[[KINDS.index(kind) for kind in block.events]] = np.arange(len(block.events))
        if block.bucket_ms == EVER_BUCKET_MS:
            return self._ever(code, len(block.events))
        return self._bucketed(code, block, whole=whole)

    def _ever(self, code: Int8s, width: int) -> "Ever":
        keys, which = self._settled
        column = code[self._told.kinds[which]]
        counted = column >= 0
        if not counted.all():
            keys, column = keys[counted], column[counted]
        running = _running(code[self._kinds], width)
        # One table per key: what every row sees, less what stands before the key's first event.
        before = np.bincount(keys * width + column, minlength=self._count * width).reshape(-1, width)
        before -= running[self._starts]
        return self._laid(running[self._row_ends] + before[self._row_keys])

    def _bucketed(self, code: Int8s, block: Block, *, whole: bool) -> "Ever | Bucketed":
        newest = self._row_times_ms // block.bucket_ms
        least, most = int(newest.min()) - block.bucket_count + 1, int(newest.max())
        if whole and self._is_all_of_it(block, least, most):
            running = _running(code[self._kinds], len(block.events))
            return self._laid(running[self._row_ends] - running[self._starts][self._row_keys])
        number = most - least + 1
        keys, when, kinds, buckets = self._in_buckets(block.bucket_ms, least, most, code)
        cell_of = keys * number + (buckets - least)
        in_order = not len(cell_of) or not np.any(cell_of[1:] < cell_of[:-1])
        if not in_order:
            order = np.lexsort((when, cell_of))
            cell_of, when, kinds = cell_of[order], when[order], kinds[order]
        running = _running(code[kinds], len(block.events))
        wanted = self._row_keys * number + (newest - least)
        if whole and in_order:
            # Within a key buckets rise with moments, so that what a read sees of all its buckets is one stretch.
            low = np.searchsorted(cell_of, wanted - (block.bucket_count - 1))
            high = np.searchsorted(cell_of, wanted, side="right")
            ends = np.searchsorted(keys * self._span + when, self._row_keys * self._span + self._row_when)
            return self._laid(running[np.maximum(np.minimum(ends, high), low)] - running[low])
        is_first = _first_of_each(cell_of)
        starts = np.flatnonzero(is_first)
        ends = np.append(starts[1:], len(cell_of))
        cells = cell_of[starts]
        # Each read's cells lie side by side: its entity's, from the oldest bucket that counts to the newest.
        low, high, row_when = (np.empty(len(wanted), dtype=np.int64) for _ in range(3))
        low[self._order] = np.searchsorted(cells, wanted - (block.bucket_count - 1))
        high[self._order] = np.searchsorted(cells, wanted, side="right")
        row_when[self._order] = self._row_when
        newest_of = np.empty(len(wanted), dtype=np.int64)
        newest_of[self._order] = newest - least
        lengths = high - low
        bounds = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        read = np.repeat(np.arange(len(low)), lengths)
        cell = np.arange(bounds[-1]) + np.repeat(low - bounds[:-1], lengths)
        until = ends[cell]
        # Of most cells a read sees all; where it may not, its own moment says how much.
        last = when[ends - 1] if len(cells) else when
        partly = np.flatnonzero(last[cell] >= row_when[read])
        if len(partly):
            numbered = (np.cumsum(is_first) - 1) * self._span + when
            until[partly] = np.searchsorted(numbered, cell[partly] * self._span + row_when[read[partly]])
        counts = np.ascontiguousarray((running[until] - running[starts[cell]]).T)
        if whole:
            sums = [np.bincount(read, weights=row, minlength=len(low)).astype(np.int64) for row in counts]
            return Ever(np.stack(sums))
        return Bucketed(counts, read, newest_of[read] - cells[cell] % number, bounds, block.bucket_count)

    def _is_all_of_it(self, block: Block, least: int, most: int) -> bool:
        """Whether all that any row may see lies in every row's buckets: then nothing has to be looked for."""
        if len(self._settled[0]) and self._told.settled_last_ms >= least * block.bucket_ms:
            return False
        first = most - block.bucket_count + 1
        return self._is_behind and (not len(self._times_ms) or int(self._times_ms.min()) >= first * block.bucket_ms)

    def _laid(self, counts: npt.NDArray[np.signedinteger]) -> "Ever":
        """Return counts, shape (reads, kinds) in the events' order, in that of the rows."""
        laid = np.empty(counts.shape[::-1], dtype=np.int64)
        for row, column in zip(laid, counts.T, strict=True):
            row[self._order] = column
        return Ever(laid)

    def _in_buckets(self, bucket_ms: int, least: int, most: int, code: Int8s) -> tuple[Int64s, Int64s, Int8s, Int64s]:
        """Return key, moment, kind and bucket of the events that some row may read, by (key, moment)."""
        live = self._times_ms // bucket_ms
        new = (live >= least) & (live <= most) & (code[self._kinds] >= 0)
        if self._told.settled_last_ms < least * bucket_ms or not len(self._settled[0]):
            if new.all():
                return self._keys, self._when, self._kinds, live
            return self._keys[new], self._when[new], self._kinds[new], live[new]
        keys, which = self._settled
        kinds, times_ms = self._told.kinds[which], self._told.events.times_ms[which]
        old = (times_ms >= least * bucket_ms) & (times_ms < (most + 1) * bucket_ms) & (code[kinds] >= 0)
        key = np.concatenate([keys[old], self._keys[new]])
        when = np.concatenate([np.zeros(int(old.sum()), dtype=np.int64), self._when[new]])
        kind = np.concatenate([kinds[old], self._kinds[new]])
        bucket = np.concatenate([times_ms[old] // bucket_ms, live[new]])
        order = np.lexsort((bucket, when, key))
        return key[order], when[order], kind[order], bucket[order]


@dataclass(frozen=True, slots=True, eq=False)
class Ever:
    """Counts of everything that a read sees, or of all buckets together.

    Attributes:
        counts: int64, shape (kinds, reads).
    """

    counts: Int64s

    def between(self, low: int, high: int) -> Int64s:
        """Return int64, shape (reads, kinds, 1), of some consecutive reads."""
        return self.counts[:, low:high].T[:, :, None]


@dataclass(frozen=True, slots=True, eq=False)
class Bucketed:
    """Counts by bucket, as far as there are any.

    Attributes:
        counts: shape (kinds, k).
        reads: int64, shape (k,), non-decreasing: whose each is.
        ages: int64, shape (k,): how many buckets ago, in [0, bucket_count).
        bounds: int64, shape (reads + 1,): where each read's begin.
        bucket_count: Buckets of a read.
    """

    counts: Counted
    reads: Int64s
    ages: Int64s
    bounds: Int64s
    bucket_count: int

    def between(self, low: int, high: int) -> Int64s:
        """Return int64, shape (reads, kinds, buckets), the newest bucket first, of some consecutive reads."""
        part = slice(int(self.bounds[low]), int(self.bounds[high]))
        laid = np.zeros((len(self.counts), (high - low) * self.bucket_count), dtype=np.int64)
        places = (self.reads[part] - low) * self.bucket_count + self.ages[part]
        for row, counts in zip(laid, self.counts, strict=True):
            row[places] = counts[part]
        return laid.reshape(len(self.counts), high - low, self.bucket_count).transpose(1, 0, 2)


def _by_key(keys: Int64s, count: int) -> Int64s:
    """Return the stable order by key of what is in the order of its moments."""
    if count <= _DIGITS:
        # Sixteen bits are sorted by their digits, several times as fast.
        return np.argsort(keys.astype(np.uint16), kind="stable")
    # No two are equal, so that the quicker sort is stable, too.
    return np.argsort(keys * len(keys) + np.arange(len(keys)))


def _first_of_each(*columns: Int64s) -> npt.NDArray[np.bool_]:
    """Return where a run of equal entries begins."""
    first = np.zeros(len(columns[0]), dtype=np.bool_)
    first[:1] = True
    for column in columns:
        first[1:] |= column[1:] != column[:-1]
    return first


def _running(columns: Int8s, width: int) -> Counted:
    """Return, before each event and after the last, how many of each kind there were: int32, shape (m + 1, width)."""
    running = np.zeros((len(columns) + 1, width), dtype=np.int32)
    for column in range(width):
        np.cumsum(columns == column, dtype=np.int32, out=running[1:, column])
    return running
