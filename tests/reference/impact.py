"""Which strings are an impact, and of what: docs/spec/impact.md, sections 7 and 8."""

from collections.abc import Callable
from typing import Any

from rankd.core.objectives import OBJECTIVES
from tests.reference.assembly_texts import canonical_bytes
from tests.reference.strict import Document, canonical, is_digest, is_natural, need

Check = Callable[[Any], bool]

LEFT_OUT = ("other_surface", "erased", "newest_first", "no_policy", "other_model", "column")


def is_object(**fields: Check) -> Check:
    return lambda value: (
        type(value) is dict
        and value.keys() == fields.keys()
        and all(check(value[name]) for name, check in fields.items())
    )


def is_list_of(check: Check) -> Check:
    return lambda value: type(value) is list and all(check(item) for item in value)


def is_null_or(check: Check) -> Check:
    return lambda value: value is None or check(value)


def is_one_of(*words: str) -> Check:
    return lambda value: type(value) is str and value in words


def naturals(*names: str) -> dict[str, Check]:
    return dict.fromkeys(names, is_natural)


def is_short(value: Any) -> bool:
    return type(value) is str and len(value) <= 256


def is_integer(value: Any) -> bool:
    return type(value) is int


def is_pull(value: Any) -> bool:
    return is_natural(value) and value <= 1_000_000


EXPOSED = is_object(label=is_short, **naturals("offered", "before", "after", "before_micro", "after_micro"))
PART = is_object(**naturals("percent", "authors", "before", "after"))
SIDE = is_object(place=is_null_or(is_natural), value=is_integer, codes=is_list_of(is_short))
MOVED = is_object(objective=is_one_of(*OBJECTIVES), lift_percent=is_natural, before=is_integer, after=is_integer)
ROW = is_object(
    source=is_short,
    groups=is_list_of(is_short),
    age_ms=is_null_or(is_natural),
    before=SIDE,
    after=SIDE,
    parts=is_list_of(MOVED),
)
PREDICTION = is_object(
    low_ppb=is_null_or(is_integer), high_ppb=is_null_or(is_integer), **naturals("before_ppb", "after_ppb")
)
OBJECTIVE = is_object(
    objective=is_short,
    sign=lambda value: is_integer(value) and value in (1, -1),
    points_before=is_null_or(is_natural),
    points_after=is_natural,
    head=is_one_of("none", "silent", "speaks"),
    pull_before_ppm=is_pull,
    pull_after_ppm=is_pull,
    prediction=is_null_or(PREDICTION),
)
RANGE = is_object(
    origin=is_short,
    root=is_digest,
    left_out=is_list_of(is_object(reason=is_one_of(*LEFT_OUT), count=is_natural)),
    **naturals("size", "first", "end", "count"),
)
SLATES = ("identical", "places", "moved", "entered", "left", "pairs", "discordant", "top_places", "top_kept")
IMPACT = is_object(
    schema=is_one_of("rankd.impact/1"),
    surface=is_short,
    proposed=is_object(canon=is_digest, file=is_digest),
    limits=is_digest,
    model=is_digest,
    new_model=is_null_or(is_digest),
    bases=is_list_of(is_object(policy=is_digest, limits=is_digest, count=is_natural)),
    decisions=is_list_of(RANGE),
    slates=is_object(**naturals(*SLATES)),
    objectives=is_list_of(OBJECTIVE),
    exposure=is_object(total=EXPOSED, **dict.fromkeys(("sources", "groups", "languages", "ages"), is_list_of(EXPOSED))),
    authors=is_object(
        parts=is_list_of(PART),
        gini_before_ppm=is_null_or(is_natural),
        gini_after_ppm=is_null_or(is_natural),
        **naturals("authors", "shown_before", "shown_after", "places_before", "places_after"),
    ),
    examples=is_list_of(
        is_object(pick=is_one_of("most", "median", "least"), rows=is_list_of(ROW), **naturals("places", "moved"))
    ),
    **naturals("count", "viewers", "clipped"),
)


def is_impact(value: Any) -> bool:
    """Whether this is an impact (section 7)."""
    if not IMPACT(value) or len(canonical_bytes(value)) > 262_144:
        return False
    slates = value["slates"]
    return (
        [one["objective"] for one in value["objectives"]] == list(OBJECTIVES)
        and slates["moved"] <= slates["places"]
        and slates["discordant"] <= slates["pairs"]
        and min(slates["places"], 1) <= slates["top_places"] <= slates["places"]
        and slates["top_kept"] <= slates["top_places"]
        and slates["identical"] <= value["count"]
        and all(example["moved"] <= example["places"] for example in value["examples"])
    )


def need_impact(text: str, wanted: list[Document]) -> None:
    """Make sure that a string is the impact of a proposal (section 8).

    Args:
        text: The string.
        wanted: `surface`, `limits`, `proposed` and `new_model` of each text.

    Raises:
        RefusedError: It is none, or it is about something else.
    """
    data = text.encode()
    value = canonical(data, "impact")
    several = is_object(schema=is_one_of("rankd.impacts/1"), impacts=is_list_of(is_impact))
    if len(wanted) > 1:
        need(several(value) and len(data) <= 491_520, "impact")
    impacts = value["impacts"] if len(wanted) > 1 else [value]
    need(len(impacts) == len(wanted) > 0 and all(is_impact(one) for one in impacts), "impact")
    for one, about in zip(impacts, wanted, strict=True):
        need({name: one[name] for name in about} == about, "about")
