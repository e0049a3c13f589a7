"""Write the `want` of every probe in tests/vectors/scoring from its inputs, by the reference scorer.

Run `python -m tests.reference.write_vectors` from the repository's root after adding or changing a probe's inputs;
with `--check` nothing is written and the exit status says whether anything would be. A probe whose `by_hand` says
otherwise than the scorer is refused: one of the two is wrong.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.reference.scorer import score

FOLDER = Path(__file__).parents[1] / "vectors" / "scoring"
KEYS = ("desc", "policy", "limits", "heads", "request", "margins", "columns", "nonce", "by_hand", "want")
WIDTH = 120


class ProbeError(Exception):
    """A probe contradicts itself."""


def main(arguments: list[str]) -> int:
    """Rewrite, or with --check compare, every probe; return the exit status."""
    stale = []
    for path in sorted(FOLDER.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        again = rewritten(json.loads(text), path.stem)
        if again != text:
            stale.append(path.name)
            if "--check" not in arguments:
                path.write_text(again, encoding="utf-8")
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return 1 if stale and "--check" in arguments else 0


def rewritten(probe: dict[str, Any], name: str) -> str:
    """Return a probe's text with its `want` computed anew.

    Raises:
        ProbeError: It has an unknown field, or `by_hand` differs from what the scorer says.
    """
    if unknown := set(probe) - set(KEYS):
        raise ProbeError(f"{name}: unknown fields {sorted(unknown)}")
    probe["want"] = score(probe)
    if not agrees(probe.get("by_hand", {}), probe["want"]):
        raise ProbeError(f"{name}: by_hand says {probe['by_hand']}, the scorer {probe['want']}")
    return render({key: probe[key] for key in KEYS if key in probe}) + "\n"


def agrees(part: Any, whole: Any) -> bool:
    """Whether `part` says nothing that `whole` does not: objects may leave fields out, lists may not be shorter."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and agrees(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(agrees(one, other) for one, other in zip(part, whole, strict=True))
    return type(part) is type(whole) and bool(part == whole)


def render(value: Any, indent: int = 0, taken: int = 0) -> str:
    """Return JSON that people read: on one line what fits on one line.

    Args:
        value: What to write.
        indent: Depth of the line on which it begins.
        taken: Characters before and after it on that line.
    """
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent > 0 and len(line) + 2 * indent + taken <= WIDTH):
        return line
    pad = "  " * (indent + 1)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, dict):
        named = [(json.dumps(key, ensure_ascii=False) + ": ", item) for key, item in value.items()]
    else:
        named = [("", item) for item in value]
    lines = [pad + name + render(item, indent + 1, len(name) + 1) for name, item in named]
    return opening + "\n" + ",\n".join(lines) + "\n" + "  " * indent + closing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
