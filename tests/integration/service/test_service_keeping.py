"""What a service does for its journal beside ranking: new epochs, ordered erasures, bodies kept as long as promised."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from rankd.core.errors import JournalError
from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.leaf import DecisionLeaf, EpochLeaf, Leaf, RevealLeaf, decode_leaf
from rankd.core.records.sample import kept_longer
from rankd.edge.config import Retention
from rankd.edge.service import Service
from rankd.store.erasure_inbox import ErasureInbox
from rankd.usecases.audit.verify import VerifyReport
from rankd.usecases.serve.rank import Answer
from tests.conftest import ERASER_KEY, HOUSE_TIME_MS, House
from tests.evidence import own_trust, reasons, verified
from tests.integration.service.conftest import config_over

DAY_MS = 86_400_000


@dataclass
class Office:
    """A service whose chores are done when a test says so, at the time that it says."""

    service: Service
    house: House
    now: list[int]

    def later(self, ms: int) -> None:
        """Let time pass, and do what is due then."""
        self.now[0] += ms
        self.service.keeping.step()
        assert not self.service.keeping.failing

    def rank(self, seed: int) -> Answer:
        """Rank a request of the house."""
        return self.service.desk.ranker.rank(self.house.incoming(seed))

    def index(self, answer: Answer) -> int:
        """Return the index of a decision."""
        return int(answer.decision_id.rpartition("/")[2])

    def leaves(self) -> list[Leaf]:
        """Return every leaf."""
        journal = self.service.desk.journal
        return [decode_leaf(journal.leaf(index)) for index in range(journal.count)]

    def verified(self) -> VerifyReport:
        """Stop, and verify what is left."""
        self.service.close()
        return verified(self.house.data, own_trust(self.house.data))

    def order(self, indexes: tuple[tuple[int, int], ...]) -> None:
        """Put a signed order into the inbox."""
        erasure = Erasure("dev.test", indexes, (), "REQUEST", "a person asked", self.now[0])
        ErasureInbox(self.house.data).put(sign_erasure(erasure, ERASER_KEY))


@pytest.fixture
def open_office(house: House) -> Iterator[Callable[..., Office]]:
    """Return a function that opens an office over the house; it closes when the test ends."""
    opened: list[Service] = []

    def begin(
        *, erasers: bool = True, steady: Callable[[float], float] = lambda now_s: now_s, **retention: int
    ) -> Office:
        config = config_over(house)
        public = ERASER_KEY.public_key().public_bytes_raw().hex()
        config = config.model_copy(
            update={
                "retention": Retention(**({"sample_ppm": 500_000} | retention)),
                "journal": config.journal.model_copy(update={"erasers": (public,) if erasers else ()}),
                "requests": config.requests.model_copy(update={"max_clock_skew_s": 0}),
            }
        )
        now = [HOUSE_TIME_MS]
        service = Service(config, lambda: now[0], steady_s=lambda: steady(now[0] / 1_000))
        service.keeping.stop()
        opened.append(service)
        return Office(service, house, now)

    yield begin
    for service in opened:
        service.close()


def test_a_day_later_the_secret_is_revealed_and_another_one_announced(open_office: Callable[..., Office]) -> None:
    office = open_office()
    first = office.rank(1)
    office.later(DAY_MS - 1)
    assert not any(isinstance(leaf, RevealLeaf) for leaf in office.leaves())
    office.later(1)
    second = office.rank(2)
    kinds = [type(leaf) for leaf in office.leaves()]
    assert kinds == [EpochLeaf, DecisionLeaf, EpochLeaf, RevealLeaf, DecisionLeaf]
    assert first.decided.decision.epoch_digest != second.decided.decision.epoch_digest
    report = office.verified()
    assert report.good
    assert report.nonce_count == 2


def test_an_erasure_that_was_ordered_is_obeyed_by_the_running_service(open_office: Callable[..., Office]) -> None:
    office = open_office()
    kept, forgotten = office.rank(1), office.rank(2)
    office.order(((office.index(forgotten), office.index(forgotten)),))
    office.later(1_000)
    with pytest.raises(JournalError) as caught:
        office.service.desk.explainer.explain(forgotten.decision_id, None, ())
    assert caught.value.reason == "BODY_ERASED"
    assert office.service.desk.explainer.explain(kept.decision_id, None, ()).decision_id == kept.decision_id
    office.later(1_000)
    report = office.verified()
    assert report.good
    (erased,) = report.chronicle.erased
    assert (erased.first, erased.last) == (office.index(forgotten),) * 2
    assert (erased.entry.erasure.reason_code, erased.entry.erasure.reason) == ("REQUEST", "a person asked")


def test_an_erasure_by_a_key_that_nobody_named_is_refused_and_nothing_is_lost(
    open_office: Callable[..., Office], caplog: pytest.LogCaptureFixture
) -> None:
    office = open_office(erasers=False)
    answer = office.rank(1)
    office.order(((office.index(answer), office.index(answer)),))
    office.later(1_000)
    assert not office.service.desk.journal.erased(office.index(answer))
    assert "refused" in caplog.text
    assert reasons(office.verified()) == []


def test_bodies_go_when_their_time_is_over_but_for_the_sample_that_nobody_chose(
    open_office: Callable[..., Office],
) -> None:
    office = open_office(decision_s=30 * 86_400, sample_s=60 * 86_400, pseudonym_s=86_400)
    answers = [office.rank(seed) for seed in range(12)]
    office.later(DAY_MS)
    office.later(30 * DAY_MS)
    reveal = next(leaf for leaf in office.leaves() if isinstance(leaf, RevealLeaf))
    sampled = {
        office.index(answer)
        for answer in answers
        if kept_longer(reveal.secret, "w1", answer.decided.decision.counter, 500_000)
    }
    gone = {office.index(answer) for answer in answers if office.service.desk.journal.erased(office.index(answer))}
    assert 0 < len(sampled) < 12
    assert gone == {office.index(answer) for answer in answers} - sampled
    office.later(31 * DAY_MS)
    assert all(office.service.desk.journal.erased(office.index(answer)) for answer in answers)
    last = office.rank(99)
    assert {period.number for period in office.service.desk.viewers.periods()} == {1, 2}
    office.later(DAY_MS)
    office.later(61 * DAY_MS)
    assert office.service.desk.journal.erased(office.index(last))
    # Nobody's body knows the pseudonyms of the first period any more, so their key went too.
    assert {period.number for period in office.service.desk.viewers.periods()} == {2}
    report = office.verified()
    assert report.good
    assert sum(run.last - run.first + 1 for run in report.chronicle.erased) == 13


def test_a_clock_that_leaps_erases_nothing(open_office: Callable[..., Office]) -> None:
    office = open_office(steady=lambda _: 0.0, decision_s=30 * 86_400, sample_ppm=0)
    answer = office.rank(1)
    for _ in range(2):
        office.now[0] += 40 * DAY_MS
        office.service.keeping.step()
    assert office.service.keeping.failing == ("erasing what is past its time",)
    assert not office.service.desk.journal.erased(office.index(answer))
    assert office.verified().good


def test_a_clock_that_is_set_back_begins_a_new_epoch(open_office: Callable[..., Office]) -> None:
    office = open_office()
    office.rank(1)
    office.now[0] -= DAY_MS
    office.service.keeping.step()
    office.rank(2)
    assert [type(leaf) for leaf in office.leaves()] == [EpochLeaf, DecisionLeaf, EpochLeaf, RevealLeaf, DecisionLeaf]
    assert office.verified().good
