"""Ranking over gRPC: answers, repetitions, dry runs, several surfaces, files that change meanwhile."""

import threading
import time
from dataclasses import asdict

import grpc
import numpy as np
import pytest

from rankd.client import CandidateInput, RankdCallError, RankdClient, Slate
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.core.ranking.request import Mode
from rankd.v1 import policy_service_pb2 as policies
from rankd.v1 import policy_service_pb2_grpc
from rankd.v1 import ranking_service_pb2 as wire
from tests.conftest import HOUSE_TIME_MS, House
from tests.evidence import own_trust, replayed
from tests.integration.service.conftest import CANDIDATES, COLUMNS, Running, Start, small_message


def rank(client: RankdClient, **options: object) -> Slate:
    """Rank the usual request; `options` replace some of it."""
    usual = {
        "surface": "video",
        "viewer_id": "viewer-1",
        "candidates": CANDIDATES,
        "columns": COLUMNS,
        "limit": 3,
        "request_id": "r1",
    }
    return client.rank(**(usual | options))  # type: ignore[arg-type]


def test_an_answer_names_what_it_rests_on(server: Running) -> None:
    with server.client() as client:
        slate = rank(client)
    snapshot = server.service.book.snapshot("video")
    assert slate.request_id == "r1"
    assert slate.decision_id == "dev.test/1"
    assert len(slate.places) == 3
    assert [place.rank for place in slate.places] == [1, 2, 3]
    assert slate.policy.canon_digest == digest_text(snapshot.policy_digest)
    assert slate.policy.ratification == "NONE"
    assert slate.policy.number is None
    assert slate.model is not None
    assert snapshot.model is not None
    assert slate.model.digest == digest_text(snapshot.model.manifest.digest)
    assert slate.constitution_digest == digest_text(snapshot.limits.canon_digest)
    assert [entry.reason for entry in slate.degraded] == ["DEFAULT_USED", "QUOTA_SHORT"]


def test_the_explanation_of_every_place_adds_up_to_its_value(server: Running) -> None:
    with server.client() as client:
        slate = rank(client)
        explained = client.explain(slate.decision_id, viewer_id="viewer-1")
    assert [entry.id for entry in explained.candidates] == list(slate.ids)
    for place, entry in zip(slate.places, explained.candidates, strict=True):
        changes = sum(step.after - step.before for step in entry.steps)
        assert sum(term.term for term in entry.terms) + changes == entry.value == place.value


def test_a_recorded_answer_is_replayed_identically_from_files_alone(server: Running, house: House) -> None:
    with server.client() as client:
        for number in range(5):
            rank(client, request_id=f"r{number}")
    server.stop()
    server.service.close()
    report = replayed(house.data, "reference", own_trust(house.data))
    assert (report.count, report.identical, report.good) == (5, 5, True)


def test_the_same_request_again_gets_the_recorded_decision(server: Running) -> None:
    with server.client() as client:
        first, again = rank(client), rank(client)
    assert again == first
    assert server.service.desk.decisions.count == 1


def test_fast_and_plain_columns_are_the_same_request(server: Running) -> None:
    fast = small_message()
    plain = small_message(
        columns=[
            wire.Column(name=name, values=wire.FloatValues(values=values.tolist()))
            for name, values in COLUMNS.items()
            if isinstance(values, np.ndarray)
        ]
    )
    assert server.rank_message(plain) == server.rank_message(fast)


