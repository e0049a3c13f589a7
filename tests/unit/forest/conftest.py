"""A small sealed model, written by hand, and a way to catch refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import sha256
from rankd.core.features.feature import Feature
from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.signal import HeadSignal
from rankd.core.words.language import Phrase
from rankd.forest.manifest import Head, manifest_json
from rankd.forest.trees import DEFAULT_LEFT, NAN_TYPED, Forest, Tree, write_forest

FEATURES = (
    Feature("duration_s", Phrase("durée", "duration"), "s", None, nullable=False, profiling=False),
    Feature("reply_rate", Phrase("taux de réponse", "reply rate"), "1", "0.5", nullable=True, profiling=True),
)
FOREST = Forest(
    (
        Tree((0, 1), (1.5, -0.25), (0, NAN_TYPED | DEFAULT_LEFT), (-1, -2), (1, -3), (1 << 24, -(1 << 23), 1)),
        Tree((), (), (), (), (), (-3,)),
    )
)
LEAF = Forest((Tree((), (), (), (), (), (7,)),))
DOCUMENTS = {"LICENSE": b"CC BY-SA 4.0\n", "MODEL_CARD.md": "# Modèle d’essai\n".encode()}

Seal = Callable[..., dict[str, bytes]]
Refusal = Callable[..., ModelError]


@pytest.fixture
def features() -> tuple[Feature, ...]:
    return FEATURES


@pytest.fixture
def click_text() -> bytes:
    return write_forest(FOREST, ("duration_s", "reply_rate"))


@pytest.fixture
def seal(click_text: bytes) -> Seal:
    """Return the files of a model with heads click and reply (silent); keywords replace files, before digests."""

    def files(**replaced: bytes) -> dict[str, bytes]:
        texts = {"click.txt": click_text, "reply.txt": write_forest(LEAF, ("duration_s", "reply_rate"))}
        texts |= {f"{name}.txt": data for name, data in replaced.items()}
        table = Calibration(np.array([-5, 0, 9]), np.array([1, 400_000_000, 999_999_999]))
        heads = [
            Head(HeadSignal("reply", 10, None), "reply.txt", sha256(texts["reply.txt"]), "TOO_FEW_POSITIVES"),
            Head(HeadSignal("click", 250_000_000, table), "click.txt", sha256(texts["click.txt"]), None),
        ]
        manifest = manifest_json(
            surface="video",
            features=FEATURES,
            heads=heads,
            documents=[(name, sha256(data)) for name, data in DOCUMENTS.items()],
            training={"rows": 12, "library": "lightgbm 4.7.0", "split": {"until": "2022-05-02"}},
        )
        return {"manifest.json": manifest, **texts, **DOCUMENTS}

    return files


@pytest.fixture
def refusal() -> Refusal:
    """Call and return the ModelError, after making sure that it has words in both languages."""

    def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> ModelError:
        with pytest.raises(ModelError) as caught:
            function(*args, **kwargs)
        assert caught.value.say("fr") != caught.value.say("en")
        return caught.value

    return call
