"""What `rankd verify` and `rankd replay` have in common: what is judged, by whose keys, and against what."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rankd.core.errors import BundleError, RankdError
from rankd.core.log.note import MAX_NOTE_BYTES, NoteVerifier, parse_vkey
from rankd.core.words.language import Language, Phrase
from rankd.core.words.quantity import count_words, plural
from rankd.edge.cli.language import said
from rankd.store.bundle_file import BundleFile
from rankd.store.bundle_layout import ABOUT
from rankd.store.evidence import DECISIONS, EVENTS, Evidence, JournalEvidence
from rankd.store.witness_policy import read_witness_policy
from rankd.usecases.audit.promises import Brought
from rankd.usecases.audit.trust import Trust, read_erasers, read_verifier
from rankd.usecases.audit.witnessed import vouched_for

_PUBLICATION_S = 1.0
"""A service publishes what is committed well within this time."""

PathArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        help=said(
            "Un paquet de rankd bundle, ou le dossier de données d’un service.",
            "A bundle of rankd bundle, or a service’s data directory.",
        ),
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        help=said(
            "La clé du journal (nom+identifiant+clé), ou le fichier qui la contient; obligatoire pour un paquet.",
            "The journal’s key (name+id+key), or the file that holds it; required for a bundle.",
        ),
    ),
]
WitnessOption = Annotated[
    list[str] | None,
    typer.Option("--witness", help=said("La clé d’un témoin, ou son fichier.", "A witness’s key, or its file.")),
]
QuorumOption = Annotated[
    int | None,
    typer.Option(
        "--quorum",
        min=0,
        help=said(
            "Combien de ces témoins doivent avoir cosigné; sans cela, tous.",
            "How many of these witnesses must have cosigned; without it, all.",
        ),
    ),
]
WitnessesOption = Annotated[
    Path | None,
    typer.Option(
        "--witnesses",
        exists=True,
        dir_okay=False,
        help=said(
            "Le fichier des témoins : leurs clés, et combien doivent avoir cosigné.",
            "The file of witnesses: their keys, and how many must have cosigned.",
        ),
    ),
]
EraserOption = Annotated[
    list[str] | None,
    typer.Option(
        "--eraser",
        help=said(
            "Une clé publique (hexadécimale) qui peut effacer, en plus de celles que le journal nomme.",
            "A public key (hexadecimal) that may erase, beside those that the journal names.",
        ),
    ),
]
ReceiptOption = Annotated[
    list[Path] | None,
    typer.Option("--receipt", help=said("Le reçu d’une réponse.", "The receipt of an answer.")),
]
CheckpointOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--checkpoint",
        help=said(
            "Un point de contrôle vu plus tôt, ou par quelqu’un d’autre.",
            "A checkpoint that was seen earlier, or by somebody else.",
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a verdict rests on.

    Attributes:
        evidence: What is judged.
        trust: Keys.
        receipts: Receipts to judge.
        checkpoints: Checkpoints to compare.
        now_s: The time, POSIX seconds.
        again: Reads the evidence anew, where it may have changed.
    """

    evidence: Evidence
    trust: Trust
    receipts: tuple[Brought, ...]
    checkpoints: tuple[Brought, ...]
    now_s: int
    again: Callable[[], Evidence] | None


@contextmanager
def opened(
    path: Path,
    key: str | None,
    witnesses: Sequence[str] | None,
    quorum: int | None,
    erasers: Sequence[str] | None,
    receipts: Sequence[Path] | None,
    checkpoints: Sequence[Path] | None,
    policy: Path | None = None,
) -> Iterator[Case]:
    """Yield what the command line names.

    Of a data directory it is the newest state, or else the newest one that the witnesses vouch for.

    Raises:
        BundleError: KEY_REQUIRED, KEY_UNREADABLE, WITNESSES_TWICE, QUORUM_IMPOSSIBLE, EVIDENCE_UNREADABLE,
            BUNDLE_UNPACKED, or what `BundleFile` refuses.
        JournalError: There is no journal at `path`.
        LogError: A key is malformed.
        WitnessError: The file of witnesses is refused.
    """
    log = None if key is None else read_verifier(key)
    keys, wanted = named_witnesses(witnesses, quorum, policy)
    named = read_erasers(erasers or ())
    promised = (tuple(map(brought, receipts or ())), tuple(map(brought, checkpoints or ())))
    now_s = int(time.time())
    if path.is_dir():
        if not (path / DECISIONS).exists() and (path / ABOUT).exists():
            raise BundleError("BUNDLE_UNPACKED", path=path)
        journal = JournalEvidence(path, DECISIONS)
        trust = Trust(log or parse_vkey(journal.vkey()), keys, wanted, named, is_borrowed=log is None)
        yield Case(vouched_for(journal, trust, now_s), trust, *promised, now_s, partial(_after_publication, path))
        return
    if log is None:
        raise BundleError("KEY_REQUIRED", path=path)
    with BundleFile(path) as bundle:
        yield Case(bundle, Trust(log, keys, wanted, named), *promised, now_s, None)


@contextmanager
def progress(words: Phrase, language: Language) -> Iterator[Callable[[int], None] | None]:
    """Yield what shows a count on stderr, where somebody looks at it.

    Args:
        words: Names `count`, and `s` for its plural.
        language: In which language.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("") as status:
        yield lambda count: status.update(
            words.say(language, count=count_words(count, language), s=plural(count, language))
        )


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def named_witnesses(
    texts: Sequence[str] | None, quorum: int | None, policy: Path | None
) -> tuple[tuple[NoteVerifier, ...], int]:
    """Return the keys of the witnesses, and how many of them must have cosigned.

    Args:
        texts: Their keys, or files that hold them.
        quorum: How many; None: all.
        policy: A file that says both instead.

    Raises:
        BundleError: WITNESSES_TWICE, QUORUM_IMPOSSIBLE or KEY_UNREADABLE.
        LogError: A key is malformed.
        WitnessError: The file is refused.
    """
    if policy is None:
        keys = tuple(read_verifier(text) for text in texts or ())
        if quorum is not None and quorum > len(keys):
            raise BundleError("QUORUM_IMPOSSIBLE", quorum=quorum, count=len(keys))
        return keys, len(keys) if quorum is None else quorum
    if texts or quorum is not None:
        raise BundleError("WITNESSES_TWICE", file=policy)
    named = read_witness_policy(policy)
    return named.verifiers, named.quorum


def _after_publication(path: Path) -> JournalEvidence:
    time.sleep(_PUBLICATION_S)
    return JournalEvidence(path, DECISIONS)


def events_in(path: Path) -> JournalEvidence | RankdError | None:
    """Return the journal of events of a data directory; None: there is none; an error: it cannot be read."""
    if not (path / EVENTS).exists():
        return None
    try:
        return JournalEvidence(path, EVENTS)
    except RankdError as error:
        return error


def events_after_publication(path: Path) -> JournalEvidence | RankdError | None:
    """Return the same once everything is published that was committed by now."""
    time.sleep(_PUBLICATION_S)
    return events_in(path)


def brought(path: Path) -> Brought:
    """Return the signed note in a file.

    Raises:
        BundleError: EVIDENCE_UNREADABLE.
    """
    try:
        with path.open("rb") as file:
            return Brought(str(path), file.read(MAX_NOTE_BYTES + 1))
    except OSError as error:
        raise BundleError("EVIDENCE_UNREADABLE", path=path, detail=error.strerror) from error