def test_another_request_under_the_same_id_is_refused(server: Running) -> None:
    with server.client() as client:
        rank(client)
        with pytest.raises(RankdCallError) as caught:
            rank(client, limit=2)
    assert (caught.value.status, caught.value.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")
    assert caught.value.fields == ("request_id",)
    assert server.service.desk.decisions.count == 1


def test_a_dry_run_records_nothing(server: Running) -> None:
    with server.client() as client:
        slate = rank(client, dry_run=True)
    assert slate.decision_id == ""
    assert len(slate.places) == 3
    assert server.service.desk.decisions.count == 0


def test_newest_first_reads_neither_columns_nor_sliders_nor_served_counts(server: Running) -> None:
    with server.client() as client:
        slate = rank(
            client,
            mode=Mode.NEWEST_FIRST,
            candidates=[CandidateInput("old", create_time_ms=1_000), CandidateInput("new", create_time_ms=2_000)],
            columns={"no_such_column": np.array([np.inf])},
            sliders={"no_such_objective": -5},
            served_author_counts={"": -1},
        )
    assert slate.ids == ("new", "old")
    assert slate.model is None
    assert slate.policy.ratification == "BASELINE"
    assert slate.policy.number == 0
    assert slate.policy.canon_digest == digest_text(BASELINE_DIGEST)
    assert slate.degraded == ()


def test_creation_times_reach_the_score_in_milliseconds(server: Running) -> None:
    times = [HOUSE_TIME_MS - 1, HOUSE_TIME_MS, HOUSE_TIME_MS - 2]
    candidates = [CandidateInput(f"t{at}", create_time_ms=time_ms) for at, time_ms in enumerate(times)]
    with server.client() as client:
        slate = rank(client, mode=Mode.NEWEST_FIRST, candidates=candidates, columns={})
    assert slate.ids == ("t1", "t0", "t2")


def test_each_surface_is_ranked_by_its_own_policy_and_model(house: House, start: Start) -> None:
    house.write_policy(surface="friends", click=100)
    house.write_model(surface="friends", leaf=2 * MARGIN_ONE)
    with start().client() as client:
        video, friends = rank(client), rank(client, surface="friends")
        info = client.get_surface("friends")
    assert video.policy.surface == "video"
    assert friends.policy.surface == "friends"
    assert video.policy.canon_digest != friends.policy.canon_digest
    assert info.policy == friends.policy
    assert info.model == friends.model != video.model


def test_what_get_surface_asks_for_is_enough_to_be_ranked(server: Running) -> None:
    with server.client() as client:
        info = client.get_surface("video")
        columns = {column.name: np.zeros(6) for column in info.columns}
        slate = rank(client, columns=columns)
    assert [column.name for column in info.columns] == ["duration_s", "rate", "age_h", "hours_since_hide"]
    assert [column.default for column in info.columns] == [None, 0.5, None, None]
    assert [column.rule_input for column in info.columns] == [False, False, False, True]
    assert (info.groups, info.sources) == (("local",), ("near",))
    assert [asdict(slider) for slider in info.sliders] == [
        {"objective": "reply", "min_percent": 50, "max_percent": 150}
    ]
    assert (info.max_candidate_count, info.max_limit, info.max_clock_skew_s) == (100, 20, 300)
    assert info.silent_objectives == ("reply",)
    assert [entry.reason for entry in slate.degraded] == ["QUOTA_SHORT"]


def test_a_policy_is_shown_as_members_and_the_machine_read_it(server: Running, house: House) -> None:
    with server.client() as client:
        now = client.get_policy("video")
        baseline = client.get_policy("video", digest_text(BASELINE_DIGEST))
    policy = server.service.book.snapshot("video").policy
    assert policy is not None
    assert now.file == (house.policies / "video.yaml").read_bytes()
    assert now.canonical == policy.canonical
    assert "Essai" in now.description_fr
    assert "Test" in now.description_en
    assert baseline.file == b""
    assert baseline.policy.ratification == "BASELINE"
    assert baseline.description_fr != baseline.description_en


def test_a_policy_that_was_replaced_is_still_found_by_its_digest(server: Running, house: House) -> None:
    with server.client() as client:
        before = client.get_policy("video")
        house.write_policy(click=700)
        server.service.book.refresh()
        after = client.get_policy("video")
        assert after.policy.canon_digest != before.policy.canon_digest
        assert client.get_policy("video", before.policy.canon_digest).file == before.file


def test_policies_are_listed_page_by_page(house: House, start: Start) -> None:
    for surface in ("friends", "groups"):
        house.write_policy(surface=surface)
        house.write_model(surface=surface)
    server = start()
    with grpc.insecure_channel(server.address) as channel:
        stub = policy_service_pb2_grpc.PolicyServiceStub(channel)
        first = stub.ListPolicies(policies.ListPoliciesRequest(page_size=2))
        rest = stub.ListPolicies(policies.ListPoliciesRequest(page_size=2, page_token=first.next_page_token))
    assert [policy.surface for policy in first.policies] == ["friends", "groups"]
    assert [policy.surface for policy in rest.policies] == ["video"]
    assert rest.next_page_token == ""


def test_a_bad_file_is_refused_and_the_last_good_one_kept(server: Running, house: House) -> None:
    with server.client() as client:
        before = rank(client)
        house.write_policy(end="no: such rule\n")
        server.service.book.refresh()
        after = rank(client, request_id="r2")
        status = client.status()
    assert after.policy == before.policy
    assert status.surfaces[0].refused_reason != ""
    assert status.surfaces[0].policy == before.policy
    assert status.decision_count == 2
    assert status.recording


def test_a_surface_without_a_model_answers_newest_first_and_says_so(house: House, start: Start) -> None:
    house.write_policy(surface="friends")
    with start().client() as client:
        slate = rank(client, surface="friends", columns={})
    assert [entry.reason for entry in slate.degraded] == ["NO_POLICY_IN_FORCE"]
    assert slate.policy.ratification == "BASELINE"


def test_files_change_under_load_without_a_failed_request(server: Running, house: House) -> None:
    known = set()
    answers: list[tuple[str, str]] = []
    failures: list[RankdCallError] = []
    done = threading.Event()

    def note() -> None:
        snapshot = server.service.book.snapshot("video")
        assert snapshot.model_digest is not None
        known.add((digest_text(snapshot.policy_digest), digest_text(snapshot.model_digest)))

    def call(worker: int) -> None:
        with server.client() as client:
            number = 0
            while not done.is_set():
                number += 1
                try:
                    slate = rank(client, request_id=f"w{worker}-{number}")
                except RankdCallError as error:
                    failures.append(error)
                    return
                assert slate.model is not None
                answers.append((slate.policy.canon_digest, slate.model.digest))

    note()
    threads = [threading.Thread(target=call, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    for step in range(4):
        time.sleep(0.1)
        house.write_policy(click=500 + step)
        server.service.book.refresh()
        note()
        house.write_model(leaf=(step + 2) * MARGIN_ONE)
        server.service.book.refresh()
        note()
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(answers) <= known
    assert len(set(answers)) > 1
