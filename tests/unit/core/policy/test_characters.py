import sys
import unicodedata

import pytest

from rankd.core.policy.characters import place, refused_character


def test_every_control_surrogate_and_noncharacter_is_refused() -> None:
    missed = [
        f"U+{number:04X}"
        for number in range(sys.maxunicode + 1)
        if number != 0x0A
        and (
            unicodedata.category(chr(number)) in ("Cc", "Cs", "Co", "Zl", "Zp")
            or number & 0xFFFE == 0xFFFE
            or 0xFDD0 <= number <= 0xFDEF
        )
        and refused_character(chr(number)) is None
    ]
    assert missed == []


def test_every_format_character_but_the_joiners_and_letters_marks_is_refused() -> None:
    allowed = {
        number
        for number in range(sys.maxunicode + 1)
        if unicodedata.category(chr(number)) == "Cf" and refused_character(chr(number)) is None
    }
    signs = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    egyptian = set(range(0x13430, 0x13440))
    assert allowed - signs - egyptian == {0x200C, 0x200D}


def test_every_bidi_control_has_the_bidi_reason() -> None:
    reasons = {
        refused_character(chr(number))[0]  # type: ignore[index]
        for number in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    }
    assert reasons == {"YAML_BIDI_CHARACTER"}


@pytest.mark.parametrize("text", ["é", "’ « »", "❤️", "👩‍🌾", "ᐃᓄᒃᑎᑐᑦ", "العربية", "a\nb", "\u00a0"])
def test_what_people_write_is_accepted(text: str) -> None:
    assert refused_character(unicodedata.normalize("NFC", text)) is None


def test_the_first_refused_character_is_reported() -> None:
    assert refused_character("ab\u202ec\t") == ("YAML_BIDI_CHARACTER", 2, "U+202E")


@pytest.mark.parametrize(
    ("text", "index"),
    [("e\u0301", 0), ("abe\u0301", 2), ("a\u0323\u0307\u0301b", 0), ("\u1100\u1161", 0), ("\u212b", 0)],
)
def test_text_that_is_not_composed_is_reported_where_it_starts_to_differ(text: str, index: int) -> None:
    found = refused_character(text)
    assert found is not None
    assert found[:2] == ("YAML_NOT_NFC", index)


def test_places_count_lines_and_characters_from_one() -> None:
    assert [place("é\nab", index) for index in range(5)] == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)]
