"""The request to count again: there until it is done, however often it is made."""

from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.store.rebuild_request import RebuildRequest


def test_a_request_is_there_until_it_is_done(tmp_path: Path) -> None:
    request = RebuildRequest(tmp_path)
    assert not request.is_waiting
    request.put()
    request.put()
    assert RebuildRequest(tmp_path).is_waiting
    assert (tmp_path / "features" / "rebuild.request").stat().st_mode & 0o777 == 0o600
    request.finish()
    request.finish()
    assert not RebuildRequest(tmp_path).is_waiting
    assert list((tmp_path / "features").iterdir()) == []


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "features").write_bytes(b"")
    with pytest.raises(ServiceError) as caught:
        RebuildRequest(tmp_path).put()
    assert caught.value.reason == "REBUILD_UNUSABLE"
