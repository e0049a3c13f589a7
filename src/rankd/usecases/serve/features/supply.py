"""Supply: the columns that rankd works out itself for a request, from the counts of what people did."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
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

    def __call__(self, surface: str, layout: Layout) -> FeatureView:
        """Return the view, not started."""


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
    """

    def __init__(self, open_view: Opener, viewer_key: bytes) -> None:
        self._open_view = open_view
        self._viewer_key = viewer_key
        self._lock = threading.Lock()
        self._kept: Mapping[tuple[str, bytes], _Kept] = {}
        self._views: dict[tuple[str, bytes], FeatureView] = {}

    def prepare(self, served: Iterable[Snapshot], entry_count: int, patience_s: float) -> None:
        """Begin to build the counts that models declare, and wait a moment for those that are built quickly.

        Args:
            served: What surfaces are served with.
            entry_count: How many entries of the events journal they are to reflect.
            patience_s: How long to wait at most.
        """
        until_s = time.monotonic() + patience_s
        for snapshot in served:
            if snapshot.model is not None and snapshot.model.declaration is not None:
                view = self._of(snapshot.surface, snapshot.model.declaration).view
                view.settle(entry_count, max(0.0, until_s - time.monotonic()))

    def views(self) -> Mapping[tuple[str, bytes], FeatureView]:
        """Return every view that is open, by surface and digest of its layout."""
        return dict(self._views)

    def committed(self, count: int) -> None:
        """Tell every view that the events journal has `count` entries."""
        for view in self._views.copy().values():
            view.committed(count)

    def close(self) -> None:
        """Stop every view."""
        with self._lock, ExitStack() as stops:
            for view in self._views.values():
                stops.callback(view.stop)
            self._kept, self._views = {}, {}

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
                if place not in self._views:
                    view = self._open_view(surface, layout)
                    view.start()
                    self._views[place] = view
                self._kept = {**self._kept, key: _Kept(declaration, layout, self._views[place])}
            return self._kept[key]


_NOTHING = Cells({}, {})


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
