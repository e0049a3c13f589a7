"""`rankd serve --check`: what would be served, and why, without serving it or touching the data directory."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.standing import Activation, ActivePolicy, Standing
from rankd.core.assembly.tally.result import RankingResult, Result, YesNoResult
from rankd.core.errors import RankdError
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.policy import Limits, Policy
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.core.words.quantity import count_words, plural
from rankd.core.words.service import CHECK
from rankd.edge.config import Config
from rankd.edge.grpc.credentials import server_credentials
from rankd.edge.opening import open_book
from rankd.edge.service import wall_clock_ms
from rankd.edge.signing import check_signing
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.assembly_mark import MARK_FILE
from rankd.store.witness_policy import read_witness_policy
from rankd.usecases.serve.gate import RECORD, Gate, GateStatus
from rankd.usecases.serve.snapshot import Snapshot
from rankd.usecases.serve.surfaces import SurfaceBook


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found.

    Attributes:
        config: The configuration.
        snapshots: What each surface would be served with, sorted by surface.
        refusals: Why files are refused, by surface or file.
        gate: How the gate is; None: no assembly decides.
    """

    config: Config
    snapshots: tuple[Snapshot, ...]
    refusals: dict[str, RankdError]
    gate: GateStatus | None = None

    @property
    def good(self) -> bool:
        """Whether everything would be served as the folders say."""
        return bool(self.snapshots) and not self.refusals


def check(config: Config) -> Findings:
    """Read policies, limits, models, key, witness and TLS files as a start would; no key is unlocked.

    Raises:
        RankdError: A start would fail.
    """
    if config.tls is not None:
        server_credentials(config.tls)
    check_signing(config)
    if config.witnesses.file is not None:
        read_witness_policy(config.witnesses.file)
    with tempfile.TemporaryDirectory(prefix="rankd-check-") as scratch:
        book = _open(config, Path(scratch))
        snapshots = tuple(book.snapshot(surface) for surface in book.surfaces())
        return Findings(config, snapshots, dict(book.refusals()), book.status() if isinstance(book, Gate) else None)


def _open(config: Config, scratch: Path) -> Gate | SurfaceBook:
    """Return the book of a start; what it writes goes into `scratch`."""
    if config.assembly is None:
        return open_book(config, Archive(scratch), wall_clock_ms, time.monotonic)
    mark = config.folders.data / MARK_FILE
    if mark.is_file():
        shutil.copy(mark, scratch / MARK_FILE)
    return open_book(config, _UntouchedArchive(config.folders.data), wall_clock_ms, time.monotonic, data=scratch)


class _UntouchedArchive(Archive):
    """An archive that is only looked at."""

    def keep_policy(self, policy: Policy, data: bytes) -> None:
        """Keep nothing."""

    def keep_limits(self, limits: Limits, data: bytes) -> None:
        """Keep nothing."""

    def keep_model(self, model: SealedModel, folder: Path) -> None:
        """Keep nothing."""


def findings_lines(findings: Findings, language: Language) -> Iterator[str]:
    """Yield what a check says to people."""
    yield _address_line(findings.config, language)
    gate = findings.gate
    if gate is not None:
        yield from _gate_lines(gate, language)
    for digest in sorted({digest_text(snapshot.limits.canon_digest) for snapshot in findings.snapshots}):
        yield CHECK["limits" if gate is None else "constitution"].say(language, digest=digest)
    for snapshot in findings.snapshots:
        yield from _surface_lines(snapshot, language)
        if gate is not None and gate.assembly is not None and snapshot.standing is not None:
            yield from _why_lines(gate.assembly, snapshot.standing, language)
        if (refusal := findings.refusals.get(snapshot.surface)) is not None:
            yield CHECK["refused"].say(language, reason=refusal.reason, message=refusal.say(language))
    surfaces = {snapshot.surface for snapshot in findings.snapshots}
    for name, refusal in sorted(findings.refusals.items()):
        if name not in surfaces and name != RECORD:
            yield CHECK["other"].say(language, name=name, reason=refusal.reason, message=refusal.say(language))
    yield CHECK["good" if findings.good else "bad"].say(language)


def findings_json(findings: Findings, language: Language) -> dict[str, Any]:
    """Return what a check found as `--json` writes it; messages are in `language`."""
    return {
        "ok": findings.good,
        "config": list(findings.config.lines()),
        "assembly": None if findings.gate is None else _gate_json(findings.gate),
        "surfaces": [_surface_json(snapshot) for snapshot in findings.snapshots],
        "refusals": {
            name: {"reason": refusal.reason, "message": refusal.say(language)}
            for name, refusal in sorted(findings.refusals.items())
        },
    }


