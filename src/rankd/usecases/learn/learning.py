"""Learning: rehearse on rolling days, calibrate on what came out of time, train on everything before judgement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import PPB, Calibration, probability_ppb
from rankd.core.ranking.signal import MIN_BASE_RATE_PPB, HeadSignal
from rankd.forest.sealing import seal_head
from rankd.usecases.learn import metrics
from rankd.usecases.learn.calibrating import calibration_method, fit_calibration
from rankd.usecases.learn.definitions import FEATURES
from rankd.usecases.learn.evaluation import Judgement, judge
from rankd.usecases.learn.kuairand import FIRST_DAY, OUTCOME_COLUMNS, History, day_text
from rankd.usecases.learn.materialise import Materialiser, moments_of
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.training import PLANS, HeadPlan, sealed_margins, train_head

Int64s = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float32]

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how many of how many steps are done."""


@dataclass(frozen=True, slots=True)
class Split:
    """Which days do what, in days since 1970, Asia/Shanghai.

    Attributes:
        first: First day of training.
        calibration: The rolling days, at least two, so that each can be judged by a table fitted on others: for each, a
            head is trained on the days before it and predicts it.
        judgement: First and last day of judgement. Nothing before judging reads their outcomes.

    Raises:
        ValueError: Fewer than two rolling days, or days out of order.
    """

    first: int
    calibration: tuple[int, ...]
    judgement: tuple[int, int]

    def __post_init__(self) -> None:
        days = [self.first, *self.calibration, self.judgement[0]]
        if len(self.calibration) < 2 or sorted(set(days)) != days or self.judgement[0] > self.judgement[1]:
            raise ValueError("a split trains before it calibrates, on two days or more, and judges last")

    @property
    def last(self) -> int:
        """Last day that the final heads are trained on."""
        return self.calibration[-1]


SPLIT = Split(FIRST_DAY, tuple(range(FIRST_DAY + 3, FIRST_DAY + 8)), (FIRST_DAY + 8, FIRST_DAY + 9))
"""Train from 25 April, calibrate on 28 April to 2 May, judge on 3 and 4 May 2022."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the rolling days said of a head.

    Attributes:
        method: "isotonic", "logistic", or "none".
        rows: Pooled rows.
        positives: Pooled positives.
        entropy_ppm: Out-of-time normalised entropy, parts per million: each day under a table fitted on the other
            days. None where no table could be fitted.
        bound_ppm: Its 90 % bootstrap bound by viewer. None where there is none.
    """

    method: str
    rows: int
    positives: int
    entropy_ppm: int | None
    bound_ppm: int | None


@dataclass(frozen=True, slots=True)
class LearnedHead:
    """A head before sealing.

    Attributes:
        plan: How it was grown.
        text: As LightGBM writes it.
        signal: Base rate and calibration.
        silent_reason: One of `forest.manifest.SILENT_REASONS`, or None.
        rows: Rows that it was trained on.
        positives: Positives among them.
        rehearsal: What the rolling days said.
        judgement: Its figures on the days of judgement, as sealed.
    """

    plan: HeadPlan
    text: str
    signal: HeadSignal
    silent_reason: str | None
    rows: int
    positives: int
    rehearsal: Rehearsal
    judgement: Judgement


def learn(
    history: History,
    split: Split = SPLIT,
    plans: Sequence[HeadPlan] = PLANS,
    *,
    threads: int = 1,
    resamples: int = metrics.RESAMPLES,
    progress: Progress = lambda *_: None,
) -> tuple[LearnedHead, ...]:
    """Return every head, trained, calibrated and judged.

    Args:
        history: What to learn from.
        split: Which days do what.
        plans: How to grow each head.
        threads: How many threads may work, ≥ 1. The result does not depend on it.
        resamples: How often viewers are drawn anew for bounds and intervals.
        progress: Is told how far it is.

    Raises:
        LearnError: A day of the split has no rows.
        ModelError: A head cannot be sealed.
    """
    days = history.events.days
    used = range(split.first, split.judgement[1] + 1)
    for day in used:
        if not bool((days == day).any()):
            raise LearnError("DATA_DAY_EMPTY", day=day_text(day))
    progress("features", 0, 1)
    matrix = Materialiser(history).features(moments_of(history.events))
    progress("features", 1, 1)
    learned = []
    for done, plan in enumerate(plans):
        progress("heads", done, len(plans))
        learned.append(_learn_head(history, matrix, split, plan, threads, resamples))
    progress("heads", len(plans), len(plans))
    return tuple(learned)


