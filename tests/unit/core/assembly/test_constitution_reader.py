import hashlib
import json
from fractions import Fraction

import pytest
import rfc8785

from rankd.core.assembly.constitution import SUBJECTS
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.errors import PolicyError
from rankd.core.exact.canonical import MAX_SAFE_INTEGER, sha256
from rankd.core.policy.pairing import check_limits
from rankd.core.policy.reader import read_limits, read_policy
from tests.constitutions import CO, POLICIES, constitution_of, constitution_text, public_key

DAY_MS = 86_400_000
MOST = "classes.policy.deliberation_max"
DIGEST = "sha256:" + "ab" * 32
WEAK = "01" + "00" * 31  # the neutral element
LOG, SECRETARY, OTHER, GUARDIAN = (public_key(number).hex() for number in (1, 2, 3, 4))


def refusal(text: str | bytes) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        read_constitution(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"), "c.yaml")
    assert caught.value.say("fr").startswith("c.yaml, ligne ")
    assert caught.value.say("en") != caught.value.say("fr")
    return caught.value


def test_a_text_is_read_into_what_it_says() -> None:
    read = constitution_of()
    assert (read.number, read.origin, read.base_digest, read.is_dev) == (1, CO, None, False)
    assert read.title.fr == "Constitution de notre fil"
    assert read.log_key == public_key(1)
    assert read.secretaries == tuple(sorted([public_key(2), public_key(3)]))
    assert read.guardians.keys == tuple(sorted(public_key(number) for number in (4, 5, 6)))
    assert (read.guardians.needed, read.guardians.confirmation_ms) == (2, 7 * DAY_MS)
    assert tuple(rules.subject for rules in read.classes) == SUBJECTS
    policy, own = read.class_of("policy"), read.class_of("constitution")
    assert (policy.by, policy.sponsors, policy.quorum, policy.quorum_min) == ("vote", 2, None, Fraction(0))
    assert (policy.majority, policy.recall, policy.late_swing_ms) == (Fraction(1, 2), Fraction(1, 20), 2 * DAY_MS)
    assert (policy.sponsorship_ms, policy.deliberation_ms, policy.deliberation_max_ms) == (
        30 * DAY_MS,
        7 * DAY_MS,
        60 * DAY_MS,
    )
    assert (policy.notice_ms, policy.voting_ms, policy.timelock_ms) == (2 * DAY_MS, 7 * DAY_MS, 3 * DAY_MS)
    assert (own.majority, own.quorum, own.voting_ms) == (Fraction(2, 3), Fraction(1, 5), 14 * DAY_MS)


def test_its_limits_are_those_of_the_limits_file_under_the_constitution_s_digests() -> None:
    read, alone = constitution_of(), read_limits((POLICIES / "limits.yaml").read_bytes())
    assert read.limits.objectives == alone.objectives
    assert read.limits.lift_ceiling_micro == alone.lift_ceiling_micro
    assert read.limits.exploration_max_ppm == alone.exploration_max_ppm
    assert (read.limits.canon_digest, read.limits.file_digest) == (read.canon_digest, read.file_digest)
    assert read.limits.canonical == read.canonical
    check_limits(read_policy((POLICIES / "video.yaml").read_bytes()), read.limits)


def test_digests_are_those_of_the_canonical_form_and_of_the_file() -> None:
    text = constitution_text()
    read = read_constitution(text.encode())
    assert read.canon_digest == hashlib.sha256(read.canonical).digest()
    assert read.file_digest == hashlib.sha256(text.encode()).digest()
    form = json.loads(read.canonical)
    assert read.canonical == rfc8785.dumps(form)
    assert form["classes"]["constitution"] == {
        "by": "vote",
        "sponsors": 3,
        "sponsorship_ms": 30 * DAY_MS,
        "deliberation_ms": 14 * DAY_MS,
        "deliberation_max_ms": 90 * DAY_MS,
        "notice_ms": 3 * DAY_MS,
        "voting_ms": 14 * DAY_MS,
        "quorum_ppm": 200_000,
        "quorum_min_ppm": 0,
        "majority": [2, 3],
        "late_swing_ms": 2 * DAY_MS,
        "timelock_ms": 7 * DAY_MS,
        "recall_ppm": 50_000,
    }
    assert form["classes"]["policy"]["quorum_ppm"] is None
    assert form["base"] is None
    assert "schema" not in form["limits"]


def test_notes_layout_units_and_the_order_of_keys_change_the_file_digest_only() -> None:
    first = constitution_of()
    lists = f'secretaries:\n  - "{min(SECRETARY, OTHER)}"\n  - "{max(SECRETARY, OTHER)}"\n'
    other = constitution_of(
        ("late_swing: 48h", "late_swing: 2d # two days"),
        ("majority: 2/3", "majority: 4/6"),
        ("recall: 5%", "recall: 5.00%"),
        (lists, f'secretaries: ["{max(SECRETARY, OTHER)}", "{min(SECRETARY, OTHER)}"]\n'),
    )
    assert other.canonical == first.canonical
    assert other.file_digest != first.file_digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Constitution of our feed", "Constitution of our video feed"),
        ('origin: "coop.example/fil"', 'origin: "coop.example/fils"'),
        ("confirmation: 7d", "confirmation: 8d"),
        ("needed: 2", "needed: 3"),
        (LOG, public_key(9).hex()),
        (OTHER, public_key(9).hex()),
        (GUARDIAN, public_key(9).hex()),
        ("lift_ceiling: 10", "lift_ceiling: 11"),
        ("hide: {sign: penalty, min: 0, max: 300}", "hide: {sign: reward, min: 0, max: 300}"),
        ("sponsors: 2", "sponsors: 4"),
        ("deliberation_max: 60d", "deliberation_max: 61d"),
        ("quorum: root", "quorum: 10%"),
        ("quorum_min: 0%", "quorum_min: 0.0001%"),
        ("majority: 1/2", "majority: 501/1000"),
        ("late_swing: 48h", "late_swing: 0h"),
        ("timelock: 3d", "timelock: 73h"),
        ("recall: 5%", "recall: 5.0001%"),
        ("by: vote\n    sponsors: 2\n", "by: vote\n    sponsors: 5\n"),
    ],
)
def test_whatever_else_changes_changes_the_canon_digest(old: str, new: str) -> None:
    assert constitution_of((old, new)).canon_digest != constitution_of().canon_digest


