"""Two checkpoints of one log: growth, split views, rollbacks and forks, each by its name."""

import pytest

from rankd.core.errors import LogError
from rankd.core.log.views import compare_checkpoints, is_split_view
from tests.plain_log import PlainLog


def named(log: PlainLog, first: int, other: PlainLog, second: int, proof: tuple[bytes, ...] = ()) -> str:
    with pytest.raises(LogError) as caught:
        compare_checkpoints(log.checkpoint(first), other.checkpoint(second), proof)
    return caught.value.reason


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (1, 5), (4, 5), (5, 5), (3, 8)])
def test_a_log_that_grew_is_one_history(first: int, second: int) -> None:
    log = PlainLog.of(8)
    compare_checkpoints(log.checkpoint(first), log.checkpoint(second), log.proof(first, second))


def test_two_views_for_two_clients_are_a_split_view() -> None:
    one, other = PlainLog.of(6), PlainLog.of(6, fork_at=5)
    assert named(one, 6, other, 6) == "LOG_SPLIT_VIEW"
    assert named(one, 6, other, 6, one.proof(3, 6)) == "LOG_SPLIT_VIEW"
    assert is_split_view(one.checkpoint(6), other.checkpoint(6))
    assert not is_split_view(one.checkpoint(5), other.checkpoint(5))
    assert not is_split_view(one.checkpoint(6), PlainLog.of(6, fork_at=5, origin="other").checkpoint(6))


def test_log_rollback_is_detected() -> None:
    log = PlainLog.of(8)
    assert named(log, 8, log, 7, log.proof(7, 8)) == "LOG_ROLLED_BACK"


def test_log_fork_is_detected_with_every_proof_that_either_history_has() -> None:
    seen, forked = PlainLog.of(8), PlainLog.of(9, fork_at=3)
    for proof in ((), forked.proof(5, 9), PlainLog.of(9).proof(5, 9)):
        assert named(seen, 5, forked, 9, proof) == "LOG_FORKED"


def test_a_fork_behind_what_was_seen_is_no_fork_yet() -> None:
    seen, forked = PlainLog.of(8), PlainLog.of(9, fork_at=5)
    compare_checkpoints(seen.checkpoint(5), forked.checkpoint(9), forked.proof(5, 9))


def test_checkpoints_of_two_logs_are_not_compared() -> None:
    assert named(PlainLog.of(3), 3, PlainLog.of(3, origin="other.example"), 3) == "CHECKPOINT_ORIGIN"
