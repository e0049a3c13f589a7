"""The demo's co-op: founded on the spot, its people's keys, and what they sign on its way into the minutes."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.client import RankdClient
from rankd.core.assembly.constitution_template import fill_constitution
from rankd.core.assembly.entries import NONCE_BYTES, Co, Payload, Roll, RollChange
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.exact.canonical import digest_text, parse_canonical
from rankd.core.log.note import NoteSigner, NoteVerifier
from rankd.core.words.language import Language
from rankd.edge.config import Config
from rankd.store.constitution_folder import read_constitution_template
from rankd.store.key_file import KeyFile, create_key
from rankd.usecases.govern.founding import read_surface, sign_founding, sign_registration
from rankd.usecases.govern.keeper import RECORD, Keeper
from rankd.usecases.govern.kept import Kept

COOP_ORIGIN = "dev.anse-aux-brumes"
SURFACE = "video"
FOUNDERS = ("Maude", "Karim", "Lucille", "Théo", "Aïcha", "Odile")
NEWCOMERS = ("Anselme", "Maëlle", "Léon")
SECRETARY = "Solange"

DAY_MS = 86_400_000
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the co-op."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public key."""
        return self.key.public_key().public_bytes_raw()

    @property
    def member(self) -> str:
        """The pseudonym on the roll."""
        return member_id(self.public)


@dataclass
class Coop:
    """A co-op whose minutes somebody keeps, as who watches them entry by entry sees it.

    A development co-op's entries may say what time it is: weeks pass in seconds.

    Attributes:
        home: The secretary's home, with the minutes and the public record.
        log_key: The key that signs the minutes.
        genesis: The genesis digest.
        people: Members and secretary by name.
        assembly: The fold of all entries so far.
        now_ms: The co-op's time.
    """

    home: Path
    log_key: KeyFile
    genesis: bytes
    people: dict[str, Person]
    assembly: Assembly
    now_ms: int

    @property
    def record(self) -> Path:
        """The public record."""
        return self.home / RECORD

    @property
    def pinned(self) -> str:
        """The genesis digest in text."""
        return digest_text(self.genesis)

    @property
    def log(self) -> NoteVerifier:
        """What verifies the minutes' checkpoints and receipts."""
        return NoteVerifier.of(COOP_ORIGIN, self.log_key.public)

    def config_lines(self) -> str:
        """Return the section of a configuration that has a service keep these minutes and obey them."""
        paths = {"keeps": self.home, "log_key": self.log_key.path}
        lines = [f"{key} = {_quoted(path)}\n" for key, path in paths.items()]
        return f'[assembly]\norigin = "{COOP_ORIGIN}"\ngenesis = "{self.pinned}"\n{"".join(lines)}'

    def now(self) -> Assembly:
        """Return the assembly as it is at the co-op's time."""
        return self.assembly.at(self.now_ms)

    def wait_until(self, time_ms: int) -> None:
        """Let the co-op's time pass."""
        self.now_ms = max(self.now_ms, time_ms)

    def co(self) -> Co:
        """Return what says which co-op an entry is for, with a fresh nonce."""
        return Co(COOP_ORIGIN, self.genesis, os.urandom(NONCE_BYTES))

    def enter(self, client: RankdClient, payload: Payload, by: str) -> Kept:
        """Sign an entry, submit it to the service that keeps the minutes, and return what its author keeps.

        Raises:
            RankdCallError: It would be void, or did not come through.
        """
        data = envelope_bytes(sign_entry(payload, self.people[by].key))
        found = client.assembly.submit(data, time_ms=self.now_ms)
        index = self.assembly.size if found.index is None else found.index
        self.assembly.take(Entry(index, decode_leaf(found.leaf), data))
        self.now_ms += _HOUR_MS
        return Kept(COOP_ORIGIN, self.genesis, index, found.leaf, found.key, found.receipt, data)

    def admit(self, client: RankdClient, names: Sequence[str]) -> None:
        """Have people register, and the secretary admit them."""
        changes = []
        for name in names:
            person = self.people[name] = Person(name, Ed25519PrivateKey.generate())
            changes.append(RollChange("admit", person.member, _registration(person)))
        self.enter(client, Roll(self.co(), tuple(changes), ""), SECRETARY)


def found_coop(folder: Path, base: Config, language: Language) -> Coop:
    """Found a co-op that adopts the folders' policy and model, and begin its minutes.

    Args:
        folder: Where its home goes.
        base: The configuration whose folders hold what the founders adopt.
        language: Of the notes in its constitution.

    Raises:
        RankdError: Policy or model are refused.
    """
    home, keys, now_ms = folder / "coop", folder / "keys", time.time_ns() // 1_000_000
    folders = base.folders
    adopted = read_surface(f"{SURFACE}={folders.policies / SURFACE}.yaml:{folders.models / SURFACE}")
    keys.mkdir(mode=0o700)
    log_key = create_key(keys / "minutes.key", "log", COOP_ORIGIN, None)
    people = {name: Person(name, Ed25519PrivateKey.generate()) for name in (*FOUNDERS, SECRETARY)}
    text = fill_constitution(
        read_constitution_template(language),
        origin=COOP_ORIGIN,
        log_key=log_key.public,
        secretaries=[people[SECRETARY].public],
        guardians=[],
        needed=0,
    )
    registrations = [_registration(people[name]) for name in FOUNDERS]
    founded = sign_founding(text.decode("utf-8"), registrations, [adopted], people[SECRETARY].key)
    mark = log_key.path.with_name(f"{log_key.path.name}.mark")
    keeper = Keeper.found(home, NoteSigner(COOP_ORIGIN, log_key.unlock(None)), mark, founded.envelope, now_ms)
    try:
        assembly = Assembly(founded.genesis)
        assembly.take(Entry(0, decode_leaf(keeper.entries(0, 1)[0].leaf), founded.envelope))
    finally:
        keeper.close()
    return Coop(home, log_key, founded.genesis, people, assembly, now_ms + _HOUR_MS)


def _registration(person: Person) -> dict[str, object]:
    document: dict[str, object] = parse_canonical(sign_registration(COOP_ORIGIN, person.key))
    return document


def _quoted(path: Path) -> str:
    # A TOML basic string is written as a JSON one.
    return json.dumps(str(path.resolve()), ensure_ascii=False)
