"""Hard bounds: what no constitution may set otherwise, whatever its members vote.

They bind unless the origin says that the co-op is a development one. They are about a co-op's own protection: a vote
that nobody has time to notice, a majority that anybody can block, guardians who rule. Why each of them exists stands
in `core.words.constitution.BOUND_WHY`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from rankd.core.assembly.constitution import SUBJECTS, Class, Constitution, Subject
from rankd.core.policy.fields import PPM, duration_text, share_text

Unit: TypeAlias = Literal["number", "duration", "share", "fraction"]

DAY_MS = 86_400_000

MAX_KEYS = 15
"""Keys in one list: bound whatever the origin."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most of one thing that a constitution sets.

    Attributes:
        field: What is set, as the text names it: of a class, or of the guardians.
        subjects: The classes that it is for; none: it is the guardians'.
        unit: What the numbers count: things, milliseconds, or parts of 1.
        least: Smallest value allowed.
        most: Largest value allowed.
        why: Name of the reason for it in `core.words.constitution.BOUND_WHY`.
        beyond: The field that least and most are counted from; "": from nothing.
    """

    field: str
    subjects: tuple[Subject, ...]
    unit: Unit
    least: int | Fraction
    most: int | Fraction
    why: str
    beyond: str = ""

    def text(self, value: int | Fraction | None) -> str:
        """Write a value as a constitution does; None is a quorum's `root`."""
        if value is None:
            return "root"
        if self.unit == "duration":
            return duration_text(int(value))
        if self.unit == "share":
            return share_text(int(value * PPM))
        return f"{value.numerator}/{value.denominator}" if self.unit == "fraction" else str(value)


@dataclass(frozen=True, slots=True)
class Breach:
    """What a constitution sets beyond a bound; the texts are as a constitution would write them."""

    path: str
    found: str
    least: str
    most: str


_ADOPTED: tuple[Subject, ...] = ("policy", "model")
_CHANGED: tuple[Subject, ...] = ("constitution",)

BOUNDS: tuple[Bound, ...] = (
    Bound("sponsors", SUBJECTS, "number", 1, 100, "sponsors"),
    Bound("sponsorship", SUBJECTS, "duration", 3 * DAY_MS, 180 * DAY_MS, "sponsorship"),
    Bound("deliberation", SUBJECTS, "duration", 3 * DAY_MS, 90 * DAY_MS, "deliberation"),
    Bound("deliberation_max", SUBJECTS, "duration", 3 * DAY_MS, 365 * DAY_MS, "freezing", beyond="deliberation"),
    Bound("notice", SUBJECTS, "duration", DAY_MS, 30 * DAY_MS, "notice"),
    Bound("voting", SUBJECTS, "duration", 3 * DAY_MS, 60 * DAY_MS, "voting"),
    Bound("quorum", _ADOPTED, "share", Fraction(1, 100), Fraction(1, 2), "quorum"),
    Bound("quorum", _CHANGED, "share", Fraction(1, 20), Fraction(1, 2), "quorum_constitution"),
    Bound("quorum_min", SUBJECTS, "share", 0, Fraction(1, 5), "quorum_min"),
    Bound("majority", _ADOPTED, "fraction", Fraction(1, 2), Fraction(3, 4), "majority"),
    Bound("majority", _CHANGED, "fraction", Fraction(3, 5), Fraction(4, 5), "majority_constitution"),
    Bound("late_swing", SUBJECTS, "duration", 0, 7 * DAY_MS, "late_swing"),
    Bound("timelock", SUBJECTS, "duration", DAY_MS, 60 * DAY_MS, "timelock"),
    Bound("recall", SUBJECTS, "share", Fraction(1, 100), Fraction(1, 2), "recall"),
    Bound("needed", (), "number", 2, MAX_KEYS, "needed"),
    Bound("confirmation", (), "duration", 3 * DAY_MS, 60 * DAY_MS, "confirmation"),
)
"""Every bound, in the order of the text."""

_OF_CLASS: dict[str, Callable[[Class], int | Fraction | None]] = {
    "sponsors": lambda rules: rules.sponsors,
    "sponsorship": lambda rules: rules.sponsorship_ms,
    "deliberation": lambda rules: rules.deliberation_ms,
    "deliberation_max": lambda rules: rules.deliberation_max_ms,
    "notice": lambda rules: rules.notice_ms,
    "voting": lambda rules: rules.voting_ms,
    "quorum": lambda rules: rules.quorum,
    "quorum_min": lambda rules: rules.quorum_min,
    "majority": lambda rules: rules.majority,
    "late_swing": lambda rules: rules.late_swing_ms,
    "timelock": lambda rules: rules.timelock_ms,
    "recall": lambda rules: rules.recall,
}


def check_bounds(constitution: Constitution) -> Breach | None:
    """Return the first bound that a constitution does not keep, in the order of its text; None: it keeps all.

    The root quorum is always within bounds, except for the constitution itself: it grows more slowly than the co-op,
    and a few must not be able to change the rules of many. Guardians that do not exist need nothing.

    Source: DESIGN 4; docs/spec/constitution.md, "Bounds".
    """
    return next(_breaches(constitution), None)


def _breaches(constitution: Constitution) -> Iterator[Breach]:
    guardians = constitution.guardians
    if guardians.keys:
        values = {"needed": guardians.needed, "confirmation": guardians.confirmation_ms}
        for bound in BOUNDS:
            if not bound.subjects:
                yield from _breach(bound, f"guardians.{bound.field}", values[bound.field], 0)
    for rules in constitution.classes:
        for bound in BOUNDS:
            if rules.subject in bound.subjects:
                start = _OF_CLASS[bound.beyond](rules) if bound.beyond else 0
                value = _OF_CLASS[bound.field](rules)
                yield from _breach(bound, f"classes.{rules.subject}.{bound.field}", value, start or 0)


def _breach(bound: Bound, path: str, value: int | Fraction | None, start: int | Fraction) -> Iterator[Breach]:
    least, most = bound.least + start, bound.most + start
    kept = "constitution" not in bound.subjects if value is None else least <= value <= most
    if not kept:
        yield Breach(path, bound.text(value), bound.text(least), bound.text(most))
