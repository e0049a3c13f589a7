"""The archive: every policy, limits file and model that ever ranked, kept by digest beside the decisions.

A constitution is kept among the limits: it is the text that sets them once there is an assembly. A text lies in
`archive/policies/` or `archive/limits/` as `<canon digest>-<file digest>.yaml`, a model in
`archive/models/<digest>/`. Names are what the content must be, and every read checks that it is.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.limits_text import read_limits_text
from rankd.core.errors import ModelError, RecordError, ServiceError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import read_policy
from rankd.forest.manifest import MANIFEST_FILE, Manifest, read_manifest
from rankd.forest.sealed import SealedModel, listed_files
from rankd.store.atomic import sync_directory, write_atomic
from rankd.store.model_folder import MAX_FILE_BYTES, read_model_folder, write_model_folder

_DIGEST = re.compile(r"[0-9a-f]{64}")

Kind: TypeAlias = Literal["policies", "limits", "models"]
Text = TypeVar("Text", Policy, Limits, Constitution)


class Archive:
    """What recorded decisions rest on, in one data directory. Safe to read from many threads at once.

    `keep_…` returns once the content is on disk: a decision that names it can always be replayed. Content that is
    there already is compared, and written again where it is not what its name says. A crash leaves the content
    whole or not at all, and perhaps a hidden `.….tmp` that nobody reads.

    Args:
        data_dir: The data directory; folders are made when something is kept.
    """

    def __init__(self, data_dir: Path) -> None:
        self._policies = data_dir / "archive" / "policies"
        self._limits = data_dir / "archive" / "limits"
        self._models = data_dir / "archive" / "models"

    def keep_policy(self, policy: Policy, data: bytes) -> None:
        """Keep a policy.

        Args:
            policy: The policy.
            data: The bytes that it was read from.

        Raises:
            ServiceError: ARCHIVE_UNWRITABLE.
        """
        _keep_text(self._policies, policy, data)

    def keep_limits(self, limits: Limits, data: bytes) -> None:
        """Keep limits, or the constitution that carries them; as `keep_policy`."""
        _keep_text(self._limits, limits, data)

    def keep_model(self, model: SealedModel, folder: Path) -> None:
        """Keep a model.

        Args:
            model: The model.
            folder: Where it was read from, for the documents that belong to it.

        Raises:
            ServiceError: ARCHIVE_UNWRITABLE.
            ModelError: The folder has changed in the meantime.
        """
        files = {MANIFEST_FILE: model.manifest.canonical}
        files |= {head.file: text for head, text in zip(model.manifest.heads, model.texts, strict=True)}
        for name, _ in model.manifest.documents:
            files[name] = _read_document(folder, name)
        kept = self._models / model.manifest.digest.hex()
        try:
            _make_folder(self._models)
            if kept.is_dir() and all(_holds(kept / name, data) for name, data in files.items()):
                sync_directory(self._models)
                return
            write_model_folder(kept, files, replace=True)
        except OSError as error:
            raise _unwritable(kept, error.strerror) from error
        except ModelError as error:
            if error.reason == "MODEL_FOLDER_UNWRITABLE":
                raise _unwritable(kept, error.metadata["detail"]) from error
            raise

    def policy(self, digest: bytes) -> Policy:
        """Return the policy with this canon digest.

        Raises:
            RecordError: ARCHIVE_MISSING, ARCHIVE_DIFFERS or ARCHIVE_UNREADABLE.
            PolicyError: The text is what its name says, but this version refuses it.
        """
        return _find_text(self._policies, digest, read_policy)[0]

    def policy_file(self, digest: bytes) -> bytes:
        """Return the bytes of the policy with this canon digest; of several texts that say the same, the first by name.

        Raises:
            RecordError, PolicyError: As `policy`.
        """
        return _find_text(self._policies, digest, read_policy)[1]

    def policy_text(self, canon: bytes, file: bytes) -> bytes:
        """Return the bytes of the policy with this canon digest and this file digest.

        Raises:
            RecordError: ARCHIVE_MISSING, ARCHIVE_DIFFERS or ARCHIVE_UNREADABLE.
        """
        path = self._policies / f"{canon.hex()}-{file.hex()}.yaml"
        data = _read(path)
        _check(path, file, sha256(data))
        return data

    def constitution(self, digest: bytes) -> Constitution:
        """Return the constitution with this canon digest.

        Raises:
            RecordError: As `policy`.
            PolicyError, AssemblyError: The text is what its name says, but this version refuses it.
        """
        return _find_text(self._limits, digest, read_constitution)[0]

    def limits(self, digest: bytes) -> Limits:
        """Return the limits with this canon digest, or those of the constitution with it.

        Raises:
            RecordError, PolicyError: As `policy`.
        """
        return _find_text(self._limits, digest, read_limits_text)[0]

    def model(self, digest: bytes) -> SealedModel:
        """Return the model with this digest.

        Raises:
            RecordError: ARCHIVE_MISSING or ARCHIVE_DIFFERS.
            ModelError: A file of it is missing, altered or unreadable.
        """
        folder = self._models / digest.hex()
        if not folder.is_dir():
            raise RecordError("ARCHIVE_MISSING", path=folder)
        model = read_model_folder(folder)
        _check(folder / MANIFEST_FILE, digest, model.manifest.digest)
        return model

    def manifest(self, digest: bytes) -> Manifest:
        """Return the manifest of the model with this digest; the files that it lists are not looked at.

        Raises:
            RecordError: ARCHIVE_MISSING, ARCHIVE_DIFFERS or ARCHIVE_UNREADABLE.
            ModelError: The manifest is what its digest says, but this version refuses it.
        """
        path = self._models / digest.hex() / MANIFEST_FILE
        data = _read(path)
        _check(path, digest, sha256(data))
        return read_manifest(data)

    def models(self) -> tuple[bytes, ...]:
        """Return the digests of all models that are kept, in their order."""
        names = [path.name for path in self._models.glob("*") if _DIGEST.fullmatch(path.name)]
        return tuple(bytes.fromhex(name) for name in sorted(names))

    def files(self, kind: Kind, digest: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield path (below the data directory) and content of every file that is kept under a digest, by path.

        The content is what lies there: whoever reads it compares it with the name.

        Raises:
            RecordError: ARCHIVE_MISSING or ARCHIVE_UNREADABLE.
            ModelError: A manifest cannot be read.
        """
        if kind == "models":
            folder = self._models / digest.hex()
            paths = [folder / name for name in (MANIFEST_FILE, *listed_files(self.manifest(digest)))]
        else:
            folder = self._policies if kind == "policies" else self._limits
            paths = list(folder.glob(f"{digest.hex()}-*.yaml"))
        if not paths:
            raise RecordError("ARCHIVE_MISSING", path=folder / f"{digest.hex()}-….yaml")
        for path in sorted(paths):
            yield str(path.relative_to(self._models.parents[1])), _read(path)


