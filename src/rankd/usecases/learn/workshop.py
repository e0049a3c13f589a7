"""The steps of learning on folders: train, seal, evaluate."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rankd.core.exact.canonical import digest_text
from rankd.core.features.reader import read_declaration
from rankd.core.policy.pairing import check_limits, check_surface
from rankd.forest.engine import choose_engine
from rankd.forest.sealed import SealedModel
from rankd.forest.sealing import seal_head
from rankd.store.model_folder import read_model_folder, write_model_folder
from rankd.store.policy_folder import read_limits_file, read_policy_bytes, read_policy_file
from rankd.usecases.learn import metrics
from rankd.usecases.learn.days import day_text, days_of, read_day, split_days
from rankd.usecases.learn.evaluation import judge
from rankd.usecases.learn.learning import Progress, learn
from rankd.usecases.learn.plan import DEFAULTS, Plan, read_plan
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.sealing import sealed_files
from rankd.usecases.learn.slates import Pair, slate_record
from rankd.usecases.learn.sources import Kind, Source, open_source
from rankd.usecases.learn.training import sealed_margins
from rankd.usecases.learn.training_record import training_record
from rankd.usecases.learn.working_folder import check_vacant, read_working_folder, write_working_folder


@dataclass(frozen=True, slots=True)
class Order:
    """What to train, and from what.

    Attributes:
        kind: What the history is read from.
        data: Its folder.
        features: The file FEATURES.yaml.
        surface: The surface that the model is for.
        out: The working folder to write.
        plan: The file plan.yaml; None: defaults.
        calibrate_days: How many days calibrate; None: as the plan says.
        judge_days: How many of the last days judge; None: as the plan says.
        zone: The time zone of the days; None: as the plan says.
        policy: A policy and its limits, whose value is judged, too; None: none.
        threads: How many heads may grow side by side, ≥ 1.
        replace: Whether `out` may exist.
        resamples: How often viewers are drawn anew.
    """

    kind: Kind
    data: Path
    features: Path
    surface: str
    out: Path
    plan: Path | None = None
    calibrate_days: int | None = None
    judge_days: int | None = None
    zone: str | None = None
    policy: tuple[Path, Path] | None = None
    threads: int = 1
    replace: bool = False
    resamples: int = metrics.RESAMPLES


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A sealed model's figures on some days.

    Attributes:
        model_digest: SHA-256 of the manifest.
        days: First and last day, YYYY-MM-DD.
        heads: For each objective its figures, as in the manifest's record.
        slates: Figures of whole slates, as in the manifest's record.
        recorded: Of how many recorded numbers how many come out the same again, or None.
        agrees: Whether they equal the figures that the manifest records, where it records these days of these data;
            None where it does not.
    """

    model_digest: bytes
    days: tuple[str, str]
    heads: Mapping[str, Any]
    slates: Mapping[str, Any]
    recorded: tuple[int, int] | None
    agrees: bool | None

    def as_json(self) -> dict[str, Any]:
        """Return the figures as `rankd model evaluate --json` prints them."""
        return {
            "model_digest": digest_text(self.model_digest),
            "days": list(self.days),
            "heads": dict(self.heads),
            "slates": dict(self.slates),
            "recorded": None if self.recorded is None else {"compared": self.recorded[0], "same": self.recorded[1]},
            "agrees_with_record": self.agrees,
        }


def train_folder(order: Order, progress: Progress = lambda *_: None) -> dict[str, Any]:
    """Learn from a history and leave a working folder.

    Args:
        order: What to train, and from what.
        progress: Is told how far it is.

    Returns:
        The record of the training.

    Raises:
        LearnError: The data cannot be learned from, or the folder not be written.
        PolicyError: FEATURES.yaml, the plan or the policy is not what it should be.
        RankdError: A journal cannot be read.
    """
    check_vacant(order.out, replace=order.replace)
    text = read_policy_bytes(order.features)
    declaration = read_declaration(text, order.features.name)
    plan = _plan(order)
    pair = None if order.policy is None else read_pair(*order.policy, order.surface)
    progress("reading", 0, 1)
    source = open_source(order.kind, order.data, declaration, order.surface, plan.zone)
    progress("reading", 1, 1)
    rows = source.history.rows
    days = days_of(rows.times_ms, source.zone)
    split = split_days(days, plan.calibrate_days, plan.judge_days, source.zone, tuned=plan.is_tuned)
    matrix, agreed = source.matrix(declaration, lambda done, total: progress("features", done, total))
    features = declaration.columns
    learned = learn(
        rows, days, matrix, features, split, plan, threads=order.threads, resamples=order.resamples, progress=progress
    )
    progress("judging", 0, 1)
    ahead = (days >= split.judgement[0]) & (days <= split.judgement[1])
    asked, read = rows.take(ahead), matrix[ahead]
    signals = [head.signal for head in learned]
    margins = np.stack([sealed_margins(seal_head(head.text, features), read) for head in learned]).astype(np.int32)
    judged = judge(signals, margins, asked, source.scopes(asked), resamples=order.resamples)
    slates = slate_record(source.history, asked, signals, margins, pair, order.resamples)
    progress("judging", 1, 1)
    record = training_record(
        source, declaration, split, learned, judged, slates, pair, agreed, resamples=order.resamples
    )
    write_working_folder(order.out, order.surface, learned, record, text, source.license, replace=order.replace)
    return record


