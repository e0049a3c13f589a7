"""What the demo shows: slates and comparisons as tables that a person likes to read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rankd.client import CandidateExplanation, Explained, Slate, SurfaceInfo
from rankd.core.policy.policy import Policy
from rankd.core.ranking.rules import FRESHNESS
from rankd.core.words.demo import SAY
from rankd.core.words.explain import EXPLAIN, micro_words
from rankd.core.words.language import Language, Phrase
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import listing, plural, share_words
from rankd.core.words.ranking import code_words, degraded_words
from rankd.edge.cli.addition import addition
from rankd.edge.cli.demo_feed import Stage, Video, Visit, by_id
from rankd.edge.cli.terminal import cell
from rankd.usecases.audit.compare import Comparison

WIDTH = 100
_OBJECTIVES_SHOWN = 2
_DIGITS = 1


class Screen:
    """What the person at the terminal reads, in one language.

    Args:
        language: The language.
        console: Where it is written; None: stdout, 100 columns wide where that is no terminal.
    """

    def __init__(self, language: Language, console: Console | None = None) -> None:
        self.language = language
        self.console = Console(highlight=False) if console is None else console
        wide = self.console.width if self.console.is_terminal else WIDTH
        self.console.width = min(wide, WIDTH)

    def say(self, name: str, style: str = "", /, **params: object) -> None:
        """Write one of the demo's sentences."""
        self.console.print(Text(self.words(name, **params), style))

    def words(self, name: str, /, **params: object) -> str:
        """Return one of the demo's sentences."""
        return SAY[name].say(self.language, **params)

    def heading(self, name: str) -> None:
        """Write the title of a part."""
        self.console.print()
        self.console.print(Text(self.words(name), "bold"))
        self.console.print(Text("─" * self.console.width, "dim"))

    def opening(self, stage: Stage) -> None:
        """Say what this is and where what follows comes from."""
        self.say("title", "bold")
        self.console.print(Text(stage.notice.say(self.language)))

    def in_force(self, policy: Policy, surface: SurfaceInfo) -> None:
        """Say which policy ranks, in points."""
        self.say("policy", title=policy.title.say(self.language))
        given = [f"{self._noun(objective)} {points}" for objective, points in policy.points if points]
        self.say("points", points=listing(given, self.language))
        silent = [self._noun(o) for o in surface.silent_objectives if dict(policy.points)[o]]
        if silent:
            self.say("silent", nouns=listing(silent, self.language))
        if surface.policy.ratification == "NONE":
            self.say("unratified")

    def slate(self, visit: Visit, slate: Slate, explained: Explained) -> None:
        """Show one person's feed."""
        self.console.print()
        self.say("person", "bold", name=self._text(visit.name), about=self._text(visit.about))
        self.say("offered", "dim", offered=len(visit.videos), shown=len(slate.places), decision=slate.decision_id)
        table = self._table()
        table.add_column("#", justify="right", no_wrap=True)
        table.add_column(self.words("video"), ratio=46)
        table.add_column(self.words("value"), justify="right", no_wrap=True)
        table.add_column(self.words("why"), ratio=41)
        videos = by_id(visit)
        told = {entry.id: entry for entry in explained.candidates}
        for place in slate.places:
            video, entry = videos[place.id], told[place.id]
            title = Text.assemble(self._text(video.title), "\n", (self._byline(video, entry), "dim"))
            value = micro_words(place.value, self.language, _DIGITS)
            table.add_row(str(place.rank), title, value, self._why(place.reason_codes, entry))
        self.console.print(table)
        self._aftermath(slate)

    def newest(self, visit: Visit, ranked: Slate, newest: Slate, *, dated: bool) -> None:
        """Show a feed by the policy beside the same one, newest first."""
        self.heading("newest")
        self.say("newest_note", name=self._text(visit.name))
        if not dated:
            self.say("newest_undated")
        self.console.print()
        table = self._table()
        table.add_column("#", justify="right", no_wrap=True)
        for name in ("by_policy", "by_time"):
            table.add_column(self.words(name), ratio=1, no_wrap=True, overflow="ellipsis")
            table.add_column(self.words("old"), justify="right", no_wrap=True)
        videos = by_id(visit)
        for left, right in zip(ranked.places, newest.places, strict=False):
            cells = [cell for place in (left, right) for cell in self._dated(videos[place.id])]
            table.add_row(str(left.rank), *cells)
        self.console.print(table)

    def chance(
        self, share_ppm: int, asked: int, swaps: int, example: tuple[str, Video, CandidateExplanation] | None
    ) -> None:
        """Say how often chance acted in further requests.

        Args:
            share_ppm: The policy's share of requests that explore.
            asked: How many requests were made.
            swaps: In how many of them two videos were swapped.
            example: A swap: the decision, one of the two videos and its explanation.
        """
        self.heading("chance")
        self.say("chance_share", share=share_words(share_ppm, self.language))
        count = self.words("swapped_some", count=swaps, s=plural(swaps, self.language))
        self.say("chance_count", asked=asked, swapped=count if swaps else self.words("swapped_none"))
        if example is not None:
            decision, video, entry = example
            title = self._text(video.title)
            self.say("swap_example", decision=decision, title=title, rank=entry.rank, at=entry.ranked_at)
            if entry.marginal is not None:
                numerator, denominator = entry.marginal
                self._explain("marginal", numerator=numerator, denominator=denominator)

    def stopped(self) -> None:
        """Say that the service is gone, and what is left to read."""
        self.console.print()
        self.say("stopped", "dim")

    def other(self, policy: Policy, file: str, changes: Sequence[str]) -> None:
        """Say which other policy is tried, and what it changes."""
        self.heading("other")
        self.say("other_title", title=policy.title.say(self.language), file=file)
        for change in changes:
            self.console.print(Text(f"  {change}"))

    def comparison(self, visit: Visit, ids: Sequence[str], comparison: Comparison) -> None:
        """Show one feed beside the one of another policy."""
        self.console.print()
        table = self._table()
        table.add_column("#", justify="right", no_wrap=True)
        for name in ("now", "then"):
            heading = self.words(name, name=self._text(visit.name))
            table.add_column(heading, ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column("", justify="right", no_wrap=True)
        videos = by_id(visit)
        places = {move.candidate: move.before for move in comparison.moves}
        for rank, (old, new) in enumerate(zip(comparison.before, comparison.after, strict=False), start=1):
            before, after = (cell(self._text(videos[ids[c]].title)) for c in (old, new))
            table.add_row(str(rank), before, after, self._shift(places.get(new), rank))
        self.console.print(table)
        gone = [self.words("quoted", text=self._text(videos[ids[c]].title)) for c in comparison.left]
        if gone:
            self.say("left", titles=listing(gone, self.language))
        self.console.print()

    def change(self, visit: Visit, comparison: Comparison) -> None:
        """Say in one line how much another policy changes one feed."""
        entered = len(comparison.entered)
        moved = sum(move.before != move.after for move in comparison.moves)
        reversed_ = comparison.discordant
        counts = {"entered": entered, "moved": moved, "reversed": reversed_}
        ends = {f"{name}_s": plural(count, self.language) for name, count in counts.items()}
        ends["entered_y"] = "y" if entered == 1 else "ies"
        self.say("change", name=self._text(visit.name), pairs=comparison.pairs, **counts, **ends)

    def addition(self, visit: Visit, entry: CandidateExplanation) -> None:
        """Show one value as an addition that anybody can check."""
        self.heading("explanation")
        self.say("explained", name=self._text(visit.name))
        self.console.print()
        for part in addition(replace(entry, id=self._text(by_id(visit)[entry.id].title)), self.language):
            self.console.print(part)
        self.console.print()
        self._explain("rounding")

    def _table(self) -> Table:
        return Table(
            box=SIMPLE_HEAD,
            show_edge=False,
            width=self.console.width,
            pad_edge=False,
            padding=(0, 1, 0, 0),
            header_style="bold",
        )

    def _why(self, codes: Sequence[str], entry: CandidateExplanation) -> str:
        objectives = [code for code in codes if code.endswith("_usual")][:_OBJECTIVES_SHOWN]
        told = [code_words(code, self.language) for code in objectives]
        changes = {step.rule_id: step.after - step.before for step in entry.steps}
        for code in codes:
            if code.endswith("_usual") or code == FRESHNESS:
                continue
            words = code_words(code, self.language)
            if code in changes:
                words = self.words("loss", words=words, change=micro_words(changes[code], self.language, _DIGITS))
            told.append(words)
        return "\n".join(told)

    def _byline(self, video: Video, entry: CandidateExplanation) -> str:
        age = self._age(video)
        lost = sum(step.after - step.before for step in entry.steps if step.rule_id == FRESHNESS)
        if lost:
            age = self.words("loss", words=age, change=micro_words(lost, self.language, _DIGITS))
        return f"{self._text(video.author_name)} · {age}"

    def _aftermath(self, slate: Slate) -> None:
        rules = Counter(dropped.rule_id for dropped in slate.dropped)
        if rules:
            told = [f"{code_words(rule, self.language)} ({count})" for rule, count in rules.items()]
            self.say("dropped", "dim", rules=", ".join(told))
        for entry in slate.degraded:
            self.console.print(Text(degraded_words(entry.reason, entry.names, self.language), "dim"))

    def _dated(self, video: Video) -> tuple[Text, str]:
        return cell(self._text(video.title)), "–" if video.hours_ago is None else self._hours(video.hours_ago)

    def _age(self, video: Video) -> str:
        if video.hours_ago is None:
            return self.words("ageless")
        return self.words("age", age=self._hours(video.hours_ago))

    def _hours(self, hours: int) -> str:
        days = hours // 24
        return self.words("days", n=days) if days > 1 else self.words("hours", n=hours)

    def _shift(self, before: int | None, after: int) -> str:
        if before is None:
            return self.words("entered")
        if before == after:
            return "="
        return f"↑ {before - after}" if before > after else f"↓ {after - before}"

    def _explain(self, name: str, **params: object) -> None:
        self.console.print(cell(EXPLAIN[name].say(self.language, **params)))

    def _noun(self, objective: str) -> str:
        return OBJECTIVE_WORDS[objective].noun.say(self.language)

    def _text(self, phrase: Phrase) -> str:
        return phrase.say(self.language)
