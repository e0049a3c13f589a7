"""From a record of events to what features count: the same step in serving and in training."""

from rankd.core.features.happened import Happened
from rankd.core.records.events import EventsRecord


def happened_in(record: EventsRecord) -> list[Happened]:
    """Return what a record says happened, in the order in which it counts."""
    found = []
    for event in record.events:
        shown = record.shown[event.candidate]
        found.append(
            Happened(event.kind, record.viewer, event.candidate, shown.author, shown.columns, event.time_ms),
        )
    return found
