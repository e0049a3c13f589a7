"""The catalogue: both languages say the same values, and the published page says what the catalogue says."""

import subprocess
import sys
from string import Formatter

import pytest

from rankd.core.words.reasons.catalogue import REASONS
from rankd.core.words.reasons.reason import Reason


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize(("name", "entry"), REASONS.items(), ids=list(REASONS))
def test_both_languages_say_the_same_values(name: str, entry: Reason) -> None:
    # A value may itself be in a language; then its name says so.
    french = {value.removesuffix("_fr") for value in names(entry.phrase.fr) | names(entry.remedy.fr)}
    english = {value.removesuffix("_en") for value in names(entry.phrase.en) | names(entry.remedy.en)}
    assert french == english, name


def test_the_page_of_errors_is_current() -> None:
    result = subprocess.run(
        [sys.executable, "tools/errors_page.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
