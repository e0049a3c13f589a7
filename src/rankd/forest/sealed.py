"""A sealed model: everything that was checked, from bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.features.declaration import Declaration
from rankd.core.features.feature import Feature
from rankd.core.features.reader import FILE_NAME, read_declaration
from rankd.forest.manifest import MANIFEST_FILE, Manifest, read_manifest
from rankd.forest.sealing import read_forest
from rankd.forest.trees import Forest, write_forest


@dataclass(frozen=True, slots=True)
class SealedModel:
    """A model whose every byte was checked. Only `open_sealed` makes one.

    Attributes:
        manifest: The manifest; its digest is the model's.
        texts: For each head, in the manifest's order, its sealed text.
        forests: For each head the trees that this text says.
        declaration: How its features come about; None where requests bring them all.
    """

    manifest: Manifest
    texts: tuple[bytes, ...]
    forests: tuple[Forest, ...]
    declaration: Declaration | None = None


def open_sealed(files: Mapping[str, bytes]) -> SealedModel:
    """Check a sealed model from its bytes. There is no way to skip a check.

    LightGBM ends the whole process on some malformed texts, so nothing reaches it that was not read here first.

    Checked are the manifest's form, the digest of every head and document, and for each head that its text is in
    sealed form: leaves exact multiples of 2⁻²⁴, margins within bounds, nullable features NaN-typed, features as
    declared, proper trees, one spelling. Where FEATURES.yaml is among the documents, it declares the manifest's very
    features. The manifest's own digest is for the caller to compare with the one that
    was adopted (`model.manifest.digest`).

    Args:
        files: Content by file name: manifest.json and exactly the files that it lists.

    Raises:
        ModelError: What is wrong, with the file, and with both digests where a file is not the one listed.
        PolicyError: What is wrong in FEATURES.yaml, with line and column.
    """
    if MANIFEST_FILE not in files:
        raise ModelError("MODEL_FILE_MISSING", file=MANIFEST_FILE)
    manifest = read_manifest(files[MANIFEST_FILE])
    listed = listed_files(manifest)
    for name in files:
        if name not in listed and name != MANIFEST_FILE:
            raise ModelError("MODEL_FILE_UNLISTED", file=name)
    for name, digest in listed.items():
        if name not in files:
            raise ModelError("MODEL_FILE_MISSING", file=name)
        if (found := sha256(files[name])) != digest:
            raise ModelError("MODEL_FILE_DIFFERS", file=name, recorded=digest_text(digest), found=digest_text(found))
    texts = tuple(files[head.file] for head in manifest.heads)
    forests = tuple(
        _open_head(text, manifest.features, head.file) for text, head in zip(texts, manifest.heads, strict=True)
    )
    return SealedModel(manifest, texts, forests, _declaration(files.get(FILE_NAME), manifest))


def listed_files(manifest: Manifest) -> dict[str, bytes]:
    """Return the name and SHA-256 of every file that a manifest lists: heads, then documents."""
    return {head.file: head.digest for head in manifest.heads} | dict(manifest.documents)


def _declaration(data: bytes | None, manifest: Manifest) -> Declaration | None:
    if data is None:
        return None
    declaration = read_declaration(data)
    for wanted, found in zip_longest(declaration.columns, manifest.features):
        if wanted != found:
            raise ModelError(
                "MODEL_DECLARATION_DIFFERS",
                file=FILE_NAME,
                declared="–" if wanted is None else wanted.name,
                listed="–" if found is None else found.name,
            )
    return declaration


def _open_head(data: bytes, features: tuple[Feature, ...], file: str) -> Forest:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = repr(data[error.start : error.start + 8])
        raise ModelError("MODEL_TEXT_UNREADABLE", file=file, line=line, found=found) from None
    forest = read_forest(text, features, file)
    # Sealed form is what sealing leaves as it is, so there is one writer and no second definition to drift from it.
    sealed = write_forest(forest, tuple(feature.name for feature in features))
    if sealed != data:
        here, there = data.split(b"\n"), sealed.split(b"\n")
        same = next((i for i, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1]), None)
        line = min(len(here), len(there)) if same is None else same
        raise ModelError(
            "MODEL_NOT_SEALED",
            file=file,
            line=line + 1,
            found=(here[line : line + 1] or [b""])[0].decode()[:80],
            wanted=(there[line : line + 1] or [b""])[0].decode()[:80],
        )
    return forest
