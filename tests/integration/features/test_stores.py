"""What every feature store does, whatever it is made of."""

import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rankd.core.errors import FeatureStoreError
from rankd.core.features.block import MAX_COUNT, Increment
from rankd.store.features.store import MAX_CELLS
from tests.integration.features.conftest import LAYOUT, ORIGIN, Bench, Store


def raised(key: bytes, cell: int = 0, times: int = 1, expire_ms: int = 0) -> list[Increment]:
    return [Increment(key, cell, expire_ms)] * times


def cells(*counts: int) -> bytes:
    return b"".join(count.to_bytes(4, "big") for count in counts)


def values(store: Store, *keys: bytes) -> list[bytes | None]:
    return store.read(keys, 1.0)[1]


def refusal(store: Store, position: int, expected: int) -> str:
    with pytest.raises(FeatureStoreError) as caught:
        store.add(raised(b"a"), position, expected=expected)
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def test_a_store_that_nobody_began_has_no_position_and_reads_nothing(bench: Bench) -> None:
    store = bench.open()
    assert store.position() is None
    with pytest.raises(FeatureStoreError) as caught:
        store.read([b"a"], 1.0)
    assert caught.value.reason == "FEATURE_STORE_EMPTY"
    assert refusal(store, 1, 0) == "FEATURE_STORE_EMPTY"


def test_increments_and_the_position_come_together(bench: Bench) -> None:
    store = bench.begin()
    assert store.position() == 0
    store.add([*raised(b"a", 1, 2), *raised(b"b", 0), *raised(b"a", 0)], 3, expected=0)
    assert store.position() == 3
    assert store.read([b"b", b"a", b"b"], 1.0) == (3, [cells(1), cells(1, 2), cells(1)])
    store.add([], 7, expected=3)
    assert store.read([], 1.0) == (7, [])


def test_a_wrong_expectation_changes_nothing(bench: Bench) -> None:
    store = bench.begin()
    store.add(raised(b"a"), 2, expected=0)
    for expected in (0, 1, 3):
        assert refusal(store, 4, expected) == "FEATURE_STORE_MOVED"
    assert store.read([b"a"], 1.0) == (2, [cells(1)])
    store.add(raised(b"a"), 4, expected=2)
    assert store.read([b"a"], 1.0) == (4, [cells(2)])


def test_an_unknown_key_has_no_value(bench: Bench) -> None:
    store = bench.begin()
    assert values(store, b"a", b"", b"\x00") == [None, None, None]


def test_keys_are_any_bytes(bench: Bench) -> None:
    store = bench.begin()
    keys = [b"", b"\x00", b"\r\n", b"$3\r\nGET", b"*?[a]\\", bytes(range(256)), "é".encode(), b"position", b"x" * 1_000]
    for at, key in enumerate(keys):
        store.add(raised(key, at), at + 1, expected=at)
    assert values(store, *keys) == [cells(*[0] * at, 1) for at in range(len(keys))]
    assert store.position() == len(keys)


def test_counters_stop_at_the_most_that_they_can_hold(bench: Bench) -> None:
    store = bench.begin()
    store.add([*raised(b"a", 1, 3), *raised(b"a", 2)], 1, expected=0)
    bring_to_the_brim(bench, store, b"a", 1)
    store.add(raised(b"a", 1, 5), 2, expected=1)
    assert values(store, b"a") == [cells(0, MAX_COUNT, 1)]
    store.add(raised(b"a", 1), 3, expected=2)
    assert values(store, b"a") == [cells(0, MAX_COUNT, 1)]


def bring_to_the_brim(bench: Bench, store: Store, key: bytes, cell: int) -> None:
    """Set a counter to two below its most, behind the store's back."""
    nearly = (MAX_COUNT - 2).to_bytes(4, "big")
    if bench.kind == "embedded":
        held = store._values  # type: ignore[union-attr]
        held[key] = held[key][: cell * 4] + nearly + held[key][cell * 4 + 4 :]
    else:
        ((client, name),) = [
            (client, name) for client in bench.clients() for name in client.scan_iter() if name.endswith(b":" + key)
        ]
        client.setrange(name, cell * 4, nearly)


