"""What the demo's invented people do: by their tastes, and by lots that are the same in every demo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rankd.core.exact.canonical import sha256

_UNNAMED_PERCENT = 60
_MOST_PERCENT = 95
_HIDING_BELOW_PERCENT = 50
_HIDING_PERCENT = 15


@dataclass(frozen=True, slots=True)
class Draw:
    """What a video is to people in general.

    Attributes:
        topic: What it is about.
        author: Who made it.
        opened: Of a hundred people who see it, how many open it.
        watched: Of a hundred who open it, how many watch at length.
        liked: Of a hundred who open it, how many like it.
        visited: Of a hundred who open it, how many visit the profile.
    """

    topic: str
    author: str
    opened: int
    watched: int
    liked: int
    visited: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented.

    Attributes:
        id: The viewer's id.
        tastes: Topics and authors, with how much more or less they draw this person than others, in percent.
    """

    id: str
    tastes: Mapping[str, int]

    def taste(self, draw: Draw) -> int:
        """Return how much a video draws this person, in percent of how much it draws people in general."""
        named = [self.tastes[word] for word in (draw.topic, draw.author) if word in self.tastes]
        if not named:
            return _UNNAMED_PERCENT
        return named[0] if len(named) == 1 else named[0] * named[1] // 100


def chosen(person: Person, visit: int, ids: Sequence[str], count: int) -> frozenset[str]:
    """Return what is on offer to somebody at an earlier visit: some of `ids`, drawn by lot."""
    return frozenset(sorted(ids, key=lambda id_: _lot(person, visit, id_, "offered"))[:count])


def done(person: Person, visit: int, video: str, draw: Draw) -> tuple[str, ...]:
    """Return the kinds of events by which somebody reacts to a video that is shown; the first is that it was."""
    taste = person.taste(draw)

    def happens(kind: str, percent: int) -> bool:
        return _lot(person, visit, video, kind) % 100 < percent

    def drawn(kind: str, percent: int) -> bool:
        return happens(kind, min(percent * taste // 100, _MOST_PERCENT))

    if not drawn("click", draw.opened):
        hides = taste < _HIDING_BELOW_PERCENT and happens("hide", _HIDING_PERCENT)
        return ("shown", "hide") if hides else ("shown",)
    after = {"long_view": draw.watched, "like": draw.liked, "profile_visit": draw.visited}
    return ("shown", "click", *(kind for kind, percent in after.items() if drawn(kind, percent)))


def _lot(person: Person, visit: int, video: str, what: str) -> int:
    return int.from_bytes(sha256(f"{person.id}|{visit}|{video}|{what}".encode())[:4])
