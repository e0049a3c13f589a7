from dataclasses import replace
from fractions import Fraction

import pytest

from rankd.core.assembly.bounds import BOUNDS, DAY_MS, Bound, Breach, check_bounds
from rankd.core.assembly.constitution import SUBJECTS, Class, Constitution, Subject
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.errors import PolicyError
from rankd.core.words.constitution import BOUND_WHY
from tests.constitutions import constitution_of, constitution_text

FIELDS = {
    "sponsors": "sponsors",
    "sponsorship": "sponsorship_ms",
    "deliberation": "deliberation_ms",
    "deliberation_max": "deliberation_max_ms",
    "notice": "notice_ms",
    "voting": "voting_ms",
    "quorum": "quorum",
    "quorum_min": "quorum_min",
    "majority": "majority",
    "late_swing": "late_swing_ms",
    "timelock": "timelock_ms",
    "recall": "recall",
}
STEP: dict[str, int | Fraction] = {
    "number": 1,
    "duration": 1,
    "share": Fraction(1, 1_000_000),
    "fraction": Fraction(1, 1000),
}


def with_rules(constitution: Constitution, subject: Subject, **changes: object) -> Constitution:
    classes: list[Class] = [
        replace(rules, **changes) if rules.subject == subject else rules  # type: ignore[arg-type]
        for rules in constitution.classes
    ]
    return replace(constitution, classes=tuple(classes))


def with_value(bound: Bound, subject: Subject | None, value: int | Fraction) -> Constitution:
    constitution = constitution_of()
    if subject is None:
        guardians = constitution.guardians
        if bound.field == "needed":
            return replace(constitution, guardians=replace(guardians, needed=int(value)))
        return replace(constitution, guardians=replace(guardians, confirmation_ms=int(value)))
    changes: dict[str, object] = {FIELDS[bound.field]: value}
    if bound.field == "deliberation":
        changes["deliberation_max_ms"] = int(value) + 3 * DAY_MS
    return with_rules(constitution, subject, **changes)


CASES = [(bound, subject) for bound in BOUNDS for subject in (bound.subjects or (None,))]


def start(bound: Bound, subject: Subject | None) -> int:
    return constitution_of().class_of(subject).deliberation_ms if bound.beyond and subject is not None else 0


@pytest.mark.parametrize(("bound", "subject"), CASES, ids=lambda value: str(getattr(value, "field", value)))
def test_a_bound_holds_at_its_ends_and_no_step_beyond(bound: Bound, subject: Subject | None) -> None:
    from_here = start(bound, subject)
    least, most = bound.least + from_here, bound.most + from_here
    assert check_bounds(with_value(bound, subject, least)) is None
    assert check_bounds(with_value(bound, subject, most)) is None
    for beyond in (least - STEP[bound.unit], most + STEP[bound.unit]):
        breach = check_bounds(with_value(bound, subject, beyond))
        assert breach is not None
        where = "guardians" if subject is None else f"classes.{subject}"
        assert breach.path == f"{where}.{bound.field}"
        assert (breach.least, breach.most) == (bound.text(least), bound.text(most))


def test_every_number_that_a_class_sets_is_bounded_for_every_subject() -> None:
    assert {(bound.field, subject) for bound, subject in CASES if subject} == {
        (field, subject) for field in FIELDS for subject in SUBJECTS
    }


def test_every_bound_has_a_reason_and_every_reason_a_bound() -> None:
    assert {bound.why for bound in BOUNDS} == set(BOUND_WHY)
    assert all(bound.least < bound.most for bound in BOUNDS)


def test_the_root_quorum_is_for_policies_and_models_only() -> None:
    assert check_bounds(with_rules(constitution_of(), "model", quorum=None)) is None
    breach = check_bounds(with_rules(constitution_of(), "constitution", quorum=None))
    assert breach == Breach("classes.constitution.quorum", "root", "5%", "50%")


def test_guardians_that_do_not_exist_need_nothing() -> None:
    constitution = constitution_of(guardians=0)
    quick = replace(constitution, guardians=replace(constitution.guardians, confirmation_ms=0))
    assert check_bounds(quick) is None


def test_of_several_breaches_the_first_in_the_text_is_told() -> None:
    broken = with_rules(with_rules(constitution_of(), "constitution", voting_ms=1), "model", timelock_ms=1, notice_ms=1)
    breach = check_bounds(broken)
    assert breach == Breach("classes.model.notice", "1ms", "1d", "30d")


def test_a_text_beyond_a_bound_is_refused_where_it_stands_in_both_languages() -> None:
    text = constitution_text(("majority: 2/3", "majority: 1/2"))
    line = [number for number, line in enumerate(text.split("\n"), 1) if "    majority: 1/2" in line][-1]
    with pytest.raises(PolicyError) as caught:
        read_constitution(text.encode(), "c.yaml")
    error = caught.value
    assert (error.reason, error.metadata["line"]) == ("CONSTITUTION_BOUND", line)
    wanted = (
        "c.yaml, line {}, column 15: classes.constitution.majority: 1/2 is not allowed; a constitution can go from 3/5"
    )
    assert error.say("en").startswith(wanted.format(line))
    assert "de 3/5 à 4/5" in error.say("fr")
