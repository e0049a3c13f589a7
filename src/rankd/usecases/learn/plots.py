"""Plots of a model's card, in SVG written by hand: the same record gives the same bytes on every machine.

Every number in them stands in the card's tables, too.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from rankd.usecases.learn.slates import ORDERS

RELIABILITY_FILE = "RELIABILITY.svg"
AUC_FILE = "AUC.svg"
NDCG_FILE = "NDCG.svg"

_PPM = 1_000_000
_PANEL, _GAP, _ACROSS = 190, 46, 4
_ROW, _LEFT, _WIDTH = 22, 120, 460
_PAINTS = {"model": "#0b5d8a", "newest_first": "#8a6d0b", "popularity": "#7a3b8a", "random": "#777777"}
_STYLE = (
    "text{font:11px sans-serif;fill:#222}.t{font-weight:bold}.a{fill:none;stroke:#999}.g{stroke:#ddd}"
    ".d{stroke:#bbb;stroke-dasharray:3 3}.l{fill:none;stroke:#0b5d8a;stroke-width:1.5}.p{fill:#0b5d8a}"
)


def plots(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the plots by file name; those for which the record has no figures are left out.

    Args:
        record: What the manifest says of the training (`training_record.training_record`).
    """
    judged = {objective: facts["judgement"].get("all") for objective, facts in record["heads"].items()}
    scopes = {objective: scope for objective, scope in judged.items() if scope}
    found = {
        RELIABILITY_FILE: _reliability({name: s["reliability"] for name, s in scopes.items() if s["reliability"]}),
        AUC_FILE: _intervals(
            {name: {"model": s["auc_ppm"]} for name, s in scopes.items() if s["auc_ppm"]}, "AUC", 500_000
        ),
        NDCG_FILE: _intervals(
            {
                name: {order: facts[order] for order in ORDERS if facts.get(order)}
                for name, facts in record["slates"]["ndcg"].items()
                if any(facts.get(order) for order in ORDERS)
            },
            f"NDCG@{record['slates']['top']}",
            0,
        ),
    }
    return {name: text for name, text in found.items() if text}


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>' + "".join(parts) + "</svg>\n"
    )


def _text(x: int, y: int, words: str, class_: str = "") -> str:
    mark = f' class="{class_}"' if class_ else ""
    return f'<text x="{x}" y="{y}"{mark}>{escape(words)}</text>'


def _reliability(heads: Mapping[str, Sequence[Sequence[int]]]) -> str:
    """Return one panel per head: the mean probability of each bin across, the rate that came up, both from zero."""
    parts = []
    for at, (objective, points) in enumerate(heads.items()):
        left = _GAP + (at % _ACROSS) * (_PANEL + _GAP)
        top = _GAP + (at // _ACROSS) * (_PANEL + 2 * _GAP)
        most = max(max(said, came) for said, came, _ in points) or 1
        places = [(left + said * _PANEL // most, top + _PANEL - came * _PANEL // most) for said, came, _ in points]
        parts += [
            _text(left, top - 10, objective, "t"),
            f'<rect class="a" x="{left}" y="{top}" width="{_PANEL}" height="{_PANEL}"/>',
            f'<line class="d" x1="{left}" y1="{top + _PANEL}" x2="{left + _PANEL}" y2="{top}"/>',
            '<polyline class="l" points="' + " ".join(f"{x},{y}" for x, y in places) + '"/>',
            *(f'<circle class="p" cx="{x}" cy="{y}" r="2"/>' for x, y in places),
            _text(left, top + _PANEL + 14, "0"),
            _text(left + _PANEL - 40, top + _PANEL + 14, _decimal(most, 4)),
            _text(left + 50, top + _PANEL + 14, "prédit / predicted"),
        ]
    if not parts:
        return ""
    lines = -(-len(heads) // _ACROSS)
    width = _GAP + min(len(heads), _ACROSS) * (_PANEL + _GAP)
    return _svg(width, lines * (_PANEL + 2 * _GAP), "Fiabilité / Reliability", parts)


def _intervals(groups: Mapping[str, Mapping[str, Sequence[int]]], title: str, least: int) -> str:
    """Return one line per group and series: the figure with its interval, from `least` to one."""
    if not groups:
        return ""
    parts = [_text(8, 16, title, "t")]
    y = 34
    for name, series in groups.items():
        parts.append(_text(8, y + 4, name))
        for order, (value, low, high) in series.items():
            place, start, end = (
                _LEFT + max(number - least, 0) * _WIDTH // (_PPM - least) for number in (value, low, high)
            )
            paint = _PAINTS[order]
            words = _decimal(value, 3) if len(series) == 1 else f"{_decimal(value, 3)} {order}"
            parts += [
                f'<line class="g" x1="{_LEFT}" y1="{y}" x2="{_LEFT + _WIDTH}" y2="{y}"/>',
                f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="{paint}" stroke-width="3"/>',
                f'<circle cx="{place}" cy="{y}" r="4" fill="{paint}"/>',
                _text(_LEFT + _WIDTH + 10, y + 4, words),
            ]
            y += _ROW
    parts += [_text(_LEFT, y + 4, _decimal(least, 1)), _text(_LEFT + _WIDTH - 14, y + 4, "1.0")]
    return _svg(_LEFT + _WIDTH + 150, y + 16, title, parts)


def _decimal(ppm: int, digits: int) -> str:
    rounded = round(ppm, digits - 6)
    return f"{rounded // _PPM}.{rounded % _PPM:06d}"[: digits + 2]
