"""Two slates compared: by hand, and against the definitions written out."""

from fractions import Fraction
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rankd.core.impact.slates import Slates, compare_slates

SLATES = st.lists(st.integers(0, 14), unique=True, max_size=14)


def test_a_change_by_hand() -> None:
    # a b c d → b a e: places 1 and 2 are exchanged, e enters for c, d leaves.
    change = compare_slates((0, 1, 2, 3), (1, 0, 4))
    assert change == Slates(
        identical=0, places=4, moved=4, entered=1, left=2, pairs=1, discordant=1, top_places=4, top_kept=2
    )
    assert change.tau == -1


def test_the_same_slate_is_identical_and_its_order_stays() -> None:
    change = compare_slates((3, 1, 2), (3, 1, 2))
    assert (change.identical, change.moved, change.tau) == (1, 0, Fraction(1))


def test_two_empty_slates_are_identical_and_have_no_order() -> None:
    assert compare_slates((), ()) == Slates(identical=1)
    assert Slates().tau is None


def test_the_top_is_the_first_ten_places() -> None:
    change = compare_slates(range(20), [*range(10, 20), *range(10)])
    assert (change.top_places, change.top_kept, change.entered) == (10, 0, 0)
    assert compare_slates(range(20), [*range(1, 20), 0]).top_kept == 9


def test_sums_over_decisions_add_every_count() -> None:
    one, other = compare_slates((0, 1), (1, 0)), compare_slates((0, 1, 2), (0, 2, 1))
    assert one + other == Slates(
        identical=0, places=5, moved=4, entered=0, left=0, pairs=4, discordant=2, top_places=5, top_kept=5
    )
    assert (one + other).tau == 0


@given(SLATES, SLATES)
def test_every_count_is_what_its_definition_says(before: list[int], after: list[int]) -> None:
    change = compare_slates(before, after)
    longer = max(len(before), len(after))
    slots = [(dict(enumerate(before)).get(at), dict(enumerate(after)).get(at)) for at in range(longer)]
    assert change.places == longer
    assert change.moved == sum(one != other for one, other in slots)
    assert change.identical == (before == after)
    assert change.entered == sum(c not in before for c in after)
    assert change.left == sum(c not in after for c in before)
    common = [c for c in before if c in after]
    turned = [after.index(a) > after.index(b) for a, b in combinations(common, 2)]
    assert (change.pairs, change.discordant) == (len(turned), sum(turned))
    if turned:
        assert change.tau == Fraction(len(turned) - 2 * sum(turned), len(turned))
    else:
        assert change.tau is None
    assert change.top_kept == len({*before[:10]} & {*after[:10]})
