"""`rankd demo`: a co-op, its service, feeds for several people, an explanation, two votes, and a proof."""

import os
import sys
import time
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from rankd.client import CandidateExplanation, Explained, RankdCallError, RankdClient, Slate
from rankd.core.errors import RankdError
from rankd.core.policy.reader import read_policy
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.request import Mode
from rankd.core.words.demo import FAILURES
from rankd.core.words.language import Language
from rankd.edge.cli.answer import REFUSED
from rankd.edge.cli.demo.assembly import SURFACE, found_coop
from rankd.edge.cli.demo.change import PLACES, ask
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Stage, Video, Visit, by_id, has_real_data, read_feed, read_real_stage
from rankd.edge.cli.demo.members import Feeds, Members
from rankd.edge.cli.demo.proof import Kept, Proof
from rankd.edge.cli.demo.screen import Screen
from rankd.edge.cli.demo.service import data_dir, ends_cleanly, running_service, write_config
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import LangOption
from rankd.edge.config import read_config
from rankd.store.model_folder import read_model_folder

app = typer.Typer()

MORE_REQUESTS = 20
"""Further requests by each person, to see chance act."""

SHOWN_PLACES, BRIEF_PLACES = 4, 1
"""Places shown of the first person's feed, and of everybody else's."""

_CALL_S = 10.0
_DEFAULT_DATA = "../shared/data"
_DATA_SET = "kuairand-pure"
_FEED = "feed.json"

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


@app.command(
    help=said(
        "Tout montrer en une minute : une coopérative, son service, des fils, deux votes, tout prouver.",
        "Show everything in a minute: a co-op, its service, feeds, two votes, a proof.",
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
    stage = _stage(config.parent, base.folders.models / SURFACE)
    screen.opening(stage)
    with TemporaryDirectory(prefix="rankd-demo-") as name:
        folder = Path(name)
        coop = found_coop(folder, base, screen.language)
        screen.say("starting", "dim")
        with running_service(write_config(base, folder, coop.config_lines()), folder, screen.language) as service:
            screen.say("service", address=service.address)
            with RankdClient(service.address, timeout_s=_CALL_S) as client:
                kept = _session(screen, stage, client, Members(screen, coop, client, config.parent, data_dir(folder)))
            service.stop()
        screen.stopped()
        Proof(screen, folder, data_dir(folder), kept, coop).show()
    screen.say("took", "bold", seconds=round(time.monotonic() - started_s))


def _stage(folder: Path, model: Path) -> Stage:
    """Return the real data where they are and the model says what it reads of them, else the invented feed."""
    data = Path(os.environ.get("RANKD_DATA") or _DEFAULT_DATA) / _DATA_SET
    declaration = read_model_folder(model).declaration if has_real_data(data) else None
    return read_feed(folder / _FEED) if declaration is None else read_real_stage(data, declaration)


def _session(screen: Screen, stage: Stage, client: RankdClient, members: Members) -> Kept:
    """Rank, explain, have the members decide; return what an auditor keeps."""
    now_ms = time.time_ns() // 1_000_000
    members.meet()
    served = {entry.surface: entry for entry in client.status().surfaces}
    surface = client.get_surface(SURFACE)
    if surface.model is None:
        raise DemoError("surface_missing", surface=SURFACE, detail=served[SURFACE].refused)
    policy = read_policy(client.get_policy(SURFACE).file, SURFACE)
    screen.in_force(policy, surface)

    screen.heading("slates")
    screen.say("slates_note", "dim")
    feeds: list[_Feed] = []
    for visit in stage.visits:
        slate = ask(client, visit, now_ms)
        feed = _Feed(visit, slate, client.explain(slate.decision_id, viewer_id=visit.viewer_id))
        if feeds:
            screen.brief_slate(visit, slate, feed.explained, shown=BRIEF_PLACES)
        else:
            screen.slate(visit, slate, feed.explained, shown=SHOWN_PLACES)
        feeds.append(feed)

    screen.addition(*_most_told(feeds))

    first = feeds[0]
    newest = ask(client, first.visit, now_ms, Mode.NEWEST_FIRST)
    screen.newest(first.visit, first.slate, newest, dated=stage.dated, shown=SHOWN_PLACES)

    swapped: list[tuple[Visit, Slate]] = []
    for visit in stage.visits:
        for _ in range(MORE_REQUESTS):
            slate = ask(client, visit, now_ms)
            if any(EXPLORE in place.reason_codes for place in slate.places):
                swapped.append((visit, slate))
    asked = MORE_REQUESTS * len(stage.visits)
    example = _swap(client, *swapped[0]) if swapped else None
    screen.chance(policy.exploration_ppm, asked, len(swapped), example)
    more = members.decide(Feeds(stage.visits, now_ms, {feed.visit.viewer_id: feed.slate for feed in feeds}))
    vkey = client.audit.checkpoint().vkey
    count = len(feeds) + 1 + asked + more
    return Kept(vkey, first.slate.commitment_receipt, first.slate.decision_id, count)


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
