from typing import Any
from xml.etree import ElementTree as ET

from rankd.usecases.learn.plots import AUC_FILE, NDCG_FILE, RELIABILITY_FILE, plots


def record() -> dict[str, Any]:
    scope = {
        "auc_ppm": [750_000, 740_000, 760_000],
        "reliability": [[10_000, 12_000, 500], [200_000, 190_000, 500], [600_000, 640_000, 500]],
    }
    silent = {"auc_ppm": [510_000, 400_000, 620_000], "reliability": []}
    orders = {"model": [810_000, 800_000, 820_000], "newest_first": None, "popularity": [790_000, 780_000, 800_000]}
    return {
        "heads": {"click": {"judgement": {"all": scope}}, "hide": {"judgement": {"all": silent}}},
        "slates": {"top": 10, "ndcg": {"click": {**orders, "random": [700_000, 690_000, 710_000]}}},
    }


def test_plots_are_well_formed_and_the_same_every_time() -> None:
    first, second = plots(record()), plots(record())
    assert first == second
    assert list(first) == [RELIABILITY_FILE, AUC_FILE, NDCG_FILE]
    for text in first.values():
        assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own text


def test_a_silent_head_has_no_curve_and_an_auc() -> None:
    found = plots(record())
    assert "hide" not in found[RELIABILITY_FILE]
    assert "hide" in found[AUC_FILE]
    assert "0.750" in found[AUC_FILE]


def test_an_order_that_is_not_known_is_not_drawn() -> None:
    text = plots(record())[NDCG_FILE]
    assert "newest_first" not in text
    assert "0.810 model" in text


def test_what_there_are_no_figures_for_has_no_plot() -> None:
    nothing = {"heads": {"hide": {"judgement": {}}}, "slates": {"top": 10, "ndcg": {}}}
    assert plots(nothing) == {}
