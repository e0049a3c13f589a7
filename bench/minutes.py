"""Minutes to measure: a co-op of many members, who all vote, made entry by entry as anybody would."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.constitution_template import fill_constitution
from rankd.core.assembly.entries import (
    Argument,
    Ballot,
    Choice,
    Co,
    Founding,
    Freeze,
    Payload,
    Proposal,
    Recall,
    Registration,
    Roll,
    RollChange,
    Sponsor,
    VoteKind,
    kind_of,
)
from rankd.core.assembly.entry_codec import encode_payload
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.leaf import MinutesLeaf, about_of
from rankd.core.assembly.leaf_codec import encode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.log.note import NoteSigner
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.reader import TOTAL_POINTS, read_policy
from rankd.core.records.commitment import commitment
from rankd.core.words.language import Phrase
from rankd.store.disk import Disk
from rankd.store.journal.journal import Body, Journal
from rankd.store.record_folder import MINUTES
from rankd.store.record_writer import RecordWriter
from rankd.usecases.govern.founding import read_surface
from rankd.usecases.govern.record_view import own_folders, record_files
from rankd.usecases.govern.signatures import vouched_for

POLICIES = Path(__file__).resolve().parent.parent / "policies"
ORIGIN = "dev.bench/minutes"
SURFACE = "video"
START_MS = 1_800_000_000_000
DAY_MS = 86_400_000
RANKED = 5
MODELS = POLICIES.parent / "models"
HEADS = tuple(objective for objective in OBJECTIVES if objective != "report")
CHANGES = 1_000
"""So many are admitted by one entry."""

_WORDS = Phrase(fr="Banc d’essai", en="Benchmark")
_FOUNDERS = 6


def key_of(name: object) -> Ed25519PrivateKey:
    """Return somebody's private key, the same every time."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"bench key {name}".encode()))


def public(key: Ed25519PrivateKey) -> bytes:
    """Return the public half of a key."""
    return key.public_key().public_bytes_raw()


LOG_KEY, SECRETARY = key_of("log"), key_of("secretary")


@dataclass(frozen=True)
class Person:
    """A member with her key."""

    key: Ed25519PrivateKey
    id: str


