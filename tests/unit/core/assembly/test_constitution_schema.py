import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from rankd.core.words.language import LANGUAGES, Language
from tests.constitutions import constitution_text as text
from tests.constitutions import public_key

SPEC = Path(__file__).parents[4] / "docs/spec"
SCHEMA: dict[str, Any] = json.loads((SPEC / "constitution.schema.json").read_text(encoding="utf-8"))


def errors(source: str) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(source))]


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        for name, body in node.get("properties", {}).items():
            yield f"{path}.{name}", body
        for name, body in node.items():
            yield from properties(body, f"{path}/{name}")


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_property_is_described_in_both_languages() -> None:
    described = [(path, body.get("description", "")) for path, body in properties(SCHEMA)]
    assert len(described) > 90
    assert [path for path, words in described if not (words.startswith("FR\u00a0: ") and " EN: " in words)] == []


def test_its_limits_are_those_of_the_limits_schema() -> None:
    alone = json.loads((SPEC / "limits.schema.json").read_text(encoding="utf-8"))["properties"]
    assert SCHEMA["properties"]["limits"]["properties"] == {name: alone[name] for name in alone if name != "schema"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_project_s_templates_keep_it_once_they_are_filled(language: Language) -> None:
    assert errors(text(language=language)) == []
    assert errors(text(language=language, guardians=0)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("number: 1\n", ""),
        ("number: 1\n", "number: 0\n"),
        ("number: 1\n", "number: 1\nweights: {}\n"),
        ("coop.example/fil", "Coop"),
        ("base: none", "base: sha256:00"),
        (public_key(1).hex(), public_key(1).hex()[1:]),
        (public_key(3).hex(), public_key(2).hex()),
        ("needed: 2", "needed: two"),
        ("lift_ceiling: 10", "lift_ceiling: 51"),
        ("by: vote", "by: notice"),
        ("sponsors: 2", "sponsors: 2.5"),
        ("voting: 7d", "voting: 7 days"),
        ("quorum: root", "quorum: square"),
        ("quorum: root", "quorum: 0.00%"),
        ("recall: 5%", "recall: 0%"),
        ("recall: 5%", "recall: 101%"),
        ("majority: 1/2", "majority: 50%"),
        ("majority: 1/2", "majority: 501/1001"),
    ],
)
def test_an_editor_refuses_what_the_reader_does(old: str, new: str) -> None:
    assert errors(text((old, new))) != []


def test_an_editor_accepts_a_model_by_notice() -> None:
    assert errors(text(("  model:\n    by: vote", "  model:\n    by: notice"))) == []
