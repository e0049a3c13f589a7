"""A cluster's own: writers that die between nodes, nodes that die, go back in time, hand slots on or take over."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from rankd.core.errors import FeatureStoreError
from rankd.core.features.block import Increment
from rankd.store.features.cluster import ClusterStore
from rankd.store.features.leftover_keys import remove_keys
from rankd.store.features.leftovers import Place
from rankd.store.features.link import Links
from rankd.store.features.partitions import PARTITION_COUNT, ROOT
from rankd.store.features.shards import slot_of
from tests import valkeys
from tests.integration.features.conftest import LAYOUT, ORIGIN

KEYS = [b"\x01item:%d" % number for number in range(300)]


@pytest.fixture
def opened() -> Iterator[Callable[..., ClusterStore]]:
    stores: list[ClusterStore] = []

    def open_store(url: str, **options: Any) -> ClusterStore:
        store = ClusterStore(url, ORIGIN, LAYOUT, clock_ms=lambda: 0, **options)
        stores.append(store)
        return store

    yield open_store
    for store in stores:
        store.close()


@pytest.fixture
def own_cluster() -> Iterator[valkeys.Cluster]:
    with valkeys.cluster() as running:
        yield running


def step(number: int) -> list[Increment]:
    """Return what entry `number` raises: some keys, by different amounts."""
    chosen = random.Random(number)
    return [Increment(chosen.choice(KEYS), chosen.randrange(3), 0) for _ in range(80)]


def fold(position: int) -> list[bytes | None]:
    """Return the values of `KEYS` after the first entries."""
    counts: dict[bytes, list[int]] = {}
    for number in range(position):
        for key, cell, _ in step(number):
            held = counts.setdefault(key, [])
            held += [0] * (cell + 1 - len(held))
            held[cell] += 1
    return [b"".join(count.to_bytes(4, "big") for count in counts[key]) if key in counts else None for key in KEYS]


def add(store: ClusterStore, position: int, to: int | None = None) -> None:
    """Add entries up to one."""
    end = position + 1 if to is None else to
    store.add([one for number in range(position, end) for one in step(number)], end, expected=position)


def reason(call: Callable[[], object]) -> str:
    with pytest.raises(FeatureStoreError) as caught:
        call()
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


class InterruptedWriterError(Exception):
    """The writer's process ends here."""


def interrupted(store: ClusterStore, what: str, call: int, part: int | None, happens: Callable[[], None]) -> None:
    """Have something happen in a store's next step.

    Args:
        store: The store.
        what: "prepare" or "count".
        call: In which call of it.
        part: After how many of the partitions that the call is about; None: after all of them.
        happens: What happens.
    """
    partitions: Any = store._partitions
    done = getattr(partitions, what)
    calls = 0

    def do(names: Any, changes: Sequence[Any], deadline_s: float) -> Any:
        nonlocal calls
        calls += 1
        if calls != call:
            return done(names, changes, deadline_s)
        replies = done(names, changes[:part], deadline_s)
        happens()
        return replies + (done(names, changes[part:], deadline_s) if part is not None else [])

    setattr(partitions, what, do)


def die() -> None:
    raise InterruptedWriterError


STAGES = [
    ("prepare", 1, 0, 1),
    ("prepare", 1, 1, 1),
    ("prepare", 1, 20, 1),
    ("prepare", 1, None, 1),
    ("count", 1, 0, 1),
    ("count", 1, None, 2),
    ("count", 2, 7, 2),
    ("count", 2, None, 2),
]


