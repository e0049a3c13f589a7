"""Refusals on the wire: every kind has a status, and the details say what a caller needs."""

import base64
import urllib.parse
from string import Formatter

from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    LocalizedMessage,
    RetryInfo,
)
from google.rpc.status_pb2 import Status

from rankd.core.errors import PolicyError, RankdError, RequestError, ServiceError
from rankd.core.words.language import LANGUAGES
from rankd.core.words.reasons.catalogue import REASONS
from rankd.core.words.reasons.reason import Kind
from rankd.edge.grpc.errors import DOMAIN, STATUS, error_status


def details(status: Status) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for packed in status.details:
        for kind in (ErrorInfo, BadRequest, LocalizedMessage, RetryInfo):
            message = kind()
            if packed.Unpack(message):
                found.setdefault(kind.__name__, []).append(message)
    return found


def test_every_kind_of_failure_has_a_status_of_its_own() -> None:
    assert set(STATUS) == set(Kind)
    assert len(set(STATUS.values())) == len(STATUS)


def test_a_refused_field_is_named_with_reason_and_values_as_strings() -> None:
    error = RequestError("LIMIT_OUT_OF_RANGE", field="limit", found=0, most=500)
    status = error_status(error)
    found = details(status)
    info, violation = found["ErrorInfo"][0], found["BadRequest"][0].field_violations[0]  # type: ignore[attr-defined]
    assert status.code == 3
    assert status.message == error.say("en")
    assert (info.reason, info.domain) == ("LIMIT_OUT_OF_RANGE", DOMAIN)  # type: ignore[attr-defined]
    assert dict(info.metadata) == {"field": "limit", "found": "0", "most": "500"}  # type: ignore[attr-defined]
    assert (violation.field, violation.description) == ("limit", error.say("en"))
    assert "RetryInfo" not in found


def test_both_languages_go_along() -> None:
    error = RequestError("CANDIDATES_EMPTY", field="candidates")
    messages = {entry.locale: entry.message for entry in details(error_status(error))["LocalizedMessage"]}  # type: ignore[attr-defined]
    assert messages == {"fr-CA": error.say("fr"), "en": error.say("en")}


def test_what_may_succeed_later_says_when() -> None:
    overloaded = details(error_status(ServiceError("OVERLOADED", running=1, waiting=2)))
    stopping = details(error_status(ServiceError("SHUTTING_DOWN")))
    assert overloaded["RetryInfo"][0].retry_delay.nanos == 100_000_000  # type: ignore[attr-defined]
    assert stopping["RetryInfo"][0].retry_delay.nanos == 500_000_000  # type: ignore[attr-defined]
    assert "BadRequest" not in overloaded


def test_details_stay_small_whatever_a_request_put_into_them() -> None:
    values = {f"v{at}": "é" * 10_000 for at in range(50)}
    error = RequestError("COLUMN_UNKNOWN", field="columns[" + "é" * 100_000 + "]", known="x, " * 10_000, **values)
    status = error_status(error)
    encoded = base64.b64encode(status.SerializeToString())
    message = urllib.parse.quote(status.message)
    assert len(encoded) + len(message) < 8_000


def test_every_reason_can_be_said_on_the_wire() -> None:
    for name, entry in REASONS.items():
        templates = (entry.phrase.fr, entry.phrase.en, entry.remedy.fr, entry.remedy.en)
        fields = {field for template in templates for _, field, _, _ in Formatter().parse(template) if field}
        # On the wire every value is a string.
        error = RankdError(name, **dict.fromkeys(fields, "1800000000000"))
        for language in LANGUAGES:
            assert error.say(language), name


def test_a_policys_refusal_keeps_its_kind() -> None:
    assert (
        error_status(PolicyError("POLICY_FILE_UNREADABLE", file="f", detail="d")).code
        == STATUS[REASONS["POLICY_FILE_UNREADABLE"].kind].value[0]
    )
