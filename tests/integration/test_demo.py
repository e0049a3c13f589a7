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

from rankd.core.features.declaration import Sent
from rankd.core.words.demo import FAILURES, SAY
from rankd.core.words.demo_assembly import ARGUMENTS, ASSEMBLY_SAY
from rankd.store.model_folder import read_model_folder

PROJECT = Path(__file__).resolve().parents[2]
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
        out, err = process.communicate(timeout=240)
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
    """Return rank and points of each place that is shown of a feed."""
    rows = re.findall(rf"^ ?(\d+)  \S.*?  +({NUMBER})  ", text, flags=re.MULTILINE)
    return [(int(rank), exact(value)) for rank, value in rows]


def flowing(text: str) -> str:
    """Return a text without its line breaks and no-break spaces."""
    return " ".join(text.split())


def test_the_past_is_lived_by_ids_and_requests_send_what_is_declared_as_sent_and_nothing_else(told: Told) -> None:
    declaration = read_model_folder(PROJECT / "models" / "video").declaration
    assert declaration is not None
    sent = [entry.feature.name for entry in declaration.features if isinstance(entry.reading, Sent)]
    # As the record of a decision says that it was.
    found = re.search(r"n’apporte que des identifiants et (.+?)\. Les (\d+) autres variables", flowing(told.out))

    assert "18 personnes, 89 fils demandés, 1 892 événements reçus par RecordEvents" in flowing(told.out)
    assert found is not None
    assert re.split(", | et ", found[1]) == sent
    assert int(found[2]) == len(declaration.kept)


def test_it_ends_well_says_where_everything_comes_from_and_leaves_nothing(told: Told) -> None:
    assert (told.code, told.err) == (0, "")
    assert "Tout est inventé" in told.out
    assert "de vraies vidéos" not in told.out
    assert "Politique 1, activation 2, adoptée par p0; ratification DEV" in flowing(told.out)
    assert left_behind(told.temporary) == []


def test_piped_lines_have_no_colours_and_fit_a_hundred_columns(told: Told) -> None:
    assert "\x1b" not in told.out
    assert max(len(line) for line in told.out.splitlines()) == 100


def test_every_person_gets_a_feed_with_reasons_in_words(told: Told) -> None:
    feeds = {name: places(text) for name, text in people(told).items()}

    assert list(feeds) == ["Maude", "Karim", "Lucille", "Théo", "Aïcha"]
    assert [rank for rank, _ in feeds["Maude"]] == [1, 2, 3]
    for feed in feeds.values():
        assert feed[0][0] == 1
        assert [rank for rank, _ in feed] == sorted({rank for rank, _ in feed})
    text = part(told, 1)
    assert text.count("12 au fil") == 5
    reasons = ("répondre", "regardée longtemps", "un abonnement", "un « j’aime »", "ouverte d’un clic", "le profil")
    assert sum(words in flowing(text) for words in reasons) >= 3
    for code in ("_usual", "freshness/1", "author_diversity/1", "drop_seen/1", "drop_muted/1"):
        assert code not in text


def test_rules_are_seen_to_act_in_the_invented_feed(told: Told) -> None:
    feeds = people(told)

    assert "écartées : déjà vue (1), en sourdine (3)" in flowing(feeds["Karim"])
    # Nothing is absent where rankd keeps the counts, whoever has done nothing yet.
    assert "Colonnes absentes" not in told.out
    acted = [
        name for name, text in feeds.items() if "l’auteur est déjà là (−" in text or "avancée par le quota 1" in text
    ]
    assert len(acted) >= 3
    assert any("avancée par le quota 1" in text for text in feeds.values())


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


def test_the_value_rests_on_counts_of_what_the_person_did(told: Told) -> None:
    text = part(told, 2)
    found = re.search(r"repose entre autres sur (\d+) nombres que le service tient lui-même, dont\u00a0:\n", text)

    assert found is not None
    assert int(found[1]) > 20
    data = re.findall(rf" : ({NUMBER})(?= |$)", flowing(text[found.end() :]))
    assert len(data) == 2
    assert all(exact(value) > 0 for value in data)


def test_what_maude_does_changes_her_next_feed_and_the_data_behind_it(told: Told) -> None:
    text = part(told, 3)
    acted = re.search(r"Maude masque « (.+?) », puis ouvre « (.+?) », la regarde longtemps", flowing(text))
    rows = re.findall(r"^(\d)  (\S.*?)  +(\S.*?)  +(=|entre|[↑↓] \d+)$", text, flags=re.MULTILINE)
    turns = re.findall(rf" : ({NUMBER}) → ({NUMBER})", flowing(text))

    assert acted is not None
    watched = acted[2]
    assert [int(rank) for rank, *_ in rows] == [1, 2, 3, 4, 5]
    assert [before for _, before, _, _ in rows] != [after for _, _, after, _ in rows]
    # It has gone up, and the reason says so.
    moved = [how for _, _, after, how in rows if watched.startswith(after.rstrip("…"))]
    assert len(moved) == 1
    assert moved[0] == "entre" or moved[0].startswith("↑")
    assert f"Pourquoi, à la place 1 : « {watched} » passe devant « {acted[1]} »" in flowing(text)
    assert len(turns) == 2
    assert all(exact(before) < exact(after) for before, after in turns)


