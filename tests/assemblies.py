"""Co-ops for tests: keys that are the same every time, a short constitution, and minutes in memory that are folded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.entries import (
    Ballot,
    Co,
    Founding,
    FoundingSurface,
    Freeze,
    Payload,
    Proposal,
    Registration,
    Roll,
    RollChange,
    Sponsor,
)
from rankd.core.assembly.entry_codec import encode_payload
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.leaf import MinutesLeaf, about_of
from rankd.core.assembly.matter import Vote
from rankd.core.assembly.signing import envelope_bytes, open_entry, sign_entry
from rankd.core.assembly.tally.counters import COUNTERS, Counter
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.reader import read_policy
from rankd.core.words.language import Phrase

ROOT = Path(__file__).resolve().parents[1]
ORIGIN = "dev.test/minutes"
START_MS = 1_800_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SURFACE = "video"
MODEL = sha256(b"model").digest()
HEADS = ("click", "long_view", "like", "reply", "repost", "follow", "profile_visit", "hide")
POLICY = (ROOT / "policies/video.yaml").read_text(encoding="utf-8")
LIMITS = "\n".join(
    "  " + line
    for line in (ROOT / "policies/limits.yaml").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith(("#", "schema"))
)

CONSTITUTION = """schema: rankd.constitution/1
number: {number}
origin: "{origin}"
base: {base}
title: {{fr: "Règles", en: "Rules"}}
reasons: {{fr: "Pour les essais.", en: "For tests."}}
log_key: "{log_key}"
secretaries: ["{secretary}"]
guardians: {{keys: [{guardians}], needed: 2, confirmation: 5d}}
limits:
{limits}
classes:
  policy:
{policy}
  model:
{model}
  constitution:
{constitution}
"""
RULES = {
    "by": "vote",
    "sponsors": "1",
    "sponsorship": "10d",
    "deliberation": "3d",
    "deliberation_max": "20d",
    "notice": "1d",
    "voting": "7d",
    "quorum": "root",
    "quorum_min": "0%",
    "majority": "1/2",
    "late_swing": "48h",
    "timelock": "2d",
    "recall": "30%",
}


@cache
def key_of(name: str) -> Ed25519PrivateKey:
    """Return the private key of somebody in the tests, the same every time."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"rankd test key {name}".encode()).digest())


def public(name: str) -> bytes:
    """Return somebody's public key."""
    return key_of(name).public_key().public_bytes_raw()


def member(name: str) -> str:
    """Return somebody's member id."""
    return member_id(public(name))


GUARDIANS = ("Gaëlle", "Guy", "Gisèle")
LOG_KEY = key_of("log")
SECRETARY = "Simone"
FOUNDERS = ("Alice", "Bruno", "Chloé", "Denis", "Émilie", "Farid", "Grâce", "Hugo", "Inès")


def constitution(number: int = 1, base: bytes | None = None, *, origin: str = ORIGIN, **changes: dict[str, str]) -> str:
    """Return a constitution; `changes` holds other rules by class, such as `policy={"timelock": "0h"}`."""
    blocks = {
        subject: "\n".join(f"    {name}: {value}" for name, value in (RULES | changes.get(subject, {})).items())
        for subject in ("policy", "model", "constitution")
    }
    return CONSTITUTION.format(
        number=number,
        origin=origin,
        base="none" if base is None else digest_text(base),
        log_key=public("log").hex(),
        secretary=public(SECRETARY).hex(),
        guardians=", ".join(f'"{key}"' for key in sorted(public(name).hex() for name in GUARDIANS)),
        limits=LIMITS,
        **blocks,
    )


def policy_text(base: bytes | None = None, **points: int) -> str:
    """Return the founding policy with another base and other points."""
    text = POLICY if base is None else POLICY.replace("base: none", f"base: {digest_text(base)}")
    given = dict(read_policy(text.encode(), "policy").points)
    for objective, wanted in points.items():
        assert f"  {objective}: {given[objective]}\n" in text
        text = text.replace(f"  {objective}: {given[objective]}\n", f"  {objective}: {wanted}\n")
    return text


def template_text(base: bytes) -> str:
    """Return a policy that leaves its points to a vote."""
    before, _, after = policy_text(base).partition("points:\n")
    return before + "points: vote\n" + after[after.index("\n\n") + 1 :]


