"""Limits in either of their texts: a file of their own, or the constitution that carries them."""

from rankd.core.assembly.constitution_reader import CONSTITUTION_SCHEMA, read_constitution
from rankd.core.errors import PolicyError
from rankd.core.policy.policy import Limits
from rankd.core.policy.reader import read_limits


def read_limits_text(data: bytes, name: str = "limits.yaml") -> Limits:
    """Return the limits that a text sets: a limits file, or the constitution that carries them.

    Raises:
        PolicyError: It is neither, or it is refused.
    """
    try:
        return read_limits(data, name)
    except PolicyError as error:
        if error.reason != "SCHEMA_UNKNOWN" or error.metadata["found"] != CONSTITUTION_SCHEMA:
            raise
    return read_constitution(data, name).limits
