"""RFC 6962 section 2.1, definition by definition: recursive, slow, and obviously what the document says."""

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(entry: bytes) -> bytes:
    """Return MTH({d(0)})."""
    return sha256(b"\x00" + entry).digest()


def split(n: int) -> int:
    """Return k, the largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k = 2 * k
    return k


def mth(entries: Sequence[bytes]) -> bytes:
    """Return MTH(D[n]) (section 2.1)."""
    n = len(entries)
    if n == 0:
        return sha256().digest()
    if n == 1:
        return leaf_hash(entries[0])
    k = split(n)
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """Return PATH(m, D[n]) (section 2.1.1)."""
    n = len(entries)
    if n == 1:
        return []
    k = split(n)
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """Return PROOF(m, D[n]) for 0 < m < n (section 2.1.2)."""
    return subproof(m, entries, whole=True)


def subproof(m: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """Return SUBPROOF(m, D[n], b) (section 2.1.2)."""
    n = len(entries)
    if m == n:
        return [] if whole else [mth(entries)]
    k = split(n)
    if m <= k:
        return [*subproof(m, entries[:k], whole=whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], whole=False), mth(entries[:k])]


def tile(level: int, number: int, entries: Sequence[bytes]) -> bytes:
    """Return the hashes of a tile, as many as there are (C2SP tlog-tiles, “Merkle Tree”)."""
    span = 256**level
    hashes = []
    for i in range(256):
        begin = (number * 256 + i) * span
        if begin + span > len(entries):
            break
        hashes.append(mth(entries[begin : begin + span]))
    return b"".join(hashes)
