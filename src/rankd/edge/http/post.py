"""Posting to a witness: one request, a bounded answer, a bounded time; no redirects, no proxies, no cookies."""

import http.client
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from rankd.core.log.witness_answer import MAX_ANSWER_BYTES
from rankd.usecases.witness.witness_asking import Reply


def post(url: str, body: bytes, patience_s: float) -> Reply:
    """Send `body` and return what comes back.

    Args:
        url: http or https.
        body: The request's body.
        patience_s: Seconds until the line is cut, however busily the other side drips.

    Raises:
        OSError: No whole answer in time, or no HTTP.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=patience_s)
    # The connection's own timeout bounds the wait for the next byte only.
    guard = threading.Timer(patience_s, _cut, (connection,))
    guard.daemon = True
    guard.start()
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "text/plain; charset=utf-8"})
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(MAX_ANSWER_BYTES + 1))
    except (http.client.HTTPException, UnicodeError) as error:
        raise OSError(type(error).__name__) from error
    finally:
        guard.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    line = connection.sock
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
