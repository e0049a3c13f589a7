"""What a record may lie about, one field at a time: the recomputation names it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rankd.core.ranking.request import Column, Mode
from rankd.core.records.decision import Decision, Degraded, request_digest
from rankd.core.records.recompute import Difference
from rankd.forest.reference import ReferenceForest
from rankd.usecases.audit.recomputation import SERVER_SKEW_MS, Basis, recompute
from rankd.usecases.serve.deciding import Decided
from tests.conftest import House


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Decided]:
    return [answer.decided for answer in House(tmp_path_factory.mktemp("house")).record(range(40))]


def basis_of(answer: Decided) -> Basis | None:
    snapshot = answer.snapshot
    if snapshot.policy is None or snapshot.model is None:
        return None
    return Basis(snapshot.policy, snapshot.limits, snapshot.model.manifest, ReferenceForest(snapshot.model))


def first(answer: Decided, decision: Decision, secret: bytes | None = None) -> Difference | None:
    return next(recompute(decision, basis_of(answer), secret), None)


def pick(answers: list[Decided], wanted: Callable[[Decision], bool]) -> Decided:
    return next(answer for answer in answers if wanted(answer.decision))


def ranked(decision: Decision) -> bool:
    return decision.model_digest is not None and len(decision.order) > 2


def newest_first(decision: Decision) -> bool:
    return decision.model_digest is None and len(decision.order) > 1


def with_digest(decision: Decision) -> Decision:
    """Return a decision whose request digest covers the request that it now holds: a thorough forger's."""
    digest = request_digest(decision.request, decision.sent_columns, decision.clock_given)
    return replace(decision, request_digest=digest)


def test_every_decision_follows_from_what_it_names(answers: list[Decided]) -> None:
    assert [first(answer, answer.decision) for answer in answers] == [None] * 40
    assert {answer.decision.request.mode for answer in answers} == set(Mode)
    assert any(answer.decision.exploration.pair for answer in answers)
    assert {entry.reason for answer in answers for entry in answer.decision.degraded} == {"DEFAULT_USED", "QUOTA_SHORT"}


