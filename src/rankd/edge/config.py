"""The service's configuration: one TOML file, every key optional, nothing unknown accepted."""

import ipaddress
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo

from rankd.core.errors import ServiceError
from rankd.core.exact.canonical import parse_digest
from rankd.core.log.origin import ORIGIN_PATTERN
from rankd.core.ranking.admission import Bounds
from rankd.core.words.config import WANTED

Role: TypeAlias = Literal["feed", "feedback", "audit", "assembly", "operator"]
ROLES: frozenset[Role] = frozenset(get_args(Role))
ENVIRONMENT = {
    "RANKD_ADDRESS": ("server", "address"),
    "RANKD_SIDE_ADDRESS": ("server", "side_address"),
    "RANKD_FEATURES_URL": ("features", "url"),
}
"""Environment variables that replace a key of the file: addresses only."""

_SECRET_KEYS = {"tls.key", "features.url"}
_MIB = 1024 * 1024
_TEN_YEARS_S = 315_360_000
_MONTH_S = 2_678_400
_DAY_S = 86_400


def _from_base(value: object, info: ValidationInfo) -> object:
    """Take a relative path as relative to the file that names it."""
    if not isinstance(value, str) or not value:
        return value
    base: Path = info.context or Path()
    # "..", but no link, is taken out: a folder that is swapped by its link must stay one.
    return Path(os.path.normpath(base.resolve() / Path(value).expanduser()))


_Path: TypeAlias = Annotated[Path, BeforeValidator(_from_base)]
_Address: TypeAlias = Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):\d{1,5}$")]
_OptionalAddress: TypeAlias = Annotated[str, Field(pattern=r"^(|(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):\d{1,5})$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class Server(_Section):
    """Where the service listens and how much it takes on.

    Attributes:
        address: gRPC, `host:port`; port 0: any free one.
        side_address: HTTP for metrics and health, `host:port`; "": none.
        side_public: Whether the side address may be reached from other machines; it knows no callers.
        concurrency: Requests ranked at once. More threads than about twice the cores only wait for each other.
        queue: Requests that may wait for their turn; what comes beyond is refused at once (OVERLOADED).
        max_request_bytes: Largest request.
        drain_s: Seconds that requests under way get at a stop.
    """

    address: _Address = "127.0.0.1:50051"
    side_address: _OptionalAddress = "127.0.0.1:9464"
    side_public: bool = False
    concurrency: int = Field(default_factory=lambda: 2 * (os.cpu_count() or 2), ge=1, le=256)
    queue: int = Field(default=64, ge=0, le=10_000)
    max_request_bytes: int = Field(default=8 * _MIB, ge=64 * 1024, le=256 * _MIB)
    drain_s: int = Field(default=10, ge=0, le=600)


class Folders(_Section):
    """Where policies and models are read from, and where decisions are kept."""

    policies: _Path = Field(default="policies")  # type: ignore[assignment]  # validated like what the file says
    models: _Path = Field(default="models")  # type: ignore[assignment]
    data: _Path = Field(default="data")  # type: ignore[assignment]


class Requests(_Section):
    """How large a request may be, and for how long its id is remembered.

    Attributes:
        max_candidate_count: Most candidates in one request.
        max_limit: Longest slate.
        max_clock_skew_s: Largest difference between a request's clock and the server's; 0: any.
        request_id_window_s: How long a request id is remembered.
        request_id_window_count: How many are remembered at most.
    """

    max_candidate_count: int = Field(default=5_000, ge=1, le=20_000)
    max_limit: int = Field(default=500, ge=1, le=1_000)
    max_clock_skew_s: int = Field(default=300, ge=0, le=_TEN_YEARS_S)
    request_id_window_s: int = Field(default=300, ge=1, le=86_400)
    request_id_window_count: int = Field(default=5_000, ge=1, le=1_000_000)

    @property
    def bounds(self) -> Bounds:
        """The bounds as admission checks them."""
        return Bounds(self.max_candidate_count, self.max_limit, 1_000 * self.max_clock_skew_s)


class Journal(_Section):
    """The keys of the journal. Passphrases come from the environment; see `edge.signing`.

    Attributes:
        log_key: File of the key that signs checkpoints and receipts, outside the data directory. None: an origin that
            begins with `dev.` makes its own in the data directory, any other one does not start.
        mark: File that remembers what the log key signed last. None: beside the log key.
        erasers: Public keys, in hexadecimal, whose signature may erase.
        eraser_key: File of the key that signs what is erased for its age. None: as for `log_key`, except that a service
            also starts without it.
    """

    log_key: _Path | None = None
    mark: _Path | None = None
    erasers: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...], Field(strict=False)] = ()
    eraser_key: _Path | None = None


