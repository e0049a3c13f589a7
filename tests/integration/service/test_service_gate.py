"""The gate through a whole service: what answers, status, metrics and `serve --check` say of what was decided."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from rankd.core.errors import RankdError
from rankd.core.exact.canonical import digest_text
from rankd.edge.cli import serve_check
from rankd.edge.cli.serve_check import check, findings_json, findings_lines
from rankd.edge.config import Assembly, Config
from rankd.edge.service import Service
from rankd.v1 import policy_service_pb2, policy_service_pb2_grpc, ranking_service_pb2_grpc
from rankd.v1 import ranking_service_pb2 as wire
from rankd.v1 import types_pb2 as types
from tests.conftest import HOUSE_TIME_MS, House
from tests.gates import MEMBERS_ORIGIN, CoOp
from tests.integration.service.conftest import Running, config_over, running, small_message


def config_of(co: CoOp, house: House, **changes: Any) -> Config:
    section = {
        "origin": co.minutes.origin,
        "genesis": digest_text(co.minutes.genesis),
        "record": str(co.record),
        "stale_after_s": 40 * 86_400,
    }
    return config_over(house).model_copy(update={"assembly": Assembly.model_validate(section | changes)})


@pytest.fixture
def co(tmp_path: Path, house: House) -> CoOp:
    return CoOp(tmp_path / "members", house, origin=MEMBERS_ORIGIN)


@pytest.fixture
def server(co: CoOp, house: House) -> Iterator[Running]:
    with running(config_of(co, house)) as found:
        yield found


class Calls:
    """What the tests call."""

    def __init__(self, server: Running) -> None:
        self._channel = grpc.insecure_channel(server.address)
        self._policies = policy_service_pb2_grpc.PolicyServiceStub(self._channel)
        self._ranking = ranking_service_pb2_grpc.RankingServiceStub(self._channel)

    def rank(self, request_id: str = "r1", **fields: Any) -> wire.RankResponse:
        response: wire.RankResponse = self._ranking.Rank(small_message(request_id, **fields), timeout=10)
        return response

    def explain(self, decision_id: str) -> wire.ExplainResponse:
        request = wire.ExplainRequest(decision_id=decision_id, viewer_id="viewer-1")
        response: wire.ExplainResponse = self._ranking.Explain(request, timeout=10)
        return response

    def surface(self) -> wire.GetSurfaceResponse:
        response: wire.GetSurfaceResponse = self._ranking.GetSurface(
            wire.GetSurfaceRequest(surface="video"), timeout=10
        )
        return response

    def policy(self, digest: str = "") -> types.PolicyRef:
        request = policy_service_pb2.GetPolicyRequest(surface="video", canon_digest=digest)
        found: types.PolicyRef = self._policies.GetPolicy(request, timeout=10).policy
        return found

    def policies(self) -> list[types.PolicyRef]:
        return list(self._policies.ListPolicies(policy_service_pb2.ListPoliciesRequest(), timeout=10).policies)

    def status(self) -> policy_service_pb2.GetStatusResponse:
        response: policy_service_pb2.GetStatusResponse = self._policies.GetStatus(
            policy_service_pb2.GetStatusRequest(), timeout=10
        )
        return response


def test_every_answer_says_what_the_members_decided_and_earlier_answers_go_on_saying_it(
    co: CoOp, server: Running
) -> None:
    calls = Calls(server)
    founded = calls.rank()
    first = founded.policy
    assert (first.number, first.activation_number, first.proposal_id, first.minutes_size) == (1, 2, "p0", 1)
    assert (first.ratification, founded.model.ratification) == (types.RATIFICATION_RATIFIED,) * 2
    assert founded.constitution_digest == digest_text(co.minutes.assembly.constitution.canon_digest)
    assert [calls.surface().policy, calls.policy(), *calls.policies(), calls.status().surfaces[0].policy] == [first] * 4
    baseline = calls.rank("newest", mode=types.ORDER_MODE_NEWEST_FIRST).policy
    assert (baseline.number, baseline.activation_number, baseline.proposal_id) == (0, 2, "")
    assert baseline.ratification == types.RATIFICATION_BASELINE
    index = co.adopt()
    gate = server.service.gate
    assert gate is not None
    # The server's own clock stands still; the gate is asked to believe the members'.
    gate._clock_ms, gate._steady_s = co.clock_ms, co.steady
    gate._begin_ms, gate._begin_s = co.clock_ms(), co.steady()
    gate.refresh()
    adopted = calls.rank("r2").policy
    assert (adopted.number, adopted.activation_number, adopted.proposal_id) == (2, 3, f"p{index}")
    assert adopted.minutes_size == co.minutes.assembly.size
    for again in (calls.rank().policy, calls.explain(founded.decision_id).policy, calls.policy(first.canon_digest)):
        assert (again.number, again.canon_digest, again.proposal_id) == (1, first.canon_digest, "p0")
        assert (again.activation_number, again.ratification) == (2, types.RATIFICATION_RATIFIED)
    co.roll_back(1)
    gate.refresh()
    back = calls.rank("r3").policy
    assert (back.number, back.activation_number, back.proposal_id) == (1, 4, "p0")
    assert back.ratification == types.RATIFICATION_ROLLED_BACK


def test_status_and_metrics_say_how_the_gate_is(co: CoOp, server: Running) -> None:
    calls, gate = Calls(server), server.service.gate
    assert gate is not None
    said = calls.status().assembly
    assert (said.origin, said.genesis_digest) == (MEMBERS_ORIGIN, digest_text(co.minutes.genesis))
    assert (said.size, said.activation_number, said.stale, said.refused_reason, said.restored) == (
        1,
        2,
        False,
        "",
        False,
    )
    assert said.evidence_time.ToMilliseconds() == HOUSE_TIME_MS
    (co.record / "minutes" / "checkpoint").write_bytes(b"nonsense\n")
    gate.refresh()
    status = calls.status()
    assert status.assembly.refused_reason != ""
    assert len(status.assembly.refused.splitlines()) == 2
    assert status.surfaces[0].refused_reason == status.assembly.refused_reason
    assert status.surfaces[0].policy.number == 1
    text = server.service.metrics.text().decode()
    for line in ("refused 1.0", "size 1.0", "activation 2.0", "stale 0.0", "age_seconds 0.0"):
        assert f"\nrankd_assembly_{line}\n" in text


def test_without_an_assembly_nothing_is_said_of_one(house: House) -> None:
    with running(config_over(house)) as server:
        calls = Calls(server)
        assert not calls.status().HasField("assembly")
        assert calls.rank().policy.ratification == types.RATIFICATION_NONE
        assert not calls.rank().policy.HasField("activation_number")


def refusal(config: Config) -> str:
    reasons = set()
    for attempt in (lambda: Service(config), lambda: check(config)):
        with pytest.raises(RankdError) as caught:
            attempt()
        assert caught.value.say("fr") != caught.value.say("en")
        reasons.add(caught.value.reason)
    assert len(reasons) == 1
    return reasons.pop()


def test_a_service_for_members_does_not_start_on_folders(
    co: CoOp, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its keys are another matter; see the tests of signing.
    monkeypatch.setattr("rankd.edge.service.open_signing", lambda *_: None)
    monkeypatch.setattr(serve_check, "check_signing", lambda *_: None)
    members = {"origin": "rankd.coop.example"}
    assert refusal(config_over(house).model_copy(update=members)) == "ASSEMBLY_REQUIRED"
    dev = {"origin": "dev.test/minutes"}
    assert refusal(config_of(co, house, **dev).model_copy(update=members)) == "GATE_DEV_RECORD"
    assert refusal(config_of(co, house, record=None)) == "ASSEMBLY_RECORD_UNNAMED"


def test_check_says_what_would_be_served_and_why_and_touches_nothing(
    co: CoOp, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_check, "wall_clock_ms", co.clock_ms)
    before = sorted(house.data.rglob("*"))
    founded = "\n".join(findings_lines(check(config_of(co, house)), "en"))
    assert "policy 1 “Test”" in founded
    assert "the founders adopted it (p0); in force since 15\u00a0January\u00a02027, 08:00, activation 2" in founded
    index = co.adopt()
    findings = check(config_of(co, house))
    for language, wanted in (("fr", f"proposition p{index}, adoptée par vote (9 oui, 0 non)"), ("en", "9 yes, 0 no")):
        assert wanted in "\n".join(findings_lines(findings, language))  # type: ignore[arg-type]
    document = findings_json(findings, "en")
    assert json.loads(json.dumps(document))["assembly"]["activation"] == 3
    assert document["surfaces"][0]["proposal"] == f"p{index}"
    assert findings.good
    assert sorted(house.data.rglob("*")) == before
    co.roll_back(1)
    assert "the guardians went back to it (g" in "\n".join(findings_lines(check(config_of(co, house)), "en"))
    (co.record / "minutes" / "checkpoint").unlink()
    broken = check(config_of(co, house))
    lines = "\n".join(findings_lines(broken, "en"))
    assert not broken.good
    assert "record refused (MINUTES_MISSING)" in lines
    assert "baseline" in lines


def test_check_tells_a_refused_record_from_what_is_served_all_the_same(
    co: CoOp, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    co.gate()
    monkeypatch.setattr(serve_check, "wall_clock_ms", co.clock_ms)
    (co.record / "minutes" / "checkpoint").unlink()
    lines = "\n".join(findings_lines(check(config_of(co, house)), "fr"))
    assert "ce qui suit a été vérifié avant, et vient de l’archive" in lines
    assert "politique 1" in lines
