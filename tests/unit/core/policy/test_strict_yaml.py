import time

import pytest

from rankd.core.errors import PolicyError
from rankd.core.policy.strict_yaml import ListNode, MapNode, ScalarNode, parse_strict


def test_nodes_know_their_lines_and_columns_in_characters() -> None:
    node = parse_strict("é: «été»\nb:\n  - c\n  - {d: 7}\n".encode(), "x.yaml")
    assert node == MapNode(
        (
            (ScalarNode("é", "word", 1, 1), ScalarNode("«été»", "word", 1, 4)),
            (
                ScalarNode("b", "word", 2, 1),
                ListNode(
                    (
                        ScalarNode("c", "word", 3, 5),
                        MapNode(((ScalarNode("d", "word", 4, 6), ScalarNode("7", "integer", 4, 9)),), 4, 5),
                    ),
                    3,
                    3,
                ),
            ),
        ),
        1,
        1,
    )


def test_a_question_mark_at_the_end_of_a_line_is_no_complex_key() -> None:
    node = parse_strict(b"fr: pourquoi ?\nen: why ?\n", "x")
    assert isinstance(node, MapNode)
    assert [value.text for _, value in node.entries if isinstance(value, ScalarNode)] == ["pourquoi ?", "why ?"]


def test_a_number_sign_inside_words_and_texts_is_no_comment() -> None:
    node = parse_strict(b'a: b#c\nd: "e #f"\ng: |\n  h #i\n# j#k\nl: m # n#o\n', "x")
    assert isinstance(node, MapNode)
    texts = [value.text for _, value in node.entries if isinstance(value, ScalarNode)]
    assert texts == ["b#c", "e #f", "h #i\n", "m"]


@pytest.mark.parametrize("mark", ["[", "{a: ", "- ", "{{", "[{a: ["])
def test_a_megabyte_of_nesting_fails_fast(mark: str) -> None:
    data = (mark * (2**20 // len(mark))).encode() + b"\n"
    start = time.perf_counter()
    with pytest.raises(PolicyError) as caught:
        parse_strict(data, "x")
    assert caught.value.reason == "YAML_TOO_LARGE"
    assert time.perf_counter() - start < 0.05


@pytest.mark.parametrize("mark", ["[", "{a: ", "- ", "[{a: ["])
def test_nesting_that_fits_the_size_is_refused_at_the_ninth_level(mark: str) -> None:
    data = (mark * (65_000 // len(mark))).encode() + b"\n"
    with pytest.raises(PolicyError) as caught:
        parse_strict(data, "x")
    assert caught.value.reason == "YAML_TOO_DEEP"


def test_eight_levels_and_two_thousand_nodes_are_accepted() -> None:
    deep = parse_strict(b"[" * 8 + b"a" + b"]" * 8 + b"\n", "x")
    wide = parse_strict(b"[" + b"a," * 1999 + b"]\n", "x")
    assert isinstance(deep, ListNode)
    assert isinstance(wide, ListNode)
    assert len(wide.items) == 1999


def test_a_text_at_the_size_limit_is_read() -> None:
    node = parse_strict(b"a: b #" + b"x" * (65536 - 7) + b"\n", "x")
    assert isinstance(node, MapNode)


@pytest.mark.parametrize(
    "text",
    [
        'a: "\\UFFFFFFFF"\n',
        'a: "\\q"\n',
        "a: [b\n",
        "a: b: c\n",
        "a: 'b\n",
        "a: @b\n",
        "a: `b\n",
        "a: ]\n",
        "  a: b\nc: d\n",
        "a: |x\n  b\n",
        "a\nb: c\n",
        '"' + "a" * 2000 + '": b\n',
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_strict(text.encode(), "x.yaml")
    assert caught.value.reason == "YAML_SYNTAX"
    assert caught.value.say("en").startswith("x.yaml, line ")


def test_what_was_found_is_cut_short_in_errors() -> None:
    with pytest.raises(PolicyError) as caught:
        parse_strict(b"a: " + b"1" * 5000 + b"\n", "x")
    assert len(str(caught.value.metadata["found"])) == 60
