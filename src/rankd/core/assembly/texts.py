"""The texts that proposals carry, each by its reader."""

from rankd.core.assembly.constitution import Subject
from rankd.core.assembly.constitution_reader import CONSTITUTION_SCHEMA, read_constitution
from rankd.core.assembly.entries import VoteKind
from rankd.core.assembly.points_template import read_template
from rankd.core.errors import PolicyError
from rankd.core.policy.policy import Limits
from rankd.core.policy.reader import read_limits, read_policy


def text_digests(subject: Subject, vote: VoteKind, text: str, name: str = "text.yaml") -> tuple[bytes, bytes]:
    """Read a proposal's text and return its canon digest and its file digest.

    Args:
        subject: policy or constitution; a model's proposal carries no text.
        vote: points: the text is a template.
        text: The file.
        name: What to call it in errors.

    Raises:
        PolicyError: The text is refused.
        ValueError: The subject is a model.
    """
    if subject == "model":
        raise ValueError("a proposal about a model carries no text")
    data = text.encode("utf-8", "surrogatepass")
    if subject == "constitution":
        constitution = read_constitution(data, name)
        return constitution.canon_digest, constitution.file_digest
    read = read_template(data, name) if vote == "points" else read_policy(data, name)
    return read.canon_digest, read.file_digest


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
