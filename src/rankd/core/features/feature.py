"""A feature: one column of a model's matrix, as members and callers read of it."""

import re
from dataclasses import dataclass

import numpy as np

from rankd.core.words.language import Phrase

DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,38})(?:\.[0-9]{1,60})?")
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


def default_spelling(text: str) -> str | None:
    """Return how the default that a text stands for is spelt: the shortest decimal of its float32.

    Returns:
        `text` itself where it is that spelling; None where it is no decimal, or not finite.
    """
    if DECIMAL.fullmatch(text) is None:
        return None
    with np.errstate(over="ignore"):
        number = np.float32(text)
    spelling = np.format_float_positional(number, unique=True, trim="-")
    # "-0" would be a second spelling of "0".
    return ("0" if spelling == "-0" else spelling) if np.isfinite(number) else None
