"""`rankd minutes fetch`: mirror the record from the service that keeps the minutes."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from rankd.core.errors import AssemblyError, ServiceError
from rankd.core.words.assembly_desk import DESK
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.answer import refusals, write_json
from rankd.edge.cli.audit.evidence import processors
from rankd.edge.cli.govern.assembly_record import GenesisOption, read_genesis
from rankd.edge.cli.govern.signing_desk import CaOption, CertKeyOption, CertOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.moment import clock_ms
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.usecases.govern.mirror import mirror

_TIMEOUT_S = 30.0
_PAGE_SIZE = 1_000
_EXTRA_PACKAGES = ("grpc", "google", "grpc_status")

HELP = said("Copier le dossier public depuis un service.", "Copy the public record from a service.")


def fetch(
    record: Annotated[
        Path,
        typer.Argument(
            envvar="RANKD_RECORD",
            help=said("Le dossier de la copie, créé au besoin.", "The copy’s folder, made where there is none."),
        ),
    ],
    server: Annotated[
        str,
        typer.Option(
            "--server",
            envvar="RANKD_SERVER",
            help=said("Le service qui tient le procès-verbal.", "The service that keeps the minutes."),
        ),
    ],
    genesis: GenesisOption = None,
    ca: CaOption = None,
    cert: CertOption = None,
    cert_key: CertKeyOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a copy of the record to the newest state; nothing is written before it was all verified."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        if genesis is None:
            raise AssemblyError("GENESIS_UNNAMED")
        pinned = read_genesis(genesis)
        now_s = clock_ms() // 1_000
        with _calling().calling(server, _TIMEOUT_S, ca, cert, cert_key, language, as_json=as_json) as client:
            minutes = mirror(
                lambda start: client.assembly.page(start, _PAGE_SIZE),
                pinned,
                record,
                name=server,
                now_s=now_s,
                jobs=processors(),
            )
    if as_json:
        write_json({"ok": True, "size": minutes.size, "root": minutes.root.hex(), "record": str(record)})
        return
    count, s = count_words(minutes.size, language), plural(minutes.size, language)
    typer.echo(DESK["published"].say(language, path=record, count=count, s=s))


def _calling() -> Any:
    """Return the module that calls a service; only who does needs gRPC.

    Raises:
        ServiceError: EXTRA_MISSING.
    """
    try:
        return import_module("rankd.edge.cli.calling")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA_PACKAGES:
            raise
        raise ServiceError("EXTRA_MISSING", command="minutes fetch", module=package, extra="client") from error
