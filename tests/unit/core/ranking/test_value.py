import numpy as np

from rankd.core.ranking.value import value_terms
from tests.reference.cases import TABLE, limits_form
from tests.reference.conversion import rankd_formula
from tests.reference.value import OBJECTIVES


def test_terms_are_signed_and_add_up_column_by_column() -> None:
    heads = [{"objective": name, "base_rate_ppb": 1_000_000, "calibration": TABLE} for name in ("click", "hide")]
    points = dict.fromkeys(OBJECTIVES, 0) | {"click": 600, "hide": 400}
    policy = {"points": points, "rules": {}, "exploration": {"share_ppm": 0}, "sliders": {}}
    formula = rankd_formula({"policy": policy, "limits": limits_form(), "heads": heads})
    assert formula is not None
    margins = np.array([[2_000_000, 1], [500_000, 3_000_000]], dtype=np.int32)
    terms = value_terms(formula, margins, (("hide", 50),))
    assert terms.points == (600, 200)
    assert terms.lifts_micro.tolist() == [[2_000_000, 1], [500_000, 3_000_000]]
    assert terms.terms.tolist() == [[1_200_000_000, 600], [-100_000_000, -600_000_000]]
    assert terms.values.tolist() == [1_100_000_000, -599_999_400]
