"""What is in force, as `--json` writes it."""

from typing import Any

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.standing import ActiveModel, ActivePolicy
from rankd.core.exact.canonical import digest_text


def standing_json(assembly: Assembly, surface: str) -> dict[str, Any]:
    """Return what is in force on a surface."""
    standing = assembly.standing(surface)
    return {
        "surface": surface,
        "activation": standing.activation,
        "ratification": standing.ratification,
        "policy": policy_json(standing.policy),
        "model": model_json(standing.model),
    }


def policy_json(policy: ActivePolicy) -> dict[str, Any]:
    """Return a policy that was activated."""
    return {
        "number": policy.number,
        "canon_digest": digest_text(policy.canon_digest),
        "file_digest": digest_text(policy.file_digest) if policy.file_digest else None,
        "proposal": None if policy.adopted_by is None else proposal_name(policy.adopted_by),
    }


def model_json(model: ActiveModel | None) -> dict[str, Any] | None:
    """Return a model that was activated."""
    if model is None:
        return None
    return {
        "digest": digest_text(model.digest),
        "heads": list(model.heads),
        "proposal": proposal_name(model.adopted_by),
    }
