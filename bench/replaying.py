"""Replay beside the making of the same decisions: same engine, same process, one thread, round by round."""

import os
import time
from pathlib import Path

from house import LOG_SIGNER
from rank_service import w1_house
from timing import row, shown
from workload import candidates, incoming

from rankd.forest.engine import choose_engine
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.replay import replay
from rankd.usecases.audit.trust import Trust

COUNTS = {100: 80, 300: 32, 1500: 8}
"""Candidates, and how many decisions a round makes and replays."""

ROUNDS = 3
JOBS = os.cpu_count() or 1


class _OpenArchive(Archive):
    """An archive whose models were read before: reading one takes as long as replaying many decisions."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.taken_s = 0.0
        self._read: dict[bytes, SealedModel] = {}

    def model(self, digest: bytes) -> SealedModel:
        """Return a model; see `Archive.model`."""
        if digest not in self._read:
            start = time.perf_counter()
            self._read[digest] = super().model(digest)
            self.taken_s = time.perf_counter() - start
        return self._read[digest]


def replays(root: Path, model_folder: Path) -> None:
    """Print decisions replayed per second, from leaf to ranking, and made per second.

    Args:
        root: An empty folder.
        model_folder: W1's model.
    """
    print(f"Replay (model level, proofs and bodies included), {ROUNDS} interleaved rounds; decisions a second, 1 core")
    reading, loading = [], []
    for count, decisions in COUNTS.items():
        offered = candidates(count)
        made: list[float] = []
        again: list[float] = []
        together: list[float] = []
        for number in range(ROUNDS):
            house = w1_house(root / f"replay-{count}-{number}", model_folder.parent)
            asked = [incoming(at, count, offered) for at in range(decisions)]
            with house.desk() as desk:
                start = time.perf_counter()
                answers = [desk.ranker.rank(one) for one in asked]
                made.append(decisions / (time.perf_counter() - start))
            if number == 0:
                archive = _OpenArchive(house.data)
                digest = answers[0].decided.decision.model_digest
                assert digest is not None
                model = archive.model(digest)
                reading.append(archive.taken_s * 1e3)
            start = time.perf_counter()
            choose_engine(model)
            loading.append((time.perf_counter() - start) * 1e3)
            for jobs, rates in ((1, again), (JOBS, together)):
                evidence = JournalEvidence(house.data, DECISIONS)
                evidence.archive = archive
                start = time.perf_counter()
                found = replay(evidence, Trust(LOG_SIGNER.verifier), now_s=int(time.time()), level="model", jobs=jobs)
                replayed_s = time.perf_counter() - start - loading[-1] / 1e3
                assert found.good
                assert found.verified.identical_count == decisions
                rates.append(decisions / replayed_s)
        print(f" {count} candidates, {decisions} decisions a round")
        row("made and recorded", shown(made, 1))
        row("replayed, one by one", shown(again, 1))
        row("replayed ÷ made", shown([a / m for a, m in zip(again, made, strict=True)]))
        row(f"replayed, {JOBS} side by side", shown(together, 1))
    print(" once a replay, left out above; ms")
    row("the model read and checked", shown(reading, 0))
    row("the engine made of it", shown(loading, 0))
