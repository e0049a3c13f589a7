"""Events and features: whether a journal of events is sound, agrees with the decisions, and gives their columns."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rankd.core.errors import BundleError, RankdError, RecordError
from rankd.core.records.erasing import SLACK_MS
from rankd.core.records.fault import Fault, Faults
from rankd.store.evidence import JournalEvidence
from rankd.usecases.audit.decided import Decided
from rankd.usecases.audit.declared import Declarations
from rankd.usecases.audit.events_claims import Claims, Viewers
from rankd.usecases.audit.events_journal import (
    NEVER_MS,
    Erasers,
    EventsFound,
    EventsJournal,
    events_verifier,
)
from rankd.usecases.audit.features import FRESH_MS, MOST_VALUES, FeaturesReport, Open, Recount
from rankd.usecases.audit.promises import Brought, CheckpointVerdict, judge_checkpoints
from rankd.usecases.audit.trust import Trust


@dataclass(frozen=True, slots=True)
class EventsReport:
    """What was found of a journal of events beside one of decisions.

    Attributes:
        origin: What its log is called.
        found: What it says by itself; None where there is none, or none that can be opened.
        event_count: Events in entries that can be read.
        orphan_count: Those of them that are about decisions whose record was erased.
        unjudged_count: Those that are about decisions behind the ones that are judged.
        faults: What speaks against it.
        left_out_count: Faults that are not among them.
        checkpoints: Whether it went on from the checkpoints that were brought.
        unpublished_count: Entries that lie there and that no checkpoint covers; they were not looked at.
        features: What working columns out again found.
    """

    origin: str
    found: EventsFound | None
    event_count: int
    orphan_count: int
    unjudged_count: int
    faults: tuple[Fault, ...]
    left_out_count: int
    checkpoints: tuple[CheckpointVerdict, ...]
    unpublished_count: int
    features: FeaturesReport

    @property
    def good(self) -> bool:
        """Whether nothing speaks against events or features, and nothing that should be there is missing."""
        missing = () if self.found is None else self.found.missing
        return not any((missing, self.faults, self.left_out_count)) and self.features.good

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to say: no events, and no decision that says it read any."""
        is_empty = self.found is None or self.found.checkpoint.size == 0
        is_unread = self.features.decision_count == self.features.unread_count == 0
        return self.good and is_empty and is_unread and not self.unpublished_count and not self.checkpoints


def judge_events(
    decisions: JournalEvidence,
    decided: Decided,
    events: JournalEvidence | RankdError | None,
    trust: Trust,
    *,
    now_s: int,
    decision_count: Callable[[], int],
    checkpoints: Sequence[Brought] = (),
    again: Callable[[], JournalEvidence | RankdError | None] | None = None,
    most_values: int = MOST_VALUES,
) -> EventsReport:
    """Judge a journal of events, and work out again what decisions say was worked out from it.

    Entries are read in order, twice: by themselves, and then together with the decisions, each of which is looked at
    where it says that it read the journal. So every entry is counted once, however many decisions there are.

    Args:
        decisions: The journal of decisions, verified.
        decided: What `verify` was told of every decision in it.
        events: The journal of events; None: there is none; an error: it cannot be read.
        trust: Keys; that of the decisions' journal signs the events' too.
        now_s: The time of judging, POSIX seconds.
        decision_count: Tells how many entries the journal of decisions has by now, those not published included.
        checkpoints: Checkpoints of the events' journal that were seen earlier.
        again: Reads the journal of events anew. Where a service is at work, what a decision read may be published a
            moment after the decision; it is called once, and only if something is missing.
        most_values: How many counters are kept at once at most, for each surface and layout.

    Raises:
        LogError: What was brought is no checkpoint of this log.
    """

    def judge(shown: JournalEvidence | RankdError | None) -> EventsReport:
        if isinstance(shown, JournalEvidence):
            return _judged(shown, decisions, decided, trust, now_s, decision_count, checkpoints, most_values)
        return _absent(decided, Declarations(decisions.archive), shown, trust)

    report = judge(events)
    if again is not None and _is_unsettled(report):
        report = judge(again())
    return report


