"""The assembly as `--json` writes it."""

from typing import Any

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import Intervention, Matter, Vote
from rankd.core.assembly.tally.result import result_json
from rankd.core.exact.canonical import digest_text
from rankd.core.words.language import Language, Phrase
from rankd.edge.cli.govern.assembly_record import Record
from rankd.edge.cli.govern.assembly_show import ProposalTeller
from rankd.edge.cli.standing_json import model_json, policy_json, standing_json
from rankd.usecases.govern.measuring import frozen_impacts
from rankd.usecases.govern.outlook import acts, awaited, title_of


def status_json(record: Record, who: bytes | None) -> dict[str, Any]:
    """Return the overview; `who` is a public key, for what its holder can do."""
    assembly, faults = record.assembly, record.minutes.faults
    document: dict[str, Any] = {
        "ok": not faults,
        "origin": assembly.origin,
        "genesis": digest_text(assembly.genesis),
        "size": assembly.size,
        "time_ms": assembly.time_ms,
        "active_member_count": len(assembly.roll.active()),
        "constitution": {
            "number": assembly.constitution.number,
            "canon_digest": digest_text(assembly.constitution.canon_digest),
        },
        "surfaces": [standing_json(assembly, surface) for surface in assembly.surfaces()],
        "proposals": [_brief(assembly, matter) for matter in assembly.proposals.values()],
        "interventions": [_intervention(entry) for entry in assembly.interventions.values()],
        "withheld": assembly.withheld,
        "voids": [{"index": void.index, "kind": void.kind, "reason": void.error.reason} for void in assembly.voids],
        "faults": [{"reason": fault.error.reason, "message": fault.error.say(record.language)} for fault in faults],
    }
    if who is not None:
        member = assembly.roll.find(who)
        document["you"] = {
            "member": None if member is None else member.id,
            "status": None if member is None else member.status,
            "registered": assembly.registered.get(who),
            "acts": [
                {"deed": act.deed, "proposal": _name(assembly, act.index), "until_ms": act.until_ms, "again": act.again}
                for act in acts(assembly, who)
            ],
        }
    return document


def matter_json(assembly: Assembly, matter: Matter, language: Language) -> dict[str, Any]:
    """Return a proposal in full; what a text would change is said in `language`."""
    teller = ProposalTeller(assembly, language)
    proposal = matter.proposal
    return {
        "ok": True,
        **_brief(assembly, matter),
        "reasons": _phrase(proposal.reasons),
        "proposer": matter.proposer,
        "sponsors": list(matter.sponsors),
        "texts": [
            {
                "canon_digest": digest_text(wording.canon_digest),
                "file_digest": digest_text(wording.file_digest),
                "text": wording.data.decode("utf-8"),
                "changes": list(teller.changes(matter, wording)),
            }
            for wording in matter.wordings
        ],
        "impact_digest": None if matter.impact_digest is None else digest_text(matter.impact_digest),
        "announced": sorted({objective for one in frozen_impacts(matter) for objective in one.announced}),
        "timeline": [{"time_ms": time_ms, "state": state} for time_ms, state in matter.history],
        "arguments": [
            {
                "index": said.index,
                "time_ms": said.time_ms,
                "member": said.member or None,
                "side": None if said.argument is None else said.argument.side,
                "reply_to": None if said.argument is None else said.argument.reply_to,
                "text": None if said.argument is None else said.argument.text,
            }
            for said in matter.arguments
        ],
        "amendments": [
            {
                "index": offer.index,
                "time_ms": offer.time_ms,
                "member": offer.member,
                "file_digests": [digest_text(wording.file_digest) for wording in offer.wordings],
            }
            for offer in (matter.offers or {}).values()
        ],
        "vote": None if matter.vote is None else _vote(assembly, matter.index, matter.vote),
        "recallers": list(matter.recallers),
        "reason": None if matter.reason is None else matter.reason.reason,
        "activation": matter.activation,
    }


def intervention_json(assembly: Assembly, intervention: Intervention) -> dict[str, Any]:
    """Return an intervention of the guardians in full."""
    return {
        "ok": True,
        **_intervention(intervention),
        "reason": _phrase(intervention.demand.reason),
        "signers": [key.hex() for key in intervention.signers],
        "vote": _vote(assembly, intervention.index, intervention.vote),
    }


def history_json(assembly: Assembly) -> dict[str, Any]:
    """Return every activation, and every proposal with its states."""
    return {
        "ok": True,
        "activations": [
            {
                "number": entry.number,
                "time_ms": entry.time_ms,
                "cause": entry.cause,
                "proposal": _name(assembly, entry.entry),
                "surface": entry.surface,
                "policy": None if entry.policy is None else policy_json(entry.policy),
                "model": model_json(entry.model),
                "constitution": entry.constitution.number,
            }
            for entry in assembly.activations
        ],
        "proposals": [
            {
                "proposal": proposal_name(matter.index),
                "title": _phrase(title_of(matter)),
                "timeline": [{"time_ms": time_ms, "state": state} for time_ms, state in matter.history],
            }
            for matter in assembly.proposals.values()
        ],
        "interventions": [_intervention(entry) for entry in assembly.interventions.values()],
    }


def _brief(assembly: Assembly, matter: Matter) -> dict[str, Any]:
    found = awaited(matter, assembly)
    awaits = None
    if found is not None:
        awaits = {"what": found.what, "until_ms": found.until_ms, "have": found.have, "need": found.need}
    return {
        "proposal": proposal_name(matter.index),
        "subject": matter.proposal.subject,
        "surface": matter.proposal.surface,
        "vote_kind": matter.proposal.vote,
        "title": _phrase(title_of(matter)),
        "state": matter.state,
        "since_ms": matter.since_ms,
        "awaits": awaits,
    }


def _intervention(intervention: Intervention) -> dict[str, Any]:
    demand = intervention.demand
    return {
        "intervention": intervention_name(intervention.index),
        "action": demand.action,
        "proposal": None if demand.proposal is None else proposal_name(demand.proposal),
        "surface": demand.surface,
        "to": demand.to,
        "state": intervention.state,
        "close_ms": intervention.vote.close_ms,
    }


def _vote(assembly: Assembly, index: int, vote: Vote) -> dict[str, Any]:
    return {
        "kind": vote.kind,
        "open_ms": vote.open_ms,
        "close_ms": vote.close_ms,
        "extended": vote.is_extended,
        "closed": vote.is_closed,
        "member_count": vote.electorate.count,
        "roll_digest": digest_text(vote.electorate.digest),
        "constitution_digest": digest_text(vote.constitution.canon_digest),
        "quorum": vote.quorum,
        "majority": f"{vote.majority.numerator}/{vote.majority.denominator}",
        "ballot_count": assembly.ballot_count(index),
        "result": None if vote.result is None else result_json(vote.result),
    }


def _phrase(phrase: Phrase) -> dict[str, str]:
    return {"fr": phrase.fr, "en": phrase.en}


def _name(assembly: Assembly, index: int) -> str:
    return intervention_name(index) if index in assembly.interventions else proposal_name(index)
