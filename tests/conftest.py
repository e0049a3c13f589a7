"""A small cooperative's house for tests: folders with policies and a hand-written model, and decisions made there."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.exact.canonical import sha256
from rankd.core.features.feature import Feature
from rankd.core.log.note import NoteSigner
from rankd.core.ranking.admission import Bounds
from rankd.core.ranking.calibration import MARGIN_ONE, Calibration
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Column, Mode, RankingRequest
from rankd.core.ranking.signal import HeadSignal
from rankd.core.records.leaf import Retention
from rankd.core.words.language import Phrase
from rankd.forest.manifest import Head, manifest_json
from rankd.forest.trees import DEFAULT_LEFT, NAN_TYPED, Forest, Tree, write_forest
from rankd.store.archive import Archive
from rankd.store.disk import Disk
from rankd.store.evidence import DECISIONS
from rankd.store.model_folder import write_model_folder
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.deciding import Incoming
from rankd.usecases.serve.desk import Desk, DeskTerms, FeatureTerms
from rankd.usecases.serve.epochs import Terms
from rankd.usecases.serve.rank import Answer
from rankd.usecases.serve.surfaces import SurfaceBook

HOUSE_TIME_MS = 1_800_000_000_000
HOUSE_ORIGIN = "dev.test"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"the log key of tests"))
ERASER_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"the eraser key of tests"))
LOG_SIGNER = NoteSigner(HOUSE_ORIGIN, LOG_KEY)
HOUSE_TERMS = DeskTerms(
    worker="w0",
    bounds=Bounds(max_candidate_count=100, max_limit=20),
    window_ms=60_000,
    window_count=1_000,
    epoch=Terms(
        Retention(30 * 86_400_000, 10_000, 400 * 86_400_000),
        (ERASER_KEY.public_key().public_bytes_raw(),),
        "rankd tests",
    ),
    pseudonym_ms=30 * 86_400_000,
    # A busy machine is no slow store.
    features=FeatureTerms(read_timeout_s=10.0),
)

_POLICY = """\
schema: rankd.policy/1
surface: {surface}
base: none
title: {{fr: "Essai", en: "Test"}}
reasons: {{fr: "Pour l’essai.", en: "For the test."}}
points:
  {{click: {click}, reply: {reply}, hide: 200, report: {report}, long_view: 0, like: 0, repost: 0, follow: 0,
    profile_visit: 0}}
rules:
  drop_seen/1: apply
  drop_muted/1: apply
  freshness/1: {{half_life: 2d, floor: 5%, unknown_age: 7d}}
  source_scaling/1: {{shares: {{near: 100%}}, other: 60%}}
  feedback_fatigue/1: {{column: hours_since_hide, recovery: 10d, floor: 20%}}
  author_diversity/1: {{decay: 50%, floor: 10%}}
  cap/1: [{{per: author, at_most: 2, in_first: 4}}]
  after_cap: drop
  quota/1: [{{group: local, at_least: 2, in_first: 3}}]
exploration: {{share: 40%}}
sliders: {{reply: {{min: 50%, max: 150%}}}}
"""
_LIMITS = """\
schema: rankd.limits/1
lift_ceiling: {ceiling}
exploration_max: 50%
objectives:
  click: {{sign: reward, min: 0, max: {most}}}
  long_view: {{sign: reward, min: 0, max: {most}}}
  like: {{sign: reward, min: 0, max: {most}}}
  reply: {{sign: reward, min: 0, max: {most}}}
  repost: {{sign: reward, min: 0, max: {most}}}
  follow: {{sign: reward, min: 0, max: {most}}}
  profile_visit: {{sign: reward, min: 0, max: {most}}}
  hide: {{sign: penalty, min: 0, max: {most}}}
  report: {{sign: penalty, min: 0, max: {most}}}
"""

_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of this user's own in it
_TEXTS = 200
"""How many texts' events are kept."""


def pytest_configure() -> None:
    """Let the many processes of tests start quickly, and keep the tests' folders in memory.

    Interpreters find their bytecode in the virtual environment, whatever the environment says, instead of compiling
    every module again; nothing is written beside the sources. Journals sync every record: in memory it costs nothing.
    """
    if sys.prefix != sys.base_prefix:
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix) / "bytecode")
        sys.dont_write_bytecode = False
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= 4 << 30:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


