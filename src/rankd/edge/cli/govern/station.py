"""`rankd station`: members without a computer vote on the scrutineers' machine, each with a key on paper.

Of a visit remain the signed entry and what is on the slip: no key, no history, no temporary file, no core dump. A
ballot's number is the time in POSIX seconds, so that no file has to remember it and a later visit replaces an earlier
one, also at another station whose clock is right.
"""

import gc
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.entries import Ballot
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import member_id, parse_proposal_name
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteVerifier
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.core.words.station import ASKED, STATION
from rankd.edge.cli.answer import REFUSED
from rankd.edge.cli.asking import NoAnswerError, ask, clear_screen
from rankd.edge.cli.govern.assembly import write_lines
from rankd.edge.cli.govern.assembly_record import AtOption, GenesisOption, RecordOption
from rankd.edge.cli.govern.ballot_words import PaperTeller
from rankd.edge.cli.govern.paper_key import ask_key
from rankd.edge.cli.govern.secrecy import leave_no_core
from rankd.edge.cli.govern.signing_desk import CaOption, CertKeyOption, CertOption, Desk, ServerOption, write_new
from rankd.edge.cli.govern.station_choice import LeftError, ask_choice, ask_whether_to_sign
from rankd.edge.cli.govern.station_slip import Handed, slip_lines
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.moment import clock_ms
from rankd.edge.cli.options import LangOption, with_options
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.ballot_paper import Paper, open_paper, write_ballot
from rankd.usecases.govern.kept import check_kept, write_kept

app = typer.Typer()

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=said(
            "Le dossier où écrire les bulletins signés, à remettre au secrétariat.",
            "The folder for the signed ballots, to be handed to the secretary.",
        ),
    ),
]
ReceiptsOption = Annotated[
    Path | None,
    typer.Option(
        "--receipts",
        help=said(
            "Avec --server\u00a0: le dossier où garder les reçus signés, à remettre aux membres.",
            "With --server: the folder for the signed receipts, to be handed to the members.",
        ),
    ),
]


def _station_desk(
    *,
    record: RecordOption = None,
    genesis: GenesisOption = None,
    out: FolderOption = None,
    server: ServerOption = None,
    receipts: ReceiptsOption = None,
    ca: CaOption = None,
    cert: CertOption = None,
    cert_key: CertKeyOption = None,
    at: AtOption = None,
    lang: LangOption = None,
) -> Desk:
    language: Language = default_language() if lang is None else lang.value
    tls = (ca, cert, cert_key)
    return Desk(record, genesis, at, language, False, None, None, out, server, receipts, tls)


at_station = with_options(_station_desk)


@app.command(help=said("Tenir un isoloir pour qui n’a pas d’ordinateur.", "Keep a voting station."))
@at_station
def station(
    desk: Desk,
    proposal: Annotated[str, typer.Argument(help=said("Le vote, comme p14.", "The vote, such as p14."))],
    once: Annotated[bool, typer.Option("--once", help=said("Un seul membre, puis finir.", "One member only."))] = False,
) -> None:
    """Have one member after the other vote with a key on paper, until the scrutineers close or the vote does."""
    leave_no_core()
    _check_delivery(desk)
    opened = Station(desk, parse_proposal_name(proposal), proposal)
    opened.welcome()
    try:
        while True:
            is_signed = opened.receive()
            if once:
                break
    except NoAnswerError:
        is_signed = False
    typer.echo(STATION["closed"].say(desk.language, count=opened.count), err=True)
    if once and not is_signed:
        raise typer.Exit(REFUSED)


class StationTeller(PaperTeller):
    """Tells of a paper whose choice is asked for, not given as an option."""

    def _how(self, paper: Paper) -> str:
        how = {"yes_no": "yes_no_how", "ranking": "rank_how", "points": "points_how"}[paper.vote.kind]
        return STATION[how].say(self.language)


