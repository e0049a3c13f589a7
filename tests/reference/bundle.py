"""A second verifier, written from docs/spec/log.md alone: a whole bundle in memory, step by step, without rankd.

It takes bundles of a journal from its beginning to its end, and says what section 13, steps 1 to 5, has to say.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.reference import log
from tests.reference.record import read_record
from tests.reference.rfc6962 import mth
from tests.reference.signed import open_checkpoint, open_erasure
from tests.reference.strict import Document, RefusedError, canonical, need

_SLACK_MS = 3_600_000


@dataclass
class Verdict:
    """What a journal comes to; indexes of leaves."""

    decisions: list[int] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    records: dict[int, bytes] = field(default_factory=dict)
    checked_nonces: int = 0


def members(data: bytes) -> dict[str, bytes]:
    """Return the content of each member (section 12.1)."""
    found: dict[str, bytes] = {}
    at = 0
    while any(data[at : at + 512]):
        head = data[at : at + 512]
        need(len(head) == 512, "tar")
        name = head[:100].rstrip(b"\0").decode("ascii")
        if prefix := head[345:500].rstrip(b"\0").decode("ascii"):
            name = f"{prefix}/{name}"
        need(re.fullmatch(rb"[0-7]{11}\0", head[124:136]), "tar")
        size = int(head[124:135], 8)
        fields = (head[100:124], head[136:148], head[156:345], head[500:])
        wanted = (b"0000644\0" + b"0000000\0" * 2, b"0" * 11 + b"\0", b"0" + bytes(100) + b"ustar\x0000" + bytes(80))
        need(fields == (*wanted, bytes(12)), "tar")
        need(head[148:156] == b"%06o\0 " % sum(head[:148] + b" " * 8 + head[156:]), "tar")
        end = at + 512 + size
        need(name not in found and end <= len(data) and not any(data[end : end + -size % 512]), "tar")
        found[name] = data[at + 512 : end]
        at = end + -size % 512
    need(data[at:] == bytes(1024), "tar")
    return found


def tile_number(number: int) -> str:
    """Return a number as tile paths write it."""
    groups = re.findall("...", f"{number:0{-(-len(str(number)) // 3) * 3}}")
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def read_leaves(files: Document, size: int) -> list[bytes]:
    """Return every leaf (section 11.1)."""
    leaves: list[bytes] = []
    while len(leaves) < size:
        width = min(size - len(leaves), 256)
        partial = "" if width == 256 else f".p/{width}"
        data = files[f"tile/entries/{tile_number(len(leaves) // 256)}{partial}"]
        for _ in range(width):
            length = int.from_bytes(data[:2], "big")
            need(len(data) >= 2 + length, "entries")
            leaves.append(data[2 : 2 + length])
            data = data[2 + length :]
        need(not data, "entries")
    return leaves


def read_bodies(files: Document) -> dict[int, tuple[bytes, bytes]]:
    """Return key and body of each leaf that has them (section 12.2, 3)."""
    bodies: dict[int, tuple[bytes, bytes]] = {}
    for name, data in files.items():
        at = 0
        while name.startswith("bodies/") and at < len(data):
            index, length = int.from_bytes(data[at : at + 8], "big"), int.from_bytes(data[at + 40 : at + 44], "big")
            need(at + 44 + length <= len(data) and name == f"bodies/{tile_number(index // 256)}", "bodies")
            need(index > max(bodies, default=-1), "bodies")
            bodies[index] = data[at + 8 : at + 40], data[at + 44 : at + 44 + length]
            at += 44 + length
    return bodies


def verify_bundle(data: bytes, vkey: str, erasers: Sequence[str] = ()) -> Verdict:
    """Verify a bundle of a whole journal.

    Raises:
        RefusedError: It is none, or its checkpoint does not sign it.
    """
    files = members(data)
    about = canonical(files["bundle.json"], "about")
    checkpoint = open_checkpoint(files["checkpoint"], vkey, [], 0)
    origin, size = checkpoint["origin"], checkpoint["size"]
    need(about == {"schema": "rankd.bundle/1", "origin": origin, "size": size, "first": 0, "end": size}, "about")
    leaves = read_leaves(files, size)
    need(mth(leaves).hex() == checkpoint["root"], "root")
    return _fold(origin, leaves, read_bodies(files), list(erasers))


def _fold(origin: str, data: list[bytes], bodies: dict[int, tuple[bytes, bytes]], brought: list[str]) -> Verdict:
    verdict = Verdict()
    leaves = [log.read_leaf(leaf) for leaf in data]
    by_kind: defaultdict[str, list[tuple[int, Document]]] = defaultdict(list)
    for index, leaf in enumerate(leaves):
        by_kind[leaf["schema"].split(".")[2].partition("/")[0]].append((index, leaf))
    announced: dict[str, tuple[int, Document]] = {}
    for index, leaf in by_kind["epoch"]:
        if leaf["epoch"] in announced:
            verdict.faults.append(f"{index}: announced twice")
        announced.setdefault(leaf["epoch"], (index, leaf))
    revealed: dict[str, tuple[int, Document]] = {}
    for index, leaf in by_kind["reveal"]:
        if f"sha256:{hashlib.sha256(bytes.fromhex(leaf['secret'])).hexdigest()}" != leaf["epoch"]:
            verdict.faults.append(f"{index}: another secret")
        else:
            revealed.setdefault(leaf["epoch"], (index, leaf))
    for index, leaf in by_kind["epoch"]:
        before = [at for at, one in by_kind["epoch"] if at < index and one["worker"] == leaf["worker"]]
        waiting = [at for at in before if revealed.get(leaves[at]["epoch"], (index, leaf))[0] >= index]
        if len(waiting) > 1:
            verdict.faults.append(f"{index}: an epoch is overdue")
    _check_counters(verdict, by_kind["decision"], by_kind["reveal"], revealed)
    erased = _erasures(verdict, origin, by_kind, announced, revealed, leaves, brought)
    for index, leaf in by_kind["decision"]:
        verdict.decisions.append(index)
        begin, epoch = announced.get(leaf["epoch"], (index, leaf))
        if begin >= index or epoch["worker"] != leaf["worker"]:
            verdict.faults.append(f"{index}: not announced")
        if leaf["epoch"] in revealed and revealed[leaf["epoch"]][0] < index:
            verdict.faults.append(f"{index}: after the reveal")
        if index in erased:
            verdict.erased.append(index)
        if index not in bodies and index not in erased:
            verdict.missing.append(index)
        if index in bodies:
            if index in erased:
                verdict.faults.append(f"{index}: not erased")
            _check_body(verdict, index, leaf, *bodies[index], revealed)
    verdict.faults += [f"{index}: no decision" for index in bodies if index not in verdict.decisions]
    return verdict


def _check_body(
    verdict: Verdict, index: int, leaf: Document, key: bytes, sealed: bytes, revealed: dict[str, tuple[int, Document]]
) -> None:
    try:
        record = log.open_body(key, sealed)
    except RefusedError as refusal:
        verdict.faults.append(f"{index}: {refusal}")
        return
    if f"sha256:{log.commitment(key, record).hex()}" != leaf["commitment"]:
        verdict.faults.append(f"{index}: another record")
        return
    header, _, _ = read_record(record)
    fields = ("time_ms", "policy", "constitution", "model", "epoch", "worker", "counter", "voids")
    if any(header[name] != leaf[name] for name in fields) or header["request"]["surface"] != leaf["surface"]:
        verdict.faults.append(f"{index}: record and leaf differ")
    if leaf["epoch"] in revealed:
        secret = bytes.fromhex(revealed[leaf["epoch"]][1]["secret"])
        verdict.checked_nonces += 1
        if log.decision_nonce(secret, leaf["worker"], leaf["counter"]).hex() != header["nonce"]:
            verdict.faults.append(f"{index}: another nonce")
    verdict.records[index] = record


def _check_counters(
    verdict: Verdict,
    decisions: list[tuple[int, Document]],
    reveals: list[tuple[int, Document]],
    revealed: dict[str, tuple[int, Document]],
) -> None:
    used: defaultdict[str, list[int]] = defaultdict(list)
    void: defaultdict[str, set[int]] = defaultdict(set)
    count: dict[str, int] = {}
    for _, leaf in decisions:
        used[leaf["epoch"]].append(leaf["counter"])
        for epoch, counter in leaf["voids"]:
            void[epoch].add(counter)
    for index, leaf in reveals:
        void[leaf["epoch"]].update(leaf["voids"])
        if leaf["count"] is not None and count.setdefault(leaf["epoch"], leaf["count"]) != leaf["count"]:
            verdict.faults.append(f"{index}: another count")
    for epoch, counters in used.items():
        known = {*counters} | void[epoch]
        if len({*counters}) < len(counters) or {*counters} & void[epoch]:
            verdict.faults.append(f"{epoch}: a counter twice")
        if epoch in revealed and known != set(range(count.get(epoch, max(known) + 1))):
            verdict.faults.append(f"{epoch}: a counter missing")


def _erasures(
    verdict: Verdict,
    origin: str,
    by_kind: dict[str, list[tuple[int, Document]]],
    announced: dict[str, tuple[int, Document]],
    revealed: dict[str, tuple[int, Document]],
    leaves: list[Document],
    brought: list[str],
) -> set[int]:
    erased: set[int] = set()
    for index, leaf in by_kind["erasure"]:
        named: list[str] = next((epoch["erasers"] for at, epoch in reversed(by_kind["epoch"]) if at < index), [])
        try:
            erasure = open_erasure(leaf["envelope"], [*named, *brought], origin, index)["erasure"]
        except RefusedError as refusal:
            verdict.faults.append(f"{index}: {refusal}")
            continue
        reached = {at for first, last in erasure["decisions"] for at in range(first, last + 1)} - erased
        erased |= reached
        for at in sorted(reached if erasure["reason_code"] == "RETENTION" else ()):
            decision = leaves[at]
            if decision.get("epoch") not in revealed or "commitment" not in decision:
                continue
            retention = announced[decision["epoch"]][1]["retention"]
            secret = bytes.fromhex(revealed[decision["epoch"]][1]["secret"])
            kept = log.kept_longer(secret, decision["worker"], decision["counter"], retention["sample_ppm"])
            made_ms = max(decision["time_ms"], announced[decision["epoch"]][1]["time_ms"] - _SLACK_MS)
            obeyed_ms = min([leaf["time_ms"], *(later["time_ms"] + _SLACK_MS for later in leaves[index + 1 :])])
            if obeyed_ms < log.kept_until_ms(made_ms, retention, kept):
                verdict.faults.append(f"{at}: erased too early")
    return erased


def recorded_request_ids(verdict: Verdict) -> list[str]:
    """Return the request id of each record that was read, in the journal's order."""
    return [json.loads(record.partition(b"\n")[0])["request"]["request_id"] for record in verdict.records.values()]
