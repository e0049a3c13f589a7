"""Orders to erase: from what a person names to what an eraser signs, checked against the published journal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rankd.core.errors import ErasureError
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.erasure import MAX_RANGES, MAX_REASON_LENGTH, Erasure, ReasonCode
from rankd.core.records.leaf import DECISION_SCHEMA
from rankd.usecases.erasing.published import PublishedEntries

_NAME = re.compile(r"(?:(?P<origin>[^ ]+)/)?(?P<first>0|[1-9][0-9]{0,15})(?:-(?P<last>0|[1-9][0-9]{0,15}))?")
_DECISION = f'"schema":"{DECISION_SCHEMA}"'.encode()


@dataclass(frozen=True, slots=True)
class Order:
    """An order that can be signed.

    Attributes:
        erasure: What is to be signed.
        live_count: Decisions in it whose bodies are there.
        erased_count: Decisions in it that are erased already.
    """

    erasure: Erasure
    live_count: int
    erased_count: int


def write_order(
    published: PublishedEntries, names: Sequence[str], reason_code: ReasonCode, reason: str, now_ms: int
) -> Order:
    """Return the order to erase the decisions that a person names.

    Args:
        published: The journal, as far as it is published.
        names: `<origin>/<index>`, `<index>` or `<first>-<last>` each.
        reason_code: What sort of reason.
        reason: The reason in words, for everybody to read.
        now_ms: The time, milliseconds since 1970.

    Raises:
        ErasureError: ERASE_NOTHING, ERASE_REASON, ERASE_NAME, ERASE_RANGES, ERASE_NO_DECISION or ALREADY_ERASED.
        JournalError: There is no journal, or it cannot be read.
        LogError: What is published is damaged.
    """
    if not names:
        raise ErasureError("ERASE_NOTHING")
    if not 0 < len(reason) <= MAX_REASON_LENGTH:
        raise ErasureError("ERASE_REASON")
    checkpoint = published.checkpoint()
    spans = [_span(name, checkpoint.origin) for name in names]
    for first, last in spans:
        if last >= checkpoint.size or not any(_count(published, first, last)):
            raise ErasureError("ERASE_NO_DECISION", index=first if last < checkpoint.size else last)
    ranges = _joined(spans)
    if len(ranges) > MAX_RANGES:
        raise ErasureError("ERASE_RANGES", found=len(ranges), most=MAX_RANGES)
    counts = [_count(published, first, last) for first, last in ranges]
    live_count, erased_count = (sum(count) for count in zip(*counts, strict=True))
    if live_count == 0:
        raise ErasureError("ALREADY_ERASED", first=ranges[0][0], last=ranges[-1][1])
    erasure = Erasure(checkpoint.origin, ranges, (), reason_code, reason, now_ms)
    return Order(erasure, live_count, erased_count)


def check_eraser(published: PublishedEntries, public: bytes) -> tuple[bytes, ...]:
    """Return the keys that may erase now, and make sure that `public` is one of them.

    Raises:
        ErasureError: ERASER_NOT_NAMED.
        JournalError: There is no journal, or it cannot be read.
    """
    epoch = published.newest_epoch()
    if epoch is None or public not in epoch.erasers:
        raise ErasureError("ERASER_NOT_NAMED", public=public.hex())
    return epoch.erasers


def _span(name: str, origin: str) -> tuple[int, int]:
    match = _NAME.fullmatch(name)
    if match is None or match["origin"] not in (None, origin):
        raise ErasureError("ERASE_NAME", found=name, origin=origin)
    first = int(match["first"])
    last = first if match["last"] is None else int(match["last"])
    if last < first:
        raise ErasureError("ERASE_NAME", found=name, origin=origin)
    return first, last


def _joined(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the spans in order, with those that touch made one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _count(published: PublishedEntries, first: int, last: int) -> tuple[int, int]:
    """Return how many decisions of a run have their bodies, and how many are erased."""
    live_count = erased_count = 0
    erased: frozenset[int] = frozenset()
    for index, entry in published.entries(first, last + 1):
        if index % TILE_WIDTH == 0 or index == first:
            erased = published.files.erased(index, min(index - index % TILE_WIDTH + TILE_WIDTH, last + 1))
        if _DECISION in entry:
            erased_count += index in erased
            live_count += index not in erased
    return live_count, erased_count
