import pytest

from rankd.core.ranking.exploration import exchange
from tests.reference.cases import plain_case
from tests.reference.conversion import rankd_ranking

LAST = 2**256 - 1


@pytest.fixture
def lots(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, int]:
    """Return the lots that will be drawn, by name."""
    drawn = {b"explore": LAST, b"pair": 0}
    monkeypatch.setattr("rankd.core.ranking.exploration.draw", lambda _, name: drawn[name])
    return drawn


def test_no_pair_leaves_an_order_as_it_is() -> None:
    assert exchange((7, 8, 9), None) == (7, 8, 9)
    assert exchange((7, 8, 9), (1, 3)) == (9, 8, 7)


def test_a_share_of_all_requests_explores_at_the_highest_lot_and_a_share_of_none_at_the_lowest_does_not(
    lots: dict[bytes, int],
) -> None:
    assert rankd_ranking(plain_case([2_000_000, 1_000_000], 1_000_000)).exploration.pair == (1, 2)
    lots[b"explore"] = 0
    assert rankd_ranking(plain_case([2_000_000, 1_000_000], 0)).exploration.pair is None


def test_a_lot_exactly_at_the_share_does_not_explore(lots: dict[bytes, int]) -> None:
    # U₀ · 10⁶ < e · 2²⁵⁶ with e = 500 000 ppm holds up to 2²⁵⁵ − 1.
    lots[b"explore"] = 2**255
    assert rankd_ranking(plain_case([2_000_000, 1_000_000], 500_000)).exploration.pair is None
    lots[b"explore"] = 2**255 - 1
    assert rankd_ranking(plain_case([2_000_000, 1_000_000], 500_000)).exploration.pair == (1, 2)


def test_the_first_and_the_last_pair_lie_at_the_ends_of_the_lot(lots: dict[bytes, int]) -> None:
    case = plain_case([4_000_000, 3_000_000, 2_000_000, 1_000_000], 1_000_000, limit=2)
    lots[b"pair"] = 0
    assert rankd_ranking(case).exploration.pair == (1, 2)
    lots[b"pair"] = LAST
    assert rankd_ranking(case).exploration.pair == (2, 4)


def test_a_place_beyond_the_slate_can_be_shown_but_has_no_marginal_of_its_own(lots: dict[bytes, int]) -> None:
    lots[b"pair"] = LAST
    ranking = rankd_ranking(plain_case([4_000_000, 3_000_000, 2_000_000, 1_000_000], 1_000_000, limit=2))
    assert ranking.shown == (0, 3)
    assert ranking.order == (0, 1, 2, 3)
    assert ranking.exploration.marginals == ((2, 5), (1, 5))


def test_five_hundred_shown_places_are_explored_without_overflow() -> None:
    ranking = rankd_ranking(plain_case([5_000_000 - index for index in range(1500)], 20_000, limit=500))
    assert ranking.exploration.pair_count == sum(1500 - place for place in range(1, 501))
    assert set(ranking.exploration.partner_counts) == {1499}
