"""Verdicts on events and features as JSON."""

from typing import Any

from rankd.core.errors import BundleError
from rankd.core.words.language import Language
from rankd.core.words.verify_events import NOT_PROVEN
from rankd.edge.cli.audit.events import EventsCase
from rankd.edge.cli.audit.evidence_json import fault_json
from rankd.usecases.audit.events import EventsReport


def events_json(case: EventsCase, origin: str, language: Language) -> dict[str, Any]:
    """Return what `--json` says of events and features: `events` is null where they were not judged.

    Args:
        case: The case.
        origin: The journal of decisions.
        language: In which language messages are.
    """
    if case.report is None:
        count = case.unjudged_count
        features = {"ok": None, "decision_count": count, "checked_count": 0, "open": {"bundle": count} if count else {}}
        return {"events": None, "features": features}
    return {"events": _events(case.report, language), "features": _features(case.report, origin, language)}


def _events(report: EventsReport, language: Language) -> dict[str, Any]:
    found = report.found
    return {
        "ok": not (report.faults or report.left_out_count or (found is not None and found.missing)),
        "origin": report.origin,
        "size": None if found is None else found.checkpoint.size,
        "body_count": 0 if found is None else found.living_count,
        "event_count": report.event_count,
        "erased_count": 0 if found is None else sum(run.last - run.first + 1 for run in found.erased),
        "missing": [] if found is None else [_missing(first, last, language) for first, last in found.missing],
        "faults": [fault_json(fault, language) for fault in report.faults],
        "faults_left_out": report.left_out_count,
        "checkpoints": [{"file": one.name, "size": one.size, "verdict": one.verdict} for one in report.checkpoints],
        "open": {
            "erased_decisions": report.orphan_count,
            "unjudged": report.unjudged_count,
            "unpublished": report.unpublished_count,
        },
        "not_proven": [phrase.say(language) for phrase in NOT_PROVEN.values()],
    }


def _missing(first: int, last: int, language: Language) -> dict[str, Any]:
    error = BundleError("BODY_ABSENT", first=first, last=last, count=last - first + 1)
    return {"first": first, "last": last, "reason": error.reason, "message": error.say(language)}


def _features(report: EventsReport, origin: str, language: Language) -> dict[str, Any]:
    features = report.features
    return {
        "ok": features.good,
        "decision_count": features.decision_count,
        "checked_count": features.checked_count,
        "partial_count": features.partial_count,
        "column_count": features.column_count,
        "differing_count": features.differing_count,
        "differing": [
            {
                "decision_id": f"{origin}/{entry.index}",
                "candidate_id": entry.difference.candidate_id,
                "term": entry.difference.term,
                "recorded": entry.difference.recorded,
                "recomputed": entry.difference.recomputed,
            }
            for entry in features.differing
        ],
        "faults": [fault_json(fault, language) for fault in features.faults],
        "faults_left_out": features.left_out_count,
        "open": dict(features.open),
        "unread_count": features.unread_count,
        "sent_count": features.sent_count,
        "behind_count": features.behind_count,
    }
