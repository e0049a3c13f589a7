import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import sha256
from rankd.core.features.feature import Feature
from rankd.core.ranking.signal import HeadSignal
from rankd.core.words.language import Phrase
from rankd.forest.manifest import Head, manifest_json
from rankd.forest.trees import Forest, Tree, write_forest
from rankd.store import model_folder
from rankd.store.model_folder import read_model_folder, write_model_folder


def sealed(card: bytes = b"# Model\n") -> dict[str, bytes]:
    text = write_forest(Forest((Tree((), (), (), (), (), (7,)),)), ("x",))
    files = {"like.txt": text, "LICENSE": b"CC BY-SA 4.0\n", "MODEL_CARD.md": card}
    manifest = manifest_json(
        surface="video",
        features=[Feature("x", Phrase("x", "x"), "1", None, nullable=False, profiling=False)],
        heads=[Head(HeadSignal("like", 5, None), "like.txt", sha256(text), "TOO_FEW_POSITIVES")],
        documents=[(name, sha256(files[name])) for name in ("LICENSE", "MODEL_CARD.md")],
        training={},
    )
    return files | {"manifest.json": manifest}


OLD, NEW = sealed(b"# Old\n"), sealed(b"# New\n")


def refusal(function: Callable[..., Any], *args: Any, **kwargs: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        function(*args, **kwargs)
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model_folder(tmp_path / "video", OLD)
    return tmp_path / "video"


def test_what_was_written_is_read_back(folder: Path) -> None:
    assert contents(folder) == OLD
    assert read_model_folder(folder).manifest.canonical == OLD["manifest.json"]
    assert [path.name for path in folder.parent.iterdir()] == ["video"]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_folder_reached_through_a_link_is_read(folder: Path) -> None:
    (folder.parent / "current").symlink_to("video")
    assert read_model_folder(folder.parent / "current").manifest.surface == "video"


def test_files_that_the_manifest_does_not_list_are_not_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "notes").symlink_to("/nowhere")
    assert read_model_folder(folder).manifest.surface == "video"


@pytest.mark.parametrize("name", sorted(OLD))
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    error = refusal(read_model_folder, folder)
    assert (error.reason, error.metadata["file"]) == ("MODEL_FILE_MISSING", name)


@pytest.mark.parametrize("name", sorted(OLD))
def test_a_link_is_not_followed_even_to_the_right_content(folder: Path, name: str) -> None:
    (folder / name).rename(folder.parent / name)
    (folder / name).symlink_to(folder.parent / name)
    error = refusal(read_model_folder, folder)
    assert (error.reason, error.metadata["file"]) == ("MODEL_FILE_NOT_PLAIN", name)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_directory_or_a_pipe_in_place_of_a_file_is_refused_at_once(
    folder: Path, make: Callable[[Path], None]
) -> None:
    (folder / "LICENSE").unlink()
    make(folder / "LICENSE")
    error = refusal(read_model_folder, folder)
    assert (error.reason, error.metadata["file"]) == ("MODEL_FILE_NOT_PLAIN", "LICENSE")


def test_a_file_beyond_64_mebibytes_is_refused_before_it_is_hashed(folder: Path) -> None:
    os.truncate(folder / "LICENSE", 64 * 1024 * 1024 + 1)
    error = refusal(read_model_folder, folder)
    assert (error.reason, error.metadata["file"]) == ("MODEL_FILE_TOO_LARGE", "LICENSE")


def test_an_altered_byte_on_disk_is_reported(folder: Path) -> None:
    (folder / "like.txt").write_bytes(OLD["like.txt"].replace(b"=1\n", b"=2\n", 1))
    error = refusal(read_model_folder, folder)
    assert (error.reason, error.metadata["file"]) == ("MODEL_FILE_DIFFERS", "like.txt")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    error = refusal(read_model_folder, tmp_path / "video")
    assert (error.reason, error.metadata["path"]) == ("MODEL_FOLDER_UNREADABLE", tmp_path / "video")


def open_handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_reading_leaks_no_file_handles(folder: Path) -> None:
    (folder / "LICENSE").unlink()
    (folder / "LICENSE").mkdir()
    before = open_handles()
    for _ in range(5):
        refusal(read_model_folder, folder)
    assert open_handles() == before


