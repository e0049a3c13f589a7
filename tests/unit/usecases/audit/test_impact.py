"""Impact: a case by hand, a recomputation from the definitions, the same bytes everywhere, and what is refused."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rankd.core.errors import ImpactError, LogError, PolicyError, RankdError
from rankd.core.exact.chance import decision_nonce
from rankd.core.impact.document import encode_impact
from rankd.core.impact.impact import Impact, LeftOut
from rankd.core.log.note import NoteSigner
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.pull import pull_ppm
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.core.ranking.formula import Formula, build_formula
from rankd.core.ranking.ranking import rank
from rankd.core.ranking.request import Mode
from rankd.core.ranking.value import value_terms
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import rerank
from rankd.forest.reference import ReferenceForest
from rankd.store.bundle_file import BundleFile
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.model_folder import read_model_folder
from rankd.usecases.audit import impact as module
from rankd.usecases.audit.exposure import place_weight_micro
from rankd.usecases.audit.impact import Source, impact_of, newest_model
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.trust import Trust
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, House
from tests.evidence import TRUST, Written, bundled, rewrite, secret
from tests.reference.compared import compare_recorded

SCRIPT = """\
import sys
from pathlib import Path
from tests.unit.usecases.audit.test_impact import impact_in, texts
from rankd.core.impact.document import encode_impact
root = Path(sys.argv[1])
sys.stdout.buffer.write(encode_impact(impact_in(root / "data", *texts(root))))
"""


def texts(root: Path) -> tuple[Policy, Limits]:
    """Return the proposed policy and the limits of a house."""
    return (
        read_policy((root / "proposed.yaml").read_bytes(), "proposed.yaml"),
        read_limits((root / "policies" / "limits.yaml").read_bytes(), "limits.yaml"),
    )


def impact_in(data: Path, policy: Policy, limits: Limits, **options: object) -> Impact:
    return impact_of(policy, limits, [Source(JournalEvidence(data, DECISIONS), TRUST)], now_s=0, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a house with decisions and a proposed policy."""
    root = tmp_path_factory.mktemp("house")
    house = House(root)
    house.record(range(60))
    text = house.write_policy(click=100).read_text()
    (root / "proposed.yaml").write_text(text.replace("{near: 100%}", "{far: 100%}"))
    house.write_policy()
    return root


@pytest.fixture(scope="module")
def found(root: Path) -> Impact:
    """Return its impact."""
    return impact_in(root / "data", *texts(root))


def ranked(data: Path) -> list[Decision]:
    decisions = [decision for _, decision in recorded_decisions(JournalEvidence(data, DECISIONS))]
    return [decision for decision in decisions if decision.request.mode is Mode.RANKED]


def test_slates_are_those_of_the_comparison_one_by_one(root: Path, found: Impact) -> None:
    compared = [entry.comparison for entry in compare_recorded(root / "data", texts(root)[0])]
    assert found.count == len(compared) == 48
    slates = found.slates
    assert slates.identical == sum(one.identical for one in compared)
    assert slates.entered == sum(len(one.entered) for one in compared)
    assert slates.left == sum(len(one.left) for one in compared)
    assert (slates.pairs, slates.discordant) == (sum(c.pairs for c in compared), sum(c.discordant for c in compared))
    assert 0 < slates.identical < found.count
    moved = sum(
        (one.before[at : at + 1] != one.after[at : at + 1])
        for one in compared
        for at in range(max(len(one.before), len(one.after)))
    )
    assert slates.moved == moved > 0


def test_exposure_is_counted_as_its_definition_says(root: Path, found: Impact) -> None:
    offered: Counter[str] = Counter()
    places: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    micro: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for entry in compare_recorded(root / "data", texts(root)[0]):
        sources = entry.decision.request.candidates.sources
        offered.update(sources)
        for side, shown in enumerate((entry.comparison.before, entry.comparison.after)):
            for place, candidate in enumerate(shown, start=1):
                places[side][sources[candidate]] += 1
                micro[side][sources[candidate]] += place_weight_micro(place)
    by_label = {one.label: one for one in found.exposure.sources}
    assert set(by_label) == set(offered) == {"near", "far", ""}
    for label, one in by_label.items():
        assert (one.offered, one.before, one.after) == (offered[label], places[0][label], places[1][label])
        assert (one.before_micro, one.after_micro) == (micro[0][label], micro[1][label])
    assert by_label["far"].after > by_label["far"].before
    total = found.exposure.total
    assert (total.offered, total.before, total.after) == tuple(sum(counts.values()) for counts in (offered, *places))
    authors = {a for d in ranked(root / "data") for a in d.request.candidates.author_ids if a}
    assert found.authors.authors == len(authors)


