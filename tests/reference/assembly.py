"""A second assembly, written from docs/spec/assembly.md alone: naive, slow, plain dictionaries.

`fold` takes the whole minutes and says what came of them. Nothing of rankd's assembly is used; what is: its strict
reader of YAML and policies, see `assembly_texts`.
"""

from copy import deepcopy

from tests.reference import assembly_tallies as tallies
from tests.reference.assembly_entries import choice_suits, open_envelope, read_leaf
from tests.reference.assembly_life import Life
from tests.reference.assembly_texts import (
    canonical_bytes,
    digest_of,
    read_constitution,
    read_text,
)
from tests.reference.assembly_votes import UnknownError
from tests.reference.strict import Document, RefusedError, need


def fold(entries: list[tuple[bytes, bytes | None]], genesis: str, now_ms: int) -> Document:
    """Return what minutes come to at a time.

    Args:
        entries: Leaf and envelope of each; no envelope where it was erased or is not shown yet.
        genesis: The genesis digest, `sha256:…`, from elsewhere.
        now_ms: The clock.

    Raises:
        RefusedError: They do not begin with the founding of this genesis, or a leaf is none.
    """
    assembly = Assembly(genesis, [(read_leaf(leaf), envelope) for leaf, envelope in entries])
    assembly.run(now_ms)
    return assembly.told()


