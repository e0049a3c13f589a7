"""What stands behind a decision, on the screen: every datum with its value, nothing that steers the terminal."""

from collections.abc import Iterable
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from rankd.client import CandidateExplanation, DatumSpec, Explained, PolicyRef, Sentences
from rankd.core.words.language import Language
from rankd.edge.cli.behind import candidate_data, closing, shared_data

SPECS = (
    DatumSpec("duration_s", "durée", "duration", "s", False, False, ("model",), shared=False),
    DatumSpec("rate", "taux", "rate", "", True, True, ("model", "feedback_fatigue/1"), shared=True),
    DatumSpec("age", "âge", "age", "h", False, False, ("newest_first",), shared=False),
    DatumSpec("seen", "déjà vue", "seen", "", True, False, ("drop_seen/1",), shared=False),
    DatumSpec("source", "source", "source", "", False, False, ("source_scaling/1",), shared=False),
    DatumSpec("served_author_counts", "servies", "served", "", True, False, ("author_diversity/1",), shared=False),
)
ENTRY = CandidateExplanation(
    "p1", 1, 1, "", (), (), 0, (), (1, 1), data=(0.10000000149011612, 12.0, None, True, "near\u001b[31m", 1234)
)
EXPLAINED = Explained(
    "dev.test/0",
    PolicyRef("video", None, None, "sha256:", "", "NONE", "", None),
    None,
    (ENTRY,),
    data=SPECS,
    weight_sentences=Sentences(("Les clics.",), ("Clicks.",)),
    options=Sentences(("Écrire [ici].",), ("Write [here].",)),
)


def shown(parts: Iterable[RenderableType]) -> str:
    out = StringIO()
    console = Console(file=out, width=200, highlight=False)
    for part in parts:
        console.print(part)
    return out.getvalue()


@pytest.mark.parametrize(
    ("language", "values"),
    [
        ("fr", ["0,1 ", "inconnu", "oui", "near\ufffd[31m", "1\u00a0234", "déjà vue", "la plus récente d’abord"]),
        ("en", ["0.1 ", "not known", "yes", "near\ufffd[31m", "1,234", "seen", "newest first"]),
    ],
)
def test_each_datum_of_a_candidate_is_shown_as_it_was_read(language: Language, values: list[str]) -> None:
    text = shown(candidate_data(EXPLAINED, ENTRY, language))
    for value in values:
        assert value in text
    assert "rate" not in text


def test_what_is_the_same_for_all_is_shown_once_and_says_that_a_default_stood_in() -> None:
    text = shown(shared_data(EXPLAINED, "en"))
    assert "12 (default)" in text
    assert "the model and past “less of this”" in text
    assert "duration_s" not in text


def test_an_empty_slate_has_no_data_to_show() -> None:
    empty = Explained("dev.test/0", EXPLAINED.policy, None, (), data=SPECS)
    assert shown(shared_data(empty, "fr")) == ""


def test_weights_and_options_are_told_in_the_language_asked_for() -> None:
    assert "• Les clics." in shown(closing(EXPLAINED, "fr"))
    assert "• Write [here]." in shown(closing(EXPLAINED, "en"))
