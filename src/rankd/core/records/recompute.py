"""Recomputing a decision: the same core functions as when it was made, and the first thing that differs."""

from collections.abc import Iterator
from dataclasses import dataclass

from rankd.core.ranking.formula import Formula
from rankd.core.ranking.ranking import Ranking, rank, rank_newest_first
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import NO_POLICY_IN_FORCE, QUOTA_SHORT, Decision, request_digest


@dataclass(frozen=True, slots=True)
class Difference:
    """One point at which a record and its recomputation part.

    Attributes:
        candidate_id: The candidate, or "" where the whole decision differs.
        term: What differs, such as `margin:click`, `order`, `value`, `dropped`, `exploration.pair_count`.
        recorded: What the record says.
        recomputed: What follows from policy, model and features.
    """

    candidate_id: str
    term: str
    recorded: str
    recomputed: str


def rerank(decision: Decision, formula: Formula | None) -> Ranking:
    """Rank a recorded request again, from its recorded margins.

    Args:
        decision: The decision.
        formula: The formula that ranked it; None: the baseline.

    Raises:
        KeyError: A rule's column is not in the record.
    """
    if formula is None or decision.request.mode is Mode.NEWEST_FIRST:
        return rank_newest_first(decision.request, decision.nonce)
    columns = {column.name: column.values for column in decision.columns}
    return rank(decision.request, formula, decision.margins, columns, decision.nonce)


def differences(decision: Decision, ranking: Ranking) -> Iterator[Difference]:
    """Yield every point at which a decision's record and its recomputed ranking differ, in the record's order."""
    request = decision.request
    ids = request.candidates.ids

    def name(index: int) -> str:
        return ids[index]

    digest = request_digest(request, decision.sent_columns, decision.clock_given)
    # Where the baseline stood in for a policy, the columns that were sent are neither read nor kept.
    columns_kept = all(entry.reason != NO_POLICY_IN_FORCE for entry in decision.degraded)
    if columns_kept and digest != decision.request_digest:
        yield Difference("", "request_digest", decision.request_digest.hex(), digest.hex())
    for place, (recorded, recomputed) in enumerate(zip(decision.order, ranking.order, strict=False), start=1):
        if recorded != recomputed:
            yield Difference(name(recorded), f"order[{place}]", name(recorded), name(recomputed))
            return
    if len(decision.order) != len(ranking.order):
        yield Difference("", "order", f"{len(decision.order)} places", f"{len(ranking.order)} places")
        return
    for index, recorded, recomputed in zip(decision.order, decision.values, ranking.values, strict=True):
        if recorded != recomputed:
            yield Difference(name(index), "value", str(recorded), str(recomputed))
    if decision.dropped != ranking.dropped:
        there, here = dict(decision.dropped), dict(ranking.dropped)
        for index in sorted(there.keys() | here.keys()):
            if there.get(index) != here.get(index):
                yield Difference(name(index), "dropped", there.get(index, "–"), here.get(index, "–"))
        if there == here:
            yield Difference("", "dropped", str(decision.dropped), str(ranking.dropped))
    for field in ("share_ppm", "pair_count", "partner_counts", "pair", "marginals"):
        old, new = getattr(decision.exploration, field), getattr(ranking.exploration, field)
        if old != new:
            yield Difference("", f"exploration.{field}", str(old), str(new))
    short = tuple(name for entry in decision.degraded if entry.reason == QUOTA_SHORT for name in entry.names)
    if short != ranking.quota_short:
        yield Difference("", "quota_short", ", ".join(short), ", ".join(ranking.quota_short))
