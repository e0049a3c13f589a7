"""Forgetting a person: nothing of them is left anywhere, and nobody else notices."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import Result

from rankd.core.errors import RankdError
from rankd.core.features.reader import read_declaration
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.records.erasure import Erasure, open_erasure, sign_erasure
from rankd.core.records.events_leaf import decode_events_leaf
from rankd.core.records.leaf import ErasureLeaf, decode_leaf
from rankd.edge.cli import ordering
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.evidence import DECISIONS
from rankd.store.features.leftovers import snapshots
from rankd.store.features.snapshot import unpack
from rankd.store.journal.reading import JournalFiles
from rankd.store.key_file import create_key
from rankd.usecases.erasing.erase import erase_old_events
from rankd.usecases.erasing.event_expiry import EventExpiry
from rankd.usecases.erasing.published import PublishedEntries
from rankd.usecases.learn.loop import read_loop
from rankd.usecases.privacy.finding import Journals
from rankd.usecases.privacy.forgetting import forget_orders, left_of
from rankd.usecases.privacy.person import know
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.feedback.event_files import EventFiles
from rankd.usecases.serve.feedback.event_log import EVENTS
from rankd.usecases.serve.keeping import Chore, Keeping
from tests import valkeys
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, HOUSE_TIME_MS, LOG_SIGNER
from tests.interruption import Killed, watch_disk
from tests.kept import DECLARATION
from tests.people import HOUR_MS, PEOPLE, Running, Town, counted, stored


@pytest.fixture(scope="module")
def server() -> Iterator[valkeys.Server]:
    with valkeys.server() as running:
        yield running


@pytest.fixture(params=["embedded", "valkey"])
def town(request: pytest.FixtureRequest, tmp_path: Path, server: valkeys.Server) -> Town:
    server.client().flushall()
    return Town(tmp_path, None if request.param == "embedded" else server.url)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ordering, "LOOK_S", 0.01)


@contextmanager
def obeying(running: Running) -> Iterator[None]:
    """Do the chores of a running service meanwhile."""
    each = running.obeying
    works = {"obey": each.obey, "rebuild": each.rebuild, "tidy": each.tidy}
    keeping = Keeping([Chore(name, 0, work) for name, work in works.items()], lambda: HOUSE_TIME_MS)
    keeping.watch(0.01)
    try:
        yield
    finally:
        keeping.stop()


def said(result: Result) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def everything(town: Town) -> list[bytes]:
    """Return the bytes of every file in the data directory, and what opens in it: snapshots, and bodies with keys."""
    found = [path.read_bytes() for path in sorted(town.data.rglob("*")) if path.is_file()]
    for path in snapshots(town.data / "features"):
        data = path.read_bytes()
        snapshot = unpack(data, data[28:60], data[60:92])
        found += [*snapshot.values, *snapshot.values.values()]
    files = EventFiles(town.data / EVENTS)
    found += [record for index in range(files.count) if (record := files.record(index)) is not None]
    return found


def traces(town: Town, viewer_id: str) -> list[bytes]:
    """Return where a person's id, the name in events and counts, or the ids of their events still stand."""
    name = town.name(viewer_id)
    words = (viewer_id.encode(), name, name.hex().encode(), f"{viewer_id}-r".encode())
    return [data for data in everything(town) if any(word in data for word in words)]


