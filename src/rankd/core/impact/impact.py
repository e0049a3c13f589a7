"""An impact: recorded decisions under the policies that ranked them, and under a proposed one.

Slates are compared without exploration and under the recorded nonce, so that chance is no difference between policies.
Nobody is in an impact: no viewer, no post, no author.

Source: MATH 2 and 4; docs/spec/impact.md.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.impact.slates import Slates

LeftOutReason: TypeAlias = Literal["erased", "other_surface", "newest_first", "no_policy", "other_model", "column"]
Pick: TypeAlias = Literal["most", "median", "least"]
Head: TypeAlias = Literal["none", "silent", "speaks"]

MAX_BASES = 32

ANNOUNCED_PPM = 50_000
"""A difference of pull between two models that is told before the new one serves."""

LANGUAGE_GROUP = "lang:"
"""Candidates name no language; groups that begin so tell it, and are counted apart from other groups."""

REST = "…"
"""The label under which the labels beyond the most shown ones are added up."""

UNLABELLED = ""
"""The label of candidates without a source, a group, a language or a date."""


@dataclass(frozen=True, slots=True)
class Text:
    """Which policy: canon digest (what the machine obeys) and file digest (what members read)."""

    canon: bytes
    file: bytes


@dataclass(frozen=True, slots=True)
class Base:
    """A policy that ranked, the limits under which it did, and how many of the decisions that count."""

    policy: bytes
    limits: bytes
    count: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Decisions that do not count, and why.

    Reasons: `erased`: the body is gone; `other_surface`; `newest_first`: the person asked for it; `no_policy`: newest
    first stood in; `other_model`; `column`: the
    proposal reads a column that was not sent, or that holds something else.
    """

    reason: LeftOutReason
    count: int


@dataclass(frozen=True, slots=True)
class Range:
    """Decisions of one journal.

    Attributes:
        origin: The journal.
        size: Leaves of the tree that its checkpoint signs.
        root: That tree's root.
        first: The first leaf of the range.
        end: The leaf after the last one.
        count: Decisions that count.
        left_out: Those that do not, in the order of `LeftOutReason`, none with count 0.
    """

    origin: str
    size: int
    root: bytes
    first: int
    end: int
    count: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model predicts of the shown candidates: the mean of its calibrated probability over places.

    Every place counts the same. It is the model's word about the posts that would be shown, not about what people
    would come to do.

    Attributes:
        before_ppb: Before, parts per billion, rounded down.
        after_ppb: After.
        low_ppb: Lower end of the 90 % interval of the change; None with fewer than 20 viewers.
        high_ppb: Its upper end.
    """

    before_ppb: int
    after_ppb: int
    low_ppb: int | None
    high_ppb: int | None


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective before and after.

    Attributes:
        objective: Its id.
        sign: +1: a reward; −1: a penalty, by the limits of the proposal.
        points_before: Points by the policies that ranked; None where they differ among themselves.
        points_after: Points by the proposed policy.
        head: Whether the model has a head for it, and whether that is silent.
        pull_before_ppm: Share of the differences between candidates that it causes, parts per million.
        pull_after_ppm: The same under the proposed policy.
        prediction: None unless the head speaks.
    """

    objective: str
    sign: int
    points_before: int | None
    points_after: int
    head: Head
    pull_before_ppm: int
    pull_after_ppm: int
    prediction: Prediction | None


@dataclass(frozen=True, slots=True)
class Exposed:
    """Candidates with one label.

    Attributes:
        label: The label, at most 48 characters; `UNLABELLED`, `REST`, or for ages the place among `AGE_BOUNDS_MS`.
        offered: Candidates.
        before: Places before.
        after: Places after.
        before_micro: Places before by how well they are seen: millionths of the first place's weight.
        after_micro: The same after.
    """

    label: str
    offered: int
    before: int
    after: int
    before_micro: int
    after_micro: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """Who is shown. A candidate counts in each of its groups; under `languages` by the first of its languages.

    Labels are ordered by the larger of their places before and after, the most first, then by candidates, then by name.
    """

    total: Exposed
    sources: tuple[Exposed, ...]
    groups: tuple[Exposed, ...]
    languages: tuple[Exposed, ...]
    ages: tuple[Exposed, ...]


