"""The reference engine and LightGBM agree bit for bit on every model that sealing accepts."""

import random
import struct
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import sha256
from rankd.core.features.feature import Feature
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.signal import HeadSignal
from rankd.core.words.language import Phrase
from rankd.forest.lightgbm import LightGBMForest
from rankd.forest.manifest import Head, manifest_json
from rankd.forest.reference import ReferenceForest
from rankd.forest.sealed import SealedModel, open_sealed
from rankd.forest.sealing import seal_head
from rankd.forest.trees import DECISIONS, ZERO_BOUND, Forest, Tree, write_forest

Matrix = npt.NDArray[np.float32]

WIDTH = 4
NAMES = tuple(f"f{i}" for i in range(WIDTH))
TINY = np.array([1e-35], dtype=np.float32)
SPECIAL = np.array(
    [
        *(np.nan, 0.0, -0.0, 1e-45, -1e-45, 1e-40, -1.1754942e-38, 1e-36, -1e-36, np.inf, -np.inf),
        *(TINY[0], -TINY[0], np.nextafter(TINY[0], np.float32(1)), -np.nextafter(TINY[0], np.float32(1))),
        *(3.4028235e38, -3.4028235e38, 16777216.0, 0.1, 1.0),
    ],
    dtype=np.float32,
)


def declared(nullable: npt.NDArray[np.bool_]) -> tuple[Feature, ...]:
    return tuple(
        Feature(name, Phrase(name, name), "1", None, nullable=bool(flag), profiling=False)
        for name, flag in zip(NAMES, nullable, strict=True)
    )


def model_of(texts: list[bytes], features: tuple[Feature, ...]) -> SealedModel:
    named = {f"{objective}.txt": text for objective, text in zip(OBJECTIVES, texts, strict=False)}
    documents = {"LICENSE": b"", "MODEL_CARD.md": b""}
    heads = [
        Head(HeadSignal(name.removesuffix(".txt"), 1, None), name, sha256(text), "TOO_FEW_POSITIVES")
        for name, text in named.items()
    ]
    manifest = manifest_json(
        surface="video",
        features=features,
        heads=heads,
        documents=[(name, sha256(data)) for name, data in documents.items()],
        training={},
    )
    return open_sealed({"manifest.json": manifest, **named, **documents})


def probes(model: SealedModel, rng: np.random.Generator) -> Matrix:
    """Rows of ordinary, special and on-the-threshold values, mixed within each row."""
    rows = rng.normal(size=(120, WIDTH)).astype(np.float32)
    rows[20:40] = rng.choice(SPECIAL, size=(20, WIDTH))
    asked: list[list[float]] = [[] for _ in range(WIDTH)]
    for forest in model.forests:
        for tree in forest.trees:
            for feature, threshold in zip(tree.split_feature, tree.threshold, strict=True):
                asked[feature].append(threshold)
    for feature, thresholds in enumerate(asked):
        if not thresholds:
            continue
        with np.errstate(over="ignore", under="ignore"):
            near = np.array(rng.choice(thresholds, size=80), dtype=np.float64).astype(np.float32)
        towards = rng.choice(np.array([-np.inf, np.inf], dtype=np.float32), size=80)
        step = np.where(rng.random(80) < 0.5, near, np.nextafter(near, towards))
        rows[40:, feature] = np.where(rng.random(80) < 0.1, rng.choice(SPECIAL, size=80), step)
    return rows


def train(params: dict[str, Any], x: Matrix, y: npt.NDArray[np.int64], rounds: int) -> lightgbm.Booster:
    base = {"objective": "binary", "verbosity": -1, "num_threads": 1, "force_col_wise": True}
    return lightgbm.train({**base, **params}, lightgbm.Dataset(x, y, feature_name=list(NAMES)), rounds)


