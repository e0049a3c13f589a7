"""The life of a proposal, from the draft to what is in force."""

from typing import Any

import pytest

from rankd.core.assembly.entries import Amendment, Argument, Freeze, Proposal, Recall, Sponsor, Witnessing
from rankd.core.assembly.tally.result import PointsResult, RankingResult
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.reader import read_policy
from tests.assemblies import (
    FOUNDERS,
    HEADS,
    MODEL,
    SURFACE,
    TestMinutes,
    constitution,
    found,
    founding,
    member,
    policy_text,
    template_text,
)

YES = dict.fromkeys(FOUNDERS[:6], "yes")


@pytest.fixture
def minutes() -> TestMinutes:
    return found()


def base(minutes: TestMinutes) -> bytes:
    return minutes.assembly.standing(SURFACE).policy.canon_digest


def other_policy(minutes: TestMinutes) -> str:
    return policy_text(base(minutes), click=100, reply=200)


def state(minutes: TestMinutes, index: int) -> str:
    return minutes.now().proposals[index].state


def test_the_founding_puts_in_force_what_the_founders_adopt(minutes: TestMinutes) -> None:
    standing = minutes.assembly.standing(SURFACE)
    assert (standing.policy.number, standing.activation, standing.ratification) == (1, 2, "DEV")
    assert standing.model is not None
    assert standing.model.digest == MODEL
    assert [past.surface for past in minutes.assembly.activations] == ["", SURFACE]
    assert {entry.id for entry in minutes.assembly.roll.active()} == {member(name) for name in FOUNDERS}


def test_a_surface_without_a_policy_is_served_by_the_baseline(minutes: TestMinutes) -> None:
    standing = minutes.assembly.standing("marketplace")
    assert (standing.policy.number, standing.policy.canon_digest, standing.ratification) == (
        0,
        BASELINE_DIGEST,
        "BASELINE",
    )


