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

PATIENCE_S = 60.0


def clock_ms() -> int:
    return int(time.time() * 1000)


def judged(data: Path) -> Any:
    result = CliRunner().invoke(app, [str(data), "--key", LOG_SIGNER.verifier.vkey, "--json", "--lang", "en"])
    return json.loads(result.stdout)


def checked(one: Any) -> int:
    return int(one["features"]["checked_count"])


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
            # As long as nothing more is published, an auditor finds what they found before.
            found = [judged(house.data)]
            until_s = time.monotonic() + PATIENCE_S
            while len({checked(one) for one in found} - {0}) < 2 and time.monotonic() < until_s:
                found.append(judged(house.data))
        finally:
            is_over.set()
            worker.join()
    for one in found:
        assert (one["ok"], one["events"]["faults"], one["features"]["faults"]) == (True, [], [])
    counts = [checked(one) for one in found]
    assert counts == sorted(counts)
    assert len(set(counts) - {0}) == 2
    last = judged(house.data)
    assert last["ok"]
    assert last["events"]["open"] == {"erased_decisions": 0, "unjudged": 0, "unpublished": 0}
    assert last["features"]["checked_count"] == last["features"]["decision_count"] == last["events"]["size"]
