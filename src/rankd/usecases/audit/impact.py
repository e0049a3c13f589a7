"""Impact: what a proposed policy would have changed in recorded decisions, from evidence alone.

The evidence is verified as an auditor does it, and every decision that counts is recomputed from its recorded margins
before anything is said of it. Whoever holds the same evidence computes the same bytes.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from typing import get_args

from rankd.core.errors import ImpactError, RankdError, RecordError
from rankd.core.exact.canonical import digest_text
from rankd.core.impact.document import fitting
from rankd.core.impact.impact import Example, Impact, LeftOut, LeftOutReason, Range, Text
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.policy.pairing import check_pair, check_surface
from rankd.core.policy.policy import Limits, Policy
from rankd.core.ranking.formula import Formula, build_formula
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import Decision
from rankd.core.records.leaf import DecisionLeaf, decode_leaf
from rankd.forest.engine import choose_engine
from rankd.forest.manifest import Manifest
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.evidence import Evidence
from rankd.usecases.audit.examination import Judgement, read_body
from rankd.usecases.audit.impact_examples import example_of, pick
from rankd.usecases.audit.impact_fold import EffectFold, Place
from rankd.usecases.audit.impact_replay import Effect, NewModel, Proposed, effect_of
from rankd.usecases.audit.leaves import entries_of, said_checkpoint, tree_of
from rankd.usecases.audit.replay import Recomputer
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import VerifyReport, verify

_WORTH_PROCESSES = 512
"""Starting processes takes as long as so many decisions."""


@dataclass(frozen=True, slots=True)
class Source:
    """Decisions to replay.

    Attributes:
        evidence: A bundle, or a data directory.
        trust: Keys that it is verified with, from elsewhere.
        again: Reads it anew, where it may have changed; see `verify`.
    """

    evidence: Evidence
    trust: Trust
    again: Callable[[], Evidence] | None = None


def impact_of(
    proposed: Policy,
    limits: Limits,
    sources: Sequence[Source],
    *,
    now_s: int,
    model: bytes | None = None,
    new_model: SealedModel | None = None,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Impact:
    """Return what a proposed policy would have changed.

    Decisions count that a policy ranked on this surface with the given model, and whose body is there. Neither the
    order of the sources nor `jobs` changes the outcome.

    Args:
        proposed: The proposed policy; also a template filled with somebody's own points.
        limits: The limits under which it would rank, of a file or of a constitution.
        sources: The decisions.
        now_s: The time of judging, POSIX seconds: no checkpoint may be newer.
        model: Digest of the model; None: the newest decision's.
        new_model: A model that would take its place: its margins are computed from recorded features.
        jobs: Processes that replay side by side.
        progress: Called with the number of leaves done, after each entry bundle.

    Raises:
        ImpactError: IMPACT_NO_MODEL, IMPACT_NOTHING, IMPACT_OVERLAP, or IMPACT_EVIDENCE: something speaks against a
            journal.
        PolicyError: The policy does not go together with the limits and the model.
        RecordError, ModelError: No archive has the model's manifest, or it is not what it should be.
        RankdError: A checkpoint does not hold; see `verify`.
    """
    ordered = _ordered(sources)
    digest = model or newest_model(ordered, proposed.surface)
    manifest = _manifest(ordered, digest)
    taking = None if new_model is None else NewModel(new_model.manifest, choose_engine(new_model))
    wanted = Proposed(proposed, limits, tuple(head.signal for head in manifest.heads), taking)
    check_surface(proposed, manifest.surface if taking is None else taking.manifest.surface)
    check_pair(proposed, limits, wanted.heads)
    fold = EffectFold(wanted)
    ranges, done = [], 0
    for number, source in enumerate(ordered):
        tell = None if progress is None else _beyond(progress, done)
        ranges.append(_Replay(source, number, wanted, digest, fold).go(now_s, jobs, tell))
        done += source.evidence.end - source.evidence.first
    if not fold.count:
        left_out: Counter[str] = Counter()
        for one in ranges:
            left_out.update({entry.reason: entry.count for entry in one.left_out})
        found = ", ".join(f"{reason} {count}" for reason, count in left_out.items()) or "–"
        raise ImpactError("IMPACT_NOTHING", surface=proposed.surface, model=digest_text(digest), left_out=found)
    exposure, authors = fold.exposure()
    policies = _Policies(ordered)
    impact = Impact(
        surface=proposed.surface,
        proposed=Text(proposed.canon_digest, proposed.file_digest),
        limits=limits.canon_digest,
        model=digest,
        new_model=None if taking is None else taking.manifest.digest,
        bases=fold.bases(),
        decisions=tuple(ranges),
        count=fold.count,
        viewers=fold.viewers,
        clipped=fold.clipped,
        slates=fold.slates,
        objectives=fold.objectives([policies(base.policy) for base in fold.bases()]),
        exposure=exposure,
        authors=authors,
        examples=tuple(_examples(ordered, fold, wanted)),
    )
    return fitting(impact)


def newest_model(sources: Sequence[Source], surface: str) -> bytes:
    """Return the digest of the model that ranked the newest decision of a surface whose body is there.

    In one journal the newest is the last; among several it is the one with the latest time, then of the smaller origin.

    Raises:
        ImpactError: IMPACT_NO_MODEL.
        LogError, BundleError: The leaves cannot be read.
    """
    newest = [found for source in sources for found in [_newest(source.evidence, surface)] if found is not None]
    if not newest:
        raise ImpactError("IMPACT_NO_MODEL", surface=surface)
    return min(newest, key=lambda one: (-one[0], one[1], one[2]))[2]


def _newest(evidence: Evidence, surface: str) -> tuple[int, str, bytes] | None:
    tree = tree_of(evidence, said_checkpoint(evidence))
    for number in reversed(range(evidence.first // TILE_WIDTH, -(-evidence.end // TILE_WIDTH))):
        bodies, begin = evidence.bodies(number), number * TILE_WIDTH
        for index, entry in reversed(list(enumerate(entries_of(evidence, tree, number), begin))):
            if index not in bodies:
                continue
            try:
                leaf = decode_leaf(entry)
            except RecordError:
                # Whether a leaf may look like that is for the verification to say.
                continue
            if isinstance(leaf, DecisionLeaf) and leaf.surface == surface and leaf.model is not None:
                return leaf.time_ms, evidence.origin, leaf.model
    return None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the replay of one decision says of it, and what becomes of it."""

    judgement: Judgement
    effect: Effect | None


