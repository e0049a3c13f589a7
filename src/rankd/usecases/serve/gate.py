"""The gate: what the members' minutes put in force is served, after everything in them was verified, and nothing else.

Source: DESIGN "The assembly", The gate; docs/guide/operator.md, "The assembly".
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.standing import Activation, Standing, standing_after
from rankd.core.errors import AssemblyError, RankdError, ServiceError
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.words.reasons.reason import Kind
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.assembly_mark import Mark, read_mark, write_mark
from rankd.usecases.govern.reading import Minutes, Seen
from rankd.usecases.serve.assembling import Assembler, Parts
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.marking import marked, unmarked
from rankd.usecases.serve.model_finder import Found, ModelFinder
from rankd.usecases.serve.record_reader import Reader, Trust
from rankd.usecases.serve.snapshot import Snapshot

logger = logging.getLogger(__name__)

RECORD = "the assembly’s record"
"""What a refusal of the whole record is filed under; no surface can be called so."""

SETTLE_MS = 10_000
DEV_SETTLE_MS = 1_000
"""How long after its time a change is taken up that only time brings about. An entry that stops it may have been
appended just before, and be on its way here: once served, a change is not taken back."""

_LEAP_MS = 600_000
_RETRY_S = 30.0
"""A record that is refused and stays as it is, is read again only so often: that may take long."""

_BALLOTS_MS = 60_000
"""How long after a vote's close its ballots may be on their way."""

_NO_LIMITS = b"""\
schema: rankd.limits/1
lift_ceiling: 2
exploration_max: 0%
objectives:
  click: {sign: reward, min: 0, max: 1000}
  long_view: {sign: reward, min: 0, max: 1000}
  like: {sign: reward, min: 0, max: 1000}
  reply: {sign: reward, min: 0, max: 1000}
  repost: {sign: reward, min: 0, max: 1000}
  follow: {sign: reward, min: 0, max: 1000}
  profile_visit: {sign: reward, min: 0, max: 1000}
  hide: {sign: penalty, min: 0, max: 1000}
  report: {sign: penalty, min: 0, max: 1000}
"""
"""What stands where limits stand as long as no constitution was ever verified. Only the baseline ranks then."""


@dataclass(frozen=True, slots=True)
class GateStatus:
    """How the gate is.

    Attributes:
        origin: The minutes' origin.
        genesis: The genesis digest.
        size: Entries verified; 0: none ever.
        activation: Number of the newest activation that was taken up; 0: none ever.
        evidence_ms: The newest time that anybody vouches for; None: not known since the start.
        age_s: Seconds since then; 0 where it is not known.
        is_stale: Whether that is longer ago than the operator wants.
        refusal: Why the record as it lies there is not believed; None where it is.
        is_restored: Whether what is served comes from before the start, since the record was never believed after it.
        assembly: The assembly as it was last taken up, for words about it; None: not since the start.
    """

    origin: str
    genesis: bytes
    size: int
    activation: int
    evidence_ms: int | None
    age_s: int
    is_stale: bool
    refusal: RankdError | None
    is_restored: bool
    assembly: Assembly | None