class Assembly(Life):
    """What is known after some of the entries."""

    def run(self, now_ms: int) -> None:
        """Take all entries, then let the time come."""
        try:
            for index in range(len(self.entries)):
                self.at = index
                self.take(index)
            self.at = len(self.entries)
            self.advance(now_ms)
        except UnknownError:
            pass

    def take(self, index: int) -> None:
        """Take one entry: it is void, or it does what it says."""
        leaf, data = self.entries[index]
        if index == 0:
            self.found(leaf, data)
            return
        self.advance(leaf["time_ms"])
        before = deepcopy((self.roll, self.keys_ever, self.waiting))
        try:
            need(all(leaf["time_ms"] >= one["time_ms"] for one, _ in self.entries[:index]), "time")
            if data is None:
                self.take_unseen(index, leaf)
                return
            entry = open_envelope(data)
            need(entry["digest"] not in self.digests, "twice")
            need(entry["kind"] == leaf["kind"] and entry["about"] == leaf["about"], "leaf")
            need(entry["kind"] != "constitution", "founding")
            said = entry["said"]
            need(said["origin"] == self.constitution["origin"], "origin")
            need(said.get("genesis", self.genesis) == self.genesis, "genesis")
            getattr(self, f"take_{entry['kind']}")(entry | {"index": index})
            self.digests.add(entry["digest"])
        except RefusedError:
            self.roll, self.keys_ever, self.waiting = before
            self.voids.append(index)

    def take_unseen(self, index: int, leaf: Document) -> None:
        """Take an entry without its body."""
        need(leaf["kind"] in ("ballot", "argument", "registration"), "unseen")
        if leaf["kind"] == "ballot":
            matter = self.matters.get(leaf["about"])
            need(matter is not None and matter["state"] == "voting", "closed")
            self.matters[leaf["about"]]["vote"]["ballots"].append(
                {"index": index, "time_ms": self.time_ms, "shown": False, "member": ""}
            )

    def found(self, leaf: Document, data: bytes | None) -> None:
        """Found the co-op (section 3)."""
        need(data is not None, "founding")
        entry = open_envelope(data or b"")
        need(entry["kind"] == leaf["kind"] == "constitution" and leaf["about"] is None, "founding")
        need(digest_of(entry["payload"]) == self.genesis, "genesis")
        said = entry["said"]
        self.time_ms = leaf["time_ms"]
        self.constitution = read_constitution(said["text"])
        need(self.constitution["number"] == 1 and self.is_secretary(entry), "founding")
        for envelope in said["registrations"]:
            self.admit(envelope, None)
        self.activate("founding", 0, None)
        for surface in said["surfaces"]:
            force = self.force(surface["surface"]) | {"model": surface["model"], "heads": surface["heads"]}
            self.surfaces[surface["surface"]] = force
            if surface["policy"] is not None:
                policy = read_text(surface["policy"])
                need(policy["surface"] == surface["surface"] and policy["base"] is None, "policy")
                need(surface["model"] is not None, "model")
                self.need_kept(policy, self.constitution, surface["heads"])
                force["history"][1] = policy
                self.put_policy(force, 1, "founding", 0)
            self.activate("founding", 0, surface["surface"])
        self.digests.add(entry["digest"])

    def voted(self, said: Document) -> Document:
        need(said["proposal"] in self.matters and self.matters[said["proposal"]]["vote"] is not None, "vote")
        vote: Document = self.matters[said["proposal"]]["vote"]
        return vote

    def take_open(self, entry: Document) -> None:
        said = entry["said"]
        self.need_witness(entry, holds=self.voted(said)["roll"] == f"sha256:{said['said']}")
        self.need_once(entry)

    def take_close(self, entry: Document) -> None:
        said = entry["said"]
        vote = self.voted(said)
        over = self.matters[said["proposal"]]["state"] != "voting"
        self.need_witness(entry, holds=vote["extended"] if said["said"] == "extended" else over)
        self.need_once(entry)

    def take_activation(self, entry: Document) -> None:
        said = entry["said"]
        numbers = [one["number"] for one in self.activations if one["entry"] == said["proposal"]]
        self.need_witness(entry, holds=int(said["said"]) in numbers)
        self.need_once(entry)

    def need_once(self, entry: Document) -> None:
        """Make sure that a thing is witnessed once."""
        thing = (entry["kind"], entry["said"]["proposal"], entry["said"]["said"])
        need(thing not in self.witnessed, "once")
        self.witnessed.add(thing)

    def take_erasure(self, entry: Document) -> None:
        said = entry["said"]
        index = entry["index"]
        need(self.is_secretary(entry), "secretary")
        kinds = ("argument", "registration")
        for one in said["entries"]:
            need(one < index and one not in self.voids and self.entries[one][0]["kind"] in kinds, "erasure")
        self.waiting = {key: at for key, at in self.waiting.items() if at not in said["entries"]}

    def take_ballot(self, entry: Document) -> None:
        """Take a ballot (section 6)."""
        said = entry["said"]
        index = entry["index"]
        matter = self.matters.get(said["proposal"])
        need(matter is not None and matter["state"] == "voting", "closed")
        vote = self.matters[said["proposal"]]["vote"]
        members = [member for member, key in vote["members"].items() if key == entry["key"]]
        need(members, "roll")
        pinned = {"vote": vote["kind"]} | {name: vote[name] for name in ("texts", "constitution", "roll", "impact")}
        need({name: said[name] for name in pinned} == pinned, "pinned")
        need(choice_suits(vote, said["choice"]), "choice")
        need(sum(one["member"] == members[0] for one in vote["ballots"]) < 100, "hundred")
        vote["ballots"].append(
            {
                "index": index,
                "time_ms": self.time_ms,
                "shown": True,
                "member": members[0],
                "number": said["number"],
                "digest": entry["digest"],
                "choice": said["choice"],
            }
        )

    def take_recall(self, entry: Document) -> None:
        said = entry["said"]
        matter = self.proposal(said, "queued", "held")
        members = [member for member, key in matter["electorate"].items() if key == entry["key"]]
        need(members and members[0] not in matter["recalls"], "recall")
        matter["recalls"].append(members[0])
        if len(matter["recalls"]) >= tallies.petition_of(len(matter["electorate"]), matter["rules"]["recall_ppm"]):
            matter["state"] = "recalled"

    def take_guardian(self, entry: Document) -> None:
        """Take a guardian's demand; the last that is needed takes effect (section 8)."""
        said = entry["said"]
        index = entry["index"]
        guardians = self.constitution["guardians"]
        need(entry["key"] in guardians["keys"], "guardian")
        demand = {name: said[name] for name in ("action", "proposal", "surface", "to")}
        if said["action"] == "cancel":
            self.proposal(said, "queued")
        else:
            force = self.force(said["surface"])
            need(said["to"] in force["history"] and said["to"] != force["number"], "number")
            need(force["why"] != "lapse", "kept")
            policy = force["history"][said["to"]]
            if policy is not None:
                self.need_kept(policy, self.constitution, force["heads"])
            for one in self.matters.values():
                alike = not one["is_proposal"] and one["demand"]["surface"] == said["surface"]
                need(not (alike and one["state"] == "voting"), "waiting")
        alike = [
            one
            for one in self.demands
            if one["demand"] == demand
            and self.time_ms < one["time_ms"] + guardians["confirmation_ms"]
            and one["key"] in guardians["keys"]
        ]
        need(entry["key"] not in [one["key"] for one in alike], "twice")
        self.demands.append({"demand": demand, "time_ms": self.time_ms, "key": entry["key"]})
        if len(alike) + 1 < guardians["needed"]:
            return
        self.demands = [one for one in self.demands if one["demand"] != demand]
        digest = digest_of(canonical_bytes(demand))
        rules = self.constitution["classes"]["policy"]
        vote = self.pin("yes_no", [[digest, digest]], rules, self.time_ms + guardians["confirmation_ms"])
        matter = {
            "index": index,
            "is_proposal": False,
            "kind": "yes_no",
            "state": "voting",
            "rules": rules,
            "demand": demand,
            "vote": vote,
            "result": None,
        }
        self.matters[index] = matter
        if said["action"] == "cancel":
            self.matters[said["proposal"]]["state"] = "held"
            return
        force = self.surfaces[said["surface"]]
        matter["replaced"] = force["number"]
        self.put_policy(force, said["to"], "rollback", index)
        self.activate("rollback", index, said["surface"])

    def told(self) -> Document:
        """Return what came of it."""
        return {
            "roll": {member: [one["key"], one["status"]] for member, one in sorted(self.roll.items())},
            "proposals": {
                str(index): {
                    "state": one["state"],
                    "result": one["result"],
                    "texts": [text["file"] for text in one["texts"]],
                    "vote": told_vote(one["vote"]),
                }
                for index, one in self.matters.items()
                if one["is_proposal"]
            },
            "interventions": {
                str(index): {"state": one["state"], "result": one["result"], "vote": told_vote(one["vote"])}
                for index, one in self.matters.items()
                if not one["is_proposal"]
            },
            "activations": self.activations,
            "standings": {surface: self.standing(surface) for surface in sorted(self.surfaces)},
            "voids": self.voids,
            "withheld": self.withheld,
        }


def told_vote(vote: Document | None) -> Document | None:
    """Return what is said of a vote."""
    names = ("kind", "roll", "constitution", "impact", "quorum", "open_ms", "close_ms", "extended")
    return None if vote is None else {name: vote[name] for name in names} | {"members": len(vote["members"])}
