"""Supply: the columns that rankd works out itself for a request, from the counts of what people did."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rankd.core.errors import FeatureStoreError
from rankd.core.features.cells import Cells
from rankd.core.features.declaration import Declaration
from rankd.core.features.layout import Layout, layout_of
from rankd.core.features.reading import Given, Numbers, read_features
from rankd.core.ranking.request import Column, RankingRequest
from rankd.core.records.decision import FeaturesRead
from rankd.core.records.feature_viewer import feature_viewer
from rankd.usecases.serve.features.feature_view import FeatureView
from rankd.usecases.serve.snapshot import Snapshot


class Opener(Protocol):
    """Opens a view of the events of one surface in one layout."""

    def __call__(self, surface: str, layout: Layout) -> tuple[FeatureView, Callable[[], None]]:
        """Return the view, not started, and what closes its store once it has stopped."""


@dataclass(frozen=True, slots=True)
class Supplied:
    """What rankd adds to a request.

    Attributes:
        columns: The columns that it worked out, in the model's order.
        features: What the record says of them; None: nothing was read from events.
        unread: Names of the columns whose counts could not be read; their defaults stand.
        failure: Why; None where all were read.
    """

    columns: tuple[Column, ...] = ()
    features: FeaturesRead | None = None
    unread: tuple[str, ...] = ()
    failure: FeatureStoreError | None = None


@dataclass(slots=True)
class _Open:
    """A view that follows the events.

    Attributes:
        view: The view.
        close: Closes its store.
        idle_since_s: Since when no served model reads it, by the monotonic clock; None: one does.
    """

    view: FeatureView
    close: Callable[[], None]
    idle_since_s: float | None = None

    def stop(self) -> None:
        """Stop the view, and close its store."""
        self.view.stop()
        self.close()


@dataclass(frozen=True, slots=True)
class _Kept:
    """One surface's counts."""

    declaration: Declaration
    layout: Layout
    view: FeatureView


