"""Credentials of the server: its certificate, and whose certificates it believes."""

import ssl
from pathlib import Path

import grpc

from rankd.core.errors import ServiceError
from rankd.edge.config import Tls


def server_credentials(tls: Tls) -> grpc.ServerCredentials:
    """Return credentials that demand a caller's certificate.

    Raises:
        ServiceError: A file cannot be read, or they do not belong together. gRPC itself would only fail each handshake.
    """
    cert, key, client_ca = (_read(name, path) for name, path in tls)
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.cert, tls.key)
        context.load_verify_locations(tls.client_ca)
    except ssl.SSLError as error:
        raise ServiceError("TLS_FILE_INVALID", key="tls") from error
    return grpc.ssl_server_credentials([(key, cert)], root_certificates=client_ca, require_client_auth=True)


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ServiceError("TLS_FILE_UNREADABLE", key=f"tls.{name}", file=path, detail=error.strerror) from error
