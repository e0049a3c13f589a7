"""Reading ballots: by far the most numerous entries."""

from typing import Any

from rankd.core.assembly.entries import Ballot
from rankd.core.assembly.entry_fields import MAX_NUMBER, MAX_TEXTS, co, digest_pairs, index, one_of
from rankd.core.objectives import OBJECTIVES
from rankd.core.records.strict import Fields, array, digest, natural, optional

MAX_POINTS = 1_000


def read_ballot(fields: Fields) -> Ballot:
    """Read a ballot's fields."""
    vote = fields.take("vote", one_of(*_CHOICES))
    return Ballot(
        co=co(fields),
        proposal=fields.take("proposal", index),
        vote=vote,
        texts=fields.take("texts", digest_pairs),
        constitution=fields.take("constitution", digest),
        roll=fields.take("roll", digest),
        impact=fields.take("impact", optional(digest)),
        number=fields.take("number", _number),
        choice=fields.take("choice", _CHOICES[vote]),
    )


def _number(value: Any) -> int:
    if not 1 <= natural(value) <= MAX_NUMBER:
        raise ValueError
    return natural(value)


def _ranking(value: Any) -> tuple[tuple[int, ...], ...]:
    groups = tuple(tuple(array(group)) for group in array(value))
    options = [option for group in groups for option in group]
    if not all(groups) or len(set(options)) < len(options):
        raise ValueError
    if any(natural(option) > MAX_TEXTS for option in options):
        raise ValueError
    return groups


def _points(value: Any) -> Any:
    if value == "abstain":
        return value
    if type(value) is not dict or value.keys() != set(OBJECTIVES):
        raise ValueError
    if any(natural(points) > MAX_POINTS for points in value.values()):
        raise ValueError
    return tuple((objective, value[objective]) for objective in OBJECTIVES)


_CHOICES = {"yes_no": one_of("yes", "no", "abstain"), "ranking": _ranking, "points": _points}
