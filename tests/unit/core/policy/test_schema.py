import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

SPEC = Path(__file__).parents[4] / "docs/spec"
VECTORS = Path(__file__).parents[4] / "tests/vectors/policy"

# What the grammar of a schema cannot say; everything else that the reader refuses, an editor refuses too.
BEYOND_A_SCHEMA = {
    "POINTS_TOO_FEW",
    "POINTS_TOO_MANY",
    "QUOTAS_INFEASIBLE",
    "POLICY_DURATION_RANGE",
    "RECOVERY_NOT_HOURS",
    "LIMITS_ORDER",
    "LIMITS_SUM",
}
# Bytes instead of characters, one number against another, and a plus sign that every parser drops.
BEYOND_A_SCHEMA_BY_NAME = {"source_name_long", "quota_over_prefix", "points_plus"}


def schema(kind: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SPEC / f"{kind}.schema.json").read_text())
    return body


def probes() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(VECTORS.glob("*.json")):
        probe = json.loads(path.read_text())
        if "text" in probe and not str(probe.get("want_reason", "")).startswith("YAML_"):
            yield path.stem, probe


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        for name, body in node.get("properties", {}).items():
            yield f"{path}.{name}", body
        for name, body in node.items():
            yield from properties(body, f"{path}/{name}")


@pytest.mark.parametrize("kind", ["policy", "limits"])
def test_the_schema_is_a_schema(kind: str) -> None:
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize("kind", ["policy", "limits"])
def test_every_property_is_described_in_both_languages(kind: str) -> None:
    described = [(path, body.get("description", "")) for path, body in properties(schema(kind))]
    assert len(described) > 20
    assert [path for path, text in described if not (text.startswith("FR\u00a0: ") and " EN: " in text)] == []


@pytest.mark.parametrize(("name", "probe"), list(probes()), ids=lambda value: value if isinstance(value, str) else "")
def test_an_editor_accepts_and_refuses_what_the_reader_does(name: str, probe: dict[str, Any]) -> None:
    errors = list(Draft202012Validator(schema(probe["kind"])).iter_errors(yaml.safe_load(probe["text"])))
    silent = probe.get("want_reason") in BEYOND_A_SCHEMA or name in BEYOND_A_SCHEMA_BY_NAME
    assert bool(errors) == ("want_reason" in probe and not silent)


@pytest.mark.parametrize(("file", "kind"), [("video", "policy"), ("examples/timeline", "policy"), ("limits", "limits")])
def test_the_project_s_own_texts_keep_their_schema(file: str, kind: str) -> None:
    text = yaml.safe_load((SPEC.parents[1] / f"policies/{file}.yaml").read_text())
    assert list(Draft202012Validator(schema(kind)).iter_errors(text)) == []
