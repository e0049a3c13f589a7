import base64
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from rankd.core.errors import PolicyError
from rankd.core.exact.canonical import digest_text
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.canonical_form import rules_form
from rankd.core.policy.policy import Cap, Freshness, Limits, Policy, Quota, Rules, Slider
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.policy.rule_reader import RULE_IDS

ROOT = Path(__file__).parents[4]
VECTORS = sorted((ROOT / "tests/vectors/policy").glob("*.json"))
GOOD = [path for path in VECTORS if path.stem.startswith("good_")]
BAD = [path for path in VECTORS if not path.stem.startswith("good_")]


def probe(path: Path) -> tuple[dict[str, Any], bytes]:
    vector = json.loads(path.read_text())
    if "base64" in vector:
        return vector, base64.b64decode(vector["base64"])
    if "parts" in vector:
        return vector, "".join(text * times for text, times in vector["parts"]).encode()
    return vector, vector["text"].encode()


def read(vector: dict[str, Any], data: bytes) -> Policy | Limits:
    return read_policy(data, "probe.yaml") if vector["kind"] == "policy" else read_limits(data, "probe.yaml")


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_accepted_probe_has_its_canonical_form_and_digests(path: Path) -> None:
    vector, data = probe(path)
    text = read(vector, data)
    assert text.canonical.decode() == vector["want"]["canonical"]
    assert digest_text(text.canon_digest) == vector["want"]["canon_digest"]
    assert digest_text(text.file_digest) == vector["want"]["file_digest"]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_refused_probe_names_its_reason_and_place(path: Path) -> None:
    vector, data = probe(path)
    with pytest.raises(PolicyError) as caught:
        read(vector, data)
    error = caught.value
    got = (error.reason, error.metadata["file"], error.metadata["line"], error.metadata["column"])
    assert got == (vector["want_reason"], "probe.yaml", vector["line"], vector["column"])


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_refusal_can_be_said_in_both_languages(path: Path) -> None:
    vector, data = probe(path)
    with pytest.raises(PolicyError) as caught:
        read(vector, data)
    place = f"{vector['line']}", f"{vector['column']}"
    assert caught.value.say("fr").startswith("probe.yaml, ligne {}, colonne {}\u00a0: ".format(*place))
    assert caught.value.say("en").startswith("probe.yaml, line {}, column {}: ".format(*place))


def test_canonical_form_is_what_the_reference_implementation_of_rfc_8785_writes(
    founding: Policy, example: Policy, limits: Limits
) -> None:
    for text in (founding, example, limits):
        assert text.canonical == rfc8785.dumps(json.loads(text.canonical))


def test_founding_policy_says_what_its_file_says(founding: Policy) -> None:
    assert founding.surface == "video"
    assert founding.base_digest is None
    assert [objective for objective, _ in founding.points] == list(OBJECTIVES)
    assert dict(founding.points)["report"] == 0
    assert founding.rules == Rules(
        drop_seen=True,
        drop_muted=True,
        freshness=Freshness(half_life_ms=14 * 86_400_000, floor_ppm=200_000, unknown_age_ms=14 * 86_400_000),
        author_diversity=founding.rules.author_diversity,
        caps=(Cap(None, 2, 10), Cap("publicite", 1, 10)),
        after_cap="append",
        quotas=(Quota("local", 3, 10),),
    )
    assert founding.sliders == (Slider("long_view", 50, 150), Slider("reply", 0, 200), Slider("hide", 50, 300))


def test_example_names_every_rule(example: Policy) -> None:
    assert set(rules_form(example.rules)) == {*RULE_IDS, "after_cap"}
    assert example.title.fr.startswith("Exemple")
    assert example.title.en.startswith("Example")


def test_limits_hold_the_signs(limits: Limits) -> None:
    signs = {entry.objective: entry.sign for entry in limits.objectives}
    assert signs == dict.fromkeys(OBJECTIVES, 1) | {"hide": -1, "report": -1}
    assert limits.lift_ceiling_micro == 10_000_000
    assert limits.exploration_max_ppm == 50_000


def test_a_note_changes_the_file_digest_and_not_the_canon_digest(founding: Policy) -> None:
    data = (ROOT / "policies/video.yaml").read_bytes()
    noted = read_policy(data + b"# une note\n")
    assert noted.canon_digest == founding.canon_digest
    assert noted.file_digest != founding.file_digest


def test_one_hour_and_sixty_minutes_are_one_policy() -> None:
    text = (ROOT / "policies/examples/timeline.yaml").read_text()
    hours = read_policy(text.replace("half_life: 2d", "half_life: 48h").encode())
    days = read_policy(text.encode())
    assert hours.canon_digest == days.canon_digest


def test_any_letter_of_the_reasons_changes_the_canon_digest(founding: Policy) -> None:
    text = (ROOT / "policies/video.yaml").read_text()
    other = read_policy(text.replace("Voici nos choix.", "Voici nos choix!").encode())
    assert other.canon_digest != founding.canon_digest


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("at_most: 2, in_first: 10}, {", "at_most: 501, in_first: 10}, {"), "rules.cap/1[1].at_most"),
        (("at_least: 3", "at_least: 11"), "rules.quota/1[1].at_least"),
        (("reply: 300", "reply: -300"), "points.reply"),
        (("reply: {min: 50%", "reply: {min: 150%"), "sliders.reply.min"),
        (("{share: 2%}", "{}"), "exploration"),
    ],
)
def test_a_refusal_names_the_path_of_its_field(change: tuple[str, str], field: str) -> None:
    text = (ROOT / "policies/examples/timeline.yaml").read_text()
    assert change[0] in text
    with pytest.raises(PolicyError) as caught:
        read_policy(text.replace(*change).encode())
    assert caught.value.metadata["field"] == field


def test_infeasible_quotas_are_named() -> None:
    text = (ROOT / "policies/examples/timeline.yaml").read_text()
    more = "{group: local, at_least: 3, in_first: 10}, {group: été, at_least: 8, in_first: 10}"
    with pytest.raises(PolicyError) as caught:
        read_policy(text.replace("{group: local, at_least: 3, in_first: 10}", more).encode())
    assert caught.value.metadata["found"] == "quota/1#1 (local), quota/1#2 (été)"
    assert "quota/1#2 (été)" in caught.value.say("fr")


def test_a_sign_is_refused_with_words_about_signs() -> None:
    text = (ROOT / "policies/examples/timeline.yaml").read_text()
    with pytest.raises(PolicyError) as caught:
        read_policy(text.replace("hide: 100", "hide: -100").encode())
    assert "pas de signe" in caught.value.say("fr")
    assert "no sign" in caught.value.say("en")


def test_too_few_points_say_how_many_are_left_to_give() -> None:
    text = (ROOT / "policies/examples/timeline.yaml").read_text()
    with pytest.raises(PolicyError) as caught:
        read_policy(text.replace("reply: 300", "reply: 275").encode())
    assert "Il en reste 25 à donner." in caught.value.say("fr")