def test_a_policy_goes_from_draft_to_force_and_supersedes_the_one_before(minutes: TestMinutes) -> None:
    text = other_policy(minutes)
    index = minutes.accept(minutes.proposal(text), "Alice")
    assert state(minutes, index) == "draft"
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    assert state(minutes, index) == "deliberation"
    minutes.wait(3)
    minutes.accept(Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    assert state(minutes, index) == "frozen"
    minutes.wait(1)
    assert state(minutes, index) == "voting"
    minutes.cast(index, YES)
    minutes.wait(7)
    assert state(minutes, index) == "queued"
    assert minutes.now().standing(SURFACE).policy.number == 1
    minutes.wait(2)
    now = minutes.now()
    assert now.proposals[index].state == "activated"
    standing = now.standing(SURFACE)
    assert (standing.policy.number, standing.activation, standing.policy.adopted_by) == (2, 3, index)
    assert standing.policy.text.decode() == text
    second = minutes.to_vote(minutes.proposal(policy_text(standing.policy.canon_digest, like=50, reply=200)))
    minutes.cast(second, YES)
    minutes.wait(9)
    assert state(minutes, index) == "superseded"
    assert minutes.now().standing(SURFACE).policy.number == 3


def test_nothing_is_in_force_a_millisecond_before_its_time(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.cast(index, YES)
    minutes.wait(9)
    assert minutes.assembly.at(minutes.now_ms - 1).proposals[index].state == "queued"
    assert minutes.assembly.at(minutes.now_ms).proposals[index].state == "activated"


def test_looking_ahead_changes_nothing(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.cast(index, YES)
    minutes.assembly.at(minutes.now_ms + 10**11)
    assert minutes.assembly.proposals[index].state == "voting"
    minutes.accept(minutes.ballot(index, "no", number=2), "Alice")


def test_a_proposal_without_sponsors_lapses(minutes: TestMinutes) -> None:
    index = minutes.accept(minutes.proposal(other_policy(minutes)), "Alice")
    minutes.wait(10)
    assert state(minutes, index) == "lapsed"


def test_a_debate_that_nobody_ends_lapses(minutes: TestMinutes) -> None:
    index = minutes.accept(minutes.proposal(other_policy(minutes)), "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.wait(20)
    assert state(minutes, index) == "lapsed"
    assert minutes.refuse(Freeze(minutes.co(), index, minutes.files(index), None), "Alice") == "PROPOSAL_STATE"


def test_who_proposes_cannot_sponsor_and_nobody_sponsors_twice() -> None:
    minutes = found(founding(constitution(policy={"sponsors": "2"})))
    index = minutes.accept(minutes.proposal(other_policy(minutes)), "Alice")
    assert minutes.refuse(Sponsor(minutes.co(), index, minutes.files(index)), "Alice") == "SPONSOR_OWN"
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    assert minutes.refuse(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno") == "SPONSOR_TWICE"
    assert state(minutes, index) == "draft"


def test_the_debate_cannot_be_cut_short(minutes: TestMinutes) -> None:
    index = minutes.accept(minutes.proposal(other_policy(minutes)), "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.wait(2.9)
    assert minutes.refuse(Freeze(minutes.co(), index, minutes.files(index), None), "Alice") == "FREEZE_EARLY"
    assert minutes.refuse(Freeze(minutes.co(), index, minutes.files(index), None), "Bruno") == "FREEZE_NOT_PROPOSER"


def test_arguments_are_threaded_under_what_they_answer(minutes: TestMinutes) -> None:
    index = minutes.accept(minutes.proposal(other_policy(minutes)), "Alice")
    first = minutes.accept(Argument(minutes.co(), index, "against", None, "Pourquoi?"), "Chloé")
    minutes.accept(Argument(minutes.co(), index, "for", first, "Parce que."), "Alice")
    said = minutes.assembly.proposals[index].arguments
    assert [(entry.member, entry.argument and entry.argument.reply_to) for entry in said] == [
        (member("Chloé"), None),
        (member("Alice"), first),
    ]
    assert minutes.refuse(Argument(minutes.co(), index, "for", 99, "?"), "Denis") == "ARGUMENT_UNKNOWN"


def test_an_accepted_amendment_is_another_text_and_goes_back_to_the_debate(minutes: TestMinutes) -> None:
    index = minutes.accept(minutes.proposal(other_policy(minutes)), "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    before = minutes.files(index)
    minutes.wait(2)
    better = policy_text(base(minutes), click=50, reply=250)
    offer = minutes.accept(Amendment(minutes.co(), index, (better,), None), "Chloé")
    assert minutes.files(index) == before
    accept = Amendment(minutes.co(), index, (), offer)
    assert minutes.refuse(accept, "Chloé") == "AMENDMENT_NOT_PROPOSER"
    minutes.accept(accept, "Alice")
    assert minutes.files(index) != before
    assert minutes.refuse(Sponsor(minutes.co(), index, before), "Denis") == "TEXTS_DIFFER"
    minutes.wait(2)
    assert minutes.refuse(Freeze(minutes.co(), index, minutes.files(index), None), "Alice") == "FREEZE_EARLY"
    minutes.wait(1)
    minutes.accept(Freeze(minutes.co(), index, minutes.files(index), None), "Alice")


def test_only_three_amendments_can_be_accepted(minutes: TestMinutes) -> None:
    index = minutes.accept(minutes.proposal(other_policy(minutes)), "Alice")
    for click in (140, 130, 120, 110):
        text = policy_text(base(minutes), click=click, reply=300 - click)
        offer = minutes.accept(Amendment(minutes.co(), index, (text,), None), "Bruno")
        accept = Amendment(minutes.co(), index, (), offer)
        if click > 110:
            minutes.accept(accept, "Alice")
    assert minutes.refuse(accept, "Alice") == "AMENDMENTS_TOO_MANY"


def test_a_defeated_proposal_changes_nothing(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.cast(index, dict.fromkeys(FOUNDERS[:4], "yes"))
    minutes.cast(index, dict.fromkeys(FOUNDERS[4:8], "no"))
    minutes.wait(30)
    assert state(minutes, index) == "defeated"
    assert minutes.now().standing(SURFACE).policy.number == 1


def test_too_few_yes_is_no_quorum(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.cast(index, dict.fromkeys(FOUNDERS[:2], "yes"))
    minutes.wait(7)
    assert state(minutes, index) == "defeated"


def test_a_points_vote_fills_its_template(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(template_text(base(minutes)), vote="points"))
    today = dict(read_policy(minutes.assembly.standing(SURFACE).policy.text, "policy").points)
    half = today | {"click": today["click"] - 100, "reply": today["reply"] + 100}
    minutes.cast(index, {name: tuple(half.items()) for name in FOUNDERS[:5]})
    minutes.cast(index, {FOUNDERS[5]: "abstain"})
    minutes.wait(9)
    now = minutes.now()
    result = minutes.vote_of(index).result
    assert isinstance(result, PointsResult)
    assert (result.ballot_count, result.abstain_count, result.points) == (5, 1, half)
    policy = read_policy(now.standing(SURFACE).policy.text, "policy")
    assert dict(policy.points) == half


def test_a_points_vote_without_quorum_lapses(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(template_text(base(minutes)), vote="points"))
    today = read_policy(minutes.assembly.standing(SURFACE).policy.text, "policy").points
    minutes.cast(index, dict.fromkeys(FOUNDERS[:2], today))
    minutes.wait(7)
    assert state(minutes, index) == "lapsed"


def test_a_ranking_elects_one_of_several_texts(minutes: TestMinutes) -> None:
    texts = tuple(policy_text(base(minutes), click=click, reply=300 - click) for click in (100, 50))
    index = minutes.to_vote(minutes.proposal("", vote="ranking", texts=texts))
    minutes.cast(index, dict.fromkeys(FOUNDERS[:6], ((2,), (1,), (0,))))
    minutes.cast(index, dict.fromkeys(FOUNDERS[6:], ((1,), (0,))))
    minutes.wait(9)
    now = minutes.now()
    result = minutes.vote_of(index).result
    assert isinstance(result, RankingResult)
    assert result.winner == 2
    assert now.standing(SURFACE).policy.text.decode() == texts[1]


def test_a_model_is_adopted_by_a_vote(minutes: TestMinutes) -> None:
    proposal = minutes.proposal(
        "", subject="model", model=bytes(32), heads=HEADS, base_policy=base(minutes), base_model=MODEL
    )
    index = minutes.to_vote(proposal)
    minutes.cast(index, YES)
    minutes.wait(9)
    standing = minutes.now().standing(SURFACE)
    assert standing.model is not None
    assert (standing.model.digest, standing.model.adopted_by, standing.policy.number) == (bytes(32), index, 1)
    assert standing.activation == 3


def test_a_model_may_go_by_notice_and_objections_stop_it() -> None:
    minutes = found(founding(constitution(model={"by": "notice"})))
    fields: Any = {"model": bytes(32), "heads": HEADS, "base_policy": base(minutes), "base_model": MODEL}
    index = minutes.to_vote(minutes.proposal("", subject="model", **fields))
    assert state(minutes, index) == "queued"
    for name in FOUNDERS[:3]:
        assert state(minutes, index) == "queued"
        minutes.accept(Recall(minutes.co(), index), name)
    assert state(minutes, index) == "recalled"
    minutes.wait(30)
    assert minutes.now().standing(SURFACE).activation == 2


def test_a_model_by_notice_comes_into_force_when_nobody_objects() -> None:
    minutes = found(founding(constitution(model={"by": "notice"})))
    fields: Any = {"model": bytes(32), "heads": HEADS, "base_policy": base(minutes), "base_model": MODEL}
    index = minutes.to_vote(minutes.proposal("", subject="model", **fields))
    minutes.wait(2)
    assert state(minutes, index) == "activated"
    assert minutes.now().activations[-1].cause == "notice"


def test_a_model_that_lacks_a_head_for_the_policy_in_force_expires(minutes: TestMinutes) -> None:
    proposal = minutes.proposal(
        "", subject="model", model=bytes(32), heads=("click",), base_policy=base(minutes), base_model=MODEL
    )
    index = minutes.accept(proposal, "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.wait(3)
    assert minutes.refuse(Freeze(minutes.co(), index, minutes.files(index), None), "Alice") == "HEAD_MISSING"


def test_a_constitution_needs_what_the_one_before_asks(minutes: TestMinutes) -> None:
    current = minutes.assembly.constitution
    text = constitution(2, current.canon_digest, policy={"timelock": "5d"})
    index = minutes.to_vote(minutes.proposal(text, subject="constitution"))
    minutes.cast(index, YES)
    minutes.wait(9)
    assert state(minutes, index) == "activated"
    now = minutes.now()
    assert now.constitution.number == 2
    assert now.standing(SURFACE).activation == 3
    assert now.standing(SURFACE).constitution.class_of("policy").timelock_ms == 5 * 86_400_000


def test_a_constitution_under_which_a_policy_in_force_could_not_stand_is_refused(minutes: TestMinutes) -> None:
    current = minutes.assembly.constitution
    text = constitution(2, current.canon_digest).replace(
        "long_view: {sign: reward, min: 0, max: 600}", "long_view: {sign: reward, min: 0, max: 200}"
    )
    index = minutes.accept(minutes.proposal(text, subject="constitution"), "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.wait(3)
    reason = minutes.refuse(Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    assert reason == "POINTS_OUTSIDE_LIMITS"


def test_a_change_whose_base_is_gone_expires(minutes: TestMinutes) -> None:
    first = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    text = policy_text(base(minutes), click=50, reply=250)
    second = minutes.accept(minutes.proposal(text), "Chloé")
    minutes.accept(Sponsor(minutes.co(), second, minutes.files(second)), "Denis")
    minutes.wait(3)
    minutes.accept(Freeze(minutes.co(), second, minutes.files(second), None), "Chloé")
    minutes.cast(first, YES)
    minutes.wait(1)
    minutes.cast(second, YES)
    minutes.wait(9)
    assert (state(minutes, first), state(minutes, second)) == ("activated", "expired")
    reason = minutes.now().proposals[second].reason
    assert reason is not None
    assert reason.reason == "FIT_BASE"


def test_a_petition_recalls_a_queued_change(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.cast(index, YES)
    minutes.wait(7)
    minutes.accept(Recall(minutes.co(), index), "Hugo")
    assert minutes.refuse(Recall(minutes.co(), index), "Hugo") == "RECALL_TWICE"
    minutes.accept(Recall(minutes.co(), index), "Inès")
    assert state(minutes, index) == "queued"
    minutes.accept(Recall(minutes.co(), index), "Alice")
    assert state(minutes, index) == "recalled"
    minutes.wait(9)
    assert minutes.now().standing(SURFACE).policy.number == 1


def test_a_late_swing_extends_the_vote_once(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.cast(index, dict.fromkeys(FOUNDERS[:4], "no"))
    minutes.wait(6.5)
    minutes.cast(index, dict.fromkeys(FOUNDERS[4:], "yes"))
    minutes.wait(0.5)
    vote = minutes.vote_of(index)
    assert (state(minutes, index), vote.is_extended, vote.close_ms) == ("voting", True, minutes.now_ms + 2 * 86_400_000)
    minutes.accept(Witnessing(minutes.co(), "close", index, "extended"), "Alice")
    assert minutes.refuse(Witnessing(minutes.co(), "close", index, "closed"), "Alice") == "WITNESS_DIFFERS"
    minutes.wait(1.9)
    for name in FOUNDERS[4:]:
        minutes.accept(minutes.ballot(index, "no", number=2), name)
    minutes.wait(0.1)
    assert state(minutes, index) == "defeated"


def test_a_short_vote_has_no_late_swing() -> None:
    minutes = found(founding(constitution(policy={"voting": "90h"})))
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.wait(3.7)
    minutes.cast(index, YES)
    minutes.wait(0.05)
    assert state(minutes, index) == "queued"


def test_entries_only_witness_what_follows_from_rules_and_time(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    digest = minutes.vote_of(index).electorate.digest.hex()
    minutes.accept(Witnessing(minutes.co(), "open", index, digest), "Hugo")
    assert minutes.refuse(Witnessing(minutes.co(), "open", index, "00" * 32), "Hugo") == "WITNESS_DIFFERS"
    minutes.cast(index, YES)
    assert minutes.refuse(Witnessing(minutes.co(), "activation", index, "3"), "Hugo") == "WITNESS_DIFFERS"
    minutes.wait(9)
    minutes.accept(Witnessing(minutes.co(), "close", index, "closed"), "Hugo")
    minutes.accept(Witnessing(minutes.co(), "activation", index, "3"), "Hugo")


def test_folding_again_from_the_beginning_gives_the_same(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(other_policy(minutes)))
    minutes.cast(index, YES)
    minutes.wait(20)
    again = minutes.refold().at(minutes.now_ms)
    assert again.activations == minutes.now().activations
    assert again.proposals == minutes.now().proposals


def test_one_member_can_have_only_five_open_proposals(minutes: TestMinutes) -> None:
    def proposal() -> Proposal:
        return minutes.proposal(other_policy(minutes))

    for _ in range(5):
        minutes.accept(proposal(), "Alice")
    assert minutes.refuse(proposal(), "Alice") == "PROPOSALS_TOO_MANY"
