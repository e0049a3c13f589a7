"""Counts: what one more of everything takes, how fast rows are materialised, and how all of it grows."""

import gc
import shutil
import time
import tracemalloc
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from house import LOG_SIGNER, now_ms
from people import (
    AUTHORS,
    DAY_MS,
    ENTRY_EVENTS,
    ITEMS,
    NUMBERS,
    VIEWERS,
    People,
    append,
    author_of,
    declaration,
    valkey,
)
from redis import Redis
from timing import row, shown, timed

from rankd.core.features.block import Increment
from rankd.core.features.declaration import Declaration
from rankd.core.features.kinds import KINDS
from rankd.core.features.layout import Layout, layout_of
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.valkey import ValkeyStore
from rankd.usecases.learn.history import Events, History, Rows
from rankd.usecases.learn.kuairand import read_kuairand
from rankd.usecases.learn.materialise import materialise
from rankd.usecases.serve.features.feature_view import FeatureView
from rankd.usecases.serve.feedback.event_log import EventLog


def sizes(root: Path) -> None:
    """Print how many bytes one more of everything takes, in each store.

    Args:
        root: An empty folder.
    """
    layout = layout_of(declaration())
    print("bytes, for each entity that an event touched")
    row("entity", "embedded", "Valkey", "values of it")
    with valkey() as url:
        server = Redis.from_url(url)
        names = sorted({block.entity.name for block in layout.blocks})
        for name in names:
            blocks = [block for block in layout.blocks if block.entity.name == name]
            raised = [
                [
                    block.increment(b"%016d%08d" % (number, number), kind, now_ms())
                    for block in blocks
                    for kind in block.events
                ]
                for number in range(2_000)
            ]
            flat = [one for some in raised for one in some]
            gc.collect()
            tracemalloc.start()
            store = EmbeddedStore.open(root / name, "o", layout.digest, clock_ms=now_ms)
            store.reset()
            store.add([Increment(bytes(bytearray(one.key)), one.cell, one.expire_ms) for one in flat], 1, expected=0)
            gc.collect()
            embedded = tracemalloc.get_traced_memory()[0] / len(raised)
            tracemalloc.stop()
            server.flushall()
            remote = ValkeyStore(url, name, layout.digest, clock_ms=now_ms, write_timeout_s=60)
            remote.reset()
            remote.add(flat, 1, expected=0)
            asked = server.pipeline(transaction=False)
            for key in server.scan_iter(count=10_000):
                asked.memory_usage(key)
            each = sum(asked.execute()) / len(raised)
            row(name, f"{embedded:,.0f}", f"{each:,.0f}", str(len({one.key for one in raised[0]})))
            remote.close()


def materialised(data: Path) -> None:
    """Print how many rows a second are materialised from the real impressions.

    Args:
        data: The folder that contains kuairand-pure.
    """
    folder = data / "kuairand-pure"
    if not folder.is_dir():
        print("  no real impressions under RANKD_DATA")
        return
    declared = declaration()
    history = read_kuairand(folder, declared)
    times = [
        len(history.rows) / timed(partial(materialise, declared, history), time.process_time) * 1e3 for _ in range(5)
    ]
    row(f"rows a second of one core, {len(declared.features)} features, {len(history.rows):,} rows", shown(times, 0))


def growth(root: Path, sizes_: Sequence[int]) -> None:
    """Print how things grow with the number of events.

    Args:
        root: An empty folder.
        sizes_: How many events.
    """
    declared = declaration()
    layout = layout_of(declared)
    print("growth; every entry holds ten events")
    row("events", "journal: events/s · bytes", "embedded: events/s · MB", "read of 1500, ms", "rows/s materialised")
    for size in sizes_:
        folder = root / f"growth-{size}"
        folder.mkdir(parents=True)
        with closing(EventLog.open(folder, LOG_SIGNER, folder / "log.mark")) as log:
            entries = size // ENTRY_EVENTS
            start = time.perf_counter()
            append(log, People(1).records(entries))
            appended = size / (time.perf_counter() - start)
            log.journal.publish()
            stored = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / size
            store = EmbeddedStore.open(folder / "features", LOG_SIGNER.name, layout.digest, clock_ms=now_ms)
            view = FeatureView(store, layout, log, read_timeout_s=5.0)
            start = time.perf_counter()
            view.start()
            assert view.settle(entries, 36_000)
            counted = size / (time.perf_counter() - start)
            people = People(2)
            items = people.offer(1500)
            authors = [author_of(item) for item in items]
            columns = people.columns(1500, declared, kept=False)
            keys = {name: columns[name] for name in declared.key_columns}
            reads = []
            for number in range(15):
                viewer = number.to_bytes(16, "big")
                reads.append(timed(partial(_read, layout, view, viewer, items, authors, keys)))
            view.stop()
            store.close()
            snapshot = sum(path.stat().st_size for path in (folder / "features").iterdir()) / 1e6
        history = _history(declared, size)
        rows_s = len(history.rows) / timed(partial(materialise, declared, history), time.process_time) * 1e3
        row(
            f"{size:,}",
            f"{appended:,.0f} · {stored:,.0f}",
            f"{counted:,.0f} · {snapshot:,.1f}",
            shown(reads),
            f"{rows_s:,.0f}",
        )
        shutil.rmtree(folder)


def _read(
    layout: Layout,
    view: FeatureView,
    viewer: bytes,
    items: Sequence[str],
    authors: Sequence[str],
    keys: Mapping[str, npt.NDArray[np.float32]],
) -> None:
    wanted = layout.wanted(viewer, items, authors, keys, now_ms())
    wanted.cells(view.read(wanted.keys)[1])


def _history(declared: Declaration, size: int) -> History:
    """Return a history of so many events, and a tenth as many rows, at least a thousand."""
    draw = np.random.default_rng(size)

    def popular(most: int, count: int) -> npt.NDArray[np.int64]:
        return (most * draw.random(count) ** 3).astype(np.int64)

    start_ms = now_ms() - 30 * DAY_MS
    viewers, items = popular(VIEWERS, size), popular(ITEMS, size)
    times = np.sort(draw.integers(start_ms, now_ms(), size))
    events_ = Events(
        kinds=draw.integers(0, len(KINDS), size),
        viewers=viewers,
        items=items,
        authors=items % AUTHORS,
        times_ms=times,
        visible_at=times + 900_000,
        columns={name: items % most for name, most in NUMBERS.items() if name in declared.key_columns},
    )
    count = max(1_000, size // 10)
    asked = np.sort(draw.choice(size, count, replace=count > size))
    sent = People(1).columns(count, declared, kept=False)
    rows = Rows(
        viewers=viewers[asked],
        items=items[asked],
        authors=items[asked] % AUTHORS,
        times_ms=times[asked],
        at=times[asked],
        slates=np.arange(count),
        places=np.full(count, -1),
        create_times_ms=np.full(count, -1),
        columns=sent | {name: (items[asked] % most).astype(np.float32) for name, most in NUMBERS.items()},
        outcomes=np.zeros((count, 1), dtype=np.int8),
        objectives=("click",),
    )
    viewer_ids, item_ids, author_ids = (
        [f"{kind}-{at}" for at in range(most)] for kind, most in (("v", VIEWERS), ("i", ITEMS), ("a", AUTHORS))
    )
    return History(viewer_ids, item_ids, author_ids, rows, events_)
