"""The record of a training: all that a reader of the manifest should know of it, in integers and words."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from rankd.core.exact.canonical import digest_text
from rankd.core.features.declaration import Declaration
from rankd.usecases.learn.days import Split, day_text
from rankd.usecases.learn.evaluation import Judgement
from rankd.usecases.learn.learning import LearnedHead
from rankd.usecases.learn.metrics import CALIBRATION_BINS
from rankd.usecases.learn.slates import Pair
from rankd.usecases.learn.sources import Source
from rankd.usecases.learn.training import SHARED_SETTINGS


def training_record(
    source: Source,
    declaration: Declaration,
    split: Split,
    learned: Sequence[LearnedHead],
    judged: Sequence[Judgement],
    slates: Mapping[str, Any],
    pair: Pair | None,
    agreed: tuple[int, int] | None,
    resamples: int,
) -> dict[str, Any]:
    """Return the record. Nothing in it depends on the machine, the time or the number of threads.

    Args:
        source: What was learned from.
        declaration: The features.
        split: Which days did what.
        learned: The heads.
        judged: Their figures on the days of judgement, as sealed.
        slates: `slates.slate_record` of the same days.
        pair: The policy whose value was judged, or None.
        agreed: Of how many recorded numbers how many came out the same when they were worked out anew, or None.
        resamples: How often viewers were drawn anew.
    """
    by_objective = {judgement.objective: judgement for judgement in judged}
    return {
        "data": {"kind": source.kind.value, "files": dict(source.files), **source.history.facts},
        "features": digest_text(declaration.file_digest),
        "split": split_record(split),
        "feedback_delay_ms": source.delay_ms,
        "calibration_error_bins": CALIBRATION_BINS,
        "resamples": resamples,
        "libraries": {name: version(name) for name in ("lightgbm", "numpy", "pyarrow")},
        "settings": dict(SHARED_SETTINGS),
        "heads": {head.plan.objective: _head(head, by_objective[head.plan.objective]) for head in learned},
        "slates": dict(slates),
        "policy": None if pair is None else digest_text(pair.policy.canon_digest),
        "recorded": None if agreed is None else {"compared": agreed[0], "same": agreed[1]},
    }


def split_record(split: Split) -> dict[str, Any]:
    """Return a split for the record."""
    return {
        "training": [day_text(split.first), day_text(split.last)],
        "calibration": [day_text(split.calibration[0]), day_text(split.calibration[-1])],
        "judgement": [day_text(day) for day in split.judgement],
        "judgement_calibrates": split.is_tuned,
        "time_zone": split.zone,
    }


def _head(head: LearnedHead, judgement: Judgement) -> dict[str, Any]:
    return {
        "rows": head.rows,
        "positives": head.positives,
        "settings": head.plan.settings(),
        "calibration": {
            "method": head.rehearsal.method,
            "rows": head.rehearsal.rows,
            "positives": head.rehearsal.positives,
            "days": [day_text(day) for day in head.rehearsal.days],
            "normalised_entropy_ppm": head.rehearsal.entropy_ppm,
            "calibration_error_ppm": head.rehearsal.error_ppm,
            "bound_ppm": head.rehearsal.bound_ppm,
        },
        "positions_ppm": None if head.positions is None else head.positions.record(),
        "judgement": judgement.record(),
    }
