import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from rankd.core.errors import ModelError
from rankd.forest.lightgbm import LightGBMForest
from rankd.forest.sealed import open_sealed

Seal = Callable[..., dict[str, bytes]]
Refusal = Callable[..., ModelError]

ROWS = np.array([[1.5, 0.0], [2.0, -0.25], [2.0, 0.0], [2.0, np.nan]], dtype=np.float32)


def test_margins_are_exact_integers(seal: Seal) -> None:
    margins = LightGBMForest(open_sealed(seal())).margins(ROWS)
    assert margins.dtype == np.int32
    assert margins.tolist() == [[(1 << 24) - 3, -(1 << 23) - 3, -2, -(1 << 23) - 3], [7, 7, 7, 7]]


def test_two_threads_give_the_same(seal: Seal) -> None:
    model = open_sealed(seal())
    assert np.array_equal(LightGBMForest(model, threads=2).margins(ROWS), LightGBMForest(model).margins(ROWS))


def test_no_rows_give_no_margins(seal: Seal) -> None:
    margins = LightGBMForest(open_sealed(seal())).margins(np.empty((0, 2), dtype=np.float32))
    assert margins.shape == (2, 0)
    assert margins.dtype == np.int32


def test_the_library_is_handed_the_sealed_bytes(seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []
    real = lightgbm.Booster

    def booster(*, model_str: str) -> lightgbm.Booster:
        loaded.append(model_str.encode())
        return real(model_str=model_str)

    model = open_sealed(seal())
    monkeypatch.setattr(lightgbm, "Booster", booster)
    LightGBMForest(model)
    assert tuple(loaded) == model.texts


@pytest.mark.parametrize("raw", [2.0**-25, 0.1, 128.0, -128.0, np.nan, np.inf])
def test_a_margin_that_is_not_a_whole_int32_is_refused_not_rounded(
    seal: Seal, refusal: Refusal, monkeypatch: pytest.MonkeyPatch, raw: float
) -> None:
    engine = LightGBMForest(open_sealed(seal()))
    monkeypatch.setattr(lightgbm.Booster, "predict", lambda *_, **__: np.array([0.5, raw, 0.5, 0.5]))
    error = refusal(engine.margins, ROWS)
    assert (error.reason, error.metadata["file"], error.metadata["row"]) == ("ENGINE_INEXACT", "click.txt", 1)


def test_a_text_that_the_library_does_not_load_is_refused_by_name(seal: Seal, refusal: Refusal) -> None:
    model = open_sealed(seal())
    broken = replace(model, texts=(model.texts[0], model.texts[1].replace(b"feature_infos", b"feature_info")))
    error = refusal(LightGBMForest, broken)
    assert (error.reason, error.metadata["file"]) == ("ENGINE_REFUSES", "reply.txt")


def test_nothing_is_printed(seal: Seal, tmp_path: Path) -> None:
    for name, data in seal().items():
        (tmp_path / name).write_bytes(data)
    # A process of its own: the library writes with C's printf, past sys.stdout, and warns once only.
    program = (
        "import sys, threading, numpy, pathlib\n"
        "from rankd.forest.lightgbm import LightGBMForest\n"
        "from rankd.forest.sealed import open_sealed\n"
        "files = {p.name: p.read_bytes() for p in pathlib.Path(sys.argv[1]).iterdir()}\n"
        "engine = LightGBMForest(open_sealed(files))\n"
        "ask = lambda: engine.margins(numpy.ones((5, 2), dtype=numpy.float32))\n"
        "ask()\n"
        "thread = threading.Thread(target=ask); thread.start(); thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
