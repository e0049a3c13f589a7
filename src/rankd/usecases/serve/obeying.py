"""Obeying in a running service: what is ordered to be erased or counted again goes from memory and stores as well."""

import logging
from collections.abc import Mapping
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.core.records.erasure import Erasure
from rankd.core.records.forgetting import is_forgetting
from rankd.store.archive import Archive
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.features.leftover_keys import remove_keys
from rankd.store.features.leftovers import Place, remove_snapshots
from rankd.store.rebuild_request import RebuildRequest
from rankd.usecases.erasing.erase import apply_inbox
from rankd.usecases.serve.desk import Desk

_LOG = logging.getLogger(__name__)


class Obeying:
    """Obeys orders and requests that wait in a data directory. For one thread at a time.

    Args:
        data_dir: The data directory.
        desk: What ranks and records there.
        archive: Every model that ever ranked.
        features_url: The server that holds counts; None: this process does.
        erasers: Public keys that may sign, by their hexadecimal form.
    """

    def __init__(
        self, data_dir: Path, desk: Desk, archive: Archive, features_url: str | None, erasers: Mapping[str, bytes]
    ) -> None:
        self._folder = data_dir / "features"
        self._inbox = ErasureInbox(data_dir)
        self._request = RebuildRequest(data_dir)
        self._desk = desk
        self._archive = archive
        self._features_url = features_url
        self._erasers = erasers
        # A crash, or an order that was obeyed while the service was stopped, may have left some.
        self._has_leftovers = True
        # Entries that are to be counted before a rebuild is done; None: none is under way.
        self._target: int | None = None

    def obey(self, now_ms: int) -> None:
        """Obey the orders to erase that wait.

        No event is recorded meanwhile: one about an erased decision, recorded behind the back of whoever looks for all
        of a person's events, would stay.

        Raises:
            RankdError: The disk refuses; what was not obeyed waits on.
        """
        if not self._inbox.waiting():
            return
        desk = self._desk
        with desk.recorder.hold():
            outcomes = apply_inbox(
                self._inbox, desk.journal, desk.viewers, self._erasers, now_ms, events=desk.events.journal
            )
        for outcome in outcomes:
            if outcome.erasure is not None:
                _LOG.info("erasure %s obeyed, entry %d of %s", outcome.digest, outcome.index, outcome.erasure.origin)
                self._let_go(outcome.erasure)
            elif outcome.error is not None:
                _LOG.warning("erasure %s refused (%s): %s", outcome.digest, outcome.error.reason, outcome.error)
        if any(outcome.erasure is not None for outcome in outcomes):
            desk.supply.committed(desk.events.count)
            desk.recorder.catch_up(now_ms)

    def rebuild(self, _now_ms: int) -> None:
        """Count everything again where that is asked for, and say so once it is done; returns at once.

        Raises:
            ServiceError: REBUILD_UNUSABLE.
        """
        if not self._request.is_waiting:
            self._target = None
            return
        views = self._desk.supply.views().values()
        if self._target is None:
            self._target = self._desk.events.count
            for view in views:
                view.rebuild()
        elif all(view.settle(self._target, 0) for view in views):
            self._request.finish()
            self._target = None
            _LOG.info("features: counted again, as asked")

    def tidy(self, _now_ms: int) -> None:
        """Remove counts that nobody reads any more, after a start and where somebody was forgotten.

        Raises:
            ServiceError: REBUILD_UNUSABLE: the disk refuses.
            FeatureStoreError: The server does.
            RankdError: The archive cannot be read.
        """
        if not self._has_leftovers:
            return
        origin = self._desk.events.origin
        kept = {Place.of(f"{origin}#{surface}", layout) for surface, layout in self._desk.supply.views()}
        if self._features_url is None:
            count = self._remove_snapshots(kept)
        else:
            # No counts are kept in this process, whatever was before.
            count = self._remove_snapshots(set())
            surfaces = {self._archive.manifest(digest).surface for digest in self._archive.models()}
            surfaces |= {surface for surface, _ in self._desk.supply.views()}
            count += remove_keys(self._features_url, {f"{origin}#{surface}" for surface in surfaces}, kept)
        self._has_leftovers = False
        if count:
            _LOG.info("features: %d counts, or files of them, that nobody reads are removed", count)

    def _let_go(self, erasure: Erasure) -> None:
        if erasure.origin == self._desk.journal.origin:
            self._desk.shown.forget_all(erasure.decisions)
        elif is_forgetting(erasure):
            self._has_leftovers = True

    def _remove_snapshots(self, kept: set[Place]) -> int:
        try:
            return remove_snapshots(self._folder, kept)
        except OSError as error:
            raise ServiceError("REBUILD_UNUSABLE", path=self._folder, detail=error.strerror) from error