@st.composite
def trainings(draw: st.DrawFn) -> tuple[lightgbm.Booster, tuple[Feature, ...], np.random.Generator]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = draw(st.sampled_from([30, 120, 300]))
    x = rng.normal(size=(count, WIDTH)).astype(np.float32)
    x[:, 3] = np.round(x[:, 3] * 2)
    y = (x[:, 0] + x[:, 3] + rng.normal(size=count) > 0).astype(np.int64)
    x[rng.random(x.shape) < draw(st.sampled_from([0.0, 0.3]))] = 0.0
    holes = rng.random(x.shape) < draw(st.sampled_from([0.0, 0.1, 0.6]))
    holes[:, 0] = False
    x[holes] = np.nan
    scale = draw(st.sampled_from([1.0, 1e-37, 1e-30, 1e30]))
    x[:, 1] *= np.float32(scale)
    if draw(st.booleans()):
        x[:, 2] = draw(st.sampled_from([0.0, 5.5, np.nan]))
    labels = draw(st.sampled_from(["mixed", "mixed", "mixed", "mixed", "rare", "zeros", "ones"]))
    if labels == "rare":
        y = np.zeros_like(y)
        y[: max(2, count // 25)] = 1
    elif labels != "mixed":
        y = np.full_like(y, labels == "ones")
    params: dict[str, Any] = {
        "num_leaves": draw(st.sampled_from([2, 3, 8, 31])),
        "learning_rate": draw(st.sampled_from([0.01, 0.1, 0.7])),
        "min_data_in_leaf": draw(st.sampled_from([1, 5, 1000])),
        "min_sum_hessian_in_leaf": draw(st.sampled_from([0.001, 0.0])),
        "max_bin": draw(st.sampled_from([7, 255])),
        "lambda_l2": draw(st.sampled_from([0.0, 1.0])),
        "monotone_constraints": draw(st.sampled_from([[], [1, 0, 0, -1]])),
        "boosting": draw(st.sampled_from(["gbdt", "gbdt", "dart", "goss"])),
        "extra_trees": draw(st.booleans()),
        "use_missing": draw(st.sampled_from([True, True, True, False])),
        "boost_from_average": draw(st.booleans()),
    }
    try:
        booster = train(params, x, y, draw(st.sampled_from([1, 4, 12])))
    except lightgbm.basic.LightGBMError:  # some trainings fail inside the library; there is nothing to seal
        reject()
    return booster, declared(np.isnan(x).any(axis=0) & params["use_missing"]), rng


def rounded_sum(booster: lightgbm.Booster, rows: Matrix) -> list[int]:
    """Margins from what the trained Booster says of itself: its own routing, its leaves rounded one by one."""
    leaves = np.asarray(booster.predict(rows, pred_leaf=True, num_threads=1)).reshape(len(rows), -1)
    units: dict[tuple[int, int], int] = {}
    sums = []
    for row in leaves.astype(int).tolist():
        for key in enumerate(row):
            if key not in units:
                units[key] = round(Fraction(booster.get_leaf_output(*key)) * 2**24)
        sums.append(sum(units[key] for key in enumerate(row)))
    return sums


@settings(max_examples=120, deadline=None)
@given(trainings())
def test_trained_heads_score_alike_in_both_engines_and_as_the_sum_of_rounded_leaves(
    training: tuple[lightgbm.Booster, tuple[Feature, ...], np.random.Generator],
) -> None:
    booster, features, rng = training
    text = booster.model_to_string()
    try:
        sealed = seal_head(text, features)
    except ModelError as refusal:
        # Few rows and a large learning rate can grow margins that no sealed head may have.
        if refusal.reason != "MODEL_MARGIN_TOO_LARGE":
            raise
        reject()
    assert seal_head(sealed.decode(), features) == sealed
    model = model_of([sealed], features)
    rows = probes(model, rng)
    reference, library = ReferenceForest(model).margins(rows), LightGBMForest(model)
    assert library.margins(rows).tobytes() == reference.tobytes()
    finite = ~np.isinf(rows).any(axis=1)  # what a request may hold: sealing has no infinite thresholds
    assert reference[0, finite].tolist() == rounded_sum(booster, rows[finite])
    alone = [library.margins(rows[i : i + 1])[0, 0] for i in range(0, len(rows), 7)]
    assert alone == reference[0, ::7].tolist()
    raw = np.asarray(booster.predict(rows[finite], raw_score=True, num_threads=1))
    assert np.max(np.abs(raw - reference[0, finite] / 2**24)) <= booster.num_trees() * 2.0**-25 + 1e-12


def random_tree(rng: random.Random, features: tuple[Feature, ...]) -> Tree:
    leaves = rng.choice([1, 2, 2, 3, 5, 9, 40])
    left, right = [0] * (leaves - 1), [0] * (leaves - 1)
    # Grown as LightGBM grows: node n takes the place of a leaf, whose number stays on its left.
    place: dict[int, tuple[list[int], int]] = {}
    for node in range(leaves - 1):
        old = rng.randrange(node + 1)
        if old in place:
            column, parent = place[old]
            column[parent] = node
        left[node], right[node] = -old - 1, -node - 2
        place[old], place[node + 1] = (left, node), (right, node)
    split = [rng.randrange(WIDTH) for _ in range(leaves - 1)]
    kinds = [rng.choice(DECISIONS[1:] if features[f].nullable else DECISIONS) for f in split]
    units = [rng.choice([0, 1, -1, rng.randint(-(2**27), 2**27)]) for _ in range(leaves)]
    thresholds = [random_threshold(rng) for _ in range(leaves - 1)]
    return Tree(tuple(split), tuple(thresholds), tuple(kinds), tuple(left), tuple(right), tuple(units))


def random_threshold(rng: random.Random) -> float:
    draws = (
        lambda: rng.gauss(0, 1),
        lambda: float(rng.choice(SPECIAL[:9])),
        lambda: rng.choice([ZERO_BOUND, -ZERO_BOUND, 5e-324, -1e-40, 1e300, -1e300]),
        lambda: float(struct.unpack("<d", rng.randbytes(8))[0]),
        lambda: float(np.float32(rng.gauss(0, 1))),
    )
    value = rng.choice(draws)()
    return value if np.isfinite(value) else 0.0


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**WIDTH - 1))
def test_any_sealed_text_at_all_scores_alike_in_both_engines(seed: int, nullable: int) -> None:
    rng = random.Random(seed)
    features = declared(np.array([nullable >> i & 1 for i in range(WIDTH)], dtype=bool))
    forests = [Forest(tuple(random_tree(rng, features) for _ in range(rng.choice([1, 3, 15])))) for _ in range(2)]
    model = model_of([write_forest(forest, NAMES) for forest in forests], features)
    assert model.forests == tuple(forests)
    rows = probes(model, np.random.default_rng(seed))
    assert LightGBMForest(model).margins(rows).tobytes() == ReferenceForest(model).margins(rows).tobytes()


def test_one_engine_called_from_eight_threads_gives_each_its_own_rows() -> None:
    rng = random.Random(7)
    features = declared(np.ones(WIDTH, dtype=bool))
    forests = [Forest(tuple(random_tree(rng, features) for _ in range(15))) for _ in range(3)]
    model = model_of([write_forest(forest, NAMES) for forest in forests], features)
    engine = LightGBMForest(model)
    batches = [probes(model, np.random.default_rng(i)) for i in range(16)]
    wanted = [ReferenceForest(model).margins(rows).tobytes() for rows in batches]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: engine.margins(batches[i % 16]).tobytes(), range(400)))
    assert found == [wanted[i % 16] for i in range(400)]
