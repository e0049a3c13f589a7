"""What happened: one event with all that says which counts it is part of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Happened:
    """One event.

    Attributes:
        kind: One of `KINDS`.
        viewer: Whose, the sixteen bytes under which stores know a person (`core.records.feature_viewer`).
        item: The candidate.
        author: Its author, "" where not known.
        columns: Whole numbers of the columns that are parts of entities, as the decision that showed the candidate read
            them; a column that is not known is left out.
        time_ms: When, milliseconds since 1970, never after it became known.
    """

    kind: str
    viewer: bytes
    item: str
    author: str
    columns: Mapping[str, int]
    time_ms: int
