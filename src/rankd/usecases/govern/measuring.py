"""Measuring: with which policies, limits and models the impact of a proposal is computed, whoever does it and when."""

from collections.abc import Iterator
from dataclasses import dataclass

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.matter import Matter
from rankd.core.assembly.measured import measured_policies
from rankd.core.assembly.points_template import Template
from rankd.core.assembly.standing import BASELINE_IN_FORCE, Activation, ActivePolicy
from rankd.core.errors import AssemblyError
from rankd.core.impact.document import decode_impacts
from rankd.core.impact.impact import Impact
from rankd.core.policy.policy import Limits, Policy


@dataclass(frozen=True, slots=True)
class Measure:
    """What an impact of a proposal is computed with.

    Attributes:
        policies: The policies under which decisions are ranked again, one for each text.
        limits: The limits of the constitution in force: at the freeze, or at present where it is not frozen.
        model: Digest of the model whose decisions count; None: that of the newest.
        new_model: Digest of the proposed model; None: none is proposed.
    """

    policies: tuple[Policy, ...]
    limits: Limits
    model: bytes | None
    new_model: bytes | None


def measure_of(assembly: Assembly, matter: Matter) -> Measure:
    """Return what a proposal's impact is computed with: the same long after its freeze as at that moment.

    Raises:
        AssemblyError: IMPACT_NONE: it has no impact.
    """
    past = tuple(_until_freeze(assembly, matter))
    is_model = matter.proposal.subject == "model"
    return Measure(
        policies=measured_policies(matter, _policy_before(matter, past)),
        limits=_constitution(assembly, past).limits,
        model=matter.proposal.base_model if is_model else matter.proposal.model,
        new_model=matter.proposal.model if is_model else None,
    )


def frozen_impacts(matter: Matter) -> tuple[Impact, ...]:
    """Return the impacts that were frozen with a proposal, one for each text; none where none was.

    The freeze would be void if they were not well formed.
    """
    return () if matter.impact is None else decode_impacts(matter.impact.encode("utf-8"))


def need_frozen(matter: Matter, name: str) -> tuple[Impact, ...]:
    """Return the impacts that were frozen with a proposal.

    Raises:
        AssemblyError: IMPACT_UNFROZEN.
    """
    found = frozen_impacts(matter)
    if not found:
        raise AssemblyError("IMPACT_UNFROZEN", proposal=name)
    return found


def _until_freeze(assembly: Assembly, matter: Matter) -> Iterator[Activation]:
    frozen_ms = next((time_ms for time_ms, state in matter.history if state == "frozen"), assembly.time_ms)
    return (activation for activation in assembly.activations if activation.time_ms <= frozen_ms)


def _constitution(assembly: Assembly, past: tuple[Activation, ...]) -> Constitution:
    return past[-1].constitution if past else assembly.constitution


def _policy_before(matter: Matter, past: tuple[Activation, ...]) -> ActivePolicy:
    """Return the policy for which a proposal is made; where that never was in force, the newest."""
    surface = matter.proposal.surface
    policies = [one.policy for one in past if one.surface == surface and one.policy is not None]
    bases = {wording.read.base_digest for wording in matter.wordings if isinstance(wording.read, Template)}
    bases |= {matter.proposal.base_policy}
    known = [policy for policy in policies if policy.canon_digest in bases]
    return (known or policies or [BASELINE_IN_FORCE])[-1]