def test_a_cell_that_no_layout_has_is_refused_before_anything_changes(bench: Bench) -> None:
    store = bench.begin()
    for cell in (-1, MAX_CELLS):
        with pytest.raises(ValueError, match="cell"):
            store.add([*raised(b"a"), *raised(b"b", cell)], 1, expected=0)
    assert store.read([b"a"], 1.0) == (0, [None])
    store.add(raised(b"a", MAX_CELLS - 1), 1, expected=0)
    assert values(store, b"a") == [cells(*[0] * (MAX_CELLS - 1), 1)]


def test_a_value_whose_time_is_over_is_gone(bench: Bench) -> None:
    now_ms = bench.clock_ms[0] = round(time.time() * 1_000)
    store = bench.begin()
    soon_ms = now_ms + 300
    later = raised(b"later", 0, 1, now_ms + 3_600_000)
    store.add([*raised(b"soon", 0, 2, soon_ms), *later, *raised(b"ever")], 1, expected=0)
    assert values(store, b"soon", b"later", b"ever") == [cells(2), cells(1), cells(1)]
    while time.time() * 1_000 < soon_ms + 5:
        time.sleep(0.01)
    bench.clock_ms[0] = round(time.time() * 1_000)
    assert values(store, b"soon", b"later", b"ever") == [None, cells(1), cells(1)]
    # Whoever counts an old journal again does not bring it back.
    store.add(raised(b"soon", 0, 1, soon_ms), 2, expected=1)
    assert store.read([b"soon", b"later", b"ever"], 1.0) == (2, [None, cells(1), cells(1)])


def test_a_key_begins_anew_after_its_time(bench: Bench) -> None:
    now_ms = bench.clock_ms[0] = round(time.time() * 1_000)
    store = bench.begin()
    store.add(raised(b"a", 1, 4, now_ms + 100), 1, expected=0)
    time.sleep(0.15)
    bench.clock_ms[0] = round(time.time() * 1_000)
    store.add(raised(b"a", 0, 1, now_ms + 3_600_000), 2, expected=1)
    assert values(store, b"a") == [cells(1)]


def test_a_reset_begins_at_nothing(bench: Bench) -> None:
    store = bench.begin()
    store.add([*raised(b"a"), *raised(b"b", 3)], 9, expected=0)
    store.reset()
    assert store.read([b"a", b"b"], 1.0) == (0, [None, None])
    store.add(raised(b"b"), 1, expected=0)
    assert store.read([b"a", b"b"], 1.0) == (1, [None, cells(1)])


def test_another_layout_or_origin_never_sees_these_keys(bench: Bench) -> None:
    store = bench.begin()
    store.add(raised(b"a"), 5, expected=0)
    others = [bench.open(layout=bytes(32)), bench.open(origin="dev.other/events")]
    for other in others:
        assert other.position() is None
        other.reset()
        assert other.read([b"a"], 1.0) == (0, [None])
        other.add(raised(b"a", 7), 1, expected=0)
    assert store.read([b"a"], 1.0) == (5, [cells(1)])
    for other in others:
        other.reset()
    assert store.read([b"a"], 1.0) == (5, [cells(1)])


def test_a_store_goes_on_where_another_process_left_it(bench: Bench) -> None:
    store = bench.begin()
    store.add(raised(b"a", 2, 3), 11, expected=0)
    store.close()
    again = bench.open()
    assert again.position() == 11
    assert again.read([b"a"], 1.0) == (11, [cells(0, 0, 3)])
    again.add(raised(b"a", 2), 12, expected=11)
    assert values(again, b"a") == [cells(0, 0, 4)]


