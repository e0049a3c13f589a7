from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.records.spans import Spans


def test_neighbours_become_one_run() -> None:
    spans = Spans()
    assert spans.add(3, 4) == [(3, 4)]
    assert spans.add(6, 6) == [(6, 6)]
    assert spans.runs == [(3, 4), (6, 6)]
    assert spans.add(5, 5) == [(5, 5)]
    assert spans.runs == [(3, 6)]


def test_only_what_is_new_is_returned() -> None:
    spans = Spans()
    spans.add(2, 3)
    spans.add(7, 8)
    assert spans.add(0, 10) == [(0, 1), (4, 6), (9, 10)]
    assert spans.add(0, 10) == []


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=12))
def test_it_holds_what_a_set_would_hold(added: list[tuple[int, int]]) -> None:
    spans, known = Spans(), set[int]()
    for first, length in added:
        new = set(range(first, first + length + 1)) - known
        fresh = [number for low, high in spans.add(first, first + length) for number in range(low, high + 1)]
        assert fresh == sorted(new)
        known |= new
    assert [number for low, high in spans.runs for number in range(low, high + 1)] == sorted(known)
    assert all(before[1] + 1 < after[0] for before, after in zip(spans.runs, spans.runs[1:], strict=False))
