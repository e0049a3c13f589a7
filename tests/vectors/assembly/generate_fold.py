"""Write the probes of tests/vectors/assembly/fold: whole small minutes, and what they come to.

Entries are built by `tests/assemblies.py`; `want` is what the second implementation says, which was written from the
specification alone. Run `python -m tests.vectors.assembly.generate_fold` from the repository's root; with `--check`
nothing is written and the exit status says whether anything would be.
"""

import json
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from rankd.core.assembly import entries as e
from rankd.core.assembly.fold import Entry
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.leaf_codec import encode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.exact.canonical import digest_text
from rankd.core.objectives import OBJECTIVES
from tests import assemblies as co
from tests.property.assembly_coops import POINTS, SHORT, WORDS, policy
from tests.reference.assembly import fold
from tests.vectors.assembly.rewriting import rewrite

FOLDER = Path(__file__).parent / "fold"
HOUR = 1 / 24
YES = dict.fromkeys(co.FOUNDERS[:3], "yes")
NO = dict.fromkeys(co.FOUNDERS[3:6], "no")

Document = dict[str, Any]


class Case(co.TestMinutes):
    """Minutes of six people: 2 h of debate, 1 h of notice, 6 h of voting, 3 h of timelock."""

    __test__ = False

    def base(self) -> bytes | None:
        """Return the digest of the policy in force."""
        found = self.now().standing(co.SURFACE).policy
        return found.canon_digest if found.number else None

    def change(self, points: int = 1, vote: str = "yes_no", count: int = 1) -> e.Proposal:
        """Return a proposal of other policies."""
        texts = tuple(policy(co.SURFACE, self.base(), points + number) for number in range(count))
        return self.proposal("", vote=vote, texts=texts)

    def later(self, hours: float) -> None:
        self.wait(hours * HOUR)

    def frozen(self, proposal: e.Proposal, by: str = "Alice") -> int:
        """Propose, sponsor, debate and freeze."""
        index = self.accept(proposal, by)
        other = next(name for name in co.FOUNDERS if name != by)
        self.accept(e.Sponsor(self.co(), index, self.files(index)), other)
        self.later(2)
        self.accept(e.Freeze(self.co(), index, self.files(index), None), by)
        return index

    def opened(self, proposal: e.Proposal, by: str = "Alice") -> int:
        """Bring a proposal to the opening of its vote."""
        index = self.frozen(proposal, by)
        self.later(1)
        return index

    def demand(self, action: Any, proposal: int | None, surface: str = "", to: int | None = None) -> int:
        """Have two guardians demand something; return the intervention's index."""
        return [
            self.append(e.Guardian(self.co(), action, proposal, surface, to, WORDS), name) for name in co.GUARDIANS[:2]
        ][-1]


@cache
def _founded(guise: str) -> co.TestMinutes:
    rules = SHORT if guise == "late" else SHORT | {"late_swing": "0h"}
    model = rules | {"by": "notice"} if guise == "notice" else rules
    text = co.constitution(policy=rules, model=model, constitution=rules)
    surface = e.FoundingSurface(co.SURFACE, policy(co.SURFACE, None, 0), co.MODEL, co.HEADS)
    documents = tuple(co.registration(name) for name in co.FOUNDERS[:6])
    return co.found(e.Founding(text.replace("confirmation: 5d", "confirmation: 5h"), documents, (surface,), bytes(16)))


def case(guise: str = "plain") -> Case:
    start = _founded(guise)
    return Case(start.genesis, start.assembly.at(co.START_MS), [*start.entries], nonces=1)


CASES: dict[str, Callable[[], Case]] = {}


def shows(function: Callable[[], Case]) -> Callable[[], Case]:
    """List a case; its docstring is what it shows."""
    CASES[function.__name__] = function
    return function


@shows
def founding() -> Case:
    """A constitution and a policy are in force from the founding on."""
    return case()


@shows
def yes_no_activated() -> Case:
    """Four say yes, two no: in force when the timelock ends, to the millisecond."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.cast(index, YES | {"Denis": "yes", "Émilie": "no", "Farid": "no"})
    minutes.later(9)
    return minutes


@shows
def yes_no_still_queued() -> Case:
    """A millisecond before the timelock ends nothing has changed."""
    minutes = yes_no_activated()
    minutes.now_ms -= 1
    return minutes


@shows
def yes_no_tie() -> Case:
    """Three say yes, three no: defeated."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.cast(index, YES | NO)
    minutes.later(6)
    return minutes


