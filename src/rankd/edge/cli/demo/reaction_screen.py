"""What the demo shows of one person's feedback: what was recorded, the feed before and after, and which data moved."""

from collections.abc import Sequence

from rankd.core.words.explain import micro_words
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, listing
from rankd.edge.cli.demo.change import Turn
from rankd.edge.cli.demo.feed import by_id
from rankd.edge.cli.demo.reaction import Reaction
from rankd.edge.cli.demo.screen import Screen, value_words

_PLACES = 5
_TURNS_SHOWN = 2
_DIGITS = 1


class ReactionScreen:
    """Shows what one person did with a feed.

    Args:
        screen: Where.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, reaction: Reaction) -> None:
        """Show what was recorded, and what it changed for whom."""
        screen, language = self._screen, self._screen.language
        name = reaction.visit.name.say(language)
        videos = by_id(reaction.visit)
        hidden, watched = (videos[id_].title.say(language) for id_ in (reaction.hidden, reaction.watched))
        screen.heading("reaction")
        screen.say("reacts", name=name, hidden=hidden, watched=watched)
        refused = reaction.refused.say(language).split(". ")[0].rstrip(".")
        screen.say("recorded", accepted=reaction.accepted, repeated=reaction.repeated, refused=refused)
        screen.say("counted", ms=reaction.counted_ms, decision=reaction.decision_id, entries=reaction.entries)
        screen.compare(reaction.visit, reaction.before, reaction.after, shown=_PLACES)
        if reaction.shift is not None:
            screen.why(reaction.visit, reaction.shift)
            pushes = [
                screen.words(
                    "push_alone",
                    noun=OBJECTIVE_WORDS[push.objective].noun.say(language),
                    change=f"+{micro_words(push.change, language, _DIGITS)}",
                )
                for push in reaction.shift.pushes
            ]
            if pushes:
                screen.say("pushes", pushes=listing(pushes, language))
        screen.say("turned", count=len(reaction.turns), title=watched)
        self._turns(reaction.turns[:_TURNS_SHOWN])
        screen.say("hide_alone", numbers=count_words(reaction.unmoved, language))
        if reaction.hide_turns:
            screen.say("hide_read", name=name, moved=reaction.hide_moved, shown=len(reaction.before.ids))
            self._turns(reaction.hide_turns[:_TURNS_SHOWN])
        else:
            screen.say("hide_unread", name=name)
        screen.say("for_all", moved=reaction.others_moved, places=reaction.others)

    def _turns(self, turns: Sequence[Turn]) -> None:
        screen = self._screen
        for turn in turns:
            before, after = (value_words(value, screen.language) for value in (turn.before, turn.after))
            screen.say("turn", meaning=screen.meaning(turn.spec), before=before, after=after)
