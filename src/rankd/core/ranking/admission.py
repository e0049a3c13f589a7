"""Admission: what a request must be before it is ranked; a refusal names the field."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rankd.core.errors import RequestError
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.policy import Slider
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, RankingRequest

MAX_ID_BYTES = 256
MAX_LABEL_BYTES = 64
MAX_GROUPS = 32
MAX_SERVED_AUTHORS = 10_000
MAX_SERVED_COUNT = 1_000_000
MAX_TIME_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a request may be.

    Attributes:
        max_candidate_count: Most candidates.
        max_limit: Longest slate.
        max_clock_skew_ms: Largest difference between the request's clock and the server's; 0: any.
    """

    max_candidate_count: int = 5_000
    max_limit: int = 500
    max_clock_skew_ms: int = 300_000


def admit(request: RankingRequest, bounds: Bounds, now_ms: int) -> None:
    """Check everything about a request that does not depend on the policy or the model.

    Args:
        request: The request.
        bounds: How large it may be.
        now_ms: The server's clock.

    Raises:
        RequestError: The first thing that is wrong, with its field.
    """
    check_id(request.request_id, "request_id")
    check_id(request.viewer_id, "viewer_id")
    count = len(request.candidates)
    if count == 0:
        raise RequestError("CANDIDATES_EMPTY", field="candidates")
    if count > bounds.max_candidate_count:
        raise RequestError("CANDIDATES_TOO_MANY", field="candidates", found=count, most=bounds.max_candidate_count)
    if not 1 <= request.limit <= bounds.max_limit:
        raise RequestError("LIMIT_OUT_OF_RANGE", field="limit", found=request.limit, most=bounds.max_limit)
    _check_clock(request.request_time_ms, bounds.max_clock_skew_ms, now_ms)
    _check_candidates(request.candidates)
    _check_served(request.served_author_counts)


def check_sliders(sliders: Sequence[tuple[str, int]], offered: Sequence[Slider]) -> None:
    """Check a viewer's sliders against what the policy offers.

    Raises:
        RequestError: An objective is unknown, repeated or not offered, or a percentage is out of its range.
    """
    ranges = {slider.objective: slider for slider in offered}
    seen: set[str] = set()
    for objective, percent in sliders:
        field = f"sliders[{objective}]"
        if objective not in OBJECTIVES:
            raise RequestError("SLIDER_UNKNOWN", field=field, known=", ".join(OBJECTIVES))
        if objective in seen:
            raise RequestError("SLIDER_DUPLICATE", field=field)
        seen.add(objective)
        if objective not in ranges:
            raise RequestError("SLIDER_NOT_OFFERED", field=field, offered=", ".join(ranges) or "–")
        slider = ranges[objective]
        if not slider.min_percent <= percent <= slider.max_percent:
            raise RequestError(
                "SLIDER_OUT_OF_RANGE",
                field=field,
                found=percent,
                least=slider.min_percent,
                most=slider.max_percent,
            )


def check_id(value: str, field: str, max_bytes: int = MAX_ID_BYTES) -> None:
    """Check one identifier: 1 to `max_bytes` bytes of UTF-8, NFC, no control characters.

    Raises:
        RequestError: It is not so.
    """
    if not value:
        raise RequestError("ID_EMPTY", field=field)
    if len(value.encode("utf-8", "surrogatepass")) > max_bytes:
        raise RequestError("ID_TOO_LONG", field=field, most=max_bytes)
    if value.isascii() and value.isprintable():
        return
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        raise RequestError("ID_CONTROL", field=field)
    if not unicodedata.is_normalized("NFC", value):
        raise RequestError("ID_NOT_NFC", field=field)


def _check_ids(values: Sequence[str], field: str, max_bytes: int = MAX_ID_BYTES) -> None:
    joined = "".join(values)
    if joined.isascii() and joined.isprintable() and all(values) and max(map(len, values)) <= max_bytes:
        return
    for at, value in enumerate(values):
        check_id(value, field.format(at), max_bytes)


def _check_clock(request_time_ms: int, max_skew_ms: int, now_ms: int) -> None:
    if not 0 <= request_time_ms <= MAX_TIME_MS:
        raise RequestError("TIME_OUT_OF_RANGE", field="request_time", found=request_time_ms)
    skew = request_time_ms - now_ms
    if max_skew_ms and abs(skew) > max_skew_ms:
        raise RequestError("CLOCK_SKEW", field="request_time", found=skew // 1000, most=max_skew_ms // 1000)


def _check_candidates(candidates: Candidates) -> None:
    _check_ids(candidates.ids, "candidates[{}].id")
    if len(set(candidates.ids)) != len(candidates.ids):
        first: dict[str, int] = {}
        for at, value in enumerate(candidates.ids):
            if first.setdefault(value, at) != at:
                raise RequestError("ID_DUPLICATE", field=f"candidates[{at}].id", first=f"candidates[{first[value]}].id")
    _check_optional(candidates.author_ids, "candidates[{}].author_id", MAX_ID_BYTES)
    _check_optional(candidates.sources, "candidates[{}].source", MAX_LABEL_BYTES)
    times = candidates.create_times_ms
    if int(times.min()) < UNKNOWN_TIME_MS or int(times.max()) > MAX_TIME_MS:
        at = next(i for i, t in enumerate(times.tolist()) if not UNKNOWN_TIME_MS <= t <= MAX_TIME_MS)
        raise RequestError("TIME_OUT_OF_RANGE", field=f"candidates[{at}].create_time", found=int(times[at]))
    if any(candidates.groups):
        _check_groups(candidates.groups)


def _check_optional(values: Iterable[str], field: str, max_bytes: int) -> None:
    distinct = [value for value in set(values) if value]
    if not distinct:
        return
    try:
        _check_ids(distinct, field, max_bytes)
    except RequestError:
        for at, value in enumerate(values):
            if value:
                check_id(value, field.format(at), max_bytes)
        raise


def _check_groups(groups: Sequence[tuple[str, ...]]) -> None:
    checked: set[tuple[str, ...]] = set()
    for at, names in enumerate(groups):
        if names in checked:
            continue
        field = f"candidates[{at}].groups"
        if len(names) > MAX_GROUPS:
            raise RequestError("GROUPS_TOO_MANY", field=field, found=len(names), most=MAX_GROUPS)
        if len(set(names)) != len(names):
            raise RequestError("GROUP_DUPLICATE", field=field)
        for name in names:
            check_id(name, field, MAX_LABEL_BYTES)
        checked.add(names)


def _check_served(served: Sequence[tuple[str, int]]) -> None:
    if len(served) > MAX_SERVED_AUTHORS:
        raise RequestError("SERVED_TOO_MANY", field="served_author_counts", found=len(served), most=MAX_SERVED_AUTHORS)
    seen: set[str] = set()
    for author, count in served:
        field = f"served_author_counts[{author}]"
        check_id(author, field)
        if author in seen:
            raise RequestError("SERVED_DUPLICATE", field=field)
        seen.add(author)
        if not 0 <= count <= MAX_SERVED_COUNT:
            raise RequestError("SERVED_OUT_OF_RANGE", field=field, found=count, most=MAX_SERVED_COUNT)
