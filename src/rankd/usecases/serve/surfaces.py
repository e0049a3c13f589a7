"""The book of surfaces: what each of them is served with, kept in step with the folders."""

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from rankd.core.errors import PolicyError, RankdError, ServiceError
from rankd.core.policy.policy import Limits
from rankd.core.policy.reader import read_limits
from rankd.core.words.reasons.reason import Kind
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.model_folder import read_model_folder
from rankd.store.policy_folder import LIMITS_FILE, find_policies, read_policy_bytes, read_surface_policy
from rankd.store.signature import Signature, file_signature, folder_signature
from rankd.usecases.serve.assembling import Assembler, Parts
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.snapshot import Snapshot

logger = logging.getLogger(__name__)

_SURFACE = re.compile(r"[a-z][a-z0-9_]{0,31}")


class SurfaceBook(Book):
    """A book that folders fill. No vote of members stands behind what it serves.

    A surface is a policy `<surface>.yaml` in the policies folder, with its model in the models folder's `<surface>/`.
    A pair that cannot rank is refused: then the last pair that could stays in force, and before any could, the
    baseline. The same holds where a file disappears. Everything is in the archive before it takes effect.

    Args:
        policies_dir: Folder of policies and `limits.yaml`.
        models_dir: Folder of model folders.
        archive: Where everything that ranks is kept.
        clock_ms: The server's clock, milliseconds since 1970.
        engine: What evaluates a model.

    Raises:
        PolicyError: There are no limits to begin with, or the policies folder cannot be listed.
        ServiceError: ARCHIVE_UNWRITABLE.
    """

    def __init__(
        self,
        policies_dir: Path,
        models_dir: Path,
        archive: Archive,
        clock_ms: Callable[[], int],
        *,
        engine: Callable[[SealedModel], Engine] = choose_engine,
    ) -> None:
        super().__init__()
        self._policies_dir = policies_dir
        self._models_dir = models_dir
        self._archive = archive
        self._clock_ms = clock_ms
        self._assembler = Assembler(archive, clock_ms, engine)
        self._tried: dict[str, Signature] = {}
        self._polled: dict[str, Signature] = {}
        self._models: dict[str, tuple[Signature, SealedModel]] = {}
        find_policies(policies_dir)
        found = self._sign()
        self._limits = self._read_limits()
        self._tried[LIMITS_FILE] = found[LIMITS_FILE]
        self._update(found)

    def standing(self, surface: str, activation: int) -> None:
        """Return None: no vote stands behind what lies in a folder."""

    def standing_with(self, surface: str, policy: bytes) -> None:
        """Return None; see `standing`."""

    def refusal(self, surface: str) -> RankdError | None:
        """Return why a surface is not served with the files as they are now; None where it is."""
        refusals = self._refusals
        return refusals.get(surface) or refusals.get(LIMITS_FILE)

    def refresh(self) -> None:
        """Read again what has changed, at once. A file that cannot be used is refused, and nothing is raised."""
        with self._lock:
            self._update(self._sign())

    def poll(self) -> None:
        """Read again what has changed since it was last tried and has not changed since the last poll.

        The second condition keeps a file that is still being written from being read half way.
        """
        with self._lock:
            found = self._sign()
            settled = {name: signature for name, signature in found.items() if self._polled.get(name) == signature}
            self._polled = found
            self._update(settled)

    def _sign(self) -> dict[str, Signature]:
        """Return the signature of everything that could change: the limits file, and each surface's two places."""
        names = set(self._served)
        try:
            names.update(path.stem for path in find_policies(self._policies_dir))
        except PolicyError as refusal:
            # What cannot be listed has not changed; what is served stays.
            self._refuse({str(self._policies_dir): refusal})
            return {}
        self._accept(str(self._policies_dir))
        found = {LIMITS_FILE: file_signature(self._policies_dir / LIMITS_FILE)}
        for name in names:
            found[name] = file_signature(self._policy_path(name)) + folder_signature(self._models_dir / name)
        return found

    def _update(self, found: Mapping[str, Signature]) -> None:
        changed = {name for name, signature in found.items() if self._tried.get(name) != signature}
        if LIMITS_FILE in changed:
            self._tried[LIMITS_FILE] = found[LIMITS_FILE]
            if self._renew_limits():
                # Under other limits every pair is judged anew: at once, or when its files are settled.
                self._tried = {LIMITS_FILE: found[LIMITS_FILE]}
                changed = set(found)
        served = dict(self._served)
        refused: dict[str, RankdError] = {}
        for name in sorted(changed - {LIMITS_FILE}):
            self._tried[name] = found[name]
            try:
                served[name] = self._renew(name, served.get(name))
            except RankdError as refusal:
                refused[name] = refusal
                if refusal.kind is Kind.UNAVAILABLE:
                    # A disk's fault, not the files': worth another try although nothing changes.
                    del self._tried[name]
                if _SURFACE.fullmatch(name):
                    served[name] = self._stand_in(name, served.get(name))
            else:
                self._accept(name)
        self._served = served
        self._refuse(refused)

    def _renew(self, surface: str, last: Snapshot | None) -> Snapshot:
        """Return a surface's snapshot from the files as they are now; the last one where nothing differs."""
        path = self._policy_path(surface)
        _require_file(path)
        text = read_surface_policy(path)
        model, folder = self._read_model(surface), self._models_dir / surface
        return self._assembler.snapshot(surface, Parts(text.policy, text.data, self._limits, model, folder), last)

    def _stand_in(self, surface: str, last: Snapshot | None) -> Snapshot:
        """Return what serves a surface whose files are refused."""
        if last is None or (last.policy is None and last.limits != self._limits):
            return Snapshot.of_baseline(surface, self._limits, self._clock_ms())
        return last

    def _read_model(self, surface: str) -> SealedModel:
        folder = self._models_dir / surface
        if not folder.is_dir():
            raise ServiceError("SURFACE_WITHOUT_MODEL", surface=surface, path=folder)
        signature = folder_signature(folder)
        cached = self._models.get(surface)
        if cached is not None and cached[0] == signature:
            return cached[1]
        model = read_model_folder(folder)
        self._models[surface] = (signature, model)
        return model

    def _renew_limits(self) -> bool:
        """Take up the limits file; return whether the limits are other ones now."""
        try:
            limits = self._read_limits()
        except RankdError as refusal:
            if refusal.kind is Kind.UNAVAILABLE:
                del self._tried[LIMITS_FILE]
            self._refuse({LIMITS_FILE: refusal})
            return False
        self._accept(LIMITS_FILE)
        if limits.canon_digest == self._limits.canon_digest:
            return False
        self._limits = limits
        return True

    def _read_limits(self) -> Limits:
        path = self._policies_dir / LIMITS_FILE
        _require_file(path)
        data = read_policy_bytes(path)
        limits = read_limits(data, str(path))
        self._archive.keep_limits(limits, data)
        return limits

    def _policy_path(self, surface: str) -> Path:
        return self._policies_dir / f"{surface}.yaml"


def _require_file(path: Path) -> None:
    """Refuse what is no file: opening a pipe would wait for its writer."""
    if not path.is_file():
        raise ServiceError("SURFACE_FILE_ABSENT", path=path)
