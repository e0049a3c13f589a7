"""The founders' template: the text of a constitution in which a few marked lines wait for the co-op's own keys."""

from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.bounds import MAX_KEYS
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.errors import AssemblyError, PolicyError
from rankd.core.exact.canonical import sha256

MARKS = ("origin: ORIGIN", "log_key: LOG_KEY", "secretaries: SECRETARIES", "  keys: GUARDIANS", "  needed: NEEDED")
"""The lines that are filled; each stands at most once."""


def fill_constitution(
    template: bytes,
    *,
    origin: str,
    log_key: bytes,
    secretaries: Iterable[bytes],
    guardians: Iterable[bytes],
    needed: int,
) -> bytes:
    """Fill the marked lines that are there; every other byte stays, so a text without marks is returned as it is.

    `read_constitution` then says whether the text is sound.

    Args:
        template: The text.
        origin: The minutes' origin.
        log_key: Public key of the minutes' log, 32 bytes.
        secretaries: Their public keys.
        guardians: Theirs; none: the co-op has no guardians.
        needed: How many guardians must agree.

    Raises:
        AssemblyError: CONSTITUTION_PLACE: a marked line stands twice.
    """
    blocks = (
        [f'origin: "{origin}"'],
        [f'log_key: "{log_key.hex()}"'],
        _listed("secretaries:", sorted(secretaries), indent="  "),
        _listed("  keys:", sorted(guardians), indent="    "),
        [f"  needed: {needed}"],
    )
    lines = template.split(b"\n")
    for mark, block in zip(MARKS, blocks, strict=True):
        found = lines.count(mark.encode())
        if found > 1:
            raise AssemblyError("CONSTITUTION_PLACE", line=mark.strip(), found=found)
        if found:
            at = lines.index(mark.encode())
            lines[at : at + 1] = [line.encode() for line in block]
    return b"\n".join(lines)


def check_filled(text: bytes, name: str) -> None:
    """Make sure that no marked line of a constitution is left to fill.

    Where some are, what else is wrong with the text is told first: nobody should hear of it only at the founding.

    Args:
        text: The text.
        name: What to call its file in errors.

    Raises:
        PolicyError: CONSTITUTION_UNFILLED, or what `read_constitution` refuses in the lines that are written.
    """
    left, lines = _left(text), text.split(b"\n")
    if not left:
        return
    stand_ins = _stand_ins()
    try:
        read_constitution(b"\n".join(stand_ins.get(line, line) for line in lines), name)
    except PolicyError as error:
        # How guardians and their number go together is known once both are written.
        if not str(error.metadata.get("field", "")).startswith("guardians."):
            raise
    listed = ", ".join(f"{number} ({mark})" for number, mark in left)
    raise PolicyError("CONSTITUTION_UNFILLED", file=name, lines=listed)


def _left(text: bytes) -> list[tuple[int, str]]:
    """Return number and text of the marked lines."""
    marks = {mark.encode(): mark.strip() for mark in MARKS}
    return [(number, marks[line]) for number, line in enumerate(text.split(b"\n"), 1) if line in marks]


def _listed(key: str, keys: Sequence[bytes], *, indent: str) -> list[str]:
    return [key, *(f'{indent}- "{value.hex()}"' for value in keys)] if keys else [f"{key} []"]


def _stand_in(number: int) -> str:
    """Return a sound key in quotes; it stands nowhere but in what is checked."""
    seed = sha256(f"a key that stands in for another, {number}".encode())
    return f'"{Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()}"'


def _stand_ins() -> dict[bytes, bytes]:
    """Return one line for each marked line, so that what else a text says keeps its place."""
    lines = (
        'origin: "coop.example/feed"',
        f"log_key: {_stand_in(0)}",
        f"secretaries: [{_stand_in(1)}]",
        f"  keys: [{', '.join(_stand_in(2 + number) for number in range(MAX_KEYS))}]",
        "  needed: 2",
    )
    return {mark.encode(): line.encode() for mark, line in zip(MARKS, lines, strict=True)}
