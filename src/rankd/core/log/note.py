"""Signed notes (C2SP signed-note): a text, and lines that each carry one key's signature of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.log import ed25519
from rankd.core.log.canonical_text import base64_text, parse_base64
from rankd.core.log.cosignature import sign_cosignature, verify_cosignature

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100

_MARK = "— "
_KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A public key under the name that its owner signs with.

    Attributes:
        name: Not empty, without spaces, plus or control characters; for a log, its origin.
        key_id: 0 to 2³² − 1, the one that `key_id_of` derives.
        algorithm: ED25519 or COSIGNATURE.
        public_key: 32 bytes.

    Raises:
        LogError: VKEY_MALFORMED, or a PUBLIC_KEY reason.

    Source: C2SP signed-note, “Signatures”.
    """

    name: str
    key_id: int
    algorithm: int
    public_key: bytes

    def __post_init__(self) -> None:
        if self.key_id != key_id_of(self.name, self.algorithm, self.public_key):
            raise LogError("VKEY_MALFORMED", found=self.vkey)
        ed25519.check_public_key(self.public_key)

    @classmethod
    def of(cls, name: str, public_key: bytes, algorithm: int = ED25519) -> "NoteVerifier":
        """Return the verifier with the key id that belongs to these."""
        return cls(name, key_id_of(name, algorithm, public_key), algorithm, public_key)

    @property
    def vkey(self) -> str:
        """The text form: name, key id in eight hexadecimal digits, and algorithm ‖ key in base64, joined by plus."""
        return f"{self.name}+{self.key_id:08x}+{base64_text(bytes([self.algorithm]) + self.public_key)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Tell whether `signature` (without key id) is this key's for `text`."""
        if self.algorithm == COSIGNATURE:
            return verify_cosignature(self.public_key, signature, text)
        return ed25519.verify(self.public_key, signature, text.encode())


def key_id_of(name: str, algorithm: int, public_key: bytes) -> int:
    """Return the key id: the first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ key), big-endian.

    Raises:
        LogError: VKEY_MALFORMED: this is no key's name, or no algorithm that is supported here.

    Source: C2SP signed-note, “Signatures”; tlog-cosignature, “Format”.
    """
    if not _is_key_name(name) or algorithm not in (ED25519, COSIGNATURE):
        raise LogError("VKEY_MALFORMED", found=name)
    digest = sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key).digest()
    return int.from_bytes(digest[:_KEY_ID_BYTES], "big")


def parse_vkey(text: str) -> NoteVerifier:
    """Return the verifier whose `vkey` is exactly `text`.

    Raises:
        LogError: VKEY_MALFORMED, or a PUBLIC_KEY reason.
    """
    try:
        name, key_id, key = text.split("+", 2)
        material = parse_base64(key)
        verifier = NoteVerifier(name, int(key_id, 16), material[0], material[1:])
    except (ValueError, IndexError) as error:
        raise LogError("VKEY_MALFORMED", found=text) from error
    if verifier.vkey != text:
        raise LogError("VKEY_MALFORMED", found=text)
    return verifier


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, not verified.

    Attributes:
        name: The key's name.
        key_id: 0 to 2³² − 1.
        signature: What follows the key id, at least one byte.
    """

    name: str
    key_id: int
    signature: bytes

    @property
    def line(self) -> str:
        """The line with its newline: em dash, name, base64 of key id ‖ signature."""
        return f"{_MARK}{self.name} {base64_text(self.key_id.to_bytes(_KEY_ID_BYTES, 'big') + self.signature)}\n"


class NoteSigner:
    """A private key under its name.

    Args:
        name: See `NoteVerifier`.
        private_key: The key.
        algorithm: ED25519, or COSIGNATURE for a witness.

    Raises:
        LogError: VKEY_MALFORMED.
    """

    __slots__ = ("_private_key", "verifier")

    def __init__(self, name: str, private_key: Ed25519PrivateKey, algorithm: int = ED25519) -> None:
        self._private_key = private_key
        self.verifier = NoteVerifier.of(name, private_key.public_key().public_bytes_raw(), algorithm)

    @property
    def name(self) -> str:
        """The name that stands in its signature lines."""
        return self.verifier.name

    @property
    def private_key(self) -> Ed25519PrivateKey:
        """The key, for what else it signs under a prefix of its own."""
        return self._private_key

    def sign(self, text: str, time_s: int | None = None) -> str:
        """Return the signature line for a note's text.

        Args:
            text: The note's text with its last newline.
            time_s: POSIX seconds, for a witness's key and for no other.

        Raises:
            ValueError: The time is missing, or given to a key that does not sign one.
        """
        if (time_s is not None) != (self.verifier.algorithm == COSIGNATURE):
            raise ValueError("a time is what a cosignature has and a plain signature has not")
        if time_s is None:
            signature = self._private_key.sign(text.encode())
        else:
            signature = sign_cosignature(self._private_key, text, time_s)
        return NoteSignature(self.name, self.verifier.key_id, signature).line


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note that is well formed; nothing in it is verified.

    Attributes:
        text: With its last newline.
        signatures: In their order, at least one.
    """

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note's text and the known keys that vouch for it.

    Attributes:
        text: With its last newline.
        verified: The signatures of known keys, all of them good, in the note's order.
    """

    text: str
    verified: tuple[NoteSignature, ...]

    @property
    def by(self) -> tuple[str, ...]:
        """The names of the keys that signed, each once."""
        return tuple(dict.fromkeys(signature.name for signature in self.verified))


def parse_note(data: bytes) -> SignedNote:
    """Read a note strictly; nothing is verified.

    Raises:
        LogError: NOTE_TOO_LARGE or NOTE_MALFORMED.

    Source: C2SP signed-note, “Format”.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise LogError("NOTE_TOO_LARGE", size_bytes=len(data), most_bytes=MAX_NOTE_BYTES)
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LogError("NOTE_MALFORMED", line=data.count(b"\n", 0, error.start) + 1) from error
    body, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise LogError("NOTE_MALFORMED", line=whole.count("\n") + 1)
    for at, line in enumerate(body.split("\n"), 1):
        if any(character < " " for character in line):
            raise LogError("NOTE_MALFORMED", line=at)
    if lines.count("\n") > MAX_SIGNATURES:
        raise LogError("NOTE_SIGNATURE_COUNT", found=lines.count("\n"), most=MAX_SIGNATURES)
    first = body.count("\n") + 3
    signatures = tuple(_signature(line, at) for at, line in enumerate(lines[:-1].split("\n"), first))
    return SignedNote(body + "\n", signatures)


