"""From a case in plain dicts to rankd's own types, and from rankd's answers to the shape of `score`."""

from typing import Any

import numpy as np

from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.policy import (
    AuthorDiversity,
    Cap,
    FeedbackFatigue,
    Freshness,
    Limits,
    MaxAge,
    ObjectiveLimits,
    Policy,
    Quota,
    Rules,
    Slider,
    SourceScaling,
)
from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.explanation import explain, reason_codes
from rankd.core.ranking.formula import Formula, build_formula
from rankd.core.ranking.ranking import Ranking, rank, rank_newest_first
from rankd.core.ranking.request import Candidates, Column, Mode, RankingRequest
from rankd.core.ranking.signal import HeadSignal
from rankd.core.records.decision import (
    DEFAULT_USED,
    NO_POLICY_IN_FORCE,
    QUOTA_SHORT,
    Decision,
    Degraded,
    request_digest,
)
from rankd.core.words.language import Phrase
from tests.reference.scorer import Answer
from tests.reference.value import Case

_NOTHING = Phrase(fr="–", en="–")


def rankd_rules(form: dict[str, Any]) -> Rules:
    """Return rules from their canonical mapping."""
    scaling = form.get("source_scaling/1")
    return Rules(
        drop_seen="drop_seen/1" in form,
        drop_muted="drop_muted/1" in form,
        max_age=MaxAge(**form["max_age/1"]) if "max_age/1" in form else None,
        freshness=Freshness(**form["freshness/1"]) if "freshness/1" in form else None,
        source_scaling=(
            None
            if scaling is None
            else SourceScaling(tuple(sorted(scaling["shares_ppm"].items())), scaling["other_ppm"])
        ),
        feedback_fatigue=FeedbackFatigue(**form["feedback_fatigue/1"]) if "feedback_fatigue/1" in form else None,
        author_diversity=AuthorDiversity(**form["author_diversity/1"]) if "author_diversity/1" in form else None,
        caps=tuple(Cap(cap.get("group"), cap["at_most"], cap["in_first"]) for cap in form.get("cap/1", [])),
        after_cap=form.get("after_cap"),
        quotas=tuple(Quota(**quota) for quota in form.get("quota/1", [])),
    )


def rankd_policy(form: dict[str, Any]) -> Policy:
    """Return a policy from its canonical mapping, as far as scoring reads it."""
    return Policy(
        surface="video",
        base_digest=None,
        title=_NOTHING,
        reasons=_NOTHING,
        points=tuple((objective, form["points"][objective]) for objective in OBJECTIVES),
        rules=rankd_rules(form["rules"]),
        exploration_ppm=form["exploration"]["share_ppm"],
        sliders=tuple(
            Slider(objective, form["sliders"][objective]["min_percent"], form["sliders"][objective]["max_percent"])
            for objective in OBJECTIVES
            if objective in form["sliders"]
        ),
        canon_digest=bytes(32),
        file_digest=bytes(32),
        canonical=b"{}",
    )


def rankd_limits(form: dict[str, Any]) -> Limits:
    """Return limits from their canonical mapping, as far as scoring reads it."""
    return Limits(
        lift_ceiling_micro=form["lift_ceiling_micro"],
        exploration_max_ppm=1_000_000,
        objectives=tuple(
            ObjectiveLimits(objective, 1 if form["objectives"][objective]["sign"] == "reward" else -1, 0, 1000)
            for objective in OBJECTIVES
        ),
        canon_digest=bytes(32),
        file_digest=bytes(32),
        canonical=b"{}",
    )


def rankd_head(form: dict[str, Any]) -> HeadSignal:
    """Return a head's signal from its part of the manifest."""
    knots = np.array(form["calibration"], dtype=np.int64).reshape(-1, 2)
    calibration = Calibration(knots[:, 0].copy(), knots[:, 1].copy()) if len(knots) else None
    return HeadSignal(form["objective"], form["base_rate_ppb"], calibration)


def rankd_formula(case: Case) -> Formula | None:
    """Return the formula of a case; None where the baseline stands in for a policy."""
    if case["policy"] is None:
        return None
    heads = tuple(rankd_head(head) for head in case["heads"])
    return build_formula(rankd_policy(case["policy"]), rankd_limits(case["limits"]), heads)


def rankd_request(case: Case) -> RankingRequest:
    """Return the request of a case."""
    form = case["request"]
    table = form["candidates"]
    count = len(table["id"])
    return RankingRequest(
        request_id=form.get("request_id", "r"),
        surface=form.get("surface", "video"),
        viewer_id=form.get("viewer_id", "v"),
        mode=Mode(form["mode"]),
        request_time_ms=form["request_time_ms"],
        candidates=Candidates(
            ids=tuple(table["id"]),
            author_ids=tuple(table["author_id"]),
            create_times_ms=np.array(table["create_time_ms"], dtype=np.int64),
            sources=tuple(table["source"]),
            groups=tuple(tuple(groups) for groups in table["groups"]),
            seen=np.array([index in table["seen"] for index in range(count)], dtype=np.bool_),
            muted=np.array([index in table["muted"] for index in range(count)], dtype=np.bool_),
        ),
        limit=form["limit"],
        served_author_counts=tuple((author, count) for author, count in form["served_author_counts"]),
        sliders=tuple((objective, percent) for objective, percent in form["sliders"]),
    )


