"""Replay: recompute recorded decisions from files alone, and compare bit for bit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from rankd.core.errors import ModelError, RankdError, RecordError, ServiceError
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.records.counters import CounterBook, CounterClash, CounterGap
from rankd.core.records.decision import Decision
from rankd.core.records.reading import decode_decision
from rankd.core.records.recompute import Difference
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.manifest import Manifest
from rankd.forest.reference import ReferenceForest
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.epoch import find_secret
from rankd.store.record_reader import read_records
from rankd.usecases.recomputation import Basis, recompute

EngineName: TypeAlias = Literal["auto", "reference", "lightgbm"]
Subject: TypeAlias = Literal["file", "record", "policy", "limits", "model", "epoch"]
T = TypeVar("T")

_ABSENT = {"ARCHIVE_MISSING", "MODEL_FILE_MISSING"}
_CACHED_MODELS = 8


@dataclass(frozen=True, slots=True)
class Differing:
    """A decision that does not follow from what it names, and the first point at which it does not."""

    decision_id: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why decisions could not be recomputed.

    Attributes:
        subject: What is missing or unreadable.
        digest: Which policy, limits, model or epoch; None for a record and for the decisions file.
        error: What is wrong with it.
        decision_count: How many decisions it concerns.
        first_decision_id: The first of them; "" where it concerns none.
    """

    subject: Subject
    digest: bytes | None
    error: RankdError
    decision_count: int
    first_decision_id: str


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay found.

    Attributes:
        count: Records in the file, damaged ones included; an unfinished record at the end is none.
        identical: Decisions that follow bit for bit.
        differing: Decisions that do not.
        erased: Decisions whose record was erased.
        missing: Files of the archive that are not there.
        unreadable: Records and files of the archive that are not what they were.
        gaps: Counters that are not accounted for; the pending ones are no fault.
        clashes: Counters that stand twice.
        nonce_count: Decisions whose nonce was drawn again from its epoch's secret.
        torn: The unfinished record at the end of the file, if there is one; no fault.
    """

    count: int
    identical: int
    differing: tuple[Differing, ...]
    erased: tuple[str, ...]
    missing: tuple[Hindrance, ...]
    unreadable: tuple[Hindrance, ...]
    gaps: tuple[CounterGap, ...]
    clashes: tuple[CounterClash, ...]
    nonce_count: int
    torn: RecordError | None

    @property
    def good(self) -> bool:
        """Whether every decision was recomputed and nothing speaks against any."""
        faults = (self.differing, self.missing, self.unreadable, self.clashes)
        return not any(faults) and all(gap.pending for gap in self.gaps)


def replay(
    data_dir: Path,
    engine: EngineName = "auto",
    progress: Callable[[int], None] | None = None,
    *,
    origin: str = "",
) -> ReplayReport:
    """Recompute every decision recorded in a data directory.

    Only files are read and none is written; a service may be writing there at the same time. Margins are computed
    from the recorded features by every head of the archived model, and the ranking from these margins by the same core
    that ranked. It shows that the records follow from policies, limits and models; not which candidates were
    offered, nor that the features were true.

    Args:
        data_dir: The data directory: `decisions/` and `archive/`, and `epochs/` where nonces are to be checked.
        engine: What computes margins; all engines agree.
        progress: Called with the number of records done, after each.
        origin: First part of decision ids; without it they are the bare index.

    Raises:
        RecordError: RECORDS_UNREADABLE: there are no decisions, or the disk refuses.
        ServiceError: EXTRA_MISSING: this engine is not installed.
    """
    run = _Run(data_dir, _engine_maker(engine), origin)
    for index, item in read_records(data_dir):
        run.take(index, item)
        if progress is not None:
            progress(run.count)
    return run.report()


class _Run:
    """One replay under way."""

    def __init__(self, data_dir: Path, make_engine: Callable[[SealedModel], Engine], origin: str) -> None:
        archive = Archive(data_dir)

        def open_model(digest: bytes) -> tuple[Manifest, Engine]:
            model = archive.model(digest)
            return model.manifest, make_engine(model)

        self.count = 0
        self._origin = origin
        self._identical = 0
        self._nonce_count = 0
        self._torn: RecordError | None = None
        self._differing: list[Differing] = []
        self._hindrances: dict[tuple[Subject, object], Hindrance] = {}
        self._counters = CounterBook()
        self._policy = _remember(archive.policy)
        self._limits = _remember(archive.limits)
        self._model = _remember(open_model, _CACHED_MODELS)
        self._secret = _remember(lambda digest: find_secret(data_dir, digest))

    def take(self, index: int, item: bytes | RecordError) -> None:
        """Recompute one record."""
        if isinstance(item, RecordError) and item.reason == "RECORD_TORN":
            self._torn = item
            return
        decision_id = f"{self._origin}/{index}" if self._origin else str(index)
        if isinstance(item, RecordError) and index < 0:
            self._hindrances["file", None] = Hindrance("file", None, item, 0, "")
            return
        self.count += 1
        try:
            decision = _decode(item)
        except RecordError as error:
            self._hindrances["record", self.count] = Hindrance("record", None, error, 1, decision_id)
            return
        self._counters.note(decision)
        self._judge(decision, decision_id)

    def report(self) -> ReplayReport:
        """Return what was found."""
        hindrances = self._hindrances.values()
        return ReplayReport(
            count=self.count,
            identical=self._identical,
            differing=tuple(self._differing),
            erased=(),
            missing=tuple(entry for entry in hindrances if entry.error.reason in _ABSENT),
            unreadable=tuple(entry for entry in hindrances if entry.error.reason not in _ABSENT),
            gaps=self._counters.gaps(),
            clashes=self._counters.clashes(),
            nonce_count=self._nonce_count,
            torn=self._torn,
        )

    def _judge(self, decision: Decision, decision_id: str) -> None:
        limits = self._fetch("limits", decision.constitution_digest, self._limits, decision_id)
        secret = self._fetch("epoch", decision.epoch_digest, self._secret, decision_id)
        basis = None
        if decision.policy_digest != BASELINE_DIGEST and decision.model_digest is not None:
            policy = self._fetch("policy", decision.policy_digest, self._policy, decision_id)
            opened = self._fetch("model", decision.model_digest, self._model, decision_id)
            if policy is None or limits is None or opened is None:
                return
            basis = Basis(policy, limits, *opened)
        if limits is None:
            return
        self._nonce_count += secret is not None
        try:
            difference = next(recompute(decision, basis, secret), None)
        except ModelError as error:
            self._hinder("model", decision.model_digest or b"", error, decision_id)
            return
        if difference is None:
            self._identical += 1
        else:
            self._differing.append(Differing(decision_id, difference))

    def _fetch(
        self, subject: Subject, digest: bytes, fetch: Callable[[bytes], T | RankdError], decision_id: str
    ) -> T | None:
        """Return a file that a decision names; None, after taking that down, where it cannot be used."""
        outcome = fetch(digest)
        if not isinstance(outcome, RankdError):
            return outcome
        self._hinder(subject, digest, outcome, decision_id)
        return None

    def _hinder(self, subject: Subject, digest: bytes, error: RankdError, decision_id: str) -> None:
        known = self._hindrances.get((subject, digest)) or Hindrance(subject, digest, error, 0, decision_id)
        self._hindrances[subject, digest] = replace(known, decision_count=known.decision_count + 1)


def _remember(fetch: Callable[[bytes], T], size: int | None = None) -> Callable[[bytes], T | RankdError]:
    """Return `fetch` with a memory, for what it returns and for what it refuses."""

    @lru_cache(maxsize=size)
    def remembered(digest: bytes) -> T | RankdError:
        try:
            return fetch(digest)
        except RankdError as error:
            return error

    return remembered


def _decode(item: bytes | RecordError) -> Decision:
    if isinstance(item, RecordError):
        raise item
    return decode_decision(item)


def _engine_maker(name: EngineName) -> Callable[[SealedModel], Engine]:
    if name == "reference":
        return ReferenceForest
    if name == "lightgbm" and find_spec("lightgbm") is None:
        raise ServiceError("EXTRA_MISSING", command="replay --engine lightgbm", module="lightgbm", extra="serve")
    return choose_engine