def test_pull_and_prediction_are_those_of_the_definitions(root: Path, found: Impact) -> None:
    proposed, limits = texts(root)
    data = root / "data"
    archive = JournalEvidence(data, DECISIONS).archive
    heads = tuple(head.signal for head in archive.manifest(found.model).heads)
    before = build_formula(archive.policy(found.bases[0].policy), limits, heads)
    after = build_formula(proposed, limits, heads)

    def pull(formula: Formula) -> dict[str, int]:
        # The proposed policy lets the same slider go as far, so nothing is clipped.
        terms = [value_terms(formula, d.margins, d.request.sliders).terms for d in ranked(data)]
        return pull_ppm({head.objective: [one[row] for one in terms] for row, head in enumerate(heads)})

    pulls = pull(before), pull(after)
    by_name = {one.objective: one for one in found.objectives}
    for name in ("click", "reply", "hide"):
        assert (by_name[name].pull_before_ppm, by_name[name].pull_after_ppm) == (pulls[0][name], pulls[1][name])
    assert sum(one.pull_after_ppm for one in found.objectives) == 1_000_000
    assert (by_name["reply"].head, by_name["reply"].prediction, by_name["like"].head) == ("silent", None, "none")
    assert (by_name["click"].points_before, by_name["click"].points_after) == (500, 100)
    assert by_name["hide"].sign == -1

    # The house's table is linear between margins −8, 0 and 8 log-odds, floors included.
    def probability(margin: int) -> int:
        x = min(max(margin, -(2**27)), 2**27)
        low, high, left = (1_000, 300_000_000, -(2**27)) if x < 0 else (300_000_000, 999_000_000, 0)
        return low + (x - left) * (high - low) // 2**27

    compared = list(compare_recorded(data, proposed))
    for name in ("click", "hide"):
        prediction = by_name[name].prediction
        assert prediction is not None
        for shown, said in (("before", prediction.before_ppb), ("after", prediction.after_ppb)):
            chosen = [
                probability(int(entry.decision.margins[entry.decision.heads.index(name), candidate]))
                for entry in compared
                for candidate in getattr(entry.comparison, shown)
            ]
            assert said == sum(chosen) // len(chosen)
        assert (prediction.low_ppb, prediction.high_ppb) == (None, None)


def test_it_names_what_it_rests_on(root: Path, found: Impact) -> None:
    proposed, limits = texts(root)
    assert (found.proposed.canon, found.proposed.file) == (proposed.canon_digest, proposed.file_digest)
    assert found.limits == limits.canon_digest
    assert [base.count for base in found.bases] == [48]
    (one,) = found.decisions
    evidence = JournalEvidence(root / "data", DECISIONS)
    assert (one.origin, one.size, one.first, one.end, one.count) == (HOUSE_ORIGIN, evidence.size, 0, evidence.size, 48)
    assert one.left_out == (LeftOut("newest_first", 12),)
    assert found.viewers == len({d.request.viewer_id for d in ranked(root / "data")}) == 3


def test_nobody_is_in_it(root: Path, found: Impact) -> None:
    data = encode_impact(found)
    for decision in ranked(root / "data"):
        request = decision.request
        names = {request.viewer_id, request.request_id, *request.candidates.ids}
        assert not any(f'"{name}"'.encode() in data for name in names)
    assert not any(f'"{author}"'.encode() in data for author in ("a", "b", "c"))


def test_the_policy_that_ranked_changes_nothing(root: Path) -> None:
    same = read_policy((root / "policies" / "video.yaml").read_bytes(), "video.yaml")
    found = impact_in(root / "data", same, texts(root)[1])
    assert (found.slates.moved, found.slates.tau, found.slates.identical) == (0, Fraction(1), 48)
    for one in found.objectives:
        assert one.pull_before_ppm == one.pull_after_ppm
        assert one.prediction is None or one.prediction.before_ppb == one.prediction.after_ppb
    assert [(example.pick, example.moved) for example in found.examples][-1] == ("least", 0)


