"""The demo as people run it: one command in the project's root, in French, with the invented feed."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from rankd.edge.cli.demo_feed import has_real_data, read_real_stage
from rankd.store.model_folder import read_model_folder

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("RANKD_DATA") or PROJECT / "../shared/data") / "kuairand-pure"
NUMBER = r"−?\d[\d\u00a0]*(?:,\d+)?"


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str
    temporary: Path


def start(temporary: Path, *arguments: str) -> "subprocess.Popen[str]":
    empty = temporary / "no-data"
    empty.mkdir()
    scratch = temporary / "scratch"
    scratch.mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", "from rankd.edge.cli.main import main; main()", "demo", "--lang", "fr", *arguments],
        cwd=PROJECT,
        env=os.environ | {"RANKD_DATA": str(empty), "TMPDIR": str(scratch), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def end(process: "subprocess.Popen[str]", temporary: Path) -> Told:
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    return Told(process.returncode, out, err, temporary)


def left_behind(temporary: Path) -> list[str]:
    """Return the command lines of processes that name the demo's temporary folder, and what is left in it."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(temporary) in line:
            lines.append(line)
    return lines + [str(path) for path in (temporary / "scratch").iterdir()]


def exact(text: str) -> Fraction:
    return Fraction(text.replace("\u00a0", "").replace(",", ".").replace("−", "-"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    temporary = tmp_path_factory.mktemp("demo")
    return end(start(temporary), temporary)


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert left_behind(tmp_path) == []


def part(told: Told, number: int) -> str:
    """Return one numbered part of what the demo printed."""
    return re.split(r"^(?=\d\. )", told.out, flags=re.MULTILINE)[number]


def people(told: Told) -> dict[str, str]:
    """Return what was printed about each person's feed."""
    parts = re.split(r"^(\w+)\u00a0: .*\n(?=\d+ vidéos offertes)", part(told, 1), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def places(text: str) -> list[tuple[int, Fraction]]:
    """Return rank and points of each place of a feed."""
    rows = re.findall(rf"^ ?(\d+)  \S.*?  +({NUMBER})  ", text, flags=re.MULTILINE)
    return [(int(rank), exact(value)) for rank, value in rows]


def test_it_ends_well_says_where_everything_comes_from_and_leaves_nothing(told: Told) -> None:
    assert (told.code, told.err) == (0, "")
    assert "Tout est inventé" in told.out
    assert "de vraies vidéos" not in told.out
    assert "Ratification\u00a0: aucune." in told.out
    assert left_behind(told.temporary) == []


def test_piped_lines_have_no_colours_and_fit_a_hundred_columns(told: Told) -> None:
    assert "\x1b" not in told.out
    assert max(len(line) for line in told.out.splitlines()) == 100


def test_every_person_gets_a_feed_of_twelve_with_reasons_in_words(told: Told) -> None:
    feeds = {name: places(text) for name, text in people(told).items()}

    assert list(feeds) == ["Maude", "Karim", "Lucille", "Théo", "Aïcha"]
    for feed in feeds.values():
        assert [rank for rank, _ in feed] == list(range(1, 13))
    assert len({tuple(feed) for feed in feeds.values()}) == 5
    text = part(told, 1)
    for words in ("reçoit plus souvent un «", "moins souvent regardée longtemps", "amène plus souvent un abonnement"):
        assert words in text
    for code in ("_usual", "freshness/1", "author_diversity/1", "drop_seen/1", "drop_muted/1"):
        assert code not in text


def test_rules_are_seen_to_act_in_the_invented_feed(told: Told) -> None:
    feeds = people(told)

    assert "déjà vue (1), en sourdine (3)" in feeds["Karim"]
    assert "l’auteur est déjà là (−" in feeds["Lucille"]
    assert "Colonnes absentes, remplacées par leur valeur par défaut" in feeds["Aïcha"]
    # In one request out of fifty chance swaps two places; then what follows need not hold.
    if "échangée au hasard" not in feeds["Théo"]:
        theo = places(feeds["Théo"])
        assert "avancée par le quota 1" in feeds["Théo"]
        # One advertisement at most in the first ten: a better one waits at the eleventh place.
        assert theo[10][1] > theo[9][1]
    if "échangée au hasard" not in feeds["Karim"]:
        karim = places(feeds["Karim"])
        assert karim == sorted(karim, key=lambda place: -place[1])


def test_the_addition_adds_up_with_a_pocket_calculator(told: Told) -> None:
    text = part(told, 2)
    terms = re.findall(rf" (\d+) × ({NUMBER})  +({NUMBER}) *$", text, flags=re.MULTILINE)
    steps = re.findall(rf"({NUMBER}) × ({NUMBER}) ÷ 65[ \u00a0]536  += ({NUMBER}) *$", text, flags=re.MULTILINE)
    sums = [exact(value) for value in re.findall(rf"  = ({NUMBER}) *$", text, flags=re.MULTILINE)]

    assert [abs(exact(gives)) for *_, gives in terms] == [exact(points) * exact(lift) for points, lift, _ in terms]
    value = sum(exact(gives) for *_, gives in terms)
    assert (len(terms), value) == (8, sums[0])
    assert len(steps) == 2
    for before, factor, after in steps:
        assert exact(before) == value
        value = Fraction(int(value * 1_000_000) * int(exact(factor)) // 65_536, 1_000_000)
        assert exact(after) == value
    assert value == sums[-1] < sums[0]


def test_newest_first_stands_beside_the_ranked_feed(told: Told) -> None:
    rows = re.findall(r"^ ?(\d+)  .+? (\d+) ([hj])  .+? (\d+) ([hj])$", part(told, 3), flags=re.MULTILINE)
    hours = {"h": 1, "j": 24}
    ages = [int(age) * hours[unit] for *_, age, unit in rows]

    assert len(rows) == 12
    assert ages == sorted(ages)
    assert [int(row[1]) * hours[row[2]] for row in rows] != ages


def test_another_policy_is_compared_with_the_recorded_decisions(told: Told) -> None:
    text = part(told, 5)
    changes = re.findall(
        r"^(\w+)\u00a0: (\d+) entrées?, (\d+) déplacements?, (\d+) paires? inversées? sur (\d+)\.$", text, re.MULTILINE
    )

    assert "Points pour les clics : 150 → 600" in text.replace("\u00a0", " ")
    assert [name for name, *_ in changes] == ["Maude", "Karim", "Lucille", "Théo", "Aïcha"]
    for _, entered, moved, discordant, pairs in changes:
        both = 12 - int(entered)
        assert int(pairs) == both * (both - 1) // 2
        assert int(moved) <= both
        assert int(discordant) <= int(pairs)
    most = max(int(entered) for _, entered, *_ in changes)
    assert len(re.findall(r" entre$", text, flags=re.MULTILINE)) == most > 0


def test_every_decision_is_proven_from_one_file(told: Told) -> None:
    shown = [int(at) for at in re.findall(r"décision dev\.localhost/(\d+)", part(told, 1))]

    text = part(told, 6)
    # The first entry of the journal announces the epoch.
    assert shown == [1, 2, 3, 4, 5]
    # Five feeds, one newest first, twenty more for each person.
    assert "106 décisions prises, 106 rejouées\u00a0: 106 identiques au bit près." in text
    assert "108 feuilles sous un point de contrôle signé" in text
    assert "106 tirages refaits" in text
    assert "Le reçu signé que portait la réponse dev.localhost/1 est honoré." in text


def test_a_falsified_file_is_refused_and_a_forgotten_decision_leaves_the_others_proven(told: Told) -> None:
    text = " ".join(part(told, 6).split())

    assert "n’est pas ce que le point de contrôle a signé" in text
    assert "1 décision effacée, avec qui, quand et pourquoi; les 105 autres restent identiques et prouvées" in text


def test_an_interrupted_demo_stops_its_service_and_cleans_up(temporary: Path) -> None:
    process = start(temporary)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Maude"):
            break
    assert len(left_behind(temporary)) == 2  # the service and its folder
    process.send_signal(signal.SIGINT)

    result = end(process, temporary)

    assert result.code == 1
    assert result.err.startswith("Interrompu")


def test_a_service_that_cannot_start_is_a_clear_message(temporary: Path) -> None:
    (temporary / "policies").mkdir()
    config = temporary / "rankd.toml"
    config.write_text('[folders]\npolicies = "policies"\nmodels = "models"\n', encoding="utf-8")
    (temporary / "feed.json").write_bytes((PROJECT / "examples" / "feed.json").read_bytes())

    result = end(start(temporary, "--config", str(config)), temporary)

    assert result.code == 1
    assert result.err.startswith("Le service s’est arrêté au démarrage (code ")
    assert "Traceback" not in result.err
    assert "policies" in result.err


def test_outside_the_project_the_message_says_what_to_do(temporary: Path) -> None:
    result = end(start(temporary, "--config", str(temporary / "rankd.toml")), temporary)

    assert result.code == 1
    assert "make demo" in result.err


def test_a_reader_that_stops_reading_does_not_leave_the_service_behind(temporary: Path) -> None:
    process = start(temporary)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=60) == 1
    until_s = time.monotonic() + 5
    while left_behind(temporary) and time.monotonic() < until_s:
        time.sleep(0.1)
    if process.stderr is not None:
        process.stderr.close()


@pytest.mark.data
@pytest.mark.skipif(
    not has_real_data(DATA),
    reason="the real impressions are absent: no kuairand-pure under RANKD_DATA or ../shared/data",
)
def test_real_people_and_videos_bring_every_column_and_are_never_called_real_slates() -> None:
    stage = read_real_stage(DATA)
    names = {feature.name for feature in read_model_folder(PROJECT / "models" / "video").manifest.features}

    assert "Requêtes assemblées sur de vraies vidéos" in stage.notice.say("fr")
    assert "Requests assembled over real videos" in stage.notice.say("en")
    assert not stage.dated
    assert len(stage.visits) == 4
    for visit in stage.visits:
        assert len(visit.videos) == 120
        assert set(visit.columns) | set(visit.viewer_columns) == names
