"""The mandate of decisions: whether each follows what the members' minutes had in force when it was made."""

from collections import Counter
from dataclasses import dataclass, replace

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.standing import Activation, Standing, standing_after
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import Decision
from rankd.core.records.fault import Fault, Faults
from rankd.core.records.leaf import DecisionLeaf
from rankd.store.archive import Archive, Kind
from rankd.usecases.audit.verify import VerifyReport
from rankd.usecases.govern.verdict import Verdict

TOLERANCE_MS = 120_000
"""So far the time of a decision may lie outside that of its activation. A service takes up a change ten seconds after
its time, waits up to a minute for ballots that are on their way, and looks at the minutes every second; what is left is
for two clocks that disagree."""

OVERLAP_MS = 10_000
"""So long after the first decision under a newer activation one under the older may stand: it was being made."""


@dataclass(frozen=True, slots=True)
class MandateReport:
    """What decisions rest on.

    Attributes:
        faults: What speaks against the journal.
        left_out_count: Faults that are not among them, because there are too many.
        counts: Decisions by surface and activation, in the order of surfaces and numbers.
        before_count: Decisions that a development co-op's service made before its founding.
        unserved_count: Decisions without a policy although one was in force, or without any activation, and not newest
            first at the person's own request, as far as bodies tell.
        is_timed: Whether times were compared: a development co-op's are given by hand.
    """

    faults: tuple[Fault, ...]
    left_out_count: int
    counts: tuple[tuple[str, int, int], ...]
    before_count: int
    unserved_count: int
    is_timed: bool

    @property
    def decision_count(self) -> int:
        """Decisions that name an activation."""
        return sum(count for _, _, count in self.counts)


