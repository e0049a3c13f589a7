"""What training reads is what the reference says, what a service would have read, and nothing later."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.features.declaration import Declaration, Sent
from rankd.core.features.happened import Happened
from rankd.core.features.layout import layout_of
from rankd.core.features.reading import Given, read_features
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.usecases.learn.materialise import materialise
from tests.reference.features import Asked, Told, columns_of
from tests.told_histories import asked_of, declaration_of, history_of, told_of

seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, events: int, rows: int) -> tuple[Declaration, list[Told], list[Asked]]:
    chance = random.Random(seed)
    return declaration_of(chance), told_of(chance, events), asked_of(chance, rows)


def same(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether two matrices have the same bits, every NaN counting as one."""
    return bool(np.array_equal(found, wanted, equal_nan=True)) and found.dtype == np.float32


@settings(max_examples=120, deadline=None)
@given(seed=seeds, events=st.integers(0, 60), rows=st.integers(1, 25), scale=st.sampled_from([1, 2**33]))
def test_every_row_is_what_dictionaries_and_python_numbers_say(seed: int, events: int, rows: int, scale: int) -> None:
    declaration, told, asked = drawn(seed, events, rows)
    found = materialise(declaration, history_of(told, asked, scale))
    wanted = np.array([columns_of(declaration, told, row) for row in asked], dtype=np.float32)
    assert same(found, wanted), np.argwhere((found != wanted) & ~(np.isnan(found) & np.isnan(wanted)))


@settings(max_examples=60, deadline=None)
@given(seed=seeds)
def test_a_history_in_order_reads_the_same_as_the_reference(seed: int) -> None:
    declaration, told, asked = drawn(seed, 50, 20)
    # As imports come: known a while after it happened, asked when shown.
    told = [replace(event, visible_at=event.time_ms + 900_000) for event in told]
    asked = [replace(row, at=row.time_ms) for row in asked]
    wanted = np.array([columns_of(declaration, told, row) for row in asked], dtype=np.float32)
    assert same(materialise(declaration, history_of(told, asked)), wanted)


@settings(max_examples=100, deadline=None)
@given(seed=seeds)
def test_every_row_is_what_a_service_would_have_read(seed: int) -> None:
    declaration, told, asked = drawn(seed, 40, 12)
    wanted = np.array([_served(declaration, told, row) for row in asked], dtype=np.float32)
    assert same(materialise(declaration, history_of(told, asked)), wanted)


def _served(declaration: Declaration, told: Sequence[Told], row: Asked) -> list[float]:
    layout = layout_of(declaration)
    store: dict[bytes, bytearray] = {}
    for event in told:
        if event.visible_at >= row.at:
            continue
        viewer = event.viewer.encode().ljust(16, b".")
        what = Happened(event.kind, viewer, event.item, event.author, event.columns, event.time_ms)
        for one in layout.increments(what):
            value = store.setdefault(one.key, bytearray())
            value.extend(bytes(max(0, 4 * one.cell + 4 - len(value))))
            cell = slice(4 * one.cell, 4 * one.cell + 4)
            value[cell] = (int.from_bytes(value[cell], "big") + 1).to_bytes(4, "big")
    columns = {name: np.array([row.columns[name]], dtype=np.float32) for name in declaration.key_columns}
    wanted = layout.wanted(row.viewer.encode().ljust(16, b"."), [row.item], [row.author], columns, row.time_ms)
    cells = wanted.cells([bytes(store[key]) if key in store else None for key in wanted.keys])
    created = UNKNOWN_TIME_MS if row.create_time_ms is None else row.create_time_ms
    given_ = Given(np.array([row.time_ms]), np.array([created]), [row.source], [row.groups])
    read = {name: float(values[0]) for name, values in read_features(declaration, cells, given_).items()}
    sent = {
        declared.feature.name: row.columns[declared.feature.name]
        for declared in declaration.features
        if isinstance(declared.reading, Sent)
    }
    return [(read | sent)[declared.feature.name] for declared in declaration.features]


@settings(max_examples=100, deadline=None)
@given(seed=seeds, moment=st.integers(0, 41), drop=st.booleans())
def test_what_a_row_may_not_see_changes_nothing_in_it(seed: int, moment: int, drop: bool) -> None:
    declaration, told, asked = drawn(seed, 40, 20)
    chance = random.Random(seed + 1)
    past = [event for event in told if event.visible_at < moment]
    future = [] if drop else [replace(event, visible_at=moment + chance.randrange(9)) for event in told_of(chance, 30)]
    changed = [*past, *future]
    chance.shuffle(changed)
    until = np.array([row.at <= moment for row in asked])
    before = materialise(declaration, history_of(told, asked))[until]
    after = materialise(declaration, history_of(changed, asked))[until]
    assert np.array_equal(before, after, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(seed=seeds)
def test_a_row_reads_the_same_alone_and_among_others_in_any_order(seed: int) -> None:
    declaration, told, asked = drawn(seed, 40, 15)
    history = history_of(told, asked)
    everyone = materialise(declaration, history)
    shuffled = np.random.default_rng(seed).permutation(len(asked))
    assert np.array_equal(
        materialise(declaration, history, history.rows.take(shuffled)), everyone[shuffled], equal_nan=True
    )
    one = history.rows.take(slice(3, 4))
    assert np.array_equal(materialise(declaration, history, one), everyone[3:4], equal_nan=True)
