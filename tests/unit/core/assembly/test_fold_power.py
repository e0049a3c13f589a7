"""Attacks by those who hold a key of office, and by members in great numbers of entries: what the rules leave them."""

from dataclasses import replace

import pytest

from rankd.core.assembly import enrolling, voting
from rankd.core.assembly.entries import Erasure, Freeze, Guardian, Recall, Registration, Sponsor, Witnessing
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.matter import Matter
from rankd.core.assembly.tally.result import YesNoResult
from rankd.core.words.language import Phrase
from tests.assemblies import (
    FOUNDERS,
    GUARDIANS,
    HOUR_MS,
    SECRETARY,
    SURFACE,
    TestMinutes,
    constitution,
    found,
    founding,
    policy_text,
    public,
)

YES = dict.fromkeys(FOUNDERS[:6], "yes")
NO = dict.fromkeys(FOUNDERS[:6], "no")
WHY = Phrase(fr="Parce que.", en="Because.")


@pytest.fixture
def minutes() -> TestMinutes:
    return found()


def queue(minutes: TestMinutes, click: int = 100, by: str = "Alice") -> int:
    """Bring a policy through its vote into the queue; two days are left until it comes into force."""
    base = minutes.now().standing(SURFACE).policy.canon_digest
    text = policy_text(base, click=click, reply=300 - click)
    index = minutes.to_vote(minutes.proposal(text), by)
    minutes.cast(index, YES)
    minutes.wait(7)
    assert matter(minutes, index).state == "queued"
    return index


def adopt(minutes: TestMinutes, click: int = 100) -> int:
    index = queue(minutes, click)
    minutes.wait(2)
    assert matter(minutes, index).state == "activated"
    return index


def matter(minutes: TestMinutes, index: int) -> Matter:
    return minutes.now().proposals[index]


def roll_back(minutes: TestMinutes, to: int) -> int:
    """Have two guardians go back; return the intervention's index."""
    for name in GUARDIANS[:2]:
        index = minutes.accept(Guardian(minutes.co(), "rollback", None, SURFACE, to, WHY), name)
    return index


def number(minutes: TestMinutes) -> int:
    return minutes.now().standing(SURFACE).policy.number


def settle(minutes: TestMinutes, intervention: int, choices: dict[str, str]) -> Assembly:
    minutes.cast(intervention, choices)
    minutes.wait(5)
    return minutes.now()


def test_guardians_cannot_go_back_again_and_again_from_what_the_members_kept(minutes: TestMinutes) -> None:
    adopt(minutes)
    settle(minutes, roll_back(minutes, 1), NO)
    assert number(minutes) == 2
    for to in (0, 1):
        demand = Guardian(minutes.co(), "rollback", None, SURFACE, to, WHY)
        assert minutes.refuse(demand, GUARDIANS[0]) == "GUARDIAN_REFUSED"
    # What the members adopt afterwards is new: guardians can stop it once.
    adopt(minutes, click=50)
    settle(minutes, roll_back(minutes, 2), YES)
    assert number(minutes) == 2
    # And what they confirmed stands as any policy does.
    settle(minutes, roll_back(minutes, 3), NO)
    assert number(minutes) == 2


def test_a_rollback_does_not_make_a_queued_change_expire_before_the_members_spoke(minutes: TestMinutes) -> None:
    adopt(minutes)
    change = queue(minutes, click=50)
    minutes.wait(1)
    back = roll_back(minutes, 1)
    minutes.wait(2)
    assert matter(minutes, change).state == "held"
    assert number(minutes) == 1
    minutes.cast(back, NO)
    minutes.wait(3)
    now = minutes.now()
    assert [entry.cause for entry in now.activations[-2:]] == ["lapse", "vote"]
    assert now.proposals[change].state == "activated"
    assert number(minutes) == 3


def test_a_change_that_waited_for_a_confirmed_rollback_expires(minutes: TestMinutes) -> None:
    adopt(minutes)
    change = queue(minutes, click=50)
    back = roll_back(minutes, 1)
    minutes.wait(2)
    assert matter(minutes, change).state == "held"
    minutes.cast(back, YES)
    minutes.wait(3)
    assert matter(minutes, change).state == "expired"
    assert number(minutes) == 1


def test_a_change_that_fits_what_guardians_went_back_to_does_not_wait(minutes: TestMinutes) -> None:
    adopt(minutes)
    roll_back(minutes, 1)
    base = minutes.now().standing(SURFACE).policy.canon_digest
    assert number(minutes) == 1
    index = minutes.accept(minutes.proposal(policy_text(base, click=50, reply=250)), "Bruno")
    assert minutes.now().proposals[index].state == "draft"


def test_a_petition_reaches_a_change_that_waits_for_a_rollback(minutes: TestMinutes) -> None:
    adopt(minutes)
    change = queue(minutes, click=50)
    roll_back(minutes, 1)
    minutes.wait(2)
    for name in FOUNDERS[:3]:
        minutes.accept(Recall(minutes.co(), change), name)
    assert matter(minutes, change).state == "recalled"
    minutes.wait(5)
    assert matter(minutes, change).state == "recalled"


