"""Refusals on the wire: one table from kinds of failure to gRPC status, and the details that callers read."""

from collections.abc import Mapping

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, LocalizedMessage, RetryInfo
from google.rpc.status_pb2 import Status

from rankd.core.errors import RankdError
from rankd.core.words.reasons.reason import Kind

DOMAIN = "rankd.coop"

STATUS: Mapping[Kind, grpc.StatusCode] = {
    Kind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Kind.MISSING: grpc.StatusCode.NOT_FOUND,
    Kind.EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Kind.STATE: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.STALE: grpc.StatusCode.ABORTED,
    Kind.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Kind.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    Kind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Kind.DATA_LOSS: grpc.StatusCode.DATA_LOSS,
    Kind.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Kind.DEADLINE: grpc.StatusCode.DEADLINE_EXCEEDED,
    Kind.INTERNAL: grpc.StatusCode.INTERNAL,
}

_RETRY_AFTER_MS: Mapping[Kind, int] = {Kind.EXHAUSTED: 100, Kind.UNAVAILABLE: 500}
_MAX_TEXT_BYTES = 600
_MAX_VALUE_BYTES = 200
_MAX_VALUES = 6
"""Details travel in HTTP/2 trailers, of which clients take 8 KiB in all: what a request put into a message is cut."""

_ELLIPSIS = "…"


def error_status(error: RankdError) -> Status:
    """Return the google.rpc.Status of a refusal.

    It carries ErrorInfo (domain, reason, metadata as strings), the sentence in French and in English, BadRequest
    where a field is named, and RetryInfo where the same call may succeed later.
    """
    metadata = {key: _cut(str(value), _MAX_VALUE_BYTES) for key, value in list(error.metadata.items())[:_MAX_VALUES]}
    french, english = words(error)
    details: list[Message] = [
        ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=metadata),
        LocalizedMessage(locale="fr-CA", message=french),
        LocalizedMessage(locale="en", message=english),
    ]
    if "field" in metadata:
        violation = BadRequest.FieldViolation(field=metadata["field"], description=english)
        details.append(BadRequest(field_violations=[violation]))
    if (delay_ms := _RETRY_AFTER_MS.get(error.kind)) is not None:
        details.append(RetryInfo(retry_delay=Duration(nanos=delay_ms * 1_000_000)))
    code: int = STATUS[error.kind].value[0]
    return Status(code=code, message=english, details=[_pack(detail) for detail in details])


def words(error: RankdError) -> tuple[str, str]:
    """Return what happened and what to do, in French and in English, each at most 600 bytes long."""
    return _cut(error.say("fr"), _MAX_TEXT_BYTES), _cut(error.say("en"), _MAX_TEXT_BYTES)


def _pack(detail: Message) -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed


def _cut(text: str, most_bytes: int) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= most_bytes:
        return text
    return data[: most_bytes - len(_ELLIPSIS.encode())].decode("utf-8", "ignore") + _ELLIPSIS
