"""An export in words: what a person is handed."""

from collections.abc import Iterator, Sequence

import numpy as np

from rankd.core.ranking.request import Column, Mode
from rankd.core.records.decision import Decision
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.core.words.quantity import count_words, listing, plural
from rankd.core.words.viewer import EXPORT, KINDS, PARTS
from rankd.usecases.privacy.counted import Counted
from rankd.usecases.privacy.export import shown_places
from rankd.usecases.privacy.holdings import Holdings


def export_lines(holdings: Holdings, language: Language) -> Iterator[str]:
    """Yield the export line by line.

    Args:
        holdings: Everything about the person.
        language: The language.
    """
    origin = holdings.decisions_reach.origin
    moment = moment_words(holdings.time_ms, language)
    yield EXPORT["title"].say(language, viewer=holdings.person.viewer_id, moment=moment)
    yield ""
    yield EXPORT["decisions"].say(language, count=count_words(len(holdings.decisions), language))
    for index, decision in holdings.decisions:
        yield from _decision(f"{origin}/{index}", decision, language)
    if holdings.decisions:
        yield EXPORT["per_post"].say(language)
    yield ""
    yield from _events(holdings, language)
    yield ""
    for counts in holdings.counts:
        count = count_words(len(counts.counted), language)
        yield EXPORT["counts"].say(language, surface=counts.surface, count=count)
        yield from (_count(one, language) for one in counts.counted)
        yield ""
    yield from _not_found(holdings, language)
    yield ""
    yield EXPORT["not_here"].say(language)
    yield EXPORT["nothing_else"].say(language)


def entries(count: int, language: Language) -> str:
    """Return how « entrée » or "entry" ends after a number."""
    return plural(count, language) if language == "fr" else "y" if count == 1 else "ies"


def _decision(decision_id: str, decision: Decision, language: Language) -> Iterator[str]:
    request, places = decision.request, shown_places(decision)
    ids = request.candidates.ids
    moment = moment_words(decision.time_ms, language)
    yield EXPORT["decision"].say(language, moment=moment, surface=request.surface, id=decision_id)
    if request.mode is Mode.NEWEST_FIRST:
        yield EXPORT["newest_first"].say(language)
    if request.sliders:
        sliders = listing([f"{name} {percent} %" for name, percent in request.sliders], language)
        yield EXPORT["sliders"].say(language, sliders=sliders)
    shown = [f"{place}. {ids[at]}" for at, place in sorted(places.items(), key=lambda item: item[1])]
    yield EXPORT["shown"].say(language, shown=", ".join(shown))
    if rest := len(ids) - len(places):
        yield EXPORT["offered"].say(language, count=count_words(rest, language), s=plural(rest, language))
    if decision.columns:
        data = [_datum(column, language) for column in decision.columns]
        yield EXPORT["data"].say(language, names=", ".join(data))
    if decision.features is not None:
        yield EXPORT["own_data"].say(language, names=listing(decision.features.names, language))


def _datum(column: Column, language: Language) -> str:
    """Return a column's name, and its number where one holds for all posts."""
    if len(column.values) > 1:
        return column.name
    value = float(column.values[0])
    known = EXPORT["unknown"].say(language) if np.isnan(value) else _number(value, language)
    return f"{column.name} = {known}"


def _events(holdings: Holdings, language: Language) -> Iterator[str]:
    total = sum(len(record.events) for _, record in holdings.events)
    yield EXPORT["events"].say(language, count=count_words(total, language))
    for _, record in holdings.events:
        for event in record.events:
            shown = record.shown[event.candidate]
            yield EXPORT["event"].say(
                language,
                moment=moment_words(event.time_ms, language),
                kind=KINDS[event.kind].say(language),
                candidate=event.candidate,
                author=EXPORT["by"].say(language, author=shown.author) if shown.author else "",
                place=shown.place,
                decision=f"{holdings.decisions_reach.origin}/{record.decision}",
            )


def _count(one: Counted, language: Language) -> str:
    meaning = one.feature.meaning.fr if language == "fr" else one.feature.meaning.en
    if one.value is None:
        value = EXPORT["others"].say(language)
    else:
        value = EXPORT["value"].say(language, value=_number(one.value, language), unit=one.feature.unit)
    return EXPORT["count"].say(
        language,
        meaning=meaning,
        name=one.feature.name,
        about="".join(f", {_part(part, language)} {text}" for part, text in one.about),
        value=value,
        counts=", ".join(f"{_kind(kind, language)} {_number(number, language)}" for kind, number in one.counts),
    )


def _part(name: str, language: Language) -> str:
    return PARTS[name].say(language) if name in PARTS else name


def _kind(name: str, language: Language) -> str:
    kind, _, entity = name.partition(":")
    said = KINDS[kind].say(language)
    return f"{said} ({entity})" if entity else said


def _number(number: float, language: Language) -> str:
    text = f"{number:.4g}" if number % 1 else count_words(int(number), language)
    return text.replace(".", ",") if language == "fr" else text


def _not_found(holdings: Holdings, language: Language) -> Iterator[str]:
    decisions, events = holdings.decisions_reach, holdings.events_reach
    yield EXPORT["not_found"].say(language)
    if destroyed := holdings.person.destroyed_periods:
        yield EXPORT["destroyed"].say(language, periods=_runs(destroyed))
    else:
        yield EXPORT["no_destroyed"].say(language)
    yield EXPORT["erased"].say(
        language,
        decisions=count_words(decisions.erased_count, language),
        s=plural(decisions.erased_count, language),
        events=count_words(events.erased_count, language),
        z=entries(events.erased_count, language),
    )
    if unpublished := decisions.unpublished_count + events.unpublished_count:
        count, ending = count_words(unpublished, language), entries(unpublished, language)
        yield EXPORT["unpublished"].say(language, count=count, s=ending)


def _runs(numbers: Sequence[int]) -> str:
    """Write rising numbers with those that follow each other joined: "1-3, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
