"""Wordings: the texts that a proposal puts to the vote, read and held against the rules in force."""

from collections.abc import Mapping
from dataclasses import dataclass

from rankd.core.assembly.constitution import Constitution, Subject
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.entries import Proposal, VoteKind
from rankd.core.assembly.points_template import Template, fill, policy_of, read_template
from rankd.core.errors import AssemblyError, PolicyError
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.pairing import check_limits
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import TOTAL_POINTS, read_policy


@dataclass(frozen=True, slots=True)
class Wording:
    """One text on offer.

    Attributes:
        data: The file's bytes; b"" for a model.
        canon_digest: What the machine obeys; for a model its digest.
        file_digest: What members read; for a model its digest.
        read: What the text says; None for a model.
    """

    data: bytes
    canon_digest: bytes
    file_digest: bytes
    read: Policy | Template | Constitution | None


def read_wordings(subject: Subject, vote: VoteKind, surface: str, texts: tuple[str, ...]) -> tuple[Wording, ...]:
    """Return the texts of a proposal, read and checked for themselves.

    Args:
        subject: What they are about.
        vote: How they are voted on.
        surface: The surface that they must be for; "" for a constitution.
        texts: The files.

    Raises:
        AssemblyError: WORDING_SURFACE, WORDING_REPEATED.
        PolicyError, AssemblyError: A text is refused by its reader.
    """
    found = tuple(_read(subject, vote, text.encode("utf-8", "surrogatepass"), at) for at, text in enumerate(texts, 1))
    for wording in found:
        if isinstance(wording.read, Policy | Template) and wording.read.surface != surface:
            raise AssemblyError("WORDING_SURFACE", found=wording.read.surface, wanted=surface)
    if len({wording.canon_digest for wording in found}) < len(found):
        raise AssemblyError("WORDING_REPEATED")
    return found


def model_wording(digest: bytes) -> Wording:
    """Return what stands for a model where texts stand."""
    return Wording(b"", digest, digest, None)


def wordings_of(proposal: Proposal, texts: tuple[str, ...]) -> tuple[Wording, ...]:
    """Return what a proposal puts to the vote when its texts are these; see `read_wordings`."""
    if proposal.subject == "model":
        return () if proposal.model is None else (model_wording(proposal.model),)
    return read_wordings(proposal.subject, proposal.vote, proposal.surface, texts)


def _read(subject: Subject, vote: VoteKind, data: bytes, at: int) -> Wording:
    name = f"text {at}"
    read: Policy | Template | Constitution
    if subject == "constitution":
        read = read_constitution(data, name)
    elif vote == "points":
        read = read_template(data, name)
    else:
        read = read_policy(data, name)
    return Wording(data, read.canon_digest, read.file_digest, read)


def check_policy(policy: Policy, limits: Limits, heads: tuple[str, ...]) -> None:
    """Make sure that a policy keeps the limits and has points only where the model has a head.

    Raises:
        PolicyError: `POINTS_OUTSIDE_LIMITS`, `EXPLORATION_ABOVE_LIMIT` or `HEAD_MISSING`.
    """
    check_limits(policy, limits)
    missing = [objective for objective, given in policy.points if given > 0 and objective not in heads]
    if missing:
        raise PolicyError(
            "HEAD_MISSING",
            surface=policy.surface,
            objectives=", ".join(missing),
            heads=", ".join(heads),
            field=f"points.{missing[0]}",
        )


def check_template(data: bytes, limits: Limits, heads: tuple[str, ...]) -> None:
    """Make sure that some outcome of a points vote could come into force.

    Raises:
        AssemblyError: POINTS_IMPOSSIBLE: no thousand points fit the limits and the model's heads.
        PolicyError: See `check_policy`.
    """
    floors, caps = floors_and_caps(limits, heads)
    given, left = dict(floors), TOTAL_POINTS - sum(floors.values())
    for objective in given:
        more = min(left, caps[objective] - given[objective])
        given[objective], left = given[objective] + more, left - more
    check_policy(policy_of(data, given), limits, heads)


def floors_and_caps(limits: Limits, heads: tuple[str, ...]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the fewest and the most points that each objective can be given in a points vote.

    Raises:
        AssemblyError: POINTS_IMPOSSIBLE: an objective without a head must have points, or the most do not reach 1000.
    """
    floors = {entry.objective: entry.min_points for entry in limits.objectives}
    caps = {entry.objective: entry.max_points if entry.objective in heads else 0 for entry in limits.objectives}
    if sum(caps.values()) < TOTAL_POINTS or any(floors[objective] > caps[objective] for objective in floors):
        raise AssemblyError("POINTS_IMPOSSIBLE", heads=", ".join(heads))
    return floors, caps


def filled(wording: Wording, points: Mapping[str, int]) -> Wording:
    """Return the policy that a points vote makes of its template."""
    policy = policy_of(wording.data, points)
    return Wording(fill(wording.data, points), policy.canon_digest, policy.file_digest, policy)


def check_successor(text: Constitution, current: Constitution) -> None:
    """Make sure that a constitution can follow the one in force.

    Raises:
        AssemblyError: CONSTITUTION_NUMBER, CONSTITUTION_BASE, CONSTITUTION_ORIGIN or CONSTITUTION_LOG_KEY.
    """
    if text.origin != current.origin:
        raise AssemblyError("CONSTITUTION_ORIGIN", found=text.origin, wanted=current.origin)
    if text.log_key != current.log_key:
        raise AssemblyError("CONSTITUTION_LOG_KEY", found=text.log_key.hex(), wanted=current.log_key.hex())
    if text.number != current.number + 1:
        raise AssemblyError("CONSTITUTION_NUMBER", found=text.number, wanted=current.number + 1)
    if text.base_digest != current.canon_digest:
        found = "none" if text.base_digest is None else digest_text(text.base_digest)
        raise AssemblyError("CONSTITUTION_BASE", found=found, wanted=digest_text(current.canon_digest))
