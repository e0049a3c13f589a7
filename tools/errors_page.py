"""Write docs/errors.md from the catalogue of reasons, or check that the committed page is current."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from rankd.core.words.ranking import DEGRADED
from rankd.core.words.reasons import (
    assembly,
    assembly_rules,
    bundle,
    constitution,
    erase,
    events,
    features,
    feedback,
    gate,
    impact,
    journal,
    keys,
    learn,
    log,
    mandate,
    member,
    minutes,
    model,
    policy,
    record,
    request,
    service,
    station,
    witness,
)
from rankd.core.words.reasons.reason import Reason
from rankd.edge.grpc.errors import DOMAIN, STATUS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "errors.md"

SUBJECTS: tuple[tuple[str, Mapping[str, Reason]], ...] = (
    ("Requests · Les demandes", request.REASONS),
    ("The service · Le service", service.REASONS),
    ("Policies and limits · Politiques et limites", policy.REASONS),
    ("Constitutions · Les constitutions", constitution.REASONS),
    ("Models · Les modèles", model.REASONS),
    ("The counts behind features · Les comptes des caractéristiques", features.REASONS),
    ("Feedback · Ce que font les personnes", feedback.REASONS),
    ("Events and what is worked out from them · Les événements et ce qu’on en tire", events.REASONS),
    ("Records · Les enregistrements", record.REASONS),
    ("Trees, proofs and notes · Arbres, preuves et notes", log.REASONS),
    ("Journals · Les journaux", journal.REASONS),
    ("Keys · Les clés", keys.REASONS),
    ("Erasing · L’effacement", erase.REASONS),
    ("Audit bundles and verification · Dossiers de vérification", bundle.REASONS),
    ("Impacts · Les incidences", impact.REASONS),
    ("Witnesses · Les témoins", witness.REASONS),
    ("Training · L’entraînement", learn.REASONS),
    ("The assembly · L’assemblée", assembly.REASONS),
    ("The assembly’s rules · Les règles de l’assemblée", assembly_rules.REASONS),
    ("Members’ commands · Les commandes des membres", member.REASONS),
    ("Keys on paper, voting station · Clés sur papier, isoloir", station.REASONS),
    ("The gate · La porte", gate.REASONS),
    ("The minutes and the record · Le procès-verbal et le dossier public", minutes.REASONS),
    ("What decisions rest on · Ce sur quoi reposent les décisions", mandate.REASONS),
)

HEAD = f"""# Errors

Generated from `src/rankd/core/words/reasons/` by `tools/errors_page.py`; do not edit.

Whatever rankd refuses has a **reason**: a stable upper-case word, never reused for another fact. On the wire it comes
with a gRPC status and, in the status details:

- `google.rpc.ErrorInfo`: `reason`, `domain` = `{DOMAIN}`, and as `metadata` the values that stand in braces below, cut
  to 200 bytes;
- `google.rpc.LocalizedMessage`, twice: the sentence in French (`fr-CA`) and in English (`en`);
- `google.rpc.BadRequest` where a field of the request is at fault, in the contract's names: `candidates[3].id`,
  `columns[age_h].le_float32`;
- `google.rpc.RetryInfo` where the same call may succeed a little later.

A caller may repeat a request, with the same `request_id`, after UNAVAILABLE, ABORTED, a CANCELLED that it did not cause
itself, and RESOURCE_EXHAUSTED with RetryInfo. Everything else fails the same way again. gRPC itself refuses a message
that is larger than `server.max_request_bytes` (RESOURCE_EXHAUSTED without details) and a method that does not exist
(UNIMPLEMENTED).

On the command line the same sentences go to stderr (with `--json`, reason and metadata to stdout), and the exit code is
1, or 2 where what was named is not there.

Chaque refus porte un motif stable. Chaque phrase existe en français et en anglais, et les deux accompagnent la réponse.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_degraded(), *(line for title, reasons in SUBJECTS for line in _subject(title, reasons))])


def _degraded() -> Iterator[str]:
    yield "## Degraded answers · Réponses diminuées\n"
    yield "Not errors: an answer came, and says in `degraded` what it lacked.\n"
    for name, phrase in DEGRADED.items():
        yield f"**`{name}`**\n\n- {phrase.en}\n- {phrase.fr}\n"


def _subject(title: str, reasons: Mapping[str, Reason]) -> Iterator[str]:
    yield f"## {title}\n"
    for name, entry in sorted(reasons.items()):
        yield f"**`{name}`** · {STATUS[entry.kind].name}\n"
        yield f"- {entry.phrase.en} → {entry.remedy.en}"
        yield f"- {entry.phrase.fr} → {entry.remedy.fr}\n"


def main() -> int:
    """Write or check the page; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing; exit 1 where they differ")
    text = page()
    if not parser.parse_args().check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{PAGE} is not current: run python tools/errors_page.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
