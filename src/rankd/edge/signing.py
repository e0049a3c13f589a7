"""The keys that a service signs with: opened at its start, or made there where nothing is for members."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import KeyFileError, LogError
from rankd.core.log.ed25519 import check_public_key
from rankd.core.log.note import NoteSigner
from rankd.edge.config import Config
from rankd.store.key_file import ERASER_PASSPHRASE, LOG_PASSPHRASE, KeyFile, KeyKind, create_key, read_key
from rankd.store.secret_file import make_secret_folder

_DEV_FOLDER = "keys"


@dataclass(frozen=True, slots=True)
class Signing:
    """What a service signs with, and whose signatures it obeys.

    Attributes:
        log: The log key under the name of the origin.
        mark: The file that remembers what the log key signed last.
        eraser: The key that signs what is erased for its age; None: nothing is erased for its age by itself.
        erasers: Public keys whose signature may erase, 32 bytes each, in byte order; the eraser's among them.
    """

    log: NoteSigner
    mark: Path
    eraser: Ed25519PrivateKey | None = field(repr=False)
    erasers: tuple[bytes, ...]


def open_signing(config: Config, environ: Mapping[str, str]) -> Signing:
    """Open the keys that the configuration names; for an origin that begins with `dev.`, make those that it does not.

    A key made here has no passphrase and lies in the data directory. A crash leaves it whole or not there.

    Args:
        config: The configuration.
        environ: Environment variables, of which only the two passphrases are read.

    Raises:
        KeyFileError: LOG_KEY_REQUIRED, LOG_KEY_IN_DATA, ERASER_INVALID, KEY_KIND_DIFFERS, KEY_NAME_DIFFERS, or a key
            cannot be made, read or unlocked.
    """
    journal = config.journal
    log_key, mark = _log_key(config, journal.log_key or _dev_key(config, "log"))
    private = log_key.unlock(environ.get(LOG_PASSPHRASE))
    eraser_key = journal.eraser_key or _dev_key(config, "eraser")
    eraser = None if eraser_key is None else _read(eraser_key, "eraser").unlock(environ.get(ERASER_PASSPHRASE))
    erasers = {_eraser(text) for text in journal.erasers}
    if eraser is not None:
        erasers.add(eraser.public_key().public_bytes_raw())
    return Signing(NoteSigner(config.origin, private), mark, eraser, tuple(sorted(erasers)))


def check_signing(config: Config) -> None:
    """Look at the keys that the configuration names, without unlocking one and without making one.

    Raises:
        KeyFileError: As `open_signing`, but for what only an unlocked key shows.
    """
    journal = config.journal
    if journal.log_key is not None or not config.is_dev:
        _log_key(config, journal.log_key)
    if journal.eraser_key is not None:
        _read(journal.eraser_key, "eraser")
    for text in journal.erasers:
        _eraser(text)


def _log_key(config: Config, path: Path | None) -> tuple[KeyFile, Path]:
    """Return the log key and its mark."""
    if path is None:
        raise KeyFileError("LOG_KEY_REQUIRED", origin=config.origin)
    mark = config.journal.mark or path.with_name(f"{path.name}.mark")
    if not config.is_dev:
        _check_outside(config, path, mark)
    key = _read(path, "log")
    if key.name != config.origin:
        raise KeyFileError("KEY_NAME_DIFFERS", file=path, found=key.name, origin=config.origin)
    return key, mark


def _dev_key(config: Config, kind: KeyKind) -> Path | None:
    """Return the path of a key that is made where it is missing; None where the origin is one for members."""
    if not config.is_dev:
        return None
    path = config.folders.data / _DEV_FOLDER / f"{kind}.key"
    if not path.exists():
        try:
            make_secret_folder(path.parent)
        except OSError as error:
            raise KeyFileError("KEY_FILE_UNWRITABLE", file=path, detail=error.strerror) from error
        try:
            create_key(path, kind, config.origin, None)
        except KeyFileError as error:
            # Another process that starts at the same time made it; the data directory's lock decides between the two.
            if error.reason != "KEY_FILE_EXISTS":
                raise
    return path


def _read(path: Path, kind: KeyKind) -> KeyFile:
    key = read_key(path)
    if key.kind != kind:
        raise KeyFileError("KEY_KIND_DIFFERS", file=path, found=key.kind, wanted=kind)
    return key


def _check_outside(config: Config, log_key: Path, mark: Path) -> None:
    data = config.folders.data.resolve()
    for key, path in (("journal.log_key", log_key), ("journal.mark", mark)):
        if path.resolve().is_relative_to(data):
            raise KeyFileError("LOG_KEY_IN_DATA", key=key, file=path, data=config.folders.data)


def _eraser(text: str) -> bytes:
    public = bytes.fromhex(text)
    try:
        check_public_key(public)
    except LogError as error:
        raise KeyFileError("ERASER_INVALID", found=text) from error
    return public
