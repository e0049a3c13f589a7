"""What became of a signed entry, in words and in JSON."""

from typing import Any

from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.words.assembly_vote import FATES
from rankd.core.words.moment import moment_words
from rankd.core.words.quantity import count_words
from rankd.edge.cli.govern.assembly_record import Record
from rankd.usecases.govern.counted import Fate


def fate_words(fate: Fate, record: Record) -> str:
    """Return what became of an entry, as a sentence."""
    return FATES[fate.verdict].say(
        record.language,
        name=_name(fate, record),
        number=fate.number,
        index=fate.index,
        by_number=None if fate.by is None else fate.by.number,
        by_index=None if fate.by is None else fate.by.index,
        why="" if fate.error is None else fate.error.say(record.language),
        size=count_words(fate.size, record.language),
        close="" if fate.close_ms is None else moment_words(fate.close_ms, record.language),
        until="" if fate.until_s is None else moment_words(fate.until_s * 1_000, record.language),
    )


def fate_json(fate: Fate, record: Record) -> dict[str, Any]:
    """Return what became of an entry, as `--json` writes it."""
    return {
        "ok": fate.good and not record.minutes.faults,
        "verdict": fate.verdict,
        "kind": fate.kind,
        "index": fate.index,
        "proposal": _name(fate, record) or None,
        "number": fate.number,
        "by": None if fate.by is None else {"index": fate.by.index, "number": fate.by.number},
        "reason": None if fate.error is None else fate.error.reason,
        "message": None if fate.error is None else fate.error.say(record.language),
        "close_ms": fate.close_ms,
        "promised_until_s": fate.until_s,
        "size": fate.size,
    }


def _name(fate: Fate, record: Record) -> str:
    if fate.proposal is None:
        return ""
    is_intervention = fate.proposal in record.assembly.interventions
    return intervention_name(fate.proposal) if is_intervention else proposal_name(fate.proposal)
