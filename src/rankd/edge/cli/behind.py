"""What stands behind a decision, on a screen: the data used, the weights, and what a person can do."""

from collections.abc import Iterator

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rankd.client import CandidateExplanation, DatumSpec, Explained, Sentences
from rankd.core.ranking.data_used import MODEL, POINTS, Value
from rankd.core.words.explain import DATUM
from rankd.core.words.language import Language
from rankd.core.words.policy import RULE_NOUNS
from rankd.core.words.quantity import count_words, listing
from rankd.core.words.ranking import code_words
from rankd.edge.cli.terminal import cell


def candidate_data(explained: Explained, entry: CandidateExplanation, language: Language) -> Iterator[RenderableType]:
    """Yield the data that were used for one candidate alone."""
    rows = [(d, v) for d, v in zip(explained.data, entry.data, strict=True) if not d.shared]
    if rows:
        yield _table(DATUM["heading"].say(language), rows, language)


def shared_data(explained: Explained, language: Language) -> Iterator[RenderableType]:
    """Yield the data that were the same for every candidate."""
    values = explained.candidates[0].data if explained.candidates else ()
    rows = [(d, v) for d, v in zip(explained.data, values, strict=False) if d.shared]
    if rows:
        yield _table(DATUM["shared"].say(language), rows, language)


def closing(explained: Explained, language: Language) -> Iterator[RenderableType]:
    """Yield how much each objective counts, and what a person can do."""
    yield from _list("weights", explained.weight_sentences, language)
    yield from _list("options", explained.options, language)


def _list(heading: str, sentences: Sentences, language: Language) -> Iterator[RenderableType]:
    said = sentences.say(language)
    if said:
        yield Text(DATUM[heading].say(language), "bold")
        yield from (cell(f"• {sentence}") for sentence in said)
        yield ""


def _table(title: str, rows: list[tuple[DatumSpec, Value]], language: Language) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=Text(title, "bold"), title_justify="left")
    for name in ("datum", "value", "unit", "meaning", "readers", "personal"):
        table.add_column(DATUM[name].say(language), justify="right" if name == "value" else "left")
    for datum, value in rows:
        said = _value(value, language)
        table.add_row(
            cell(datum.name),
            cell(DATUM["default"].say(language, value=said) if datum.defaulted else said),
            cell(datum.unit),
            cell(datum.meaning_fr if language == "fr" else datum.meaning_en),
            cell(listing([_reader(reader, language) for reader in datum.readers], language)),
            DATUM["yes" if datum.personal else "no"].say(language),
        )
    return table


def _value(value: Value, language: Language) -> str:
    if value is None:
        return DATUM["unknown"].say(language)
    if isinstance(value, bool):
        return DATUM["yes" if value else "no"].say(language)
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return count_words(value, language)
    # The shortest text that is this float32 and no other.
    number = str(np.float32(value)).removesuffix(".0")
    return number.replace(".", ",") if language == "fr" else number


def _reader(reader: str, language: Language) -> str:
    if reader in (MODEL, POINTS):
        return DATUM[reader].say(language)
    return RULE_NOUNS[reader].say(language) if reader in RULE_NOUNS else code_words(reader, language)
