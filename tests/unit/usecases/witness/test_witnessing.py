"""The log's side of witnessing: quorums that add up, witnesses that lie, lag or are gone, and never in the way."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import cosign, open_checkpoint
from rankd.core.log.note import NoteSigner, parse_note
from rankd.core.log.witnessing import known_logs, parse_add_checkpoint
from rankd.store.witness_policy import PolicyWitness, WitnessPolicy
from rankd.store.witness_state import WitnessState
from rankd.usecases.witness.cosigning import Witness
from rankd.usecases.witness.witness_asking import CLOCK_SKEW_S, Reply
from rankd.usecases.witness.witnessing import Witnessing
from tests.plain_log import NOW_S, PlainLog, witness_signer

NAMES = ("a.example", "b.example", "c.example")
SIGNERS = {name: witness_signer(name) for name in NAMES}
Answer = Callable[[bytes], Reply]


class Published:
    """A log that publishes what a test tells it to."""

    def __init__(self, plain: PlainLog, size: int) -> None:
        self.plain = plain
        self.published: list[bytes] = []
        self.witnessed = b""
        self.show(size)

    def show(self, size: int) -> None:
        self.note = self.plain.note(size)

    def checkpoint(self) -> bytes:
        return self.note

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        return self.plain.proof(first, second)

    def add_cosignatures(self, note: bytes, *, is_witnessed: bool) -> bool:
        self.published.append(note)
        if is_witnessed:
            self.witnessed = note
        if parse_note(note).text != parse_note(self.note).text:
            return False
        self.note = note
        return True

    def cosigners(self) -> set[str]:
        verifiers = [signer.verifier for signer in SIGNERS.values()]
        return {name for name, _ in open_checkpoint(self.note, self.plain.signer.verifier, verifiers).cosigners}


class World:
    """A log and three honest witnesses; a test puts others in their place."""

    def __init__(self, root: Path) -> None:
        self.log = Published(PlainLog.of(40), 5)
        self.requests: list[tuple[str, int]] = []
        self.answers: dict[str, Answer] = {}
        self.states: list[WitnessState] = []
        logs = known_logs([self.log.plain.signer.verifier.vkey], b"")
        for name, signer in SIGNERS.items():
            WitnessState.create(root / name, signer.verifier.vkey)
            state = WitnessState.open(root / name, signer.verifier.vkey)
            self.states.append(state)
            self.answers[name] = self.honest(Witness(signer, logs, state, lambda: NOW_S))

    @staticmethod
    def honest(witness: Witness) -> Answer:
        def answer(data: bytes) -> Reply:
            found = witness.add_checkpoint(data)
            return Reply(found.status, found.body)

        return answer

    def post(self, url: str, body: bytes, _: float) -> Reply:
        name = url.removeprefix("https://").removesuffix("/add-checkpoint")
        self.requests.append((name, parse_add_checkpoint(body).old_size))
        return self.answers[name](body)

    def witnessing(self, quorum: int = 2, patience_s: float = 5.0) -> Witnessing:
        witnesses = tuple(PolicyWitness(signer.verifier, f"https://{name}") for name, signer in SIGNERS.items())
        policy = WitnessPolicy(quorum, witnesses)
        return Witnessing(self.log, self.log.plain.signer.verifier, policy, self.post, lambda: NOW_S, patience_s)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for state in made.states:
        state.close()


def reasons(witnessing: Witnessing) -> dict[str, str]:
    return {name: failure.reason for name, failure in witnessing.failures().items()}


def test_all_witnesses_cosign_and_nobody_is_asked_twice_about_the_same(world: World) -> None:
    witnessing = world.witnessing()
    witnessing.round()
    assert (world.log.cosigners(), witnessing.witnessed_size) == (set(NAMES), 5)
    assert world.log.witnessed == world.log.note
    asked = len(world.requests)
    witnessing.round()
    assert (len(world.requests), witnessing.failed_count) == (asked, 0)


def test_a_restart_asks_only_those_who_have_not_cosigned(world: World) -> None:
    down = world.answers["b.example"]
    world.answers["b.example"] = lambda _: Reply(503, b"")
    world.witnessing().round()
    world.answers["b.example"] = down
    world.requests.clear()
    witnessing = world.witnessing()
    witnessing.round()
    assert {name for name, _ in world.requests} == {"b.example"}
    assert (world.log.cosigners(), witnessing.witnessed_size) == (set(NAMES), 5)


def test_growth_is_proved_from_the_size_that_the_witness_has(world: World) -> None:
    witnessing = world.witnessing()
    witnessing.round()
    world.requests.clear()
    world.log.show(9)
    witnessing.round()
    assert sorted(world.requests) == [(name, 5) for name in NAMES]
    assert witnessing.witnessed_size == 9


def test_a_witness_that_we_forgot_tells_its_size(world: World) -> None:
    world.witnessing().round()
    world.log.show(9)
    world.requests.clear()
    witnessing = world.witnessing()
    witnessing.round()
    assert sorted(world.requests) == sorted((name, old) for name in NAMES for old in (0, 5))
    assert (witnessing.witnessed_size, witnessing.failures()) == (9, {})


def test_a_witness_that_somebody_else_showed_more_is_no_rollback(world: World) -> None:
    honest = world.answers["a.example"]
    honest(world.log.plain.request(0, 12))
    world.log.show(9)

    def meanwhile(body: bytes) -> Reply:
        world.log.show(12)
        return honest(body)

    world.answers["a.example"] = meanwhile
    witnessing = world.witnessing()
    witnessing.round()
    assert witnessing.failures() == {}
    witnessing.round()
    assert (world.log.cosigners(), witnessing.witnessed_size) == (set(NAMES), 12)


def test_our_own_rollback_is_told_by_the_witness(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.log.show(12)
    world.witnessing().round()
    world.log.show(9)
    witnessing = world.witnessing()
    witnessing.round()
    assert (reasons(witnessing), world.log.cosigners()) == (dict.fromkeys(NAMES, "WITNESS_AHEAD"), set())
    assert {record.levelno for record in caplog.records if "WITNESS_AHEAD" in record.getMessage()} == {logging.ERROR}


@pytest.mark.parametrize("size", [9, 12])
def test_our_own_fork_is_told_by_the_witness(world: World, size: int) -> None:
    world.log.show(9)
    world.witnessing().round()
    world.log.plain = PlainLog.of(40, fork_at=3)
    world.log.show(size)
    witnessing = world.witnessing()
    witnessing.round()
    assert (reasons(witnessing), world.log.cosigners()) == (dict.fromkeys(NAMES, "WITNESS_UNCONVINCED"), set())


def fixed(status: int, body: bytes = b"") -> Answer:
    return lambda _: Reply(status, body)


def raising(error: Exception) -> Answer:
    def answer(_: bytes) -> Reply:
        raise error

    return answer


def forged(text_of: Callable[[bytes], str], signer: NoteSigner = SIGNERS["c.example"], time_s: int = NOW_S) -> Answer:
    def answer(body: bytes) -> Reply:
        return Reply(200, cosign(text_of(parse_add_checkpoint(body).note), signer, time_s).encode())

    return answer


def shown(note: bytes) -> str:
    return parse_note(note).text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (forged(lambda _: PlainLog.of(5, fork_at=2).checkpoint(5).text), "WITNESS_COSIGNATURE_WRONG"),
        (forged(lambda _: PlainLog.of(5, origin="other").checkpoint(5).text), "WITNESS_COSIGNATURE_WRONG"),
        (forged(shown, SIGNERS["a.example"]), "WITNESS_COSIGNATURE_ABSENT"),
        (forged(shown, time_s=NOW_S + CLOCK_SKEW_S + 1), "WITNESS_CLOCK"),
        (fixed(200), "WITNESS_ANSWER_MALFORMED"),
        (fixed(200, b"x" * 70_000), "WITNESS_ANSWER_MALFORMED"),
        (fixed(404), "WITNESS_DECLINED"),
        (fixed(302), "WITNESS_DECLINED"),
        (fixed(409, b"one\n"), "WITNESS_ANSWER_MALFORMED"),
        (fixed(409, b"3\n"), "WITNESS_DECLINED"),
        (fixed(409, b"9223372036854775807\n"), "WITNESS_AHEAD"),
        (fixed(422), "WITNESS_UNCONVINCED"),
        (raising(TimeoutError()), "WITNESS_UNREACHABLE"),
        (raising(ConnectionRefusedError(111, "Connection refused")), "WITNESS_UNREACHABLE"),
    ],
)
def test_a_witness_that_lies_or_fails_is_named_and_stops_nobody(
    world: World, answer: Answer, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    honest = world.answers["c.example"]
    world.answers["c.example"] = answer
    witnessing = world.witnessing()
    witnessing.round()
    witnessing.round()
    assert (reasons(witnessing), witnessing.failed_count) == ({"c.example": reason}, 2)
    assert (world.log.cosigners(), witnessing.witnessed_size) == ({"a.example", "b.example"}, 5)
    assert [record.getMessage() for record in caplog.records if reason in record.getMessage()][1:] == []
    world.answers["c.example"] = honest
    witnessing.round()
    assert (world.log.cosigners(), witnessing.failures()) == (set(NAMES), {})


def test_a_witness_that_signs_twice_counts_once(world: World) -> None:
    for name in ("b.example", "c.example"):
        world.answers[name] = fixed(503)
    once = world.answers["a.example"]

    def twice(body: bytes) -> Reply:
        reply = once(body)
        return Reply(reply.status, reply.body * 2)

    world.answers["a.example"] = twice
    witnessing = world.witnessing()
    witnessing.round()
    assert (world.log.cosigners(), world.log.witnessed, witnessing.witnessed_size) == ({"a.example"}, b"", 0)


def test_below_the_quorum_nothing_is_witnessed_and_it_is_said_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    down = {name: world.answers[name] for name in ("b.example", "c.example")}
    world.answers |= dict.fromkeys(down, fixed(503))
    witnessing = world.witnessing()
    for _ in range(3):
        witnessing.round()
    assert (world.log.cosigners(), world.log.witnessed) == ({"a.example"}, b"")
    assert sum("quorum" in record.getMessage() for record in caplog.records) == 1
    world.answers |= down
    witnessing.round()
    assert witnessing.witnessed_size == 5


def test_a_slow_witness_holds_up_neither_the_quorum_nor_the_next_round(world: World) -> None:
    gate = threading.Event()
    honest = world.answers["c.example"]

    def slow(body: bytes) -> Reply:
        gate.wait(10)
        return honest(body)

    world.answers["c.example"] = slow
    witnessing = world.witnessing(patience_s=0.2)
    witnessing.round()
    assert (witnessing.witnessed_size, world.log.cosigners()) == (5, {"a.example", "b.example"})
    world.log.show(9)
    witnessing.round()
    assert (witnessing.witnessed_size, reasons(witnessing)) == (9, {"c.example": "WITNESS_UNREACHABLE"})
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "witness c.example":
            thread.join()
    assert world.log.cosigners() == {"a.example", "b.example"}
    witnessing.round()
    assert (world.log.cosigners(), witnessing.failures()) == (set(NAMES), {})


def test_a_log_that_grew_meanwhile_has_a_witnessed_checkpoint_all_the_same(world: World) -> None:
    honest = world.answers["c.example"]

    def meanwhile(body: bytes) -> Reply:
        world.log.show(9)
        return honest(body)

    world.answers["c.example"] = meanwhile
    witnessing = world.witnessing(quorum=3)
    witnessing.round()
    assert (witnessing.witnessed_size, world.log.cosigners()) == (5, set())
    assert parse_note(world.log.witnessed).text == world.log.plain.checkpoint(5).text


def test_the_logs_own_key_is_no_witness(world: World) -> None:
    own = NoteSigner("own.example", world.log.plain.signer._private_key, 4)
    policy = WitnessPolicy(1, (PolicyWitness(own.verifier, "https://own.example"),))
    with pytest.raises(LogError) as caught:
        Witnessing(world.log, world.log.plain.signer.verifier, policy, world.post, lambda: NOW_S)
    assert caught.value.reason == "WITNESS_REFUSED"


def test_the_watch_goes_on_after_trouble_and_stops_when_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    witnessing = world.witnessing()
    done = threading.Event()
    troubles: list[Exception] = [LogError("CHECKPOINT_UNSIGNED", name="x")] * 2 + [ValueError("a defect")]
    round_ = witnessing.round

    def rounds() -> None:
        if troubles:
            raise troubles.pop(0)
        round_()
        done.set()

    monkeypatch.setattr(witnessing, "round", rounds)
    witnessing.watch(0.01)
    witnessing.watch(0.01)
    assert done.wait(10)
    witnessing.stop()
    witnessing.stop()
    assert world.log.cosigners() == set(NAMES)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR]
    assert not [thread for thread in threading.enumerate() if thread.name == "witnessing"]


def test_a_stop_does_not_wait_for_a_witness_that_hangs(world: World) -> None:
    gate, asked = threading.Event(), threading.Event()

    def hangs(_: bytes) -> Reply:
        asked.set()
        gate.wait(60)
        return Reply(503, b"")

    world.answers |= dict.fromkeys(NAMES, hangs)
    witnessing = world.witnessing(patience_s=60)
    witnessing.watch(0.01)
    assert asked.wait(10)
    witnessing.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "witnessing"]
    gate.set()
    # Their last words belong to this test, not to the next.
    for thread in threading.enumerate():
        if thread.name.startswith("witness "):
            thread.join(10)
