import threading

from rankd.core.errors import JournalError
from rankd.store.journal.publisher import Publisher


def test_it_publishes_soon_after_a_ring_and_not_without_one() -> None:
    done = threading.Semaphore(0)
    publisher = Publisher(done.release, 0.001)
    assert not done.acquire(timeout=0.05)
    publisher.ring()
    assert done.acquire(timeout=10)
    publisher.ring()
    assert done.acquire(timeout=10)
    publisher.stop()
    assert not done.acquire(blocking=False)


def test_it_tries_again_after_a_failure() -> None:
    tried = threading.Semaphore(0)
    failures = [True, True, False]

    def publish() -> None:
        failed = failures.pop(0)
        tried.release()
        if failed:
            raise JournalError("JOURNAL_UNPUBLISHED", path="journal", detail="disk")

    publisher = Publisher(publish, 0.001)
    publisher.ring()
    assert all(tried.acquire(timeout=10) for _ in range(3))
    publisher.stop()
    assert failures == []


def test_it_stops_at_once_also_within_an_interval() -> None:
    publisher = Publisher(lambda: None, 3600)
    publisher.ring()
    publisher.stop()
