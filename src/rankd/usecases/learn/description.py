"""What a declared feature is, in plain words: whose events are counted, which, over how long."""

from collections.abc import Sequence

from rankd.core.features.declaration import (
    EVER_BUCKET_MS,
    Affinity,
    Age,
    Count,
    Declaration,
    Declared,
    OneOf,
    Rate,
    Recency,
    Sent,
    Span,
)
from rankd.core.policy.fields import duration_text
from rankd.core.words.language import Language
from rankd.core.words.learn import KIND_WORDS, PART_WORDS, READINGS

_HOUR_MS = 3_600_000


def describe(declaration: Declaration, declared: Declared, language: Language) -> str:
    """Return one sentence about where a feature's number comes from."""
    reading = declared.reading
    entities = {entity.name: entity.parts for entity in declaration.entities}

    def say(name: str, **params: object) -> str:
        return READINGS[name].say(language, **params)

    def kind(name: str) -> str:
        return KIND_WORDS[name].say(language)

    match reading:
        case Sent():
            return say("sent")
        case Age():
            return say("age")
        case OneOf():
            return say("one_of", words=", ".join(reading.words))
        case Count():
            return say("count", event=kind(reading.event), of=_whose(entities[reading.of], language)) + _span(
                reading.span, language
            )
        case Rate():
            return say(
                "rate", hits=kind(reading.hits), trials=kind(reading.trials), of=_whose(entities[reading.of], language)
            ) + _span(reading.span, language)
        case Affinity():
            return say(
                "affinity",
                event=kind(reading.event),
                of=_whose(entities[reading.of], language),
                among=_whose(entities[reading.among], language),
            ) + _span(reading.span, language)
        case Recency():
            return say("recency", event=kind(reading.event), of=_whose(entities[reading.of], language)) + _span(
                reading.span, language
            )


def _whose(parts: Sequence[str], language: Language) -> str:
    words = [PART_WORDS[part].say(language) if part in PART_WORDS else f"`{part}`" for part in parts]
    return READINGS["together"].say(language, parts=" + ".join(words)) if words else READINGS["all"].say(language)


def _span(span: Span, language: Language) -> str:
    """Return over how long events count."""
    if span.bucket_ms == EVER_BUCKET_MS:
        return READINGS["ever"].say(language) + "."
    hours = span.bucket_ms * span.bucket_count // _HOUR_MS
    unit = "hours" if span.bucket_ms == _HOUR_MS else "days"
    said = READINGS[unit].say(language, count=hours if unit == "hours" else hours // 24)
    if span.half_life_ms:
        said += READINGS["half_life"].say(language, half_life=duration_text(span.half_life_ms))
    return said + "."
