"""A vote from the command line: what the paper shows, what is signed, and that no two ballots share a number."""

import json
import shutil
from pathlib import Path

import pytest

from rankd.core.assembly.entries import Ballot
from rankd.core.assembly.signing import open_entry
from rankd.core.policy.policy import Limits, Policy
from rankd.edge.cli.govern import own_points
from rankd.edge.cli.govern import vote as command
from tests.cooperative import Cooperative, body, found, policy, reason, template
from tests.impacts import impact_about


def digest_of(coop: Cooperative) -> str:
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    return str(surface["policy"]["canon_digest"])


def texts(coop: Cooperative) -> dict[str, Path]:
    base = digest_of(coop)
    files = {
        "reply": policy(base, click=100, reply=200),
        "like": policy(base, click=100, like=150),
        "points": template(base),
    }
    paths = {name: coop.home / f"{name}.yaml" for name in files}
    for name, text in files.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Cooperative, dict[str, str]]:
    """Return a co-op with three votes open: yes or no, a ranking, and points."""
    coop = found(tmp_path_factory.mktemp("coop") / "home")
    files = texts(coop)
    proposed = {"yes_no": (files["reply"],), "ranking": (files["reply"], files["like"]), "points": (files["points"],)}
    names = {}
    for kind, given in proposed.items():
        names[kind] = f"p{coop.enter('proposal', 'new', 'policy', *given, by='member-1')}"
        for sponsor in ("member-2", "member-3"):
            coop.enter("proposal", "sponsor", names[kind], by=sponsor)
    coop.day = 15
    for name in names.values():
        coop.enter("proposal", "freeze", name, by="member-1")
    coop.pass_days(3)
    return coop, names


@pytest.fixture
def coop(begun: tuple[Cooperative, dict[str, str]], tmp_path: Path) -> Cooperative:
    shutil.copytree(begun[0].home, tmp_path / "home")
    return Cooperative(tmp_path / "home", begun[0].day)


@pytest.fixture
def names(begun: tuple[Cooperative, dict[str, str]]) -> dict[str, str]:
    return begun[1]


def ballot_in(file: Path) -> Ballot:
    payload = open_entry(file.read_bytes().removesuffix(b"\n")).payload
    assert isinstance(payload, Ballot)
    return payload


def test_the_paper_shows_the_text_what_it_changes_and_how_to_vote(coop: Cooperative, names: dict[str, str]) -> None:
    result = coop.read("vote", names["yes_no"])
    assert result.exit_code == 0
    assert "schema: rankd.policy/1" in result.stdout
    assert "Points pour les réponses\u00a0: 150 → 200 (+50)." in result.stdout
    assert "Votre voix\u00a0: --yes, --no ou --abstain." in result.stdout
    assert "vous pouvez donc prouver à quelqu’un comment vous avez voté" in result.stdout
    english = coop.read("vote", names["yes_no"], "--lang", "en")
    assert "Points for replies: 150 → 200 (+50)." in english.stdout


