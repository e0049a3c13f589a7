"""W1, the workload of the benchmarks: 48 features, 8 heads × 200 trees × 63 leaves, sealed like any model."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt

from rankd.core.exact.canonical import sha256
from rankd.core.features.feature import Feature
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.calibration import MARGIN_ONE, Calibration
from rankd.core.ranking.request import Candidates, Column, Mode, RankingRequest
from rankd.core.ranking.signal import HeadSignal
from rankd.core.words.language import Phrase
from rankd.forest.manifest import MANIFEST_FILE, Head, manifest_json
from rankd.forest.sealing import seal_head
from rankd.store.model_folder import write_model_folder
from rankd.usecases.serve.deciding import Incoming

FEATURES = 48
HEADS = 8
TREES = 200
LEAVES = 63
ROWS = 20_000
LIMIT = 100
SURFACE = "w1"
NAMES = tuple(f"f{at}" for at in range(FEATURES))

POLICY = """\
schema: rankd.policy/1
surface: w1
base: none
title: {fr: "Banc d’essai", en: "Benchmark"}
reasons: {fr: "Toutes les règles à la fois.", en: "Every rule at once."}
points:
  {click: 125, long_view: 125, like: 125, reply: 125, repost: 125, follow: 125, profile_visit: 125, hide: 125,
   report: 0}
rules:
  drop_seen/1: apply
  drop_muted/1: apply
  max_age/1: {age: 90d, unknown_age: 7d}
  freshness/1: {half_life: 2d, floor: 5%, unknown_age: 7d}
  source_scaling/1: {shares: {in_network: 100%, out_of_network: 80%}, other: 50%}
  author_diversity/1: {decay: 50%, floor: 10%}
  cap/1: [{per: author, at_most: 2, in_first: 10}, {group: ad, at_most: 1, in_first: 10}]
  after_cap: drop
  quota/1: [{group: local, at_least: 3, in_first: 10}]
exploration: {share: 2%}
sliders: {reply: {min: 50%, max: 150%}}
"""

LIMITS = """\
schema: rankd.limits/1
lift_ceiling: 10
exploration_max: 5%
objectives:
  click: {sign: reward, min: 0, max: 1000}
  long_view: {sign: reward, min: 0, max: 1000}
  like: {sign: reward, min: 0, max: 1000}
  reply: {sign: reward, min: 0, max: 1000}
  repost: {sign: reward, min: 0, max: 1000}
  follow: {sign: reward, min: 0, max: 1000}
  profile_visit: {sign: reward, min: 0, max: 1000}
  hide: {sign: penalty, min: 0, max: 1000}
  report: {sign: penalty, min: 0, max: 1000}
"""


def features(rows: int, seed: int) -> npt.NDArray[np.float32]:
    """Return random features, float32, shape (rows, 48)."""
    return np.random.default_rng(seed).normal(size=(rows, FEATURES)).astype(np.float32)


def candidates(count: int) -> Candidates:
    """Return invented candidates: a third as many authors, a fifth local, a few seen, muted or advertisements."""
    rng = np.random.default_rng(count)
    now_ms = time.time_ns() // 1_000_000
    local, ad = rng.random(count) < 0.2, rng.random(count) < 0.05
    return Candidates(
        ids=tuple(f"post-{at:06d}" for at in range(count)),
        author_ids=tuple(f"author-{at}" for at in rng.integers(0, count // 3, count)),
        create_times_ms=now_ms - rng.integers(0, 30 * 86_400_000, count),
        sources=tuple(rng.choice(["in_network", "out_of_network"], count).tolist()),
        groups=tuple(("local",) * bool(a) + ("ad",) * bool(b) for a, b in zip(local, ad, strict=True)),
        seen=rng.random(count) < 0.05,
        muted=rng.random(count) < 0.01,
    )


def incoming(number: int, count: int, offered: Candidates) -> Incoming:
    """Return a request for `count` candidates; every number has features and an id of its own."""
    matrix = features(count, seed=number)
    columns = tuple(Column(name, np.ascontiguousarray(matrix[:, at])) for at, name in enumerate(NAMES))
    now_ms = time.time_ns() // 1_000_000
    request = RankingRequest(f"r{number}", SURFACE, f"v{number % 50}", Mode.RANKED, now_ms, offered, LIMIT)
    return Incoming(request, columns, "bench", clock_given=True)


def labels(head: int, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return outcomes with linear, pairwise and periodic parts, so that trees grow full."""
    rng = np.random.default_rng(100 + head)
    weights = rng.normal(size=FEATURES) * (rng.random(FEATURES) < 0.5)
    score = matrix @ weights * 0.5 + np.sin(2 * matrix[:, head]) + rng.normal(size=len(matrix))
    for a, b in rng.integers(0, FEATURES, (12, 2)):
        score = score + np.tanh(matrix[:, a] * matrix[:, b])
    return (score > np.quantile(score, 0.5 + 0.04 * head)).astype(np.int64)


def sealed_folder(cache: Path) -> Path:
    """Return the folder of W1's sealed model, trained at the first call (about a minute on two cores)."""
    key = hashlib.sha256(f"{lightgbm.__version__} {FEATURES} {HEADS} {TREES} {LEAVES} {ROWS}".encode()).hexdigest()[:12]
    folder = cache / key / "models" / SURFACE
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_model_folder(folder, _seal())
    return folder


def _seal() -> Mapping[str, bytes]:
    matrix = features(ROWS, seed=7)
    declared = tuple(Feature(name, Phrase(fr="Essai", en="Test"), "unit", None, False, False) for name in NAMES)
    params = {
        "objective": "binary",
        "num_leaves": LEAVES,
        "learning_rate": 0.06,
        "verbose": -1,
        "deterministic": True,
        "force_row_wise": True,
    }
    files: dict[str, bytes] = {"LICENSE": b"None: for benchmarks.\n", "MODEL_CARD.md": b"# W1\n"}
    heads = []
    for at, objective in enumerate(OBJECTIVES[:HEADS]):
        outcomes = labels(at, matrix)
        data = lightgbm.Dataset(matrix, outcomes, feature_name=list(NAMES), params={"verbose": -1})
        text = seal_head(lightgbm.train(params, data, TREES).model_to_string(), declared)
        name = f"{objective}.txt"
        files[name] = text
        knots = np.linspace(-8 * MARGIN_ONE, 8 * MARGIN_ONE, 1025).astype(np.int64)
        ppb = np.clip(1e9 / (1 + np.exp(-knots / MARGIN_ONE)), 1, 1e9 - 1).astype(np.int64)
        signal = HeadSignal(objective, int(outcomes.mean() * 1e9), Calibration(knots, ppb))
        heads.append(Head(signal, name, sha256(text), None))
    documents = [(name, sha256(data)) for name, data in files.items() if not name.endswith(".txt")]
    files[MANIFEST_FILE] = manifest_json(
        surface=SURFACE, features=declared, heads=heads, documents=documents, training={"workload": "W1"}
    )
    return files
