from collections.abc import Callable

from rankd.core.features.declaration import Count, Declaration, Sent, Span, entities_of, events_of

Declare = Callable[..., Declaration]
RATE = "rate: {{of: {}, hits: click, trials: shown, within: 7d, prior: {}, weight: 1}}"


def test_what_is_counted_for_a_feature_includes_what_its_priors_count(declare: Declare) -> None:
    declaration = declare(
        {"a": "item", "b": "author", "c": "item, author"},
        first=RATE.format("a", "5%"),
        second=RATE.format("b", "first"),
        third=RATE.format("c", "second"),
        old="age: created",
    )
    assert declaration.counted(["third"]) == {"a", "b", "c"}
    assert declaration.counted(["second"]) == {"a", "b"}
    assert declaration.counted(["old"]) == declaration.counted([]) == frozenset()


def test_entities_read_their_parts_in_the_canonical_order(declare: Declare) -> None:
    declaration = declare(
        {"e": "topic, author, band, viewer, item"},
        topic="sent: whole",
        band="sent: whole",
        f="count: {of: e, event: click, within: ever}",
    )
    (entity,) = declaration.entities
    assert entity.parts == ("viewer", "item", "author", "band", "topic")
    assert entity.columns == declaration.key_columns == ("band", "topic")
    assert entity.is_personal


def test_a_column_that_is_no_part_of_an_entity_is_no_key(declare: Declare) -> None:
    declaration = declare({}, topic="sent: whole", f="age: created")
    assert declaration.key_columns == ()
    assert [declared.feature.name for declared in declaration.kept] == ["f"]
    assert [feature.name for feature in declaration.columns] == ["topic", "f"]


def test_a_reading_knows_its_kinds_only_of_its_own_entities() -> None:
    reading = Count("a", "click", Span(0, 1))
    assert events_of(reading, "a") == ("click",)
    assert events_of(reading, "b") == ()
    assert entities_of(Sent()) == ()


def test_a_negative_kind_for_everyone_is_marked(declare: Declare) -> None:
    declaration = declare(
        {"item": "item", "pair": "viewer, author"},
        all="count: {of: item, event: report, within: 30d, scope: everyone}",
        own="count: {of: pair, event: report, within: 30d}",
        likes="count: {of: item, event: like, within: ever}",
    )
    assert [declared.is_for_everyone for declared in declaration.features] == [True, False, False]
