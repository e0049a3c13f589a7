"""Interruption: end a piece of work just before or just after any step that reaches the disk."""

import os
from pathlib import Path

import pytest


class Killed(BaseException):
    """The process ends here: nobody cleans up."""


def watch_disk(monkeypatch: pytest.MonkeyPatch, kill_at: int = -1, *, after: bool = False) -> list[str]:
    """Write down each step that touches the disk, and end the work at one of them.

    Args:
        monkeypatch: What puts the real steps back.
        kill_at: The step, from 0; −1: none.
        after: Whether the step itself still happens.

    Returns:
        The names of the steps, growing as they happen.
    """
    steps: list[str] = []

    def watched(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def step(*arguments: object, **named: object) -> object:
            if len(steps) > kill_at >= 0:
                raise Killed
            steps.append(name)
            last = len(steps) - 1 == kill_at
            if last and not after:
                raise Killed
            result = real(*arguments, **named)
            if last:
                raise Killed
            return result

        monkeypatch.setattr(owner, name, step)

    for name in ("fsync", "fdatasync", "link", "ftruncate"):
        watched(os, name)
    for name in ("unlink", "rename", "replace"):
        watched(Path, name)
    return steps
