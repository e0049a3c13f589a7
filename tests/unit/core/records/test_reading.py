from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rankd.core.errors import RecordError
from rankd.core.ranking.exploration import Exploration
from rankd.core.records.decision import Decision, encode_decision
from rankd.core.records.reading import decode_decision

Rewrite = Callable[[Callable[[dict[str, Any]], None]], bytes]
DEEP = 100_000


def _refusal(data: bytes) -> RecordError:
    with pytest.raises(RecordError) as refusal:
        decode_decision(data)
    assert refusal.value.reason == "RECORD_MALFORMED"
    assert "{" not in refusal.value.say("fr").replace(str(refusal.value.metadata["found"]), "")
    return refusal.value


def _setting(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Return a change that sets one field of a header, however deep."""

    def change(header: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            header = header[parent]
        header[last] = value

    return change


def test_a_flipped_bit_anywhere_is_refused_or_makes_another_decision(record: bytes) -> None:
    same = []
    for at in range(len(record)):
        for bit in range(8):
            flipped = bytearray(record)
            flipped[at] ^= 1 << bit
            try:
                decision = decode_decision(bytes(flipped))
            except RecordError:
                continue
            if encode_decision(decision) != flipped:
                same.append((at, bit))
    assert same == []


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"rankd.decision/1"',
        b"{}",
        b'{"schema":"rankd.decision/1"}',
        b'{"schema":"rankd.decision/2"}',
        b'{"schema":7}',
        b'{"schema":null}',
        b'{"schema":"rankd.decision/1","schema":"rankd.decision/1"}',
        b'{"counter":1.0}',
        b'{"counter":' + b"9" * 100_000 + b"}",
        b'{"counter":9007199254740992}',
        b'{"counter":NaN}',
        b"[" * DEEP,
        b'{"request":' * DEEP + b"1" + b"}" * DEEP,
        b'{"request":' + b"[" * 400 + b"]" * 400 + b',"schema":"rankd.decision/1"}',
        b'{"schema":"\\ud800"}',
        b"\xff\xfe",
    ],
    ids=lambda head: repr(head[:30]),
)
def test_a_hostile_header_is_refused(head: bytes) -> None:
    _refusal(head + b"\n")


def test_bytes_without_a_line_feed_are_no_record() -> None:
    assert _refusal(b"").metadata["field"] == "header"
    assert _refusal(b"{}").metadata["field"] == "header"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("clock", "nobody", "clock"),
        ("clock", ["caller"], "clock"),
        ("caller", 7, "caller"),
        ("request_digest", "sha256:00", "request_digest"),
        ("policy", None, "policy"),
        ("constitution", "sha256:" + " " * 64, "constitution"),
        ("model", 7, "model"),
        ("epoch", {}, "epoch"),
        ("nonce", "00" * 31, "nonce"),
        ("nonce", "AB" * 32, "nonce"),
        ("nonce", " " * 64, "nonce"),
        ("worker", None, "worker"),
        ("counter", -1, "counter"),
        ("counter", True, "counter"),
        ("counter", "7", "counter"),
        ("voids", [["sha256:" + "00" * 32]], "voids"),
        ("voids", [["sha256:" + "00" * 32, -1]], "voids"),
        ("voids", 7, "voids"),
        ("time_ms", -1, "time_ms"),
        ("order", [0, 10**6], "order"),
        ("order", [-1], "order"),
        ("order", [[0]], "order"),
        ("values", [], "values"),
        ("values", [True], "values"),
        ("dropped", [[10**6, "drop_seen/1"]], "order"),
        ("dropped", [[0, 7]], "dropped"),
        ("exploration", [], "exploration"),
        ("exploration.share_ppm", -1, "share_ppm"),
        ("exploration.pair", [1], "pair"),
        ("exploration.pair", [1, 2, 3], "pair"),
        ("exploration.marginals", [[1]], "marginals"),
        ("exploration.more", 1, "exploration.more"),
        ("degraded", [{"reason": "X"}], "degraded.names"),
        ("degraded", [{"reason": "X", "names": "abc"}], "degraded.names"),
        ("degraded", [{"reason": "X", "names": [], "z": 1}], "degraded.z"),
        ("columns", [{"name": "hours", "rows": 10**15}], "columns.hours"),
        ("columns", [{"name": "hours", "rows": -1}], "columns.rows"),
        ("columns", [{"name": 1, "rows": 1}], "columns.name"),
        ("columns", "hours", "columns"),
        ("heads", ["laugh"], "heads"),
        ("heads", ["click", "click"], "heads"),
        ("heads", [1], "heads"),
        ("more", 1, "header.more"),
        ("request", [], "request"),
        ("request.mode", "OLDEST_FIRST", "mode"),
        ("request.mode", [], "mode"),
        ("request.mode", {}, "mode"),
        ("request.request_time_ms", -2, "request_time_ms"),
        ("request.request_time_ms", 253_402_300_800_000, "request_time_ms"),
        ("request.limit", -1, "limit"),
        ("request.limit", None, "limit"),
        ("request.served_author_counts", [["ana", -1]], "served_author_counts"),
        ("request.served_author_counts", {"ana": 1}, "served_author_counts"),
        ("request.sliders", [["like", "1"]], "sliders"),
        ("request.more", 1, "request.more"),
        ("request.candidates", None, "request.candidates"),
        ("request.candidates.more", 1, "request.candidates.more"),
        ("request.candidates.id", "abcdef", "id"),
        ("request.candidates.id", [], "request.candidates"),
        ("request.candidates.author_id", [], "request.candidates"),
        ("request.candidates.create_time_ms", [2**53 - 1], "create_time_ms"),
        ("request.candidates.groups", [[1]], "groups"),
        ("request.candidates.groups", ["ab"], "groups"),
        ("request.candidates.seen", [10**6], "seen"),
        ("request.candidates.seen", [1, 0], "seen"),
        ("request.candidates.seen", [0, 0], "seen"),
        ("request.candidates.muted", [-1], "muted"),
    ],
)
def test_a_field_of_another_kind_is_refused_by_name(rewrite: Rewrite, path: str, value: object, field: str) -> None:
    assert field in str(_refusal(rewrite(_setting(path, value))).metadata["field"])


@pytest.mark.parametrize(
    "path",
    [
        "exploration.pair",
        "exploration.marginals",
        "dropped",
        "voids",
        "request.sliders",
        "request.served_author_counts",
    ],
)
def test_an_entry_that_is_no_pair_is_refused(rewrite: Rewrite, path: str) -> None:
    _refusal(rewrite(_setting(path, 1 if path == "exploration.pair" else [1])))


@pytest.mark.parametrize("field", ["schema", "request", "clock", "nonce", "order", "columns", "heads", "exploration"])
def test_a_missing_field_is_refused_by_name(rewrite: Rewrite, field: str) -> None:
    assert _refusal(rewrite(lambda header: header.pop(field))).metadata["field"] == f"header.{field}"


def test_two_candidates_of_one_id_are_refused(rewrite: Rewrite) -> None:
    def change(header: dict[str, Any]) -> None:
        header["request"]["candidates"]["id"] = ["p"] * len(header["request"]["candidates"]["id"])

    assert _refusal(rewrite(change)).metadata["field"] == "request.candidates"


def test_numbers_of_another_length_than_the_header_says_are_refused(record: bytes) -> None:
    for data in (record + b"\0", record + bytes(4), record[:-1], record[:-4]):
        assert _refusal(data).metadata["field"] == "columns"


def test_a_header_that_promises_fewer_numbers_is_refused(rewrite: Rewrite) -> None:
    assert _refusal(rewrite(lambda header: header["columns"].pop())).metadata["field"] == "columns"
    assert _refusal(rewrite(lambda header: header["heads"].pop())).metadata["field"] == "columns"


def test_a_decision_without_numbers_reads_back(decision: Decision) -> None:
    count = len(decision.request.candidates)
    bare = replace(decision, columns=(), heads=(), margins=np.empty((0, count), dtype=np.int32), model_digest=None)
    again = decode_decision(encode_decision(bare))
    assert encode_decision(again) == encode_decision(bare)
    assert again.margins.shape == (0, count)


def test_the_ends_of_the_integers_read_back(decision: Decision) -> None:
    last = 2**53 - 1
    extreme = replace(
        decision,
        counter=last,
        time_ms=last,
        values=(-last,) * len(decision.order),
        exploration=Exploration(last, last, (last,), (last, last), ((last, last),)),
    )
    again = decode_decision(encode_decision(extreme))
    assert (again.counter, again.time_ms, again.values) == (last, last, extreme.values)
    assert again.exploration == extreme.exploration


def test_what_was_read_cannot_be_changed(record: bytes) -> None:
    decision = decode_decision(record)
    for column in (decision.margins, decision.columns[0].values):
        with pytest.raises(ValueError, match="read-only"):
            column.flat[0] = 1


def test_a_header_that_would_unfold_beyond_all_memory_is_refused_unread() -> None:
    with pytest.raises(RecordError) as caught:
        decode_decision(b"[" * (8 * 1024 * 1024 + 1) + b"\n")
    assert caught.value.metadata["found"] == "8388609 bytes"
