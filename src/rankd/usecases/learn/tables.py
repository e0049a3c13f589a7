"""Parquet files as columns, with refusals that name file, column and row."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from rankd.usecases.learn.history import Int64s
from rankd.usecases.learn.refusal import LearnError


def read_table(folder: Path, file: str, required: Sequence[str], wanted: Collection[str] | None = None) -> pa.Table:
    """Read a Parquet file.

    Args:
        folder: Where it lies.
        file: Its name.
        required: Columns that it must have.
        wanted: Columns to read, where they are there, and no others; None: all.

    Raises:
        LearnError: DATA_FILE_MISSING, DATA_FILE_UNREADABLE or DATA_COLUMN_MISSING.
    """
    path = folder / file
    if not path.is_file():
        raise LearnError("DATA_FILE_MISSING", file=file, folder=folder)
    try:
        names = None if wanted is None else [name for name in pq.read_schema(path).names if name in wanted]
        # The folder's own name says nothing about the rows.
        table = pq.read_table(path, columns=names, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise LearnError("DATA_FILE_UNREADABLE", file=file, detail=str(error)[:200]) from error
    for column in required:
        if column not in table.column_names:
            raise LearnError("DATA_COLUMN_MISSING", file=file, column=column)
    return table


def integers(column: pa.ChunkedArray) -> Int64s:
    """Return a column of integers without nulls."""
    return np.ascontiguousarray(column.to_numpy(), dtype=np.int64)


def ordinals(column: pa.ChunkedArray) -> Int64s:
    """Return a column as integers that keep its order: itself, or the rank of each of its words."""
    if pa.types.is_integer(column.type) and not column.null_count:
        return integers(column)
    return codes(column.cast(pa.string()))[0]


def codes(values: pa.ChunkedArray) -> tuple[Int64s, tuple[str, ...]]:
    """Return a column of words as numbers, and the words, in their order.

    Returns:
        int64, −1 for null; and the words.
    """
    encoded = values.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    words = [str(word) for word in encoded.dictionary.to_pylist()]
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words) + 1, dtype=np.int64)
    rank[order] = np.arange(len(words))
    rank[-1] = -1
    places = np.asarray(encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False), dtype=np.int64)
    return rank[places], tuple(words[at] for at in order)


def numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    """Return a column of numbers, NaN for null."""
    wide: npt.NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy()
    return wide.astype(np.float32)
