"""Debate: proposals, sponsors, arguments, amendments, the freeze, and petitions against what was decided.

Each function judges one entry against the state at its time and returns what it changes; it changes nothing itself.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import TypeAlias

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.entries import Amendment, Argument, Freeze, Proposal, Recall, Sponsor
from rankd.core.assembly.force import check_fit
from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.matter import Matter, MatterState, Offer, Said
from rankd.core.assembly.measured import check_impact
from rankd.core.assembly.members import Member
from rankd.core.assembly.state import State
from rankd.core.assembly.voting import least_recallers
from rankd.core.assembly.wording import check_successor, wordings_of
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import sha256
from rankd.core.words.assembly_terms import STATES

Change: TypeAlias = Callable[[], None]

MAX_OPEN_PROPOSALS = 5
"""So many proposals of one member can wait for their vote."""
MAX_ARGUMENTS = 50
"""So many arguments of one member belong to one proposal."""
MAX_OFFERS = 10
"""So many amendments of one member belong to one proposal."""
MAX_AMENDED = 3
"""So many amendments a proposer can accept."""


def propose(state: State, entry: Proposal, author: Member, index: int, time_ms: int) -> Change:
    """Judge a proposal.

    Raises:
        AssemblyError: PROPOSALS_TOO_MANY, a WORDING or CONSTITUTION reason.
        PolicyError: A text is refused.
    """
    if state.open_count(author.id) >= MAX_OPEN_PROPOSALS:
        raise AssemblyError("PROPOSALS_TOO_MANY", member=author.id, most=MAX_OPEN_PROPOSALS)
    wordings = wordings_of(entry, entry.texts)
    for wording in wordings:
        if isinstance(wording.read, Constitution):
            check_successor(wording.read, state.constitution)
    rules = state.constitution.class_of(entry.subject)
    matter = Matter(
        index=index,
        proposal=entry,
        proposer=author.id,
        rules=rules,
        wordings=wordings,
        state="draft",
        history=((time_ms, "draft"),),
        offers={},
        impact_digest=entry.impact,
    )

    def change() -> None:
        state.keep(matter)
        if rules.sponsors == 0:
            _begin_debate(state, matter, time_ms)

    return change


def sponsor(state: State, entry: Sponsor, author: Member, time_ms: int) -> Change:
    """Judge a sponsorship.

    Raises:
        AssemblyError: PROPOSAL_UNKNOWN, PROPOSAL_STATE, SPONSOR_OWN, SPONSOR_TWICE, TEXTS_DIFFER.
    """
    matter = find(state, entry.proposal, "draft", "deliberation")
    _check_texts(matter, entry.texts)
    if author.id == matter.proposer:
        raise AssemblyError("SPONSOR_OWN", proposal=proposal_name(matter.index))
    if matter.sponsors.count_of(author.id):
        raise AssemblyError("SPONSOR_TWICE", proposal=proposal_name(matter.index), member=author.id)
    sponsored = replace(matter, sponsors=matter.sponsors.plus(author.id))

    def change() -> None:
        if matter.state == "draft" and len(sponsored.sponsors) >= matter.rules.sponsors:
            _begin_debate(state, sponsored, time_ms)
        else:
            state.keep(sponsored)

    return change


def argue(state: State, entry: Argument, author: Member, index: int, time_ms: int) -> Change:
    """Judge an argument. Arguments are heard from the draft to the close of the vote.

    Raises:
        AssemblyError: PROPOSAL_UNKNOWN, PROPOSAL_STATE, ARGUMENT_UNKNOWN, ARGUMENTS_TOO_MANY.
    """
    matter = find(state, entry.proposal, "draft", "deliberation", "frozen", "voting", "queued", "held")
    if entry.reply_to is not None and not _is_heard(matter, entry.reply_to):
        raise AssemblyError("ARGUMENT_UNKNOWN", proposal=proposal_name(matter.index), found=entry.reply_to)
    if matter.arguments.count_of(author.id) >= MAX_ARGUMENTS:
        raise AssemblyError("ARGUMENTS_TOO_MANY", proposal=proposal_name(matter.index), most=MAX_ARGUMENTS)
    said = Said(index, time_ms, author.id, entry)
    return lambda: state.keep(replace(matter, arguments=matter.arguments.plus(said)))


def amend(state: State, entry: Amendment, author: Member, index: int, time_ms: int) -> Change:
    """Judge an amendment: an offer by any active member, or its acceptance by the proposer.

    Raises:
        AssemblyError: PROPOSAL_UNKNOWN, PROPOSAL_STATE, AMENDMENT_MODEL, AMENDMENT_UNKNOWN, AMENDMENT_NOT_PROPOSER,
            AMENDMENTS_TOO_MANY, a WORDING reason.
        PolicyError: A text is refused.
    """
    matter = find(state, entry.proposal, "draft", "deliberation")
    offers = matter.offers or {}
    name = proposal_name(matter.index)
    if matter.proposal.subject == "model":
        raise AssemblyError("AMENDMENT_MODEL", proposal=name)
    if entry.accepts is None:
        if sum(offer.member == author.id for offer in offers.values()) >= MAX_OFFERS:
            raise AssemblyError("AMENDMENTS_TOO_MANY", proposal=name, most=MAX_OFFERS)
        wordings = wordings_of(matter.proposal, entry.texts)
        offer = Offer(index, time_ms, author.id, entry.texts, wordings)
        return lambda: state.keep(replace(matter, offers={**offers, index: offer}))
    if author.id != matter.proposer:
        raise AssemblyError("AMENDMENT_NOT_PROPOSER", proposal=name, member=author.id)
    if entry.accepts not in offers:
        raise AssemblyError("AMENDMENT_UNKNOWN", proposal=name, found=entry.accepts)
    if matter.amended_count >= MAX_AMENDED:
        raise AssemblyError("AMENDMENTS_TOO_MANY", proposal=name, most=MAX_AMENDED)
    amended = replace(
        matter,
        wordings=offers[entry.accepts].wordings,
        amended_count=matter.amended_count + 1,
        debate_ms=time_ms,
        impact_digest=None,
    )

    def change() -> None:
        if matter.state == "deliberation":
            state.move(amended, "deliberation", time_ms)
        else:
            state.keep(amended)

    return change


def freeze(state: State, entry: Freeze, author: Member, time_ms: int) -> Change:
    """Judge a freeze.

    Raises:
        AssemblyError: PROPOSAL_UNKNOWN, PROPOSAL_STATE, FREEZE_NOT_PROPOSER, FREEZE_EARLY, TEXTS_DIFFER, or what
            `check_fit` and `check_impact` refuse.
        PolicyError: A text could not come into force now.
    """
    matter = find(state, entry.proposal, "deliberation")
    name = proposal_name(matter.index)
    if author.id != matter.proposer:
        raise AssemblyError("FREEZE_NOT_PROPOSER", proposal=name, member=author.id)
    _check_texts(matter, entry.texts)
    if time_ms < matter.debate_ms + matter.rules.deliberation_ms:
        raise AssemblyError("FREEZE_EARLY", proposal=name, until_ms=matter.debate_ms + matter.rules.deliberation_ms)
    check_fit(state, matter, matter.wordings, state.constitution)
    if entry.impact is not None:
        check_impact(entry.impact, matter, state.surface(matter.proposal.surface).policy, state.constitution)
    digest = None if entry.impact is None else sha256(entry.impact.encode("utf-8"))
    roll = state.members.electorate()
    frozen = replace(matter, impact=entry.impact, impact_digest=digest, frozen_roll=roll)
    return lambda: state.move(frozen, "frozen", time_ms)


def recall(state: State, entry: Recall, key: bytes, time_ms: int) -> Change:
    """Judge a signature under the petition against a queued change.

    Raises:
        AssemblyError: PROPOSAL_UNKNOWN, PROPOSAL_STATE, RECALL_NOT_ON_ROLL, RECALL_TWICE.
    """
    matter = find(state, entry.proposal, "queued", "held")
    name = proposal_name(matter.index)
    electorate = matter.electorate
    member = None if electorate is None else electorate.ids.get(key)
    if electorate is None or member is None:
        raise AssemblyError("RECALL_NOT_ON_ROLL", proposal=name, found=key.hex())
    if matter.recallers.count_of(member):
        raise AssemblyError("RECALL_TWICE", proposal=name, member=member)
    signed = replace(matter, recallers=matter.recallers.plus(member))
    rules = matter.rules if matter.vote is None else matter.vote.constitution.class_of(matter.proposal.subject)

    def change() -> None:
        if len(signed.recallers) >= least_recallers(rules.recall, electorate.count):
            state.move(signed, "recalled", time_ms)
        else:
            state.keep(signed)

    return change


def find(state: State, index: int, *wanted: MatterState) -> Matter:
    """Return a proposal that is in one of these states.

    Raises:
        AssemblyError: PROPOSAL_UNKNOWN, PROPOSAL_STATE.
    """
    matter = state.matters.get(index)
    if matter is None:
        raise AssemblyError("PROPOSAL_UNKNOWN", proposal=proposal_name(index))
    if matter.state not in wanted:
        raise AssemblyError(
            "PROPOSAL_STATE",
            proposal=proposal_name(index),
            found_fr=STATES[matter.state].fr,
            found_en=STATES[matter.state].en,
            wanted_fr=" ou ".join(f"«\u00a0{STATES[other].fr}\u00a0»" for other in wanted),
            wanted_en=" or ".join(f"“{STATES[other].en}”" for other in wanted),
        )
    return matter


def _begin_debate(state: State, matter: Matter, time_ms: int) -> None:
    state.move(replace(matter, debate_ms=time_ms), "deliberation", time_ms)


def _is_heard(matter: Matter, index: int) -> bool:
    """Tell whether an entry is one of a matter's arguments, which stand in the order of the minutes."""
    at = bisect_left(matter.arguments, index, key=attrgetter("index"))
    return at < len(matter.arguments) and matter.arguments[at].index == index


def _check_texts(matter: Matter, texts: tuple[bytes, ...]) -> None:
    wanted = tuple(wording.file_digest for wording in matter.wordings)
    if texts != wanted:
        raise AssemblyError("TEXTS_DIFFER", proposal=proposal_name(matter.index))
