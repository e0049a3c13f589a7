"""Callers: who calls, and what they may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rankd.core.errors import ServiceError
from rankd.edge.config import ROLES, Role

_IDENTITY_PROPERTIES = ("peer_uri", "peer_dns", "x509_common_name")


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller.

    Attributes:
        identity: Its certificate's URI, else its DNS name, else its common name.
        roles: What it may do.
    """

    identity: str
    roles: frozenset[Role]

    def require(self, roles: frozenset[Role]) -> None:
        """Make sure that the caller has one of `roles`; none means that any caller will do.

        Raises:
            ServiceError: It has none of them.
        """
        if roles and not roles & self.roles:
            raise ServiceError("ROLE_MISSING", role=" | ".join(sorted(roles)))


LOCAL = Caller("local", ROLES)
"""Whoever calls over loopback without TLS: they could read our files as well."""


def identify(auth_context: Mapping[str, Iterable[bytes]], callers: Mapping[str, frozenset[Role]] | None) -> Caller:
    """Return who calls.

    The strongest kind of name in the certificate decides alone: a certificate with an unknown URI is not let in by
    its common name.

    Args:
        auth_context: What gRPC verified about the connection.
        callers: Roles by identity; None: no TLS, the caller is `LOCAL`.

    Raises:
        ServiceError: The certificate names nobody in `callers`.
    """
    if callers is None:
        return LOCAL
    for name in _IDENTITY_PROPERTIES:
        values = [value.decode("utf-8", "replace") for value in auth_context.get(name, ())]
        if values:
            known = next((value for value in values if value in callers), None)
            if known is None:
                break
            return Caller(known, callers[known])
    raise ServiceError("CALLER_UNKNOWN")
