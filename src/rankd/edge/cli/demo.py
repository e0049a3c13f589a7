"""`rankd demo`: a real service, feeds for several people, an explanation, another policy, and a proof."""

import os
import sys
import time
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from rankd.client import CandidateExplanation, CandidateInput, Explained, RankdCallError, RankdClient, Slate
from rankd.core.errors import RankdError
from rankd.core.policy.diff import diff
from rankd.core.policy.reader import read_policy
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.request import Mode
from rankd.core.words.demo import FAILURES
from rankd.core.words.language import Language
from rankd.edge.cli.answer import REFUSED
from rankd.edge.cli.demo_failure import DemoError
from rankd.edge.cli.demo_feed import Stage, Video, Visit, by_id, has_real_data, read_feed, read_real_stage
from rankd.edge.cli.demo_proof import Kept, prove
from rankd.edge.cli.demo_screen import Screen
from rankd.edge.cli.demo_service import data_dir, ends_cleanly, running_service, write_config
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.policy import LangOption
from rankd.edge.config import read_config
from rankd.store.archive import Archive
from rankd.store.policy_folder import read_policy_file
from rankd.usecases.audit.compare import Compared, compare_recorded

app = typer.Typer()

SURFACE = "video"
PLACES = 12
MORE_REQUESTS = 20
"""Further requests by each person, to see chance act."""

