"""The published probes of the journal's bytes, given by both implementations."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from rankd.core.errors import RankdError
from rankd.core.exact.canonical import digest_text, parse_canonical
from rankd.core.exact.chance import decision_nonce
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.note import parse_vkey
from rankd.core.log.tree import leaf_hash
from rankd.core.records.body import open_body
from rankd.core.records.commitment import commitment
from rankd.core.records.erasure import check_scope, open_erasure
from rankd.core.records.leaf import Retention, decode_leaf, encode_leaf
from rankd.core.records.pseudonym import pseudonym, pseudonym_period
from rankd.core.records.receipt import open_receipt
from rankd.core.records.sample import kept_longer, kept_until_ms
from rankd.core.records.token import check_token, feedback_token, token_index
from tests.reference.write_log_vectors import FOLDER, answer, leaf_bytes, texts

Inputs = dict[str, Any]

PROBES = sorted(FOLDER.glob("*.json"))


def _leaf(inputs: Inputs) -> Inputs:
    data = leaf_bytes(inputs)
    assert encode_leaf(decode_leaf(data)) == data
    return {"schema": parse_canonical(data)["schema"], "leaf_hash": leaf_hash(data).hex()}


def _commitment(inputs: Inputs) -> Inputs:
    return {"commitment": digest_text(commitment(bytes.fromhex(inputs["key"]), inputs["record"].encode()))}


def _body(inputs: Inputs) -> Inputs:
    return {"record": open_body(bytes.fromhex(inputs["key"]), b64decode(inputs["sealed"])).decode()}


def _receipt(inputs: Inputs) -> Inputs:
    receipt = open_receipt(inputs["note"].encode(), parse_vkey(inputs["vkey"]))
    return asdict(receipt) | {"leaf_hash": receipt.leaf_hash.hex()}


def _checkpoint(inputs: Inputs) -> Inputs:
    witnesses = [parse_vkey(vkey) for vkey in inputs["witnesses"]]
    note, log = inputs["note"].encode(), parse_vkey(inputs["vkey"])
    verified = open_checkpoint(note, log, witnesses, quorum=inputs["quorum"])
    said = verified.checkpoint
    cosigners = [name for name, _ in verified.cosigners]
    return {"origin": said.origin, "size": said.size, "root": said.root.hex(), "cosigners": cosigners}


def _token(inputs: Inputs) -> Inputs:
    token, key, hashed = (bytes.fromhex(inputs[name]) for name in ("token", "key", "leaf_hash"))
    check_token(token, key, inputs["origin"], hashed)
    assert feedback_token(key, inputs["origin"], token_index(token), hashed) == token
    return {"index": token_index(token)}


def _pseudonym(inputs: Inputs) -> Inputs:
    return {"pseudonym": pseudonym(bytes.fromhex(inputs["key"]), inputs["period"], inputs["viewer_id"])}


def _period(inputs: Inputs) -> Inputs:
    return {"period": pseudonym_period(inputs["pseudonym"])}


def _erasure(inputs: Inputs) -> Inputs:
    keys = {key: bytes.fromhex(key) for key in inputs["keys"]}
    erasure, signer = open_erasure(inputs["envelope"], keys)
    check_scope(erasure, inputs["origin"], inputs["count"])
    said = json.loads(json.dumps(asdict(erasure)))
    return {"erasure": said | {"schema": "rankd.erasure/1"}, "signer": signer}


def _nonce(inputs: Inputs) -> Inputs:
    return {"nonce": decision_nonce(bytes.fromhex(inputs["secret"]), inputs["worker"], inputs["counter"]).hex()}


def _sample(inputs: Inputs) -> Inputs:
    retention = Retention(**inputs["retention"])
    secret = bytes.fromhex(inputs["secret"])
    is_kept = kept_longer(secret, inputs["worker"], inputs["counter"], retention.sample_ppm)
    return {"kept_longer": is_kept, "kept_until_ms": kept_until_ms(inputs["time_ms"], retention, is_kept)}


KINDS: dict[str, Callable[[Inputs], Inputs]] = {
    "leaf": _leaf,
    "commitment": _commitment,
    "body": _body,
    "receipt": _receipt,
    "checkpoint": _checkpoint,
    "token": _token,
    "pseudonym": _pseudonym,
    "period": _period,
    "erasure": _erasure,
    "nonce": _nonce,
    "sample": _sample,
}


def _probe(path: Path) -> dict[str, Any]:
    probe: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return probe


def _wanted(probe: dict[str, Any]) -> dict[str, Any]:
    return {key: probe[key] for key in ("want", "want_reason") if key in probe}


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path.stem)
def test_rankd_gives_what_a_probe_wants(path: Path) -> None:
    probe = _probe(path)
    found: dict[str, Any]
    try:
        found = {"want": KINDS[probe["kind"]](probe["inputs"])}
    except RankdError as error:
        found = {"want_reason": error.reason}
    assert found == _wanted(probe)


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path.stem)
def test_the_naive_reader_gives_what_a_probe_wants(path: Path) -> None:
    probe = _probe(path)
    assert answer(probe) == _wanted(probe)


def test_probes_stand_as_the_writer_would_write_them() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in PROBES} == dict(texts())