@shows
def yes_no_half_the_quorum() -> Case:
    """Six members, a quorum of four: two yes are enough."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.cast(index, {"Alice": "yes", "Bruno": "yes"})
    minutes.later(6)
    return minutes


@shows
def yes_no_below_half_the_quorum() -> Case:
    """One yes is not enough, and four abstentions do not help."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.cast(index, {"Alice": "yes"} | dict.fromkeys(co.FOUNDERS[1:5], "abstain"))
    minutes.later(6)
    return minutes


@shows
def ballots_of_one_number() -> Case:
    """Two ballots with number 2 are both left out; number 1 counts."""
    minutes = case()
    index = minutes.opened(minutes.change())
    for number, choice in ((1, "yes"), (2, "no"), (2, "yes")):
        minutes.accept(minutes.ballot(index, choice, number), "Alice")
    minutes.cast(index, {"Bruno": "yes"})
    minutes.later(6)
    return minutes


@shows
def ballots_highest_number() -> Case:
    """The highest number counts, whenever it was appended."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.accept(minutes.ballot(index, "no", 7), "Alice")
    minutes.accept(minutes.ballot(index, "yes", 2), "Alice")
    minutes.cast(index, {"Bruno": "yes"})
    minutes.later(6)
    return minutes


@shows
def ballot_at_the_close() -> Case:
    """A ballot at the very close is void; one a millisecond before it counts."""
    minutes = case()
    index = minutes.opened(minutes.change())
    ballots = [minutes.ballot(index, "yes") for _ in range(3)]
    minutes.accept(ballots[0], "Alice")
    minutes.later(6)
    minutes.now_ms -= 1
    minutes.accept(ballots[1], "Bruno")
    minutes.now_ms += 1
    minutes.append(ballots[2], "Chloé")
    return minutes


@shows
def ballot_on_another_roll() -> Case:
    """A ballot that names another roll is void, so is one of a member who came later."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.admit("Grâce")
    minutes.append(minutes.ballot(index, "yes", roll=bytes(32)), "Alice")
    minutes.append(minutes.ballot(index, "yes"), "Grâce")
    return minutes


@shows
def ballot_with_the_pinned_key() -> Case:
    """Whose key was changed after the opening votes with the old one; the new one is not on the pinned roll."""
    minutes = case()
    index = minutes.opened(minutes.change())
    change = e.RollChange("rotate", co.member("Alice"), co.registration("Alice 2"))
    minutes.accept(e.Roll(minutes.co(), (change,), ""), co.SECRETARY)
    minutes.append(minutes.ballot(index, "no"), "Alice 2")
    minutes.append(minutes.ballot(index, "yes"), "Alice")
    return minutes


@shows
def entry_twice() -> Case:
    """The same ballot once more is void."""
    minutes = case()
    index = minutes.opened(minutes.change())
    ballot = minutes.ballot(index, "yes")
    minutes.append(ballot, "Alice")
    minutes.append(ballot, "Alice")
    return minutes


@shows
def entry_of_a_falling_time() -> Case:
    """An entry whose time is before that of any earlier one is void, also behind another such entry."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    for name, before in (("Bruno", 2), ("Chloé", 1), ("Denis", 0)):
        sponsor = e.Sponsor(minutes.co(), index, minutes.files(index))
        minutes.now_ms -= before
        minutes.append(sponsor, name)
        minutes.now_ms += before
    return minutes


@shows
def leaf_about_another() -> Case:
    """An entry whose leaf says that it belongs to another proposal is void."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    minutes.append(e.Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    last = minutes.entries[-1]
    minutes.entries[-1] = replace(last, leaf=replace(last.leaf, about=index + 1))
    return minutes


