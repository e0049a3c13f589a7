"""A snapshot: policy, limits and model of one surface at one moment; a request uses one from start to end."""

from dataclasses import dataclass, replace

from rankd.core.assembly.standing import Standing
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.policy import Limits, Policy
from rankd.core.ranking.formula import Formula
from rankd.forest.engine import Engine
from rankd.forest.sealed import SealedModel


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one surface is served with.

    Attributes:
        surface: The surface.
        policy: The policy, or None: the baseline.
        policy_file: The policy's bytes as members read them; b"" for the baseline.
        limits: The limits in force.
        model: The sealed model; None for the baseline.
        engine: What evaluates the model; None for the baseline, and where a past decision is only looked at.
        formula: Policy, limits and signal, ready to score; None for the baseline.
        silent: Silent objectives that carry points.
        active_time_ms: Since when it is served, milliseconds since 1970.
        standing: What stands behind it in the minutes; None: nothing does, it comes from a folder.
        minutes_size: Size of the minutes on which that rests; None: on none.
    """

    surface: str
    policy: Policy | None
    policy_file: bytes
    limits: Limits
    model: SealedModel | None
    engine: Engine | None
    formula: Formula | None
    silent: tuple[str, ...]
    active_time_ms: int
    standing: Standing | None = None
    minutes_size: int | None = None

    @classmethod
    def of_baseline(cls, surface: str, limits: Limits, active_time_ms: int = 0) -> "Snapshot":
        """Return the baseline for a surface."""
        return cls(surface, None, b"", limits, None, None, None, (), active_time_ms)

    def baseline(self) -> "Snapshot":
        """Return the baseline under the same limits, for a viewer who chose newest first."""
        return self.of_baseline(self.surface, self.limits, self.active_time_ms).under(self.standing, self.minutes_size)

    def under(self, standing: Standing | None, minutes_size: int | None) -> "Snapshot":
        """Return the same with what stands behind it."""
        if (self.standing, self.minutes_size) == (standing, minutes_size):
            return self
        return replace(self, standing=standing, minutes_size=minutes_size)

    @property
    def activation(self) -> int | None:
        """Number of the newest activation that touches the surface; None where no assembly activates."""
        return None if self.standing is None else self.standing.activation

    @property
    def policy_digest(self) -> bytes:
        """Canon digest of the policy, or of the baseline."""
        return BASELINE_DIGEST if self.policy is None else self.policy.canon_digest

    @property
    def model_digest(self) -> bytes | None:
        """Digest of the model; None for the baseline."""
        return None if self.model is None else self.model.manifest.digest

    def matches(self, policy: bytes, limits: bytes, model: bytes | None) -> bool:
        """Whether this is the snapshot with these digests."""
        return (self.policy_digest, self.limits.canon_digest, self.model_digest) == (policy, limits, model)
