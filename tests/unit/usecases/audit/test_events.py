"""Events and features against the decisions: an honest journal, and every way in which an operator could lie."""

import random
from dataclasses import replace
from pathlib import Path
from shutil import copytree, rmtree

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.records.decision import Decision, FeaturesRead
from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.events import Event, EventsRecord
from rankd.core.records.leaf import ErasureLeaf, encode_leaf
from rankd.store.evidence import DECISIONS, EVENTS, JournalEvidence
from rankd.store.journal.journal import Journal
from rankd.usecases.audit.events import EventsReport
from rankd.usecases.audit.promises import Brought
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, HOUSE_TIME_MS, LOG_SIGNER, House
from tests.forged import both, decisions_in, erasure, events_in, forge, judged, reasons, write_events
from tests.kept import KEPT, KeptHouse, by_ids, live, say, shown

PERSONAL = 3
"""How many of the columns that rankd works out are about the viewer."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> KeptHouse:
    house = KeptHouse(tmp_path_factory.mktemp("house"))
    with house.desk() as desk:
        live(desk)
    return house


@pytest.fixture(scope="module")
def data(house: KeptHouse) -> Path:
    return house.data


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def featured(data: Path) -> list[int]:
    """Return the leaves of the decisions whose columns rankd worked out."""
    return [index for index, decision in decisions_in(data).items() if decision.features is not None]


def altered(decision: Decision, name: str, at: int, value: float) -> Decision:
    """Return a decision with another number in a column."""

    def change(values: np.ndarray) -> np.ndarray:
        copy = values.copy()
        copy[at] = value
        return copy

    columns = [replace(c, values=change(c.values)) if c.name == name else c for c in decision.columns]
    return replace(decision, columns=tuple(columns))


def other_entry_count(decision: Decision, by: int) -> Decision:
    assert decision.features is not None
    return replace(decision, features=FeaturesRead(decision.features.entry_count + by, decision.features.names))


def with_events(record: EventsRecord, *events: Event) -> EventsRecord:
    return replace(record, events=events)


def test_an_honest_journal_is_good_and_every_column_about_known_people_is_worked_out_again(data: Path) -> None:
    report = judged(data)
    assert (report.good, reasons(report)) == (True, [])
    assert report.found is not None
    assert (report.found.living_count, report.event_count) == (6, 24)
    features = report.features
    assert (features.decision_count, features.checked_count, features.partial_count) == (10, 9, 1)
    assert features.column_count == 9 * len(KEPT) + len(KEPT) - PERSONAL
    assert dict(features.open) == {"unlinked": 1}


def test_journals_written_anew_without_a_lie_are_as_good(data: Path, out: Path) -> None:
    verified, report = both(forge(data, out))
    assert (verified.good, report.good, report.features.checked_count) == (True, True, 9)


@pytest.mark.parametrize("name", KEPT)
def test_one_column_altered_in_a_record_that_the_log_key_signed_anew_is_caught(
    data: Path, out: Path, name: str
) -> None:
    target = featured(data)[7]

    def lie(index: int, decision: Decision) -> Decision:
        return altered(decision, name, 0, 0.875) if index == target else decision

    verified, report = both(forge(data, out, lie))
    # Leaves, bodies and signatures are in order: only the events tell.
    assert (verified.good, report.good, report.features.differing_count) == (True, False, 1)
    (found,) = report.features.differing
    assert (found.index, found.difference.term, found.difference.recorded) == (target, f"column:{name}", "0.875")


def test_a_column_that_is_one_bit_off_is_caught(data: Path, out: Path) -> None:
    target = featured(data)[8]

    def lie(index: int, decision: Decision) -> Decision:
        if index != target:
            return decision
        values = next(c.values for c in decision.columns if c.name == "item_click_rate")
        return altered(decision, "item_click_rate", 2, float(np.nextafter(values[2], np.float32(1))))

    report = judged(forge(data, out, lie))
    assert report.features.differing_count == 1
    assert report.features.differing[0].difference.candidate_id == "p2"


def test_a_personal_column_of_somebody_without_events_is_left_open_and_others_of_that_decision_are_not(
    data: Path, tmp_path: Path
) -> None:
    target = featured(data)[9]

    def lie(name: str) -> EventsReport:
        return judged(
            forge(data, tmp_path / name, lambda at, one: altered(one, name, 0, 0.875) if at == target else one)
        )

    assert lie("viewer_author_clicks").good
    assert not lie("author_shown_day").good


def test_fewer_entries_than_were_read_are_caught_by_the_columns(data: Path, out: Path) -> None:
    target = featured(data)[5]
    report = judged(forge(data, out, lambda at, one: other_entry_count(one, -2) if at == target else one))
    assert [entry.index for entry in report.features.differing] == [target]


def test_more_entries_than_the_journal_has_are_caught(data: Path, out: Path) -> None:
    target = featured(data)[8]
    report = judged(forge(data, out, lambda at, one: other_entry_count(one, 1) if at == target else one))
    assert reasons(report) == ["FEATURES_AHEAD"]
    assert [fault.index for fault in report.features.faults] == [target]


def test_entries_from_after_the_decision_are_caught(data: Path, out: Path) -> None:
    late = HOUSE_TIME_MS + 2 * 3_600_000

    def later(records: list[EventsRecord]) -> list[EventsRecord]:
        return [*records[:5], replace(records[5], time_ms=late)]

    report = judged(forge(data, out, events=later))
    assert set(reasons(report)) == {"FEATURES_EARLY"}


def test_a_column_that_the_model_does_not_declare_is_caught(data: Path, out: Path) -> None:
    target = featured(data)[3]

    def lie(index: int, decision: Decision) -> Decision:
        if index != target or decision.features is None:
            return decision
        return replace(decision, features=FeaturesRead(decision.features.entry_count, (*KEPT, "duration_s")))

    assert reasons(judged(forge(data, out, lie))) == ["FEATURES_UNDECLARED"]


def test_an_event_about_a_candidate_that_was_never_shown_is_caught(data: Path, out: Path) -> None:
    record = events_in(data)[2]
    hidden = next(f"p{at}" for at in range(8) if f"p{at}" not in shown_in(data, record.decision))
    event = Event("", "shown", hidden, HOUSE_TIME_MS)
    seen = next(iter(record.shown.values()))
    forged = replace(record, shown={hidden: seen}, events=(event, replace(event, id="x", kind="click")))
    report = judged(forge(data, out, events=lambda records: [*records, forged]))
    assert reasons(report) == ["EVENTS_NOT_SHOWN"]
    assert report.faults[0].index == 6


def shown_in(data: Path, index: int) -> list[str]:
    decision = decisions_in(data)[index]
    order = list(decision.order)
    if (pair := decision.exploration.pair) is not None:
        i, x = pair[0] - 1, pair[1] - 1
        order[i], order[x] = order[x], order[i]
    return [decision.request.candidates.ids[at] for at in order[: decision.request.limit]]


def test_an_event_under_another_persons_name_is_caught(data: Path, out: Path) -> None:
    """Reactions of one person are put down to another, who has events of their own."""

    def lie(records: list[EventsRecord]) -> list[EventsRecord]:
        return [*records[:5], replace(records[5], viewer=records[0].viewer)]

    assert reasons(judged(forge(data, out, events=lie))) == ["EVENTS_VIEWER"]


def test_an_event_under_a_name_that_nobody_has_is_caught(data: Path, out: Path) -> None:
    def lie(records: list[EventsRecord]) -> list[EventsRecord]:
        return [*records[:5], replace(records[5], viewer=bytes(16))]

    assert "EVENTS_VIEWER" in reasons(judged(forge(data, out, events=lie)))


def test_a_reaction_that_counts_twice_is_caught(data: Path, out: Path) -> None:
    def lie(records: list[EventsRecord]) -> list[EventsRecord]:
        click = next(event for event in records[0].events if event.kind == "click")
        again = replace(
            records[0], shown={click.candidate: records[0].shown[click.candidate]}, events=(replace(click, id="again"),)
        )
        return [*records, again]

    report = judged(forge(data, out, events=lie))
    assert reasons(report) == ["EVENTS_TWICE"]
    assert report.faults[0].index == 6


def test_a_reaction_to_what_was_not_seen_first_is_caught(data: Path, out: Path) -> None:
    def lie(records: list[EventsRecord]) -> list[EventsRecord]:
        return [*records[:5], with_events(records[5], *(one for one in records[5].events if one.kind != "shown"))]

    assert reasons(judged(forge(data, out, events=lie))) == ["EVENTS_UNSHOWN"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("author", {"author": "somebody else"}),
        ("place", {"place": 77}),
        ("columns", {"columns": {"topic": 3}}),
        ("columns", {"columns": {}}),
        ("columns", {"columns": {"topic": 0, "region": 1}}),
    ],
)
def test_an_event_that_says_another_author_place_or_column_than_the_decision_is_caught(
    data: Path, out: Path, field: str, change: dict[str, object]
) -> None:
    def lie(records: list[EventsRecord]) -> list[EventsRecord]:
        candidate, seen = next(iter(records[5].shown.items()))
        return [*records[:5], replace(records[5], shown={**records[5].shown, candidate: replace(seen, **change)})]  # type: ignore[arg-type]

    report = judged(forge(data, out, events=lie))
    assert reasons(report) == ["EVENTS_SHOWN_DIFFERS"]
    assert str(report.faults[0].error.metadata["field"]).endswith(f".{field}")


def test_an_event_on_another_surface_is_caught(data: Path, out: Path) -> None:
    report = judged(forge(data, out, events=lambda all_: [*all_[:5], replace(all_[5], surface="elsewhere")]))
    assert reasons(report) == ["EVENTS_SHOWN_DIFFERS"]


def test_an_event_before_its_decision_is_caught(data: Path, out: Path) -> None:
    def lie(records: list[EventsRecord]) -> list[EventsRecord]:
        early = tuple(replace(event, time_ms=event.time_ms - 1) for event in records[5].events)
        return [*records[:5], with_events(records[5], *early)]

    assert reasons(judged(forge(data, out, events=lie))) == ["EVENTS_TIME"]


def test_an_event_that_is_tied_to_no_decision_is_caught(data: Path, tmp_path: Path) -> None:
    def tied_to(index: int) -> EventsReport:
        def lie(records: list[EventsRecord]) -> list[EventsRecord]:
            return [*records[:5], replace(records[5], decision=index)]

        return judged(forge(data, tmp_path / str(index), events=lie))

    assert "EVENTS_DECISION" in reasons(tied_to(0))
    assert "EVENTS_DECISION" in reasons(tied_to(1_000))


def test_an_event_about_a_decision_that_is_not_published_yet_is_left_open(data: Path, out: Path) -> None:
    forge(data, out, events=lambda all_: [*all_[:5], replace(all_[5], decision=1_000)])
    report = judged(out, decision_count=lambda: 1_001)
    assert report.unjudged_count == 4
    assert "EVENTS_DECISION" not in reasons(report)


def test_an_entry_that_is_older_than_those_before_it_is_caught(data: Path, out: Path) -> None:
    forge(data, out)
    record = events_in(data)[0]
    old = replace(record, time_ms=HOUSE_TIME_MS - 7_200_000, events=tuple(replace(e, time_ms=0) for e in record.events))
    write_events(out, [old])
    assert {"EVENTS_ORDER", "EVENTS_TIME"} <= set(reasons(judged(out)))


def test_a_leaf_of_another_time_than_its_record_is_caught(data: Path, out: Path) -> None:
    forge(data, out, leaf=lambda leaf: replace(leaf, time_ms=leaf.time_ms + 1))
    assert set(reasons(judged(out))) == {"EVENTS_LEAF_DIFFERS"}


def test_decisions_that_read_events_without_a_journal_of_events_are_caught(data: Path, out: Path) -> None:
    forge(data, out)
    rmtree(out / EVENTS)
    report = judged(out)
    assert reasons(report) == ["EVENTS_MISSING"]
    assert (report.features.checked_count, dict(report.features.open)) == (0, {"unreadable": 10})


def test_a_data_directory_where_nothing_is_worked_out_needs_no_events(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.record(range(3))
    assert (judged(house.data).good, judged(house.data).is_silent) == (True, True)
    rmtree(house.data / EVENTS)
    assert (judged(house.data).good, judged(house.data).is_silent) == (True, True)


def test_a_journal_of_events_that_was_rolled_back_is_caught_by_what_decisions_read(data: Path, out: Path) -> None:
    report = judged(forge(data, out, events=lambda records: records[:4]))
    assert set(reasons(report)) == {"FEATURES_AHEAD"}


def test_a_journal_of_events_rolled_back_behind_what_was_read_is_caught_by_a_checkpoint(
    data: Path, out: Path, tmp_path: Path
) -> None:
    forge(data, out)
    write_events(out, events_in(data)[:0])
    note = (out / EVENTS / "public" / "checkpoint").read_bytes()
    shorter = forge(data, tmp_path / "shorter", events=lambda records: [replace(records[0], caller="x"), *records[1:]])
    kept = judged(out, checkpoints=[Brought("visit", note)])
    assert [entry.verdict for entry in kept.checkpoints] == ["kept"]
    report = judged(shorter, checkpoints=[Brought("visit", note)])
    assert [entry.verdict for entry in report.checkpoints] == ["broken"]
    assert not report.good


def test_a_journal_of_events_under_another_key_is_caught(data: Path, out: Path, tmp_path: Path) -> None:
    stranger = NoteSigner(HOUSE_ORIGIN, Ed25519PrivateKey.from_private_bytes(sha256(b"a stranger")))
    forge(data, out)
    other = forge(data, tmp_path / "other", signer=stranger)
    rmtree(out / EVENTS)
    copytree(other / EVENTS, out / EVENTS)
    assert reasons(judged(out)) == ["NOTE_KEY_UNKNOWN"]


def test_every_flipped_bit_in_the_journal_of_events_is_caught_or_read_by_nobody(data: Path, out: Path) -> None:
    copytree(data, out)
    draw = random.Random(3)
    harmless = {"vkey", "lock", "index.sqlite", "witnessed"}
    caught = set()
    for path in sorted(path for path in (out / EVENTS).rglob("*") if path.is_file() and path.stat().st_size):
        whole = path.read_bytes()
        for _ in range(4):
            at = draw.randrange(len(whole))
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1 :])
            report = judged(out)
            if path.name in harmless or "wal" in path.parts:
                assert report.good, path
            elif not report.good:
                assert reasons(report) or report.found.missing, path  # type: ignore[union-attr]
                caught.add(path.suffix or path.parent.name)
        path.write_bytes(whole)
    assert judged(out).good
    assert {"public", "000.p", ".pack"} <= caught


def test_an_erased_entry_leaves_open_what_it_may_have_counted_and_calls_nothing_wrong(data: Path, out: Path) -> None:
    forge(data, out)
    write_events(out, [erasure((1, 1))])
    report = judged(out)
    assert (report.good, reasons(report)) == (True, [])
    assert report.found is not None
    assert [(run.first, run.last) for run in report.found.erased] == [(1, 1)]
    # Two decisions were made from none and one of its entries; what came after may have counted the erased one.
    assert (report.features.checked_count, report.features.open["erased"]) == (2, 8)
    assert report.features.differing_count == 0


def test_a_column_whose_span_begins_after_what_was_erased_is_still_worked_out_again(tmp_path: Path) -> None:
    house, now = KeptHouse(tmp_path), [HOUSE_TIME_MS]
    with house.desk(clock_ms=lambda: now[0]) as desk:
        first = desk.ranker.rank(by_ids("r0"))
        say(desk, first, "viewer-1", ("click", shown(first)[0]))
        now[0] += 40 * 86_400_000
        second = desk.ranker.rank(by_ids("r1", time_ms=now[0]))
        # Names in decisions change every month: only a reaction tells who this one was made for.
        say(desk, second, "viewer-1", ("like", shown(second)[0]), now_ms=now[0])
    copy = forge(house.data, tmp_path / "copy")
    assert judged(copy).features.checked_count == 2
    write_events(copy, [erasure((0, 0), time_ms=now[0])])
    report = judged(copy)
    # Of the second one, 7 days, 24 hours and 30 days are over; what counts for ever is not. Whose the first one was
    # stood in the entry that is gone.
    assert report.features.column_count == 3 + len(KEPT) - PERSONAL
    assert (report.good, dict(report.features.open)) == (True, {"erased": 1, "unlinked": 1})


def test_somebody_who_was_forgotten_leaves_open_what_was_before_and_nothing_of_what_comes_after(
    tmp_path: Path,
) -> None:
    """The service itself forgets: it counts anew, and says so by the number of entries that it read."""
    house = KeptHouse(tmp_path)
    with house.desk() as desk:
        live(desk)
    write_events(house.data, [erasure((0, 0), (3, 3))], mark=house.mark)
    with house.desk() as desk:
        for view in desk.supply.views().values():
            assert view.settle(desk.events.count, 5.0)
        for turn in range(3):
            viewer = f"viewer-{turn}"
            answer = desk.ranker.rank(by_ids(f"after{turn}", viewer))
            say(desk, answer, viewer, ("like", shown(answer)[0]))
    report = judged(house.data)
    assert (report.good, reasons(report)) == (True, [])
    # The first decision read nothing yet, and those behind the order read nothing of what it erased.
    assert (report.features.decision_count, report.features.checked_count) == (13, 4)
    assert report.features.open["erased"] == 9


def test_events_whose_time_was_over_may_still_count_until_somebody_is_forgotten(data: Path, out: Path) -> None:
    forge(data, out, events=lambda all_: [all_[0], erasure((0, 0), code="RETENTION"), *all_[1:]])
    report = judged(out)
    assert report.good
    assert report.features.open["erased"] == 9


def test_an_erasure_that_was_not_carried_out_is_caught(data: Path, out: Path) -> None:
    forge(data, out)
    write_events(out, [erasure((1, 1))], done=False)
    assert reasons(judged(out)) == ["ERASURE_NOT_DONE"]


def test_an_erasure_by_a_key_that_nobody_announced_is_caught(data: Path, out: Path) -> None:
    forge(data, out)
    write_events(out, [replace(erasure((1, 1)), envelope=_signed_by_a_stranger())])
    report = judged(out)
    assert reasons(report) == ["ENVELOPE_KEY_UNKNOWN"]
    assert report.found is not None
    assert report.found.missing == ((1, 1),)


def _signed_by_a_stranger() -> dict[str, object]:
    key = Ed25519PrivateKey.from_private_bytes(sha256(b"a stranger"))
    order = Erasure(f"{HOUSE_ORIGIN}/{EVENTS}", ((1, 1),), (), "OTHER", "because", HOUSE_TIME_MS)
    return sign_erasure(order, key)


def test_an_erasure_about_the_journal_of_decisions_erases_no_events(data: Path, out: Path) -> None:
    forge(data, out)
    write_events(out, [erasure((1, 1), origin=HOUSE_ORIGIN)])
    assert "ERASURE_ORIGIN" in reasons(judged(out))


def test_a_body_that_is_missing_without_an_order_is_looked_for_once_more_and_then_named(data: Path, out: Path) -> None:
    forge(data, out)
    write_events(out, [erasure((1, 1), origin=HOUSE_ORIGIN)])
    asked: list[int] = []

    def again() -> JournalEvidence:
        asked.append(1)
        return JournalEvidence(out, EVENTS)

    report = judged(out, again=again)
    assert report.found is not None
    assert (report.found.missing, asked) == (((1, 1),), [1])


def test_more_counts_than_are_kept_at_once_are_left_open(data: Path) -> None:
    report = judged(data, most_values=3)
    assert report.good
    assert report.features.open["unheld"] == 9
    assert report.features.checked_count == 1


def test_events_of_an_erased_decision_are_counted_apart(data: Path, out: Path) -> None:
    forge(data, out)
    target = events_in(data)[1].decision
    order = Erasure(HOUSE_ORIGIN, ((target, target),), (), "REQUEST", "asked for", HOUSE_TIME_MS)
    journal = Journal.open(out / DECISIONS, LOG_SIGNER, out.with_name(f"{out.name}.mark"), watch=False)
    journal.append(encode_leaf(ErasureLeaf(HOUSE_TIME_MS, sign_erasure(order, ERASER_KEY))), erases=[(target, target)])
    journal.close()
    verified, report = both(out)
    assert (verified.good, report.good, report.orphan_count) == (True, True, 4)
    assert (report.features.decision_count, report.features.checked_count) == (9, 8)


def test_a_model_that_is_not_archived_any_more_is_named(data: Path, out: Path) -> None:
    forge(data, out)
    rmtree(out / "archive" / "models")
    report = judged(out)
    assert "ARCHIVE_MISSING" in reasons(report)
    assert report.features.open["unreadable"] == 10


def test_what_was_brought_and_is_no_checkpoint_of_events_is_refused(data: Path) -> None:
    note = (data / "decisions" / "public" / "checkpoint").read_bytes()
    with pytest.raises(LogError) as caught:
        judged(data, checkpoints=[Brought("visit", note)])
    assert caught.value.reason == "NOTE_KEY_UNKNOWN"
