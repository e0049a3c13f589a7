"""Attacks on the assembly, each by its name: what an entry tries, and that it changes nothing."""

import base64
import json
from dataclasses import replace
from typing import Any, Literal

import pytest

from rankd.core.assembly.entries import (
    Amendment,
    Argument,
    Ballot,
    Erasure,
    Freeze,
    Guardian,
    Recall,
    Roll,
    RollChange,
    Sponsor,
    Witnessing,
)
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import canonical_json
from rankd.core.log.envelope import sign_envelope
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.reader import read_policy
from rankd.core.words.language import Phrase
from tests.assemblies import (
    DAY_MS,
    FOUNDERS,
    GUARDIANS,
    SECRETARY,
    SURFACE,
    TestMinutes,
    constitution,
    found,
    founding,
    key_of,
    member,
    policy_text,
    registration,
    template_text,
)

YES = dict.fromkeys(FOUNDERS[:6], "yes")
WHY = Phrase(fr="Parce que.", en="Because.")


@pytest.fixture
def minutes() -> TestMinutes:
    return found()


def base(minutes: TestMinutes) -> bytes:
    return minutes.assembly.standing(SURFACE).policy.canon_digest


def vote(minutes: TestMinutes) -> int:
    return minutes.to_vote(minutes.proposal(policy_text(base(minutes), click=100, reply=200)))


def tally(minutes: TestMinutes, index: int) -> Any:
    minutes.wait(7)
    found = minutes.vote_of(index).result
    assert found is not None
    return found


def rollback(minutes: TestMinutes, to: int, surface: str = SURFACE) -> Guardian:
    return Guardian(minutes.co(), "rollback", None, surface, to, WHY)


def cancel(minutes: TestMinutes, index: int) -> Guardian:
    return Guardian(minutes.co(), "cancel", index, "", None, WHY)


def test_ballot_stuffing_by_the_operator_adds_no_vote(minutes: TestMinutes) -> None:
    index = vote(minutes)
    for name in ("Nobody 1", "Nobody 2", SECRETARY, "log"):
        assert minutes.refuse(minutes.ballot(index, "yes"), name) == "BALLOT_NOT_ON_ROLL"
    assert tally(minutes, index).yes == 0


def test_ballot_replayed_into_another_proposal_does_not_count(minutes: TestMinutes) -> None:
    first = vote(minutes)
    second = minutes.to_vote(minutes.proposal(policy_text(base(minutes), click=50, reply=250)), by="Chloé")
    ballot = minutes.ballot(first, "yes")
    assert minutes.refuse(replace(ballot, proposal=second), "Hugo") == "BALLOT_DIFFERS"


def test_ballot_signed_for_another_co_op_does_not_count(minutes: TestMinutes) -> None:
    index = vote(minutes)
    ballot = minutes.ballot(index, "yes")
    other = replace(ballot, co=replace(ballot.co, genesis=bytes(32)))
    assert minutes.refuse(other, "Hugo") == "ENTRY_OTHER_CO"


def test_text_changed_under_its_votes_is_refused(minutes: TestMinutes) -> None:
    index = vote(minutes)
    text = policy_text(base(minutes), click=0, reply=300)
    assert minutes.refuse(Amendment(minutes.co(), index, (text,), None), "Alice") == "PROPOSAL_STATE"
    ballot = minutes.ballot(index, "yes", texts=((bytes(32), bytes(32)),))
    assert minutes.refuse(ballot, "Hugo") == "BALLOT_DIFFERS"


def test_ballot_for_the_same_meaning_in_other_bytes_is_refused(minutes: TestMinutes) -> None:
    index = vote(minutes)
    ((canon, _),) = minutes.vote_of(index).texts
    assert minutes.refuse(minutes.ballot(index, "yes", texts=((canon, bytes(32)),)), "Hugo") == "BALLOT_DIFFERS"


@pytest.mark.parametrize("field", ["constitution", "roll", "impact"])
def test_ballot_that_was_signed_under_other_rules_is_refused(minutes: TestMinutes, field: str) -> None:
    index = vote(minutes)
    assert minutes.refuse(minutes.ballot(index, "yes", 1, **{field: b"\x01" * 32}), "Hugo") == "BALLOT_DIFFERS"


