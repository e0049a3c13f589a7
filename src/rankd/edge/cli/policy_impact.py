"""`rankd policy impact`: what a policy, or what a proposal of a co-op puts to the vote, would have changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated

import typer

from rankd.core.assembly.identity import parse_proposal_name, proposal_name
from rankd.core.assembly.matter import Matter
from rankd.core.errors import AssemblyError, ImpactError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.impact.document import encode_impacts, fitting_impacts
from rankd.core.impact.impact import Impact
from rankd.core.policy.policy import Limits, Policy
from rankd.core.words.impact import SUMMARY
from rankd.edge.cli.answer import REFUSED, write_json
from rankd.edge.cli.audit.evidence import EraserOption, QuorumOption, WitnessesOption, WitnessOption
from rankd.edge.cli.govern.assembly_record import Record, reading
from rankd.edge.cli.impact_answer import (
    DecisionsOption,
    ForModelOption,
    JobsOption,
    KeysOption,
    OutOption,
    PageOption,
    answer,
    check_writable,
    compute,
)
from rankd.edge.cli.language import said
from rankd.edge.cli.policy_options import LimitsOption, ModelOption, needed_limits
from rankd.store.model_folder import read_model_folder
from rankd.store.policy_folder import read_policy_file
from rankd.usecases.govern.drafting import find_matter
from rankd.usecases.govern.measuring import frozen_impacts, measure_of, need_frozen

_RESTS_ON = ("proposed", "limits", "model", "new_model", "decisions")
"""Fields that say on what an impact rests; the others follow from these."""

_PROPOSAL = re.compile(r"p[0-9]{1,15}")

ProposedArgument = Annotated[
    Path,
    typer.Argument(
        help=said(
            "Le fichier de la politique, ou une proposition (p14) avec --record et --genesis.",
            "The policy’s file, or a proposal (p14) with --record and --genesis.",
        )
    ),
]
CheckOption = Annotated[
    bool,
    typer.Option(
        "--check",
        help=said(
            "Proposition : comparer à l’incidence arrêtée avec elle; code 1 si elle diffère.",
            "Proposal: compare with the impact that was frozen with it; exit code 1 where it differs.",
        ),
    ),
]


@dataclass(frozen=True)
class _Replay:
    """On what decisions it is measured, and how."""

    decisions: list[Path]
    key: list[str] | None
    model: Path | None
    for_model: str | None
    witness: list[str] | None
    quorum: int | None
    witnesses: Path | None
    eraser: list[str] | None
    jobs: int | None

    def of(self, record: Record, policies: tuple[Policy, ...], limits: Limits) -> tuple[tuple[Impact, ...], bool]:
        """Return the impacts of policies, and whether a key came from the evidence itself."""
        if not self.decisions:
            raise ImpactError("IMPACT_DECISIONS")
        found = [
            compute(
                policy,
                limits,
                self.decisions,
                self.key,
                record.language,
                model=self.for_model,
                new_model=self.model,
                witness=self.witness,
                quorum=self.quorum,
                witnesses=self.witnesses,
                eraser=self.eraser,
                jobs=self.jobs,
            )
            for policy in policies
        ]
        return fitting_impacts([impact for impact, _ in found]), any(is_borrowed for _, is_borrowed in found)


@reading
def impact(
    record: Record,
    proposed: ProposedArgument,
    decisions: DecisionsOption = None,
    key: KeysOption = None,
    limits: LimitsOption = None,
    for_model: ForModelOption = None,
    model: ModelOption = None,
    out: OutOption = None,
    page: PageOption = None,
    check: CheckOption = False,
    witness: WitnessOption = None,
    quorum: QuorumOption = None,
    witnesses: WitnessesOption = None,
    eraser: EraserOption = None,
    jobs: JobsOption = None,
) -> None:
    """Verify decisions, replay them under the policies that ranked them and under this one, and say what differs."""
    check_writable(out, page)
    replay = _Replay(decisions or [], key, model, for_model, witness, quorum, witnesses, eraser, jobs)
    if _PROPOSAL.fullmatch(str(proposed)) and not proposed.exists():
        _of_proposal(record, parse_proposal_name(str(proposed)), replay, out, page, check=check)
        return
    if check:
        raise AssemblyError("IMPACT_UNFROZEN", proposal=proposed)
    policy = read_policy_file(proposed)
    found, is_borrowed = replay.of(record, (policy,), needed_limits(proposed, limits))
    answer(
        found,
        record.language,
        policies=(policy,),
        out=out,
        page=page,
        as_json=record.as_json,
        is_borrowed=is_borrowed,
    )


def _of_proposal(
    record: Record, index: int, replay: _Replay, out: Path | None, page: Path | None, *, check: bool
) -> None:
    """Compute the impact of a proposal, or without decisions tell the one that was frozen with it."""
    matter, name = find_matter(record.sound, index), proposal_name(index)
    measure = measure_of(record.assembly, matter)
    language, as_json = record.language, record.as_json
    if check:
        need_frozen(matter, name)
    if not replay.decisions and not check:
        found = need_frozen(matter, name)
        answer(found, language, policies=measure.policies, out=out, page=page, as_json=as_json)
        return
    _check_model(name, replay.model, measure.new_model)
    if replay.for_model is None and measure.model is not None:
        replay = replace(replay, for_model=digest_text(measure.model))
    found, is_borrowed = replay.of(record, measure.policies, measure.limits)
    if check and as_json:
        _answer_check(matter, name, found)
    else:
        answer(found, language, policies=measure.policies, out=out, page=page, as_json=as_json, is_borrowed=is_borrowed)
    difference = _difference(found, frozen_impacts(matter))
    if matter.impact is not None and not (check and as_json):
        digest = digest_text(sha256(matter.impact.encode("utf-8")))
        words = SUMMARY["same_as_frozen" if difference is None else "not_as_frozen"]
        typer.echo(words.say(language, proposal=name, frozen=digest, field=difference), err=as_json)
    if check and difference is not None:
        raise typer.Exit(REFUSED)


def _check_model(name: str, folder: Path | None, wanted: bytes | None) -> None:
    """Make sure that the folder of the proposed model is given, and no other.

    Raises:
        ImpactError: IMPACT_MODEL_FOLDER.
        ModelError: It cannot be read.
    """
    found = None if folder is None else read_model_folder(folder).manifest.digest
    if found != wanted:
        raise ImpactError("IMPACT_MODEL_FOLDER", proposal=name, wanted=_shown(wanted), found=_shown(found))


def _difference(found: Sequence[Impact], frozen: Sequence[Impact]) -> str | None:
    """Return the first field in which impacts differ, what they rest on before what they say; None: they do not."""
    if len(found) != len(frozen):
        return "impacts"
    for ours, theirs in zip(found, frozen, strict=True):
        for name in (*_RESTS_ON, *(field.name for field in fields(Impact))):
            if getattr(ours, name) != getattr(theirs, name):
                return name
    return None


def _answer_check(matter: Matter, name: str, found: Sequence[Impact]) -> None:
    frozen = "" if matter.impact is None else matter.impact
    difference = _difference(found, frozen_impacts(matter))
    write_json(
        {
            "ok": difference is None,
            "proposal": name,
            "frozen": digest_text(sha256(frozen.encode("utf-8"))),
            "computed": digest_text(sha256(encode_impacts(found))),
            "first_difference": difference,
        }
    )


def _shown(digest: bytes | None) -> str:
    return "–" if digest is None else digest_text(digest)
