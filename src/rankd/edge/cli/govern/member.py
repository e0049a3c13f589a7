"""`rankd member`: register a key, and keep the roll."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from rankd.core.assembly.entries import NONCE_BYTES, Registration, Roll, RollChange
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.signing import envelope_bytes, open_entry, open_registration, sign_entry
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import parse_canonical
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.body import open_body
from rankd.core.words.assembly_desk import DESK
from rankd.edge.cli.govern.paper_key import typed_key
from rankd.edge.cli.govern.secrecy import leave_no_core
from rankd.edge.cli.govern.signing_desk import Desk, signing
from rankd.edge.cli.input_files import read_entry
from rankd.edge.cli.language import said

app = typer.Typer(
    no_args_is_help=True,
    help=said("S’inscrire, et tenir le registre des membres.", "Register, and keep the roll."),
)

_MEMBER = re.compile(r"m[0-9a-f]{16}")

OriginOption = Annotated[
    str | None,
    typer.Option(
        "--origin",
        help=said(
            "L’origine de la coopérative; sans elle, celle du dossier.", "The co-op’s origin; without it, the record’s."
        ),
    ),
]
RegistrationsArgument = Annotated[
    list[Path],
    typer.Argument(
        help=said(
            "Les inscriptions reçues; ou le nom (m…) de qui s’est inscrit au procès-verbal.",
            "The registrations received; or the name (m…) of who registered in the minutes.",
        )
    ),
]
MembersArgument = Annotated[
    list[str],
    typer.Argument(help=said("Les membres, comme m0123456789abcdef.", "The members, such as m0123456789abcdef.")),
]
ReasonOption = Annotated[
    str,
    typer.Option(
        "--reason", help=said("Pourquoi; tout le monde le lira. Aucun nom.", "Why; everybody will read it. No names.")
    ),
]


@app.command(help=said("Signer votre inscription.", "Sign your registration."))
@signing
def register(
    desk: Desk,
    origin: OriginOption = None,
    paper: Annotated[
        bool,
        typer.Option(
            "--paper",
            help=said("La clé est sur papier : la taper, sans l’afficher.", "The key is on paper: type it, unseen."),
        ),
    ] = False,
) -> None:
    """Sign that a key is yours, for the secretary to admit."""
    desk.check_delivery()
    key = None if paper else desk.key("member")
    named = desk.sound.origin if origin is None else origin
    if key is None:
        leave_no_core()
        private = typed_key(desk.language)
    else:
        private = desk.unlock(key)
    public = private.public_key().public_bytes_raw()
    data = envelope_bytes(sign_entry(Registration(named, public, os.urandom(NONCE_BYTES)), private))
    if origin is None:
        desk.sound.judge(data, desk.judging_ms)
    desk.deliver("registration", data, key)
    if not desk.as_json:
        typer.echo(DESK["registration"].say(desk.language, member=member_id(public)), err=True)


@app.command(help=said("Admettre des membres (secrétariat).", "Admit members (secretary)."))
@signing
def admit(desk: Desk, registrations: RegistrationsArgument, reason: ReasonOption = "") -> None:
    """Sign the admission of everybody who registered in these files; all of them or none."""
    changes = []
    for path in registrations:
        document, key = _registration(desk, path)
        changes.append(RollChange("admit", member_id(key), document))
    desk.sign(Roll(desk.co(), tuple(changes), reason), "secretary")


@app.command(help=said("Remplacer la clé d’un membre.", "Replace a member’s key."))
@signing
def rotate(
    desk: Desk,
    registration: Annotated[
        Path,
        typer.Argument(
            help=said(
                "L’inscription de la clé neuve; ou le nom (m…) de cette clé au procès-verbal.",
                "The new key’s registration; or that key’s name (m…) in the minutes.",
            )
        ),
    ],
    member: Annotated[
        str | None,
        typer.Option(
            "--member",
            help=said("Le membre (secrétariat); sans cela, vous.", "The member (secretary); without it, you."),
        ),
    ] = None,
    reason: ReasonOption = "",
) -> None:
    """Sign, with your present key or as the secretary, that another key speaks for a member from now on."""
    document, _ = _registration(desk, registration)
    change = RollChange("rotate", _whose(desk, member), document)
    desk.sign(Roll(desk.co(), (change,), reason), *_own_or_secretary(member))


@app.command(help=said("Suspendre des membres (secrétariat).", "Suspend members (secretary)."))
@signing
def suspend(desk: Desk, members: MembersArgument, reason: ReasonOption = "") -> None:
    """Sign that members do not take part until they are reinstated."""
    _change(desk, "suspend", members, reason)


@app.command(help=said("Rétablir des membres (secrétariat).", "Reinstate members (secretary)."))
@signing
def reinstate(desk: Desk, members: MembersArgument, reason: ReasonOption = "") -> None:
    """Sign that suspended members take part again."""
    _change(desk, "reinstate", members, reason)


@app.command(help=said("Quitter la coopérative.", "Leave the co-op."))
@signing
def resign(
    desk: Desk,
    member: Annotated[
        str | None,
        typer.Option(
            "--member",
            help=said("Le membre (secrétariat); sans cela, vous.", "The member (secretary); without it, you."),
        ),
    ] = None,
    reason: ReasonOption = "",
) -> None:
    """Sign, with your own key or as the secretary, that a member leaves; there is no way back but a new key."""
    change = RollChange("resign", _whose(desk, member), None)
    desk.sign(Roll(desk.co(), (change,), reason), *_own_or_secretary(member))


def _change(desk: Desk, action: Literal["suspend", "reinstate"], members: list[str], reason: str) -> None:
    changes = tuple(RollChange(action, member, None) for member in members)
    desk.sign(Roll(desk.co(), changes, reason), "secretary")


def _whose(desk: Desk, member: str | None) -> str:
    if member is not None:
        return member
    found = desk.sound.roll.find(desk.key("member").public)
    if found is None:
        raise AssemblyError("KEY_OF_NO_MEMBER", found=desk.key("member").public.hex())
    return found.id


def _own_or_secretary(member: str | None) -> tuple[Literal["member", "secretary"]]:
    return ("member",) if member is None else ("secretary",)


def _registration(desk: Desk, path: Path) -> tuple[dict[str, object], bytes]:
    """Return a registration's envelope and the key that it registers: of a file, or of a name that waits.

    Raises:
        AssemblyError: ENTRY_FILE_UNREADABLE, ENTRY_FILE_MALFORMED, ENTRY_KIND_OTHER, MEMBER_NOT_WAITING, or what
            `open_registration` refuses.
    """
    origin = desk.sound.origin
    data = _waiting(desk, str(path)) if _MEMBER.fullmatch(str(path)) and not path.exists() else read_entry(path)
    try:
        kind = open_entry(data).kind
    except RankdError as error:
        error.about = str(path)
        raise
    if kind != "registration":
        raise AssemblyError("ENTRY_KIND_OTHER", file=path, found=kind, wanted="registration")
    document = parse_canonical(data)
    return document, open_registration(document, origin)


def _waiting(desk: Desk, member: str) -> bytes:
    """Return the registration in the minutes that waits under a name.

    Raises:
        AssemblyError: MEMBER_NOT_WAITING.
    """
    for key, index in desk.sound.registered.items():
        body = desk.folder.bodies(index // TILE_WIDTH).get(index) if member_id(key) == member else None
        if body is not None:
            return open_body(*body)
    raise AssemblyError("MEMBER_NOT_WAITING", member=member)