@pytest.mark.parametrize("seed", ["0", "77"])
def test_another_process_writes_the_same_bytes(root: Path, found: Impact, seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-c", SCRIPT, root], env=environment, capture_output=True, check=True)
    assert done.stdout == encode_impact(found)


def test_a_bundle_says_the_same_as_the_folder_that_it_is_of(root: Path, found: Impact, tmp_path: Path) -> None:
    with BundleFile(bundled(root / "data", tmp_path / "all.tar")) as bundle:
        assert encode_impact(impact_of(*texts(root), [Source(bundle, TRUST)], now_s=0)) == encode_impact(found)


def test_processes_side_by_side_write_the_same_bytes(
    root: Path, found: Impact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORTH_PROCESSES", 0)
    assert encode_impact(impact_in(root / "data", *texts(root), jobs=3)) == encode_impact(found)


def test_neither_the_order_of_bundles_nor_where_they_are_cut_changes_a_measure(
    root: Path, found: Impact, tmp_path: Path
) -> None:
    first = bundled(root / "data", tmp_path / "first.tar", end=20)
    rest = bundled(root / "data", tmp_path / "rest.tar", first=20)
    with BundleFile(first) as one, BundleFile(rest) as other:
        sources = [Source(one, TRUST), Source(other, TRUST)]
        there, back = (impact_of(*texts(root), some, now_s=0) for some in (sources, sources[::-1]))
    assert encode_impact(there) == encode_impact(back)
    assert [(part.first, part.end) for part in there.decisions] == [(0, 20), (20, found.decisions[0].end)]
    assert replace(there, decisions=()) == replace(found, decisions=())


def test_decisions_that_are_given_twice_are_refused(root: Path, tmp_path: Path) -> None:
    part = bundled(root / "data", tmp_path / "part.tar", first=30)
    whole = Source(JournalEvidence(root / "data", DECISIONS), TRUST)
    with BundleFile(part) as bundle, pytest.raises(ImpactError) as caught:
        impact_of(*texts(root), [Source(bundle, TRUST), whole], now_s=0)
    assert (caught.value.reason, caught.value.metadata["first"]) == ("IMPACT_OVERLAP", 30)


def test_a_bundle_with_an_altered_entry_is_refused(root: Path, tmp_path: Path) -> None:
    path = bundled(root / "data", tmp_path / "all.tar")

    def change(files: dict[str, bytes]) -> None:
        name = next(name for name in files if "entries" in name)
        data = bytearray(files[name])
        at = data.index(b'"surface":"video"')
        data[at + 11 : at + 16] = b"audio"
        files[name] = bytes(data)

    with BundleFile(rewrite(path, change)) as bundle, pytest.raises(RankdError) as caught:
        impact_of(*texts(root), [Source(bundle, TRUST)], now_s=0)
    assert caught.value.reason in ("IMPACT_EVIDENCE", "TILE_DIFFERS")


def test_a_bundle_with_an_altered_body_is_refused(root: Path, tmp_path: Path) -> None:
    path = bundled(root / "data", tmp_path / "all.tar")

    def change(files: dict[str, bytes]) -> None:
        name = next(name for name in files if "bodies" in name)
        data = bytearray(files[name])
        data[len(data) // 2] ^= 1
        files[name] = bytes(data)

    with BundleFile(rewrite(path, change)) as bundle, pytest.raises(ImpactError) as caught:
        impact_of(*texts(root), [Source(bundle, TRUST)], now_s=0)
    assert caught.value.reason == "IMPACT_EVIDENCE"
    assert caught.value.say("fr") != caught.value.say("en")


def test_a_checkpoint_of_another_key_is_refused(root: Path) -> None:
    stranger = Trust(NoteSigner(HOUSE_ORIGIN, ERASER_KEY).verifier)
    with pytest.raises(LogError):
        impact_of(*texts(root), [Source(JournalEvidence(root / "data", DECISIONS), stranger)], now_s=0)


def test_a_decision_that_does_not_follow_from_its_policy_is_refused(root: Path, tmp_path: Path) -> None:
    decision = next(one for one in ranked(root / "data") if len(one.order) > 1)
    written = Written(tmp_path / "data", decision, archive=root / "data" / "archive")
    written.epoch()
    # The operator signs a slate that the policy did not make.
    written.decide(of=replace(decision, order=decision.order[::-1]))
    with pytest.raises(ImpactError) as caught:
        impact_in(written.close(), *texts(root))
    assert caught.value.reason == "IMPACT_EVIDENCE"


def test_erased_decisions_and_other_surfaces_are_left_out_and_counted(root: Path, tmp_path: Path) -> None:
    one = ranked(root / "data")[0]
    written = Written(tmp_path / "data", one, archive=root / "data" / "archive")
    written.epoch()
    for counter in range(3):
        # Lots follow from the nonce, so each is ranked under its own.
        written.decide(of=ranked_under(root, one, counter))
    written.erase((2, 2))
    found = impact_in(written.close(), *texts(root))
    assert (found.count, found.decisions[0].left_out) == (2, (LeftOut("erased", 1),))
    elsewhere = read_policy((root / "proposed.yaml").read_bytes().replace(b"surface: video", b"surface: audio"), "a")
    with pytest.raises(ImpactError) as caught:
        impact_in(root / "data", elsewhere, texts(root)[1])
    assert caught.value.reason == "IMPACT_NO_MODEL"


def ranked_under(root: Path, decision: Decision, counter: int) -> Decision:
    """Return a decision as its policy makes it under the nonce of another counter."""
    archive = JournalEvidence(root / "data", DECISIONS).archive
    assert decision.model_digest is not None
    heads = tuple(head.signal for head in archive.manifest(decision.model_digest).heads)
    policy, limits = archive.policy(decision.policy_digest), archive.limits(decision.constitution_digest)
    other = replace(decision, nonce=decision_nonce(secret(1), "w0", counter))
    ranking = rerank(other, build_formula(policy, limits, heads))
    return replace(
        other,
        order=ranking.order,
        values=ranking.values,
        dropped=ranking.dropped,
        exploration=ranking.exploration,
    )


def test_the_newest_decisions_model_counts_and_another_can_be_asked_for(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.record(range(10))
    old = newest_model([Source(JournalEvidence(house.data, DECISIONS), TRUST)], "video")
    house.write_model(leaf=MARGIN_ONE // 2)
    house.record(range(10, 15))
    proposed = read_policy(house.write_policy(click=100).read_bytes(), "proposed")
    limits = read_limits((house.policies / "limits.yaml").read_bytes(), "limits")
    newest, older = (impact_in(house.data, proposed, limits, model=model) for model in (None, old))
    assert newest.model != older.model == old
    assert (newest.count, newest.decisions[0].left_out) == (
        4,
        (LeftOut("newest_first", 3), LeftOut("other_model", 8)),
    )
    assert (older.count, older.decisions[0].left_out) == (8, (LeftOut("newest_first", 3), LeftOut("other_model", 4)))
    with pytest.raises(RankdError) as caught:
        impact_in(house.data, proposed, limits, model=bytes(32))
    assert caught.value.reason == "ARCHIVE_MISSING"


def test_a_rule_whose_column_was_not_sent_leaves_a_decision_out(root: Path) -> None:
    text = (root / "proposed.yaml").read_text().replace("column: hours_since_hide", "column: hours_since_mute")
    with pytest.raises(ImpactError) as caught:
        impact_in(root / "data", read_policy(text.encode(), "p"), texts(root)[1])
    assert (caught.value.reason, caught.value.metadata["left_out"]) == (
        "IMPACT_NOTHING",
        "newest_first 12, column 48",
    )


def test_points_without_a_head_are_refused(root: Path) -> None:
    text = (root / "proposed.yaml").read_text().replace("report: 0", "report: 50").replace("click: 100", "click: 50")
    with pytest.raises(PolicyError) as caught:
        impact_in(root / "data", read_policy(text.encode(), "p"), texts(root)[1])
    assert caught.value.reason == "HEAD_MISSING"


def test_sliders_count_as_far_as_the_proposal_lets_them(root: Path) -> None:
    text = (root / "proposed.yaml").read_text()
    narrow = text.replace("reply: {min: 50%, max: 150%}", "reply: {min: 50%, max: 110%}")
    assert narrow != text
    found = impact_in(root / "data", read_policy(narrow.encode(), "p"), texts(root)[1])
    assert found.clipped == sum(bool(d.request.sliders) for d in ranked(root / "data")) > 0
    none = text.replace("sliders: {reply: {min: 50%, max: 150%}}", "sliders: {}")
    assert none != text
    assert impact_in(root / "data", read_policy(none.encode(), "p"), texts(root)[1]).clipped == found.clipped


def test_other_limits_make_another_impact(root: Path, found: Impact) -> None:
    text = (root / "policies" / "limits.yaml").read_text().replace("lift_ceiling: 10", "lift_ceiling: 2")
    other = impact_in(root / "data", texts(root)[0], read_limits(text.encode(), "l"))
    assert other.limits != found.limits
    assert other.bases == found.bases
    by_hide = {one.objective: one for one in other.objectives}["hide"]
    assert by_hide.pull_before_ppm == {one.objective: one for one in found.objectives}["hide"].pull_before_ppm
    assert by_hide.pull_after_ppm != {one.objective: one for one in found.objectives}["hide"].pull_after_ppm


def test_a_missing_archive_is_refused(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(root / "data", data)
    for path in (data / "archive" / "limits").iterdir():
        path.unlink()
    with pytest.raises(ImpactError) as caught:
        impact_in(data, *texts(root))
    assert caught.value.reason == "IMPACT_EVIDENCE"
    assert "ARCHIVE_MISSING" in str(caught.value.metadata["found"])


def test_progress_counts_over_all_the_evidence(root: Path, tmp_path: Path) -> None:
    counts: list[int] = []
    first = bundled(root / "data", tmp_path / "first.tar", end=20)
    rest = bundled(root / "data", tmp_path / "rest.tar", first=20)
    with BundleFile(first) as one, BundleFile(rest) as other:
        impact_of(*texts(root), [Source(one, TRUST), Source(other, TRUST)], now_s=0, progress=counts.append)
    assert counts == sorted(counts)
    assert len(counts) > 1


def test_the_same_model_again_changes_nothing_and_predicts_nothing(root: Path) -> None:
    same = read_policy((root / "policies" / "video.yaml").read_bytes(), "video.yaml")
    found = impact_in(root / "data", same, texts(root)[1], new_model=read_model_folder(root / "models" / "video"))
    assert (found.new_model, found.slates.moved, found.announced) == (found.model, 0, ())
    assert all(one.pull_before_ppm == one.pull_after_ppm and one.prediction is None for one in found.objectives)


def test_another_model_ranks_by_its_own_margins(root: Path, tmp_path: Path) -> None:
    house = House(tmp_path)
    folder = house.write_model(leaf=-3 * MARGIN_ONE)
    sealed = read_model_folder(folder)
    same, limits = read_policy((root / "policies" / "video.yaml").read_bytes(), "video.yaml"), texts(root)[1]
    found = impact_in(root / "data", same, limits, new_model=sealed)
    assert found.new_model == sealed.manifest.digest != found.model

    heads = tuple(head.signal for head in sealed.manifest.heads)
    formula, engine = build_formula(same, limits, heads), ReferenceForest(sealed)
    terms, moved = [], 0
    for decision in ranked(root / "data"):
        request = decision.request
        columns = {column.name: column.values for column in decision.columns}
        rows = [np.broadcast_to(columns[one.name], len(request.candidates)) for one in sealed.manifest.features]
        margins = engine.margins(np.ascontiguousarray(np.stack(rows, axis=1)))
        after = rank(request, formula, margins, columns, decision.nonce).order[: request.limit]
        before = decision.order[: request.limit]
        moved += sum(before[at : at + 1] != after[at : at + 1] for at in range(max(len(before), len(after))))
        terms.append(value_terms(formula, margins, request.sliders).terms)
    assert found.slates.moved == moved > 0
    pull = pull_ppm({head.objective: [one[row] for one in terms] for row, head in enumerate(heads)})
    by_name = {one.objective: one for one in found.objectives}
    assert {name: by_name[name].pull_after_ppm for name in pull} == pull
    differences = {one.objective: abs(one.pull_after_ppm - one.pull_before_ppm) for one in found.objectives}
    assert set(found.announced) == {name for name, difference in differences.items() if difference > 50_000} != set()


def test_a_model_that_reads_what_was_not_recorded_leaves_decisions_out(root: Path, tmp_path: Path) -> None:
    house = House(tmp_path)
    sealed = read_model_folder(house.models / "video")
    features = (replace(sealed.manifest.features[0], name="never_sent"), *sealed.manifest.features[1:])
    other = replace(sealed, manifest=replace(sealed.manifest, features=features))
    with pytest.raises(ImpactError) as caught:
        impact_in(root / "data", *texts(root), new_model=other)
    assert caught.value.metadata["left_out"] == "newest_first 12, column 48"
