"""Figures: plots in SVG whose widths are percentages, so that they fit a phone, a screen and paper alike.

Nothing here is a number's only place: every figure stands beside a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, share_words
from rankd.edge.html.markup import Content, Markup, el, short

_ROW_PX, _BAR_PX, _LABEL_PX = 12, 9, 20
_PLOT_PX, _TOP_PX, _BOTTOM_PX = 170, 26, 22
_CURVE_PX = 260
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Caption:
    """What a figure is called, and what it shows, for those who do not see it."""

    id_: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: how long, from 0 to 1, what stands behind it, and the class that paints it."""

    part: Fraction
    words: str
    paint: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a plot over time: its label, and what is stacked in it, from the bottom up."""

    label: str
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that a plot over time marks: where, from 0 to 1, and the sign that names it."""

    part: Fraction
    sign: str


def legend(entries: Sequence[tuple[str, Content]]) -> Markup:
    """Return what each paint stands for."""
    return el(
        "ul",
        [
            el(
                "li",
                el("svg", el("rect", x=1, y=1, width=12, height=12, class_=paint), class_="key", aria_hidden="true"),
                " ",
                words,
            )
            for paint, words in entries
        ],
        class_="legend",
    )


def bars(caption: Caption, rows: Sequence[tuple[str, Sequence[Bar]]]) -> Markup:
    """Return groups of horizontal bars, each group under its label; a bar of part 1 is as wide as the plot's scale."""
    parts: list[Markup] = []
    top = 0
    for name, group in rows:
        parts.append(el("text", short(name, 44), x=0, y=top + 14, class_="name"))
        top += _LABEL_PX
        for bar in group:
            width = f"{float(bar.part) * 78:.3f}%"
            parts.append(el("rect", x=0, y=top, width=width, height=_BAR_PX, class_=bar.paint, rx=1))
            parts.append(el("text", bar.words, x=width, dx=6, y=top + _BAR_PX, class_="value"))
            top += _ROW_PX
        top += 8
    return _svg(caption, top, parts)


