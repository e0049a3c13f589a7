"""`Rank` over loopback with the journal and without, beside a bare loop of `Booster.predict`; and where time goes."""

import json
import os
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import rfc8785
from house import LOG_SIGNER, House, now_ms
from timing import differences, interleave, percentile, row, shown, together
from workload import LIMIT, LIMITS, NAMES, POLICY, SURFACE, candidates, features, incoming

from rankd.client.client import RankdClient
from rankd.core.exact.canonical import canonical_json
from rankd.core.ranking.admission import Bounds, admit
from rankd.core.ranking.columns import feature_matrix, lay_columns
from rankd.core.ranking.explanation import reason_codes
from rankd.core.ranking.ranking import rank
from rankd.core.records.commitment import KEY_BYTES, commitment
from rankd.core.records.decision import Decision, encode_decision, request_digest, write_candidates
from rankd.core.records.leaf import encode_leaf, leaf_of_decision
from rankd.core.records.pseudonym import pseudonym
from rankd.store.journal.journal import Body, Journal
from rankd.store.model_folder import read_model_folder
from rankd.usecases.needs import column_needs
from rankd.usecases.serve.deciding import Decided, Incoming
from rankd.usecases.serve.decisions import DecisionJournal

ROUNDS = {100: 41, 300: 31, 1500: 17}
PHASE_ROUNDS = 31
CALLERS = 16
CROWD_CANDIDATES = 100
CROWD_CALLS = 64
CROWD_ROUNDS = 6


def w1_house(root: Path, models: Path) -> House:
    """Return a house with W1's model and policy in a folder, which is made."""
    root.mkdir()
    return House(root, models, {f"{SURFACE}.yaml": POLICY, "limits.yaml": LIMITS})


def service(root: Path, model_folder: Path) -> None:
    """Print what a caller over loopback waits for.

    Args:
        root: An empty folder.
        model_folder: W1's model.
    """
    heads = [lightgbm.Booster(model_str=text.decode()) for text in read_model_folder(model_folder).texts]
    sizes = _record_sizes(w1_house(root / "sizes", model_folder.parent))
    house = w1_house(root / "service", model_folder.parent)
    print(f"Rank over loopback: {len(NAMES)} features, {len(heads)} heads, limit {LIMIT}, every rule; ms")
    with house.service() as address, RankdClient(address, timeout_s=60) as client:
        client.wait_until_ready(30)
        for count, rounds in ROUNDS.items():
            _callers_wait(client, heads, house, count, rounds, sizes[count])
        _crowd(client)


def _record_sizes(house: House) -> dict[int, int]:
    with house.desk() as desk:
        rank_once = desk.ranker.rank
        decided = {
            count: rank_once(incoming(count, count, candidates(count)), dry_run=True).decided for count in ROUNDS
        }
    return {count: len(encode_decision(one.decision)) for count, one in decided.items()}


def _ranker(client: RankdClient, count: int, *, dry_run: bool) -> Callable[[], object]:
    matrix, offered = features(count, seed=count), candidates(count)
    columns = {name: np.ascontiguousarray(matrix[:, at]) for at, name in enumerate(NAMES)}
    return lambda: client.rank(
        surface=SURFACE, viewer_id="viewer", candidates=offered, columns=columns, limit=LIMIT, dry_run=dry_run
    )


