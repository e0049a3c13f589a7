from fractions import Fraction

from rankd.core.assembly.tally.markets import tally_points
from rankd.core.assembly.tally.result import PointsBallot, result_json
from rankd.core.assembly.tally.schulze import tally_ranking
from rankd.core.assembly.tally.yes_no import tally_yes_no
from rankd.core.exact.canonical import canonical_json, parse_canonical


def test_a_yes_no_result_is_written_with_its_majority_as_a_fraction() -> None:
    assert result_json(tally_yes_no(["yes", "abstain", "yes", "no"], 3, Fraction(4, 6))) == {
        "vote": "yes_no",
        "yes": 2,
        "no": 1,
        "abstain": 1,
        "quorum": 3,
        "majority": "2/3",
        "passed": False,
    }


def test_a_ranking_result_is_written_with_all_that_a_recount_needs() -> None:
    result = tally_ranking([((1,), (2,), (0,)), ((2,), (1,)), ((1,), (0,), (2,)), ((0,), (3, 1))], 3, 2, Fraction(1, 2))
    assert result_json(result) == {
        "vote": "ranking",
        "ballots": 4,
        "quorum": 2,
        "majority": "1/2",
        "over": [
            {"option": 1, "supporters": 3, "opponents": 1, "qualifies": True},
            {"option": 2, "supporters": 2, "opponents": 2, "qualifies": False},
            {"option": 3, "supporters": 0, "opponents": 3, "qualifies": False},
        ],
        "pairwise": [[0, 1, 2, 3], [3, 0, 3, 3], [2, 1, 0, 3], [0, 0, 1, 0]],
        "qualified": [1],
        "strongest_paths": [[0]],
        "schulze_winners": [1],
        "winner": 1,
    }


def test_a_points_result_is_written_with_unrounded_shares_and_the_mean() -> None:
    ballots: list[PointsBallot] = [{"like": 1000, "click": 0}, {"like": 0, "click": 1000}, {"like": 1000, "click": 0}]
    result = tally_points([*ballots, "abstain"], {"like": 0, "click": 0}, {"like": 1000, "click": 1000}, 3)
    assert result_json(result) == {
        "vote": "points",
        "ballots": 3,
        "abstain": 1,
        "quorum": 3,
        "points": {"like": 667, "click": 333},
        "shares": {"like": "2000/3", "click": "1000/3"},
        "t": "1000/3",
        "mean": {"like": "2000/3", "click": "1000/3"},
    }


def test_no_decision_is_written_as_null() -> None:
    document = result_json(tally_points([], {"like": 0}, {"like": 1000}, 0))
    assert (document["points"], document["t"], document["shares"], document["mean"]) == (None, None, {}, {})
    document = result_json(tally_points([{"like": 1000}], {"like": 0}, {"like": 1000}, 2))
    assert (document["points"], document["t"], document["shares"]) == (None, "1000/1", {"like": "1000/1"})


def test_what_is_written_is_read_back_from_its_canonical_form() -> None:
    document = result_json(tally_points([{"b": 400, "a": 600}], {"b": 0, "a": 0}, {"b": 1000, "a": 1000}, 1))
    assert parse_canonical(canonical_json(document)) == document