def test_events_count_once_and_only_for_what_was_shown(told: Told) -> None:
    text = flowing(part(told, 3))

    assert "5 événements acceptés; les mêmes, renvoyés : 5 doublons, rien ne compte deux fois" in text
    assert re.search(r"jeton forgé, refusé : « Ce jeton n’a pas été donné par ce service pour la décision \d+ »", text)
    # 89 visits of the past; the page, the hide and the rest of what was done.
    assert re.search(r"la décision dev\.localhost/\d+ lit les 92 entrées du journal des événements", text)


def test_a_hide_changes_not_one_number_for_anybody_else(told: Told) -> None:
    text = flowing(part(told, 3))
    found = re.search(
        r"Le masquage, compté d’abord seul, n’a changé aucun des ([\d ]+) nombres lus chez les autres", text
    )

    assert found is not None
    assert int(found[1].replace(" ", "")) > 4_000
    assert re.search(r"comptent pour tout le monde : \d+ places sur 48 ont changé chez les autres", text)


def test_newest_first_stands_beside_the_ranked_feed(told: Told) -> None:
    rows = re.findall(r"^ ?(\d+)  .+? (\d+) ([hj])  .+? (\d+) ([hj])$", part(told, 4), flags=re.MULTILINE)
    hours = {"h": 1, "j": 24}
    ages = [int(age) * hours[unit] for *_, age, unit in rows]

    assert len(rows) == 3
    assert ages == sorted(ages)
    assert [int(row[1]) * hours[row[2]] for row in rows] != ages


def test_members_argue_and_adopt_a_policy_whose_impact_they_knew(told: Told) -> None:
    text, lines = flowing(part(told, 5)), part(told, 5).replace("\u00a0", " ").splitlines()

    # Everybody who was ever ranked for, neighbours included.
    assert re.search(r"2\d\d décisions rejouées, de 19 personnes", text)
    assert re.search(r"les clics : 150 → 600 points; part des différences entre publications : \S+ % → \S+ %", text)
    assert re.search(
        r"Cette incidence \(sha256:[0-9a-f]{12}…\) est inscrite avec le texte arrêté, et dans chaque", text
    )
    assert "proposée par Karim, parrainée par Théo et Odile" in text
    # Answers stand under what they answer.
    speakers = [re.fullmatch(r"( +)(\w+)(?: répond)?, (pour|contre) : « .* »", line) for line in lines]
    said = [(len(found[1]), found[2], found[3]) for found in speakers if found]
    assert said == [(2, "Karim", "pour"), (4, "Lucille", "contre"), (6, "Karim", "pour"), (2, "Léon", "pour")]
    assert "5 oui, 3 non, 1 abstention." in text
    assert "proposée le jour 0, jour 7 texte arrêté, jour 9 vote ouvert, jour 16 adoptée, jour 19 en vigueur" in text
    assert "En vigueur sans redémarrage : politique 1 → 2, activation 2 → 3, adoptée par p2, DEV." in text


def test_everybody_hands_out_points_and_the_result_is_a_thousand_beside_the_mean(told: Told) -> None:
    text = part(told, 6)
    rows = re.findall(rf"^les [^\d]+?((?: +\d+){{9}}) +({NUMBER}) +(\d+) *$", text, flags=re.MULTILINE)
    wishes = [[int(points) for points in row.split()] for row, _, _ in rows]
    results = [int(result) for *_, result in rows]

    assert [sum(column) for column in zip(*wishes, strict=True)] == [1000] * 9
    assert sum(results) == 1000
    for row, mean, _ in rows:
        assert abs(exact(mean) - Fraction(sum(map(int, row.split())), 9)) <= Fraction(1, 20)
    assert [exact(mean) for _, mean, _ in rows] != results
    filled = re.search(r"«\spoints: click: (\d+), long_view: (\d+), like: (\d+) …", text)
    assert filled is not None
    assert [int(points) for points in filled.groups()] == results[:3]
    assert "politique 2 → 3, activation 3 → 4, adoptée par p21, DEV." in flowing(text)
    assert "« Compté. Votre bulletin numéro 1 est au procès-verbal (entrée " in flowing(text)


@pytest.mark.parametrize("number", [5, 6])
def test_the_same_request_before_and_after_a_change_and_what_the_points_did(told: Told, number: int) -> None:
    text = flowing(part(told, number))
    found = re.search(
        r"Pourquoi, à la place \d+ : « .+? » passe devant « .+? »\. "
        r"Avant (.+?) contre (.+?), après (.+?) contre (.+?)\. Ce qui a joué : (.+?)\.(?: |$)",
        text,
    )

    assert found is not None
    new_before, old_before, new_after, old_after = (exact(value.replace(" ", "")) for value in found.groups()[:4])
    assert new_before <= old_before
    assert new_after >= old_after
    pushes = re.findall(r"les [^,]+, (\d+) → (\d+) points \(écart \+([\d, ]+)\)", found[5])
    assert 1 <= len(pushes) <= 2
    assert all(before != after for before, after, _ in pushes)
    assert "la même demande, avant" in text


