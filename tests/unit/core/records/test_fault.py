import pytest

from rankd.core.errors import RecordError
from rankd.core.records import fault
from rankd.core.records.fault import Fault, Faults


def test_faults_alike_are_one_with_the_first_place_and_the_words_of_the_first() -> None:
    faults, first = Faults(), RecordError("EPOCH_TWICE", before=1)
    faults.note(first, 7, "epoch")
    faults.note(RecordError("EPOCH_TWICE", before=2), 9, "epoch")
    faults.note(RecordError("COMMITMENT_DIFFERS"), 8)
    faults.note(RecordError("COMMITMENT_DIFFERS"), 9)
    assert [(entry.error.reason, entry.index, entry.count) for entry in faults.all()] == [
        ("EPOCH_TWICE", 7, 2),
        ("COMMITMENT_DIFFERS", 8, 1),
        ("COMMITMENT_DIFFERS", 9, 1),
    ]
    assert faults.all()[0].error is first


def test_a_journal_that_is_wrong_everywhere_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault, "MAX_KINDS", 3)
    faults = Faults()
    for index in range(10):
        faults.note(RecordError("COMMITMENT_DIFFERS"), index)
    faults.note(RecordError("COMMITMENT_DIFFERS"), 0)
    assert (len(faults.all()), faults.left_out_count) == (3, 7)
    assert faults.all()[0] == Fault(faults.all()[0].error, 0, 2)