def test_a_running_service_forgets_somebody_and_nobody_else_notices(town: Town, server: valkeys.Server) -> None:
    with town.running() as running:
        town.live(running)
        records, before = running.records(), stored(running.view)
        others = [record for record in records if record.viewer != town.name("zoé")]
        assert before == counted(records)
        with obeying(running):
            result = said(town.forget("zoé"))
        assert (result["ok"], result["done"], result["decisions"], result["events"]) == (True, True, 3, 3)
        assert [order["state"] for order in result["orders"]] == ["obeyed", "obeyed"]
        running.settle()
        after = stored(running.view)
        assert running.records() == others
        assert after == counted(others)
        for viewer_id in ("bilal", "anne"):
            own = town.name(viewer_id)
            assert {key: after[key] for key in after if own in key} == {
                key: before[key] for key in before if own in key
            }
        assert not [key for key in after if town.name("zoé") in key]
        running.desk.journal.publish()
        running.desk.events.journal.publish()
    assert traces(town, "zoé") == []
    assert traces(town, "bilal") != []
    held = server.client()
    assert not [key for key in held.keys("*") if town.name("zoé") in key]
    # What comes after is recorded as that of anybody else.
    with town.running() as running:
        running.settle()
        assert stored(running.view) == counted(others)
        town.live(running, ["zoé"], 1)
        assert len(running.records()) == len(others) + 1


def test_a_stopped_service_forgets_where_the_log_key_is_at_hand(town: Town) -> None:
    with town.running() as running:
        town.live(running)
        others = [record for record in running.records() if record.viewer != town.name("zoé")]
    result = town.forget("zoé", *town.here)
    assert (result.exit_code, said(result)["done"], said(result)["events"]) == (0, True, 3)
    if town.url is None:
        assert snapshots(town.data / "features") == []
    assert traces(town, "zoé") == []
    with town.running() as running:
        running.settle()
        assert stored(running.view) == counted(others)