def _judged(
    events: JournalEvidence,
    decisions: JournalEvidence,
    decided: Decided,
    trust: Trust,
    now_s: int,
    decision_count: Callable[[], int],
    checkpoints: Sequence[Brought],
    most_values: int,
) -> EventsReport:
    declarations = Declarations(decisions.archive)
    verifier = events_verifier(trust)
    try:
        journal = EventsJournal(events, verifier, Erasers(decisions, trust), now_s)
        found = journal.read()
    except RankdError as error:
        return _absent(decided, declarations, error, trust)
    faults = Faults()
    viewers = Viewers(decided, journal, faults)
    unserved = {shape.surface for shape in decided.shapes if shape.is_unserved}

    def key_columns(surface: str) -> tuple[frozenset[str], ...]:
        # What was reported while nothing was in force carries no columns along.
        return declarations.key_columns(surface) + ((frozenset(),) if surface in unserved else ())

    claims = Claims(
        decided, lambda at: decided.read(decisions, at), key_columns, faults, decisions.size, decision_count
    )
    waiting = deque(decided.featured())
    used = {(shape.surface, shape.model) for _, place in waiting if (shape := decided.shape(place)) is not None}
    recount = Recount(declarations.read, [(at, model) for at, model in used if model is not None], most_values)

    def check(place: int, entry_count: int) -> None:
        """Work out one decision's columns again, all entries that it read being counted and no others."""
        index, time_ms = decided.index(place), decided.time_ms(place)
        if entry_count > journal.size:
            if entry_count <= journal.size + events.unpublished_count:
                recount.open["unpublished"] += 1
            else:
                error = RecordError("FEATURES_AHEAD", entry_count=entry_count, size=journal.size)
                recount.faults.note(error, index)
            return
        last_ms = journal.time_ms(entry_count - 1) if entry_count else NEVER_MS
        if last_ms != NEVER_MS and last_ms > time_ms + SLACK_MS:
            error = RecordError("FEATURES_EARLY", entry_count=entry_count, entry_ms=last_ms, time_ms=time_ms)
            recount.faults.note(error, index)
        try:
            decision = decided.read(decisions, place)
        except RankdError:
            # It was there a moment ago: erased meanwhile.
            recount.open["unreadable"] += 1
            return
        claims.remember(place, decision)
        is_behind = entry_count < journal.size and journal.time_ms(entry_count) < time_ms - FRESH_MS
        recount.check(index, decision, viewers.of(place), is_behind=is_behind)

    for index, record in journal.records():
        while waiting and waiting[0][0] == index:
            check(waiting.popleft()[1], index)
        if record is not None:
            claims.take(index, record)
            recount.take(record)
        elif not journal.is_empty(index):
            claims.lose(journal.time_ms(index))
            recount.lose(journal.time_ms(index), journal.erased_at(index))
        elif journal.forgets(index):
            recount.forget(index)
    for entry_count, place in waiting:
        check(place, entry_count)
    claims.settle()
    seen = tuple(judge_checkpoints(checkpoints, verifier, journal.tree, journal.shown))
    return EventsReport(
        origin=verifier.name,
        found=found,
        event_count=claims.event_count,
        orphan_count=claims.erased_count,
        unjudged_count=claims.unjudged_count,
        faults=(*(entry.fault for entry in seen if entry.fault is not None), *found.faults, *faults.all()),
        left_out_count=found.left_out_count + faults.left_out_count,
        checkpoints=seen,
        unpublished_count=events.unpublished_count,
        features=_features(decided, declarations, recount),
    )


def _absent(decided: Decided, declarations: Declarations, error: RankdError | None, trust: Trust) -> EventsReport:
    """Return the report where there is no journal of events, or none that can be judged."""
    recount = Recount(declarations.read, ())
    count = len(decided.featured())
    if count:
        recount.open["unreadable"] = count
        error = error or BundleError("EVENTS_MISSING", count=count)
    return EventsReport(
        origin=events_verifier(trust).name,
        found=None,
        event_count=0,
        orphan_count=0,
        unjudged_count=0,
        faults=() if error is None else (Fault(error, None),),
        left_out_count=0,
        checkpoints=(),
        unpublished_count=0,
        features=_features(decided, declarations, recount),
    )


def _is_unsettled(report: EventsReport) -> bool:
    features = report.features
    is_ahead = any(fault.error.reason == "FEATURES_AHEAD" for fault in features.faults)
    is_broken = report.found is None and bool(report.faults)
    missing = None if report.found is None else report.found.missing
    return bool(is_broken or missing or features.open.get("unpublished") or is_ahead)


def _features(decided: Decided, declarations: Declarations, recount: Recount) -> FeaturesReport:
    sent = unread = 0
    for shape, count in zip(decided.shapes, decided.shape_counts(), strict=True):
        unread += count if shape.is_unread else 0
        sent += count if _is_sent(shape.model, shape.sent, declarations) else 0
    opened: dict[Open, int] = {name: recount.open[name] for name in sorted(recount.open) if recount.open[name]}
    return FeaturesReport(
        decision_count=len(decided.featured()),
        checked_count=recount.checked_count,
        partial_count=recount.partial_count,
        column_count=recount.column_count,
        differing=tuple(recount.differing),
        differing_count=recount.differing_count,
        open=opened,
        faults=recount.faults.all(),
        left_out_count=recount.faults.left_out_count,
        unread_count=unread,
        sent_count=sent,
        behind_count=recount.behind_count,
    )


def _is_sent(model: bytes | None, names: Sequence[str], declarations: Declarations) -> bool:
    """Tell whether columns that were sent are among those that a model would have rankd work out."""
    if model is None:
        return False
    try:
        declaration = declarations.read(model)
    except RankdError:
        return False
    return declaration is not None and any(declared.feature.name in names for declared in declaration.kept)
