"""Canonical JSON gives the bytes of RFC 8785’s own test documents, and refuses those with fractions."""

import json
from pathlib import Path

import pytest

from rankd.core.exact.canonical import CanonicalError, canonical_json, parse_canonical

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/log/official/rfc8785.json").read_text(encoding="utf-8"))
WITH_FRACTIONS = {"structures", "values"}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_document_of_rfc_8785(vector: dict[str, str]) -> None:
    value, wanted = json.loads(vector["input"]), bytes.fromhex(vector["outhex"])
    if vector["name"] in WITH_FRACTIONS:
        with pytest.raises(CanonicalError, match="float"):
            canonical_json(value)
    else:
        assert canonical_json(value) == wanted
        assert parse_canonical(wanted) == value


def test_what_is_left_of_the_other_documents_without_their_fractions() -> None:
    documents = {vector["name"]: json.loads(vector["input"]) for vector in VECTORS}
    values = {name: value for name, value in documents["values"].items() if name != "numbers"}
    assert (
        canonical_json(values) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    )
    documents["structures"]["1"]["\n"] = 56
    wanted = next(bytes.fromhex(vector["outhex"]) for vector in VECTORS if vector["name"] == "structures")
    assert canonical_json(documents["structures"]) == wanted
