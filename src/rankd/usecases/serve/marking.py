"""Marking: activations as the gate's mark names them, by digest, and back with the texts from the archive."""

from collections.abc import Iterable

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.standing import Activation, ActiveModel, ActivePolicy
from rankd.store.archive import Archive
from rankd.store.assembly_mark import MarkedActivation, MarkedModel, MarkedPolicy


def marked(activation: Activation) -> MarkedActivation:
    """Return an activation as the mark names it."""
    policy, model = activation.policy, activation.model
    return MarkedActivation(
        number=activation.number,
        time_ms=activation.time_ms,
        cause=activation.cause,
        entry=activation.entry,
        surface=activation.surface,
        policy=None
        if policy is None
        else MarkedPolicy(policy.number, policy.canon_digest, policy.file_digest, policy.adopted_by),
        model=None if model is None else MarkedModel(model.digest, model.heads, model.adopted_by),
        constitution=activation.constitution.canon_digest,
    )


def unmarked(activations: Iterable[MarkedActivation], archive: Archive) -> tuple[Activation, ...]:
    """Return activations with their texts.

    Raises:
        RecordError, PolicyError, AssemblyError: A text is not in the archive, or not what it was.
    """
    constitutions: dict[bytes, Constitution] = {}
    found: list[Activation] = []
    for entry in activations:
        if entry.constitution not in constitutions:
            constitutions[entry.constitution] = archive.constitution(entry.constitution)
        model = entry.model
        found.append(
            Activation(
                number=entry.number,
                time_ms=entry.time_ms,
                cause=entry.cause,
                entry=entry.entry,
                surface=entry.surface,
                policy=None if entry.policy is None else _policy(entry.policy, archive),
                model=None if model is None else ActiveModel(model.digest, model.heads, model.adopted_by),
                constitution=constitutions[entry.constitution],
            )
        )
    return tuple(found)


def _policy(policy: MarkedPolicy, archive: Archive) -> ActivePolicy:
    text = b"" if policy.number == 0 else archive.policy_text(policy.canon_digest, policy.file_digest)
    return ActivePolicy(policy.number, text, policy.canon_digest, policy.file_digest, policy.adopted_by)
