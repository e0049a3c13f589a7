"""`rankd`: the root of the command line. Only the command that is asked for is imported."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from rankd.core.errors import RankdError, ServiceError
from rankd.core.words.language import Phrase
from rankd.edge.cli.answer import REFUSED
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.usage import speak


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its module under `edge/cli` with a Typer `app`, the extra that it needs, and its help."""

    module: str
    extra: str
    words: Phrase


COMMANDS: Mapping[str, Command] = {
    "serve": Command("serve", "serve", Phrase(fr="Servir des fils par gRPC.", en="Serve feeds over gRPC.")),
    "rank": Command("rank", "client", Phrase(fr="Faire classer une demande.", en="Have a request ranked.")),
    "explain": Command("explain", "client", Phrase(fr="Expliquer une décision.", en="Explain a decision.")),
    "bundle": Command(
        "audit.bundle", "", Phrase(fr="Mettre un journal dans un fichier.", en="Put a journal into one file.")
    ),
    "verify": Command(
        "audit.verify",
        "",
        Phrase(fr="Vérifier un journal ou un dossier public.", en="Verify a journal or a public record."),
    ),
    "replay": Command("audit.replay", "", Phrase(fr="Recalculer les décisions consignées.", en="Recompute decisions.")),
    "report": Command(
        "audit.report", "", Phrase(fr="Écrire une page pour tout le monde.", en="Write a page for everybody.")
    ),
    "policy": Command(
        "policy", "", Phrase(fr="Vérifier, lire et comparer des politiques.", en="Check, read and compare policies.")
    ),
    "erase": Command("erase", "", Phrase(fr="Effacer le contenu de décisions.", en="Erase the bodies of decisions.")),
    "viewer": Command(
        "viewer",
        "",
        Phrase(fr="Remettre ou oublier ce qui est détenu sur une personne.", en="Hand over or forget a person’s data."),
    ),
    "features": Command("features", "", Phrase(fr="Refaire les comptes d’événements.", en="Count events again.")),
    "keys": Command("keys", "", Phrase(fr="Créer et montrer des clés.", en="Make and show keys.")),
    "model": Command(
        "model",
        "train",
        Phrase(
            fr="Entraîner, sceller, évaluer et lire des modèles.", en="Train, seal, evaluate and read sealed models."
        ),
    ),
    "witness": Command(
        "witness", "", Phrase(fr="Être témoin des journaux d’autrui.", en="Be a witness to other people’s logs.")
    ),
    "assembly": Command(
        "govern.assembly", "", Phrase(fr="Fonder, et lire ce qui a été décidé.", en="Found, and read what was decided.")
    ),
    "proposal": Command("govern.proposal", "", Phrase(fr="Proposer et débattre.", en="Propose and debate.")),
    "vote": Command("govern.vote", "", Phrase(fr="Lire une proposition et voter.", en="Read a proposal and vote.")),
    "ballot": Command(
        "govern.ballot",
        "",
        Phrase(fr="Signer un bulletin, vérifier qu’il compte.", en="Sign a ballot, check that it counts."),
    ),
    "station": Command(
        "govern.station", "", Phrase(fr="Tenir un isoloir pour qui n’a pas d’ordinateur.", en="Keep a voting station.")
    ),
    "minutes": Command("govern.minutes", "", Phrase(fr="Tenir le procès-verbal.", en="Keep the minutes.")),
    "member": Command("govern.member", "", Phrase(fr="S’inscrire, tenir le registre.", en="Register, keep the roll.")),
    "guardian": Command(
        "govern.guardian", "", Phrase(fr="Arrêter un changement, en gardien.", en="Stop a change, as a guardian.")
    ),
    "demo": Command("demo.play", "serve", Phrase(fr="Tout montrer en une minute.", en="Show everything in a minute.")),
}

_EXTRA_PACKAGES = {
    "google",
    "grpc",
    "grpc_health",
    "grpc_reflection",
    "grpc_status",
    "hiredis",
    "lightgbm",
    "prometheus_client",
    "pyarrow",
    "pydantic",
    "redis",
    "sklearn",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run rankd and exit: 0 done, 1 refused or different, 2 usage.

    Args:
        arguments: The command line without the program's name; None: this process's own.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = next((argument for argument in given if not argument.startswith("-")), "")
    try:
        build(name)(given, prog_name="rankd")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA_PACKAGES or name not in COMMANDS:
            raise
        _refuse(ServiceError("EXTRA_MISSING", command=name, module=package, extra=COMMANDS[name].extra or "serve"))
    except RankdError as error:
        _refuse(error)


def build(wanted: str) -> typer.Typer:
    """Return the root with the command `wanted` in full and all others by name and help only.

    So `rankd policy` and `rankd replay` work where neither gRPC nor a model library is installed.
    """
    root = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help=said(
            "rankd : le service de classement qu’une coopérative peut posséder.",
            "rankd: the ranking service that a cooperative can own.",
        ),
    )
    root.callback()(_options)
    for name, command in COMMANDS.items():
        if name == wanted:
            _mount(root, name, command)
        else:
            root.command(name, help=command.words.say(default_language()))(_absent)
    speak(root)
    return root


def _mount(root: typer.Typer, name: str, command: Command) -> None:
    app: typer.Typer = import_module(f"rankd.edge.cli.{command.module}").app
    alone = len(app.registered_commands) == 1 and not app.registered_groups and app.registered_callback is None
    entry = app.registered_commands[0] if alone else None
    if entry is not None and entry.callback is not None and (entry.name or entry.callback.__name__) == name:
        root.command(name, help=entry.help or command.words.say(default_language()))(entry.callback)
    else:
        root.add_typer(app, name=name)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rankd {installed_version('rankd')}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help=said("Dire la version.", "Say the version.")
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _absent() -> None:
    raise AssertionError("unreachable: a command that is called is mounted in full")


def _refuse(error: RankdError) -> None:
    typer.echo(error.say(default_language()), err=True)
    sys.exit(REFUSED)
