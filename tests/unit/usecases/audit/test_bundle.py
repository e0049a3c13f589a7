"""Bundles of journals and of ranges of them: what they hold, what they prove, and what they leave open."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import BundleError
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import COSIGNATURE, NoteSigner
from rankd.core.records.decision import Decision
from rankd.store.bundle_file import BundleFile
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.bundle import write_bundle
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.promises import Brought
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import VerifyReport, verify
from tests.conftest import LOG_SIGNER, House
from tests.evidence import TRUST, Written, bundled, members, replayed, replayed_bundle, rewrite

WITNESS = NoteSigner("witness.test", Ed25519PrivateKey.from_private_bytes(sha256(b"a witness")), COSIGNATURE)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Record eight decisions in two epochs, under two policies and two models."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(4))
    house.write_policy(click=600)
    house.write_model(leaf=0)
    house.record(range(4, 8))
    return house


@pytest.fixture(scope="module")
def decision(house: House) -> Decision:
    """Return a decision."""
    return next(recorded_decisions(JournalEvidence(house.data, DECISIONS)))[1]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory, house: House, decision: Decision) -> Path:
    """Write a journal of four entry bundles: an epoch for each 250 leaves, and an erasure at the end."""
    written = Written(tmp_path_factory.mktemp("long") / "data", decision, archive=house.data / "archive")
    for number in range(1, 5):
        written.epoch(number)
        if number > 1:
            written.reveal(number - 1, count=248)
        for _ in range(248):
            written.decide(number)
    written.erase((10, 19), (700, 701))
    return written.close()


@pytest.fixture(scope="module", autouse=True)
def _cleaned(long: Path) -> Iterator[None]:
    yield
    shutil.rmtree(long)


def verified_bundle(path: Path, **options: object) -> VerifyReport:
    with BundleFile(path) as bundle:
        return verify(bundle, TRUST, **{"now_s": 0, **options})  # type: ignore[arg-type]  # passed on as given


def test_a_bundle_says_the_same_as_the_journal(house: House, tmp_path: Path) -> None:
    report = replayed_bundle(bundled(house.data, tmp_path / "b.tar"))
    assert report == replayed(house.data)
    assert (report.good, report.count, report.identical) == (True, 8, 8)


def test_the_bundle_is_enough_and_its_name_does_not_matter(house: House, tmp_path: Path) -> None:
    bundled(house.data, tmp_path / "b.tar").rename(tmp_path / "something else")
    assert replayed_bundle(tmp_path / "something else").good


def test_two_bundles_of_one_checkpoint_are_the_same_bytes(house: House, tmp_path: Path) -> None:
    one, other = bundled(house.data, tmp_path / "1"), bundled(house.data, tmp_path / "2")
    assert one.read_bytes() == other.read_bytes()


def test_members_stand_in_the_order_of_the_specification(long: Path, tmp_path: Path) -> None:
    names = list(members(bundled(long, tmp_path / "b.tar")))
    assert names[:2] == ["bundle.json", "checkpoint"]
    assert names[2:4] == ["tile/0/003.p/232", "tile/1/000.p/3"]
    assert names[4:8] == [*(f"tile/entries/00{at}" for at in range(3)), "tile/entries/003.p/232"]
    assert names[8:12] == [f"bodies/00{at}" for at in range(4)]
    assert [name.split("/")[1] for name in names[12:]] == ["limits", *["models"] * 6, "policies"]


def test_a_bundle_of_a_bundle_is_the_same_bundle(house: House, tmp_path: Path) -> None:
    path = bundled(house.data, tmp_path / "b.tar")
    with BundleFile(path) as bundle:
        write_bundle(lambda: bundle, tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == path.read_bytes()


def test_an_empty_journal_and_an_empty_range_can_be_bundled(house: House, decision: Decision, tmp_path: Path) -> None:
    empty = Written(tmp_path / "data", decision).close()
    for data, options in ((empty, {}), (house.data, {"first": 3, "end": 3})):
        report = verified_bundle(bundled(data, tmp_path / "b.tar", **options))
        assert (report.good, report.chronicle.decision_count) == (True, 0)


def test_a_range_proves_itself_and_brings_what_it_rests_on(long: Path, tmp_path: Path) -> None:
    path = bundled(long, tmp_path / "b.tar", first=5, end=100)
    # Its epoch is revealed in its own entry bundle; the erasure is in the last one, who may sign it in the third.
    assert [name for name in members(path) if name.startswith(("tile/entries", "bodies"))] == [
        "tile/entries/000",
        "tile/entries/002",
        "tile/entries/003.p/232",
        "bodies/000",
    ]
    report = verified_bundle(path)
    assert report.good
    assert (report.first, report.end, report.chronicle.decision_count, report.body_count) == (5, 100, 95, 85)
    assert [(run.first, run.last) for run in report.chronicle.erased] == [(10, 19)]
    assert (report.nonce_count, report.chronicle.unrevealed, report.chronicle.unannounced_count) == (85, (), 0)


def test_a_range_in_the_middle_has_its_epoch_and_its_reveal_from_elsewhere(long: Path, tmp_path: Path) -> None:
    path = bundled(long, tmp_path / "b.tar", first=600, end=720)
    assert [name for name in members(path) if name.startswith(("tile/entries", "bodies"))] == [
        "tile/entries/001",
        "tile/entries/002",
        "tile/entries/003.p/232",
        "bodies/002",
    ]
    report = verified_bundle(path)
    assert (report.good, report.nonce_count, report.chronicle.unrevealed) == (True, 118, ())
    assert [(run.first, run.last) for run in report.chronicle.erased] == [(700, 701)]


def test_what_a_range_lacks_is_left_open_and_never_guessed(long: Path, tmp_path: Path) -> None:
    def cut(files: dict[str, bytes]) -> None:
        del files["tile/entries/001"]
        del files["tile/entries/003.p/232"]

    report = verified_bundle(rewrite(bundled(long, tmp_path / "b.tar", first=600, end=720), cut))
    assert report.faults == ()
    assert (report.chronicle.unannounced_count, len(report.chronicle.unrevealed), report.nonce_count) == (120, 0, 118)
    # Without its erasure a body is missing: whoever holds the erasure has to show it.
    assert report.chronicle.missing == ((700, 701),)
    assert not report.good


def test_a_range_whose_own_entries_are_missing_is_no_range(long: Path, tmp_path: Path) -> None:
    path = bundled(long, tmp_path / "b.tar", first=300, end=400)
    rewrite(path, lambda files: files.__delitem__("tile/entries/001"))
    report = verified_bundle(path)
    assert [fault.error.reason for fault in report.faults] == ["TILE_MISSING"]


def test_earlier_checkpoints_can_be_compared_where_the_bundle_was_written_for_them(
    house: House, decision: Decision, tmp_path: Path
) -> None:
    written = Written(tmp_path / "data", decision)
    written.epoch()
    for _ in range(299):
        written.decide()
    earlier = [Brought("earlier", written.journal.publish())]
    for _ in range(300):
        written.decide()
    data = written.close()
    full, part = bundled(data, tmp_path / "1"), bundled(data, tmp_path / "2", first=550)
    since = bundled(data, tmp_path / "3", first=550, since=[300])
    assert [entry.verdict for entry in verified_bundle(full, checkpoints=earlier).checkpoints] == ["kept"]
    assert [entry.verdict for entry in verified_bundle(part, checkpoints=earlier).checkpoints] == ["outside"]
    assert [entry.verdict for entry in verified_bundle(since, checkpoints=earlier).checkpoints] == ["kept"]
    assert set(members(since)) - set(members(part)) == {"tile/0/001"}


@pytest.mark.parametrize("options", [{"first": 11}, {"first": 5, "end": 4}, {"end": 13}, {"since": [13]}])
def test_a_range_that_the_journal_does_not_have_is_refused(
    house: House, tmp_path: Path, options: dict[str, int]
) -> None:
    options = {"first": 13} if options == {"first": 11} else options
    with pytest.raises(BundleError) as caught:
        bundled(house.data, tmp_path / "b.tar", **options)
    assert caught.value.reason == "BUNDLE_RANGE"
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_is_erased_while_the_bundle_is_written_comes_with_its_erasure(
    decision: Decision, tmp_path: Path
) -> None:
    written = Written(tmp_path / "data", decision)
    written.epoch()
    for _ in range(3):
        written.decide()
    written.journal.publish()
    reads = 0

    def read() -> JournalEvidence:
        nonlocal reads
        reads += 1
        evidence = JournalEvidence(written.data, DECISIONS)
        if reads == 1:
            written.erase((2, 2))
            written.journal.publish()
        return evidence

    report = write_bundle(read, tmp_path / "b.tar")
    written.close()
    assert (reads, report.about.size, report.missing_count, report.body_count) == (2, 5, 0, 2)
    assert verified_bundle(tmp_path / "b.tar").good


def witnessed(data: Path) -> JournalEvidence:
    found = JournalEvidence(data, DECISIONS).witnessed()
    assert found is not None
    return found


def test_a_bundle_of_the_witnessed_checkpoint_ends_there_and_carries_the_cosignatures(
    house: House, decision: Decision, tmp_path: Path
) -> None:
    written = Written(tmp_path / "data", decision, archive=house.data / "archive")
    written.epoch()
    for _ in range(298):
        written.decide()
    note = written.cosign(WITNESS)
    for _ in range(300):
        written.decide()
    data = written.close()
    report = write_bundle(lambda: witnessed(data), tmp_path / "b.tar", first=200, since=[100])
    assert (report.about.size, report.about.end, report.later_count, report.body_count) == (299, 299, 300, 99)
    assert report.complete
    found = members(tmp_path / "b.tar")
    assert (found["checkpoint"], "tile/entries/001.p/43" in found, "bodies/002" in found) == (note, True, False)
    with BundleFile(tmp_path / "b.tar") as bundle:
        shown = verify(bundle, Trust(LOG_SIGNER.verifier, (WITNESS.verifier,), 1), now_s=50)
    assert (shown.good, shown.cosigners, shown.later_count) == (True, (("witness.test", 50),), 0)
    assert write_bundle(lambda: witnessed(data), tmp_path / "b.tar", end=299).about.end == 299
    with pytest.raises(BundleError) as caught:
        write_bundle(lambda: witnessed(data), tmp_path / "b.tar", end=300)
    assert caught.value.reason == "BUNDLE_RANGE"


def test_what_was_erased_since_the_witnessed_checkpoint_would_look_missing_in_a_bundle_of_it(
    decision: Decision, tmp_path: Path
) -> None:
    written = Written(tmp_path / "data", decision)
    written.epoch()
    for _ in range(4):
        written.decide()
    written.erase((1, 1))
    written.cosign(WITNESS)
    written.erase((1, 3))
    written.journal.publish()
    out = tmp_path / "b.tar"
    with pytest.raises(BundleError) as caught:
        write_bundle(lambda: witnessed(written.data), out)
    assert (caught.value.reason, caught.value.metadata) == ("BUNDLE_ERASED_SINCE", {"size": 6, "count": 2})
    assert not out.exists()
    # Outside the range it is nobody's question, and once it is witnessed it is explained.
    assert write_bundle(lambda: witnessed(written.data), out, first=4).missing_count == 0
    written.cosign(WITNESS)
    assert write_bundle(lambda: witnessed(written.data), out).missing_count == 0
    written.close()
    assert verified_bundle(out).good


def test_a_body_that_is_really_missing_is_told_and_the_bundle_written(decision: Decision, tmp_path: Path) -> None:
    written = Written(tmp_path / "data", decision)
    written.epoch()
    written.decide(body=lambda *_: None)
    data = written.close()
    report = write_bundle(lambda: JournalEvidence(data, DECISIONS), tmp_path / "b.tar")
    assert (report.missing_count, report.complete) == (1, False)
    assert verified_bundle(tmp_path / "b.tar").chronicle.missing == ((1, 1),)


def test_files_that_the_archive_lacks_are_told_and_the_bundle_written(house: House, tmp_path: Path) -> None:
    shutil.copytree(house.data, tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "archive" / "models")
    report = write_bundle(lambda: JournalEvidence(tmp_path / "data", DECISIONS), tmp_path / "b.tar")
    assert [error.reason for error in report.lacks] == ["ARCHIVE_MISSING", "ARCHIVE_MISSING"]
    assert not report.complete
    assert not replayed_bundle(tmp_path / "b.tar").good
    assert verified_bundle(tmp_path / "b.tar").good


def test_a_damaged_journal_is_not_bundled(house: House, tmp_path: Path) -> None:
    shutil.copytree(house.data, tmp_path / "data")
    (path,) = (tmp_path / "data" / DECISIONS / "public" / "tile" / "entries").rglob("12")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(Exception, match="not what the checkpoint signed"):
        bundled(tmp_path / "data", tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()


def test_progress_is_told_after_each_entry_bundle(long: Path, tmp_path: Path) -> None:
    told: list[int] = []
    bundled(long, tmp_path / "b.tar", progress=told.append)
    assert told == [256, 512, 768, 1000]
