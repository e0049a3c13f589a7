"""Links to a Valkey server: connections on which every exchange ends by its deadline, and a bounded pool of them.

`redis` speaks the protocol: addresses, TLS, passwords, packing, parsing. Its own timeouts start anew with every packet
and its pool connects in the caller's thread, so that a reply that trickles, or a name that does not resolve, would hold
a caller for as long as it likes; hence the deadline in the parser, and the thread that opens links.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

import hiredis
import redis
from redis.connection import (
    AbstractConnection,
    Connection,
    DefaultParser,
    SSLConnection,
    UnixDomainSocketConnection,
    parse_url,
)
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ExecAbortError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

from rankd.core.errors import FeatureStoreError

Command: TypeAlias = tuple[bytes | str | int, ...]
Reply: TypeAlias = Any

OPEN_TIMEOUT_S = 2.0
WRONG_TYPE = "WRONGTYPE"
"""What a server calls it when something else lies under a key than what was written there."""

_SEND_BYTES = 64 * 1024
_READ_BYTES = 256 * 1024
_OPTIONS = frozenset({"host", "port", "path", "db", "username", "password", "connection_class"})
TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
# The library takes these words off what the server says.
_CODES: Mapping[type[ResponseError], str] = {
    OutOfMemoryError: "OOM",
    NoPermissionError: "NOPERM",
    ReadOnlyError: "READONLY",
    ExecAbortError: "EXECABORT",
}


class Server:
    """Where a server is, and how to open a connection to it.

    Args:
        url: `redis://`, `rediss://` or `unix://`, with a password where one is needed.

    Attributes:
        address: For people: host and port, or a path; never user or password.

    Raises:
        FeatureStoreError: FEATURE_STORE_URL.
    """

    def __init__(self, url: str) -> None:
        try:
            options = dict(parse_url(url))  # type: ignore[no-untyped-call]
        except ValueError:
            # What the library says may quote the URL, and with it a password.
            raise FeatureStoreError("FEATURE_STORE_URL", detail="redis:// rediss:// unix://") from None
        self._kind: type[AbstractConnection] = options.pop("connection_class", Connection)
        allowed = _OPTIONS | (TLS_OPTIONS if self._kind is SSLConnection else frozenset())
        if unknown := sorted(set(options) - allowed):
            raise FeatureStoreError("FEATURE_STORE_URL", detail=unknown[0])
        if self._kind is UnixDomainSocketConnection:
            self.address = str(options.get("path", ""))
        else:
            self.address = f"{options.setdefault('host', 'localhost')}:{options.setdefault('port', 6379)}"
        self._options: Mapping[str, Any] = options

    def __repr__(self) -> str:
        return f"Server({self.address})"

    def connect(self, parser: Callable[..., "_DeadlineParser"]) -> AbstractConnection:
        """Return an open connection that knows no retries.

        Raises:
            RedisError: It cannot be opened.
            OSError: A certificate cannot be read.
        """
        connection = self._kind(
            parser_class=parser,
            protocol=2,
            retry=None,
            driver_info=None,
            health_check_interval=0,
            socket_timeout=OPEN_TIMEOUT_S,
            socket_connect_timeout=OPEN_TIMEOUT_S,
            socket_read_size=_READ_BYTES,
            **self._options,
        )
        connection.connect()  # type: ignore[no-untyped-call]
        return connection


class _DeadlineParser(DefaultParser):  # type: ignore[misc, valid-type]  # chosen at import: hiredis where it is installed
    """The library's parser, whose reads end by a deadline however little comes at a time."""

    deadline_s: float = float("inf")

    def arm(self) -> None:
        """Give the socket the time that is left.

        Raises:
            redis.TimeoutError: None is.
        """
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise redis.TimeoutError
        if self._sock is not None:
            self._sock.settimeout(left_s)

    def read_from_socket(self, *_: object, **__: object) -> bool:
        self.arm()
        return cast(bool, super().read_from_socket())


