"""Proposals from the command line: what they name, and that nothing void is signed."""

import re
import shutil
from pathlib import Path

import pytest

from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.entries import Proposal
from rankd.core.assembly.signing import open_entry
from rankd.core.exact.canonical import canonical_json, sha256
from rankd.core.impact.document import encode_impact
from rankd.core.policy.reader import read_policy
from tests.cooperative import MODEL, Cooperative, body, found, policy, rankd, reason, template
from tests.impacts import impact_about


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    coop = found(tmp_path_factory.mktemp("coop") / "home")
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    base = surface["policy"]["canon_digest"]
    for name, text in (
        ("reply", policy(base, click=100, reply=200)),
        ("like", policy(base, click=100, like=150)),
        ("points", template(base)),
        ("stale", policy("sha256:" + "0" * 64)),
    ):
        (coop.home / f"{name}.yaml").write_text(text, encoding="utf-8")
    return coop


@pytest.fixture
def coop(begun: Cooperative, tmp_path: Path) -> Cooperative:
    shutil.copytree(begun.home, tmp_path / "home")
    return Cooperative(tmp_path / "home", 1)


def proposed(file: Path) -> Proposal:
    payload = open_entry(file.read_bytes().removesuffix(b"\n")).payload
    assert isinstance(payload, Proposal)
    return payload


@pytest.mark.parametrize(
    ("names", "options", "vote"),
    [
        (("reply",), (), "yes_no"),
        (("reply", "like"), (), "ranking"),
        (("points",), (), "points"),
        (("reply",), ("--vote", "ranking"), "ranking"),
    ],
)
def test_how_policies_are_voted_on_follows_from_what_they_are(
    coop: Cooperative, names: tuple[str, ...], options: tuple[str, ...], vote: str
) -> None:
    files = [coop.home / f"{name}.yaml" for name in names]
    entry = proposed(coop.sign("proposal", "new", "policy", *files, *options, by="member-1"))
    assert (entry.vote, entry.surface, len(entry.texts)) == (vote, "video", len(names))
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    assert f"sha256:{(entry.model or b'').hex()}" == surface["model"]["digest"]
    assert entry.title.fr.startswith("Des vidéos")


def test_a_proposal_may_have_a_title_of_its_own(coop: Cooperative) -> None:
    words = ("--title-fr", "Plus de réponses", "--reasons-fr", "Parlons-nous.", "--reasons-en", "Let us talk.")
    entry = proposed(coop.sign("proposal", "new", "policy", coop.home / "reply.yaml", *words, by="member-1"))
    assert (entry.title.fr, entry.title.en) == ("Plus de réponses", "Plus de réponses")
    assert (entry.reasons.fr, entry.reasons.en) == ("Parlons-nous.", "Let us talk.")


def test_a_model_is_proposed_with_its_heads_and_for_what_is_in_force(coop: Cooperative) -> None:
    words = ("--title-fr", "Un modèle", "--reasons-fr", "Il est frais.")
    missing = coop.try_sign("proposal", "new", "model", MODEL, "--json", by="member-1")
    assert (missing.exit_code, reason(missing)) == (2, "TEXT_NEEDED")
    entry = proposed(coop.sign("proposal", "new", "model", MODEL, *words, by="member-1"))
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    assert [
        f"sha256:{digest.hex()}" for digest in (entry.model or b"", entry.base_model or b"", entry.base_policy or b"")
    ] == [
        surface["model"]["digest"],
        surface["model"]["digest"],
        surface["policy"]["canon_digest"],
    ]
    assert list(entry.heads) == surface["model"]["heads"]
    assert (entry.subject, entry.vote, entry.texts) == ("model", "yes_no", ())


def test_a_constitution_is_proposed_against_the_one_in_force(coop: Cooperative) -> None:
    text = (coop.home / "constitution.yaml").read_text(encoding="utf-8")
    status = body(coop.read("assembly", "status", "--json"))
    file = coop.home / "second.yaml"
    file.write_text(text, encoding="utf-8")
    again = coop.try_sign("proposal", "new", "constitution", file, "--json", by="member-1")
    assert (again.exit_code, reason(again)) == (1, "CONSTITUTION_NUMBER")
    text = text.replace("number: 1\nbase: none", f"number: 2\nbase: {status['constitution']['canon_digest']}")
    file.write_text(text, encoding="utf-8")
    entry = proposed(coop.sign("proposal", "new", "constitution", file, by="member-1"))
    assert (entry.subject, entry.surface, entry.vote, entry.texts) == ("constitution", "", "yes_no", (text,))


