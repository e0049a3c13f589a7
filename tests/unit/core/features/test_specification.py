import json
import re
from pathlib import Path

from rankd.core.exact.canonical import digest_text
from rankd.core.features.kinds import KINDS
from rankd.core.features.layout import layout_of
from rankd.core.features.reader import (
    MAX_BLOCKS,
    MAX_COUNTERS,
    MAX_ENTITIES,
    MAX_FEATURES,
    MAX_NODES,
    MAX_WEIGHT,
    MAX_WORDS,
    read_declaration,
)
from rankd.core.words.reasons import feature_text
from rankd.core.words.reasons.catalogue import REASONS

ROOT = Path(__file__).parents[4]
SPECIFICATION = (ROOT / "docs/spec/features.md").read_text()


def example() -> str:
    found = re.search(r"^```yaml\n(.*?)^```$", SPECIFICATION, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_every_reason_about_declarations_is_specified_and_no_other_that_nobody_knows() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z0-9]+)+)`", SPECIFICATION))
    assert set(feature_text.REASONS) - named == set()
    assert named - set(REASONS) == {"NEWEST_FIRST", "FEATURES_UNAVAILABLE", "DEFAULT_USED"}


def test_the_bounds_are_those_of_the_reader() -> None:
    for sentence in (
        f"with {MAX_NODES // 1000} 000 nodes at most",
        f"a mapping of 0 to {MAX_ENTITIES} names",
        f"a mapping of 1 to {MAX_FEATURES} names",
        f"a list of 1 to {MAX_WORDS} names",
        f"an integer of 1 to {MAX_WEIGHT:,}".replace(",", " "),
        f"at most {MAX_BLOCKS} blocks",
        f"at most {MAX_COUNTERS} counters",
        f"`{' '.join(KINDS)}`",
    ):
        assert sentence in SPECIFICATION


def test_the_example_has_the_layout_that_stands_there() -> None:
    layout = layout_of(read_declaration(example().encode()))
    assert f"the layout digest `{digest_text(layout.digest)}`" in SPECIFICATION
    for block in layout.blocks:
        width = f"{block.bucket_ms:,}".replace(",", " ")
        row = [block.code.hex(), f"`{' '.join(block.entity.parts)}`", width, str(block.bucket_count)]
        assert f"| {' | '.join(row)} | `{' '.join(block.events)}` |" in SPECIFICATION


def test_the_example_s_values_and_columns_are_those_of_its_probe() -> None:
    probe = json.loads((ROOT / "tests/vectors/features/good_example.json").read_text())
    assert probe["text"] == example()
    keys = re.findall(r"^\| `(0[1-9][0-9a-f ]*)` \|", SPECIFICATION, re.MULTILINE)
    assert [key.replace(" ", "") for key in keys] == [one["key"] for one in probe["want"]["counters"]]
    for numbers in probe["want"]["columns"][0].values():
        assert numbers[0].upper() in SPECIFICATION
