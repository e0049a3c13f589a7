"""Replay: verify a journal, recompute its decisions from files alone, and compare bit for bit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from threading import Lock
from typing import Literal, TypeAlias, TypeVar

from rankd.core.errors import ModelError, RankdError, ServiceError
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.policy import Limits, Policy
from rankd.core.records.decision import Decision
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.manifest import Manifest
from rankd.forest.reference import ReferenceForest
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.evidence import Evidence
from rankd.usecases.audit.examination import Judgement, Lack, Subject
from rankd.usecases.audit.promises import Brought
from rankd.usecases.audit.recomputation import Basis, recompute
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import Observer, VerifyReport, verify

EngineName: TypeAlias = Literal["auto", "reference", "lightgbm"]
Level: TypeAlias = Literal["model", "arithmetic"]
"""Whether margins are computed by the model, or taken as they are recorded."""

T = TypeVar("T")

_CACHED_MODELS = 8


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay found.

    Attributes:
        verified: What verification found; `identical_count` there are the decisions that follow bit for bit.
        level: How far decisions were recomputed.
    """

    verified: VerifyReport
    level: Level

    @property
    def count(self) -> int:
        """Decisions in the range, erased ones included."""
        return self.verified.chronicle.decision_count

    @property
    def identical(self) -> int:
        """Decisions that follow bit for bit."""
        return self.verified.identical_count

    @property
    def good(self) -> bool:
        """Whether every decision that is not erased was recomputed, and nothing speaks against any."""
        return self.verified.good


def replay(
    evidence: Evidence,
    trust: Trust,
    *,
    now_s: int,
    level: Level = "model",
    engine: EngineName = "auto",
    receipts: Sequence[Brought] = (),
    checkpoints: Sequence[Brought] = (),
    observe: Observer | None = None,
    progress: Callable[[int], None] | None = None,
    again: Callable[[], Evidence] | None = None,
    jobs: int = 1,
) -> ReplayReport:
    """Verify evidence, and recompute every decision in it whose body is there.

    Only files are read and none is written. Margins are computed from the recorded features by every head of the
    archived model, and the ranking from these margins by the same core that ranked. It shows that the records follow
    from policies, limits and models; not which candidates were offered, nor that the features were true.

    Args:
        evidence: What is shown.
        trust: Keys, from elsewhere.
        now_s: The time of judging, POSIX seconds.
        level: `arithmetic` takes margins as recorded, so the model's trees are not needed.
        engine: What computes margins; all engines agree.
        receipts: See `verify`.
        checkpoints: See `verify`.
        observe: See `verify`.
        progress: See `verify`.
        again: See `verify`.
        jobs: See `verify`.

    Raises:
        RankdError: See `verify`.
        ServiceError: EXTRA_MISSING: this engine is not installed.
    """
    judge = Recomputer(evidence.archive, _engine_maker(engine) if level == "model" else None)
    verified = verify(
        evidence,
        trust,
        now_s=now_s,
        receipts=receipts,
        checkpoints=checkpoints,
        judge=judge,
        observe=observe,
        progress=progress,
        again=again,
        jobs=jobs,
    )
    return ReplayReport(verified, level)


class Recomputer:
    """Recomputes decisions from an archive. Files are read once, however many decisions and threads name them."""

    def __init__(self, archive: Archive, make_engine: Callable[[SealedModel], Engine] | None) -> None:
        def open_model(digest: bytes) -> tuple[Manifest, Engine | None]:
            if make_engine is None:
                return archive.manifest(digest), None
            model = archive.model(digest)
            return model.manifest, make_engine(model)

        self._policy: Callable[[bytes], Policy | RankdError] = _remember(archive.policy)
        self._limits: Callable[[bytes], Limits | RankdError] = _remember(archive.limits)
        self._model = _remember(open_model, _CACHED_MODELS)

    def __call__(self, decision: Decision) -> Judgement:
        """Return what follows for one decision; may be called from several threads at once."""
        lacks: list[Lack] = []

        def fetch(subject: Subject, digest: bytes, read: Callable[[bytes], T | RankdError]) -> T | None:
            outcome = read(digest)
            if not isinstance(outcome, RankdError):
                return outcome
            lacks.append(Lack(subject, digest, outcome))
            return None

        limits = fetch("limits", decision.constitution_digest, self._limits)
        basis = None
        if decision.policy_digest != BASELINE_DIGEST and decision.model_digest is not None:
            policy = fetch("policy", decision.policy_digest, self._policy)
            opened = fetch("model", decision.model_digest, self._model)
            if policy is not None and limits is not None and opened is not None:
                basis = Basis(policy, limits, *opened)
        if lacks:
            return Judgement(None, tuple(lacks))
        try:
            # The nonce is taken as recorded here; it is drawn again when its epoch is revealed.
            return Judgement(next(recompute(decision, basis, None), None))
        except ModelError as error:
            return Judgement(None, (Lack("model", decision.model_digest or b"", error),))


def _remember(fetch: Callable[[bytes], T], size: int | None = None) -> Callable[[bytes], T | RankdError]:
    """Return `fetch` with a memory, for what it returns and for what it refuses."""
    lock = Lock()

    @lru_cache(maxsize=size)
    def outcome(digest: bytes) -> T | RankdError:
        try:
            return fetch(digest)
        except RankdError as error:
            return error

    def remembered(digest: bytes) -> T | RankdError:
        # Reading a model takes longer than replaying many decisions: threads that want the same one wait for it.
        with lock:
            return outcome(digest)

    return remembered


def _engine_maker(name: EngineName) -> Callable[[SealedModel], Engine]:
    if name == "reference":
        return ReferenceForest
    if name == "lightgbm" and find_spec("lightgbm") is None:
        raise ServiceError("EXTRA_MISSING", command="replay --engine lightgbm", module="lightgbm", extra="serve")
    return choose_engine