def _learn_head(
    history: History, matrix: Matrix, split: Split, plan: HeadPlan, threads: int, resamples: int
) -> LearnedHead:
    events, days = history.events, history.events.days
    column = [objective for objective, _ in OUTCOME_COLUMNS].index(plan.objective)
    labels = events.outcomes[:, column]
    margins = np.zeros(len(days), dtype=np.int64)
    for day in split.calibration:
        before, on = (days >= split.first) & (days < day), days == day
        text = train_head(matrix[before], labels[before], FEATURES, plan, threads=threads)
        margins[on] = sealed_margins(seal_head(text, FEATURES), matrix[on], threads=threads)
    seen = (days >= split.first) & (days <= split.last)
    pooled = np.isin(days, split.calibration)
    rows, positives = int(seen.sum()), int(labels[seen].sum())
    base_rate_ppb = min(max(positives * PPB // rows, 1), PPB - 1)
    table, silent, rehearsal = calibrate(
        margins[pooled], labels[pooled], days[pooled], events.viewers[pooled], base_rate_ppb, resamples
    )
    signal = HeadSignal(plan.objective, base_rate_ppb, table)
    text = train_head(matrix[seen], labels[seen], FEATURES, plan, threads=threads)
    ahead = (days >= split.judgement[0]) & (days <= split.judgement[1])
    final = sealed_margins(seal_head(text, FEATURES), matrix[ahead], threads=threads).astype(np.int32)
    (judgement,) = judge((signal,), final[None, :], events, ahead, resamples=resamples)
    return LearnedHead(plan, text, signal, silent, rows, positives, rehearsal, judgement)


def calibrate(
    margins: Int64s, labels: Int64s, days: Int64s, viewers: Int64s, base_rate_ppb: int, resamples: int
) -> tuple[Calibration | None, str | None, Rehearsal]:
    """Return a head's table, why it is silent if it is, and what the rolling days said.

    Args:
        margins: int64, shape (n,), out-of-time margins of sealed heads, units of 2⁻²⁴ log-odds.
        labels: int64, shape (n,), 0 or 1.
        days: int64, shape (n,), the day of each row.
        viewers: int64, shape (n,), whom each row was shown to.
        base_rate_ppb: The head's base rate.
        resamples: How often viewers are drawn anew for the bound.

    Source: MATH 1.
    """
    rows, positives = len(labels), int(labels.sum())
    method = calibration_method(positives)
    unsaid = Rehearsal(method or "none", rows, positives, None, None)
    if method is None:
        return None, "TOO_FEW_POSITIVES", unsaid
    if base_rate_ppb < MIN_BASE_RATE_PPB:
        return None, "BASE_RATE_TOO_LOW", unsaid
    table = fit_calibration(margins, labels, method)
    ppb = np.zeros(rows, dtype=np.int64)
    for day in np.unique(days):
        on = days == day
        other = fit_calibration(margins[~on], labels[~on], method)
        if other is None:
            return None, "NO_BETTER_THAN_BASE_RATE", unsaid
        ppb[on] = probability_ppb(other, margins[on].astype(np.int32))
    losses = metrics.log_losses(ppb, labels)
    entropy = metrics.normalised_entropy(losses, labels, np.ones(rows))
    bound = metrics.upper_bound(losses, labels, metrics.viewer_weights(viewers, resamples))
    rehearsal = Rehearsal(
        method, rows, positives, round(entropy * metrics.PPM), round(min(bound, 1000.0) * metrics.PPM)
    )
    if table is None or not bound < 1:
        return None, "NO_BETTER_THAN_BASE_RATE", rehearsal
    return table, None, rehearsal
