"""Key files: one Ed25519 key of a log, of a witness or of a person, sealed under a passphrase.

A key file is one line of canonical JSON (RFC 8785): `schema` (rankd.key/1), `kind`, `name`, `public` (hex), for a log
or a witness `vkey`, and either `seed` (hex; it was made without a passphrase) or `sealed`: the 32-byte seed under
ChaCha20-Poly1305. Its key comes from the passphrase by scrypt and is used once, since the salt is fresh, so the nonce
is zero. The associated data are schema, kind, name and public key in canonical JSON: a file in which one of them was
edited does not open.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from rankd.core.errors import KeyFileError, LogError
from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.core.log.canonical_text import base64_text, parse_base64
from rankd.core.log.ed25519 import PUBLIC_KEY_BYTES, check_public_key
from rankd.core.log.note import COSIGNATURE, ED25519, NoteVerifier
from rankd.core.log.origin import ORIGIN_PATTERN
from rankd.store.secret_file import LoosePermissionsError, create_secret_file, read_secret_file

KeyKind: TypeAlias = Literal["log", "eraser", "witness", "member", "secretary", "guardian"]
KEY_KINDS: tuple[KeyKind, ...] = get_args(KeyKind)

LOG_PASSPHRASE = "RANKD_LOG_PASSPHRASE"  # noqa: S105 (the name of a variable)
ERASER_PASSPHRASE = "RANKD_ERASER_PASSPHRASE"  # noqa: S105 (the name of a variable)
MINUTES_PASSPHRASE = "RANKD_MINUTES_PASSPHRASE"  # noqa: S105 (the name of a variable)
MEMBER_PASSPHRASE = "RANKD_MEMBER_PASSPHRASE"  # noqa: S105 (the name of a variable)
SECRETARY_PASSPHRASE = "RANKD_SECRETARY_PASSPHRASE"  # noqa: S105 (the name of a variable)
GUARDIAN_PASSPHRASE = "RANKD_GUARDIAN_PASSPHRASE"  # noqa: S105 (the name of a variable)
"""Environment variables that may hold passphrases."""

SCHEMA = "rankd.key/1"
SCRYPT_N = 32_768
_SCRYPT_R, _SCRYPT_P = 8, 1
_LEAST_N, _MOST_N = 1_024, 131_072
"""A file that asks for more would have us take more than 128 MiB before we know whether it is worth anything."""

_SEED_BYTES = _SALT_BYTES = 32
_TAG_BYTES = 16
_NONCE = bytes(12)
_MOST_BYTES = 8_192
_MOST_NAME = 100
_ALGORITHMS: Mapping[str, int] = {"log": ED25519, "witness": COSIGNATURE}
_HEX = re.compile(r"(?:[0-9a-f]{2})+")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seed under a passphrase: scrypt's cost and salt, and the ciphertext with its tag."""

    n: int
    salt: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file as it lies on disk, its private part still closed.

    Attributes:
        path: Where it was read.
        kind: What the key is for.
        name: For a log its origin, for a witness the name in its signature lines, for a person's key a label that
            stands nowhere else.
        public: The public key, 32 bytes.
    """

    path: Path
    kind: KeyKind
    name: str
    public: bytes
    _secret: Sealed | bytes = field(repr=False)

    @property
    def protected(self) -> bool:
        """Whether it takes a passphrase to use it."""
        return isinstance(self._secret, Sealed)

    @property
    def vkey(self) -> str | None:
        """The public key as signed notes name it; None for a person's key."""
        return _vkey(self.kind, self.name, self.public)

    def unlock(self, passphrase: str | None) -> Ed25519PrivateKey:
        """Return the private key.

        Args:
            passphrase: None where there is none; not looked at where the file was made without one.

        Raises:
            KeyFileError: KEY_PASSPHRASE_MISSING, KEY_PASSPHRASE_WRONG (or an edited file), KEY_FILE_DIFFERS: the
                private key is not that of the public key.
        """
        if isinstance(self._secret, bytes):
            seed = self._secret
        elif passphrase is None:
            raise KeyFileError("KEY_PASSPHRASE_MISSING", file=self.path)
        else:
            try:
                cipher = ChaCha20Poly1305(_derive(passphrase, self._secret.salt, self._secret.n))
                seed = cipher.decrypt(_NONCE, self._secret.ciphertext, _associated(self.kind, self.name, self.public))
            except InvalidTag as error:
                raise KeyFileError("KEY_PASSPHRASE_WRONG", file=self.path) from error
        private = Ed25519PrivateKey.from_private_bytes(seed)
        if private.public_key().public_bytes_raw() != self.public:
            raise KeyFileError("KEY_FILE_DIFFERS", file=self.path)
        return private


def create_key(
    path: Path,
    kind: KeyKind,
    name: str,
    passphrase: str | None,
    *,
    draw: Callable[[int], bytes] = os.urandom,
    scrypt_n: int = SCRYPT_N,
) -> KeyFile:
    """Make a key and its file; on return it is on disk. A crash leaves the whole file or none.

    Args:
        path: Where; its folder exists, and nothing lies there.
        kind: What the key is for.
        name: See `KeyFile`; at most 100 characters.
        passphrase: What opens it; None: nothing is needed, and who can read the file can sign.
        draw: Where secrets come from.
        scrypt_n: What guessing a passphrase costs, a power of two; smaller than usual for tests only.

    Raises:
        KeyFileError: KEY_NAME, KEY_PASSPHRASE_EMPTY, KEY_FILE_EXISTS, or KEY_FILE_UNWRITABLE: the disk refuses.
    """
    if not _is_name(kind, name):
        raise KeyFileError("KEY_NAME", kind=kind, found=name)
    if passphrase == "":
        raise KeyFileError("KEY_PASSPHRASE_EMPTY")
    seed = draw(_SEED_BYTES)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    secret: Sealed | bytes = seed
    if passphrase is not None:
        salt = draw(_SALT_BYTES)
        cipher = ChaCha20Poly1305(_derive(passphrase, salt, scrypt_n))
        secret = Sealed(scrypt_n, salt, cipher.encrypt(_NONCE, seed, _associated(kind, name, public)))
    key = KeyFile(path, kind, name, public, secret)
    try:
        create_secret_file(path, _document(key))
    except FileExistsError as error:
        raise KeyFileError("KEY_FILE_EXISTS", file=path) from error
    except OSError as error:
        raise KeyFileError("KEY_FILE_UNWRITABLE", file=path, detail=error.strerror) from error
    return key


