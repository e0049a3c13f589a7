"""Markup from hostile text."""

import pytest

from rankd.edge.html.markup import Markup, el, join, label, safe, short


def test_text_is_escaped_and_markup_is_not_escaped_twice() -> None:
    inner = el("b", "<i>&\"'")
    assert inner == Markup("<b>&lt;i&gt;&amp;&quot;&#x27;</b>")
    assert el("p", inner, "<") == Markup(f"<p>{inner.text}&lt;</p>")


def test_attributes_are_escaped_named_as_html_names_them_and_left_out_when_none() -> None:
    made = el("text", "x", class_='a" onload="b', text_anchor="end", id=None, hidden="")
    assert made.text == '<text class="a&quot; onload=&quot;b" text-anchor="end" hidden>x</text>'


def test_void_elements_have_no_end() -> None:
    assert el("meta", charset="utf-8").text == '<meta charset="utf-8">'


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\x85", "\ud800", "\u2028", "\ufeff"]
)
def test_what_turns_or_hides_text_is_shown_as_a_replacement(character: str) -> None:
    assert safe(f"a{character}b") == "a\ufffdb"
    safe(f"a{character}b").encode()


def test_spaces_that_do_not_break_stay() -> None:
    assert safe("12\u00a0%") == "12\u00a0%"


def test_content_may_be_nested_empty_or_a_number() -> None:
    assert join("a", None, 7, ["b", [el("br")]]).text == "a7b<br>"


def test_a_name_stands_apart_from_the_direction_around_it() -> None:
    assert label("שלום").text == "<bdi>שלום</bdi>"


def test_long_names_are_shortened() -> None:
    assert short("abcdef", 6) == "abcdef"
    assert short("abcdefg", 6) == "abcde…"
