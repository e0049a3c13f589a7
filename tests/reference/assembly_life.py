"""The roll and the life of a proposal up to its freeze (docs/spec/assembly.md, sections 4 and 5)."""

from hashlib import sha256

from tests.reference.assembly_entries import open_envelope
from tests.reference.assembly_texts import (
    canonical_bytes,
    digest_of,
    filled,
    read_constitution,
    read_template,
    read_text,
)
from tests.reference.assembly_votes import Votes
from tests.reference.impact import need_impact
from tests.reference.strict import Document, need

BEFORE_THE_VOTE = ("draft", "deliberation", "frozen")
ONGOING = (*BEFORE_THE_VOTE, "voting", "queued", "held")


class Life(Votes):
    """What members and secretaries do until a vote opens: the roll, proposals, debates."""

    def proposal(self, said: Document, *states: str) -> Document:
        """Return the proposal that an entry is about, in one of these states."""
        matter = self.matters.get(said["proposal"])
        need(matter is not None and matter["is_proposal"], "proposal")
        matter = self.matters[said["proposal"]]
        need(matter["state"] in states, "state")
        return matter

    def take_registration(self, entry: Document) -> None:
        said = entry["said"]
        index = entry["index"]
        need(said["key"] not in self.keys_ever and said["key"] not in self.waiting, "key")
        need(len(self.waiting) < 1000, "waiting")
        self.waiting[said["key"]] = index

    def registered(self, envelope: Document) -> str:
        """Return a key that may come on the roll."""
        said = open_envelope(canonical_bytes(envelope))["said"]
        need(said["origin"] == self.constitution["origin"] and said["key"] not in self.keys_ever, "key")
        self.keys_ever.add(said["key"])
        self.waiting.pop(said["key"], None)
        return str(said["key"])

    def admit(self, envelope: Document, member: str | None) -> None:
        key = self.registered(envelope)
        own = "m" + sha256(bytes.fromhex(key)).hexdigest()[:16]
        need(member in (None, own) and own not in self.roll, "id")
        self.roll[own] = {"key": key, "status": "active"}

    def take_roll(self, entry: Document) -> None:
        """Change the roll (section 4)."""
        said = entry["said"]
        changes = said["changes"]
        if not self.is_secretary(entry):
            need(len(changes) == 1 and changes[0]["action"] in ("resign", "rotate"), "secretary")
            need(changes[0]["member"] == self.signer(entry, "active", "suspended"), "herself")
        need(len({change["member"] for change in changes}) == len(changes), "twice")
        for change in changes:
            action, member = change["action"], change["member"]
            if action == "admit":
                self.admit(change["registration"], member)
                continue
            need(member in self.roll, "member")
            one = self.roll[member]
            wanted = {"suspend": ["active"], "reinstate": ["suspended"]}.get(action, ["active", "suspended"])
            need(one["status"] in wanted, "status")
            if action == "rotate":
                one["key"] = self.registered(change["registration"])
            else:
                one["status"] = {"suspend": "suspended", "reinstate": "active", "resign": "resigned"}[action]

    def take_proposal(self, entry: Document) -> None:
        """Begin a matter (section 5, item 1)."""
        said = entry["said"]
        index = entry["index"]
        member = self.signer(entry)
        own = [one for one in self.matters.values() if one["is_proposal"] and one["proposer"] == member]
        need(sum(one["state"] in BEFORE_THE_VOTE for one in own) < 5, "five")
        matter = {
            "index": index,
            "is_proposal": True,
            "state": "draft",
            "subject": said["subject"],
            "kind": said["vote"],
            "surface": said["surface"],
            "said": said,
            "texts": self.read(said, said["texts"]),
            "impact": said["impact"],
            "proposer": member,
            "proposed_ms": self.time_ms,
            "sponsors": [],
            "offers": {},
            "accepted": 0,
            "recalls": [],
            "rules": self.constitution["classes"][said["subject"]],
            "vote": None,
            "result": None,
        }
        if said["subject"] == "constitution":
            self.need_next(matter["texts"][0])
        self.matters[index] = matter
        self.begin_debate(matter)

    def read(self, said: Document, texts: list[str]) -> list[Document]:
        """Read the texts of a proposal; a model's digest stands for one."""
        if said["subject"] == "model":
            return [{"canon": said["model"], "file": said["model"]}]
        if said["subject"] == "constitution":
            return [read_constitution(text) for text in texts]
        read = [read_template(text) if said["vote"] == "points" else read_text(text) for text in texts]
        need(all(text["surface"] == said["surface"] for text in read), "surface")
        need(len({text["canon"] for text in read}) == len(read), "alike")
        return read

    def begin_debate(self, matter: Document) -> None:
        if matter["state"] == "draft" and len(matter["sponsors"]) >= matter["rules"]["sponsors"]:
            matter["state"] = "deliberation"
            matter["debated_ms"] = self.time_ms

    def take_sponsor(self, entry: Document) -> None:
        said = entry["said"]
        member, matter = self.signer(entry), self.proposal(said, "draft", "deliberation")
        need(member != matter["proposer"] and member not in matter["sponsors"], "sponsor")
        need(said["texts"] == [text["file"] for text in matter["texts"]], "texts")
        matter["sponsors"].append(member)
        self.begin_debate(matter)

    def take_argument(self, entry: Document) -> None:
        said = entry["said"]
        index = entry["index"]
        member, matter = self.signer(entry), self.proposal(said, *ONGOING)
        need(self.arguments.count((matter["index"], 0, member)) < 50, "fifty")
        if said["reply_to"] is not None:
            need(said["reply_to"] < index, "reply")
            to = self.entries[said["reply_to"]][0]
            need(to["kind"] == "argument" and to["about"] == matter["index"], "reply")
            need(said["reply_to"] not in self.voids, "reply")
        self.arguments.append((matter["index"], 0, member))

    def take_amendment(self, entry: Document) -> None:
        said = entry["said"]
        index = entry["index"]
        member, matter = self.signer(entry), self.proposal(said, "draft", "deliberation")
        if said["accepts"] is None:
            need(matter["subject"] != "model", "model")
            need(matter["kind"] == "ranking" or len(said["texts"]) == 1, "texts")
            need(sum(offer["member"] == member for offer in matter["offers"].values()) < 10, "ten")
            texts = self.read(matter["said"], said["texts"])
            matter["offers"][index] = {"member": member, "texts": texts}
            return
        need(member == matter["proposer"] and said["accepts"] in matter["offers"], "offer")
        need(matter["accepted"] < 3, "three")
        matter["accepted"] += 1
        matter["texts"], matter["impact"] = matter["offers"][said["accepts"]]["texts"], None
        if matter["state"] == "deliberation":
            matter["debated_ms"] = self.time_ms

    def take_freeze(self, entry: Document) -> None:
        said = entry["said"]
        member, matter = self.signer(entry), self.proposal(said, "deliberation")
        need(member == matter["proposer"], "proposer")
        need(said["texts"] == [text["file"] for text in matter["texts"]], "texts")
        need(self.time_ms >= matter["debated_ms"] + matter["rules"]["deliberation_ms"], "early")
        self.need_all_fit(matter)
        impact = None
        if said["impact"] is not None:
            need_impact(said["impact"], self.measured(matter))
            impact = digest_of(said["impact"].encode())
        matter |= {"state": "frozen", "frozen_ms": self.time_ms, "impact": impact}

    def measured(self, matter: Document) -> list[Document]:
        """Return what an impact is about (impact.md, section 8)."""
        force = self.force(matter["surface"])["policy"]
        texts = matter["texts"]
        need(matter["subject"] != "constitution", "impact")
        if matter["subject"] == "model" or matter["kind"] == "points":
            need(force is not None, "impact")
            texts = [force]
        if matter["kind"] == "points":
            texts = [read_text(filled(matter["texts"][0]["text"], force["points"]))]
        about = {"surface": matter["surface"], "limits": self.constitution["canon"], "new_model": None}
        if matter["subject"] == "model":
            about["new_model"] = matter["said"]["model"]
        return [about | {"proposed": {"canon": text["canon"], "file": text["file"]}} for text in texts]
