from rankd.core.features.kinds import KINDS
from rankd.edge.cli.demo.tastes import Draw, Person, chosen, done

DRAW = Draw("musique", "trio", 60, 50, 20, 20)
MANY = [f"v{number}" for number in range(400)]


def counted(person: Person) -> dict[str, int]:
    kinds = [kind for video in MANY for kind in done(person, 0, video, DRAW)]
    return {kind: kinds.count(kind) for kind in KINDS}


def test_tastes_for_topic_and_author_multiply_and_what_is_not_named_draws_less() -> None:
    assert Person("a", {}).taste(DRAW) == 60
    assert Person("a", {"musique": 150}).taste(DRAW) == 150
    assert Person("a", {"trio": 120}).taste(DRAW) == 120
    assert Person("a", {"musique": 150, "trio": 120}).taste(DRAW) == 180


def test_everything_begins_with_being_shown_and_nothing_but_a_hide_happens_unopened() -> None:
    for video in MANY:
        kinds = done(Person("a", {"musique": 40}), 0, video, DRAW)
        assert kinds[0] == "shown"
        assert kinds in {("shown",), ("shown", "hide")} or kinds[1] == "click"


def test_the_more_a_topic_draws_somebody_the_more_happens() -> None:
    fond, cool = counted(Person("a", {"musique": 150})), counted(Person("a", {"musique": 40}))

    for kind in ("click", "long_view", "like", "profile_visit"):
        assert fond[kind] > 2 * cool[kind]
    # Ninety in a hundred open it, and three in four of those watch at length.
    assert abs(fond["click"] - 360) < 30
    assert abs(fond["long_view"] - 270) < 40
    assert (fond["hide"], cool["hide"] > 0) == (0, True)


def test_even_the_fondest_leaves_some_unopened() -> None:
    assert counted(Person("a", {"musique": 1_000}))["click"] < 400


def test_somebody_does_the_same_in_every_demo_and_something_else_at_another_visit() -> None:
    person = Person("a", {})

    first, again, later = ([done(person, visit, video, DRAW) for video in MANY] for visit in (0, 0, 1))
    assert first == again != later
    assert chosen(person, 0, MANY, 12) == chosen(person, 0, MANY, 12) != chosen(person, 1, MANY, 12)
    assert len(chosen(person, 0, MANY, 12)) == 12
    assert chosen(person, 0, MANY, 12) <= set(MANY)
