"""Reading a record from docs/spec/record.md alone, and recomputing what it says: no code of rankd."""

import hashlib
import json
import math
import struct
from typing import Any

from tests.reference.scorer import Answer, score
from tests.reference.value import Case


def read_record(data: bytes) -> tuple[dict[str, Any], dict[str, list[float | None]], list[list[int]]]:
    """Return a record's header, its columns by name (None where a number is NaN) and its margins, head by head."""
    head, _, numbers = data.partition(b"\n")
    header = json.loads(head)
    count = len(header["request"]["candidates"]["id"])
    columns: dict[str, list[float | None]] = {}
    for entry in header["columns"]:
        values = struct.unpack_from(f"<{entry['rows']}f", numbers)
        columns[entry["name"]] = [None if math.isnan(value) else value for value in values]
        numbers = numbers[4 * entry["rows"] :]
    margins = [list(struct.unpack_from(f"<{count}i", numbers, 4 * count * row)) for row in range(len(header["heads"]))]
    if len(numbers) != 4 * count * len(margins):
        raise ValueError("the record is longer or shorter than its header says")
    return header, columns, margins


def case_of_record(data: bytes, policy: Case | None, limits: Case, heads: list[dict[str, Any]]) -> Case:
    """Return the case that a record describes, given the canonical policy and limits and the manifest's heads.

    `policy` is None where the header's `policy` is the baseline's digest.
    """
    header, columns, margins = read_record(data)
    by_objective = {head["objective"]: head for head in heads}
    return {
        "policy": policy,
        "limits": limits,
        "heads": [by_objective[objective] for objective in header["heads"]],
        "request": header["request"],
        "margins": margins,
        "columns": columns,
        "nonce": header["nonce"],
    }


def recorded_answer(data: bytes) -> Answer:
    """Return what a record says was answered, as far as it says so, in the shape of `score`."""
    header, _, _ = read_record(data)
    ids = header["request"]["candidates"]["id"]
    return {
        "dropped": [{"id": ids[index], "rule_id": rule_id} for index, rule_id in header["dropped"]],
        "order": [ids[index] for index in header["order"]],
        "values": header["values"],
        "quota_short": [
            name for entry in header["degraded"] if entry["reason"] == "QUOTA_SHORT" for name in entry["names"]
        ],
        "exploration": header["exploration"],
    }


def recomputed_answer(case: Case) -> Answer:
    """Return what a record of a case ought to say."""
    answer = score(case)
    return {key: answer[key] for key in ("dropped", "order", "values", "quota_short", "exploration")}


def request_digest(data: bytes) -> str:
    """Return the request's digest, recomputed from the record where no policy was missing."""
    head, _, numbers = data.partition(b"\n")
    header = json.loads(head)
    defaulted = {name for entry in header["degraded"] if entry["reason"] == "DEFAULT_USED" for name in entry["names"]}
    worked_out = header["features"]["names"] if header["schema"] == "rankd.decision/2" else []
    raw: dict[str, bytes] = {}
    entries = []
    for entry in header["columns"]:
        raw[entry["name"]], numbers = numbers[: 4 * entry["rows"]], numbers[4 * entry["rows"] :]
        if entry["name"] not in defaulted and entry["name"] not in worked_out:
            entries.append(entry)
    entries.sort(key=lambda entry: entry["name"].encode("utf-8"))
    document = header["request"] | {"columns": entries}
    if header["clock"] == "server":
        document["request_time_ms"] = None
    # Where keys are ASCII and numbers are integers, json writes the RFC 8785 form with these settings.
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode("utf-8") + b"\n" + b"".join(raw[e["name"]] for e in entries))
    return f"sha256:{digest.hexdigest()}"