def _plan(order: Order) -> Plan:
    plan = DEFAULTS
    if order.plan is not None:
        plan = read_plan(read_policy_bytes(order.plan), order.plan.name)
    return plan.with_days(order.calibrate_days, order.judge_days, order.zone)


def read_pair(policy: Path, limits: Path, surface: str) -> Pair:
    """Read a policy with the limits that it stands under.

    Raises:
        PolicyError: Either cannot be read, the policy breaks the limits, or it is for another surface.
    """
    pair = Pair(read_policy_file(policy), read_limits_file(limits))
    check_surface(pair.policy, surface)
    check_limits(pair.policy, pair.limits)
    return pair


def seal_folder(working: Path, out: Path, *, replace: bool) -> SealedModel:
    """Seal what training left.

    Raises:
        LearnError: The working folder cannot be read.
        ModelError: A head cannot be sealed, or `out` not be written.
    """
    model, files = sealed_files(read_working_folder(working))
    write_model_folder(out, files, replace=replace)
    return model


def evaluate_folder(
    model_folder: Path,
    kind: Kind,
    data: Path,
    days: tuple[str, str] | None = None,
    *,
    policy: tuple[Path, Path] | None = None,
    resamples: int = metrics.RESAMPLES,
) -> Evaluation:
    """Judge a sealed model on real impressions, through the engine that serves it.

    Args:
        model_folder: The sealed model.
        kind: What the history is read from.
        data: Its folder.
        days: First and last day, YYYY-MM-DD; without them, the days of judgement that the manifest records.
        policy: A policy and its limits, whose value is judged, too.
        resamples: How often viewers are drawn anew for the intervals.

    Raises:
        ModelError: The model cannot be opened.
        LearnError: It declares no features, or the data do not hold these days.
        PolicyError: The policy cannot be read.
    """
    model = read_model_folder(model_folder)
    manifest, declaration = model.manifest, model.declaration
    split = manifest.training.get("split", {})
    first, last = days or split.get("judgement", ("–", "–"))
    low, high = read_day(first), read_day(last)
    if low > high:
        raise LearnError("DATA_DAY_UNREADABLE", found=f"{first} … {last}")
    if declaration is None:
        raise LearnError("MODEL_DECLARES_NOTHING", folder=model_folder)
    pair = None if policy is None else read_pair(*policy, manifest.surface)
    source = open_source(kind, data, declaration, manifest.surface, split.get("time_zone", ""))
    of_day = days_of(source.history.rows.times_ms, source.zone)
    which = (of_day >= low) & (of_day <= high)
    if not which.any():
        raise LearnError("DATA_DAY_EMPTY", day=first)
    matrix, agreed = source.matrix(declaration)
    rows = source.history.rows.take(which)
    known = [at for at, head in enumerate(manifest.heads) if head.signal.objective in rows.objectives]
    signals = [manifest.heads[at].signal for at in known]
    margins = choose_engine(model).margins(matrix[which])[known]
    judged = judge(signals, margins, rows, source.scopes(rows), resamples=resamples)
    heads = {judgement.objective: judgement.record() for judgement in judged}
    slates = slate_record(source.history, rows, signals, margins, pair, resamples)
    span = day_text(low), day_text(high)
    agrees = _agrees(manifest.training, source, span, heads, resamples)
    return Evaluation(manifest.digest, span, heads, slates, agreed, agrees)


def _agrees(
    record: Mapping[str, Any], source: Source, days: tuple[str, str], heads: Mapping[str, Any], resamples: int
) -> bool | None:
    asked = (list(days), dict(source.files), resamples)
    split, data = record.get("split", {}), record.get("data", {})
    if asked != (split.get("judgement"), data.get("files"), record.get("resamples")):
        return None
    recorded = record.get("heads", {})
    return all(recorded.get(objective, {}).get("judgement") == figures for objective, figures in heads.items())
