import os
from pathlib import Path

from rankd.store.signature import file_signature, folder_signature


def test_a_file_that_stays_as_it_is_keeps_its_signature(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    assert file_signature(path) == file_signature(path)


def test_a_file_that_is_replaced_by_one_of_equal_size_and_time_has_another_signature(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"1")
    other.write_bytes(b"2")
    stat = path.stat()
    before = file_signature(path)
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(path)
    assert file_signature(path) != before


def test_an_absent_file_has_the_signature_of_absent_ones(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    absent = file_signature(tmp_path / "b")
    assert absent == file_signature(tmp_path / "c")
    assert absent != file_signature(tmp_path / "a")


def test_a_folder_changes_with_what_lies_in_it_and_with_the_link_that_leads_to_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"1")
    link = tmp_path / "link"
    link.symlink_to("one")
    seen = [folder_signature(link)]
    with (tmp_path / "one" / "file").open("ab") as file:
        file.write(b"2")
    seen.append(folder_signature(link))
    (tmp_path / "one" / "other").write_bytes(b"")
    seen.append(folder_signature(link))
    link.unlink()
    link.symlink_to("two")
    seen.append(folder_signature(link))
    link.unlink()
    seen.append(folder_signature(link))
    assert len(set(seen)) == 5
