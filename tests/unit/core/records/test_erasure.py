import json
from base64 import b64decode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError, RecordError
from rankd.core.records.erasure import Erasure, check_scope, open_erasure, sign_erasure
from rankd.core.records.leaf import ErasureLeaf, decode_leaf, encode_leaf

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEYS = {PUBLIC.hex(): PUBLIC}
ERASURE = Erasure(
    "dev.coop.example", ((3, 3), (7, 19)), (2,), "REQUEST", "Une personne l’a demandé.", 1_753_000_000_000
)


def test_an_erasure_reads_back_with_its_signer() -> None:
    assert open_erasure(sign_erasure(ERASURE, PRIVATE), KEYS) == (ERASURE, PUBLIC.hex())


def test_what_is_signed_is_the_canonical_document() -> None:
    payload = b64decode(sign_erasure(ERASURE, PRIVATE)["payload"])
    assert json.loads(payload) == {
        "schema": "rankd.erasure/1",
        "origin": "dev.coop.example",
        "decisions": [[3, 3], [7, 19]],
        "pseudonym_periods": [2],
        "reason_code": "REQUEST",
        "reason": "Une personne l’a demandé.",
        "time_ms": 1_753_000_000_000,
    }


def test_a_key_that_nobody_named_erases_nothing() -> None:
    with pytest.raises(LogError) as refusal:
        open_erasure(sign_erasure(ERASURE, PRIVATE), {})
    assert refusal.value.reason == "ENVELOPE_KEY_UNKNOWN"


@pytest.mark.parametrize(
    ("erasure", "field"),
    [
        (replace(ERASURE, origin=""), "erasure.origin"),
        (replace(ERASURE, decisions=((7, 19), (3, 3))), "erasure.decisions"),
        (replace(ERASURE, decisions=((3, 7), (7, 19))), "erasure.decisions"),
        (replace(ERASURE, decisions=((19, 7),)), "erasure.decisions"),
        (replace(ERASURE, decisions=tuple((n, n) for n in range(1_001))), "erasure.decisions"),
        (replace(ERASURE, decisions=(), pseudonym_periods=()), "erasure.decisions"),
        (replace(ERASURE, pseudonym_periods=(2, 2)), "erasure.pseudonym_periods"),
        (replace(ERASURE, pseudonym_periods=tuple(range(101))), "erasure.pseudonym_periods"),
        (replace(ERASURE, reason=""), "erasure.reason"),
        (replace(ERASURE, reason="x" * 501), "erasure.reason"),
        (replace(ERASURE, reason="\ud800"), "erasure"),
        (replace(ERASURE, time_ms=2**60), "erasure"),
    ],
)
def test_what_no_reader_would_read_is_not_signed(erasure: Erasure, field: str) -> None:
    with pytest.raises(RecordError) as refusal:
        sign_erasure(erasure, PRIVATE)
    assert refusal.value.reason == "ERASURE_MALFORMED"
    assert refusal.value.metadata["field"] == field


def test_the_largest_erasure_fits_into_a_leaf() -> None:
    last = 2**53 - 1
    ranges = tuple((last - 2 * n, last - 2 * n) for n in range(999, -1, -1))
    periods = tuple(range(10**15 - 100, 10**15))
    # Quotation marks are escaped, so they take two bytes; four bytes are the most that a character takes.
    for character in ("\U0001f331", '"'):
        largest = replace(
            ERASURE,
            origin=character * 256,
            decisions=ranges,
            pseudonym_periods=periods,
            reason_code="RETENTION",
            reason=character * 500,
        )
        leaf = ErasureLeaf(1_753_000_000_000, sign_erasure(largest, PRIVATE))
        assert decode_leaf(encode_leaf(leaf)) == leaf


def test_an_erasure_is_about_one_journal_and_what_it_held_before() -> None:
    check_scope(ERASURE, "dev.coop.example", 20)
    check_scope(replace(ERASURE, decisions=()), "dev.coop.example", 0)
    for origin, count, reason in (("dev.elsewhere", 20, "ERASURE_ORIGIN"), ("dev.coop.example", 19, "ERASURE_AHEAD")):
        with pytest.raises(RecordError) as refusal:
            check_scope(ERASURE, origin, count)
        assert refusal.value.reason == reason