def test_everything_that_is_signed_is_shown_before(coop: Cooperative, names: dict[str, str]) -> None:
    out = coop.home / "ballot.json"
    result = coop.try_sign("vote", names["yes_no"], "--yes", by="member-2", out=out)
    assert result.exit_code == 0, result.output
    ballot = ballot_in(out)
    signs = result.stdout[result.stdout.index("Ce que vous allez signer") :]
    for digest in (*ballot.texts[0], ballot.constitution, ballot.roll, ballot.co.genesis):
        assert f"sha256:{digest.hex()}" in signs
    assert f"Sur\u00a0: {names['yes_no']}" in signs
    assert "Bulletin numéro 1\u00a0: oui" in signs
    assert (ballot.choice, ballot.number, f"p{ballot.proposal}") == ("yes", 1, names["yes_no"])


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("y\n", 0)])
def test_on_a_terminal_nothing_is_signed_without_a_yes(
    coop: Cooperative, names: dict[str, str], monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr(command, "on_terminal", lambda: True)
    monkeypatch.setattr(command, "agreed", lambda *_: answer == "y\n")
    out = coop.home / "ballot.json"
    assert coop.try_sign("vote", names["yes_no"], "--yes", by="member-2", out=out).exit_code == code
    assert out.exists() == (code == 0)
    assert coop.key("member-2").with_name("member-2.key.ballots.json").exists() == (code == 0)


def test_every_ballot_takes_the_next_number(coop: Cooperative, names: dict[str, str]) -> None:
    for wanted in (1, 2, 3):
        ballot = ballot_in(coop.sign("ballot", "cast", names["yes_no"], "--no", by="member-2"))
        assert ballot.number == wanted
    assert ballot_in(coop.sign("ballot", "cast", names["ranking"], "--rank", "1", by="member-2")).number == 1
    used = coop.try_sign("ballot", "cast", names["yes_no"], "--no", "--number", "3", "--json", by="member-2")
    assert (used.exit_code, reason(used)) == (1, "BALLOT_NUMBER_USED")
    later = ballot_in(coop.sign("ballot", "cast", names["yes_no"], "--no", "--number", "9", by="member-2"))
    assert later.number == 9
    numbers = json.loads(coop.key("member-2").with_name("member-2.key.ballots.json").read_text())
    assert numbers["numbers"][f"{coop.genesis} {names['yes_no'][1:]}"] == 9


def test_a_ballot_that_would_not_count_takes_no_number(coop: Cooperative, names: dict[str, str]) -> None:
    coop.new_key("stranger")
    result = coop.try_sign("ballot", "cast", names["yes_no"], "--yes", "--json", by="stranger")
    assert (result.exit_code, reason(result)) == (1, "BALLOT_NOT_ON_ROLL")
    assert not coop.key("stranger").with_name("stranger.key.ballots.json").exists()


def test_a_ranking_names_options_best_first(coop: Cooperative, names: dict[str, str]) -> None:
    result = coop.read("vote", names["ranking"])
    assert "0\u00a0: garder les choses telles qu’elles sont." in result.stdout
    ballot = ballot_in(coop.sign("vote", names["ranking"], "--rank", "2>1,0", by="member-3"))
    assert ballot.choice == ((2,), (0, 1))
    assert len(ballot.texts) == 2


@pytest.mark.parametrize("text", ["3", "1>1", "1,,2", "a", "-1", ""])
def test_a_malformed_ranking_is_refused(coop: Cooperative, names: dict[str, str], text: str) -> None:
    result = coop.try_sign("vote", names["ranking"], f"--rank={text}", "--json", by="member-3")
    assert (result.exit_code, reason(result)) == (1, "PAPER_RANK")


def test_a_points_paper_starts_from_todays_points(coop: Cooperative, names: dict[str, str]) -> None:
    shown = coop.read("vote", names["points"])
    assert "Les points viennent du vote." in shown.stdout
    today = "click=150,long_view=300,like=100,reply=150,repost=50,follow=50,profile_visit=50,hide=150,report=0"
    assert f"--points {today}" in shown.stdout
    assert body(coop.read("vote", names["points"], "--json"))["caps"]["report"] == 0
    mine = today.replace("click=150", "click=100").replace("reply=150", "reply=200")
    ballot = ballot_in(coop.sign("vote", names["points"], "--points", mine, by="member-2"))
    assert dict(ballot.choice)["reply"] == 200  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ((",report=0", ""), "PAPER_POINTS_INCOMPLETE"),
        (("click=150", "click=151"), "PAPER_POINTS_SUM"),
        (("report=0", "report=1"), "PAPER_POINTS_BOUNDS"),
        (("click=150", "klick=150"), "PAPER_POINTS_MALFORMED"),
        (("click=150", "like=150"), "PAPER_POINTS_MALFORMED"),
        (("click=150", "click=-1"), "PAPER_POINTS_MALFORMED"),
    ],
)
def test_points_are_refused_for_what_is_wrong_with_them(
    coop: Cooperative, names: dict[str, str], change: tuple[str, str], wanted: str
) -> None:
    today = "click=150,long_view=300,like=100,reply=150,repost=50,follow=50,profile_visit=50,hide=150,report=0"
    result = coop.try_sign("vote", names["points"], "--points", today.replace(*change), "--json", by="member-2")
    assert reason(result) == wanted


