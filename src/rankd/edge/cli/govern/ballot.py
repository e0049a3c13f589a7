"""`rankd ballot`: sign a ballot without reading, and see whether an entry was counted."""

from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.identity import parse_proposal_name
from rankd.core.assembly.signing import MAX_ENVELOPE_BYTES
from rankd.core.errors import AssemblyError
from rankd.core.log.note import NoteVerifier
from rankd.edge.cli.answer import REFUSED, write_json
from rankd.edge.cli.govern.assembly import finish
from rankd.edge.cli.govern.assembly_record import Record, reading
from rankd.edge.cli.govern.ballot_fate import fate_json, fate_words
from rankd.edge.cli.govern.ballot_slip import slip
from rankd.edge.cli.govern.signing_desk import Desk, signing
from rankd.edge.cli.govern.vote import (
    AbstainOption,
    NoOption,
    NumberOption,
    PaperArgument,
    PointsOption,
    RankOption,
    YesOption,
    cast,
    read_choice,
)
from rankd.edge.cli.input_files import read_bytes
from rankd.edge.cli.language import said
from rankd.usecases.govern.ballot_paper import open_paper
from rankd.usecases.govern.counted import fate_of
from rankd.usecases.govern.kept import Kept, is_kept, read_kept

app = typer.Typer(
    no_args_is_help=True,
    help=said("Signer un bulletin, et voir s’il a été compté.", "Sign a ballot, and see whether it was counted."),
)


@app.command("cast", help=said("Signer un bulletin, sans le lire.", "Sign a ballot, without reading."))
@signing
def cast_(
    desk: Desk,
    proposal: PaperArgument,
    yes: YesOption = False,
    no: NoOption = False,
    abstain: AbstainOption = False,
    rank: RankOption = None,
    points: PointsOption = None,
    number: NumberOption = None,
) -> None:
    """Sign a ballot at once: for scripts, and for who has read what is to be decided."""
    paper = open_paper(desk.sound, parse_proposal_name(proposal), proposal)
    choice = read_choice(paper, yes=yes, no=no, abstain=abstain, rank=rank, points=points)
    if choice is None:
        raise AssemblyError("PAPER_CHOICE_MISSING")
    cast(desk, paper, choice, number, ask=False)


@app.command(help=said("Le mien a-t-il été compté?", "Was mine counted?"))
@reading
def check(
    record: Record,
    file: Annotated[
        Path, typer.Argument(help=said("Le reçu gardé, ou l’entrée signée.", "The receipt kept, or the signed entry."))
    ],
) -> None:
    """Say what became of an entry; exit 1 where it does not count, or cannot be seen to."""
    data = read_bytes(file, 3 * MAX_ENVELOPE_BYTES)
    kept: Kept | None = read_kept(data, file) if is_kept(data) else None
    envelope = data.removesuffix(b"\n") if kept is None else kept.envelope
    constitution = record.assembly.constitutions[0]
    log = NoteVerifier.of(constitution.origin, constitution.log_key)
    fate = fate_of(record.folder, record.assembly, log, envelope, kept, file)
    if record.as_json:
        write_json(fate_json(fate, record))
    else:
        typer.echo(fate_words(fate, record))
    finish(record)
    if not fate.good:
        raise typer.Exit(REFUSED)


app.command(help=said("Ce que devient le bulletin d’un talon.", "What became of a slip’s ballot."))(slip)
