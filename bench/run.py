"""Every benchmark, one after the other, each side by side with what it is compared with."""

import argparse
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import assembly
import at_rest
import cluster
import counts
import feedback
import journal
import large_journal
import lightgbm
import rank_service
import replaying
from workload import sealed_folder

REPOSITORY = Path(__file__).resolve().parent.parent
CACHE = REPOSITORY / ".make" / "bench"


def main() -> None:
    """Run the parts that are asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="10^7 leaves instead of 10^6, 10^5 members instead of 3,000"
    )
    parser.add_argument("part", nargs="*", help="which parts, by the names that they print; all if none is named")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    data = Path(os.environ.get("RANKD_DATA") or REPOSITORY.parent / "shared" / "data")
    CACHE.mkdir(parents=True, exist_ok=True)
    model = sealed_folder(CACHE)
    with tempfile.TemporaryDirectory(prefix="rankd-bench-") as name:
        root = Path(name)
        parts: dict[str, Callable[[], None]] = {
            "rank": lambda: rank_service.service(root, model),
            "phases": lambda: rank_service.phases(root, model),
            "appends": lambda: journal.appends(root),
            "publications": lambda: journal.publications(root),
            "large": lambda: large_journal.measure(CACHE, 10_000_000 if asked.full else 1_000_000),
            "replay": lambda: replaying.replays(root, model),
            "rest": lambda: at_rest.at_rest(root, model, data),
            "audits": lambda: assembly.audits(root, 100_000 if asked.full else 3_000),
            "gate": lambda: assembly.starts(root, 10_000),
            "growth": lambda: assembly.growth(10_000 if asked.full else 1_000),
            "ids": lambda: feedback.by_ids(root / "ids"),
            "events": lambda: feedback.events(root / "events"),
            "bytes": lambda: counts.sizes(root / "bytes"),
            "materialise": lambda: counts.materialised(data),
            "cluster": lambda: cluster.load(root / "cluster"),
            "events-growth": lambda: counts.growth(
                root / "growth", [10**4, 10**5, 10**6, *([10**7] if asked.full else [])]
            ),
        }
        print(f"{os.cpu_count()} processors, lightgbm {lightgbm.__version__}; median [least … most]")
        for part in asked.part or parts:
            print(f"\n[{part}]")
            start = time.perf_counter()
            parts[part]()
            print(f"  ({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
