from dataclasses import replace

from rankd.core.exact.canonical import sha256
from rankd.core.exact.chance import decision_nonce
from rankd.core.records.decision import Decision
from rankd.core.records.lots import Lots
from rankd.core.records.recompute import Difference

SECRET = bytes(range(32))
EPOCH = sha256(SECRET)


def drawn(decision: Decision, counter: int, worker: str = "w") -> Decision:
    nonce = decision_nonce(SECRET, worker, counter)
    return replace(decision, epoch_digest=EPOCH, worker=worker, counter=counter, nonce=nonce)


def test_nonces_that_follow_from_the_secret_are_counted(decision: Decision) -> None:
    lots = Lots()
    for counter in range(3):
        lots.note(10 + counter, drawn(decision, counter))
    lots.note(13, drawn(decision, 0, "other"))
    assert list(lots.reveal(EPOCH, SECRET)) == []
    assert (lots.checked_count, lots.epochs) == (4, ())


def test_a_wrong_nonce_is_named_with_its_decision(decision: Decision) -> None:
    lots, right = Lots(), drawn(decision, 1)
    lots.note(4, drawn(decision, 0))
    lots.note(5, replace(right, nonce=bytes(32)))
    lots.note(6, replace(right, counter=2))
    other = decision_nonce(SECRET, "w", 2)
    assert list(lots.reveal(EPOCH, SECRET)) == [
        (5, Difference("", "nonce", bytes(32).hex(), right.nonce.hex())),
        (6, Difference("", "nonce", right.nonce.hex(), other.hex())),
    ]


def test_an_epoch_that_is_not_revealed_waits(decision: Decision) -> None:
    lots = Lots()
    lots.note(0, drawn(decision, 0))
    assert list(lots.reveal(bytes(32), SECRET)) == []
    assert (lots.checked_count, lots.epochs) == (0, (EPOCH,))
