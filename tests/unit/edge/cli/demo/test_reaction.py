"""What one person does with a feed, before a backend and a client that follow a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rankd.client import CandidateExplanation, DatumSpec, Explained, Place, PolicyRef, Slate
from rankd.client.feedback import EventInput, EventOutcome
from rankd.core.words.language import Phrase
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Video, Visit
from rankd.edge.cli.demo.reaction import Reaction, react
from rankd.edge.cli.demo.reaction_screen import ReactionScreen
from rankd.edge.cli.demo.screen import Screen

MICRO = 1_000_000
POLICY = PolicyRef("video", 1, 2, "sha256:00", "sha256:00", "DEV", "p0", 1)
TOPICS = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 2, "f": 3}
TOKEN = b"a token"


def named(text: str) -> Phrase:
    return Phrase(fr=text, en=text)


VIDEOS = tuple(Video(id_, named(f"Video {id_}"), f"by-{id_}", named(f"By {id_}"), 1, "", ()) for id_ in TOPICS)
MAUDE, KARIM = (
    Visit(id_, named(name), named(""), VIDEOS, {"topic": np.array(list(TOPICS.values()), dtype=np.float32)})
    for id_, name in (("maude", "Maude"), ("karim", "Karim"))
)


def slate(decision: str, ids: str, more: int = 0) -> Slate:
    places = tuple(Place(id_, at, (10 - at) * MICRO + more, ()) for at, id_ in enumerate(ids, 1))
    return Slate("r", decision, places, (), POLICY, None, "sha256:00", (), b"", TOKEN)


@dataclass
class Script:
    """Feeds of both people, before, after the hide, and after everything; what is recorded is noted.

    Attributes:
        hide_reaches: Whether the hide changes a number about the other person's feed.
        takes_forged: Whether a forged token is taken.
        hide_is_read: Whether the hide changes a number about the person's own feed.
    """

    hide_reaches: bool = False
    takes_forged: bool = False
    hide_is_read: bool = False
    seen: set[tuple[bytes, str, str]] = field(default_factory=set)
    asked: int = 0
    reports: list[tuple[bytes, list[tuple[str, str]]]] = field(default_factory=list)

    @property
    def moment(self) -> int:
        return sum(kind in ("hide", "like") for _, kind, _ in self.seen)

    def report(self, viewer_id: str, token: bytes, events: Iterable[EventInput]) -> tuple[EventOutcome, ...]:
        assert viewer_id == "maude"
        sent = list(events)
        self.reports.append((token, [(event.kind, event.candidate_id) for event in sent]))
        outcomes = []
        for event in sent:
            key = (token, event.kind, event.candidate_id)
            status = "DUPLICATE" if key in self.seen else "ACCEPTED"
            if token != TOKEN:
                status = "ACCEPTED" if self.takes_forged else "REFUSED"
            else:
                self.seen.add(key)
            outcomes.append(EventOutcome(event.id, status, "", "Forgé. Que faire.", "Forged. What to do."))
        return tuple(outcomes)

    def ask_settled(self, visits: Sequence[Visit]) -> dict[str, Slate]:
        mine = ("abcdef", "bcdefa" if self.hide_is_read else "abcdef", "ebcdfa")[self.moment]
        others = ("fedcba", "fedcba", "fedcab")[self.moment]
        orders = {"maude": mine, "karim": others}
        self.asked += len(visits)
        return {v.viewer_id: slate(f"{v.viewer_id}/{self.moment}", orders[v.viewer_id], self.moment) for v in visits}

    def numbers(self, answer: Slate) -> bytes:
        return b"other-numbers!!!" if self.hide_reaches and answer.decision_id == "karim/1" else b"sixteen numbers."

    def read_entries(self, answer: Slate) -> int:
        assert answer.decision_id == "maude/2"
        return 3

    def explain(self, decision: str, *, viewer_id: str, candidate_ids: Sequence[str]) -> Explained:
        assert viewer_id == "maude"
        moment = int(decision.split("/")[1])
        hides = float(self.hide_is_read and moment > 0)
        specs = tuple(
            DatumSpec(name, f"{name} fr", f"{name} (so far)", "n", True, False, ("model",), False)
            for name in ("likes", "hides")
        )
        values = {"a": 5 * MICRO, "e": (1 + 8 * (moment == 2)) * MICRO}
        entries = tuple(
            CandidateExplanation(id_, 1, 1, "", (), (), values.get(id_, 0), (), (1, 1), (float(moment == 2), hides))
            for id_ in candidate_ids
        )
        return Explained(decision, POLICY, None, entries, data=specs)


def reaction(script: Script) -> Reaction:
    return react(script, script, [MAUDE, KARIM], slate("maude/first", "abcdef"))  # type: ignore[arg-type]


def test_the_first_video_is_hidden_and_one_on_another_topic_is_watched_and_liked() -> None:
    script = Script()

    found = reaction(script)

    assert (found.hidden, found.watched) == ("a", "e")
    page, hide, watch, again, forged = script.reports
    assert [id_ for _, id_ in page[1]] == list("abcdef")
    assert hide[1] == [("hide", "a")]
    assert watch[1] == [(kind, "e") for kind in ("click", "long_view", "like", "profile_visit")]
    assert again[1] == hide[1] + watch[1]
    assert forged[0] != TOKEN == page[0]
    assert (found.accepted, found.repeated, found.refused.status) == (5, 5, "REFUSED")


def test_what_changed_is_told_for_the_person_and_for_others() -> None:
    found = reaction(Script())

    assert found.before.ids == tuple("abcdef")
    assert found.after.ids == tuple("ebcdfa")
    assert found.shift is not None
    assert (found.shift.rank, found.shift.new[0].id) == (1, "e")
    assert [(turn.spec.name, turn.before, turn.after) for turn in found.turns] == [("likes", 0.0, 1.0)]
    assert (found.hide_turns, found.hide_moved) == ((), 0)
    assert (found.unmoved, found.others, found.others_moved) == (4, 6, 2)
    assert {viewer: answer.decision_id for viewer, answer in found.slates.items()} == {
        "maude": "maude/2",
        "karim": "karim/2",
    }


def test_a_hide_that_reaches_somebody_else_ends_the_demo() -> None:
    with pytest.raises(DemoError) as caught:
        reaction(Script(hide_reaches=True))
    assert "karim" in caught.value.say("fr")


def test_a_forged_token_that_is_taken_ends_the_demo() -> None:
    with pytest.raises(DemoError):
        reaction(Script(takes_forged=True))


def said(found: Reaction) -> str:
    out = StringIO()
    ReactionScreen(Screen("en", Console(file=out, highlight=False))).show(found)
    return " ".join(out.getvalue().split())


def test_a_model_that_reads_no_hides_is_said_to_read_none() -> None:
    told = said(reaction(Script()))

    assert "Maude hides “Video a”, then opens “Video e”" in told
    assert "5 events accepted; the same, sent again: 5 duplicates" in told
    assert "refused: “Forged”." in told
    assert "reads the 3 entries of the events journal" in told
    assert "likes: 0 → 1" in told
    assert "has changed none of the 4 numbers read for the others" in told
    assert "Nor for Maude, since this model counts none" in told
    assert "2 places of 6 changed for the others" in told


def test_where_hides_are_read_their_own_effect_is_shown() -> None:
    told = said(reaction(Script(hide_is_read=True)))

    assert "For Maude it changed 6 places of 6: hides: 0 → 1" in told
    assert "counts none" not in told


def test_where_everything_is_by_one_author_the_last_video_is_watched() -> None:
    same = replace(MAUDE, videos=tuple(replace(video, author_id="one") for video in VIDEOS))
    script = Script()

    found = react(script, script, [same, KARIM], slate("maude/first", "abcdef"))  # type: ignore[arg-type]

    assert found.watched == "f"
