"""The keys that a service signs with: opened at its start, or made there where nothing is for members."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.constitution import DEV_PREFIX
from rankd.core.errors import KeyFileError, LogError
from rankd.core.log.ed25519 import check_public_key
from rankd.core.log.note import NoteSigner
from rankd.edge.config import Config
from rankd.store.key_file import (
    ERASER_PASSPHRASE,
    LOG_PASSPHRASE,
    MINUTES_PASSPHRASE,
    KeyFile,
    KeyKind,
    create_key,
    read_key,
)
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


@dataclass(frozen=True, slots=True)
class MinutesSigning:
    """What a service signs the minutes with that it keeps.

    Attributes:
        home: Folder of the minutes.
        log: Their log key under the name of their origin.
        mark: The file that remembers what that key signed last.
    """

    home: Path
    log: NoteSigner
    mark: Path


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
    log_key, mark = _journal_key(config, journal.log_key or _dev_key(config, "log"))
    private = log_key.unlock(environ.get(LOG_PASSPHRASE))
    eraser_key = journal.eraser_key or _dev_key(config, "eraser")
    eraser = None if eraser_key is None else _read(eraser_key, "eraser").unlock(environ.get(ERASER_PASSPHRASE))
    erasers = {_eraser(text) for text in journal.erasers}
    if eraser is not None:
        erasers.add(eraser.public_key().public_bytes_raw())
    return Signing(NoteSigner(config.origin, private), mark, eraser, tuple(sorted(erasers)))


def open_minutes_signing(config: Config, environ: Mapping[str, str]) -> MinutesSigning | None:
    """Open the key of the minutes that this service keeps; None where it keeps none. No key is made here.

    Args:
        config: The configuration.
        environ: Environment variables, of which only the passphrase is read.

    Raises:
        KeyFileError: LOG_KEY_REQUIRED, LOG_KEY_IN_DATA, LOG_ORIGIN_TWICE, KEY_KIND_DIFFERS, KEY_NAME_DIFFERS, or the
            key cannot be read or unlocked.
    """
    found = _minutes_key(config)
    if found is None:
        return None
    home, key, mark = found
    return MinutesSigning(home, NoteSigner(key.name, key.unlock(environ.get(MINUTES_PASSPHRASE))), mark)


def check_signing(config: Config) -> None:
    """Look at the keys that the configuration names, without unlocking one and without making one.

    Raises:
        KeyFileError: As `open_signing` and `open_minutes_signing`, but for what only an unlocked key shows.
    """
    journal = config.journal
    if journal.log_key is not None or not config.is_dev:
        _journal_key(config, journal.log_key)
    if journal.eraser_key is not None:
        _read(journal.eraser_key, "eraser")
    for text in journal.erasers:
        _eraser(text)
    _minutes_key(config)


def _journal_key(config: Config, path: Path | None) -> tuple[KeyFile, Path]:
    """Return the log key of the journal of decisions, and its mark."""
    return _log_key(config.origin, path, config.journal.mark, config.folders.data, ("journal.log_key", "journal.mark"))


def _minutes_key(config: Config) -> tuple[Path, KeyFile, Path] | None:
    """Return the folder of the minutes, their log key, and its mark."""
    assembly = config.assembly
    if assembly is None or assembly.keeps is None:
        return None
    if assembly.origin == config.origin:
        raise KeyFileError("LOG_ORIGIN_TWICE", origin=config.origin)
    home = assembly.keeps
    path = assembly.log_key or (home / _DEV_FOLDER / "log.key" if assembly.is_dev else None)
    names = ("assembly.log_key", "assembly.log_mark")
    return home, *_log_key(assembly.origin, path, assembly.log_mark, home, names)


def _log_key(
    origin: str, path: Path | None, mark: Path | None, data: Path, names: tuple[str, str]
) -> tuple[KeyFile, Path]:
    """Return a log key and its mark.

    Args:
        origin: The log's origin.
        path: The key's file; None: none is named.
        mark: The mark's; None: beside the key.
        data: Where the log lies: key and mark may not.
        names: What the configuration calls the two files.
    """
    if path is None:
        raise KeyFileError("LOG_KEY_REQUIRED", key=names[0], origin=origin)
    mark = mark or path.with_name(f"{path.name}.mark")
    if not origin.startswith(DEV_PREFIX):
        for name, file in zip(names, (path, mark), strict=True):
            if file.resolve().is_relative_to(data.resolve()):
                raise KeyFileError("LOG_KEY_IN_DATA", key=name, file=file, data=data)
    key = _read(path, "log")
    if key.name != origin:
        raise KeyFileError("KEY_NAME_DIFFERS", file=path, found=key.name, origin=origin)
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


def _eraser(text: str) -> bytes:
    public = bytes.fromhex(text)
    try:
        check_public_key(public)
    except LogError as error:
        raise KeyFileError("ERASER_INVALID", found=text) from error
    return public
