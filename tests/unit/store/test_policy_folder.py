from pathlib import Path

import pytest

from rankd.core.errors import PolicyError
from rankd.store.policy_folder import (
    find_policies,
    read_limits_file,
    read_policy_bytes,
    read_policy_file,
    read_surface_policy,
)

POLICIES = Path(__file__).parents[3] / "policies"


def test_a_folder_s_policies_are_its_yaml_files_but_limits_constitutions_and_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "limits.yaml", "constitution.fr.yaml", ".a.yaml", "notes.md", "c.yml"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in find_policies(tmp_path)] == ["a.yaml", "b.yaml"]


def test_every_policy_of_the_project_is_sound_and_called_after_its_surface() -> None:
    files = [read_surface_policy(path) for path in find_policies(POLICIES)]
    assert [file.policy.surface for file in files] == ["video"]
    examples = [read_surface_policy(path) for path in find_policies(POLICIES / "examples")]
    assert [file.policy.surface for file in examples] == ["timeline"]
    assert all(file.data == file.path.read_bytes() for file in files)


def test_a_policy_called_after_another_surface_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "friends.yaml"
    path.write_bytes((POLICIES / "video.yaml").read_bytes())
    assert read_policy_file(path).surface == "video"
    with pytest.raises(PolicyError) as caught:
        read_surface_policy(path)
    assert caught.value.reason == "SURFACE_FILE_NAME"
    assert "video.yaml" in caught.value.say("fr")


def test_limits_are_read_with_the_file_s_name_in_errors(tmp_path: Path) -> None:
    assert read_limits_file(POLICIES / "limits.yaml").lift_ceiling_micro == 10_000_000
    path = tmp_path / "limits.yaml"
    path.write_text("schema: no\n")
    with pytest.raises(PolicyError) as caught:
        read_limits_file(path)
    assert caught.value.metadata["file"] == str(path)


def test_no_more_of_a_huge_file_is_read_than_needed_to_refuse_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(2**32)
    assert len(read_policy_bytes(path)) == 65537
    with pytest.raises(PolicyError) as caught:
        read_policy_file(path)
    assert caught.value.reason == "YAML_TOO_LARGE"


def test_files_and_folders_that_cannot_be_read_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy_file(tmp_path / "absent.yaml")
    assert caught.value.reason == "POLICY_FILE_UNREADABLE"
    with pytest.raises(PolicyError) as caught:
        find_policies(tmp_path / "absent")
    assert caught.value.reason == "POLICY_FILE_UNREADABLE"
    with pytest.raises(PolicyError) as caught:
        read_policy_bytes(tmp_path)
    assert caught.value.reason == "POLICY_FILE_UNREADABLE"
