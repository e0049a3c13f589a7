import numpy as np

from rankd.usecases.learn.counts import CountsBefore


def _ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_an_entry_counts_after_its_time_and_not_at_it() -> None:
    counts = CountsBefore(_ints(7), _ints(100), _ints(1)[:, None])
    assert counts.read(_ints(7, 7, 7), _ints(99, 100, 101))[:, 0].tolist() == [0, 0, 1]


def test_keys_without_entries_read_as_zeros_below_between_and_above_the_known_ones() -> None:
    counts = CountsBefore(_ints(5, 9), _ints(1, 1), np.ones((2, 1), dtype=np.int64))
    assert counts.read(_ints(4, 5, 7, 9, 10), _ints(2, 2, 2, 2, 2))[:, 0].tolist() == [0, 1, 0, 1, 0]


def test_no_entries_at_all_read_as_zeros() -> None:
    counts = CountsBefore(_ints(), _ints(), np.zeros((0, 2), dtype=np.int64))
    assert counts.read(_ints(1, 2), _ints(5, 5)).tolist() == [[0, 0], [0, 0]]


def test_sums_equal_those_of_a_plain_loop() -> None:
    random = np.random.default_rng(3)
    keys, times = random.integers(0, 6, 200), random.integers(0, 40, 200)
    values = random.integers(0, 5, (200, 3))
    asked, moments = random.integers(-1, 8, 100), random.integers(0, 42, 100)
    wanted = [
        values[(keys == key) & (times < moment)].sum(axis=0).tolist()
        for key, moment in zip(asked, moments, strict=True)
    ]
    assert CountsBefore(keys, times, values).read(asked, moments).tolist() == wanted
