"""The demo's co-op with a keeper in the place of a service: what is entered is what a service would have entered."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rankd.core.assembly.tally.result import PointsResult, YesNoResult
from rankd.core.exact.canonical import sha256
from rankd.core.impact.document import encode_impact
from rankd.core.log.note import NoteSigner
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.reader import read_policy
from rankd.edge.cli.demo.assembly import COOP_ORIGIN, FOUNDERS, NEWCOMERS, SURFACE, Coop, found_coop
from rankd.edge.cli.demo.attack import edit_policy, falsify, strike_ballot
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.members import CLICKS, POINTS, POINTS_FILE, YES_NO_FILE
from rankd.edge.cli.demo.vote import Cause, check_ballot, decide, read_proposed
from rankd.edge.config import read_config
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.keeper import Keeper, Submitted
from rankd.usecases.govern.reading import read_minutes
from tests.impacts import impact_about

PROJECT = Path(__file__).resolve().parents[5]
EXAMPLES = PROJECT / "examples"
AT_ANY_TIME_S = 1 << 40


@dataclass
class Service:
    """What stands in for the client of a service; `assembly.submit` is the keeper's."""

    keeper: Keeper

    @property
    def assembly(self) -> "Service":
        return self

    def submit(self, envelope: bytes, *, time_ms: int) -> Submitted:
        return self.keeper.submit(envelope, time_ms=time_ms)


@dataclass
class Stage:
    coop: Coop
    service: Any

    def adopt(self, file: str, cause: Cause, impact: str | None = None) -> Any:
        return decide(self.service, self.coop, read_proposed(self.coop, EXAMPLES / file), cause, impact, "fr")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    coop = found_coop(tmp_path, read_config(EXAMPLES / "rankd.toml", {}), "fr")
    key = coop.log_key
    signer, mark = NoteSigner(COOP_ORIGIN, key.unlock(None)), key.path.with_name(f"{key.path.name}.mark")
    keeper = Keeper.open(coop.home, signer, mark, lambda: coop.now_ms, watch=False)
    service: Any = Service(keeper)
    coop.admit(service, NEWCOMERS)
    yield Stage(coop, service)
    keeper.close()


def test_a_co_op_is_founded_on_the_founding_policy_and_newcomers_are_admitted(stage: Stage) -> None:
    coop = stage.coop
    members = {person.member for name, person in coop.people.items() if name in (*FOUNDERS, *NEWCOMERS)}

    assert {member.id for member in coop.now().roll.active()} == members
    assert len(members) == 9
    standing = coop.now().standing(SURFACE)
    assert standing.policy.text == (PROJECT / "policies" / "video.yaml").read_bytes()
    section = tomllib.loads(coop.config_lines())["assembly"]
    assert (section["genesis"], Path(section["keeps"])) == (coop.pinned, coop.home)


def test_a_text_is_proposed_for_what_is_in_force(stage: Stage) -> None:
    policy = stage.coop.now().standing(SURFACE).policy

    assert read_policy(read_proposed(stage.coop, EXAMPLES / YES_NO_FILE).data).base_digest == policy.canon_digest


def test_the_two_changes_come_into_force_one_after_the_other(stage: Stage) -> None:
    first = stage.adopt(YES_NO_FILE, CLICKS)
    second = stage.adopt(POINTS_FILE, POINTS)

    assert isinstance(first.vote.result, YesNoResult)
    assert (first.vote.result.yes, first.vote.result.no, first.vote.result.abstain) == (5, 3, 1)
    assert isinstance(second.vote.result, PointsResult)
    assert second.vote.result.ballot_count == 9
    standing = stage.coop.now().standing(SURFACE)
    assert (standing.policy.number, standing.activation, standing.policy.adopted_by) == (3, 4, second.matter.index)
    assert dict(read_policy(standing.policy.text).points) == second.vote.result.points
    stage.service.keeper.publish()
    minutes = read_minutes(RecordFolder(stage.coop.record), stage.coop.genesis, now_s=AT_ANY_TIME_S)
    assert not minutes.faults
    assert minutes.assembly.activations == stage.coop.now().activations


def test_every_wish_of_the_demo_is_a_thousand_points_and_the_invented_members_differ() -> None:
    wishes = [dict(choice) for choice in POINTS.choices.values() if not isinstance(choice, str)]  # type: ignore[arg-type]

    assert [sum(wish.values()) for wish in wishes] == [1000] * 9
    assert all(tuple(wish) == OBJECTIVES for wish in wishes)
    assert len({tuple(wish.values()) for wish in wishes}) == 9


def test_an_impact_is_named_by_every_ballot(stage: Stage) -> None:
    coop = stage.coop
    policy = read_policy(read_proposed(coop, EXAMPLES / YES_NO_FILE).data)
    impact = encode_impact(impact_about(policy, coop.now().constitution.limits.canon_digest))

    decided = stage.adopt(YES_NO_FILE, CLICKS, impact.decode())

    assert decided.vote.impact == decided.matter.impact_digest == sha256(impact)


def test_what_the_members_reject_ends_the_demo_with_a_message(stage: Stage) -> None:
    against = Cause(CLICKS.by, CLICKS.sponsors, (), dict.fromkeys(CLICKS.choices, "no"))

    with pytest.raises(DemoError) as caught:
        stage.adopt(YES_NO_FILE, against)
    assert (caught.value.name, caught.value.params["state"]) == ("not_adopted", "defeated")


def test_a_ballot_is_found_counted_by_its_receipt(stage: Stage) -> None:
    decided = stage.adopt(YES_NO_FILE, CLICKS)
    stage.service.keeper.publish()

    fate = check_ballot(stage.coop, decided.ballots["Lucille"])

    assert (fate.verdict, fate.index) == ("counted", decided.ballots["Lucille"].index)


def test_each_attack_on_the_record_is_a_fault_that_names_it(stage: Stage) -> None:
    stage.adopt(YES_NO_FILE, CLICKS)
    stage.service.keeper.publish()
    coop = stage.coop
    whole = coop.record / "minutes" / "bodies" / "000"
    before = whole.read_bytes()

    def faults() -> list[str]:
        # The clock of somebody for whom the co-op's weeks have not passed.
        minutes = read_minutes(RecordFolder(coop.record), coop.genesis, now_s=AT_ANY_TIME_S // 1_000, with_files=True)
        return [fault.error.reason for fault in minutes.faults]

    assert faults() == []
    index = strike_ballot(coop.record, coop.now())
    assert index in {cast.index for cast in coop.now().ballots(max(coop.now().proposals))}
    assert "MINUTES_BALLOTS_WITHHELD" in faults()
    whole.write_bytes(before)
    assert edit_policy(coop.record) == 2
    assert faults() == ["RECORD_FILE_DIFFERS"]


def test_one_digit_is_falsified() -> None:
    bundle = b'x"commitment":"sha256:0a"y"commitment":"sha256:0a"'

    assert falsify(bundle) == b'x"commitment":"sha256:1a"y"commitment":"sha256:0a"'
