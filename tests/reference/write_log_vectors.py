"""Write the probes of tests/vectors/log, each `want` by the reference implementation.

Run `python -m tests.reference.write_log_vectors` from the repository's root after changing log_probes.py or
signed_probes.py; with `--check` nothing is written and the exit status says whether anything would be.
"""

import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.reference import log, signed
from tests.reference.log_probes import log_probes
from tests.reference.signed_probes import signed_probes
from tests.reference.strict import Document, RefusedError
from tests.reference.write_vectors import ProbeError, render

FOLDER = Path(__file__).parents[1] / "vectors" / "log"


def leaf_bytes(inputs: Document) -> bytes:
    """Return the leaf of a probe: a text, base64, or [text, how many times] … one after the other."""
    if "leaf" in inputs:
        return str(inputs["leaf"]).encode()
    if "leaf_base64" in inputs:
        return b64decode(inputs["leaf_base64"])
    return "".join(text * times for text, times in inputs["leaf_parts"]).encode()


def _leaf(inputs: Document) -> Document:
    data = leaf_bytes(inputs)
    return {"schema": log.read_leaf(data)["schema"], "leaf_hash": log.leaf_hash(data).hex()}


def _commitment(inputs: Document) -> Document:
    key, record = bytes.fromhex(inputs["key"]), inputs["record"].encode()
    return {"commitment": f"sha256:{log.commitment(key, record).hex()}"}


def _body(inputs: Document) -> Document:
    return {"record": log.open_body(bytes.fromhex(inputs["key"]), b64decode(inputs["sealed"])).decode()}


def _receipt(inputs: Document) -> Document:
    return signed.open_receipt(inputs["note"].encode(), inputs["vkey"])


def _checkpoint(inputs: Document) -> Document:
    return signed.open_checkpoint(inputs["note"].encode(), inputs["vkey"], inputs["witnesses"], inputs["quorum"])


def _token(inputs: Document) -> Document:
    token, key, hashed = (bytes.fromhex(inputs[name]) for name in ("token", "key", "leaf_hash"))
    return {"index": log.check_token(token, key, inputs["origin"], hashed)}


def _pseudonym(inputs: Document) -> Document:
    return {"pseudonym": log.pseudonym(bytes.fromhex(inputs["key"]), inputs["period"], inputs["viewer_id"])}


def _period(inputs: Document) -> Document:
    return {"period": log.pseudonym_period(inputs["pseudonym"])}


def _erasure(inputs: Document) -> Document:
    return signed.open_erasure(inputs["envelope"], inputs["keys"], inputs["origin"], inputs["count"])


def _nonce(inputs: Document) -> Document:
    return {"nonce": log.decision_nonce(bytes.fromhex(inputs["secret"]), inputs["worker"], inputs["counter"]).hex()}


def _sample(inputs: Document) -> Document:
    secret, retention = bytes.fromhex(inputs["secret"]), inputs["retention"]
    is_kept = log.kept_longer(secret, inputs["worker"], inputs["counter"], retention["sample_ppm"])
    return {"kept_longer": is_kept, "kept_until_ms": log.kept_until_ms(inputs["time_ms"], retention, is_kept)}


KINDS: dict[str, Callable[[Document], Document]] = {
    "leaf": _leaf,
    "commitment": _commitment,
    "body": _body,
    "receipt": _receipt,
    "checkpoint": _checkpoint,
    "token": _token,
    "pseudonym": _pseudonym,
    "period": _period,
    "erasure": _erasure,
    "nonce": _nonce,
    "sample": _sample,
}


def answer(probe: Document) -> Document:
    """Return what the reference says to a probe's inputs: its `want`, or its `want_reason`."""
    try:
        return {"want": KINDS[probe["kind"]](probe["inputs"])}
    except RefusedError as refusal:
        return {"want_reason": str(refusal)}


def texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each probe's file.

    Raises:
        ProbeError: The reference refuses a good probe, or a bad one for another reason than it was made for.
    """
    for name, desc, inputs, reason in (*log_probes(), *signed_probes()):
        probe: dict[str, Any] = {"desc": desc, "kind": name.partition("_")[0], "inputs": inputs}
        found = answer(probe)
        if found.get("want_reason") != reason:
            raise ProbeError(f"{name}: made for {reason}, the reference says {str(found)[:300]}")
        yield f"{name}.json", render(probe | found) + "\n"


def main(arguments: list[str]) -> int:
    """Rewrite, or with --check compare, every probe; return the exit status."""
    wanted = dict(texts())
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
    if "--check" not in arguments:
        FOLDER.mkdir(exist_ok=True)
        for name in stale:
            if name in wanted:
                (FOLDER / name).write_text(wanted[name], encoding="utf-8")
            else:
                (FOLDER / name).unlink()
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
