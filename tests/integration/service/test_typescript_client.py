"""The TypeScript example: generated from the contract, strictly typed, and run against a service.

It needs what `make examples-typescript` installs; with RANKD_NODE=1 the test installs that itself, from the registry.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from grpc_status import rpc_status

from rankd.core.errors import RankdError, ServiceError
from rankd.edge.grpc.errors import error_status
from rankd.edge.service import wall_clock_ms
from rankd.v1 import feedback_service_pb2 as events
from rankd.v1 import ranking_service_pb2 as wire
from tests.conftest import House
from tests.integration.service.conftest import config_over, running

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "typescript"
FILES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "buf.gen.yaml", "feed.ts")
OVERLOADED = ServiceError("OVERLOADED", running=1, waiting=1)


def run(*command: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the example, generated, type-checked and compiled."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("the TypeScript example needs node and npm")
    installed = EXAMPLE / "node_modules"
    if not installed.is_dir() and os.environ.get("RANKD_NODE") != "1":
        pytest.skip("the TypeScript example is not installed: make examples-typescript, or RANKD_NODE=1")
    folder = tmp_path_factory.mktemp("typescript")
    for name in FILES:
        shutil.copy(EXAMPLE / name, folder / name)
    if installed.is_dir():
        (folder / "node_modules").symlink_to(installed)
    else:
        run("npm", "ci", "--ignore-scripts", folder=folder)
    run("npm", "run", "generate", "--", str(ROOT / "proto"), folder=folder)
    run("npm", "run", "build", folder=folder)
    return folder


def feed(example: Path, address: str, surface: str = "video") -> dict[str, Any]:
    """Run the example, and return what it prints."""
    said = run("node", "dist/feed.js", surface, folder=example, environment={"RANKD_ADDRESS": address})
    document: dict[str, Any] = json.loads(said)
    return document


class Scripted:
    """A service that takes on what it is asked only when it is asked again."""

    def __init__(self) -> None:
        self.address = ""
        self.ranked: list[wire.RankRequest] = []
        self.told: list[events.RecordEventsRequest] = []

    def surface(self, _: wire.GetSurfaceRequest, _context: grpc.ServicerContext) -> wire.GetSurfaceResponse:
        columns = [
            wire.ColumnSpec(name="duration_s"),
            wire.ColumnSpec(name="viewer_like_count", kept=True),
            wire.ColumnSpec(name="age_h", nullable=True),
        ]
        return wire.GetSurfaceResponse(surface="video", columns=columns)

    def rank(self, request: wire.RankRequest, context: grpc.ServicerContext) -> wire.RankResponse:
        self.ranked.append(request)
        if len(self.ranked) == 1:
            _abort(context, OVERLOADED)
        slate = [wire.SlateEntry(id="post-3", rank=1, value=1_000_000), wire.SlateEntry(id="post-1", rank=2)]
        return wire.RankResponse(decision_id="dev.test/1", slate=slate, feedback_token=b"token")

    def record(self, request: events.RecordEventsRequest, context: grpc.ServicerContext) -> events.RecordEventsResponse:
        self.told.append(request)
        if len(self.told) == 1:
            _abort(context, ServiceError("SHUTTING_DOWN"))
        return events.RecordEventsResponse(
            outcomes=[
                events.EventOutcome(event_id=event.event_id, status=events.EVENT_STATUS_ACCEPTED)
                for feedback in request.feedback
                for event in feedback.events
            ]
        )


def _written(message: Message) -> bytes:
    return message.SerializeToString()


def _abort(context: grpc.ServicerContext, error: RankdError) -> None:
    context.abort_with_status(rpc_status.to_status(error_status(error)))


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Return such a service on a free port."""
    service = Scripted()
    listening = grpc.server(ThreadPoolExecutor(2))

    def handler(name: str, **methods: tuple[Any, Any]) -> "grpc.GenericRpcHandler[Any, Any]":
        handlers = {
            method: grpc.unary_unary_rpc_method_handler(answer, request.FromString, _written)
            for method, (answer, request) in methods.items()
        }
        return grpc.method_handlers_generic_handler(name, handlers)

    ranking = handler(
        "rankd.v1.RankingService",
        GetSurface=(service.surface, wire.GetSurfaceRequest),
        Rank=(service.rank, wire.RankRequest),
    )
    feedback = handler("rankd.v1.FeedbackService", RecordEvents=(service.record, events.RecordEventsRequest))
    listening.add_generic_rpc_handlers((ranking, feedback))
    service.address = f"127.0.0.1:{listening.add_insecure_port('127.0.0.1:0')}"
    listening.start()
    yield service
    listening.stop(None).wait()


def test_the_example_ranks_and_its_events_count_once(example: Path, house: House) -> None:
    with running(config_over(house), clock_ms=wall_clock_ms) as server:
        found = feed(example, server.address)
        log = server.service.desk.events
        recorded = [event for _, record in log.since(0) if record for event in record.events]
    assert len(found["slate"]) == 3
    assert found["decision"] == "dev.test/1"
    assert found["outcomes"] == ["ACCEPTED", "ACCEPTED", "REFUSED FEEDBACK_NOT_SHOWN"]
    assert found["again"] == ["DUPLICATE", "DUPLICATE", "REFUSED FEEDBACK_NOT_SHOWN"]
    assert [(event.kind, event.candidate) for event in recorded] == [
        ("shown", found["slate"][0]),
        ("like", found["slate"][0]),
    ]


def test_what_a_service_cannot_take_on_is_sent_again_with_the_same_identifiers(
    example: Path, scripted: Scripted
) -> None:
    found = feed(example, scripted.address)
    assert (found["slate"], found["decision"]) == (["post-3", "post-1"], "dev.test/1")
    assert len(scripted.ranked) == 2
    assert scripted.ranked[0] == scripted.ranked[1]
    # Once refused and once taken, then the example's own repetition.
    ids = [[event.event_id for event in request.feedback[0].events] for request in scripted.told]
    assert len(ids) == 3
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == 3
    assert {request.feedback[0].feedback_token for request in scripted.told} == {b"token"}
    assert found["outcomes"] == ["ACCEPTED"] * 3


def test_columns_go_out_as_the_surface_asks_and_kept_ones_stay_at_home(example: Path, scripted: Scripted) -> None:
    feed(example, scripted.address)
    sent = {column.name: column.le_float32 for column in scripted.ranked[0].columns}
    assert sent["duration_s"] == b"\x00\x00\xf0A\x00\x00pB\x00\x00\xb4B\x00\x00\xf0B"
    assert sent["age_h"] == b"\x00\x00\xc0\x7f" * 4
    assert set(sent) == {"duration_s", "age_h"}


def test_without_an_answer_the_newest_come_first(example: Path) -> None:
    found = feed(example, "127.0.0.1:1")
    assert found == {
        "slate": ["post-1", "post-2", "post-3"],
        "decision": "",
        "degraded": ["NO_ANSWER"],
        "outcomes": [],
        "again": [],
    }


def test_the_lock_names_no_registry() -> None:
    lock = (EXAMPLE / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "http" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
