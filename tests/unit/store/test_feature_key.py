from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.store.feature_key import open_feature_key

SECRET = bytes(range(32))


def refused(data: Path, *, may_create: bool = True) -> str:
    with pytest.raises(ServiceError) as caught:
        open_feature_key(data, may_create=may_create)
    assert caught.value.metadata["path"] == data / "viewers" / "feature.key"
    return caught.value.reason


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    assert open_feature_key(tmp_path, may_create=True, draw=lambda count: SECRET[:count]) == SECRET
    path = tmp_path / "viewers" / "feature.key"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (SECRET, 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert open_feature_key(tmp_path, may_create=False) == SECRET


def test_where_events_were_recorded_no_new_key_makes_strangers_of_everybody(tmp_path: Path) -> None:
    assert refused(tmp_path, may_create=False) == "FEATURE_KEY_MISSING"
    assert not (tmp_path / "viewers").exists()


def test_a_key_that_others_can_read_or_that_is_cut_off_is_not_used(tmp_path: Path) -> None:
    open_feature_key(tmp_path, may_create=True)
    path = tmp_path / "viewers" / "feature.key"
    path.chmod(0o640)
    assert refused(tmp_path) == "SECRET_UNUSABLE"
    path.chmod(0o600)
    path.write_bytes(SECRET[:31])
    assert refused(tmp_path) == "SECRET_UNUSABLE"


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "viewers").write_text("in the way")
    assert refused(tmp_path) == "SECRET_UNUSABLE"
