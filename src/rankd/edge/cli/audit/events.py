"""Events on the command line of `rankd verify` and `rankd replay`: judged where a data directory is, not a bundle."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.edge.cli.audit.evidence import Case, events_after_publication, events_in
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.decided import Decided
from rankd.usecases.audit.events import EventsReport, judge_events
from rankd.usecases.audit.events_journal import events_verifier
from rankd.usecases.audit.promises import Brought
from rankd.usecases.audit.verify import Observer


class EventsCase:
    """The events beside the decisions of a case.

    Args:
        case: What the command line names.
        path: Where it is.
        then: What else is to be told of every decision.

    Attributes:
        observe: What is to be told of every decision, for `verify`.
        checkpoints: Those of the brought checkpoints that are of the decisions.
        report: What was found, once it is judged; None where the evidence is a bundle.
    """

    def __init__(self, case: Case, path: Path, then: Observer | None) -> None:
        self.observe = Decided(then)
        self.report: EventsReport | None = None
        self._case, self._path = case, path
        origin = events_verifier(case.trust).name
        self.checkpoints = tuple(_not_of(case.checkpoints, origin))
        self._of_events = tuple(entry for entry in case.checkpoints if entry not in self.checkpoints)

    @property
    def good(self) -> bool:
        """Whether nothing speaks against events or features."""
        return self.report is None or self.report.good

    @property
    def unjudged_count(self) -> int:
        """Decisions whose columns were worked out from events, where these are not at hand."""
        return len(self.observe.featured()) if self.report is None else 0

    def judge(self) -> None:
        """Judge events and features, once the decisions are verified.

        Raises:
            LogError: A checkpoint that was brought is none of this log.
        """
        case, path = self._case, self._path
        if isinstance(case.evidence, JournalEvidence):
            self.report = judge_events(
                case.evidence,
                self.observe,
                events_in(path),
                case.trust,
                now_s=case.now_s,
                decision_count=lambda: _count(JournalEvidence(path, DECISIONS)),
                checkpoints=self._of_events,
                again=None if case.again is None else partial(events_after_publication, path),
            )


def _count(evidence: JournalEvidence) -> int:
    return evidence.size + evidence.unpublished_count


def _not_of(notes: Sequence[Brought], origin: str) -> Iterator[Brought]:
    for entry in notes:
        try:
            said = parse_checkpoint_text(parse_note(entry.note).text).origin
        except LogError:
            # Whoever judges it says what is wrong with it.
            said = ""
        if said != origin:
            yield entry
