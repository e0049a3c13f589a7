import pytest

from rankd.core.records.leaf import Retention
from rankd.core.records.sample import kept_longer, kept_until_ms

SECRET = b"s" * 32


@pytest.mark.parametrize(
    ("ppm", "least", "most"), [(0, 0, 0), (10_000, 60, 140), (500_000, 4_800, 5_200), (10**6, 10_000, 10_000)]
)
def test_the_sample_is_as_large_as_its_share(ppm: int, least: int, most: int) -> None:
    assert least <= sum(kept_longer(SECRET, "w1", counter, ppm) for counter in range(10_000)) <= most


def test_a_larger_share_keeps_all_that_a_smaller_one_kept() -> None:
    smaller = {counter for counter in range(2_000) if kept_longer(SECRET, "w1", counter, 50_000)}
    larger = {counter for counter in range(2_000) if kept_longer(SECRET, "w1", counter, 100_000)}
    assert smaller < larger


def test_secret_worker_and_counter_each_have_their_say() -> None:
    def chosen(secret: bytes, worker: str) -> list[int]:
        return [counter for counter in range(500) if kept_longer(secret, worker, counter, 100_000)]

    assert chosen(SECRET, "w1") != chosen(SECRET, "w2")
    assert chosen(SECRET, "w1") != chosen(b"t" * 32, "w1")


def test_a_body_is_kept_for_the_time_that_its_epoch_promised() -> None:
    retention = Retention(decision_ms=30, sample_ppm=10_000, sample_ms=400)
    assert kept_until_ms(1_000, retention, kept=False) == 1_030
    assert kept_until_ms(1_000, retention, kept=True) == 1_400
