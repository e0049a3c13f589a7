"""A view over real stores: a killed, stalled or emptied server loses nothing, and no read is ever half counted."""

import threading
import time
from collections.abc import Iterator, Mapping

import pytest

from rankd.core.errors import FeatureStoreError
from rankd.store.features.valkey import ValkeyStore
from rankd.usecases.serve.features.feature_view import FeatureView
from tests import valkeys
from tests.events import MemoryLog, layout, record
from tests.integration.features.conftest import ORIGIN, Bench

LAYOUT = layout()
NOW_MS = 1_800_000_000_000
READ_TIMEOUT_S = 0.2


@pytest.fixture
def own_server() -> Iterator[valkeys.Server]:
    with valkeys.server() as running:
        yield running


class Checker:
    """Reads everything again and again, and compares with the journal at the position that came with it."""

    def __init__(self, view: FeatureView, log: MemoryLog, keys: list[bytes]) -> None:
        self.wrong: list[int] = []
        self.read_count = 0
        self.reasons: set[str] = set()
        self.longest_s = 0.0
        self._view, self._log, self._keys = view, log, keys
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        wanted: dict[int, Mapping[bytes, bytes]] = {}
        while not self._stop.is_set():
            begin = time.monotonic()
            try:
                position, values = self._view.read(self._keys)
            except FeatureStoreError as error:
                self._took(begin)
                self.reasons.add(error.reason)
                time.sleep(0.002)
            else:
                self._took(begin)
                self.read_count += 1
                if position not in wanted:
                    wanted[position] = self._log.counted(LAYOUT, position)
                if values != [wanted[position].get(key) for key in self._keys]:
                    self.wrong.append(position)

    def _took(self, begin: float) -> None:
        # Working out what should have been read is the test's own time.
        self.longest_s = max(self.longest_s, time.monotonic() - begin)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def test_a_rebuild_from_the_journal_gives_equal_reads(bench: Bench) -> None:
    log = MemoryLog([record(number, time_ms=NOW_MS) for number in range(300)])
    keys = sorted(log.counted(LAYOUT))
    view = FeatureView(bench.open(layout=LAYOUT.digest), LAYOUT, log, read_timeout_s=2.0)
    view.start()
    assert view.settle(300, 10)
    before = view.read(keys)
    assert before == (300, [log.counted(LAYOUT)[key] for key in keys])
    view.rebuild()
    assert view.settle(300, 10)
    assert view.read(keys) == before
    view.stop()


def test_counts_that_were_continued_over_many_starts_equal_those_of_one(bench: Bench) -> None:
    log = MemoryLog()
    for number in range(6):
        log.append(*[record(number * 10 + at, time_ms=NOW_MS) for at in range(10)])
        store = bench.open(layout=LAYOUT.digest)
        view = FeatureView(store, LAYOUT, log, read_timeout_s=2.0)
        view.start()
        assert view.settle(log.count, 10)
        assert view.rebuilds == (number == 0)
        keys = sorted(log.counted(LAYOUT))
        assert view.read(keys) == (log.count, [log.counted(LAYOUT)[key] for key in keys])
        view.stop()
        store.close()


def test_a_server_that_dies_stalls_and_comes_back_empty_loses_nothing(own_server: valkeys.Server) -> None:
    log = MemoryLog([record(number, time_ms=NOW_MS) for number in range(200)])
    keys = sorted(log.counted(LAYOUT))
    store = ValkeyStore(own_server.url, ORIGIN, LAYOUT.digest, clock_ms=lambda: NOW_MS, write_timeout_s=0.5)
    view = FeatureView(store, LAYOUT, log, read_timeout_s=READ_TIMEOUT_S)
    view.start()
    assert view.settle(200, 10)
    checker = Checker(view, log, keys)
    stop = threading.Event()

    def happen() -> None:
        number = 200
        while not stop.wait(0.003):
            view.committed(log.append(record(number, time_ms=NOW_MS)))
            number += 1

    happening = threading.Thread(target=happen)
    happening.start()
    for _ in range(2):
        time.sleep(0.3)
        own_server.kill()
        time.sleep(0.3)
        own_server.start()
        assert view.settle(log.count, 10)
        time.sleep(0.2)
        own_server.client().client_pause(400)
        time.sleep(0.6)
        assert view.settle(log.count, 10)
    stop.set()
    happening.join()
    assert view.settle(log.count, 10)
    checker.stop()
    assert checker.wrong == []
    assert checker.read_count > 20
    assert checker.longest_s < READ_TIMEOUT_S + 0.25
    assert checker.reasons <= {
        "FEATURE_STORE_DOWN",
        "FEATURE_STORE_SLOW",
        "FEATURE_STORE_EMPTY",
        "FEATURES_REBUILDING",
    }
    assert {"FEATURE_STORE_DOWN", "FEATURES_REBUILDING"} <= checker.reasons
    counted = log.counted(LAYOUT)
    assert view.read(keys) == (log.count, [counted[key] for key in keys])
    assert view.rebuilds == 3
    view.stop()
    store.close()


def test_answers_that_are_cut_at_random_count_nothing_twice(shared_server: valkeys.Server) -> None:
    with valkeys.wire(shared_server) as wire:
        log = MemoryLog([record(0, time_ms=NOW_MS)])
        store = ValkeyStore(wire.url, f"{ORIGIN}/cut", LAYOUT.digest, clock_ms=lambda: NOW_MS, write_timeout_s=0.5)
        view = FeatureView(store, LAYOUT, log, read_timeout_s=READ_TIMEOUT_S)
        view.start()
        assert view.settle(1, 10)
        for number in range(1, 25):
            wire.cut_after = number * 17 % 300
            view.committed(log.append(record(number, time_ms=NOW_MS)))
            time.sleep(0.01)
            wire.cut_after = None
            assert view.settle(log.count, 10)
        counted = log.counted(LAYOUT)
        keys = sorted(counted)
        assert view.read(keys) == (25, [counted[key] for key in keys])
        assert view.rebuilds == 1
        view.stop()
        store.close()
