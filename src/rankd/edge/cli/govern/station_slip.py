"""The slip that a member takes home from a voting station: where her ballot is, and not what it says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rankd.core.records.receipt import Receipt
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.core.words.station import SLIP
from rankd.usecases.govern.ballot_paper import Paper
from rankd.usecases.govern.slip import LEAST_DIGITS


@dataclass(frozen=True, slots=True)
class Handed:
    """A ballot that was handed over.

    Attributes:
        digest: SHA-256 of the entry.
        number: Its number.
        time_ms: When it was signed; when it was entered, where a service took it.
        file: The file that it is in; None: a service took it.
        promise: What the service promised, verified; None: no service took it.
        receipt: The file with the signed receipt, where it was kept.
    """

    digest: bytes
    number: int
    time_ms: int
    file: Path | None = None
    promise: Receipt | None = None
    receipt: Path | None = None


def slip_lines(handed: Handed, paper: Paper, language: Language) -> Iterator[str]:
    """Yield a slip."""
    digits = in_fours(handed.digest.hex())
    yield ""
    yield SLIP["title"].say(language)
    origin = paper.vote.constitution.origin
    lines = [
        SLIP["about"].say(language, name=paper.name, origin=origin),
        SLIP["time"].say(language, time=moment_words(handed.time_ms, language)),
        SLIP["digest"].say(language, digest=digits),
    ]
    if handed.promise is not None:
        until = moment_words(handed.promise.until_s * 1_000, language)
        lines.append(SLIP["index"].say(language, index=handed.promise.index, leaf=handed.promise.leaf_hash.hex()))
        lines.append(SLIP["until"].say(language, until=until))
    if handed.receipt is not None:
        lines.append(SLIP["receipt"].say(language, file=handed.receipt.name))
    if handed.file is not None:
        lines.append(SLIP["file"].say(language, file=handed.file.name))
    lines.append(SLIP["number"].say(language, number=handed.number))
    lines.append(SLIP["check"].say(language, name=paper.name, digest=handed.digest.hex()[:LEAST_DIGITS]))
    lines.append(SLIP["later"].say(language, name=paper.name, next=handed.number + 1))
    yield from (f"  {line}" for line in lines)
    yield ""


def in_fours(digits: str) -> str:
    """Return digits in groups of four, which people copy with fewer mistakes."""
    return " ".join(digits[begin : begin + 4] for begin in range(0, len(digits), 4))
