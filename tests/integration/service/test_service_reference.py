"""What the service answers, recomputed from its record by the second implementation, which shares no code with it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from rankd.client import Slate
from rankd.core.policy.policy import Policy
from tests.conftest import House
from tests.reference.record import case_of_record, recomputed_answer, recorded_answer, request_digest
from tests.reference.scorer import score


def send(server: Any, house: House, seed: int) -> Slate:
    """Send one of the house's random requests over gRPC."""
    incoming = house.incoming(seed)
    request = incoming.request
    with server.client() as client:
        slate: Slate = client.rank(
            surface=request.surface,
            viewer_id=request.viewer_id,
            candidates=request.candidates,
            columns={c.name: c.values if len(c.values) > 1 else float(c.values[0]) for c in incoming.columns},
            limit=request.limit,
            mode=request.mode,
            request_time_ms=request.request_time_ms,
            served_author_counts=dict(request.served_author_counts),
            sliders=dict(request.sliders),
        )
    return slate


@pytest.mark.parametrize(("click", "leaf"), [(500, 1 << 24), (100, 1 << 20), (790, 0)])
def test_random_requests_through_the_service_are_what_the_specification_says(
    house: House, start: Callable[..., Any], click: int, leaf: int
) -> None:
    house.write_policy(click=click)
    house.write_model(leaf=leaf)
    server = start()
    slates = [send(server, house, seed) for seed in range(40)]
    snapshot = server.service.book.snapshot("video")
    policy: Policy = snapshot.policy
    heads = json.loads(snapshot.model.manifest.canonical)["heads"]
    limits = json.loads(snapshot.limits.canonical)
    compared = 0
    journal = server.service.desk.journal
    for slate in slates:
        record = journal.record(int(slate.decision_id.rpartition("/")[2]))
        newest_first = json.loads(record.partition(b"\n")[0])["model"] is None
        case = case_of_record(record, None if newest_first else json.loads(policy.canonical), limits, heads)
        assert recomputed_answer(case) == recorded_answer(record)
        assert request_digest(record) == json.loads(record.partition(b"\n")[0])["request_digest"]
        spoken = score(case)["slate"]
        assert [(e.id, e.rank, e.value, list(e.reason_codes)) for e in slate.places] == [
            (e["id"], rank, e["value"], e["reason_codes"]) for rank, e in enumerate(spoken, start=1)
        ]
        compared += 1
    assert compared == 40
