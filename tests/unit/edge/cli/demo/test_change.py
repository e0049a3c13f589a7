from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from rankd.client import CandidateExplanation, DatumSpec, Explained, Place, PolicyRef, RankdClient, Slate
from rankd.core.ranking.explanation import Term
from rankd.edge.cli.demo.change import Push, change_of, differing_count, find_shift, find_turns
from rankd.edge.cli.demo.feed import Visit

MICRO = 1_000_000
POLICY = PolicyRef("video", 1, 2, "sha256:00", "sha256:00", "DEV", "p0", 1)
LIFTS = {"a": (2 * MICRO, MICRO), "b": (MICRO, 3 * MICRO), "c": (0, 0)}
"""By video: how much likelier than usual a click, and a reply."""


def entry(video: str, clicks: int, replies: int, moves: tuple[str, ...] = ()) -> CandidateExplanation:
    terms = tuple(
        Term(objective, points, points, 1, 0, 0, 0, lift, points * lift, silent=False)
        for objective, points, lift in zip(("click", "reply"), (clicks, replies), LIFTS[video], strict=True)
    )
    return CandidateExplanation(video, 1, 1, "", terms, (), sum(term.term for term in terms), moves, (1, 1))


def slate(decision: str, ids: str, codes: Sequence[tuple[str, ...]] = ()) -> Slate:
    given = [*codes, *[()] * len(ids)]
    places = tuple(Place(id_, rank, 0, given[rank - 1]) for rank, id_ in enumerate(ids, start=1))
    return Slate("r", decision, places, (), POLICY, None, "sha256:00", ())


class Explaining:
    """A client that explains two decisions: the first under 600 points for clicks, the other under 300."""

    def __init__(self, moves: tuple[str, ...] = ()) -> None:
        self.moves = moves

    def explain(self, decision: str, *, viewer_id: str, candidate_ids: Sequence[str]) -> Explained:
        assert viewer_id == "v"
        points = {"before": (600, 100), "after": (300, 400)}[decision]
        return Explained(decision, POLICY, None, tuple(entry(id_, *points, self.moves) for id_ in candidate_ids))


def shift_of(client: Any, before: Slate, after: Slate) -> Any:
    visit = Visit("v", *(None,) * 8)  # type: ignore[arg-type]
    assert isinstance(client, Explaining | RankdClient)
    return find_shift(client, visit, before, after)  # type: ignore[arg-type]


def test_the_first_other_place_is_told_with_what_the_points_did_to_the_gap() -> None:
    shift = shift_of(Explaining(), slate("before", "cab"), slate("after", "cba"))

    assert (shift.rank, shift.old[0].id, shift.new[0].id) == (2, "a", "b")
    # Before: a 1300, b 900; after: a 1000, b 1500. The gap moved by 900: 300 by clicks, 600 by replies.
    assert [entry.value // MICRO for entry in (*shift.old, *shift.new)] == [1300, 1000, 900, 1500]
    assert shift.pushes == (Push("reply", 100, 400, 600 * MICRO), Push("click", 600, 300, 300 * MICRO))


@pytest.mark.parametrize(
    ("client", "after"),
    [
        (Explaining(), slate("after", "ab")),
        (Explaining(("quota/1#1",)), slate("after", "ba")),
        (Explaining(), slate("after", "ba", [("explore/1",), ("explore/1",)])),
    ],
    ids=["nothing changed", "a quota moved it", "chance swapped it"],
)
def test_where_points_do_not_tell_why_nothing_is_said(client: Explaining, after: Slate) -> None:
    assert shift_of(client, slate("before", "ab"), after) is None


def test_places_that_show_another_video_are_counted() -> None:
    assert differing_count(slate("before", "abc"), slate("after", "acb")) == 2


def datum(name: str, *, personal: bool) -> DatumSpec:
    return DatumSpec(name, name, name, "n", personal, False, ("model",), False)


def test_what_changed_about_a_video_is_told_the_persons_own_first_then_the_largest() -> None:
    specs = tuple(datum(name, personal=name in "abd") for name in "abcde")

    def told(*values: float) -> Explained:
        return Explained("d", POLICY, None, (replace(entry("c", 1, 1), data=values),), data=specs)

    turns = find_turns(told(1.0, 10.0, 0.5, 3.0, 0.1), told(2.0, 11.0, 0.6, 3.0, 0.2))

    assert [(turn.spec.name, turn.before, turn.after) for turn in turns] == [
        ("a", 1.0, 2.0),
        ("b", 10.0, 11.0),
        ("e", 0.1, 0.2),
        ("c", 0.5, 0.6),
    ]


def test_how_far_numbers_are_apart_is_by_the_smaller_one() -> None:
    assert change_of(2.0, 4.0) == change_of(4.0, 2.0) == 1.0
    assert change_of(0.0, 1.0) > change_of(1.0, 100.0)
    assert change_of(None, 1.0) == change_of(1.0, "x") == 0.0
