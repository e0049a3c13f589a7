"""MODEL_CARD.md: what a model is and how good, written from its own record."""

from collections.abc import Mapping, Sequence
from typing import Any

from rankd.core.exact.canonical import digest_text
from rankd.core.features.declaration import Declaration
from rankd.core.features.feature import Feature
from rankd.core.words.language import Language
from rankd.core.words.learn import CARD, KINDS, METHODS, ORDERS_WORDS, SAYINGS, SCOPES, SILENT
from rankd.forest.manifest import Head
from rankd.usecases.learn.description import describe
from rankd.usecases.learn.plots import plots
from rankd.usecases.learn.slates import ORDERS, VALUE

_COMMANDS = """```
rankd model train --from {kind} --data DATA --features FEATURES.yaml --plan PLAN --policy POLICY \\
  --surface {surface} --out WORK
rankd model seal WORK --out MODEL
rankd model evaluate MODEL --from {kind} --data DATA
```"""


def model_card(surface: str, declaration: Declaration, heads: Sequence[Head], record: Mapping[str, Any]) -> str:
    """Return the card in French, then in English.

    Args:
        surface: The surface that the model is for.
        declaration: The model's features.
        heads: Its heads.
        record: What the manifest says of the training (`training_record.training_record`).
    """
    languages: tuple[Language, ...] = ("fr", "en")
    cards = [_card(surface, declaration, heads, record, language) for language in languages]
    return "\n\n---\n\n".join(cards) + "\n"