@dataclass
class TestMinutes:
    """Minutes in memory: entries are signed, stamped and folded one by one.

    Attributes:
        genesis: The genesis digest.
        assembly: The fold of what was appended.
        entries: What was appended.
        now_ms: The time of the next entry.
    """

    __test__ = False

    genesis: bytes
    assembly: Assembly
    entries: list[Entry] = field(default_factory=list)
    now_ms: int = START_MS
    origin: str = ORIGIN
    nonces: int = 0

    def co(self) -> Co:
        """Return a header with a nonce of its own."""
        self.nonces += 1
        return Co(self.origin, self.genesis, self.nonces.to_bytes(16, "big"))

    def wait(self, days: float) -> None:
        """Let time go by."""
        self.now_ms += round(days * DAY_MS)

    def append(self, payload: Payload, signer: str) -> int:
        """Append what somebody signs; return its index. A void entry stands in `assembly.voids`."""
        return self.append_bytes(envelope_bytes(sign_entry(payload, key_of(signer))), payload)

    def append_bytes(self, data: bytes, payload: Payload | None = None) -> int:
        """Append an envelope."""
        signed = open_entry(data) if payload is None else None
        said = payload if payload is not None else signed.payload if signed is not None else None
        assert said is not None
        kind = open_entry(data).kind
        entry = Entry(len(self.entries), MinutesLeaf(self.now_ms, kind, about_of(said), bytes(32)), data)
        self.entries.append(entry)
        self.assembly.take(entry)
        return entry.index

    def accept(self, payload: Payload, signer: str) -> int:
        """Append what the rules accept."""
        index = self.append(payload, signer)
        assert not self.assembly.voids, self.assembly.voids[-1].error
        return index

    def refuse(self, payload: Payload, signer: str) -> str:
        """Append what the rules refuse; return the reason."""
        before = len(self.assembly.voids)
        index = self.append(payload, signer)
        assert len(self.assembly.voids) == before + 1
        assert self.assembly.voids[-1].index == index
        return self.assembly.voids.pop().error.reason

    def admit(self, *names: str) -> int:
        """Admit people by the secretary."""
        changes = tuple(RollChange("admit", member(name), registration(name, self.origin)) for name in names)
        return self.accept(Roll(self.co(), changes, ""), SECRETARY)

    def now(self) -> Assembly:
        """Return the assembly as it is at this time."""
        return self.assembly.at(self.now_ms)

    def proposal(self, text: str, *, subject: str = "policy", vote: str = "yes_no", **fields: object) -> Proposal:
        """Return a proposal with one text."""
        values: dict[str, object] = {
            "surface": "" if subject == "constitution" else SURFACE,
            "texts": (text,) if text else (),
            "model": MODEL if subject == "policy" else None,
            "heads": (),
            "base_policy": None,
            "base_model": None,
            "impact": None,
            **fields,
        }
        words = Phrase(fr="Une proposition", en="A proposal")
        return Proposal(self.co(), subject, vote, title=words, reasons=words, **values)  # type: ignore[arg-type]

    def to_vote(self, proposal: Proposal, by: str = "Alice", impact: str | None = None) -> int:
        """Propose, sponsor, debate and freeze; return the proposal's index at the opening of its vote."""
        index = self.accept(proposal, by)
        other = next(name for name in FOUNDERS if name != by)
        self.accept(Sponsor(self.co(), index, self.files(index)), other)
        self.wait(3)
        self.accept(Freeze(self.co(), index, self.files(index), impact), by)
        self.wait(1)
        return index

    def files(self, index: int) -> tuple[bytes, ...]:
        """Return the file digests of a proposal's texts."""
        return tuple(wording.file_digest for wording in self.assembly.proposals[index].wordings)

    def vote_of(self, index: int) -> Vote:
        """Return the vote on a proposal or an intervention, as it is now."""
        now = self.now()
        vote = now.proposals[index].vote if index in now.proposals else now.interventions[index].vote
        assert vote is not None
        return vote

    def ballot(self, index: int, choice: Any, number: int = 1, **changes: object) -> Ballot:
        """Return a ballot for what is put to the vote."""
        vote = self.vote_of(index)
        values: dict[str, object] = {
            "vote": vote.kind,
            "texts": vote.texts,
            "constitution": vote.constitution.canon_digest,
            "roll": vote.electorate.digest,
            "impact": vote.impact,
            **changes,
        }
        return Ballot(self.co(), index, number=number, choice=choice, **values)  # type: ignore[arg-type]

    def cast(self, index: int, choices: Mapping[str, Any]) -> None:
        """Have people vote."""
        for name, choice in choices.items():
            self.accept(self.ballot(index, choice), name)

    def refold(self, counter: Counter = COUNTERS["fast"]) -> Assembly:
        """Fold all entries again, from the beginning."""
        assembly = Assembly(self.genesis, counter)
        for entry in self.entries:
            assembly.take(entry)
        return assembly


def registration(name: str, origin: str = ORIGIN) -> dict[str, Any]:
    """Return somebody's registration, as a JSON object."""
    nonce = sha256(name.encode()).digest()[:16]
    return sign_entry(Registration(origin, public(name), nonce), key_of(name)).document


def founding(
    text: str | None = None,
    founders: Sequence[str] = FOUNDERS,
    *,
    policy: str | None = POLICY,
    model: bytes | None = MODEL,
    heads: tuple[str, ...] = HEADS,
    origin: str = ORIGIN,
) -> Founding:
    """Return a founding with one surface."""
    documents = tuple(registration(name, origin) for name in founders)
    surfaces = (FoundingSurface(SURFACE, policy, model, heads),)
    return Founding(constitution(origin=origin) if text is None else text, documents, surfaces, bytes(16))


def found(entry: Founding | None = None, *, origin: str = ORIGIN, counter: Counter = COUNTERS["fast"]) -> TestMinutes:
    """Return the minutes of a co-op that was just founded."""
    said = founding(origin=origin) if entry is None else entry
    genesis = sha256(encode_payload(said)).digest()
    minutes = TestMinutes(genesis, Assembly(genesis, counter), origin=origin)
    minutes.append(said, SECRETARY)
    return minutes
