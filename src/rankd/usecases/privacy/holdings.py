"""Holdings: everything that a data directory holds about one person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rankd.core.records.decision import Decision
from rankd.core.records.events import EventsRecord
from rankd.core.records.happened import happened_in
from rankd.store.archive import Archive
from rankd.store.evidence import DECISIONS
from rankd.usecases.privacy.counted import Counted, counted_of
from rankd.usecases.privacy.finding import Journals, Progress, Reach
from rankd.usecases.privacy.person import Person, know
from rankd.usecases.serve.feedback.event_log import EVENTS


@dataclass(frozen=True, slots=True)
class ModelCounts:
    """What the features of one declaration count of a person.

    Attributes:
        surface: The surface of the models that have it.
        models: Their digests, 32 bytes each.
        counted: What is counted.
    """

    surface: str
    models: tuple[bytes, ...]
    counted: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything about one person.

    Attributes:
        person: Under which names they are known.
        time_ms: When it was read, milliseconds since 1970.
        decisions: Their decisions whose bodies are there, with their indexes.
        events: Their entries of events, likewise.
        counts: What is counted of them now, for each declaration of a model that ever ranked here.
        decisions_reach: How much of the journal of decisions could be looked through.
        events_reach: How much of that of events.
    """

    person: Person
    time_ms: int
    decisions: tuple[tuple[int, Decision], ...]
    events: tuple[tuple[int, EventsRecord], ...]
    counts: tuple[ModelCounts, ...]
    decisions_reach: Reach
    events_reach: Reach


def holdings_of(data_dir: Path, viewer_id: str, now_ms: int, progress: Progress = lambda *_: None) -> Holdings:
    """Read everything that a data directory holds about a person; nothing is written, and a service may be running.

    Args:
        data_dir: The data directory.
        viewer_id: The person as the caller names them.
        now_ms: The time, milliseconds since 1970.
        progress: Told how far it has come.

    Raises:
        RankdError: This is no identifier, or something in the directory cannot be read.
    """
    person, journals = know(data_dir, viewer_id), Journals(data_dir, progress)
    reaches = journals.reach(DECISIONS), journals.reach(EVENTS)
    decisions = tuple(journals.decisions(person))
    events = tuple(journals.events(person))
    counts = tuple(_counts(Archive(data_dir), person, [record for _, record in events], now_ms))
    return Holdings(person, now_ms, decisions, events, counts, *reaches)


def _counts(archive: Archive, person: Person, records: Sequence[EventsRecord], now_ms: int) -> Iterator[ModelCounts]:
    """Yield what is counted, once for each surface and declaration."""
    if person.feature_viewer is None or not records:
        return
    by_place: dict[tuple[str, bytes], list[bytes]] = {}
    declarations = {}
    for digest in archive.models():
        model = archive.model(digest)
        if model.declaration is not None:
            declarations[model.declaration.file_digest] = model.declaration
            by_place.setdefault((model.manifest.surface, model.declaration.file_digest), []).append(digest)
    for (surface, file_digest), models in by_place.items():
        happened = [one for record in records if record.surface == surface for one in happened_in(record)]
        counted = tuple(counted_of(declarations[file_digest], person.feature_viewer, happened, now_ms))
        yield ModelCounts(surface, tuple(models), counted)
