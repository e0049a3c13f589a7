"""`rankd demo`: a co-op, its service, feeds, an explanation, feedback and what it changes, two votes, and a proof."""

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
from rankd.edge.cli.demo.backend import PLACES, Backend
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Stage, Video, Visit, by_id, read_feed
from rankd.edge.cli.demo.members import Feeds, Members
from rankd.edge.cli.demo.proof import Kept, Proof
from rankd.edge.cli.demo.reaction import react
from rankd.edge.cli.demo.reaction_screen import ReactionScreen
from rankd.edge.cli.demo.real import has_real_data, read_real_stage
from rankd.edge.cli.demo.screen import Past, Screen
from rankd.edge.cli.demo.service import data_dir, ends_cleanly, running_service, write_config
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import LangOption
from rankd.edge.config import Config, read_config
from rankd.store.model_folder import read_model_folder

app = typer.Typer()

MORE_REQUESTS = 20
"""Further requests by each person, to see chance act."""

SHOWN_PLACES, BRIEF_PLACES = 3, 1
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
    stage = _stage(base, config.parent)
    screen.opening(stage)
    with TemporaryDirectory(prefix="rankd-demo-") as name:
        folder = Path(name)
        coop = found_coop(folder, base, screen.language)
        with running_service(write_config(base, folder, coop.config_lines()), folder, screen.language) as service:
            screen.say("service", address=service.address)
            with RankdClient(service.address, timeout_s=_CALL_S) as client:
                kept = _session(screen, stage, client, Members(screen, coop, client, config.parent, data_dir(folder)))
            service.stop()
        screen.stopped()
        Proof(screen, folder, data_dir(folder), kept, coop).show()
    screen.say("took", "bold", seconds=round(time.monotonic() - started_s))


def _stage(base: Config, folder: Path) -> Stage:
    """Return the real data where they are, else the invented feed."""
    model = base.folders.models / SURFACE
    declaration = read_model_folder(model).declaration
    if declaration is None:
        raise DemoError("model_undeclared", model=model)
    data = Path(os.environ.get("RANKD_DATA") or _DEFAULT_DATA) / _DATA_SET
    return read_real_stage(data, declaration) if has_real_data(data) else read_feed(folder / _FEED, declaration)


def _session(screen: Screen, stage: Stage, client: RankdClient, members: Members) -> Kept:
    """Live through the past, rank, explain, react, have the members decide; return what an auditor keeps."""
    backend = Backend(client, time.time_ns() // 1_000_000)
    members.meet()
    served = {entry.surface: entry for entry in client.status().surfaces}
    surface = client.get_surface(SURFACE)
    if surface.model is None:
        raise DemoError("surface_missing", surface=SURFACE, detail=served[SURFACE].refused)
    policy = read_policy(client.get_policy(SURFACE).file, SURFACE)
    screen.in_force(policy, surface)

    begin_s = time.monotonic()
    backend.relive(stage.past)
    lived = Past(backend.asked, backend.reported, time.monotonic() - begin_s)
    slates = backend.ask_settled(stage.visits)
    screen.past(stage, lived, *backend.brought(slates[stage.visits[0].viewer_id]))

    screen.heading("slates")
    screen.say("slates_note", "dim")
    feeds: list[_Feed] = []
    for visit in stage.visits:
        slate = slates[visit.viewer_id]
        feed = _Feed(visit, slate, client.explain(slate.decision_id, viewer_id=visit.viewer_id))
        if feeds:
            screen.brief_slate(visit, slate, feed.explained, shown=BRIEF_PLACES)
        else:
            screen.slate(visit, slate, feed.explained, shown=SHOWN_PLACES)
        feeds.append(feed)

    # The counts that rankd keeps are part of what is explained, so somebody of whom it knows something.
    known = {lived.visit.viewer_id for lived in stage.past}
    told, entry = _most_told([feed for feed in feeds if feed.visit.viewer_id in known] or feeds)
    screen.addition(told.visit, entry)
    screen.data(told.explained, entry, surface)

    first = feeds[0]
    reaction = react(client, backend, stage.visits, first.slate)
    ReactionScreen(screen).show(reaction)

    newest = backend.ask(first.visit, Mode.NEWEST_FIRST)
    screen.newest(first.visit, reaction.after, newest, dated=stage.dated, shown=SHOWN_PLACES)

    swapped: list[tuple[Visit, Slate]] = []
    for visit in stage.visits:
        for _ in range(MORE_REQUESTS):
            slate = backend.ask(visit)
            if any(EXPLORE in place.reason_codes for place in slate.places):
                swapped.append((visit, slate))
    example = _swap(client, *swapped[0]) if swapped else None
    screen.chance(policy.exploration_ppm, MORE_REQUESTS * len(stage.visits), len(swapped), example)
    members.decide(Feeds(stage.visits, reaction.slates), backend)
    vkey = client.audit.checkpoint().vkey
    return Kept(vkey, first.slate.commitment_receipt, first.slate.decision_id, backend.asked)


def _most_told(feeds: list[_Feed]) -> tuple[_Feed, CandidateExplanation]:
    """Return the shown video about which rules and moves have most to tell, the better placed where several do."""

    def told(found: tuple[_Feed, CandidateExplanation]) -> tuple[int, int]:
        entry = found[1]
        changed = sum(step.before != step.after for step in entry.steps)
        return changed + len(entry.moves), -(entry.rank or PLACES)

    return max(((feed, entry) for feed in feeds for entry in feed.explained.candidates), key=told)


def _swap(client: RankdClient, visit: Visit, slate: Slate) -> tuple[str, Video, CandidateExplanation]:
    shown = next(place.id for place in slate.places if EXPLORE in place.reason_codes)
    explained = client.explain(slate.decision_id, viewer_id=visit.viewer_id, candidate_ids=[shown])
    return slate.decision_id, by_id(visit)[shown], explained.candidates[0]
