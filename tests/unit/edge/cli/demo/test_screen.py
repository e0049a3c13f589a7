import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rankd.client import CandidateExplanation, Degradation, Dropped, Explained, Place, PolicyRef, Slate
from rankd.core.ranking.explanation import RuleStep, Term
from rankd.core.words.language import Language
from rankd.edge.cli.demo.feed import Visit, read_feed
from rankd.edge.cli.demo.screen import Screen

FEED = Path(__file__).resolve().parents[5] / "examples" / "feed.json"
MICRO = 1_000_000


@pytest.fixture(scope="module")
def visit() -> Visit:
    """Maude: v01 is offered first, v02 second."""
    return read_feed(FEED).visits[0]


def screen(language: Language) -> tuple[Screen, StringIO]:
    out = StringIO()
    return Screen(language, Console(file=out, highlight=False)), out


def explained(id_: str, rank: int, *, moves: tuple[str, ...] = ()) -> CandidateExplanation:
    term = Term("click", 150, 150, 1, 0, 0, 0, 2 * MICRO, 300 * MICRO, silent=False)
    steps = (
        RuleStep("freshness/1", 32_768, 300 * MICRO, 150 * MICRO),
        RuleStep("author_diversity/1", 16_384, 150 * MICRO, 37_500_000),
    )
    return CandidateExplanation(id_, rank, rank + 3, "", (term,), steps, 37_500_000, moves, (1, 4_000))


def slate(*places: Place, dropped: tuple[Dropped, ...] = (), degraded: tuple[Degradation, ...] = ()) -> Slate:
    policy = PolicyRef("video", None, None, "sha256:00", "sha256:00", "NONE", "", None)
    return Slate("r", "dev.test/7", places, dropped, policy, None, "sha256:00", degraded)


def test_a_place_says_title_author_age_points_and_what_each_rule_took_away(visit: Visit) -> None:
    shown, out = screen("fr")
    codes = ("click_above_usual", "like_below_usual", "reply_above_usual", "freshness/1", "author_diversity/1")
    entry = explained("v01", 1)

    shown.slate(
        visit,
        slate(Place("v01", 1, entry.value, codes)),
        Explained("dev.test/7", slate().policy, None, (entry,)),
        shown=12,
    )

    lines = [line.rstrip() for line in out.getvalue().replace("\u00a0", " ").splitlines()]
    row = next(at for at, line in enumerate(lines) if line.startswith("1  "))
    assert lines[row].startswith("1  La traverse reprend lundi : l’horaire d’hiver")
    assert "  37,5  plus souvent ouverte d’un clic" in lines[row]
    assert lines[row + 1].startswith("   Radio Brume · il y a 3 h (−150,0) ")
    assert lines[row + 1].endswith("reçoit moins souvent un « j’aime »")
    # Two objectives at most; what freshness took stands beside the age.
    assert lines[row + 2].strip() == "moins, car l’auteur est déjà là (−112,5)"
    assert "dev.test/7" in out.getvalue()


def test_what_was_taken_out_and_what_was_less_than_it_could_be_is_said_with_the_feed(visit: Visit) -> None:
    shown, out = screen("en")
    answer = slate(
        dropped=(Dropped("a", "drop_seen/1"), Dropped("b", "drop_muted/1"), Dropped("c", "drop_seen/1")),
        degraded=(Degradation("QUOTA_SHORT", ("quota/1#1",)),),
    )

    shown.slate(visit, answer, Explained("dev.test/7", answer.policy, None, ()), shown=12)

    assert "taken out: already seen (2), muted (1)" in out.getvalue()
    assert "quota/1#1" in out.getvalue()


@pytest.mark.parametrize(
    ("swaps", "words"), [(0, "aucun échange cette fois"), (1, ": 1 échange."), (3, ": 3 échanges.")]
)
def test_swaps_are_counted_in_words(swaps: int, words: str) -> None:
    shown, out = screen("fr")

    shown.chance(20_000, 100, swaps, None)

    assert words in out.getvalue().replace("\u00a0", " ")
    assert "2\u00a0%" in out.getvalue()


def test_a_swap_is_told_with_both_places_and_its_exact_probability(visit: Visit) -> None:
    shown, out = screen("en")

    shown.chance(20_000, 100, 1, ("dev.test/9", visit.videos[0], explained("v01", 2, moves=("explore/1",))))

    told = " ".join(out.getvalue().split())
    assert "dev.test/9" in told
    assert "holds place 2 by a swap; otherwise it would hold place 5." in told
    assert "1/4000" in told


def test_a_brief_feed_has_its_first_places_and_the_one_on_which_rules_acted_most(visit: Visit) -> None:
    shown, out = screen("fr")
    codes = [("click_above_usual",)] * 5 + [("click_above_usual", "author_diversity/1")]
    entries = tuple(explained(f"v{rank:02d}", rank) for rank in range(1, 7))
    places = [Place(entry.id, entry.rank or 0, entry.value, why) for entry, why in zip(entries, codes, strict=True)]
    answer = slate(*places)

    shown.brief_slate(visit, answer, Explained("dev.test/7", answer.policy, None, entries), shown=2)

    rows = re.findall(r"^ *(\d+)  .*?  +37,5  (.*?) *$", out.getvalue(), flags=re.MULTILINE)
    assert [int(rank) for rank, _ in rows] == [1, 2, 6]
    assert rows[-1][1] == "moins, car l’auteur est déjà là (−112,5)"


def test_a_place_that_changed_is_an_arrow_a_word_or_nothing() -> None:
    shown, _ = screen("fr")

    assert [shown.shift(before, 3) for before in (None, 3, 5, 1)] == ["entre", "=", "↑ 2", "↓ 2"]


def test_the_addition_names_the_video_and_not_only_its_id(visit: Visit) -> None:
    shown, out = screen("fr")

    shown.addition(visit, explained("v01", 1))

    assert "La traverse reprend lundi" in out.getvalue()
    assert "300,000000" in out.getvalue()
    assert "37,500000" in out.getvalue()


def test_brackets_in_a_title_are_no_markup() -> None:
    visit = read_feed(FEED).visits[0]
    title = type(visit.videos[0].title)(fr="[bold]Essai[/bold]", en="[bold]Test[/bold]")
    video = type(visit.videos[0])("x", title, "a", title, 1, "", ())
    shown, out = screen("fr")
    marked = type(visit)("v", title, title, (video,), {}, {}, frozenset(), frozenset(), {}, {})

    answer = slate(Place("x", 1, MICRO, ()))
    shown.newest(marked, answer, answer, dated=True, shown=5)

    assert out.getvalue().count("[bold]Essai[/bold]") >= 2
