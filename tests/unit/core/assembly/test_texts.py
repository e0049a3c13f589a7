import pytest

from rankd.core.assembly.constitution import Subject
from rankd.core.assembly.entries import VoteKind
from rankd.core.assembly.points_template import read_template
from rankd.core.assembly.texts import read_limits_text, text_digests
from rankd.core.errors import PolicyError
from rankd.core.policy.reader import read_limits, read_policy
from tests.constitutions import POLICIES, constitution_of, constitution_text

POLICY = (POLICIES / "video.yaml").read_text(encoding="utf-8")
START, END = POLICY.index("points:\n"), POLICY.index("\n# Les règles")
TEMPLATE = POLICY[:START] + "points: vote\n" + POLICY[END:]


def test_each_text_has_its_digests() -> None:
    policy, template, constitution = read_policy(POLICY.encode()), read_template(TEMPLATE.encode()), constitution_of()
    assert text_digests("policy", "yes_no", POLICY) == (policy.canon_digest, policy.file_digest)
    assert text_digests("policy", "ranking", POLICY) == (policy.canon_digest, policy.file_digest)
    assert text_digests("policy", "points", TEMPLATE) == (template.canon_digest, template.file_digest)
    wanted = (constitution.canon_digest, constitution.file_digest)
    assert text_digests("constitution", "yes_no", constitution_text()) == wanted


@pytest.mark.parametrize(
    ("subject", "vote", "text", "reason"),
    [
        ("policy", "yes_no", TEMPLATE, "POLICY_NOT_A_MAPPING"),
        ("policy", "points", POLICY, "POINTS_NOT_LEFT_TO_VOTE"),
        ("constitution", "yes_no", POLICY, "SCHEMA_UNKNOWN"),
        ("policy", "yes_no", constitution_text(), "SCHEMA_UNKNOWN"),
        ("policy", "yes_no", "\ud800", "YAML_NOT_UTF8"),
    ],
)
def test_a_text_of_another_kind_is_refused_under_the_name_given(
    subject: Subject, vote: VoteKind, text: str, reason: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        text_digests(subject, vote, text, "p14.yaml")
    assert (caught.value.reason, caught.value.metadata["file"]) == (reason, "p14.yaml")


def test_a_model_s_proposal_carries_no_text() -> None:
    with pytest.raises(ValueError, match="model"):
        text_digests("model", "yes_no", POLICY)


def test_limits_are_found_alone_or_in_a_constitution() -> None:
    alone = (POLICIES / "limits.yaml").read_bytes()
    assert read_limits_text(alone) == read_limits(alone)
    assert read_limits_text(constitution_text().encode()) == constitution_of().limits


@pytest.mark.parametrize(
    ("text", "reason"),
    [(POLICY, "SCHEMA_UNKNOWN"), (constitution_text(("voting: 7d", "voting: 1h")), "CONSTITUTION_BOUND")],
)
def test_a_policy_sets_no_limits_and_a_refused_constitution_stays_refused(text: str, reason: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_limits_text(text.encode(), "l.yaml")
    assert (caught.value.reason, caught.value.metadata["file"]) == (reason, "l.yaml")
