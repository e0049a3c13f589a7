"""What is in force in a co-op, what fits it, and how it changes (docs/spec/assembly.md, sections 5, 7 and 9)."""

from tests.reference.assembly_texts import filled, read_text
from tests.reference.strict import Document, RefusedError, need


class Force:
    """What is known of a co-op, and what is in force in it."""

    def __init__(self, genesis: str, entries: list[tuple[Document, bytes | None]]) -> None:
        self.genesis, self.entries = genesis, entries
        self.at = 0
        self.time_ms = 0
        self.roll: dict[str, Document] = {}
        self.keys_ever: set[str] = set()
        self.waiting: dict[str, int] = {}
        self.matters: dict[int, Document] = {}
        self.constitution: Document = {}
        self.constitution_from: int | None = None
        self.surfaces: dict[str, Document] = {}
        self.activations: list[Document] = []
        self.digests: set[str] = set()
        self.witnessed: set[tuple[str, int, str]] = set()
        self.arguments: list[tuple[int, int, str]] = []
        self.demands: list[Document] = []
        self.voids: list[int] = []
        self.withheld: int | None = None

    def need_kept(self, policy: Document, constitution: Document, heads: list[str]) -> None:
        """Make sure that a policy keeps limits and has points on heads only."""
        limits = constitution["limits"]
        need(policy["exploration_ppm"] <= limits["exploration_max_ppm"], "limits")
        bounds = limits["objectives"]
        if policy["points"] is None:
            need(all(one["min"] == 0 for name, one in bounds.items() if name not in heads), "limits")
            least, most = (sum(bounds[name][which] for name in heads) for which in ("min", "max"))
            need(least <= 1000 <= most, "limits")
            return
        for name, given in policy["points"].items():
            need(bounds[name]["min"] <= given <= bounds[name]["max"], "limits")
            need(given == 0 or name in heads, "heads")

    def force(self, surface: str) -> Document:
        """Return what is in force on a surface (section 9)."""
        nothing: Document = {"number": 0, "policy": None, "model": None, "heads": [], "history": {0: None}}
        nothing |= {"adopted": {}, "why": "founding", "since": 0, "model_from": None}
        return self.surfaces.get(surface, nothing)

    def put_policy(self, force: Document, number: int, why: str, entry: int) -> None:
        """Put a policy of a surface there, by its number."""
        force |= {"number": number, "policy": force["history"][number], "why": why, "since": entry}

    def need_next(self, text: Document) -> None:
        """Make sure that a constitution follows the one in force."""
        now = self.constitution
        need((text["origin"], text["log_key"]) == (now["origin"], now["log_key"]), "constitution")
        need((text["number"], text["base"]) == (now["number"] + 1, now["canon"]), "constitution")

    def need_all_fit(self, matter: Document) -> None:
        for text in matter["texts"]:
            self.need_fit(matter, text)

    def need_fit(self, matter: Document, text: Document) -> None:
        """Make sure that a text, or a model, fits what is in force (section 5)."""
        said, force = matter["said"], self.force(matter["surface"])
        in_force = None if force["policy"] is None else force["policy"]["canon"]
        if matter["subject"] == "constitution":
            self.need_next(text)
            for one in self.surfaces.values():
                if one["policy"] is not None:
                    self.need_kept(one["policy"], text, one["heads"])
        elif matter["subject"] == "policy":
            need(text["base"] == in_force and said["model"] == force["model"], "base")
            self.need_kept(text, self.constitution, force["heads"])
        else:
            need((said["base_policy"], said["base_model"]) == (in_force, force["model"]), "base")
            points = {} if force["policy"] is None else force["policy"]["points"]
            need(all(name in said["heads"] for name, given in points.items() if given > 0), "heads")

    def activate(self, cause: str, entry: int, surface: str | None) -> None:
        """Give the next number to what was just put in force."""
        force = self.force(surface) if surface is not None else None
        self.activations.append(
            {
                "number": len(self.activations) + 1,
                "time_ms": self.time_ms,
                "cause": cause,
                "entry": entry,
                "surface": surface,
                "policy_number": None if force is None else force["number"],
                "policy": None if force is None or force["policy"] is None else force["policy"]["canon"],
                "model": None if force is None else force["model"],
                "constitution": self.constitution["canon"],
            }
        )

    def supersede(self, index: int | None) -> None:
        """End what was activated, where a proposal adopted it."""
        if index is not None and self.matters[index]["state"] == "activated":
            self.matters[index]["state"] = "superseded"

    def come_into_force(self, matter: Document) -> None:
        """Put in force what was adopted, if it still fits (section 5, item 7)."""
        text = matter["texts"][0]
        try:
            if matter["kind"] == "ranking":
                text = matter["texts"][matter["result"] - 1]
            elif matter["kind"] == "points":
                text = read_text(filled(matter["texts"][0]["text"], matter["result"]))
            self.need_fit(matter, text)
        except RefusedError:
            matter["state"] = "held" if self.is_taken_back(matter["surface"]) else "expired"
            return
        matter["state"] = "activated"
        cause = "notice" if matter["vote"] is None else "vote"
        if matter["subject"] == "constitution":
            self.supersede(self.constitution_from)
            self.constitution, self.constitution_from = text, matter["index"]
            self.activate(cause, matter["index"], None)
            return
        force = self.surfaces.setdefault(matter["surface"], self.force(matter["surface"]))
        if matter["subject"] == "model":
            self.supersede(force["model_from"])
            force |= {"model": matter["said"]["model"], "heads": matter["said"]["heads"]}
            force["model_from"] = matter["index"]
        else:
            self.supersede(force["adopted"].get(force["number"]))
            number = max(force["history"]) + 1
            force["history"][number], force["adopted"][number] = text, matter["index"]
            self.put_policy(force, number, cause, matter["index"])
        self.activate(cause, matter["index"], matter["surface"])

    def pending(self, action: str) -> list[Document]:
        """Return what the interventions that wait for their vote demand (section 8)."""
        waiting = [one for one in self.matters.values() if not one["is_proposal"] and one["state"] == "voting"]
        return [one["demand"] for one in waiting if one["demand"]["action"] == action]

    def is_taken_back(self, surface: str) -> bool:
        return any(surface in ("", demand["surface"]) for demand in self.pending("rollback"))

    def standing(self, surface: str) -> Document:
        """Return what is in force on a surface (section 9)."""
        force = self.force(surface)
        if force["number"] == 0:
            ratification = "BASELINE"
        elif self.constitution["origin"].startswith("dev."):
            ratification = "DEV"
        elif force["why"] == "rollback":
            ratification = "ROLLED_BACK"
        else:
            ratification = "RATIFIED"
        touching = [one["number"] for one in self.activations if one["surface"] in (None, surface)]
        return {
            "activation": max(touching),
            "policy_number": force["number"],
            "policy": None if force["policy"] is None else force["policy"]["canon"],
            "model": force["model"],
            "constitution": self.constitution["canon"],
            "ratification": ratification,
        }