def test_every_decision_is_proven_from_one_file(told: Told) -> None:
    shown = [int(at) for at in re.findall(r"décision dev\.localhost/(\d+)", part(told, 1))]

    text = flowing(part(told, 7))
    # The first entry of the journal announces the epoch; the past comes first.
    assert shown[0] >= 90
    assert shown == sorted(set(shown))
    found = re.search(r"(\d+) décisions prises, (\d+) rejouées : (\d+) identiques au bit près\.", text)
    assert found is not None
    made = int(found[1])
    # 89 of the past; four times five feeds, one newest first, twenty more for each person; then five under each of the
    # two other policies. Where chance swapped places, or events were not counted yet, it asked again.
    assert 220 <= made <= 250
    assert found.groups() == (str(made),) * 3
    assert f"{made + 2} feuilles sous un point de contrôle signé" in text
    assert f"{made} tirages refaits" in text
    assert f"Le reçu signé que portait la réponse dev.localhost/{shown[0]} est honoré." in text
    assert f"{made - 10} sous l’activation 2, 5 sous l’activation 3, 5 sous l’activation 4." in text


def test_what_was_made_of_events_is_worked_out_from_them_again(told: Told) -> None:
    text = flowing(part(told, 7))
    made = int(re.findall(r"(\d+) décisions prises", text)[0])
    found = re.search(
        r"([\d ]+) événements signés; .*? refait à partir d’eux pour (\d+) décisions, et en partie pour (\d+) autres : "
        r"identique au bit près",
        text,
    )

    assert found is not None
    # Those of the past, twelve that were shown, and five more.
    assert int(found[1].replace(" ", "")) == 1_892 + 12 + 5
    # But for the erased one and the one in which no column was read; of whom no event says anything, in part.
    assert int(found[2]) + int(found[3]) == made - 2
    assert int(found[2]) > 150


def test_the_votes_are_counted_again_from_the_public_record(told: Told) -> None:
    # The founding, the admission; a proposal, two sponsors, the debate, the freeze, nine ballots, close and activation.
    size = 2 + (1 + 2 + 4 + 1 + 9 + 2) + (1 + 2 + 3 + 1 + 9 + 2)

    assert f"Le procès-verbal, {size} entrées : signatures vérifiées, 2 votes et 18 bulletins recomptés" in flowing(
        part(told, 7)
    )


def test_what_somebody_falsifies_edits_or_strikes_out_is_refused_and_named(told: Told) -> None:
    text = flowing(part(told, 7))

    assert "n’est pas ce que le point de contrôle a signé" in text
    assert "« video/0003.yaml ne dit pas ce que dit le procès-verbal. »" in text
    assert re.search(r"retire un bulletin du dossier public \(entrée \d+\) : « Le vote sur l’entrée 21 est clos", text)


def test_a_forgotten_decision_leaves_the_others_proven(told: Told) -> None:
    text = flowing(part(told, 7))

    made = int(re.findall(r"(\d+) décisions prises", text)[0])
    assert (
        f"1 décision effacée, avec qui, quand et pourquoi; les {made - 1} autres restent identiques et prouvées" in text
    )


def test_in_english_every_word_is_english() -> None:
    for words in (SAY, ASSEMBLY_SAY, ARGUMENTS, FAILURES):
        for name, phrase in words.items():
            for word in (" le ", " les ", " une ", " des ", "\u00a0", "«", "é"):
                assert word not in phrase.en, name


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


def test_a_co_op_that_cannot_be_founded_is_a_clear_message(temporary: Path) -> None:
    (temporary / "policies").mkdir()
    config = temporary / "rankd.toml"
    config.write_text('[folders]\npolicies = "policies"\nmodels = "models"\n', encoding="utf-8")
    (temporary / "feed.json").write_bytes((PROJECT / "examples" / "feed.json").read_bytes())

    result = end(start(temporary, "--config", str(config)), temporary)

    assert result.code == 1
    assert "Traceback" not in result.err
    assert "models" in result.err


def test_outside_the_project_the_message_says_what_to_do(temporary: Path) -> None:
    result = end(start(temporary, "--config", str(temporary / "rankd.toml")), temporary)

    assert result.code == 1
    assert "make demo" in result.err


def test_a_reader_that_stops_reading_does_not_leave_the_service_behind(temporary: Path) -> None:
    process = start(temporary)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=240) == 1
    until_s = time.monotonic() + 5
    while left_behind(temporary) and time.monotonic() < until_s:
        time.sleep(0.1)
    if process.stderr is not None:
        process.stderr.close()
