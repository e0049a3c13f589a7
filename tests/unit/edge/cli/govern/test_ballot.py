"""Was mine counted: every answer that `rankd ballot check` can give."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.core.log.note import NoteSigner
from rankd.core.records.receipt import Receipt, issue_receipt, open_receipt
from rankd.core.words.moment import moment_words
from rankd.store.key_file import read_key
from rankd.usecases.govern.keeper import Keeper
from rankd.usecases.govern.kept import Kept, write_kept
from tests.cooperative import BEGIN_MS, DAY_MS, Cooperative, body, found, policy, rankd, reason

NAME = "p1"

Check = Callable[..., dict[str, object]]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    """Return a co-op with a vote open on p1."""
    coop = found(tmp_path_factory.mktemp("coop") / "home")
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    text = coop.home / "reply.yaml"
    text.write_text(policy(surface["policy"]["canon_digest"], click=100, reply=200), encoding="utf-8")
    assert coop.to_vote("policy", text) == NAME
    return coop


@pytest.fixture
def coop(begun: Cooperative, tmp_path: Path) -> Cooperative:
    shutil.copytree(begun.home, tmp_path / "home")
    return Cooperative(tmp_path / "home", begun.day)


@pytest.fixture
def check(coop: Cooperative) -> Check:
    def run(file: Path, code: int) -> dict[str, object]:
        result = coop.read("ballot", "check", file, "--json")
        assert result.exit_code == code, result.output
        return body(result)

    return run


def keep(coop: Cooperative, file: Path) -> Path:
    """Have the keeper enter an entry, and write what its author keeps."""
    log = read_key(coop.key("log"))
    time_ms = BEGIN_MS + round(coop.day * DAY_MS)
    mark = log.path.with_name("log.key.mark")
    keeper = Keeper.open(coop.home, NoteSigner(log.name, log.unlock(None)), mark, lambda: time_ms, watch=False)
    data = file.read_bytes().removesuffix(b"\n")
    done = keeper.submit(data, time_ms=time_ms)
    keeper.close()
    assert done.index is not None
    assert done.key is not None
    kept = Kept(log.name, keeper.genesis, done.index, done.leaf, done.key, done.receipt, data)
    path = file.with_suffix(".kept.json")
    path.write_bytes(write_kept(kept))
    return path


def ballot(coop: Cooperative, choice: str, by: str, *more: object) -> Path:
    return coop.sign("ballot", "cast", NAME, choice, *more, by=by)


def test_a_ballot_is_followed_from_the_receipt_to_the_count(coop: Cooperative, check: Check) -> None:
    file = ballot(coop, "--yes", "member-2")
    assert check(file, 1)["verdict"] == "hidden"
    kept = keep(coop, file)
    answer = check(kept, 0)
    assert (answer["verdict"], answer["proposal"], answer["number"]) == ("open", NAME, 1)
    # Without the receipt nobody can tell it from the others before the close.
    answer = check(file, 1)
    assert (answer["verdict"], answer["close_ms"]) == ("hidden", BEGIN_MS + 39 * DAY_MS)
    early = coop.read("ballot", "check", file).stdout
    close = moment_words(BEGIN_MS + 39 * DAY_MS, "fr")
    assert early.startswith(f"Encore impossible à dire, et c’est normal\u00a0: jusqu’à la clôture, le {close}, ")
    assert "donnez-le à la place du bulletin; sinon, vérifiez de nouveau après la clôture." in early
    coop.pass_days(8)
    for mine in (file, kept):
        assert check(mine, 0)["verdict"] == "counted"
    said = coop.read("ballot", "check", kept)
    assert said.stdout.startswith("Compté. Votre bulletin numéro 1 est au procès-verbal")
    assert coop.read("ballot", "check", kept, "--lang", "en").stdout.startswith("Counted. Your ballot number 1")


def test_a_later_ballot_takes_the_place_of_an_earlier(coop: Cooperative, check: Check) -> None:
    first, second = ballot(coop, "--yes", "member-2"), ballot(coop, "--no", "member-2")
    # In whatever order they came: the number says which is later.
    assert coop.append(second, first).exit_code == 0
    coop.pass_days(8)
    answer = check(first, 0)
    assert (answer["verdict"], answer["by"]) == ("replaced", {"index": check(second, 0)["index"], "number": 2})
    assert "a cédé la place à votre numéro 2" in coop.read("ballot", "check", first).stdout


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    """Return a co-op far ahead of every clock, with a vote open on p1."""
    coop = found(tmp_path_factory.mktemp("later") / "home")
    coop.day = 100_000
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    text = coop.home / "reply.yaml"
    text.write_text(policy(surface["policy"]["canon_digest"], click=100, reply=200), encoding="utf-8")
    assert coop.to_vote("policy", text) == NAME
    return coop


def test_a_record_that_shows_ballots_is_as_late_as_that_unless_somebody_names_a_time(later: Cooperative) -> None:
    """Nothing is entered after the ballots: only that they are shown tells that the vote is over."""
    first, second = ballot(later, "--yes", "member-2"), ballot(later, "--no", "member-2")
    assert later.append(first, second).exit_code == 0
    where = ("--record", later.home / "record", "--genesis", later.home / "genesis")
    assert body(rankd("assembly", "show", NAME, *where, "--json"))["state"] == "voting"
    now = later.at
    later.pass_days(8)
    times = (((), ("replaced", "counted")), (now, ("overtaken", "open")), (later.at, ("replaced", "counted")))
    for at, wanted in times:
        answers = [rankd("ballot", "check", file, *where, *at, "--json") for file in (first, second)]
        assert tuple(body(answer)["verdict"] for answer in answers) == wanted
        assert [answer.exit_code for answer in answers] == [0, 0]
    early = rankd("ballot", "check", first, *where, *now)
    assert "a cédé la place à votre numéro 2" in early.stdout
    assert "comptera" not in early.stdout
    shown = body(rankd("assembly", "show", NAME, *where, "--json"))
    assert (shown["state"], shown["vote"]["result"]["no"]) == ("defeated", 1)
    close_ms = shown["vote"]["close_ms"]
    assert body(rankd("assembly", "status", *where, "--json"))["time_ms"] == close_ms


def test_two_ballots_of_one_number_count_for_nothing(coop: Cooperative, check: Check) -> None:
    first = ballot(coop, "--yes", "member-2")
    coop.key("member-2").with_name("member-2.key.ballots.json").unlink()
    second = ballot(coop, "--no", "member-2")
    assert coop.append(first, second).exit_code == 0
    coop.pass_days(8)
    answer = check(first, 1)
    assert (answer["verdict"], answer["by"]) == ("clashed", {"index": check(second, 1)["index"], "number": 1})
    assert "quelqu’un d’autre a votre clé" in coop.read("ballot", "check", first).stdout


def test_a_copy_of_the_record_from_before_does_not_show_it_yet(coop: Cooperative, check: Check) -> None:
    old = coop.home / "old"
    shutil.copytree(coop.home / "record", old)
    kept = keep(coop, ballot(coop, "--yes", "member-2"))
    words = ("ballot", "check", kept, "--record", old, "--genesis", coop.home / "genesis", *coop.at)
    result = rankd(*words, "--json")
    assert (result.exit_code, body(result)["verdict"]) == (1, "not_public")
    until = body(result)["promised_until_s"]
    assert until == (BEGIN_MS + coop.day * DAY_MS) / 1_000 + 3_600
    assert "ce reçu est la preuve d’une faute" in rankd(*words).stdout


def test_a_copy_that_holds_something_else_there_breaks_the_promise(coop: Cooperative, check: Check) -> None:
    kept = keep(coop, ballot(coop, "--yes", "member-2"))
    document = parse_canonical(kept.read_bytes().removesuffix(b"\n"))
    log = read_key(coop.key("log"))
    signer = NoteSigner(log.name, log.unlock(None))
    promise = open_receipt(document["receipt"].encode(), signer.verifier)
    moved = issue_receipt(Receipt(promise.origin, 2, promise.leaf_hash, promise.until_s), signer)
    kept.write_bytes(canonical_json({**document, "index": 2, "receipt": moved.decode()}))
    assert check(kept, 1)["verdict"] == "other"
    assert coop.read("ballot", "check", kept, "--lang", "en").stdout.startswith("Broken promise")


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("index", 1, "KEPT_DIFFERS"),
        ("key", "00" * 32, "KEPT_DIFFERS"),
        ("key", "00", "KEPT_MALFORMED"),
        ("index", -1, "KEPT_MALFORMED"),
        ("genesis", "sha256:0", "KEPT_MALFORMED"),
        ("receipt", 7, "KEPT_MALFORMED"),
        ("more", "x", "KEPT_MALFORMED"),
    ],
)
def test_what_was_kept_must_belong_together(coop: Cooperative, field: str, value: object, wanted: str) -> None:
    kept = keep(coop, ballot(coop, "--yes", "member-2"))
    document = parse_canonical(kept.read_bytes().removesuffix(b"\n"))
    kept.write_bytes(canonical_json({**document, field: value}))
    result = coop.read("ballot", "check", kept, "--json")
    assert (result.exit_code, reason(result)) == (1, wanted)


def test_other_entries_are_found_as_well(coop: Cooperative, check: Check) -> None:
    file = coop.sign("proposal", "argue", NAME, "Bien dit.", "--for", by="member-2")
    assert check(file, 1)["verdict"] == "absent"
    kept = keep(coop, file)
    for mine in (file, kept):
        answer = check(mine, 0)
        assert (answer["verdict"], answer["kind"], answer["index"]) == ("entered", "argument", 5)


def test_an_entry_of_another_co_op_is_none_of_this_ones(coop: Cooperative, tmp_path: Path) -> None:
    other = found(tmp_path / "other")
    file = ballot(coop, "--yes", "member-2")
    result = rankd(
        "ballot", "check", file, "--record", other.home / "record", "--genesis", other.home / "genesis", "--json"
    )
    assert (result.exit_code, reason(result)) == (1, "ENTRY_OTHER_CO")


@pytest.mark.parametrize("data", [b"", b"{}", json.dumps({"schema": "rankd.kept/2"}).encode(), b"\xff"])
def test_what_is_no_entry_is_refused(coop: Cooperative, data: bytes) -> None:
    file = coop.home / "nothing"
    file.write_bytes(data)
    result = coop.read("ballot", "check", file, "--json")
    assert (result.exit_code, reason(result)) == (1, "ENVELOPE_MALFORMED")
