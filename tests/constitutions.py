"""Constitutions for tests: the project's templates, filled with keys that are the same every time."""

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.constitution_template import fill_constitution
from rankd.core.words.language import Language

POLICIES = Path(__file__).resolve().parents[1] / "policies"
CO = "coop.example/fil"


@cache
def public_key(number: int) -> bytes:
    """Return the public key of the seed that is this byte 32 times."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key().public_bytes_raw()


def constitution_text(
    *changes: tuple[str, str], language: Language = "en", origin: str = CO, guardians: int = 3
) -> str:
    """Return a filled template after replacing (old, new) texts, each of which it must hold at least once."""
    text = fill_constitution(
        (POLICIES / f"constitution.{language}.yaml").read_bytes(),
        origin=origin,
        log_key=public_key(1),
        secretaries=[public_key(2), public_key(3)],
        guardians=[public_key(4 + number) for number in range(guardians)],
        needed=min(guardians, 2),
    ).decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def constitution_of(*changes: tuple[str, str], origin: str = CO, guardians: int = 3) -> Constitution:
    """Read what `constitution_text` returns."""
    return read_constitution(constitution_text(*changes, origin=origin, guardians=guardians).encode(), "c.yaml")
