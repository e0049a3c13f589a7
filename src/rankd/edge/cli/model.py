"""`rankd model`: train, seal, evaluate and show models, and describe what they read."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, unique
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bars
from rich.table import Table

from rankd.core.exact.canonical import digest_text
from rankd.core.features.declaration import EVER_BUCKET_MS, Declaration
from rankd.core.features.layout import layout_of
from rankd.core.features.reader import read_declaration
from rankd.core.words.language import Language
from rankd.core.words.learn import CARD, SAYINGS
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption, Spoken
from rankd.forest.manifest import Manifest
from rankd.store.model_folder import read_model_folder
from rankd.store.policy_folder import read_policy_bytes
from rankd.usecases.learn.card import feature_row, figure_row, head_row, scope_title, slate_rows
from rankd.usecases.learn.description import describe
from rankd.usecases.learn.refusal import LearnError

app = typer.Typer(
    no_args_is_help=True,
    help=said("Entraîner, sceller, évaluer et lire des modèles.", "Train, seal, evaluate and read models."),
)

_PIPE_WIDTH = 140
_DATA_SET = "kuairand-pure"

ModelArgument = Annotated[Path, typer.Argument(help=said("Le dossier du modèle scellé.", "The sealed model’s folder."))]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help=said(
            "Le dossier des données; sinon RANKD_DATA, puis ../shared/data.",
            "The data folder; else RANKD_DATA, then ../shared/data.",
        ),
    ),
]
OutOption = Annotated[Path, typer.Option("--out", help=said("Le dossier à écrire.", "The folder to write."))]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help=said("Remplacer le dossier s’il existe.", "Replace the folder if it exists."))
]
ThreadsOption = Annotated[
    int,
    typer.Option(
        "--threads",
        min=1,
        help=said(
            "Nombre de fils d’exécution; le résultat n’en dépend pas.",
            "Number of threads; the result does not depend on it.",
        ),
    ),
]
DaysOption = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--days",
        help=said("Premier et dernier jour, AAAA-MM-JJ.", "First and last day, YYYY-MM-DD."),
    ),
]


@unique
class Source(Enum):
    """What a history is read from."""

    KUAIRAND = "kuairand"
    PARQUET = "parquet"
    LOOP = "loop"


KindOption = Annotated[
    Source,
    typer.Option(
        "--from",
        help=said(
            "D’où vient l’historique : KuaiRand-Pure, fichiers Parquet, journaux d’un service.",
            "Where the history comes from: KuaiRand-Pure, Parquet files, a service’s journals.",
        ),
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        help=said("Une politique dont la valeur est jugée aussi.", "A policy whose value is judged, too."),
    ),
]
LimitsOption = Annotated[
    Path | None, typer.Option("--limits", help=said("Les limites de cette politique.", "That policy’s limits."))
]


@app.command(
    help=said("Entraîner : d’un historique à un dossier de travail.", "Train: from a history to a working folder.")
)
def train(
    features: Annotated[
        Path, typer.Option("--features", help=said("La déclaration FEATURES.yaml.", "The declaration FEATURES.yaml."))
    ],
    surface: Annotated[
        str, typer.Option("--surface", help=said("La surface du modèle.", "The surface that the model is for."))
    ],
    out: OutOption,
    kind: KindOption = Source.KUAIRAND,
    data: DataOption = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            help=said(
                "Le fichier plan.yaml; sinon des réglages selon le nombre de cas.",
                "The file plan.yaml; else settings by the number of cases.",
            ),
        ),
    ] = None,
    calibrate_days: Annotated[
        int | None,
        typer.Option("--calibrate-days", min=2, help=said("Jours de calibration.", "Days of calibration.")),
    ] = None,
    judge_days: Annotated[
        int | None,
        typer.Option("--judge-days", min=1, help=said("Derniers jours, qui jugent.", "Last days, which judge.")),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", help=said("Fuseau des jours, p. ex. Europe/Paris.", "Zone of days, e.g. Europe/Paris.")),
    ] = None,
    policy: PolicyOption = None,
    limits: LimitsOption = None,
    threads: ThreadsOption = 1,
    replace: ReplaceOption = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train, calibrate and judge every head, and leave a working folder for `seal`."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        workshop = _workshop()
        order = workshop.Order(
            kind=workshop.Kind(kind.value),
            data=_data_folder(kind, data),
            features=features,
            surface=surface,
            out=out,
            plan=plan,
            calibrate_days=calibrate_days,
            judge_days=judge_days,
            zone=zone,
            policy=_pair(policy, limits),
            threads=threads,
            replace=replace,
        )
        with _progress(language) as progress:
            record = workshop.train_folder(order, progress)
        if record["recorded"] is not None:
            typer.echo(SAYINGS["same_recorded"].say(language, **record["recorded"]), err=True)
        if as_json:
            write_json({"ok": True, "folder": str(out)})
        else:
            typer.echo(SAYINGS["trained"].say(language, folder=out))


@app.command(help=said("Sceller un dossier de travail.", "Seal a working folder."))
def seal(
    working: Annotated[Path, typer.Argument(help=said("Le dossier de travail.", "The working folder."))],
    out: OutOption,
    replace: ReplaceOption = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Round the leaves, write card, licence and manifest, and check the result as a stranger would."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        model = _workshop().seal_folder(working, out, replace=replace)
        digest = digest_text(model.manifest.digest)
        if as_json:
            write_json({"ok": True, "folder": str(out), "model_digest": digest})
        else:
            typer.echo(SAYINGS["sealed"].say(language, folder=out))
            typer.echo(digest)


@app.command(help=said("Juger un modèle scellé sur des données.", "Judge a sealed model on data."))
def evaluate(
    model: ModelArgument,
    kind: KindOption = Source.KUAIRAND,
    data: DataOption = None,
    days: DaysOption = None,
    policy: PolicyOption = None,
    limits: LimitsOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print figures per head; exit 1 where they differ from those that the manifest records for the same days."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        folder = _data_folder(kind, data)
        typer.echo(SAYINGS["reading"].say(language), err=True)
        workshop = _workshop()
        evaluation = workshop.evaluate_folder(
            model, workshop.Kind(kind.value), folder, days, policy=_pair(policy, limits)
        )
        if as_json:
            write_json({"ok": evaluation.agrees is not False} | evaluation.as_json())
        else:
            _write_evaluation(evaluation.heads, evaluation.slates, evaluation.days, language)
        if evaluation.recorded is not None:
            compared, same = evaluation.recorded
            typer.echo(SAYINGS["same_recorded"].say(language, compared=compared, same=same), err=True)
        if evaluation.agrees is not None:
            typer.echo(SAYINGS["agrees" if evaluation.agrees else "differs"].say(language), err=True)
        if evaluation.agrees is False:
            raise typer.Exit(REFUSED)


@app.command(help=said("Lire et décrire une déclaration FEATURES.yaml.", "Check and describe a FEATURES.yaml."))
def features(
    file: Annotated[Path, typer.Argument(help=said("La déclaration.", "The declaration."))],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a declaration, and say in plain words what each feature counts, of whom, and over how long."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        declaration = read_declaration(read_policy_bytes(file), str(file))
        if as_json:
            write_json(_declaration_json(declaration))
            return
        kept = len(declaration.kept)
        typer.echo(
            SAYINGS["declared"].say(
                language,
                features=len(declaration.features),
                kept=kept,
                sent=len(declaration.features) - kept,
                digest=digest_text(declaration.file_digest),
            )
        )
        typer.echo(
            SAYINGS["blocks"].say(
                language, sizes=", ".join(f"{name} {size}" for name, size in _sizes(declaration).items())
            )
        )
        _write_table(
            CARD["described_columns"].say(language),
            [
                [*feature_row(declared.feature, language), describe(declaration, declared, language)]
                for declared in declaration.features
            ],
        )


@app.command(help=said("Montrer un modèle scellé.", "Show a sealed model."))
def show(model: ModelArgument, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Print digest, heads and features of a sealed model, after checking every byte of it."""
    language = _language(lang)
    with refusals(language, as_json=as_json):
        manifest = read_model_folder(model).manifest
        if as_json:
            write_json(_manifest_json(manifest))
            return
        typer.echo(f"{SAYINGS['digest'].say(language)} : {digest_text(manifest.digest)}")
        typer.echo(f"{SAYINGS['surface'].say(language)} : {manifest.surface}")
        _write_table(
            CARD["heads_columns"].say(language),
            [head_row(head, manifest.training, language) for head in manifest.heads],
        )
        _write_table(
            CARD["features_columns"].say(language), [feature_row(feature, language) for feature in manifest.features]
        )


