"""The demo's last part: everything that was ranked and decided, proven to somebody who trusts nobody."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankd.core.words.quantity import count_words
from rankd.edge.cli.demo.assembly import SURFACE, Coop
from rankd.edge.cli.demo.attack import edit_policy, falsify, strike_ballot
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.screen import Screen
from rankd.edge.cli.demo.service import rankd_command

_PATIENCE_S = 60
_SIDE_BY_SIDE = 4
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")


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


@dataclass(frozen=True, slots=True)
class _Command:
    """A command of rankd that runs in another process, and the code with which it must end."""

    verb: str
    arguments: tuple[str | Path, ...]
    wanted: int


class Proof:
    """What an auditor does.

    Args:
        screen: Where it is shown.
        folder: A folder to write in.
        data: The data directory of a service that has stopped.
        kept: What the auditor kept.
        coop: The co-op, whose genesis digest the auditor noted.
    """

    def __init__(self, screen: Screen, folder: Path, data: Path, kept: Kept, coop: Coop) -> None:
        self._screen, self._folder, self._data, self._kept, self._coop = screen, folder, data, kept, coop
        self._receipt = folder / "receipt.note"

    def show(self) -> None:
        """Bundle journal and minutes, verify and replay; then falsify both, then erase; show what is said each time.

        Raises:
            DemoError: A step did not do what it should.
        """
        screen, kept, coop = self._screen, self._kept, self._coop
        screen.heading("proof")
        bundle = self._folder / "audit.tar"
        self._receipt.write_bytes(kept.receipt)
        self._run(_Command("bundle", (self._data, "--record", coop.record, "--out", bundle), 0))
        screen.say("bundled", size_kb=round(bundle.stat().st_size / 1_000))
        screen.say("key_kept", vkey=kept.vkey)
        forged = self._folder / "forged.tar"
        forged.write_bytes(falsify(bundle.read_bytes()))
        edited, struck = (Path(shutil.copytree(coop.record, self._folder / name)) for name in ("edited", "struck"))
        number = edit_policy(edited)
        index = strike_ballot(struck, coop.now())
        keys, genesis = ("--key", kept.vkey), ("--genesis", coop.pinned)
        replayed, recounted, *refused = self._run_all(
            _Command("replay", (bundle, *keys, *genesis, "--receipt", self._receipt), 0),
            _Command("verify", (coop.record, *genesis, "--counter", "both"), 0),
            _Command("verify", (forged, *keys), 1),
            _Command("verify", (edited, *genesis), 1),
            _Command("verify", (struck, *genesis), 1),
        )
        self._tell_replayed(replayed)
        self._tell_recounted(recounted)
        screen.say("falsify", "dim")
        self._quote(refused[0])
        screen.say("edit", "dim", surface=SURFACE, number=number)
        self._quote(refused[1], edited)
        screen.say("strike", "dim", index=index)
        self._quote(refused[2], struck)
        self._forget()
        screen.say("not_proven")

    def _tell_replayed(self, report: dict[str, Any]) -> None:
        screen, kept = self._screen, self._kept
        counted = {entry["activation"]: entry["count"] for entry in report["mandate"]["counts"]}
        found = {report["count"], report["identical"], report["nonces_checked"], sum(counted.values())}
        if found != {kept.count}:
            raise DemoError("replay_differs", count=kept.count, log=json.dumps(report)[:2_000])
        screen.say("replayed", "bold", made=kept.count, count=report["count"], identical=report["identical"])
        screen.say("leaves_signed", size=report["size"])
        screen.say("nonces_drawn", count=report["nonces_checked"])
        screen.say("receipt_kept", decision=kept.decision_id)
        by = [screen.words("mandate_of", activation=number, count=count) for number, count in counted.items()]
        screen.say("mandate", counts=", ".join(by))

    def _tell_recounted(self, report: dict[str, Any]) -> None:
        votes = [proposal["vote"] for proposal in report["proposals"] if proposal["vote"] is not None]
        ballots = sum(vote["ballot_count"] for vote in votes)
        self._screen.say("recounted", size=report["size"], votes=len(votes), ballots=ballots)

    def _quote(self, report: dict[str, Any], where: Path | None = None) -> None:
        """Show in words why something was refused, whether as a whole or in a part."""
        said = str(report["message"] if "message" in report else report["faults"][0]["message"])
        # What to do about it is left out, and so is the temporary folder's name.
        first = _SENTENCE.split(said if where is None else said.replace(f"{where}/", ""))[0]
        self._screen.say("falsified", reason=first)

    def _forget(self) -> None:
        screen, kept, data = self._screen, self._kept, self._data
        screen.say("forget", "dim", decision=kept.decision_id)
        reason, eraser = screen.words("forget_reason"), data / "keys" / "eraser.key"
        self._run(_Command("erase", (data, kept.decision_id, "--key", eraser, "--reason", reason), 0))
        report = self._run(_Command("replay", (data, "--key", kept.vkey, "--receipt", self._receipt), 0))
        if (report["erased_count"], report["identical"]) != (1, kept.count - 1):
            raise DemoError("replay_differs", count=kept.count, log=json.dumps(report)[:2_000])
        screen.say("forgotten", identical=report["identical"])
        events, features = report["events"], report["features"]
        if not events["ok"] or features["differing_count"]:
            raise DemoError("replay_differs", count=kept.count, log=json.dumps(report)[:2_000])
        part = screen.words("in_part", count=features["partial_count"]) if features["partial_count"] else ""
        count = count_words(events["event_count"], screen.language)
        screen.say("refigured", events=count, whole=features["checked_count"], part=part)

    def _run_all(self, *commands: _Command) -> Sequence[dict[str, Any]]:
        """Run commands side by side; they only read."""
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            return list(pool.map(self._run, commands))

    def _run(self, command: _Command) -> dict[str, Any]:
        """Run rankd in another process and return what it says as JSON."""
        verb = command.verb
        line = rankd_command(verb, *map(str, command.arguments), "--lang", self._screen.language, "--json")
        try:
            done = subprocess.run(line, capture_output=True, timeout=_PATIENCE_S, check=False)  # noqa: S603 (our own)
        except subprocess.TimeoutExpired:
            raise DemoError("step_slow", verb=verb, seconds=_PATIENCE_S) from None
        log = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
        try:
            report: dict[str, Any] = json.loads(done.stdout)
        except ValueError as error:
            raise DemoError("step_failed", verb=verb, code=done.returncode, log=log) from error
        if done.returncode != command.wanted:
            raise DemoError("step_failed", verb=verb, code=done.returncode, log=log)
        return report
