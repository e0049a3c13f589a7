"""Verdicts on minutes, and on decisions under them, as `--json` writes them: complete."""

from typing import Any

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import Intervention, Matter, Vote
from rankd.core.assembly.standing import Activation
from rankd.core.assembly.tally.result import Result, result_json
from rankd.core.exact.canonical import digest_text
from rankd.core.log.canonical_text import base64_text
from rankd.core.records.fault import Fault
from rankd.core.words.language import Language
from rankd.core.words.verify_record import SAYINGS
from rankd.edge.cli.audit.verify_record import Members
from rankd.edge.cli.standing_json import model_json, policy_json, standing_json
from rankd.usecases.govern.outlook import title_of
from rankd.usecases.govern.verdict import Verdict


def verdict_json(verdict: Verdict, language: Language) -> dict[str, Any]:
    """Return a verdict on a record; messages are in `language`."""
    assembly, minutes = verdict.assembly, verdict.minutes
    return {
        "ok": verdict.good,
        "dev": assembly.is_dev,
        "origin": assembly.origin,
        "genesis": digest_text(assembly.genesis),
        "size": minutes.size,
        "root": base64_text(minutes.root),
        "cosigners": [{"name": name, "time_s": time_s} for name, time_s in minutes.cosigners],
        "time_ms": assembly.time_ms,
        "counter": verdict.counter,
        "active_member_count": len(assembly.roll.active()),
        "roll_digest": digest_text(assembly.roll.electorate().digest),
        "constitutions": [
            {
                "number": one.number,
                "canon_digest": digest_text(one.canon_digest),
                "file_digest": digest_text(one.file_digest),
            }
            for one in assembly.constitutions
        ],
        "surfaces": [standing_json(assembly, surface) for surface in assembly.surfaces()],
        "activations": [_activation(assembly, entry) for entry in assembly.activations],
        "proposals": [_proposal(assembly, matter) for matter in assembly.proposals.values()],
        "interventions": [_intervention(assembly, entry) for entry in assembly.interventions.values()],
        "withheld": None if assembly.withheld is None else _name(assembly, assembly.withheld),
        "voids": [
            {
                "index": void.index,
                "kind": void.kind,
                "reason": void.error.reason,
                "message": void.error.say(language),
            }
            for void in assembly.voids
        ],
        "faults": [fault_json(fault, language) for fault in verdict.faults],
        "receipts": [
            {
                "file": entry.name,
                "index": entry.receipt.index,
                "until_s": entry.receipt.until_s,
                "verdict": entry.verdict,
            }
            for entry in verdict.receipts
        ],
        "checkpoints": [
            {"file": entry.name, "size": entry.size, "verdict": entry.verdict} for entry in verdict.checkpoints
        ],
        "not_proven": [SAYINGS["not_proven"].say(language)],
    }


def mandate_json(members: Members) -> dict[str, Any]:
    """Return what the decisions of a journal rest on; its faults are among the journal's."""
    verdict, report = members.verdict, members.mandate
    if verdict is None or report is None:
        return {"mandate": None}
    mandate = {
        "origin": verdict.assembly.origin,
        "genesis": digest_text(verdict.assembly.genesis),
        "size": verdict.minutes.size,
        "activation_count": len(verdict.assembly.activations),
        "counts": [
            {"surface": surface, "activation": number, "count": count} for surface, number, count in report.counts
        ],
        "before_founding": report.before_count,
        "unserved": report.unserved_count,
        "times_compared": report.is_timed,
    }
    return {"mandate": mandate}


def fault_json(fault: Fault, language: Language) -> dict[str, Any]:
    """Return a fault."""
    return {
        "reason": fault.error.reason,
        "message": fault.error.say(language),
        "index": fault.index,
        "count": fault.count,
        "notes": [note.decode("utf-8", "replace") for note in fault.notes],
    }


def _proposal(assembly: Assembly, matter: Matter) -> dict[str, Any]:
    proposal, title = matter.proposal, title_of(matter)
    return {
        "proposal": proposal_name(matter.index),
        "subject": proposal.subject,
        "surface": proposal.surface,
        "title": {"fr": title.fr, "en": title.en},
        "proposer": matter.proposer,
        "sponsors": list(matter.sponsors),
        "texts": [[digest_text(canon), digest_text(file)] for canon, file in matter.text_digests],
        "impact": None if matter.impact_digest is None else digest_text(matter.impact_digest),
        "state": matter.state,
        "history": [{"time_ms": time_ms, "state": state} for time_ms, state in matter.history],
        "vote": None if matter.vote is None else _vote(assembly, matter.index, matter.vote),
        "recallers": list(matter.recallers),
        "expired_because": None if matter.reason is None else matter.reason.reason,
        "activation": matter.activation,
    }


def _intervention(assembly: Assembly, intervention: Intervention) -> dict[str, Any]:
    demand = intervention.demand
    return {
        "intervention": intervention_name(intervention.index),
        "action": demand.action,
        "proposal": None if demand.proposal is None else proposal_name(demand.proposal),
        "surface": demand.surface,
        "to": demand.to,
        "signers": [key.hex() for key in intervention.signers],
        "state": intervention.state,
        "vote": _vote(assembly, intervention.index, intervention.vote),
        "activation": intervention.activation,
    }


def _vote(assembly: Assembly, index: int, vote: Vote) -> dict[str, Any]:
    return {
        "kind": vote.kind,
        "open_ms": vote.open_ms,
        "close_ms": vote.close_ms,
        "extended": vote.is_extended,
        "closed": vote.is_closed,
        "constitution": digest_text(vote.constitution.canon_digest),
        "roll": digest_text(vote.electorate.digest),
        "member_count": vote.electorate.count,
        "quorum": vote.quorum,
        "majority": f"{vote.majority.numerator}/{vote.majority.denominator}",
        "ballot_count": assembly.ballot_count(index),
        "shown_count": len(assembly.ballots(index)),
        "result": _result(vote.result),
        "at_first_close": _result(vote.at_first_close),
        "one_window_before": _result(vote.before),
    }


def _result(result: Result | None) -> dict[str, Any] | None:
    return None if result is None else dict(result_json(result))


def _activation(assembly: Assembly, activation: Activation) -> dict[str, Any]:
    return {
        "number": activation.number,
        "time_ms": activation.time_ms,
        "cause": activation.cause,
        "by": _name(assembly, activation.entry),
        "surface": activation.surface,
        "policy": None if activation.policy is None else policy_json(activation.policy),
        "model": model_json(activation.model),
        "constitution": activation.constitution.number,
    }


def _name(assembly: Assembly, index: int) -> str:
    return intervention_name(index) if index in assembly.interventions else proposal_name(index)
