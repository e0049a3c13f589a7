from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import RequestError
from rankd.core.features.block import Block
from rankd.core.features.declaration import Declaration, Entity
from rankd.core.features.happened import Happened
from rankd.core.features.layout import Layout, layout_of
from rankd.core.features.wanted import whole_number
from rankd.core.ranking.admission import check_id

Declare = Callable[..., Declaration]
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
VIEWER = bytes(range(16))
WEEK = Block(b"\x01", Entity("item", ("item",)), DAY_MS, 7, ("shown", "click"))


def event(**changes: Any) -> Happened:
    return replace(Happened("click", VIEWER, "a", "ana", {}, 0), **changes)


def is_id(text: str) -> bool:
    try:
        check_id(text, "id")
    except RequestError:
        return False
    return True


ids = st.one_of(st.text("a0 -9é\u2028", min_size=1, max_size=4), st.text(min_size=1, max_size=6)).filter(is_id)
numbers = st.one_of(st.integers(-12, 12), st.integers(-(2**53) + 1, 2**53 - 1))
viewers = st.one_of(st.binary(min_size=16, max_size=16), st.text("\0a0", min_size=16, max_size=16).map(str.encode))


@st.composite
def entities(draw: st.DrawFn) -> tuple[tuple[str, ...], Happened]:
    """Parts, and an event that knows them all."""
    parts = draw(
        st.sampled_from(
            [
                ("viewer",),
                ("item",),
                ("viewer", "item"),
                ("item", "author"),
                ("item", "x"),
                ("viewer", "author", "x"),
                ("x",),
                ("x", "y"),
                ("author",),
            ]
        )
    )
    columns = {"x": draw(numbers), "y": draw(numbers)}
    time_ms = draw(st.integers(0, 30)) * DAY_MS
    return parts, Happened("click", draw(viewers), draw(ids), draw(ids), columns, time_ms)


def identity(parts: tuple[str, ...], happened: Happened) -> tuple[object, ...]:
    known = {"viewer": happened.viewer, "item": happened.item, "author": happened.author, **happened.columns}
    return tuple(known[part] for part in parts)


