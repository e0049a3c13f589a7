"""An auditor looks into the data directory of a service at work: nothing that is under way is called wrong."""

import json
import threading
import time
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from rankd.edge.cli.audit.verify import app
from tests.conftest import LOG_SIGNER
from tests.kept import KeptHouse, by_ids, say, shown


def clock_ms() -> int:
    return int(time.time() * 1000)


def judged(data: Path) -> Any:
    result = CliRunner().invoke(app, [str(data), "--key", LOG_SIGNER.verifier.vkey, "--json", "--lang", "en"])
    return json.loads(result.stdout)


def test_events_and_features_of_a_service_at_work_are_judged_as_they_stand(tmp_path: Path) -> None:
    house = KeptHouse(tmp_path)
    is_over = threading.Event()
    with house.desk(clock_ms=clock_ms) as desk:

        def work() -> None:
            turn = 0
            while not is_over.is_set():
                viewer = f"viewer-{turn % 7}"
                answer = desk.ranker.rank(by_ids(f"r{turn}", viewer, time_ms=clock_ms()))
                places = shown(answer)
                say(desk, answer, viewer, ("click", places[-1]), ("hide", places[0]), now_ms=clock_ms())
                turn += 1
                is_over.wait(0.02)

        worker = threading.Thread(target=work)
        worker.start()
        try:
            time.sleep(0.7)
            found = [judged(house.data) for _ in range(2)]
        finally:
            is_over.set()
            worker.join()
    for one in found:
        assert (one["ok"], one["events"]["faults"], one["features"]["faults"]) == (True, [], [])
    assert found[-1]["features"]["checked_count"] > found[0]["features"]["checked_count"] > 0
    last = judged(house.data)
    assert last["ok"]
    assert last["events"]["open"] == {"erased_decisions": 0, "unjudged": 0, "unpublished": 0}
    assert last["features"]["checked_count"] == last["features"]["decision_count"] == last["events"]["size"]
