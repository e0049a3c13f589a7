import json
from pathlib import Path
from typing import Any

import pytest

from rankd.core.errors import PolicyError
from rankd.core.exact.canonical import digest_text
from rankd.core.features.layout import layout_of
from rankd.core.features.reader import read_declaration
from rankd.core.words.reasons import feature_text
from tests.property.feature_declarations import bits_of, counted, read
from tests.reference.write_feature_vectors import FOLDER, rewritten

VECTORS = sorted(FOLDER.glob("*.json"))
GOOD = [path for path in VECTORS if path.stem.startswith("good_")]
BAD = [path for path in VECTORS if not path.stem.startswith("good_")]


def probe_of(path: Path) -> tuple[dict[str, Any], bytes]:
    probe = json.loads(path.read_text())
    text = probe["text"] if "text" in probe else "".join(text * times for text, times in probe["parts"])
    return probe, text.encode()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_refused_declaration_names_its_reason_and_place_in_both_languages(path: Path) -> None:
    probe, data = probe_of(path)
    with pytest.raises(PolicyError) as caught:
        read_declaration(data, "probe.yaml")
    error = caught.value
    got = (error.reason, error.metadata["file"], error.metadata["line"], error.metadata["column"])
    assert got == (probe["want_reason"], "probe.yaml", probe["line"], probe["column"])
    assert error.say("fr").startswith(f"probe.yaml, ligne {probe['line']}, colonne {probe['column']}\u00a0: ")
    assert error.say("en").startswith(f"probe.yaml, line {probe['line']}, column {probe['column']}: ")


def test_every_reason_to_refuse_a_declaration_has_a_probe() -> None:
    assert set(feature_text.REASONS) - {probe_of(path)[0]["want_reason"] for path in BAD} == set()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_declaration_has_the_layout_counters_and_columns_of_its_probe(path: Path) -> None:
    probe, data = probe_of(path)
    declaration, want = read_declaration(data), probe["want"]
    layout = layout_of(declaration)
    assert digest_text(layout.digest) == want["layout"]
    assert [list(block.entity.parts) for block in layout.blocks] == [block["parts"] for block in want["blocks"]]
    counters = counted(layout, probe["events"])
    assert want["counters"] == [
        {"key": key.hex(), "value": value.hex(), "expire_ms": counters.expiry_ms[key]}
        for key, value in sorted(counters.values.items())
    ]
    assert want["columns"] == [
        {name: bits_of(numbers).split() for name, numbers in read(declaration, counters, moment).items()}
        for moment in probe["moments"]
    ]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_probe_is_what_the_reference_writes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert rewritten(json.loads(text), path.stem) == text
