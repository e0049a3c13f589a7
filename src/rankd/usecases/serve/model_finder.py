"""Finding a model by its digest: whatever its folder is called, and in the archive where no folder holds it."""

from dataclasses import dataclass
from pathlib import Path

from rankd.core.errors import ModelError, RecordError
from rankd.core.exact.canonical import sha256
from rankd.forest.manifest import MANIFEST_FILE
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.model_folder import read_model_folder
from rankd.store.plain_files import OversizeError, PlainFiles
from rankd.store.signature import Signature, folder_signature

_MAX_MANIFEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A model, and the folder that it was read from; None: the archive."""

    model: SealedModel
    folder: Path | None


class ModelFinder:
    """Looks for models. For one thread at a time.

    Args:
        models_dir: Folder of model folders.
        archive: Everything that ever ranked.
    """

    def __init__(self, models_dir: Path, archive: Archive) -> None:
        self._models_dir = models_dir
        self._archive = archive
        self._looked: dict[str, tuple[Signature, bytes | None]] = {}

    def find(self, digest: bytes) -> Found | None:
        """Return the model with this digest; None where it lies nowhere.

        Raises:
            ModelError, RecordError: What claims to be it is not whole.
        """
        failure: ModelError | None = None
        for name, lying in self.lying().items():
            if lying != digest:
                continue
            try:
                model = read_model_folder(self._models_dir / name)
            except ModelError as error:
                failure = error
                continue
            # Another model may have taken the folder's name since it was looked at.
            if model.manifest.digest == digest:
                return Found(model, self._models_dir / name)
        try:
            return Found(self._archive.model(digest), None)
        except RecordError as error:
            if error.reason != "ARCHIVE_MISSING":
                raise
        if failure is not None:
            raise failure
        return None

    def lying(self) -> dict[str, bytes]:
        """Return the digest of the manifest in each model folder, by the folder's name; it is not read further."""
        try:
            folders = sorted(path for path in self._models_dir.iterdir() if not path.name.startswith("."))
        except OSError:
            return {}
        looked = {path.name: self._look(path) for path in folders}
        self._looked = looked
        return {name: digest for name, (_, digest) in looked.items() if digest is not None}

    def surface(self, name: str) -> str | None:
        """Return the surface that the model in a folder is sealed for; None where it cannot be read."""
        try:
            return read_model_folder(self._models_dir / name).manifest.surface
        except ModelError:
            return None

    def _look(self, folder: Path) -> tuple[Signature, bytes | None]:
        signature = folder_signature(folder)
        known = self._looked.get(folder.name)
        if known is not None and known[0] == signature:
            return known
        try:
            data = PlainFiles(folder).read(MANIFEST_FILE, _MAX_MANIFEST_BYTES)
        except (OSError, OversizeError):
            data = None
        return signature, None if data is None else sha256(data)