class Mandate:
    """Compares decisions with the minutes, one after the other in the journal's order; an observer of `verify`.

    Every decision must name an activation of its own surface, with the policy, model and constitution that were in
    force under it, at a time between that activation and the next one there; and no surface goes back. Newest first
    needs no policy: anybody may ask for it, and it is what is left where a model is missing.

    Args:
        assembly: The assembly to which the present has come.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._activations = assembly.activations
        self._is_dev = assembly.is_dev
        self._standings: dict[tuple[str, int], Standing] = {}
        self._next: dict[tuple[str, int], Activation | None] = {}
        self._newest: dict[str, tuple[int, int]] = {}
        self._counts: Counter[tuple[str, int]] = Counter()
        self._policies: dict[bytes, set[bytes]] = {}
        self._constitutions: dict[bytes, set[bytes]] = {}
        self._faults = Faults()
        self._before_count = self._unserved_count = 0

    def __call__(self, index: int, leaf: DecisionLeaf, decision: Decision | None) -> None:
        """Take the next decision; see `verify.Observer`."""
        number = leaf.activation
        if number is None:
            self._take_unbound(index, leaf, decision)
            return
        self._counts[leaf.surface, number] += 1
        if not 1 <= number <= len(self._activations):
            error = AssemblyError("MANDATE_UNKNOWN", surface=leaf.surface, found=number, most=len(self._activations))
            self._fault(error, index, leaf)
            return
        standing = self._standing(leaf.surface, number)
        if standing.activation != number:
            self._fault(AssemblyError("MANDATE_ELSEWHERE", surface=leaf.surface, found=number), index, leaf)
            return
        self._compare(index, leaf, standing)
        self._judge_order(index, leaf, number)
        if not self._is_dev:
            self._judge_time(index, leaf, number)
        if standing.policy.number and _is_unserved(leaf, decision):
            self._unserved_count += 1

    def check_archive(self, archive: Archive) -> None:
        """Make sure that the archive holds no other words for a text that decisions rest on than those adopted."""
        rested_on: tuple[tuple[Kind, dict[bytes, set[bytes]]], ...]
        rested_on = (("policies", self._policies), ("limits", self._constitutions))
        for kind, texts in rested_on:
            for canon, adopted in texts.items():
                try:
                    files = list(archive.files(kind, canon))
                except RankdError:
                    # Whoever recomputes says that it is missing; nothing else lies there.
                    continue
                for name, data in files:
                    if sha256(data) not in adopted:
                        self._faults.note(AssemblyError("MANDATE_TEXT", path=name), 0, name)

    def report(self) -> MandateReport:
        """Return what was found so far."""
        return MandateReport(
            faults=self._faults.all(),
            left_out_count=self._faults.left_out_count,
            counts=tuple((*place, self._counts[place]) for place in sorted(self._counts)),
            before_count=self._before_count,
            unserved_count=self._unserved_count,
            is_timed=not self._is_dev,
        )

    def _take_unbound(self, index: int, leaf: DecisionLeaf, decision: Decision | None) -> None:
        """Take a decision that no assembly stands behind."""
        if self._is_dev and leaf.surface not in self._newest and leaf.time_ms < self._activations[0].time_ms:
            self._before_count += 1
        elif leaf.policy != BASELINE_DIGEST or leaf.model is not None:
            error = AssemblyError("MANDATE_NONE", surface=leaf.surface, policy=digest_text(leaf.policy))
            self._fault(error, index, leaf)
        elif _is_unserved(leaf, decision):
            # A service that never could read the minutes ranks newest first, and says so in every answer.
            self._unserved_count += 1

    def _compare(self, index: int, leaf: DecisionLeaf, standing: Standing) -> None:
        """Compare what a decision rests on with what was in force."""
        policy, model, constitution = standing.policy, standing.model, standing.constitution
        found: list[tuple[str, bytes | None, bytes | None]] = []
        found.append(("MANDATE_CONSTITUTION", leaf.constitution, constitution.canon_digest))
        if leaf.policy != BASELINE_DIGEST or leaf.model is not None:
            found.append(("MANDATE_POLICY", leaf.policy, policy.canon_digest))
            found.append(("MANDATE_MODEL", leaf.model, None if model is None else model.digest))
        for reason, said, wanted in found:
            if said != wanted:
                shown = {"found": _shown(said), "wanted": _shown(wanted)}
                self._fault(
                    AssemblyError(reason, surface=leaf.surface, activation=standing.activation, **shown), index, leaf
                )

    def _judge_order(self, index: int, leaf: DecisionLeaf, number: int) -> None:
        newest, since_ms = self._newest.get(leaf.surface, (0, 0))
        if number > newest:
            self._newest[leaf.surface] = number, leaf.time_ms
        elif number < newest and leaf.time_ms > since_ms + OVERLAP_MS:
            error = AssemblyError("ACTIVATION_FALLS", surface=leaf.surface, activation=number, before=newest)
            self._fault(error, index, leaf)

    def _judge_time(self, index: int, leaf: DecisionLeaf, number: int) -> None:
        named = {"surface": leaf.surface, "activation": number}
        early_ms = self._activations[number - 1].time_ms - leaf.time_ms
        if early_ms > TOLERANCE_MS:
            self._fault(AssemblyError("ACTIVATION_EARLY", **named, seconds=early_ms // 1_000), index, leaf)
        after = self._following(leaf.surface, number)
        if after is not None and leaf.time_ms - after.time_ms > TOLERANCE_MS:
            seconds = (leaf.time_ms - after.time_ms) // 1_000
            error = AssemblyError("ACTIVATION_OUTLIVED", **named, seconds=seconds, after=after.number)
            self._fault(error, index, leaf)

    def _standing(self, surface: str, number: int) -> Standing:
        """Return what was in force on a surface under an activation; its texts are then those that may be archived."""
        known = self._standings.get((surface, number))
        if known is None:
            known = self._standings[surface, number] = standing_after(list(self._activations[:number]), surface)
            constitution, policy = known.constitution, known.policy
            self._constitutions.setdefault(constitution.canon_digest, set()).add(constitution.file_digest)
            if policy.number:
                self._policies.setdefault(policy.canon_digest, set()).add(policy.file_digest)
        return known

    def _following(self, surface: str, number: int) -> Activation | None:
        if (surface, number) not in self._next:
            later = (past for past in self._activations[number:] if past.surface in ("", surface))
            self._next[surface, number] = next(later, None)
        return self._next[surface, number]

    def _fault(self, error: RankdError, index: int, leaf: DecisionLeaf) -> None:
        # Decisions alike are one fault, with how many there are.
        self._faults.note(error, index, (leaf.surface, leaf.activation))


def _is_unserved(leaf: DecisionLeaf, decision: Decision | None) -> bool:
    if leaf.policy != BASELINE_DIGEST or decision is None:
        return False
    return decision.request.mode is not Mode.NEWEST_FIRST


def _shown(digest: bytes | None) -> str:
    return "–" if digest is None else digest_text(digest)


def with_mandate(report: VerifyReport, verdict: Verdict, mandate: MandateReport) -> VerifyReport:
    """Return a journal's report with what speaks against the minutes and against the decisions under them."""
    # The entries of the minutes are not the journal's; their own words name them.
    of_minutes = (replace(fault, index=None, count=1) for fault in verdict.faults)
    voids = verdict.assembly.voids
    of_keeping = [Fault(AssemblyError("MINUTES_VOIDS", index=voids[0].index, count=len(voids)), None)] if voids else []
    faults = (*report.faults, *of_minutes, *of_keeping, *mandate.faults)
    return replace(report, faults=faults, left_out_count=report.left_out_count + mandate.left_out_count)
