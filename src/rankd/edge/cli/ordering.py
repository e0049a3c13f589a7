"""Orders to erase on their way: handed to the running service, or obeyed here where nobody holds the journals."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rankd.core.errors import KeyFileError, ServiceError
from rankd.core.log.note import NoteSigner
from rankd.core.records.forgetting import is_forgetting
from rankd.core.words.language import Language
from rankd.edge.cli.passphrase import known_passphrase
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.evidence import DECISIONS
from rankd.store.features.leftovers import remove_snapshots
from rankd.store.journal.journal import Journal
from rankd.store.key_file import LOG_PASSPHRASE, KeyFile, KeyKind, read_key
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.erasing.erase import apply_inbox
from rankd.usecases.privacy.finding import has_events
from rankd.usecases.serve.feedback.event_log import EventLog

PATIENCE_S = 5.0
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Given:
    """An order that was given.

    Attributes:
        digest: SHA-256 of the envelope, in hexadecimal.
        state: "obeyed", "refused" or "waiting".
        entry: The entry that holds it, where it was obeyed here.
    """

    digest: str
    state: str
    entry: int | None


def clock_ms() -> int:
    """Return the machine's clock, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def key_of(path: Path, kind: KeyKind) -> KeyFile:
    """Return a key of a kind, not unlocked.

    Raises:
        KeyFileError: KEY_KIND_DIFFERS, or it cannot be read.
    """
    key = read_key(path)
    if key.kind != kind:
        raise KeyFileError("KEY_KIND_DIFFERS", file=path, found=key.kind, wanted=kind)
    return key


def log_of(data: Path, path: Path | None, mark: Path | None, language: Language) -> tuple[NoteSigner, Path] | None:
    """Return the log key and its mark; None where none is named and the data directory has none of its own.

    Raises:
        KeyFileError: It cannot be read or unlocked.
    """
    own = data / "keys" / "log.key"
    if path is None and not own.exists():
        return None
    key = key_of(path or own, "log")
    private = key.unlock(known_passphrase(key, None, LOG_PASSPHRASE, os.environ, language))
    return NoteSigner(key.name, private), mark or key.path.with_name(f"{key.path.name}.mark")


def given(
    data: Path,
    inbox: ErasureInbox,
    digests: Sequence[str],
    log: tuple[NoteSigner, Path] | None,
    erasers: Sequence[bytes],
    now_ms: int,
    *,
    always: bool = False,
) -> list[Given]:
    """Return what became of orders in the inbox, after obeying them here where that can be done.

    Args:
        data: The data directory.
        inbox: Its inbox.
        digests: The orders.
        log: The log key and its mark; None: only a running service obeys.
        erasers: Public keys that may sign.
        now_ms: The time, milliseconds since 1970.
        always: Open the journals also where there is no order: that publishes what a crash left unpublished.

    Raises:
        RankdError: The journals must not be signed for, the disk refuses, or one of the orders is refused here.
    """
    entries = _obey(data, inbox, digests, log, erasers, now_ms) if log is not None and (always or digests) else {}
    return [Given(digest, _state(inbox, digest, entries), entries.get(digest)) for digest in digests]


def _obey(
    data: Path,
    inbox: ErasureInbox,
    digests: Sequence[str],
    log: tuple[NoteSigner, Path],
    erasers: Sequence[bytes],
    now_ms: int,
) -> dict[str, int]:
    """Obey what waits, unless a service holds the journals; return the entry of each order obeyed."""
    with ExitStack() as opened:
        try:
            journal = Journal.open(data / DECISIONS, *log, watch=False)
        except ServiceError as error:
            if error.reason == "RECORDS_LOCKED":
                return {}
            raise
        opened.callback(journal.close)
        events = None
        if has_events(data):
            events = EventLog.open(data, *log, watch=False)
            opened.callback(events.close)
        # Keys of periods are only destroyed here, so how long a period lasts does not matter.
        viewers = PseudonymBook.open(data, period_ms=1)
        outcomes = apply_inbox(
            inbox,
            journal,
            viewers,
            {key.hex(): key for key in erasers},
            now_ms,
            events=None if events is None else events.journal,
        )
        obeyed = [outcome.erasure for outcome in outcomes if outcome.erasure is not None]
        if any(erasure.origin != journal.origin and is_forgetting(erasure) for erasure in obeyed):
            # The next start counts again, and removes these where a crash keeps them here.
            _remove_snapshots(data)
    for outcome in outcomes:
        if outcome.error is not None and outcome.digest in digests:
            raise outcome.error
    return {outcome.digest: outcome.index for outcome in outcomes if outcome.index is not None}


def _remove_snapshots(data: Path) -> None:
    folder = data / "features"
    try:
        remove_snapshots(folder, ())
    except OSError as error:
        raise ServiceError("REBUILD_UNUSABLE", path=folder, detail=error.strerror) from error


def _state(inbox: ErasureInbox, digest: str, entries: Mapping[str, int]) -> str:
    """Return what became of an order; a running service has a few seconds to obey it."""
    until = time.monotonic() + PATIENCE_S
    while digest not in entries and (state := inbox.state(digest)) != "gone":
        if state == "refused" or time.monotonic() > until:
            return state
        time.sleep(LOOK_S)
    return "obeyed"