@pytest.mark.parametrize(("what", "call", "part", "wanted"), STAGES)
def test_a_writer_may_die_anywhere_and_every_read_is_of_one_position(
    shared_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore], what: str, call: int, part: int, wanted: int
) -> None:
    store, other = opened(shared_cluster.url), opened(shared_cluster.url)
    store.reset()
    add(store, 0)
    interrupted(store, what, call, part, die)
    with pytest.raises(InterruptedWriterError):
        add(store, 1)
    assert other.read(KEYS, 1.0) == (wanted, fold(wanted))
    assert other.position() == wanted
    # Whoever goes on counts nothing twice and leaves nothing out, also with steps of another length.
    add(other, wanted, wanted + 3)
    assert other.read(KEYS, 1.0) == (wanted + 3, fold(wanted + 3))


@pytest.mark.parametrize(("what", "call", "part"), [("prepare", 1, 9), ("prepare", 1, None), ("count", 1, 0)])
def test_a_writer_whose_step_was_replaced_meanwhile_is_refused(
    shared_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore], what: str, call: int, part: int
) -> None:
    slow, other = opened(shared_cluster.url), opened(shared_cluster.url)
    slow.reset()
    add(slow, 0)
    interrupted(slow, what, call, part, lambda: add(other, 1, 4))
    assert reason(lambda: add(slow, 1)) == "FEATURE_STORE_MOVED"
    assert other.read(KEYS, 1.0) == (4, fold(4))
    add(slow, 4)
    assert other.read(KEYS, 1.0) == (5, fold(5))


@pytest.mark.parametrize(("call", "part"), [(1, None), (2, 0), (2, 13), (2, None)])
def test_a_step_that_was_decided_is_followed_by_whoever_adds_next(
    shared_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore], call: int, part: int
) -> None:
    slow, other = opened(shared_cluster.url), opened(shared_cluster.url)
    slow.reset()
    add(slow, 0)
    interrupted(slow, "count", call, part, lambda: add(other, 2, 4))
    add(slow, 1)
    assert other.read(KEYS, 1.0) == (4, fold(4))
    add(slow, 4)
    assert slow.read(KEYS, 1.0) == (5, fold(5))


