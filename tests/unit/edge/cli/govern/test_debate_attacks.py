"""Attacks by arguments on whoever reads a debate: too many, too deep, and such as pass for what they are not."""

import pytest

from rankd.core.assembly.entries import Argument, Freeze, Roll, RollChange, Sponsor
from rankd.core.assembly.matter import Matter, Said
from rankd.edge.cli.govern.assembly_show import ProposalTeller
from tests.assemblies import SECRETARY, SURFACE, TestMinutes, found, member, policy_text, registration


@pytest.fixture
def minutes() -> TestMinutes:
    return found()


def told(minutes: TestMinutes, said: list[tuple[int, int | None, str]]) -> list[str]:
    """Return how a debate is told; its arguments are (index, reply_to, text)."""
    base = minutes.assembly.standing(SURFACE).policy.canon_digest
    index = minutes.accept(minutes.proposal(policy_text(base, click=100, reply=200)), "Alice")
    matter: Matter = minutes.assembly.proposals[index]
    arguments = matter.arguments
    for at, reply_to, text in said:
        argument = Argument(minutes.co(), index, "for", reply_to, text)
        arguments = arguments.plus(Said(at, minutes.now_ms, member("Bruno"), argument))
    return list(ProposalTeller(minutes.now(), "en")._arguments(arguments))


def test_answers_to_answers_without_end_are_told_to_the_last(minutes: TestMinutes) -> None:
    depth = 5_000
    lines = told(minutes, [(at, at - 1 if at > 100 else None, "No.") for at in range(100, 100 + depth)])
    assert len(lines) == depth
    assert max(map(len, lines)) < 200


def test_ten_thousand_arguments_are_told_in_their_order(minutes: TestMinutes) -> None:
    lines = told(minutes, [(at, None, f"Argument {at}.") for at in range(100, 10_100)])
    assert [line.endswith(f"Argument {at}.") for at, line in enumerate(lines, 100)] == [True] * 10_000


def test_answers_stand_under_what_they_answer_in_their_order(minutes: TestMinutes) -> None:
    lines = told(minutes, [(10, None, "a"), (11, None, "b"), (12, 10, "c"), (13, 12, "d"), (14, 10, "e"), (15, 9, "f")])
    assert [line.strip()[-1] for line in lines] == list("acdebf")
    assert [len(line) - len(line.lstrip()) for line in lines] == [0, 2, 4, 2, 0, 0]


def test_lines_of_an_argument_cannot_pass_for_other_arguments(minutes: TestMinutes) -> None:
    first, second, *_ = told(minutes, [(10, None, "Yes.\n11  m0123456789abcdef  against: No.")])
    assert first.endswith("Yes.")
    assert second.startswith("  | ")


def test_a_roll_that_the_secretary_changed_between_the_freeze_and_the_opening_is_told(minutes: TestMinutes) -> None:
    base = minutes.assembly.standing(SURFACE).policy.canon_digest
    index = minutes.accept(minutes.proposal(policy_text(base, click=100, reply=200)), "Alice")
    minutes.accept(Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.wait(3)
    minutes.accept(Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    minutes.now_ms += 86_400_000 - 1
    minutes.admit("Puppet 1", "Puppet 2")
    changes = (
        RollChange("suspend", member("Hugo"), None),
        RollChange("rotate", member("Inès"), registration("Simone’s own key")),
    )
    minutes.accept(Roll(minutes.co(), changes, ""), SECRETARY)
    minutes.now_ms += 1
    # At the very moment of the opening it is too late.
    minutes.admit("Puppet 3")
    matter = minutes.now().proposals[index]
    assert matter.vote is not None
    assert matter.vote.electorate.count == 9 + 2 - 1
    told = "\n".join(ProposalTeller(minutes.now(), "en").proposal(matter))
    assert "freeze and the opening: admitted or reinstated 2, suspended or gone 1, new keys 1." in told
