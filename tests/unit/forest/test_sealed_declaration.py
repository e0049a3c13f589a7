"""A sealed model with FEATURES.yaml: it declares the manifest's very columns, or the model is refused."""

import json
from pathlib import Path

import pytest

from rankd.core.errors import ModelError, PolicyError
from rankd.core.exact.canonical import canonical_json, digest_text, sha256
from rankd.core.features.reader import FILE_NAME
from rankd.forest.sealed import open_sealed
from tests.kept import KEPT, KeptHouse


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    return KeptHouse(tmp_path).model_files()


def resealed(files: dict[str, bytes], declaration: bytes) -> dict[str, bytes]:
    """Return the files with another declaration, under its right digest."""
    manifest = json.loads(files["manifest.json"])
    for document in manifest["documents"]:
        if document["file"] == FILE_NAME:
            document["digest"] = digest_text(sha256(declaration))
    return files | {FILE_NAME: declaration, "manifest.json": canonical_json(manifest)}


def test_a_model_says_how_its_columns_come_about(files: dict[str, bytes]) -> None:
    model = open_sealed(files)
    assert model.declaration is not None
    assert model.declaration.columns == model.manifest.features
    assert tuple(declared.feature.name for declared in model.declaration.kept) == KEPT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"viewer_author_hides", b"viewer_author_hidings"),
        (b'"Hides of this author"', b'"Hides of the author"'),
        (b'unit: "0', b'unit: "1'),
        (b'default: "0.4"', b'default: "0.3"'),
        (b'default: "30"\n    nullable: "no"', b'default: "30"\n    nullable: "yes"'),
    ],
)
def test_a_declaration_of_other_columns_is_refused(files: dict[str, bytes], old: bytes, new: bytes) -> None:
    assert old in files[FILE_NAME]
    with pytest.raises(ModelError) as caught:
        open_sealed(resealed(files, files[FILE_NAME].replace(old, new)))
    assert caught.value.reason == "MODEL_DECLARATION_DIFFERS"


def test_a_declaration_that_lacks_a_column_is_refused(files: dict[str, bytes]) -> None:
    text = files[FILE_NAME]
    with pytest.raises(ModelError) as caught:
        open_sealed(resealed(files, text[: text.index(b"  viewer_author_hides:")]))
    assert caught.value.metadata["listed"] == "viewer_author_hides"


def test_a_declaration_that_cannot_be_read_is_refused_with_its_line(files: dict[str, bytes]) -> None:
    with pytest.raises(PolicyError) as caught:
        open_sealed(resealed(files, files[FILE_NAME].replace(b"within: 24h", b"within: 24m")))
    assert caught.value.reason == "FEATURE_SPAN_FORM"
    assert caught.value.metadata["file"] == FILE_NAME
