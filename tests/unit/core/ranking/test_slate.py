from typing import Any

from rankd.core.ranking.ranking import Ranking
from rankd.core.ranking.slate import cap_id, quota_id
from tests.reference.cases import plain_case
from tests.reference.conversion import rankd_ranking


def _ranking(rules: dict[str, Any], limit: int = 10, count: int = 5, **columns: list[Any]) -> Ranking:
    """Rank p0, p1 … of falling values under some rules."""
    case = plain_case([(9 - index) * 1_000_000 for index in range(count)], limit=limit)
    case["policy"]["rules"] = rules
    case["request"]["candidates"] |= columns
    return rankd_ranking(case)


def _moves(ranking: Ranking) -> list[str | None]:
    return [] if ranking.workings is None else list(ranking.workings.moves)


def test_caps_and_quotas_are_counted_from_one() -> None:
    assert (cap_id(0), cap_id(7), quota_id(0), quota_id(7)) == ("cap/1#1", "cap/1#8", "quota/1#1", "quota/1#8")


def test_a_candidate_that_a_cap_held_back_returns_in_its_old_place_among_the_rest() -> None:
    rules = {"cap/1": [{"per": "author", "at_most": 1, "in_first": 2}], "after_cap": "drop"}
    ranking = _ranking(rules, author_id=["ana", "ana", "bao", "ana", ""])
    assert ranking.order == (0, 2, 1, 3, 4)


def test_a_candidate_under_two_caps_waits_for_the_longer() -> None:
    caps = [{"per": "author", "at_most": 1, "in_first": 2}, {"group": "ad", "at_most": 0, "in_first": 4}]
    rules = {"cap/1": caps, "after_cap": "drop"}
    ranking = _ranking(rules, author_id=["ana", "ana", "", "", ""], groups=[[], ["ad"], [], [], []])
    assert ranking.order == (0, 2, 3, 4, 1)


def test_a_cap_that_fills_up_while_a_candidate_waits_holds_it_back_longer() -> None:
    caps = [{"per": "author", "at_most": 1, "in_first": 2}, {"group": "ad", "at_most": 1, "in_first": 4}]
    rules = {"cap/1": caps, "after_cap": "drop"}
    ranking = _ranking(rules, author_id=["ana", "ana", "", "", ""], groups=[[], ["ad"], ["ad"], [], []])
    assert ranking.order == (0, 2, 3, 4, 1)


def test_a_short_quota_is_named_even_when_the_slate_ended_early() -> None:
    rules = {
        "cap/1": [{"per": "author", "at_most": 1, "in_first": 5}],
        "after_cap": "drop",
        "quota/1": [{"group": "local", "at_least": 1, "in_first": 5}],
    }
    ranking = _ranking(rules, author_id=["ana"] * 5, groups=[[], ["local"], [], [], []])
    assert (ranking.order, ranking.quota_short) == ((0,), ("quota/1#1",))
    assert ranking.dropped == tuple((index, "cap/1#1") for index in range(1, 5))


def test_a_move_names_the_first_quota_of_the_policy_that_the_candidate_serves() -> None:
    quotas = [{"group": "news", "at_least": 1, "in_first": 3}, {"group": "local", "at_least": 1, "in_first": 2}]
    ranking = _ranking({"quota/1": quotas}, groups=[[], [], [], [], ["local", "news"]])
    assert ranking.order == (0, 4, 1, 2, 3)
    assert _moves(ranking) == [None, "quota/1#2", None, None, None]


def test_quotas_end_with_their_prefix() -> None:
    quotas = [{"group": "local", "at_least": 1, "in_first": 1}]
    ranking = _ranking({"quota/1": quotas}, groups=[[], [], [], ["local"], ["local"]])
    assert (ranking.order, _moves(ranking)) == ((3, 0, 1, 2, 4), ["quota/1#1", None, None, None, None])


def test_a_slate_is_ranked_to_three_times_its_limit() -> None:
    assert len(_ranking({}, limit=1).order) == 3
    assert len(_ranking({}, limit=2).order) == 5
