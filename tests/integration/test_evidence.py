"""Auditors beside a service at work: what they are shown changes under their hands, and no verdict is a false one."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic, sleep

import pytest

from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.leaf import ErasureLeaf, encode_leaf
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.verify import verify
from rankd.usecases.serve.desk import Desk
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, HOUSE_TIME_MS, LOG_SIGNER, House
from tests.evidence import TRUST, bundled, replayed_bundle

RUN_S = 2.0


def erase(desk: Desk, index: int) -> None:
    """Erase one decision, as a service does."""
    erasure = Erasure(HOUSE_ORIGIN, ((index, index),), (), "REQUEST", "asked for", HOUSE_TIME_MS)
    leaf = encode_leaf(ErasureLeaf(HOUSE_TIME_MS, sign_erasure(erasure, ERASER_KEY)))
    desk.journal.append(leaf, erases=((index, index),))


class Busy:
    """A service that ranks, erases every third decision and changes its epoch, until it is stopped."""

    def __init__(self, house: House) -> None:
        self.desk = house.desk()
        self.failures: list[BaseException] = []
        self._house = house
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self.desk.close()

    def _work(self) -> None:
        try:
            seed = 0
            while not self._over.is_set():
                answer = self.desk.ranker.rank(self._house.incoming(seed))
                seed += 1
                if seed % 3 == 0:
                    erase(self.desk, int(answer.decision_id.removeprefix(f"{HOUSE_ORIGIN}/")))
                if seed % 50 == 0:
                    self.desk.epochs.rotate()
        except BaseException as error:  # noqa: BLE001 - told to the test, which fails
            self.failures.append(error)


def test_verdicts_and_bundles_beside_a_service_at_work_are_all_good(house: House, tmp_path: Path) -> None:
    busy = Busy(house)
    sizes: list[int] = []
    until = monotonic() + RUN_S

    def again() -> JournalEvidence:
        sleep(1)
        return JournalEvidence(house.data, DECISIONS)

    while monotonic() < until:
        report = verify(JournalEvidence(house.data, DECISIONS), TRUST, now_s=0, again=again)
        assert report.good, (report.faults, report.chronicle)
        assert replayed_bundle(bundled(house.data, tmp_path / "b.tar")).good
        sizes.append(report.checkpoint.size)
    busy.stop()
    assert busy.failures == []
    report = verify(JournalEvidence(house.data, DECISIONS), TRUST, now_s=0)
    assert report.good
    assert report.chronicle.unrevealed == ()
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 1
    erased = sum(run.last - run.first + 1 for run in report.chronicle.erased)
    assert erased == report.chronicle.decision_count // 3 > 0


def rankd(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a process of its own."""
    command = [sys.executable, "-c", "from rankd.edge.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_from_a_service_to_an_auditor_by_the_command_line_alone(house: House, tmp_path: Path) -> None:
    house.record(range(8))
    bundle, key = str(tmp_path / "audit.tar"), LOG_SIGNER.verifier.vkey
    written = rankd("bundle", str(house.data), "--out", bundle, "--json")
    assert (written.returncode, json.loads(written.stdout)["body_count"]) == (0, 8)
    shutil.rmtree(house.data)
    verdict = rankd("verify", bundle, "--key", key, "--json")
    assert (verdict.returncode, json.loads(verdict.stdout)["ok"]) == (0, True)
    replay = rankd("replay", bundle, "--key", key, "--json")
    found = json.loads(replay.stdout)
    assert (replay.returncode, found["count"], found["identical"]) == (0, 8, 8)
    assert rankd("verify", bundle).returncode == 2


@pytest.mark.skipif(shutil.which("tar") is None, reason="this machine has no tar to unpack a bundle with")
def test_other_peoples_tools_unpack_a_bundle(house: House, tmp_path: Path) -> None:
    house.record(range(3))
    path = bundled(house.data, tmp_path / "audit.tar")
    listed = subprocess.run(["tar", "tf", str(path)], capture_output=True, text=True, check=True)
    assert listed.stdout.splitlines()[:2] == ["bundle.json", "checkpoint"]
    subprocess.run(["tar", "xf", str(path), "-C", str(tmp_path)], check=True)
    assert (tmp_path / "checkpoint").read_bytes() == (house.journal / "public" / "checkpoint").read_bytes()
    assert json.loads((tmp_path / "bundle.json").read_bytes())["schema"] == "rankd.bundle/1"