class Witnesses(_Section):
    """Who cosigns the journal's checkpoints.

    Attributes:
        file: The file of witnesses (`store.witness_policy`). None: nobody is asked.
        interval_s: How often they are asked about the newest checkpoint.
    """

    file: _Path | None = None
    interval_s: int = Field(default=5, ge=1, le=86_400)


class Assembly(_Section):
    """The members' assembly: what this service trusts. Origin and genesis are the trust domain; no other switch is.

    Attributes:
        origin: Name of the minutes' log.
        genesis: The genesis digest, "sha256:" and 64 hexadecimal digits, as the members know it.
        record: The record folder that is read. None: the one of the home that this service keeps.
        keeps: The secretary's home, where this service keeps the minutes. None: it only reads them.
        log_key: File of the key that signs the minutes' checkpoints, outside that home. None: `keys/log.key` in it,
            for an origin that begins with `dev.` only.
        log_mark: File that remembers what that key signed last. None: beside the key.
        stale_after_s: A record without newer evidence than this is said to be stale; it is served on.
    """

    origin: str = Field(pattern=ORIGIN_PATTERN)
    genesis: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    record: _Path | None = None
    keeps: _Path | None = None
    log_key: _Path | None = None
    log_mark: _Path | None = None
    stale_after_s: int = Field(default=_MONTH_S, ge=1, le=_TEN_YEARS_S)

    @property
    def is_dev(self) -> bool:
        """Whether this is a development co-op's."""
        return self.origin.startswith("dev.")

    @property
    def genesis_digest(self) -> bytes:
        """The genesis digest, 32 bytes."""
        return parse_digest(self.genesis)

    @property
    def record_folder(self) -> Path | None:
        """The folder that is read; None where neither it nor a home is named."""
        if self.record is not None or self.keeps is None:
            return self.record
        return self.keeps / "record"


class Retention(_Section):
    """For how long what is personal is kept.

    Attributes:
        decision_s: Body of a decision.
        sample_ppm: Share of decisions whose body is kept longer, in millionths.
        sample_s: Body of a decision in that share.
        event_s: Body of an entry of events. What is counted of it may count longer; it is not learned from any more.
        pseudonym_s: Time after which a viewer gets another pseudonym.
        epoch_s: Time after which the secret that keys lots is revealed and another one drawn. What is past its time is
            erased within so long, so at most 31 days.
    """

    decision_s: int = Field(default=2_592_000, ge=1, le=_TEN_YEARS_S)
    sample_ppm: int = Field(default=10_000, ge=0, le=1_000_000)
    sample_s: int = Field(default=34_560_000, ge=1, le=_TEN_YEARS_S)
    event_s: int = Field(default=34_560_000, ge=1, le=_TEN_YEARS_S)
    pseudonym_s: int = Field(default=2_592_000, ge=1, le=_TEN_YEARS_S)
    epoch_s: int = Field(default=86_400, ge=1, le=_MONTH_S)


class Features(_Section):
    """Where the counts of events are kept that features are read from; they can be made again from the events.

    Attributes:
        url: A Redis or Valkey server: `redis://`, `rediss://` (TLS) or `unix://`; or a cluster: `redis-cluster://`,
            `valkey-cluster://` or `rediss-cluster://` (TLS) with some of its nodes, `host:port,host:port`. None: in
            this process, with a snapshot in the data directory. It may hold a password; then give it by
            RANKD_FEATURES_URL.
        read_timeout_ms: How long a request waits for its counts; then the declared defaults stand.
    """

    url: (
        Annotated[str, Field(pattern=r"^(redis|rediss|unix|redis-cluster|valkey-cluster|rediss-cluster)://.+$")] | None
    ) = None
    read_timeout_ms: int = Field(default=50, ge=1, le=10_000)


class Feedback(_Section):
    """What feedback is taken.

    Attributes:
        window_s: For how long after a decision events about it are taken.
        max_clock_skew_s: How far ahead of this server's clock an event's time may be.
    """

    window_s: int = Field(default=604_800, ge=1, le=_MONTH_S)
    max_clock_skew_s: int = Field(default=300, ge=0, le=86_400)


class Tls(_Section):
    """Mutual TLS: PEM files of the server's certificate chain, its key, and the authority of callers' certificates."""

    cert: _Path
    key: _Path
    client_ca: _Path


