"""The document: canonical, bounded, and read back strictly."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rankd.core.errors import ImpactError
from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.core.impact.document import (
    MAX_IMPACT_BYTES,
    MAX_SEVERAL_BYTES,
    decode_impact,
    decode_impacts,
    encode_impact,
    encode_impacts,
    fitting,
    fitting_impacts,
)
from rankd.core.impact.impact import (
    AuthorPart,
    AuthorSpread,
    Base,
    Example,
    Exposed,
    Exposure,
    Impact,
    LeftOut,
    Objective,
    Part,
    Prediction,
    Range,
    Row,
    Side,
    Text,
)
from rankd.core.impact.slates import Slates
from rankd.core.log.envelope import MAX_PAYLOAD_BYTES
from rankd.core.objectives import OBJECTIVES

SHARE = Exposed("near", 10, 4, 5, 2_000_000, 2_500_000)
ROW = Row(
    source="near",
    groups=("local",),
    age_ms=None,
    before=Side(1, 300, ("freshness/1",)),
    after=Side(None, -2, ()),
    parts=(Part("click", 150, 75, 30),),
)
IMPACT = Impact(
    surface="video",
    proposed=Text(bytes([1]) * 32, bytes([2]) * 32),
    limits=bytes([3]) * 32,
    model=bytes([4]) * 32,
    new_model=None,
    bases=(Base(bytes([5]) * 32, bytes([3]) * 32, 2),),
    decisions=(Range("dev.test", 9, bytes([6]) * 32, 0, 9, 2, (LeftOut("erased", 1),)),),
    count=2,
    viewers=2,
    clipped=0,
    slates=Slates(0, 4, 2, 1, 1, 1, 0, 4, 3),
    objectives=tuple(Objective(one, 1, None, 100, "speaks", 5, 6, Prediction(7, 8, None, None)) for one in OBJECTIVES),
    exposure=Exposure(SHARE, (SHARE,), (), (SHARE,), ()),
    authors=AuthorSpread(3, 2, 2, 100, None, 4, 5, (AuthorPart(1, 1, 2, 3),)),
    examples=(Example("most", 4, 2, (ROW,)),),
)


def test_an_impact_is_read_back_as_it_was_written() -> None:
    data = encode_impact(IMPACT)
    assert decode_impact(data) == IMPACT
    assert encode_impact(decode_impact(data)) == data
    assert canonical_json(parse_canonical(data)) == data
    assert json.loads(data)["schema"] == "rankd.impact/1"


def test_it_holds_integers_strings_and_nulls_only() -> None:
    def kinds(value: Any) -> set[type]:
        if isinstance(value, dict):
            return set().union(*map(kinds, value.values()))
        if isinstance(value, list):
            return set().union(set(), *map(kinds, value))
        return {type(value)}

    assert kinds(json.loads(encode_impact(IMPACT))) == {int, str, type(None)}


def drop(document: dict[str, Any]) -> None:
    del document["viewers"]


def add(document: dict[str, Any]) -> None:
    document["examples"][0]["rows"][0]["viewer_id"] = "v"


def rename(document: dict[str, Any]) -> None:
    document["schema"] = "rankd.impact/2"


def truth(document: dict[str, Any]) -> None:
    document["count"] = True


def text(document: dict[str, Any]) -> None:
    document["slates"]["moved"] = "2"


def digest(document: dict[str, Any]) -> None:
    document["model"] = "sha256:00"


def reason(document: dict[str, Any]) -> None:
    document["decisions"][0]["left_out"][0]["reason"] = "because"


def longer(document: dict[str, Any]) -> None:
    document["surface"] = "v" * 257


def flat(document: dict[str, Any]) -> None:
    document["authors"] = 3


def nested(document: dict[str, Any]) -> None:
    document["examples"] = {"most": []}


def negative(document: dict[str, Any]) -> None:
    document["exposure"]["sources"][0]["after"] = -1


def unknown(document: dict[str, Any]) -> None:
    document["objectives"][0]["objective"] = "outrage"


def sign(document: dict[str, Any]) -> None:
    document["objectives"][0]["sign"] = 0


def pull(document: dict[str, Any]) -> None:
    document["objectives"][0]["pull_after_ppm"] = 1_000_001


def part(document: dict[str, Any]) -> None:
    document["examples"][0]["rows"][0]["parts"][0]["objective"] = "outrage"


def moved(document: dict[str, Any]) -> None:
    document["slates"]["moved"] = 5


def example(document: dict[str, Any]) -> None:
    document["examples"][0]["moved"] = 5


def top(document: dict[str, Any]) -> None:
    document["slates"] |= {"top_places": 0, "top_kept": 0}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (drop, "impact"),
        (add, "impact.examples[0].rows[0]"),
        (rename, "schema"),
        (truth, "impact.count"),
        (text, "impact.slates.moved"),
        (digest, "impact.model"),
        (reason, "impact.decisions[0].left_out[0].reason"),
        (longer, "impact.surface"),
        (flat, "impact.authors"),
        (nested, "impact.examples"),
        (negative, "impact.exposure.sources[0].after"),
        (unknown, "impact.objectives"),
        (sign, "impact.objectives.sign"),
        (pull, "impact.objectives.pull_after_ppm"),
        (part, "impact.examples.rows.parts"),
        (moved, "impact.slates.moved"),
        (example, "impact.examples.moved"),
        (top, "impact.slates.top_places"),
    ],
)
def test_a_document_that_differs_is_refused_by_the_field(change: Callable[[dict[str, Any]], None], field: str) -> None:
    document = json.loads(encode_impact(IMPACT))
    change(document)
    with pytest.raises(ImpactError) as caught:
        decode_impact(canonical_json(document))
    assert (caught.value.reason, caught.value.metadata["field"]) == ("IMPACT_MALFORMED", field)
    assert field in caught.value.say("fr")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"[" * 100_000, b'{"schema":"rankd.impact/1"}', b"\xff"])
def test_what_is_no_impact_is_refused(data: bytes) -> None:
    with pytest.raises(ImpactError) as caught:
        decode_impact(data)
    assert caught.value.reason == "IMPACT_MALFORMED"


def test_another_spelling_of_the_same_is_refused() -> None:
    with pytest.raises(ImpactError):
        decode_impact(json.dumps(json.loads(encode_impact(IMPACT))).encode())


def test_more_than_the_bound_is_neither_written_nor_read() -> None:
    large = replace(IMPACT, exposure=replace(IMPACT.exposure, groups=(SHARE,) * 4_000))
    with pytest.raises(ImpactError) as caught:
        encode_impact(large)
    assert caught.value.reason == "IMPACT_TOO_LARGE"
    with pytest.raises(ImpactError) as caught:
        decode_impact(b" " * (MAX_IMPACT_BYTES + 1))
    assert caught.value.reason == "IMPACT_TOO_LARGE"


def test_examples_give_way_where_an_impact_does_not_fit() -> None:
    bulky = replace(IMPACT.examples[0], rows=(ROW,) * 800)
    some = replace(IMPACT, examples=(IMPACT.examples[0], bulky, bulky))
    assert fitting(IMPACT) == IMPACT
    kept = fitting(some)
    assert len(kept.examples) == 2
    assert len(encode_impact(kept)) <= MAX_IMPACT_BYTES
    assert replace(kept, examples=()) == replace(some, examples=())


def several(count: int, examples: int = 1, rows: int = 1) -> tuple[Impact, ...]:
    long = (replace(IMPACT.examples[0], rows=(ROW,) * rows),) * examples
    return tuple(replace(IMPACT, surface=f"s{number}", examples=long) for number in range(count))


def test_several_impacts_are_one_document_and_one_is_its_own() -> None:
    assert encode_impacts((IMPACT,)) == encode_impact(IMPACT)
    assert decode_impacts(encode_impact(IMPACT)) == (IMPACT,)
    data = encode_impacts(several(10))
    assert decode_impacts(data) == several(10)
    assert canonical_json(parse_canonical(data)) == data
    assert json.loads(data)["schema"] == "rankd.impacts/1"


@pytest.mark.parametrize("count", [0, 1, 11])
def test_a_document_of_several_holds_two_to_ten(count: int) -> None:
    documents = [json.loads(encode_impact(one)) for one in several(count)]
    data = canonical_json({"schema": "rankd.impacts/1", "impacts": documents})
    with pytest.raises(ImpactError) as refusal:
        decode_impacts(data)
    assert (refusal.value.reason, refusal.value.metadata["field"]) == ("IMPACT_MALFORMED", "impacts")


def test_a_document_of_several_is_read_strictly() -> None:
    documents = [json.loads(encode_impact(one)) for one in several(2)]
    good: dict[str, Any] = {"schema": "rankd.impacts/1", "impacts": documents}
    truncated = [documents[0], {"schema": "rankd.impact/1"}]
    for wrong in (
        good | {"more": 1},
        good | {"impacts": {}},
        good | {"impacts": truncated},
        good | {"impacts": [1, 2]},
    ):
        with pytest.raises(ImpactError):
            decode_impacts(canonical_json(wrong))
    with pytest.raises(ImpactError):
        decode_impacts(encode_impacts(several(2)) + b"\n")


@pytest.mark.parametrize(("count", "examples"), [(2, 10), (3, 7), (10, 3)])
def test_several_impacts_give_up_examples_until_they_fit(count: int, examples: int) -> None:
    large = several(count, examples, 150)
    with pytest.raises(ImpactError) as refusal:
        encode_impacts(large)
    assert refusal.value.reason == "IMPACT_TOO_LARGE"
    fitted = fitting_impacts(large)
    data = encode_impacts(fitted)
    assert len(data) <= MAX_SEVERAL_BYTES
    assert max(len(encode_impact(one)) for one in fitted) <= min(MAX_IMPACT_BYTES, 491_000 // count)
    assert all(0 < len(one.examples) < examples - 1 for one in fitted)
    assert decode_impacts(data) == fitted


def test_one_of_several_is_no_larger_than_one_alone() -> None:
    large, small = several(1, 1, 1_200)[0], IMPACT
    assert MAX_IMPACT_BYTES < len(canonical_json(json.loads(encode_impacts((large, small))))) < MAX_SEVERAL_BYTES
    with pytest.raises(ImpactError) as refusal:
        decode_impacts(encode_impacts((large, small)))
    assert refusal.value.reason == "IMPACT_TOO_LARGE"


def test_several_impacts_fit_an_entry_whatever_stands_in_them() -> None:
    assert 2 * MAX_SEVERAL_BYTES + 10 * 80 + 2_048 <= MAX_PAYLOAD_BYTES
