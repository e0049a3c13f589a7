"""What the demo fails with."""

from typing import Any

from rankd.core.words.demo import FAILURES
from rankd.core.words.language import Language


class DemoError(Exception):
    """A step of the demo did not work.

    Args:
        name: One of `core.words.demo.FAILURES`.
        params: What its sentence names.
    """

    def __init__(self, name: str, **params: Any) -> None:
        super().__init__(name, params)
        self.name = name
        self.params = params

    def say(self, language: Language) -> str:
        """Return what happened and what to do, in `language`."""
        return FAILURES[self.name].say(language, **self.params)

    def __str__(self) -> str:
        return self.say("en")
