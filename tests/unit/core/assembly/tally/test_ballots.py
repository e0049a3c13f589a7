from rankd.core.assembly.tally.ballots import CountedBallot, counted, counted_ballots


def test_the_highest_number_counts_whatever_came_last() -> None:
    cast = [("ada", 2, b"b", "no"), ("ada", 1, b"a", "yes"), ("bea", 7, b"c", "abstain")]
    assert counted_ballots(cast) == (CountedBallot("ada", 2, "no"), CountedBallot("bea", 7, "abstain"))
    assert counted(cast) == {"ada": "no", "bea": "abstain"}


def test_a_number_with_two_contents_is_skipped() -> None:
    cast = [("ada", 1, b"a", "yes"), ("ada", 2, b"b", "no"), ("ada", 2, b"c", "abstain")]
    assert counted(cast) == {"ada": "yes"}


def test_two_contents_are_two_even_where_they_say_the_same() -> None:
    cast = [("ada", 1, b"a", "yes"), ("ada", 2, b"b", "no"), ("ada", 2, b"c", "no")]
    assert counted(cast) == {"ada": "yes"}


def test_the_same_ballot_sent_again_is_one_ballot() -> None:
    cast = [("ada", 1, b"a", "yes"), ("ada", 2, b"b", "no"), ("ada", 2, b"b", "no"), ("ada", 1, b"a", "yes")]
    assert counted(cast) == {"ada": "no"}


def test_a_skipped_number_stays_skipped_when_one_of_its_ballots_is_sent_again() -> None:
    cast = [("ada", 2, b"b", "no"), ("ada", 2, b"c", "yes"), ("ada", 2, b"b", "no")]
    assert counted(cast) == {}
    assert counted_ballots(cast) == ()


def test_one_number_of_two_members_is_no_conflict() -> None:
    assert counted([("ada", 1, b"a", "yes"), ("bea", 1, b"b", "no")]) == {"ada": "yes", "bea": "no"}
