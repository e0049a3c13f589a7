"""The demo's last part: everything that was ranked, proven from one file to somebody who trusts nobody."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankd.edge.cli.demo_failure import DemoError
from rankd.edge.cli.demo_screen import Screen
from rankd.edge.cli.demo_service import rankd_command

_PATIENCE_S = 60
_COMMITMENT = b'"commitment":"sha256:'


@dataclass(frozen=True, slots=True)
class Kept:
    """What an auditor keeps from the time when the service ran.

    Attributes:
        vkey: The log's key.
        receipt: The receipt of one answer.
        decision_id: That answer's decision.
        count: How many decisions were made.
    """

    vkey: str
    receipt: bytes
    decision_id: str
    count: int


def prove(screen: Screen, folder: Path, data: Path, kept: Kept) -> None:
    """Bundle the journal, replay the bundle, then falsify it, then erase a decision; show what is said each time.

    Args:
        screen: Where it is shown.
        folder: A folder to write in.
        data: The data directory of a service that has stopped.
        kept: What the auditor kept.

    Raises:
        DemoError: A step did not do what it should.
    """
    screen.heading("proof")
    bundle, receipt = folder / "audit.tar", folder / "receipt.note"
    receipt.write_bytes(kept.receipt)
    _run("bundle", data, "--out", bundle, wanted=0)
    screen.say("bundled", size_kb=round(bundle.stat().st_size / 1_000))
    screen.say("key_kept", vkey=kept.vkey)
    report = _run("replay", bundle, "--key", kept.vkey, "--receipt", receipt, wanted=0)
    if not kept.count == report["count"] == report["identical"] == report["nonces_checked"]:
        raise DemoError("replay_differs", count=kept.count, log=json.dumps(report)[:2_000])
    screen.say("replayed", "bold", made=kept.count, count=report["count"], identical=report["identical"])
    screen.say("leaves_signed", size=report["size"])
    screen.say("nonces_drawn", count=report["nonces_checked"])
    screen.say("receipt_kept", decision=kept.decision_id)

    screen.say("falsify", "dim")
    forged = folder / "forged.tar"
    forged.write_bytes(_falsified(bundle.read_bytes()))
    refusal = _run("verify", forged, "--key", kept.vkey, wanted=1)
    screen.say("falsified", reason=_told(refusal))

    screen.say("forget", "dim", decision=kept.decision_id)
    reason = screen.words("forget_reason")
    _run("erase", data, kept.decision_id, "--key", data / "keys" / "eraser.key", "--reason", reason, wanted=0)
    report = _run("replay", data, "--key", kept.vkey, "--receipt", receipt, wanted=0)
    if (report["erased_count"], report["identical"]) != (1, kept.count - 1):
        raise DemoError("replay_differs", count=kept.count, log=json.dumps(report)[:2_000])
    screen.say("forgotten", identical=report["identical"])
    screen.say("not_proven")


def _falsified(bundle: bytes) -> bytes:
    """Return a bundle in which somebody changed one digit of one decision's leaf."""
    at = bundle.index(_COMMITMENT) + len(_COMMITMENT)
    other = b"0" if bundle[at : at + 1] != b"0" else b"1"
    return bundle[:at] + other + bundle[at + 1 :]


def _told(report: dict[str, Any]) -> str:
    """Return in words why a bundle was refused, whether as a whole or in a part."""
    return str(report["message"] if "message" in report else report["faults"][0]["message"])


def _run(verb: str, *arguments: str | Path, wanted: int) -> dict[str, Any]:
    """Run rankd in another process and return what it says as JSON."""
    command = rankd_command(verb, *map(str, arguments), "--json")
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)  # noqa: S603 (our own)
    except subprocess.TimeoutExpired:
        raise DemoError("step_slow", verb=verb, seconds=_PATIENCE_S) from None
    log = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise DemoError("step_failed", verb=verb, code=done.returncode, log=log) from error
    if done.returncode != wanted:
        raise DemoError("step_failed", verb=verb, code=done.returncode, log=log)
    return report
