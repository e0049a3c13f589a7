import numpy as np

from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.signal import HeadSignal, lift_micro

FLAT = Calibration(np.array([0], dtype=np.int64), np.array([999_999_999], dtype=np.int64))
MARGINS = np.array([-(2**31), 0, 2**31 - 1], dtype=np.int32)


def test_a_silent_head_says_one_whatever_the_margin_and_the_ceiling() -> None:
    head = HeadSignal("reply", 3, None)
    assert head.silent
    assert lift_micro(head, MARGINS, 2_000_000).tolist() == [1_000_000] * 3


def test_the_largest_lift_that_a_base_rate_allows_is_cut_to_the_ceiling() -> None:
    head = HeadSignal("click", 1_000, FLAT)
    assert not head.silent
    assert lift_micro(head, MARGINS, 50_000_000).tolist() == [50_000_000] * 3


def test_a_frequent_outcome_can_hardly_be_likelier_than_usual() -> None:
    assert lift_micro(HeadSignal("click", 500_000_000, FLAT), MARGINS, 10_000_000).tolist() == [1_999_999] * 3


def test_lifts_are_int64_in_the_shape_of_the_margins() -> None:
    for calibration in (FLAT, None):
        lifts = lift_micro(HeadSignal("click", 1_000, calibration), MARGINS, 10_000_000)
        assert (str(lifts.dtype), lifts.shape) == ("int64", (3,))
