"""What rankd's fold says of minutes, in the words of the reference; and minutes without some of their bodies."""

import random
from dataclasses import replace
from typing import Any

from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.leaf_codec import encode_leaf
from rankd.core.assembly.matter import Vote
from rankd.core.exact.canonical import digest_text


def wire(entries: list[Entry]) -> list[tuple[bytes, bytes | None]]:
    """Return entries as the reference takes them."""
    return [(encode_leaf(entry.leaf), entry.envelope) for entry in entries]


def hidden(entries: list[Entry], dice: random.Random) -> list[Entry]:
    """Return the minutes up to somewhere, without some of their bodies."""
    kept = entries[: dice.choice((len(entries), dice.randint(1, len(entries))))]
    voted = sorted({one.leaf.about for one in kept if one.leaf.kind == "ballot" and one.leaf.about is not None})
    sealed = {index for index in voted if dice.random() < 0.3}
    chance = dice.choice((1.0, 1.0, 0.3))
    shown = []
    for one in kept:
        gone = one.leaf.kind == "ballot" and one.leaf.about in sealed and dice.random() < chance
        gone = gone or (one.leaf.kind in ("argument", "registration") and dice.random() < 0.5)
        gone = gone or (one.index > 0 and dice.random() < 0.002)
        shown.append(replace(one, envelope=None) if gone else one)
    return shown


def refolded(genesis: bytes, entries: list[Entry], now_ms: int) -> Assembly:
    """Have rankd fold minutes."""
    assembly = Assembly(genesis)
    for one in entries:
        assembly.take(one)
    return assembly.at(now_ms)


def told(assembly: Assembly) -> dict[str, Any]:
    """Return what rankd's fold says, in the words of the reference."""
    activations = [
        {
            "number": one.number,
            "time_ms": one.time_ms,
            "cause": one.cause,
            "entry": one.entry,
            "surface": one.surface or None,
            "policy_number": (0 if one.policy is None else one.policy.number) if one.surface else None,
            "policy": told_policy(one.policy),
            "model": None if one.model is None else digest_text(one.model.digest),
            "constitution": digest_text(one.constitution.canon_digest),
        }
        for one in assembly.activations
    ]
    return {
        "roll": {member: [one.key.hex(), one.status] for member, one in sorted(assembly.roll.by_id.items())},
        "proposals": {
            str(index): {
                "state": one.state,
                "result": told_result(one.vote),
                "texts": [digest_text(wording.file_digest) for wording in one.wordings],
                "vote": told_vote(one.vote),
            }
            for index, one in assembly.proposals.items()
        },
        "interventions": {
            str(index): {"state": one.state, "result": told_result(one.vote), "vote": told_vote(one.vote)}
            for index, one in assembly.interventions.items()
        },
        "activations": activations,
        "standings": {surface: told_standing(assembly, surface) for surface in assembly.surfaces()},
        "voids": [void.index for void in assembly.voids],
        "withheld": assembly.withheld,
    }


def told_result(vote: Vote | None) -> Any:
    result: Any = None if vote is None else vote.result
    if vote is None or result is None:
        return None
    return getattr(result, {"yes_no": "passed", "ranking": "winner", "points": "points"}[vote.kind])


def told_vote(vote: Vote | None) -> dict[str, Any] | None:
    if vote is None:
        return None
    return {
        "kind": vote.kind,
        "roll": digest_text(vote.electorate.digest),
        "constitution": digest_text(vote.constitution.canon_digest),
        "impact": None if vote.impact is None else digest_text(vote.impact),
        "quorum": vote.quorum,
        "open_ms": vote.open_ms,
        "close_ms": vote.close_ms,
        "extended": vote.is_extended,
        "members": len(vote.electorate.ids),
    }


def told_policy(policy: Any) -> str | None:
    return None if policy is None or policy.number == 0 else digest_text(policy.canon_digest)


def told_standing(assembly: Assembly, surface: str) -> dict[str, Any]:
    one = assembly.standing(surface)
    return {
        "activation": one.activation,
        "policy_number": 0 if one.policy is None else one.policy.number,
        "policy": told_policy(one.policy),
        "model": None if one.model is None else digest_text(one.model.digest),
        "constitution": digest_text(one.constitution.canon_digest),
        "ratification": one.ratification,
    }
