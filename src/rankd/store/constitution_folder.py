"""Constitution templates: the texts that founders start from, in the wheel or in a checkout."""

from pathlib import Path

from rankd.core.errors import AssemblyError
from rankd.core.words.language import Language

_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDERS = (_PACKAGE / "policies", _PACKAGE.parent.parent / "policies")


def read_constitution_template(language: Language) -> bytes:
    """Return the template whose notes are in a language; its text is in both.

    Raises:
        AssemblyError: ENTRY_FILE_UNREADABLE: this installation has none.
    """
    paths = [folder / f"constitution.{language}.yaml" for folder in _FOLDERS]
    for path in paths:
        if path.is_file():
            return path.read_bytes()
    raise AssemblyError("ENTRY_FILE_UNREADABLE", file=paths[0], detail="-")
