"""A key on paper is read whatever the hand, and a slip of the pen is found on its line."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankd.core.assembly.key_sheet import LINE_CHARACTERS, LINE_COUNT, read_line, read_sheet, write_sheet
from rankd.core.errors import AssemblyError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEED = bytes(range(100, 132))

seeds = st.binary(min_size=32, max_size=32)


def wrong_line(lines: list[str]) -> int:
    """Return the line that is refused."""
    with pytest.raises(AssemblyError) as caught:
        read_sheet(lines)
    assert caught.value.reason == "KEY_SHEET_LINE"
    return int(str(caught.value.metadata["line"]))


def test_the_sheet_of_a_known_seed_never_changes() -> None:
    assert write_sheet(SEED) == (
        "CHJP CSVP",
        "V8D5 N60A",
        "PV3D DSBZ",
        "QQ0W BJQP",
        "EDT7 AX48",
        "KQF1 WQ16",
        "MYVW FN9S",
        "Z7Z0 4128",
        "GA1Z TPQP",
    )


@given(seeds)
def test_what_is_written_is_read(seed: bytes) -> None:
    lines = write_sheet(seed)
    assert [len(line) for line in lines] == [LINE_CHARACTERS + 1] * LINE_COUNT
    assert read_sheet(lines) == seed


@given(seeds)
def test_small_letters_spaces_and_look_alike_letters_do_not_matter(seed: bytes) -> None:
    lines = [line.replace("0", "O").replace("1", "l").replace("V", "u").lower() for line in write_sheet(seed)]
    assert read_sheet([f"  {line[:2]}-{line[2:6]}\u00a0{line[6:]} " for line in lines]) == seed


def test_every_single_wrong_character_is_found_on_its_line() -> None:
    lines = [line.replace(" ", "") for line in write_sheet(SEED)]
    for number, line in enumerate(lines):
        for place in range(LINE_CHARACTERS):
            for other in ALPHABET:
                if other != line[place]:
                    typed = [*lines]
                    typed[number] = line[:place] + other + line[place + 1 :]
                    assert wrong_line(typed) == number + 1


def test_every_two_wrong_characters_are_found() -> None:
    line = write_sheet(SEED)[0].replace(" ", "")
    for first in range(LINE_CHARACTERS):
        for second in range(first):
            for one in ALPHABET.replace(line[first], ""):
                for other in ALPHABET.replace(line[second], ""):
                    typed = [*line]
                    typed[first], typed[second] = one, other
                    with pytest.raises(AssemblyError):
                        read_line("".join(typed), 1)


@given(seeds, st.data())
def test_exchanged_characters_and_exchanged_lines_are_found(seed: bytes, data: st.DataObject) -> None:
    lines = [line.replace(" ", "") for line in write_sheet(seed)]
    number, other = data.draw(st.permutations(range(LINE_COUNT)))[:2]
    exchanged = [*lines]
    exchanged[number], exchanged[other] = lines[other], lines[number]
    assert wrong_line(exchanged) == min(number, other) + 1
    first, second = data.draw(st.permutations(range(LINE_CHARACTERS)))[:2]
    typed = [*lines[number]]
    typed[first], typed[second] = typed[second], typed[first]
    if typed != [*lines[number]]:
        assert wrong_line([*lines[:number], "".join(typed), *lines[number + 1 :]]) == number + 1


@pytest.mark.parametrize("text", ["", "CHJP", "CHJP CSVP0", "CHJP CSV!", "été été é"])
def test_a_line_of_another_length_or_alphabet_is_refused(text: str) -> None:
    with pytest.raises(AssemblyError) as caught:
        read_line(text, 1)
    assert caught.value.metadata == {"line": 1, "count": LINE_COUNT}


def test_lines_of_two_sheets_are_no_key() -> None:
    draw = random.Random(7)
    refused = 0
    for _ in range(200):
        one, other = (write_sheet(draw.randbytes(32)) for _ in range(2))
        with pytest.raises(AssemblyError) as caught:
            read_sheet([*one[:4], *other[4:]])
        refused += caught.value.reason == "KEY_SHEET_DIFFERS"
    assert refused == 200


def test_a_short_sheet_is_refused() -> None:
    with pytest.raises(AssemblyError) as caught:
        read_sheet(write_sheet(SEED)[:8])
    assert (caught.value.reason, caught.value.metadata["found"]) == ("KEY_SHEET_SHORT", 8)


def test_a_refusal_never_holds_what_was_typed() -> None:
    lines = [*write_sheet(SEED)]
    lines[3] = lines[3][:-1] + ("0" if lines[3][-1] != "0" else "2")
    with pytest.raises(AssemblyError) as caught:
        read_sheet(lines)
    assert all(line[:4] not in caught.value.say("fr") + repr(caught.value.metadata) for line in lines)
