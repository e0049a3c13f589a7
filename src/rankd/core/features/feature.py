"""A feature: one column of a model's matrix, as members and callers read of it."""

import re
from dataclasses import dataclass

import numpy as np

from rankd.core.words.language import Phrase

FEATURE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature matrix, as the model declares it.

    Attributes:
        name: `[a-z][a-z0-9_]{0,63}`, unique in its model.
        meaning: What it measures, for people, 1 to 500 characters in each language.
        unit: Its unit, for people, 1 to 64 characters.
        default_text: What stands where the column is not known: the shortest decimal of a finite float32, such as "0"
            or "0.5". None: a request must send the column.
        nullable: Whether NaN, "not known", may be sent.
        profiling: Whether it is derived from the viewer's own behaviour.
    """

    name: str
    meaning: Phrase
    unit: str
    default_text: str | None
    nullable: bool
    profiling: bool

    @property
    def default(self) -> float | None:
        """`default_text` as a number, exactly a float32; None where there is no default."""
        return None if self.default_text is None else float(np.float32(self.default_text))
