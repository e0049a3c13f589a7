import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.errors import ModelError, PolicyError, RankdError, RecordError
from rankd.core.exact.canonical import sha256
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import read_limits, read_policy
from rankd.forest.sealed import SealedModel, open_sealed
from rankd.store.archive import Archive
from tests.conftest import House
from tests.constitutions import constitution_text


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "kept")


@pytest.fixture
def text(house: House) -> bytes:
    return (house.policies / "video.yaml").read_bytes()


@pytest.fixture
def policy(archive: Archive, text: bytes) -> Policy:
    policy = read_policy(text)
    archive.keep_policy(policy, text)
    return policy


@pytest.fixture
def limits(archive: Archive, house: House) -> Limits:
    data = (house.policies / "limits.yaml").read_bytes()
    limits = read_limits(data)
    archive.keep_limits(limits, data)
    return limits


@pytest.fixture
def model(archive: Archive, house: House) -> SealedModel:
    model = open_sealed(house.model_files())
    archive.keep_model(model, house.models / "video")
    return model


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def reason(call: Callable[[], object]) -> str:
    with pytest.raises(RankdError) as caught:
        call()
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def test_what_is_kept_is_found_by_its_digest(
    archive: Archive, text: bytes, policy: Policy, limits: Limits, model: SealedModel
) -> None:
    assert archive.policy(policy.canon_digest) == policy
    assert archive.policy_file(policy.canon_digest) == text
    assert archive.limits(limits.canon_digest) == limits
    assert archive.model(model.manifest.digest).texts == model.texts


def test_a_constitution_is_kept_among_the_limits_and_found_by_its_digest(tmp_path: Path, archive: Archive) -> None:
    data = constitution_text().encode()
    constitution = read_constitution(data)
    archive.keep_limits(constitution.limits, data)
    assert archive.limits(constitution.canon_digest) == constitution.limits
    name = f"archive/limits/{constitution.canon_digest.hex()}-{constitution.file_digest.hex()}.yaml"
    assert files(tmp_path / "kept") == {name: data}
    assert list(archive.files("limits", constitution.canon_digest)) == [(name, data)]
    other = read_constitution(constitution_text(("voting: 7d", "voting: 8d")).encode())
    assert reason(partial(archive.limits, other.canon_digest)) == "ARCHIVE_MISSING"


def test_another_process_finds_it_from_the_folder_alone(tmp_path: Path, policy: Policy) -> None:
    assert Archive(tmp_path / "kept").policy(policy.canon_digest) == policy


def test_names_say_the_digests_of_meaning_and_of_bytes(
    tmp_path: Path, text: bytes, policy: Policy, house: House, model: SealedModel
) -> None:
    folder = Path("archive/models") / model.manifest.digest.hex()
    assert files(tmp_path / "kept") == {
        f"archive/policies/{policy.canon_digest.hex()}-{sha256(text).hex()}.yaml": text,
        **{str(folder / name): data for name, data in house.model_files().items()},
    }


def test_two_texts_of_one_policy_are_both_kept(archive: Archive, text: bytes, policy: Policy) -> None:
    other = text + b"# the same policy, with a note\n"
    again = read_policy(other)
    archive.keep_policy(again, other)
    assert again.canon_digest == policy.canon_digest
    first = min((text, other), key=lambda data: sha256(data).hex())
    assert archive.policy_file(policy.canon_digest) == first