@settings(max_examples=250, deadline=None)
@given(entities(), entities(), st.sampled_from([0, DAY_MS]), st.integers(1, 3))
def test_two_entities_or_chunks_of_a_block_never_have_the_same_key(
    one: tuple[tuple[str, ...], Happened], other: tuple[tuple[str, ...], Happened], width_ms: int, count: int
) -> None:
    parts, happened = one
    block = Block(b"\x01", Entity("e", parts), width_ms, count if width_ms else 1, ("click",))
    key = keys_of(block)
    chunks = [0, 0] if width_ms == 0 else [h.time_ms // width_ms // count for h in (happened, other[1])]
    same = identity(parts, happened) == identity(parts, other[1]) and chunks[0] == chunks[1]
    assert (key(happened) == key(other[1])) == same


def keys_of(block: Block) -> Callable[[Happened], bytes]:
    """Return the key of the only counter that an event raises in a layout of one block."""

    def key(happened: Happened) -> bytes:
        (increment,) = Layout((block,), b"").increments(happened)
        return increment.key

    return key


def test_keys_of_different_blocks_differ_in_their_first_byte(declare: Declare) -> None:
    declaration = declare(
        {"item": "item", "author": "author"},
        a="count: {of: item, event: click, within: ever}",
        b="count: {of: item, event: click, within: 7d}",
        c="count: {of: item, event: click, within: 24h}",
        d="count: {of: author, event: click, within: 24h}",
    )
    raised = layout_of(declaration).increments(event(author="a"))
    assert [increment.key[:1] for increment in raised] == [b"\x01", b"\x02", b"\x03", b"\x04"]


@pytest.mark.parametrize(
    ("bucket", "key", "cell", "expire_bucket"),
    [
        (0, b"\x01a\x000", 1, 14),
        (6, b"\x01a\x000", 13, 14),
        (7, b"\x01a\x001", 1, 21),
        (13, b"\x01a\x001", 13, 21),
        (2_932_896, b"\x01a\x00418985", 3, 2_932_909),
    ],
)
def test_a_bucket_lies_in_its_chunk_at_its_place(bucket: int, key: bytes, cell: int, expire_bucket: int) -> None:
    for time_ms in (bucket * DAY_MS, (bucket + 1) * DAY_MS - 1):
        increment = WEEK.increment(b"a", "click", time_ms)
        assert (increment.key, increment.cell, increment.expire_ms) == (key, cell, expire_bucket * DAY_MS)


@pytest.mark.parametrize(("bucket", "chunks"), [(0, (0, -1)), (5, (0, -1)), (6, (0,)), (7, (1, 0)), (13, (1,))])
def test_a_span_lies_in_two_chunks_but_where_it_ends_with_one(bucket: int, chunks: tuple[int, ...]) -> None:
    assert WEEK.chunks(bucket * DAY_MS) == chunks
    assert WEEK.keys([b"a", b"b"], bucket * DAY_MS) == [
        b"\x01%s\x00%d" % (row, chunk) for chunk in chunks for row in (b"a", b"b")
    ]


def test_a_counter_holds_up_to_32_bits_and_is_summed_beyond_them(declare: Declare) -> None:
    declaration = declare({"item": "item"}, f="count: {of: item, event: click, within: 2d}")
    wanted = layout_of(declaration).wanted(VIEWER, ["a"], [""], {}, DAY_MS)
    cells = wanted.cells([b"\xff" * 8])
    span = declaration.features[0].reading.span  # type: ignore[union-attr]
    assert cells.total("item", "click", span).tolist() == [2.0 * (2**32 - 1)]


@pytest.mark.parametrize(
    ("value", "counts"),
    [
        (None, [0, 0]),
        (b"", [0, 0]),
        (b"\0\0\0\1", [0, 1]),
        (b"\0\0\0\1\0\0\0\2", [2, 1]),
        (b"\0\0\0\1\0\0\0\2junk", [2, 1]),
    ],
)
def test_a_value_goes_on_with_zeros_and_what_is_longer_is_not_read(value: bytes | None, counts: list[int]) -> None:
    block = Block(b"\x01", Entity("item", ("item",)), HOUR_MS, 2, ("click",))
    read = block.counts([value], 1, HOUR_MS)
    assert read.tolist() == [[counts], [[0, 0]]]


def test_an_event_counts_only_where_every_part_is_known(declare: Declare) -> None:
    declaration = declare(
        {"item": "item", "author": "author", "topic": "topic", "all": "viewer, item, author, topic"},
        topic="sent: whole",
        a="count: {of: item, event: click, within: ever}",
        b="count: {of: author, event: click, within: ever}",
        c="count: {of: topic, event: click, within: ever}",
        d="count: {of: all, event: click, within: ever}",
    )
    layout = layout_of(declaration)

    def raised(**changes: Any) -> list[int]:
        return [increment.key[0] for increment in layout.increments(event(**changes))]

    assert raised(columns={"topic": 0}) == [1, 2, 3, 4]
    assert raised(columns={}) == [1, 2]
    assert raised(columns={"topic": 3}, author="") == [1, 3]
    assert raised(columns={"other": 3}, author="") == [1]
    assert raised(kind="like") == []


def test_many_events_raise_what_each_of_them_raises_alone(declare: Declare) -> None:
    declaration = declare(
        {"item": "item", "author": "author", "own": "viewer, x"},
        x="sent: whole",
        a="count: {of: item, event: click, within: ever}",
        b="count: {of: author, event: click, within: ever}",
        c="count: {of: own, event: click, within: ever}",
    )
    layout = layout_of(declaration)
    changes: list[dict[str, Any]] = [
        {},
        {"time_ms": DAY_MS},
        {"item": "b"},
        {"item": "b", "author": "bo"},
        {"item": "b", "author": "bo", "columns": {"x": 1}},
        {"item": "b", "author": "bo", "columns": {"x": 2}},
        {"item": "b", "author": "bo", "columns": {"x": 2}, "viewer": bytes(16)},
        {"item": "b", "author": "", "columns": {}, "viewer": bytes(16)},
        {"item": "b", "author": "bo", "columns": {"x": 2}, "viewer": bytes(16)},
    ]
    events = [event(**changed) for changed in changes]
    alone = [increment for one in events for increment in layout.increments(one)]
    assert layout.increments_of(events) == alone
    assert len({increment.key for increment in alone}) == 7


def test_a_request_without_any_known_author_reads_zeros(declare: Declare) -> None:
    declaration = declare({"author": "author"}, f="count: {of: author, event: click, within: 7d}")
    wanted = layout_of(declaration).wanted(VIEWER, ["a", "b"], ["", ""], {}, 10 * DAY_MS)
    assert wanted.keys == []
    span = declaration.features[0].reading.span  # type: ignore[union-attr]
    assert wanted.cells([]).total("author", "click", span).tolist() == [0.0, 0.0]


def test_each_value_is_asked_for_once(declare: Declare) -> None:
    declaration = declare(
        {"viewer": "viewer", "author": "author"},
        f="count: {of: author, event: click, within: ever}",
        g="count: {of: viewer, event: click, within: ever}",
    )
    wanted = layout_of(declaration).wanted(VIEWER, ["a", "b", "c"], ["x", "y", "x"], {}, 0)
    assert wanted.keys == [b"\x01" + VIEWER, b"\x02x", b"\x02y"]
    assert wanted.rows["author"].index.tolist() == [0, 1, 0]
    assert wanted.rows["viewer"].index.tolist() == [0]


def test_an_entity_with_a_part_that_is_not_known_is_not_asked_for(declare: Declare) -> None:
    declaration = declare({"pair": "item, author"}, f="count: {of: pair, event: click, within: ever}")
    wanted = layout_of(declaration).wanted(VIEWER, ["a", "b"], ["", "x"], {}, 0)
    assert wanted.keys == [b"\x01b\x00x"]
    assert wanted.rows["pair"].index.tolist() == [-1, 0]


def test_only_the_entities_that_are_asked_for_are_read(declare: Declare) -> None:
    declaration = declare(
        {"item": "item", "author": "author"},
        f="count: {of: item, event: click, within: ever}",
        g="count: {of: author, event: click, within: ever}",
    )
    wanted = layout_of(declaration).wanted(VIEWER, ["a"], ["x"], {}, 0, frozenset({"author"}))
    assert wanted.keys == [b"\x02x"]
    assert set(wanted.cells([None]).index) == {"author"}


@pytest.mark.parametrize(
    ("number", "known"),
    [
        (0.0, 0),
        (-0.0, 0),
        (-3.0, -3),
        (2.0**52, 2**52),
        (2.0**53, None),
        (3e38, None),
        (0.5, None),
        (float("nan"), None),
        (float("inf"), None),
        (float("-inf"), None),
    ],
)
def test_a_number_identifies_an_entity_if_it_is_whole_and_events_can_carry_it(number: float, known: int | None) -> None:
    assert whole_number(number) == known


def test_reading_and_counting_know_the_same_numbers(declare: Declare) -> None:
    declaration = declare({"topic": "topic"}, topic="sent: whole", f="count: {of: topic, event: click, within: ever}")
    layout = layout_of(declaration)
    values = np.array([0, -0.0, -3, 2**52, 2**53, 3e38, 0.5, np.nan, np.inf], dtype=np.float32)
    wanted = layout.wanted(VIEWER, ["p"] * len(values), [""] * len(values), {"topic": values}, 0)
    known = [number for number in map(whole_number, values.tolist()) if number is not None]
    assert wanted.keys == [
        increment.key
        for number in dict.fromkeys(known)
        for increment in layout.increments(event(columns={"topic": number}))
    ]


def test_names_order_and_half_lives_of_features_are_no_part_of_the_layout(declare: Declare) -> None:
    one = declare(
        {"item": "item"},
        f="count: {of: item, event: click, within: 7d}",
        g="rate: {of: item, hits: like, trials: shown, within: 3d, prior: 5%, weight: 3}",
    )
    other = declare(
        {"post": "item"},
        a="count: {of: post, event: like, within: 1d}",
        b="count: {of: post, event: shown, within: 7d, half_life: 1d}",
        c="recency: {of: post, event: click, within: 2d}",
    )
    assert layout_of(one) != layout_of(other)  # their entities have other names
    assert layout_of(one).digest == layout_of(other).digest


@pytest.mark.parametrize("changed", ["within: 8d", "within: 7h", "event: like", "of: author"])
def test_what_is_counted_is_part_of_the_layout(declare: Declare, changed: str) -> None:
    text = "count: {of: item, event: click, within: 7d}"
    key = changed.split(":")[0]
    other = ", ".join(changed if part.startswith(key) else part for part in text[8:-1].split(", "))
    parts = {"author": "author"} if key == "of" else {"item": "item"}
    assert (
        layout_of(declare({"item": "item"}, f=text)).digest != layout_of(declare(parts, f=f"count: {{{other}}}")).digest
    )
