"""The service's witnesses: who they are by the configuration, asked over HTTP."""

from collections.abc import Callable

from rankd.core.log.note import NoteVerifier
from rankd.edge.config import Config
from rankd.edge.http.post import post
from rankd.store.witness_policy import read_witness_policy
from rankd.usecases.witness.witness_asking import WitnessedLog
from rankd.usecases.witness.witnessing import Witnessing


def open_witnessing(
    config: Config, journal: WitnessedLog, key: NoteVerifier, clock_ms: Callable[[], int]
) -> Witnessing | None:
    """Return what has a journal cosigned, not watching yet; None where the configuration names no witnesses.

    Args:
        config: The configuration.
        journal: The journal.
        key: Its key.
        clock_ms: The server's clock, milliseconds since 1970.

    Raises:
        WitnessError: The file of witnesses is refused.
        LogError: WITNESS_REFUSED: the journal's own key is among theirs.
    """
    if config.witnesses.file is None:
        return None
    policy = read_witness_policy(config.witnesses.file)
    return Witnessing(journal, key, policy, post, lambda: clock_ms() // 1_000)
