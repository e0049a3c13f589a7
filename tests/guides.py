"""The guides as they stand: the steps in their shell blocks, and what matches an answer that they show."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_DRAWN = re.compile(r"(…|[0-9A-Za-z+/]{27,}=*|\b[0-9a-f]{8,}\b)")
"""What is cut short in a guide, and hashes, keys, signatures and times, which are others each time."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a guide and what it answers there."""

    command: str
    answer: tuple[str, ...]


def steps(text: str) -> Iterator[Step]:
    """Yield the steps of a guide, in order."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield from block_steps(block)


def block_steps(block: str) -> Iterator[Step]:
    """Yield the steps of one block; a command that ends in a backslash goes on in the next line."""
    for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, *answer = part.splitlines()
        yield Step(command, tuple(answer))


def pattern(answer: Sequence[str]) -> str:
    """Return what matches an answer: a line `…` stands for any lines, `…` in a line for anything."""
    lines = []
    for line in answer:
        parts = _DRAWN.split(line)
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = (".*" if part == "…" else "[0-9A-Za-z+/=]+" for part in parts[1::2])
        lines.append(r"(?:.*\n)*?" if line == "…" else "".join(parts) + r"\n")
    return "".join(lines)
