"""Opens one decision of an unpacked bundle without rankd: its leaf, its body, and whether one commits to the other.

    python3 body.py FOLDER INDEX

Needs the packages cryptography and zstandard. docs/spec/log.md, sections 2 to 4 and 12, says what is done here.
"""

import base64
import hashlib
import json
import struct
import sys
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MAX_RECORD_BYTES = 64 * 2**20


def tile_name(number: int) -> str:
    """Return how tile paths write a number: 5 is 005, 1234 is x001/234."""
    text = str(number)
    text = text.zfill(-(-len(text) // 3) * 3)
    groups = [text[at : at + 3] for at in range(0, len(text), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def find_leaf(folder: Path, index: int) -> bytes:
    """Return a leaf: an entry bundle holds 256 of them, each behind its length as two bytes."""
    entries = folder / "tile/entries"
    path = entries / tile_name(index // 256)
    if not path.is_file():
        path = next(path.with_name(f"{path.name}.p").iterdir())
    data = path.read_bytes()
    for _ in range(index % 256):
        data = data[2 + int.from_bytes(data[:2], "big") :]
    return data[2 : 2 + int.from_bytes(data[:2], "big")]


def find_body(folder: Path, index: int) -> tuple[bytes, bytes]:
    """Return the key and the sealed body of a decision."""
    data = (folder / "bodies" / tile_name(index // 256)).read_bytes()
    while data:
        found, key, size = struct.unpack_from(">Q32sI", data)
        sealed, data = data[44 : 44 + size], data[44 + size :]
        if found == index:
            return key, sealed
    sys.exit(f"leaf {index} has no body here")


def main(folder: Path, index: int) -> None:
    """Open one decision and print what it says."""
    leaf = find_leaf(folder, index)
    key, sealed = find_body(folder, index)
    frame = ChaCha20Poly1305(key).decrypt(bytes(12), sealed, None)
    if not 0 <= zstandard.frame_content_size(frame) <= MAX_RECORD_BYTES:
        sys.exit("the body does not say how large its record is, or says too much")
    record = zstandard.ZstdDecompressor().decompress(frame)
    commitment = hashlib.sha256(b"rankd/record/1\0" + key + record).hexdigest()
    if json.loads(leaf)["commitment"] != f"sha256:{commitment}":
        sys.exit(f"leaf {index} did not commit to this record")
    header = json.loads(record.partition(b"\n")[0])
    ids = header["request"]["candidates"]["id"]
    lines = {
        "leaf hash": base64.b64encode(hashlib.sha256(b"\0" + leaf).digest()).decode(),
        "commitment": f"{commitment}, kept",
        "policy": header["policy"],
        "viewer": header["request"]["viewer_id"],
        "order": " ".join(ids[at] for at in header["order"]),
    }
    sys.stdout.write("".join(f"{name:11}{value}\n" for name, value in lines.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