class Made:
    """Minutes in memory: entries are signed, dated and folded one by one, all of them accepted.

    Attributes:
        genesis: The genesis digest.
        entries: The entries; nobody has looked at their signatures.
        people: Members, the founders first.
        assembly: What the entries have come to.
    """

    def __init__(self) -> None:
        self.people = [_person(number) for number in range(_FOUNDERS)]
        self.entries: list[Entry] = []
        self._nonces = self._now_ms = 0
        template = (POLICIES / "constitution.en.yaml").read_bytes()
        text = fill_constitution(
            template,
            origin=ORIGIN,
            log_key=public(LOG_KEY),
            secretaries=[public(SECRETARY)],
            guardians=[],
            needed=0,
        ).decode()
        surface = read_surface(f"{SURFACE}={POLICIES / 'video.yaml'}:{MODELS / SURFACE}")
        assert surface.heads == HEADS
        assert surface.model is not None
        self.model = surface.model
        documents = tuple(_registration(person) for person in self.people)
        founding = Founding(text, documents, (surface,), bytes(16))
        self.genesis = sha256(encode_payload(founding))
        self.assembly = Assembly(self.genesis)
        self._now_ms = START_MS
        self.append(founding, SECRETARY)

    def co(self) -> Co:
        """Return a header with a nonce of its own."""
        self._nonces += 1
        return Co(ORIGIN, self.genesis, self._nonces.to_bytes(16, "big"))

    def append(self, payload: Payload, key: Ed25519PrivateKey) -> int:
        """Append an entry and return its index.

        Raises:
            RankdError: The rules refuse it.
        """
        data = envelope_bytes(sign_entry(payload, key))
        index = len(self.entries)
        leaf = MinutesLeaf(self._now_ms, kind_of(payload), about_of(payload), commitment(_body_key(index), data))
        entry = Entry(index, leaf, data)
        self.entries.append(entry)
        self.assembly.take(vouched_for(entry))
        if self.assembly.voids:
            raise self.assembly.voids[-1].error
        return entry.index

    def wait(self, milliseconds: int) -> None:
        """Let time go by."""
        self._now_ms += milliseconds

    def admit(self, count: int, at_once: int = CHANGES) -> None:
        """Admit people."""
        fresh = [_person(number) for number in range(len(self.people), len(self.people) + count)]
        for begin in range(0, count, at_once):
            some = fresh[begin : begin + at_once]
            changes = tuple(RollChange("admit", person.id, _registration(person)) for person in some)
            self.append(Roll(self.co(), changes, ""), SECRETARY)
        self.people += fresh

    def propose(self, kind: VoteKind, person: Person | None = None) -> int:
        """Propose something for the surface; return the proposal's index."""
        proposal = Proposal(
            self.co(),
            "policy",
            kind,
            SURFACE,
            _WORDS,
            _WORDS,
            tuple(self._texts(kind)),
            self.model,
            (),
            None,
            None,
            None,
        )
        return self.append(proposal, (person or self.people[0]).key)

    def to_vote(self, kind: VoteKind) -> int:
        """Propose, sponsor, debate and freeze; return the proposal's index at the opening of its vote."""
        index = self.propose(kind)
        matter = self.assembly.proposals[index]
        files = tuple(wording.file_digest for wording in matter.wordings)
        for person in self.people[1 : 1 + matter.rules.sponsors]:
            self.append(Sponsor(self.co(), index, files), person.key)
        self.wait(matter.rules.deliberation_ms)
        self.append(Freeze(self.co(), index, files, None), self.people[0].key)
        self.wait(matter.rules.notice_ms)
        self.assembly.advance(self._now_ms)
        return index

    def argue(self, index: int, person: Person, reply_to: int | None) -> int:
        """Say something about a proposal; return the entry's index."""
        return self.append(Argument(self.co(), index, "neither", reply_to, "Hm."), person.key)

    def recall(self, index: int, person: Person) -> int:
        """Sign the petition against a change; return the entry's index."""
        return self.append(Recall(self.co(), index), person.key)

    def vote(self, index: int, count: int | None = None, *, queue: bool = False, like: str | None = None) -> None:
        """Have members vote, spread over the time of the vote, and let it close.

        Args:
            index: The proposal.
            count: How many; None: all.
            queue: What wins stays in the queue; else it comes into force.
            like: What all say; None: each something of her own.
        """
        vote = self.assembly.proposals[index].vote
        assert vote is not None
        rng = random.Random(index)  # noqa: S311 (nothing secret)
        draw = _CHOICES[vote.kind]
        step_ms = (vote.close_ms - vote.open_ms) // (len(self.people) + 1)
        for person in self.people[:count]:
            self.wait(step_ms)
            ballot = Ballot(
                co=self.co(),
                proposal=index,
                vote=vote.kind,
                texts=vote.texts,
                constitution=vote.constitution.canon_digest,
                roll=vote.electorate.digest,
                impact=vote.impact,
                number=1,
                choice=draw(rng) if like is None else cast("Choice", like),
            )
            self.append(ballot, person.key)
        self.wait(vote.close_ms - self._now_ms + (DAY_MS // 24 if queue else 30 * DAY_MS))
        self.assembly.advance(self._now_ms)

    def copy(self) -> "Made":
        """Return minutes that go their own way from here."""
        other = object.__new__(Made)
        other.__dict__ |= self.__dict__ | {"entries": list(self.entries), "people": list(self.people)}
        other.assembly = self.assembly.at(self._now_ms)
        return other

    def write(self, folder: Path) -> Path:
        """Write the record as a keeper does, and return its folder."""
        disk, signer = HastyDisk(), NoteSigner(ORIGIN, LOG_KEY)
        journal = Journal.open(folder / MINUTES, signer, folder / "log.mark", disk=disk, watch=False)
        for entry in self.entries:
            assert entry.envelope is not None
            journal.append(encode_leaf(entry.leaf), Body(_body_key(entry.index), entry.envelope))
        note = journal.publish()
        record = folder / "record"
        view = self.assembly.at(self._now_ms)
        RecordWriter(record, folder / MINUTES, disk).write(note, record_files(view), (), own_folders(view))
        journal.close()
        return record

    def _texts(self, kind: VoteKind) -> Iterator[str]:
        base = self.assembly.standing(SURFACE).policy
        founding = (POLICIES / "video.yaml").read_text(encoding="utf-8")
        text = founding.replace("base: none", f"base: {digest_text(base.canon_digest)}")
        points = dict(read_policy(text.encode(), "policy").points)
        if kind == "points":
            before, _, after = text.partition("points:\n")
            yield before + "points: vote\n" + after[after.index("\n\n") + 1 :]
            return
        for at in range(RANKED if kind == "ranking" else 1):
            more, less = points["like"] + base.number + at, points["long_view"] - base.number - at
            other = text.replace(f"  like: {points['like']}\n", f"  like: {more}\n")
            yield other.replace(f"  long_view: {points['long_view']}\n", f"  long_view: {less}\n")


class HastyDisk(Disk):
    """Writes without waiting, for minutes that are made to be measured."""

    def sync(self, descriptor: int) -> None:
        """Return at once."""

    def sync_names(self, folder: Path) -> None:
        """Return at once."""


def _body_key(index: int) -> bytes:
    return sha256(b"body %d" % index)


def _person(number: int) -> Person:
    key = key_of(number)
    return Person(key, member_id(public(key)))


def _registration(person: Person) -> dict[str, Any]:
    nonce = sha256(person.id.encode())[:16]
    return sign_entry(Registration(ORIGIN, public(person.key), nonce), person.key).document


def _yes_no(rng: random.Random) -> str:
    return rng.choices(("yes", "no", "abstain"), (6, 3, 1))[0]


def _ranking(rng: random.Random) -> tuple[tuple[int, ...], ...]:
    options = list(range(RANKED + 1))
    rng.shuffle(options)
    return tuple((option,) for option in options[: rng.randint(1, RANKED + 1)])


def _points(rng: random.Random) -> tuple[tuple[str, int], ...]:
    """A thousand points: fifty for what some would rather not see, the rest by taste, at most half for one thing."""
    points = dict.fromkeys(OBJECTIVES, 0) | {"hide": 50}
    favoured = rng.choices(HEADS[:-1], k=3)
    while sum(points.values()) < TOTAL_POINTS:
        objective = rng.choice((*favoured, *HEADS[:-1]))
        points[objective] = min(points[objective] + 1 + rng.randrange(40), 500)
        points[objective] -= max(0, sum(points.values()) - TOTAL_POINTS)
    return tuple(points.items())


_CHOICES: dict[str, Callable[[random.Random], Any]] = {"yes_no": _yes_no, "ranking": _ranking, "points": _points}