def test_a_read_is_of_one_moment(bench: Bench) -> None:
    store = bench.begin()
    keys = [b"k%d" % at for at in range(300)]
    stop, failed = threading.Event(), []

    def write() -> None:
        for position in range(1, 10_000):
            if stop.is_set():
                return
            store.add([Increment(key, 0, 0) for key in keys], position, expected=position - 1)

    def look() -> None:
        try:
            for _ in range(60):
                position, found = store.read(keys, 5.0)
                assert set(found) == ({None} if position == 0 else {cells(position)})
        except AssertionError as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    readers = [threading.Thread(target=look) for _ in range(4)]
    for thread in (writer, *readers):
        thread.start()
    for thread in readers:
        thread.join()
    stop.set()
    writer.join()
    assert failed == []
    assert (store.position() or 0) > 1


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, -0.001])
def test_a_read_for_which_there_is_no_time_ends_at_once(bench: Bench, timeout_s: float) -> None:
    store = bench.begin()
    begin = time.monotonic()
    try:
        found = store.read([b"a"], timeout_s)
    except FeatureStoreError as error:
        found = error.reason  # type: ignore[assignment]
    assert found in ((0, [None]), "FEATURE_STORE_SLOW")
    assert time.monotonic() - begin < 0.1
    assert store.read([b"a"], 1.0) == (0, [None])


def test_of_two_writers_one_counts(bench: Bench) -> None:
    store = bench.begin()
    counted: list[int] = []
    refused: set[str] = set()

    def write() -> None:
        for _ in range(200):
            position = store.position() or 0
            try:
                store.add(raised(b"a"), position + 1, expected=position)
            except FeatureStoreError as error:
                refused.add(error.reason)
            else:
                counted.append(position)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    position, (found,) = store.read([b"a"], 1.0)
    assert position == len(counted) == len(set(counted))
    assert refused <= {"FEATURE_STORE_MOVED"}
    assert found == cells(position)


def test_readers_see_all_or_nothing_of_a_reset(bench: Bench) -> None:
    store = bench.begin()
    keys = [b"k%d" % at for at in range(2_000)]
    everything = [Increment(key, 0, 0) for key in keys]
    store.add(everything, 1, expected=0)
    failed: list[object] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            position, found = store.read(keys, 5.0)
            if set(found) != ({None} if position == 0 else {cells(1)}):
                failed.append((position, set(found)))

    readers = [threading.Thread(target=look) for _ in range(2)]
    for thread in readers:
        thread.start()
    for _ in range(10):
        store.reset()
        store.add(everything, 1, expected=0)
    stop.set()
    for thread in readers:
        thread.join()
    assert failed == []


def test_twelve_thousand_keys_come_in_one_read(bench: Bench) -> None:
    store = bench.begin()
    keys = [b"\x01item:%d" % at for at in range(12_000)]
    for begin in range(0, 12_000, 2_000):
        batch = [Increment(key, at % 40, 0) for at, key in enumerate(keys[begin : begin + 2_000], start=begin)]
        store.add(batch, begin + 2_000, expected=begin)
    position, found = store.read([*keys, b"none"], 5.0)
    assert position == 12_000
    assert found == [*[cells(*[0] * (at % 40), 1) for at in range(12_000)], None]


KEYS = [b"", b"a", b"\x00\xff", b"position"]
INCREMENTS = st.lists(st.builds(Increment, st.sampled_from(KEYS), st.integers(0, 5), st.just(0)), max_size=12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), INCREMENTS, st.integers(0, 3)),
        st.tuples(st.just("wrong"), INCREMENTS, st.integers(1, 3)),
        st.tuples(st.just("reset"), st.just([]), st.just(0)),
        st.tuples(st.just("again"), st.just([]), st.just(0)),
    ),
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_whatever_is_added_a_store_reads_like_a_plain_dictionary(bench: Bench, steps: list) -> None:  # type: ignore[type-arg]
    store = bench.begin()
    counts: dict[bytes, dict[int, int]] = {}
    position = 0
    for what, increments, by in steps:
        if what == "add":
            store.add(increments, position + by, expected=position)
            position += by
            for increment in increments:
                held = counts.setdefault(increment.key, {})
                held[increment.cell] = held.get(increment.cell, 0) + 1
        elif what == "wrong":
            assert refusal(store, position + by + 1, position + by) == "FEATURE_STORE_MOVED"
        elif what == "reset":
            store.reset()
            counts, position = {}, 0
        else:
            store.close()
            store = bench.open(ORIGIN, LAYOUT)
        wanted = [
            cells(*[counts[key].get(cell, 0) for cell in range(max(counts[key]) + 1)]) if counts.get(key) else None
            for key in KEYS
        ]
        assert store.read(KEYS, 1.0) == (position, wanted)
        assert store.position() == position
    store.close()
