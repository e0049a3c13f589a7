"""Erase: obey signed orders to destroy keys of bodies and pseudonyms, each once, and order what is past its time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import JournalError, LogError, RankdError, RecordError
from rankd.core.records.erasure import MAX_PERIODS, Erasure, check_scope, open_erasure, sign_erasure
from rankd.core.records.forgetting import read_erasure
from rankd.core.records.leaf import ERASURE_SCHEMA, ErasureLeaf, decode_leaf, encode_leaf
from rankd.core.words.erase import EXPIRED
from rankd.store.erasure_inbox import ErasureInbox, Waiting
from rankd.store.journal.journal import Journal
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.erasing.event_expiry import EventExpiry
from rankd.usecases.erasing.expiry import Expiry

_ERASURE = f'"schema":"{ERASURE_SCHEMA}"'.encode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order in the inbox.

    Attributes:
        digest: SHA-256 of the envelope, in hexadecimal.
        index: The entry that holds it; None where it was refused.
        error: Why it was refused.
        erasure: What it erased; None where it was refused.
    """

    digest: str
    index: int | None
    error: RankdError | None
    erasure: Erasure | None = None


def apply_erasure(
    journal: Journal, viewers: PseudonymBook, envelope: Mapping[str, Any], erasers: Mapping[str, bytes], now_ms: int
) -> int:
    """Obey an order: commit its entry, from which on nobody reads the bodies, and destroy the keys of its periods.

    A crash before the commit leaves everything as it was, one after it an entry whose periods are not destroyed yet:
    `apply_inbox` does that part again.

    Args:
        journal: The journal that it is about.
        viewers: The keys of pseudonyms.
        envelope: The DSSE envelope's JSON object.
        erasers: Public keys that may sign, by their hexadecimal form: those that the epoch in use announced.
        now_ms: The time, milliseconds since 1970.

    Returns:
        The index of the entry.

    Raises:
        LogError: The envelope is malformed, or no key that may erase signed it.
        RecordError: It is about another journal or about entries to come, is malformed, or is too large for an entry.
        ServiceError: The disk refuses.
    """
    erasure = _checked(journal, envelope, erasers)
    index = _commit(journal, envelope, erasure, now_ms)
    _destroy(viewers, erasure)
    return index


def apply_inbox(
    inbox: ErasureInbox,
    journal: Journal,
    viewers: PseudonymBook,
    erasers: Mapping[str, bytes],
    now_ms: int,
    *,
    events: Journal | None = None,
) -> list[Outcome]:
    """Obey what waits in the inbox, the oldest first, and refuse what cannot be obeyed.

    However often it is interrupted, each order ends up once in the journal that it is about.

    Args:
        inbox: The inbox.
        journal: The journal of decisions, held by this process.
        viewers: The keys of pseudonyms.
        erasers: As `apply_erasure` takes them.
        now_ms: The time, milliseconds since 1970.
        events: The journal of events, held as well; None: orders about it are refused like those about any other.

    Raises:
        ServiceError: The disk refuses; what was not obeyed waits on.
        JournalError: A journal cannot be read.
    """
    by_origin = {held.origin: held for held in (journal, events) if held is not None}
    return [_obey(inbox, order, journal, by_origin, viewers, erasers, now_ms) for order in inbox.waiting()]


def erase_expired(
    journal: Journal, viewers: PseudonymBook, expiry: Expiry, private_key: Ed25519PrivateKey, now_ms: int
) -> int:
    """Erase the bodies that are past their time, then the keys of the pseudonyms that only such bodies knew.

    A crash leaves what was committed; the next call finds the rest.

    Args:
        journal: The journal, held by this process.
        viewers: The keys of pseudonyms.
        expiry: What finds them.
        private_key: The eraser's key, which the epoch in use announced.
        now_ms: The time, milliseconds since 1970.

    Returns:
        How many entries it took.

    Raises:
        RankdError: The journal cannot be read or written, or cannot be published first.
    """
    # What the journal was told to erase must be gone from its files, where it is looked for.
    journal.publish()
    public = private_key.public_key().public_bytes_raw()
    erasers, count = {public.hex(): public}, 0
    for envelope in expired_orders(journal.origin, expiry, private_key, now_ms):
        apply_erasure(journal, viewers, envelope, erasers, now_ms)
        count += 1
    live_from_ms = expiry.live_from_ms
    ended = () if live_from_ms is None else viewers.ended_before(live_from_ms)
    for at in range(0, len(ended), MAX_PERIODS):
        order = _expired(journal.origin, (), ended[at : at + MAX_PERIODS], now_ms)
        apply_erasure(journal, viewers, sign_erasure(order, private_key), erasers, now_ms)
        count += 1
    return count


