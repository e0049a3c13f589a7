"""A world with known tastes and known position bias: what is learned with the correction lies nearer the truth."""

from dataclasses import dataclass

import numpy as np
import pytest

from rankd.core.features.feature import Feature
from rankd.core.words.language import Phrase
from rankd.usecases.learn.plan import HeadPlan
from rankd.usecases.learn.position import PositionEffects, fit_positions
from rankd.usecases.learn.training import raw_margins, train_head

PLACES = 10
BIAS = -0.35 * np.arange(PLACES)
"""Each place further down costs a third of a unit of log-odds."""
SLATES = 2_500
PLAN = HeadPlan("click", rounds=60, leaves=8, rows_per_leaf=50, rate_ppm=80_000, ridge=5)
FEATURES = [Feature(name, Phrase(fr=name, en=name), "1", "0", False, False) for name in ("quality", "fame")]


@dataclass(frozen=True)
class World:
    matrix: np.ndarray
    truth: np.ndarray
    places: np.ndarray
    labels: np.ndarray
    viewers: np.ndarray


def world(seed: int, bias: np.ndarray) -> World:
    """An earlier order put fame first, which nobody cares about; people like quality and click on what is on top."""
    random = np.random.default_rng(seed)
    quality, fame = random.normal(0, 1, (SLATES, PLACES)), random.normal(0, 1, (SLATES, PLACES))
    order = np.argsort(-(fame + random.normal(0, 0.7, fame.shape)), axis=1)
    places = np.argsort(order, axis=1)
    truth = 0.5 * quality - 0.5
    labels = random.random(truth.shape) < 1 / (1 + np.exp(-(truth + bias[places])))
    matrix = np.stack([quality.ravel(), fame.ravel()], axis=1).astype(np.float32)
    viewers = np.repeat(np.arange(SLATES) % 700, PLACES)
    return World(matrix, truth.ravel(), places.ravel() + 1, labels.ravel().astype(np.int64), viewers)


def effects_of(known: World) -> PositionEffects:
    fitted = fit_positions(known.matrix, known.labels, known.places, known.viewers, FEATURES, PLAN)
    assert fitted is not None
    return fitted


def agreement(said: np.ndarray, truth: np.ndarray) -> float:
    """The share of pairs within a slate that stand in the true order."""
    said, truth = said.reshape(-1, PLACES), truth.reshape(-1, PLACES)
    first, second = np.triu_indices(PLACES, 1)
    same = np.sign(said[:, first] - said[:, second]) == np.sign(truth[:, first] - truth[:, second])
    return float(same.mean())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_places_known_the_order_learned_is_nearer_the_truth(seed: int) -> None:
    known, fresh = world(seed, BIAS), world(seed + 100, BIAS)
    blind = train_head(known.matrix, known.labels, FEATURES, PLAN)
    corrected = train_head(known.matrix, known.labels, FEATURES, PLAN, effects_of(known).offsets(known.places))
    without, with_ = (agreement(raw_margins(text, fresh.matrix), fresh.truth) for text in (blind, corrected))
    assert with_ > without + 0.08
    assert with_ > 0.9


def test_the_effects_are_those_that_the_world_has() -> None:
    known = world(4, BIAS)
    fitted = effects_of(known).effects
    wanted = BIAS - BIAS[known.places - 1].mean()
    assert np.abs(fitted - wanted).max() < 0.2
    assert np.corrcoef(fitted, wanted)[0, 1] > 0.99


def test_where_places_do_not_matter_hardly_any_effect_is_found() -> None:
    assert np.abs(effects_of(world(5, np.zeros(PLACES))).effects).max() < 0.12


def test_a_place_that_is_not_known_has_no_effect_and_far_ones_share_the_last() -> None:
    effects = PositionEffects(-1.0, np.array([0.5, -0.5]))
    assert effects.offsets(np.array([-1, 1, 2, 3, 99])).tolist() == [-1.0, -0.5, -1.5, -1.5, -1.5]
    assert effects.record() == [500_000, -500_000]


def test_nothing_is_fitted_where_too_little_is_known() -> None:
    known = world(6, BIAS)
    nowhere = np.full(len(known.places), -1)
    never = np.zeros_like(known.labels)
    assert fit_positions(known.matrix, known.labels, nowhere, known.viewers, FEATURES, PLAN) is None
    assert fit_positions(known.matrix, never, known.places, known.viewers, FEATURES, PLAN) is None
    assert fit_positions(known.matrix, known.labels, nowhere * -1, known.viewers, FEATURES, PLAN) is None
