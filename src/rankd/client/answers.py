"""Answers as the client gives them: frozen dataclasses. Units as in the contract."""

from dataclasses import dataclass

from rankd.core.ranking.explanation import RuleStep, Term


@dataclass(frozen=True, slots=True)
class PolicyRef:
    """The policy behind an answer; `number` and `activation_number` are None before an assembly adopts it."""

    surface: str
    number: int | None
    activation_number: int | None
    canon_digest: str
    file_digest: str
    ratification: str
    proposal_id: str
    minutes_size: int | None


@dataclass(frozen=True, slots=True)
class ModelRef:
    """The model behind an answer."""

    name: str
    digest: str
    ratification: str


@dataclass(frozen=True, slots=True)
class Degradation:
    """Why an answer was less than it could be, and what that concerns."""

    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a slate: rank from 1, value in micro-points, reason codes with the strongest first."""

    id: str
    rank: int
    value: int
    reason_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that a rule took out."""

    id: str
    rule_id: str


@dataclass(frozen=True, slots=True)
class Slate:
    """An ordered slate and what it rests on; `decision_id` is "" for a dry run, `model` None in newest-first order."""

    request_id: str
    decision_id: str
    places: tuple[Place, ...]
    dropped: tuple[Dropped, ...]
    policy: PolicyRef
    model: ModelRef | None
    constitution_digest: str
    degraded: tuple[Degradation, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The shown candidates, in order."""
        return tuple(place.id for place in self.places)


@dataclass(frozen=True, slots=True)
class CandidateExplanation:
    """One candidate explained: its terms, plus every step's change, add up to `value`.

    `marginal` is the probability with which its place shows it, as (numerator, denominator); None where not shown.
    """

    id: str
    rank: int | None
    ranked_at: int | None
    dropped_by: str
    terms: tuple[Term, ...]
    steps: tuple[RuleStep, ...]
    value: int
    moves: tuple[str, ...]
    marginal: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision explained."""

    decision_id: str
    policy: PolicyRef
    model: ModelRef | None
    candidates: tuple[CandidateExplanation, ...]


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column that a surface reads; `default` None means that it must be sent."""

    name: str
    meaning_fr: str
    meaning_en: str
    unit: str
    nullable: bool
    default: float | None
    profiling: bool
    rule_input: bool


@dataclass(frozen=True, slots=True)
class SliderRange:
    """How far a person may move an objective's points, in percent."""

    objective: str
    min_percent: int
    max_percent: int


@dataclass(frozen=True, slots=True)
class SurfaceInfo:
    """What a surface is served with and needs."""

    surface: str
    policy: PolicyRef
    model: ModelRef | None
    columns: tuple[ColumnSpec, ...]
    sliders: tuple[SliderRange, ...]
    sources: tuple[str, ...]
    groups: tuple[str, ...]
    max_candidate_count: int
    max_limit: int
    max_request_bytes: int
    max_clock_skew_s: int
    request_id_window_s: int
    request_id_window_count: int
    silent_objectives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SurfaceStatus:
    """What one surface is served with; `refused` says why changed files are not, "" where they are."""

    surface: str
    policy: PolicyRef
    model: ModelRef | None
    active_time_ms: int
    silent_objectives: tuple[str, ...]
    refused: str
    refused_reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """The server's status."""

    surfaces: tuple[SurfaceStatus, ...]
    version: str
    server_time_ms: int
    origin: str
    decision_count: int
    constitution_digest: str
    recording: bool


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One policy: the file that members read, the form that the machine obeys, and what it does in words."""

    policy: PolicyRef
    file: bytes
    canonical: bytes
    description_fr: str
    description_en: str
