"""`rankd assembly`: found a co-op, and read what its members decided."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.identity import parse_proposal_name
from rankd.core.errors import AssemblyError
from rankd.core.words.assembly_status import STATUS
from rankd.edge.cli.answer import REFUSED, write_json
from rankd.edge.cli.govern import assembly_init
from rankd.edge.cli.govern.assembly_json import history_json, intervention_json, matter_json, status_json
from rankd.edge.cli.govern.assembly_record import Record, reading
from rankd.edge.cli.govern.assembly_show import ProposalTeller
from rankd.edge.cli.govern.assembly_words import Teller
from rankd.edge.cli.language import said
from rankd.edge.cli.terminal import harmless
from rankd.store.key_file import read_key

app = typer.Typer(
    no_args_is_help=True,
    help=said(
        "Fonder une coopérative, et lire ce que ses membres ont décidé.",
        "Found a co-op, and read what its members decided.",
    ),
)
app.command("init", help=said("Fonder une coopérative.", "Found a co-op."))(assembly_init.init)

NameArgument = Annotated[
    str,
    typer.Argument(
        help=said("La proposition (p14), ou l’intervention (g15).", "The proposal (p14), or intervention (g15).")
    ),
]
WhoOption = Annotated[
    Path | None,
    typer.Option(
        "--key",
        envvar="RANKD_KEY",
        help=said("Votre clé : dire aussi ce que vous pouvez faire.", "Your key: also say what you can do."),
    ),
]


@app.command(help=said("Ce qui est en vigueur et ce qui se décide.", "What is in force and what is being decided."))
@reading
def status(record: Record, key: WhoOption = None) -> None:
    """Print what is in force, open votes, proposals on their way, and what the key's holder can do now."""
    who = None if key is None else read_key(key).public
    if record.as_json:
        write_json(status_json(record, who))
    else:
        teller = Teller(record.assembly, record.language)
        write_lines(teller.status())
        if who is not None:
            write_lines(teller.you(who))
    finish(record)


@app.command(help=said("Une proposition : texte, débat, résultat.", "A proposal: text, debate, result."))
@reading
def show(record: Record, proposal: NameArgument) -> None:
    """Print a proposal or an intervention in full."""
    index, assembly = parse_proposal_name(proposal), record.assembly
    matter, intervention = assembly.proposals.get(index), assembly.interventions.get(index)
    if matter is not None:
        if record.as_json:
            write_json({**matter_json(assembly, matter, record.language), "ok": not record.minutes.faults})
        else:
            write_lines(ProposalTeller(assembly, record.language).proposal(matter))
    elif intervention is not None:
        if record.as_json:
            write_json({**intervention_json(assembly, intervention), "ok": not record.minutes.faults})
        else:
            write_lines(ProposalTeller(assembly, record.language).intervention(intervention))
    else:
        raise AssemblyError("PROPOSAL_NOT_FOUND", proposal=proposal)
    finish(record)


@app.command(help=said("Ce qui a été décidé, du début à aujourd’hui.", "What was decided, from the beginning."))
@reading
def history(record: Record) -> None:
    """Print every activation and every decision, in words."""
    if record.as_json:
        write_json({**history_json(record.assembly), "ok": not record.minutes.faults})
    else:
        write_lines(Teller(record.assembly, record.language).history())
    finish(record)


def write_lines(lines: Iterable[str]) -> None:
    """Write lines on stdout, harmless on a terminal whatever members wrote."""
    for line in lines:
        typer.echo(harmless(line))


def finish(record: Record) -> None:
    """Say the record's faults on stderr; where there are some, the exit code is 1."""
    faults = record.minutes.faults
    if not faults:
        return
    if not record.as_json:
        typer.echo(STATUS["faults"].say(record.language), err=True)
        for fault in faults:
            typer.echo(f"  {fault.error.say(record.language)}", err=True)
    raise typer.Exit(REFUSED)
