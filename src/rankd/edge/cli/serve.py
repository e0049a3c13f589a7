"""`rankd serve`: run the service, or check what it would serve."""

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.words.language import Language
from rankd.core.words.quantity import listing
from rankd.core.words.service import CALLING
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.serve_check import check, findings_json, findings_lines
from rankd.edge.config import Config, read_config
from rankd.edge.grpc.server import GrpcServer
from rankd.edge.grpc.server import serve as serve_grpc
from rankd.edge.http.side import PublicLog, SidePort
from rankd.edge.logs import log_to_stderr
from rankd.edge.service import Service

app = typer.Typer()

_LOG = logging.getLogger(__name__)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help=said("Le fichier TOML; sans lui, les valeurs usuelles.", "The TOML file; without it, the defaults."),
    ),
]
CheckOption = Annotated[
    bool,
    typer.Option(
        "--check", help=said("Dire ce qui serait servi et pourquoi, puis finir.", "Say what would be served, and end.")
    ),
]


@app.command(help=said("Servir des fils par gRPC.", "Serve feeds over gRPC."))
def serve(
    config: ConfigOption = None,
    only_check: CheckOption = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the service until SIGTERM or Ctrl-C; SIGHUP has it look at its folders at once."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        settings = read_config(config, os.environ)
        if only_check:
            # What is refused stands in the answer; the log would only say it twice.
            log_to_stderr(logging.ERROR)
            _check(settings, language, as_json=as_json)
        else:
            log_to_stderr()
            # Until the loop takes SIGHUP up, it would end the process.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            for line in settings.lines():
                _LOG.info("config %s", line)
            with Service(settings) as service:
                asyncio.run(_run(service, language, as_json=as_json))


def _check(settings: Config, language: Language, *, as_json: bool) -> None:
    findings = check(settings)
    if as_json:
        write_json(findings_json(findings, language))
    else:
        for line in findings_lines(findings, language):
            typer.echo(line)
    if not findings.good:
        raise typer.Exit(REFUSED)


async def _run(service: Service, language: Language, *, as_json: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, service.book.refresh))
    side: list[SidePort] = []

    def ready(server: GrpcServer) -> None:
        if service.config.server.side_address:
            log = PublicLog(service.signing.log.verifier.vkey, service.desk.journal.public_file)
            address = service.config.server.side_address
            side.append(SidePort(address, service.metrics, lambda: server.serving, log))
        _announce(service, server, side[0] if side else None, language, as_json=as_json)

    try:
        finished = await serve_grpc(service, ready, stop)
    finally:
        for port in side:
            port.close()
    if not finished:
        _LOG.warning("calls were cut off after %d s", service.config.server.drain_s)
    _LOG.info("stopped, %d decisions on disk", service.desk.decisions.count)


def _announce(
    service: Service, server: GrpcServer, side: SidePort | None, language: Language, *, as_json: bool
) -> None:
    address = _with_port(service.config.server.address, server.port)
    side_address = "" if side is None else _with_port(service.config.server.side_address, side.port)
    _LOG.info("listening address=%s side=%s", address, side_address or "-")
    surfaces = service.book.surfaces()
    if as_json:
        ready = {"address": address, "side_address": side_address, "surfaces": list(surfaces)}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
    elif sys.stdout.isatty():
        names = listing([f"« {name} »" if language == "fr" else f"“{name}”" for name in surfaces], language)
        typer.echo(CALLING.say(language, surfaces=names, address=address))


def _with_port(address: str, port: int) -> str:
    return f"{address.rpartition(':')[0]}:{port}"
