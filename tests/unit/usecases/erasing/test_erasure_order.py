"""What a person names, as an order that can be signed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import ErasureError
from rankd.core.records.erasure import MAX_RANGES
from rankd.usecases.erasing.erasure_order import Order, check_eraser, write_order
from rankd.usecases.erasing.published import PublishedEntries
from tests.journals import DAY_MS, ORIGIN, TIME_MS, Ledger, private_key, public


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return a journal with decisions at 1 to 400, but for an epoch at 301."""
    found = Ledger(tmp_path)
    found.epoch("first", [TIME_MS] * 300)
    found.epoch("second", [TIME_MS + DAY_MS] * 99)
    found.journal.publish()
    yield found
    found.journal.close()


def ordered(ledger: Ledger, *names: str) -> Order:
    return write_order(PublishedEntries(ledger.files), names, "OTHER", "why", TIME_MS)


def refused(ledger: Ledger, *names: str) -> str:
    with pytest.raises(ErasureError) as caught:
        ordered(ledger, *names)
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


@pytest.mark.parametrize(
    ("names", "ranges"),
    [
        (("7",), ((7, 7),)),
        ((f"{ORIGIN}/7",), ((7, 7),)),
        ((f"{ORIGIN}/7-9", "3"), ((3, 3), (7, 9))),
        (("9", "8", "8", "7"), ((7, 9),)),
        (("1-5", "4-20", "2"), ((1, 20),)),
        (("250-310",), ((250, 310),)),
    ],
)
def test_names_become_runs_in_order_that_do_not_touch(
    ledger: Ledger, names: tuple[str, ...], ranges: tuple[tuple[int, int], ...]
) -> None:
    order = ordered(ledger, *names)
    erasure = order.erasure
    assert (erasure.origin, erasure.decisions, erasure.pseudonym_periods) == (ORIGIN, ranges, ())
    assert (erasure.reason_code, erasure.reason, erasure.time_ms) == ("OTHER", "why", TIME_MS)


def test_decisions_are_counted_and_other_entries_are_not(ledger: Ledger) -> None:
    ledger.journal.append(b"{}", erases=[(299, 299), (303, 310)])
    ledger.journal.publish()
    order = ordered(ledger, "298-305")
    assert (order.live_count, order.erased_count) == (3, 4)


@pytest.mark.parametrize(
    "name", ["", "x", "-1", "1-", "01", "1-02", "1 ", "/1", "a b/1", f"{ORIGIN}x/1", "5-4", "1" * 17]
)
def test_what_is_no_name_of_a_decision_here_is_refused(ledger: Ledger, name: str) -> None:
    assert refused(ledger, name) == "ERASE_NAME"


@pytest.mark.parametrize("names", [("0",), ("301",), ("1", "301"), ("401",), ("5-401",)])
def test_what_is_no_decision_is_refused_though_others_beside_it_are(ledger: Ledger, names: tuple[str, ...]) -> None:
    assert refused(ledger, *names) == "ERASE_NO_DECISION"


def test_an_order_holds_only_so_many_runs(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_RANGES == 1_000
    monkeypatch.setattr("rankd.usecases.erasing.erasure_order.MAX_RANGES", 3)
    assert len(ordered(ledger, "1", "3", "5").erasure.decisions) == 3
    assert refused(ledger, "1", "3", "5", "7") == "ERASE_RANGES"


def test_those_who_may_erase_are_those_of_the_last_announcement(ledger: Ledger) -> None:
    published = PublishedEntries(ledger.files)
    assert check_eraser(published, public(ledger.eraser)) == (public(ledger.eraser),)
    other = private_key("other")
    ledger.erasers[public(other).hex()] = public(other)
    del ledger.erasers[public(ledger.eraser).hex()]
    ledger.epoch("third", [TIME_MS] * 600)
    ledger.journal.publish()
    assert check_eraser(published, public(other)) == (public(other),)
    with pytest.raises(ErasureError) as caught:
        check_eraser(published, public(ledger.eraser))
    assert caught.value.reason == "ERASER_NOT_NAMED"
