import numpy as np
import pytest

from rankd.core.features.feature import Feature
from rankd.core.words.language import Phrase
from rankd.forest.sealing import seal_head
from rankd.usecases.learn.plan import HeadPlan
from rankd.usecases.learn.training import raw_margins, sealed_margins, train_head

PLAN = HeadPlan("click", rounds=12, leaves=6, rows_per_leaf=20, rate_ppm=100_000, ridge=1)


def features(*, nullable: bool) -> list[Feature]:
    return [Feature(name, Phrase(fr=name, en=name), "1", "0", nullable, False) for name in ("a", "b")]


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    matrix = random.normal(0, 1, (3_000, 2)).astype(np.float32)
    labels = (random.random(3_000) < 1 / (1 + np.exp(-matrix[:, 0]))).astype(np.int64)
    return matrix, labels


def test_what_may_be_unknown_and_never_was_can_be_sealed(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, labels = drawn
    declared = features(nullable=True)
    sealed = seal_head(train_head(matrix, labels, declared, PLAN), declared)
    unknown = np.full((1, 2), np.nan, dtype=np.float32)
    assert len(sealed_margins(sealed, unknown)) == 1


def test_one_unknown_number_among_many_rows_is_seen_when_bins_are_cut() -> None:
    random = np.random.default_rng(4)
    matrix = random.normal(0, 1, (260_000, 2)).astype(np.float32)
    matrix[7, 0] = matrix[7, 1] = np.nan
    labels = (random.random(len(matrix)) < 1 / (1 + np.exp(-matrix[:, 0]))).astype(np.int64)
    declared = features(nullable=True)
    assert seal_head(train_head(matrix, labels, declared, PLAN), declared)


def test_the_row_that_weighs_nothing_leaves_the_head_as_good_as_it_was(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, labels = drawn
    with_, without = (
        raw_margins(train_head(matrix, labels, features(nullable=nullable), PLAN), matrix) for nullable in (True, False)
    )
    assert np.corrcoef(with_, without)[0, 1] > 0.99


def test_offsets_are_left_out_of_what_a_head_says(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, labels = drawn
    offsets = np.where(np.arange(len(labels)) % 2, 2.0, -2.0)
    moved = (np.random.default_rng(5).random(len(labels)) < 1 / (1 + np.exp(-(matrix[:, 0] + offsets)))).astype(int)
    said = raw_margins(train_head(matrix, moved.astype(np.int64), features(nullable=False), PLAN, offsets), matrix)
    assert abs(said[::2].mean() - said[1::2].mean()) < 0.1
    assert labels.shape == moved.shape
