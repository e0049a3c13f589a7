"""What fills a service's book: the minutes of the assembly that it trusts, or folders where nothing is for members."""

from collections.abc import Callable
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.edge.config import Config
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.witness_policy import read_witness_policy
from rankd.usecases.serve.gate import Gate
from rankd.usecases.serve.record_reader import RecordReader, Trust
from rankd.usecases.serve.surfaces import SurfaceBook

_JOBS = 2
"""Processes that check the signatures of large minutes at a start; a service has other work as well."""


def open_book(
    config: Config,
    archive: Archive,
    clock_ms: Callable[[], int],
    steady_s: Callable[[], float],
    *,
    data: Path | None = None,
    engine: Callable[[SealedModel], Engine] = choose_engine,
) -> Gate | SurfaceBook:
    """Return the book that the configuration asks for.

    Args:
        config: The configuration.
        archive: Where everything that ranks is kept.
        clock_ms: The server's clock, milliseconds since 1970.
        steady_s: Seconds that pass however that clock is set.
        data: Where the gate's mark lies; None: in the data directory.
        engine: What evaluates a model.

    Raises:
        ServiceError: ASSEMBLY_REQUIRED, ASSEMBLY_RECORD_UNNAMED, GATE_DEV_RECORD, or NOTHING_SERVED.
        RankdError: See `Gate` and `SurfaceBook`.
    """
    folders, assembly = config.folders, config.assembly
    if assembly is None:
        if not config.is_dev:
            raise ServiceError("ASSEMBLY_REQUIRED", origin=config.origin)
        folder_book = SurfaceBook(folders.policies, folders.models, archive, clock_ms, engine=engine)
        if not folder_book.surfaces():
            raise ServiceError("NOTHING_SERVED", path=folders.policies)
        return folder_book
    if assembly.is_dev and not config.is_dev:
        raise ServiceError("GATE_DEV_RECORD", found=assembly.origin, origin=config.origin)
    record = assembly.record_folder
    if record is None:
        raise ServiceError("ASSEMBLY_RECORD_UNNAMED")
    witnesses = () if config.witnesses.file is None else read_witness_policy(config.witnesses.file).verifiers
    trust = Trust(assembly.origin, assembly.genesis_digest)
    gate = Gate(
        RecordReader(record, trust, witnesses, _JOBS),
        trust,
        folders.data if data is None else data,
        folders.models,
        archive,
        clock_ms,
        steady_s,
        stale_after_s=assembly.stale_after_s,
        engine=engine,
    )
    if not gate.surfaces():
        refusal = gate.status().refusal
        raise ServiceError("NOTHING_SERVED", path=folders.models) if refusal is None else refusal
    return gate
