"""The key of feature viewers: who a person is in events, for as long as this file lasts.

`viewers/feature.key` in the data directory holds its 32 bytes as they are.
"""

import os
from collections.abc import Callable
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.store.secret_file import SECRET_BYTES, create_secret_file, make_secret_folder, read_secret_file


def open_feature_key(data_dir: Path, *, may_create: bool, draw: Callable[[int], bytes] = os.urandom) -> bytes:
    """Return the key of feature viewers of a data directory, 32 bytes, made when it is first asked for.

    A crash while it is made leaves the whole key or none.

    Args:
        data_dir: The data directory, whose journals this process holds.
        may_create: Whether a missing key may be made: where events were recorded, a new one would make strangers of
            everybody in them.
        draw: Where keys come from.

    Raises:
        ServiceError: FEATURE_KEY_MISSING; SECRET_UNUSABLE: the disk refuses, others can read it, or it is not of
            its length.
    """
    path = data_dir / "viewers" / "feature.key"
    try:
        if not path.exists():
            if not may_create:
                raise ServiceError("FEATURE_KEY_MISSING", path=path)
            make_secret_folder(path.parent)
            create_secret_file(path, draw(SECRET_BYTES))
        key = read_secret_file(path, SECRET_BYTES)
    except OSError as error:
        raise ServiceError("SECRET_UNUSABLE", path=path, detail=error.strerror) from error
    if len(key) != SECRET_BYTES:
        raise ServiceError("SECRET_UNUSABLE", path=path, detail=f"{len(key)} ≠ {SECRET_BYTES}")
    return key
