"""Drafting: from texts, a model or a wish to the entry that a member signs, with all that it must name."""

from collections.abc import Sequence
from dataclasses import dataclass

from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.entries import Amendment, Co, Freeze, Guardian, Proposal, Sponsor, VoteKind
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import Matter
from rankd.core.assembly.points_template import POINTS_LINE, Template, read_template
from rankd.core.errors import AssemblyError
from rankd.core.policy.policy import Policy
from rankd.core.policy.reader import read_policy
from rankd.core.words.language import Phrase


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text that is to be proposed: its name, for words, and its bytes."""

    name: str
    data: bytes

    @property
    def text(self) -> str:
        """What an entry carries; the readers refuse what is no UTF-8 before."""
        return self.data.decode("utf-8")


def find_matter(assembly: Assembly, index: int, name: str = "") -> Matter:
    """Return a proposal.

    Args:
        assembly: The assembly.
        index: The proposal's entry.
        name: What it was called by whoever asks; "": its own name.

    Raises:
        AssemblyError: PROPOSAL_NOT_FOUND or PROPOSAL_IS_INTERVENTION.
    """
    matter = assembly.proposals.get(index)
    if matter is None:
        if index in assembly.interventions:
            raise AssemblyError("PROPOSAL_IS_INTERVENTION", proposal=intervention_name(index))
        raise AssemblyError("PROPOSAL_NOT_FOUND", proposal=name or proposal_name(index))
    return matter


def vote_for(files: Sequence[TextFile]) -> VoteKind:
    """Return how policies are voted on unless their proposer says: by what they are, and how many."""
    if len(files) > 1:
        return "ranking"
    return "points" if POINTS_LINE.encode() in files[0].data.split(b"\n") else "yes_no"


def propose_policies(
    assembly: Assembly,
    co: Co,
    files: Sequence[TextFile],
    vote: VoteKind | None = None,
    title: Phrase | None = None,
    reasons: Phrase | None = None,
    impact: bytes | None = None,
) -> Proposal:
    """Return the proposal of one policy, several to be ranked, or a template.

    Args:
        assembly: The assembly, at the present.
        co: The co-op, with a nonce.
        files: The texts, at least one.
        vote: How it is voted on; None: see `vote_for`.
        title: The proposal's; None: the first text's.
        reasons: The proposal's; None: the first text's.
        impact: Digest of the impact's document.

    Raises:
        PolicyError: A text is refused.
    """
    kind = vote or vote_for(files)
    read: list[Policy | Template] = [
        read_template(file.data, file.name) if kind == "points" else read_policy(file.data, file.name) for file in files
    ]
    surface = read[0].surface
    model = assembly.standing(surface).model
    return Proposal(
        co=co,
        subject="policy",
        vote=kind,
        surface=surface,
        title=title or read[0].title,
        reasons=reasons or read[0].reasons,
        texts=tuple(file.text for file in files),
        model=None if model is None else model.digest,
        heads=(),
        base_policy=None,
        base_model=None,
        impact=impact,
    )


def propose_model(
    assembly: Assembly,
    co: Co,
    surface: str,
    digest: bytes,
    heads: tuple[str, ...],
    title: Phrase,
    reasons: Phrase,
) -> Proposal:
    """Return the proposal that a surface use another sealed model."""
    standing = assembly.standing(surface)
    return Proposal(
        co=co,
        subject="model",
        vote="yes_no",
        surface=surface,
        title=title,
        reasons=reasons,
        texts=(),
        model=digest,
        heads=heads,
        base_policy=standing.policy.canon_digest if standing.policy.number else None,
        base_model=None if standing.model is None else standing.model.digest,
        impact=None,
    )


def propose_constitution(
    co: Co, file: TextFile, title: Phrase | None = None, reasons: Phrase | None = None
) -> Proposal:
    """Return the proposal of another constitution; title and reasons are the text's unless given.

    Raises:
        PolicyError, AssemblyError: The text is refused.
    """
    read = read_constitution(file.data, file.name)
    return Proposal(
        co=co,
        subject="constitution",
        vote="yes_no",
        surface="",
        title=title or read.title,
        reasons=reasons or read.reasons,
        texts=(file.text,),
        model=None,
        heads=(),
        base_policy=None,
        base_model=None,
        impact=None,
    )


def sponsor_of(matter: Matter, co: Co) -> Sponsor:
    """Return the sponsorship of a proposal as it stands."""
    return Sponsor(co, matter.index, _file_digests(matter))


def freeze_of(matter: Matter, co: Co, impact: str | None) -> Freeze:
    """Return the freeze of a proposal as it stands."""
    return Freeze(co, matter.index, _file_digests(matter), impact)


def offer_of(matter: Matter, co: Co, files: Sequence[TextFile]) -> Amendment:
    """Return the offer of other texts for a proposal."""
    return Amendment(co, matter.index, tuple(file.text for file in files), None)


def cancel_of(matter: Matter, co: Co, reason: Phrase) -> Guardian:
    """Return a guardian's demand to cancel a queued proposal."""
    return Guardian(co, "cancel", matter.index, "", None, reason)


def rollback_of(surface: str, to: int, co: Co, reason: Phrase) -> Guardian:
    """Return a guardian's demand to take a surface back to an earlier policy, 0: the baseline."""
    return Guardian(co, "rollback", None, surface, to, reason)


def _file_digests(matter: Matter) -> tuple[bytes, ...]:
    return tuple(wording.file_digest for wording in matter.wordings)
