"""What a proposal awaits, and what one person can do about it, from draft to force."""

from rankd.core.assembly.entries import Recall, Sponsor
from rankd.usecases.govern.outlook import Await, acts, awaited
from tests.assemblies import DAY_MS, START_MS, TestMinutes, found, policy_text, public


def deeds(minutes: TestMinutes, name: str) -> list[str]:
    return [act.deed for act in acts(minutes.now(), public(name))]


def waits(minutes: TestMinutes, index: int) -> Await | None:
    now = minutes.now()
    return awaited(now.proposals[index], now)


def proposed(minutes: TestMinutes) -> int:
    base = minutes.assembly.standing("video").policy.canon_digest
    return minutes.accept(minutes.proposal(policy_text(base, click=100, reply=200)), "Alice")


def test_a_draft_awaits_sponsors_other_than_its_proposer() -> None:
    minutes = found()
    index = proposed(minutes)
    assert waits(minutes, index) == Await("sponsors", START_MS + 10 * DAY_MS, 0, 1)
    assert deeds(minutes, "Bruno") == ["sponsor", "amend", "argue"]
    assert deeds(minutes, "Alice") == ["amend", "argue"]
    assert deeds(minutes, "nobody") == []


def test_a_debate_awaits_its_time_and_then_its_proposer() -> None:
    minutes = found()
    index = proposed(minutes)
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    assert waits(minutes, index) == Await("debate", START_MS + 3 * DAY_MS)
    assert deeds(minutes, "Alice") == ["amend", "argue"]
    minutes.wait(3)
    assert waits(minutes, index) == Await("freeze", START_MS + 20 * DAY_MS)
    assert deeds(minutes, "Alice") == ["freeze", "amend", "argue"]
    assert deeds(minutes, "Bruno") == ["amend", "argue"]


def test_a_vote_awaits_its_close_and_comes_first() -> None:
    minutes = found()
    base = minutes.assembly.standing("video").policy.canon_digest
    index = minutes.to_vote(minutes.proposal(policy_text(base, click=100, reply=200)))
    other = proposed(minutes)
    assert waits(minutes, index) == Await("close", minutes.now_ms + 7 * DAY_MS)
    (vote, *_) = acts(minutes.now(), public("Bruno"))
    assert (vote.deed, vote.index, vote.again) == ("vote", index, False)
    minutes.cast(index, {"Bruno": "yes"})
    assert acts(minutes.now(), public("Bruno"))[0].again
    assert deeds(minutes, "Bruno") == ["vote", "sponsor", "amend", "argue", "argue"]
    assert [act.index for act in acts(minutes.now(), public("Bruno"))][-2:] == [index, other]


def test_what_was_passed_awaits_its_time_unless_members_recall_it() -> None:
    minutes = found()
    base = minutes.assembly.standing("video").policy.canon_digest
    index = minutes.to_vote(minutes.proposal(policy_text(base, click=100, reply=200)))
    minutes.cast(index, dict.fromkeys(("Alice", "Bruno", "Chloé"), "yes"))
    minutes.wait(7)
    found_ = waits(minutes, index)
    assert found_ is not None
    assert (found_.what, found_.have) == ("force", 0)
    assert found_.need >= 1
    assert "recall" in deeds(minutes, "Bruno")
    assert deeds(minutes, "Guy") == ["cancel"]
    minutes.accept(Recall(minutes.co(), index), "Bruno")
    assert "recall" not in deeds(minutes, "Bruno")
    minutes.wait(60)
    assert waits(minutes, index) is None
    assert deeds(minutes, "Alice") == []
