"""Bytes of a decision at rest, beside its features alone, compressed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import zstandard
from house import House
from rank_service import w1_house
from timing import row
from workload import candidates, incoming

from rankd.core.features.reader import FILE_NAME, read_declaration
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Column, Mode, RankingRequest
from rankd.core.records.decision import little_endian
from rankd.store.journal.bodies import BODIES_FOLDER, KEYS_FILE
from rankd.store.journal.reading import PRIVATE_FOLDER, PUBLIC_FOLDER
from rankd.usecases.serve.deciding import Incoming

REPOSITORY = Path(__file__).resolve().parent.parent
DATA_SET = "kuairand-pure"
MOMENT = datetime(2022, 5, 4, 12, tzinfo=UTC)
ZSTD_LEVEL = 3
REQUESTS = 10
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What decisions take on average, bytes each.

    Attributes:
        body: In the packs, sealed.
        public: Leaf, tiles and checkpoint.
        keys: The table of keys.
        features: The feature columns alone, under Zstandard.
        margins: The margins alone, under Zstandard.
        header: The rest of the record alone, under Zstandard.
    """

    body: float
    public: float
    keys: float
    features: float
    margins: float
    header: float


def at_rest(root: Path, model_folder: Path, data: Path) -> None:
    """Print what decisions take at rest: W1's, and those of real viewers over real videos where the data are.

    Args:
        root: An empty folder.
        model_folder: W1's model.
        data: The folder of data sets.
    """
    print(f"Bytes of a decision at rest, beside its feature columns alone under Zstandard {ZSTD_LEVEL}")
    for count in (100, 1500):
        offered = candidates(count)
        asked = [incoming(at, count, offered) for at in range(REQUESTS)]
        _show(f"W1, {count} candidates", _keep(w1_house(root / f"rest-{count}", model_folder.parent), asked))
    folder = data / DATA_SET
    if not (folder / "impressions.parquet").is_file():
        print(f" (no real videos: there is no {folder})")
        return
    for count in (120, 1500):
        place = root / f"rest-real-{count}"
        place.mkdir()
        files = (REPOSITORY / "policies").glob("*.yaml")
        house = House(place, REPOSITORY / "models", {path.name: path.read_text("utf-8") for path in files})
        _show(f"models/video, real viewers, {count} candidates", _keep(house, _real(folder, count)))


def _real(folder: Path, count: int) -> list[Incoming]:
    # Reading the data needs what only the extra `learn` installs.
    from rankd.usecases.learn.assembled import assemble_requests

    now_ms = time.time_ns() // 1_000_000
    asked = []
    declaration = read_declaration((REPOSITORY / "training" / "video" / FILE_NAME).read_bytes())
    for at, made in enumerate(assemble_requests(folder, declaration, REQUESTS, count, MOMENT)):
        offered = Candidates(
            ids=made.ids,
            author_ids=made.author_ids,
            create_times_ms=np.full(count, UNKNOWN_TIME_MS, dtype=np.int64),
            sources=("",) * count,
            groups=((),) * count,
            seen=np.zeros(count, dtype=np.bool_),
            muted=np.zeros(count, dtype=np.bool_),
        )
        columns = tuple(Column(name, values) for name, values in made.columns.items())
        request = RankingRequest(f"r{at}", "video", made.viewer_id, Mode.RANKED, now_ms, offered, 12)
        asked.append(Incoming(request, columns, "bench", clock_given=False))
    return asked


def _keep(house: House, asked: Sequence[Incoming]) -> Kept:
    """Record what was asked for again and again until two tiles are full, and weigh what lies on disk then."""
    zstd = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    weights = []
    with house.desk(publish_interval_s=HOUR_S) as desk:
        decisions = [desk.ranker.rank(one, dry_run=True).decided.decision for one in asked]
        for decision in decisions:
            assert decision.heads
            raw = b"".join(little_endian(column.values, "<f4") for column in decision.columns)
            weights.append([len(zstd.compress(raw)), len(zstd.compress(little_endian(decision.margins, "<i4")))])
        # The leaf that announces the epoch is there already, the one that reveals it comes at the end.
        for at in range(2 * TILE_WIDTH - 2):
            desk.decisions.commit(decisions[at % len(decisions)])
        count = desk.decisions.count
    private, public = house.journal / PRIVATE_FOLDER, house.journal / PUBLIC_FOLDER
    features, margins = np.mean(weights, axis=0).tolist()
    body = _weight(private / BODIES_FOLDER) / count
    return Kept(
        body=body,
        public=_weight(public) / count,
        keys=(private / KEYS_FILE).stat().st_size / count,
        features=features,
        margins=margins,
        header=body - features - margins,
    )


def _weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _show(name: str, kept: Kept) -> None:
    whole = kept.body + kept.public + kept.keys
    print(f" {name}")
    row("sealed body + leaf and tiles + key", f"{kept.body:,.0f} + {kept.public:,.0f} + {kept.keys:,.0f}")
    row("its features alone; margins alone; the rest", f"{kept.features:,.0f}; {kept.margins:,.0f}; {kept.header:,.0f}")
    row("at rest ÷ features alone", f"{whole / kept.features:.2f}")