def _workshop() -> ModuleType:
    # Imported here because reading a model (`show`) must work where the training libraries are not installed.
    try:
        from rankd.usecases.learn import workshop
    except ModuleNotFoundError as error:
        raise LearnError("TRAINING_NOT_INSTALLED", package=error.name) from error
    return workshop


def _language(lang: Spoken | None) -> Language:
    if lang is None:
        return default_language()
    return "fr" if lang is Spoken.FR else "en"


def _data_folder(kind: Source, named: Path | None) -> Path:
    folder = named or Path(os.environ.get("RANKD_DATA") or "../shared/data")
    is_above = kind is Source.KUAIRAND and (folder / _DATA_SET).is_dir()
    return folder / _DATA_SET if is_above else folder


def _pair(policy: Path | None, limits: Path | None) -> tuple[Path, Path] | None:
    if policy is None:
        return None
    # A policy stands beside its limits, unless somebody says otherwise.
    return policy, limits or policy.with_name("limits.yaml")


def _sizes(declaration: Declaration) -> dict[str, int]:
    """Return the most bytes that the counters of one entity of each kind take, keys apart."""
    sizes = {entity.name: 0 for entity in declaration.entities}
    for block in layout_of(declaration).blocks:
        sizes[block.entity.name] += block.value_bytes * (1 if block.bucket_ms == EVER_BUCKET_MS else 2)
    return sizes


