from typing import Any

from rankd.core.ranking.explanation import Explanation, explain, reason_codes
from tests.reference.cases import plain_case
from tests.reference.conversion import rankd_formula, rankd_margins, rankd_ranking

DIVERSITY = {"author_diversity/1": {"decay_ppm": 500_000, "floor_ppm": 0}}


def _explained(case: dict[str, Any], index: int) -> Explanation:
    ranking = rankd_ranking(case)
    if ranking.workings is None:
        return explain(ranking, None, None, index)
    return explain(ranking, rankd_formula(case), rankd_margins(case), index)


def test_a_shown_candidate_has_a_rank_a_place_and_a_marginal() -> None:
    one = _explained(plain_case([3_000_000, 2_000_000], share_ppm=20_000, limit=1), 0)
    assert (one.rank, one.ranked_at, one.dropped_by, one.marginal) == (1, 1, None, (49, 50))


def test_a_candidate_beyond_the_slate_has_a_place_but_no_rank() -> None:
    one = _explained(plain_case([3_000_000, 2_000_000], share_ppm=0, limit=1), 1)
    assert (one.rank, one.ranked_at, one.marginal, one.value) == (None, 2, None, 2_000_000_000)


def test_a_dropped_candidate_is_explained_by_its_rule_and_keeps_its_terms() -> None:
    case = plain_case([3_000_000, 2_000_000])
    case["policy"]["rules"] = {"drop_seen/1": "apply", **DIVERSITY}
    case["request"]["candidates"]["seen"] = [1]
    one = _explained(case, 1)
    assert (one.rank, one.ranked_at, one.dropped_by) == (None, None, "drop_seen/1")
    assert ([term.term for term in one.terms], one.steps, one.value) == ([2_000_000_000], (), 2_000_000_000)


def test_an_exchanged_candidate_says_so_on_either_side_and_keeps_its_value() -> None:
    case = plain_case([3_000_000, 2_000_000], share_ppm=1_000_000, limit=1)
    came, went = _explained(case, 1), _explained(case, 0)
    assert (came.rank, came.ranked_at, came.value, came.moves) == (1, 2, 2_000_000_000, ("explore/1",))
    assert (went.rank, went.ranked_at, went.value, went.moves) == (None, 1, 3_000_000_000, ("explore/1",))


def test_a_term_says_all_that_it_is_made_of() -> None:
    case = plain_case([3_000_000])
    term = _explained(case, 0).terms[0]
    assert (term.objective, term.points, term.sign, term.margin) == ("click", 1000, 1, 3_000_000)
    assert (term.probability_ppb, term.base_rate_ppb, term.lift_micro) == (3_000_000, 1_000_000, 3_000_000)
    assert (term.term, term.silent) == (3_000_000_000, False)


def test_a_silent_term_has_no_probability() -> None:
    case = plain_case([3_000_000])
    case["heads"][0]["calibration"] = []
    term = _explained(case, 0).terms[0]
    assert (term.silent, term.probability_ppb, term.lift_micro) == (True, 0, 1_000_000)


def test_diversity_that_changes_nothing_is_a_step_but_no_reason() -> None:
    case = plain_case([3_000_000])
    case["policy"]["rules"] = DIVERSITY
    assert [step.rule_id for step in _explained(case, 0).steps] == ["author_diversity/1"]
    assert reason_codes(rankd_ranking(case), rankd_formula(case), 0) == ("click_above_usual",)


def test_newest_first_explains_nothing_but_the_place() -> None:
    case = plain_case([3_000_000, 1_000_000])
    case["request"]["mode"] = "NEWEST_FIRST"
    case["request"]["candidates"]["create_time_ms"] = [5, 6]
    one = _explained(case, 1)
    assert (one.rank, one.terms, one.steps, one.value, one.marginal) == (1, (), (), 0, (1, 1))
    assert reason_codes(rankd_ranking(case), None, 1) == ("newest_first",)
