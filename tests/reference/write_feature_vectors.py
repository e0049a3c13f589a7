"""Write the `want` of every probe in tests/vectors/features from its inputs, by the implementation in `declared`.

Run `python -m tests.reference.write_feature_vectors` from the repository's root after adding or changing a probe's
inputs; with `--check` nothing is written and the exit status says whether anything would be. Refused texts keep what
stands in their file.
"""

import json
import struct
import sys
from pathlib import Path
from typing import Any

from tests.reference.declared import Numbers, Reader, Store, happen, read_model
from tests.reference.write_vectors import ProbeError, agrees, render

FOLDER = Path(__file__).parents[1] / "vectors" / "features"
READ = ("desc", "text", "events", "moments", "by_hand", "want")
REFUSED = ("desc", "text", "parts", "want_reason", "line", "column")


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
        ProbeError: It has an unknown field, or `by_hand` differs from what is computed.
    """
    keys = REFUSED if "want_reason" in probe else READ
    if unknown := set(probe) - set(keys):
        raise ProbeError(f"{name}: unknown fields {sorted(unknown)}")
    if "want_reason" not in probe:
        probe["want"] = wanted(probe)
        if not agrees(probe.get("by_hand", {}), probe["want"]):
            raise ProbeError(f"{name}: by_hand says {probe['by_hand']}, the reference {probe['want']}")
    return render({key: probe[key] for key in keys if key in probe}) + "\n"


def wanted(probe: dict[str, Any]) -> dict[str, Any]:
    """Return the layout, the counters after all events, and the columns at each moment."""
    model, store = read_model(probe["text"]), Store()
    for event in probe["events"]:
        happen(model, store, event)
    return {
        "layout": model.digest,
        "blocks": [
            {"parts": one.parts, "bucket_ms": one.width_ms, "bucket_count": one.buckets, "events": one.kinds}
            for one in model.blocks
        ],
        "counters": [
            {"key": key.hex(), "value": value.hex(), "expire_ms": store.expiry_ms[key]}
            for key, value in sorted(store.values.items())
        ],
        "columns": [
            {name: hexadecimal(numbers) for name, numbers in Reader(model, store, moment).columns().items()}
            for moment in probe["moments"]
        ],
    }


def hexadecimal(numbers: Numbers) -> list[str]:
    """Return numbers as the digits of their binary32, the most significant first."""
    return ["7fc00000" if number is None else struct.pack(">f", number).hex() for number in numbers]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
