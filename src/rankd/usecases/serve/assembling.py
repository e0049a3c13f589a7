"""Assembling: from the bytes of a policy, limits and a model to a snapshot that is checked, archived and can rank."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rankd.core.policy.pairing import check_pair, check_surface
from rankd.core.policy.policy import Limits, Policy
from rankd.core.ranking.formula import build_formula
from rankd.forest.engine import Engine
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.usecases.serve.snapshot import Snapshot

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a snapshot is made of.

    Attributes:
        policy: The policy.
        policy_file: The bytes that it was read from.
        limits: The limits in force, archived already.
        model: The sealed model.
        folder: Where the model was read from; None: from the archive.
    """

    policy: Policy
    policy_file: bytes
    limits: Limits
    model: SealedModel
    folder: Path | None


class Assembler:
    """Makes snapshots out of their parts. For one thread at a time.

    Args:
        archive: Where everything that ranks is kept.
        clock_ms: The server's clock, milliseconds since 1970.
        engine: What evaluates a model.
    """

    def __init__(self, archive: Archive, clock_ms: Callable[[], int], engine: Callable[[SealedModel], Engine]) -> None:
        self._archive = archive
        self._clock_ms = clock_ms
        self._engine = engine

    def snapshot(self, surface: str, parts: Parts, last: Snapshot | None) -> Snapshot:
        """Return a snapshot of a pair that can rank, after it is in the archive; the last one where nothing differs.

        Args:
            surface: The surface.
            parts: What it is made of.
            last: What the surface is served with, if it is: its engine serves on where the model is the same.

        Raises:
            PolicyError: Policy, limits and model do not belong together.
            ServiceError: ARCHIVE_UNWRITABLE.
            ModelError: The model's folder has changed in the meantime.
        """
        policy, limits, manifest = parts.policy, parts.limits, parts.model.manifest
        heads = tuple(head.signal for head in manifest.heads)
        check_surface(policy, manifest.surface)
        silent = check_pair(policy, limits, heads)
        digests = (policy.canon_digest, limits.canon_digest, manifest.digest)
        if last is not None and last.matches(*digests) and last.policy_file == parts.policy_file:
            return last
        self._archive.keep_policy(policy, parts.policy_file)
        if parts.folder is not None:
            self._archive.keep_model(parts.model, parts.folder)
        engine = last.engine if last is not None and last.model_digest == manifest.digest else None
        logger.info("surface %s: policy %s, limits %s, model %s", surface, *(digest.hex() for digest in digests))
        if silent:
            logger.warning("surface %s: points on objectives about which the model is silent: %s", surface, silent)
        return Snapshot(
            surface=surface,
            policy=policy,
            policy_file=parts.policy_file,
            limits=limits,
            model=parts.model,
            engine=engine or self._engine(parts.model),
            formula=build_formula(policy, limits, heads),
            silent=silent,
            active_time_ms=self._clock_ms(),
        )