def test_quorum_lowered_to_revive_a_defeated_proposal_revives_nothing(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, dict.fromkeys(FOUNDERS[:2], "yes"))
    minutes.wait(7)
    assert minutes.now().proposals[index].state == "defeated"
    current = minutes.assembly.constitution
    text = constitution(2, current.canon_digest, policy={"quorum": "1%"})
    other = minutes.to_vote(minutes.proposal(text, subject="constitution"))
    minutes.cast(other, YES)
    minutes.wait(30)
    now = minutes.now()
    assert now.constitution.number == 2
    assert now.proposals[index].state == "defeated"
    assert now.standing(SURFACE).policy.number == 1


def test_quorum_lowered_while_a_vote_is_open_does_not_reach_it(minutes: TestMinutes) -> None:
    current = minutes.assembly.constitution
    text = constitution(2, current.canon_digest, policy={"quorum": "1%"})
    other = minutes.to_vote(minutes.proposal(text, subject="constitution"))
    minutes.cast(other, YES)
    minutes.wait(4)
    index = vote(minutes)
    minutes.cast(index, dict.fromkeys(FOUNDERS[:2], "yes"))
    minutes.wait(2)
    assert minutes.now().constitution.number == 2
    minutes.wait(5)
    assert minutes.now().proposals[index].state == "defeated"