def columns(
    caption: Caption,
    stacks: Sequence[Column],
    paints: Sequence[str],
    language: Language,
    marks: Sequence[Mark] = (),
) -> Markup:
    """Return columns over time, at least one, stacked, with marks above."""
    most = max((sum(stack.counts) for stack in stacks), default=0)
    scale = _round_up(most)
    floor = _TOP_PX + _PLOT_PX
    parts: list[Markup] = []
    for tick in range(_TICKS + 1):
        if scale * tick % _TICKS:
            continue
        level = f"{floor - _PLOT_PX * tick / _TICKS:.2f}"
        parts.append(el("line", x1=0, x2="100%", y1=level, y2=level, class_="grid"))
        if tick:
            parts.append(el("text", count_words(scale * tick // _TICKS, language), x=0, y=level, dy=-3, class_="tick"))
    count = len(stacks)
    for at, stack in enumerate(stacks):
        left, width = f"{100 * (at + 0.06) / count:.3f}%", f"{88 / count:.3f}%"
        below = 0
        for paint, one in zip(paints, stack.counts, strict=True):
            if one:
                y, height = floor - _PLOT_PX * (below + one) / scale, _PLOT_PX * one / scale
                part = el("rect", x=left, width=width, y=f"{y:.2f}", height=f"{height:.2f}", class_=f"{paint} part")
                parts.append(part)
            below += one
    for mark in marks:
        x_mark = f"{float(mark.part) * 100:.3f}%"
        parts.append(el("line", x1=x_mark, x2=x_mark, y1=14, y2=floor, class_="mark"))
        is_right = mark.part > Fraction(9, 10)
        parts.append(el("text", mark.sign, x=x_mark, y=11, class_="sign", text_anchor="end" if is_right else "middle"))
    last = count - 1
    for at in dict.fromkeys((0, last // 2, last)) if last > 3 else range(count):
        anchor = "start" if at == 0 and last > 0 else "end" if at == last and last > 0 else "middle"
        x_label = 100 * at / count if anchor == "start" else 100 * (at + 1) / count
        x_label = x_label if anchor != "middle" else 100 * (at + 0.5) / count
        parts.append(el("text", stacks[at].label, x=f"{x_label:.3f}%", y=floor + 16, class_="tick", text_anchor=anchor))
    return _svg(caption, floor + _BOTTOM_PX, parts)


def curves(
    caption: Caption,
    lines: Sequence[tuple[str, Sequence[tuple[Fraction, Fraction]]]],
    axis: str,
    language: Language,
) -> Markup:
    """Return curves from (0, 0) to (1, 1) in a square of percentages, and the diagonal where everybody is equal.

    Args:
        caption: The caption.
        lines: Paint and points of each curve, from left to right.
        axis: What the horizontal axis counts.
        language: In which percentages are written.
    """
    floor = _TOP_PX + _CURVE_PX
    parts: list[Markup] = []

    def line(a: tuple[Fraction, Fraction], b: tuple[Fraction, Fraction], paint: str) -> Markup:
        y1, y2 = (f"{floor - float(point[1]) * _CURVE_PX:.2f}" for point in (a, b))
        x1, x2 = (f"{float(point[0]) * 100:.3f}%" for point in (a, b))
        return el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=paint)

    for tick in range(5):
        part = Fraction(tick, 4)
        parts.append(line((Fraction(0), part), (Fraction(1), part), "grid"))
        y = f"{floor - float(part) * _CURVE_PX:.2f}"
        if tick:
            parts.append(
                el(
                    "text",
                    share_words(tick * 250_000, language),
                    x="100%",
                    y=y,
                    dy=-3,
                    class_="tick",
                    text_anchor="end",
                )
            )
        anchor = "start" if tick == 0 else "end" if tick == 4 else "middle"
        parts.append(
            el(
                "text",
                share_words(tick * 250_000, language),
                x=f"{tick * 25}%",
                y=floor + 16,
                class_="tick",
                text_anchor=anchor,
            )
        )
    parts.append(line((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1)), "even"))
    for paint, points in lines:
        way = [(Fraction(0), Fraction(0)), *points]
        parts += [line(a, b, f"curve {paint}") for a, b in pairwise(way)]
    parts.append(el("text", axis, x="50%", y=floor + 36, class_="tick", text_anchor="middle"))
    return _svg(caption, floor + 44, parts)


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value and the interval around it, each from −1 to 1; None: there is no interval."""

    value: Fraction
    interval: tuple[Fraction, Fraction] | None
    words: str


def whiskers(caption: Caption, rows: Sequence[tuple[str, Whisker]]) -> Markup:
    """Return values and their intervals, each under its label, about a line in the middle that stands for 0."""
    parts: list[Markup] = []
    top = 0

    def across(value: Fraction) -> str:
        return f"{float(min(max(value, Fraction(-1)), Fraction(1)) * 36 + 38):.3f}%"

    for name, row in rows:
        parts.append(el("text", short(name, 44), x=0, y=top + 14, class_="name"))
        y = top + _LABEL_PX + 8
        if row.interval is not None:
            low, high = (across(one) for one in row.interval)
            parts.append(el("line", x1=low, x2=high, y1=y, y2=y, class_="curve s-offered"))
        parts.append(el("circle", cx=across(row.value), cy=y, r=5, class_="s-shown"))
        parts.append(el("text", row.words, x="76%", dx=6, y=y + 4, class_="value"))
        top += _LABEL_PX + _ROW_PX + 12
    middle = el("line", x1=across(Fraction(0)), x2=across(Fraction(0)), y1=0, y2=top, class_="even")
    return _svg(caption, top, [middle, *parts])


def _svg(caption: Caption, height: int, parts: Sequence[Markup]) -> Markup:
    title, description = f"{caption.id_}-t", f"{caption.id_}-d"
    return el(
        "svg",
        el("title", caption.title, id=title),
        el("desc", caption.description, id=description),
        parts,
        width="100%",
        height=height,
        role="img",
        aria_labelledby=f"{title} {description}",
        class_="plot",
    )


def _round_up(number: int) -> int:
    """Return the smallest of 4, 8, 12, 20, 40, 80, 120, 200 … that is not below a number."""
    power = 1
    while True:
        for step in (4, 8, 12, 20):
            if number <= step * power:
                return step * power
        power *= 10
