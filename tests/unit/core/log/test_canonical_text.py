"""Base64 and decimal numbers have one spelling each."""

import pytest

from rankd.core.log.canonical_text import MAX_NUMBER, base64_text, parse_base64, parse_decimal


@pytest.mark.parametrize("data", [b"", b"\x00", b"ab", b"\xfb\xff\xbf", bytes(range(256))])
def test_base64_reads_back(data: bytes) -> None:
    assert parse_base64(base64_text(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "AA",
        "AA=",
        "AA===",
        "AA==\n",
        " AA==",
        "A A==",
        "AB==",
        "AAB=",
        "-_-_",
        "AA==AA==",
        "é",
        "AAAA=",
        "=",
        "AA\u0661=",
    ],
)
def test_another_spelling_of_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        parse_base64(text)


@pytest.mark.parametrize("number", [0, 1, 10, MAX_NUMBER])
def test_decimals_read_back(number: int) -> None:
    assert parse_decimal(str(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "01",
        "+1",
        "-0",
        "-1",
        " 1",
        "1 ",
        "1\n",
        "1_0",
        "0x1",
        "1.0",
        "١",
        "²",
        str(MAX_NUMBER + 1),
        "9" * 5000,
    ],
)
def test_another_spelling_of_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        parse_decimal(text)
