"""What proposed policies would have changed in recorded decisions: computed, and written as it was asked for."""

from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.errors import ImpactError
from rankd.core.exact.canonical import digest_text, parse_digest, sha256
from rankd.core.impact.document import encode_impacts
from rankd.core.impact.impact import Impact
from rankd.core.policy.policy import Limits, Policy
from rankd.core.words.impact import SUMMARY
from rankd.core.words.language import Language
from rankd.core.words.verify import SAYINGS
from rankd.edge.cli.audit.evidence import (
    opened,
    processors,
    progress,
)
from rankd.edge.cli.impact_words import impacts_lines
from rankd.edge.cli.language import said
from rankd.edge.html.impact import impact_page
from rankd.store.atomic import write_atomic
from rankd.store.model_folder import read_model_folder
from rankd.usecases.audit.impact import Source, impact_of

DecisionsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--decisions",
        exists=True,
        help=said(
            "Un paquet de rankd bundle, ou le dossier de données d’un service; plusieurs fois s’il y en a plusieurs.",
            "A bundle of rankd bundle, or a service’s data directory; several times where there are several.",
        ),
    ),
]
KeysOption = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        help=said(
            "La clé du journal (nom+identifiant+clé), ou le fichier qui la contient; obligatoire pour un paquet. Une "
            "fois pour toutes les pièces, ou une fois pour chacune, dans le même ordre.",
            "The journal’s key (name+id+key), or the file that holds it; required for a bundle. Once for all the "
            "evidence, or once for each piece, in the same order.",
        ),
    ),
]
ForModelOption = Annotated[
    str | None,
    typer.Option(
        "--for-model",
        help=said(
            "L’empreinte du modèle dont les décisions comptent; sans cela, celui de la plus récente.",
            "Digest of the model whose decisions count; without it, that of the newest one.",
        ),
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", dir_okay=False, help=said("Le document JSON à écrire.", "The JSON document to write.")),
]
PageOption = Annotated[
    Path | None, typer.Option("--page", dir_okay=False, help=said("La page à écrire.", "The page to write."))
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        help=said(
            "Combien de processus; sans cela, autant que de processeurs.",
            "How many processes; without it, as many as processors.",
        ),
    ),
]


def compute(
    proposed: Policy,
    limits: Limits,
    decisions: list[Path],
    keys: list[str] | None,
    language: Language,
    *,
    model: str | None = None,
    new_model: Path | None = None,
    witness: list[str] | None = None,
    quorum: int | None = None,
    witnesses: Path | None = None,
    eraser: list[str] | None = None,
    jobs: int | None = None,
) -> tuple[Impact, bool]:
    """Return the impact of a policy, and whether a key came from the evidence itself.

    Args:
        proposed: The policy.
        limits: The limits under which it would rank.
        decisions: Bundles and data directories.
        keys: The journals' keys.
        language: In which progress is told.
        model: See `--for-model`.
        new_model: The folder of a proposed model.
        witness: As for `rankd replay`, as all that follow.
        quorum: See there.
        witnesses: See there.
        eraser: See there.
        jobs: How many processes; None: as many as processors.

    Raises:
        RankdError: See `impact_of` and `opened`.
    """
    if keys and len(keys) not in (1, len(decisions)):
        raise ImpactError("IMPACT_KEYS", keys=len(keys), paths=len(decisions))
    sealed = None if new_model is None else read_model_folder(new_model)
    each = [None] * len(decisions) if not keys else keys * len(decisions) if len(keys) == 1 else keys
    with ExitStack() as stack:
        cases = [
            stack.enter_context(opened(path, key, witness, quorum, eraser, None, None, witnesses))
            for path, key in zip(decisions, each, strict=True)
        ]
        tell = stack.enter_context(progress(SAYINGS["progress"], language))
        found = impact_of(
            proposed,
            limits,
            [Source(case.evidence, case.trust, case.again) for case in cases],
            now_s=max(case.now_s for case in cases),
            model=None if model is None else _model(model),
            new_model=sealed,
            jobs=jobs or processors(),
            progress=tell,
        )
    return found, any(case.trust.is_borrowed for case in cases)


def answer(
    impacts: Sequence[Impact],
    language: Language,
    *,
    policies: Sequence[Policy] = (),
    out: Path | None = None,
    page: Path | None = None,
    as_json: bool = False,
    is_borrowed: bool = False,
) -> None:
    """Write the impacts of one text or of several as it was asked for: their JSON, their pages, their words.

    Raises:
        ImpactError: IMPACT_UNWRITABLE.
    """
    data = encode_impacts(impacts)
    written = [] if out is None else [out]
    if out is not None:
        _write(out, data)
    if page is not None:
        written += write_pages(page, impacts, language, policies)
    if as_json:
        # The document itself: its digest is that of these bytes, without the line feed behind them.
        typer.echo(data.decode())
    else:
        for line in impacts_lines(impacts, language):
            typer.echo(line)
        typer.echo(f"impact {digest_text(sha256(data))}")
    for path in written:
        typer.echo(SUMMARY["written"].say(language, file=path), err=True)
    if is_borrowed:
        typer.echo(SUMMARY["borrowed"].say(language), err=True)


def write_pages(
    path: Path, impacts: Sequence[Impact], language: Language, policies: Sequence[Policy] = ()
) -> list[Path]:
    """Write the page of an impact; of several, one page each, whose names end with the number of the text.

    Returns:
        The files.

    Raises:
        ImpactError: IMPACT_UNWRITABLE.
    """
    paths = [path]
    if len(impacts) > 1:
        paths = [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, len(impacts) + 1)]
    for number, (file, impact) in enumerate(zip(paths, impacts, strict=True)):
        policy = policies[number] if policies else None
        _write(file, impact_page(impact, language, installed_version("rankd"), policy))
    return paths


def check_writable(*paths: Path | None) -> None:
    """Make sure that there are folders to write into: better now than after an hour of replay.

    Raises:
        ImpactError: IMPACT_UNWRITABLE.
    """
    for path in paths:
        if path is not None and not path.absolute().parent.is_dir():
            raise ImpactError("IMPACT_UNWRITABLE", path=path, detail=path.absolute().parent)


def _model(text: str) -> bytes:
    try:
        return parse_digest(text)
    except ValueError:
        raise ImpactError("IMPACT_MALFORMED", field="--for-model", found=text[:80]) from None


def _write(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data)
    except OSError as error:
        raise ImpactError("IMPACT_UNWRITABLE", path=path, detail=error.strerror) from error