@pytest.mark.parametrize("shift_ms", [-SERVER_SKEW_MS, SERVER_SKEW_MS])
def test_a_servers_clock_that_keyed_a_ranking_is_the_one_by_which_it_was_made(
    answers: list[Decided], shift_ms: int
) -> None:
    answer = pick(answers, lambda decision: ranked(decision) and not decision.clock_given)
    made_ms = answer.decision.request.request_time_ms + shift_ms
    assert first(answer, replace(answer.decision, time_ms=made_ms)) is None
    beyond = replace(answer.decision, time_ms=made_ms + shift_ms // SERVER_SKEW_MS)
    assert first(answer, beyond) == Difference("", "request", "request_time", "CLOCK_SKEW")
    assert first(answer, with_digest(replace(beyond, clock_given=True))) is None


def raised_margin(decision: Decision) -> Decision:
    margins = decision.margins.copy()
    margins[2, 1] += 1
    return replace(decision, margins=margins)


def swapped(decision: Decision) -> Decision:
    return replace(decision, order=(decision.order[1], decision.order[0], *decision.order[2:]))


def shortened(decision: Decision) -> Decision:
    return replace(decision, order=decision.order[:-1], values=decision.values[:-1])


def raised_value(decision: Decision) -> Decision:
    return replace(decision, values=(decision.values[0] + 1, *decision.values[1:]))


def dropped_for_another_reason(decision: Decision) -> Decision:
    return replace(decision, dropped=((decision.dropped[0][0], "max_age/1"), *decision.dropped[1:]))


def nothing_dropped(decision: Decision) -> Decision:
    return replace(decision, dropped=())


def exploration(**changes: object) -> Callable[[Decision], Decision]:
    def change(decision: Decision) -> Decision:
        return replace(decision, exploration=replace(decision.exploration, **changes))  # type: ignore[arg-type]

    return change


def renamed_viewer(decision: Decision) -> Decision:
    return replace(decision, request=replace(decision.request, viewer_id="somebody"))


def other_nonce(decision: Decision) -> Decision:
    return replace(decision, nonce=bytes(32))


def fewer_heads(decision: Decision) -> Decision:
    return replace(decision, heads=decision.heads[:2], margins=decision.margins[:2])


def longer_clock(decision: Decision) -> Decision:
    times = decision.request.candidates.create_times_ms.copy()
    times[0] = -2
    candidates = replace(decision.request.candidates, create_times_ms=times)
    return replace(decision, request=replace(decision.request, candidates=candidates))


def slid_too_far(decision: Decision) -> Decision:
    return with_digest(replace(decision, request=replace(decision.request, sliders=(("reply", 151),))))


def other_surface(decision: Decision) -> Decision:
    return with_digest(replace(decision, request=replace(decision.request, surface="friends")))


def called_newest_first(decision: Decision) -> Decision:
    return with_digest(replace(decision, request=replace(decision.request, mode=Mode.NEWEST_FIRST)))


def column_taken_out(decision: Decision) -> Decision:
    return with_digest(replace(decision, columns=decision.columns[1:]))


def columns_in_another_order(decision: Decision) -> Decision:
    return with_digest(replace(decision, columns=decision.columns[::-1]))


def other_default(decision: Decision) -> Decision:
    columns = tuple(
        Column(c.name, np.array([0.25], dtype=np.float32)) if c.name == "rate" else c for c in decision.columns
    )
    return replace(decision, columns=columns)


def other_feature(decision: Decision) -> Decision:
    values = decision.columns[0].values + np.float32(40)
    return with_digest(replace(decision, columns=(Column("duration_s", values), *decision.columns[1:])))


def infinite_feature(decision: Decision) -> Decision:
    values = np.full_like(decision.columns[0].values, np.inf)
    return with_digest(replace(decision, columns=(Column("duration_s", values), *decision.columns[1:])))


def degraded(*entries: Degraded) -> Callable[[Decision], Decision]:
    def change(decision: Decision) -> Decision:
        return replace(decision, degraded=(*decision.degraded, *entries))

    return change


@pytest.mark.parametrize(
    ("change", "term"),
    [
        (raised_margin, "margin:hide"),
        (other_feature, "margin:click"),
        (swapped, "order[1]"),
        (shortened, "order"),
        (raised_value, "value"),
        (nothing_dropped, "dropped"),
        (dropped_for_another_reason, "dropped"),
        (exploration(share_ppm=1), "exploration.share_ppm"),
        (exploration(pair_count=999), "exploration.pair_count"),
        (exploration(partner_counts=()), "exploration.partner_counts"),
        (exploration(pair=(1, 9)), "exploration.pair"),
        (exploration(marginals=()), "exploration.marginals"),
        (degraded(Degraded("QUOTA_SHORT", ("quota/1#9",))), "quota_short"),
        (degraded(Degraded("NO_POLICY_IN_FORCE", ("video",))), "degraded"),
        (renamed_viewer, "request_digest"),
        (fewer_heads, "heads"),
        (longer_clock, "request"),
        (slid_too_far, "request"),
        (other_surface, "surface"),
        (called_newest_first, "mode"),
        (column_taken_out, "request"),
        (infinite_feature, "request"),
        (columns_in_another_order, "columns"),
        (other_default, "column:rate"),
    ],
)
def test_a_ranked_record_that_was_altered_differs_there(
    answers: list[Decided], change: Callable[[Decision], Decision], term: str
) -> None:
    def fits(decision: Decision) -> bool:
        defaulted = any(entry.reason == "DEFAULT_USED" for entry in decision.degraded)
        return ranked(decision) and bool(decision.dropped) and defaulted

    answer = pick(answers, fits)
    difference = first(answer, change(answer.decision))
    assert difference is not None
    assert difference.term == term
    assert difference.recorded != difference.recomputed


def test_a_difference_in_a_margin_names_candidate_objective_and_both_numbers(answers: list[Decided]) -> None:
    answer = pick(answers, ranked)
    recorded = int(answer.decision.margins[2, 1])
    assert first(answer, raised_margin(answer.decision)) == Difference(
        answer.decision.request.candidates.ids[1], "margin:hide", str(recorded + 1), str(recorded)
    )


@pytest.mark.parametrize(
    ("change", "term"),
    [
        (swapped, "order[1]"),
        (renamed_viewer, "request_digest"),
        (degraded(Degraded("NO_POLICY_IN_FORCE", ("video",))), "degraded"),
        (lambda decision: replace(decision, policy_digest=bytes(32)), "policy"),
        (lambda decision: replace(decision, model_digest=bytes(32)), "model"),
        (lambda decision: replace(decision, heads=("click",)), "heads"),
        (lambda decision: replace(decision, columns=(Column("x", np.zeros(1, dtype=np.float32)),)), "columns"),
    ],
)
def test_a_newest_first_record_that_was_altered_differs_there(
    answers: list[Decided], change: Callable[[Decision], Decision], term: str
) -> None:
    answer = pick(answers, newest_first)
    difference = first(answer, change(answer.decision))
    assert difference is not None
    assert difference.term == term


def test_a_wish_for_a_ranked_order_that_the_baseline_met_must_say_so(house: House) -> None:
    (house.models / "video").rename(house.models / ".away")
    answer = house.record([0])[0].decided
    assert answer.decision.request.mode is Mode.RANKED
    assert first(answer, answer.decision) is None
    difference = first(answer, replace(answer.decision, degraded=()))
    assert difference is not None
    assert (difference.term, difference.recorded) == ("request_digest", answer.decision.request_digest.hex())


def test_a_nonce_is_drawn_again_where_the_secret_is_known(house: House) -> None:
    answer = house.record([0, 1])[1].decided
    (path,) = (house.data / "epochs").iterdir()
    secret = path.read_bytes()
    assert first(answer, answer.decision, secret) is None
    for forged in (other_nonce(answer.decision), replace(answer.decision, counter=7)):
        difference = first(answer, forged, secret)
        assert difference is not None
        assert difference.term == "nonce"


def test_another_policy_or_model_leads_to_another_ranking(house: House) -> None:
    answers = [answer.decided for answer in house.record(range(12))]
    house.write_policy(click=100)
    house.write_model(leaf=0)
    book = house.book()
    other = book.snapshot("video")
    assert other.policy is not None
    assert other.model is not None
    answer = pick(answers, ranked)
    basis = basis_of(answer)
    assert basis is not None
    by_policy = next(recompute(answer.decision, replace(basis, policy=other.policy), None))
    by_model = next(recompute(answer.decision, replace(basis, engine=ReferenceForest(other.model)), None))
    assert by_policy.term.startswith(("order", "value"))
    assert by_model.term == "margin:click"
