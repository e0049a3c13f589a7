"""Rewriting a folder of probes, or saying what is stale in it."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.reference.write_vectors import render


def rewrite(folder: Path, documents: Iterable[tuple[str, dict[str, Any]]], arguments: list[str]) -> int:
    """Rewrite, or with --check compare, every probe; return the exit status."""
    wanted = {f"{name}.json": render(document) + "\n" for name, document in documents}
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
    if "--check" not in arguments:
        folder.mkdir(exist_ok=True)
        for name in stale:
            if name in wanted:
                (folder / name).write_text(wanted[name], encoding="utf-8")
            else:
                (folder / name).unlink()
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return 1 if stale and "--check" in arguments else 0
