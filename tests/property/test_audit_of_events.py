"""Whatever an honest service goes through, an audit finds nothing against it: drawn lives, from fixed seeds."""

import random
from pathlib import Path

import numpy as np
import pytest

from rankd.core.ranking.request import Column, Mode
from rankd.usecases.serve.desk import Desk
from rankd.usecases.serve.feedback.recorder import Feedback, Sent
from rankd.usecases.serve.rank import Answer
from tests.conftest import HOUSE_TIME_MS
from tests.forged import both, erasure, reasons, write_events
from tests.kept import DECLARATION, KeptHouse, by_ids, shown

OTHER = (
    DECLARATION.replace("viewer_topic: [viewer, topic]", "viewer_topic: [viewer, region]")
    .replace("  topic:\n", "  region:\n")
    .replace("within: 7d", "within: 3d")
)
"""A model that reads another column, and looks back less far."""

HOUR, DAY = 3_600_000, 86_400_000


class Life:
    """A service's life: starts and stops, two models, orders to erase, people who react late and out of order."""

    def __init__(self, root: Path, seed: int) -> None:
        self.draw, self.house, self.now_ms = random.Random(seed), KeptHouse(root), HOUSE_TIME_MS
        self.answers: list[tuple[str, Answer]] = []

    def session(self) -> None:
        """Start, rank and record, stop; then perhaps erase something."""
        if self.draw.random() < 0.5:
            self.house.declaration_text = self.draw.choice([DECLARATION, OTHER])
            self.house.write_model()
        with self.house.desk(clock_ms=lambda: self.now_ms) as desk:
            for _ in range(12):
                self.now_ms += self.draw.choice([0, 1_000, HOUR, DAY, 3 * DAY])
                if self.draw.random() < 0.7:
                    settle(desk)
                self.rank(desk)
                for viewer, answer in self.draw.sample(self.answers, min(len(self.answers), 2)):
                    self.react(desk, viewer, answer)
            count = desk.events.count
        if self.draw.random() < 0.4:
            first = self.draw.randrange(count - 1)
            code = self.draw.choice(["REQUEST", "RETENTION"])
            order = erasure((first, min(count - 1, first + 3)), time_ms=self.now_ms, code=code)  # type: ignore[arg-type]
            write_events(self.house.data, [order], mark=self.house.mark)

    def rank(self, desk: Desk) -> None:
        viewer = f"viewer-{self.draw.randrange(4)}"
        items = [f"p{at}" for at in self.draw.sample(range(12), self.draw.randint(1, 8))]
        known = [name for name in ("topic", "region") if f"  {name}:\n" in self.house.declaration_text]
        sent = [
            Column(name, np.array([self.draw.choice([0, 1, 2, 0.5])], np.float32))
            for name in (*known, "author_shown_day")
            if self.draw.random() < 0.3
        ]
        mode = Mode.NEWEST_FIRST if self.draw.random() < 0.1 else Mode.RANKED
        incoming = by_ids(
            f"r{len(self.answers)}",
            viewer,
            items=items,
            columns=sent if mode is Mode.RANKED else (),
            mode=mode,
            limit=self.draw.randint(1, 8),
            time_ms=self.now_ms - self.draw.choice([0, 1_000, 50_000]),
        )
        self.answers.append((viewer, desk.ranker.rank(incoming)))

    def react(self, desk: Desk, viewer: str, answer: Answer) -> None:
        assert answer.proof is not None
        places = shown(answer)
        events = tuple(
            Sent(
                f"{len(self.answers)}-{answer.request_id}-{at}",
                self.draw.choice(["shown", "click", "like", "hide", "report"]),
                self.draw.choice(places),
                self.draw.choice([None, self.now_ms - self.draw.randrange(2 * DAY)]),
            )
            for at in range(3)
            if places
        )
        desk.recorder.record([Feedback(viewer, answer.proof.token, events)], "feed", self.now_ms)


def settle(desk: Desk) -> None:
    for view in desk.supply.views().values():
        assert view.settle(desk.events.count, 5.0)


@pytest.mark.parametrize("seed", [4, 7, 12])
def test_nothing_speaks_against_an_honest_service_whatever_it_goes_through(tmp_path: Path, seed: int) -> None:
    life = Life(tmp_path, seed)
    for _ in range(4):
        life.session()
    verified, report = both(life.house.data)
    assert (verified.good, report.good, reasons(report)) == (True, True, [])
    features = report.features
    assert features.checked_count > 0
    assert features.checked_count + features.partial_count > features.decision_count // 2
    assert report.event_count > 50
