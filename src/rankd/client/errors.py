"""What a call can fail with, as a backend wants to handle it."""

from collections.abc import Mapping

import grpc
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    LocalizedMessage,
    RetryInfo,
)
from grpc_status import rpc_status

from rankd.core.words.language import Language
from rankd.core.words.reasons.catalogue import REASONS

_RETRYABLE = {"UNAVAILABLE", "ABORTED", "CANCELLED"}
"""CANCELLED is what a stopping server does to calls that it had not yet looked at; this client cancels none itself."""


class RankdCallError(Exception):
    """A call that was refused or did not come through.

    Attributes:
        status: Name of the gRPC status, such as `INVALID_ARGUMENT`.
        reason: The server's reason (docs/errors.md); the status where none came, as from a proxy or a closed port.
        fields: Fields of the request at fault, as the contract names them.
        message: What happened and what to do, in English.
        metadata: The values that the message speaks of.
        retry_after_s: When the server wants to be asked again; None where it did not say.
    """

    def __init__(
        self,
        status: str,
        reason: str,
        message: str,
        *,
        fields: tuple[str, ...] = (),
        metadata: Mapping[str, str] | None = None,
        retry_after_s: float | None = None,
        localized: Mapping[Language, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.fields = fields
        self.message = message
        self.metadata = metadata or {}
        self.retry_after_s = retry_after_s
        self._localized = localized or {}

    @property
    def retryable(self) -> bool:
        """Whether the same request, with the same id, may succeed a moment later."""
        # RESOURCE_EXHAUSTED without a delay is gRPC's own refusal of a message that is too large: it stays too large.
        waits = self.status == "RESOURCE_EXHAUSTED" and self.retry_after_s is not None
        return self.status in _RETRYABLE or waits

    def say(self, language: Language) -> str:
        """Return what happened and what to do, in `language` where the server said it in that language."""
        return self._localized.get(language, self.message)


def call_error(error: grpc.RpcError, address: str) -> RankdCallError:
    """Return a failed call as a `RankdCallError`."""
    code = error.code() if isinstance(error, grpc.Call) else grpc.StatusCode.UNKNOWN
    text = (error.details() if isinstance(error, grpc.Call) else None) or code.name
    status = rpc_status.from_call(error) if isinstance(error, grpc.Call) else None
    if status is None:
        return _without_details(code, text, address)
    info, request, retry = ErrorInfo(), BadRequest(), None
    localized: dict[Language, str] = {}
    for detail in status.details:
        words = LocalizedMessage()
        delay = RetryInfo()
        if detail.Unpack(words):
            localized["fr" if words.locale.startswith("fr") else "en"] = words.message
        elif detail.Unpack(delay):
            retry = delay.retry_delay.seconds + delay.retry_delay.nanos / 1e9
        elif not detail.Unpack(info):
            detail.Unpack(request)
    return RankdCallError(
        code.name,
        info.reason or code.name,
        status.message,
        fields=tuple(violation.field for violation in request.field_violations),
        metadata=dict(info.metadata),
        retry_after_s=retry,
        localized=localized,
    )


def catalogue_error(status: str, reason: str, end: str = "", **values: object) -> RankdCallError:
    """Return what this side found wrong itself, in the catalogue's words.

    Args:
        status: Name of the gRPC status that it is like.
        reason: A name from the catalogue of reasons.
        end: What to add to the message in English.
        values: What the sentences name.
    """
    entry = REASONS[reason]
    localized: dict[Language, str] = {
        language: f"{entry.phrase.say(language, **values)} {entry.remedy.say(language, **values)}"
        for language in ("fr", "en")
    }
    return RankdCallError(status, reason, f"{localized['en']}{end}", localized=localized)


def _without_details(code: grpc.StatusCode, text: str, address: str) -> RankdCallError:
    if code is not grpc.StatusCode.UNAVAILABLE:
        return RankdCallError(code.name, code.name, text)
    return catalogue_error(code.name, "SERVER_UNREACHABLE", f" ({text})", address=address)
