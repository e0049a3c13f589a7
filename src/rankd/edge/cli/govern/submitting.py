"""Handing an entry to a service. Needs gRPC, so it is imported only where a service is named."""

from pathlib import Path

from rankd.client.assembly import Submitted
from rankd.core.words.language import Language
from rankd.edge.cli.calling import calling

_TIMEOUT_S = 10.0


def submit(
    address: str,
    tls: tuple[Path | None, Path | None, Path | None],
    data: bytes,
    time_ms: int | None,
    language: Language,
    *,
    as_json: bool,
) -> Submitted:
    """Submit an entry.

    Args:
        address: The service's.
        tls: Its authority, the caller's certificate and key; None: plain text.
        data: The envelope's canonical JSON.
        time_ms: When, in a development co-op; None: now.
        language: In which a refusal is said.
        as_json: Whether a refusal is said as JSON.

    Raises:
        typer.Exit: The service refused it, or did not answer; that was said.
    """
    with calling(address, _TIMEOUT_S, *tls, language, as_json=as_json) as client:
        return client.assembly.submit(data, time_ms=time_ms)
