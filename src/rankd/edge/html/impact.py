"""The page of an impact: one HTML file that needs nothing else, made from the impact's document alone."""

from base64 import b64encode
from fractions import Fraction

from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.impact.document import encode_impact
from rankd.core.impact.impact import ANNOUNCED_PPM, Impact
from rankd.core.policy.policy import Policy
from rankd.core.words.impact import LEFT_OUT, NOT_SAID, PAGE, SUMMARY
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, listing, percent_words, plural, share_words, signed_words
from rankd.core.words.report import FRAME
from rankd.edge.html.impact_examples import examples
from rankd.edge.html.impact_numbers import Numbers
from rankd.edge.html.markup import Content, Markup, el, join, label
from rankd.edge.html.speech import in_language, spoken
from rankd.edge.html.style import STYLE
from rankd.edge.html.tables import Heading, table

# Should a piece of text ever escape its element, a browser still runs nothing and fetches nothing.
_POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode())).decode()}'; base-uri 'none'"
_COMMAND = "rankd policy impact"


def impact_page(impact: Impact, language: Language, version: str, policy: Policy | None = None) -> bytes:
    """Return the page of an impact, in UTF-8: the same bytes for the same impact and version.

    Args:
        impact: The impact, from whomever: nothing in it is believed to be harmless.
        language: In which language.
        version: Of rankd, for its last line.
        policy: The proposed policy, for its title; left aside where it is another one.
    """
    title = spoken(PAGE["untitled"], language, surface=impact.surface)
    if policy is not None and policy.canon_digest == impact.proposed.canon:
        title = in_language(policy.title, language)
    numbers = Numbers(impact, language)
    parts: list[tuple[str, Markup]] = [
        ("objectives", numbers.objectives()),
        *([("predictions", numbers.predictions())] if impact.new_model is None else []),
        ("exposure", numbers.exposure()),
        ("authors", numbers.authors()),
        ("examples", examples(impact, language)),
        ("limits_of", el("ul", [el("li", spoken(phrase, language)) for phrase in NOT_SAID.values()])),
        ("inputs", _inputs(impact, language)),
    ]
    sections = [(name.replace("_", "-"), spoken(PAGE[name], language), part) for name, part in parts]
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("title", spoken(PAGE["title"], language, title=title)),
        el("style", Markup(STYLE)),
    )
    body = el(
        "body",
        el("header", el("p", spoken(PAGE["kicker"], language), class_="kicker"), el("h1", label(title))),
        "\n",
        el(
            "main",
            el("p", spoken(PAGE["about"], language)),
            _facts(impact, language),
            [el("p", line) for line in _notes(impact, language)],
            _contents([(id_, heading) for id_, heading, _ in sections], language),
            [
                join("\n", el("section", el("h2", heading, id=id_), part, aria_labelledby=id_))
                for id_, heading, part in sections
            ],
        ),
        "\n",
        el("footer", el("p", spoken(PAGE["made"], language, version=version))),
    )
    return ("<!DOCTYPE html>\n" + el("html", head, "\n", body, lang=language).text + "\n").encode()


def _facts(impact: Impact, language: Language) -> Markup:
    slates = impact.slates

    def part(some: int, whole: int) -> str:
        return percent_words(Fraction(some, whole), language) if whole else "–"

    found = [
        ("count", count_words(impact.count, language)),
        ("viewers", count_words(impact.viewers, language)),
        ("moved", part(slates.moved, slates.places)),
        ("top", part(slates.top_kept, slates.top_places)),
        ("identical", part(slates.identical, impact.count)),
        ("tau", "–" if slates.tau is None else signed_words(slates.tau, 3, language).removeprefix("+")),
    ]
    return el(
        "dl",
        [el("div", el("dt", spoken(PAGE[f"fact_{name}"], language)), el("dd", words)) for name, words in found],
        class_="facts",
    )


def _notes(impact: Impact, language: Language) -> list[str]:
    left_out = [
        spoken(LEFT_OUT[one.reason], language, count=count_words(one.count, language))
        for some in impact.decisions
        for one in some.left_out
    ]
    notes = [spoken(SUMMARY["left_out"], language, reasons=listing(left_out, language))] if left_out else []
    if impact.clipped:
        count, s = count_words(impact.clipped, language), plural(impact.clipped, language)
        notes.append(spoken(SUMMARY["clipped"], language, count=count, s=s))
    if impact.new_model is not None:
        notes.append(spoken(SUMMARY["new_model"], language))
        nouns = listing([spoken(OBJECTIVE_WORDS[one].noun, language) for one in impact.announced], language)
        bound = share_words(ANNOUNCED_PPM, language)
        notes.append(spoken(SUMMARY["announce" if nouns else "no_announce"], language, bound=bound, nouns=nouns))
    if not impact.slates.moved:
        notes.append(spoken(SUMMARY["same"], language))
    return notes


def _contents(headings: list[tuple[str, str]], language: Language) -> Markup:
    words = spoken(FRAME["contents"], language)
    links = [el("li", el("a", heading, href=f"#{id_}")) for id_, heading in headings]
    return el("nav", el("p", words, id="contents"), el("ul", links), aria_labelledby="contents")


def _inputs(impact: Impact, language: Language) -> Markup:
    def digest(value: bytes) -> Markup:
        return el("code", digest_text(value), class_="long")

    rows: list[tuple[Content, Content]] = [
        (spoken(PAGE["input_proposed"], language), digest(impact.proposed.canon)),
        (spoken(PAGE["input_file"], language), digest(impact.proposed.file)),
        (spoken(PAGE["input_limits"], language), digest(impact.limits)),
        (spoken(PAGE["input_model"], language), digest(impact.model)),
    ]
    if impact.new_model is not None:
        rows.append((spoken(PAGE["input_new_model"], language), digest(impact.new_model)))
    for base in impact.bases:
        count, s = count_words(base.count, language), plural(base.count, language)
        rows.append((spoken(PAGE["input_base"], language, count=count, s=s), digest(base.policy)))
    for some in impact.decisions:
        words = spoken(
            PAGE["input_root"],
            language,
            origin=some.origin,
            first=some.first,
            end=some.end,
            size=count_words(some.size, language),
            count=count_words(some.count, language),
        )
        rows.append((label(words), digest(some.root)))
    caption = spoken(PAGE["inputs"], language)
    headings = [Heading(spoken(PAGE[name], language), False) for name in ("input", "digest")]
    text = spoken(PAGE["inputs_text"], language, command=_COMMAND, digest=digest_text(sha256(encode_impact(impact))))
    return join(el("p", text), table(caption, headings, rows, language, is_titled=True))