class Link:
    """One open connection, for one thread at a time. After any error but a server's refusal it is not used again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._parser: _DeadlineParser | None = None
        # Replies that were not received yet.
        self._owed = 0
        self._connection = server.connect(self._make_parser)

    def _make_parser(self, socket_read_size: int) -> _DeadlineParser:
        self._parser = _DeadlineParser(socket_read_size=socket_read_size)
        self._parser.deadline_s = time.monotonic() + OPEN_TIMEOUT_S
        return self._parser

    def exchange(self, commands: Sequence[Command], deadline_s: float) -> list[Reply]:
        """Send some commands at once, and return their replies.

        Args:
            commands: What to send.
            deadline_s: By when, in the time of `time.monotonic`.

        Returns:
            For each command its reply.

        Raises:
            ResponseError: The server's answer to the first command that it refuses; all replies have been read.
            RedisError: No connection, no time, no sense: the link is spent.
            OSError: As above.
        """
        self.send(commands, deadline_s)
        replies = self.receive()
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise reply
        return replies

    def send(self, commands: Sequence[Command], deadline_s: float) -> None:
        """Send some commands at once; `receive` returns their replies, by the same deadline. Raises as `exchange`."""
        parser = self._parser
        assert parser is not None  # noqa: S101  # made while connecting
        parser.deadline_s = deadline_s
        packed = b"".join([hiredis.pack_command(command) for command in commands])  # type: ignore[arg-type]  # its stub
        # names a tuple of one.
        self._owed = len(commands)
        self._connection.send_packed_command(  # type: ignore[no-untyped-call]
            _pieces(packed, parser), check_health=False
        )

    def receive(self) -> list[Reply]:
        """Return the replies to what was sent last, what the server refuses as a `ResponseError` in its place.

        Raises:
            RedisError: As `exchange`.
            OSError: As `exchange`.
        """
        parser = self._parser
        assert parser is not None  # noqa: S101  # made while connecting
        # The parser is asked directly: the connection's own way costs four times as much for each reply.
        replies = [parser.read_response(disable_decoding=True) for _ in range(self._owed)]
        self._owed = 0
        return replies

    @property
    def is_fresh(self) -> bool:
        """Whether nothing came in and nobody hung up while the link lay idle."""
        try:
            return not self._connection.can_read(0)
        except (RedisError, OSError):
            return False

    def close(self) -> None:
        """Close it."""
        self._connection.disconnect()  # type: ignore[no-untyped-call]


def _pieces(packed: bytes, parser: _DeadlineParser) -> Iterator[memoryview]:
    view = memoryview(packed)
    for begin in range(0, len(view), _SEND_BYTES):
        parser.arm()
        yield view[begin : begin + _SEND_BYTES]


class Links:
    """A bounded pool of links, opened in a thread of its own. Safe to use from many threads at once.

    Who needs a link waits for one that comes back or is opened, at most until the deadline; a link that is ready too
    late serves the next one.

    Args:
        server: To whom.
        most: How many links at most.
    """

    def __init__(self, server: Server, most: int) -> None:
        self._server = server
        self._most = most
        self._changed = threading.Condition()
        self._idle: list[Link] = []
        self._count = 0
        self._wanted = 0
        self._failure: tuple[int, Exception] | None = None
        self._attempt = 0
        self._opener: threading.Thread | None = None
        self._closed = False

    def exchange(self, commands: Sequence[Command], deadline_s: float) -> list[Reply]:
        """Send some commands over any link and return their replies; see `Link.exchange`.

        Raises:
            FeatureStoreError: FEATURE_STORE_DOWN, _SLOW, _REFUSED, _DAMAGED.
        """
        with self.borrow(deadline_s) as link:
            return link.exchange(commands, deadline_s)

    def begin(self, commands: Sequence[Command], deadline_s: float) -> "Begun":
        """Send some commands over any link and return at once, so that others can be sent elsewhere meanwhile.

        Raises:
            FeatureStoreError: As `exchange`.
        """
        timeout_s = deadline_s - time.monotonic()
        try:
            link = self._take(deadline_s)
        except redis.TimeoutError as error:
            raise self.refusal(error, timeout_s) from None
        begun = Begun(self, link, timeout_s)
        with begun.watched():
            link.send(commands, deadline_s)
        return begun

    @contextmanager
    def borrow(self, deadline_s: float) -> Iterator[Link]:
        """Yield a link; what it raises is said as in `exchange`, and it is not used again.

        Raises:
            FeatureStoreError: As `exchange`.
        """
        timeout_s = deadline_s - time.monotonic()
        try:
            link = self._take(deadline_s)
        except redis.TimeoutError as error:
            raise self.refusal(error, timeout_s) from None
        try:
            yield link
        except FeatureStoreError:
            self.give(link)
            raise
        except (RedisError, OSError) as error:
            self.drop(link)
            raise self.refusal(error, timeout_s) from error
        except BaseException:
            self.drop(link)
            raise
        self.give(link)

    def close(self) -> None:
        """Close all links; those in use when they come back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._count -= len(idle)
            self._changed.notify_all()
        for link in idle:
            link.close()

    def _take(self, deadline_s: float) -> Link:
        while True:
            link = self._wait(deadline_s)
            if link.is_fresh:
                return link
            self.drop(link)

    def give(self, link: Link) -> None:
        """Take a link back that is whole: it owes no reply."""
        with self._changed:
            if not self._closed:
                self._idle.append(link)
                self._changed.notify()
                return
            self._count -= 1
        link.close()

    def drop(self, link: Link) -> None:
        """Take a link back that is not to be used again."""
        link.close()
        with self._changed:
            self._count -= 1
            self._changed.notify()

    def refusal(self, error: Exception, timeout_s: float) -> FeatureStoreError:
        """Return what to say of an error on a link, with this server's address."""
        address = self._server.address
        if isinstance(error, redis.TimeoutError | TimeoutError):
            return FeatureStoreError("FEATURE_STORE_SLOW", address=address, timeout_ms=max(1, round(timeout_s * 1_000)))
        if isinstance(error, AuthenticationError | AuthorizationError):
            return FeatureStoreError("FEATURE_STORE_REFUSED", address=address, detail="WRONGPASS")
        if isinstance(error, ResponseError):
            code = error_code(error)
            reason = "FEATURE_STORE_DAMAGED" if code == WRONG_TYPE else "FEATURE_STORE_REFUSED"
            return FeatureStoreError(reason, address=address, detail=code)
        return FeatureStoreError("FEATURE_STORE_DOWN", address=address, detail=str(error) or type(error).__name__)

    def _wait(self, deadline_s: float) -> Link:
        with self._changed:
            since = self._attempt
            self._wanted += 1
            try:
                while not self._idle:
                    if self._closed:
                        raise FeatureStoreError("FEATURE_STORE_DOWN", address=self._server.address, detail="close")
                    if self._failure is not None and self._failure[0] > since:
                        raise self.refusal(self._failure[1], OPEN_TIMEOUT_S) from self._failure[1]
                    self._want_another()
                    if (left_s := deadline_s - time.monotonic()) <= 0 or not self._changed.wait(left_s):
                        raise redis.TimeoutError
                return self._idle.pop()
            finally:
                self._wanted -= 1

    def _want_another(self) -> None:
        """See to it that a link is being opened, where there is room for one. Called with the lock held."""
        if self._count < self._most and self._opener is None:
            self._opener = threading.Thread(target=self._open, name="rankd-feature-links", daemon=True)
            self._opener.start()

    def _open(self) -> None:
        """Open links for as long as somebody waits and there is room."""
        while True:
            failure: Exception | None = None
            link: Link | None = None
            try:
                link = Link(self._server)
            except Exception as error:  # noqa: BLE001  # whoever waits hears of it; a thread that ends would open none again
                failure = error
            with self._changed:
                self._attempt += 1
                if link is not None:
                    self._count += 1
                    self._idle.append(link)
                self._failure = None if failure is None else (self._attempt, failure)
                self._changed.notify_all()
                if failure is not None or self._closed or self._count >= self._most or self._wanted <= len(self._idle):
                    self._opener = None
                    break
        if self._closed:
            self.close()


class Begun:
    """Commands that were sent, whose replies are still to come; see `Links.begin`. Ended once, whatever happens."""

    def __init__(self, links: Links, link: Link, timeout_s: float) -> None:
        self._links, self._link, self._timeout_s = links, link, timeout_s

    def end(self) -> list[Reply]:
        """Return the replies, and give the link back; see `Link.receive`.

        Raises:
            FeatureStoreError: FEATURE_STORE_DOWN, _SLOW.
        """
        with self.watched():
            replies = self._link.receive()
        self._links.give(self._link)
        return replies

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Drop the link where anything is raised, and say it as `Links.exchange` does."""
        try:
            yield
        except (RedisError, OSError) as error:
            self._links.drop(self._link)
            raise self._links.refusal(error, self._timeout_s) from error
        except BaseException:
            self._links.drop(self._link)
            raise


def error_code(error: ResponseError) -> str:
    """Return the word by which a server names its error; the rest of what it says may quote keys."""
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    word = str(error).split(" ", 1)[0]
    return word if word.isascii() and word.isupper() else "ERR"
