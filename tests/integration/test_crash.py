"""Killed services and refusing disks: nothing acknowledged is lost, nothing half-written is read."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import RankdError
from tests.conftest import House
from tests.evidence import replayed
from tests.integration.killing import killed

# Every line is written after rank returned, in one write, so that it is whole or not there.
RANKING = """
import os, sys, threading
from pathlib import Path
from rankd.forest.reference import ReferenceForest
from rankd.store.archive import Archive
from rankd.usecases.serve.surfaces import SurfaceBook
from tests.conftest import HOUSE_TIME_MS, House
house = House.__new__(House)
root = Path(sys.argv[1])
house.policies, house.models, house.data = root / "policies", root / "models", root / "data"
house.archive = Archive(house.data)
book = SurfaceBook(house.policies, house.models, house.archive, lambda: HOUSE_TIME_MS, engine=ReferenceForest)
ranker = house.desk(book).ranker
os.write(1, b"ready\\n")
def run(first):
    for seed in range(first, 1_000_000_000, 4):
        answer = ranker.rank(house.incoming(seed))
        os.write(1, b"%s %s\\n" % (answer.decision_id.encode(), answer.decided.decision.nonce.hex().encode()))
for name in range(4):
    threading.Thread(target=run, args=(int(sys.argv[2]) * 10_000_000 + name,)).start()
"""


def test_a_service_killed_again_and_again_replays_bit_for_bit_with_every_counter_accounted_for(house: House) -> None:
    root = house.data.parent
    answered: dict[int, str] = {}
    for turn in range(1, 4):
        for decision_id, nonce in killed(RANKING, str(root), str(turn), after_s=0.2):
            answered[int(decision_id.removeprefix("dev.test/"))] = nonce
    with house.desk() as desk:
        recorded = {index: desk.decisions.recorded(index).nonce.hex() for index, _ in desk.decisions.newest()}
    report = replayed(house.data, "reference")
    assert report.good, report
    assert report.identical == report.count == len(recorded) >= len(answered)
    assert answered.items() <= recorded.items()
    assert report.verified.nonce_count == report.count
    assert len(answered) > 20


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Mount a disk of 4 MiB, where this process may."""
    folder = Path(tempfile.mkdtemp(prefix="rankd-small-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "rankd", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("this process may not mount a small disk; the journal's own tests fill a limited one")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def test_a_service_on_a_full_disk_says_unavailable_and_recovers_when_space_returns(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    (small_disk / "root").mkdir()
    house = House(small_disk / "root")
    desk = house.desk()
    ballast.write_bytes(bytes(3_500_000))
    refused: list[str] = []
    recorded = 0
    for seed in range(2_000):
        try:
            desk.ranker.rank(house.incoming(seed))
            recorded += 1
        except RankdError as error:
            refused.append(error.reason)
            if len(refused) == 5:
                ballast.unlink()
        if len(refused) >= 5 and recorded % 7 == 0:
            break
    assert set(refused) == {"RECORDS_UNAVAILABLE"}
    assert len(refused) >= 5
    desk.close()
    report = replayed(house.data)
    assert (report.count, report.identical) == (recorded, recorded)
    assert report.good


def test_on_a_read_only_disk_no_service_starts_and_replay_works(small_disk: Path) -> None:
    (small_disk / "root").mkdir()
    house = House(small_disk / "root")
    house.record(range(3))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(RankdError) as caught:
        house.desk()
    assert caught.value.reason == "RECORDS_UNOPENABLE"
    assert replayed(house.data).good