@dataclass(frozen=True, slots=True)
class AuthorPart:
    """The most shown authors, up to a share of all on offer: how many, and the places that they have."""

    percent: int
    authors: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class AuthorSpread:
    """How places are spread over authors.

    Attributes:
        authors: Authors who were on offer at least once.
        shown_before: Those of them who were shown at least once, before.
        shown_after: The same after.
        gini_before_ppm: Gini coefficient of places over all of them, rounded down; None where no author was shown.
        gini_after_ppm: The same after.
        places_before: Places of known authors, before.
        places_after: The same after.
        parts: The most shown 1, 10 and 50 %.
    """

    authors: int
    shown_before: int
    shown_after: int
    gini_before_ppm: int | None
    gini_after_ppm: int | None
    places_before: int
    places_after: int
    parts: tuple[AuthorPart, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One objective's part in one candidate's value: lift in percent of the usual, points before and after, rounded."""

    objective: str
    lift_percent: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Side:
    """One candidate on one side.

    Attributes:
        place: Its place in the slate, from 1; None where it is not shown.
        value: Its value after all rules, in points, rounded.
        codes: Rules that discounted, moved or took it out, by id.
    """

    place: int | None
    value: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate of an example; nothing names it.

    Attributes:
        source: Its source, cut off after 48 characters.
        groups: Its first 4 groups, cut off likewise.
        age_ms: Its age when it was asked for, rounded down to hours below two days, then to days, at most 90 days; None
            where it is not known.
        before: Before.
        after: After.
        parts: The objectives whose part changed most, at most 3.
    """

    source: str
    groups: tuple[str, ...]
    age_ms: int | None
    before: Side
    after: Side
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One decision: who stands in the first ten places before or after, by place after, then by place before.

    Attributes:
        pick: Why this one: among the most, the median or the least changed.
        places: Places of its slates, the longer of the two.
        moved: Those of them that changed.
        rows: Its candidates.
    """

    pick: Pick
    places: int
    moved: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """One impact.

    Attributes:
        surface: The surface.
        proposed: The proposed policy.
        limits: Canon digest of the limits, or of the constitution, under which it would rank.
        model: Digest of the model whose margins are replayed.
        new_model: Digest of a proposed model that would take its place, from whose margins `after` is ranked; None: it
            stays. With one there are no predictions: each model would judge the other's slates.
        bases: The policies that ranked, the most frequent first, then by digest; at most `MAX_BASES`.
        decisions: What was replayed, by origin and range.
        count: Decisions that count.
        viewers: Pseudonyms among their viewers.
        clipped: Decisions in which a viewer's slider is set further than the proposed policy lets it: it counts as
            far as it may.
        slates: How slates change.
        objectives: All nine, in their canonical order.
        exposure: Who is shown.
        authors: How places are spread over authors.
        examples: Slates before and after.
    """

    surface: str
    proposed: Text
    limits: bytes
    model: bytes
    new_model: bytes | None
    bases: tuple[Base, ...]
    decisions: tuple[Range, ...]
    count: int
    viewers: int
    clipped: int
    slates: Slates
    objectives: tuple[Objective, ...]
    exposure: Exposure
    authors: AuthorSpread
    examples: tuple[Example, ...]

    @property
    def announced(self) -> tuple[str, ...]:
        """The objectives for which a proposed model has to be announced before it serves: their pull differs by more.

        Source: MATH 2.
        """
        if self.new_model is None:
            return ()
        differences = ((one.objective, abs(one.pull_after_ppm - one.pull_before_ppm)) for one in self.objectives)
        return tuple(objective for objective, difference in differences if difference > ANNOUNCED_PPM)
