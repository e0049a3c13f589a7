"""The gate's mark: it comes back as it was written, and whoever edits it is found out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.core.exact.canonical import canonical_json, sha256
from rankd.store.assembly_mark import (
    MARK_FILE,
    Mark,
    MarkedActivation,
    MarkedModel,
    MarkedPolicy,
    read_mark,
    write_mark,
)

DIGEST = sha256(b"something")
MARK = Mark(
    origin="minutes.coop.example",
    genesis=sha256(b"genesis"),
    size=14,
    root=sha256(b"root"),
    time_ms=1_800_000_000_000,
    activations=(
        MarkedActivation(1, 1, "founding", 0, "", None, None, DIGEST),
        MarkedActivation(
            2, 2, "vote", 9, "video", MarkedPolicy(1, DIGEST, DIGEST, 9), MarkedModel(DIGEST, ("click",), 0), DIGEST
        ),
        MarkedActivation(3, 3, "rollback", 12, "video", MarkedPolicy(0, DIGEST, b"", None), None, DIGEST),
    ),
    served={"video": 3},
)


def test_a_mark_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert read_mark(tmp_path) is None
    write_mark(tmp_path / "data", MARK)
    assert read_mark(tmp_path / "data") == MARK
    write_mark(tmp_path / "data", replace(MARK, size=15))
    assert read_mark(tmp_path / "data") == replace(MARK, size=15)
    assert [path.name for path in (tmp_path / "data").iterdir()] == [MARK_FILE]


def refusal(data_dir: Path) -> str:
    with pytest.raises(ServiceError) as caught:
        read_mark(data_dir)
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def test_no_byte_of_a_mark_can_be_changed_unnoticed(tmp_path: Path) -> None:
    write_mark(tmp_path, MARK)
    path = tmp_path / MARK_FILE
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert refusal(tmp_path) == "GATE_MARK_DAMAGED"
    for cut in (b"", data[:-1], data + b"\n"):
        path.write_bytes(cut)
        assert refusal(tmp_path) == "GATE_MARK_DAMAGED"


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", -1), ("served", [["video"]]), ("activations", [{}]), ("schema", "rankd.mark.assembly/2"), ("more", 1)],
)
def test_a_mark_that_says_something_else_is_refused_even_with_a_fitting_digest(
    tmp_path: Path, field: str, value: object
) -> None:
    write_mark(tmp_path, MARK)
    document = json.loads((tmp_path / MARK_FILE).read_bytes()) | {field: value}
    del document["digest"]
    document["digest"] = f"sha256:{sha256(canonical_json(document)).hex()}"
    (tmp_path / MARK_FILE).write_bytes(canonical_json(document))
    assert refusal(tmp_path) == "GATE_MARK_DAMAGED"


def test_a_mark_that_cannot_be_read_or_written_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / MARK_FILE).mkdir()
    assert refusal(tmp_path) == "GATE_MARK_DAMAGED"
    with pytest.raises(ServiceError) as caught:
        write_mark(tmp_path, MARK)
    assert caught.value.reason == "GATE_MARK_UNWRITABLE"
    assert [path.name for path in tmp_path.iterdir()] == [MARK_FILE]