def test_what_a_constitution_changes_is_told_by_its_description(coop: Cooperative) -> None:
    text = (coop.home / "constitution.yaml").read_text(encoding="utf-8")
    digest = body(coop.read("assembly", "status", "--json"))["constitution"]["canon_digest"]
    text = text.replace("number: 1\nbase: none", f"number: 2\nbase: {digest}").replace(
        "lift_ceiling: 10", "lift_ceiling: 8"
    )
    file = coop.home / "second.yaml"
    file.write_text(text, encoding="utf-8")
    name = f"p{coop.enter('proposal', 'new', 'constitution', file, by='member-1')}"
    changes = body(coop.read("assembly", "show", name, "--json", "--lang", "en"))["texts"][0]["changes"]
    assert any(line.startswith("− ") and "10" in line for line in changes)
    assert any(line.startswith("+ ") and "8" in line for line in changes)
    # What stays is not told.
    assert len(changes) < 12


def test_a_proposal_is_amended_and_the_debate_begins_again(coop: Cooperative) -> None:
    name = f"p{coop.enter('proposal', 'new', 'policy', coop.home / 'reply.yaml', by='member-1')}"
    for by in ("member-2", "member-3"):
        coop.enter("proposal", "sponsor", name, by=by)
    assert "en débat" in coop.read("assembly", "show", name).stdout
    like = coop.home / "like.yaml"
    other = re.sub(
        r"(?m)^title:\n(  .*\n)+", 'title:\n  fr: "Un autre titre"\n  en: "Another title"\n', like.read_text()
    )
    like.write_text(other, encoding="utf-8")
    offer = coop.enter("proposal", "amend", name, like, by="member-2")
    stranger = coop.try_sign("proposal", "amend", name, "--accept", offer, "--json", by="member-3")
    assert (stranger.exit_code, reason(stranger)) == (1, "AMENDMENT_NOT_PROPOSER")
    coop.day = 10
    coop.enter("proposal", "amend", name, "--accept", offer, by="member-1")
    shown = body(coop.read("assembly", "show", name, "--json"))
    digest = f"sha256:{sha256(like.read_bytes()).hex()}"
    assert [text["file_digest"] for text in shown["texts"]] == [digest]
    assert [amendment["index"] for amendment in shown["amendments"]] == [offer]
    assert shown["awaits"]["what"] == "debate"
    assert shown["title"]["en"] == "Another title"
    assert f"{name} «\u00a0Un autre titre\u00a0»" in coop.read("assembly", "show", name).stdout
    both = coop.try_sign("proposal", "amend", name, "--json", by="member-1")
    assert (both.exit_code, reason(both)) == (2, "TEXT_NEEDED")


def test_only_its_proposer_settles_a_text_and_not_before_its_time(coop: Cooperative) -> None:
    name = f"p{coop.enter('proposal', 'new', 'policy', coop.home / 'reply.yaml', by='member-1')}"
    for by in ("member-2", "member-3"):
        coop.enter("proposal", "sponsor", name, by=by)
    early = coop.try_sign("proposal", "freeze", name, "--json", by="member-1")
    assert (early.exit_code, reason(early)) == (1, "FREEZE_EARLY")
    coop.day = 20
    other = coop.try_sign("proposal", "freeze", name, "--json", by="member-2")
    assert (other.exit_code, reason(other)) == (1, "FREEZE_NOT_PROPOSER")
    you = body(coop.read("assembly", "status", "--key", coop.key("member-1"), "--json"))["you"]
    assert {"freeze", "amend", "argue"} == {act["deed"] for act in you["acts"]}
    coop.enter("proposal", "freeze", name, by="member-1")
    assert coop.state(name) == "frozen"
    assert "Le vote ouvre dans" in coop.read("assembly", "status").stdout


def test_an_impact_is_frozen_with_the_text_and_shown(coop: Cooperative) -> None:
    name = f"p{coop.enter('proposal', 'new', 'policy', coop.home / 'reply.yaml', by='member-1')}"
    for by in ("member-2", "member-3"):
        coop.enter("proposal", "sponsor", name, by=by)
    coop.day = 20
    impact = coop.home / "impact.json"
    impact.write_text("{ }")
    loose = coop.try_sign("proposal", "freeze", name, "--impact", impact, "--json", by="member-1")
    assert (loose.exit_code, reason(loose)) == (1, "ENTRY_FILE_MALFORMED")
    impact.write_bytes(canonical_json({"schema": "rankd.impact/1"}))
    other = coop.try_sign("proposal", "freeze", name, "--impact", impact, "--json", by="member-1")
    assert (other.exit_code, reason(other)) == (1, "IMPACT_OTHER")
    text = read_policy((coop.home / "reply.yaml").read_bytes(), "reply.yaml")
    constitution = read_constitution((coop.home / "constitution.yaml").read_bytes())
    document = encode_impact(impact_about(text, constitution.limits.canon_digest))
    impact.write_bytes(document + b"\n")
    coop.enter("proposal", "freeze", name, "--impact", impact, by="member-1")
    assert body(coop.read("assembly", "show", name, "--json"))["impact_digest"] == f"sha256:{sha256(document).hex()}"
    shown = coop.read("assembly", "show", name).stdout
    assert f"sha256:{sha256(document).hex()}" in shown
    assert "2 décisions rejouées" in shown