def test_a_change_that_was_cancelled_and_lapsed_waits_for_a_rollback_that_is_pending(minutes: TestMinutes) -> None:
    adopt(minutes)
    change = queue(minutes, click=50)
    for name in GUARDIANS[:2]:
        minutes.accept(Guardian(minutes.co(), "cancel", change, "", None, WHY), name)
    minutes.wait(1)
    back = roll_back(minutes, 1)
    minutes.wait(4)
    # The vote on the cancelling is over, the one on the rollback is not.
    assert matter(minutes, change).state == "held"
    minutes.wait(1)
    assert back in minutes.now().interventions
    assert matter(minutes, change).state == "activated"
    assert minutes.refold().at(minutes.now_ms).proposals[change].state == "activated"


def test_one_member_does_not_fill_the_minutes_with_ballots(
    minutes: TestMinutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voting, "MAX_BALLOTS", 3)
    base = minutes.now().standing(SURFACE).policy.canon_digest
    index = minutes.to_vote(minutes.proposal(policy_text(base, click=100, reply=200)))
    for turn, choice in enumerate(("yes", "no", "yes"), 1):
        minutes.accept(minutes.ballot(index, choice, turn), "Hugo")
    assert minutes.refuse(minutes.ballot(index, "no", 4), "Hugo") == "BALLOTS_TOO_MANY"
    minutes.accept(minutes.ballot(index, "yes"), "Inès")
    minutes.wait(7)
    result = minutes.vote_of(index).result
    assert isinstance(result, YesNoResult)
    assert (result.yes, result.no) == (2, 0)


def test_one_member_does_not_fill_the_minutes_with_what_is_known(minutes: TestMinutes) -> None:
    minutes.accept(Witnessing(minutes.co(), "activation", 0, "1"), "Hugo")
    for name in ("Hugo", "Inès", SECRETARY):
        assert minutes.refuse(Witnessing(minutes.co(), "activation", 0, "1"), name) == "WITNESS_REPEATED"
    minutes.accept(Witnessing(minutes.co(), "activation", 0, "2"), "Hugo")


def test_a_flood_of_registrations_can_be_cleared_away(minutes: TestMinutes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolling, "MAX_REGISTERED", 3)
    flood = [minutes.accept(register(minutes, f"Nobody {number}"), f"Nobody {number}") for number in range(3)]
    assert minutes.refuse(register(minutes, "Zoé"), "Zoé") == "REGISTRATIONS_TOO_MANY"
    minutes.accept(Erasure(minutes.co(), tuple(flood), ""), SECRETARY)
    assert not minutes.assembly.registered
    minutes.accept(register(minutes, "Zoé"), "Zoé")
    # Whoever never saw the erased bodies comes to the same.
    shown = [replace(entry, envelope=None) if entry.index in flood else entry for entry in minutes.entries]
    other = Assembly(minutes.genesis)
    for entry in shown:
        other.take(entry)
    assert (list(other.registered), other.unexplained) == (list(minutes.assembly.registered), ())


def register(minutes: TestMinutes, name: str) -> Registration:
    return Registration(minutes.origin, public(name), minutes.co().nonce)


@pytest.mark.parametrize(("timelock", "is_believed"), [("47h", False), ("48h", True)])
def test_an_extension_that_is_only_claimed_renumbers_no_activation(timelock: str, is_believed: bool) -> None:
    # Bruno's vote begins a little after Alice's, on the same base; in truth her change comes first, and his expires.
    minutes = found(founding(constitution(policy={"timelock": timelock})))
    base = minutes.now().standing(SURFACE).policy.canon_digest
    first = minutes.accept(minutes.proposal(policy_text(base, click=100, reply=200)), "Alice")
    second = minutes.accept(minutes.proposal(policy_text(base, click=50, reply=250)), "Bruno")
    for index in (first, second):
        minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Chloé")
    minutes.wait(3)
    minutes.accept(Freeze(minutes.co(), first, minutes.files(first), None), "Alice")
    minutes.wait(1 / 96)
    minutes.accept(Freeze(minutes.co(), second, minutes.files(second), None), "Bruno")
    minutes.wait(1)
    for index in (first, second):
        minutes.cast(index, YES)
    minutes.now_ms = minutes.vote_of(second).close_ms
    assert minutes.refuse(Witnessing(minutes.co(), "close", first, "extended"), "log") == "WITNESS_DIFFERS"
    now_ms = minutes.now_ms + 48 * HOUR_MS - 1
    truth = minutes.assembly.at(now_ms)

    mirror = Assembly(minutes.genesis)
    for entry in minutes.entries:
        is_sealed = (entry.leaf.kind, entry.leaf.about) == ("ballot", first)
        mirror.take(replace(entry, envelope=None) if is_sealed else entry)
    believed = mirror.at(now_ms)
    assert believed.withheld == first
    vote = believed.proposals[first].vote
    assert vote is not None
    assert (vote.is_extended, len(truth.activations)) == (is_believed, 3)
    assert believed.activations == truth.activations[: len(believed.activations)]
