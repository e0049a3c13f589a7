"""Answers as the client gives them: frozen dataclasses. Units as in the contract."""

from dataclasses import dataclass

from rankd.core.ranking.data_used import Value
from rankd.core.ranking.explanation import RuleStep, Term, Weight
from rankd.core.words.language import Language


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
    """An ordered slate and what it rests on; `decision_id` is "" for a dry run, `model` None in newest-first order.

    `commitment_receipt` is the log key's signed promise that the decision is in the journal (`core.records.receipt`
    reads it); both it and `feedback_token` are empty for a dry run.
    """

    request_id: str
    decision_id: str
    places: tuple[Place, ...]
    dropped: tuple[Dropped, ...]
    policy: PolicyRef
    model: ModelRef | None
    constitution_digest: str
    degraded: tuple[Degradation, ...]
    commitment_receipt: bytes = b""
    feedback_token: bytes = b""

    @property
    def ids(self) -> tuple[str, ...]:
        """The shown candidates, in order."""
        return tuple(place.id for place in self.places)


@dataclass(frozen=True, slots=True)
class Sentences:
    """The same sentences in French and in English."""

    fr: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def say(self, language: Language) -> tuple[str, ...]:
        """Return them in one language."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class PointsSwap:
    """The smallest transfer of points that would have put a candidate before the one ranked right before it.

    `outcome` is SMALLEST, FOUND (a smaller one may do), NONE_EXISTS or NONE_FOUND; without a transfer `points` is 0 and
    the objectives are "". `tried_count` policies were ranked again.
    """

    before_id: str
    outcome: str
    points: int
    from_objective: str
    to_objective: str
    tried_count: int


@dataclass(frozen=True, slots=True)
class CandidateExplanation:
    """One candidate explained: its terms, plus every step's change, add up to `value`.

    `marginal` is the probability with which its place shows it, as (numerator, denominator); None where not shown.
    `data` has one value for each of the decision's data, in their order; None: not known. `swap` is None where nobody
    is ranked right before it, or it was not looked for.
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
    data: tuple[Value, ...] = ()
    swap: PointsSwap | None = None
    sentences: Sentences = Sentences()


@dataclass(frozen=True, slots=True)
class DatumSpec:
    """One kind of data that a decision used; `readers` are `model`, `points`, `newest_first` or rules.

    `personal`: it describes the viewer. `defaulted`: it was not sent, its default stood in. `shared`: one value holds
    for every candidate.
    """

    name: str
    meaning_fr: str
    meaning_en: str
    unit: str
    personal: bool
    defaulted: bool
    readers: tuple[str, ...]
    shared: bool


@dataclass(frozen=True, slots=True)
class SliderRange:
    """How far a person may move an objective's points, in percent."""

    objective: str
    min_percent: int
    max_percent: int


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision explained: its candidates, and what stands behind it.

    `weights` has the most first, `weight_sentences` one sentence for each of them.
    """

    decision_id: str
    policy: PolicyRef
    model: ModelRef | None
    candidates: tuple[CandidateExplanation, ...]
    decision_time_ms: int = 0
    data: tuple[DatumSpec, ...] = ()
    weights: tuple[Weight, ...] = ()
    weight_sentences: Sentences = Sentences()
    sliders: tuple[SliderRange, ...] = ()
    automated: Sentences = Sentences()
    not_proven: Sentences = Sentences()
    options: Sentences = Sentences()


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column that a surface reads; `default` None means that it must be sent, unless it is `kept` by rankd."""

    name: str
    meaning_fr: str
    meaning_en: str
    unit: str
    nullable: bool
    default: float | None
    profiling: bool
    rule_input: bool
    kept: bool = False


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
class AssemblyStatus:
    """What a server knows of the assembly that it serves; `refused` is empty where its record is believed."""

    origin: str
    genesis_digest: str
    size: int
    activation_number: int
    evidence_time_ms: int | None
    stale: bool
    refused: str
    refused_reason: str
    restored: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The server's status; `assembly` is None where none decides what is served."""

    surfaces: tuple[SurfaceStatus, ...]
    version: str
    server_time_ms: int
    origin: str
    decision_count: int
    constitution_digest: str
    recording: bool
    log_key: str
    published_size: int
    committed_size: int
    epoch_digest: str
    assembly: AssemblyStatus | None


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One policy: the file that members read, the form that the machine obeys, and what it does in words."""

    policy: PolicyRef
    file: bytes
    canonical: bytes
    description_fr: str
    description_en: str
