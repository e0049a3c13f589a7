"""What stands: the policy, model and constitution in force, and the activations that brought them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.assembly.constitution import Constitution
from rankd.core.policy.baseline import BASELINE_DIGEST

Ratification: TypeAlias = Literal["DEV", "RATIFIED", "BASELINE", "ROLLED_BACK"]
Cause: TypeAlias = Literal["founding", "vote", "notice", "rollback", "lapse"]


@dataclass(frozen=True, slots=True)
class ActivePolicy:
    """A policy that was activated.

    Attributes:
        number: Policy number of its surface, from 1 without gaps; 0 for the baseline.
        text: The file's bytes; b"" for the baseline.
        canon_digest: Canon digest; `BASELINE_DIGEST` for the baseline.
        file_digest: File digest; b"" for the baseline.
        adopted_by: Index of the proposal that adopted it; None: the baseline.
    """

    number: int
    text: bytes
    canon_digest: bytes
    file_digest: bytes
    adopted_by: int | None


BASELINE_IN_FORCE = ActivePolicy(0, b"", BASELINE_DIGEST, b"", None)
"""What ranks where no policy is in force."""


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """A model that was activated: digest of its manifest, the objectives that it has heads for, and who adopted it."""

    digest: bytes
    heads: tuple[str, ...]
    adopted_by: int


@dataclass(frozen=True, slots=True)
class Activation:
    """One change of what is in force, numbered 1, 2, 3 … over the whole co-op.

    Attributes:
        number: Its number.
        time_ms: From when on.
        cause: founding, vote, notice, a guardians' rollback, or the lapse of one.
        entry: Index of the proposal or guardians' entry behind it; 0 for the founding.
        surface: The surface that it is for; "": a constitution, which touches every surface.
        policy: Policy in force on that surface from then on; None for a constitution.
        model: Model in force on that surface from then on; None: none, or a constitution.
        constitution: The constitution in force from then on.
    """

    number: int
    time_ms: int
    cause: Cause
    entry: int
    surface: str
    policy: ActivePolicy | None
    model: ActiveModel | None
    constitution: Constitution


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force on one surface at one moment of the minutes.

    Attributes:
        surface: The surface.
        activation: The newest activation that touches it (its own, or a constitution's).
        policy: The policy; the baseline's where none is in force.
        model: The model; None where none is.
        constitution: The constitution.
        ratification: What stands behind the policy: BASELINE where none is in force; in a development co-op else DEV.
    """

    surface: str
    activation: int
    policy: ActivePolicy
    model: ActiveModel | None
    constitution: Constitution
    ratification: Ratification


def standing_after(activations: Sequence[Activation], surface: str) -> Standing:
    """Return what is in force on a surface after some activations, at least the founding's first.

    Args:
        activations: In their order.
        surface: A surface.
    """
    policy, model, cause, newest = BASELINE_IN_FORCE, None, activations[0].cause, activations[0].number
    for past in activations:
        if past.surface not in ("", surface):
            continue
        newest = past.number
        if past.policy is not None:
            cause = cause if past.policy == policy else past.cause
            policy, model = past.policy, past.model
    constitution = activations[-1].constitution
    ratification: Ratification = "RATIFIED"
    if policy.number == 0:
        ratification = "BASELINE"
    elif constitution.is_dev:
        ratification = "DEV"
    elif cause == "rollback":
        ratification = "ROLLED_BACK"
    return Standing(surface, newest, policy, model, constitution, ratification)
