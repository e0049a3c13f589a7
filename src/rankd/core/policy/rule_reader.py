"""Rules as the text names them: each named rule with all of its parameters, nothing by default."""

import re
from typing import Literal, cast

from rankd.core.policy.fields import Field
from rankd.core.policy.policy import (
    AuthorDiversity,
    Cap,
    FeedbackFatigue,
    Freshness,
    MaxAge,
    Quota,
    Rules,
    SourceScaling,
)

RULE_IDS = (
    "drop_seen/1",
    "drop_muted/1",
    "max_age/1",
    "freshness/1",
    "source_scaling/1",
    "feedback_fatigue/1",
    "author_diversity/1",
    "cap/1",
    "quota/1",
)
"""Every rule that a policy can name, in the order in which rules apply."""

MAX_CAPS = 8
MAX_QUOTAS = 8
MAX_SOURCES = 64
MAX_PREFIX = 500
MIN_HALF_LIFE_MS = 60_000
MIN_FRESHNESS_FLOOR_PPM = 1_000
HOUR_MS = 3_600_000

_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")


def read_rules(field: Field) -> Rules:
    """Read the block `rules`.

    Raises:
        PolicyError: A rule is not known, a parameter is missing or out of bounds, `after_cap` does not go with
            `cap/1`, or the quotas cannot all be met.

    Source: docs/spec/policy.md section 5; MATH 3.
    """
    named = field.record((), (*RULE_IDS, "after_cap"), unknown="RULE_UNKNOWN")
    caps = _caps(named["cap/1"]) if "cap/1" in named else ()
    after_cap: Literal["drop", "append"] | None = None
    if "after_cap" in named:
        if not caps:
            raise field.key("after_cap").refuse("AFTER_CAP_WITHOUT_CAP")
        after_cap = cast('Literal["drop", "append"]', named["after_cap"].choice("drop", "append"))
    elif caps:
        raise field.key("cap/1").refuse("AFTER_CAP_MISSING")
    return Rules(
        drop_seen=_applies(named, "drop_seen/1"),
        drop_muted=_applies(named, "drop_muted/1"),
        max_age=_max_age(named["max_age/1"]) if "max_age/1" in named else None,
        freshness=_freshness(named["freshness/1"]) if "freshness/1" in named else None,
        source_scaling=_source_scaling(named["source_scaling/1"]) if "source_scaling/1" in named else None,
        feedback_fatigue=_fatigue(named["feedback_fatigue/1"]) if "feedback_fatigue/1" in named else None,
        author_diversity=_diversity(named["author_diversity/1"]) if "author_diversity/1" in named else None,
        caps=caps,
        after_cap=after_cap,
        quotas=_quotas(named["quota/1"]) if "quota/1" in named else (),
    )


def _applies(named: dict[str, Field], rule: str) -> bool:
    return rule in named and named[rule].choice("apply") == "apply"


def _max_age(field: Field) -> MaxAge:
    entries = field.record(("age", "unknown_age"))
    return MaxAge(age_ms=entries["age"].duration_ms(1), unknown_age_ms=entries["unknown_age"].duration_ms(0))


def _freshness(field: Field) -> Freshness:
    entries = field.record(("half_life", "floor", "unknown_age"))
    return Freshness(
        half_life_ms=entries["half_life"].duration_ms(MIN_HALF_LIFE_MS),
        floor_ppm=entries["floor"].share_ppm(MIN_FRESHNESS_FLOOR_PPM),
        unknown_age_ms=entries["unknown_age"].duration_ms(0),
    )


def _source_scaling(field: Field) -> SourceScaling:
    entries = field.record(("shares", "other"))
    sources = entries["shares"].entries()
    if len(sources) > MAX_SOURCES:
        raise entries["shares"].refuse("POLICY_LIST_LENGTH", found=len(sources), most=MAX_SOURCES)
    shares = [(entries["shares"].key(source).name(), place.share_ppm()) for source, place in sources.items()]
    return SourceScaling(
        shares=tuple(sorted(shares, key=lambda share: share[0].encode("utf-8"))),
        other_ppm=entries["other"].share_ppm(),
    )


def _fatigue(field: Field) -> FeedbackFatigue:
    entries = field.record(("column", "recovery", "floor"))
    column = entries["column"].text()
    if _COLUMN.fullmatch(column) is None:
        raise entries["column"].refuse("COLUMN_FORM")
    recovery_ms = entries["recovery"].duration_ms(HOUR_MS)
    if recovery_ms % HOUR_MS:
        raise entries["recovery"].refuse("RECOVERY_NOT_HOURS")
    return FeedbackFatigue(column, recovery_ms // HOUR_MS, entries["floor"].share_ppm())


def _diversity(field: Field) -> AuthorDiversity:
    entries = field.record(("decay", "floor"))
    return AuthorDiversity(decay_ppm=entries["decay"].share_ppm(), floor_ppm=entries["floor"].share_ppm())


def _caps(field: Field) -> tuple[Cap, ...]:
    caps: list[Cap] = []
    for item in field.items(MAX_CAPS):
        entries = item.record(("at_most", "in_first"), ("per", "group"))
        if ("per" in entries) == ("group" in entries):
            raise item.refuse("CAP_TARGET")
        if "per" in entries:
            entries["per"].choice("author")
        group = entries["group"].name() if "group" in entries else None
        at_most, in_first = (entries["at_most"].integer(0, MAX_PREFIX), entries["in_first"].integer(1, MAX_PREFIX))
        caps.append(Cap(group, at_most, in_first))
    return tuple(caps)


def _quotas(field: Field) -> tuple[Quota, ...]:
    quotas: list[Quota] = []
    for item in field.items(MAX_QUOTAS):
        entries = item.record(("group", "at_least", "in_first"))
        in_first = entries["in_first"].integer(1, MAX_PREFIX)
        quotas.append(Quota(entries["group"].name(), entries["at_least"].integer(1, in_first), in_first))
    for prefix in sorted({quota.in_first for quota in quotas}):
        inside = [number for number, quota in enumerate(quotas, start=1) if quota.in_first <= prefix]
        wanted = sum(quotas[number - 1].at_least for number in inside)
        if wanted > prefix:
            names = ", ".join(f"quota/1#{number} ({quotas[number - 1].group})" for number in inside)
            raise field.refuse("QUOTAS_INFEASIBLE", found=names, wanted=wanted, prefix=prefix)
    return tuple(quotas)
