"""What training refuses, with its reasons."""

from rankd.core.errors import RankdError
from rankd.core.words.language import Language
from rankd.core.words.reasons.learn import REASONS
from rankd.core.words.reasons.reason import Kind


class LearnError(RankdError):
    """Training, sealing or evaluation cannot go on with what it was given."""

    @property
    def kind(self) -> Kind:
        """The kind of this reason."""
        return REASONS[self.reason].kind

    def say(self, language: Language) -> str:
        """Return what happened, where, and what to do next, in `language`."""
        entry = REASONS[self.reason]
        return f"{entry.phrase.say(language, **self.metadata)} {entry.remedy.say(language, **self.metadata)}"
