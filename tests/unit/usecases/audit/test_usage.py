"""Which policy ranked what, from leaves alone."""

from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.records.leaf import DecisionLeaf
from rankd.usecases.audit import usage
from rankd.usecases.audit.timeline import DAY_MS
from rankd.usecases.audit.usage import Change, Usages, Use

A, B, MODEL, LIMITS = b"a" * 32, b"b" * 32, b"m" * 32, b"l" * 32
T_MS = 1_772_409_600_000


def leaf(policy: bytes, time_ms: int = T_MS, surface: str = "video") -> DecisionLeaf:
    model = None if policy == BASELINE_DIGEST else MODEL
    return DecisionLeaf(time_ms, surface, None, policy, LIMITS, model, bytes(32), "w0", 0, (), bytes(32))


def folded(leaves: list[DecisionLeaf], gone: tuple[int, ...] = ()) -> Usages:
    fold = Usages()
    for index, one in enumerate(leaves):
        fold.add(index, one, is_read=index not in gone)
    return fold


def test_policies_are_told_by_first_and_last_decision_and_their_changes_are_marked() -> None:
    found = folded([leaf(A), leaf(A, T_MS + 1), leaf(B, T_MS + 2), leaf(A, T_MS + 3)]).report(())
    assert found.uses == (
        Use("video", A, 3, 0, 3, T_MS, T_MS + 3),
        Use("video", B, 1, 2, 2, T_MS + 2, T_MS + 2),
    )
    assert found.changes == (
        Change("video", 0, T_MS, None, A),
        Change("video", 2, T_MS + 2, A, B),
        Change("video", 3, T_MS + 3, B, A),
    )
    assert (found.change_count, found.first_ms, found.last_ms) == (2, T_MS, T_MS + 3)
    assert (found.limits, found.models) == (((LIMITS, 4),), ((MODEL, 4),))


def test_newest_first_between_two_decisions_of_one_policy_is_no_change() -> None:
    found = folded([leaf(A), leaf(BASELINE_DIGEST), leaf(A)]).report(())
    assert found.change_count == 0
    assert [(use.policy, use.decision_count) for use in found.uses] == [(A, 2), (BASELINE_DIGEST, 1)]
    assert found.models == ((MODEL, 2),)


def test_surfaces_change_their_policies_apart() -> None:
    found = folded([leaf(A), leaf(B, surface="text"), leaf(A), leaf(B, surface="text")]).report(())
    assert found.change_count == 0
    assert found.policies[0].counts == {("video", A): 2, ("text", B): 2}


def test_records_that_are_not_there_are_erased_where_an_order_reaches_them_and_missing_elsewhere() -> None:
    leaves = [leaf(A, T_MS + at * DAY_MS) for at in range(8)]
    found = folded(leaves, gone=(1, 2, 4, 6, 7)).report([(1, 2), (5, 6)])
    fates = [
        next(fate for fate, count in stretch.counts.items() if count) for stretch in found.fates if +stretch.counts
    ]
    assert fates == ["read", "erased", "erased", "read", "missing", "read", "erased", "missing"]
    assert [entry.begin_ms for entry in found.fates] == [entry.begin_ms for entry in found.policies]


def test_policies_beyond_the_bound_are_counted_together() -> None:
    many = [leaf(number.to_bytes(32, "big")) for number in range(usage.MAX_BASES + 10)]
    found = folded(many).report(())
    assert len(found.uses) == usage.MAX_BASES + 1
    assert (found.uses[-1].surface, found.uses[-1].policy, found.uses[-1].decision_count) == ("", b"", 10)
    assert len(found.changes) == usage.MAX_CHANGES
    assert found.change_count == usage.MAX_BASES + 9


def test_a_journal_without_decisions_has_no_usage() -> None:
    found = Usages().report(())
    assert (found.first_ms, found.uses, found.fates, found.changes) == (None, (), (), ())
