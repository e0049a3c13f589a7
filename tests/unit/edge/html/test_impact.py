"""The page of an impact: well formed, self-contained, harmless whatever the document says, and nobody in it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.impact.document import decode_impact, encode_impact
from rankd.core.impact.impact import Impact, Prediction, Side
from rankd.core.policy.reader import read_policy
from rankd.core.words.language import LANGUAGES, Language
from rankd.edge.cli.impact_words import impact_lines
from rankd.edge.html.impact import impact_page
from tests.conftest import House
from tests.unit.core.impact.test_document import IMPACT
from tests.unit.edge.html.test_report import HOSTILE, parsed
from tests.unit.usecases.audit.test_impact import impact_in, texts


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("house")
    house = House(root)
    house.record(range(30))
    (root / "proposed.yaml").write_text(house.write_policy(click=100).read_text())
    house.write_policy()
    return root


@pytest.fixture(scope="module")
def impact(root: Path) -> Impact:
    found = impact_in(root / "data", *texts(root))
    assert len(found.examples) == 5
    return found


def hostile(impact: Impact) -> Impact:
    """Return an impact that is well formed and says the worst that it can."""
    codes = (HOSTILE, "quota/1#{x}")
    side = Side(2**53 - 1, -(2**53 - 1), codes)
    row = replace(impact.examples[0].rows[0], source=HOSTILE, groups=(HOSTILE, "{x}"), age_ms=2**53 - 1, after=side)
    wild = Prediction(0, 2**53 - 1, -(2**53 - 1), 5)
    worst = replace(
        impact,
        surface=HOSTILE,
        objectives=tuple(replace(one, points_after=2**53 - 1, prediction=wild) for one in impact.objectives),
        exposure=replace(
            impact.exposure,
            groups=(replace(impact.exposure.total, label=HOSTILE, before=2**53 - 1),),
            ages=(replace(impact.exposure.total, label="99999"),),
        ),
        decisions=tuple(replace(one, origin=HOSTILE) for one in impact.decisions),
        examples=(replace(impact.examples[0], rows=(row,)),),
    )
    # Nobody who shows an impact is spared this.
    return decode_impact(encode_impact(worst))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("worst", [False, True])
def test_a_page_is_well_formed_and_needs_nothing_else(impact: Impact, language: Language, worst: bool) -> None:
    page = impact_page(hostile(impact) if worst else impact, language, "0")
    tree = parsed(page)
    assert not tree.names & {"script", "img", "link", "iframe", "object", "embed", "image", "use", "form"}
    assert len(set(tree.ids)) == len(tree.ids)
    assert set(filter(None, tree.referred)) <= set(tree.ids)
    assert b"url(" not in page
    assert b"https:" not in page
    assert "\u202e" not in page.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_in_a_terminal_cannot_steer_it(impact: Impact, language: Language) -> None:
    lines = list(impact_lines(hostile(impact), language))
    assert len(lines) > 9
    assert all(c.isprintable() or c == "\u00a0" for line in lines for c in line)


def test_every_figure_has_a_title_a_description_and_a_table(impact: Impact) -> None:
    page = impact_page(impact, "en", "0").decode()
    figures = re.findall(r'<svg[^>]*class="plot".*?</svg>', page, re.DOTALL)
    assert len(figures) == 6
    assert all("<title" in figure and "<desc" in figure for figure in figures)
    assert page.count("<table") >= len(figures)


def test_an_impact_without_anything_to_draw_has_a_page() -> None:
    parsed(impact_page(IMPACT, "fr", "0"))
    empty = replace(IMPACT, exposure=replace(IMPACT.exposure, sources=(), languages=()), examples=())
    parsed(impact_page(empty, "en", "0"))


def test_the_page_names_its_inputs_and_its_digest(impact: Impact) -> None:
    page = impact_page(impact, "en", "0").decode()
    digests = [impact.proposed.canon, impact.proposed.file, impact.limits, impact.model, impact.bases[0].policy]
    for digest in (*digests, impact.decisions[0].root, sha256(encode_impact(impact))):
        assert digest_text(digest) in page


def test_a_title_stands_only_over_the_policy_that_bears_it(root: Path, impact: Impact) -> None:
    own = texts(root)[0]
    other = read_policy((root / "policies" / "video.yaml").read_bytes(), "v")
    assert "<bdi>Essai</bdi>" in impact_page(impact, "fr", "0", own).decode()
    assert "<bdi>Essai</bdi>" not in impact_page(impact, "fr", "0", other).decode()


def test_nobody_is_on_it(root: Path, impact: Impact) -> None:
    text = " ".join(parsed(impact_page(impact, "en", "0")).text)
    assert not re.search(r"\bp\d+-\d+\b|\bv[012]\b|\br\d+\b|zoé", text)
