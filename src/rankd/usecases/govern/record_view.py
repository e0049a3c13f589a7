"""The files of the record that people read: everything in them follows from the minutes and a moment.

Source: docs/spec/assembly.md, "The record".
"""

from collections.abc import Sequence

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.matter import Intervention, Matter, Vote
from rankd.core.assembly.tally.result import result_json
from rankd.core.exact.canonical import Json, canonical_json, digest_text
from rankd.core.words.language import Phrase
from rankd.store.record_folder import MINUTES, TOLD_FILE

TOLD_SCHEMA = "rankd.record/1"
ROLL_SCHEMA = "rankd.roll/1"
PROPOSAL_SCHEMA = "rankd.record.proposal/1"
INTERVENTION_SCHEMA = "rankd.record.intervention/1"
RESULT_SCHEMA = "rankd.record.result/1"

_CONSTITUTION, _ROLL, _PROPOSALS = "constitution", "roll", "proposals"
_OWN_FOLDERS = frozenset({MINUTES, _CONSTITUTION, _ROLL, _PROPOSALS})


def record_files(assembly: Assembly) -> dict[str, bytes]:
    """Return the files for people by their path under the record.

    Args:
        assembly: The assembly, to which the moment has come that they tell of.
    """
    files = {f"{_CONSTITUTION}/{one.number:04d}.yaml": one.text for one in assembly.constitutions}
    files[f"{_ROLL}/roll.json"] = _roll(assembly)
    for index, matter in assembly.proposals.items():
        files |= _proposal(index, matter)
    for index, intervention in assembly.interventions.items():
        files |= _intervention(index, intervention)
    for activation in assembly.activations:
        policy = activation.policy
        if policy is not None and policy.number > 0:
            files[f"{surface_folder(activation.surface)}/{policy.number:04d}.yaml"] = policy.text
    files[TOLD_FILE] = told_file(assembly, assembly.time_ms)
    return files


def told_file(assembly: Assembly, time_ms: int) -> bytes:
    """Return the file that says of which entries and of which moment the others tell."""
    return _json(
        {
            "schema": TOLD_SCHEMA,
            "origin": assembly.origin,
            "genesis": digest_text(assembly.genesis),
            "size": assembly.size,
            "time_ms": time_ms,
        }
    )


def own_folders(assembly: Assembly) -> frozenset[str]:
    """Return the folders right under the record in which nothing lies but what `record_files` and the minutes name."""
    return _OWN_FOLDERS | {surface_folder(surface) for surface in assembly.surfaces()}


def surface_folder(surface: str) -> str:
    """Return the folder of a surface's policies; a surface that is called like another folder of the record gives way.

    No surface's name has a dot.
    """
    return f"{surface}.policies" if surface in _OWN_FOLDERS else surface


def is_public(assembly: Assembly, leaf: MinutesLeaf) -> bool:
    """Tell whether the body of an entry may be shown: a ballot's after the last close of its vote, any other at once.

    Args:
        assembly: The assembly, to which the moment of showing has come.
        leaf: The entry's leaf.
    """
    if leaf.kind != "ballot":
        return True
    vote = None if leaf.about is None else vote_on(assembly, leaf.about)
    return vote is not None and vote.is_closed


def vote_on(assembly: Assembly, index: int) -> Vote | None:
    """Return the vote on a proposal or an intervention; None: there is none, or not yet."""
    matter = assembly.proposals.get(index)
    if matter is not None:
        return matter.vote
    intervention = assembly.interventions.get(index)
    return None if intervention is None else intervention.vote


def _roll(assembly: Assembly) -> bytes:
    members: list[Json] = [
        {
            "id": member.id,
            "key": member.key.hex(),
            "status": member.status,
            "since_ms": member.since_ms,
            "admitted_ms": member.admitted_ms,
        }
        for member in assembly.roll.by_id.values()
    ]
    digest = digest_text(assembly.roll.electorate().digest)
    return _json({"schema": ROLL_SCHEMA, "digest": digest, "members": members})


