"""`rankd witness`: be a witness to other people's logs."""

import logging
import os
import signal
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.errors import KeyFileError
from rankd.core.log.note import COSIGNATURE, NoteSigner, NoteVerifier
from rankd.core.log.witnessing import known_logs
from rankd.core.words.language import Language
from rankd.core.words.witness import WITNESS
from rankd.edge.cli.answer import refusals, write_json
from rankd.edge.cli.keys import PassphraseFileOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption
from rankd.edge.cli.passphrase import known_passphrase
from rankd.edge.http.witness import WitnessPort
from rankd.edge.logs import log_to_stderr
from rankd.store.key_file import KeyFile, read_key
from rankd.store.witness_state import WitnessState
from rankd.usecases.audit.trust import read_verifier
from rankd.usecases.witness.cosigning import Witness

PASSPHRASE_VARIABLE = "RANKD_WITNESS_PASSPHRASE"  # noqa: S105 (the name of a variable)
DEFAULT_ADDRESS = "127.0.0.1:7380"

app = typer.Typer(
    no_args_is_help=True,
    help=said("Être témoin des journaux d’autrui.", "Be a witness to other people’s logs."),
)

_LOG = logging.getLogger(__name__)

KeyOption = Annotated[
    Path,
    typer.Option("--key", help=said("La clé du témoin (rankd keys new witness).", "The witness’s key.")),
]
StateOption = Annotated[
    Path,
    typer.Option("--state", help=said("Le dossier de ce que le témoin a vu.", "The folder of what it has seen.")),
]


@app.command(
    help=said(
        "Faire la mémoire d’un témoin dont la clé n’a jamais servi.",
        "Make the memory of a witness whose key was never used.",
    )
)
def init(
    key: KeyOption,
    state: StateOption,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin once: a start that makes an empty memory by itself would forget every log when a disk is not mounted."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        vkey = _vkey(_witness_key(key))
        WitnessState.create(state, vkey)
        if as_json:
            write_json({"ok": True, "state": str(state), "vkey": vkey})
        else:
            typer.echo(WITNESS["made"].say(language, path=state, vkey=vkey))


@app.command(help=said("Cosigner ce que montrent des journaux.", "Cosign what logs show."))
def serve(
    key: KeyOption,
    log: Annotated[
        list[str],
        typer.Option(
            "--log",
            help=said(
                "La clé (vkey) d’un journal à suivre, ou son fichier; répétable.",
                "A log’s key (vkey), or its file; repeatable.",
            ),
        ),
    ],
    state: StateOption,
    address: Annotated[
        str, typer.Option("--address", help=said("Où écouter, hôte:port.", "Where to listen, host:port."))
    ] = DEFAULT_ADDRESS,
    passphrase_file: PassphraseFileOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer add-checkpoint requests until SIGTERM or Ctrl-C."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json):
        log_to_stderr()
        key_file = _witness_key(key)
        logs = known_logs([read_verifier(text).vkey for text in log], key_file.public)
        passphrase = known_passphrase(key_file, passphrase_file, PASSPHRASE_VARIABLE, os.environ, language)
        signer = NoteSigner(key_file.name, key_file.unlock(passphrase), COSIGNATURE)
        memory = WitnessState.open(state, signer.verifier.vkey)
        try:
            port = WitnessPort(address, Witness(signer, logs, memory, lambda: int(time.time())))
            try:
                _announce(port, address, signer.verifier.vkey, sorted(logs), language, as_json=as_json)
                _wait()
            finally:
                port.close()
        finally:
            memory.close()
    _LOG.info("stopped")


def _witness_key(path: Path) -> KeyFile:
    key = read_key(path)
    if key.kind != "witness":
        raise KeyFileError("KEY_KIND_DIFFERS", file=path, found=key.kind, wanted="witness")
    return key


def _vkey(key: KeyFile) -> str:
    return NoteVerifier.of(key.name, key.public, COSIGNATURE).vkey


def _announce(
    port: WitnessPort, address: str, vkey: str, origins: list[str], language: Language, *, as_json: bool
) -> None:
    listening = f"{address.rpartition(':')[0]}:{port.port}"
    if as_json:
        write_json({"address": listening, "vkey": vkey, "logs": origins})
    else:
        typer.echo(WITNESS["serving"].say(language, vkey=vkey, address=listening, logs=", ".join(origins)))


def _wait() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
