"""The demo's backend with a service inside this process in the place of a remote one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from rankd.client import CandidateInput, Place, PolicyRef, Slate
from rankd.client.feedback import EventInput, EventOutcome
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.request import Mode
from rankd.core.words.language import Phrase
from rankd.edge.cli.demo import backend
from rankd.edge.cli.demo.backend import Backend
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Lived, Video, Visit

NOW_MS = 1_800_000_000_000
NAME = Phrase(fr="x", en="x")
POLICY = PolicyRef("video", 1, 2, "sha256:00", "sha256:00", "DEV", "p0", 1)
VISIT = Visit(
    viewer_id="maude",
    name=NAME,
    about=NAME,
    videos=tuple(Video(id_, NAME, f"by-{id_}", NAME, hours, "", ("local",)) for id_, hours in (("a", 3), ("b", None))),
    columns={"topic": np.array([7, 9], dtype=np.float32)},
    seen=frozenset({"b"}),
)


@dataclass
class Service:
    """Ranks as offered, counts `lag` answers later, swaps in the decisions named, and refuses what it is told to."""

    lag: int = 0
    swapped: Sequence[int] = ()
    status: str = "ACCEPTED"
    ranked: list[dict[str, Any]] = field(default_factory=list)
    recorded: list[tuple[str, bytes, tuple[EventInput, ...]]] = field(default_factory=list)

    @property
    def feedback(self) -> "Service":
        return self

    def rank(self, **request: Any) -> Slate:
        self.ranked.append(request)
        number = len(self.ranked)
        codes = (EXPLORE,) if number in self.swapped else ()
        shown = [candidate.id for candidate in request["candidates"] if not candidate.seen][: request["limit"]]
        places = tuple(Place(id_, at, 0, codes) for at, id_ in enumerate(shown, 1))
        return Slate("r", f"dev/{number}", places, (), POLICY, None, "sha256:00", (), b"", f"token {number}".encode())

    def record(self, viewer_id: str, token: bytes, events: Sequence[EventInput]) -> tuple[EventOutcome, ...]:
        self.recorded.append((viewer_id, token, tuple(events)))
        return tuple(EventOutcome(event.id, self.status, "", "non", "no") for event in events)


class Watched(Backend):
    """A backend whose decisions read every entry but the last few answers' worth."""

    def __init__(self, service: Service) -> None:
        super().__init__(service, NOW_MS)  # type: ignore[arg-type]
        self.service = service

    def read_entries(self, slate: Slate) -> int:
        del slate
        self.service.lag -= 1
        return self.entries if self.service.lag < 0 else self.entries - 1


def test_a_request_brings_ids_and_the_columns_of_the_visit_and_nothing_else() -> None:
    service = Service()

    Watched(service).ask(VISIT)

    (request,) = service.ranked
    assert request["columns"] is VISIT.columns
    assert (request["viewer_id"], request["limit"], request["mode"]) == ("maude", 12, Mode.RANKED)
    assert request["candidates"] == [
        CandidateInput("a", "by-a", NOW_MS - 3 * 3_600_000, "", ("local",), seen=False, muted=False),
        CandidateInput("b", "by-b", None, "", ("local",), seen=True, muted=False),
    ]


def test_the_past_is_ranked_and_then_reported_on_for_what_was_shown() -> None:
    service = Service()
    demo = Watched(service)

    demo.relive([Lived(VISIT, (("a", "shown"), ("b", "shown"), ("a", "click")))] * 2)

    assert [(token, [(e.candidate_id, e.kind) for e in events]) for _, token, events in service.recorded] == [
        (b"token 1", [("a", "shown"), ("a", "click")]),
        (b"token 2", [("a", "shown"), ("a", "click")]),
    ]
    assert service.ranked[0]["limit"] == 2
    assert (demo.asked, demo.reported, demo.entries) == (2, 4, 2)


def test_a_past_that_is_not_taken_ends_the_demo() -> None:
    with pytest.raises(DemoError) as caught:
        Watched(Service(status="REFUSED")).relive([Lived(VISIT, (("a", "shown"),))])
    assert "REFUSED" in caught.value.say("fr")


def test_duplicates_count_neither_as_events_nor_as_entries() -> None:
    demo = Watched(Service(status="DUPLICATE"))

    demo.report("maude", b"", [EventInput("click", "a")])

    assert (demo.reported, demo.entries) == (0, 0)


def test_it_asks_again_until_events_are_counted_and_nothing_is_swapped() -> None:
    service = Service(lag=2, swapped=(3,))
    demo = Watched(service)

    slates = demo.ask_settled([VISIT, replace(VISIT, viewer_id="karim")])

    # Twice too early, once swapped; then one each.
    assert {viewer: slate.decision_id for viewer, slate in slates.items()} == {"maude": "dev/4", "karim": "dev/5"}
    assert demo.asked == len(service.ranked) == 5


def test_events_that_are_never_counted_end_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_COUNTED_S", 0.0)

    with pytest.raises(DemoError) as caught:
        Watched(Service(lag=1_000)).ask_settled([VISIT])
    assert "ne sont pas comptés" in caught.value.say("fr")
