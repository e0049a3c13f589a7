"""Reports about journals as JSON: written piece by piece, since a journal may hold a million erased decisions."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from rankd.core.errors import BundleError
from rankd.core.exact.canonical import digest_text
from rankd.core.log.canonical_text import base64_text
from rankd.core.records.fault import Fault
from rankd.core.words.language import Language
from rankd.core.words.verify import NOT_PROVEN
from rankd.usecases.audit.replay import ReplayReport
from rankd.usecases.audit.verify import Hindrance, VerifyReport

_ABSENT = {"ARCHIVE_MISSING", "MODEL_FILE_MISSING"}


def verify_json(report: VerifyReport, language: Language, *, key_from_folder: bool) -> dict[str, Any]:
    """Return a report as `--json` writes it; messages are in `language`, long lists are iterators."""
    chronicle, checkpoint = report.chronicle, report.checkpoint
    return {
        "ok": report.good,
        "key_from_folder": key_from_folder,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": base64_text(checkpoint.root),
        "first": report.first,
        "end": report.end,
        "cosigners": [{"name": name, "time_s": time_s} for name, time_s in report.cosigners],
        "count": chronicle.decision_count,
        "body_count": report.body_count,
        "differing_count": report.differing_count,
        "differing": list(_differing(report)),
        "erased_count": sum(run.last - run.first + 1 for run in chronicle.erased),
        "erased": _erased(report),
        "missing": [*_missing(report, language), *_hindrances(report, language, is_absent=True)],
        "unreadable": list(_hindrances(report, language, is_absent=False)),
        "faults": [fault_json(fault, language) for fault in report.faults],
        "faults_left_out": report.left_out_count,
        "counter_gaps": [
            {
                "epoch": digest_text(gap.epoch_digest),
                "worker": gap.worker,
                "first": gap.first,
                "last": gap.last,
                "pending": gap.pending,
            }
            for gap in chronicle.gaps
        ],
        "counter_clashes": [
            {"epoch": digest_text(clash.epoch_digest), "worker": clash.worker, "counter": clash.counter}
            for clash in chronicle.clashes
        ],
        "nonces_checked": report.nonce_count,
        "receipts": [
            {
                "file": entry.name,
                "index": entry.receipt.index,
                "until_s": entry.receipt.until_s,
                "verdict": entry.verdict,
            }
            for entry in report.receipts
        ],
        "checkpoints": [
            {"file": entry.name, "size": entry.size, "verdict": entry.verdict} for entry in report.checkpoints
        ],
        "pseudonym_periods_destroyed": list(chronicle.periods),
        "open": {
            "unannounced_decisions": chronicle.unannounced_count,
            "unrevealed_epochs": [digest_text(epoch) for epoch in chronicle.unrevealed],
            "uncounted_epochs": chronicle.uncounted_count,
            "void_counters": chronicle.void_count,
            "unjudged_erasures": chronicle.unjudged_count,
            "unpublished": report.unpublished_count,
            "published_later": report.later_count,
        },
        "not_proven": [NOT_PROVEN[name].say(language) for name in ("candidates", "discarded", "recomputation")],
    }


def replay_json(report: ReplayReport, language: Language, *, key_from_folder: bool) -> dict[str, Any]:
    """Return a replay's report as `--json` writes it; see `verify_json`."""
    document = verify_json(report.verified, language, key_from_folder=key_from_folder)
    names = ("candidates", "discarded", *(("margins",) if report.level == "arithmetic" else ()))
    return {
        "ok": report.good,
        "level": report.level,
        "count": report.verified.chronicle.decision_count,
        "identical": report.verified.identical_count,
        **document,
        "not_proven": [NOT_PROVEN[name].say(language) for name in names],
    }


def write_report(document: Mapping[str, Any]) -> None:
    """Write a report on stdout as one JSON object; values that are iterators become lists, item by item."""
    opening = "{\n"
    for name, value in document.items():
        typer.echo(f"{opening}  {json.dumps(name)}: ", nl=False)
        opening = ",\n"
        if not isinstance(value, Iterator):
            typer.echo(json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  "), nl=False)
            continue
        separator = "["
        for item in value:
            typer.echo(f"{separator}\n    {json.dumps(item, ensure_ascii=False)}", nl=False)
            separator = ","
        typer.echo("[]" if separator == "[" else "\n  ]", nl=False)
    typer.echo("\n}")


def _differing(report: VerifyReport) -> Iterator[dict[str, str]]:
    for entry in report.differing:
        yield {
            "decision_id": _id(report, entry.index),
            "candidate_id": entry.difference.candidate_id,
            "term": entry.difference.term,
            "recorded": entry.difference.recorded,
            "recomputed": entry.difference.recomputed,
        }


def _erased(report: VerifyReport) -> Iterator[dict[str, Any]]:
    for run in report.chronicle.erased:
        erasure = run.entry.erasure
        for index in range(run.first, run.last + 1):
            yield {
                "decision_id": _id(report, index),
                "time_ms": run.entry.time_ms,
                "reason_code": erasure.reason_code,
                "reason": erasure.reason,
                "signer": run.entry.signer,
            }


def _missing(report: VerifyReport, language: Language) -> Iterator[dict[str, Any]]:
    for first, last in report.chronicle.missing:
        count = last - first + 1
        error = BundleError("BODY_ABSENT", first=first, last=last, count=count)
        yield {
            "subject": "body",
            "digest": None,
            "decision_count": count,
            "first_decision_id": _id(report, first),
            "last_decision_id": _id(report, last),
            "reason": error.reason,
            "message": error.say(language),
        }


def _hindrances(report: VerifyReport, language: Language, *, is_absent: bool) -> Iterator[dict[str, Any]]:
    for entry in report.hindrances:
        if (entry.lack.error.reason in _ABSENT) is is_absent:
            yield _hindrance(report, entry, language)


def _hindrance(report: VerifyReport, entry: Hindrance, language: Language) -> dict[str, Any]:
    return {
        "subject": entry.lack.subject,
        "digest": digest_text(entry.lack.digest),
        "decision_count": entry.decision_count,
        "first_decision_id": _id(report, entry.first),
        "reason": entry.lack.error.reason,
        "message": entry.lack.error.say(language),
    }


def fault_json(fault: Fault, language: Language) -> dict[str, Any]:
    """Return a fault as `--json` writes it."""
    return {
        "reason": fault.error.reason,
        "message": fault.error.say(language),
        "index": fault.index,
        "count": fault.count,
        "notes": [note.decode("utf-8", "replace") for note in fault.notes],
    }


def _id(report: VerifyReport, index: int) -> str:
    return f"{report.checkpoint.origin}/{index}"