class Gate(Book):
    """A book that the minutes of a co-op fill.

    At every look the record is verified as far as it is new, and the time comes up to now: changes come into force at
    their time, without a restart. All surfaces change at once. What fails leaves the last good in force: the whole
    record, or one surface whose ratified model is not there.

    Before anything newer is served, the mark says so on disk. After a crash before that, the old is served and the new
    is verified again; after a crash behind it, the new. A record that goes back behind the mark, or says otherwise than
    it, is refused. If the record is refused at a start, the archive serves what the mark says; without a mark every
    surface that a model is sealed for is served with the baseline.

    Args:
        reader: Reads the record.
        trust: Whom to believe.
        data_dir: The data directory, for the mark.
        models_dir: Folder of model folders.
        archive: Where everything that ranks is kept.
        clock_ms: The server's clock, milliseconds since 1970.
        steady_s: Seconds that pass however that clock is set.
        stale_after_s: After how many seconds without newer evidence a record is stale.
        engine: What evaluates a model.

    Raises:
        ServiceError: GATE_MARK_DAMAGED, ARCHIVE_UNWRITABLE.
    """

    def __init__(
        self,
        reader: Reader,
        trust: Trust,
        data_dir: Path,
        models_dir: Path,
        archive: Archive,
        clock_ms: Callable[[], int],
        steady_s: Callable[[], float],
        *,
        stale_after_s: int,
        engine: Callable[[SealedModel], Engine] = choose_engine,
    ) -> None:
        super().__init__()
        self._reader = reader
        self._trust = trust
        self._data_dir = data_dir
        self._models_dir = models_dir
        self._archive = archive
        self._clock_ms = clock_ms
        self._steady_s = steady_s
        self._stale_after_ms = 1_000 * stale_after_s
        self._begin_ms, self._begin_s = clock_ms(), steady_s()
        self._assembler = Assembler(archive, clock_ms, engine)
        self._finder = ModelFinder(models_dir, archive)
        self._lying: dict[str, bytes] = {}
        self._kept: set[bytes] = set()
        self._tried_s = float("-inf")
        self._verified: Minutes | None = None
        self._minutes: Minutes | None = None
        self._assembly: Assembly | None = None
        self._activations: tuple[Activation, ...] = ()
        self._mark = read_mark(data_dir)
        self._update(again=True)
        if self._assembly is None:
            self._serve_in_turn(self._restored())

    def standing(self, surface: str, activation: int) -> Standing | None:
        """Return what stood on a surface under an activation; None where that activation is not known."""
        activations = self._activations
        if not 1 <= activation <= len(activations):
            return None
        return standing_after(list(activations[:activation]), surface)

    def standing_with(self, surface: str, policy: bytes) -> Standing | None:
        """Return what stood on a surface when a policy was last put in force there; None where it never was."""
        activations = self._activations
        for past in reversed(activations):
            if past.surface == surface and past.policy is not None and past.policy.canon_digest == policy:
                return standing_after(list(activations[: past.number]), surface)
        return None

    def refusal(self, surface: str) -> RankdError | None:
        """Return why a surface is not served with what the record says now; None where it is."""
        refusals = self._refusals
        return refusals.get(RECORD) or refusals.get(surface)

    def refresh(self) -> None:
        """Look again at once, also at what looks unchanged."""
        with self._lock:
            self._update(again=True)

    def poll(self) -> None:
        """Take up what is new, and let the time come up to now."""
        with self._lock:
            self._update(again=False)

    def status(self) -> GateStatus:
        """Return how the gate is."""
        minutes, mark = self._minutes, self._mark
        evidence_ms = None if minutes is None else _evidence_ms(minutes)
        age_ms = 0 if evidence_ms is None else max(0, self._clock_ms() - evidence_ms)
        return GateStatus(
            origin=self._trust.origin,
            genesis=self._trust.genesis,
            size=0 if mark is None else mark.size,
            activation=0 if mark is None else len(mark.activations),
            evidence_ms=evidence_ms,
            age_s=age_ms // 1_000,
            is_stale=age_ms > self._stale_after_ms,
            refusal=self._refusals.get(RECORD),
            is_restored=self._assembly is None,
            assembly=self._assembly,
        )

    def _update(self, *, again: bool) -> None:
        try:
            self._check_clock()
            if again or self._is_due():
                self._verified = None
                self._verified = self._read()
            minutes = self._verified
            if minutes is not None:
                self._take_up(minutes, again=again)
        except RankdError as refusal:
            self._refuse({RECORD: refusal})
        else:
            if minutes is not None:
                self._accept(RECORD)

    def _is_due(self) -> bool:
        """Tell whether the record is to be read: it is another one, or it was refused some time ago."""
        is_tired = self._verified is None and self._steady_s() >= self._tried_s + _RETRY_S
        return is_tired or self._reader.has_changed()

    def _read(self) -> Minutes:
        """Return the record, verified, as one that goes on from where the mark says."""
        self._tried_s = self._steady_s()
        mark, trust = self._mark, self._trust
        if mark is not None and (mark.origin, mark.genesis) != (trust.origin, trust.genesis):
            raise ServiceError(
                "GATE_GENESIS_DIFFERS", marked=digest_text(mark.genesis), wanted=digest_text(trust.genesis)
            )
        return self._reader.read(self._clock_ms(), None if mark is None else Seen(mark.size, mark.root))

    def _check_clock(self) -> None:
        """Refuse to go on by a clock that was set: what it would activate could not be taken back."""
        leap_ms = self._clock_ms() - self._begin_ms - round(1_000 * (self._steady_s() - self._begin_s))
        if leap_ms > _LEAP_MS and not self._trust.is_dev:
            raise ServiceError("GATE_CLOCK_LEAPT", minutes=leap_ms // 60_000)

    def _take_up(self, minutes: Minutes, *, again: bool) -> None:
        """Serve what the minutes put in force up to now."""
        mark, trust = self._mark, self._trust
        settle_ms = DEV_SETTLE_MS if trust.is_dev else SETTLE_MS
        # Never back behind what was served, whatever the clock says; and no entry is dated later than what follows it.
        time_ms = max(self._clock_ms() - settle_ms, minutes.assembly.time_ms, 0 if mark is None else mark.time_ms)
        assembly = minutes.assembly.at(time_ms)
        if assembly.withheld is not None:
            self._wait_for_ballots(assembly, time_ms)
            return
        activations = assembly.activations
        known = () if mark is None else mark.activations
        said = tuple(marked(entry) for entry in activations)
        if said[: len(known)] != known:
            raise ServiceError("GATE_REPLAYED", found=len(said), marked=len(known))
        lying = self._finder.lying()
        is_new = minutes is not self._minutes or len(said) != len(self._activations) or lying != self._lying
        if not is_new and not again:
            return
        served = self._snapshots(assembly, minutes.size)
        following = Mark(
            origin=trust.origin,
            genesis=trust.genesis,
            size=minutes.size,
            root=minutes.root,
            time_ms=time_ms if mark is None or said != known else mark.time_ms,
            activations=said,
            served={surface: snapshot.activation or 0 for surface, snapshot in served.items()},
        )
        if following != mark:
            write_mark(self._data_dir, following)
        self._mark = following
        self._minutes, self._assembly, self._lying = minutes, assembly, lying
        self._activations = activations
        self._serve_in_turn(served)

    def _wait_for_ballots(self, assembly: Assembly, time_ms: int) -> None:
        """Leave the last good in force while a closed vote's ballots are not shown; refuse when that takes too long."""
        index = assembly.withheld
        if index is None:
            return
        matter = assembly.proposals.get(index)
        vote = assembly.interventions[index].vote if matter is None else matter.vote
        if self._assembly is None or vote is None or time_ms - vote.close_ms > _BALLOTS_MS:
            raise AssemblyError("MINUTES_BALLOTS_WITHHELD", index=index)

    def _snapshots(self, assembly: Assembly, size: int) -> dict[str, Snapshot]:
        """Return what each surface is served with; what cannot be served keeps its last good."""
        self._archive_texts(assembly.activations)
        served: dict[str, Snapshot] = {}
        for surface in assembly.surfaces():
            standing, last = assembly.standing(surface), self._served.get(surface)
            try:
                served[surface] = self._snapshot(standing, last).under(standing, size)
            except RankdError as refusal:
                self._refuse({surface: refusal})
                if refusal.kind is Kind.UNAVAILABLE:
                    raise
                if last is not None and last.standing is not None:
                    served[surface] = last.under(last.standing, size)
                else:
                    served[surface] = self._stand_in(standing, assembly, size)
            else:
                self._accept(surface)
        return served

    def _stand_in(self, standing: Standing, assembly: Assembly, size: int) -> Snapshot:
        """Return what serves a surface after a start: what did before it, or the baseline."""
        number = 0 if self._mark is None else self._mark.served.get(standing.surface, 0)
        if 0 < number < standing.activation:
            before = assembly.standing(standing.surface, number)
            try:
                return self._snapshot(before, None).under(before, size)
            except RankdError as error:
                logger.warning("surface %s: the last good pair is not whole either (%s)", before.surface, error.reason)
        baseline = Snapshot.of_baseline(standing.surface, standing.constitution.limits, self._clock_ms())
        return baseline.under(standing, size)

    def _snapshot(self, standing: Standing, last: Snapshot | None) -> Snapshot:
        """Return a snapshot of what stands; `last` is what the surface is served with."""
        surface, limits, active = standing.surface, standing.constitution.limits, standing.policy
        if active.number == 0:
            is_same = last is not None and last.policy is None and last.limits == limits
            return last if last is not None and is_same else Snapshot.of_baseline(surface, limits, self._clock_ms())
        policy = read_policy(active.text, f"{surface}/{active.number:04d}.yaml")
        found = self._model(standing, last)
        return self._assembler.snapshot(surface, Parts(policy, active.text, limits, found.model, found.folder), last)

    def _model(self, standing: Standing, last: Snapshot | None) -> Found:
        """Return the ratified model, by its digest and with the ratified heads."""
        surface, wanted = standing.surface, standing.model
        if wanted is None:
            raise ServiceError("SURFACE_WITHOUT_MODEL", surface=surface, path=self._models_dir)
        found = Found(last.model, None) if last is not None and last.model is not None else None
        if found is None or found.model.manifest.digest != wanted.digest:
            found = self._finder.find(wanted.digest)
        if found is None:
            lying = self._finder.lying()
            named = ", ".join(f"{name} ({digest_text(digest)})" for name, digest in sorted(lying.items()))
            raise ServiceError(
                "GATE_MODEL_MISSING",
                surface=surface,
                wanted=digest_text(wanted.digest),
                path=self._models_dir,
                found=named or "–",
            )
        heads = tuple(head.signal.objective for head in found.model.manifest.heads)
        if heads != wanted.heads:
            raise ServiceError(
                "GATE_HEADS_DIFFER",
                digest=digest_text(wanted.digest),
                surface=surface,
                found=", ".join(heads),
                wanted=", ".join(wanted.heads),
            )
        return found

    def _archive_texts(self, activations: tuple[Activation, ...]) -> None:
        """Keep every text that was ever in force: after a restart the mark alone must find them."""
        for activation in activations:
            constitution, policy = activation.constitution, activation.policy
            if constitution.file_digest not in self._kept:
                self._archive.keep_limits(constitution.limits, constitution.text)
                self._kept.add(constitution.file_digest)
            if policy is not None and policy.number and policy.file_digest not in self._kept:
                self._archive.keep_policy(read_policy(policy.text, activation.surface), policy.text)
                self._kept.add(policy.file_digest)

    def _restored(self) -> Mapping[str, Snapshot]:
        """Return what can be served without the record: what the mark says, from the archive, else the baseline."""
        mark = self._mark
        served: dict[str, Snapshot] = {}
        if mark is not None and (mark.origin, mark.genesis) == (self._trust.origin, self._trust.genesis):
            try:
                self._activations = unmarked(mark.activations, self._archive)
            except RankdError as error:
                logger.exception("the archive does not hold what the mark names (%s)", error.reason)
            else:
                for surface, number in mark.served.items():
                    served[surface] = self._restore(surface, number, mark.size)
                logger.warning("serving what was verified before the restart, at activation %d", len(mark.activations))
        if not served:
            limits = read_limits(_NO_LIMITS)
            self._archive.keep_limits(limits, _NO_LIMITS)
            surfaces = {self._finder.surface(name) for name in self._finder.lying()} - {None}
            served = {
                surface: Snapshot.of_baseline(surface, limits, self._clock_ms())
                for surface in surfaces
                if surface is not None
            }
        return served

    def _restore(self, surface: str, activation: int, size: int) -> Snapshot:
        standing = standing_after(list(self._activations[:activation]), surface)
        try:
            snapshot = self._snapshot(standing, None)
        except RankdError as refusal:
            self._refuse({surface: refusal})
            snapshot = Snapshot.of_baseline(surface, standing.constitution.limits, self._clock_ms())
        return snapshot.under(standing, size)


def _evidence_ms(minutes: Minutes) -> int:
    """Return the newest time that anybody vouches for."""
    return max(minutes.assembly.time_ms, *(1_000 * time_s for _, time_s in minutes.cosigners), 0)
