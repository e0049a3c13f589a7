"""A person: the names under which a data directory knows whoever a caller names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.core.ranking.admission import check_id
from rankd.core.records.feature_viewer import feature_viewer
from rankd.core.records.pseudonym import pseudonym
from rankd.store.feature_key import open_feature_key
from rankd.store.journal.reading import JournalFiles
from rankd.store.pseudonyms import read_keys
from rankd.usecases.erasing.published import PublishedEntries
from rankd.usecases.serve.feedback.event_log import EVENTS


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever a caller names.

    Attributes:
        viewer_id: As the caller names them.
        pseudonyms: By the number of each period whose key is there.
        destroyed_periods: Numbers of the periods whose key was destroyed: nobody knows any more who was who in them.
        feature_viewer: As events and counts know them, 16 bytes; None: no event was ever recorded here.
    """

    viewer_id: str
    pseudonyms: Mapping[int, str] = field(repr=False)
    destroyed_periods: tuple[int, ...]
    feature_viewer: bytes | None = field(repr=False)

    @property
    def decisions_pattern(self) -> re.Pattern[bytes] | None:
        """What the record of one of their decisions holds, and with all but certainty no other one."""
        found = b"|".join(sorted(re.escape(name.encode()) for name in self.pseudonyms.values()))
        return re.compile(found) if found else None


def know(data_dir: Path, viewer_id: str) -> Person:
    """Return the names under which a data directory knows a person; nothing is written.

    Args:
        data_dir: The data directory.
        viewer_id: The person as the caller names them.

    Raises:
        RequestError: ID_…: this is no identifier.
        ServiceError, RecordError: A key cannot be read, or that of events is missing and there are some.
        JournalError, LogError: The journal of events cannot be read.
    """
    check_id(viewer_id, "viewer_id")
    keys, destroyed = read_keys(data_dir)
    names = {number: pseudonym(key, number, viewer_id) for number, key in keys.items()}
    try:
        key = open_feature_key(data_dir, may_create=False)
    except ServiceError as error:
        if error.reason != "FEATURE_KEY_MISSING" or _event_count(data_dir):
            raise
        return Person(viewer_id, names, destroyed, None)
    return Person(viewer_id, names, destroyed, feature_viewer(key, viewer_id))


def _event_count(data_dir: Path) -> int:
    folder = data_dir / EVENTS
    return PublishedEntries(JournalFiles(folder)).checkpoint().size if folder.is_dir() else 0
