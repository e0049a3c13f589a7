"""`rankd serve --check`: what would be served, and why, without serving it or touching the data directory."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankd.core.errors import RankdError
from rankd.core.exact.canonical import digest_text
from rankd.core.words.language import Language
from rankd.core.words.quantity import plural
from rankd.core.words.service import CHECK
from rankd.edge.config import Config
from rankd.edge.grpc.credentials import server_credentials
from rankd.edge.service import wall_clock_ms
from rankd.edge.signing import check_signing
from rankd.store.archive import Archive
from rankd.store.witness_policy import read_witness_policy
from rankd.usecases.serve.snapshot import Snapshot
from rankd.usecases.serve.surfaces import SurfaceBook


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found.

    Attributes:
        config: The configuration.
        snapshots: What each surface would be served with, sorted by surface.
        refusals: Why files are refused, by surface or file.
    """

    config: Config
    snapshots: tuple[Snapshot, ...]
    refusals: dict[str, RankdError]

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
        book = SurfaceBook(config.folders.policies, config.folders.models, Archive(Path(scratch)), wall_clock_ms)
        snapshots = tuple(book.snapshot(surface) for surface in book.surfaces())
        return Findings(config, snapshots, dict(book.refusals()))


def findings_lines(findings: Findings, language: Language) -> Iterator[str]:
    """Yield what a check says to people."""
    yield _address_line(findings.config, language)
    for digest in sorted({digest_text(snapshot.limits.canon_digest) for snapshot in findings.snapshots}):
        yield CHECK["limits"].say(language, digest=digest)
    for snapshot in findings.snapshots:
        yield from _surface_lines(snapshot, language)
        if (refusal := findings.refusals.get(snapshot.surface)) is not None:
            yield CHECK["refused"].say(language, reason=refusal.reason, message=refusal.say(language))
    surfaces = {snapshot.surface for snapshot in findings.snapshots}
    for name, refusal in sorted(findings.refusals.items()):
        if name not in surfaces:
            yield CHECK["other"].say(language, name=name, reason=refusal.reason, message=refusal.say(language))
    yield CHECK["good" if findings.good else "bad"].say(language)


def findings_json(findings: Findings, language: Language) -> dict[str, Any]:
    """Return what a check found as `--json` writes it; messages are in `language`."""
    return {
        "ok": findings.good,
        "config": list(findings.config.lines()),
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


def _surface_lines(snapshot: Snapshot, language: Language) -> Iterator[str]:
    if snapshot.policy is None or snapshot.model is None:
        yield CHECK["baseline"].say(language, surface=snapshot.surface)
        return
    policy, manifest = snapshot.policy, snapshot.model.manifest
    yield CHECK["policy"].say(
        language,
        surface=snapshot.surface,
        title=policy.title.say(language),
        canon=digest_text(policy.canon_digest),
        file=digest_text(policy.file_digest),
    )
    heads = ", ".join(head.signal.objective for head in manifest.heads)
    yield CHECK["model"].say(language, digest=digest_text(manifest.digest), heads=heads)
    if snapshot.silent:
        yield CHECK["silent"].say(language, objectives=", ".join(snapshot.silent))


def _surface_json(snapshot: Snapshot) -> dict[str, Any]:
    policy, model = snapshot.policy, snapshot.model
    return {
        "surface": snapshot.surface,
        "ratification": "BASELINE" if policy is None else "NONE",
        "canon_digest": digest_text(snapshot.policy_digest),
        "file_digest": None if policy is None else digest_text(policy.file_digest),
        "title": None if policy is None else {"fr": policy.title.fr, "en": policy.title.en},
        "constitution_digest": digest_text(snapshot.limits.canon_digest),
        "model_digest": None if model is None else digest_text(model.manifest.digest),
        "silent": list(snapshot.silent),
    }
