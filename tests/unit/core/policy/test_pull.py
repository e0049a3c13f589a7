from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from rankd.core.errors import PolicyError
from rankd.core.policy.pull import pull_ppm


def terms(*requests: list[int]) -> list[npt.NDArray[np.int64]]:
    return [np.array(request, dtype=np.int64) for request in requests]


def test_pull_is_the_share_of_differences_within_requests() -> None:
    # click differs by 1, 2 and 3 in the first request, like by 2 in the second; across requests nothing counts
    pull = pull_ppm({"click": terms([1, 2, 4], [9, 9]), "like": terms([5, 5, 5], [100, 102])})
    assert pull == {"click": 750_000, "like": 250_000}


def test_a_penalty_pulls_as_much_as_a_reward() -> None:
    assert pull_ppm({"click": terms([0, 7]), "hide": terms([0, -7])}) == {"click": 500_000, "hide": 500_000}


def test_missing_parts_go_to_the_largest_remainders_then_to_smaller_ids() -> None:
    pull = pull_ppm({"like": terms([0, 1]), "click": terms([0, 1]), "hide": terms([0, 1])})
    assert pull == {"like": 333_333, "click": 333_334, "hide": 333_333}
    pull = pull_ppm({"click": terms([0, 1]), "like": terms([0, 5])})
    assert pull == {"click": 166_667, "like": 833_333}


def test_where_nothing_differs_nothing_pulls() -> None:
    assert pull_ppm({"click": terms([3], [4, 4]), "like": terms([1], [0, 0])}) == {"click": 0, "like": 0}
    assert pull_ppm({"click": [], "like": []}) == {"click": 0, "like": 0}
    assert pull_ppm({}) == {}


def test_terms_too_large_for_machine_integers_stay_exact() -> None:
    huge = [-(2**53), 2**53, 2**52] * 20
    small = [int(value) >> 40 for value in huge]
    spread = [sum(abs(a - b) for a, b in combinations(column, 2)) for column in (huge, small)]
    pull = pull_ppm({"click": terms(huge), "like": terms(small)})
    assert pull["like"] == spread[1] * 10**6 // sum(spread) or pull["like"] == spread[1] * 10**6 // sum(spread) + 1
    assert sum(pull.values()) == 1_000_000


@pytest.mark.parametrize("second", [terms([1, 2]), terms([1, 2, 3], [1]), [np.array([[1, 2, 3]], dtype=np.int64)]])
def test_objectives_with_other_requests_are_refused(second: list[npt.NDArray[np.int64]]) -> None:
    with pytest.raises(PolicyError) as caught:
        pull_ppm({"click": terms([1, 2, 3]), "like": second})
    assert caught.value.reason == "PULL_SHAPE"
    assert "click, like" in caught.value.say("fr")
