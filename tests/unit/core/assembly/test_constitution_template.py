import re
from difflib import ndiff

import pytest

from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.constitution_template import MARKS, check_filled, fill_constitution
from rankd.core.errors import AssemblyError, PolicyError
from rankd.core.words.language import LANGUAGES, Language
from tests.constitutions import CO, POLICIES, constitution_text, public_key

TEMPLATES = {language: (POLICIES / f"constitution.{language}.yaml").read_bytes() for language in LANGUAGES}


def filled(template: bytes, guardians: int = 3) -> bytes:
    return fill_constitution(
        template,
        origin=CO,
        log_key=public_key(1),
        secretaries=[public_key(2)],
        guardians=[public_key(4 + number) for number in range(guardians)],
        needed=min(2, guardians),
    )


def test_both_templates_say_the_same_to_the_machine() -> None:
    french, english = (read_constitution(filled(TEMPLATES[language])) for language in LANGUAGES)
    assert french.canonical == english.canonical
    assert french.file_digest != english.file_digest


def test_only_notes_differ_between_the_languages() -> None:
    def without_notes(language: Language) -> list[str]:
        lines = TEMPLATES[language].decode().split("\n")
        return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]

    assert without_notes("fr") == without_notes("en")


def test_every_field_is_explained_in_a_note() -> None:
    for text in TEMPLATES.values():
        notes = "\n".join(line for line in text.decode().split("\n") if line.startswith("#"))
        names = set(re.findall(r"^    ([a-z_]+): [^{\n]*$", text.decode(), re.MULTILINE))
        assert len(names) > 10
        assert [name for name in sorted(names) if not re.search(rf"^#   {name} ", notes, re.MULTILINE)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_but_the_marked_lines_changes(language: Language) -> None:
    before, after = TEMPLATES[language].decode().split("\n"), filled(TEMPLATES[language]).decode().split("\n")
    removed = [line[2:] for line in ndiff(before, after) if line.startswith("- ")]
    assert sorted(removed) == sorted(MARKS)


def test_a_text_without_marks_is_taken_as_it_is() -> None:
    text = filled(TEMPLATES["en"])
    other = fill_constitution(
        text, origin="other.example", log_key=public_key(9), secretaries=[public_key(8)], guardians=[], needed=0
    )
    assert other == text


@pytest.mark.parametrize("mark", MARKS)
def test_only_the_marks_that_are_there_are_filled(mark: str) -> None:
    whole, lines = filled(TEMPLATES["en"]), TEMPLATES["en"].decode().split("\n")
    number = {line: at for at, line in enumerate(lines)}[mark]
    by_hand = "\n".join([*lines[:number], f"{mark.partition(':')[0]}: by hand", *lines[number + 1 :]]).encode()
    text = filled(by_hand)
    assert f"{mark.partition(':')[0]}: by hand".encode() in text
    kept = {
        line for line in whole.split(b"\n") if not line.strip().startswith((b"-", mark.split(":")[0].strip().encode()))
    }
    assert kept <= set(text.split(b"\n"))


def test_a_marked_line_that_stands_twice_is_refused() -> None:
    with pytest.raises(AssemblyError) as caught:
        filled(TEMPLATES["fr"] + b"log_key: LOG_KEY\n")
    assert (caught.value.reason, caught.value.metadata["found"]) == ("CONSTITUTION_PLACE", 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unfilled_template_is_refused_at_its_first_mark(language: Language) -> None:
    with pytest.raises(PolicyError) as caught:
        read_constitution(TEMPLATES[language])
    assert (caught.value.reason, caught.value.metadata["found"]) == ("ORIGIN_FORM", "ORIGIN")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_that_are_left_to_fill_are_told_with_their_numbers(language: Language) -> None:
    with pytest.raises(PolicyError) as caught:
        check_filled(TEMPLATES[language], "c.yaml")
    numbers = [TEMPLATES[language].decode().split("\n").index(mark) + 1 for mark in MARKS]
    listed = ", ".join(f"{number} ({mark.strip()})" for number, mark in zip(numbers, MARKS, strict=True))
    assert (caught.value.reason, caught.value.metadata["lines"]) == ("CONSTITUTION_UNFILLED", listed)
    assert "rankd assembly init --constitution c.yaml" in caught.value.say(language)


def test_nothing_is_told_of_a_text_that_is_filled() -> None:
    check_filled(filled(TEMPLATES["fr"]), "c.yaml")


@pytest.mark.parametrize("left", MARKS)
def test_one_line_that_is_left_is_told(left: str) -> None:
    whole, mark = TEMPLATES["en"].replace(left.encode(), b"@@", 1), b"@@"
    with pytest.raises(PolicyError) as caught:
        check_filled(filled(whole).replace(mark, left.encode()), "c.yaml")
    assert caught.value.reason == "CONSTITUTION_UNFILLED"
    assert str(caught.value.metadata["lines"]).endswith(f"({left.strip()})")


def test_what_else_is_wrong_is_told_before_the_founding_and_at_its_line() -> None:
    text = TEMPLATES["en"].replace(b"    voting: 7d", b"    voting: 1h", 1)
    with pytest.raises(PolicyError) as caught:
        check_filled(text, "c.yaml")
    line = text.decode().split("\n").index("    voting: 1h") + 1
    assert (caught.value.reason, caught.value.metadata["line"]) == ("CONSTITUTION_BOUND", line)


def test_a_co_op_without_guardians_has_an_empty_list() -> None:
    read = read_constitution(filled(TEMPLATES["fr"], guardians=0))
    assert (read.guardians.keys, read.guardians.needed) == ((), 0)


def test_the_order_of_keys_given_means_nothing() -> None:
    template = TEMPLATES["en"]
    keys = [public_key(number) for number in (2, 3)]
    one, other = (
        fill_constitution(template, origin=CO, log_key=public_key(1), secretaries=order, guardians=[], needed=0)
        for order in (keys, keys[::-1])
    )
    assert one == other


def test_the_templates_limits_are_the_project_s_limits() -> None:
    block = re.search(r"^objectives:\n(?:  .*\n)+", (POLICIES / "limits.yaml").read_text(), re.MULTILINE)
    assert block is not None
    for language in LANGUAGES:
        assert re.sub("^", "  ", block[0], flags=re.MULTILINE).rstrip(" ") in constitution_text(language=language)
