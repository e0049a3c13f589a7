"""Canonical JSON agrees with the rfc8785 package, and only canonical bytes are read back."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.exact.canonical import MAX_SAFE_INTEGER, CanonicalError, canonical_json, parse_canonical

# Names on both sides of the surrogates, where UTF-16 order and code point order part, and what JSON escapes.
_letters = st.sampled_from('a"\\/\b\f\n\r\t\x00\x1f\x7f\u2028é\ud7ff\ue000\uffff\U00010000🐟\U0010ffff')
_texts = st.text(_letters | st.characters(exclude_categories=["Cs"]), max_size=6)
_integers = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | st.sampled_from([MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER, 0])
_scalars = st.none() | st.booleans() | _integers | _texts
_documents = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_texts, inner, max_size=5), max_leaves=12
)


@given(_documents)
@settings(max_examples=200, deadline=None)
def test_the_canonical_form_is_that_of_rfc_8785(document: Any) -> None:
    assert canonical_json(document) == rfc8785.dumps(document)


@given(_documents)
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_back_alike(document: Any) -> None:
    assert parse_canonical(canonical_json(document)) == document


@given(st.dictionaries(_texts, _scalars, min_size=1, max_size=4), st.data())
@settings(max_examples=100, deadline=None)
def test_the_same_document_written_in_another_way_is_refused(document: dict[str, Any], data: st.DataObject) -> None:
    canonical = canonical_json(document)
    again = data.draw(
        st.sampled_from(
            [
                json.dumps(document, ensure_ascii=False, indent=1).encode(),
                json.dumps(dict(sorted(document.items(), reverse=True)), ensure_ascii=True).encode(),
                canonical + b"\n",
                b" " + canonical,
                b"\xef\xbb\xbf" + canonical,
                canonical[:-1],
                canonical[:-1] + b',"a":1,"a":2}',
            ]
        )
    )
    with pytest.raises(CanonicalError):
        parse_canonical(again)


@given(st.binary(max_size=40))
@settings(max_examples=100, deadline=None)
def test_bytes_are_canonical_or_refused(data: bytes) -> None:
    try:
        document = parse_canonical(data)
    except CanonicalError:
        return
    assert canonical_json(document) == data
