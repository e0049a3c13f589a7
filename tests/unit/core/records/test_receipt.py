import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError, RecordError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.note import NoteSigner, sign_note
from rankd.core.records.receipt import Receipt, issue_receipt, open_receipt

SIGNER = NoteSigner("dev.coop.example", Ed25519PrivateKey.from_private_bytes(b"1" * 32))
OTHER = NoteSigner("dev.coop.example", Ed25519PrivateKey.from_private_bytes(b"2" * 32))
RECEIPT = Receipt("dev.coop.example", 41, b"h" * 32, 1_753_000_060)


def test_a_receipt_is_five_lines_that_people_can_read_and_a_signature() -> None:
    lines = issue_receipt(RECEIPT, SIGNER).decode().split("\n")
    leaf_hash = "aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg="
    assert lines[:6] == ["rankd.coop/receipt/1", "dev.coop.example", "41", leaf_hash, "1753000060", ""]
    assert lines[6].startswith("— dev.coop.example ")


def test_a_receipt_opens_under_the_key_that_signed_it_and_no_other() -> None:
    data = issue_receipt(RECEIPT, SIGNER)
    assert open_receipt(data, SIGNER.verifier) == RECEIPT
    with pytest.raises(LogError) as refusal:
        open_receipt(data, OTHER.verifier)
    assert refusal.value.reason == "NOTE_KEY_UNKNOWN"


def test_a_receipt_for_another_journal_is_not_issued() -> None:
    with pytest.raises(RecordError) as refusal:
        issue_receipt(Receipt("dev.elsewhere", 41, b"h" * 32, 1), SIGNER)
    assert refusal.value.reason == "RECEIPT_ORIGIN"


def test_a_receipt_passes_for_no_checkpoint_even_of_an_origin_that_is_called_like_its_first_line() -> None:
    signer = NoteSigner("rankd.coop/receipt/1", Ed25519PrivateKey.from_private_bytes(b"1" * 32))
    receipt = Receipt(signer.name, 41, b"h" * 32, 1)
    with pytest.raises(LogError):
        open_checkpoint(issue_receipt(receipt, signer), signer.verifier)
    checkpoint = sign_note(f"{signer.name}\n41\naGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg=\nx\ny\n", signer)
    with pytest.raises(RecordError):
        open_receipt(checkpoint, signer.verifier)
