import pytest

from rankd.core.errors import RecordError
from rankd.core.records.strict import Fields, array, line, natural, optional, pair, text

REASON = "LEAF_MALFORMED"


def test_fields_are_taken_one_by_one_and_none_may_be_left() -> None:
    given = {"a": 1, "b": "x"}
    fields = Fields(given, "thing", REASON)
    assert fields.take("a", natural) == 1
    with pytest.raises(RecordError) as refusal:
        fields.end()
    assert refusal.value.metadata == {"field": "thing.b", "found": "an unknown field"}
    assert fields.take("b", text) == "x"
    fields.end()
    assert given == {"a": 1, "b": "x"}


def test_a_refusal_has_the_callers_reason_and_names_the_field() -> None:
    fields = Fields({"a": "1"}, "thing", REASON)
    with pytest.raises(RecordError) as refusal:
        fields.take("a", natural)
    assert (refusal.value.reason, refusal.value.metadata["field"]) == (REASON, "thing.a")
    with pytest.raises(RecordError) as refusal:
        fields.take("b", natural)
    assert refusal.value.metadata == {"field": "thing.b", "found": "nothing"}


@pytest.mark.parametrize("value", [None, [], "x", 1, [("a", 1)]])
def test_only_an_object_has_fields(value: object) -> None:
    with pytest.raises(RecordError):
        Fields(value, "thing", REASON)


@pytest.mark.parametrize("value", ["", "x" * 5, "a\nb", "a\tb", "\x7f", "\x9b", "\u202e", "\u2028", "\u200f", 7, None])
def test_a_line_is_short_and_holds_nothing_that_hides(value: object) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        line(4)(value)


@pytest.mark.parametrize("value", ["x", "été", "🌱🌱🌱🌱", "a b"])
def test_a_line_counts_characters(value: str) -> None:
    assert line(4)(value) == value


def test_true_is_no_number_and_null_only_where_it_may_be() -> None:
    for read in (natural, optional(natural), array, lambda value: pair(value, natural, natural)):
        with pytest.raises(ValueError, match=r"^$"):
            read(True)
    assert optional(natural)(None) is None
