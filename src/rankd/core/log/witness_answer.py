"""What a witness answered its log: a cosignature that counts, or the size that it holds."""

from rankd.core.errors import LogError, WitnessError
from rankd.core.log.canonical_text import parse_decimal
from rankd.core.log.cosignature import cosignature_time_s
from rankd.core.log.note import NoteVerifier, parse_note

MAX_ANSWER_BYTES = 64 * 1024
_MOST_SIZE_BYTES = 32


def read_cosignature(answer: bytes, text: str, witness: NoteVerifier, latest_s: int) -> str:
    """Return the witness's signature line for a checkpoint out of its answer. Lines of unknown keys are ignored.

    Args:
        answer: The body of a 200.
        text: The checkpoint's text that was sent.
        witness: The key that was asked.
        latest_s: The latest time, POSIX seconds, that a cosignature may be of.

    Raises:
        WitnessError: WITNESS_ANSWER_MALFORMED, WITNESS_COSIGNATURE_ABSENT, WITNESS_COSIGNATURE_WRONG: a line of this
            key does not fit, whatever else is good; WITNESS_CLOCK.

    Source: C2SP tlog-witness, “add-checkpoint”; tlog-cosignature, “Format”.
    """
    try:
        note = parse_note(f"{text}\n".encode() + answer)
    except LogError as error:
        raise WitnessError("WITNESS_ANSWER_MALFORMED", name=witness.name) from error
    if note.text != text:
        raise WitnessError("WITNESS_ANSWER_MALFORMED", name=witness.name)
    own = [found for found in note.signatures if (found.name, found.key_id) == (witness.name, witness.key_id)]
    if not own:
        raise WitnessError("WITNESS_COSIGNATURE_ABSENT", name=witness.name, key_id=f"{witness.key_id:08x}")
    if not all(witness.verifies(text, found.signature) for found in own):
        raise WitnessError("WITNESS_COSIGNATURE_WRONG", name=witness.name)
    ahead_s = cosignature_time_s(own[0].signature) - latest_s
    if ahead_s > 0:
        raise WitnessError("WITNESS_CLOCK", name=witness.name, ahead_s=ahead_s)
    return own[0].line


def read_held_size(answer: bytes, witness: NoteVerifier) -> int:
    """Return the size that the body of a 409 names.

    Raises:
        WitnessError: WITNESS_ANSWER_MALFORMED.

    Source: C2SP tlog-witness, “add-checkpoint” (text/x.tlog.size).
    """
    line = answer[:_MOST_SIZE_BYTES].decode("ascii", "replace")
    try:
        size = parse_decimal(line.removesuffix("\n"))
    except ValueError as error:
        raise WitnessError("WITNESS_ANSWER_MALFORMED", name=witness.name) from error
    if not line.endswith("\n"):
        raise WitnessError("WITNESS_ANSWER_MALFORMED", name=witness.name)
    return size
