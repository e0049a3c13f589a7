from typing import Any

import pytest

from rankd.core.exact.canonical import (
    MAX_SAFE_INTEGER,
    CanonicalError,
    canonical_json,
    digest_text,
    parse_canonical,
    parse_digest,
    sha256,
    write_object,
)


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    # As code points U+FB33 comes before U+1F600; in UTF-16 the surrogate D83D comes first (RFC 8785 section 3.2.3).
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "é": 4, "1": 5}) == (
        '{"1":5,"é":4,"€":3,"😀":2,"\ufb33":1}'.encode()
    )


def test_only_what_json_must_escape_is_escaped() -> None:
    assert canonical_json('\u2028/\\"\b\f\n\r\t\x01\x7fé') == '"\u2028/\\\\\\"\\b\\f\\n\\r\\t\\u0001\x7fé"'.encode()


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        MAX_SAFE_INTEGER + 1,
        -MAX_SAFE_INTEGER - 1,
        {1: 2},
        "\ud800",
        {"\ud800": 1},
        b"x",
        {1},
        [[1.5]],
    ],
    ids=repr,
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical_json(value)


@pytest.mark.parametrize("outside", [MAX_SAFE_INTEGER + 1, -MAX_SAFE_INTEGER - 1, 2**64])
def test_an_unsafe_integer_in_a_list_of_integers_is_refused(outside: int) -> None:
    with pytest.raises(CanonicalError):
        canonical_json([0, outside])
    with pytest.raises(CanonicalError):
        canonical_json(["a", outside])
    with pytest.raises(CanonicalError):
        canonical_json([["a", 1], ("b", outside)])


def test_lists_of_lists_are_written_as_they_are() -> None:
    nested: list[Any] = [(), ("a", 1), [True, None], ({"b": [], "a": ()},)]
    assert canonical_json(nested) == b'[[],["a",1],[true,null],[{"a":[],"b":[]}]]'
    assert canonical_json(nested[:3]) == b'[[],["a",1],[true,null]]'


def test_an_object_with_parts_written_before_is_the_same_object() -> None:
    part: dict[str, Any] = {"b": [1, "é"], "a": {"z": None}}
    wholes: list[dict[str, Any]] = [{"y": part, "x": 1}, {"\ufb33": part, "\U0001f600": 2, "ä": "\n"}, {}]
    for whole in wholes:
        members = {key: write_object(part) if value is part else value for key, value in whole.items()}
        assert write_object(members).data == canonical_json(whole)


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\ud800": 1}, {"a": 1.5}, {"a": {1: 2}}], ids=repr)
def test_a_written_part_without_a_canonical_form_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(CanonicalError):
        _ = write_object({"part": write_object(value)}).data


def test_truth_values_are_not_numbers() -> None:
    assert canonical_json([True, 1, False, 0, None]) == b"[true,1,false,0,null]"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"1.0",
        b"-0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"01",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'"\\u00e9"',
        b'"\\ud800"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf1",
        b"1\n",
        b"9" * 5000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_bytes_that_are_not_canonical_are_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        parse_canonical(data)


def test_a_digest_is_written_and_read_in_one_form() -> None:
    digest = sha256(b"abc")
    assert digest_text(digest) == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert parse_digest(digest_text(digest)) == digest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ba" * 32,
        "sha256:" + "BA" * 32,
        "sha256:" + "ba" * 31,
        "sha512:" + "ba" * 32,
        "sha256:" + "b a" + "ba" * 30 + "b",
        "sha256:" + " " * 64,
        "sha256:" + "ba" * 32 + "\n",
        "sha256:" + "٣" * 64,
    ],
    ids=repr,
)
def test_a_digest_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        parse_digest(text)
