"""Texts that are put to the vote, read."""

import pytest

from rankd.core.assembly.constitution import Subject
from rankd.core.assembly.entries import VoteKind
from rankd.core.assembly.points_template import read_template
from rankd.core.assembly.wording import Wording, model_wording, read_wordings
from rankd.core.errors import AssemblyError, PolicyError
from rankd.core.policy.reader import read_policy
from tests.constitutions import POLICIES, constitution_of, constitution_text

POLICY = (POLICIES / "video.yaml").read_text(encoding="utf-8")
START, END = POLICY.index("points:\n"), POLICY.index("\n# Les règles")
TEMPLATE = POLICY[:START] + "points: vote\n" + POLICY[END:]


def wording(subject: Subject, vote: VoteKind, text: str) -> Wording:
    (read,) = read_wordings(subject, vote, "" if subject == "constitution" else "video", (text,))
    return read


def test_each_text_has_its_digests() -> None:
    for read, found in (
        (read_policy(POLICY.encode(), "text 1"), wording("policy", "yes_no", POLICY)),
        (read_template(TEMPLATE.encode(), "text 1"), wording("policy", "points", TEMPLATE)),
        (constitution_of(), wording("constitution", "yes_no", constitution_text())),
    ):
        assert (found.read, found.canon_digest, found.file_digest) == (read, read.canon_digest, read.file_digest)
    assert model_wording(b"d" * 32).canon_digest == b"d" * 32


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
def test_a_text_of_another_kind_is_refused_under_its_number(
    subject: Subject, vote: VoteKind, text: str, reason: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        wording(subject, vote, text)
    assert (caught.value.reason, caught.value.metadata["file"]) == (reason, "text 1")


def test_a_text_for_another_surface_is_refused() -> None:
    with pytest.raises(AssemblyError) as caught:
        read_wordings("policy", "yes_no", "timeline", (POLICY,))
    assert caught.value.reason == "WORDING_SURFACE"


def test_two_texts_that_say_the_same_are_refused() -> None:
    with pytest.raises(AssemblyError) as caught:
        read_wordings("policy", "ranking", "video", (POLICY, f"{POLICY}# encore\n"))
    assert caught.value.reason == "WORDING_REPEATED"
