"""Columns: the numbers that a request brings, checked and laid out as model and rules need them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.errors import RequestError
from rankd.core.ranking.request import Column

Numbers: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ColumnNeed:
    """A column that a surface reads.

    Attributes:
        name: Its name.
        nullable: Whether NaN, "not known", may be sent.
        default: What stands where a request does not send it; None: it must be sent.
        rule_input: Whether a rule reads it as a number of hours: never negative.
    """

    name: str
    nullable: bool
    default: float | None = None
    rule_input: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    """A request's columns in the order of the needs.

    Attributes:
        columns: One per need; shape (n,) or (1,).
        defaulted: Names of the columns for which the default stands.
    """

    columns: tuple[Column, ...]
    defaulted: tuple[str, ...]


def lay_columns(sent: Sequence[Column], needs: Sequence[ColumnNeed], count: int) -> Laid:
    """Check the columns of a request and put them in the order of the needs.

    Args:
        sent: What the request brought.
        needs: What the surface reads.
        count: n, the number of candidates.

    Raises:
        RequestError: A column is unknown, repeated, missing, of the wrong length, or holds an infinity, a NaN where
            the column is not nullable, or a negative number where a rule reads hours.
    """
    by_name: dict[str, Column] = {}
    known = {need.name for need in needs}
    for column in sent:
        field = f"columns[{column.name}]"
        if column.name not in known:
            raise RequestError("COLUMN_UNKNOWN", field=field, known=", ".join(sorted(known)))
        if column.name in by_name:
            raise RequestError("COLUMN_DUPLICATE", field=field)
        if column.values.shape not in ((count,), (1,)):
            raise RequestError("COLUMN_LENGTH", field=field, found=column.values.size, wanted=count)
        by_name[column.name] = column
    laid, defaulted = [], []
    for need in needs:
        if need.name in by_name:
            _check_numbers(by_name[need.name], need)
            laid.append(by_name[need.name])
        elif need.default is not None:
            laid.append(Column(need.name, np.array([need.default], dtype=np.float32)))
            defaulted.append(need.name)
        else:
            raise RequestError("COLUMN_MISSING", field=f"columns[{need.name}]")
    return Laid(tuple(laid), tuple(defaulted))


def feature_matrix(columns: Mapping[str, Numbers], names: Sequence[str], count: int) -> npt.NDArray[np.float32]:
    """Return float32, shape (count, len(names)), C order: the model's features, one row a candidate.

    Raises:
        KeyError: A name has no column.
    """
    matrix = np.empty((count, len(names)), dtype=np.float32)
    for at, name in enumerate(names):
        matrix[:, at] = columns[name]
    return matrix


def _check_numbers(column: Column, need: ColumnNeed) -> None:
    values = column.values
    # The sum is finite exactly where nothing is NaN or infinite, save for overflow: the cheap test first.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.add.reduce(values, dtype=np.float64)) and not need.rule_input:
            return
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise RequestError("COLUMN_INFINITE", field=f"columns[{column.name}][{int(infinite[0])}]")
    missing = np.flatnonzero(np.isnan(values))
    if missing.size and not need.nullable:
        raise RequestError("COLUMN_NAN", field=f"columns[{column.name}][{int(missing[0])}]")
    if need.rule_input:
        negative = np.flatnonzero(values < 0)
        if negative.size:
            at = int(negative[0])
            raise RequestError("COLUMN_NEGATIVE", field=f"columns[{column.name}][{at}]", found=float(values[at]))