class House:
    """Folders of one service, and its inside without an edge.

    The model reads `duration_s` (must be sent), `rate` (default 0.5) and `age_h` (nullable), and has heads click, reply
    (silent) and hide. The policy's rules also read `hours_since_hide`.
    """

    def __init__(self, root: Path) -> None:
        self.policies, self.models, self.data = root / "policies", root / "models", root / "data"
        self.policies.mkdir()
        self.models.mkdir()
        self.archive = Archive(self.data)
        self.write_limits()
        self.write_policy()
        self.write_model()

    def write_limits(self, *, ceiling: int = 10, most: int = 900) -> None:
        """Write limits.yaml."""
        (self.policies / "limits.yaml").write_text(_LIMITS.format(ceiling=ceiling, most=most))

    def write_policy(self, *, surface: str = "video", click: int = 500, report: int = 0, end: str = "") -> Path:
        """Write a policy; `click` of 800 points go to click, the rest to reply."""
        text = _POLICY.format(surface=surface, click=click, reply=800 - click - report, report=report)
        path = self.policies / f"{surface}.yaml"
        path.write_text(text + end)
        return path

    def write_model(self, *, surface: str = "video", leaf: int = MARGIN_ONE) -> Path:
        """Write a model, in place of the one that is there; `leaf` is the value of its first leaf."""
        path = self.models / surface
        write_model_folder(path, self.model_files(surface=surface, leaf=leaf), replace=True)
        return path

    def model_files(self, *, surface: str = "video", leaf: int = MARGIN_ONE) -> dict[str, bytes]:
        """Return the files of a sealed model."""
        features = (
            Feature("duration_s", Phrase("durée", "duration"), "s", None, nullable=False, profiling=False),
            Feature("rate", Phrase("taux", "rate"), "1", "0.5", nullable=False, profiling=True),
            Feature("age_h", Phrase("âge", "age"), "h", None, nullable=True, profiling=False),
        )
        names = tuple(feature.name for feature in features)
        kinds = (0, NAN_TYPED | DEFAULT_LEFT)
        click = Forest(
            (
                Tree((0, 2), (30.0, 5.5), kinds, (-1, -2), (1, -3), (leaf, -MARGIN_ONE, 3 * MARGIN_ONE // 2)),
                Tree((1,), (0.25,), (0,), (-1,), (-2,), (-(MARGIN_ONE // 3), MARGIN_ONE // 5)),
            )
        )
        hide = Forest((Tree((1,), (0.75,), (0,), (-1,), (-2,), (-2 * MARGIN_ONE, MARGIN_ONE)),))
        texts = {
            "click": write_forest(click, names),
            "reply": write_forest(Forest((Tree((), (), (), (), (), (7,)),)), names),
        }
        texts["hide"] = write_forest(hide, names)
        table = Calibration(np.array([-(2**27), 0, 2**27]), np.array([1_000, 300_000_000, 999_000_000]))
        heads = [
            Head(HeadSignal("click", 250_000_000, table), "click.txt", sha256(texts["click"]), None),
            Head(HeadSignal("reply", 10_000, None), "reply.txt", sha256(texts["reply"]), "TOO_FEW_POSITIVES"),
            Head(HeadSignal("hide", 50_000_000, table), "hide.txt", sha256(texts["hide"]), None),
        ]
        documents = {"LICENSE": b"CC0\n", "MODEL_CARD.md": "# Modèle d’essai\n".encode()}
        manifest = manifest_json(
            surface=surface,
            features=features,
            heads=heads,
            documents=[(name, sha256(data)) for name, data in documents.items()],
            training={"rows": 0},
        )
        return {"manifest.json": manifest, **documents, **{f"{name}.txt": text for name, text in texts.items()}}

    def book(self) -> SurfaceBook:
        """Return a new book over these folders."""
        return SurfaceBook(self.policies, self.models, self.archive, lambda: HOUSE_TIME_MS)

    @property
    def journal(self) -> Path:
        """The folder of the journal of decisions."""
        return self.data / DECISIONS

    @property
    def mark(self) -> Path:
        """What the log key signed last."""
        return self.data.with_name("log.key.mark")

    def desk(
        self,
        book: Book | None = None,
        *,
        terms: DeskTerms = HOUSE_TERMS,
        clock_ms: Callable[[], int] = lambda: HOUSE_TIME_MS,
        disk: Disk | None = None,
    ) -> Desk:
        """Start what ranks and records here; close it."""
        return Desk(self.data, book or self.book(), self.archive, LOG_SIGNER, self.mark, terms, clock_ms, disk)

    def incoming(self, seed: int, *, surface: str = "video", mode: Mode | None = None) -> Incoming:
        """Return a request drawn from `seed`: every fifth one asks for newest first, the others use what there is."""
        draw = np.random.default_rng(seed)
        count = int(draw.integers(4, 13))
        mode = mode or (Mode.NEWEST_FIRST if seed % 5 == 4 else Mode.RANKED)
        times = HOUSE_TIME_MS - draw.integers(0, 10 * 86_400_000, count)
        times[draw.random(count) < 0.1] = UNKNOWN_TIME_MS
        candidates = Candidates(
            ids=tuple(f"p{seed}-{at}" for at in range(count)),
            author_ids=_drawn(draw, ("a", "b", "c", ""), count),
            create_times_ms=times,
            sources=_drawn(draw, ("near", "far", ""), count),
            groups=tuple(("local",) if local else () for local in draw.random(count) < 0.3),
            seen=draw.random(count) < 0.1,
            muted=draw.random(count) < 0.1,
        )
        request = RankingRequest(
            request_id=f"r{seed}",
            surface=surface,
            viewer_id=f"v{seed % 3}",
            mode=mode,
            request_time_ms=HOUSE_TIME_MS,
            candidates=candidates,
            limit=int(draw.integers(1, 8)),
            served_author_counts=(("a", 1), ("zoé", 2)) if seed % 2 else (),
            sliders=(("reply", 120),) if seed % 3 == 0 and mode is Mode.RANKED else (),
        )
        if mode is Mode.NEWEST_FIRST:
            return Incoming(request, (), "feed", clock_given=False)
        ages = draw.random(count) * 12
        ages[draw.random(count) < 0.2] = np.nan
        columns = [
            Column("duration_s", (draw.random(count) * 60).astype(np.float32)),
            Column("age_h", ages.astype(np.float32)),
            Column("hours_since_hide", np.array([seed % 7 * 24], dtype=np.float32)),
        ]
        if seed % 4:
            columns.append(Column("rate", draw.random(count).astype(np.float32)))
        return Incoming(request, tuple(columns), "feed", clock_given=bool(seed % 2))

    def record(self, seeds: Sequence[int]) -> list[Answer]:
        """Start, rank these requests, stop."""
        with self.desk() as desk:
            return [desk.ranker.rank(self.incoming(seed)) for seed in seeds]


def _drawn(draw: np.random.Generator, words: tuple[str, ...], count: int) -> tuple[str, ...]:
    return tuple(words[at] for at in draw.integers(0, len(words), count))


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a new house in a folder of its own."""
    return House(tmp_path)