def test_two_ballots_with_one_number_are_both_void(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.accept(minutes.ballot(index, "no", number=1), "Hugo")
    minutes.accept(minutes.ballot(index, "yes", number=2), "Hugo")
    minutes.accept(minutes.ballot(index, "no", number=2), "Hugo")
    minutes.cast(index, dict.fromkeys(FOUNDERS[:4], "yes"))
    result = tally(minutes, index)
    assert (result.yes, result.no) == (4, 1)


def test_the_same_ballot_again_is_one_ballot(minutes: TestMinutes) -> None:
    index = vote(minutes)
    ballot = minutes.ballot(index, "yes")
    minutes.accept(ballot, "Hugo")
    assert minutes.refuse(ballot, "Hugo") == "ENTRY_REPEATED"
    assert tally(minutes, index).yes == 1


def test_an_earlier_ballot_sent_again_does_not_undo_a_change_of_mind(minutes: TestMinutes) -> None:
    index = vote(minutes)
    first = minutes.ballot(index, "yes", number=1)
    minutes.accept(first, "Hugo")
    minutes.accept(minutes.ballot(index, "no", number=2), "Hugo")
    assert minutes.refuse(first, "Hugo") == "ENTRY_REPEATED"
    minutes.accept(minutes.ballot(index, "yes", number=1), "Hugo")
    result = tally(minutes, index)
    assert (result.yes, result.no) == (0, 1)


def test_ballot_after_the_close_voids_nothing(minutes: TestMinutes) -> None:
    index = vote(minutes)
    ballot = minutes.ballot(index, "no", number=1)
    minutes.cast(index, YES)
    minutes.wait(7)
    assert minutes.refuse(replace(ballot, co=minutes.co()), FOUNDERS[0]) == "BALLOT_LATE"
    result = minutes.vote_of(index).result
    assert result is not None
    assert getattr(result, "yes", None) == 6


def test_ballot_before_the_opening_does_not_count(minutes: TestMinutes) -> None:
    index = vote(minutes)
    ballot = minutes.ballot(index, "yes")
    other = found()
    early = other.accept(other.proposal(policy_text(base(other), click=100, reply=200)), "Alice")
    assert early == index
    assert other.refuse(ballot, "Hugo") == "BALLOT_EARLY"


def test_member_admitted_after_the_opening_does_not_vote(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.admit("Late")
    assert minutes.refuse(minutes.ballot(index, "yes"), "Late") == "BALLOT_NOT_ON_ROLL"


def test_suspended_member_does_not_vote(minutes: TestMinutes) -> None:
    minutes.accept(Roll(minutes.co(), (RollChange("suspend", member("Hugo"), None),), ""), SECRETARY)
    index = vote(minutes)
    assert minutes.refuse(minutes.ballot(index, "yes"), "Hugo") == "BALLOT_NOT_ON_ROLL"
    assert minutes.refuse(minutes.proposal(policy_text(base(minutes))), "Hugo") == "SIGNER_NOT_ACTIVE"


def test_member_suspended_while_a_vote_is_open_keeps_her_vote(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.accept(Roll(minutes.co(), (RollChange("suspend", member("Hugo"), None),), ""), SECRETARY)
    minutes.accept(minutes.ballot(index, "yes"), "Hugo")


def test_key_that_replaced_a_members_during_a_vote_does_not_vote_for_her(minutes: TestMinutes) -> None:
    index = vote(minutes)
    change = RollChange("rotate", member("Hugo"), registration("Hugo's new key"))
    minutes.accept(Roll(minutes.co(), (change,), "clé perdue"), SECRETARY)
    assert minutes.refuse(minutes.ballot(index, "yes"), "Hugo's new key") == "BALLOT_NOT_ON_ROLL"
    minutes.accept(minutes.ballot(index, "yes"), "Hugo")


def test_one_key_twice_towards_a_threshold_counts_once(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, YES)
    minutes.wait(7)
    minutes.accept(cancel(minutes, index), GUARDIANS[0])
    assert minutes.refuse(cancel(minutes, index), GUARDIANS[0]) == "GUARDIAN_TWICE"
    assert minutes.now().proposals[index].state == "queued"
    minutes.accept(Recall(minutes.co(), index), "Hugo")
    assert minutes.refuse(Recall(minutes.co(), index), "Hugo") == "RECALL_TWICE"


def test_guardian_introducing_a_new_policy_is_refused(minutes: TestMinutes) -> None:
    for to in (1, 2, 17):
        assert minutes.refuse(rollback(minutes, to), GUARDIANS[0]) == "GUARDIAN_TARGET"
    assert minutes.refuse(rollback(minutes, 0, "marketplace"), GUARDIANS[0]) == "GUARDIAN_TARGET"
    assert minutes.refuse(minutes.proposal(policy_text(base(minutes))), GUARDIANS[0]) == "SIGNER_UNKNOWN"


def test_guardians_alone_are_fewer_than_needed(minutes: TestMinutes) -> None:
    minutes.accept(rollback(minutes, 0), GUARDIANS[0])
    minutes.wait(5)
    minutes.accept(rollback(minutes, 0), GUARDIANS[1])
    assert minutes.now().standing(SURFACE).policy.number == 1
    assert minutes.refuse(rollback(minutes, 0), "Alice") == "SIGNER_NOT_GUARDIAN"


def test_a_rollback_lapses_unless_the_members_confirm_it(minutes: TestMinutes) -> None:
    minutes.accept(rollback(minutes, 0), GUARDIANS[0])
    index = minutes.accept(rollback(minutes, 0), GUARDIANS[1])
    standing = minutes.now().standing(SURFACE)
    assert (standing.policy.canon_digest, standing.activation) == (BASELINE_DIGEST, 3)
    minutes.cast(index, {"Alice": "yes"})
    minutes.wait(5)
    now = minutes.now()
    assert (now.interventions[index].state, now.activations[-1].cause) == ("lapsed", "lapse")
    assert (now.standing(SURFACE).policy.number, now.standing(SURFACE).activation) == (1, 4)


def test_a_confirmed_rollback_stays(minutes: TestMinutes) -> None:
    first = vote(minutes)
    minutes.cast(first, YES)
    minutes.wait(9)
    minutes.accept(rollback(minutes, 1), GUARDIANS[2])
    index = minutes.accept(rollback(minutes, 1), GUARDIANS[1])
    minutes.cast(index, YES)
    minutes.wait(50)
    now = minutes.now()
    assert now.interventions[index].state == "confirmed"
    assert (now.standing(SURFACE).policy.number, now.standing(SURFACE).activation) == (1, 4)


def test_a_rollback_is_said_to_be_one_outside_a_development_co_op() -> None:
    text = constitution(origin="coop.test/minutes", constitution={"majority": "2/3", "quorum": "20%"})
    minutes = found(founding(text, origin="coop.test/minutes"), origin="coop.test/minutes")
    first = vote(minutes)
    minutes.cast(first, YES)
    minutes.wait(9)
    assert minutes.now().standing(SURFACE).ratification == "RATIFIED"
    for name in GUARDIANS[:2]:
        minutes.accept(rollback(minutes, 1), name)
    assert minutes.now().standing(SURFACE).ratification == "ROLLED_BACK"


def test_a_cancelled_change_comes_into_force_unless_the_members_confirm(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, YES)
    minutes.wait(7)
    for name in GUARDIANS[:2]:
        intervention = minutes.accept(cancel(minutes, index), name)
    minutes.wait(3)
    assert minutes.now().proposals[index].state == "held"
    assert minutes.now().standing(SURFACE).policy.number == 1
    minutes.wait(2)
    now = minutes.now()
    assert (now.proposals[index].state, now.interventions[intervention].state) == ("activated", "lapsed")


def test_a_cancelled_change_is_gone_once_the_members_confirm(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, YES)
    minutes.wait(7)
    for name in GUARDIANS[1:]:
        intervention = minutes.accept(cancel(minutes, index), name)
    minutes.cast(intervention, YES)
    minutes.wait(40)
    assert minutes.now().proposals[index].state == "cancelled"
    assert minutes.now().standing(SURFACE).policy.number == 1


def test_signature_stripped_from_an_entry_makes_it_void(minutes: TestMinutes) -> None:
    index = vote(minutes)
    document = sign_entry(minutes.ballot(index, "yes"), key_of("Hugo")).document
    stripped = canonical_json({**document, "signatures": []})
    assert void(minutes, "ballot", index, stripped) == "ENVELOPE_MALFORMED"


def test_signature_of_another_entry_makes_it_void(minutes: TestMinutes) -> None:
    index = vote(minutes)
    one = sign_entry(minutes.ballot(index, "no"), key_of("Hugo")).document
    other = sign_entry(minutes.ballot(index, "yes"), key_of("Hugo")).document
    mixed = canonical_json({**one, "signatures": other["signatures"]})
    assert void(minutes, "ballot", index, mixed) == "ENVELOPE_SIGNATURE_WRONG"


def test_payload_type_swapped_makes_an_entry_void(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, YES)
    minutes.wait(7)
    document = sign_entry(Recall(minutes.co(), index), key_of("Hugo")).document
    swapped = canonical_json({**document, "payloadType": "application/vnd.rankd.sponsor.v1+json"})
    assert void(minutes, "sponsor", index, swapped) == "ENVELOPE_SIGNATURE_WRONG"


def test_leaf_that_says_another_kind_makes_an_entry_void(minutes: TestMinutes) -> None:
    index = vote(minutes)
    data = envelope_bytes(sign_entry(minutes.ballot(index, "yes"), key_of("Hugo")))
    assert void(minutes, "argument", index, data) == "ENTRY_LEAF_DIFFERS"
    assert void(minutes, "ballot", index + 1, data) == "ENTRY_LEAF_DIFFERS"


def test_weak_key_enrolled_is_refused(minutes: TestMinutes) -> None:
    document = registration("Weak")
    for raw in (bytes(32), b"\x01" + bytes(31), b"\xee" + b"\xff" * 30 + b"\x7f"):
        forged = {**document, "signatures": [{"keyid": raw.hex(), "sig": document["signatures"][0]["sig"]}]}
        change = RollChange("admit", member("Weak"), forged)
        with pytest.raises(AssemblyError):
            minutes.assembly.roll.after((change,), "dev.test/minutes", minutes.now_ms)


def test_registration_that_another_key_signed_is_refused(minutes: TestMinutes) -> None:
    stolen = RollChange("admit", member("Mallory"), registration("Mallory", "dev.other/minutes"))
    assert minutes.refuse(Roll(minutes.co(), (stolen,), ""), SECRETARY) == "REGISTRATION_ORIGIN"


def test_one_person_under_two_keys_needs_the_secretary_for_both(minutes: TestMinutes) -> None:
    change = RollChange("admit", member("Double"), registration("Double"))
    assert minutes.refuse(Roll(minutes.co(), (change,), ""), "Alice") == "SIGNER_NOT_SECRETARY"
    minutes.admit("Double")
    assert minutes.refuse(Roll(minutes.co(), (change,), ""), SECRETARY) == "ROLL_KEY_USED"


def test_key_that_was_given_up_never_speaks_again(minutes: TestMinutes) -> None:
    rotate = RollChange("rotate", member("Hugo"), registration("Hugo 2"))
    minutes.accept(Roll(minutes.co(), (rotate,), ""), "Hugo")
    assert minutes.refuse(minutes.proposal(policy_text(base(minutes))), "Hugo") == "SIGNER_UNKNOWN"
    back = RollChange("rotate", member("Hugo"), registration("Hugo"))
    assert minutes.refuse(Roll(minutes.co(), (back,), ""), "Hugo 2") == "ROLL_KEY_USED"


def test_members_change_only_their_own_place_on_the_roll(minutes: TestMinutes) -> None:
    actions: tuple[Literal["suspend", "resign", "reinstate"], ...] = ("suspend", "resign", "reinstate")
    for action in actions:
        change = RollChange(action, member("Hugo"), None)
        assert minutes.refuse(Roll(minutes.co(), (change,), ""), "Alice") == "SIGNER_NOT_SECRETARY"
    minutes.accept(Roll(minutes.co(), (RollChange("resign", member("Hugo"), None),), ""), "Hugo")
    assert minutes.assembly.roll.by_id[member("Hugo")].status == "resigned"


def test_half_a_change_of_the_roll_is_none(minutes: TestMinutes) -> None:
    changes = (
        RollChange("admit", member("New"), registration("New")),
        RollChange("suspend", member("Nobody"), None),
    )
    assert minutes.refuse(Roll(minutes.co(), changes, ""), SECRETARY) == "ROLL_MEMBER_UNKNOWN"
    assert member("New") not in minutes.assembly.roll.by_id


def test_old_policy_offered_again_needs_a_vote_of_its_own(minutes: TestMinutes) -> None:
    old = policy_text()
    index = vote(minutes)
    minutes.cast(index, YES)
    minutes.wait(9)
    again = minutes.accept(minutes.proposal(old), "Alice")
    minutes.accept(sponsored(minutes, again), "Bruno")
    minutes.wait(3)
    reason = minutes.refuse(frozen(minutes, again), "Alice")
    assert reason == "FIT_BASE"


def test_a_policy_for_another_model_than_the_one_in_force_is_refused(minutes: TestMinutes) -> None:
    text = policy_text(base(minutes), click=100, reply=200)
    index = minutes.accept(minutes.proposal(text, model=bytes(32)), "Alice")
    minutes.accept(sponsored(minutes, index), "Bruno")
    minutes.wait(3)
    assert minutes.refuse(frozen(minutes, index), "Alice") == "FIT_MODEL"


def test_hidden_characters_in_the_text_voted_on_are_refused(minutes: TestMinutes) -> None:
    text = policy_text(base(minutes)).replace("Ce fil doit", "Ce fil\u202e doit")
    with pytest.raises(AssemblyError):
        minutes.append(minutes.proposal(text), "Alice")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("  click: 150\n", "  click: 150\n  click: 150\n"),
        ("surface: video", "surface: &s video"),
        ("exploration: {share: 2%}", "exploration: {share: 2%}\n---\n"),
        ("  click: 150\n", "  click: 0o226\n"),
        ("  click: 150\n", "  click: 2:30\n"),
        ("drop_seen/1: apply", "drop_seen/1: yes"),
    ],
)
def test_a_yaml_file_that_other_parsers_read_differently_is_refused(minutes: TestMinutes, was: str, now: str) -> None:
    text = policy_text(base(minutes))
    assert was in text
    before = len(minutes.assembly.proposals)
    reason = minutes.refuse(minutes.proposal(text.replace(was, now)), "Alice")
    assert len(minutes.assembly.proposals) == before, reason


def test_clock_set_back_makes_an_entry_void(minutes: TestMinutes) -> None:
    minutes.wait(1)
    minutes.admit("New")
    minutes.wait(-0.5)
    change = RollChange("admit", member("Newer"), registration("Newer"))
    assert minutes.refuse(Roll(minutes.co(), (change,), ""), SECRETARY) == "ENTRY_TIME_FALLS"


def test_points_ballot_with_negative_missing_extra_or_huge_points_is_refused(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(template_text(base(minutes)), vote="points"))
    today = dict(read_policy(minutes.assembly.standing(SURFACE).policy.text, "policy").points)
    good = minutes.ballot(index, tuple(today.items()))
    document = sign_entry(good, key_of("Hugo")).document

    def forged(points: object) -> str:
        """Sign, with the member's own key, what the codec would not write."""
        payload = json.loads(base64.b64decode(document["payload"]))
        payload["choice"] = points
        kind = "application/vnd.rankd.ballot.v1+json"
        raw = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return void(minutes, "ballot", index, envelope_bytes(sign_envelope(kind, raw, key_of("Hugo"))))

    click, reply = today["click"], today["reply"]
    assert forged(today | {"click": -1, "reply": reply + click + 1}) == "ENTRY_MALFORMED"
    assert forged({name: given for name, given in today.items() if name != "report"}) == "ENTRY_MALFORMED"
    assert forged(today | {"kiss": 0}) == "ENTRY_MALFORMED"
    assert forged(today | {"click": 10**18}) == "ENTRY_MALFORMED"
    assert forged(today | {"click": 1.5}) == "ENTRY_MALFORMED"
    assert minutes.refuse(points(minutes, index, today | {"click": click + 1}), "Hugo") == "BALLOT_POINTS_SUM"
    above = today | {"hide": 301, "long_view": today["long_view"] - (301 - today["hide"])}
    assert minutes.refuse(points(minutes, index, above), "Hugo") == "BALLOT_CHOICE"
    headless = today | {"report": 10, "click": click - 10}
    assert minutes.refuse(points(minutes, index, headless), "Hugo") == "BALLOT_CHOICE"


def test_argument_body_erased_after_the_vote_leaves_the_verdict(minutes: TestMinutes) -> None:
    index = vote(minutes)
    argument = minutes.accept(Argument(minutes.co(), index, "for", None, "Je m’appelle Hugo Tremblay."), "Hugo")
    minutes.cast(index, YES)
    minutes.wait(9)
    minutes.accept(Erasure(minutes.co(), (argument,), "demande"), SECRETARY)
    minutes.entries[argument] = replace(minutes.entries[argument], envelope=None)
    again = minutes.refold().at(minutes.now_ms)
    assert (again.voids, again.unexplained) == ([], ())
    assert again.activations == minutes.now().activations
    (said,) = again.proposals[index].arguments
    assert (said.index, said.argument) == (argument, None)


def test_argument_body_missing_without_an_erasure_is_told(minutes: TestMinutes) -> None:
    index = vote(minutes)
    argument = minutes.accept(Argument(minutes.co(), index, "for", None, "Pour."), "Hugo")
    minutes.entries[argument] = replace(minutes.entries[argument], envelope=None)
    assert minutes.refold().unexplained == (argument,)


def test_only_arguments_and_registrations_can_be_erased(minutes: TestMinutes) -> None:
    index = vote(minutes)
    assert minutes.refuse(Erasure(minutes.co(), (index,), ""), SECRETARY) == "ERASURE_NOT_ERASABLE"
    argument = minutes.accept(Argument(minutes.co(), index, "for", None, "Pour."), "Hugo")
    assert minutes.refuse(Erasure(minutes.co(), (argument,), ""), "Hugo") == "SIGNER_NOT_SECRETARY"


def test_ballots_that_are_not_shown_stop_the_fold_at_their_close(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, YES)
    hidden = [replace(e, envelope=None) if e.leaf.kind == "ballot" else e for e in minutes.entries]
    shown = Assembly(minutes.genesis)
    for entry in hidden:
        shown.take(entry)
    during = shown.at(minutes.now_ms)
    assert (during.withheld, during.proposals[index].state) == (None, "voting")
    minutes.wait(60)
    after = shown.at(minutes.now_ms)
    assert after.withheld == index
    assert after.standing(SURFACE).policy.number == 1
    assert minutes.now().standing(SURFACE).policy.number == 2


def test_an_extension_is_believed_until_the_ballots_are_shown(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, dict.fromkeys(FOUNDERS[:4], "no"))
    minutes.wait(6.5)
    minutes.cast(index, dict.fromkeys(FOUNDERS[4:], "yes"))
    minutes.wait(1)
    minutes.accept(Witnessing(minutes.co(), "close", index, "extended"), SECRETARY)
    minutes.admit("New")
    shown = Assembly(minutes.genesis)
    for entry in minutes.entries:
        shown.take(replace(entry, envelope=None) if entry.leaf.kind == "ballot" else entry)
    assert (shown.withheld, shown.voids) == (None, [])
    assert member("New") in shown.roll.by_id
    assert shown.at(minutes.now_ms + 2 * DAY_MS).withheld == index


def test_another_founding_than_the_pinned_one_is_refused(minutes: TestMinutes) -> None:
    other = Assembly(b"\x07" * 32)
    with pytest.raises(AssemblyError) as refused:
        other.take(minutes.entries[0])
    assert refused.value.reason == "GENESIS_DIFFERS"


def test_founding_cannot_be_repeated(minutes: TestMinutes) -> None:
    again = founding()
    assert minutes.refuse(replace(again, nonce=b"\x01" * 16), SECRETARY) == "FOUNDING_AGAIN"


def test_both_counters_come_to_the_same_state(minutes: TestMinutes) -> None:
    index = vote(minutes)
    minutes.cast(index, YES)
    minutes.wait(9)
    naive = minutes.refold(COUNTERS["naive"]).at(minutes.now_ms)
    assert naive.activations == minutes.now().activations
    assert naive.proposals == minutes.now().proposals


def void(minutes: TestMinutes, kind: str, about: int, data: bytes) -> str:
    """Append bytes as they are; return why they are void."""
    leaf = MinutesLeaf(minutes.now_ms, kind, about, bytes(32))  # type: ignore[arg-type]
    entry = Entry(len(minutes.entries), leaf, data)
    minutes.entries.append(entry)
    minutes.assembly.take(entry)
    assert minutes.assembly.voids[-1].index == entry.index
    return minutes.assembly.voids.pop().error.reason


def points(minutes: TestMinutes, index: int, given: dict[str, int]) -> Ballot:
    return minutes.ballot(index, tuple((objective, given[objective]) for objective in OBJECTIVES))


def sponsored(minutes: TestMinutes, index: int) -> Sponsor:
    return Sponsor(minutes.co(), index, minutes.files(index))


def frozen(minutes: TestMinutes, index: int) -> Freeze:
    return Freeze(minutes.co(), index, minutes.files(index), None)


def test_what_was_signed_about_another_vote_extends_none_whose_ballots_are_sealed(minutes: TestMinutes) -> None:
    index = minutes.to_vote(minutes.proposal(policy_text(base(minutes), click=160, long_view=290)))
    minutes.cast(index, YES)
    sealed = [replace(entry, envelope=None) if entry.leaf.kind == "ballot" else entry for entry in minutes.entries]

    def after(said: Witnessing) -> int:
        assembly = Assembly(minutes.genesis)
        envelope = envelope_bytes(sign_entry(said, key_of(SECRETARY)))
        close = MinutesLeaf(minutes.now_ms + 7 * DAY_MS, "close", index, bytes(32))
        for entry in [*sealed, Entry(len(sealed), close, envelope)]:
            assembly.take(entry)
        return close_ms_of(assembly, index)

    first_close_ms = minutes.now_ms + 7 * DAY_MS
    assert after(Witnessing(minutes.co(), "close", index, "extended")) == first_close_ms + 2 * DAY_MS
    assert after(Witnessing(minutes.co(), "close", index + 1, "extended")) == first_close_ms
    assert after(Witnessing(minutes.co(), "close", index, "closed")) == first_close_ms


def close_ms_of(assembly: Assembly, index: int) -> int:
    vote = assembly.proposals[index].vote
    assert vote is not None
    return vote.close_ms
