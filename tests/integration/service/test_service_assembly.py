"""The minutes over real gRPC: what members sign goes in, everybody's copy comes out, and no flood stops a ranking."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rankd.client import PublicEntry, RankdCallError, RankdClient, Submitted
from rankd.core.assembly.entries import Argument, Erasure, Proposal
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import RankdError
from rankd.core.exact.canonical import digest_text
from rankd.core.log.note import NoteSigner
from rankd.core.log.tree import leaf_hash
from rankd.core.records.commitment import commitment
from rankd.core.records.receipt import open_receipt
from rankd.edge.cli.main import build
from rankd.edge.config import Assembly
from rankd.edge.service import Service
from rankd.store.key_file import create_key
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.keeper import Keeper
from rankd.usecases.govern.mirror import mirror
from rankd.usecases.govern.reading import read_minutes
from tests.assemblies import (
    FOUNDERS,
    MODEL,
    ORIGIN,
    SECRETARY,
    START_MS,
    constitution,
    found,
    founding,
    key_of,
    policy_text,
    public,
)
from tests.conftest import HOUSE_TIME_MS, House
from tests.integration.service.conftest import Running, Start, config_over, running, small_message


class Stuck:
    """Minutes whose keeper takes as long as it likes."""

    size = 0

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()
        self.most = 0
        self._now = 0

    def checkpoint(self) -> bytes:
        return b""

    def submit(self, _envelope: bytes, **_: object) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        self.entered.release()
        assert self.open.wait(20)
        self._now -= 1
        raise RecursionError

    def close(self) -> None:
        """Close nothing."""


def test_a_flood_of_submissions_is_refused_at_its_own_door_and_ranking_goes_on(start: Start) -> None:
    stuck = Stuck()

    def prepare(service: Service) -> None:
        service.keeper = stuck  # type: ignore[assignment]

    server = start(prepare=prepare, concurrency=1, queue=0)

    def flood(number: int) -> str:
        with server.client(timeout_s=30.0) as client, pytest.raises(RankdCallError) as caught:
            client.assembly.submit(b"garbage %d" % number)
        return f"{caught.value.status} {caught.value.reason}"

    with ThreadPoolExecutor(100) as pool:
        calls = [pool.submit(flood, number) for number in range(100)]
        assert stuck.entered.acquire(timeout=10)
        while sum(call.done() for call in calls) < 100 - 1 - 64:
            time.sleep(0.01)
        answers = [server.rank_message(small_message(f"r{number}")) for number in range(5)]
        with server.client() as client:
            assert client.assembly.page().size == 0
        stuck.open.set()
        outcomes = Counter(call.result() for call in calls)
    assert [answer.decision_id for answer in answers] == [f"dev.test/{number}" for number in range(1, 6)]
    assert stuck.most == 1
    assert outcomes == {"RESOURCE_EXHAUSTED OVERLOADED": 35, "INTERNAL INTERNAL": 65}


class CoOp:
    """A co-op whose minutes a service keeps, and its members, who fold them for themselves.

    Attributes:
        minutes: What the members signed.
        home: The home of the minutes.
        config: A service that keeps them.
    """

    def __init__(self, home: Path, house: House) -> None:
        home.joinpath("keys").mkdir(parents=True)
        made = create_key(home / "keys" / "log.key", "log", ORIGIN, None)
        text = constitution().replace(public("log").hex(), made.public.hex())
        self.minutes = found(founding(text, policy=None, model=MODEL))
        self.home, self.log = home, NoteSigner(ORIGIN, made.unlock(None))
        envelope = self.minutes.entries[0].envelope
        assert envelope is not None
        Keeper.found(home, self.log, home / "keys" / "log.key.mark", envelope, START_MS).close()
        section = {"origin": ORIGIN, "genesis": digest_text(self.minutes.genesis), "keeps": str(home)}
        self.config = config_over(house).model_copy(update={"assembly": Assembly.model_validate(section)})

    def submit(self, client: RankdClient, index: int) -> Submitted:
        """Submit an entry at the time that it has among the members."""
        entry = self.minutes.entries[index]
        assert entry.envelope is not None
        return client.assembly.submit(entry.envelope, time_ms=entry.leaf.time_ms)

    def proposal(self) -> Proposal:
        """Return a proposal of the first policy."""
        return self.minutes.proposal(policy_text())

    def vote(self) -> int:
        """Have the members propose, argue and vote; return the index of the first ballot."""
        index = self.minutes.to_vote(self.proposal())
        self.minutes.accept(Argument(self.minutes.co(), index, "for", None, "Because."), "Bruno")
        first = len(self.minutes.entries)
        self.minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
        return first


@pytest.fixture
def co_op(tmp_path: Path, house: House) -> CoOp:
    """Return a co-op that was just founded."""
    return CoOp(tmp_path / "home", house)


@pytest.fixture
def server(co_op: CoOp) -> Iterator[Running]:
    """Return a service that keeps its minutes."""
    with running(co_op.config) as found_:
        yield found_


def refused(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(RankdCallError) as caught:
        call()
    return caught.value.status, caught.value.reason


def test_a_whole_vote_goes_over_the_wire_and_every_member_can_prove_her_entry(server: Running, co_op: CoOp) -> None:
    ballots = co_op.vote()
    with server.client() as client:
        for index in range(1, len(co_op.minutes.entries)):
            submitted = co_op.submit(client, index)
            entry = co_op.minutes.entries[index]
            leaf = decode_leaf(submitted.leaf)
            assert (submitted.index, submitted.repeated, submitted.time_ms) == (index, False, entry.leaf.time_ms)
            assert (leaf.kind, leaf.about, leaf.time_ms) == (entry.leaf.kind, entry.leaf.about, entry.leaf.time_ms)
            assert leaf.commitment == commitment(submitted.key, entry.envelope or b"")
            receipt = open_receipt(submitted.receipt, co_op.log.verifier)
            assert (receipt.index, receipt.leaf_hash) == (index, leaf_hash(submitted.leaf))
            assert submitted.leaf_hash == receipt.leaf_hash
        listed = list(client.assembly.entries(page_size=3))
        assert [entry.index for entry in listed if entry.envelope is None] == list(range(ballots, ballots + 6))
        co_op.minutes.wait(8)
        co_op.minutes.accept(Argument(co_op.minutes.co(), 1, "neither", None, "Counted."), "Alice")
        co_op.submit(client, len(co_op.minutes.entries) - 1)
        server.service.keeper.publish()  # type: ignore[union-attr]
        after = list(client.assembly.entries())
    assert [entry.envelope for entry in after] == [entry.envelope for entry in co_op.minutes.entries]
    assert [entry.leaf for entry in after[:-1]] == [entry.leaf for entry in listed]


def test_a_mirror_over_the_wire_is_the_record_itself(server: Running, co_op: CoOp, tmp_path: Path) -> None:
    co_op.vote()
    with server.client() as client:
        for index in range(1, len(co_op.minutes.entries)):
            co_op.submit(client, index)
        server.service.keeper.publish()  # type: ignore[union-attr]
        now_s = co_op.minutes.now_ms // 1_000
        mirror(client.assembly.page, co_op.minutes.genesis, tmp_path / "mirror", name=server.address, now_s=now_s)
    for folder in (tmp_path / "mirror", co_op.home / "record"):
        minutes = read_minutes(RecordFolder(folder), co_op.minutes.genesis, now_s=now_s)
        assert minutes.faults == ()
        assert minutes.size == len(co_op.minutes.entries)

    def tree(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert tree(tmp_path / "mirror") == tree(co_op.home / "record")


def test_the_command_line_fetches_a_mirror_and_refuses_another_co_op(
    server: Running, co_op: CoOp, tmp_path: Path
) -> None:
    app = build("minutes")
    arguments = ["minutes", "fetch", str(tmp_path / "mirror"), "--server", server.address, "--lang", "en"]
    genesis = digest_text(co_op.minutes.genesis)
    co_op.minutes.accept(co_op.proposal(), "Alice")
    with server.client() as client:
        co_op.submit(client, 1)
    server.service.keeper.publish()  # type: ignore[union-attr]
    other = CliRunner().invoke(app, [*arguments, "--genesis", digest_text(bytes(32))])
    assert other.exit_code == 1
    assert "genesis" in other.output
    assert not (tmp_path / "mirror").exists()
    done = CliRunner().invoke(app, [*arguments, "--genesis", genesis])
    assert (done.exit_code, "entries: 2" in done.output) == (0, True)
    again = CliRunner().invoke(app, [*arguments, "--genesis", genesis, "--json"])
    assert json.loads(again.stdout)["size"] == 2
    closed = CliRunner().invoke(app, [*arguments[:3], "--server", "127.0.0.1:1", "--genesis", genesis])
    assert closed.exit_code == 1
    assert RecordFolder(tmp_path / "mirror").size == 2


def test_an_entry_sent_again_is_the_entry_that_it_became_also_after_a_restart(co_op: CoOp) -> None:
    co_op.minutes.accept(co_op.proposal(), "Alice")
    answers = []
    for _ in range(2):
        with running(co_op.config) as server, server.client() as client:
            answers += [co_op.submit(client, 1), co_op.submit(client, 1)]
            assert client.assembly.page().size == 2
    first = answers[0]
    assert not first.repeated
    assert answers[1:] == [replace(first, repeated=True)] * 3


def test_what_the_rules_refuse_is_refused_with_their_reason_and_leaves_nothing(server: Running, co_op: CoOp) -> None:
    proposal = envelope_bytes(sign_entry(co_op.proposal(), key_of("Nobody")))
    good = envelope_bytes(sign_entry(co_op.proposal(), key_of("Alice")))
    forged = good[: good.rindex(b'"sig":"')] + b'"sig":"' + b"A" * 86 + b'=="}]}'
    with server.client() as client:
        submit = client.assembly.submit
        assert refused(lambda: submit(proposal)) == ("PERMISSION_DENIED", "SIGNER_UNKNOWN")
        assert refused(lambda: submit(forged)) == ("INVALID_ARGUMENT", "ENVELOPE_UNSIGNED")
        assert refused(lambda: submit(b"\xff{}")) == ("INVALID_ARGUMENT", "ENVELOPE_MALFORMED")
        assert client.assembly.page().size == 1


def test_a_dry_run_says_whether_an_entry_would_be_accepted_and_enters_nothing(server: Running, co_op: CoOp) -> None:
    good = envelope_bytes(sign_entry(co_op.proposal(), key_of("Alice")))
    bad = envelope_bytes(sign_entry(co_op.proposal(), key_of("Nobody")))
    with server.client() as client:
        answer = client.assembly.submit(good, dry_run=True)
        assert (answer.index, answer.leaf, answer.receipt, answer.time_ms) == (None, b"", b"", HOUSE_TIME_MS)
        assert refused(lambda: client.assembly.submit(bad, dry_run=True))[1] == "SIGNER_UNKNOWN"
        assert client.assembly.page().size == 1
        assert client.assembly.submit(good).index == 1


def test_a_body_that_was_erased_is_shown_no_more(server: Running, co_op: CoOp) -> None:
    minutes = co_op.minutes
    index = minutes.accept(co_op.proposal(), "Alice")
    argument = minutes.accept(Argument(minutes.co(), index, "for", None, "My number is 555."), "Bruno")
    minutes.accept(Erasure(minutes.co(), (argument,), ""), SECRETARY)
    with server.client() as client:
        for at in range(1, len(minutes.entries)):
            co_op.submit(client, at)
        shown = list(client.assembly.entries())
        again = co_op.submit(client, argument)
    leaf = shown[argument].leaf
    assert shown[argument] == PublicEntry(argument, leaf, None, None)
    assert (again.index, again.leaf, again.key, again.repeated) == (argument, leaf, b"", True)


def test_a_service_that_is_told_of_another_co_op_does_not_start_and_lets_go(co_op: CoOp) -> None:
    other = {"assembly": co_op.config.assembly.model_copy(update={"genesis": digest_text(bytes(32))})}  # type: ignore[union-attr]
    with pytest.raises(RankdError) as caught:
        Service(co_op.config.model_copy(update=other))
    assert caught.value.reason == "MINUTES_GENESIS"
    with running(co_op.config) as server, server.client() as client:
        assert client.assembly.page().size == 1


def test_many_members_at_once_each_get_an_entry_of_their_own(server: Running, co_op: CoOp) -> None:
    first = co_op.vote()
    with server.client() as client:
        for index in range(1, first):
            co_op.submit(client, index)

        def cast(index: int) -> Submitted:
            entry = co_op.minutes.entries[index]
            assert entry.envelope is not None
            return client.assembly.submit(entry.envelope, time_ms=co_op.minutes.now_ms)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(cast, range(first, len(co_op.minutes.entries))))
    assert sorted(answer.index or 0 for answer in answers) == list(range(first, len(co_op.minutes.entries)))


def test_rankings_go_on_while_the_minutes_are_kept(server: Running) -> None:
    assert server.rank_message(small_message()).decision_id == "dev.test/1"
    text = server.service.metrics.text()
    assert b"rankd_minutes_entries 1.0" in text
    assert b"rankd_minutes_failing 0.0" in text
    assert b"rankd_minutes_unpublished_entries 0.0" in text
