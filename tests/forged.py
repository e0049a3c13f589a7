"""Journals of decisions and events written anew, in good order and under the same key, by an operator who lies."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree

from rankd.core.exact.canonical import sha256
from rankd.core.log.envelope import parse_envelope
from rankd.core.log.note import NoteSigner
from rankd.core.records.body import open_body
from rankd.core.records.commitment import commitment
from rankd.core.records.decision import Decision, encode_decision
from rankd.core.records.erasure import Erasure, ReasonCode, open_erasure, sign_erasure
from rankd.core.records.events import EventsRecord, decode_events, encode_events
from rankd.core.records.events_leaf import EventsLeaf, encode_events_leaf
from rankd.core.records.leaf import DecisionLeaf, ErasureLeaf, decode_leaf, encode_leaf, leaf_of_decision
from rankd.core.records.reading import decode_decision
from rankd.edge.cli.audit.evidence import events_in as events_evidence
from rankd.store.evidence import DECISIONS, EVENTS, JournalEvidence
from rankd.store.journal.journal import Body, Journal
from rankd.usecases.audit.decided import Decided
from rankd.usecases.audit.events import EventsReport, judge_events
from rankd.usecases.audit.leaves import entries_of, said_checkpoint, tree_of
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import VerifyReport, verify
from tests.conftest import ERASER_KEY, HOUSE_TIME_MS, LOG_SIGNER
from tests.evidence import TRUST

Entry = EventsRecord | ErasureLeaf
"""What may stand in a journal of events."""


def entries(data: Path, name: str) -> Iterator[tuple[bytes, tuple[bytes, bytes] | None]]:
    """Yield leaf and, where there is one, key and record of every entry of a journal."""
    evidence = JournalEvidence(data, name)
    tree = tree_of(evidence, said_checkpoint(evidence))
    for number in evidence.numbers:
        bodies = evidence.bodies(number)
        for index, leaf in enumerate(entries_of(evidence, tree, number), number * 256):
            body = bodies.get(index)
            yield leaf, None if body is None else (body[0], open_body(*body))


def events_in(data: Path) -> list[EventsRecord]:
    """Return the records of events of a data directory."""
    return [decode_events(body[1]) for _, body in entries(data, EVENTS) if body is not None]


def decisions_in(data: Path) -> dict[int, Decision]:
    """Return the decisions of a data directory by their leaves."""
    found = enumerate(entries(data, DECISIONS))
    return {index: decode_decision(body[1]) for index, (_, body) in found if body is not None}


def forge(
    data: Path,
    out: Path,
    decision: Callable[[int, Decision], Decision] = lambda _, decision: decision,
    events: Callable[[list[EventsRecord]], Iterable[Entry]] = lambda records: records,
    *,
    signer: NoteSigner = LOG_SIGNER,
    leaf: Callable[[EventsLeaf], EventsLeaf] = lambda leaf: leaf,
) -> Path:
    """Write the journals of a data directory anew, every commitment and signature in order.

    Args:
        data: The honest one.
        out: Where to write.
        decision: What becomes of each decision.
        events: What becomes of the records of events.
        signer: The log key.
        leaf: What becomes of each leaf of events.
    """
    copytree(data / "archive", out / "archive")
    with closing(Journal.open(out / DECISIONS, signer, out.with_name(f"{out.name}.mark"), watch=False)) as journal:
        for index, (data_, body) in enumerate(entries(data, DECISIONS)):
            old = decode_leaf(data_)
            if body is None or not isinstance(old, DecisionLeaf):
                journal.append(data_)
                continue
            made = decision(index, decode_decision(body[1]))
            record = encode_decision(made)
            new = leaf_of_decision(made, commitment(body[0], record), old.activation)
            journal.append(encode_leaf(new), Body(body[0], record))
    write_events(out, events(events_in(data)), signer=signer, leaf=leaf)
    return out


def write_events(
    out: Path,
    written: Iterable[Entry],
    *,
    signer: NoteSigner = LOG_SIGNER,
    leaf: Callable[[EventsLeaf], EventsLeaf] = lambda leaf: leaf,
    done: bool = True,
    mark: Path | None = None,
) -> None:
    """Append to the journal of events of a data directory; an erasure is carried out where it is to be `done`."""
    named = NoteSigner(f"{signer.name}/{EVENTS}", signer.private_key)
    of_decisions = mark or out.with_name(f"{out.name}.mark")
    own = of_decisions.with_name(f"{of_decisions.name}.{EVENTS}")
    with closing(Journal.open(out / EVENTS, named, own, watch=False)) as journal:
        for entry in written:
            if isinstance(entry, ErasureLeaf):
                journal.append(encode_leaf(entry), erases=_spans(entry) if done else ())
                continue
            record = encode_events(entry)
            key = sha256(b"key" + record + b"%d" % journal.count)
            made = leaf(EventsLeaf(entry.time_ms, commitment(key, record)))
            journal.append(encode_events_leaf(made), Body(key, record))


def erasure(
    *spans: tuple[int, int],
    time_ms: int = HOUSE_TIME_MS,
    origin: str = "dev.test/events",
    code: ReasonCode = "REQUEST",
) -> ErasureLeaf:
    """Return an erasure of entries of events, signed by the eraser that tests announce."""
    order = Erasure(origin, spans, (), code, "asked for", time_ms)
    return ErasureLeaf(time_ms, sign_erasure(order, ERASER_KEY))


def judged(data: Path, trust: Trust = TRUST, **options: object) -> EventsReport:
    """Verify the decisions of a data directory, and judge events and features."""
    return both(data, trust, **options)[1]


def both(data: Path, trust: Trust = TRUST, **options: object) -> tuple[VerifyReport, EventsReport]:
    """Return what is found of the decisions, and of events and features."""
    decisions, decided = JournalEvidence(data, DECISIONS), Decided()
    report = verify(decisions, trust, now_s=0, observe=decided)
    events = events_evidence(data)
    count = decisions.size + decisions.unpublished_count
    given = {"now_s": 0, "decision_count": lambda: count} | options
    return report, judge_events(decisions, decided, events, trust, **given)  # type: ignore[arg-type]


def reasons(report: EventsReport) -> list[str]:
    """Return the reason of every fault, after making sure that there are words for it."""
    faults = (*report.faults, *report.features.faults)
    assert all(fault.error.say("fr") != fault.error.say("en") for fault in faults)
    return [fault.error.reason for fault in faults]


def _spans(leaf: ErasureLeaf) -> tuple[tuple[int, int], ...]:
    envelope = parse_envelope(leaf.envelope)
    signer = envelope.signatures[0][0]
    return open_erasure(leaf.envelope, {signer: bytes.fromhex(signer)})[0].decisions
