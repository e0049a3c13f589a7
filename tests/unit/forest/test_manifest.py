import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import canonical_json
from rankd.core.features.feature import Feature
from rankd.core.words.language import Phrase
from rankd.forest.manifest import read_manifest

Seal = Callable[..., dict[str, bytes]]
Refusal = Callable[..., ModelError]
Change = Callable[[dict[str, Any]], object]


def changed(data: bytes, change: Change) -> bytes:
    body = json.loads(data)
    change(body)
    return canonical_json(body)


def test_what_was_written_is_what_is_read(seal: Seal) -> None:
    data = seal()["manifest.json"]
    manifest = read_manifest(data)
    assert manifest.surface == "video"
    assert [f.name for f in manifest.features] == ["duration_s", "reply_rate"]
    assert manifest.features[1].meaning == Phrase("taux de réponse", "reply rate")
    assert [f.default for f in manifest.features] == [None, 0.5]
    assert [h.signal.objective for h in manifest.heads] == ["click", "reply"]
    assert [h.signal.silent for h in manifest.heads] == [False, True]
    assert manifest.heads[1].silent_reason == "TOO_FEW_POSITIVES"
    assert [name for name, _ in manifest.documents] == ["LICENSE", "MODEL_CARD.md"]
    assert manifest.training["split"] == {"until": "2022-05-02"}
    calibration = manifest.heads[0].signal.calibration
    assert calibration is not None
    assert calibration.margins.tolist() == [-5, 0, 9]
    assert calibration.ppb.tolist() == [1, 400_000_000, 999_999_999]


def test_the_digest_is_the_sha256_of_the_file(seal: Seal) -> None:
    data = seal()["manifest.json"]
    assert read_manifest(data).digest == hashlib.sha256(data).digest()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"NaN",
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a": 1}',
        b'"\\ud800"',
    ],
)
def test_bytes_that_are_not_the_canonical_form_are_refused(data: bytes, refusal: Refusal) -> None:
    assert refusal(read_manifest, data).reason == "MODEL_MANIFEST_NOT_CANONICAL"


