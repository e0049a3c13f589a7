"""An explained candidate on a screen: an addition that a person can check with a pocket calculator."""

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rankd.client import CandidateExplanation
from rankd.core.words.explain import EXPLAIN, micro_words
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS, RULE_NOUNS
from rankd.core.words.quantity import count_words, listing
from rankd.core.words.ranking import code_words
from rankd.edge.cli.terminal import cell


def addition(entry: CandidateExplanation, language: Language) -> Iterator[RenderableType]:
    """Yield what there is to show of one explained candidate, top to bottom."""
    yield Text.assemble((_heading(entry, language).plain, "bold"))
    if entry.terms:
        yield _table(entry, language)
    if entry.moves:
        moves = listing([code_words(move, language) for move in entry.moves], language)
        yield cell(EXPLAIN["moves"].say(language, moves=moves))
    if entry.marginal is not None and entry.marginal != (1, 1):
        numerator, denominator = entry.marginal
        yield cell(EXPLAIN["marginal"].say(language, numerator=numerator, denominator=denominator))


def _heading(entry: CandidateExplanation, language: Language) -> Text:
    if entry.dropped_by:
        name = "dropped"
    elif entry.rank is None:
        name = "not_shown" if entry.ranked_at is None else "ranked_only"
    else:
        name = "shown" if entry.rank == entry.ranked_at else "shown_moved"
    why = code_words(entry.dropped_by, language)
    return cell(EXPLAIN[name].say(language, id=entry.id, rank=entry.rank, ranked_at=entry.ranked_at, why=why))


def _table(entry: CandidateExplanation, language: Language) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(EXPLAIN["what"].say(language))
    table.add_column(EXPLAIN["working"].say(language), justify="right", no_wrap=True)
    table.add_column(EXPLAIN["result"].say(language), justify="right", no_wrap=True)
    for term in entry.terms:
        noun = OBJECTIVE_WORDS[term.objective].noun.say(language)
        if term.sign < 0:
            noun = EXPLAIN["against"].say(language, noun=noun)
        if term.points != term.policy_points:
            before, after = count_words(term.policy_points, language), count_words(term.points, language)
            noun = EXPLAIN["moved"].say(language, noun=noun, before=before, after=after)
        if term.silent:
            noun = EXPLAIN["silent"].say(language, noun=noun)
        lift = micro_words(term.lift_micro, language)
        working = EXPLAIN["product"].say(language, points=count_words(term.points, language), lift=lift)
        table.add_row(noun, working, micro_words(term.term, language))
    table.add_section()
    start = sum(term.term for term in entry.terms)
    table.add_row(EXPLAIN["start"].say(language), "", f"= {micro_words(start, language)}", style="bold")
    for step in entry.steps:
        name = "discount" if step.before > 0 else "no_discount"
        working = EXPLAIN[name].say(
            language, before=micro_words(step.before, language), factor=count_words(step.factor, language)
        )
        table.add_row(_rule(step.rule_id, language), working, f"= {micro_words(step.after, language)}")
    table.add_section()
    table.add_row(EXPLAIN["total"].say(language), "", f"= {micro_words(entry.value, language)}", style="bold")
    return table


def _rule(rule_id: str, language: Language) -> str:
    return RULE_NOUNS[rule_id].say(language) if rule_id in RULE_NOUNS else rule_id
