"""The minutes that a service keeps: opened at its start with their own key."""

from collections.abc import Callable, Mapping

from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import digest_text
from rankd.edge.config import Config
from rankd.edge.signing import open_minutes_signing
from rankd.usecases.govern.keeper import Keeper


def open_keeper(
    config: Config, environ: Mapping[str, str], clock_ms: Callable[[], int], steady_s: Callable[[], float]
) -> Keeper | None:
    """Open the minutes that the configuration has this service keep; None where it keeps none.

    Args:
        config: The configuration.
        environ: Environment variables, of which only the passphrase is read.
        clock_ms: The server's clock, milliseconds since 1970.
        steady_s: Seconds that pass however that clock is set.

    Raises:
        KeyFileError: See `open_minutes_signing`.
        RankdError: See `Keeper.open`; MINUTES_GENESIS: they are another co-op's than the configuration names.
    """
    signing = open_minutes_signing(config, environ)
    if signing is None or config.assembly is None:
        return None
    keeper = Keeper.open(signing.home, signing.log, signing.mark, clock_ms, steady_s=steady_s)
    if keeper.genesis != config.assembly.genesis_digest:
        keeper.close()
        raise AssemblyError("MINUTES_GENESIS", found=digest_text(keeper.genesis), wanted=config.assembly.genesis)
    return keeper
