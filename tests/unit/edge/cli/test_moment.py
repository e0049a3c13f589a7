"""Moments that `--at` names."""

import pytest

from rankd.core.errors import AssemblyError
from rankd.edge.cli.moment import parse_moment

LAST_MS = 1_800_000_000_000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1970-01-01", 0),
        ("2026-03-01", 1_772_323_200_000),
        ("2026-03-01T12:00Z", 1_772_366_400_000),
        ("2026-03-01T12:00", 1_772_366_400_000),
        ("2026-03-01T13:00+01:00", 1_772_366_400_000),
        ("2026-03-01T12:00:00.250Z", 1_772_366_400_250),
        ("+0ms", LAST_MS),
        ("+1s", LAST_MS + 1_000),
        ("+5m", LAST_MS + 300_000),
        ("+12h", LAST_MS + 43_200_000),
        ("+3d", LAST_MS + 259_200_000),
    ],
)
def test_a_moment_is_absolute_or_after_the_last_entry(text: str, wanted: int) -> None:
    assert parse_moment(text, LAST_MS) == wanted


@pytest.mark.parametrize("text", ["", "now", "+", "+3", "3d", "-3d", "+3w", "+1.5d", "1969-12-31", "2026-02-30", "1e9"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(AssemblyError) as refusal:
        parse_moment(text, LAST_MS)
    assert refusal.value.reason == "TIME_MALFORMED"
