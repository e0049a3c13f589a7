"""Ranking by ids beside ranking with columns, and how many events a second are recorded and counted."""

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from house import LOG_SIGNER, House, now_ms
from people import ENTRY_EVENTS, MODELS, REPOSITORY, SURFACE, People, append, author_of, declaration, valkey
from timing import interleave, row, shown, timed

from rankd.client import CandidateInput, RankdClient
from rankd.core.features.declaration import Declaration
from rankd.core.features.layout import layout_of
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Column, Mode, RankingRequest
from rankd.edge.config import read_config
from rankd.edge.signing import open_signing
from rankd.store.feature_key import open_feature_key
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.store import FeatureStore
from rankd.store.features.valkey import ValkeyStore
from rankd.usecases.serve.deciding import Incoming
from rankd.usecases.serve.desk import Desk
from rankd.usecases.serve.features.feature_view import FeatureView
from rankd.usecases.serve.feedback.event_log import EventLog
from rankd.usecases.serve.feedback.recorder import Feedback, Sent

LIMIT = 100
ROUNDS = {100: 31, 300: 31, 1500: 15}
PAST_ENTRIES = 2_000
COUNTED_ENTRIES = 5_000
CALL_SIZES = (1, 10, 100, 1_000)
SLATE = 50


def by_ids(root: Path) -> None:
    """Print how long a caller over loopback waits, with ids and with columns.

    Args:
        root: An empty folder.
    """
    declared = declaration()
    print(f"Rank over loopback with models/{SURFACE}, limit {LIMIT}, {len(declared.kept)} kept columns; ms")
    with ExitStack() as opened:
        url = opened.enter_context(valkey())
        clients: dict[str, RankdClient] = {}
        for name, store in (("embedded", ""), ("Valkey", f'[features]\nurl = "{url}"\nread_timeout_ms = 1000\n')):
            house = new_house(root / name)
            signing = open_signing(read_config(house.write_config(store), {}), {})
            open_feature_key(house.data, may_create=True)
            with closing(EventLog.open(house.data, signing.log, signing.mark)) as log:
                append(log, People(1).records(PAST_ENTRIES))
            address = opened.enter_context(house.service(store))
            clients[name] = opened.enter_context(RankdClient(address, timeout_s=60))
            clients[name].wait_until_ready(30)
            wait_for_counts(clients[name], declared)
        row("candidates", "inline columns", "ids, embedded", "ids, Valkey", "embedded ÷ inline", "Valkey ÷ inline")
        for count, rounds in ROUNDS.items():
            people = People(count)
            candidates = [CandidateInput(item, author_id=author_of(item)) for item in people.offer(count)]
            sent, full = (people.columns(count, declared, kept=kept) for kept in (False, True))
            calls: dict[str, Callable[[], object]] = {
                "inline": partial(_ask, clients["embedded"], candidates, full),
                "embedded": partial(_ask, clients["embedded"], candidates, sent),
                "Valkey": partial(_ask, clients["Valkey"], candidates, sent),
            }
            times = interleave(calls, rounds)
            ratios = [
                shown([a / b for a, b in zip(times[name], times["inline"], strict=True)])
                for name in ("embedded", "Valkey")
            ]
            row(str(count), *map(shown, times.values()), *ratios)


def _ask(client: RankdClient, candidates: list[CandidateInput], columns: Mapping[str, npt.NDArray[np.float32]]) -> None:
    slate = client.rank(surface=SURFACE, viewer_id="member-7", candidates=candidates, columns=columns, limit=LIMIT)
    assert all(entry.reason != "FEATURES_UNAVAILABLE" for entry in slate.degraded)


def new_house(root: Path) -> House:
    """Return a co-op in an empty folder, with the sealed model and its policy."""
    root.mkdir(parents=True)
    texts = {name: (REPOSITORY / "policies" / name).read_text() for name in (f"{SURFACE}.yaml", "limits.yaml")}
    models = root / "models"
    shutil.copytree(MODELS / SURFACE, models / SURFACE)
    return House(root, models, texts)


def wait_for_counts(client: RankdClient, declared: Declaration) -> None:
    """Wait until a service reads its counts."""
    people = People(0)
    for _ in range(600):
        slate = client.rank(
            surface=SURFACE,
            viewer_id="member-7",
            candidates=[CandidateInput(item) for item in people.offer(3)],
            columns=people.columns(3, declared, kept=False),
            limit=3,
            dry_run=True,
        )
        if all(entry.reason != "FEATURES_UNAVAILABLE" for entry in slate.degraded):
            return
        time.sleep(0.1)
    raise AssertionError("the counts are not built")


def events(root: Path) -> None:
    """Print how many events a second are recorded, and counted by each store.

    Args:
        root: An empty folder.
    """
    print("events per second")
    with new_house(root / "recorded").desk() as desk:
        people = People(3)
        for size in CALL_SIZES:
            rates = []
            for number in range(max(3, 200 // size)):
                feedback = [
                    _feedback(desk, people, f"r{size}-{number}-{one}", min(SLATE, size))
                    for one in range(-(-size // SLATE))
                ]
                rates.append(size / timed(partial(desk.recorder.record, feedback, "bench", now_ms())) * 1e3)
            row(f"recorded, {size} a call, each implies its impression", shown(rates, 0))
    layout = layout_of(declaration())
    folder = root / "counted"
    folder.mkdir()
    with ExitStack() as opened:
        url = opened.enter_context(valkey())
        log = opened.enter_context(closing(EventLog.open(folder, LOG_SIGNER, folder / "log.mark")))
        append(log, People(1).records(COUNTED_ENTRIES))
        stores: dict[str, FeatureStore] = {
            "embedded": EmbeddedStore.open(folder / "features", LOG_SIGNER.name, layout.digest, clock_ms=now_ms),
            "Valkey": ValkeyStore(url, LOG_SIGNER.name, layout.digest, clock_ms=now_ms),
        }
        for name, store in stores.items():
            view = FeatureView(store, layout, log, read_timeout_s=1.0)
            start = time.perf_counter()
            view.start()
            assert view.settle(COUNTED_ENTRIES, 600)
            took_s = time.perf_counter() - start
            view.stop()
            row(f"read from the journal and counted, {name}", f"{COUNTED_ENTRIES * ENTRY_EVENTS / took_s:,.0f}")


def _feedback(desk: Desk, people: People, name: str, count: int) -> Feedback:
    """Have a slate ranked, and return a click on each of its first posts."""
    items, number = people.offer(2 * SLATE), 2 * SLATE
    candidates = Candidates(
        ids=tuple(items),
        author_ids=tuple(map(author_of, items)),
        create_times_ms=np.full(number, UNKNOWN_TIME_MS, dtype=np.int64),
        sources=("",) * number,
        groups=((),) * number,
        seen=np.zeros(number, dtype=np.bool_),
        muted=np.zeros(number, dtype=np.bool_),
    )
    request = RankingRequest(name, SURFACE, f"viewer of {name}", Mode.RANKED, now_ms(), candidates, SLATE)
    columns = people.columns(number, declaration(), kept=False)
    incoming = Incoming(request, tuple(Column(key, values) for key, values in columns.items()), "bench", True)
    answer = desk.ranker.rank(incoming)
    assert answer.proof is not None
    posts = [items[at] for at in answer.decided.ranking.shown][:count]
    clicks = tuple(Sent(f"{name}-{post}", "click", post, None) for post in posts)
    return Feedback(request.viewer_id, answer.proof.token, clicks)
