"""A house whose model declares its features: rankd keeps them, and requests bring ids."""

from collections.abc import Sequence

import numpy as np

from rankd.core.exact.canonical import sha256
from rankd.core.features.reader import FILE_NAME, read_declaration
from rankd.core.ranking.calibration import MARGIN_ONE, Calibration
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Column, Mode, RankingRequest
from rankd.core.ranking.signal import HeadSignal
from rankd.forest.manifest import Head, manifest_json
from rankd.forest.trees import Forest, Tree, write_forest
from rankd.usecases.serve.deciding import Incoming
from rankd.usecases.serve.desk import Desk
from rankd.usecases.serve.feedback.recorder import Feedback, Sent
from rankd.usecases.serve.rank import Answer
from tests.conftest import HOUSE_TIME_MS, House

DECLARATION = """\
schema: rankd.features/1
entities:
  viewer: [viewer]
  item: [item]
  author: [author]
  viewer_author: [viewer, author]
  viewer_topic: [viewer, topic]
features:
  duration_s:
    meaning: {fr: "Durée", en: "Duration"}
    unit: s
    default: "30"
    nullable: "no"
    profiling: "no"
    sent: number
  topic:
    meaning: {fr: "Sujet", en: "Topic"}
    unit: id
    default: "0"
    nullable: "no"
    profiling: "no"
    sent: whole
  item_click_rate:
    meaning: {fr: "Part des affichages suivis d’un clic", en: "Share of showings that were clicked"}
    unit: "0–1"
    default: "0.4"
    nullable: "no"
    profiling: "no"
    rate: {of: item, hits: click, trials: shown, within: 7d, prior: 40%, weight: 5}
  author_shown_day:
    meaning: {fr: "Affichages de l’auteur en un jour", en: "Showings of the author within a day"}
    unit: count
    default: "0"
    nullable: "no"
    profiling: "no"
    count: {of: author, event: shown, within: 24h}
  viewer_author_clicks:
    meaning: {fr: "Clics de la personne sur cet auteur", en: "Clicks by this person on this author"}
    unit: count
    default: "0"
    nullable: "no"
    profiling: "yes"
    count: {of: viewer_author, event: click, within: ever}
  viewer_topic_share:
    meaning: {fr: "Part de ses clics sur ce sujet", en: "Share of their clicks on this topic"}
    unit: "0–1"
    default: "0.1"
    nullable: "no"
    profiling: "yes"
    affinity: {of: viewer_topic, among: viewer, event: click, within: ever, prior: 10%, weight: 5}
  viewer_author_hides:
    meaning: {fr: "Masquages de cet auteur", en: "Hides of this author"}
    unit: count
    default: "0"
    nullable: "no"
    profiling: "yes"
    count: {of: viewer_author, event: hide, within: 30d, half_life: 10d}
"""

KEPT = ("item_click_rate", "author_shown_day", "viewer_author_clicks", "viewer_topic_share", "viewer_author_hides")
"""The columns that rankd works out itself."""


ITEMS = ("p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7")


class KeptHouse(House):
    """A house whose model declares its features; its policy's rules read nothing that must be sent."""

    declaration_text = DECLARATION

    def model_files(self, *, surface: str = "video", leaf: int = MARGIN_ONE) -> dict[str, bytes]:
        """Return the files of a sealed model with FEATURES.yaml."""
        text = self.declaration_text.encode()
        declaration = read_declaration(text)
        names = tuple(feature.name for feature in declaration.columns)

        def step(name: str, threshold: float, below: int, above: int) -> Tree:
            return Tree((names.index(name),), (threshold,), (0,), (-1,), (-2,), (below, above))

        click = Forest(
            (
                step("item_click_rate", 0.45, -leaf // 4, leaf),
                step("viewer_author_clicks", 0.5, 0, 2 * leaf),
                step("viewer_topic_share", 0.2, 0, leaf // 2),
                step("duration_s", 45.0, 1000, -1000),
            )
        )
        hide = Forest((step("viewer_author_hides", 0.1, -2 * MARGIN_ONE, 2 * MARGIN_ONE),))
        texts = {
            "click": write_forest(click, names),
            "reply": write_forest(Forest((Tree((), (), (), (), (), (7,)),)), names),
            "hide": write_forest(hide, names),
        }
        table = Calibration(np.array([-(2**27), 0, 2**27]), np.array([1_000, 300_000_000, 999_000_000]))
        heads = [
            Head(HeadSignal("click", 250_000_000, table), "click.txt", sha256(texts["click"]), None),
            Head(HeadSignal("reply", 10_000, None), "reply.txt", sha256(texts["reply"]), "TOO_FEW_POSITIVES"),
            Head(HeadSignal("hide", 50_000_000, table), "hide.txt", sha256(texts["hide"]), None),
        ]
        documents = {"LICENSE": b"CC0\n", "MODEL_CARD.md": "# Modèle d’essai\n".encode(), FILE_NAME: text}
        manifest = manifest_json(
            surface=surface,
            features=declaration.columns,
            heads=heads,
            documents=[(name, sha256(data)) for name, data in documents.items()],
            training={"rows": 0},
        )
        return {"manifest.json": manifest, **documents, **{f"{name}.txt": text for name, text in texts.items()}}


def by_ids(
    request_id: str,
    viewer_id: str = "viewer-1",
    *,
    items: Sequence[str] = ITEMS,
    columns: Sequence[Column] = (),
    mode: Mode = Mode.RANKED,
    limit: int = 6,
    time_ms: int = HOUSE_TIME_MS,
) -> Incoming:
    """Return a request that brings ids and little else: the author of `p3` is `a1`, one of three."""
    count = len(items)
    candidates = Candidates(
        ids=tuple(items),
        author_ids=tuple(f"a{at % 3}" for at in range(count)),
        create_times_ms=np.full(count, UNKNOWN_TIME_MS, dtype=np.int64),
        sources=("",) * count,
        groups=((),) * count,
        seen=np.zeros(count, dtype=np.bool_),
        muted=np.zeros(count, dtype=np.bool_),
    )
    request = RankingRequest(request_id, "video", viewer_id, mode, time_ms, candidates, limit)
    fatigue = Column("hours_since_hide", np.array([np.nan], dtype=np.float32))
    ranked = (fatigue, *columns) if mode is Mode.RANKED else ()
    return Incoming(request, ranked, "feed", clock_given=True)


def shown(answer: Answer) -> list[str]:
    """Return the slate that was answered."""
    ids = answer.decided.decision.request.candidates.ids
    return [ids[at] for at in answer.decided.ranking.shown]


def say(desk: Desk, answer: Answer, viewer_id: str, *events: tuple[str, str], now_ms: int = HOUSE_TIME_MS) -> None:
    """Report what somebody did with an answer, and wait until it counts."""
    assert answer.proof is not None
    sent = tuple(Sent(f"{answer.request_id}/{at}", kind, id_, None) for at, (kind, id_) in enumerate(events))
    desk.recorder.record([Feedback(viewer_id, answer.proof.token, sent)], "feed", now_ms)
    for view in desk.supply.views().values():
        assert view.settle(desk.events.count, 5.0)


def live(desk: Desk) -> None:
    """Have three people look at nine answers and react to six; a fourth one never reacts."""
    for turn in range(9):
        viewer = f"viewer-{turn % 3}"
        answer = desk.ranker.rank(by_ids(f"r{turn}", viewer))
        if turn < 6:
            say(desk, answer, viewer, ("click", shown(answer)[-1]), ("hide", shown(answer)[0]))
    desk.ranker.rank(by_ids("r9", "stranger"))
