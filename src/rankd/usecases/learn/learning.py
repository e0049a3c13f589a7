"""Learning: rehearse on rolling days, calibrate on what came out of time, train on everything before judgement."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from rankd.core.features.feature import Feature
from rankd.core.ranking.calibration import PPB, Calibration, probability_ppb
from rankd.core.ranking.signal import MIN_BASE_RATE_PPB, HeadSignal
from rankd.forest.sealing import seal_head
from rankd.usecases.learn import metrics
from rankd.usecases.learn.calibrating import ENOUGH_POSITIVES, calibration_methods, fit_calibration
from rankd.usecases.learn.days import Split, day_text
from rankd.usecases.learn.history import Float32s, Int64s, Rows
from rankd.usecases.learn.plan import HeadPlan, Plan
from rankd.usecases.learn.position import PositionEffects, fit_positions
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.training import sealed_margins, train_head

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how many of how many steps are done."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the rolling days said of a head.

    Attributes:
        method: "isotonic", "logistic", or "none".
        days: The rolling days that were pooled.
        rows: Their rows.
        positives: Their positives.
        entropy_ppm: Out-of-time normalised entropy, parts per million: each day under a table fitted on the other
            days. None where no table could be fitted.
        error_ppm: Out-of-time calibration error, as before.
        bound_ppm: The entropy's 90 % bootstrap bound by viewer. None where there is none.
    """

    method: str
    days: tuple[int, ...]
    rows: int
    positives: int
    entropy_ppm: int | None = None
    error_ppm: int | None = None
    bound_ppm: int | None = None


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
        positions: What places in the slate added; None where that is not known.
    """

    plan: HeadPlan
    text: str
    signal: HeadSignal
    silent_reason: str | None
    rows: int
    positives: int
    rehearsal: Rehearsal
    positions: PositionEffects | None


def learn(
    rows: Rows,
    days: Int64s,
    matrix: Float32s,
    features: Sequence[Feature],
    split: Split,
    plan: Plan,
    *,
    threads: int = 1,
    resamples: int = metrics.RESAMPLES,
    progress: Progress = lambda *_: None,
) -> tuple[LearnedHead, ...]:
    """Return every head, trained and calibrated, in canonical order.

    Args:
        rows: What was shown.
        days: int64, shape (n,), the day of each row.
        matrix: float32, shape (n, features), what a model reads of each row.
        features: The columns.
        split: Which days do what.
        plan: How to grow the heads.
        threads: How many heads may grow side by side, ≥ 1. The result does not depend on it.
        resamples: How often viewers are drawn anew for bounds.
        progress: Is told how far it is.

    Raises:
        LearnError: A day of the split has no rows, or nothing happened that a head could learn from.
        ModelError: A head cannot be sealed.
    """
    for day in (split.first, *split.calibration, split.judgement[1]):
        if not bool((days == day).any()):
            raise LearnError("DATA_DAY_EMPTY", day=day_text(day))
    seen = (days >= split.first) & (days <= split.last)
    plans = []
    for objective in rows.objectives:
        positives = int(rows.labels(objective)[seen].sum())
        if positives:
            plans.append(plan.head(objective, positives, int(seen.sum())))
    if not plans:
        raise LearnError("DATA_NOTHING_HAPPENED", rows=int(seen.sum()))
    steps = len(plans) * (len(split.calibration) + 1)

    done = count(1)

    def tell() -> None:
        progress("heads", next(done), steps)

    progress("heads", 0, steps)
    learner = _Learner(rows, days, matrix, features, split, resamples, tell)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        # Those with most work first, so that none is left alone at the end.
        heavy = sorted(plans, key=lambda one: -one.rounds * one.leaves)
        futures = {pool.submit(learner.learn_head, one): one.objective for one in heavy}
        learned = {futures[future]: future.result() for future in as_completed(futures)}
    return tuple(learned[one.objective] for one in plans)


@dataclass(frozen=True, slots=True)
class _Learner:
    rows: Rows
    days: Int64s
    matrix: Float32s
    features: Sequence[Feature]
    split: Split
    resamples: int
    tell: Callable[[], None]

    def learn_head(self, plan: HeadPlan) -> LearnedHead:
        """Return one head."""
        days, split, labels = self.days, self.split, self.rows.labels(plan.objective)
        positions = self._positions(plan, labels)
        margins = np.zeros(len(days), dtype=np.int64)
        for day in split.calibration:
            on = days == day
            text = self._train(plan, labels, (days >= split.first) & (days < day), positions)
            margins[on] = sealed_margins(seal_head(text, self.features), self.matrix[on])
            self.tell()
        seen = (days >= split.first) & (days <= split.last)
        pooled = np.isin(days, split.calibration)
        rows, positives = int(seen.sum()), int(labels[seen].sum())
        # Over what trained and what calibrated, which may be more.
        counted = labels[(days >= split.first) & (days <= split.calibration[-1])]
        base_rate_ppb = min(max(int(counted.sum()) * PPB // len(counted), 1), PPB - 1)
        table, silent, rehearsal = calibrate(
            margins[pooled], labels[pooled], days[pooled], self.rows.viewers[pooled], base_rate_ppb, self.resamples
        )
        text = self._train(plan, labels, seen, positions)
        self.tell()
        signal = HeadSignal(plan.objective, base_rate_ppb, table)
        return LearnedHead(plan, text, signal, silent, rows, positives, rehearsal, positions)

    def _positions(self, plan: HeadPlan, labels: Int64s) -> PositionEffects | None:
        """Return what places add, from the days before the first that calibrates."""
        before = (self.days >= self.split.first) & (self.days < self.split.calibration[0])
        places, viewers = self.rows.places[before], self.rows.viewers[before]
        if not (places >= 1).any():
            return None
        return fit_positions(self.matrix[before], labels[before], places, viewers, self.features, plan)

    def _train(
        self, plan: HeadPlan, labels: Int64s, which: npt.NDArray[np.bool_], positions: PositionEffects | None
    ) -> str:
        offsets = None if positions is None else positions.offsets(self.rows.places[which])
        return train_head(self.matrix[which], labels[which], self.features, plan, offsets)


def calibrate(
    margins: Int64s, labels: Int64s, days: Int64s, viewers: Int64s, base_rate_ppb: int, resamples: int
) -> tuple[Calibration | None, str | None, Rehearsal]:
    """Return a head's table, why it is silent if it is, and what the rolling days said.

    The table is fitted on the newest days that hold enough positives together, by the method that does best on days
    that it was not fitted on.

    Args:
        margins: int64, shape (n,), out-of-time margins of sealed heads, units of 2⁻²⁴ log-odds.
        labels: int64, shape (n,), 0 or 1.
        days: int64, shape (n,), the day of each row.
        viewers: int64, shape (n,), whom each row was shown to.
        base_rate_ppb: The head's base rate.
        resamples: How often viewers are drawn anew for the bound.

    Source: MATH 1; docs/adr/0010-calibration-follows-the-newest-days.md.
    """
    chosen = newest_days(days, labels)
    on = np.isin(days, chosen)
    margins, labels, days, viewers = margins[on], labels[on], days[on], viewers[on]
    rows, positives = len(labels), int(labels.sum())
    methods = calibration_methods(positives)
    unsaid = Rehearsal(methods[0] if methods else "none", chosen, rows, positives)
    if not methods:
        return None, "TOO_FEW_POSITIVES", unsaid
    if base_rate_ppb < MIN_BASE_RATE_PPB:
        return None, "BASE_RATE_TOO_LOW", unsaid
    tried = [
        (float(metrics.log_losses(ppb, labels).sum()), method, ppb)
        for method in methods
        if (ppb := _out_of_time(margins, labels, days, method)) is not None
    ]
    if not tried:
        return None, "NO_BETTER_THAN_BASE_RATE", unsaid
    # Logistic stands first, and of equal ones the first is taken.
    _, method, ppb = min(tried, key=lambda one: one[0])
    losses, ones = metrics.log_losses(ppb, labels), np.ones(rows)
    bound = metrics.upper_bound(losses, labels, metrics.viewer_weights(viewers, resamples))
    rehearsal = Rehearsal(
        method,
        chosen,
        rows,
        positives,
        round(metrics.normalised_entropy(losses, labels, ones) * metrics.PPM),
        round(metrics.calibration_error(ppb, labels, ones) * metrics.PPM),
        round(min(bound, 1000.0) * metrics.PPM),
    )
    table = fit_calibration(margins, labels, method)
    if table is None or not bound < 1:
        return None, "NO_BETTER_THAN_BASE_RATE", rehearsal
    return table, None, rehearsal


def newest_days(days: Int64s, labels: Int64s) -> tuple[int, ...]:
    """Return the newest days that hold 10,000 positives together, at least two of them; else all."""
    known = np.unique(days).tolist()
    for first in known[-2:0:-1]:
        if int(labels[days >= first].sum()) >= ENOUGH_POSITIVES:
            return tuple(known[known.index(first) :])
    return tuple(known)


def _out_of_time(margins: Int64s, labels: Int64s, days: Int64s, method: str) -> Int64s | None:
    """Return each day's probabilities under a table fitted on the other days; None where one cannot be fitted."""
    ppb = np.zeros(len(labels), dtype=np.int64)
    for day in np.unique(days):
        on = days == day
        # Without one positive elsewhere there is nothing to fit, and no way to say how good it would be.
        other = fit_calibration(margins[~on], labels[~on], method) if labels[~on].any() else None
        if other is None:
            return None
        ppb[on] = probability_ppb(other, margins[on].astype(np.int32))
    return ppb
