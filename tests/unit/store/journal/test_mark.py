import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import JournalError
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.note import NoteSigner, sign_note
from rankd.store.journal.mark import Mark
from tests.unit.store.journal.conftest import Place

ROOT = bytes(range(32))


def note(place: Place, size: int, root: bytes = ROOT) -> bytes:
    return sign_note(Checkpoint(place.signer.name, size, root).text, place.signer)


@pytest.fixture
def mark(place: Place) -> Mark:
    return Mark(place.mark, place.signer.verifier, place.disk)


def reason(mark: Mark, count: int, root: bytes = ROOT) -> str:
    with pytest.raises(JournalError) as caught:
        mark.check(count, lambda _: root)
    assert str(caught.value.metadata["path"]) == str(mark._path)
    return caught.value.reason


def test_a_mark_is_read_back_and_lets_the_same_history_go_on(place: Place, mark: Mark) -> None:
    mark.write(note(place, 7), 7)
    again = Mark(place.mark, place.signer.verifier, place.disk)
    asked: list[int] = []

    def root_at(size: int) -> bytes:
        asked.append(size)
        return ROOT

    again.check(9, root_at)
    assert asked == [7]
    assert (mark.size, again.size) == (7, 7)
    assert again.read() == Checkpoint(place.signer.name, 7, ROOT)


def test_a_journal_that_holds_less_than_its_key_signed_is_rolled_back(place: Place, mark: Mark) -> None:
    mark.write(note(place, 7), 7)
    assert reason(mark, 6) == "JOURNAL_ROLLED_BACK"


def test_a_journal_that_holds_something_else_than_its_key_signed_is_rolled_back(place: Place, mark: Mark) -> None:
    mark.write(note(place, 7), 7)
    assert reason(mark, 9, bytes(32)) == "JOURNAL_ROLLED_BACK"


def test_without_a_mark_only_a_journal_that_was_never_used_may_be_signed_for(mark: Mark) -> None:
    mark.check(0, lambda _: ROOT)
    assert reason(mark, 1) == "JOURNAL_MARK_MISSING"


@pytest.mark.parametrize("size", range(0, 150, 7))
def test_a_mark_that_was_cut_or_changed_is_damaged(place: Place, mark: Mark, size: int) -> None:
    data = note(place, 7)
    for changed in (data[:size], data[:size] + bytes([data[size] ^ 1]) + data[size + 1 :]):
        place.mark.write_bytes(changed)
        assert reason(mark, 9) == "JOURNAL_MARK_DAMAGED"


def test_the_mark_of_another_key_is_damaged(place: Place, mark: Mark) -> None:
    other = NoteSigner(place.signer.name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    place.mark.write_bytes(sign_note(Checkpoint(other.name, 7, ROOT).text, other))
    assert reason(mark, 9) == "JOURNAL_MARK_DAMAGED"