@pytest.mark.parametrize(
    ("kind", "options", "wanted", "code"),
    [
        ("yes_no", ("--rank", "1"), "PAPER_CHOICE_OTHER", 1),
        ("ranking", ("--yes",), "PAPER_CHOICE_OTHER", 1),
        ("points", ("--no",), "PAPER_CHOICE_OTHER", 1),
        ("yes_no", ("--yes", "--no"), "PAPER_CHOICE_TWICE", 1),
    ],
)
def test_a_choice_must_go_with_the_vote(
    coop: Cooperative, names: dict[str, str], kind: str, options: tuple[str, ...], wanted: str, code: int
) -> None:
    result = coop.try_sign("vote", names[kind], *options, "--json", by="member-2")
    assert (result.exit_code, reason(result)) == (code, wanted)


def test_cast_without_a_choice_is_a_usage_error(coop: Cooperative, names: dict[str, str]) -> None:
    result = coop.try_sign("ballot", "cast", names["yes_no"], "--json", by="member-2")
    assert (result.exit_code, reason(result)) == (2, "PAPER_CHOICE_MISSING")


def test_where_the_ballot_goes_must_be_said(coop: Cooperative, names: dict[str, str]) -> None:
    result = coop.read("vote", names["yes_no"], "--yes", "--key", coop.key("member-2"), "--json")
    assert (result.exit_code, reason(result)) == (2, "DELIVERY_UNNAMED")


def test_what_is_not_open_has_no_paper(coop: Cooperative, names: dict[str, str]) -> None:
    early = coop.read("vote", "p999", "--json")
    assert (early.exit_code, reason(early)) == (2, "PROPOSAL_NOT_FOUND")
    coop.pass_days(8)
    late = coop.read("vote", names["yes_no"], "--json")
    assert (late.exit_code, reason(late)) == (1, "PAPER_NOT_OPEN")
    assert "n’est pas au vote\u00a0: rejetée." in coop.read("vote", names["yes_no"]).stderr


def test_three_votes_are_counted_and_what_wins_comes_into_force(coop: Cooperative, names: dict[str, str]) -> None:
    mine = "click=100,long_view=300,like=100,reply=200,repost=50,follow=50,profile_visit=50,hide=150,report=0"
    for by in ("member-1", "member-2", "member-3"):
        coop.enter("vote", names["yes_no"], "--no", by=by)
        coop.enter("vote", names["ranking"], "--rank", "2>1>0", by=by)
        coop.enter("vote", names["points"], "--points", mine, by=by)
    coop.pass_days(8)
    assert {kind: coop.state(name) for kind, name in names.items()} == {
        "yes_no": "defeated",
        "ranking": "queued",
        "points": "queued",
    }
    shown = coop.read("assembly", "show", names["ranking"]).stdout
    assert "L’option 2 l’emporte." in shown
    assert "Option 2\u00a0: 3 la préfèrent à l’état actuel, 0 non\u00a0: recevable." in shown
    points = coop.read("assembly", "show", names["points"], "--lang", "en").stdout
    assert "replies: 200 points (average of the ballots: 200.0)." in points
    assert "0 oui, 3 non" in coop.read("assembly", "show", names["yes_no"]).stdout.replace("\u00a0", " ")
    coop.pass_days(4)
    # Both were made for the policy that the first of them replaced.
    assert {coop.state(names["ranking"]), coop.state(names["points"])} == {"activated", "expired"}
    assert "Pourquoi\u00a0: " in coop.read("assembly", "show", names["points"]).stdout


def test_a_members_own_points_are_replayed_before_she_signs(
    coop: Cooperative, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def compute(policy: Policy, limits: Limits, decisions: list[Path], *_: object, **more: object) -> object:
        asked.append((dict(policy.points)["reply"], decisions, more["model"]))
        return impact_about(policy, limits.canon_digest), True

    monkeypatch.setattr(own_points, "compute", compute)
    mine = "click=100,long_view=300,like=100,reply=200,repost=50,follow=50,profile_visit=50,hide=150,report=0"
    words = ("vote", names["points"], "--points", mine, "--decisions", coop.home)
    result = coop.try_sign(*words, by="member-2")
    assert result.exit_code == 0, result.output
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    assert asked == [(200, [coop.home], surface["model"]["digest"])]
    told, signed = (
        result.stdout.index("Vos points, sur les décisions passées"),
        result.stdout.index("Ce que vous allez"),
    )
    assert told < result.stdout.index("2 décisions rejouées") < signed
