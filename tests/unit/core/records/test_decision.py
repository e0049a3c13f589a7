import hashlib
import json
from dataclasses import replace

import numpy as np

from rankd.core.ranking.request import Column
from rankd.core.records.decision import Decision, encode_decision, request_digest, write_candidates
from tests.reference.record import read_record

HEADER_FIELDS = {
    *("schema", "request", "clock", "caller", "request_digest", "policy", "constitution", "model", "epoch", "nonce"),
    *("worker", "counter", "voids", "time_ms", "order", "values", "dropped", "exploration", "degraded", "columns"),
    "heads",
}


def test_the_header_holds_the_fields_of_the_specification(record: bytes) -> None:
    header, _, _ = read_record(record)
    assert set(header) == HEADER_FIELDS
    assert header["schema"] == "rankd.decision/1"


def test_a_header_is_one_line_whatever_the_names_hold(decision: Decision) -> None:
    data = encode_decision(replace(decision, caller="a\nb\u2028c"))
    header, _, numbers = data.partition(b"\n")
    assert json.loads(header)["caller"] == "a\nb\u2028c"
    assert numbers == encode_decision(decision).partition(b"\n")[2]


def test_numbers_follow_as_little_endian_columns_and_then_margins(decision: Decision) -> None:
    count = len(decision.request.candidates)
    changed = replace(
        decision,
        columns=(Column("a", np.array([1.5], dtype=np.float32)),),
        heads=("click",),
        margins=np.array([[-2] + [3] * (count - 1)], dtype=np.int32),
    )
    numbers = encode_decision(changed).partition(b"\n")[2]
    assert numbers == b"\0\0\xc0\x3f" + b"\xfe\xff\xff\xff" + b"\3\0\0\0" * (count - 1)


def test_a_nan_keeps_its_bits(decision: Decision) -> None:
    odd = np.array([0x7FC12345], dtype=np.uint32).view(np.float32)
    data = encode_decision(replace(decision, columns=(Column("a", odd),), heads=(), margins=decision.margins[:0]))
    assert data.endswith(b"\n\x45\x23\xc1\x7f")


def test_columns_that_stand_for_a_default_were_not_sent(decision: Decision) -> None:
    assert [column.name for column in decision.columns] == ["hours", "émotion"]
    assert [column.name for column in decision.sent_columns] == ["hours"]


def test_a_request_digest_covers_what_was_sent_and_nothing_that_the_server_added(decision: Decision) -> None:
    request = decision.request
    later = replace(request, request_time_ms=request.request_time_ms + 1)
    assert request_digest(request, (), clock_given=False) == request_digest(later, (), clock_given=False)
    assert request_digest(request, (), clock_given=True) != request_digest(later, (), clock_given=True)
    assert request_digest(request, (), clock_given=True) != request_digest(request, (), clock_given=False)
    other = replace(request, viewer_id=request.viewer_id + "x")
    assert request_digest(request, (), clock_given=True) != request_digest(other, (), clock_given=True)


def test_a_request_digest_does_not_depend_on_the_order_of_columns_but_on_every_number(decision: Decision) -> None:
    a, b = Column("a", np.array([1], dtype=np.float32)), Column("b", np.array([2], dtype=np.float32))
    zero, minus_zero = (Column("a", np.array([value], dtype=np.float32)) for value in (0.0, -0.0))
    request = decision.request
    assert request_digest(request, (a, b), clock_given=True) == request_digest(request, (b, a), clock_given=True)
    assert request_digest(request, (a,), clock_given=True) != request_digest(request, (b,), clock_given=True)
    assert request_digest(request, (zero,), clock_given=True) != request_digest(
        request, (minus_zero,), clock_given=True
    )


def test_a_request_digest_by_hand(decision: Decision) -> None:
    header, _, _ = read_record(encode_decision(decision))
    document = header["request"] | {"columns": [{"name": "a", "rows": 1}], "request_time_ms": None}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    column = Column("a", np.array([1], dtype=np.float32))
    wanted = hashlib.sha256(text + b"\n\0\0\x80\x3f").digest()
    assert request_digest(decision.request, (column,), clock_given=False) == wanted


def test_candidates_that_were_written_before_change_nothing(decision: Decision) -> None:
    written = write_candidates(decision.request.candidates)
    assert encode_decision(decision, written) == encode_decision(decision)
    digest = request_digest(decision.request, (), clock_given=True)
    assert request_digest(decision.request, (), clock_given=True, candidates=written) == digest
