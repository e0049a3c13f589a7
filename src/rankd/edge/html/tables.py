"""Tables that can be read aloud, printed, and scrolled on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from rankd.core.words.language import Language
from rankd.core.words.report import FRAME
from rankd.edge.html.markup import Content, Markup, el


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; those of numbers are set to the right."""

    words: str
    is_number: bool = True


def table(
    caption: str,
    headings: Sequence[Heading],
    rows: Sequence[Sequence[Content]],
    language: Language,
    *,
    is_titled: bool = False,
) -> Markup:
    """Return a table; the first cell of each row names the row.

    Args:
        caption: What it is called.
        headings: Of its columns.
        rows: Its cells.
        language: In which language.
        is_titled: Whether the heading above it says what the caption says, which is then only read aloud.
    """
    paints = ["n" if heading.is_number else None for heading in headings]
    return el(
        "div",
        el(
            "table",
            el("caption", el("span", caption, class_="quiet") if is_titled else caption),
            el(
                "thead",
                el(
                    "tr",
                    [
                        el("th", heading.words, scope="col", class_=paint)
                        for heading, paint in zip(headings, paints, strict=True)
                    ],
                ),
            ),
            el("tbody", [_row(row, paints) for row in rows]),
        ),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=FRAME["scroll"].say(language, caption=caption),
    )


def _row(cells: Sequence[Content], paints: Sequence[str | None]) -> Markup:
    first = el("th", cells[0], scope="row", class_=paints[0])
    return el("tr", first, [el("td", cell, class_=paint) for cell, paint in zip(cells[1:], paints[1:], strict=True)])