def rankd_margins(case: Case) -> "np.ndarray[Any, np.dtype[np.int32]]":
    """Return the margins of a case: int32, shape (heads, n)."""
    return np.array(case["margins"], dtype=np.int32).reshape(len(case["heads"]), -1)


def rankd_columns(case: Case) -> "dict[str, np.ndarray[Any, np.dtype[np.float32]]]":
    """Return the columns that rules read, NaN where the case says null."""
    return {
        name: np.array([np.nan if value is None else value for value in values], dtype=np.float32)
        for name, values in case["columns"].items()
    }


def rankd_ranking(case: Case) -> Ranking:
    """Return the ranking that rankd makes of a case."""
    request, formula, nonce = rankd_request(case), rankd_formula(case), bytes.fromhex(case["nonce"])
    if formula is None or request.mode is Mode.NEWEST_FIRST:
        return rank_newest_first(request, nonce)
    return rank(request, formula, rankd_margins(case), rankd_columns(case), nonce)


def rankd_answer(case: Case) -> Answer:
    """Return everything that rankd says of a case, in the shape of `score`."""
    ranking = rankd_ranking(case)
    ids = case["request"]["candidates"]["id"]
    formula = None if ranking.workings is None else rankd_formula(case)
    margins = None if formula is None else rankd_margins(case)
    explained = [explain(ranking, formula, margins, index) for index in range(len(ids))]
    exploration = ranking.exploration
    return {
        "slate": [
            {
                "id": ids[index],
                "value": ranking.values[ranking.order.index(index)],
                "reason_codes": list(reason_codes(ranking, formula, index)),
            }
            for index in ranking.shown
        ],
        "dropped": [{"id": ids[index], "rule_id": rule_id} for index, rule_id in ranking.dropped],
        "order": [ids[index] for index in ranking.order],
        "values": list(ranking.values),
        "moves": [None] * len(ranking.order) if ranking.workings is None else list(ranking.workings.moves),
        "quota_short": list(ranking.quota_short),
        "exploration": {
            "share_ppm": exploration.share_ppm,
            "pair_count": exploration.pair_count,
            "partner_counts": list(exploration.partner_counts),
            "pair": None if exploration.pair is None else list(exploration.pair),
            "marginals": [list(marginal) for marginal in exploration.marginals],
        },
        "explanations": [
            {
                "id": ids[one.candidate],
                "terms": [
                    {
                        "objective": term.objective,
                        "sign": term.sign,
                        "points": term.points,
                        "lift": term.lift_micro,
                        "term": term.term,
                    }
                    for term in one.terms
                ],
                "steps": [
                    {"rule_id": step.rule_id, "factor": step.factor, "before": step.before, "after": step.after}
                    for step in one.steps
                ],
                "value": one.value,
            }
            for one in explained
        ],
    }


def rankd_decision(case: Case) -> Decision:
    """Return the decision that rankd would record of a case, with a word of everything that a header holds."""
    ranking, request = rankd_ranking(case), rankd_request(case)
    columns: tuple[Column, ...] = ()
    heads: tuple[str, ...] = ()
    margins = np.empty((0, len(request.candidates)), dtype=np.int32)
    degraded = []
    if ranking.workings is not None:
        columns = tuple(Column(name, values) for name, values in rankd_columns(case).items())
        columns += (Column("émotion", np.array([0.5], dtype=np.float32)),)
        heads, margins = tuple(head["objective"] for head in case["heads"]), rankd_margins(case)
        degraded.append(Degraded(DEFAULT_USED, ("émotion",)))
    elif request.mode is Mode.RANKED:
        degraded.append(Degraded(NO_POLICY_IN_FORCE, ("video",)))
    if ranking.quota_short:
        degraded.append(Degraded(QUOTA_SHORT, ranking.quota_short))
    clock_given = len(request.candidates) % 2 == 0
    return Decision(
        request=request,
        clock_given=clock_given,
        caller="feed 🐟",
        request_digest=request_digest(request, columns[:1], clock_given),
        policy_digest=bytes(range(32)),
        constitution_digest=bytes(range(1, 33)),
        model_digest=None if ranking.workings is None else bytes(range(2, 34)),
        epoch_digest=bytes(range(3, 35)),
        nonce=bytes.fromhex(case["nonce"]),
        worker="w-1",
        counter=7,
        voids=((bytes(range(3, 35)), 5), (bytes(range(4, 36)), 2**53 - 1)),
        time_ms=case["request"]["request_time_ms"] + 3,
        order=ranking.order,
        values=ranking.values,
        dropped=ranking.dropped,
        exploration=ranking.exploration,
        degraded=tuple(degraded),
        columns=columns,
        heads=heads,
        margins=margins,
    )
