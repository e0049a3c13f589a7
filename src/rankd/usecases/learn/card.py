"""MODEL_CARD.md: what a model is and how good, written from its own record."""

from collections.abc import Mapping, Sequence
from typing import Any

from rankd.core.features.feature import Feature
from rankd.core.words.language import Language
from rankd.core.words.learn import CARD, METHODS, SAYINGS, SILENT
from rankd.forest.manifest import Head
from rankd.usecases.learn.definitions import MAIN_SCENE

_COMMANDS = """```
rankd model train --data DATA --out WORK
rankd model seal WORK --out MODEL
rankd model evaluate MODEL --data DATA
```"""


def model_card(features: Sequence[Feature], heads: Sequence[Head], record: Mapping[str, Any]) -> str:
    """Return the card in French, then in English.

    Args:
        features: The model's features.
        heads: Its heads.
        record: What the manifest says of the training (`working_folder.training_record`).
    """
    languages: tuple[Language, ...] = ("fr", "en")
    return "\n\n---\n\n".join(_card(features, heads, record, language) for language in languages) + "\n"


def _card(features: Sequence[Feature], heads: Sequence[Head], record: Mapping[str, Any], language: Language) -> str:
    def say(name: str, **params: object) -> str:
        return CARD[name].say(language, **params)

    data, split = record["data"], record["split"]
    days = {
        f"{use}_{end}": day
        for use, name in (("train", "training"), ("calibrate", "calibration"), ("judge", "judgement"))
        for end, day in zip(("from", "to"), split[name], strict=True)
    }
    libraries = ", ".join(f"{name} {number}" for name, number in record["libraries"].items())
    parts = [
        f"# {say('title')}",
        say("what"),
        f"## {say('data_title')}",
        say(
            "data",
            rows=grouped(data["rows"], language),
            duplicates=grouped(data["duplicates_dropped"], language),
            early=grouped(data["early_rows_dropped"], language),
        ),
        f"## {say('how_title')}",
        say("how", delay=record["feedback_delay_ms"] // 60_000, **days),
        f"## {say('heads_title')}",
        _table(say("heads_columns"), [head_row(head, record, language) for head in heads]),
        say("heads_note"),
        f"## {say('figures_title', **days)}",
        *_figures(heads, record, "all", "figures_all", language),
        *_figures(heads, record, f"scene_{MAIN_SCENE}", "figures_scene", language),
        say("figures_note", resamples=record["resamples"], bins=record["calibration_error_bins"]),
        f"## {say('features_title')}",
        _table(say("features_columns"), [feature_row(feature, language) for feature in features]),
        f"## {say('limits_title')}",
        say("limits"),
        f"## {say('again_title')}",
        say("again", libraries=libraries),
        _COMMANDS,
    ]
    return "\n\n".join(parts)


def head_row(head: Head, record: Mapping[str, Any], language: Language) -> list[str]:
    """Return a head's cells under `heads_columns`."""
    # A model made by somebody else may record its training in other words.
    facts = record.get("heads", {}).get(head.signal.objective, {})
    method = facts.get("calibration", {}).get("method")
    return [
        head.signal.objective,
        grouped(facts["positives"], language) if "positives" in facts else "–",
        decimal(head.signal.base_rate_ppb // 1_000, 6, language),
        METHODS[method].say(language) if method in METHODS else "–",
        SAYINGS["no"].say(language) if head.silent_reason is None else SILENT[head.silent_reason].say(language),
    ]


def feature_row(feature: Feature, language: Language) -> list[str]:
    """Return a feature's cells under `features_columns`."""
    default = SAYINGS["required"].say(language) if feature.default_text is None else feature.default_text
    return [
        feature.name,
        feature.meaning.say(language),
        feature.unit,
        default.replace(".", ",") if language == "fr" else default,
        SAYINGS["yes" if feature.nullable else "no"].say(language),
        SAYINGS["yes" if feature.profiling else "no"].say(language),
    ]


def figure_row(objective: str, scope: Mapping[str, Any], language: Language) -> list[str]:
    """Return a head's cells under `figures_columns`."""
    chance = scope["calibration_error_by_chance_ppm"]
    return [
        objective,
        grouped(scope["positives"], language),
        figure(scope["auc_ppm"], 3, language),
        figure(scope["normalised_entropy_ppm"], 3, language),
        figure(scope["calibration_error_ppm"], 4, language),
        "–" if chance is None else decimal(round(chance, -2), 4, language),
    ]


def figure(triple: Sequence[int] | None, digits: int, language: Language) -> str:
    """Return a figure in parts per million as `0.751 [0.745, 0.757]`; a dash where there is none."""
    if triple is None:
        return "–"
    value, low, high = (decimal(round(number, digits - 6), digits, language) for number in triple)
    gap = " ; " if language == "fr" else ", "
    return f"{value} [{low}{gap}{high}]"


def decimal(ppm: int, digits: int, language: Language) -> str:
    """Return parts per million as a decimal number, cut to some digits."""
    whole, rest = divmod(ppm, 1_000_000)
    return f"{whole}{',' if language == 'fr' else '.'}{rest:06d}"[: len(str(whole)) + 1 + digits]


def grouped(number: int, language: Language) -> str:
    """Return a number with its thousands apart: no-break spaces in French, commas in English."""
    return f"{number:,}".replace(",", "\u202f") if language == "fr" else f"{number:,}"


def _figures(heads: Sequence[Head], record: Mapping[str, Any], scope: str, title: str, language: Language) -> list[str]:
    judged = {head.signal.objective: record["heads"][head.signal.objective]["judgement"][scope] for head in heads}
    rows = max((figures["rows"] for figures in judged.values()), default=0)
    lines = [figure_row(objective, figures, language) for objective, figures in judged.items()]
    return [
        f"### {CARD[title].say(language, rows=grouped(rows, language))}",
        _table(CARD["figures_columns"].say(language), lines),
    ]


def _table(columns: str, rows: Sequence[Sequence[str]]) -> str:
    ruler = " | ".join("---" for _ in columns.split(" | "))
    return "\n".join(f"| {line} |" for line in [columns, ruler, *(" | ".join(row) for row in rows)])
