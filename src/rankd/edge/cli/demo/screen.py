"""What the demo shows: slates and comparisons as tables that a person likes to read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rankd.client import CandidateExplanation, DatumSpec, Explained, Slate, SurfaceInfo
from rankd.core.policy.policy import Policy
from rankd.core.ranking.data_used import Value
from rankd.core.ranking.rules import FRESHNESS
from rankd.core.words.demo import SAY
from rankd.core.words.demo_assembly import ASSEMBLY_SAY
from rankd.core.words.explain import EXPLAIN, micro_words
from rankd.core.words.language import Language, Phrase
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, listing, plural, rounded_words, share_words
from rankd.core.words.ranking import code_words, degraded_words
from rankd.edge.cli.addition import addition
from rankd.edge.cli.demo.change import Shift, change_of
from rankd.edge.cli.demo.feed import Stage, Video, Visit, by_id
from rankd.edge.cli.terminal import cell

WIDTH = 100
_SAY = {**SAY, **ASSEMBLY_SAY}
_OBJECTIVES_SHOWN = 2
_DATA_SHOWN = 2
_MOVING = ("quota/", "cap/")
_DIGITS = 1


@dataclass(frozen=True, slots=True)
class Past:
    """How the past was lived through again.

    Attributes:
        asked: How many slates were ranked.
        reported: How many events were recorded.
        seconds: How long that took.
    """

    asked: int
    reported: int
    seconds: float


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
        return _SAY[name].say(self.language, **params)

    def heading(self, name: str) -> None:
        """Write the title of a part."""
        self.console.print()
        self.console.print(Text(self.words(name), "bold underline"))

    def opening(self, stage: Stage) -> None:
        """Say what this is and where what follows comes from."""
        self.say("title", "bold")
        self.console.print(Text(stage.notice.say(self.language)))

    def in_force(self, policy: Policy, surface: SurfaceInfo) -> None:
        """Say which policy ranks, in points."""
        self.say("policy", title=policy.title.say(self.language))
        given = [f"{self._noun(objective)} {points}" for objective, points in policy.points if points]
        self.say("points", points=listing(given, self.language))
        said = surface.policy
        self.say(
            "by_assembly",
            number=said.number,
            activation=said.activation_number,
            proposal=said.proposal_id,
            ratification=said.ratification,
        )

    def slate(self, visit: Visit, slate: Slate, explained: Explained, *, shown: int) -> None:
        """Show the first places of one person's feed in full."""
        self.console.print()
        self._opens(visit, slate)
        table = self.table()
        table.add_column("#", justify="right", no_wrap=True)
        table.add_column(self.words("video"), ratio=46)
        table.add_column(self.words("value"), justify="right", no_wrap=True)
        table.add_column(self.words("why"), ratio=41)
        videos = by_id(visit)
        told = {entry.id: entry for entry in explained.candidates}
        for place in slate.places[:shown]:
            video, entry = videos[place.id], told[place.id]
            title = Text.assemble(self._text(video.title), "\n", (self._byline(video, entry), "dim"))
            value = micro_words(place.value, self.language, _DIGITS)
            table.add_row(str(place.rank), title, value, "\n".join(self._why(place.reason_codes, entry)))
        self.console.print(table)
        self._aftermath(slate)

    def brief_slate(self, visit: Visit, slate: Slate, explained: Explained, *, shown: int) -> None:
        """Show a line for each of the first places, and for the place on which rules acted most."""
        self._opens(visit, slate)
        table = self.table()
        table.show_header = False
        table.add_column(justify="right", no_wrap=True, min_width=2)
        table.add_column(ratio=46, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", no_wrap=True, min_width=7)
        table.add_column(ratio=41, no_wrap=True, overflow="ellipsis")
        videos = by_id(visit)
        told = {entry.id: entry for entry in explained.candidates}
        most = max(slate.places, key=lambda place: _acted(place.reason_codes))
        for place in slate.places:
            if place.rank <= shown or place is most:
                why = self._why(place.reason_codes, told[place.id])
                title = cell(self._text(videos[place.id].title))
                table.add_row(
                    str(place.rank), title, micro_words(place.value, self.language, _DIGITS), cell("; ".join(why[-1:]))
                )
        self.console.print(table)
        self._aftermath(slate)

    def newest(self, visit: Visit, ranked: Slate, newest: Slate, *, dated: bool, shown: int) -> None:
        """Show a feed by the policy beside the same one, newest first."""
        self.heading("choices")
        self.say("newest_note", name=self._text(visit.name))
        if not dated:
            self.say("newest_undated")
        table = self.table()
        table.add_column("#", justify="right", no_wrap=True)
        for name in ("by_policy", "by_time"):
            table.add_column(self.words(name), ratio=1, no_wrap=True, overflow="ellipsis")
            table.add_column(self.words("old"), justify="right", no_wrap=True)
        videos = by_id(visit)
        for left, right in zip(ranked.places[:shown], newest.places[:shown], strict=False):
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
        count = self.words("swapped_some", count=swaps, s=plural(swaps, self.language))
        swapped = count if swaps else self.words("swapped_none")
        self.say("chance", share=share_words(share_ppm, self.language), asked=asked, swapped=swapped)
        if example is not None:
            decision, video, entry = example
            title = self._text(video.title)
            self.say("swap_example", decision=decision, title=title, rank=entry.rank, at=entry.ranked_at)
            if entry.marginal is not None:
                numerator, denominator = entry.marginal
                self._explain("marginal", numerator=numerator, denominator=denominator)

    def past(self, stage: Stage, past: Past, sent: Sequence[str], kept: Sequence[str]) -> None:
        """Say what people did before the first feed that is shown, and who keeps the counts of it.

        Args:
            stage: What the demo plays with.
            past: How it was lived through again.
            sent: The columns that a request brought.
            kept: Those that rankd worked out itself.
        """
        people = {lived.visit.viewer_id for lived in stage.past}
        took = rounded_words(Fraction(past.seconds), _DIGITS, self.language)
        events = count_words(past.reported, self.language)
        self.console.print()
        self.say("past", people=len(people), asked=past.asked, events=events, seconds=took)
        self.say("kept", kept=len(kept), sent=listing(sent, self.language))

    def data(self, explained: Explained, entry: CandidateExplanation, surface: SurfaceInfo) -> None:
        """Show some of the counts that one value rests on: about this person and this video first."""
        kept = {column.name: column.default for column in surface.columns if column.kept}
        known = [
            (spec, value)
            for spec, value in zip(explained.data, entry.data, strict=True)
            if spec.name in kept and value not in (None, kept[spec.name])
        ]
        known.sort(
            key=lambda found: (found[0].shared, not found[0].personal, -change_of(kept[found[0].name], found[1]))
        )
        self.say("data", known=len(known))
        for spec, value in known[:_DATA_SHOWN]:
            self.say("datum", meaning=self.meaning(spec), value=value_words(value, self.language))

    def compare(self, visit: Visit, before: Slate, after: Slate, *, shown: int) -> None:
        """Show the first places of the same request before and after something."""
        table = self.table()
        table.add_column("#", justify="right", no_wrap=True)
        for heading in (self.words("before", name=self._text(visit.name)), self.words("after")):
            table.add_column(heading, ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column("", justify="right", no_wrap=True)
        videos = by_id(visit)
        ranks = {place.id: place.rank for place in before.places}
        for old, new in zip(before.places[:shown], after.places[:shown], strict=False):
            titles = (cell(self._text(videos[place.id].title)) for place in (old, new))
            table.add_row(str(old.rank), *titles, self.shift(ranks.get(new.id), new.rank))
        self.console.print(table)

    def why(self, visit: Visit, shift: Shift) -> None:
        """Say which video went ahead of which, and by how many points."""
        videos = by_id(visit)
        titles = {
            which: self._text(videos[told[0].id].title) for which, told in (("old", shift.old), ("new", shift.new))
        }
        values = {
            f"{which}_{when}": micro_words(entry.value, self.language, _DIGITS)
            for which, told in (("old", shift.old), ("new", shift.new))
            for when, entry in zip(("before", "after"), told, strict=True)
        }
        self.say("first_change", rank=shift.rank, **titles, **values)

    def meaning(self, spec: DatumSpec) -> str:
        """Say what a datum is."""
        meaning = spec.meaning_fr if self.language == "fr" else spec.meaning_en
        # How it is smoothed is for the declaration to say.
        return meaning.split(" (", 1)[0]

    def stopped(self) -> None:
        """Say that the service is gone, and what is left to read."""
        self.console.print()
        self.say("stopped", "dim")

    def addition(self, visit: Visit, entry: CandidateExplanation) -> None:
        """Show one value as an addition that anybody can check."""
        self.heading("explanation")
        self.say("explained", name=self._text(visit.name))
        for part in addition(replace(entry, id=self._text(by_id(visit)[entry.id].title)), self.language):
            self.console.print(part)
        self._explain("rounding")

    def table(self) -> Table:
        """Return an empty table in the demo's look."""
        return Table(
            box=SIMPLE_HEAD,
            show_edge=False,
            width=self.console.width,
            pad_edge=False,
            padding=(0, 1, 0, 0),
            header_style="bold",
        )

    def _opens(self, visit: Visit, slate: Slate) -> None:
        self.say("person", "bold", name=self._text(visit.name), about=self._text(visit.about))
        counts = {"offered": len(visit.videos), "shown": len(slate.places)}
        offered = self.words("offered", decision=slate.decision_id, **counts)
        rules = Counter(dropped.rule_id for dropped in slate.dropped)
        told = [f"{code_words(rule, self.language)} ({count})" for rule, count in rules.items()]
        out = self.words("dropped", rules=", ".join(told)) if told else ""
        self.console.print(Text(f"{offered}{out}", "dim"))

    def _why(self, codes: Sequence[str], entry: CandidateExplanation) -> list[str]:
        objectives = [code for code in codes if code.endswith("_usual")][:_OBJECTIVES_SHOWN]
        told = [code_words(code, self.language) for code in objectives]
        changes = {step.rule_id: step.after - step.before for step in entry.steps}
        for code in _changes(codes):
            words = code_words(code, self.language)
            if code in changes:
                words = self.words("loss", words=words, change=micro_words(changes[code], self.language, _DIGITS))
            told.append(words)
        return told

    def _byline(self, video: Video, entry: CandidateExplanation) -> str:
        age = self._age(video)
        lost = sum(step.after - step.before for step in entry.steps if step.rule_id == FRESHNESS)
        if lost:
            age = self.words("loss", words=age, change=micro_words(lost, self.language, _DIGITS))
        return f"{self._text(video.author_name)} · {age}"

    def _aftermath(self, slate: Slate) -> None:
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

    def shift(self, before: int | None, after: int) -> str:
        """Say how a place has changed; `before` None: the video was not shown."""
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


def value_words(value: Value, language: Language) -> str:
    """Write a count in full, and a share or the like to three digits."""
    if isinstance(value, str) or value is None:
        return value or "–"
    exact = Fraction(value)
    return count_words(int(exact), language) if exact.denominator == 1 else rounded_words(exact, 3, language)


def _acted(codes: Sequence[str]) -> tuple[bool, int]:
    """Return how much rules acted on a place: one that moved it tells most, since it acts most rarely."""
    return any(code.startswith(_MOVING) for code in codes), len(_changes(codes))


def _changes(codes: Sequence[str]) -> list[str]:
    """Return the reasons that are no objectives; freshness stands beside the age."""
    return [code for code in codes if not code.endswith("_usual") and code != FRESHNESS]