class _Replayer:
    """Replays decisions from one archive. Pure but for the archive's files, which are read once."""

    def __init__(self, archive: Archive, proposed: Proposed) -> None:
        self._recompute = Recomputer(archive, None)
        self._proposed, self._formula = proposed, proposed.formula

        @lru_cache(maxsize=64)
        def used(policy: bytes, limits: bytes) -> Formula:
            return build_formula(archive.policy(policy), archive.limits(limits), proposed.recorded)

        self.used = used

    def __call__(self, decision: Decision) -> _Outcome:
        judgement = self._recompute(decision)
        if judgement.difference is not None or judgement.lacks:
            return _Outcome(judgement, None)
        used = self.used(decision.policy_digest, decision.constitution_digest)
        return _Outcome(judgement, effect_of(decision, used, self._proposed, self._formula))


class _Replay:
    """The replay of one source."""

    def __init__(self, source: Source, number: int, proposed: Proposed, model: bytes, fold: EffectFold) -> None:
        self._source, self._number, self._proposed, self._model, self._fold = source, number, proposed, model, fold
        self._replay: Callable[[Decision], _Outcome] = _Replayer(source.evidence.archive, proposed)
        self._effects: dict[int, Effect] = {}
        self._left_out: Counter[LeftOutReason] = Counter()
        self._count = 0

    def go(self, now_s: int, jobs: int, progress: Callable[[int], None] | None) -> Range:
        """Verify and replay, and return what was taken."""
        evidence, trust = self._source.evidence, self._source.trust
        if jobs < 2 or evidence.end - evidence.first < _WORTH_PROCESSES:
            jobs = 1
        with _side_by_side(self._replay, evidence.archive, self._proposed, jobs) as self._replay:
            report = verify(
                evidence,
                trust,
                now_s=now_s,
                judge=self._judge,
                observe=self._observe,
                progress=progress,
                again=self._source.again,
                # Threads hand decisions to the processes and wait, or let a model's library compute.
                jobs=1 if jobs == 1 else 2 * jobs,
            )
        problem = next(_problems(report), None)
        if problem is not None:
            raise ImpactError("IMPACT_EVIDENCE", origin=evidence.origin, found=problem)
        checkpoint: Checkpoint = report.checkpoint
        return Range(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root,
            first=evidence.first,
            end=evidence.end,
            count=self._count,
            left_out=tuple(
                LeftOut(reason, self._left_out[reason]) for reason in get_args(LeftOutReason) if self._left_out[reason]
            ),
        )

    def _judge(self, decision: Decision) -> Judgement:
        if self._reason(decision) is not None:
            return Judgement(None)
        outcome = self._replay(decision)
        if outcome.effect is not None:
            # `verify` keeps the decision until it is observed, so nothing else has its identity.
            self._effects[id(decision)] = outcome.effect
        return outcome.judgement

    def _observe(self, index: int, leaf: DecisionLeaf, decision: Decision | None) -> None:
        reason: LeftOutReason | None
        if leaf.surface != self._proposed.policy.surface:
            reason = "other_surface"
        else:
            reason = "erased" if decision is None else self._reason(decision)
        if reason is not None:
            self._left_out[reason] += 1
        elif decision is not None and (effect := self._effects.pop(id(decision), None)) is not None:
            self._count += 1
            self._fold.add(Place(self._number, index), self._source.evidence.origin, decision, effect)

    def _reason(self, decision: Decision) -> LeftOutReason | None:
        """Return why a decision does not count, or None."""
        if decision.request.surface != self._proposed.policy.surface:
            return "other_surface"
        if decision.request.mode is Mode.NEWEST_FIRST:
            return "newest_first"
        if decision.model_digest is None:
            return "no_policy"
        if decision.model_digest != self._model:
            return "other_model"
        return "column" if self._proposed.lacks_column(decision) else None


