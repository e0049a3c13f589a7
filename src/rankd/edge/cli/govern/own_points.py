"""A member's own points, replayed on decisions that were made, before she signs them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.points_template import policy_of
from rankd.core.exact.canonical import digest_text
from rankd.core.words.assembly_vote import PAPER
from rankd.core.words.impact import SUMMARY
from rankd.core.words.language import Language
from rankd.edge.cli.impact_answer import compute
from rankd.edge.cli.impact_words import impact_lines
from rankd.edge.cli.language import said
from rankd.usecases.govern.ballot_paper import Paper

DecisionsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--decisions",
        exists=True,
        help=said(
            "Points : des décisions passées (rankd bundle) où rejouer les vôtres avant de signer; répétable.",
            "Points: past decisions (rankd bundle) on which to replay yours before you sign; repeatable.",
        ),
    ),
]
DecisionsKeyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--decisions-key",
        help=said("La clé du journal de ces décisions.", "The key of these decisions’ journal."),
    ),
]


def own_points(
    paper: Paper, points: Mapping[str, int], decisions: list[Path], keys: list[str] | None, language: Language
) -> Iterator[str]:
    """Yield what past decisions would have been under a member's own points.

    Args:
        paper: A points vote's.
        points: All nine.
        decisions: Bundles and data directories.
        keys: The keys of their journals; see `rankd policy impact`.
        language: In which language.

    Raises:
        RankdError: See `policy_impact.compute`.
    """
    if paper.matter is None:
        return
    policy = policy_of(paper.matter.wordings[0].data, points)
    digest = paper.matter.proposal.model
    model = None if digest is None else digest_text(digest)
    impact, is_borrowed = compute(policy, paper.vote.constitution.limits, decisions, keys, language, model=model)
    yield ""
    yield PAPER["own_points"].say(language)
    yield from (f"  {line}" for line in impact_lines(impact, language))
    if is_borrowed:
        yield f"  {SUMMARY['borrowed'].say(language)}"
