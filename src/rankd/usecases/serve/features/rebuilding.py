"""Rebuilding: everything that is counted, counted again from the journal of events while no service runs."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.core.features.layout import Layout, layout_of
from rankd.store.archive import Archive
from rankd.store.disk import hold
from rankd.store.evidence import DECISIONS
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.store import FeatureStore
from rankd.store.journal.reading import PRIVATE_FOLDER
from rankd.usecases.serve.features.feature_view import FeatureView
from rankd.usecases.serve.feedback.event_files import EventFiles
from rankd.usecases.serve.feedback.event_log import EVENTS

_READ_TIMEOUT_S = 2.0
_LOOK_S = 0.2
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Counts that were made again.

    Attributes:
        surface: Whose events they are of.
        layout: Digest of their layout, 32 bytes.
        entry_count: How many entries of the journal they count.
    """

    surface: str
    layout: bytes
    entry_count: int


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold a data directory, as a service does.

    Raises:
        ServiceError: RECORDS_LOCKED: a service, or another process, holds it. REBUILD_UNUSABLE: the disk refuses.
    """
    with ExitStack() as opened:
        for name in (DECISIONS, EVENTS):
            folder = data_dir / name / PRIVATE_FOLDER
            if not folder.is_dir():
                continue
            try:
                opened.callback(os.close, hold(folder / "lock"))
            except OSError as error:
                raise ServiceError("REBUILD_UNUSABLE", path=folder, detail=error.strerror) from error
        yield


def rebuild_here(
    data_dir: Path,
    url: str | None,
    clock_ms: Callable[[], int],
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> tuple[Rebuilt, ...]:
    """Count again what is counted for every model that ever ranked; what is not there, the next start counts anyway.

    Call it while `held`. A crash leaves some counts as they were, some made again, and one begun: the next start goes
    on with that.

    Args:
        data_dir: The data directory.
        url: The server that holds the counts; None: a snapshot in the directory does.
        clock_ms: The clock, milliseconds since 1970.
        progress: Told the surface, how many entries are counted and how many there are.

    Raises:
        RankdError: The journal, the archive or the counts cannot be read or written.
    """
    source, archive = EventFiles(data_dir / EVENTS), Archive(data_dir)
    layouts: dict[tuple[str, bytes], Layout] = {}
    for model in map(archive.model, archive.models()):
        if model.declaration is not None:
            layout = layout_of(model.declaration)
            layouts[model.manifest.surface, layout.digest] = layout
    done = []
    for (surface, digest), layout in layouts.items():
        origin = f"{source.origin}#{surface}"
        with _opened(data_dir, url, origin, digest, clock_ms) as (store, is_there):
            if is_there:
                _count_again(store, layout, source, surface, progress)
                done.append(Rebuilt(surface, digest, source.count))
    return tuple(done)


@contextmanager
def _opened(
    data_dir: Path, url: str | None, origin: str, layout: bytes, clock_ms: Callable[[], int]
) -> Iterator[tuple[FeatureStore, bool]]:
    """Open a store; tell whether anything is in it."""
    if url is None:
        embedded = EmbeddedStore.open(data_dir / "features", origin, layout, clock_ms=clock_ms)
        yield embedded, embedded.position() is not None or embedded.refused is not None
        embedded.close()
        return
    # Imported here because a snapshot is counted again without what a server needs.
    from rankd.store.features.remote import remote_store

    remote = remote_store(url, origin, layout, clock_ms=clock_ms)
    try:
        yield remote, remote.position() is not None
    finally:
        remote.close()


def _count_again(
    store: FeatureStore,
    layout: Layout,
    source: EventFiles,
    surface: str,
    progress: Callable[[str, int, int], None],
) -> None:
    view = FeatureView(store, layout, source, read_timeout_s=_READ_TIMEOUT_S, surface=surface)
    view.rebuild()
    view.start()
    try:
        well_s = time.monotonic()
        while not view.settle(source.count, _LOOK_S):
            progress(surface, view.applied, source.count)
            failure = view.failure
            if failure is None:
                well_s = time.monotonic()
            elif time.monotonic() - well_s > _PATIENCE_S:
                raise failure
    finally:
        view.stop()