def _declaration_json(declaration: Declaration) -> dict[str, Any]:
    return {
        "ok": True,
        "file_digest": digest_text(declaration.file_digest),
        "layout_digest": digest_text(layout_of(declaration).digest),
        "entities": {entity.name: list(entity.parts) for entity in declaration.entities},
        "features": [
            {
                "name": declared.feature.name,
                "profiling": declared.feature.profiling,
                "fr": describe(declaration, declared, "fr"),
                "en": describe(declaration, declared, "en"),
            }
            for declared in declaration.features
        ],
        "value_bytes": _sizes(declaration),
    }


@contextmanager
def _progress(language: Language) -> Iterator[Any]:
    with Bars(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(SAYINGS[step].say(language), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield tell


def _manifest_json(manifest: Manifest) -> dict[str, Any]:
    return {
        "ok": True,
        "model_digest": digest_text(manifest.digest),
        "surface": manifest.surface,
        "heads": [
            {
                "objective": head.signal.objective,
                "positives": manifest.training.get("heads", {}).get(head.signal.objective, {}).get("positives"),
                "base_rate_ppb": head.signal.base_rate_ppb,
                "silent": head.silent_reason,
                "digest": digest_text(head.digest),
            }
            for head in manifest.heads
        ],
        "features": [
            {
                "name": feature.name,
                "meaning": {"fr": feature.meaning.fr, "en": feature.meaning.en},
                "unit": feature.unit,
                "default": feature.default_text,
                "nullable": feature.nullable,
                "profiling": feature.profiling,
            }
            for feature in manifest.features
        ],
        "training": dict(manifest.training),
    }


def _write_evaluation(
    heads: Mapping[str, Any], slates: Mapping[str, Any], days: tuple[str, str], language: Language
) -> None:
    typer.echo(SAYINGS["judged"].say(language, judge_from=days[0], judge_to=days[1]))
    for scope in dict.fromkeys(name for scopes in heads.values() for name in scopes):
        judged = {objective: scopes[scope] for objective, scopes in heads.items() if scope in scopes}
        rows = max(figures["rows"] for figures in judged.values())
        typer.echo(f"\n{scope_title(scope, rows, language)}")
        lines = [figure_row(objective, figures, language) for objective, figures in judged.items()]
        _write_table(CARD["figures_columns"].say(language), lines)
    typer.echo(f"\n{CARD['slates_title'].say(language, top=slates['top'])}")
    _write_table(CARD["slates_columns"].say(language), slate_rows(slates, language))


def _write_table(columns: str, rows: list[list[str]]) -> None:
    table = Table()
    for at, column in enumerate(columns.split(" | ")):
        table.add_column(column, no_wrap=at == 0, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False)
    # A file or a pipe has no width of its own: one that breaks no figure.
    (console if console.is_terminal else Console(markup=False, width=_PIPE_WIDTH)).print(table)
