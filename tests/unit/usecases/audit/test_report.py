"""The report's numbers, beside a replay of the same evidence."""

from pathlib import Path

import pytest

from rankd.core.errors import LogError
from rankd.core.log.note import NoteSigner
from rankd.store.bundle_file import BundleFile
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit import report as module
from rankd.usecases.audit.report import make_report
from rankd.usecases.audit.trust import Trust
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, House
from tests.evidence import TRUST, bundled, replayed


def test_a_report_says_what_a_replay_says_and_counts_every_decision_once(house: House) -> None:
    house.write_policy(surface="text")
    house.write_model(surface="text")
    with house.desk() as desk:
        for seed in range(12):
            desk.ranker.rank(house.incoming(seed, surface="text" if seed % 3 == 0 else "video"))
    found = make_report(JournalEvidence(house.data, DECISIONS), TRUST, now_s=0)
    assert found.replayed == replayed(house.data)
    assert found.replayed.good
    assert {surface: one.decision_count for surface, one in found.exposures.items()} == {"video": 8, "text": 4}
    assert list(found.exposures) == ["video", "text"]
    assert sum(use.decision_count for use in found.usage.uses) == 12
    assert {policy.surface for policy in found.policies.values()} == {"video", "text"}
    assert found.penalties == {"hide", "report"}


def test_a_bundle_has_the_report_of_its_journal(house: House, tmp_path: Path) -> None:
    house.record(range(8))
    from_folder = make_report(JournalEvidence(house.data, DECISIONS), TRUST, now_s=0)
    with BundleFile(bundled(house.data, tmp_path / "all.tar")) as bundle:
        assert make_report(bundle, TRUST, now_s=1) == from_folder
    with BundleFile(bundled(house.data, tmp_path / "part.tar", first=3, end=6)) as bundle:
        part = make_report(bundle, TRUST, now_s=1)
    assert sum(use.decision_count for use in part.usage.uses) == part.replayed.count == 3


def test_what_is_not_signed_by_the_key_has_no_report(house: House) -> None:
    house.record([0])
    stranger = Trust(NoteSigner(HOUSE_ORIGIN, ERASER_KEY).verifier)
    with pytest.raises(LogError):
        make_report(JournalEvidence(house.data, DECISIONS), stranger, now_s=0)


def test_a_policy_that_the_archive_lacks_has_no_text_and_no_verdict(house: House) -> None:
    house.record(range(4))
    for path in (house.data / "archive" / "policies").iterdir():
        path.unlink()
    found = make_report(JournalEvidence(house.data, DECISIONS), TRUST, now_s=0)
    assert not found.replayed.good
    assert found.policies == {}
    assert found.exposures["video"].decision_count == 4


def test_surfaces_beyond_the_bound_are_counted_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SURFACES", 1)
    house.write_policy(surface="text")
    house.write_model(surface="text")
    with house.desk() as desk:
        for seed in range(4):
            desk.ranker.rank(house.incoming(seed, surface="text" if seed == 3 else "video"))
    found = make_report(JournalEvidence(house.data, DECISIONS), TRUST, now_s=0)
    assert {surface: one.decision_count for surface, one in found.exposures.items()} == {"video": 3, "": 1}
