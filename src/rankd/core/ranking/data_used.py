"""Data used: what a decision rests on, what it means, who reads it, and whether it describes the viewer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from rankd.core.policy.policy import Rules
from rankd.core.ranking.explanation import NEWEST_FIRST
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Column, RankingRequest
from rankd.core.ranking.rules import (
    AUTHOR_DIVERSITY,
    DROP_MUTED,
    DROP_SEEN,
    FRESHNESS,
    MAX_AGE,
    SOURCE_SCALING,
)
from rankd.core.words.explain import DATA
from rankd.core.words.language import Phrase

MODEL, POINTS = "model", "points"
"""Readers that are no rules: the model's heads, and the points that a slider moves."""

CAP, QUOTA = "cap/1", "quota/1"

Value: TypeAlias = bool | int | float | str | None
"""A value; None: not known. Numbers of columns are floats that float32 holds exactly."""


@dataclass(frozen=True, slots=True)
class Datum:
    """One kind of data in one decision.

    Attributes:
        name: Its name: a column's, or that of a field of the request.
        meaning: Its meaning.
        unit: Its unit; "" where it has none.
        personal: Whether it describes the viewer.
        defaulted: Whether the request did not send it, so that its default stood in.
        readers: Who reads it: `model`, `points`, `newest_first` or the ids of rules.
        values: One per candidate, in the request's order; one alone where it is the same for every candidate.
    """

    name: str
    meaning: Phrase
    unit: str
    personal: bool
    defaulted: bool
    readers: tuple[str, ...]
    values: tuple[Value, ...]

    @property
    def shared(self) -> bool:
        """Whether one value holds for every candidate of the request, whatever they are."""
        return len(self.values) == 1

    def value(self, candidate: int) -> Value:
        """Return the value for one candidate, by index in the request."""
        return self.values[0 if self.shared else candidate]


def column_values(column: Column) -> tuple[Value, ...]:
    """Return a column's numbers, None where they are NaN."""
    return tuple(None if np.isnan(number) else number for number in column.values.tolist())


def request_data(request: RankingRequest, rules: Rules | None) -> tuple[Datum, ...]:
    """Return what a ranking read of a request beside its columns, each with who read it; sliders last.

    Args:
        request: The request, as recorded.
        rules: The policy's rules; None: the order was newest first.
    """
    readers, values = _readers(rules), _values(request)
    data = [
        Datum(name, DATA[name], "s" if name == "create_time" else "", name in _PERSONAL, False, readers[name], known)
        for name, known in values.items()
        if readers.get(name)
    ]
    for objective, percent in () if rules is None else request.sliders:
        data.append(Datum(f"sliders[{objective}]", DATA["sliders"], "%", True, False, (POINTS,), (percent,)))
    return tuple(data)


_PERSONAL = {"seen", "muted", "served_author_counts"}


def _values(request: RankingRequest) -> dict[str, tuple[Value, ...]]:
    candidates, served = request.candidates, dict(request.served_author_counts)
    ages_s = np.maximum(0, request.request_time_ms - candidates.create_times_ms) // 1_000
    dated = candidates.create_times_ms != UNKNOWN_TIME_MS
    return {
        "seen": tuple(candidates.seen.tolist()),
        "muted": tuple(candidates.muted.tolist()),
        "create_time": tuple(a if known else None for a, known in zip(ages_s.tolist(), dated.tolist(), strict=True)),
        "source": tuple(source or None for source in candidates.sources),
        "groups": tuple(", ".join(groups) or None for groups in candidates.groups),
        "author_id": tuple(author or None for author in candidates.author_ids),
        "served_author_counts": tuple(served.get(author, 0) if author else None for author in candidates.author_ids),
    }


def _readers(rules: Rules | None) -> dict[str, tuple[str, ...]]:
    if rules is None:
        return {"muted": (NEWEST_FIRST,), "create_time": (NEWEST_FIRST,)}
    named = {
        DROP_SEEN: rules.drop_seen,
        DROP_MUTED: rules.drop_muted,
        MAX_AGE: rules.max_age is not None,
        FRESHNESS: rules.freshness is not None,
        SOURCE_SCALING: rules.source_scaling is not None,
        AUTHOR_DIVERSITY: rules.author_diversity is not None,
    }
    group_cap = (CAP,) if any(cap.group is not None for cap in rules.caps) else ()
    author_cap = (CAP,) if any(cap.group is None for cap in rules.caps) else ()
    diversity = _named(named, AUTHOR_DIVERSITY)
    return {
        "seen": _named(named, DROP_SEEN),
        "muted": _named(named, DROP_MUTED),
        "create_time": _named(named, MAX_AGE, FRESHNESS),
        "source": _named(named, SOURCE_SCALING),
        "groups": (*group_cap, *((QUOTA,) if rules.quotas else ())),
        "author_id": (*diversity, *author_cap),
        "served_author_counts": diversity,
    }


def _named(named: Mapping[str, bool], *rule_ids: str) -> tuple[str, ...]:
    return tuple(rule_id for rule_id in rule_ids if named[rule_id])