def test_who_replaces_a_step_makes_sure_first_that_it_is_not_decided_any_more(
    shared_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    first, second = opened(shared_cluster.url), opened(shared_cluster.url)
    first.reset()
    add(first, 0)
    is_replacing, may_go_on = threading.Event(), threading.Event()
    partitions: Any = second._partitions
    prepare = partitions.prepare
    refused: list[str] = []

    def prepare_slowly(names: Any, changes: Sequence[Any], deadline_s: float) -> Any:
        # The nodes are met in an order that nobody promised: the one that decides comes last.
        replies = prepare(names, changes[::-1][:10], deadline_s)
        is_replacing.set()
        may_go_on.wait(10)
        return replies + prepare(names, changes[::-1][10:], deadline_s)

    def replace() -> None:
        try:
            add(second, 1, 3)
        except FeatureStoreError as error:
            refused.append(error.reason)

    partitions.prepare = prepare_slowly
    replacing = threading.Thread(target=replace)

    def happens() -> None:
        replacing.start()
        is_replacing.wait(10)

    # The first one has prepared its step everywhere, and is about to decide it.
    interrupted(first, "count", 1, 0, happens)
    try:
        add(first, 1)
    except FeatureStoreError as error:
        refused.append(error.reason)
    may_go_on.set()
    replacing.join()
    assert refused == ["FEATURE_STORE_MOVED"]
    position = first.position() or 0
    assert position in (2, 3)
    assert first.read(KEYS, 1.0) == (position, fold(position))


def test_reads_equal_the_fold_of_their_position_while_somebody_writes(
    shared_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store, other = opened(shared_cluster.url), opened(shared_cluster.url)
    store.reset()
    folds = [fold(position) for position in range(121)]
    wrong: list[int] = []
    seen: set[int] = set()
    stop = threading.Event()

    def look() -> None:
        chosen = random.Random(threading.get_ident())
        last = 0
        while not stop.is_set():
            places = chosen.sample(range(len(KEYS)), chosen.choice([1, 5, 60, 300]))
            position, values = other.read([KEYS[place] for place in places], 5.0)
            if values != [folds[position][place] for place in places] or position < last:
                wrong.append(position)
            seen.add(position)
            last = position

    readers = [threading.Thread(target=look) for _ in range(3)]
    for thread in readers:
        thread.start()
    position = 0
    chosen = random.Random(1)
    while position < 120:
        end = min(120, position + chosen.randrange(1, 4))
        if chosen.random() < 0.3:
            writer = opened(shared_cluster.url)
            what, call, part, _ = chosen.choice(STAGES)
            interrupted(writer, what, call, part, die)
            with pytest.raises(InterruptedWriterError):
                add(writer, position, end)
            position = store.position() or 0
        else:
            add(store, position, end)
            position = end
    stop.set()
    for thread in readers:
        thread.join()
    assert wrong == []
    assert len(seen) > 5
    assert other.read(KEYS, 1.0) == (120, folds[120])


@pytest.mark.parametrize("count", [0, 1, 300])
def test_a_read_is_one_round_trip_to_each_shard(
    shared_cluster: valkeys.Cluster,
    opened: Callable[..., ClusterStore],
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = opened(shared_cluster.url)
    store.reset()
    add(store, 0)
    asked: list[Links] = []
    begin = Links.begin

    def counting(links: Links, *args: Any) -> Any:
        asked.append(links)
        return begin(links, *args)

    monkeypatch.setattr(Links, "begin", counting)
    assert store.read(KEYS[:count], 1.0) == (1, fold(1)[:count])
    assert len(asked) == len(set(asked)) == 3


def test_partitions_are_spread_evenly_and_keys_say_whose_they_are(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url)
    store.reset()
    add(store, 0, 20)
    tags: list[set[bytes]] = []
    for client in own_cluster.masters():
        names = list(client.scan_iter())
        assert all(name.startswith(b"rankd:{") for name in names)
        tags.append({name[len(b"rankd:{") : name.index(b"}")] for name in names})
    assert sorted(len(each) for each in tags) == [10, 11, 11]
    assert len({slot_of(tag) for each in tags for tag in each}) == PARTITION_COUNT


def test_a_reset_leaves_nothing_of_its_own_and_everything_of_others(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    own_cluster.client(0).set(next(name for name in map(str, range(99)) if slot_of(name.encode()) < 5_000), "else's")
    other = ClusterStore(own_cluster.url, ORIGIN, bytes(32), clock_ms=lambda: 0)
    other.reset()
    add(other, 0)
    kept = sum(client.dbsize() for client in own_cluster.masters())
    store = opened(own_cluster.url)
    store.reset()
    add(store, 0, 40)
    interrupted(store, "count", 1, 0, die)
    with pytest.raises(InterruptedWriterError):
        add(store, 40, 60)
    opened(own_cluster.url).reset()
    assert sum(client.dbsize() for client in own_cluster.masters()) == kept + PARTITION_COUNT + 1
    assert other.read(KEYS, 1.0) == (1, fold(1))
    other.close()


def test_leftovers_of_other_layouts_are_removed_from_all_nodes(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url)
    others = [
        ClusterStore(own_cluster.url, ORIGIN, bytes(32), clock_ms=lambda: 0),
        ClusterStore(own_cluster.url, "dev.other/events", LAYOUT, clock_ms=lambda: 0),
    ]
    sizes = []
    for each in (store, *others):
        before = sum(client.dbsize() for client in own_cluster.masters())
        each.reset()
        add(each, 0, 3)
        sizes.append(sum(client.dbsize() for client in own_cluster.masters()) - before)
    assert remove_keys(own_cluster.url, [ORIGIN], [Place.of(ORIGIN, LAYOUT)]) == sizes[1]
    assert store.read(KEYS, 1.0) == others[1].read(KEYS, 1.0) == (3, fold(3))
    assert others[0].position() is None
    assert remove_keys(own_cluster.url, [ORIGIN], []) == sizes[0]
    assert sum(client.dbsize() for client in own_cluster.masters()) == sizes[2]
    for each in others:
        each.close()


def test_a_password_is_used_on_every_node_and_never_told() -> None:
    with valkeys.cluster() as cluster:
        for client in cluster.masters():
            client.config_set("requirepass", "s3cret/x")
        store = ClusterStore(
            cluster.url.replace("://", "://:s3cret%2Fx@"), ORIGIN, LAYOUT, clock_ms=lambda: 0, write_timeout_s=0.5
        )
        store.reset()
        add(store, 0)
        assert store.read(KEYS, 1.0) == (1, fold(1))
        other = ClusterStore(cluster.url, ORIGIN, LAYOUT, clock_ms=lambda: 0)
        cluster.servers[1].kill()
        for each, wanted in ((other, "FEATURE_STORE_REFUSED"), (store, "FEATURE_STORE_DOWN")):
            with pytest.raises(FeatureStoreError) as caught:
                each.read(KEYS, 1.0)
            assert caught.value.reason == wanted
            assert "s3cret" not in str(caught.value) + repr(caught.value.__cause__) + repr(each) + each.address
            each.close()


def test_a_node_that_dies_is_said_at_once_and_one_that_comes_back_empty_is_found_out(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url, write_timeout_s=1.0)
    store.reset()
    add(store, 0, 5)
    for victim in own_cluster.servers:
        assert store.read(KEYS, 1.0) == (5, fold(5))
        victim.kill()
        begin = time.monotonic()
        for _ in range(3):
            assert reason(lambda: store.read(KEYS, 0.3)) in ("FEATURE_STORE_DOWN", "FEATURE_STORE_SLOW")
        assert reason(lambda: store.read([], 0.3)) in ("FEATURE_STORE_DOWN", "FEATURE_STORE_SLOW")
        assert reason(lambda: add(store, 5)) in ("FEATURE_STORE_DOWN", "FEATURE_STORE_SLOW")
        assert time.monotonic() - begin < 3.5
        # Nothing was written to disk but who belongs to the cluster.
        victim.start(keep=True)
        own_cluster.await_health()
        assert reason(lambda: store.read(KEYS, 1.0)) == "FEATURE_STORE_EMPTY"
        assert store.position() is None
        store.reset()
        add(store, 0, 5)


def test_a_node_that_stalls_holds_no_read_and_its_late_answer_is_not_taken_for_another(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url)
    store.reset()
    add(store, 0, 5)
    assert store.read(KEYS, 1.0) == (5, fold(5))
    own_cluster.client(1).client_pause(500, all=True)
    for _ in range(3):
        begin = time.monotonic()
        assert reason(lambda: store.read(KEYS, 0.05)) == "FEATURE_STORE_SLOW"
        assert time.monotonic() - begin < 0.25
    time.sleep(0.6)
    assert store.read(KEYS[::-1], 1.0) == (5, fold(5)[::-1])


def test_a_partition_that_went_back_in_time_is_found_out(
    shared_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(shared_cluster.url)
    for partition in (ROOT, 17):
        store.reset()
        add(store, 0)
        assert store._names is not None
        name = store._names[partition].position
        (client,) = [each for each in shared_cluster.masters() if name in set(each.scan_iter())]
        old = client.get(name)
        add(store, 1)
        client.set(name, old)  # type: ignore[arg-type]  # bytes
        assert reason(lambda: store.read(KEYS, 1.0)) == "FEATURE_STORE_EMPTY"
        assert store.position() is None
        assert reason(lambda: add(store, 2)) in ("FEATURE_STORE_MOVED", "FEATURE_STORE_EMPTY")
        assert store.position() is None
        client.set(name, "something")
        assert reason(lambda: store.read(KEYS, 1.0)) == "FEATURE_STORE_DAMAGED"


def test_what_others_wrote_under_its_keys_is_found_out(
    shared_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(shared_cluster.url)
    store.reset()
    add(store, 0)
    raised_twice = {one.key for one in step(0)} & {one.key for one in step(1)}
    for end in (b":" + min(raised_twice), b"}:generation"):
        for client in shared_cluster.masters():
            for name in client.scan_iter():
                if name.endswith(end):
                    client.delete(name)
                    client.lpush(name, "something")
        if end == b"}:generation":
            assert reason(opened(shared_cluster.url).position) == "FEATURE_STORE_DAMAGED"
        else:
            assert reason(lambda: add(store, 1)) == "FEATURE_STORE_DAMAGED"
    store.reset()
    add(store, 0, 2)
    assert store.read(KEYS, 1.0) == (2, fold(2))


def test_a_node_that_may_drop_counts_is_not_used(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url)
    store.reset()
    own_cluster.client(2).config_set("maxmemory", "100mb")
    own_cluster.client(2).config_set("maxmemory-policy", "allkeys-lru")
    assert reason(store.position) == "FEATURE_STORE_EVICTS"


def test_a_full_node_refuses_a_step_and_counts_none_of_it(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url)
    store.reset()
    add(store, 0)
    own_cluster.client(1).config_set("maxmemory", "1mb")
    assert reason(lambda: add(store, 1)) == "FEATURE_STORE_REFUSED"
    assert store.read(KEYS, 1.0) == (1, fold(1))
    own_cluster.client(1).config_set("maxmemory", "0")
    assert store.position() == 1
    add(store, 1)
    assert store.read(KEYS, 1.0) == (2, fold(2))


def test_a_slot_that_moves_to_another_node_is_followed(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url)
    store.reset()
    add(store, 0, 5)
    assert store._names is not None
    slot = store._names[ROOT].slot
    source, target = own_cluster.client(0), own_cluster.client(2)
    to = own_cluster.servers[2].port
    valkeys.tell(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", valkeys.tell(source, "CLUSTER", "MYID"))
    valkeys.tell(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", valkeys.tell(target, "CLUSTER", "MYID"))
    names = valkeys.tell(source, "CLUSTER", "GETKEYSINSLOT", slot, 10_000)
    for moved in (0, len(names) // 2, len(names)):
        if moved:
            valkeys.tell(source, "MIGRATE", "127.0.0.1", to, "", 0, 1_000, "KEYS", *names[:moved])
            names = names[moved:]
        # Some keys are here and some there, or nowhere: no node can tell all of them in one moment.
        assert reason(lambda: store.read(KEYS, 0.1)) == "FEATURE_STORE_SLOW"
    for client in (target, source, own_cluster.client(1)):
        valkeys.tell(client, "CLUSTER", "SETSLOT", slot, "NODE", valkeys.tell(target, "CLUSTER", "MYID"))
    assert store.read(KEYS, 1.0) == (5, fold(5))
    add(store, 5)
    assert store.read(KEYS, 1.0) == (6, fold(6))


def test_slots_that_move_all_at_once_are_followed_without_a_read_that_fails(
    own_cluster: valkeys.Cluster, opened: Callable[..., ClusterStore]
) -> None:
    store = opened(own_cluster.url)
    store.reset()
    add(store, 0, 5)
    source, target = own_cluster.client(0), own_cluster.client(2)
    to = valkeys.tell(target, "CLUSTER", "MYID")
    valkeys.tell(source, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 3_000, "NODE", to)
    positions = iter(range(5, 1_000))

    def have_moved() -> bool:
        position = next(positions)
        assert store.read(KEYS, 2.0) == (position, fold(position))
        add(store, position)
        return any(share[0] == 0 and share[2][1] == own_cluster.servers[2].port for share in slots_of(source))

    valkeys.await_that(have_moved)
    have_moved()
    have_moved()


def slots_of(client: Any) -> Any:
    """Return who holds which slots, as a node says."""
    return valkeys.tell(client, "CLUSTER", "SLOTS")
