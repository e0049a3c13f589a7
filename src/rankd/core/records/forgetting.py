"""Forgetting: which entries of a journal of events order that what was counted be counted anew.

Source: docs/spec/log.md section 8.5.
"""

from collections.abc import Mapping
from typing import Any

from rankd.core.errors import LogError
from rankd.core.log.envelope import parse_envelope
from rankd.core.records.erasure import Erasure, open_erasure
from rankd.core.records.leaf import ERASURE_SCHEMA, ErasureLeaf, decode_leaf

_ERASURE = f'"schema":"{ERASURE_SCHEMA}"'.encode()


def forgets(entry: bytes) -> bool:
    """Tell whether an entry orders that entries be forgotten before their time.

    Counts that hold what those said must not be read on. What is only past its time may stay counted.

    Args:
        entry: A leaf that whoever let it into the journal verified.

    Raises:
        LogError, RecordError: It looks like an erasure and is none.
    """
    if _ERASURE not in entry:
        return False
    leaf = decode_leaf(entry)
    return isinstance(leaf, ErasureLeaf) and is_forgetting(read_erasure(leaf.envelope))


def is_forgetting(erasure: Erasure) -> bool:
    """Tell whether an erasure reaches bodies for another reason than that their time is over."""
    return bool(erasure.decisions) and erasure.reason_code != "RETENTION"


def read_erasure(envelope: Mapping[str, Any]) -> Erasure:
    """Return what an envelope says, its signature held against the key that it names itself.

    Whether that key may erase is another question.

    Args:
        envelope: The DSSE envelope's JSON object.

    Raises:
        LogError, RecordError: It is not what it should be.
    """
    signer = parse_envelope(envelope).signatures[0][0]
    try:
        public = bytes.fromhex(signer)
    except ValueError:
        raise LogError("ENVELOPE_KEY_UNKNOWN", found=signer) from None
    return open_erasure(envelope, {signer: public})[0]
