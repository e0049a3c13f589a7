from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.exact.canonical import digest_text
from rankd.core.features.layout import layout_of
from rankd.core.features.reader import read_declaration
from rankd.core.features.reading import read_features
from tests.property.feature_declarations import (
    bits,
    bits_of,
    cells_of,
    counted,
    declarations,
    given_of,
    happened,
    histories,
    moments,
    read,
    text_of,
)
from tests.reference import declared as reference


@settings(max_examples=120, deadline=None)
@given(declarations(), histories(), st.data())
def test_counters_and_columns_are_those_of_an_implementation_of_the_specification(
    form: dict[str, Any], events: list[dict[str, Any]], data: st.DataObject
) -> None:
    text = text_of(form)
    declaration, model = read_declaration(text.encode()), reference.read_model(text)
    layout = layout_of(declaration)
    assert digest_text(layout.digest) == model.digest
    counters, store = counted(layout, events), reference.Store()
    for event in events:
        reference.happen(model, store, event)
    assert counters.values == store.values
    assert counters.expiry_ms == store.expiry_ms
    moment = data.draw(moments(events))
    wanted = reference.Reader(model, store, moment).columns()
    got = read(declaration, counters, moment)
    assert {name: bits_of(numbers) for name, numbers in got.items()} == {
        name: bits(numbers) for name, numbers in wanted.items()
    }


@settings(max_examples=100, deadline=None)
@given(declarations(), histories(), st.data())
def test_the_order_in_which_events_arrive_changes_no_counter(
    form: dict[str, Any], events: list[dict[str, Any]], data: st.DataObject
) -> None:
    layout = layout_of(read_declaration(text_of(form).encode()))
    assert counted(layout, events).values == counted(layout, data.draw(st.permutations(events))).values


@settings(max_examples=80, deadline=None)
@given(declarations(), histories(), st.data())
def test_no_value_that_a_request_reads_has_expired(
    form: dict[str, Any], events: list[dict[str, Any]], data: st.DataObject
) -> None:
    declaration = read_declaration(text_of(form).encode())
    counters = counted(layout_of(declaration), events)
    moment = data.draw(moments(events))
    before = read(declaration, counters, moment)
    for key, expire_ms in counters.expiry_ms.items():
        if 0 < expire_ms <= moment["time_ms"]:
            del counters.values[key]
    after = read(declaration, counters, moment)
    assert {name: bits_of(one) for name, one in before.items()} == {name: bits_of(one) for name, one in after.items()}


@settings(max_examples=100, deadline=None)
@given(declarations(), histories(), st.data())
def test_a_column_is_the_same_whether_it_is_read_alone_or_with_all_others(
    form: dict[str, Any], events: list[dict[str, Any]], data: st.DataObject
) -> None:
    declaration = read_declaration(text_of(form).encode())
    counters, moment = counted(layout_of(declaration), events), data.draw(moments(events))
    together = read(declaration, counters, moment)
    for name in together:
        wanted = layout_of(declaration).wanted(
            bytes.fromhex(moment["viewer"]),
            [one["id"] for one in moment["candidates"]],
            [one["author"] for one in moment["candidates"]],
            {},
            moment["time_ms"],
            declaration.counted([name]),
        )
        assert set(wanted.rows) == declaration.counted([name])
        alone = read_features(declaration, cells_of(declaration, counters, moment), given_of(moment), [name])
        assert {name: bits_of(numbers) for name, numbers in alone.items()} == {name: bits_of(together[name])}


@settings(max_examples=100, deadline=None)
@given(declarations(), histories())
def test_an_event_raises_one_counter_in_each_block_that_counts_it_and_knows_its_entity(
    form: dict[str, Any], events: list[dict[str, Any]]
) -> None:
    layout = layout_of(read_declaration(text_of(form).encode()))
    for event in map(happened, events):
        known = {"viewer", "item", *event.columns} | ({"author"} if event.author else set())
        codes = [
            block.code for block in layout.blocks if event.kind in block.events and known.issuperset(block.entity.parts)
        ]
        raised = layout.increments(event)
        assert [increment.key[:1] for increment in raised] == codes
        counts = {block.code: block.counter_count for block in layout.blocks}
        assert all(0 <= increment.cell < counts[increment.key[:1]] for increment in raised)