def test_a_later_constitution_names_the_one_that_it_replaces() -> None:
    read = constitution_of(("number: 1", "number: 2"), ("base: none", f"base: {DIGEST}"))
    assert (read.number, read.base_digest) == (2, bytes.fromhex("ab" * 32))


def test_only_a_model_may_go_by_notice() -> None:
    text = constitution_text()
    head, model = text.split("  model:\n")
    read = read_constitution((head + "  model:\n" + model.replace("by: vote", "by: notice", 1)).encode())
    assert [rules.by for rules in read.classes] == ["vote", "notice", "vote"]
    error = refusal(constitution_text(("by: vote", "by: notice")))
    assert (error.reason, error.metadata["field"]) == ("CONSTITUTION_NOTICE", "classes.policy.by")


def test_a_co_op_without_guardians_needs_none() -> None:
    assert constitution_of(guardians=0).guardians.keys == ()
    error = refusal(constitution_text(("needed: 0", "needed: 1"), guardians=0))
    assert (error.reason, error.metadata["count"]) == ("CONSTITUTION_GUARDIANS", 0)


@pytest.mark.parametrize(
    ("old", "new", "reason", "field"),
    [
        ("rankd.constitution/1", "rankd.constitution/2", "SCHEMA_UNKNOWN", "schema"),
        ("number: 1\n", "", "POLICY_FIELD_MISSING", "(root)"),
        ("number: 1\n", "number: 1\nweights: 2\n", "POLICY_FIELD_UNKNOWN", "weights"),
        ("number: 1\n", "number: 0\n", "POLICY_INTEGER_RANGE", "number"),
        ("number: 1\n", "number: 2\n", "CONSTITUTION_BASE_NUMBER", "base"),
        ("base: none", f"base: {DIGEST}", "CONSTITUTION_BASE_NUMBER", "base"),
        ("base: none", "base: sha256:ABC", "CONSTITUTION_BASE_FORM", "base"),
        (f'"{CO}"', '"Coop"', "ORIGIN_FORM", "origin"),
        (f'"{CO}"', '"a/"', "ORIGIN_FORM", "origin"),
        (f'"{CO}"', '"a\\nb"', "ORIGIN_FORM", "origin"),
        ('fr: "Constitution de notre fil"', 'fr: ""', "TEXT_LENGTH", "title.fr"),
        (f'log_key: "{LOG}"', f'log_key: "{LOG[:-1]}"', "CONSTITUTION_KEY_FORM", "log_key"),
        (f'log_key: "{LOG}"', f'log_key: "{LOG.upper()}"', "CONSTITUTION_KEY_FORM", "log_key"),
        (f'log_key: "{LOG}"', f'log_key: "{WEAK}"', "CONSTITUTION_KEY_WEAK", "log_key"),
        (OTHER, SECRETARY, "CONSTITUTION_KEY_REPEATED", "secretaries[2]"),
        (max(SECRETARY, OTHER), LOG, "CONSTITUTION_KEY_ROLES", "secretaries[2]"),
        (min(public_key(n).hex() for n in (4, 5, 6)), LOG, "CONSTITUTION_KEY_ROLES", "guardians.keys[1]"),
        ("needed: 2", "needed: 4", "CONSTITUTION_GUARDIANS", "guardians.needed"),
        ("needed: 2", "needed: 0", "CONSTITUTION_GUARDIANS", "guardians.needed"),
        ("lift_ceiling: 10", "lift_ceiling: 51", "POLICY_INTEGER_RANGE", "limits.lift_ceiling"),
        ("min: 0, max: 600", "min: 601, max: 600", "LIMITS_ORDER", "limits.objectives.click"),
        ("exploration_max: 5%\n", "", "POLICY_FIELD_MISSING", "limits"),
        ("limits:\n", "limits:\n  schema: rankd.limits/1\n", "POLICY_FIELD_UNKNOWN", "limits.schema"),
        ("sponsors: 2", "sponsors: -1", "POLICY_NOT_AN_INTEGER", "classes.policy.sponsors"),
        ("voting: 7d", "voting: 7", "POLICY_DURATION_FORM", "classes.policy.voting"),
        ("voting: 7d", "voting: 3651d", "POLICY_DURATION_RANGE", "classes.policy.voting"),
        (
            "deliberation_max: 60d",
            "deliberation_max: 6d",
            "CONSTITUTION_DELIBERATION",
            "classes.policy.deliberation_max",
        ),
        ("quorum: root", "quorum: 20", "CONSTITUTION_QUORUM", "classes.policy.quorum"),
        ("quorum: root", "quorum: 1/5", "CONSTITUTION_QUORUM", "classes.policy.quorum"),
        ("quorum: root", "quorum: 0%", "POLICY_SHARE_RANGE", "classes.policy.quorum"),
        ("recall: 5%", "recall: 0%", "POLICY_SHARE_RANGE", "classes.policy.recall"),
        ("majority: 1/2", "majority: 0.5", "YAML_FLOAT", None),
        ("majority: 1/2", "majority: 1", "CONSTITUTION_MAJORITY", "classes.policy.majority"),
        ("majority: 1/2", "majority: 1/1", "CONSTITUTION_MAJORITY", "classes.policy.majority"),
        ("majority: 1/2", "majority: 1/3", "CONSTITUTION_MAJORITY", "classes.policy.majority"),
        ("majority: 1/2", "majority: 1/0", "CONSTITUTION_MAJORITY", "classes.policy.majority"),
        ("majority: 1/2", "majority: 01/2", "CONSTITUTION_MAJORITY", "classes.policy.majority"),
        ("majority: 1/2", "majority: 600/1001", "CONSTITUTION_MAJORITY", "classes.policy.majority"),
        ("majority: 1/2", "majority: 50%", "CONSTITUTION_MAJORITY", "classes.policy.majority"),
    ],
)
def test_what_breaks_the_form_is_refused_where_it_stands(old: str, new: str, reason: str, field: str | None) -> None:
    error = refusal(constitution_text((old, new)))
    assert (error.reason, error.metadata.get("field")) == (reason, field)


