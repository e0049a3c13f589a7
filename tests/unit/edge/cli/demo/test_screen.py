import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rankd.client import (
    CandidateExplanation,
    ColumnSpec,
    DatumSpec,
    Degradation,
    Dropped,
    Explained,
    Place,
    PolicyRef,
    Slate,
    SurfaceInfo,
)
from rankd.core.features.reader import read_declaration
from rankd.core.ranking.explanation import RuleStep, Term
from rankd.core.words.language import Language, Phrase
from rankd.edge.cli.demo.feed import Stage, Visit, read_feed
from rankd.edge.cli.demo.screen import Past, Screen, value_words

PROJECT = Path(__file__).resolve().parents[5]
MICRO = 1_000_000


@pytest.fixture(scope="module")
def stage() -> Stage:
    declaration = read_declaration((PROJECT / "training" / "video" / "FEATURES.yaml").read_bytes())
    return read_feed(PROJECT / "examples" / "feed.json", declaration)


@pytest.fixture(scope="module")
def visit(stage: Stage) -> Visit:
    """Maude: v01 is offered first, v02 second."""
    return stage.visits[0]


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


@pytest.mark.parametrize(("swaps", "words"), [(0, ", aucun."), (1, ", 1 échange."), (3, ", 3 échanges.")])
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


def test_brackets_in_a_title_are_no_markup(visit: Visit) -> None:
    title = Phrase(fr="[bold]Essai[/bold]", en="[bold]Test[/bold]")
    video = replace(visit.videos[0], id="x", title=title)
    shown, out = screen("fr")

    answer = slate(Place("x", 1, MICRO, ()))
    shown.newest(replace(visit, videos=(video,)), answer, answer, dated=True, shown=5)

    assert out.getvalue().count("[bold]Essai[/bold]") >= 2


def test_what_people_did_before_is_counted_and_what_a_request_brings_is_named(stage: Stage) -> None:
    shown, out = screen("en")

    shown.past(stage, Past(89, 1_892, 2.04), ("topic", "duration_s"), ("a", "b", "c"))

    told = " ".join(out.getvalue().split())
    assert "18 people, 89 feeds asked for, 1,892 events" in told
    assert "in 2.0 s" in told
    assert "brings ids and topic and duration_s, nothing else. The 3 other features" in told


def column(name: str, default: float, *, kept: bool) -> ColumnSpec:
    return ColumnSpec(name, f"{name} fr", f"{name} en", "n", False, default, True, False, kept)


def test_of_the_data_those_that_rankd_keeps_and_knows_are_shown_the_most_telling_first() -> None:
    shown, out = screen("en")
    specs = tuple(
        DatumSpec(name, f"{name} fr", f"{name} (smoothed)", "n", name != "public", False, ("model",), name == "shared")
        for name in ("shared", "near", "far", "public", "sent", "default")
    )
    entry = replace(explained("v01", 1), data=(9.0, 0.5, 7.0, 100.0, 5.0, 0.25))
    kept = tuple(column(spec.name, 0.25, kept=spec.name != "sent") for spec in specs)
    surface = SurfaceInfo("video", slate().policy, None, kept, (), (), (), 1, 1, 1, 1, 1, 1, ())

    shown.data(Explained("dev.test/7", slate().policy, None, (entry,), data=specs), entry, surface)

    lines = out.getvalue().splitlines()
    assert "4 numbers" in lines[0]
    assert lines[1:] == ["  far: 7", "  near: 0.500"]


def test_a_count_is_written_in_full_and_a_share_to_three_digits() -> None:
    assert [value_words(value, "fr") for value in (1_234.0, 0.5, 3, True, None, "x")] == [
        "1\u00a0234",
        "0,500",
        "3",
        "1",
        "–",
        "x",
    ]


def test_the_same_request_before_and_after_has_arrows(visit: Visit) -> None:
    shown, out = screen("fr")
    before, after = (slate(*(Place(id_, at, 0, ()) for at, id_ in enumerate(ids, 1))) for ids in (VISITED, VISITED[1:]))

    shown.compare(visit, before, after, shown=1)

    row = out.getvalue().splitlines()[-1]
    assert row.startswith("1  La traverse reprend lundi")
    assert row.rstrip().endswith("↑ 1")


VISITED = ("v01", "v02", "v03")
