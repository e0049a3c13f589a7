"""Errors as facts: a stable reason, the offending values, and words in two languages."""

from rankd.core.words.language import Language, Phrase
from rankd.core.words.moment import moment_words
from rankd.core.words.reasons.catalogue import REASONS
from rankd.core.words.reasons.reason import Kind
from rankd.core.words.system import SYSTEM_WORDS
from rankd.core.words.visible import visible

_NUMBERS = (int, float, bool, type(None))
_ABOUT = Phrase(fr="{about}\u00a0: ", en="{about}: ")


class RankdError(Exception):
    """Something that rankd refuses or cannot do.

    Args:
        reason: A name from the catalogue of reasons (`core/words/reasons`), never reused.
        metadata: The values that the catalogue's sentences name (field, line, what was found …). They reach
            the caller as strings, so they never hold secrets.

    Attributes:
        kind: What sort of failure this is.
        about: Which of several things of one kind this is about, such as a file's name; said first where it is known.
    """

    def __init__(self, reason: str, **metadata: object) -> None:
        super().__init__(reason, metadata)
        self.reason = reason
        self.metadata = metadata
        self.about = ""

    @property
    def kind(self) -> Kind:
        """The catalogue's kind for this reason."""
        return REASONS[self.reason].kind

    def say(self, language: Language) -> str:
        """Return what happened, where, and what to do next, in `language`."""
        entry = REASONS[self.reason]
        about = _ABOUT.say(language, about=visible(self.about)) if self.about else ""
        said = {name: _said(name, value, language) for name, value in self.metadata.items()}
        return f"{about}{entry.phrase.say(language, **said)} {entry.remedy.say(language, **said)}"

    def __str__(self) -> str:
        return self.say("en")


_MOST_DIGITS = 14


class _Moment(str):
    """Milliseconds since 1970 that a sentence may write as a moment: `{until_ms:moment}`."""

    __slots__ = ("language",)

    language: Language

    def __format__(self, spec: str) -> str:
        if spec != "moment":
            return super().__format__(spec)
        # Over the wire a number comes as its digits; what is no number is said as it came.
        known = self.isascii() and self.isdigit() and len(self) <= _MOST_DIGITS
        return moment_words(int(self), self.language) if known else str(self)


def _said(name: str, value: object, language: Language) -> object:
    if name.endswith("_ms"):
        moment = _Moment(visible(str(value)))
        moment.language = language
        return moment
    if type(value) not in _NUMBERS:
        # The name of a file, what was found in it, what another program says: anybody may have written that.
        text = visible(str(value))
        return SYSTEM_WORDS.get(text, text) if language == "fr" else text
    return value


class RequestError(RankdError):
    """A caller's request cannot be ranked as it stands."""


class PolicyError(RankdError):
    """A policy or limits file, or its pairing with a model, is refused."""


class ModelError(RankdError):
    """A model cannot be sealed, read or trusted."""


class RecordError(RankdError):
    """A decision's record cannot be read or does not hold what it should."""


class ServiceError(RankdError):
    """The service cannot do its work now."""


class LogError(RankdError):
    """A tree, proof, tile, note or checkpoint is malformed, or does not belong together."""


class JournalError(RankdError):
    """A journal cannot be opened, or does not hold what is asked of it."""


class KeyFileError(RankdError):
    """A key file cannot be made, read or unlocked."""


class ErasureError(RankdError):
    """An order to erase cannot be given, or cannot be kept until it is obeyed."""


class BundleError(RankdError):
    """An audit bundle is not what the specification says."""


class WitnessError(RankdError):
    """A witness cannot do its work, or what it answers its log does not count."""


class ImpactError(RankdError):
    """An impact cannot be computed, written or read."""


class AssemblyError(RankdError):
    """An entry, a text or a record of the assembly is refused."""


class FeatureStoreError(RankdError):
    """The counts behind features cannot be read or added to now."""