def read_key(path: Path) -> KeyFile:
    """Read a key file; its private part stays closed until `KeyFile.unlock`.

    Raises:
        KeyFileError: KEY_FILE_ABSENT, KEY_FILE_UNREADABLE, KEY_FILE_PERMISSIONS, KEY_FILE_MALFORMED, or
            KEY_FILE_DIFFERS: the vkey is not that of the public key.
    """
    try:
        data = read_secret_file(path, _MOST_BYTES)
    except FileNotFoundError as error:
        raise KeyFileError("KEY_FILE_ABSENT", file=path) from error
    except LoosePermissionsError as error:
        raise KeyFileError("KEY_FILE_PERMISSIONS", file=path, found=error.strerror) from error
    except OSError as error:
        raise KeyFileError("KEY_FILE_UNREADABLE", file=path, detail=error.strerror) from error
    try:
        key, vkey = _parse(path, data)
    except (ValueError, LogError) as error:
        raise KeyFileError("KEY_FILE_MALFORMED", file=path) from error
    if vkey != key.vkey:
        raise KeyFileError("KEY_FILE_DIFFERS", file=path)
    return key


def _document(key: KeyFile) -> bytes:
    document: dict[str, Any] = _public_part(key.kind, key.name, key.public)
    if key.vkey is not None:
        document["vkey"] = key.vkey
    if isinstance(key._secret, bytes):
        document["seed"] = key._secret.hex()
    else:
        sealed = key._secret
        document["sealed"] = {
            "kdf": "scrypt",
            "n": sealed.n,
            "r": _SCRYPT_R,
            "p": _SCRYPT_P,
            "salt": sealed.salt.hex(),
            "ciphertext": base64_text(sealed.ciphertext),
        }
    return canonical_json(document) + b"\n"


def _parse(path: Path, data: bytes) -> tuple[KeyFile, object]:
    """Return what a key file says, and its vkey.

    Raises:
        ValueError: It is no key file.
        LogError: Its public key is none.
    """
    document = parse_canonical(data.removesuffix(b"\n"))
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError("schema")
    kind, name, vkey = document.get("kind"), document.get("name"), document.get("vkey")
    if kind not in KEY_KINDS or not isinstance(name, str) or not _is_name(kind, name):
        raise ValueError("kind, name")
    wanted = {"schema", "kind", "name", "public", "sealed" if "sealed" in document else "seed"}
    if document.keys() != (wanted | {"vkey"} if kind in _ALGORITHMS else wanted):
        raise ValueError("keys")
    public = _hex(document["public"], PUBLIC_KEY_BYTES)
    check_public_key(public)
    secret = _sealed(document["sealed"]) if "sealed" in document else _hex(document["seed"], _SEED_BYTES)
    return KeyFile(path, kind, name, public, secret), vkey


def _sealed(document: object) -> Sealed:
    if not isinstance(document, dict) or document.keys() != {"kdf", "n", "r", "p", "salt", "ciphertext"}:
        raise ValueError("sealed")
    n, salt, text = document["n"], _hex(document["salt"], _SALT_BYTES), document["ciphertext"]
    if [document[name] for name in ("kdf", "r", "p")] != ["scrypt", _SCRYPT_R, _SCRYPT_P]:
        raise ValueError("kdf")
    if type(n) is not int or not _LEAST_N <= n <= _MOST_N or n & (n - 1):
        raise ValueError("n")
    if not isinstance(text, str) or len(ciphertext := parse_base64(text)) != _SEED_BYTES + _TAG_BYTES:
        raise ValueError("ciphertext")
    return Sealed(n, salt, ciphertext)


def _hex(value: object, size: int) -> bytes:
    if not isinstance(value, str) or len(value) != 2 * size or not _HEX.fullmatch(value):
        raise ValueError("hex")
    return bytes.fromhex(value)


def _public_part(kind: KeyKind, name: str, public: bytes) -> dict[str, Any]:
    return {"schema": SCHEMA, "kind": kind, "name": name, "public": public.hex()}


def _associated(kind: KeyKind, name: str, public: bytes) -> bytes:
    return canonical_json(_public_part(kind, name, public))


def _vkey(kind: KeyKind, name: str, public: bytes) -> str | None:
    return NoteVerifier.of(name, public, _ALGORITHMS[kind]).vkey if kind in _ALGORITHMS else None


def _derive(passphrase: str, salt: bytes, n: int) -> bytes:
    # The same words typed on another machine may come in another normal form.
    text = unicodedata.normalize("NFC", passphrase)
    return Scrypt(salt=salt, length=32, n=n, r=_SCRYPT_R, p=_SCRYPT_P).derive(text.encode("utf-8", "surrogateescape"))


def _is_name(kind: KeyKind, name: str) -> bool:
    if kind == "log":
        return re.fullmatch(ORIGIN_PATTERN, name) is not None
    good = 0 < len(name) <= _MOST_NAME and name.isprintable() and name == name.strip()
    return good and (kind not in _ALGORITHMS or not set(name) & set(" +"))
