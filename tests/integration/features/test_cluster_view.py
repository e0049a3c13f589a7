"""A view over a cluster under load: nodes die, stall, come back empty or have their replicas; no read is ever wrong."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rankd.store.features.cluster import ClusterStore
from rankd.usecases.serve.features.feature_view import FeatureView
from tests import valkeys
from tests.events import MemoryLog, layout, record
from tests.integration.features.conftest import ORIGIN
from tests.integration.features.test_view import NOW_MS, READ_TIMEOUT_S, Checker

LAYOUT = layout()
EXPECTED = {"FEATURE_STORE_DOWN", "FEATURE_STORE_SLOW", "FEATURE_STORE_EMPTY", "FEATURES_REBUILDING"}


@contextmanager
def followed(url: str, log: MemoryLog) -> Iterator[tuple[FeatureView, Checker]]:
    """Follow a journal that grows all the time, and read all the time; check everything in the end."""
    store = ClusterStore(url, ORIGIN, LAYOUT.digest, clock_ms=lambda: NOW_MS, write_timeout_s=0.5)
    view = FeatureView(store, LAYOUT, log, read_timeout_s=READ_TIMEOUT_S)
    view.start()
    assert view.settle(log.count, 20)
    keys = sorted(log.counted(LAYOUT))
    checker = Checker(view, log, keys)
    stop = threading.Event()

    def happen() -> None:
        while not stop.wait(0.003):
            view.committed(log.append(record(log.count, time_ms=NOW_MS)))

    happening = threading.Thread(target=happen)
    happening.start()
    try:
        yield view, checker
    finally:
        stop.set()
        happening.join()
        is_settled = view.settle(log.count, 20)
        checker.stop()
        counted = log.counted(LAYOUT)
        found = view.read(keys) if is_settled else None
        view.stop()
        store.close()
    assert found == (log.count, [counted.get(key) for key in keys])
    assert checker.wrong == []
    assert checker.read_count > 20
    assert checker.longest_s < READ_TIMEOUT_S + 0.25
    assert checker.reasons <= EXPECTED


def test_nodes_that_die_under_load_and_come_back_empty_lose_nothing() -> None:
    log = MemoryLog([record(number, time_ms=NOW_MS) for number in range(200)])
    with valkeys.cluster() as cluster, followed(cluster.url, log) as (view, checker):
        for victim in cluster.servers[:2]:
            time.sleep(0.3)
            victim.kill()
            time.sleep(0.3)
            before = checker.read_count
            # Counts of which a part cannot be read are not read at all.
            time.sleep(0.1)
            assert checker.read_count == before
            victim.start(keep=True)
            cluster.await_health()
            assert view.settle(log.count, 20)
            time.sleep(0.2)
        assert view.rebuilds == 3
        assert {"FEATURE_STORE_DOWN", "FEATURES_REBUILDING"} <= checker.reasons


def test_a_node_that_stalls_under_load_is_back_without_counting_anew() -> None:
    log = MemoryLog([record(number, time_ms=NOW_MS) for number in range(200)])
    with valkeys.cluster(**{"cluster-node-timeout": "5000"}) as cluster, followed(cluster.url, log) as (view, _):
        for number in range(3):
            cluster.client(number).client_pause(700)
            time.sleep(0.9)
            assert view.settle(log.count, 20)
        assert view.rebuilds == 1


@pytest.mark.parametrize("number", [0, 2])
def test_a_replica_takes_over_under_load_and_the_view_goes_on(number: int) -> None:
    log = MemoryLog([record(number, time_ms=NOW_MS) for number in range(200)])
    with valkeys.cluster(replicas=True) as cluster, followed(cluster.url, log) as (view, checker):
        time.sleep(0.3)
        replica = cluster.client(number + 3)
        cluster.servers[number].kill()
        valkeys.await_that(lambda: replica.info("replication")["role"] == "master")
        assert view.settle(log.count, 20)
        before = checker.read_count
        time.sleep(0.3)
        assert checker.read_count > before
        # What the replica had not been told yet is noticed, and then everything is counted again.
        assert view.rebuilds <= 2
