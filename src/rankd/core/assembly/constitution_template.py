"""The founders' template: the text of a constitution in which a few marked lines wait for the co-op's own keys."""

from collections.abc import Iterable, Sequence

from rankd.core.errors import AssemblyError

MARKS = ("origin: ORIGIN", "log_key: LOG_KEY", "secretaries: SECRETARIES", "  keys: GUARDIANS", "  needed: NEEDED")
"""The lines that are filled; each stands exactly once."""


def fill_constitution(
    template: bytes,
    *,
    origin: str,
    log_key: bytes,
    secretaries: Iterable[bytes],
    guardians: Iterable[bytes],
    needed: int,
) -> bytes:
    """Fill a template's marked lines; every other byte stays. `read_constitution` then says whether the text is sound.

    Args:
        template: The text.
        origin: The minutes' origin.
        log_key: Public key of the minutes' log, 32 bytes.
        secretaries: Their public keys.
        guardians: Theirs; none: the co-op has no guardians.
        needed: How many guardians must agree.

    Raises:
        AssemblyError: CONSTITUTION_PLACE: a marked line is missing, or stands twice.
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
        if found != 1:
            raise AssemblyError("CONSTITUTION_PLACE", line=mark, found=found)
        at = lines.index(mark.encode())
        lines[at : at + 1] = [line.encode() for line in block]
    return b"\n".join(lines)


def _listed(key: str, keys: Sequence[bytes], *, indent: str) -> list[str]:
    return [key, *(f'{indent}- "{value.hex()}"' for value in keys)] if keys else [f"{key} []"]
