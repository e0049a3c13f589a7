"""What is measured: the policies whose impact is that of a proposal, and whether a frozen impact is about them.

Nobody can tell from the minutes that the numbers of an impact are true; whoever holds the decisions computes them
again. That it is about what is put to the vote, and about nothing else, everybody can tell.

Source: docs/spec/impact.md section 8.
"""

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.matter import Matter
from rankd.core.assembly.points_template import Template, policy_of
from rankd.core.assembly.standing import ActivePolicy
from rankd.core.errors import AssemblyError, ImpactError
from rankd.core.exact.canonical import digest_text
from rankd.core.impact.document import decode_impacts
from rankd.core.impact.impact import Impact
from rankd.core.policy.policy import Policy
from rankd.core.policy.reader import read_policy
from rankd.core.words.visible import visible


def measured_policies(matter: Matter, policy: ActivePolicy) -> tuple[Policy, ...]:
    """Return the policies under which decisions are ranked again, one for each text, in their order.

    Points that are left to a vote are today's; a model is tried under today's policy.

    Args:
        matter: The proposal.
        policy: The policy for which it is made.

    Raises:
        AssemblyError: IMPACT_NONE: it has no impact.
    """
    texts = tuple(wording.read for wording in matter.wordings)
    by_today = matter.proposal.subject == "model" or any(isinstance(text, Template) for text in texts)
    if matter.proposal.subject == "constitution" or (by_today and not policy.number):
        raise AssemblyError("IMPACT_NONE", proposal=proposal_name(matter.index))
    if not by_today:
        return tuple(text for text in texts if isinstance(text, Policy))
    today = read_policy(policy.text, f"policy {policy.number}")
    if matter.proposal.subject == "model":
        return (today,)
    return tuple(policy_of(wording.data, dict(today.points)) for wording in matter.wordings)


def check_impact(impact: str, matter: Matter, policy: ActivePolicy, constitution: Constitution) -> None:
    """Make sure that an impact is one, and about what a proposal puts to the vote.

    Args:
        impact: Canonical JSON, from anybody.
        matter: The proposal.
        policy: The policy in force on its surface.
        constitution: The constitution in force.

    Raises:
        AssemblyError: IMPACT_NONE, or IMPACT_OTHER naming the field.
    """
    wanted = measured_policies(matter, policy)
    try:
        found = decode_impacts(impact.encode("utf-8"))
    except ImpactError as error:
        field, said = error.metadata.get("field", error.reason), error.metadata.get("found", "–")
        raise _other(matter, str(field), str(said), "rankd.impact/1") from None
    if len(found) != len(wanted):
        raise _other(matter, "impacts", str(len(found)), str(len(wanted)))
    for one, text in zip(found, wanted, strict=True):
        _check_one(one, text, matter, constitution)


def _check_one(impact: Impact, text: Policy, matter: Matter, constitution: Constitution) -> None:
    proposal = matter.proposal
    if impact.surface != proposal.surface:
        raise _other(matter, "surface", visible(impact.surface), proposal.surface)
    new_model = proposal.model if proposal.subject == "model" else None
    digests = {
        "proposed.canon": (impact.proposed.canon, text.canon_digest),
        "proposed.file": (impact.proposed.file, text.file_digest),
        "limits": (impact.limits, constitution.limits.canon_digest),
        "new_model": (impact.new_model, new_model),
    }
    for field, (found, wanted) in digests.items():
        if found != wanted:
            raise _other(matter, field, _shown(found), _shown(wanted))


def _other(matter: Matter, field: str, found: str, wanted: str) -> AssemblyError:
    return AssemblyError(
        "IMPACT_OTHER", proposal=proposal_name(matter.index), field=field, found=found[:120], wanted=wanted
    )


def _shown(digest: bytes | None) -> str:
    return "null" if digest is None else digest_text(digest)
