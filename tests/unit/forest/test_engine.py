import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import pytest

from rankd.forest import engine
from rankd.forest.engine import choose_engine
from rankd.forest.sealed import open_sealed

Seal = Callable[..., dict[str, bytes]]


def test_lightgbm_is_chosen_where_it_is_installed(seal: Seal) -> None:
    assert choose_engine(open_sealed(seal())).name == "lightgbm"


def test_the_reference_is_chosen_where_lightgbm_is_not_installed(seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    assert choose_engine(open_sealed(seal())).name == "reference"


def test_a_broken_lightgbm_is_not_hidden_behind_a_slow_engine(seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda _: ModuleSpec("lightgbm", None))
    monkeypatch.delitem(sys.modules, "rankd.forest.lightgbm", raising=False)
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(ImportError):
        choose_engine(open_sealed(seal()))
