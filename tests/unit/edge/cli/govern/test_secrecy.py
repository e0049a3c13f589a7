"""A process that holds a key leaves no image of its memory behind."""

import subprocess
import sys
from pathlib import Path

CODE = """\
import ctypes, os, resource
from rankd.edge.cli.govern.secrecy import leave_no_core
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
leave_no_core()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
os.abort()
"""


def test_a_crash_leaves_no_core(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "(0, 0) 0\n"
    assert done.returncode == -6
    assert list(tmp_path.iterdir()) == []
