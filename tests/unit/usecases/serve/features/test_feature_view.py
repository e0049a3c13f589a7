"""The view: it counts each entry once and in order, and refuses reads while counts are not whole."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rankd.core.errors import FeatureStoreError, RecordError
from rankd.core.features.block import Increment
from rankd.core.records.happened import happened_in
from rankd.store.features.embedded import EmbeddedStore
from rankd.usecases.serve.features import feature_view as module
from rankd.usecases.serve.features.feature_view import BATCH_ENTRY_COUNT, SLOW_COUNT, FeatureView
from tests.events import MemoryLog, layout, record

LAYOUT = layout()
Seen = tuple[int, dict[bytes, bytes]]


class Faulty:
    """A store that does as it is told before it does anything.

    Attributes:
        faults: Reasons that its methods raise, by method; "*": all of them.
        adds: From and to where was counted.
        calls: How often each method was called.
    """

    def __init__(self, folder: Path) -> None:
        self.inner = EmbeddedStore.open(folder, "dev.test/events", LAYOUT.digest, clock_ms=lambda: 0)
        self.faults: dict[str, str] = {}
        self.adds: list[tuple[int, int]] = []
        self.calls: dict[str, int] = {}
        self.loses_answers = False
        self.gate = threading.Event()
        self.gate.set()

    def _meet(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        if (reason := self.faults.get(name, self.faults.get("*"))) is not None:
            known = {"address": "here", "detail": "", "timeout_ms": 1, "expected": 0, "found": 0, "policy": ""}
            raise FeatureStoreError(reason, **known)

    def position(self) -> int | None:
        self._meet("position")
        return self.inner.position()

    def read(self, keys: Sequence[bytes], timeout_s: float) -> tuple[int, list[bytes | None]]:
        self._meet("read")
        return self.inner.read(keys, timeout_s)

    def add(self, increments: Sequence[Increment], position: int, *, expected: int) -> None:
        self.gate.wait(10)
        self._meet("add")
        self.inner.add(increments, position, expected=expected)
        self.adds.append((expected, position))
        if self.loses_answers:
            self.loses_answers = False
            raise FeatureStoreError("FEATURE_STORE_DOWN", address="here", detail="cut")

    def reset(self) -> None:
        self._meet("reset")
        self.inner.reset()


@pytest.fixture
def store(tmp_path: Path) -> Faulty:
    return Faulty(tmp_path / "features")


@pytest.fixture
def open_view(store: Faulty) -> Iterator[Callable[..., FeatureView]]:
    views: list[FeatureView] = []

    def made(log: MemoryLog, *, start: bool = True, surface: str | None = None) -> FeatureView:
        view = FeatureView(store, LAYOUT, log, read_timeout_s=0.5, surface=surface)
        views.append(view)
        if start:
            view.start()
        return view

    yield made
    store.gate.set()
    for view in views:
        view.stop()


def everything(view: FeatureView, log: MemoryLog, surface: str | None = None) -> tuple[int, bool]:
    """Return the position, and whether all values are those of the entries before it."""
    keys = sorted(log.counted(LAYOUT))
    position, values = view.read(keys)
    wanted = log.counted(LAYOUT, position, surface)
    return position, values == [wanted.get(key) for key in keys]


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(FeatureStoreError) as caught:
        call()
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.005)


def test_every_entry_is_counted_once_and_in_order(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(600)])
    view = open_view(log)
    assert view.settle(600, 5)
    assert everything(view, log) == (600, True)
    view.committed(log.append(*[record(number) for number in range(600, 700)]))
    assert view.settle(700, 5)
    assert everything(view, log) == (700, True)
    assert log.reads == list(range(700))
    assert [begin for begin, _ in store.adds] == [0, *[end for _, end in store.adds[:-1]]]
    assert max(end - begin for begin, end in store.adds) <= BATCH_ENTRY_COUNT
    assert (view.lag, view.applied, view.is_down, view.is_rebuilding) == (0, 700, False, False)


def test_entries_that_were_erased_count_nothing(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(0), None, record(2), None])
    view = open_view(log)
    assert view.settle(4, 5)
    assert everything(view, log) == (4, True)


def test_a_view_of_one_surface_counts_only_its_events(open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number, surface=("video", "friends")[number % 2]) for number in range(20)])
    view = open_view(log, surface="friends")
    assert view.settle(20, 5)
    assert everything(view, log, "friends") == (20, True)
    assert log.counted(LAYOUT, surface="friends") != log.counted(LAYOUT)


def test_an_empty_journal_can_be_read_at_once(open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog()
    view = open_view(log)
    assert view.settle(0, 5)
    assert view.read([b"a"]) == (0, [None])
    assert view.rebuilds == 0


def test_a_view_that_did_not_look_yet_refuses_to_read(open_view: Callable[..., FeatureView]) -> None:
    view = open_view(MemoryLog([record(0)]), start=False)
    assert refused(lambda: view.read([b"a"])) == "FEATURES_REBUILDING"
    assert not view.settle(0, 0.01)
    assert view.lag == 1


def test_after_a_restart_only_the_rest_is_counted(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(50)])
    first = open_view(log)
    assert first.settle(50, 5)
    first.stop()
    log.append(*[record(number) for number in range(50, 60)])
    log.reads.clear()
    second = open_view(log)
    assert second.settle(60, 5)
    assert log.reads == list(range(50, 60))
    assert everything(second, log) == (60, True)
    assert (first.rebuilds, second.rebuilds) == (1, 0)


def test_reads_are_refused_until_everything_is_counted(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(BATCH_ENTRY_COUNT * 3)])
    store.gate.clear()
    view = open_view(log)
    until(lambda: view.is_rebuilding and view.rebuilds == 1)
    assert refused(lambda: view.read([b"a"])) == "FEATURES_REBUILDING"
    store.gate.set()
    seen = set()
    while not view.settle(BATCH_ENTRY_COUNT * 3, 0):
        try:
            seen.add(view.read([b"a"])[0])
        except FeatureStoreError as error:
            seen.add(error.reason)  # type: ignore[arg-type]
    assert seen <= {"FEATURES_REBUILDING", BATCH_ENTRY_COUNT * 3}
    assert everything(view, log) == (BATCH_ENTRY_COUNT * 3, True)


def test_a_store_of_a_longer_journal_is_counted_anew(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(20)])
    first = open_view(log)
    assert first.settle(20, 5)
    first.stop()
    log.cut(12)
    second = open_view(log)
    assert second.settle(12, 5)
    assert second.rebuilds == 1
    assert everything(second, log) == (12, True)


def test_a_rebuild_gives_equal_reads(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(40)])
    view = open_view(log)
    assert view.settle(40, 5)
    keys = sorted(log.counted(LAYOUT))
    before = view.read(keys)
    store.gate.clear()
    view.rebuild()
    assert refused(lambda: view.read(keys)) == "FEATURES_REBUILDING"
    assert not view.settle(40, 0.05)
    store.gate.set()
    assert view.settle(40, 5)
    assert view.rebuilds == 2
    assert view.read(keys) == before


def test_a_rebuild_that_is_asked_for_while_another_begins_is_not_lost(
    store: Faulty, open_view: Callable[..., FeatureView]
) -> None:
    log = MemoryLog([record(number) for number in range(5)])
    view = open_view(log)
    assert view.settle(5, 5)
    asked: list[bool] = []
    reset, before = store.inner.reset, view.rebuilds

    def asked_again() -> None:
        reset()
        if not asked:
            asked.append(True)
            view.rebuild()

    store.inner.reset = asked_again  # type: ignore[method-assign]
    view.rebuild()
    until(lambda: view.rebuilds == before + 2)
    assert view.settle(5, 5)
    assert everything(view, log) == (5, True)


def test_a_rebuild_forgets_what_was_erased(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(40)])
    view = open_view(log)
    assert view.settle(40, 5)
    log.erase(7)
    view.rebuild()
    assert view.settle(41, 5)
    assert everything(view, log) == (41, True)


def test_where_somebody_is_forgotten_everything_is_counted_again_without_them(
    store: Faulty, open_view: Callable[..., FeatureView]
) -> None:
    log = MemoryLog([record(number) for number in range(300)])
    view = open_view(log)
    assert view.settle(300, 5)
    log.erase(7, forgets=True)
    view.committed(log.append(record(301), record(302)))
    assert view.settle(303, 5)
    assert (everything(view, log), view.rebuilds) == ((303, True), 2)


def test_what_is_only_past_its_time_stays_counted(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    before = log.counted(LAYOUT)
    view.committed(log.erase(7))
    assert view.settle(11, 5)
    assert view.rebuilds == 1
    position, values = view.read(list(before))
    assert (position, dict(zip(before, values, strict=True))) == (11, before)


def test_several_are_forgotten_by_one_rebuild(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(40)])
    assert open_view(log).settle(40, 5)
    store.gate.clear()
    for number in (3, 5, 8):
        log.erase(number, forgets=True)
    store.gate.set()
    view = open_view(log)
    assert view.settle(43, 5)
    assert (everything(view, log), view.rebuilds) == ((43, True), 1)


@pytest.mark.parametrize("applied", [0, 20, 40, 41])
def test_counts_from_before_a_crash_do_not_outlive_what_was_forgotten(
    store: Faulty, open_view: Callable[..., FeatureView], applied: int
) -> None:
    """Counts that were begun before the order, and came as far as `applied` before the process ended."""
    log = MemoryLog([record(number) for number in range(40)])
    store.reset()
    counts = [increment for number in range(min(applied, 40)) for increment in counted(number)]
    store.inner.add(counts, min(applied, 40), expected=0)
    log.erase(7, forgets=True)
    log.append(record(41))
    view = open_view(log)
    assert view.settle(42, 5)
    assert (everything(view, log), view.rebuilds) == ((42, True), 1)


def test_a_store_that_fails_while_somebody_is_forgotten_is_made_anew_when_it_answers(
    store: Faulty, open_view: Callable[..., FeatureView]
) -> None:
    log = MemoryLog([record(number) for number in range(40)])
    view = open_view(log)
    assert view.settle(40, 5)
    store.faults["reset"] = "FEATURE_STORE_DOWN"
    view.committed(log.erase(7, forgets=True))
    assert not view.settle(41, 0.3)
    assert refused(lambda: view.read([b"a"])) in ("FEATURE_STORE_DOWN", "FEATURES_REBUILDING")
    store.faults.clear()
    assert view.settle(41, 5)
    assert everything(view, log) == (41, True)


def test_an_answer_that_was_lost_is_not_counted_twice(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    store.loses_answers = True
    view.committed(log.append(record(10), record(11)))
    assert view.settle(12, 5)
    assert everything(view, log) == (12, True)
    assert view.rebuilds == 1


def test_a_store_that_moved_is_followed_from_where_it_is(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    # Another process counted the next two.
    others = [increment for number in (10, 11) for increment in counted(number)]
    log.append(record(10), record(11))
    store.inner.add(others, 12, expected=10)
    view.committed(log.append(record(12)))
    assert view.settle(13, 5)
    assert everything(view, log) == (13, True)


def counted(number: int) -> list[Increment]:
    return [found for happened in happened_in(record(number)) for found in LAYOUT.increments(happened)]


@pytest.mark.parametrize("reason", ["FEATURE_STORE_DOWN", "FEATURE_STORE_REFUSED"])
def test_a_store_that_is_down_is_left_alone_and_found_again(
    store: Faulty, open_view: Callable[..., FeatureView], reason: str
) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    store.faults["*"] = reason
    assert refused(lambda: view.read([b"a"])) == reason
    assert view.is_down
    until(lambda: view.failure is not None)
    before = store.calls["read"]
    for _ in range(50):
        assert refused(lambda: view.read([b"a"])) == reason
    assert store.calls["read"] <= before + 2
    assert not view.settle(10, 0.01)
    view.committed(log.append(record(10)))
    store.faults.clear()
    assert view.settle(11, 5)
    assert everything(view, log) == (11, True)
    assert (view.is_down, view.failure, view.rebuilds) == (False, None, 1)


def test_one_slow_read_is_an_accident_and_several_are_not(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(0)])
    view = open_view(log)
    assert view.settle(1, 5)
    store.faults["read"] = "FEATURE_STORE_SLOW"
    for _ in range(SLOW_COUNT * 2):
        # Whoever is in a hurry says nothing about the store.
        assert refused(lambda: view.read([b"a"], 0.01)) == "FEATURE_STORE_SLOW"
    assert not view.is_down
    store.faults.clear()
    assert view.read([b"a"])[0] == 1
    store.faults["read"] = "FEATURE_STORE_SLOW"
    for _ in range(SLOW_COUNT):
        assert not view.is_down
        assert refused(lambda: view.read([b"a"])) == "FEATURE_STORE_SLOW"
    # It says where it stands, but not as fast as reads need it.
    until(lambda: view.failure is not None)
    time.sleep(0.3)
    assert view.is_down
    store.faults.clear()
    assert view.settle(1, 5)
    assert not view.is_down


def test_slow_reads_count_only_in_a_row(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    view = open_view(MemoryLog([record(0)]))
    assert view.settle(1, 5)
    for _ in range(SLOW_COUNT):
        store.faults["read"] = "FEATURE_STORE_SLOW"
        for _ in range(SLOW_COUNT - 1):
            refused(lambda: view.read([b"a"]))
        assert not view.is_down
        store.faults.clear()
        assert view.read([b"a"])[0] == 1


def test_a_store_that_moved_while_nobody_read_is_noticed_all_the_same(
    store: Faulty, open_view: Callable[..., FeatureView], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_INTERVAL_S", 0.02)
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    before = len(store.adds)
    store.inner.reset()
    until(lambda: len(store.adds) > before)
    assert view.settle(10, 5)
    assert everything(view, log) == (10, True)


def test_no_batch_raises_many_more_counters_than_a_server_adds_at_once(
    store: Faulty, open_view: Callable[..., FeatureView], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_INCREMENT_COUNT", 20)
    log = MemoryLog([record(number) for number in range(40)])
    each = max(len(LAYOUT.increments_of(happened_in(record(number)))) for number in range(40))
    view = open_view(log)
    assert view.settle(40, 5)
    assert max(end - begin for begin, end in store.adds) <= 20 // (each - 1) + 1 < 40


def test_callers_in_a_hurry_do_not_bring_a_store_nearer_to_being_down(
    store: Faulty, open_view: Callable[..., FeatureView]
) -> None:
    view = open_view(MemoryLog([record(0)]))
    assert view.settle(1, 5)
    store.faults["read"] = "FEATURE_STORE_SLOW"
    for _ in range(SLOW_COUNT * 2):
        refused(lambda: view.read([b"a"], 0.01))
    # The first one that waited as long as the store may take: an accident, as ever.
    assert refused(lambda: view.read([b"a"])) == "FEATURE_STORE_SLOW"
    assert not view.is_down


def test_a_position_that_no_journal_has_is_never_read_from(
    store: Faulty, open_view: Callable[..., FeatureView], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    monkeypatch.setattr(store.inner, "_position", 11)
    # A decision that said that it read eleven entries of ten would speak against the service.
    assert refused(lambda: view.read([b"a"])) == "FEATURES_REBUILDING"
    assert view.settle(10, 5)
    assert everything(view, log) == (10, True)


@pytest.mark.parametrize("methods", [("read",), ("read", "position")])
def test_a_damaged_position_is_not_the_end_of_a_view(
    store: Faulty, open_view: Callable[..., FeatureView], methods: tuple[str, ...]
) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    inner_reset, store.faults = store.inner.reset, dict.fromkeys(methods, "FEATURE_STORE_DAMAGED")

    def reset() -> None:
        inner_reset()
        store.faults.clear()

    store.inner.reset = reset  # type: ignore[method-assign]
    assert refused(lambda: view.read([b"a"])) == "FEATURE_STORE_DAMAGED"
    assert view.settle(10, 5)
    assert everything(view, log) == (10, True)


def test_a_store_that_was_emptied_is_filled_again(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    store.inner._position, store.inner._values = None, {}
    assert refused(lambda: view.read([b"a"])) == "FEATURE_STORE_EMPTY"
    assert view.settle(10, 5)
    assert everything(view, log) == (10, True)
    assert view.rebuilds == 2


def test_what_a_read_finds_out_while_entries_are_counted_is_followed_up(
    store: Faulty, open_view: Callable[..., FeatureView]
) -> None:
    log = MemoryLog([record(0)])
    view = open_view(log)
    assert view.settle(1, 5)
    looked = store.calls["position"]
    store.gate.clear()
    view.committed(log.append(record(1)))
    until(lambda: log.reads[-1] == 1)
    store.faults["read"] = "FEATURE_STORE_EMPTY"
    assert refused(lambda: view.read([b"a"])) == "FEATURE_STORE_EMPTY"
    store.faults.clear()
    store.gate.set()
    assert view.settle(2, 5)
    assert store.calls["position"] == looked + 1


def test_a_store_that_went_back_in_time_catches_up(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    position, values = store.inner._position, dict(store.inner._values)
    view.committed(log.append(*[record(number) for number in range(10, 30)]))
    assert view.settle(30, 5)
    view.rebuild()
    assert view.settle(30, 5)
    # A failover to a replica that is behind.
    store.inner._position, store.inner._values = position, values
    assert refused(lambda: view.read([b"a"])) == "FEATURES_REBUILDING"
    assert view.settle(30, 5)
    assert everything(view, log) == (30, True)


def test_damaged_counts_are_made_again(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    store.faults["add"] = "FEATURE_STORE_DAMAGED"
    view.committed(log.append(record(10)))
    until(lambda: view.failure is not None)
    store.faults.clear()
    assert view.settle(11, 5)
    assert everything(view, log) == (11, True)
    assert view.rebuilds >= 2


def test_an_entry_that_cannot_be_read_is_waited_for_and_never_passed_over(
    store: Faulty, open_view: Callable[..., FeatureView]
) -> None:
    log = MemoryLog([record(number) for number in range(10)])
    view = open_view(log)
    assert view.settle(10, 5)
    log.fault = RecordError("EVENTS_MALFORMED", field="events", found="x")
    view.committed(log.append(record(10)))
    until(lambda: view.failure is not None)
    # What is counted can be read meanwhile.
    assert everything(view, log) == (10, True)
    assert view.lag == 1
    log.fault = None
    assert view.settle(11, 5)
    assert everything(view, log) == (11, True)
    assert view.failure is None


def test_what_is_wrong_with_a_record_is_told_without_quoting_it(
    open_view: Callable[..., FeatureView], caplog: pytest.LogCaptureFixture
) -> None:
    log = MemoryLog([record(0)])
    view = open_view(log)
    assert view.settle(1, 5)
    log.fault = RecordError("EVENTS_MALFORMED", field="events.events", found="post-9")
    view.committed(log.append(record(1)))
    until(lambda: "EVENTS_MALFORMED" in caplog.text)
    assert "post-9" not in caplog.text
    log.fault = None
    assert view.settle(2, 5)


def test_an_unexpected_defect_is_told_without_what_it_says_of_people(
    store: Faulty, open_view: Callable[..., FeatureView], caplog: pytest.LogCaptureFixture
) -> None:
    log = MemoryLog([record(0)])
    view = open_view(log)
    assert view.settle(1, 5)
    log.fault = ValueError("member-17 hid post-9")  # type: ignore[assignment]
    view.committed(log.append(record(1)))
    until(lambda: "ValueError" in caplog.text)
    log.fault = None
    assert view.settle(2, 5)
    assert "in read" in caplog.text
    assert not any(word in caplog.text for word in ("member-17", "post-9"))


def test_an_unexpected_defect_does_not_end_the_thread(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    log = MemoryLog([record(0)])
    view = open_view(log)
    assert view.settle(1, 5)
    log.fault = ZeroDivisionError()  # type: ignore[assignment]
    view.committed(log.append(record(1)))
    until(lambda: log.reads[-1] == 1)
    log.fault = None
    assert view.settle(2, 5)
    assert everything(view, log) == (2, True)


def test_a_view_stops_at_once_even_while_it_pauses(store: Faulty, open_view: Callable[..., FeatureView]) -> None:
    store.faults["*"] = "FEATURE_STORE_DOWN"
    view = open_view(MemoryLog([record(0)]))
    until(lambda: view.is_down)
    time.sleep(0.4)
    begin = time.monotonic()
    view.stop()
    assert time.monotonic() - begin < 0.5
    assert refused(lambda: view.read([b"a"])) == "FEATURE_STORE_DOWN"