def _address_line(config: Config, language: Language) -> str:
    count = len(config.callers)
    security = (
        CHECK["plain"].say(language)
        if config.tls is None
        else CHECK["mtls"].say(
            language, count=count, s=plural(count, language), ies="y" if plural(count, language) == "" else "ies"
        )
    )
    side = config.server.side_address or CHECK["off"].say(language)
    return CHECK["address"].say(language, address=config.server.address, security=security, side=side)


def _gate_lines(gate: GateStatus, language: Language) -> Iterator[str]:
    yield CHECK["assembly"].say(
        language,
        origin=gate.origin,
        genesis=digest_text(gate.genesis),
        size=count_words(gate.size, language),
        activation=gate.activation,
    )
    if gate.refusal is not None:
        yield CHECK["record_refused"].say(language, reason=gate.refusal.reason, message=gate.refusal.say(language))
    if gate.is_restored and gate.activation:
        yield CHECK["restored"].say(language)
    if gate.is_stale and gate.evidence_ms is not None:
        yield CHECK["stale"].say(language, since=moment_words(gate.evidence_ms, language))


def _why_lines(assembly: Assembly, standing: Standing, language: Language) -> Iterator[str]:
    """Yield which proposal put a policy in force, by which vote, and since when."""
    own = [past for past in assembly.activations[: standing.activation] if past.surface == standing.surface]
    brought = next((past for past in reversed(own) if past.policy != _policy_before(own, past)), None)
    if brought is None:
        return
    matter = assembly.proposals.get(brought.entry)
    vote = None if matter is None else matter.vote
    name = ("g" if brought.cause in ("rollback", "lapse") else "p") + str(brought.entry)
    yield CHECK[f"by_{brought.cause}"].say(
        language,
        proposal=name,
        since=moment_words(brought.time_ms, language),
        activation=brought.number,
        result="–" if vote is None or vote.result is None else _result_words(vote.result, language),
    )


def _policy_before(activations: list[Activation], activation: Activation) -> ActivePolicy | None:
    """Return the policy in force on a surface just before an activation there."""
    at = activations.index(activation)
    return activations[at - 1].policy if at else None


def _result_words(result: Result, language: Language) -> str:
    if isinstance(result, YesNoResult):
        yes, no = count_words(result.yes, language), count_words(result.no, language)
        return CHECK["yes_no"].say(language, yes=yes, no=no)
    kind = "ranking" if isinstance(result, RankingResult) else "points"
    return CHECK[kind].say(language, count=count_words(result.ballot_count, language))


def _surface_lines(snapshot: Snapshot, language: Language) -> Iterator[str]:
    standing = snapshot.standing
    if snapshot.policy is None or snapshot.model is None:
        adopted = standing is not None and standing.policy.number == 0
        yield CHECK["baseline_ratified" if adopted else "baseline"].say(language, surface=snapshot.surface)
        return
    policy, manifest = snapshot.policy, snapshot.model.manifest
    yield CHECK["policy" if standing is None else "ratified"].say(
        language,
        surface=snapshot.surface,
        title=policy.title.say(language),
        canon=digest_text(policy.canon_digest),
        file=digest_text(policy.file_digest),
        number=None if standing is None else standing.policy.number,
        ratification=_ratification(snapshot),
    )
    heads = ", ".join(head.signal.objective for head in manifest.heads)
    yield CHECK["model"].say(language, digest=digest_text(manifest.digest), heads=heads)
    if snapshot.silent:
        yield CHECK["silent"].say(language, objectives=", ".join(snapshot.silent))


def _ratification(snapshot: Snapshot) -> str:
    if snapshot.policy is None:
        return "BASELINE"
    return "NONE" if snapshot.standing is None else snapshot.standing.ratification


def _gate_json(gate: GateStatus) -> dict[str, Any]:
    return {
        "origin": gate.origin,
        "genesis": digest_text(gate.genesis),
        "size": gate.size,
        "activation": gate.activation,
        "stale": gate.is_stale,
        "restored": gate.is_restored,
        "refused": None if gate.refusal is None else gate.refusal.reason,
    }


def _surface_json(snapshot: Snapshot) -> dict[str, Any]:
    policy, model, standing = snapshot.policy, snapshot.model, snapshot.standing
    adopted_by = None if standing is None or policy is None else standing.policy.adopted_by
    return {
        "surface": snapshot.surface,
        "ratification": _ratification(snapshot),
        "number": None if standing is None else 0 if policy is None else standing.policy.number,
        "activation": snapshot.activation,
        "proposal": None if adopted_by is None else proposal_name(adopted_by),
        "canon_digest": digest_text(snapshot.policy_digest),
        "file_digest": None if policy is None else digest_text(policy.file_digest),
        "title": None if policy is None else {"fr": policy.title.fr, "en": policy.title.en},
        "constitution_digest": digest_text(snapshot.limits.canon_digest),
        "model_digest": None if model is None else digest_text(model.manifest.digest),
        "silent": list(snapshot.silent),
    }
