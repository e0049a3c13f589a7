"""What a proposal awaits, and what one person can do about it, from draft to force."""

from rankd.core.assembly.entries import Amendment, Recall, Sponsor
from rankd.usecases.govern.outlook import Await, acts, awaited, title_of
from tests.assemblies import DAY_MS, FOUNDERS, START_MS, TestMinutes, found, policy_text, public


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


def titled(text: str, words: str) -> str:
    """Return a policy with another title."""
    old = "Des vidéos qu’on regarde jusqu’au bout et dont on se parle"
    assert old in text
    return text.replace(old, words)


def test_what_was_amended_bears_the_title_of_its_text() -> None:
    minutes = found()
    index = proposed(minutes)
    base = minutes.assembly.standing("video").policy.canon_digest
    text = titled(policy_text(base, click=100, reply=200), "Autre")
    assert title_of(minutes.now().proposals[index]).fr == "Une proposition"
    offer = minutes.accept(Amendment(minutes.co(), index, (text,), None), "Bruno")
    assert title_of(minutes.now().proposals[index]).fr == "Une proposition"
    minutes.accept(Amendment(minutes.co(), index, (), offer), "Alice")
    assert title_of(minutes.now().proposals[index]).fr == "Autre"


def test_what_won_against_another_text_bears_its_title() -> None:
    minutes = found()
    base = minutes.assembly.standing("video").policy.canon_digest
    texts = tuple(titled(policy_text(base, click=100 + n, reply=200 - n), f"Texte {n}") for n in (1, 2))
    index = minutes.to_vote(minutes.proposal("", vote="ranking", texts=texts))
    assert title_of(minutes.now().proposals[index]).fr == "Une proposition"
    minutes.cast(index, dict.fromkeys(FOUNDERS, ((2,), (1,), (0,))))
    minutes.wait(8)
    assert title_of(minutes.now().proposals[index]).fr == "Texte 2"
