"""`rankd replay`: recompute recorded decisions from files alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rankd.core.exact.canonical import digest_text
from rankd.core.words.language import Language
from rankd.core.words.quantity import count_words, plural
from rankd.core.words.replay import SAYINGS
from rankd.edge.cli.answer import REFUSED, refusals, write_json
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.policy import JsonOption, LangOption
from rankd.usecases.replay import Differing, Hindrance, ReplayReport
from rankd.usecases.replay import replay as replay_decisions

app = typer.Typer()

_SHOWN_DIFFERENCES = 20
_PROGRESS_EVERY = 50


class EngineChoice(StrEnum):
    """The engines that `--engine` takes."""

    AUTO = "auto"
    REFERENCE = "reference"
    LIGHTGBM = "lightgbm"


PathArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        file_okay=False,
        help=said("Le dossier de données du service.", "The service’s data directory."),
    ),
]
EngineOption = Annotated[
    EngineChoice,
    typer.Option(
        "--engine",
        help=said(
            "Ce qui recalcule les marges : reference (lent, sans LightGBM), lightgbm, ou auto.",
            "What computes margins again: reference (slow, without LightGBM), lightgbm, or auto.",
        ),
    ),
]
OriginOption = Annotated[
    str,
    typer.Option(
        "--origin",
        help=said(
            "L’origine du service, pour nommer les décisions comme ses réponses.",
            "The service’s origin, to name decisions as its answers do.",
        ),
    ),
]


@app.command(
    help=said(
        "Recalculer toutes les décisions consignées et comparer au bit près.",
        "Recompute every recorded decision and compare to the last bit.",
    )
)
def replay(
    path: PathArgument,
    engine: EngineOption = EngineChoice.AUTO,
    origin: OriginOption = "",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute every recorded decision; exit 1 where anything differs, is missing or cannot be read."""
    language: Language = default_language() if lang is None else lang.value
    with refusals(language, as_json=as_json), _progress(language) as progress:
        report = replay_decisions(path, engine.value, progress, origin=origin)
    if as_json:
        write_json(report_json(report, language))
    else:
        for line in report_lines(report, language):
            typer.echo(_harmless(line))
    if not report.good:
        raise typer.Exit(REFUSED)


def report_json(report: ReplayReport, language: Language) -> dict[str, Any]:
    """Return a report as `--json` writes it; messages are in `language`."""
    return {
        "ok": report.good,
        "count": report.count,
        "identical": report.identical,
        "differing": [_differing_json(entry) for entry in report.differing],
        "erased": list(report.erased),
        "missing": [_hindrance_json(entry, language) for entry in report.missing],
        "unreadable": [_hindrance_json(entry, language) for entry in report.unreadable],
        "counter_gaps": [
            {
                "epoch": digest_text(gap.epoch_digest),
                "worker": gap.worker,
                "first": gap.first,
                "last": gap.last,
                "pending": gap.pending,
            }
            for gap in report.gaps
        ],
        "counter_clashes": [
            {"epoch": digest_text(clash.epoch_digest), "worker": clash.worker, "counter": clash.counter}
            for clash in report.clashes
        ],
        "nonces_checked": report.nonce_count,
        "torn": None if report.torn is None else report.torn.say(language),
    }


def report_lines(report: ReplayReport, language: Language) -> Iterator[str]:
    """Yield what a report says to people."""
    yield _verdict(report, language)
    for entry in report.differing[:_SHOWN_DIFFERENCES]:
        difference = entry.difference
        yield SAYINGS["differing"].say(
            language,
            decision=entry.decision_id,
            term=difference.term,
            candidate=SAYINGS["candidate"].say(language, id=difference.candidate_id) if difference.candidate_id else "",
            recorded=difference.recorded,
            recomputed=difference.recomputed,
        )
    if (more := len(report.differing) - _SHOWN_DIFFERENCES) > 0:
        yield SAYINGS["more"].say(language, count=count_words(more, language), s=plural(more, language))
    for hindrance in (*report.missing, *report.unreadable):
        message = hindrance.error.say(language)
        if hindrance.digest is None:
            yield message
        else:
            count, first = count_words(hindrance.decision_count, language), hindrance.first_decision_id
            yield SAYINGS["hindered"].say(language, message=message, count=count, first=first)
    for gap in report.gaps:
        name = ("gap_damaged" if report.unreadable else "gap_pending") if gap.pending else "gap"
        epoch = gap.epoch_digest.hex()[:12]
        yield SAYINGS[name].say(language, first=gap.first, last=gap.last, worker=gap.worker, epoch=epoch)
    for clash in report.clashes:
        epoch = clash.epoch_digest.hex()[:12]
        yield SAYINGS["clash"].say(language, counter=clash.counter, worker=clash.worker, epoch=epoch)
    if report.torn is not None:
        yield report.torn.say(language)
    if report.nonce_count:
        yield SAYINGS["nonces"].say(language, count=count_words(report.nonce_count, language))
    yield SAYINGS["not_proven"].say(language)


def _verdict(report: ReplayReport, language: Language) -> str:
    if report.count == 0:
        return SAYINGS["none"].say(language)
    count, s = count_words(report.count, language), plural(report.count, language)
    if report.identical == report.count:
        return SAYINGS["all_identical"].say(language, count=count, s=s)
    differing = len(report.differing)
    return SAYINGS["some_identical"].say(
        language,
        count=count,
        s=s,
        identical=count_words(report.identical, language),
        t=plural(report.identical, language),
        differing=count_words(differing, language),
        u=plural(differing, language),
        rest=count_words(report.count - report.identical - differing, language),
    )


def _harmless(line: str) -> str:
    """Return a line without what could steer a terminal: a record that somebody altered may hold anything."""
    return "".join(character if character.isprintable() or character == "\u00a0" else "\ufffd" for character in line)


def _differing_json(entry: Differing) -> dict[str, str]:
    return {
        "decision_id": entry.decision_id,
        "candidate_id": entry.difference.candidate_id,
        "term": entry.difference.term,
        "recorded": entry.difference.recorded,
        "recomputed": entry.difference.recomputed,
    }


def _hindrance_json(entry: Hindrance, language: Language) -> dict[str, Any]:
    return {
        "subject": entry.subject,
        "digest": None if entry.digest is None else digest_text(entry.digest),
        "decision_count": entry.decision_count,
        "first_decision_id": entry.first_decision_id,
        "reason": entry.error.reason,
        "message": entry.error.say(language),
    }


@contextmanager
def _progress(language: Language) -> Iterator[Any]:
    """Yield what shows progress on stderr, where somebody looks at it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("") as status:

        def show(count: int) -> None:
            if count % _PROGRESS_EVERY == 0:
                words = SAYINGS["progress"]
                status.update(words.say(language, count=count_words(count, language), s=plural(count, language)))

        yield show
