"""Cosignatures on a journal's checkpoint: added in place, dropped when late, never mixed up with the mark."""

import errno

import pytest

from rankd.core.errors import JournalError, LogError
from rankd.core.log.checkpoint import cosign, open_checkpoint
from rankd.core.log.note import add_signature, parse_note
from rankd.store.journal.journal import Journal
from rankd.store.journal.reading import JournalFiles
from tests.plain_log import NOW_S, PlainLog, witness_signer
from tests.unit.store.journal.conftest import Fault, Place

WITNESS = witness_signer("w.example")


def cosigned(note: bytes) -> bytes:
    return add_signature(note, cosign(parse_note(note).text, WITNESS, NOW_S))


def grown(place: Place, journal: Journal, count: int) -> bytes:
    place.fill(journal, range(journal.count, journal.count + count))
    return journal.publish()


def test_cosignatures_are_published_in_place_and_survive_a_restart(place: Place) -> None:
    journal = place.open()
    note = cosigned(grown(place, journal, 5))
    mark = place.mark.read_bytes()
    assert journal.add_cosignatures(note, is_witnessed=True)
    assert (journal.checkpoint(), journal.public_file("checkpoint"), journal.public_file("witnessed")) == (note,) * 3
    assert place.mark.read_bytes() == mark
    journal.close()
    again = place.open()
    assert (again.checkpoint(), again.published_size) == (note, 5)
    assert len(open_checkpoint(again.checkpoint(), place.signer.verifier, (WITNESS.verifier,)).cosigners) == 1
    again.close()


def test_a_late_cosignature_of_an_older_checkpoint_is_dropped(place: Place) -> None:
    journal = place.open()
    late = cosigned(grown(place, journal, 5))
    newest = grown(place, journal, 2)
    assert not journal.add_cosignatures(late, is_witnessed=False)
    assert (journal.checkpoint(), journal.public_file("checkpoint")) == (newest, newest)
    assert (journal.public_file("witnessed"), JournalFiles(place.folder).witnessed()) == (None, None)
    journal.close()


def test_a_witnessed_checkpoint_stays_to_be_read_while_the_log_goes_on(place: Place) -> None:
    journal = place.open()
    late = cosigned(grown(place, journal, 5))
    newest = grown(place, journal, 2)
    assert not journal.add_cosignatures(late, is_witnessed=True)
    assert (journal.checkpoint(), JournalFiles(place.folder).witnessed()) == (newest, late)
    journal.close()


def test_what_the_journal_did_not_sign_is_never_published(place: Place) -> None:
    journal = place.open()
    newest = grown(place, journal, 5)
    foreign = PlainLog(["x"], place.signer.name, "another key").note(1)
    with pytest.raises(LogError):
        journal.add_cosignatures(cosigned(foreign), is_witnessed=True)
    assert (journal.checkpoint(), journal.public_file("witnessed")) == (newest, None)
    journal.close()


@pytest.mark.parametrize(("share", "is_published"), [(0.0, False), (1.0, True)])
def test_a_disk_that_refuses_leaves_a_good_checkpoint(place: Place, share: float, is_published: bool) -> None:
    journal = place.open()
    plain = grown(place, journal, 5)
    note = cosigned(plain)
    place.disk.faults["replace checkpoint"] = Fault(errno.EIO, share)
    with pytest.raises(JournalError) as caught:
        journal.add_cosignatures(note, is_witnessed=False)
    assert caught.value.reason == "JOURNAL_UNPUBLISHED"
    assert (place.public / "checkpoint").read_bytes() == (note if is_published else plain)
    assert journal.checkpoint() == plain
    place.disk.faults.clear()
    assert journal.add_cosignatures(note, is_witnessed=False)
    assert journal.checkpoint() == note
    journal.close()


def test_a_closed_journal_takes_none(place: Place) -> None:
    journal = place.open()
    note = cosigned(grown(place, journal, 5))
    journal.close()
    with pytest.raises(JournalError) as caught:
        journal.add_cosignatures(note, is_witnessed=True)
    assert caught.value.reason == "JOURNAL_UNPUBLISHED"