def _card(
    surface: str, declaration: Declaration, heads: Sequence[Head], record: Mapping[str, Any], language: Language
) -> str:
    def say(name: str, **params: object) -> str:
        return CARD[name].say(language, **params)

    data, split = record["data"], record["split"]
    kind = data["kind"]
    days = {
        f"{use}_{end}": day
        for use, name in (("train", "training"), ("calibrate", "calibration"), ("judge", "judgement"))
        for end, day in zip(("from", "to"), split[name], strict=True)
    }
    libraries = ", ".join(f"{name} {number}" for name, number in record["libraries"].items())
    facts = {name: grouped(number, language) for name, number in data.items() if isinstance(number, int)}
    drawn = plots(record)
    parts = [
        f"# {say('title', surface=surface)}",
        say("what"),
        f"## {say('data_title')}",
        KINDS[kind].say(language, **facts),
        f"## {say('how_title')}",
        say("how", zone=split["time_zone"], **days),
        say("delay", delay=record["feedback_delay_ms"] // 60_000) if record["feedback_delay_ms"] else say("no_delay"),
        *_recorded(record, language),
        *_positions(record, language),
        f"## {say('heads_title')}",
        _table(say("heads_columns"), [head_row(head, record, language) for head in heads]),
        say("heads_note"),
        *([say("tuned", **days)] if split.get("judgement_calibrates") else []),
        f"## {say('figures_title', **days)}",
        *_scopes(heads, record, language),
        say("figures_note", resamples=record["resamples"], bins=record["calibration_error_bins"]),
        *(f"![{name.removesuffix('.svg')}]({name})" for name in drawn if name != "NDCG.svg"),
        f"## {say('slates_title', top=record['slates']['top'])}",
        say(
            "slates_loop" if kind == "loop" else "slates_assembled",
            slates=grouped(record["slates"]["slates"], language),
        ),
        _table(say("slates_columns"), slate_rows(record["slates"], language)),
        say("slates_note"),
        *(f"![NDCG]({name})" for name in drawn if name == "NDCG.svg"),
        f"## {say('features_title')}",
        say("features_file", digest=digest_text(declaration.file_digest)),
        _table(
            say("described_columns"),
            [
                [*feature_row(declared.feature, language), describe(declaration, declared, language)]
                for declared in declaration.features
            ],
        ),
        f"## {say('limits_title')}",
        say("limits_kuairand" if kind == "kuairand" else "limits"),
        f"## {say('again_title')}",
        say("again", libraries=libraries),
        _COMMANDS.format(kind=kind, surface=surface),
    ]
    return "\n\n".join(parts)


def _recorded(record: Mapping[str, Any], language: Language) -> list[str]:
    recorded = record.get("recorded")
    if recorded is None:
        return []
    return [CARD["recorded"].say(language, **{name: grouped(number, language) for name, number in recorded.items()})]


def _positions(record: Mapping[str, Any], language: Language) -> list[str]:
    """Return what places added, where that is known: how much likelier the first was than the last."""
    known = {name: facts["positions_ppm"] for name, facts in record["heads"].items() if facts["positions_ppm"]}
    if not known:
        return [CARD["positions_unknown"].say(language)]
    rows = [
        [objective, *(signed(effects[min(at, len(effects)) - 1], 2, language) for at in (1, 2, 3, 5, 10))]
        for objective, effects in known.items()
    ]
    return [CARD["positions"].say(language), _table(CARD["positions_columns"].say(language), rows)]


def slate_rows(slates: Mapping[str, Any], language: Language) -> list[list[str]]:
    """Return the cells under `slates_columns`."""
    rows = []
    for objective, facts in slates["ndcg"].items():
        name = ORDERS_WORDS[VALUE].say(language) if objective == VALUE else objective
        figures = [figure(facts[order], 3, language) for order in ORDERS]
        rows.append([name, grouped(facts["slates"], language), *figures])
    return rows


def head_row(head: Head, record: Mapping[str, Any], language: Language) -> list[str]:
    """Return a head's cells under `heads_columns`."""
    # A model made by somebody else may record its training in other words.
    facts = record.get("heads", {}).get(head.signal.objective, {})
    table = facts.get("calibration", {})
    method, days = table.get("method"), table.get("days")
    return [
        head.signal.objective,
        grouped(facts["positives"], language) if "positives" in facts else "–",
        decimal(head.signal.base_rate_ppb // 1_000, 6, language),
        METHODS[method].say(language) if method in METHODS else "–",
        "–" if not days else days[0] if len(days) == 1 else f"{days[0]} … {days[-1]}",
        _plain(table.get("normalised_entropy_ppm"), 3, language),
        _plain(table.get("calibration_error_ppm"), 4, language),
        SAYINGS["no"].say(language) if head.silent_reason is None else SILENT[head.silent_reason].say(language),
    ]


def _plain(ppm: int | None, digits: int, language: Language) -> str:
    return "–" if ppm is None else decimal(round(ppm, digits - 6), digits, language)


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


def signed(ppm: int, digits: int, language: Language) -> str:
    """Return parts per million as a decimal number with its sign."""
    return ("−" if ppm < 0 else "+") + decimal(round(abs(ppm), digits - 6), digits, language)


def _scopes(heads: Sequence[Head], record: Mapping[str, Any], language: Language) -> list[str]:
    judged = {head.signal.objective: record["heads"][head.signal.objective]["judgement"] for head in heads}
    parts = []
    for scope in dict.fromkeys(name for scopes in judged.values() for name in scopes):
        rows = max(scopes[scope]["rows"] for scopes in judged.values() if scope in scopes)
        lines = [
            figure_row(objective, scopes[scope], language) for objective, scopes in judged.items() if scope in scopes
        ]
        parts += [
            f"### {scope_title(scope, rows, language)}",
            _table(CARD["figures_columns"].say(language), lines),
        ]
    return parts


def scope_title(scope: str, rows: int, language: Language) -> str:
    """Return what a table of figures is about."""
    words = SCOPES.get(scope)
    return scope if words is None else words.say(language, rows=grouped(rows, language))


def _table(columns: str, rows: Sequence[Sequence[str]]) -> str:
    ruler = " | ".join("---" for _ in columns.split(" | "))
    return "\n".join(f"| {line} |" for line in [columns, ruler, *(" | ".join(row) for row in rows)])