def test_arguments_are_threaded(coop: Cooperative) -> None:
    name = f"p{coop.enter('proposal', 'new', 'policy', coop.home / 'reply.yaml', by='member-1')}"
    first = coop.enter("proposal", "argue", name, "Oui.", "--for", by="member-2")
    other = coop.enter("proposal", "argue", name, "Hum.", by="member-3")
    answer = coop.enter("proposal", "argue", name, "Non.\nVraiment.", "--against", "--reply-to", first, by="member-3")
    lines = coop.read("assembly", "show", name).stdout.splitlines()
    at = lines.index("Arguments")
    assert [line.split("]")[0] for line in lines[at + 1 : at + 3]] == [f"  [{first}", f"    [{answer}"]
    assert lines[at + 3] == "      | Vraiment."
    assert lines[at + 4].startswith(f"  [{other}]")
    both = coop.try_sign("proposal", "argue", name, "x", "--for", "--against", "--json", by="member-2")
    assert (both.exit_code, reason(both)) == (1, "PAPER_CHOICE_TWICE")


def test_what_members_write_cannot_steer_a_terminal(coop: Cooperative) -> None:
    name = f"p{coop.enter('proposal', 'new', 'policy', coop.home / 'reply.yaml', by='member-1')}"
    result = coop.try_sign("proposal", "argue", name, "\x1b[2J{0}", "--json", by="member-2")
    assert (result.exit_code, reason(result)) == (1, "ENTRY_MALFORMED")
    coop.enter("proposal", "argue", name, "{braces} [bold]x[/bold]", by="member-2")
    assert "{braces} [bold]x[/bold]" in coop.read("assembly", "show", name).stdout


def test_sponsors_are_others_and_once(coop: Cooperative) -> None:
    name = f"p{coop.enter('proposal', 'new', 'policy', coop.home / 'reply.yaml', by='member-1')}"
    own = coop.try_sign("proposal", "sponsor", name, "--json", by="member-1")
    assert (own.exit_code, reason(own)) == (1, "SPONSOR_OWN")
    coop.enter("proposal", "sponsor", name, by="member-2")
    twice = coop.try_sign("proposal", "sponsor", name, "--json", by="member-2")
    assert (twice.exit_code, reason(twice)) == (1, "SPONSOR_TWICE")


def test_what_is_refused_leaves_no_file(coop: Cooperative) -> None:
    coop.new_key("stranger")
    out = coop.home / "never.json"
    result = coop.try_sign("proposal", "new", "policy", coop.home / "reply.yaml", "--json", by="stranger", out=out)
    assert (result.exit_code, out.exists()) == (1, False)


def test_a_signed_entry_is_never_overwritten(coop: Cooperative) -> None:
    out = coop.sign("proposal", "new", "policy", coop.home / "reply.yaml", by="member-1")
    before = out.read_bytes()
    result = coop.try_sign("proposal", "new", "policy", coop.home / "like.yaml", "--json", by="member-1", out=out)
    assert (result.exit_code, reason(result), out.read_bytes()) == (1, "OUTPUT_EXISTS", before)


@pytest.mark.parametrize(
    ("left_out", "wanted"),
    [
        ("--record", "RECORD_UNNAMED"),
        ("--genesis", "GENESIS_UNNAMED"),
        ("--key", "SIGNING_KEY_UNNAMED"),
        ("--out", "DELIVERY_UNNAMED"),
    ],
)
def test_what_is_not_named_is_asked_for(coop: Cooperative, left_out: str, wanted: str) -> None:
    given = {
        "--record": coop.home / "record",
        "--genesis": coop.home / "genesis",
        "--key": coop.key("member-1"),
        "--out": coop.home / "out.json",
    }
    del given[left_out]
    words = [word for pair in given.items() for word in pair]
    result = rankd("proposal", "new", "policy", coop.home / "reply.yaml", *words, "--json")
    assert (result.exit_code, reason(result)) == (2, wanted)


def test_nothing_is_signed_by_a_record_with_faults(coop: Cooperative) -> None:
    (coop.home / "record" / "video" / "0001.yaml").write_text("changed\n")
    result = coop.try_sign("proposal", "new", "policy", coop.home / "reply.yaml", "--json", by="member-1")
    assert (result.exit_code, reason(result)) == (1, "RECORD_FAULTY")
    status = coop.read("assembly", "status")
    assert (status.exit_code, "Défauts de ce dossier" in status.stderr) == (1, True)


def test_another_genesis_is_another_co_op(coop: Cooperative) -> None:
    words = ("assembly", "status", "--record", coop.home / "record", "--json")
    other = rankd(*words, "--genesis", "sha256:" + "0" * 64)
    assert (other.exit_code, reason(other)) == (1, "MINUTES_GENESIS")
    malformed = rankd(*words, "--genesis", "sha256:0")
    assert (malformed.exit_code, reason(malformed)) == (1, "GENESIS_MALFORMED")
