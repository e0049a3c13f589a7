import re
from pathlib import Path

from rankd.core.exact.canonical import digest_text
from rankd.core.policy.pairing import prove_bounds
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import read_policy
from rankd.core.words.reasons import policy, policy_text

SPECIFICATION = (Path(__file__).parents[4] / "docs/spec/policy.md").read_text()
NOT_ABOUT_TEXTS = {"POLICY_FILE_UNREADABLE", "LIMITS_NEEDED", "PULL_SHAPE"}


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", SPECIFICATION, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_has_the_canonical_form_and_digests_that_stand_there() -> None:
    read = read_policy(block("yaml").encode())
    assert read.canonical.decode() == block("json").removesuffix("\n")
    assert f"canon digest `{digest_text(read.canon_digest)}`" in SPECIFICATION
    assert f"file digest `{digest_text(read.file_digest)}`" in SPECIFICATION


def test_every_reason_about_policies_is_specified_and_nothing_else() -> None:
    known = set(policy.REASONS) | set(policy_text.REASONS)
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z0-9]+)+)`", SPECIFICATION))
    assert named == known - NOT_ABOUT_TEXTS | {"POINTS_NOT_LEFT_TO_VOTE"}


def test_every_product_of_the_proof_stands_in_the_table_of_bounds(example: Policy, limits: Limits) -> None:
    table = SPECIFICATION.split("## 10. Bounds")[1].split("## 11.")[0]
    rows = [row.split("|")[1].strip() for row in table.splitlines() if row.startswith("| ")]
    assert rows[1:] == [product for product, _, _ in prove_bounds(example, limits)]