def _proposal(index: int, matter: Matter) -> dict[str, bytes]:
    name = proposal_name(index)
    said = matter.proposal
    document: dict[str, Json] = {
        "schema": PROPOSAL_SCHEMA,
        "id": name,
        "subject": said.subject,
        "vote": said.vote,
        "by": matter.rules.by,
        "surface": said.surface,
        "title": _phrase(said.title),
        "reasons": _phrase(said.reasons),
        "proposer": matter.proposer,
        "sponsors": list(matter.sponsors),
        "state": matter.state,
        "history": [[time_ms, state] for time_ms, state in matter.history],
        "texts": _digests(matter.text_digests),
        "model": _digest(said.model),
        "heads": list(said.heads),
        "base_policy": _digest(said.base_policy),
        "base_model": _digest(said.base_model),
        "impact": _digest(matter.impact_digest),
        "amended_count": matter.amended_count,
        "argument_count": len(matter.arguments),
        "recallers": list(matter.recallers),
        "voting": None if matter.vote is None else _voting(matter.vote),
        "activation": matter.activation,
    }
    folder = f"{_PROPOSALS}/{name}"
    files = {f"{folder}/proposal.json": _json(document)}
    for number, wording in enumerate(matter.wordings, 1):
        if wording.read is not None:
            files[f"{folder}/{number}.yaml"] = wording.data
    if matter.impact is not None:
        files[f"{folder}/impact.json"] = f"{matter.impact}\n".encode()
    if matter.vote is not None:
        files |= _results(folder, name, matter.vote)
    return files


def _intervention(index: int, intervention: Intervention) -> dict[str, bytes]:
    name, demand = intervention_name(index), intervention.demand
    folder = f"{_PROPOSALS}/{name}"
    document: dict[str, Json] = {
        "schema": INTERVENTION_SCHEMA,
        "id": name,
        "action": demand.action,
        "proposal": None if demand.proposal is None else proposal_name(demand.proposal),
        "surface": demand.surface,
        "to": demand.to,
        "reason": _phrase(demand.reason),
        "signers": [key.hex() for key in intervention.signers],
        "state": intervention.state,
        "voting": _voting(intervention.vote),
        "activation": intervention.activation,
    }
    return {f"{folder}/intervention.json": _json(document)} | _results(folder, name, intervention.vote)


def _voting(vote: Vote) -> dict[str, Json]:
    return {
        "kind": vote.kind,
        "texts": _digests(vote.texts),
        "open_ms": vote.open_ms,
        "close_ms": vote.close_ms,
        "extended": vote.is_extended,
        "constitution": digest_text(vote.constitution.canon_digest),
        "roll": digest_text(vote.electorate.digest),
        "member_count": vote.electorate.count,
        "quorum": vote.quorum,
    }


def _results(folder: str, name: str, vote: Vote) -> dict[str, bytes]:
    """Return the result of a vote as its file, once it is closed for good."""
    if vote.result is None:
        return {}
    first = None if vote.at_first_close is None else result_json(vote.at_first_close)
    before = None if vote.before is None else result_json(vote.before)
    document: dict[str, Json] = {
        "schema": RESULT_SCHEMA,
        "id": name,
        "result": result_json(vote.result),
        "at_first_close": first,
        "one_window_before": before,
    }
    return {f"{folder}/result.json": _json(document)}


def _digests(pairs: Sequence[tuple[bytes, bytes]]) -> list[Json]:
    return [[digest_text(canon), digest_text(file)] for canon, file in pairs]


def _digest(digest: bytes | None) -> str | None:
    return None if digest is None else digest_text(digest)


def _phrase(phrase: Phrase) -> dict[str, Json]:
    return {"fr": phrase.fr, "en": phrase.en}


def _json(document: dict[str, Json]) -> bytes:
    return canonical_json(document) + b"\n"