@dataclass
class Station:
    """A station while it is open. It holds nothing of those who were there but how many, and the last number.

    Attributes:
        desk: What it reads, and where the ballots go.
        about: What is voted on.
        name: What it was called.
        count: How many ballots were signed and handed over.
        number: The number of the last ballot.
    """

    desk: Desk
    about: int
    name: str = ""
    count: int = 0
    number: int = 0

    def welcome(self) -> None:
        """Say what the station is for and what its clock shows.

        Raises:
            RankdError: The record cannot be read or has faults; or PAPER_NOT_OPEN.
        """
        assembly, language = self._now(), self.desk.language
        paper = open_paper(assembly, self.about, self.name)
        clear_screen()
        time, close = (moment_words(when, language) for when in (self._clock_ms(), paper.vote.close_ms))
        typer.echo(STATION["open"].say(language, name=paper.name, origin=assembly.origin))
        typer.echo(STATION["clock"].say(language, time=time, close=close))
        typer.echo(STATION["swap"].say(language))

    def receive(self) -> bool:
        """Have one member vote; return whether a ballot was signed and handed over.

        Raises:
            NoAnswerError: The scrutineers close the station.
            RankdError: The vote is over, or the record has faults.
        """
        language = self.desk.language
        assembly = self._now()
        paper = open_paper(assembly, self.about, self.name)
        typer.echo(STATION["end"].say(language))
        is_signed = False
        try:
            handed = self._vote(assembly, paper)
            write_lines(slip_lines(handed, paper, language))
            is_signed = True
            self._wait("done")
        except LeftError:
            typer.echo(STATION["left"].say(language), err=True)
            self._wait("leave")
        except RankdError as error:
            typer.echo(error.say(language), err=True)
            self._wait("leave")
        except KeyboardInterrupt:
            # Who was there is gone; the next one finds a clear screen.
            pass
        finally:
            gc.collect()
            clear_screen()
        return is_signed

    def _vote(self, assembly: Assembly, paper: Paper) -> Handed:
        """Ask for key and choice, sign and hand over; the key is gone before the ballot is handed over.

        Raises:
            NoAnswerError: Nobody came.
            LeftError: The member left without a ballot.
            RankdError: Key, ballot or delivery were refused.
        """
        language = self.desk.language
        private = ask_key(language)
        public = private.public_key().public_bytes_raw()
        member = paper.vote.electorate.ids.get(public)
        if member is None:
            raise AssemblyError("STATION_NOT_ON_ROLL", member=member_id(public), proposal=paper.name)
        teller = StationTeller(assembly, language)
        typer.echo(STATION["who"].say(language, member=member))
        write_lines(teller.paper(paper))
        known = max((entry.number for entry in assembly.ballots(paper.index) if entry.member == member), default=0)
        try:
            while True:
                choice = ask_choice(paper, language)
                number = max(self._judging_ms() // 1_000, known + 1, self.number + 1)
                ballot = write_ballot(paper, self.desk.co(), number, choice)
                write_lines(teller.signs(paper, ballot, public, again=known > 0))
                if ask_whether_to_sign(language):
                    break
        except NoAnswerError:
            raise LeftError from None
        data = envelope_bytes(sign_entry(ballot, private))
        del private
        assembly.judge(data, self._judging_ms())
        handed = self._hand_over(assembly, ballot, data)
        self.number = ballot.number
        self.count += 1
        return handed

    def _hand_over(self, assembly: Assembly, ballot: Ballot, data: bytes) -> Handed:
        """Write or submit a ballot, again and again while whoever is there wants to.

        Raises:
            LeftError: It could not be, and they gave up.
        """
        language = self.desk.language
        while True:
            try:
                return self._submit(assembly, ballot, data) if self.desk.server else self._write(ballot, data)
            except RankdError as error:
                typer.echo(error.say(language), err=True)
            except typer.Exit:
                # The service refused it or did not answer; that was said.
                pass
            try:
                is_over = ask(ASKED["again"].say(language)).lower() == "q"
            except NoAnswerError:
                is_over = True
            if is_over:
                typer.echo(STATION["given_up"].say(language), err=True)
                raise LeftError

    def _write(self, ballot: Ballot, data: bytes) -> Handed:
        digest = sha256(data)
        # Named without the member: a directory listing tells nobody who was there.
        path = (self.desk.out or Path()) / f"ballot-p{ballot.proposal}-{digest.hex()[:16]}.entry.json"
        _write_whole(path, data + b"\n")
        return Handed(digest, ballot.number, self._clock_ms(), file=path)

    def _submit(self, assembly: Assembly, ballot: Ballot, data: bytes) -> Handed:
        kept, _ = self.desk.submit(data)
        constitution = assembly.constitutions[0]
        leaf, digest = decode_leaf(kept.leaf), sha256(data)
        log = NoteVerifier.of(constitution.origin, constitution.log_key)
        promise = check_kept(kept, log, leaf.commitment, self.desk.server)
        path = None
        if self.desk.receipt is not None:
            path = self.desk.receipt / f"slip-p{ballot.proposal}-{digest.hex()[:16]}.kept.json"
            if not path.exists():
                _write_whole(path, write_kept(kept))
        return Handed(digest, ballot.number, leaf.time_ms, promise=promise, receipt=path)

    def _now(self) -> Assembly:
        """Return what the members decided, now; the record is read again where its checkpoint is another.

        Raises:
            RankdError: See `Desk.sound`.
        """
        if (
            self.desk.record is not None
            and RecordFolder(self.desk.record).checkpoint() != self.desk.folder.checkpoint()
        ):
            self.desk = replace(self.desk)
        # Refuses a record that has faults.
        sound = self.desk.sound
        return sound.at(max(self._clock_ms(), sound.time_ms))

    def _clock_ms(self) -> int:
        """Return what time it is now; a visit takes longer than a command."""
        return clock_ms() if self.desk.at is None else self.desk.now_ms

    def _judging_ms(self) -> int:
        return max(self._clock_ms(), self.desk.assembly.time_ms)

    def _wait(self, question: str) -> None:
        try:
            ask(ASKED[question].say(self.desk.language))
        except NoAnswerError:
            return


def _check_delivery(desk: Desk) -> None:
    """Make sure that it is known where ballots go, before the first member comes.

    Raises:
        AssemblyError: DELIVERY_UNNAMED, DELIVERY_TWICE or STATION_FOLDER.
    """
    if desk.out is None and desk.server is None:
        raise AssemblyError("DELIVERY_UNNAMED")
    if desk.out is not None and desk.server is not None:
        raise AssemblyError("DELIVERY_TWICE")
    for folder in (desk.out, desk.receipt):
        if folder is not None and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise AssemblyError("STATION_FOLDER", path=folder)


def _write_whole(path: Path, data: bytes) -> None:
    """Write a new file, or leave none.

    Raises:
        AssemblyError: OUTPUT_EXISTS or OUTPUT_UNWRITABLE.
    """
    try:
        write_new(path, data)
    except AssemblyError as error:
        if error.reason == "OUTPUT_UNWRITABLE":
            path.unlink(missing_ok=True)
        raise
