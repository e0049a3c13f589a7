"""What the commands that call a service share: where it is, how to prove who calls, and what a failed call says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from rankd.client import RankdCallError, RankdClient, TlsFiles
from rankd.core.words.language import Language
from rankd.edge.cli.answer import REFUSED, USAGE, refusals, write_json
from rankd.edge.cli.language import said

DEFAULT_ADDRESS = "127.0.0.1:50051"

AddressOption = Annotated[
    str,
    typer.Option("--address", envvar="RANKD_ADDRESS", help=said("Où le service écoute.", "Where the service listens.")),
]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0.001, help=said("Délai, en secondes.", "Deadline, in seconds."))
]
CaOption = Annotated[
    Path | None,
    typer.Option("--ca", help=said("L’autorité du certificat du service (PEM).", "The service’s authority (PEM).")),
]
CertOption = Annotated[
    Path | None,
    typer.Option("--cert", help=said("Le certificat de l’appelant (PEM).", "The caller’s certificate (PEM).")),
]
KeyOption = Annotated[Path | None, typer.Option("--key", help=said("Sa clé (PEM).", "Its key (PEM)."))]


@contextmanager
def calling(
    address: str,
    timeout_s: float,
    ca: Path | None,
    cert: Path | None,
    key: Path | None,
    language: Language,
    *,
    as_json: bool,
) -> Iterator[RankdClient]:
    """Yield a client; a call that fails inside the block becomes words on stderr (or JSON) and exit code 1."""
    tls = None
    if ca is not None and cert is not None and key is not None:
        tls = TlsFiles(ca, cert, key)
    elif (ca, cert, key) != (None, None, None):
        typer.echo(
            said("--ca, --cert et --key vont ensemble.", "--ca, --cert and --key go together."),
            err=True,
        )
        raise typer.Exit(USAGE)
    try:
        with refusals(language, as_json=as_json), RankdClient(address, timeout_s=timeout_s, tls=tls) as client:
            yield client
    except RankdCallError as error:
        if as_json:
            write_json(
                {
                    "ok": False,
                    "status": error.status,
                    "reason": error.reason,
                    "message": error.say(language),
                    "fields": list(error.fields),
                    "metadata": dict(error.metadata),
                }
            )
        else:
            typer.echo(error.say(language), err=True)
        raise typer.Exit(REFUSED) from error
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(USAGE) from error
