import pytest

from tests.reference.cases import plain_case
from tests.reference.conversion import rankd_ranking


def test_one_candidate_is_a_slate() -> None:
    ranking = rankd_ranking(plain_case([1], share_ppm=1_000_000, limit=1))
    assert (ranking.order, ranking.shown, ranking.values, ranking.dropped) == ((0,), (0,), (1000,), ())


def test_a_slate_may_be_shorter_than_wanted() -> None:
    assert rankd_ranking(plain_case([2, 3, 1], limit=500)).shown == (1, 0, 2)


def test_the_same_case_is_ranked_alike_again() -> None:
    case = plain_case([1_000_000] * 30, share_ppm=500_000)
    first, second = rankd_ranking(case), rankd_ranking(case)
    assert (first.order, first.shown, first.exploration) == (second.order, second.shown, second.exploration)


def test_another_nonce_orders_equals_otherwise() -> None:
    case = plain_case([1_000_000] * 30)
    first = rankd_ranking(case).order
    case["nonce"] = "11" * 32
    assert rankd_ranking(case).order != first


def test_a_rule_whose_column_is_missing_is_a_mistake_of_the_caller() -> None:
    case = plain_case([1])
    case["policy"]["rules"] = {"feedback_fatigue/1": {"column": "hours", "recovery_hours": 1, "floor_ppm": 0}}
    with pytest.raises(KeyError):
        rankd_ranking(case)


def test_dropped_candidates_are_listed_in_the_requests_order_whatever_dropped_them() -> None:
    case = plain_case([5_000_000, 4_000_000, 3_000_000, 2_000_000])
    case["policy"]["rules"] = {
        "drop_muted/1": "apply",
        "cap/1": [{"per": "author", "at_most": 1, "in_first": 9}],
        "after_cap": "drop",
    }
    case["request"]["candidates"] |= {"author_id": ["a", "a", "b", "a"], "muted": [2]}
    assert rankd_ranking(case).dropped == ((1, "cap/1#1"), (2, "drop_muted/1"), (3, "cap/1#1"))


def test_newest_first_reads_neither_values_nor_what_was_seen() -> None:
    case = plain_case([9_000_000, 1, 2])
    case["request"] |= {"mode": "NEWEST_FIRST", "limit": 2}
    case["request"]["candidates"] |= {"create_time_ms": [1, 3, 2], "seen": [1]}
    ranking = rankd_ranking(case)
    assert (ranking.order, ranking.shown, ranking.values, ranking.workings) == ((1, 2), (1, 2), (0, 0), None)
