import numpy as np
import pytest

from rankd.core.exact.half_life import FACTOR_ONE, HALF_POWERS, STEPS, half_power


def _halves(ages: list[int], half_life: int) -> list[int]:
    powers: list[int] = half_power(np.array(ages, dtype=np.int64), half_life).tolist()
    return powers


def test_every_entry_is_the_largest_integer_whose_power_fits() -> None:
    wrong = [
        k for k, t in enumerate(HALF_POWERS) if not t**STEPS <= 1 << (16 * STEPS - k) < (t + 1) ** STEPS
    ]  # t¹⁰²⁴ ≤ 2^(16·1024 − k) < (t + 1)¹⁰²⁴
    assert wrong == []
    assert len(HALF_POWERS) == STEPS


def test_the_published_corners_of_the_table() -> None:
    assert [HALF_POWERS[k] for k in (0, 1, 512, 1023)] == [65536, 65491, 46340, 32790]


def test_whole_half_lives_are_exact_halvings_down_to_nothing() -> None:
    assert _halves([k * 7 for k in range(19)], 7) == [FACTOR_ONE >> k for k in range(17)] + [0, 0]


def test_the_last_instant_before_a_half_life_is_never_below_the_half_life() -> None:
    assert _halves([999_999, 1_000_000], 1_000_000) == [32790, 32768]
    assert _halves([15_999_999, 16_000_000, 16_999_999, 17_000_000], 1_000_000) == [1, 1, 0, 0]


@pytest.mark.parametrize("half_life", [1, 3, 60_000, 315_360_000_000])
def test_powers_never_rise_with_age(half_life: int) -> None:
    ages = sorted({half_life * k // 97 + d for k in range(97 * 18) for d in (0, 1)})
    powers = _halves(ages, half_life)
    assert powers == sorted(powers, reverse=True)
    assert powers[0] == FACTOR_ONE


def test_the_longest_half_life_and_the_oldest_age_stay_exact() -> None:
    # r · 1024 reaches 315 359 999 999 · 1024, far below 2⁶³; the age is the last millisecond of the year 9999.
    assert _halves([315_359_999_999, 253_402_300_799_999], 315_360_000_000) == [HALF_POWERS[1023], 0]
