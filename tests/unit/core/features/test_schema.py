import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[4]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/spec/features.schema.json").read_text())

# What needs one place of the text compared with another, or arithmetic; everything else an editor refuses too.
BEYOND_A_SCHEMA = {
    "FEATURE_AMONG",
    "FEATURE_BLOCKS_TOO_MANY",
    "FEATURE_COUNTERS_TOO_MANY",
    "FEATURE_ENTITY_REPEATED",
    "FEATURE_ENTITY_UNKNOWN",
    "FEATURE_ENTITY_UNUSED",
    "FEATURE_NEGATIVE_FOR_EVERYONE",
    "FEATURE_PART_UNKNOWN",
    "FEATURE_PROFILING",
    "POLICY_DURATION_RANGE",
}
BEYOND_A_SCHEMA_BY_NAME = {
    *("default_overflow", "default_precise", "default_rounded"),
    *("prior_below", "prior_count", "prior_itself", "prior_unknown"),
    *("profiling_claimed", "scope_personal"),
}


def probes() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((ROOT / "tests/vectors/features").glob("*.json")):
        probe = json.loads(path.read_text())
        if "text" in probe and not str(probe.get("want_reason", "")).startswith("YAML_"):
            yield path.stem, probe


def described(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every property of what is described, not of the conditions under `allOf`."""
    if isinstance(node, dict):
        for name, body in node.get("properties", {}).items():
            yield f"{path}.{name}", body.get("description", "")
        for name, body in node.items():
            if name != "allOf":
                yield from described(body, f"{path}/{name}")


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["title"] == "rankd.features/1"


def test_every_property_is_described_in_both_languages() -> None:
    texts = list(described(SCHEMA))
    assert len(texts) > 30
    assert [path for path, text in texts if not (text.startswith("FR\u00a0: ") and " EN: " in text)] == []


@pytest.mark.parametrize(("name", "probe"), list(probes()), ids=lambda value: value if isinstance(value, str) else "")
def test_an_editor_accepts_and_refuses_what_the_reader_does(name: str, probe: dict[str, Any]) -> None:
    errors = list(Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(probe["text"])))
    silent = probe.get("want_reason") in BEYOND_A_SCHEMA or name in BEYOND_A_SCHEMA_BY_NAME
    assert bool(errors) == ("want_reason" in probe and not silent)
