"""Generate the gRPC stubs in src/rankd/v1 from proto/, or check that the committed ones are current."""

import argparse
import sys
import tempfile
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
GOOGLE = Path(grpc_tools.__file__).parent / "_proto"
STUBS = ROOT / "src" / "rankd" / "v1"
DOCSTRING = '"""Generated from proto/rankd/v1 by `make proto`; `make check` compares."""\n'


def generate(out: Path) -> None:
    """Write the stubs of every file in proto/rankd/v1 below `out`/rankd/v1."""
    (out / "rankd" / "v1").mkdir(parents=True, exist_ok=True)
    sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.glob("rankd/v1/*.proto"))
    outputs = [f"--{kind}_out={out}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")]
    arguments = [f"-I{PROTO}", f"-I{GOOGLE}", *outputs]
    if protoc.main(["protoc", *arguments, *sources]) != 0:
        raise SystemExit("protoc refused the files of proto/")
    (out / "rankd" / "v1" / "__init__.py").write_text(DOCSTRING)


def stubs(folder: Path) -> dict[str, bytes]:
    """Return every stub below `folder` by name."""
    return {path.name: path.read_bytes() for path in folder.glob("*.py*") if path.suffix in {".py", ".pyi"}}


def main() -> int:
    """Generate in place, or with --check generate aside and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        generate(ROOT / "src")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh, committed = stubs(Path(folder) / "rankd" / "v1"), stubs(STUBS)
    stale = sorted(name for name in fresh.keys() | committed.keys() if fresh.get(name) != committed.get(name))
    if stale:
        sys.stderr.write(f"src/rankd/v1 is not what proto/ generates: {', '.join(stale)}. Run make proto.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
