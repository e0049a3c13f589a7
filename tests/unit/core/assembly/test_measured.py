"""A frozen impact is about what is put to the vote; any other makes the freeze void."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from rankd.core.assembly.entries import Freeze, Proposal, Sponsor
from rankd.core.assembly.points_template import policy_of
from rankd.core.exact.canonical import canonical_json
from rankd.core.impact.document import encode_impacts
from rankd.core.impact.impact import Impact, Text
from rankd.core.policy.policy import Policy
from rankd.core.policy.reader import read_policy
from tests.assemblies import (
    HEADS,
    MODEL,
    SURFACE,
    TestMinutes,
    constitution,
    found,
    founding,
    policy_text,
    template_text,
)
from tests.impacts import impact_about

OTHER_MODEL = sha256(b"another model").digest()


def read(text: str) -> Policy:
    return read_policy(text.encode(), "policy")


def base_of(minutes: TestMinutes) -> bytes:
    return minutes.assembly.standing(SURFACE).policy.canon_digest


def debated(minutes: TestMinutes, proposal: Proposal) -> int:
    index = minutes.accept(proposal, "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.wait(3)
    return index


def freezing(minutes: TestMinutes, index: int, impact: str | None) -> Freeze:
    return Freeze(minutes.co(), index, minutes.files(index), impact)


def document(*impacts: Impact) -> str:
    return encode_impacts(impacts).decode()


def about(minutes: TestMinutes, text: Policy, new_model: bytes | None = None) -> Impact:
    return impact_about(text, minutes.assembly.constitution.canon_digest, new_model=new_model)


def refused(minutes: TestMinutes, index: int, impact: str) -> tuple[str, object]:
    """Return the reason and the field of a freeze that is void, and that it left the debate as it was."""
    minutes.append(freezing(minutes, index, impact), "Alice")
    error = minutes.assembly.voids.pop().error
    assert minutes.assembly.proposals[index].state == "deliberation"
    return error.reason, error.metadata.get("field")


def test_an_impact_of_the_text_is_frozen_with_it() -> None:
    minutes = found()
    text = policy_text(base_of(minutes), click=100, reply=200)
    index = debated(minutes, minutes.proposal(text))
    impact = document(about(minutes, read(text)))
    minutes.accept(freezing(minutes, index, impact), "Alice")
    minutes.wait(1)
    assert minutes.vote_of(index).impact == sha256(impact.encode()).digest()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda one: replace(one, surface="feed"), "surface"),
        (lambda one: replace(one, proposed=Text(bytes(32), one.proposed.file)), "proposed.canon"),
        (lambda one: replace(one, proposed=Text(one.proposed.canon, bytes(32))), "proposed.file"),
        (lambda one: replace(one, limits=bytes(32)), "limits"),
        (lambda one: replace(one, new_model=MODEL), "new_model"),
    ],
)
def test_an_impact_of_something_else_makes_the_freeze_void(change: Callable[[Impact], Impact], field: str) -> None:
    minutes = found()
    text = policy_text(base_of(minutes), click=100, reply=200)
    index = debated(minutes, minutes.proposal(text))
    impact = document(change(about(minutes, read(text))))
    assert refused(minutes, index, impact) == ("IMPACT_OTHER", field)


@pytest.mark.parametrize(
    ("impact", "field"),
    [
        ("{}", "schema"),
        ('{"schema":"rankd.impact/2"}', "schema"),
        ('{"schema":"rankd.impact/1"}', "impact"),
        ('{"impacts":[],"schema":"rankd.impacts/1"}', "impacts"),
    ],
)
def test_what_is_no_impact_makes_the_freeze_void(impact: str, field: str) -> None:
    minutes = found()
    index = debated(minutes, minutes.proposal(policy_text(base_of(minutes), click=100, reply=200)))
    assert refused(minutes, index, impact) == ("IMPACT_OTHER", field)


def test_an_impact_that_is_too_large_makes_the_freeze_void() -> None:
    minutes = found()
    index = debated(minutes, minutes.proposal(policy_text(base_of(minutes), click=100, reply=200)))
    large = canonical_json({"schema": "rankd.impact/1", "text": "x" * 262_144}).decode()
    assert refused(minutes, index, large) == ("IMPACT_OTHER", "IMPACT_TOO_LARGE")


def test_without_an_impact_a_proposal_is_frozen_all_the_same() -> None:
    minutes = found()
    index = debated(minutes, minutes.proposal(policy_text(base_of(minutes), click=100, reply=200)))
    minutes.accept(freezing(minutes, index, None), "Alice")
    assert minutes.assembly.proposals[index].impact is None


def test_a_ranking_has_an_impact_of_each_text_in_their_order() -> None:
    minutes = found()
    texts = (policy_text(base_of(minutes), click=100, reply=200), policy_text(base_of(minutes), click=100, like=150))
    index = debated(minutes, minutes.proposal("", vote="ranking", texts=texts))
    first, second = (about(minutes, read(text)) for text in texts)
    assert refused(minutes, index, document(first)) == ("IMPACT_OTHER", "impacts")
    assert refused(minutes, index, document(second, first)) == ("IMPACT_OTHER", "proposed.canon")
    assert refused(minutes, index, document(first, second, second)) == ("IMPACT_OTHER", "impacts")
    minutes.accept(freezing(minutes, index, document(first, second)), "Alice")


def test_a_ranking_of_one_text_has_its_impact() -> None:
    minutes = found()
    text = policy_text(base_of(minutes), click=100, reply=200)
    index = debated(minutes, minutes.proposal(text, vote="ranking"))
    minutes.accept(freezing(minutes, index, document(about(minutes, read(text)))), "Alice")


def test_points_left_to_a_vote_are_measured_with_todays_points() -> None:
    minutes = found()
    text = template_text(base_of(minutes)).encode()
    index = debated(minutes, minutes.proposal(text.decode(), vote="points"))
    today = dict(read_policy(minutes.assembly.standing(SURFACE).policy.text, "policy").points)
    other = today | {"click": today["click"] - 1, "reply": today["reply"] + 1}
    assert refused(minutes, index, document(about(minutes, policy_of(text, other)))) == (
        "IMPACT_OTHER",
        "proposed.canon",
    )
    minutes.accept(freezing(minutes, index, document(about(minutes, policy_of(text, today)))), "Alice")


def test_a_model_is_measured_under_todays_policy() -> None:
    minutes = found()
    policy = read_policy(minutes.assembly.standing(SURFACE).policy.text, "policy")
    proposal = minutes.proposal(
        "", subject="model", model=OTHER_MODEL, heads=HEADS, base_policy=base_of(minutes), base_model=MODEL
    )
    index = debated(minutes, proposal)
    assert refused(minutes, index, document(about(minutes, policy))) == ("IMPACT_OTHER", "new_model")
    assert refused(minutes, index, document(about(minutes, policy, MODEL))) == ("IMPACT_OTHER", "new_model")
    text = read(policy_text(base_of(minutes), click=100, reply=200))
    assert refused(minutes, index, document(about(minutes, text, OTHER_MODEL))) == ("IMPACT_OTHER", "proposed.canon")
    minutes.accept(freezing(minutes, index, document(about(minutes, policy, OTHER_MODEL))), "Alice")


def test_a_model_without_an_impact_is_put_to_the_vote() -> None:
    minutes = found()
    proposal = minutes.proposal(
        "", subject="model", model=OTHER_MODEL, heads=HEADS, base_policy=base_of(minutes), base_model=MODEL
    )
    index = debated(minutes, proposal)
    minutes.accept(freezing(minutes, index, None), "Alice")
    minutes.wait(1)
    assert minutes.vote_of(index).impact is None


def test_nothing_is_the_impact_of_a_constitution() -> None:
    minutes = found()
    text = constitution(2, minutes.assembly.constitution.canon_digest, policy={"timelock": "0h"})
    index = debated(minutes, minutes.proposal(text, subject="constitution"))
    policy = read_policy(minutes.assembly.standing(SURFACE).policy.text, "policy")
    assert refused(minutes, index, document(about(minutes, policy))) == ("IMPACT_NONE", None)


def test_while_newest_first_is_in_force_points_have_no_impact() -> None:
    minutes = found(founding(policy=None))
    text = template_text(bytes(32)).replace(f"base: sha256:{'0' * 64}", "base: none")
    index = debated(minutes, minutes.proposal(text, vote="points"))
    policy = read(policy_text())
    assert refused(minutes, index, document(about(minutes, policy))) == ("IMPACT_NONE", None)
    minutes.accept(freezing(minutes, index, None), "Alice")
