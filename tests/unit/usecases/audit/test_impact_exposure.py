"""Who is shown before and after: labels, languages, and authors."""

from dataclasses import replace

import numpy as np
import pytest

from rankd.core.impact.impact import AuthorPart, Exposed
from rankd.core.records.decision import Decision
from rankd.usecases.audit import impact_exposure
from rankd.usecases.audit.exposure import place_weight_micro
from rankd.usecases.audit.impact_exposure import ExposureFold
from tests.unit.usecases.audit.test_impact_replay import decide, formula

W1, W2 = place_weight_micro(1), place_weight_micro(2)


@pytest.fixture
def decision() -> Decision:
    decision = decide(formula(10, 0))
    candidates = replace(
        decision.request.candidates,
        sources=("near", "near", "far", ""),
        groups=(("local", "lang:fr", "news"), ("lang:en", "lang:de"), (), ("local",)),
        author_ids=("x", "x", "y", ""),
    )
    return replace(decision, request=replace(decision.request, candidates=candidates))


def test_places_are_counted_by_source_group_language_and_age(decision: Decision) -> None:
    fold = ExposureFold()
    fold.add(decision, (0, 1), (3, 0))
    found = fold.exposure()

    assert found.total == Exposed("", 4, 2, 2, W1 + W2, W1 + W2)
    assert found.sources == (
        Exposed("near", 2, 2, 1, W1 + W2, W2),
        Exposed("", 1, 0, 1, 0, W1),
        Exposed("far", 1, 0, 0, 0, 0),
    )
    # Groups without those that name a language; a candidate counts in each of its groups.
    assert found.groups == (
        Exposed("local", 2, 1, 2, W1, W1 + W2),
        Exposed("", 2, 1, 0, W2, 0),
        Exposed("news", 1, 1, 1, W1, W2),
    )
    # Of two languages the first by name counts.
    assert found.languages == (
        Exposed("", 2, 0, 1, 0, W1),
        Exposed("de", 1, 1, 0, W2, 0),
        Exposed("fr", 1, 1, 1, W1, W2),
    )
    assert [one.label for one in found.ages] == ["0", "1", "4", "9"]


def test_authors_are_counted_and_not_named(decision: Decision) -> None:
    fold = ExposureFold()
    fold.add(decision, (0, 1), (2, 3))
    found = fold.authors()

    # Before x has both places: the Gini coefficient of (0, 2) is 1/2. After y has the one place of a known author.
    assert (found.authors, found.shown_before, found.shown_after) == (2, 1, 1)
    assert (found.gini_before_ppm, found.gini_after_ppm) == (500_000, 500_000)
    assert (found.places_before, found.places_after) == (2, 1)
    assert found.parts == (AuthorPart(1, 1, 2, 1), AuthorPart(10, 1, 2, 1), AuthorPart(50, 1, 2, 1))
    fold = ExposureFold()
    fold.add(decision, (3,), (3,))
    assert fold.authors().gini_before_ppm is None
    assert fold.authors().parts[0] == AuthorPart(1, 1, 0, 0)


def test_labels_beyond_the_most_shown_are_added_up(decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact_exposure, "LABELS_NAMED", 1)
    fold = ExposureFold()
    fold.add(decision, (0, 1), (3, 0))
    assert fold.exposure().sources == (Exposed("near", 2, 2, 1, W1 + W2, W2), Exposed("…", 2, 0, 1, 0, W1))


def test_no_more_labels_are_kept_than_can_be(decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact_exposure, "MAX_LABELS", 1)
    fold = ExposureFold()
    fold.add(decision, (0, 2), (3, 0))
    assert [one.label for one in fold.exposure().sources] == ["near", "…"]
    assert sum(one.offered for one in fold.exposure().sources) == 4


def test_long_labels_are_cut_off(decision: Decision) -> None:
    candidates = replace(decision.request.candidates, sources=("s" * 200,) * 4, seen=np.zeros(4, dtype=np.bool_))
    fold = ExposureFold()
    fold.add(replace(decision, request=replace(decision.request, candidates=candidates)), (0,), (0,))
    assert [one.label for one in fold.exposure().sources] == ["s" * 48]