def _keep_text(folder: Path, text: Policy | Limits, data: bytes) -> None:
    path = folder / f"{text.canon_digest.hex()}-{sha256(data).hex()}.yaml"
    try:
        _make_folder(folder)
        if _holds(path, data):
            # The content was on disk before it got this name; the name need not be yet.
            sync_directory(folder)
        else:
            write_atomic(path, data)
    except OSError as error:
        raise _unwritable(path, error.strerror) from error


def _find_text(folder: Path, digest: bytes, read: Callable[[bytes, str], Text]) -> tuple[Text, bytes]:
    """Return the first of the texts with this canon digest, after all of them were checked."""
    found: list[tuple[Text, bytes]] = []
    for path in sorted(folder.glob(f"{digest.hex()}-*.yaml")):
        data = _read(path)
        wanted = path.stem.partition("-")[2]
        if sha256(data).hex() != wanted:
            raise RecordError("ARCHIVE_DIFFERS", path=path, wanted=f"sha256:{wanted}", found=digest_text(sha256(data)))
        text = read(data, str(path))
        _check(path, digest, text.canon_digest)
        found.append((text, data))
    if not found:
        raise RecordError("ARCHIVE_MISSING", path=folder / f"{digest.hex()}-….yaml")
    return found[0]


def _check(path: Path, wanted: bytes, found: bytes) -> None:
    if wanted != found:
        raise RecordError("ARCHIVE_DIFFERS", path=path, wanted=digest_text(wanted), found=digest_text(found))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RecordError("ARCHIVE_MISSING", path=path) from None
    except OSError as error:
        raise RecordError("ARCHIVE_UNREADABLE", path=path, detail=error.strerror) from error


def _read_document(folder: Path, name: str) -> bytes:
    try:
        with (folder / name).open("rb") as file:
            return file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise ModelError("MODEL_FOLDER_UNREADABLE", path=folder / name, detail=error.strerror) from error


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def _make_folder(folder: Path) -> None:
    missing = [folder, *folder.parents]
    for path in reversed(missing[: next(at for at, path in enumerate(missing) if path.is_dir())]):
        path.mkdir(exist_ok=True)
        sync_directory(path.parent)


def _unwritable(path: Path, detail: object) -> ServiceError:
    return ServiceError("ARCHIVE_UNWRITABLE", path=path, detail=detail)