class Config(_Section):
    """The whole configuration.

    Attributes:
        origin: First part of decision ids, and the journal's name; `dev.` in front marks what is not for members.
        assembly: Whose votes decide what is served; None: the folders do, which only a `dev.` origin may.
        callers: Roles by identity: the caller certificate's URI, else its DNS name, else its common name.
    """

    origin: str = Field(default="dev.localhost", pattern=ORIGIN_PATTERN)
    server: Server = Field(default_factory=Server)
    folders: Folders = Field(default_factory=Folders)
    requests: Requests = Field(default_factory=Requests)
    journal: Journal = Field(default_factory=Journal)
    witnesses: Witnesses = Field(default_factory=Witnesses)
    assembly: Assembly | None = None
    retention: Retention = Field(default_factory=Retention)
    features: Features = Field(default_factory=Features)
    feedback: Feedback = Field(default_factory=Feedback)
    tls: Tls | None = None
    callers: dict[str, Annotated[frozenset[Role], Field(strict=False, min_length=1)]] = Field(default_factory=dict)

    @property
    def is_dev(self) -> bool:
        """Whether this service is not for members."""
        return self.origin.startswith("dev.")

    def lines(self) -> Iterator[str]:
        """Yield `key = value` for every key in effect, secrets masked."""
        document = self.model_dump(mode="json")
        document["callers"] = {identity: sorted(roles) for identity, roles in self.callers.items()}
        yield from _lines(document, "")


def read_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the configuration.

    Args:
        path: The TOML file, against whose folder relative paths count; None: defaults, against the working folder.
        environ: Environment variables, of which only those in `ENVIRONMENT` are read.

    Raises:
        ServiceError: The file cannot be read, a key is unknown or has a wrong value, the service would be open to
            other machines without mutual TLS and named callers, its sample would be erased before all the rest, or
            events before they are no longer taken.
    """
    name = "-" if path is None else str(path)
    document = {} if path is None else _read(path)
    for variable, (section, key) in ENVIRONMENT.items():
        if variable in environ and isinstance(document.setdefault(section, {}), dict):
            document[section][key] = environ[variable]
    # A section that is left out would be made without knowing whose folder its paths count from.
    document.setdefault("folders", {})
    try:
        config = Config.model_validate(document, context=Path() if path is None else path.parent)
    except ValidationError as error:
        raise _refusal(error, name) from None
    _check_exposure(config)
    if config.retention.sample_s < config.retention.decision_s:
        raise ServiceError(
            "RETENTION_ORDER", sample_s=config.retention.sample_s, decision_s=config.retention.decision_s
        )
    # The index that counts each event once forgets with the bodies, and keeps a day more than events are taken.
    least_s = config.feedback.window_s + _DAY_S
    if config.retention.event_s < least_s:
        raise ServiceError("RETENTION_EVENTS", event_s=config.retention.event_s, least_s=least_s)
    return config


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches `host:port`."""
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise ServiceError("CONFIG_UNREADABLE", file=path, detail=detail) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ServiceError("CONFIG_SYNTAX", file=path, detail=str(error)) from error


def _check_exposure(config: Config) -> None:
    server = config.server
    if not is_loopback(server.address) and config.tls is None:
        raise ServiceError("TLS_REQUIRED", key="server.address", found=server.address)
    if config.tls is not None and not config.callers:
        raise ServiceError("CALLERS_REQUIRED", key="callers")
    if config.callers and config.tls is None:
        raise ServiceError("CALLERS_WITHOUT_TLS", key="callers")
    if server.side_address and not is_loopback(server.side_address) and not server.side_public:
        raise ServiceError("SIDE_ADDRESS_PUBLIC", key="server.side_address", found=server.side_address)


def _refusal(error: ValidationError, name: str) -> ServiceError:
    first = error.errors(include_url=False, include_context=True)[0]
    key = ".".join(str(part) for part in first["loc"]) or "-"
    if first["type"] == "extra_forbidden":
        return ServiceError("CONFIG_KEY_UNKNOWN", file=name, key=key)
    if first["type"] == "missing":
        return ServiceError("CONFIG_KEY_MISSING", file=name, key=key)
    found = "***" if key in _SECRET_KEYS else repr(first["input"])[:80]
    wanted = WANTED.get(first["type"], WANTED["other"])
    context = first.get("ctx", {})
    return ServiceError(
        "CONFIG_VALUE",
        file=name,
        key=key,
        found=found,
        wanted_fr=wanted.say("fr", **context),
        wanted_en=wanted.say("en", **context),
    )


def _lines(document: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in document.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _lines(value, f"{path}.")
        else:
            yield f"{path} = {'***' if path in _SECRET_KEYS and value is not None else value}"
