"""`Rank` over loopback beside a bare loop of `Booster.predict`, interleaved in one run; and where the rest goes."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt
import rfc8785
from workload import LIMITS, NAMES, POLICY, SURFACE, features, sealed_folder

from rankd.client.client import RankdClient
from rankd.core.exact.canonical import canonical_json
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.ranking.admission import Bounds, admit
from rankd.core.ranking.columns import feature_matrix, lay_columns
from rankd.core.ranking.explanation import reason_codes
from rankd.core.ranking.formula import build_formula
from rankd.core.ranking.ranking import rank
from rankd.core.ranking.request import Candidates, Column, Mode, RankingRequest
from rankd.core.records.decision import Decision, encode_decision, request_digest, request_document
from rankd.forest.lightgbm import LightGBMForest
from rankd.store.decision_log import DecisionLog
from rankd.store.model_folder import read_model_folder
from rankd.usecases.needs import column_needs

CACHE = Path(__file__).resolve().parent.parent / ".make" / "bench"
COUNTS = (100, 300, 1500)
ROUNDS = 15
LIMIT = 100


def candidates(count: int) -> Candidates:
    """Return invented candidates: a third as many authors, a fifth local, a few seen, muted or advertisements."""
    rng = np.random.default_rng(count)
    now_ms = time.time_ns() // 1_000_000
    local, ad = rng.random(count) < 0.2, rng.random(count) < 0.05
    return Candidates(
        ids=tuple(f"post-{at:06d}" for at in range(count)),
        author_ids=tuple(f"author-{at}" for at in rng.integers(0, count // 3, count)),
        create_times_ms=now_ms - rng.integers(0, 30 * 86_400_000, count),
        sources=tuple(rng.choice(["in_network", "out_of_network"], count).tolist()),
        groups=tuple(("local",) * bool(a) + ("ad",) * bool(b) for a, b in zip(local, ad, strict=True)),
        seen=rng.random(count) < 0.05,
        muted=rng.random(count) < 0.01,
    )


@contextmanager
def running_service(models: Path) -> Iterator[str]:
    """Run `rankd serve` as a process of its own over W1 and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "policies").mkdir()
        (root / "policies" / f"{SURFACE}.yaml").write_text(POLICY)
        (root / "policies" / "limits.yaml").write_text(LIMITS)
        (root / "rankd.toml").write_text(
            f'[server]\naddress = "127.0.0.1:0"\nside_address = ""\n[folders]\nmodels = {json.dumps(str(models))}\n'
        )
        command = [str(Path(sys.executable).parent / "rankd"), "serve", "--json", "--config", str(root / "rankd.toml")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["address"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def timed(call: Callable[[], object]) -> float:
    """Return how long a call took, milliseconds."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


def interleave(calls: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Time the calls in turn, A B C A B C …, after one uncounted round of each."""
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(timed(call))
    return times


def shown(times: list[float]) -> str:
    """Return the median and the range."""
    return f"{statistics.median(times):8.2f} [{min(times):7.2f} … {max(times):7.2f}]"


def end_to_end(model_folder: Path) -> None:
    """Print `Rank` beside the bare loop, for each number of candidates."""
    heads = [lightgbm.Booster(model_str=text.decode()) for text in read_model_folder(model_folder).texts]
    print(f"Rank over loopback, {len(NAMES)} features, {len(heads)} heads, limit {LIMIT}, every rule, recorded; ms")
    print("candidates   8 × Booster.predict, 1 thread      Rank                           ours ÷ LightGBM")
    with running_service(model_folder.parent) as address, RankdClient(address, timeout_s=30) as client:
        client.wait_until_ready(30)
        for count in COUNTS:
            matrix = features(count, seed=count)
            offered = candidates(count)
            columns = {name: np.ascontiguousarray(matrix[:, at]) for at, name in enumerate(NAMES)}
            doubles = np.ascontiguousarray(matrix)

            def predict(rows: npt.NDArray[np.float32] = doubles) -> None:
                for head in heads:
                    head.predict(rows, raw_score=True, num_threads=1)

            def call(offered: Candidates = offered, columns: dict[str, npt.NDArray[np.float32]] = columns) -> None:
                client.rank(surface=SURFACE, viewer_id="viewer", candidates=offered, columns=columns, limit=LIMIT)

            times = interleave({"predict": predict, "rank": call})
            ratios = [(r - p) / p for p, r in zip(times["predict"], times["rank"], strict=True)]
            print(f"{count:10d}  {shown(times['predict'])}  {shown(times['rank'])}   {statistics.median(ratios):7.1%}")


def phases(model_folder: Path, count: int = 1500) -> None:
    """Print where one request's time goes, in one process, without gRPC."""
    model = read_model_folder(model_folder)
    policy, limits = read_policy(POLICY.encode()), read_limits(LIMITS.encode())
    signal_ = tuple(head.signal for head in model.manifest.heads)
    formula = build_formula(policy, limits, signal_)
    engine = LightGBMForest(model)
    matrix, offered = features(count, seed=count), candidates(count)
    columns = tuple(Column(name, np.ascontiguousarray(matrix[:, at])) for at, name in enumerate(NAMES))
    now_ms = time.time_ns() // 1_000_000
    request = RankingRequest("r", SURFACE, "viewer", Mode.RANKED, now_ms, offered, LIMIT)
    needs = column_needs(model.manifest.features, formula.rules)
    laid = lay_columns(columns, needs, count)
    by_name = {column.name: column.values for column in laid.columns}
    margins = engine.margins(matrix)
    nonce = bytes(32)
    ranking = rank(request, formula, margins, {}, nonce)
    digest = bytes(32)
    decision = Decision(
        request=request,
        clock_given=True,
        caller="bench",
        request_digest=digest,
        policy_digest=policy.canon_digest,
        constitution_digest=limits.canon_digest,
        model_digest=model.manifest.digest,
        epoch_digest=digest,
        nonce=nonce,
        worker="w1",
        counter=0,
        voids=(),
        time_ms=now_ms,
        order=ranking.order,
        values=ranking.values,
        dropped=ranking.dropped,
        exploration=ranking.exploration,
        degraded=(),
        columns=laid.columns,
        heads=tuple(head.objective for head in signal_),
        margins=margins,
    )
    record = encode_decision(decision)
    header = json.loads(canonical_json(request_document(request)))
    with tempfile.TemporaryDirectory() as folder:
        log = DecisionLog.open(Path(folder))
        times = interleave(
            {
                "engine (LightGBM, 8 heads)": lambda: engine.margins(matrix),
                "admission": lambda: admit(request, Bounds(), now_ms),
                "request digest": lambda: request_digest(request, columns, True),
                "columns checked and laid out": lambda: feature_matrix(
                    {c.name: c.values for c in lay_columns(columns, needs, count).columns}, NAMES, count
                ),
                "value, rules, slate, exploration": lambda: rank(request, formula, margins, {}, nonce),
                "reason codes": lambda: [reason_codes(ranking, formula, c) for c in ranking.shown],
                "record encoded": lambda: encode_decision(decision),
                "record on disk (fdatasync)": lambda: log.append(record),
            }
        )
        log.close()
    print(f"\nWhere it goes: {count} candidates, one process, no gRPC; ms ({len(record):,} bytes a record)")
    for name, taken in times.items():
        print(f"  {name:34s} {shown(taken)}")
    pair = interleave({"ours": lambda: canonical_json(header), "rfc8785": lambda: rfc8785.dumps(header)})
    print("\nCanonical JSON of that request's header; ms")
    for name, taken in pair.items():
        print(f"  {name:34s} {shown(taken)}")
    assert list(by_name) == list(NAMES)


def main() -> None:
    """Print both tables."""
    print(
        f"{os.cpu_count()} processors, lightgbm {lightgbm.__version__}, {ROUNDS} interleaved rounds, median [range]\n"
    )
    folder = sealed_folder(CACHE)
    end_to_end(folder)
    phases(folder)


if __name__ == "__main__":
    main()
