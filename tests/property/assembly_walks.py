"""Random walks through a co-op's life: valid and invalid entries, often exactly when something is due."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rankd.core.assembly import entries as e
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.leaf import MinutesLeaf, about_of
from rankd.core.assembly.matter import Vote
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.exact.canonical import digest_text
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.reader import read_policy
from tests import assemblies as co
from tests.property.assembly_coops import (
    EMPTY,
    HEADS,
    HOUR_MS,
    MODELS,
    PEOPLE,
    POINTS,
    ROTATED,
    SURFACES,
    WORDS,
    constitution,
    founded,
    policy,
)
from tests.property.assembly_told import told_standing
from tests.reference.assembly_texts import canonical_bytes, filled


class Walk:
    """A walk through a co-op's life.

    Args:
        seed: What happens.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        start = founded(self.dice.randrange(16))
        self.minutes = co.TestMinutes(
            start.genesis, start.assembly.at(co.START_MS), [*start.entries], origin=start.origin
        )
        self.unit_ms = HOUR_MS if start.origin == co.ORIGIN else co.DAY_MS
        self.refused: set[int] = set()
        self.minutes.nonces = 2 * seed * 10_000

    @property
    def assembly(self) -> Assembly:
        return self.minutes.assembly

    def run(self, steps: int) -> None:
        """Take some steps."""
        for _ in range(steps):
            self.wait()
            self.assembly.advance(self.minutes.now_ms)
            if self.assembly.withheld is not None:
                return
            name = self.dice.choices(list(ACTIONS), [weight for weight, _ in ACTIONS.values()])[0]
            ACTIONS[name][1](self)

    def likely(self, chance: float = 0.9) -> bool:
        return self.dice.random() < chance

    def wait(self) -> None:
        """Let time go by, often exactly up to what is due."""
        minutes, dice = self.minutes, self.dice
        way = dice.random()
        if way < 0.8:
            return
        unit_ms = self.unit_ms
        minutes.now_ms += dice.choice((1, unit_ms, unit_ms, 2 * unit_ms, 3 * unit_ms))
        if way < 0.97:
            minutes.now_ms = co.START_MS + -(-(minutes.now_ms - co.START_MS) // unit_ms) * unit_ms
            minutes.now_ms += dice.choice((0, 0, 0, 0, 0, 0, 0, 0, -1, 1))

    def put(self, payload: e.Payload | None, signer: str) -> None:
        """Append an entry; now and then its leaf is wrong, or it comes twice."""
        if payload is None:
            return
        minutes, dice = self.minutes, self.dice
        if self.likely(0.015) and not isinstance(payload, e.Registration | e.Founding):
            payload = replace(payload, co=e.Co("dev.other", minutes.genesis, bytes(16)))
        data = envelope_bytes(sign_entry(payload, co.key_of(signer)))
        if self.likely(0.015):
            data = data[:-20] + b"AAAA" + data[-16:]
        kind: Any = payload.kind if isinstance(payload, e.Witnessing) else type(payload).__name__.lower()
        about, time_ms = about_of(payload), minutes.now_ms
        if self.likely(0.01):
            kind = dice.choice(("recall", "ballot", "argument"))
        if self.likely(0.01):
            about = dice.choice((None, 0, 1))
        if self.likely(0.01):
            time_ms -= dice.choice((1, self.unit_ms))
        for _ in range(1 + self.likely(0.02)):
            leaf = MinutesLeaf(time_ms, kind, about, bytes(32))
            minutes.entries.append(Entry(len(minutes.entries), leaf, data))
            minutes.assembly.take(minutes.entries[-1])

    def person(self) -> str:
        active = {one.key for one in self.assembly.roll.by_id.values() if one.status == "active"}
        members = [name for name in (*PEOPLE, *ROTATED) if co.public(name) in active]
        if members and self.likely(0.93):
            return self.dice.choice(members)
        return self.dice.choice((*PEOPLE, *ROTATED, co.SECRETARY, *co.GUARDIANS))

    def secretary(self) -> str:
        return co.SECRETARY if self.likely(0.95) else self.person()

    def proposer(self, index: int) -> str:
        wanted = self.assembly.proposals[index].proposer
        keys = [one.key for one in self.assembly.roll.by_id.values() if one.id == wanted]
        names = [name for name in (*PEOPLE, *ROTATED) if co.public(name) in keys]
        return names[0] if names and self.likely(0.93) else self.person()

    def some(self, *states: str) -> int | None:
        """Return a proposal, most often one in such a state."""
        all_ = self.assembly.proposals
        fitting = [index for index, one in all_.items() if one.state in states]
        if fitting and self.likely(0.96):
            return self.dice.choice(fitting)
        return self.dice.choice([*all_]) if all_ and self.likely(0.3) else None

    def base(self, surface: str) -> bytes | None:
        found = self.assembly.standing(surface).policy
        if found is None or found.number == 0:
            return None if self.likely(0.95) else bytes(32)
        return found.canon_digest if self.likely(0.95) else None

    def text(self, subject: str, vote: str, surface: str) -> str:
        dice = self.dice
        if subject == "constitution":
            now = self.assembly.constitution
            base = now.canon_digest if self.likely(0.95) else bytes(32)
            number = now.number + (1 if self.likely(0.97) else 2)
            origin = self.minutes.origin if self.likely(0.97) else "dev.other"
            return constitution(dice.randrange(4), number, base, origin)
        points = -1 if vote == "points" else dice.choice((0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 5))
        if not self.likely(0.98):
            return dice.choice(("none\n", policy("other", None, 0)))
        return policy(surface, self.base(surface), points, dice.randrange(3), 6 if self.likely(0.03) else 0)

    def texts(self, subject: str, vote: str, surface: str) -> tuple[str, ...]:
        if subject == "model":
            return ()
        count = self.dice.choice((1, 2, 2, 3)) if vote == "ranking" else 1
        return tuple(dict.fromkeys(self.text(subject, vote, surface) for _ in range(count)))

    def files(self, index: int) -> tuple[bytes, ...]:
        return self.minutes.files(index) if self.likely(0.97) else (bytes(32),)

    # ---- what people do ----

    def propose(self) -> None:
        dice = self.dice
        pending = [one for one in self.assembly.proposals.values() if one.state in ("draft", "deliberation", "frozen")]
        if len(pending) > 2 and self.likely():
            return
        subject: Any = dice.choices(("policy", "model", "constitution"), (6, 2, 2))[0]
        vote: Any = dice.choice(("yes_no", "ranking", "points")) if subject == "policy" else "yes_no"
        surface = (
            ""
            if subject == "constitution"
            else dice.choice(("video", "home", "home", "fresh" if subject == "model" else "home"))
        )
        standing = self.assembly.standing(surface or "home")
        model = None if standing.model is None else standing.model.digest
        fields: dict[str, Any] = {"surface": surface, "texts": self.texts(subject, vote, surface)}
        if subject == "model":
            fields |= {"model": dice.choice(MODELS), "heads": dice.choice(HEADS)}
            fields |= {"base_policy": self.base(surface), "base_model": model if self.likely(0.95) else MODELS[1]}
        elif subject == "policy":
            fields["model"] = model if model is not None and self.likely(0.97) else MODELS[1]
        else:
            fields["model"] = None
        proposal = e.Proposal(
            self.minutes.co(),
            subject,
            vote,
            title=WORDS,
            reasons=WORDS,
            **({"heads": (), "base_policy": None, "base_model": None, "impact": None} | fields),
        )
        self.put(proposal, self.person())

    def sponsor(self, index: int | None = None) -> None:
        index = self.some("draft", "deliberation") if index is None else index
        if index is not None:
            one = self.assembly.proposals[index]
            signer = self.person()
            for _ in range(8):
                if co.public(signer) in {
                    self.assembly.roll.by_id[member].key for member in (one.proposer, *one.sponsors)
                }:
                    signer = self.person()
            self.put(e.Sponsor(self.minutes.co(), index, self.files(index)), signer)

    def amend(self) -> None:
        if (index := self.some("draft", "deliberation")) is None:
            return
        one = self.assembly.proposals[index]
        said = one.proposal
        if self.likely(0.5):
            texts = self.texts(said.subject, said.vote, said.surface) or ("none\n",)
            self.put(e.Amendment(self.minutes.co(), index, texts, None), self.person())
        elif one.offers:
            offer = self.dice.choice([*one.offers]) if self.likely(0.95) else self.dice.choice((0, index))
            self.put(e.Amendment(self.minutes.co(), index, (), offer), self.proposer(index))

    def freeze(self, index: int | None = None) -> None:
        index = self.some("deliberation") if index is None else index
        if index is not None:
            one = self.assembly.proposals[index]
            if self.likely():
                due_ms = one.debate_ms + one.rules.deliberation_ms - (not self.likely(0.95))
                self.minutes.now_ms = max(self.minutes.now_ms, due_ms)
            if index in self.refused and self.likely(0.8):
                return
            self.refused.add(index)
            impact = self.impact(index) if self.likely(0.4) else None
            self.put(e.Freeze(self.minutes.co(), index, self.files(index), impact), self.proposer(index))

    def impact(self, index: int) -> str:
        """Return an impact of a proposal, most often."""
        one, standing = (
            self.assembly.proposals[index],
            self.assembly.standing(self.assembly.proposals[index].proposal.surface),
        )
        about = {
            "surface": one.proposal.surface,
            "limits": digest_text(standing.constitution.canon_digest),
            "new_model": None,
        }
        texts: list[Any] = [*one.wordings]
        if one.proposal.subject == "model":
            about["new_model"] = digest_text(one.wordings[0].file_digest)
            texts = [standing.policy]
        if one.proposal.vote == "points" and standing.policy is not None and standing.policy.number:
            points = dict(read_policy(standing.policy.text).points)
            texts = [read_policy(filled(one.wordings[0].data.decode(), points).encode())]
        if not self.likely(0.95):
            others: list[dict[str, Any]] = [{"surface": "other"}, {"limits": digest_text(bytes(32))}, {"count": -1}]
            about |= self.dice.choice(others)
        impacts = [
            EMPTY
            | {"proposed": {"canon": digest_text(text.canon_digest), "file": digest_text(text.file_digest)}}
            | about
            for text in texts
            if text is not None
        ]
        whole = {"schema": "rankd.impacts/1", "impacts": impacts} if len(impacts) != 1 else impacts[0]
        return canonical_bytes(whole).decode()

    def voting(self) -> int | None:
        open_ = [index for index, one in self.assembly.proposals.items() if one.state == "voting"]
        open_ += [index for index, one in self.assembly.interventions.items() if one.state == "voting"]
        if open_ and self.likely(0.97):
            return self.dice.choice(open_)
        over = [index for index, one in self.assembly.proposals.items() if one.vote is not None]
        return self.dice.choice(over) if over and self.likely(0.1) else None

    def vote_on(self, index: int) -> Vote:
        matters = self.assembly
        vote = matters.proposals[index].vote if index in matters.proposals else matters.interventions[index].vote
        assert vote is not None
        return vote

    def choice(self, vote: Vote) -> Any:
        dice = self.dice
        if vote.kind == "yes_no":
            return dice.choice(("yes", "yes", "yes", "yes", "no", "abstain"))
        if vote.kind == "ranking":
            options = [*range(len(vote.texts) + (1 if self.likely(0.97) else 2))]
            if self.likely(0.5):
                options.append(options.pop(0))
            else:
                dice.shuffle(options)
            groups: list[list[int]] = []
            for option in options[: len(options) - dice.choice((0, 0, 0, 1, 2))]:
                if groups and self.likely(0.3):
                    groups[-1].append(option)
                else:
                    groups.append([option])
            return tuple(tuple(group) for group in groups)
        if self.likely(0.15):
            return "abstain"
        some = POINTS[dice.choice((0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 5))]
        return tuple((name, some.get(name, 0)) for name in OBJECTIVES)

    def vote(self, index: int | None = None) -> None:
        index = self.voting() if index is None else index
        if index is None:
            return
        vote = self.vote_on(index)
        pins: dict[str, Any] = {
            "vote": vote.kind,
            "texts": vote.texts,
            "constitution": vote.constitution.canon_digest,
            "roll": vote.electorate.digest,
            "impact": vote.impact,
        }
        if self.likely(0.04):
            pins |= self.dice.choice(
                (
                    {"texts": ((bytes(32), bytes(32)),)},
                    {"constitution": bytes(32)},
                    {"roll": bytes(32)},
                    {"impact": bytes(32)},
                )
            )
        number = self.dice.choice((1, 1, 1, 2, 2, 3))
        keys = {*vote.electorate.ids}
        pinned = [name for name in (*PEOPLE, *ROTATED) if co.public(name) in keys]
        signer = self.dice.choice(pinned) if pinned and self.likely(0.95) else self.person()
        self.put(e.Ballot(self.minutes.co(), index, number=number, choice=self.choice(vote), **pins), signer)

    def vote_all(self) -> None:
        """Have several people vote at once."""
        if (index := self.voting()) is not None:
            for _ in range(self.dice.randint(2, 7)):
                self.vote(index)

    def carry(self) -> None:
        """Bring a proposal on by what it waits for."""
        live = [index for index, one in self.assembly.proposals.items() if one.state in PLACES]
        if not live:
            self.propose()
            return
        index = self.dice.choice(live)
        match self.assembly.proposals[index].state:
            case "draft":
                self.sponsor(index)
            case "deliberation":
                self.freeze(index)
            case "voting":
                for _ in range(self.dice.randint(3, 9)):
                    self.vote(index)
            case _:
                one = self.assembly.proposals[index]
                ready_ms = one.since_ms + (one.rules.notice_ms if one.state == "frozen" else one.rules.timelock_ms)
                self.minutes.now_ms = max(self.minutes.now_ms, ready_ms - (not self.likely()))

    def recall(self) -> None:
        if (index := self.some("queued", "held")) is not None:
            for _ in range(self.dice.choice((1, 1, 2, 3))):
                self.put(e.Recall(self.minutes.co(), index), self.person())

    def guard(self) -> None:
        dice = self.dice
        action: Any = dice.choice(("cancel", "rollback"))
        proposal, surface, to = None, "", None
        if action == "cancel":
            if (proposal := self.some("queued")) is None:
                return
        else:
            surface = dice.choice(SURFACES)
            number = told_standing(self.assembly, surface)["policy_number"]
            to = dice.randrange(number) if number and self.likely() else dice.randrange(3)
        for _ in range(dice.choice((1, 2, 2, 3))):
            signer = dice.choice(co.GUARDIANS) if self.likely(0.97) else self.person()
            self.put(e.Guardian(self.minutes.co(), action, proposal, surface, to, WORDS), signer)

    def change_roll(self) -> None:
        dice = self.dice
        changes = []
        for _ in range(1 if self.likely(0.8) else 2):
            name = dice.choice(PEOPLE)
            action: Any = dice.choice(("admit", "admit", "suspend", "reinstate", "reinstate", "resign", "rotate"))
            if action == "resign" and self.likely(0.6):
                action = "reinstate"
            document = None
            if action == "admit":
                document = co.registration(name, self.minutes.origin if self.likely(0.97) else "dev.other")
            if action == "rotate":
                document = co.registration(dice.choice([*ROTATED]), self.minutes.origin)
            changes.append(e.RollChange(action, co.member(name), document))
        signer = self.secretary()
        if changes[0].action in ("resign", "rotate") and self.likely(0.5):
            signer = next(name for name in PEOPLE if co.member(name) == changes[0].member)
        self.put(e.Roll(self.minutes.co(), tuple(changes), ""), signer)

    def register(self) -> None:
        name = self.dice.choice((*PEOPLE, *ROTATED))
        signer = name if self.likely(0.95) else self.person()
        self.put(e.Registration(self.minutes.origin, co.public(name), self.minutes.co().nonce), signer)

    def argue(self) -> None:
        if (index := self.some("draft", "deliberation", "frozen", "voting", "queued", "held")) is not None:
            reply = self.dice.randrange(len(self.minutes.entries)) if self.likely(0.4) else None
            self.put(e.Argument(self.minutes.co(), index, "for", reply, "Oui."), self.person())

    def erase(self) -> None:
        kinds = ("argument", "registration")
        some = [entry.index for entry in self.minutes.entries if entry.leaf.kind in kinds or self.likely(0.02)]
        if some:
            count = self.dice.randint(1, min(3, len(some)))
            self.put(e.Erasure(self.minutes.co(), tuple(sorted(self.dice.sample(some, count))), ""), self.secretary())

    def witness(self) -> None:
        dice, assembly = self.dice, self.assembly
        matters: dict[int, Any] = {**assembly.proposals, **assembly.interventions}
        if not matters:
            return
        index = dice.choice([*matters])
        vote = matters[index].vote
        signer = self.dice.choice((self.secretary(), self.person(), "log"))
        match dice.choice(("open", "close", "close", "activation")):
            case "open":
                roll = vote.electorate.digest if vote is not None and self.likely() else bytes(32)
                self.put(e.Witnessing(self.minutes.co(), "open", index, roll.hex()), signer)
            case "close":
                extended = vote is not None and vote.is_extended
                said = "extended" if extended != self.likely(0.3) else "closed"
                self.put(e.Witnessing(self.minutes.co(), "close", index, said), signer)
            case _:
                numbers = [one.number for one in assembly.activations if one.entry == index] or [1]
                number = dice.choice(numbers) if self.likely() else 1 + dice.randrange(len(assembly.activations) + 1)
                self.put(e.Witnessing(self.minutes.co(), "activation", index, str(number)), signer)


PLACES = ("draft", "deliberation", "frozen", "voting", "voting", "queued")


ACTIONS: dict[str, tuple[float, Callable[[Walk], None]]] = {
    "carry": (7, Walk.carry),
    "propose": (1.6, Walk.propose),
    "sponsor": (1, Walk.sponsor),
    "amend": (1, Walk.amend),
    "freeze": (0.6, Walk.freeze),
    "vote": (1.5, Walk.vote),
    "vote_all": (2.0, Walk.vote_all),
    "recall": (0.7, Walk.recall),
    "guard": (1.2, Walk.guard),
    "change_roll": (1, Walk.change_roll),
    "register": (0.4, Walk.register),
    "argue": (0.6, Walk.argue),
    "erase": (0.3, Walk.erase),
    "witness": (0.6, Walk.witness),
}