_CALL_S = 10.0
_DEFAULT_DATA = "../shared/data"
_DATA_SET = "kuairand-pure"
_FEED, _OTHER_POLICY = "feed.json", "other_policy.yaml"
_HOUR_MS = 3_600_000
_SHOWN_CHANGES = ("points.", "rules.", "exploration", "sliders.")

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config",
        help=said(
            "La configuration dont la démonstration prend les dossiers; le fil inventé est à côté.",
            "The configuration whose folders the demo takes; the invented feed lies beside it.",
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class _Feed:
    """One person's ranked feed, and why."""

    visit: Visit
    slate: Slate
    explained: Explained

    @property
    def index(self) -> int:
        """The decision's index in the record."""
        return int(self.slate.decision_id.rpartition("/")[2])


@app.command(
    help=said(
        "Tout montrer en une minute : un service, des fils, une explication, une autre politique, tout prouver.",
        "Show everything in a minute: a service, feeds, an explanation, another policy, a proof.",
    )
)
def demo(config: ConfigOption = Path("examples/rankd.toml"), lang: LangOption = None) -> None:
    """Play the demo; exit 1 with a clear message where a step does not work."""
    language: Language = default_language() if lang is None else lang.value
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that does not know « é » shows a question mark instead of ending the demo.
        sys.stdout.reconfigure(errors="replace")
    try:
        with ends_cleanly():
            _play(Screen(language), config)
    except (DemoError, RankdError, RankdCallError) as error:
        typer.echo(error.say(language), err=True)
        raise typer.Exit(REFUSED) from error
    except KeyboardInterrupt:
        typer.echo(FAILURES["interrupted"].say(language), err=True)
        raise typer.Exit(REFUSED) from None


def _play(screen: Screen, config: Path) -> None:
    started_s = time.monotonic()
    if not config.is_file():
        raise DemoError("config_missing", file=config)
    base = read_config(config, {})
    stage = _stage(config.parent)
    screen.opening(stage)
    screen.say("starting", "dim")
    with TemporaryDirectory(prefix="rankd-demo-") as name:
        folder = Path(name)
        with running_service(write_config(base, folder), folder, screen.language) as service:
            screen.say("service", address=service.address)
            with RankdClient(service.address, timeout_s=_CALL_S) as client:
                feeds, kept = _session(screen, stage, client)
            service.stop()
        screen.stopped()
        _another_policy(screen, feeds, data_dir(folder), config.parent / _OTHER_POLICY)
        prove(screen, folder, data_dir(folder), kept)
    screen.say("took", "bold", seconds=round(time.monotonic() - started_s))


def _stage(folder: Path) -> Stage:
    """Return the real data where they are, else the invented feed."""
    data = Path(os.environ.get("RANKD_DATA") or _DEFAULT_DATA) / _DATA_SET
    return read_real_stage(data) if has_real_data(data) else read_feed(folder / _FEED)


def _session(screen: Screen, stage: Stage, client: RankdClient) -> tuple[list[_Feed], Kept]:
    """Rank, explain and show; return each person's feed, and what an auditor keeps."""
    now_ms = time.time_ns() // 1_000_000
    served = {entry.surface: entry for entry in client.status().surfaces}
    surface = client.get_surface(SURFACE)
    if surface.model is None:
        raise DemoError("surface_missing", surface=SURFACE, detail=served[SURFACE].refused)
    policy = read_policy(client.get_policy(SURFACE).file, SURFACE)
    screen.in_force(policy, surface)

    screen.heading("slates")
    screen.say("slates_note", "dim")
    feeds = []
    for visit in stage.visits:
        slate = _rank(client, visit, now_ms)
        feed = _Feed(visit, slate, client.explain(slate.decision_id, viewer_id=visit.viewer_id))
        screen.slate(visit, slate, feed.explained)
        feeds.append(feed)

    screen.addition(*_most_told(feeds))

    first = feeds[0]
    newest = _rank(client, first.visit, now_ms, Mode.NEWEST_FIRST)
    screen.newest(first.visit, first.slate, newest, dated=stage.dated)

    swapped: list[tuple[Visit, Slate]] = []
    for visit in stage.visits:
        for _ in range(MORE_REQUESTS):
            slate = _rank(client, visit, now_ms)
            if any(EXPLORE in place.reason_codes for place in slate.places):
                swapped.append((visit, slate))
    asked = MORE_REQUESTS * len(stage.visits)
    example = _swap(client, *swapped[0]) if swapped else None
    screen.chance(policy.exploration_ppm, asked, len(swapped), example)
    vkey = client.audit.checkpoint().vkey
    return feeds, Kept(vkey, first.slate.commitment_receipt, first.slate.decision_id, len(feeds) + 1 + asked)


def _rank(client: RankdClient, visit: Visit, now_ms: int, mode: Mode = Mode.RANKED) -> Slate:
    """Send what a feed backend would send for this person."""
    candidates = [
        CandidateInput(
            id=video.id,
            author_id=video.author_id,
            create_time_ms=None if video.hours_ago is None else now_ms - video.hours_ago * _HOUR_MS,
            source=video.source,
            groups=video.groups,
            seen=video.id in visit.seen,
            muted=video.id in visit.muted,
        )
        for video in visit.videos
    ]
    return client.rank(
        surface=SURFACE,
        viewer_id=visit.viewer_id,
        candidates=candidates,
        columns={**visit.columns, **visit.viewer_columns},
        limit=PLACES,
        mode=mode,
        served_author_counts=visit.served,
        sliders=visit.sliders,
    )


def _most_told(feeds: list[_Feed]) -> tuple[Visit, CandidateExplanation]:
    """Return the shown video about which rules and moves have most to tell, the better placed where several do."""

    def told(found: tuple[Visit, CandidateExplanation]) -> tuple[int, int]:
        entry = found[1]
        changed = sum(step.before != step.after for step in entry.steps)
        return changed + len(entry.moves), -(entry.rank or PLACES)

    return max(((feed.visit, entry) for feed in feeds for entry in feed.explained.candidates), key=told)


def _swap(client: RankdClient, visit: Visit, slate: Slate) -> tuple[str, Video, CandidateExplanation]:
    shown = next(place.id for place in slate.places if EXPLORE in place.reason_codes)
    explained = client.explain(slate.decision_id, viewer_id=visit.viewer_id, candidate_ids=[shown])
    return slate.decision_id, by_id(visit)[shown], explained.candidates[0]


def _another_policy(screen: Screen, feeds: list[_Feed], data: Path, path: Path) -> None:
    """Show what another policy would have made of each person's feed, from the recorded decisions alone."""
    policy, archive = read_policy_file(path), Archive(data)
    shown = {feed.index: feed.visit for feed in feeds}
    found: list[Compared] = [entry for entry in compare_recorded(data, policy) if entry.index in shown]
    first = found[0].decision
    changes = diff(
        archive.policy(first.policy_digest), policy, archive.limits(first.constitution_digest), screen.language
    )
    screen.other(policy, path.name, [entry.words for entry in changes if entry.field.startswith(_SHOWN_CHANGES)])
    most = max(found, key=lambda entry: (len(entry.comparison.entered), entry.comparison.discordant))
    screen.comparison(shown[most.index], most.decision.request.candidates.ids, most.comparison)
    for entry in found:
        screen.change(shown[entry.index], entry.comparison)
