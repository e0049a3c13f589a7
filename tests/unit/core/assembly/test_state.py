"""What a state's copies share, and what they do not."""

from rankd.core.assembly.members import Member, Members
from rankd.core.assembly.state import Digests


def test_digests_that_a_copy_takes_are_not_in_the_other_and_the_other_way_round() -> None:
    digests = Digests()
    digests.put(b"1", 1)
    copy = digests.copy()
    again = copy.copy()
    digests.put(b"2", 2)
    copy.put(b"3", 3)
    assert [digests.find(key) for key in (b"1", b"2", b"3")] == [1, 2, None]
    assert [copy.find(key) for key in (b"1", b"2", b"3")] == [1, None, 3]
    assert [again.find(key) for key in (b"1", b"2", b"3")] == [1, None, None]


def test_members_that_a_copy_admits_are_not_on_the_other_roll_and_the_other_way_round() -> None:
    def person(name: str) -> Member:
        return Member(name, name.encode(), "active", 0, 0)

    roll = Members()
    roll.put([person("a")])
    before = roll.electorate()
    copy = roll.copy()
    roll.put([person("b")])
    copy.put([person("c")])
    assert (list(roll.by_id), list(copy.by_id)) == (["a", "b"], ["a", "c"])
    assert (roll.find(b"c"), copy.find(b"b"), roll.is_used(b"c"), copy.is_used(b"b")) == (None, None, False, False)
    now = roll.electorate()
    assert roll.copy().electorate() is now
    assert dict(before.ids) == {b"a": "a"}