_worker: _Replayer | None = None


def _begin(archive: Archive, proposed: Proposed) -> None:
    global _worker
    _worker = _Replayer(archive, proposed)


def _in_worker(decision: Decision) -> _Outcome | None:
    outcome = None if _worker is None else _worker(decision)
    # What a file lacks is an error with words, which does not travel: the caller finds it again.
    return None if outcome is None or outcome.judgement.lacks else outcome


@contextmanager
def _side_by_side(
    here: Callable[[Decision], _Outcome], archive: Archive, proposed: Proposed, jobs: int
) -> Iterator[Callable[[Decision], _Outcome]]:
    """Yield what replays a decision, in one of several processes."""
    if jobs == 1 or proposed.model is not None:
        # An engine stays in its process.
        yield here
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (archive, proposed)) as pool:

        def there(decision: Decision) -> _Outcome:
            return pool.submit(_in_worker, decision).result() or here(decision)

        yield there


def _ordered(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the sources by origin and range.

    Raises:
        ImpactError: IMPACT_OVERLAP.
    """
    ordered = sorted(sources, key=lambda one: (one.evidence.origin, one.evidence.first, one.evidence.end))
    ends: dict[str, int] = {}
    for source in ordered:
        evidence = source.evidence
        before = ends.get(evidence.origin, 0)
        if evidence.first < min(before, evidence.end):
            raise ImpactError(
                "IMPACT_OVERLAP", origin=evidence.origin, first=evidence.first, end=min(before, evidence.end)
            )
        ends[evidence.origin] = max(before, evidence.end)
    return tuple(ordered)


def _manifest(sources: Sequence[Source], digest: bytes) -> Manifest:
    error: RankdError | None = None
    for source in sources:
        try:
            return source.evidence.archive.manifest(digest)
        except RecordError as refusal:
            error = error or refusal
    raise error or ImpactError("IMPACT_NO_MODEL", surface="")


class _Policies:
    """Policies by canon digest, from whichever archive has them: their decisions were recomputed from these files."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def __call__(self, digest: bytes) -> Policy:
        for source in self._sources[:-1]:
            try:
                return source.evidence.archive.policy(digest)
            except RecordError:
                continue
        return self._sources[-1].evidence.archive.policy(digest)


def _examples(sources: Sequence[Source], fold: EffectFold, proposed: Proposed) -> Iterator[Example]:
    formula = proposed.formula
    for position, why in pick(fold.scores):
        place = fold.place(position)
        archive = sources[place.source].evidence.archive
        decision = _read_again(sources[place.source].evidence, place.index)
        policy, limits = archive.policy(decision.policy_digest), archive.limits(decision.constitution_digest)
        used = build_formula(policy, limits, proposed.recorded)
        yield example_of(decision, used, proposed, formula, why)


def _read_again(evidence: Evidence, index: int) -> Decision:
    number = index // TILE_WIDTH
    entries = entries_of(evidence, tree_of(evidence, said_checkpoint(evidence)), number)
    leaf, bodies = decode_leaf(entries[index - number * TILE_WIDTH]), evidence.bodies(number)
    if not isinstance(leaf, DecisionLeaf) or index not in bodies:
        # Erased between two looks, where a service is at work.
        raise ImpactError("IMPACT_EVIDENCE", origin=evidence.origin, found=f"BODY_ERASED {index}")
    return read_body(leaf, *bodies[index])


def _problems(report: VerifyReport) -> Iterator[str]:
    """Yield what makes a report not good, in a few words that are the same in every language."""
    for fault in report.faults:
        yield fault.error.reason if fault.index is None else f"{fault.error.reason} ({fault.index})"
    for one in report.differing:
        yield f"{one.difference.term} ({one.index})"
    for lack in report.hindrances:
        yield f"{lack.lack.error.reason} {digest_text(lack.lack.digest)} ({lack.first})"
    for first, last in report.chronicle.missing:
        yield f"BODY_MISSING ({first}–{last})"
    if not report.good:
        yield "COUNTERS"


def _beyond(progress: Callable[[int], None], done: int) -> Callable[[int], None]:
    return lambda count: progress(done + count)