def test_an_existing_folder_is_not_overwritten(folder: Path) -> None:
    assert refusal(write_model_folder, folder, NEW).reason == "MODEL_FOLDER_EXISTS"
    assert contents(folder) == OLD


def test_an_existing_folder_is_replaced_on_demand(folder: Path) -> None:
    write_model_folder(folder, NEW, replace=True)
    assert contents(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["video"]


def test_replacing_what_is_not_there_writes_it(tmp_path: Path) -> None:
    write_model_folder(tmp_path / "video", NEW, replace=True)
    assert contents(tmp_path / "video") == NEW


@pytest.mark.parametrize("kind", ["file", "link"])
def test_something_that_is_not_a_folder_is_never_replaced(folder: Path, kind: str) -> None:
    target = folder.parent / "other"
    if kind == "file":
        target.write_bytes(b"mine")
    else:
        target.symlink_to("video")
    assert refusal(write_model_folder, target, NEW, replace=True).reason == "MODEL_FILE_NOT_PLAIN"
    assert contents(folder) == OLD


def test_a_model_that_does_not_open_is_never_written(tmp_path: Path) -> None:
    for bad in (OLD | {"LICENSE": b"other"}, OLD | {"../../escape": b"x"}):
        refusal(write_model_folder, tmp_path / "video", bad)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["_stage", "_exchange"])
def test_a_full_disk_leaves_the_old_model_and_nothing_beside_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model_folder, call, full)
    error = refusal(write_model_folder, folder, NEW, replace=True)
    assert (error.reason, error.metadata["detail"]) == ("MODEL_FOLDER_UNWRITABLE", "No space left on device")
    assert contents(folder) == OLD
    assert [path.name for path in folder.parent.iterdir()] == ["video"]


def test_a_parent_that_is_not_there_is_reported(tmp_path: Path) -> None:
    assert refusal(write_model_folder, tmp_path / "no" / "video", OLD).reason == "MODEL_FOLDER_UNWRITABLE"


CRASH = """
import os, sys
from pathlib import Path
from rankd.store import model_folder
source, targets = Path(sys.argv[1]), Path(sys.argv[2])
files = {p.name: p.read_bytes() for p in source.iterdir()}
left = None
def die(event, args):
    global left
    if left is not None and event in ("open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "ctypes.dlopen"):
        left -= 1
        if left < 0:
            os._exit(9)
sys.addaudithook(die)
for step in range(60):
    child = os.fork()
    if child == 0:
        left = step
        model_folder.write_model_folder(targets / str(step) / "video", files, replace=True)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_crash_at_any_step_leaves_the_old_model_or_the_new_one(tmp_path: Path) -> None:
    write_model_folder(tmp_path / "new", NEW)
    for step in range(60):
        (tmp_path / str(step)).mkdir()
        write_model_folder(tmp_path / str(step) / "video", OLD)
    command = [sys.executable, "-c", CRASH, str(tmp_path / "new"), str(tmp_path)]
    codes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    survivors = [contents(tmp_path / str(step) / "video") for step in range(60)]
    crashed = [code == "9" for code in codes]
    assert len(crashed) == 60
    assert all(survivor in (OLD, NEW) for survivor in survivors)
    # The disk calls of one replacement are fewer than sixty: crashes before and after the exchange, then none.
    assert [survivors[0], survivors[crashed.index(False) - 1]] == [OLD, NEW]
    assert crashed == sorted(crashed, reverse=True)
    assert all(survivors[step] == NEW for step in range(60) if not crashed[step])


def test_a_reader_never_sees_half_a_replacement(folder: Path) -> None:
    done = threading.Event()

    def replace() -> None:
        for turn in range(40):
            write_model_folder(folder, NEW if turn % 2 else OLD, replace=True)
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    seen = set()
    while not done.is_set():
        seen.add(read_model_folder(folder).manifest.canonical)
    writer.join()
    assert seen <= {OLD["manifest.json"], NEW["manifest.json"]}
    assert seen
