"""The demo's members at work: two changes, each debated, voted on, in force without a restart, and seen."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rankd.client import RankdClient, Slate
from rankd.core.exact.canonical import sha256
from rankd.core.impact.document import encode_impact
from rankd.core.policy.reader import read_policy
from rankd.edge.cli.demo.assembly import NEWCOMERS, SURFACE, Coop
from rankd.edge.cli.demo.backend import Backend
from rankd.edge.cli.demo.change import differing_count, find_shift
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Visit
from rankd.edge.cli.demo.screen import Screen
from rankd.edge.cli.demo.vote import Cause, Decided, Speech, check_ballot, decide, read_proposed, wait_in_force
from rankd.edge.cli.demo.vote_screen import VoteScreen
from rankd.edge.cli.impact_answer import compute

YES_NO_FILE, POINTS_FILE = "other_policy.yaml", "points_vote.yaml"
CHECKER = "Lucille"
_PUBLISHED_S = 20.0

CLICKS = Cause(
    by="Karim",
    sponsors=("Théo", "Odile"),
    speeches=(
        Speech("Karim", "for", "clicks_for"),
        Speech("Lucille", "against", "clicks_against", answers=0),
        Speech("Karim", "for", "clicks_answer", answers=1),
        Speech("Léon", "for", "clicks_quota"),
    ),
    choices={
        "Karim": "yes",
        "Théo": "yes",
        "Odile": "yes",
        "Léon": "yes",
        "Aïcha": "yes",
        "Maude": "no",
        "Lucille": "no",
        "Anselme": "no",
        "Maëlle": "abstain",
    },
)


def _points(*points: int) -> tuple[tuple[str, int], ...]:
    names = ("click", "long_view", "like", "reply", "repost", "follow", "profile_visit", "hide", "report")
    return tuple(zip(names, points, strict=True))


POINTS = Cause(
    by="Lucille",
    sponsors=("Maude", "Anselme"),
    speeches=(
        Speech("Lucille", "for", "points_for"),
        Speech("Théo", "against", "points_against", answers=0),
        Speech("Aïcha", "for", "points_answer", answers=1),
    ),
    choices={
        "Maude": _points(150, 350, 50, 250, 0, 50, 50, 100, 0),
        "Karim": _points(500, 200, 150, 0, 50, 50, 50, 0, 0),
        "Lucille": _points(50, 500, 50, 200, 0, 50, 0, 150, 0),
        "Théo": _points(600, 100, 200, 0, 0, 100, 0, 0, 0),
        "Aïcha": _points(100, 300, 100, 300, 0, 50, 50, 100, 0),
        "Odile": _points(200, 300, 100, 150, 50, 50, 50, 100, 0),
        "Anselme": _points(0, 600, 0, 200, 0, 0, 0, 200, 0),
        "Maëlle": _points(150, 250, 50, 350, 50, 50, 0, 100, 0),
        "Léon": _points(300, 400, 50, 100, 0, 50, 0, 100, 0),
    },
)


@dataclass(frozen=True, slots=True)
class Feeds:
    """Everybody's feed under one policy, by viewer."""

    visits: Sequence[Visit]
    slates: Mapping[str, Slate]

    def again(self, backend: Backend) -> "Feeds":
        """Return the same requests, ranked again."""
        return Feeds(self.visits, {visit.viewer_id: backend.ask(visit) for visit in self.visits})


class Members:
    """The co-op's people and the service that keeps their minutes.

    Args:
        screen: Where everything is shown.
        coop: The co-op.
        client: Calls the service.
        examples: The folder of the texts that they propose.
        data: The service's data directory.
    """

    def __init__(self, screen: Screen, coop: Coop, client: RankdClient, examples: Path, data: Path) -> None:
        self._screen, self._coop, self._client = screen, coop, client
        self._examples, self._data = examples, data
        self._shown = VoteScreen(screen, coop)

    def meet(self) -> None:
        """Have the secretary admit those who were no founders."""
        self._coop.admit(self._client, NEWCOMERS)
        self._shown.founded()

    def decide(self, feeds: Feeds, backend: Backend) -> None:
        """Adopt two changes, and ask for the feeds again after each."""
        self._screen.heading("yes_no")
        impact = self._impact(self._examples / YES_NO_FILE)
        decided, feeds = self._adopt(YES_NO_FILE, CLICKS, impact, feeds, backend)
        self._screen.heading("points_vote")
        decided, feeds = self._adopt(POINTS_FILE, POINTS, None, feeds, backend)
        self._shown.fate(CHECKER, decided, check_ballot(self._coop, decided.ballots[CHECKER]))

    def _adopt(
        self, file: str, cause: Cause, impact: str | None, feeds: Feeds, backend: Backend
    ) -> tuple[Decided, Feeds]:
        coop, client, shown = self._coop, self._client, self._shown
        replaced = read_policy(coop.now().standing(SURFACE).policy.text, SURFACE)
        before = client.get_surface(SURFACE).policy
        proposed = read_proposed(coop, self._examples / file)
        decided = decide(client, coop, proposed, cause, impact, self._screen.language)
        shown.proposed(decided, replaced)
        shown.debate(decided)
        if decided.vote.kind == "points":
            shown.points(decided)
        else:
            shown.counted(decided)
            shown.course(decided)
        shown.in_force(before, wait_in_force(client, decided))
        after = feeds.again(backend)
        self._show_change(feeds, after)
        return decided, after

    def _impact(self, path: Path) -> str:
        """Show what a proposal would have changed in the decisions made so far, and return it as it is settled."""
        self._wait_until_published()
        coop, key = self._coop, self._client.audit.checkpoint().vkey
        limits = coop.now().standing(SURFACE).constitution.limits
        proposed = read_policy(read_proposed(coop, path).data, path.name)
        impact, _ = compute(proposed, limits, [self._data], [key], self._screen.language, jobs=1)
        data = encode_impact(impact)
        self._shown.impact(proposed, impact, sha256(data))
        return data.decode("utf-8")

    def _wait_until_published(self) -> None:
        until_s = time.monotonic() + _PUBLISHED_S
        while (status := self._client.status()).published_size < status.committed_size:
            if time.monotonic() > until_s:
                raise DemoError("not_published", seconds=round(_PUBLISHED_S))
            time.sleep(0.1)

    def _show_change(self, before: Feeds, after: Feeds) -> None:
        """Show the feed that changed most."""

        def changed(visit: Visit) -> int:
            return differing_count(before.slates[visit.viewer_id], after.slates[visit.viewer_id])

        visit = max(before.visits, key=changed)
        old, new = before.slates[visit.viewer_id], after.slates[visit.viewer_id]
        self._shown.change(visit, old, new, find_shift(self._client, visit, old, new))
