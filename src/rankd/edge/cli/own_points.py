"""A member's own points, replayed on decisions that were made, before she signs them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from rankd.edge.cli.language import said
from rankd.edge.cli.signing_desk import Desk
from rankd.usecases.govern.ballot_paper import Paper

DecisionsOption = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        exists=True,
        help=said(
            "Points : un paquet de décisions passées, où rejouer les vôtres.",
            "Points: a bundle of past decisions, on which to replay yours.",
        ),
    ),
]
DecisionsKeyOption = Annotated[
    str | None,
    typer.Option(
        "--decisions-key", help=said("La clé du journal de ces décisions.", "The key of these decisions’ journal.")
    ),
]


def own_points(desk: Desk, paper: Paper, points: Mapping[str, int], decisions: Path, key: str | None) -> Iterator[str]:
    """Yield what a member's own points would have changed."""
    yield from ()
