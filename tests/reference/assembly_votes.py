"""What is due in a co-op: openings, closes, extensions (docs/spec/assembly.md, sections 5, 7 and 8)."""

from typing import Any

from tests.reference import assembly_tallies as tallies
from tests.reference.assembly_entries import open_envelope
from tests.reference.assembly_force import Force
from tests.reference.assembly_texts import canonical_bytes, digest_of
from tests.reference.strict import Document, RefusedError, need


class UnknownError(Exception):
    """Ballots are not shown: nothing that comes after can be known."""


class Votes(Force):
    """What happens when its time comes: openings, closes, tallies, changes."""

    def due(self, matter: Document) -> int | None:
        """Return when something happens to a matter by itself (section 5)."""
        rules = matter["rules"]
        times = {
            "draft": lambda: matter["proposed_ms"] + rules["sponsorship_ms"],
            "deliberation": lambda: matter["debated_ms"] + rules["deliberation_max_ms"],
            "frozen": lambda: matter["frozen_ms"] + rules["notice_ms"],
            "voting": lambda: matter["vote"]["close_ms"],
            "queued": lambda: matter["ready_ms"],
        }
        return int(times[matter["state"]]()) if matter["state"] in times else None

    def advance(self, until_ms: int) -> None:
        """Let everything happen that is due, in the order of time, then of the index."""
        while True:
            due = [(time, index) for index, one in self.matters.items() if (time := self.due(one)) is not None]
            time_ms, index = min(due, default=(until_ms + 1, 0))
            if time_ms > until_ms:
                break
            self.time_ms = max(self.time_ms, time_ms)
            self.step(self.matters[index])
        self.time_ms = max(self.time_ms, until_ms)

    def step(self, matter: Document) -> None:
        """Do what is due."""
        state = matter["state"]
        if state in ("draft", "deliberation"):
            matter["state"] = "lapsed"
        elif state == "frozen":
            self.open(matter)
        elif state == "voting":
            self.close(matter)
        elif state == "queued":
            self.come_into_force(matter)

    def signer(self, entry: Document, *statuses: str) -> str:
        """Return the member who signed; she is active if nothing else is said."""
        for member, one in self.roll.items():
            if one["key"] == entry["key"] and one["status"] in (statuses or ("active",)):
                return member
        raise RefusedError("member")

    def is_secretary(self, entry: Document) -> bool:
        return entry["key"] in self.constitution["secretaries"]

    def need_witness(self, entry: Document, *, holds: bool) -> None:
        """Take what only witnesses."""
        if not self.is_secretary(entry) and entry["key"] != self.constitution["log_key"]:
            self.signer(entry)
        need(holds, "witness")

    def electorate(self) -> dict[str, str]:
        """Return member and key of the active members."""
        return {member: one["key"] for member, one in sorted(self.roll.items()) if one["status"] == "active"}

    def pin(self, kind: str, texts: list[list[str]], rules: Document, close_ms: int) -> Document:
        """Return a vote that opens now."""
        members = self.electorate()
        return {
            "kind": kind,
            "texts": texts,
            "members": members,
            "roll": digest_of(canonical_bytes([[member, key] for member, key in members.items()])),
            "constitution": self.constitution["canon"],
            "impact": None,
            "quorum": tallies.quorum_of(len(members), rules["quorum_ppm"], rules["quorum_min_ppm"]),
            "majority": tuple(rules["majority"]),
            "open_ms": self.time_ms,
            "close_ms": close_ms,
            "late_ms": 0,
            "extended": False,
            "ballots": [],
            "floors": {},
            "caps": {},
        }

    def open(self, matter: Document) -> None:
        """Open the vote on a proposal, or queue it by notice (section 5, item 4)."""
        matter["rules"] = rules = self.constitution["classes"][matter["subject"]]
        try:
            self.need_all_fit(matter)
        except RefusedError:
            matter["state"] = "expired"
            return
        texts = [[text["canon"], text["file"]] for text in matter["texts"]]
        vote = self.pin(matter["kind"], texts, rules, self.time_ms + rules["voting_ms"])
        vote["impact"] = matter["impact"]
        if matter["kind"] == "points":
            limits = self.constitution["limits"]["objectives"]
            heads = self.surfaces[matter["surface"]]["heads"]
            vote["floors"] = {name: one["min"] if name in heads else 0 for name, one in limits.items()}
            vote["caps"] = {name: one["max"] if name in heads else 0 for name, one in limits.items()}
        matter["electorate"] = vote["members"]
        if rules["by"] == "notice":
            matter |= {"state": "queued", "ready_ms": self.time_ms + rules["timelock_ms"]}
            return
        if rules["late_swing_ms"] > 0 and rules["voting_ms"] >= 2 * rules["late_swing_ms"]:
            vote["late_ms"] = rules["late_swing_ms"]
        matter |= {"state": "voting", "vote": vote}

    def tally(self, vote: Document, before_ms: int) -> Any:
        """Count the ballots that were appended before a time."""
        choices = tallies.counting(
            [
                (one["member"], one["number"], one["digest"], one["choice"])
                for one in vote["ballots"]
                if one["time_ms"] < before_ms
            ]
        )
        quorum, majority = vote["quorum"], vote["majority"]
        if vote["kind"] == "yes_no":
            return tallies.passes(choices, quorum, majority)
        if vote["kind"] == "ranking":
            return tallies.winner(choices, len(vote["texts"]), quorum, majority)
        return tallies.markets([choice for choice in choices if choice != "abstain"], vote["floors"], quorum)

    def close(self, matter: Document) -> None:
        """Close a vote, or leave it open for longer (section 7)."""
        vote = matter["vote"]
        may_go_on = vote["late_ms"] > 0 and not vote["extended"]
        if all(one["shown"] for one in vote["ballots"]):
            result = self.tally(vote, vote["close_ms"])
            early = self.tally(vote, vote["close_ms"] - vote["late_ms"]) if may_go_on else result
            goes_on = may_go_on and tallies.swings(vote["kind"], early, result)
        else:
            is_safe = vote["late_ms"] <= matter["rules"]["timelock_ms"]
            goes_on = may_go_on and is_safe and self.is_said_to_go_on(matter)
            if not goes_on:
                self.withheld = matter["index"]
                raise UnknownError
        if goes_on:
            vote |= {"extended": True, "close_ms": vote["close_ms"] + vote["late_ms"]}
            return
        matter["result"] = result
        if not matter["is_proposal"]:
            self.confirm(matter, holds=result)
        elif result is None and matter["kind"] == "points":
            matter["state"] = "lapsed"
        elif result in (False, 0):
            matter["state"] = "defeated"
        else:
            matter |= {"state": "queued", "ready_ms": self.time_ms + matter["rules"]["timelock_ms"]}

    def is_said_to_go_on(self, matter: Document) -> bool:
        """Whether an entry that comes says that a vote was extended."""
        for leaf, data in self.entries[self.at :]:
            if leaf["kind"] == "close" and leaf["about"] == matter["index"] and data is not None:
                try:
                    entry = open_envelope(data)
                    about = (entry["kind"], entry["about"]) == ("close", matter["index"])
                    self.need_witness(entry, holds=about and entry["said"]["said"] == "extended")
                except RefusedError:
                    continue
                return True
        return False

    def confirm(self, matter: Document, *, holds: bool) -> None:
        """Let an intervention stay, or undo it."""
        demand = matter["demand"]
        matter["state"] = "confirmed" if holds else "lapsed"
        if demand["action"] == "cancel":
            proposal = self.matters[demand["proposal"]]
            if proposal["state"] == "held":
                proposal["state"] = "cancelled" if holds else "queued"
                proposal["ready_ms"] = max(proposal["ready_ms"], self.time_ms)
            return
        force = self.surfaces[demand["surface"]]
        if not holds and force["since"] == matter["index"]:
            self.go_back(force, matter)
        cancelled = [one["proposal"] for one in self.pending("cancel")]
        for one in self.matters.values():
            if one["state"] == "held" and one["index"] not in cancelled:
                one |= {"state": "queued", "ready_ms": self.time_ms}

    def go_back(self, force: Document, matter: Document) -> None:
        """Put back what a rollback replaced, unless it cannot stand today."""
        policy = force["history"][matter["replaced"]]
        try:
            if policy is not None:
                self.need_kept(policy, self.constitution, force["heads"])
        except RefusedError:
            return
        self.put_policy(force, matter["replaced"], "lapse", matter["index"])
        self.activate("lapse", matter["index"], matter["demand"]["surface"])
