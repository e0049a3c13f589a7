"""Examples on the page of an impact: slates before and after, and why posts move."""

from rankd.core.impact.impact import Example, Impact, Row
from rankd.core.words.impact import PAGE
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, duration_words, share_words
from rankd.core.words.ranking import code_words
from rankd.edge.html.markup import Content, Markup, el, join, label
from rankd.edge.html.speech import spoken
from rankd.edge.html.tables import Heading, table

_HOUR_MS = 3_600_000


def examples(impact: Impact, language: Language) -> Markup:
    """Return the examples of an impact."""
    text = el("p", spoken(PAGE["examples_text"], language))
    return join(text, [_example(one, language) for one in impact.examples])


def _example(one: Example, language: Language) -> Markup:
    moved, places = count_words(one.moved, language), count_words(one.places, language)
    heading = spoken(PAGE[one.pick], language, moved=moved, places=places)
    heads = ("post", "place_after", "what", "value", "why")
    headings = [Heading(spoken(PAGE[name], language), name in ("place_after", "value")) for name in heads]
    rows = [_row(row, language) for row in one.rows]
    return join(el("h3", heading), table(heading, headings, rows, language, is_titled=True))


def _row(row: Row, language: Language) -> tuple[Content, ...]:
    def say(name: str, **params: object) -> str:
        return spoken(PAGE[name], language, **params)

    before, after = row.before, row.after
    described = [row.source or say("none_source"), *row.groups, _age(row.age_ms, language)]
    why: list[Content] = []
    for part in row.parts:
        words = OBJECTIVE_WORDS.get(part.objective)
        noun = part.objective if words is None else spoken(words.noun, language)
        why.append(
            say(
                "part",
                noun=noun,
                lift=share_words(part.lift_percent * 10_000, language),
                before=_points(part.before, language),
                after=_points(part.after, language),
            )
        )
    why += [say("rule_gained", rule=code_words(code, language)) for code in after.codes if code not in before.codes]
    why += [say("rule_lost", rule=code_words(code, language)) for code in before.codes if code not in after.codes]
    return (
        say("entered") if before.place is None else f"#{before.place}",
        say("gone") if after.place is None else str(after.place),
        label(", ".join(described)),
        f"{_points(before.value, language)} → {_points(after.value, language)}",
        el("ul", [el("li", one) for one in why]) if why else "–",
    )


def _points(points: int, language: Language) -> str:
    return ("−" if points < 0 else "") + count_words(abs(points), language)


def _age(age_ms: int | None, language: Language) -> str:
    if age_ms is None:
        return spoken(PAGE["age_unknown"], language)
    if age_ms < _HOUR_MS:
        return spoken(PAGE["age_hour"], language)
    return spoken(PAGE["age"], language, duration=duration_words(age_ms, language))