class Supply:
    """The views of events that surfaces are served from. Safe to use from many threads at once.

    Args:
        open_view: Opens a view; this object starts it and stops it.
        viewer_key: The secret under which stores know people, 32 bytes.
        steady_s: Seconds that pass however clocks are set.
    """

    def __init__(self, open_view: Opener, viewer_key: bytes, steady_s: Callable[[], float] = time.monotonic) -> None:
        self.steady_s = steady_s
        self._open_view = open_view
        self._viewer_key = viewer_key
        self._lock = threading.Lock()
        self._kept: Mapping[tuple[str, bytes], _Kept] = {}
        self._open: Mapping[tuple[str, bytes], _Open] = {}

    def prepare(self, served: Iterable[Snapshot], entry_count: int, patience_s: float) -> None:
        """Begin to build the counts that models declare, and wait a moment for those that are built quickly.

        Views that no served model has read for a while are closed: a request that began before a change has long ended.

        Args:
            served: What surfaces are served with.
            entry_count: How many entries of the events journal they are to reflect.
            patience_s: How long to wait at most.
        """
        until_s = self.steady_s() + patience_s
        needed = set()
        for snapshot in served:
            if snapshot.model is not None and snapshot.model.declaration is not None:
                kept = self._of(snapshot.surface, snapshot.model.declaration)
                needed.add((snapshot.surface, kept.layout.digest))
                kept.view.settle(entry_count, max(0.0, until_s - self.steady_s()))
        self._close_idle(needed, self.steady_s())

    def views(self) -> Mapping[tuple[str, bytes], FeatureView]:
        """Return every view that is open, by surface and digest of its layout."""
        return {place: opened.view for place, opened in self._open.items()}

    def committed(self, count: int) -> None:
        """Tell every view that the events journal has `count` entries."""
        for opened in self._open.values():
            opened.view.committed(count)

    def close(self) -> None:
        """Stop every view, and close its store."""
        with self._lock, ExitStack() as stops:
            for opened in self._open.values():
                stops.callback(opened.stop)
            self._kept, self._open = {}, {}

    def read(
        self,
        declaration: Declaration,
        request: RankingRequest,
        sent: Sequence[Column],
        time_left_s: Callable[[], float],
    ) -> Supplied:
        """Work out the columns that a request leaves to rankd.

        Counts are read in one round trip, within the view's own limit of time and the caller's. Where that fails, the
        columns that need none are still worked out.

        Args:
            declaration: What the surface's model declares.
            request: The request, with the viewer as the caller names it.
            sent: What it brought; a column that it sends is not worked out.
            time_left_s: How long the caller still waits.
        """
        by_name = {column.name: column for column in sent}
        names = [declared.feature.name for declared in declaration.kept if declared.feature.name not in by_name]
        if not names:
            return Supplied()
        candidates = request.candidates
        given = Given(
            np.array([request.request_time_ms], dtype=np.int64),
            candidates.create_times_ms,
            candidates.sources,
            candidates.groups,
        )
        entities = declaration.counted(names)
        if not entities:
            columns = _columns(read_features(declaration, _NOTHING, given, names))
            return Supplied(columns, _features(0, columns))
        kept = self._of(request.surface, declaration)
        wanted = kept.layout.wanted(
            feature_viewer(self._viewer_key, request.viewer_id),
            candidates.ids,
            candidates.author_ids,
            _key_columns(declaration, by_name, len(candidates)),
            request.request_time_ms,
            entities,
        )
        try:
            entry_count, values = kept.view.read(wanted.keys, max(0.0, time_left_s()))
        except FeatureStoreError as failure:
            free = [name for name in names if not declaration.counted([name])]
            unread = tuple(name for name in names if name not in free)
            columns = _columns(read_features(declaration, _NOTHING, given, free))
            return Supplied(columns, _features(0, columns), unread, failure)
        columns = _columns(read_features(declaration, wanted.cells(values), given, names))
        return Supplied(columns, _features(entry_count, columns))

    def _of(self, surface: str, declaration: Declaration) -> _Kept:
        key = surface, declaration.file_digest
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        with self._lock:
            if key not in self._kept:
                layout = layout_of(declaration)
                place = surface, layout.digest
                if place not in self._open:
                    opened = _Open(*self._open_view(surface, layout))
                    opened.view.start()
                    self._open = {**self._open, place: opened}
                self._kept = {**self._kept, key: _Kept(declaration, layout, self._open[place].view)}
            return self._kept[key]

    def _close_idle(self, needed: Collection[tuple[str, bytes]], now_s: float) -> None:
        with self._lock:
            for place, opened in self._open.items():
                since_s = opened.idle_since_s
                opened.idle_since_s = None if place in needed else now_s if since_s is None else since_s
            idle = {p: o for p, o in self._open.items() if now_s - (o.idle_since_s or now_s) > _IDLE_S}
            if not idle:
                return
            self._open = {place: opened for place, opened in self._open.items() if place not in idle}
            views = [opened.view for opened in idle.values()]
            self._kept = {key: kept for key, kept in self._kept.items() if kept.view not in views}
        with ExitStack() as stops:
            for opened in idle.values():
                stops.callback(opened.stop)


_NOTHING = Cells({}, {})
_IDLE_S = 300.0


def _columns(read: Mapping[str, Numbers]) -> tuple[Column, ...]:
    return tuple(Column(name, values) for name, values in read.items())


def _features(entry_count: int, columns: tuple[Column, ...]) -> FeaturesRead | None:
    return FeaturesRead(entry_count, tuple(column.name for column in columns)) if columns else None


def _key_columns(declaration: Declaration, sent: Mapping[str, Column], count: int) -> dict[str, Numbers]:
    """Return the columns that are parts of entities: as sent, else by default; of a wrong length: as not known."""
    defaults = {feature.name: feature.default for feature in declaration.columns}
    found = {}
    for name in declaration.key_columns:
        if name in sent:
            if sent[name].values.shape in ((count,), (1,)):
                found[name] = sent[name].values
        elif (default := defaults[name]) is not None:
            found[name] = np.array([default], dtype=np.float32)
    return found