def _callers_wait(
    client: RankdClient, heads: list[lightgbm.Booster], house: House, count: int, rounds: int, size: int
) -> None:
    matrix = features(count, seed=count)
    record = os.urandom(size)
    descriptor = os.open(house.data / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def predict() -> None:
        for head in heads:
            head.predict(matrix, raw_score=True, num_threads=1)

    def sync() -> None:
        os.write(descriptor, record)
        os.fdatasync(descriptor)

    times = interleave(
        {
            "predict": predict,
            "dry": _ranker(client, count, dry_run=True),
            "rank": _ranker(client, count, dry_run=False),
            "sync": sync,
        },
        rounds,
    )
    os.close(descriptor)
    added = differences(times["rank"], times["dry"])
    ratios = [(r - p) / p for p, r in zip(times["predict"], times["rank"], strict=True)]
    print(f" {count} candidates, {rounds} rounds")
    row("8 × Booster.predict, 1 thread", shown(times["predict"]))
    row("Rank, not recorded (dry run)", shown(times["dry"]))
    row("Rank, recorded in the journal", shown(times["rank"]))
    row("the journal adds, round by round", shown(added))
    row(f"bare write and fdatasync of {size:,} bytes", shown(times["sync"]))
    row("what is ours ÷ LightGBM", f"{statistics.median(ratios):.1%}")


def _crowd(client: RankdClient) -> None:
    calls = {dry: _ranker(client, CROWD_CANDIDATES, dry_run=dry) for dry in (True, False)}
    times: dict[bool, list[float]] = {True: [], False: []}
    rates: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(CROWD_ROUNDS):
        for dry, call in calls.items():

            def one(_number: int, call: Callable[[], object] = call) -> None:
                call()

            seconds, taken = together(one, CALLERS, CROWD_CALLS)
            times[dry] += taken
            rates[dry].append(CROWD_CALLS / seconds)
    print(f" {CALLERS} callers at once, {CROWD_CANDIDATES} candidates, {CROWD_ROUNDS} × {CROWD_CALLS} calls each")
    for dry, name in ((True, "Rank, not recorded (dry run)"), (False, "Rank, recorded in the journal")):
        tail = f"p50 {percentile(times[dry], 50):.0f}, p99 {percentile(times[dry], 99):.0f} ms"
        row(name, tail, f"{shown(rates[dry], 1)} a second")


def phases(root: Path, model_folder: Path, count: int = 1500) -> None:
    """Print where one request's time goes, in one process, without gRPC; see `service`."""
    offered = {number: incoming(number, number, candidates(number)) for number in ROUNDS}
    with w1_house(root / "phases", model_folder.parent).desk() as desk:
        decided = {number: desk.ranker.rank(one, dry_run=True).decided for number, one in offered.items()}
    _ranking(offered[count], decided[count])
    journal = Journal.open(root / "journal", LOG_SIGNER, root / "journal.mark", watch=False)
    try:
        for one in decided.values():
            _recording(one.decision, DecisionJournal(journal, LOG_SIGNER, os.urandom(32)), root / "bare")
    finally:
        journal.close()
    parts = json.loads(write_candidates(decided[count].decision.request.candidates).text)
    pair = interleave({"ours": lambda: canonical_json(parts), "rfc8785": lambda: rfc8785.dumps(parts)}, PHASE_ROUNDS)
    print(f" canonical JSON of {count} candidates; ms")
    for name, taken in pair.items():
        row(name, shown(taken))


def _ranking(asked: Incoming, decided: Decided) -> None:
    decision, ranking, snapshot = decided.decision, decided.ranking, decided.snapshot
    model, formula, engine = snapshot.model, snapshot.formula, snapshot.engine
    assert model is not None
    assert formula is not None
    assert engine is not None
    count, request = len(asked.request.candidates), asked.request
    needs = column_needs(model.manifest.features, formula.rules)
    matrix = features(count, seed=count)
    written, secret, time_ms = write_candidates(request.candidates), os.urandom(32), now_ms()

    def digest() -> bytes:
        known = replace(request, viewer_id=pseudonym(secret, 1, request.viewer_id))
        return request_digest(known, asked.columns, True, written)

    steps: dict[str, Callable[[], object]] = {
        "engine (LightGBM, 8 heads)": lambda: engine.margins(matrix),
        "admission": lambda: admit(request, Bounds(max_clock_skew_ms=0), time_ms),
        "candidates as canonical JSON": lambda: write_candidates(request.candidates),
        "pseudonym and request digest": digest,
        "columns checked and laid out": lambda: feature_matrix(
            {c.name: c.values for c in lay_columns(asked.columns, needs, count).columns}, NAMES, count
        ),
        "value, rules, slate, exploration": lambda: rank(request, formula, decision.margins, {}, decision.nonce),
        "reason codes": lambda: [reason_codes(ranking, formula, c) for c in ranking.shown],
    }
    print(f"Where it goes: {count} candidates, one process, no gRPC; ms")
    for name, taken in interleave(steps, PHASE_ROUNDS).items():
        row(name, shown(taken))


def _recording(decision: Decision, decisions: DecisionJournal, bare: Path) -> None:
    written, key = write_candidates(decision.request.candidates), os.urandom(KEY_BYTES)
    record = encode_decision(decision, written)
    seal = commitment(key, record)
    leaf = encode_leaf(leaf_of_decision(decision, seal))
    descriptor = os.open(bare, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def sync() -> None:
        os.write(descriptor, record)
        os.fdatasync(descriptor)

    steps: dict[str, Callable[[], object]] = {
        "record encoded": lambda: encode_decision(decision, written),
        "commitment": lambda: commitment(key, record),
        "leaf": lambda: encode_leaf(leaf_of_decision(decision, seal)),
        "journal append": lambda: decisions.journal.append(leaf, Body(key, record)),
        "receipt and feedback token": lambda: decisions.proof(decision, 7, seal),
        "all of it: what the journal adds": lambda: decisions.commit(decision, written),
        "(bare write and fdatasync of the record)": sync,
    }
    print(f" recording {len(decision.request.candidates)} candidates, {len(record):,} bytes; ms")
    for name, taken in interleave(steps, PHASE_ROUNDS).items():
        row(name, shown(taken))
    os.close(descriptor)