def test_one_altered_byte_anywhere_is_reported(
    tmp_path: Path, archive: Archive, policy: Policy, limits: Limits, model: SealedModel
) -> None:
    def read() -> None:
        archive.policy(policy.canon_digest)
        archive.limits(limits.canon_digest)
        archive.model(model.manifest.digest)

    read()
    for path in sorted((tmp_path / "kept").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            for at in range(0, len(data), 1 + len(data) // 8):
                path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
                with pytest.raises((RecordError, ModelError, PolicyError)):
                    read()
            path.write_bytes(data)
    read()


def test_what_was_never_kept_is_missing(archive: Archive) -> None:
    for read in (archive.policy, archive.policy_file, archive.limits, archive.model):
        assert reason(partial(read, bytes(32))) == "ARCHIVE_MISSING"


def test_a_model_under_the_name_of_another_is_refused(tmp_path: Path, archive: Archive, model: SealedModel) -> None:
    folder = tmp_path / "kept" / "archive" / "models"
    shutil.copytree(folder / model.manifest.digest.hex(), folder / bytes(32).hex())
    assert reason(lambda: archive.model(bytes(32))) == "ARCHIVE_DIFFERS"


def test_a_policy_under_the_name_of_another_is_refused(tmp_path: Path, archive: Archive, policy: Policy) -> None:
    (path,) = (tmp_path / "kept" / "archive" / "policies").iterdir()
    path.rename(path.with_name(path.name.replace(policy.canon_digest.hex(), bytes(32).hex())))
    assert reason(lambda: archive.policy(bytes(32))) == "ARCHIVE_DIFFERS"


def test_a_damaged_copy_is_written_again_when_its_content_takes_effect_again(
    tmp_path: Path, archive: Archive, house: House, text: bytes, policy: Policy, model: SealedModel
) -> None:
    good = files(tmp_path / "kept")
    for name, data in good.items():
        (tmp_path / "kept" / name).write_bytes(data[:-1])
    archive.keep_policy(policy, text)
    archive.keep_model(model, house.models / "video")
    assert files(tmp_path / "kept") == good


def test_a_good_copy_is_left_alone(archive: Archive, house: House, tmp_path: Path, text: bytes) -> None:
    policy, model = read_policy(text), open_sealed(house.model_files())
    inodes = []
    for _ in range(2):
        archive.keep_policy(policy, text)
        archive.keep_model(model, house.models / "video")
        inodes.append([path.stat().st_ino for path in sorted((tmp_path / "kept").rglob("*"))])
    assert inodes[0] == inodes[1]


def test_everything_down_to_the_name_is_on_disk_when_it_counts_as_kept(
    archive: Archive, tmp_path: Path, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def spy(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append("file" if path.suffix == ".tmp" else path.name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    archive.keep_policy(read_policy(text), text)
    assert synced == [tmp_path.name, "kept", "archive", "file", "policies"]
    synced.clear()
    archive.keep_policy(read_policy(text), text)
    assert synced == ["policies"]


def test_a_disk_that_refuses_is_named(tmp_path: Path, archive: Archive, house: House, text: bytes) -> None:
    (tmp_path / "kept").write_bytes(b"a file where the folder should be")
    keep_model = partial(archive.keep_model, open_sealed(house.model_files()), house.models / "video")
    assert reason(partial(archive.keep_policy, read_policy(text), text)) == "ARCHIVE_UNWRITABLE"
    assert reason(keep_model) == "ARCHIVE_UNWRITABLE"


def test_a_full_disk_under_a_model_is_named(
    archive: Archive, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "kept" / "archive" / "models").mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", full)
    assert reason(lambda: archive.keep_model(open_sealed(house.model_files()), house.models / "video")) == (
        "ARCHIVE_UNWRITABLE"
    )
    assert files(tmp_path / "kept") == {}


def test_a_model_whose_folder_has_changed_meanwhile_is_not_kept(archive: Archive, house: House, tmp_path: Path) -> None:
    model = open_sealed(house.model_files())
    (house.models / "video" / "LICENSE").write_bytes(b"another\n")
    assert reason(lambda: archive.keep_model(model, house.models / "video")) == "MODEL_FILE_DIFFERS"
    (house.models / "video" / "LICENSE").unlink()
    assert reason(lambda: archive.keep_model(model, house.models / "video")) == "MODEL_FOLDER_UNREADABLE"
    assert files(tmp_path / "kept") == {}
