"""Sequences that grow by one item at a time and are kept at every length: none is copied for the next."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar, overload

ItemT = TypeVar("ItemT")


class Grown(Sequence[ItemT], Generic[ItemT]):
    """An immutable sequence. The one that `plus` returns shares what this one holds, as long as they do not part ways.

    Thousands of members vote on one proposal, argue about it or recall it: a tuple after each of them would hold all
    before her.

    Args:
        key: What `count_of` finds items by; None: it finds none.
    """

    __slots__ = ("_items", "_key", "_places", "_size")

    def __init__(self, key: Callable[[ItemT], Hashable] | None = None) -> None:
        self._key = key
        # Items and places may go on behind the end: that belongs to a longer one.
        self._items: list[ItemT] = []
        self._places: dict[Hashable, list[int]] = {}
        self._size = 0

    def plus(self, item: ItemT) -> "Grown[ItemT]":
        """Return the sequence with one more item."""
        longer = Grown(self._key)
        if 0 < self._size == len(self._items):
            longer._items, longer._places = self._items, self._places
        else:
            # Another one has grown out of this already, or out of nothing.
            for earlier in self:
                longer._put(earlier)
        longer._put(item)
        longer._size = self._size + 1
        return longer

    def count_of(self, key: Hashable) -> int:
        """Return how many items have this key."""
        return bisect_left(self._places.get(key, ()), self._size)

    def _put(self, item: ItemT) -> None:
        if self._key is not None:
            self._places.setdefault(self._key(item), []).append(len(self._items))
        self._items.append(item)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[ItemT]:
        return islice(self._items, self._size)

    @overload
    def __getitem__(self, at: int) -> ItemT: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ItemT]: ...
    def __getitem__(self, at: int | slice) -> ItemT | Sequence[ItemT]:
        if isinstance(at, slice):
            return self._items[: self._size][at]
        if not -self._size <= at < self._size:
            raise IndexError(at)
        return self._items[at if at >= 0 else self._size + at]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Grown) or self._size != other._size:
            return False
        return self._items is other._items or all(mine == its for mine, its in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(self._size)

    def __repr__(self) -> str:
        return f"Grown({list(self)!r})"
