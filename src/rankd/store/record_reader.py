"""Reading recorded decisions from files alone: what replay and auditors do."""

import os
from collections.abc import Iterator
from pathlib import Path

from rankd.core.errors import RecordError
from rankd.store.frames import Damage, Frame, log_path, walk


def read_records(data_dir: Path) -> Iterator[tuple[int, bytes | RecordError]]:
    """Yield index and content of every record in a data directory, from files alone and without a lock.

    Args:
        data_dir: The data directory.

    Yields:
        The index with the record, or with what is wrong there: RECORDS_HEADER (index −1), RECORD_DAMAGED,
        RECORD_OUT_OF_ORDER; and at the very end perhaps RECORD_TORN, which is no damage: a crash, or a service that is
        writing at this moment, leaves it.

    Raises:
        RecordError: RECORDS_UNREADABLE.
    """
    path = log_path(data_dir)
    descriptor = -1
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        for item in walk(descriptor, str(path)):
            if isinstance(item, Frame):
                yield item.index, item.record
            elif isinstance(item, Damage):
                yield item.index, item.error
            elif item.size:
                yield item.index, RecordError("RECORD_TORN", file=path, offset=item.offset, size_bytes=item.size)
    except OSError as error:
        raise RecordError("RECORDS_UNREADABLE", path=path, detail=error.strerror) from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
