from collections.abc import Callable
from dataclasses import replace

import pytest

from rankd.core.records.decision import QUOTA_SHORT, Decision, Degraded
from rankd.core.records.recompute import differences, rerank
from tests.reference.conversion import rankd_formula
from tests.reference.value import Case


def _terms(decision: Decision, case: Case) -> list[str]:
    return [difference.term for difference in differences(decision, rerank(decision, rankd_formula(case)))]


def _exploration(decision: Decision, **changed: object) -> Decision:
    return replace(decision, exploration=replace(decision.exploration, **changed))  # type: ignore[arg-type]


def test_an_honest_decision_does_not_differ(decision: Decision, case: Case) -> None:
    assert _terms(decision, case) == []


@pytest.mark.parametrize(
    ("change", "terms"),
    [
        (lambda d: replace(d, values=(d.values[0] + 1, *d.values[1:])), ["value"]),
        (lambda d: replace(d, order=(d.order[1], d.order[0], *d.order[2:])), ["order[1]"]),
        (lambda d: replace(d, order=d.order[:-1], values=d.values[:-1]), ["order"]),
        (lambda d: replace(d, dropped=()), ["dropped"]),
        (lambda d: replace(d, dropped=((d.dropped[0][0], "max_age/9"), *d.dropped[1:])), ["dropped"]),
        (lambda d: replace(d, dropped=(*d.dropped, d.dropped[0])), ["dropped"]),
        (lambda d: _exploration(d, share_ppm=999_999), ["exploration.share_ppm"]),
        (lambda d: _exploration(d, pair_count=d.exploration.pair_count + 1), ["exploration.pair_count"]),
        (lambda d: _exploration(d, partner_counts=()), ["exploration.partner_counts"]),
        (lambda d: _exploration(d, pair=None), ["exploration.pair"]),
        (lambda d: _exploration(d, marginals=((1, 1), *d.exploration.marginals[1:])), ["exploration.marginals"]),
        (lambda d: replace(d, request_digest=bytes(32)), ["request_digest"]),
        (lambda d: replace(d, request=replace(d.request, viewer_id="somebody")), ["request_digest"]),
        (lambda d: replace(d, degraded=(*d.degraded, Degraded(QUOTA_SHORT, ("quota/1#9",)))), ["quota_short"]),
        (lambda d: replace(d, degraded=d.degraded[:1]), ["quota_short"]),
        (lambda d: replace(d, degraded=d.degraded[1:]), ["request_digest"]),
    ],
)
def test_what_was_altered_is_named(
    decision: Decision, case: Case, change: Callable[[Decision], Decision], terms: list[str]
) -> None:
    assert _terms(change(decision), case) == terms


def test_an_altered_value_names_the_candidate_and_both_numbers(decision: Decision, case: Case) -> None:
    altered = replace(decision, values=(decision.values[0] + 1, *decision.values[1:]))
    found = list(differences(altered, rerank(altered, rankd_formula(case))))
    first = decision.request.candidates.ids[decision.order[0]]
    assert [(d.candidate_id, d.recorded, d.recomputed) for d in found] == [
        (first, str(decision.values[0] + 1), str(decision.values[0]))
    ]


def test_another_nonce_is_seen_in_what_was_drawn(decision: Decision, case: Case) -> None:
    found: set[str] = set()
    for byte in range(40):
        found |= set(_terms(replace(decision, nonce=bytes([byte]) * 32), case))
    assert "exploration.pair" in found


def test_without_a_formula_the_baseline_ranks(decision: Decision) -> None:
    assert rerank(decision, None).workings is None
