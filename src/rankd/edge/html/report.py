"""The page of a report: one HTML file that needs nothing else, the same bytes for the same report."""

from base64 import b64encode

from rankd.core.exact.canonical import sha256
from rankd.core.words.exposure import READING
from rankd.core.words.language import Language
from rankd.core.words.moment import day_words
from rankd.core.words.report import FRAME, NOT_PROVEN
from rankd.edge.html.markup import Markup, el, join, label
from rankd.edge.html.report_checks import checks
from rankd.edge.html.report_shown import Shown
from rankd.edge.html.report_usage import usage_section
from rankd.edge.html.report_verdict import facts, verdict
from rankd.edge.html.speech import spoken
from rankd.edge.html.style import STYLE
from rankd.usecases.audit.report import Report

# Should a piece of text ever escape its element, a browser still runs nothing and fetches nothing.
_POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode())).decode()}'; base-uri 'none'"


def report_page(report: Report, language: Language, version: str, *, name_authors: bool = False) -> bytes:
    """Return the page of a report, in UTF-8.

    No person stands in it, no post and, unless asked for, no author. Its only clock is the evidence's own.

    Args:
        report: The report.
        language: In which language.
        version: Of rankd, for its last line.
        name_authors: Whether the most shown authors are named.
    """
    origin = report.replayed.verified.checkpoint.origin
    sections = [("checked", spoken(FRAME["checked"], language), checks(report, language))]
    sections.append(("usage", spoken(FRAME["usage"], language), usage_section(report, language)))
    for at, (surface, exposure) in enumerate(report.exposures.items()):
        heading = spoken(FRAME["shown" if surface else "shown_rest"], language, surface=surface)
        part = Shown(exposure, f"shown-{at}", language, name_authors=name_authors).write()
        sections.append((f"shown-{at}", heading, part))
    sections.append(("not-proven", spoken(FRAME["not_proven"], language), _not_proven(report, language)))
    sections.append(("reading", spoken(FRAME["reading"], language), _reading(language, name_authors)))
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("title", spoken(FRAME["title"], language, origin=origin)),
        el("style", Markup(STYLE)),
    )
    body = el(
        "body",
        el(
            "header",
            el("p", spoken(FRAME["kicker"], language), class_="kicker"),
            el("h1", label(origin)),
            el("p", _period(report, language), class_="period"),
        ),
        "\n",
        el(
            "main",
            verdict(report, language),
            facts(report, language),
            _contents([(id_, heading) for id_, heading, _ in sections], language),
            [
                join("\n", el("section", el("h2", heading, id=id_), part, aria_labelledby=id_))
                for id_, heading, part in sections
            ],
        ),
        "\n",
        el("footer", el("p", spoken(FRAME["made"], language, version=version))),
    )
    return ("<!DOCTYPE html>\n" + el("html", head, "\n", body, lang=language).text + "\n").encode()


def _period(report: Report, language: Language) -> str:
    usage = report.usage
    if usage.first_ms is None or usage.last_ms is None:
        return spoken(FRAME["no_period"], language)
    first, last = day_words(usage.first_ms, language), day_words(usage.last_ms, language)
    return spoken(FRAME["period_day" if first == last else "period"], language, first=first, last=last)


def _contents(headings: list[tuple[str, str]], language: Language) -> Markup:
    words = spoken(FRAME["contents"], language)
    links = [el("li", el("a", heading, href=f"#{id_}")) for id_, heading in headings]
    return el("nav", el("p", words, id="contents"), el("ul", links), aria_labelledby="contents")


def _not_proven(report: Report, language: Language) -> Markup:
    names = ["candidates", "features", "discarded", "seen", "fair"]
    if report.replayed.level == "arithmetic":
        names.append("margins")
    return el("ul", [el("li", spoken(NOT_PROVEN[name], language)) for name in names])


def _reading(language: Language, name_authors: bool) -> Markup:
    names = ("offered", "shown", "weighted", "ratio", "rounded", "gone", "people_named" if name_authors else "people")
    return el("ul", [el("li", spoken(READING[name], language)) for name in names])
