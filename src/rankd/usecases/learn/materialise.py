"""Materialising: from a history to the matrix that a model reads, by the same function that serves."""

from collections.abc import Callable, Sequence

import numpy as np

from rankd.core.features.block import Block
from rankd.core.features.cells import Cells, Counts
from rankd.core.features.declaration import (
    EVER_BUCKET_MS,
    Affinity,
    Count,
    Declaration,
    Rate,
    Recency,
    Sent,
    entities_of,
)
from rankd.core.features.layout import layout_of
from rankd.core.features.reading import Given, read_features
from rankd.usecases.learn.as_of import AsOf, Bucketed, Ever, Told
from rankd.usecases.learn.history import Events, Float32s, History, Rows
from rankd.usecases.learn.refusal import LearnError

_CHUNK = 4096
"""Rows that are read at once: their counts stay in the processor's caches."""


def materialise(
    declaration: Declaration,
    history: History,
    rows: Rows | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Float32s:
    """Return what a model of this declaration reads of each row.

    Args:
        declaration: The features.
        history: What happened.
        rows: The moments to read at; None: the history's own rows.
        progress: Is told how many of how many rows are read.

    Returns:
        float32, shape (n, features), C order, the declaration's columns; NaN where not known.

    Raises:
        LearnError: A sent column is missing, or not known in a row where the declaration says that it must be.
    """
    asked = history.rows if rows is None else rows
    matrix = np.empty((len(asked), len(declaration.features)), dtype=np.float32)
    names = [declared.feature.name for declared in declaration.features]
    for at, declared in enumerate(declaration.features):
        if isinstance(declared.reading, Sent):
            matrix[:, at] = sent_column(declaration, asked, declared.feature.name)
    if not len(asked):
        return matrix
    readers = _readers(declaration, asked, history.events)
    sources, groups = asked.sources or ("",) * len(asked), asked.groups or ((),) * len(asked)
    for low in range(0, len(asked), _CHUNK):
        part = slice(low, low + _CHUNK)
        given = Given(asked.times_ms[part], asked.create_times_ms[part], sources[part], groups[part])
        for name, values in read_features(declaration, _cells(readers, part), given).items():
            matrix[part, names.index(name)] = values
        progress(min(low + _CHUNK, len(asked)), len(asked))
    return matrix


def sent_column(declaration: Declaration, rows: Rows, name: str) -> Float32s:
    """Return a column that requests send, as a request would have to.

    Raises:
        LearnError: DATA_SENT_MISSING or DATA_SENT_UNKNOWN.
    """
    feature = next(column for column in declaration.columns if column.name == name)
    if name not in rows.columns:
        if feature.default is None:
            raise LearnError("DATA_SENT_MISSING", column=name, known=", ".join(sorted(rows.columns)) or "–")
        return np.full(len(rows), feature.default, dtype=np.float32)
    values = rows.columns[name]
    if not feature.nullable and (unknown := np.flatnonzero(np.isnan(values))).size:
        if feature.default is None:
            raise LearnError("DATA_SENT_UNKNOWN", column=name, row=int(unknown[0]) + 1, count=len(unknown))
        return np.where(np.isnan(values), np.float32(feature.default), values)
    return values


_Readers = dict[str, tuple[AsOf, dict[int, tuple[tuple[str, ...], Ever | Bucketed]]]]


def _readers(declaration: Declaration, rows: Rows, events: Events) -> _Readers:
    readers: _Readers = {}
    blocks, told = layout_of(declaration).blocks, Told(events, rows)
    for entity in declaration.entities:
        own = [block for block in blocks if block.entity.name == entity.name]
        kinds = frozenset(kind for block in own for kind in block.events)
        as_of = AsOf(entity, kinds, rows, told.since(_first_ms(own, rows)))
        held = {
            block.bucket_ms: (block.events, as_of.block(block, whole=_is_whole(declaration, block))) for block in own
        }
        readers[entity.name] = as_of, held
    return readers


def _first_ms(blocks: Sequence[Block], rows: Rows) -> int:
    """Return the time before which no block of an entity counts anything for any row."""
    if any(block.bucket_ms == EVER_BUCKET_MS for block in blocks):
        return 0
    first_ms = int(rows.times_ms.min())
    return min((first_ms // block.bucket_ms - block.bucket_count + 1) * block.bucket_ms for block in blocks)


def _is_whole(declaration: Declaration, block: Block) -> bool:
    """Whether each feature that reads a block reads all of its buckets, and no feature tells them apart."""
    return all(
        not isinstance(reading, Recency)
        and reading.span.half_life_ms == 0
        and reading.span.bucket_count == block.bucket_count
        for reading in (declared.reading for declared in declaration.features)
        if isinstance(reading, Count | Rate | Affinity | Recency)
        and block.entity.name in entities_of(reading)
        and reading.span.bucket_ms == block.bucket_ms
    )


def _cells(readers: _Readers, part: slice) -> Cells:
    index, counts = {}, {}
    for name, (as_of, blocks) in readers.items():
        reads = as_of.index[part]
        low, high = int(reads[0]), int(reads[-1]) + 1
        index[name] = reads - low
        for bucket_ms, (kinds, reader) in blocks.items():
            held: Counts = reader.between(low, high)
            counts[name, bucket_ms] = kinds, held
    return Cells(index, counts)
