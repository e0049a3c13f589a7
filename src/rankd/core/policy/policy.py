"""A policy: what members voted, as the machine obeys it."""

from dataclasses import dataclass
from typing import Literal

from rankd.core.words.language import Phrase


@dataclass(frozen=True, slots=True)
class MaxAge:
    """`max_age/1`: candidates older than `age_ms` are dropped.

    `unknown_age_ms` is the age taken for a candidate whose creation time is not known.
    """

    age_ms: int
    unknown_age_ms: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """`freshness/1`: a positive value halves every `half_life_ms`, down to the share `floor_ppm`.

    Bounds: half_life_ms 60 000 to 315 360 000 000 (one minute to ten years of 365 days); floor_ppm 1 000 to
    1 000 000 (1 ‰ to all).
    """

    half_life_ms: int
    floor_ppm: int
    unknown_age_ms: int


@dataclass(frozen=True, slots=True)
class SourceScaling:
    """`source_scaling/1`: the share of a positive value that a candidate from each source keeps.

    `shares` is sorted by source name (bytes); `other_ppm` holds for every source not named and for candidates
    without a source. Shares are 0 to 1 000 000 parts per million.
    """

    shares: tuple[tuple[str, int], ...]
    other_ppm: int


@dataclass(frozen=True, slots=True)
class FeedbackFatigue:
    """`feedback_fatigue/1`: a positive value keeps `floor_ppm` right after negative feedback and recovers linearly.

    `column` is the request column that holds, for each candidate, the whole hours since this viewer last gave
    negative feedback on its author; NaN where there was none. After `recovery_hours` nothing is discounted.
    """

    column: str
    recovery_hours: int
    floor_ppm: int


@dataclass(frozen=True, slots=True)
class AuthorDiversity:
    """`author_diversity/1`: an author's next post keeps `decay_ppm` of the factor before, down to `floor_ppm`."""

    decay_ppm: int
    floor_ppm: int


@dataclass(frozen=True, slots=True)
class Cap:
    """`cap/1`: at most `at_most` posts of each author (`group` None) or of one `group` in the first `in_first`."""

    group: str | None
    at_most: int
    in_first: int


@dataclass(frozen=True, slots=True)
class Quota:
    """`quota/1`: at least `at_least` posts of `group` in the first `in_first`."""

    group: str
    at_least: int
    in_first: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a policy; None, False or empty where the policy does not name a rule.

    `after_cap` says what becomes of candidates that no cap lets in any more: `drop` or `append` (None without caps).
    """

    drop_seen: bool = False
    drop_muted: bool = False
    max_age: MaxAge | None = None
    freshness: Freshness | None = None
    source_scaling: SourceScaling | None = None
    feedback_fatigue: FeedbackFatigue | None = None
    author_diversity: AuthorDiversity | None = None
    caps: tuple[Cap, ...] = ()
    after_cap: Literal["drop", "append"] | None = None
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True)
class Slider:
    """How far a person may move an objective's points for herself, in whole percent, 0 to 300."""

    objective: str
    min_percent: int
    max_percent: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy text, read and checked. Build it with `core.policy.reader.read_policy`, never by hand.

    Attributes:
        surface: The surface it is for.
        base_digest: Canon digest of the policy that it replaces; None for a surface's first.
        points: Points per objective, all nine, in the canonical order, together 1000.
        exploration_ppm: Share of requests that explore, parts per million.
        sliders: In the canonical order of objectives.
        canon_digest: SHA-256 of `canonical`: what the machine obeys.
        file_digest: SHA-256 of the file's bytes: what members read.
        canonical: The RFC 8785 form of the text with durations in milliseconds and shares in parts per million.
    """

    surface: str
    base_digest: bytes | None
    title: Phrase
    reasons: Phrase
    points: tuple[tuple[str, int], ...]
    rules: Rules
    exploration_ppm: int
    sliders: tuple[Slider, ...]
    canon_digest: bytes
    file_digest: bytes
    canonical: bytes


@dataclass(frozen=True, slots=True)
class ObjectiveLimits:
    """What the constitution (before the assembly: the limits file) says about one objective.

    `sign` is +1 (reward) or −1 (penalty); points must lie in [min_points, max_points].
    """

    objective: str
    sign: Literal[1, -1]
    min_points: int
    max_points: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Signs, bounds and the lift ceiling that every policy must respect. Build it with `read_limits`.

    Attributes:
        lift_ceiling_micro: Largest lift that counts, micro-units, 2 000 000 to 50 000 000.
        exploration_max_ppm: Largest share of requests that a policy may explore, parts per million.
        objectives: All nine, in the canonical order.
    """

    lift_ceiling_micro: int
    exploration_max_ppm: int
    objectives: tuple[ObjectiveLimits, ...]
    canon_digest: bytes
    file_digest: bytes
    canonical: bytes