def test_the_place_named_is_the_place_in_the_file() -> None:
    text = constitution_text(("majority: 2/3", "majority: 2/9"))
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "2/9" in line)
    error = refusal(text)
    assert (error.metadata["line"], error.metadata["column"]) == (line, 15)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("base: none", "base: &none none", "YAML_ANCHOR"),
        ("base: none", "base: *none", "YAML_ALIAS"),
        ("base: none", "base: !!str none", "YAML_TAG"),
        ("base: none", "base: none\nbase: none", "YAML_DUPLICATE_KEY"),
        ("base: none", 'base: none\n"base": none', "YAML_DUPLICATE_KEY"),
        ("    majority: 1/2\n", "    majority: 1/2\n    majority: 2/3\n", "YAML_DUPLICATE_KEY"),
        ("classes:\n", "classes:\n  <<: {}\n", "YAML_MERGE_KEY"),
        ("our feed", "our\u202e feed", "YAML_BIDI_CHARACTER"),
        ("our feed", "our\u200b feed", "YAML_INVISIBLE_CHARACTER"),
        ("our feed", "our fe\u0301ed", "YAML_NOT_NFC"),
        ("our feed", "our \\u202E feed", "YAML_BIDI_CHARACTER"),
        ("our feed", "our\tfeed", "YAML_TAB"),
        ("our feed", "our \ud800 feed", "YAML_NOT_UTF8"),
        ("number: 1\n", "number: 1\r\n", "YAML_CARRIAGE_RETURN"),
        ("number: 1\n", "number: 0x1\n", "YAML_INTEGER_FORM"),
        ("number: 1\n", "number: yes\n", "YAML_AMBIGUOUS_WORD"),
        ("majority: 1/2", "majority: 1/2/3", "YAML_AMBIGUOUS_WORD"),
        ("# The constitution", "--- {}\n---\n# The constitution", "YAML_SECOND_DOCUMENT"),
    ],
)
def test_hostile_yaml_is_refused_through_this_door_too(old: str, new: str, reason: str) -> None:
    assert refusal(constitution_text((old, new))).reason == reason