def erase_old_events(
    journal: Journal, viewers: PseudonymBook, expiry: EventExpiry, private_key: Ed25519PrivateKey, now_ms: int
) -> int:
    """Erase the bodies of events that are past their time; what is counted of them stays counted.

    A crash leaves what was committed; the next call finds the rest.

    Args:
        journal: The journal of events, held by this process.
        viewers: The keys of pseudonyms, which this leaves alone.
        expiry: What finds them.
        private_key: The eraser's key.
        now_ms: The time, milliseconds since 1970.

    Returns:
        How many entries it took.

    Raises:
        RankdError: The journal cannot be read or written, or cannot be published first.
    """
    # What the journal was told to erase must be gone from its files, where it is looked for.
    journal.publish()
    public = private_key.public_key().public_bytes_raw()
    count = 0
    for envelope in old_event_orders(journal.origin, expiry, private_key, now_ms):
        apply_erasure(journal, viewers, envelope, {public.hex(): public}, now_ms)
        count += 1
    return count


def old_event_orders(
    origin: str, expiry: EventExpiry, private_key: Ed25519PrivateKey, now_ms: int
) -> Iterator[dict[str, Any]]:
    """Yield signed orders to erase the bodies of events that are past their time."""
    for ranges in expiry.due(now_ms):
        yield sign_erasure(_expired(origin, ranges, (), now_ms), private_key)


def expired_orders(
    origin: str, expiry: Expiry, private_key: Ed25519PrivateKey, now_ms: int, *, keep: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield signed orders to erase the bodies that are past their time; see `Expiry.due`."""
    for ranges in expiry.due(now_ms, keep=keep):
        yield sign_erasure(_expired(origin, ranges, (), now_ms), private_key)


def _expired(origin: str, decisions: tuple[tuple[int, int], ...], periods: tuple[int, ...], now_ms: int) -> Erasure:
    return Erasure(origin, decisions, periods, "RETENTION", EXPIRED, now_ms)


def _obey(
    inbox: ErasureInbox,
    order: Waiting,
    journal: Journal,
    by_origin: Mapping[str, Journal],
    viewers: PseudonymBook,
    erasers: Mapping[str, bytes],
    now_ms: int,
) -> Outcome:
    envelope = {} if order.envelope is None else order.envelope
    try:
        erasure = read_erasure(envelope)
    except (LogError, RecordError) as error:
        inbox.refuse(order)
        return Outcome(order.digest, None, error)
    journal = by_origin.get(erasure.origin, journal)
    # Where it was obeyed before a crash, who may erase now does not matter any more.
    index = None if order.since is None else _find(journal, envelope, order.since)
    if index is None:
        try:
            _checked(journal, envelope, erasers)
            order = inbox.begin(order, journal.count)
            index = _commit(journal, envelope, erasure, now_ms)
        except (LogError, RecordError, JournalError) as error:
            inbox.refuse(order)
            return Outcome(order.digest, None, error)
    _destroy(viewers, erasure)
    inbox.finish(order)
    return Outcome(order.digest, index, None, erasure)


def _checked(journal: Journal, envelope: Mapping[str, Any], erasers: Mapping[str, bytes]) -> Erasure:
    erasure, _ = open_erasure(envelope, erasers)
    check_scope(erasure, journal.origin, journal.count)
    return erasure


def _commit(journal: Journal, envelope: Mapping[str, Any], erasure: Erasure, now_ms: int) -> int:
    return journal.append(encode_leaf(ErasureLeaf(now_ms, envelope)), erases=erasure.decisions).index


def _find(journal: Journal, envelope: Mapping[str, Any], since: int) -> int | None:
    """Return the entry from `since` on that holds an order; None where the journal did not come to commit it."""
    for index in range(since, journal.count):
        entry = journal.leaf(index)
        if _ERASURE in entry:
            leaf = decode_leaf(entry)
            if isinstance(leaf, ErasureLeaf) and leaf.envelope == envelope:
                return index
    return None


def _destroy(viewers: PseudonymBook, erasure: Erasure) -> None:
    for number in erasure.pseudonym_periods:
        viewers.destroy(number)
