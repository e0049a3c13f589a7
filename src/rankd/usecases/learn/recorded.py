"""Recorded columns: what a model read when it decided, and whether the same comes out when it is worked out anew."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.errors import RankdError
from rankd.core.features.declaration import Declaration, Declared
from rankd.core.records.decision import Decision
from rankd.store.archive import Archive
from rankd.usecases.learn.history import Float32s, Int64s


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What decisions recorded of the columns that rankd keeps.

    Attributes:
        values: By column, float32, shape (n,): what the model read.
        is_read: By column, bool, shape (n,): whether it was worked out from events, by the same words as now.
        is_sent: By column, bool, shape (n,): whether the request brought it.
    """

    values: Mapping[str, Float32s]
    is_read: Mapping[str, npt.NDArray[np.bool_]]
    is_sent: Mapping[str, npt.NDArray[np.bool_]]

    def take(self, which: Int64s) -> "Recorded":
        """Return some of the rows."""
        return Recorded(
            {name: values[which] for name, values in self.values.items()},
            {name: values[which] for name, values in self.is_read.items()},
            {name: values[which] for name, values in self.is_sent.items()},
        )


def same_words(
    archive: Archive, decision: Decision, declaration: Declaration, known: dict[bytes, frozenset[str]]
) -> frozenset[str]:
    """Return the columns that the decision's model declares by the same words as the declaration at hand."""
    digest = decision.model_digest
    if digest is None:
        return frozenset()
    if digest not in known:
        try:
            other = archive.model(digest).declaration
        except RankdError:
            # Of a model that is not there nobody can say what its columns meant.
            other = None
        theirs = {} if other is None else _by_words(other)
        ours = _by_words(declaration)
        known[digest] = frozenset(name for name, words in ours.items() if theirs.get(name) == words)
    return known[digest]


def _by_words(declaration: Declaration) -> dict[str, object]:
    """Return what makes up each feature's number: its reading, its entities' parts, and what its prior reads."""
    entities = {entity.name: entity.parts for entity in declaration.entities}
    found: dict[str, object] = {}
    for declared in declaration.features:
        found[declared.feature.name] = _words(declared, entities, found)
    return found


def _words(declared: Declared, entities: Mapping[str, tuple[str, ...]], before: Mapping[str, object]) -> object:
    reading = declared.reading
    parts = tuple(entities.get(getattr(reading, name, ""), ()) for name in ("of", "among"))
    prior = getattr(getattr(reading, "prior", None), "feature", "")
    return reading, parts, declared.feature.default_text, declared.feature.nullable, before.get(prior)


def agreement(declaration: Declaration, matrix: Float32s, recorded: Recorded) -> tuple[int, int]:
    """Return of how many recorded numbers how many are the same, to the last bit, when they are worked out anew.

    Args:
        declaration: The declaration.
        matrix: What `materialise` gives for the same rows.
        recorded: What was recorded.
    """
    compared = same = 0
    for at, declared in enumerate(declaration.features):
        name = declared.feature.name
        if name in recorded.values:
            which = recorded.is_read[name]
            then, now = recorded.values[name][which], matrix[which, at]
            compared += len(then)
            same += int(((then == now) | (np.isnan(then) & np.isnan(now))).sum())
    return compared, same


def with_recorded(declaration: Declaration, matrix: Float32s, recorded: Recorded) -> Float32s:
    """Return the matrix with what models read then in the place of what is worked out anew."""
    mixed = matrix.copy()
    for at, declared in enumerate(declaration.features):
        name = declared.feature.name
        if name in recorded.values:
            which = recorded.is_read[name] | recorded.is_sent[name]
            mixed[which, at] = recorded.values[name][which]
    return mixed
