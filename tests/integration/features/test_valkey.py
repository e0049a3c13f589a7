"""Valkey when it fails: slow, cut off, killed, emptied, restarted, full, locked; and who comes back by herself."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from rankd.core.errors import FeatureStoreError
from rankd.core.features.block import Increment
from rankd.store.features.valkey import ValkeyStore
from rankd.usecases.serve.features.feature_view import FeatureView
from tests import valkeys
from tests.events import MemoryLog, layout, record
from tests.integration.features.conftest import LAYOUT, ORIGIN

COUNTED = layout()
PASSWORD = "s3cret/with:signs@"  # noqa: S105  # of a server that lives for a second


@pytest.fixture
def own_server() -> Iterator[valkeys.Server]:
    with valkeys.server() as running:
        yield running


@pytest.fixture
def opened() -> Iterator[Callable[..., ValkeyStore]]:
    stores: list[ValkeyStore] = []

    def open_store(url: str, **options: object) -> ValkeyStore:
        store = ValkeyStore(url, ORIGIN, LAYOUT, clock_ms=lambda: 0, **options)  # type: ignore[arg-type]
        stores.append(store)
        return store

    yield open_store
    for store in stores:
        store.close()


def one(key: bytes = b"a") -> list[Increment]:
    return [Increment(key, 0, 0)]


def reason(call: Callable[[], object]) -> str:
    with pytest.raises(FeatureStoreError) as caught:
        call()
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def test_a_read_ends_in_time_while_the_server_does_not_answer(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url)
    store.reset()
    store.add(one(), 1, expected=0)
    assert store.read([b"a"], 1.0)[0] == 1
    own_server.client().client_pause(600)
    begin = time.monotonic()
    assert reason(lambda: store.read([b"a"], 0.05)) == "FEATURE_STORE_SLOW"
    assert 0.04 < time.monotonic() - begin < 0.2
    time.sleep(0.7)
    # Nobody restarted anything, and the late answer to the first read is not taken for one to the second.
    assert store.read([b"b", b"a"], 1.0) == (1, [None, b"\0\0\0\1"])


@pytest.mark.parametrize("hindrance", ["stalled", "trickle"])
def test_a_reply_that_stops_or_trickles_does_not_hold_a_read(
    shared_server: valkeys.Server, opened: Callable[..., ValkeyStore], hindrance: str
) -> None:
    with valkeys.wire(shared_server) as wire:
        store = opened(wire.url)
        store.reset()
        keys = [b"k%d" % at for at in range(500)]
        store.add([Increment(key, 9, 0) for key in keys], 1, expected=0)
        wire.stalled, wire.trickle_s = hindrance == "stalled", 0.002 if hindrance == "trickle" else 0.0
        begin = time.monotonic()
        assert reason(lambda: store.read(keys, 0.1)) == "FEATURE_STORE_SLOW"
        assert time.monotonic() - begin < 0.25
        wire.stalled, wire.trickle_s = False, 0.0
        assert set(store.read(keys, 2.0)[1]) == {bytes(39) + b"\1"}


def test_a_reply_cut_half_way_is_an_error_and_the_next_read_is_whole(
    shared_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    with valkeys.wire(shared_server) as wire:
        store = opened(wire.url)
        store.reset()
        keys = [b"k%d" % at for at in range(500)]
        store.add([Increment(key, 9, 0) for key in keys], 1, expected=0)
        for passed in (1, 10, 600, 5_000):
            wire.cut_after = passed
            assert reason(lambda: store.read(keys, 2.0)) == "FEATURE_STORE_DOWN"
            wire.cut_after = None
            position, values = store.read(keys, 2.0)
            assert (position, set(values)) == (1, {bytes(39) + b"\1"})


def test_a_connection_that_ran_out_of_time_is_not_used_again(
    shared_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    with valkeys.wire(shared_server) as wire:
        store = opened(wire.url, link_count=1)
        store.reset()
        assert store.read([], 1.0) == (0, [])
        before = wire.accepted
        wire.stalled = True
        assert reason(lambda: store.read([b"a"], 0.05)) == "FEATURE_STORE_SLOW"
        wire.stalled = False
        assert store.read([], 1.0) == (0, [])
        assert wire.accepted == before + 1


def test_there_are_never_more_connections_than_allowed(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url, link_count=3)
    store.reset()
    wrong: list[object] = []

    def look() -> None:
        found = [store.read([b"a"], 5.0) for _ in range(50)]
        wrong.extend(read for read in found if read != (0, [None]))

    readers = [threading.Thread(target=look) for _ in range(12)]
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join()
    assert wrong == []
    own = own_server.client()
    assert 1 <= len(own.client_list()) - 1 <= 3


def test_a_read_that_waits_for_a_connection_ends_in_time(
    shared_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    with valkeys.wire(shared_server) as wire:
        store = opened(wire.url, link_count=1)
        store.reset()
        wire.stalled = True
        slow = threading.Thread(target=lambda: reason(lambda: store.read([b"a"], 0.5)))
        slow.start()
        time.sleep(0.05)
        begin = time.monotonic()
        assert reason(lambda: store.read([b"a"], 0.05)) == "FEATURE_STORE_SLOW"
        assert time.monotonic() - begin < 0.2
        slow.join()


def test_a_server_that_was_killed_comes_back_without_a_restart_of_the_client(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url)
    store.reset()
    store.add(one(), 5, expected=0)
    own_server.kill()
    begin = time.monotonic()
    assert reason(lambda: store.read([b"a"], 0.5)) == "FEATURE_STORE_DOWN"
    assert reason(store.position) == "FEATURE_STORE_DOWN"
    assert reason(lambda: store.add(one(), 6, expected=5)) == "FEATURE_STORE_DOWN"
    assert time.monotonic() - begin < 0.5
    own_server.start()
    assert reason(lambda: store.read([b"a"], 1.0)) == "FEATURE_STORE_EMPTY"
    assert store.position() is None
    assert reason(lambda: store.add(one(), 6, expected=5)) == "FEATURE_STORE_EMPTY"
    store.reset()
    store.add(one(), 1, expected=0)
    assert store.read([b"a"], 1.0) == (1, [b"\0\0\0\1"])


def test_connections_that_broke_while_they_lay_idle_are_not_used(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url)
    store.reset()
    readers = [threading.Thread(target=lambda: store.read([b"a"] * 5_000, 5.0)) for _ in range(6)]
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join()
    own_server.kill()
    own_server.start()
    assert reason(lambda: store.read([b"a"], 1.0)) == "FEATURE_STORE_EMPTY"
    own_server.client().client_kill_filter(_type="normal", skipme=True)
    assert reason(lambda: store.read([b"a"], 1.0)) == "FEATURE_STORE_EMPTY"


@pytest.mark.parametrize("host", ["a..b", "nobody.invalid", "127.0.0.1:1"])
def test_a_server_that_is_nowhere_is_down_each_time_that_it_is_asked(
    opened: Callable[..., ValkeyStore], host: str
) -> None:
    store = opened(f"redis://{host}")
    for _ in range(3):
        assert reason(lambda: store.read([b"a"], 5.0)) == "FEATURE_STORE_DOWN"


def test_a_writer_that_was_wrong_once_is_not_held_to_it(
    shared_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store, other = opened(shared_server.url, link_count=1), opened(shared_server.url)
    store.reset()
    assert reason(lambda: store.add(one(), 9, expected=8)) == "FEATURE_STORE_MOVED"
    other.add(one(), 1, expected=0)
    store.add(one(), 2, expected=1)
    assert store.read([b"a"], 1.0) == (2, [b"\0\0\0\2"])


@pytest.mark.parametrize("passed", [0, 5, 20, 300, 600])
def test_a_lost_answer_leaves_increments_and_position_together(
    shared_server: valkeys.Server, opened: Callable[..., ValkeyStore], passed: int
) -> None:
    with valkeys.wire(shared_server) as wire:
        store, plain = opened(wire.url), opened(shared_server.url)
        plain.reset()
        keys = [b"k%d" % at for at in range(50)]
        plain.add([Increment(key, 0, 0) for key in keys], 1, expected=0)
        assert store.position() == 1
        wire.cut_after = passed
        assert reason(lambda: store.add([Increment(key, 0, 0) for key in keys], 2, expected=1)) == "FEATURE_STORE_DOWN"
        wire.cut_after = None
        position, values = plain.read(keys, 1.0)
        assert set(values) == {position.to_bytes(4, "big")}
        # Whoever asks where it stands goes on from there, and nothing is counted twice or left out.
        found = store.position()
        assert found == position
        if found == 1:
            store.add([Increment(key, 0, 0) for key in keys], 2, expected=1)
        assert set(store.read(keys, 1.0)[1]) == {b"\0\0\0\2"}


def test_a_server_killed_while_it_is_written_to_holds_whole_steps_only(opened: Callable[..., ValkeyStore]) -> None:
    # This one keeps a file of what it did, so that it can be asked afterwards.
    with valkeys.server(appendonly="yes", appendfsync="always") as server:
        store = opened(server.url)
        store.reset()
        keys = [b"k%d" % at for at in range(200)]
        for _ in range(3):
            stop = threading.Timer(0.15, server.kill)
            stop.start()
            position = store.position() or 0
            position = add_until_it_fails(store, keys, position)
            stop.join()
            server.start(keep=True)
            found, values = store.read(keys, 2.0)
            assert found in (position, position + 1)
            assert set(values) == {found.to_bytes(4, "big")}


def add_until_it_fails(store: ValkeyStore, keys: list[bytes], position: int) -> int:
    """Return the last position that was acknowledged."""
    while True:
        try:
            store.add([Increment(key, 0, 0) for key in keys], position + 1, expected=position)
        except FeatureStoreError:
            return position
        position += 1


def test_a_stalled_add_that_is_done_late_is_not_done_twice(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url, write_timeout_s=0.15)
    store.reset()
    own_server.client().client_pause(500, all=False)
    assert reason(lambda: store.add(one(), 1, expected=0)) == "FEATURE_STORE_SLOW"
    assert reason(lambda: store.add(one(), 1, expected=0)) == "FEATURE_STORE_SLOW"
    time.sleep(0.6)
    position, (value,) = store.read([b"a"], 1.0)
    assert (position, value) in ((0, None), (1, b"\0\0\0\1"))


def test_a_full_server_refuses_an_add_as_a_whole(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url)
    store.reset()
    store.add(one(), 1, expected=0)
    own_server.client().config_set("maxmemory", "1mb")
    keys = [b"k%d" % at for at in range(100)]
    assert reason(lambda: store.add([Increment(key, 0, 0) for key in keys], 2, expected=1)) == "FEATURE_STORE_REFUSED"
    assert store.read([b"a", *keys], 1.0) == (1, [b"\0\0\0\1", *[None] * 100])
    own_server.client().config_set("maxmemory", "0")
    store.add([Increment(key, 0, 0) for key in keys], 2, expected=1)
    assert store.read(keys, 1.0) == (2, [b"\0\0\0\1"] * 100)


def test_a_server_that_may_drop_counts_is_not_used(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url)
    store.reset()
    own = own_server.client()
    own.config_set("maxmemory", "100mb")
    assert store.position() == 0
    own.config_set("maxmemory-policy", "volatile-lru")
    assert reason(store.position) == "FEATURE_STORE_EVICTS"
    own.config_set("maxmemory", "0")
    assert store.position() == 0


def test_what_others_wrote_under_its_keys_is_found_out(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store = opened(own_server.url)
    store.reset()
    store.add(one(), 1, expected=0)
    own = own_server.client()
    (name,) = [name for name in own.scan_iter() if name.endswith(b":a")]
    own.delete(name)
    own.lpush(name, "something")
    assert reason(lambda: store.add(one(), 2, expected=1)) == "FEATURE_STORE_DAMAGED"
    (position,) = own.scan_iter(match="*position:*")
    own.set(position, "many")
    assert reason(store.position) == "FEATURE_STORE_DAMAGED"


@pytest.mark.parametrize("which", ["position", "generation"])
@pytest.mark.parametrize("written", ["text", "number", "list"])
def test_whatever_is_written_over_its_own_keys_counts_are_whole_again_without_a_restart_and_after_one(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore], which: str, written: str
) -> None:
    log = MemoryLog([record(number) for number in range(20)])
    keys = sorted(log.counted(COUNTED))
    own = own_server.client()
    for is_new in (False, True):
        store = opened(own_server.url)
        view = FeatureView(store, COUNTED, log, read_timeout_s=0.5)
        view.start()
        try:
            assert view.settle(log.count, 10)
            (name,) = own.scan_iter(match=f"*:{which}*")
            own.delete(name)
            if written == "list":
                own.lpush(name, "something")
            else:
                own.set(name, "many" if written == "text" else "9" * 5_000)
            if is_new:
                view.stop()
                view = FeatureView(opened(own_server.url), COUNTED, log, read_timeout_s=0.5)
                view.start()
            else:
                with suppress(FeatureStoreError):
                    view.read(keys)
            view.committed(log.append(record(99)))
            assert view.settle(log.count, 10)
            position, values = view.read(keys)
            counted = log.counted(COUNTED, position)
            assert (position, values) == (log.count, [counted.get(key) for key in keys])
        finally:
            view.stop()


def test_a_reset_leaves_nothing_of_its_own_and_everything_of_others(
    own_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    own = own_server.client()
    own.set("somebody", "else's")
    store = opened(own_server.url)
    other = ValkeyStore(own_server.url, ORIGIN, bytes(32), clock_ms=lambda: 0)
    other.reset()
    other.add(one(), 1, expected=0)
    store.reset()
    for begin in range(0, 6_000, 2_000):
        batch = [Increment(b"k%d" % at, 0, 0) for at in range(begin, begin + 2_000)]
        store.add(batch, begin + 2_000, expected=begin)
    assert own.dbsize() == 1 + 3 + 6_002
    store.reset()
    assert own.dbsize() == 1 + 3 + 2
    assert own.get("somebody") == b"else's"
    assert other.read([b"a"], 1.0) == (1, [b"\0\0\0\1"])
    other.close()


def test_who_read_before_a_reset_by_another_process_finds_the_new_beginning(
    shared_server: valkeys.Server, opened: Callable[..., ValkeyStore]
) -> None:
    store, other = opened(shared_server.url), opened(shared_server.url)
    store.reset()
    store.add(one(), 3, expected=0)
    assert other.read([b"a"], 1.0)[0] == 3
    store.reset()
    store.add(one(b"b"), 1, expected=0)
    assert other.read([b"a", b"b"], 1.0) == (1, [None, b"\0\0\0\1"])
    store.reset()
    assert reason(lambda: other.add(one(), 4, expected=3)) in ("FEATURE_STORE_MOVED", "FEATURE_STORE_EMPTY")
    other.add(one(), 1, expected=0)
    assert store.read([b"a"], 1.0) == (1, [b"\0\0\0\1"])


def test_a_password_is_used_and_never_told(
    opened: Callable[..., ValkeyStore], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with valkeys.server(requirepass=PASSWORD) as server:
        said: list[str] = []
        good = opened(f"redis://:s3cret%2Fwith%3Asigns%40@127.0.0.1:{server.port}/2")
        good.reset()
        good.add(one(), 1, expected=0)
        assert good.read([b"a"], 1.0) == (1, [b"\0\0\0\1"])
        assert server.client(password=PASSWORD, db=2).dbsize() == 3
        for url in (server.url, f"redis://:other-s3cret@127.0.0.1:{server.port}"):
            store = opened(url)
            with pytest.raises(FeatureStoreError) as caught:
                store.read([b"a"], 1.0)
            assert caught.value.reason == "FEATURE_STORE_REFUSED"
            said += [str(caught.value), repr(caught.value), repr(caught.value.__cause__), caught.value.say("fr")]
        server.kill()
        with pytest.raises(FeatureStoreError) as caught:
            good.read([b"a"], 1.0)
        said += [str(caught.value), repr(caught.value.__cause__), repr(good), good.address, caplog.text]
    assert "s3cret" not in "".join(said)


@pytest.mark.parametrize(
    "url",
    [
        "http://s3cret@host",
        "redis://:s3cret@host:port",
        "redis://:s3cret@host:6379?socket_timeout=100",
        "redis://:s3cret@host?ssl_ca_certs=/x",
        "rediss://:s3cret@host?ssl_cert_reqs=none",
        "redis://:s3cret@host?db=one",
        "s3cret",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(FeatureStoreError) as caught:
        ValkeyStore(url, ORIGIN, LAYOUT, clock_ms=lambda: 0)
    assert caught.value.reason == "FEATURE_STORE_URL"
    assert "s3cret" not in str(caught.value) + repr(caught.value) + repr(caught.value.__cause__)


def test_the_keys_say_whose_they_are(own_server: valkeys.Server, opened: Callable[..., ValkeyStore]) -> None:
    store = opened(own_server.url, draw=lambda count: bytes(count))
    store.reset()
    store.add(one(b"\x01item"), 1, expected=0)
    names = sorted(own_server.client().scan_iter())
    (namespace,) = {name.split(b"}:")[0] for name in names}
    assert namespace.startswith(b"rankd:{")
    assert namespace.endswith(b":" + LAYOUT.hex()[:16].encode())
    assert [name.split(b"}:")[1] for name in names] == [b"00000000:\x01item", b"generation", b"position:00000000"]
