"""Where a partition stands, as it is written, and when several of them are of one position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankd.store.features.standing import Mark, Standing, common_mark, pack_step, unpack_step
from rankd.store.features.store import Raised

S, T, U = (letter * 16 for letter in (b"5", b"a", b"b"))
BEFORE, AFTER, OTHER = Mark(3, S), Mark(5, T), Mark(5, U)

MARKS = st.builds(Mark, st.integers(0, 10**15 - 1), st.sampled_from([S, T, U]))


@given(st.builds(Standing, MARKS, st.none() | MARKS))
def test_what_was_written_is_read_again(standing: Standing) -> None:
    assert Standing.read(standing.text) == standing


@pytest.mark.parametrize(
    "text",
    [b"", b"7", b"7.", b"7." + b"A" * 16, b"7.%s>" % S, b"-1." + S, b"7.%s>8" % S, b"1" * 16 + b"." + S, b"\xff"],
)
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="standing"):
        Standing.read(text)


@pytest.mark.parametrize(
    ("standings", "wanted"),
    [
        ([Standing(BEFORE), Standing(BEFORE)], BEFORE),
        ([Standing(BEFORE), Standing(BEFORE, AFTER)], BEFORE),
        ([Standing(BEFORE, AFTER), Standing(BEFORE, OTHER)], BEFORE),
        ([Standing(AFTER), Standing(BEFORE, AFTER)], AFTER),
        ([Standing(AFTER, Mark(9, S)), Standing(BEFORE, AFTER)], AFTER),
        # Nobody knows what the second one lacks.
        ([Standing(AFTER), Standing(BEFORE)], None),
        # The same number of entries, but not the step that is prepared.
        ([Standing(AFTER), Standing(BEFORE, OTHER)], None),
        ([Standing(AFTER), Standing(OTHER)], None),
        # A step that adds no entry is one all the same.
        ([Standing(Mark(3, T)), Standing(BEFORE, Mark(3, T))], Mark(3, T)),
    ],
)
def test_partitions_are_of_one_position_where_all_can_reach_what_one_counts(
    standings: list[Standing], wanted: Mark | None
) -> None:
    assert common_mark(standings) == wanted
    assert common_mark(standings[::-1]) == wanted


RAISED = st.builds(
    Raised,
    st.dictionaries(st.integers(0, 65_535), st.integers(1, 2**40), min_size=1, max_size=5),
    st.integers(0, 2**50),
)


@given(st.dictionaries(st.binary(max_size=40), RAISED, max_size=5))
def test_a_step_that_was_packed_is_unpacked(raised: dict[bytes, Raised]) -> None:
    assert unpack_step(pack_step(raised)) == raised


def test_a_step_that_ends_too_early_is_refused() -> None:
    data = pack_step({b"key": Raised({1: 2}, 3)})
    for end in range(1, len(data)):
        with pytest.raises(ValueError, match="step"):
            unpack_step(data[:end])
