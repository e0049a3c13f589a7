"""A process that holds somebody's key in its memory leaves no image of that memory behind when it dies."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def leave_no_core() -> None:
    """Forbid core dumps of this process for good; on Linux also that another process of this user reads its memory.

    The limit alone does not stop a dump that the system pipes to a program; a process that is not dumpable has none.
    What the system swaps out, or writes when it hibernates, is beyond us.

    Source: core(5), prctl(2) PR_SET_DUMPABLE.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A C library without prctl has no such dumps to forbid.
        prctl = getattr(ctypes.CDLL(None), "prctl", None)
        if prctl is not None:
            prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