def test_a_text_beyond_64_kibibytes_is_refused() -> None:
    assert refusal(constitution_text() + "#" * 65_536 + "\n").reason == "YAML_TOO_LARGE"


def test_a_list_of_keys_has_an_end() -> None:
    many = "".join(f'\n    - "{public_key(number).hex()}"' for number in range(20, 36))
    keys = "".join(f'\n    - "{key}"' for key in sorted(public_key(number).hex() for number in (4, 5, 6)))
    assert refusal(constitution_text((keys, many))).reason == "POLICY_LIST_LENGTH"


def test_an_extension_is_no_longer_than_the_timelock() -> None:
    longer = constitution_text(("late_swing: 48h", "late_swing: 73h"))
    refused = refusal(longer)
    assert (refused.reason, refused.metadata["field"]) == ("CONSTITUTION_SWING", "classes.policy.late_swing")
    assert refused.metadata["timelock"] == "3d"

    read_constitution(constitution_text(("late_swing: 48h", "late_swing: 3d")).encode())


def test_a_development_co_op_may_be_quick_but_not_unbounded() -> None:
    quick = [(f"{name}: {time}", f"{name}: 0h") for name, time in (("voting", "7d"), ("timelock", "3d"))]
    read = constitution_of(*quick, ("sponsors: 2", "sponsors: 0"), origin="dev.test")
    assert (read.is_dev, read.class_of("policy").voting_ms, read.class_of("policy").sponsors) == (True, 0, 0)
    assert refusal(constitution_text(*quick)).reason == "CONSTITUTION_BOUND"
    assert (
        refusal(constitution_text(("voting: 7d", "voting: 3651d"), origin="dev.test")).reason == "POLICY_DURATION_RANGE"
    )
    assert refusal(constitution_text(("needed: 2", "needed: 4"), origin="dev.test")).reason == "CONSTITUTION_GUARDIANS"


def test_the_longest_times_together_stay_far_below_2_to_the_53() -> None:
    names = {"sponsorship": "30d", "deliberation_max": "60d", "notice": "2d", "voting": "7d", "late_swing": "48h"}
    longest = [(f"    {name}: {time}", f"    {name}: 3650d") for name, time in names.items()]
    rules = constitution_of(*longest, ("timelock: 3d", "timelock: 3650d"), origin="dev.test").class_of("policy")
    total = rules.sponsorship_ms + rules.deliberation_max_ms + rules.notice_ms + rules.voting_ms
    total += 2 * rules.late_swing_ms + rules.timelock_ms
    end_of_9999_ms = 253_402_300_799_999
    assert total + end_of_9999_ms < MAX_SAFE_INTEGER // 32


def test_another_text_of_the_project_is_no_constitution() -> None:
    data = (POLICIES / "limits.yaml").read_bytes()
    error = refusal(data)
    assert (error.reason, error.metadata["found"]) == ("SCHEMA_UNKNOWN", "rankd.limits/1")
    assert sha256(data) == read_limits(data).file_digest