def test_without_a_service_or_a_log_key_the_order_waits(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with town.running() as running:
        town.live(running)
    monkeypatch.setattr(ordering, "PATIENCE_S", 0.1)
    result = town.forget("zoé")
    assert (result.exit_code, said(result)["done"]) == (0, False)
    assert {order["state"] for order in said(result)["orders"]} == {"waiting"}
    with town.running() as running:
        running.chores()
        running.settle()
        assert town.name("zoé") not in {record.viewer for record in running.records()}
        assert stored(running.view) == counted(running.records())


def test_the_journals_say_who_ordered_it_and_both_orders_verify(town: Town) -> None:
    with town.running() as running:
        town.live(running)
        with obeying(running):
            town.forget("zoé", "--code", "COURT")
    public = ERASER_KEY.public_key().public_bytes_raw()
    for name, origin in ((DECISIONS, HOUSE_ORIGIN), (EVENTS, f"{HOUSE_ORIGIN}/events")):
        files = JournalFiles(town.data / name)
        leaves = [leaf for leaf in all_leaves(files) if b"rankd.leaf.erasure/1" in leaf]
        assert len(leaves) == 1
        leaf = decode_leaf(leaves[0]) if name == DECISIONS else decode_events_leaf(leaves[0])
        assert isinstance(leaf, ErasureLeaf)
        erasure, signer = open_erasure(leaf.envelope, {public.hex(): public})
        assert (erasure.origin, erasure.reason_code, signer) == (origin, "COURT", public.hex())
        assert sum(last - first + 1 for first, last in erasure.decisions) == 3
    assert open_checkpoint(JournalFiles(town.data / DECISIONS).checkpoint(), LOG_SIGNER.verifier).checkpoint.size > 9


def all_leaves(files: JournalFiles) -> list[bytes]:
    published = PublishedEntries(files)
    return [entry for _, entry in published.entries(0, published.checkpoint().size)]


def test_however_often_it_is_interrupted_somebody_is_forgotten_and_nothing_is_counted_wrongly(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine fails before or after each step to the disk; the next start makes up for it."""
    town = Town(tmp_path_factory.mktemp("town"))
    book = town.house.book()
    with town.running(book) as running:
        town.live(running, rounds=1)
        others = counted([one for one in running.records() if one.viewer != town.name("zoé")])
    ordered(town)
    steps = stopped_at(town.crashed(tmp_path_factory.mktemp("whole")), book, tmp_path_factory, monkeypatch)[1]
    assert len(steps) > 12
    # What a failure leaves before a step is what it leaves after the one before.
    for step in range(len(steps)):
        begun = town.crashed(tmp_path_factory.mktemp("begun"))
        left, _ = stopped_at(begun, book, tmp_path_factory, monkeypatch, step)
        with left.running(book) as running:
            running.settle()
            running.chores()
            running.settle()
            assert stored(running.view) == others, step
            erasures = [at for at in range(running.desk.events.count) if running.desk.events.forgets(at)]
            assert len(erasures) == 1
        assert traces(left, "zoé") == [], step


def stopped_at(
    town: Town,
    book: Book,
    folders: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    step: int = -1,
) -> tuple[Town, list[str]]:
    """Obey what waits until a step to the disk; return what is left of the town then, and the steps."""
    with town.running(book) as running:
        running.settle()
        # One thread at a time, so that steps come in one order.
        running.view.stop()
        with monkeypatch.context() as patch:
            steps = watch_disk(patch, step)
            try:
                running.chores()
                for journal in (running.desk.journal, running.desk.events.journal):
                    journal.publish()
                running.view._step()
                running.view._step()
                running.view._step()
            except (Killed, RankdError):
                assert step >= 0
            else:
                assert step == -1
        return town.crashed(folders.mktemp("left")), steps


def ordered(town: Town) -> None:
    """Lay the orders to forget Zoé into the inbox."""
    journals = Journals(town.data)
    left = left_of(journals, know(town.data, "zoé"))
    for order in forget_orders(journals, left, "REQUEST", "Asked for.", 1):
        ErasureInbox(town.data).put(sign_erasure(order, ERASER_KEY))


def test_what_is_recorded_while_somebody_is_forgotten_goes_too(town: Town) -> None:
    """An event of Zoé comes between the look at the journal and the orders, another behind their back after them."""
    with town.running() as running:
        answers = town.live(running)
        late = town.ask(running, "zoé")
        for held in (running.desk.journal, running.desk.events.journal):
            held.publish()
        ordered(town)
        assert town.act(running, late, "zoé") == ["ACCEPTED", "ACCEPTED"]
        running.chores()
        assert town.act(running, late, "zoé") == ["FEEDBACK_DECISION_ERASED"] * 2
        assert town.act(running, answers[0], "zoé") == ["FEEDBACK_DECISION_ERASED"] * 2
        assert town.name("zoé") in {record.viewer for record in running.records()}
        with obeying(running):
            assert said(town.forget("zoé"))["events"] == 1
        running.settle()
        assert town.name("zoé") not in {record.viewer for record in running.records()}
        assert stored(running.view) == counted(running.records())


def test_somebody_is_forgotten_only_once_and_strangers_leave_nothing_to_forget(town: Town) -> None:
    with town.running() as running:
        town.live(running)
        with obeying(running):
            first, again, stranger = (said(town.forget(one)) for one in ("zoé", "zoé", "nobody"))
        rebuilds = running.view.rebuilds
        running.settle()
    assert first["decisions"] == 3
    for result in (again, stranger):
        assert (result["ok"], result["done"], result["decisions"], result["events"], result["orders"]) == (
            True,
            True,
            0,
            0,
            [],
        )
    assert rebuilds <= 2


def test_an_order_by_somebody_else_about_events_is_refused_and_changes_nothing(town: Town) -> None:
    with town.running() as running:
        town.live(running)
        before, records = stored(running.view), running.records()
        inbox = ErasureInbox(town.data)
        erasure = Erasure(f"{HOUSE_ORIGIN}/events", ((0, 2),), (), "REQUEST", "Because.", 1)
        stranger = Ed25519PrivateKey.generate()
        signed = sign_erasure(erasure, ERASER_KEY)
        other = sign_erasure(Erasure(f"{HOUSE_ORIGIN}/events", ((0, 3),), (), "REQUEST", "Because.", 1), ERASER_KEY)
        ahead = Erasure(f"{HOUSE_ORIGIN}/events", ((0, 99),), (), "REQUEST", "Because.", 1)
        foreign = Erasure("dev.elsewhere/events", ((0, 1),), (), "REQUEST", "Because.", 1)
        wrong = [
            sign_erasure(erasure, stranger),
            signed | {"payload": other["payload"]},
            signed | {"signatures": [{"keyid": "not hexadecimal", "sig": signed["signatures"][0]["sig"]}]},
            sign_erasure(ahead, ERASER_KEY),
            sign_erasure(foreign, ERASER_KEY),
        ]
        digests = [inbox.put(envelope) for envelope in wrong]
        running.chores()
        assert [inbox.state(digest) for digest in digests] == ["refused"] * len(wrong)
        running.settle()
        assert (stored(running.view), running.records()) == (before, records)


def test_a_key_that_the_journal_does_not_name_orders_nothing(town: Town) -> None:
    with town.running() as running:
        town.live(running, rounds=1)
    create_key(town.root / "other.key", "eraser", "Somebody", None)
    result = town.forget("zoé", *town.here, key="other.key")
    assert (result.exit_code, said(result)["reason"]) == (1, "ERASER_NOT_NAMED")
    assert said(town.forget("zoé", "--reason", "", *town.here))["reason"] == "ERASE_REASON"
    assert ErasureInbox(town.data).waiting() == ()


def test_entries_that_a_crash_left_unpublished_are_found_with_the_log_key(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "PATIENCE_S", 0.1)
    with town.running() as running:
        town.live(running)
        for held in (running.desk.journal, running.desk.events.journal):
            held.publish()
            assert held._publisher is not None
            held._publisher.stop()
        answer = town.ask(running, "zoé")
        town.act(running, answer, "zoé")
        crashed = town.crashed(town.root / "crashed")
    assert Journals(crashed.data).reach(EVENTS).unpublished_count == 1
    result = said(crashed.forget("zoé", *crashed.here))
    assert (result["done"], result["decisions"], result["events"]) == (True, 4, 4)
    assert traces(crashed, "zoé") == []


def test_what_is_past_its_time_stays_counted_until_everything_is_counted_again(town: Town) -> None:
    with town.running() as running:
        town.live(running, rounds=2)
        town.now_ms[0] += 30 * HOUR_MS
        town.live(running, rounds=1)
        desk, before = running.desk, stored(running.view)
        expiry = EventExpiry(JournalFiles(town.data / EVENTS), 24 * HOUR_MS)
        journal = desk.events.journal
        assert erase_old_events(journal, desk.viewers, expiry, ERASER_KEY, town.now_ms[0]) == 1
        assert erase_old_events(journal, desk.viewers, expiry, ERASER_KEY, town.now_ms[0]) == 0
        desk.supply.committed(desk.events.count)
        running.settle()
        rebuilds = running.view.rebuilds
        assert (len(running.records()), stored(running.view)) == (len(PEOPLE), before)
        town.live(running, ["anne"], 1)
        running.view.rebuild()
        running.settle()
        assert running.view.rebuilds == rebuilds + 1
        assert stored(running.view) == counted(running.records())


def test_counts_of_models_that_are_gone_do_not_outlive_somebody_who_is_forgotten(
    town: Town, server: valkeys.Server
) -> None:
    with town.running() as running:
        town.live(running)
    # Another model takes over, with other counts; what the first one read lies there still.
    text = town.house.declaration_text
    town.house.declaration_text = text.replace("within: 30d, half_life: 10d", "within: 20d, half_life: 10d")
    town.house.write_model()
    with town.running() as running:
        town.live(running, rounds=1)
        with obeying(running):
            assert said(town.forget("zoé"))["done"]
            running.obeying.tidy(0)
        running.settle()
    assert traces(town, "zoé") == []
    left = server.client().keys("*")
    assert not [key for key in left if town.name("zoé") in key]
    assert bool(left) == (town.url is not None)
    assert len(snapshots(town.data / "features")) == (town.url is None)


@pytest.mark.parametrize("by_service", [False, True])
def test_counts_that_are_made_again_read_the_same(
    town: Town, by_service: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if town.url is not None:
        monkeypatch.setenv("RANKD_FEATURES_URL", town.url)
    with town.running() as running:
        town.live(running)
        before = stored(running.view)
        if by_service:
            with obeying(running):
                result = town.rankd("features", "rebuild", town.data, "--json")
            assert said(result) == {"ok": True, "by_service": True, "rebuilt": None}
            assert running.view.rebuilds == 1
            assert stored(running.view) == before
    if not by_service:
        result = town.rankd("features", "rebuild", town.data, "--json")
        (rebuilt,) = said(result)["rebuilt"]
        assert (result.exit_code, rebuilt["surface"], rebuilt["entry_count"]) == (0, "video", 9)
    with town.running() as running:
        running.settle()
        assert (stored(running.view), running.view.rebuilds) == (before, 0)


def test_a_service_that_does_not_come_to_it_is_said_to(town: Town) -> None:
    with town.running() as running:
        town.live(running, rounds=1)
        result = town.rankd("features", "rebuild", town.data, "--wait", "0", "--lang", "en")
        assert (result.exit_code, "stays" in result.stdout) == (1, True)
        running.chores()
        running.settle()
        running.chores()
        assert not (town.data / "features" / "rebuild.request").exists()


def test_nothing_is_learned_from_somebody_who_was_forgotten(tmp_path: Path) -> None:
    town, declaration = Town(tmp_path), read_declaration(DECLARATION.encode())
    with town.running() as running:
        town.live(running)
    before, _ = read_loop(town.data, declaration, "video")
    assert said(town.forget("zoé", *town.here))["done"]
    after, _ = read_loop(town.data, declaration, "video")
    assert [(len(set(one.rows.viewers)), len(one.rows), len(one.events)) for one in (before, after)] == [
        (3, 18, 36),
        (2, 12, 24),
    ]


def test_a_failure_between_order_and_counts_while_the_service_is_stopped_leaves_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town.running() as running:
        town.live(running)
        others = counted([record for record in running.records() if record.viewer != town.name("zoé")])

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(ordering, "remove_snapshots", fail)
        result = town.forget("zoé", *town.here)
    assert (result.exit_code, said(result)["reason"]) == (1, "REBUILD_UNUSABLE")
    assert (town.url is None) == bool(traces(town, "zoé"))
    with town.running() as running:
        running.settle()
        running.chores()
        assert stored(running.view) == others
    assert traces(town, "zoé") == []


def test_a_server_that_is_restored_from_before_counts_nobody_back_in(tmp_path: Path, server: valkeys.Server) -> None:
    client = server.client()
    client.flushall()
    town = Town(tmp_path, server.url)
    with town.running() as running:
        town.live(running)
        others = counted([record for record in running.records() if record.viewer != town.name("zoé")])
    backup = [(key, client.dump(key) or b"", max(client.pttl(key), 0)) for key in client.keys("*")]
    with town.running() as running:
        with obeying(running):
            assert said(town.forget("zoé"))["done"]
        running.settle()
        assert stored(running.view) == others
    client.flushall()
    for key, value, expire_ms in backup:
        client.restore(key, expire_ms, value)
    with town.running() as running:
        running.settle()
        running.chores()
        assert stored(running.view) == others
    assert not [key for key in client.keys("*") if town.name("zoé") in key]


def test_a_server_that_dies_while_somebody_is_forgotten_is_made_up_for(tmp_path: Path) -> None:
    with valkeys.server() as own:
        town = Town(tmp_path, own.url)
        with town.running() as running:
            town.live(running)
            others = counted([record for record in running.records() if record.viewer != town.name("zoé")])
            own.kill()
            with obeying(running):
                assert said(town.forget("zoé"))["done"]
                own.start()
                running.settle()
            assert stored(running.view) == others
