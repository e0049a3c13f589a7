import pytest

from rankd.core.policy.fields import MAX_DURATION_MS, Field, duration_text, share_text
from rankd.core.policy.strict_yaml import ScalarNode


def field(text: str) -> Field:
    return Field(ScalarNode(text, "word", 1, 1), "x", "f")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("0h", 0), ("1ms", 1), ("90s", 90_000), ("1m", 60_000), ("36h", 129_600_000), ("3650d", MAX_DURATION_MS)],
)
def test_durations_are_milliseconds(text: str, milliseconds: int) -> None:
    assert field(text).duration_ms(0) == milliseconds


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("0%", 0), ("0.0001%", 1), ("2.5%", 25_000), ("2.50%", 25_000), ("99.9999%", 999_999), ("100.0%", 1_000_000)],
)
def test_shares_are_parts_per_million(text: str, ppm: int) -> None:
    assert field(text).share_ppm() == ppm


@pytest.mark.parametrize("milliseconds", [0, 1, 999, 1000, 60_000, 129_600_000, 86_400_000, MAX_DURATION_MS])
def test_durations_are_written_as_they_are_read(milliseconds: int) -> None:
    assert field(duration_text(milliseconds)).duration_ms(0) == milliseconds


@pytest.mark.parametrize("ppm", [0, 1, 10, 25_000, 333_333, 999_999, 1_000_000])
def test_shares_are_written_as_they_are_read(ppm: int) -> None:
    assert field(share_text(ppm)).share_ppm() == ppm
