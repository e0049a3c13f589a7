"""What dishonest operators try in the demo, each in a copy."""

from pathlib import Path

from rankd.core.assembly.fold import Assembly
from rankd.core.log.tiles import TILE_WIDTH
from rankd.edge.cli.demo.assembly import SURFACE
from rankd.store.bundle_bodies import body_head
from rankd.store.record_folder import MINUTES, RecordFolder, bodies_path

_COMMITMENT = b'"commitment":"sha256:'


def falsify(bundle: bytes) -> bytes:
    """Return a bundle in which somebody changed one digit of one decision's leaf."""
    at = bundle.index(_COMMITMENT) + len(_COMMITMENT)
    other = b"0" if bundle[at : at + 1] != b"0" else b"1"
    return bundle[:at] + other + bundle[at + 1 :]


def edit_policy(record: Path) -> int:
    """Change the points for clicks in the newest policy that a record shows; return the policy's number."""
    newest = max((record / SURFACE).glob("*.yaml"))
    lines = newest.read_bytes().split(b"\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(b"  click:"))
    lines[at] = b"  click: 999"
    newest.write_bytes(b"\n".join(lines))
    return int(newest.stem)


def strike_ballot(record: Path, assembly: Assembly) -> int:
    """Take the last ballot of the last vote out of a record; return its entry's index."""
    struck = assembly.ballots(max(assembly.proposals))[-1].index
    number = struck // TILE_WIDTH
    bodies = {index: body for index, body in RecordFolder(record).bodies(number).items() if index != struck}
    parts = (body_head(index, key, len(sealed)) + sealed for index, (key, sealed) in sorted(bodies.items()))
    (record / MINUTES / bodies_path(number)).write_bytes(b"".join(parts))
    return struck
