"""What the probes in tests/vectors/features do not say; they hold the reasons and places of refusals."""

import time
from pathlib import Path

import pytest

from rankd.core.errors import PolicyError
from rankd.core.exact.canonical import sha256
from rankd.core.features.declaration import EVER, Affinity, Age, Count, Entity, OneOf, Prior, Rate, Recency, Sent, Span
from rankd.core.features.reader import read_declaration

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
TEXT = """schema: rankd.features/1
entities:
  pair: [author, viewer]
  viewer: [viewer]
features:
  x: {meaning: {fr: "f", en: "e"}, unit: "n", nullable: "yes", profiling: "yes", sent: number}
  kept:
    meaning: {fr: "Âge", en: Age}
    unit: h
    default: "0.1"
    nullable: "yes"
    profiling: "no"
    age: created
"""


def row(name: str, reading: str, profiling: str = "yes") -> str:
    head = f'{{meaning: {{fr: "f", en: "e"}}, unit: u, default: "0", nullable: "no", profiling: "{profiling}"'
    return f"  {name}: {head}, {reading}}}\n"


def test_a_declaration_says_what_its_file_says() -> None:
    text = TEXT + "".join(
        [
            row("count", "count: {of: pair, event: hide, within: 30d, half_life: 36h}"),
            row("rate", "rate: {of: viewer, hits: like, trials: shown, within: ever, prior: 2.5%, weight: 7}"),
            row("part", "affinity: {of: pair, among: viewer, event: like, within: 168h, prior: rate, weight: 1}"),
            row("ago", "recency: {of: viewer, event: click, within: 1d}"),
            row("from", "one_of: {field: groups, words: [b, a]}", "no"),
        ]
    )
    declaration = read_declaration(text.encode())
    assert declaration.entities == (Entity("pair", ("viewer", "author")), Entity("viewer", ("viewer",)))
    assert [declared.reading for declared in declaration.features] == [
        Sent(),
        Age(),
        Count("pair", "hide", Span(DAY_MS, 30, 36 * HOUR_MS)),
        Rate("viewer", "like", "shown", EVER, Prior(25_000, "", 7)),
        Affinity("pair", "viewer", "like", Span(HOUR_MS, 168), Prior(0, "rate", 1)),
        Recency("viewer", "click", Span(DAY_MS, 1)),
        OneOf("groups", ("b", "a")),
    ]
    x, kept = declaration.columns[:2]
    assert (x.default, x.nullable, x.profiling) == (None, True, True)
    assert (kept.meaning.fr, kept.unit, kept.default_text, kept.nullable, kept.profiling) == (
        *("Âge", "h", "0.1", True),
        False,
    )
    assert declaration.file_digest == sha256(text.encode())


def test_profiling_goes_on_from_prior_to_prior() -> None:
    rate = "rate: {{of: {}, hits: click, trials: shown, within: ever, prior: {}, weight: 1}}"

    def text(last: str) -> bytes:
        head = "schema: rankd.features/1\nentities: {v: [viewer], i: [item]}\nfeatures:\n"
        rows = [row("a", rate.format("v", "1%")), row("b", rate.format("i", "a"))]
        return (head + "".join([*rows, row("c", rate.format("i", "b"), last)])).encode()

    assert read_declaration(text("yes")).features[2].feature.profiling
    with pytest.raises(PolicyError) as caught:
        read_declaration(text("no"))
    assert caught.value.reason == "FEATURE_PROFILING"
    assert caught.value.metadata["field"] == "features.c.profiling"


def test_a_refusal_names_the_path_and_what_is_known() -> None:
    with pytest.raises(PolicyError) as caught:
        read_declaration((TEXT + row("f", "count: {of: item, event: click, within: ever}")).encode(), "F.yaml")
    assert caught.value.metadata["field"] == "features.f.count.of"
    assert caught.value.say("en").startswith("F.yaml, line 14, column ")
    assert "these are: pair, viewer." in caught.value.say("en")


@pytest.mark.parametrize(
    "filling",
    [
        "[" * 60_000,
        "{a: " * 15_000,
        "a,\n" * 20_000,
        "f" * 60_000,
        '"' + "\\n" * 30_000 + '"',
        "[" + ", ".join(["item"] * 9_000) + "]",
        "{" + ", ".join(f"k{number}: 1" for number in range(4_000)) + "}",
        "&a [*a, *a]",
    ],
    ids=["lists", "mappings", "lines", "word", "escapes", "items", "keys", "anchor"],
)
@pytest.mark.parametrize("place", ["entities", "features"])
def test_a_hostile_text_is_refused_soon(place: str, filling: str) -> None:
    text = TEXT.replace(f"{place}:\n", f"{place}: {filling}\n")
    begun = time.process_time()
    with pytest.raises(PolicyError):
        read_declaration(text.encode())
    assert time.process_time() - begun < 10


def test_the_largest_declarations_are_read_soon() -> None:
    words = "[" + ", ".join(f"w{number}" for number in range(100)) + "]"
    rows = [row(f"f{number}", f"one_of: {{field: groups, words: {words}}}", "no") for number in range(80)]
    text = "schema: rankd.features/1\nentities: {}\nfeatures:\n" + "".join(rows)
    begun = time.process_time()
    assert len(read_declaration(text.encode()).features) == 80
    assert time.process_time() - begun < 10


def test_the_committed_models_declare_what_can_be_read() -> None:
    found = sorted((Path(__file__).parents[4] / "models").rglob("FEATURES.yaml"))
    for path in found:
        assert read_declaration(path.read_bytes(), path.name).features