def test_a_trailing_newline_is_refused(seal: Seal, refusal: Refusal) -> None:
    data = seal()["manifest.json"] + b"\n"
    assert refusal(read_manifest, data).reason == "MODEL_MANIFEST_NOT_CANONICAL"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m.update(colour=1), "manifest.colour"),
        (lambda m: m["features"][1].update(dtype="f32"), "features[1].dtype"),
        (lambda m: m["features"][0]["meaning"].update(de="Dauer"), "features[0].meaning.de"),
        (lambda m: m["heads"][0].update(weight=1), "heads[0].weight"),
        (lambda m: m["documents"][0].update(size=1), "documents[0].size"),
    ],
)
def test_an_unknown_key_is_refused_by_name(seal: Seal, refusal: Refusal, change: Change, field: str) -> None:
    error = refusal(read_manifest, changed(seal()["manifest.json"], change))
    assert (error.reason, error.metadata["field"]) == ("MODEL_MANIFEST_KEY_UNKNOWN", field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m.pop("training"), "manifest.training"),
        (lambda m: m["features"][0].pop("default"), "features[0].default"),
        (lambda m: m["features"][0]["meaning"].pop("fr"), "features[0].meaning.fr"),
        (lambda m: m["heads"][1].pop("silent"), "heads[1].silent"),
        (lambda m: m["documents"][1].update(file="NOTICE"), "documents: MODEL_CARD.md"),
    ],
)
def test_a_missing_key_is_refused_by_name(seal: Seal, refusal: Refusal, change: Change, field: str) -> None:
    def sort(body: dict[str, Any]) -> None:
        change(body)
        body["documents"].sort(key=lambda d: d["file"])

    error = refusal(read_manifest, changed(seal()["manifest.json"], sort))
    assert (error.reason, error.metadata["field"]) == ("MODEL_MANIFEST_KEY_MISSING", field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m.update(schema="rankd.model/2"), "schema"),
        (lambda m: m.update(surface="Video"), "surface"),
        (lambda m: m.update(surface=3), "surface"),
        (lambda m: m.update(features=[]), "features"),
        (lambda m: m.update(features={}), "features"),
        (lambda m: m.update(features=m["features"] * 257), "features"),
        (lambda m: m["features"].append(m["features"][0]), "features.name"),
        (lambda m: m["features"].append(7), "features[2]"),
        (lambda m: m["features"][0].update(name="_x"), "features[0].name"),
        (lambda m: m["features"][0].update(name="x" * 65), "features[0].name"),
        (lambda m: m["features"][0].update(name="x\n"), "features[0].name"),
        (lambda m: m["features"][0].update(nullable=0), "features[0].nullable"),
        (lambda m: m["features"][0].update(profiling=None), "features[0].profiling"),
        (lambda m: m["features"][0].update(unit=""), "features[0].unit"),
        (lambda m: m["features"][0]["meaning"].update(fr="{x}"), "features[0].meaning.fr"),
        (lambda m: m["features"][0]["meaning"].update(en="a\u202eb"), "features[0].meaning.en"),
        (lambda m: m["features"][0]["meaning"].update(en="x" * 501), "features[0].meaning.en"),
        (lambda m: m.update(heads=[]), "heads"),
        (lambda m: m["heads"].reverse(), "heads"),
        (lambda m: m["heads"].insert(0, m["heads"][0]), "heads.objective"),
        (lambda m: m["heads"][0].update(objective="clic"), "heads[0].objective"),
        (lambda m: m["heads"][0].update(file="../click.txt"), "heads[0].file"),
        (lambda m: m["heads"][0].update(digest="sha256:" + "A" * 64), "heads[0].digest"),
        (lambda m: m["heads"][0].update(digest="sha256:" + "a" * 62 + "  "), "heads[0].digest"),
        (lambda m: m["heads"][0].update(digest=None), "heads[0].digest"),
        (lambda m: m["heads"][0].update(base_rate_ppb=999), "heads[0].base_rate_ppb"),
        (lambda m: m["heads"][0].update(base_rate_ppb=True), "heads[0].base_rate_ppb"),
        (lambda m: m["heads"][0].update(base_rate_ppb=10**9), "heads[0].base_rate_ppb"),
        (lambda m: m["heads"][1].update(base_rate_ppb=0), "heads[1].base_rate_ppb"),
        (lambda m: m["heads"][1].update(silent="SHY"), "heads[1].silent"),
        (lambda m: m["heads"][1].update(silent=None, base_rate_ppb=5000), "heads[1].calibration"),
        (lambda m: m["heads"][1].update(calibration=[[0, 1]]), "heads[1].calibration"),
        (lambda m: m["heads"][0].update(calibration=[[0, 1], [0, 2]]), "heads[0].calibration"),
        (lambda m: m["heads"][0].update(calibration=[[0, 2], [1, 1]]), "heads[0].calibration"),
        (lambda m: m["heads"][0].update(calibration=[[2**31, 2]]), "heads[0].calibration"),
        (lambda m: m["heads"][0].update(calibration=[[0, 10**9]]), "heads[0].calibration"),
        (lambda m: m["heads"][0].update(calibration=[[k, 1] for k in range(1026)]), "heads[0].calibration"),
        (lambda m: m["heads"][0].update(calibration=[[0, 1], [1]]), "heads[0].calibration[1]"),
        (lambda m: m["heads"][0].update(calibration=[[0, True]]), "heads[0].calibration[0]"),
        (lambda m: m["documents"].reverse(), "documents"),
        (lambda m: m["documents"].pop(), "documents"),
        (lambda m: m["documents"][0].update(file="click.txt"), "documents[0].file"),
        (lambda m: m["documents"][0].update(file="A/B"), "documents[0].file"),
        (lambda m: m.update(training=[]), "training"),
        (lambda m: m.update(training={"a": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}), "training"),
    ],
)
def test_a_wrong_value_is_refused_with_its_field(seal: Seal, refusal: Refusal, change: Change, field: str) -> None:
    error = refusal(read_manifest, changed(seal()["manifest.json"], change))
    assert (error.reason, error.metadata["field"]) == ("MODEL_MANIFEST_VALUE", field)


@pytest.mark.parametrize("text", ["0", "0.5", "-3", "0.1", "16777216", "0.000000059604645", "-0.25"])
def test_a_default_is_the_shortest_decimal_of_a_float32(seal: Seal, text: str) -> None:
    data = changed(seal()["manifest.json"], lambda m: m["features"][0].update(default=text))
    default = read_manifest(data).features[0].default
    assert default is not None
    assert np.float32(default) == np.float32(text)
    assert default == float(np.float32(text))


@pytest.mark.parametrize(
    "text",
    ["", "-0", "0.50", "00", ".5", "1.", "+1", "1e3", "nan", "inf", "16777217", "0.10000000149", "9" * 39, 0, 1],
)
def test_any_other_spelling_of_a_default_is_refused(seal: Seal, refusal: Refusal, text: Any) -> None:
    data = changed(seal()["manifest.json"], lambda m: m["features"][0].update(default=text))
    error = refusal(read_manifest, data)
    assert (error.reason, error.metadata["field"]) == ("MODEL_MANIFEST_VALUE", "features[0].default")


def test_a_default_that_rounds_to_infinity_is_refused(refusal: Refusal, seal: Seal) -> None:
    data = changed(seal()["manifest.json"], lambda m: m["features"][0].update(default="4" + "0" * 38))
    assert refusal(read_manifest, data).metadata["wanted"] == "inf"


def test_a_feature_without_a_default_has_none() -> None:
    assert Feature("x", Phrase("x", "x"), "1", None, nullable=False, profiling=False).default is None
