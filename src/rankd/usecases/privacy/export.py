"""The export: everything about one person as one JSON object, for whoever answers that person.

Source: docs/guide/viewer-data.md.
"""

from typing import Any

import numpy as np

from rankd.core.exact.canonical import digest_text
from rankd.core.ranking.exploration import exchange
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Column
from rankd.core.records.decision import Decision
from rankd.core.records.events import EventsRecord
from rankd.usecases.privacy.holdings import Holdings, ModelCounts

SCHEMA = "rankd.viewer-export/1"
NOT_HERE = ("name", "address", "telephone", "password", "content")
"""What rankd never is told: of the person, nothing but the identifier that the backend uses; of a post, nothing but its
identifier, its author’s, and numbers about it."""


def export_document(holdings: Holdings) -> dict[str, Any]:
    """Return the export as a JSON object.

    Args:
        holdings: Everything about the person.
    """
    decisions, events = holdings.decisions_reach, holdings.events_reach
    return {
        "schema": SCHEMA,
        "viewer": holdings.person.viewer_id,
        "time_ms": holdings.time_ms,
        "origin": decisions.origin,
        "decisions": [_decision(decisions.origin, index, decision) for index, decision in holdings.decisions],
        "events": [
            one for index, record in holdings.events for one in _events(decisions.origin, events.origin, index, record)
        ],
        "counts": [_counts(counts) for counts in holdings.counts],
        "not_found": {
            "destroyed_periods": list(holdings.person.destroyed_periods),
            "erased_decisions": decisions.erased_count,
            "erased_events": events.erased_count,
            "unpublished_entries": decisions.unpublished_count + events.unpublished_count,
        },
        "not_here": list(NOT_HERE),
    }


def shown_places(decision: Decision) -> dict[int, int]:
    """Return the place of each candidate that was shown, from 1, by its index."""
    slate = exchange(decision.order, decision.exploration.pair)[: decision.request.limit]
    return {index: place for place, index in enumerate(slate, start=1)}


def _decision(origin: str, index: int, decision: Decision) -> dict[str, Any]:
    request, candidates = decision.request, decision.request.candidates
    places, dropped = shown_places(decision), dict(decision.dropped)
    own = () if decision.features is None else decision.features.names
    return {
        "decision_id": f"{origin}/{index}",
        "time_ms": decision.time_ms,
        "surface": request.surface,
        "mode": request.mode.value,
        "request_id": request.request_id,
        "pseudonym": request.viewer_id,
        "policy": digest_text(decision.policy_digest),
        "model": None if decision.model_digest is None else digest_text(decision.model_digest),
        "sliders": dict(request.sliders),
        "served_author_counts": dict(request.served_author_counts),
        "degraded": [{"reason": entry.reason, "names": list(entry.names)} for entry in decision.degraded],
        "candidates": [
            {
                "id": candidates.ids[at],
                "author": candidates.author_ids[at],
                "place": places.get(at),
                "dropped_by": dropped.get(at),
                "create_time_ms": _known(int(candidates.create_times_ms[at])),
                "source": candidates.sources[at],
                "groups": list(candidates.groups[at]),
                "seen": bool(candidates.seen[at]),
                "muted": bool(candidates.muted[at]),
            }
            for at in range(len(candidates))
        ],
        "data": {
            column.name: {"worked_out_here": column.name in own, "values": _numbers(column)}
            for column in decision.columns
        },
    }


def _events(origin: str, events_origin: str, index: int, record: EventsRecord) -> list[dict[str, Any]]:
    return [
        {
            "entry": f"{events_origin}/{index}",
            "decision_id": f"{origin}/{record.decision}",
            "surface": record.surface,
            "kind": event.kind,
            "candidate": event.candidate,
            "author": record.shown[event.candidate].author,
            "place": record.shown[event.candidate].place,
            "columns": dict(record.shown[event.candidate].columns),
            "time_ms": event.time_ms,
            "reported_by": record.caller,
            "event_id": event.id,
        }
        for event in record.events
    ]


def _counts(counts: ModelCounts) -> dict[str, Any]:
    return {
        "surface": counts.surface,
        "models": [digest_text(digest) for digest in counts.models],
        "features": [
            {
                "name": one.feature.name,
                "meaning": {"fr": one.feature.meaning.fr, "en": one.feature.meaning.en},
                "unit": one.feature.unit,
                "about": dict(one.about),
                "counts": dict(one.counts),
                "value": one.value,
            }
            for one in counts.counted
        ],
    }


def _known(time_ms: int) -> int | None:
    return None if time_ms == UNKNOWN_TIME_MS else time_ms


def _numbers(column: Column) -> list[float | None]:
    # The shortest text that is this float32 and no other.
    return [None if np.isnan(value) else float(str(value)) for value in column.values]
