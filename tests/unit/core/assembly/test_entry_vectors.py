"""The published probes of entries: each is opened as it says, or refused for the reason that it says."""

import json
from pathlib import Path

import pytest

from rankd.core.assembly.entry_codec import encode_payload, read_payload
from rankd.core.assembly.signing import envelope_bytes, open_entry, signature_holds
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import digest_text
from rankd.core.log.envelope import parse_envelope
from tests.vectors.assembly.generate_entries import FOLDER, probes, texts

PROBES = sorted(FOLDER.glob("*.json"))
GOOD = [path for path in PROBES if "want" in json.loads(path.read_text(encoding="utf-8"))]
BAD = [path for path in PROBES if path not in GOOD]


def test_the_probes_are_those_that_are_generated() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in PROBES} == dict(texts())
    assert len(PROBES) == len(list(probes()))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_entry_is_opened(path: Path) -> None:
    probe = json.loads(path.read_text(encoding="utf-8"))
    data = probe["envelope"].encode()
    entry = open_entry(data)
    assert {"kind": entry.kind, "key": entry.key.hex(), "digest": digest_text(entry.digest)} == probe["want"]
    envelope = parse_envelope(json.loads(data))
    assert envelope_bytes(envelope) == data
    assert encode_payload(entry.payload) == envelope.payload
    # The pattern of ballots and the general reader accept the same.
    assert read_payload(entry.kind, envelope.payload) == entry.payload
    assert signature_holds(data)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_entry_is_refused_for_its_reason(path: Path) -> None:
    probe = json.loads(path.read_text(encoding="utf-8"))
    data = probe["envelope"].encode()
    with pytest.raises(AssemblyError) as refused:
        open_entry(data)
    assert refused.value.reason == probe["want_reason"]
    if "want_field" in probe:
        assert refused.value.metadata["field"] == probe["want_field"]
    assert refused.value.say("fr") != refused.value.say("en")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_pass_over_signatures_finds_what_the_envelope_lacks(path: Path) -> None:
    probe = json.loads(path.read_text(encoding="utf-8"))
    about_the_envelope = probe["want_reason"].startswith("ENVELOPE_") or probe["want_reason"] == "ENTRY_TYPE"
    assert signature_holds(probe["envelope"].encode()) is not about_the_envelope
