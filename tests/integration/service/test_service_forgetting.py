"""A person is forgotten by a service that runs, with the keys that it made itself, while others go on."""

import json
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rankd.client import EventInput, Slate
from rankd.edge.cli.main import build
from tests.integration.service.conftest import CANDIDATES, Running, config_over, running
from tests.kept import KeptHouse


def rank(server: Running, viewer: str) -> Slate:
    with server.client() as client:
        return client.rank(
            surface="video",
            viewer_id=viewer,
            candidates=CANDIDATES,
            columns={"hours_since_hide": float("nan")},
            limit=3,
        )


def act(server: Running, slate: Slate, viewer: str) -> list[str]:
    with server.client() as client:
        outcomes = client.feedback.record(viewer, slate.feedback_token, [EventInput("click", slate.ids[0])])
    return [outcome.reason or outcome.status for outcome in outcomes]


def test_a_person_is_forgotten_while_others_use_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    house = KeptHouse(tmp_path)
    with running(config_over(house)) as server:
        desk = server.service.desk
        mine = [rank(server, "zoé") for _ in range(3)]
        assert [act(server, slate, "zoé") for slate in mine] == [["ACCEPTED"]] * 3
        stopped, others = threading.Event(), list[list[str]]()

        def go_on() -> None:
            while not stopped.is_set():
                others.append(act(server, rank(server, "bilal"), "bilal"))

        crowd = threading.Thread(target=go_on)
        crowd.start()
        try:
            desk.journal.publish()
            words = ("--key", str(house.data / "keys" / "eraser.key"), "--reason", "Asked for.", "--json")
            result = CliRunner().invoke(build("viewer"), ["viewer", "forget", str(house.data), "zoé", *words])
        finally:
            stopped.set()
            crowd.join()
        answer = json.loads(result.stdout)
        assert (answer["done"], answer["decisions"], answer["events"]) == (True, 3, 3)
        assert {tuple(fate) for fate in others} == {("ACCEPTED",)}
        assert act(server, mine[0], "zoé") == ["FEEDBACK_DECISION_ERASED"]
        (view,) = desk.supply.views().values()
        assert view.settle(desk.events.count, 10)
        viewers = {record.viewer for _, record in desk.events.since(0) if record is not None}
        assert len(viewers) == 1
        assert view.rebuilds == 1
        exported = CliRunner().invoke(build("viewer"), ["viewer", "export", str(house.data), "zoé", "--json"])
        assert [json.loads(exported.stdout)[part] for part in ("decisions", "events", "counts")] == [[], [], []]
