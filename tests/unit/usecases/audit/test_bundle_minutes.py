"""Minutes in audit bundles: whole, verifiable from the genesis digest on, and without ballots that are still sealed."""

from pathlib import Path

import pytest

from rankd.core.errors import BundleError, RankdError
from rankd.store.bundle_file import BundleFile
from rankd.store.record_folder import RecordFolder
from rankd.usecases.audit.bundle import write_bundle
from rankd.usecases.govern.reading import read_minutes
from tests.assemblies import FOUNDERS
from tests.conftest import LOG_SIGNER, House
from tests.evidence import bundled, members, replayed_bundle, rewrite
from tests.minutes import Kept, kept
from tests.reference import bundle as reference


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return minutes of more than one bundle, with a finished vote and one under way."""
    found = kept(tmp_path_factory.mktemp("minutes") / "co")
    index = found.under_vote()
    found.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
    for number in range(250):
        found.argue(index, f"argument {number}", FOUNDERS[number % 6])
    found.wait(9)
    second = found.under_vote()
    found.cast(second, dict.fromkeys(FOUNDERS[:2], "no"))
    found.keeper.close()
    return found


@pytest.fixture(scope="module")
def whole(minutes: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(3))
    return bundled(house.data, house.data.with_name("all.tar"), minutes=RecordFolder(minutes.record))


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "b.tar"
    copy.write_bytes(whole.read_bytes())
    return copy


def test_the_minutes_in_a_bundle_say_what_the_record_says(whole: Path, minutes: Kept) -> None:
    record = minutes.read()
    with BundleFile(whole) as bundle:
        assert bundle.minutes is not None
        read = read_minutes(bundle.minutes, minutes.genesis, now_s=minutes.now_ms // 1_000)
    assert (read.faults, read.root, read.size) == ((), record.root, record.size)
    assert read.assembly.at(minutes.now_ms).standing("video").policy.number == 2
    assert dict(read.assembly.proposals) == dict(record.assembly.proposals)


def test_sealed_ballots_are_not_in_a_bundle(whole: Path, minutes: Kept) -> None:
    size = minutes.keeper.size
    with BundleFile(whole) as bundle:
        assert bundle.minutes is not None
        shown = {index for number in bundle.minutes.numbers for index in bundle.minutes.bodies(number)}
    assert shown == set(range(size - 2))


def test_a_bundle_of_a_bundle_holds_the_same_minutes(path: Path, tmp_path: Path) -> None:
    with BundleFile(path) as bundle:
        write_bundle(lambda: bundle, tmp_path / "again.tar", minutes=bundle.minutes)
    assert (tmp_path / "again.tar").read_bytes() == path.read_bytes()


def test_decisions_are_verified_with_or_without_minutes_beside_them(whole: Path) -> None:
    assert replayed_bundle(whole).good
    verdict = reference.verify_bundle(whole.read_bytes(), LOG_SIGNER.verifier.vkey)
    assert (len(verdict.decisions), verdict.faults) == (3, [])


def test_a_bundle_without_minutes_has_none(path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        for name in [name for name in files if name.startswith("minutes/")]:
            del files[name]

    rewrite(path, change)
    with BundleFile(path) as bundle:
        assert bundle.minutes is None


@pytest.mark.parametrize(
    "name",
    [
        "minutes/archive/models/x",
        "minutes/minutes/checkpoint",
        "minutes/bundle.json",
        "minutes/tile/0/001.p/3",
        "minutes/tile/0/009",
        "minutes/bodies/002",
        "minutes/../checkpoint",
        "minutes/private/keys.sqlite",
    ],
)
def test_other_members_of_minutes_are_refused(path: Path, name: str) -> None:
    rewrite(path, lambda files: files.update({name: b"x"}))
    with pytest.raises(BundleError) as caught:
        BundleFile(path)
    assert caught.value.reason == "BUNDLE_MEMBER"


def test_minutes_without_their_checkpoint_are_refused(path: Path) -> None:
    rewrite(path, lambda files: files.__delitem__("minutes/checkpoint"))
    with pytest.raises(BundleError) as caught:
        BundleFile(path)
    assert caught.value.reason == "BUNDLE_MEMBER"


def test_a_checkpoint_of_minutes_that_is_none_is_refused(path: Path) -> None:
    rewrite(path, lambda files: files.update({"minutes/checkpoint": b"x"}))
    with pytest.raises(BundleError) as caught:
        BundleFile(path)
    assert caught.value.reason == "BUNDLE_ABOUT"


def test_members_of_minutes_stand_in_their_order(path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["bundle.json"], rest = files["bundle.json"], dict(files)
        files.clear()
        last = rest.pop("minutes/tile/entries/000")
        files.update(rest)
        files["minutes/tile/entries/000"] = last

    rewrite(path, change)
    with pytest.raises(BundleError) as caught:
        BundleFile(path)
    assert caught.value.reason == "BUNDLE_ORDER"


def test_one_wrong_byte_in_any_member_of_the_minutes_is_found(path: Path, minutes: Kept) -> None:
    names = [name for name in members(path) if name.startswith("minutes/")]
    assert names == [
        "minutes/checkpoint",
        "minutes/tile/0/001.p/9",
        "minutes/tile/1/000.p/1",
        "minutes/tile/entries/000",
        "minutes/tile/entries/001.p/9",
        "minutes/bodies/000",
        "minutes/bodies/001",
    ]
    known: set[bytes] = set()
    minutes.read(known=known)
    data = path.read_bytes()
    for name in names:
        content = members(path)[name]
        at = data.index(content) + len(content) // 2
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert wrong(path, minutes, known), name
    path.write_bytes(data)
    assert wrong(path, minutes, known) == []


def wrong(path: Path, minutes: Kept, known: set[bytes]) -> list[str]:
    """Return what is wrong with the minutes in a bundle, whether it is refused or listed."""
    try:
        with BundleFile(path) as bundle:
            assert bundle.minutes is not None
            read = read_minutes(bundle.minutes, minutes.genesis, now_s=minutes.now_ms // 1_000, known=known)
            return [fault.error.reason for fault in read.faults]
    except RankdError as error:
        return [error.reason]