@shows
def sponsors_too_late() -> Case:
    """A proposal lapses when the time for sponsors is over; a sponsor at that very moment is void."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    sponsor = e.Sponsor(minutes.co(), index, minutes.files(index))
    minutes.later(6)
    minutes.append(sponsor, "Bruno")
    return minutes


@shows
def freeze_too_early() -> Case:
    """A freeze a millisecond before the debate is over is void, and one at that moment holds."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    minutes.accept(e.Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.later(2)
    minutes.now_ms -= 1
    minutes.append(e.Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    minutes.now_ms += 1
    minutes.append(e.Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    return minutes


@shows
def freeze_too_late() -> Case:
    """A debate that nobody ends in time lapses."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    minutes.accept(e.Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.later(8)
    minutes.append(e.Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    return minutes


@shows
def amendment_begins_the_debate_anew() -> Case:
    """After an accepted amendment the debate lasts again as long as it must; sponsors stay."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    minutes.accept(e.Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.later(1)
    offer = minutes.accept(e.Amendment(minutes.co(), index, (policy(co.SURFACE, minutes.base(), 3),), None), "Chloé")
    minutes.accept(e.Amendment(minutes.co(), index, (), offer), "Alice")
    minutes.later(1)
    minutes.append(e.Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    minutes.later(1)
    minutes.append(e.Freeze(minutes.co(), index, minutes.files(index), None), "Alice")
    return minutes


@shows
def late_swing_extends() -> Case:
    """Two late yes turn the outcome: the vote stays open for three hours more, and then closes."""
    minutes = case("late")
    index = minutes.opened(minutes.change())
    minutes.later(5)
    minutes.cast(index, {"Alice": "yes", "Bruno": "yes"})
    minutes.later(1)
    minutes.cast(index, dict.fromkeys(co.FOUNDERS[2:6], "no"))
    minutes.later(3)
    return minutes


@shows
def late_swing_once() -> Case:
    """At the start of the last stretch a ballot counts as late, and there is no second extension."""
    minutes = case("late")
    index = minutes.opened(minutes.change())
    minutes.later(3)
    minutes.cast(index, {"Alice": "yes", "Bruno": "yes"})
    minutes.later(5)
    minutes.cast(index, dict.fromkeys(co.FOUNDERS[2:6], "no"))
    minutes.later(1)
    return minutes


def _sealed(minutes: Case) -> Case:
    minutes.entries = [
        replace(entry, envelope=None) if entry.leaf.kind == "ballot" else entry for entry in minutes.entries
    ]
    return minutes


@shows
def sealed_withheld() -> Case:
    """The close is past and ballots are not shown: what came after it is not known."""
    return _sealed(yes_no_activated())


@shows
def sealed_open() -> Case:
    """As long as the vote is open its ballots are sealed."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.cast(index, YES)
    minutes.later(6)
    minutes.now_ms -= 1
    return _sealed(minutes)


@shows
def sealed_said_extended() -> Case:
    """An entry says that the vote was extended: it is believed as long as the ballots are sealed."""
    minutes = case("late")
    index = minutes.opened(minutes.change())
    minutes.later(5)
    minutes.cast(index, {"Alice": "yes", "Bruno": "yes"})
    minutes.later(1)
    minutes.append(e.Witnessing(minutes.co(), "close", index, "extended"), co.SECRETARY)
    return _sealed(minutes)


@shows
def sealed_said_of_another() -> Case:
    """The leaf says that this vote was extended, what was signed says it of another one: it is not believed."""
    minutes = sealed_said_extended()
    said = e.Witnessing(minutes.co(), "close", 0, "extended")
    data = envelope_bytes(sign_entry(said, co.key_of(co.SECRETARY)))
    minutes.entries[-1] = replace(minutes.entries[-1], envelope=data)
    return minutes


@shows
def ranking_winner() -> Case:
    """Three texts: the second beats each of the others."""
    minutes = case()
    index = minutes.opened(minutes.change(1, "ranking", 3))
    ranks = ("2310", "2130", "1203", "3210", "0", "210")
    choices = {name: tuple((int(one),) for one in rank) for name, rank in zip(co.FOUNDERS[:6], ranks, strict=True)}
    minutes.cast(index, choices)
    minutes.later(9)
    return minutes


@shows
def ranking_keeps_things() -> Case:
    """No text is above “keep things as they are” often enough."""
    minutes = case()
    index = minutes.opened(minutes.change(1, "ranking", 2))
    minutes.cast(index, {"Alice": ((1,), (0,), (2,)), "Bruno": ((0,), (1, 2)), "Chloé": ((0,), (2,))})
    minutes.later(6)
    return minutes


def _points(number: int) -> tuple[tuple[str, int], ...]:
    return tuple((name, POINTS[number].get(name, 0)) for name in OBJECTIVES)


@shows
def points_activated() -> Case:
    """Four ballots with points, one abstention: the markets' points come into force."""
    minutes = case()
    template = policy(co.SURFACE, minutes.base(), -1)
    index = minutes.opened(minutes.proposal(template, vote="points"))
    choices: Document = {name: _points(number) for name, number in zip(co.FOUNDERS, (0, 1, 3, 2), strict=False)}
    minutes.cast(index, choices | {"Émilie": "abstain"})
    minutes.later(9)
    return minutes


@shows
def points_without_a_quorum() -> Case:
    """Three ballots with points where four are needed: no decision."""
    minutes = case()
    index = minutes.opened(minutes.proposal(policy(co.SURFACE, minutes.base(), -1), vote="points"))
    choices: Document = {name: _points(number) for name, number in zip(co.FOUNDERS, (0, 1, 3), strict=False)}
    minutes.cast(index, choices | {"Émilie": "abstain"})
    minutes.later(6)
    return minutes


@shows
def points_on_no_head() -> Case:
    """Points for an objective that the model has no head for: void."""
    minutes = case()
    index = minutes.opened(minutes.proposal(policy(co.SURFACE, minutes.base(), -1), vote="points"))
    minutes.append(minutes.ballot(index, _points(4)), "Alice")
    return minutes


@shows
def base_was_replaced() -> Case:
    """Of two policies made against the same one, the second expires."""
    minutes = case()
    first, second = minutes.accept(minutes.change(1), "Alice"), minutes.accept(minutes.change(3), "Bruno")
    for index in (first, second):
        minutes.accept(e.Sponsor(minutes.co(), index, minutes.files(index)), "Chloé")
    minutes.later(2)
    for index, name in ((first, "Alice"), (second, "Bruno")):
        minutes.accept(e.Freeze(minutes.co(), index, minutes.files(index), None), name)
    minutes.later(1)
    for index in (first, second):
        minutes.cast(index, YES)
    minutes.later(9)
    return minutes


@shows
def superseded() -> Case:
    """A policy that a vote adopted is superseded by the next."""
    minutes = yes_no_activated()
    index = minutes.opened(minutes.change(3))
    minutes.cast(index, YES)
    minutes.later(9)
    return minutes


@shows
def recalled() -> Case:
    """Two of six sign the petition where 30 % are needed."""
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.cast(index, YES)
    minutes.later(6)
    for name in ("Denis", "Denis", "Émilie"):
        minutes.append(e.Recall(minutes.co(), index), name)
    return minutes


@shows
def model_by_notice() -> Case:
    """A model goes by notice: no vote, and in force when nobody objects."""
    minutes = case("notice")
    fields: Document = {"model": bytes(31) + b"\x01", "heads": OBJECTIVES}
    fields |= {"base_policy": minutes.base(), "base_model": co.MODEL}
    minutes.frozen(minutes.proposal("", subject="model", **fields))
    minutes.later(4)
    return minutes


@shows
def constitution_adopted() -> Case:
    """A second constitution touches every surface, and what is proposed from then on follows its rules: eight hours."""
    minutes = case()
    base = minutes.now().constitution.canon_digest
    longer = SHORT | {"late_swing": "0h", "timelock": "0h", "voting": "8h"}
    text = co.constitution(2, base, policy=longer, model=longer, constitution=longer)
    index = minutes.opened(minutes.proposal(text, subject="constitution"))
    minutes.cast(index, YES)
    minutes.later(8)
    other = minutes.accept(minutes.change(), "Bruno")
    minutes.accept(e.Sponsor(minutes.co(), other, minutes.files(other)), "Alice")
    minutes.later(2)
    minutes.accept(e.Freeze(minutes.co(), other, minutes.files(other), None), "Bruno")
    minutes.later(1)
    return minutes


def _cancelled(votes: Document) -> Case:
    minutes = case()
    index = minutes.opened(minutes.change())
    minutes.cast(index, YES)
    minutes.later(7)
    intervention = minutes.demand("cancel", index)
    minutes.cast(intervention, votes)
    minutes.later(5)
    return minutes


@shows
def cancel_confirmed() -> Case:
    """Guardians cancel a queued policy, and the members confirm it."""
    return _cancelled(YES)


@shows
def cancel_not_confirmed() -> Case:
    """The members do not confirm a cancellation: the policy comes into force at that close."""
    return _cancelled({"Alice": "yes"} | NO)


@shows
def rollback_confirmed() -> Case:
    """Guardians go back to the first policy, and the members confirm it."""
    minutes = yes_no_activated()
    intervention = minutes.demand("rollback", None, co.SURFACE, 1)
    minutes.cast(intervention, YES)
    minutes.later(5)
    return minutes


@shows
def rollback_not_confirmed() -> Case:
    """The members do not confirm a rollback: the policy comes back, and guardians cannot take it back again."""
    minutes = yes_no_activated()
    minutes.demand("rollback", None, co.SURFACE, 0)
    minutes.later(5)
    minutes.demand("rollback", None, co.SURFACE, 0)
    return minutes


@shows
def rollback_holds_what_it_upsets() -> Case:
    """A change to the policy that guardians took away is held until the members have spoken."""
    minutes = yes_no_activated()
    index = minutes.opened(minutes.change(3))
    minutes.cast(index, YES)
    minutes.later(8)
    minutes.demand("rollback", None, co.SURFACE, 1)
    minutes.later(5)
    return minutes


@shows
def erased_argument() -> Case:
    """A body that was erased changes nothing, and can still be answered."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    said = minutes.accept(e.Argument(minutes.co(), index, "for", None, "Oui."), "Bruno")
    minutes.accept(e.Erasure(minutes.co(), (said,), ""), co.SECRETARY)
    minutes.accept(e.Argument(minutes.co(), index, "against", said, "Non."), "Chloé")
    minutes.entries[said] = replace(minutes.entries[said], envelope=None)
    return minutes


@shows
def sponsor_not_shown() -> Case:
    """An entry that nothing allows to be erased is void where its body is not shown."""
    minutes = case()
    index = minutes.accept(minutes.change(), "Alice")
    minutes.accept(e.Sponsor(minutes.co(), index, minutes.files(index)), "Bruno")
    minutes.entries[-1] = replace(minutes.entries[-1], envelope=None)
    return minutes


@shows
def roll_all_or_none() -> Case:
    """Of two changes one is wrong: none is made. A suspended member can still resign."""
    minutes = case()
    admit = e.RollChange("admit", co.member("Grâce"), co.registration("Grâce"))
    wrong = e.RollChange("reinstate", co.member("Alice"), None)
    minutes.append(e.Roll(minutes.co(), (admit, wrong), ""), co.SECRETARY)
    minutes.append(e.Roll(minutes.co(), (e.RollChange("suspend", co.member("Bruno"), None),), ""), co.SECRETARY)
    minutes.append(e.Roll(minutes.co(), (e.RollChange("resign", co.member("Bruno"), None),), ""), "Bruno")
    return minutes


@shows
def signed_by_nobody() -> Case:
    """A signature that does not hold makes a void entry."""
    minutes = case()
    minutes.accept(minutes.change(), "Alice")
    payload = e.Recall(minutes.co(), 1)
    data = envelope_bytes(sign_entry(payload, co.key_of("Alice")))
    data = data.replace(co.public("Alice").hex().encode(), co.public("Bruno").hex().encode())
    minutes.entries.append(Entry(len(minutes.entries), MinutesLeaf(minutes.now_ms, "recall", 1, bytes(32)), data))
    return minutes


def document(name: str) -> Document:
    """Return a probe."""
    minutes = CASES[name]()
    entries = [(encode_leaf(entry.leaf), entry.envelope) for entry in minutes.entries]
    genesis = digest_text(minutes.genesis)
    return {
        "desc": CASES[name].__doc__,
        "genesis": genesis,
        "entries": [
            [b64encode(leaf).decode(), None if body is None else b64encode(body).decode()] for leaf, body in entries
        ],
        "now_ms": minutes.now_ms,
        "want": json.loads(json.dumps(fold(entries, genesis, minutes.now_ms))),
    }


def documents() -> Iterator[tuple[str, Document]]:
    """Yield the name and the content of each probe."""
    for name in CASES:
        yield name, document(name)


if __name__ == "__main__":
    sys.exit(rewrite(FOLDER, documents(), sys.argv[1:]))
