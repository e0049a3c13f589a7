"""Founding: from a constitution, registrations and what is adopted to the first entry of the minutes."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.entries import NONCE_BYTES, Founding, FoundingSurface, Registration
from rankd.core.assembly.entry_codec import encode_payload
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import sha256
from rankd.store.model_folder import read_model_folder
from rankd.store.policy_folder import read_policy_bytes


@dataclass(frozen=True, slots=True)
class Founded:
    """A founding that was signed: the envelope's canonical JSON, and the genesis digest."""

    envelope: bytes
    genesis: bytes


def read_surface(text: str) -> FoundingSurface:
    """Return what the founders adopt for a surface.

    Args:
        text: `video=POLICY.yaml:MODEL`, `video=:MODEL` (a model, and the baseline until a policy is voted), or
            `video=` (neither yet).

    Raises:
        AssemblyError: SURFACE_OPTION.
        PolicyError, ModelError: A file cannot be read, or the model's folder is refused.
    """
    surface, equals, rest = text.partition("=")
    policy, _, model = rest.partition(":")
    if not surface or not equals or (policy and not model):
        raise AssemblyError("SURFACE_OPTION", found=text[:200])
    if not model:
        return FoundingSurface(surface, None, None, ())
    manifest = read_model_folder(Path(model)).manifest
    if manifest.surface != surface:
        raise AssemblyError("SURFACE_OPTION", found=f"{text[:200]} ({manifest.surface})")
    heads = tuple(head.signal.objective for head in manifest.heads)
    try:
        adopted = read_policy_bytes(Path(policy)).decode("utf-8") if policy else None
    except UnicodeDecodeError:
        raise AssemblyError("SURFACE_OPTION", found=text[:200]) from None
    return FoundingSurface(surface, adopted, manifest.digest, heads)


def check_matches(
    constitution: Constitution,
    origin: str,
    log_key: bytes,
    secretaries: Sequence[bytes],
    guardians: Sequence[bytes],
    needed: int | None = None,
) -> None:
    """Make sure that a constitution says what the command line does: nobody founds what she did not read.

    Args:
        constitution: The constitution; it may name more secretaries.
        origin: The co-op's name.
        log_key: The minutes' key.
        secretaries: Secretaries' keys.
        guardians: All guardians' keys; none: nothing is said of them.
        needed: How many guardians must agree; None: nothing is said of it.

    Raises:
        AssemblyError: CONSTITUTION_OTHER_CO.
    """
    if constitution.origin != origin:
        raise AssemblyError("CONSTITUTION_OTHER_CO", field="origin", found=constitution.origin, wanted=origin)
    if constitution.log_key != log_key:
        found, wanted = constitution.log_key.hex(), log_key.hex()
        raise AssemblyError("CONSTITUTION_OTHER_CO", field="log_key", found=found, wanted=wanted)
    missing = [key.hex() for key in secretaries if key not in constitution.secretaries]
    if missing:
        found = ", ".join(key.hex() for key in constitution.secretaries)
        raise AssemblyError("CONSTITUTION_OTHER_CO", field="secretaries", found=found, wanted=", ".join(missing))
    if guardians and set(guardians) != set(constitution.guardians.keys):
        found = ", ".join(key.hex() for key in constitution.guardians.keys)
        wanted = ", ".join(key.hex() for key in sorted(guardians))
        raise AssemblyError("CONSTITUTION_OTHER_CO", field="guardians.keys", found=found, wanted=wanted)
    if needed is not None and needed != constitution.guardians.needed:
        found, wanted = str(constitution.guardians.needed), str(needed)
        raise AssemblyError("CONSTITUTION_OTHER_CO", field="guardians.needed", found=found, wanted=wanted)


def sign_registration(origin: str, private_key: Ed25519PrivateKey, draw: Callable[[int], bytes] = os.urandom) -> bytes:
    """Return a registration for a key, signed by it: the envelope's canonical JSON."""
    key = private_key.public_key().public_bytes_raw()
    return envelope_bytes(sign_entry(Registration(origin, key, draw(NONCE_BYTES)), private_key))


def sign_founding(
    text: str,
    registrations: Sequence[Mapping[str, Any]],
    surfaces: Sequence[FoundingSurface],
    secretary: Ed25519PrivateKey,
    draw: Callable[[int], bytes] = os.urandom,
) -> Founded:
    """Return the founding, signed; whether it holds, the fold says when it is entered.

    Args:
        text: The constitution.
        registrations: Envelopes of the founders' registrations, as JSON objects.
        surfaces: What they adopt, in any order.
        secretary: A secretary's private key.
        draw: Where the nonce comes from.
    """
    ordered = tuple(sorted(surfaces, key=lambda entry: entry.surface))
    founding = Founding(text, tuple(registrations), ordered, draw(NONCE_BYTES))
    return Founded(envelope_bytes(sign_entry(founding, secretary)), sha256(encode_payload(founding)))
