"""Other people's vectors, from tests/vectors/log/official."""

import json
from pathlib import Path
from typing import Any

OFFICIAL = Path(__file__).parents[3] / "vectors/log/official"


def official(name: str) -> Any:
    """Return one file of vectors."""
    return json.loads((OFFICIAL / name).read_text(encoding="utf-8"))
