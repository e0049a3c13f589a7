"""`rankd ballot slip`: what the minutes say of a ballot that was signed at a voting station."""

from typing import Annotated, Any

import typer

from rankd.core.assembly.entries import Ballot
from rankd.core.assembly.identity import member_id, parse_proposal_name
from rankd.core.assembly.signing import SignedEntry, open_entry
from rankd.core.log.note import NoteVerifier
from rankd.core.words.quantity import count_words
from rankd.core.words.station import SLIP_CHECKED
from rankd.edge.cli.answer import REFUSED, write_json
from rankd.edge.cli.govern.assembly import finish
from rankd.edge.cli.govern.assembly_record import Record, reading
from rankd.edge.cli.govern.ballot_fate import fate_json, fate_words
from rankd.edge.cli.govern.ballot_words import choice_words
from rankd.edge.cli.language import said
from rankd.usecases.audit.leaves import said_checkpoint
from rankd.usecases.govern.counted import fate_of
from rankd.usecases.govern.slip import Found, find_slip, read_slip


@reading
def slip(
    record: Record,
    proposal: Annotated[str, typer.Argument(help=said("Le vote, comme p14.", "The vote, such as p14."))],
    digest: Annotated[
        str,
        typer.Argument(
            help=said(
                "Les chiffres du bulletin sur le talon\u00a0: les 16 premiers suffisent.",
                "The ballot’s digits on the slip: the first 16 will do.",
            )
        ),
    ],
    index: Annotated[
        int | None, typer.Option("--index", min=0, help=said("L’entrée du talon.", "The slip’s entry."))
    ] = None,
    leaf: Annotated[str | None, typer.Option("--leaf", help=said("La feuille du talon.", "The slip’s leaf."))] = None,
) -> None:
    """Say where a slip's ballot is and, once it is public, whose it is and what it says; exit 1 where it is amiss."""
    about = parse_proposal_name(proposal)
    found = find_slip(record.folder, record.assembly, about, read_slip(digest, index, leaf), proposal)
    if found.envelope is not None:
        _tell(record, found, found.envelope)
        return
    is_good = found.standing == "there"
    if record.as_json:
        is_sound = not record.minutes.faults
        write_json({"ok": is_good and is_sound, "verdict": found.standing, "proposal": proposal, "index": index})
    else:
        size = count_words(said_checkpoint(record.folder).size, record.language)
        typer.echo(SLIP_CHECKED[found.standing].say(record.language, name=proposal, index=index, size=size))
    finish(record)
    if not is_good:
        raise typer.Exit(REFUSED)


def _tell(record: Record, found: Found, envelope: bytes) -> None:
    """Tell of a ballot that can be read."""
    constitution = record.assembly.constitutions[0]
    log = NoteVerifier.of(constitution.origin, constitution.log_key)
    fate = fate_of(record.folder, record.assembly, log, envelope)
    signed = open_entry(envelope)
    member = member_id(signed.key) if found.cast is None else found.cast.member
    if record.as_json:
        write_json(fate_json(fate, record) | {"member": member, "choice": _choice_json(signed)})
    else:
        typer.echo(fate_words(fate, record))
        if isinstance(signed.payload, Ballot):
            choice = choice_words(signed.payload.choice, record.language)
            typer.echo(SLIP_CHECKED["says"].say(record.language, member=member, choice=choice))
            typer.echo(SLIP_CHECKED["compare"].say(record.language), err=True)
    finish(record)
    if not fate.good:
        raise typer.Exit(REFUSED)


def _choice_json(signed: SignedEntry) -> Any:
    if not isinstance(signed.payload, Ballot):
        return None
    choice = signed.payload.choice
    return choice if isinstance(choice, str) else choice_words(choice, "en")
