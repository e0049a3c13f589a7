"""Options of `rankd policy`, and the limits that a policy is read with."""

from pathlib import Path
from typing import Annotated

import typer

from rankd.core.errors import PolicyError
from rankd.core.policy.policy import Limits
from rankd.edge.cli.language import said
from rankd.store.policy_folder import LIMITS_FILE, read_limits_file

FileArgument = Annotated[Path, typer.Argument(help=said("Le fichier de la politique.", "The policy’s file."))]
LimitsOption = Annotated[
    Path | None,
    typer.Option(
        "--limits",
        help=said(
            "Le fichier des limites; sans lui, limits.yaml à côté de la politique ou un dossier plus haut.",
            "The limits file; without it, limits.yaml beside the policy or one folder up.",
        ),
    ),
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help=said("Le dossier d’un modèle scellé.", "The folder of a sealed model."))
]


def beside(file: Path, limits: Path | None) -> Path | None:
    """Return the limits for a policy: the file that is named, or the one that lies near it; None: there is none."""
    if limits is not None:
        return limits
    folders = (file.parent, file.absolute().parent.parent)
    return next((folder / LIMITS_FILE for folder in folders if (folder / LIMITS_FILE).exists()), None)


def needed_limits(file: Path, limits: Path | None) -> Limits:
    """Return the limits for a policy, read.

    Raises:
        PolicyError: LIMITS_NEEDED, or the file is refused.
    """
    path = beside(file, limits)
    if path is None:
        raise PolicyError("LIMITS_NEEDED", file=str(file))
    return read_limits_file(path)