def _signature(line: str, at: int) -> NoteSignature:
    name, space, text = line.removeprefix(_MARK).partition(" ")
    try:
        data = parse_base64(text)
    except ValueError as error:
        raise LogError("NOTE_MALFORMED", line=at) from error
    if not line.startswith(_MARK) or not space or not _is_key_name(name) or len(data) <= _KEY_ID_BYTES:
        raise LogError("NOTE_MALFORMED", line=at)
    return NoteSignature(name, int.from_bytes(data[:_KEY_ID_BYTES], "big"), data[_KEY_ID_BYTES:])


def _is_key_name(name: str) -> bool:
    return name != "" and not any(
        character.isspace() or character < " " or character == "+" or "\ud800" <= character <= "\udfff"
        for character in name
    )


def open_note(data: bytes, verifiers: Sequence[NoteVerifier]) -> OpenedNote:
    """Read a note and verify every signature of a known key.

    Signatures of unknown keys are ignored, even where they share a name or a key id with a known key.

    Args:
        data: The note.
        verifiers: The known keys.

    Raises:
        LogError: NOTE_TOO_LARGE, NOTE_MALFORMED or NOTE_SIGNATURE_COUNT; NOTE_KEYS_COLLIDE if two different known keys
            share name and key id; NOTE_SIGNATURE_WRONG if a known key's signature fails, whatever else is good;
            NOTE_KEY_UNKNOWN if no known key signed.

    Source: C2SP signed-note, “Signatures”.
    """
    note = parse_note(data)
    known: dict[tuple[str, int], NoteVerifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise LogError("NOTE_KEYS_COLLIDE", name=verifier.name, key_id=f"{verifier.key_id:08x}")
    verified = []
    for signature in note.signatures:
        signer = known.get((signature.name, signature.key_id))
        if signer is None:
            continue
        if not signer.verifies(note.text, signature.signature):
            raise LogError("NOTE_SIGNATURE_WRONG", name=signature.name)
        verified.append(signature)
    if not verified:
        raise LogError("NOTE_KEY_UNKNOWN", wanted=_names(verifiers), found=_names(note.signatures))
    return OpenedNote(note.text, tuple(verified))


def _names(keys: Sequence[NoteVerifier] | Sequence[NoteSignature]) -> str:
    return ", ".join(dict.fromkeys(f"{key.name}+{key.key_id:08x}" for key in keys)) or "–"


def sign_note(text: str, *signers: NoteSigner) -> bytes:
    """Return the note of `text` with one signature line from each signer.

    Raises:
        LogError: NOTE_MALFORMED or NOTE_TOO_LARGE: this text cannot be a note's, or there is no signer.
    """
    data = f"{text}\n{''.join(signer.sign(text) for signer in signers)}".encode()
    if parse_note(data).text != text:
        raise LogError("NOTE_MALFORMED", line=1)
    return data


def add_signature(note: bytes, line: str) -> bytes:
    """Return the note with one more signature line (with its newline) at the end.

    Raises:
        LogError: NOTE_MALFORMED, NOTE_TOO_LARGE or NOTE_SIGNATURE_COUNT: the note or the line is not well formed.
    """
    before = parse_note(note)
    longer = note + line.encode()
    after = parse_note(longer)
    if after.text != before.text or len(after.signatures) != len(before.signatures) + 1:
        raise LogError("NOTE_MALFORMED", line=note.count(b"\n") + 1)
    return longer
