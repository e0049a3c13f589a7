"""A home: the folder in which one co-op's minutes are kept, as a start reads it."""

import logging
from pathlib import Path

from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.entries import Founding
from rankd.core.assembly.fold import Entry
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.signing import open_entry
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import parse_canonical, sha256
from rankd.core.log.envelope import parse_envelope
from rankd.core.log.note import NoteSigner
from rankd.store.evidence import JournalEvidence
from rankd.store.journal.journal import Journal
from rankd.store.record_folder import MINUTES
from rankd.usecases.govern.reading import Minutes, read_minutes

_AT_ANY_TIME_S = 1 << 43
_LOG = logging.getLogger(__name__)


def read_own(home: Path, journal: Journal, signer: NoteSigner) -> tuple[Minutes, dict[int, MinutesLeaf]]:
    """Read the minutes that this process keeps, and note their ballots.

    Raises:
        AssemblyError: MINUTES_LOG_KEY or MINUTES_UNSOUND.
    """
    ballots: dict[int, MinutesLeaf] = {}

    def note(entry: Entry) -> None:
        if entry.leaf.kind == "ballot":
            if entry.envelope is None:
                raise AssemblyError("MINUTES_BODY_MISSING", index=entry.index)
            ballots[entry.index] = entry.leaf

    try:
        founding, genesis = founding_of(journal.record(0))
        check_signer(founding, signer)
        # Every signature was checked before its entry was committed, and leaves and bodies are checked now.
        minutes = read_minutes(
            JournalEvidence(home, MINUTES), genesis, now_s=_AT_ANY_TIME_S, trusted=True, observe=note
        )
        if minutes.faults:
            raise minutes.faults[0].error
    except RankdError as error:
        if error.reason == "MINUTES_LOG_KEY":
            raise
        raise AssemblyError("MINUTES_UNSOUND", path=home / MINUTES, detail=error.reason) from error
    for void in minutes.assembly.voids:
        _LOG.warning("entry %d of the minutes of %s is void: %s", void.index, journal.origin, void.error.reason)
    return minutes, ballots


def founding_of(envelope: bytes) -> tuple[Founding, bytes]:
    """Return a founding and its genesis digest.

    Raises:
        AssemblyError: It is none, or its signature does not hold.
    """
    founding = open_entry(envelope).payload
    if not isinstance(founding, Founding):
        raise AssemblyError("FOUNDING_ABSENT")
    return founding, sha256(parse_envelope(parse_canonical(envelope)).payload)


def check_signer(founding: Founding, signer: NoteSigner) -> None:
    """Make sure that a signer is the log key that a founding names, under its origin.

    Raises:
        AssemblyError: MINUTES_LOG_KEY.
    """
    constitution = read_constitution(founding.text.encode("utf-8"), "constitution")
    verifier = signer.verifier
    if (constitution.origin, constitution.log_key) != (verifier.name, verifier.public_key):
        wanted, found = constitution.log_key.hex(), verifier.public_key.hex()
        raise AssemblyError(
            "MINUTES_LOG_KEY", origin=constitution.origin, wanted=wanted, name=verifier.name, found=found
        )
