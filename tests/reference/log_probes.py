"""Probes about leaves, bodies, tokens, pseudonyms, nonces and the retention sample: good ones and hostile ones."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tests.reference import log
from tests.reference.strict import Document, hmac_sha256

Probe = tuple[str, str, Document, str | None]
"""Name of the file, what it is about, inputs, and the reason for which it is refused."""

ORIGIN = "dev.coop.example/decisions"
TIME_MS = 1_753_000_000_000


def digest(name: str) -> str:
    """Return a digest that is as good as any other."""
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def secret(name: str) -> bytes:
    """Return 32 bytes that are as good as any other."""
    return hashlib.sha256(name.encode()).digest()


DECISION: Document = {
    "schema": "rankd.leaf.decision/1",
    "time_ms": TIME_MS,
    "surface": "timeline",
    "activation": None,
    "policy": digest("policy"),
    "constitution": digest("limits"),
    "model": digest("model"),
    "epoch": digest("epoch"),
    "worker": "w1",
    "counter": 41,
    "voids": [[digest("earlier epoch"), 7], [digest("epoch"), 39]],
    "commitment": digest("record"),
}
# The public keys of RFC 8032, section 7.1, tests 2 and 1.
ERASERS = [
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
]
EPOCH: Document = {
    "schema": "rankd.leaf.epoch/1",
    "time_ms": TIME_MS,
    "epoch": digest("epoch"),
    "worker": "w1",
    "retention": {"decision_ms": 2_592_000_000, "sample_ppm": 10_000, "sample_ms": 34_560_000_000},
    "erasers": ERASERS,
    "software": "rankd 0.2.0",
}
REVEAL: Document = {
    "schema": "rankd.leaf.reveal/1",
    "time_ms": TIME_MS,
    "epoch": f"sha256:{hashlib.sha256(secret('epoch secret')).hexdigest()}",
    "worker": "w1",
    "secret": secret("epoch secret").hex(),
    "count": 42,
    "voids": [3, 40],
}
ERASURE: Document = {
    "schema": "rankd.leaf.erasure/1",
    "time_ms": TIME_MS,
    "envelope": {
        "payload": "e30=",
        "payloadType": "application/vnd.rankd.erasure.v1+json",
        "signatures": [{"keyid": ERASERS[0], "sig": b64encode(bytes(64)).decode()}],
    },
}


def canonical(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def log_probes() -> Iterator[Probe]:
    """Yield every probe."""
    yield from _good_leaves()
    for name, desc, leaf in _bad_leaves():
        yield f"leaf_{name}", desc, {"leaf": canonical(leaf)}, "LEAF_MALFORMED"
    for name, desc, inputs in _bad_bytes():
        yield f"leaf_{name}", desc, inputs, "LEAF_MALFORMED"
    yield from _bodies()
    yield from _tokens()
    yield from _names_and_lots()


def _good_leaves() -> Iterator[Probe]:
    longest = DECISION | {"surface": "é" * 256, "worker": '"' * 256, "counter": 2**53 - 1, "voids": []}
    everything = EPOCH["retention"] | {"sample_ppm": 1_000_000}
    newest = DECISION | {"model": None, "voids": [], "counter": 0}
    for name, desc, leaf in (
        ("decision", "A decision's leaf with two void counters.", DECISION),
        ("decision_newest_first", "A newest-first decision has no model.", newest),
        ("decision_activation", "The activation number of a ratified policy.", DECISION | {"activation": 3}),
        ("decision_longest_names", "Names of 256 characters, the largest counter.", longest),
        (
            "decision_letters",
            "Only what stays unseen is refused: other letters are not.",
            _surface("fil’été 🌱"),
        ),
        ("epoch", "The announcement of an epoch.", EPOCH),
        ("epoch_no_erasers", "Where nobody may erase.", EPOCH | {"erasers": []}),
        ("epoch_keeps_all", "Every body is kept longer.", EPOCH | {"retention": everything}),
        ("reveal", "The end of an epoch.", REVEAL),
        ("reveal_after_crash", "Nobody knows how many counters were drawn.", REVEAL | {"count": None, "voids": []}),
        ("erasure", "The leaf of an erasure: whether its signature holds is another question.", ERASURE),
        ("last_millisecond", "The last millisecond of the year 9999.", EPOCH | {"time_ms": 253_402_300_799_999}),
    ):
        yield f"leaf_{name}", desc, {"leaf": canonical(leaf)}, None
    room = 65_535 - len(canonical(DECISION | {"worker": "", "voids": []}).encode())
    entry = canonical([digest("epoch"), 10])
    count = (room - 1 - 100) // (len(entry) + 1)
    rest = room - count * (len(entry) + 1) + 1
    yield "leaf_largest", "65 535 bytes.", {"leaf_parts": _voids(entry, count, rest)}, None
    yield "leaf_too_large", "65 536 bytes.", {"leaf_parts": _voids(entry, count, rest + 1)}, "LEAF_MALFORMED"


def _voids(entry: str, count: int, rest: int) -> list[list[Any]]:
    before, after = canonical(DECISION | {"worker": "w" * rest, "voids": []}).split("[]")
    return [[f"{before}[", 1], [f"{entry},", count - 1], [f"{entry}]{after}", 1]]


def _surface(name: str) -> Document:
    return DECISION | {"surface": name}


def _without(leaf: Document, field: str) -> Document:
    return {key: value for key, value in leaf.items() if key != field}


def _bad_leaves() -> Iterator[tuple[str, str, Any]]:
    retention = EPOCH["retention"]
    envelope = ERASURE["envelope"]
    yield "schema_unknown", "A kind that this version does not know.", DECISION | {"schema": "rankd.leaf.decision/2"}
    yield "schema_missing", "Nothing says what it is.", _without(DECISION, "schema")
    yield "schema_list", "A schema that is no text.", DECISION | {"schema": ["rankd.leaf.decision/1"]}
    yield "field_unknown", "One field more.", DECISION | {"viewer_id": "p1"}
    yield "field_missing", "One field less.", _without(DECISION, "commitment")
    yield "field_of_other_kind", "A reveal's field in an epoch.", EPOCH | {"secret": REVEAL["secret"]}
    yield "array", "An array is no leaf.", [DECISION]
    yield "null", "Null is no leaf.", None
    yield "time_negative", "Before 1970.", DECISION | {"time_ms": -1}
    yield "time_year_10000", "Beyond the year 9999.", DECISION | {"time_ms": 253_402_300_800_000}
    yield "time_text", "A number in quotes.", DECISION | {"time_ms": str(TIME_MS)}
    yield "time_true", "True is not the number 1.", DECISION | {"time_ms": True}
    yield "surface_empty", "An empty name.", _surface("")
    yield "surface_257", "A name of 257 characters.", _surface("s" * 257)
    yield "surface_escape", "A name that a terminal obeys.", _surface("\x1b[2Jtimeline")
    yield "surface_c1", "A control character beyond ASCII.", _surface("time\x9bline")
    yield "surface_override", "A name that reads backwards.", _surface("time\u202eline")
    yield "surface_line_separator", "A line break that few see.", _surface("time\u2028line")
    yield "activation_text", "An activation number in quotes.", DECISION | {"activation": "3"}
    yield "activation_negative", "A negative activation number.", DECISION | {"activation": -1}
    yield "digest_upper_case", "Digits of a digest in capitals.", DECISION | {"policy": digest("policy").upper()}
    yield "digest_bare", "A digest without its algorithm.", DECISION | {"policy": digest("policy")[7:]}
    yield "digest_short", "A digest cut short.", DECISION | {"policy": digest("policy")[:-2]}
    yield "digest_line_feed", "A line feed behind a digest.", DECISION | {"policy": digest("policy") + "\n"}
    yield "policy_null", "Only the model may be null.", DECISION | {"policy": None}
    yield "counter_negative", "A negative counter.", DECISION | {"counter": -1}
    yield "void_triple", "A void of three.", DECISION | {"voids": [[digest("epoch"), 1, 2]]}
    yield "void_bare", "A void without its epoch.", DECISION | {"voids": [1]}
    yield "voids_object", "Voids as an object.", DECISION | {"voids": {digest("epoch"): 1}}
    yield "retention_field", "One field more within retention.", EPOCH | {"retention": retention | {"week_ms": 1}}
    yield (
        "retention_share",
        "A share of more than everything.",
        EPOCH | {"retention": retention | {"sample_ppm": 1_000_001}},
    )
    yield "erasers_unsorted", "Keys out of order.", EPOCH | {"erasers": ERASERS[::-1]}
    yield "erasers_twice", "A key twice.", EPOCH | {"erasers": [ERASERS[0], ERASERS[0]]}
    yield "eraser_capitals", "A key in capitals.", EPOCH | {"erasers": [ERASERS[0].upper()]}
    yield "eraser_small_order", "A key of order 4: anybody's signature.", EPOCH | {"erasers": ["00" * 32]}
    yield "eraser_not_canonical", "The key 2, spelt p + 2.", EPOCH | {"erasers": ["ef" + "ff" * 30 + "7f"]}
    yield "eraser_no_point", "A key that is no point.", EPOCH | {"erasers": ["02" + "00" * 31]}
    yield "secret_short", "A secret of 31 bytes.", REVEAL | {"secret": REVEAL["secret"][2:]}
    yield "count_text", "A count in words.", REVEAL | {"count": "42"}
    yield "reveal_voids_falling", "Void counters out of order.", REVEAL | {"voids": [40, 3]}
    yield "reveal_voids_twice", "A void counter twice.", REVEAL | {"voids": [3, 3]}
    yield "envelope_text", "An envelope as text.", ERASURE | {"envelope": canonical(envelope)}
    yield "envelope_field", "One field more in the envelope.", ERASURE | {"envelope": envelope | {"note": "x"}}
    yield "envelope_unsigned", "An envelope without a signature.", ERASURE | {"envelope": envelope | {"signatures": []}}
    yield "envelope_base64_url", "The other base64 alphabet.", ERASURE | {"envelope": envelope | {"payload": "-_8="}}
    yield (
        "envelope_base64_bits",
        "Spare bits that are not zero.",
        ERASURE | {"envelope": envelope | {"payload": "e31="}},
    )
    yield "envelope_base64_bare", "Padding left out.", ERASURE | {"envelope": envelope | {"payload": "e30"}}


def _bad_bytes() -> Iterator[tuple[str, str, Document]]:
    text = canonical(DECISION)
    yield "empty", "No bytes.", {"leaf": ""}
    yield "spaced", "A space behind a colon.", {"leaf": text.replace(":", ": ", 1)}
    yield "line_feed", "A line feed at the end.", {"leaf": text + "\n"}
    yield "byte_order_mark", "A byte order mark.", {"leaf": "\ufeff" + text}
    yield "keys_unsorted", "The first two fields exchanged.", {"leaf": _exchanged(text)}
    yield "key_twice", "A field twice.", {"leaf": '{"activation":null,' + text[1:]}
    yield "number_exponent", "41 as 4.1e1.", {"leaf": text.replace(":41,", ":4.1e1,")}
    yield "number_fraction", "41 as 41.0.", {"leaf": text.replace(":41,", ":41.0,")}
    yield "number_zeroes", "41 as 041.", {"leaf": text.replace(":41,", ":041,")}
    yield "number_minus_zero", "Zero with a sign.", {"leaf": text.replace(":41,", ":-0,")}
    yield "number_unsafe", "2^53.", {"leaf": text.replace(":41,", f":{2**53},")}
    yield "number_endless", "A number of five thousand digits.", {"leaf_parts": _endless(text)}
    yield "number_nan", "NaN.", {"leaf": text.replace(":41,", ":NaN,")}
    yield "escape_needless", "A letter as \\u0074.", {"leaf": text.replace('"timeline"', '"\\u0074imeline"')}
    yield "surrogate", "Half a character.", {"leaf": text.replace('"timeline"', '"\\ud800"')}
    yield "not_utf8", "A byte that begins no character.", {"leaf_base64": b64encode(text.encode() + b"\xff").decode()}
    yield "deep", "Ten thousand brackets.", {"leaf_parts": [["[", 10_000], ["]", 10_000]]}
    yield "cut_short", "The last bracket is missing.", {"leaf": text[:-1]}
    yield "two", "One leaf behind the other.", {"leaf": text + text}


def _exchanged(text: str) -> str:
    first, second, rest = text[1:].split(",", 2)
    return "{" + f"{second},{first},{rest}"


def _endless(text: str) -> list[list[Any]]:
    before, after = text.split(":41,")
    return [[f"{before}:", 1], ["9", 5000], [f",{after}", 1]]


KEY = secret("body key")
MAGIC = bytes.fromhex("28b52ffd")


def raw_block(content: bytes, *, is_last: bool = True) -> bytes:
    """Return a raw block of a Zstandard frame (RFC 8878, 3.1.1.2)."""
    return (int(is_last) | len(content) << 3).to_bytes(3, "little") + content


def frame(size: int, blocks: bytes, size_bytes: int = 4, descriptor: int = 0, window: bytes = b"") -> bytes:
    """Return a frame that states `size`; in one segment if no window is given (RFC 8878, 3.1.1.1)."""
    flag = {0: 0, 1: 0, 2: 1, 4: 2, 8: 3}[size_bytes]
    head = flag << 6 | (0 if window else 0x20) | descriptor
    stated = (size - 256 if size_bytes == 2 else size).to_bytes(size_bytes, "little") if size_bytes else b""
    return MAGIC + bytes([head]) + window + stated + blocks


def _sealed(content: bytes, key: bytes = KEY, nonce: bytes = bytes(12), data: bytes | None = None) -> Document:
    return {"key": KEY.hex(), "sealed": b64encode(ChaCha20Poly1305(key).encrypt(nonce, content, data)).decode()}


def _bodies() -> Iterator[Probe]:
    key, record = KEY.hex(), '{"schema":"rankd.decision/1"}\n'
    yield "commitment_record", "A commitment.", {"key": key, "record": record}, None
    yield "commitment_empty", "A commitment to nothing.", {"key": key, "record": ""}, None
    yield (
        "commitment_shifted",
        "A byte of the key moved into the record.",
        {"key": key[:-2] + "7b", "record": record[1:]},
        None,
    )
    text = b"hello, journal\n"
    good = frame(len(text), raw_block(text))
    repeated = bytes.fromhex("28b52ffd60f4006500002868656c6c6f0100ec508b16")
    for name, desc, content in (
        ("raw", "One raw block.", good),
        ("compressed", "“hello” a hundred times, compressed.", repeated),
        ("two_blocks", "Two blocks.", frame(len(text), raw_block(text[:5], is_last=False) + raw_block(text[5:]))),
        ("window", "A frame with a window of its own, 1 KiB.", frame(len(text), raw_block(text), window=b"\0")),
        ("size_in_eight_bytes", "A size written long.", frame(len(text), raw_block(text), 8)),
        ("dictionary_zero", "Dictionary 0 is none.", frame(len(text), b"", 1, 1)[:5] + b"\0\x0f" + raw_block(text)),
        ("empty", "An empty record.", bytes.fromhex("28b52ffd2000010000")),
    ):
        yield f"body_{name}", desc, _sealed(content), None
    mib_64 = 64 * 2**20
    for name, desc, content in (
        ("no_size", "A frame that does not state its size.", frame(0, raw_block(text), 0, window=b"\0")),
        ("size_smaller", "It states one byte less than it holds.", frame(len(text) - 1, raw_block(text))),
        ("size_larger", "It states one byte more than it holds.", frame(len(text) + 1, raw_block(text))),
        ("size_64_mib_of_nothing", "It states 64 MiB and holds nothing.", frame(mib_64, raw_block(b""))),
        ("size_unknown", "It states 2^64 − 1, which means that it does not say.", frame(2**64 - 1, raw_block(b""), 8)),
        ("empty_with_content", "It states nothing and holds something.", frame(0, raw_block(text), 1)),
        ("empty_written_long", "An empty record in another spelling.", frame(0, raw_block(b""))),
        ("two_frames", "Two frames.", good + good),
        ("trailing_byte", "A byte behind the frame.", good + b"\0"),
        ("skippable_behind", "A skippable frame behind it.", good + bytes.fromhex("502a4d1800000000")),
        ("skippable_before", "A skippable frame before it.", bytes.fromhex("502a4d1800000000") + good),
        ("cut_short", "The last byte is missing.", good[:-1]),
        ("head_only", "Nothing but the magic number.", MAGIC),
        ("nothing", "No frame at all.", b""),
        ("plain", "The record without a frame.", text),
        ("legacy_magic", "The magic number of an older format.", b"\x27" + good[1:]),
        ("dictionary", "It wants a dictionary.", frame(len(text), b"", 1, 1)[:5] + b"\7\x0f" + raw_block(text)),
        ("reserved_bit", "The reserved bit is set.", frame(len(text), raw_block(text), descriptor=8)),
        ("reserved_block", "A block of the reserved kind.", frame(len(text), b"\x07\0\0")),
        (
            "checksum_wrong",
            "Its checksum is not that of its content.",
            frame(len(text), raw_block(text), descriptor=4) + bytes(4),
        ),
    ):
        yield f"body_{name}", desc, _sealed(content), "BODY_MALFORMED"
    for name, desc, content in (
        ("bomb_size", "It states 64 MiB and one byte.", frame(mib_64 + 1, raw_block(b""))),
        ("bomb_terabyte", "It states a terabyte.", frame(2**40, raw_block(b""), 8)),
        ("bomb_window", "It holds 15 bytes and wants a window of 1 GiB.", frame(15, raw_block(text), window=b"\xa0")),
    ):
        yield f"body_{name}", desc, _sealed(content), "BODY_TOO_LARGE"
    flipped = _sealed(good)
    flipped["key"] = f"{KEY[0] ^ 1:02x}{key[2:]}"
    yield "body_other_key", "One bit of the key is wrong.", flipped, "BODY_KEY_WRONG"
    yield "body_other_nonce", "Sealed under another nonce.", _sealed(good, nonce=b"\1" + bytes(11)), "BODY_KEY_WRONG"
    yield "body_other_data", "Sealed with associated data.", _sealed(good, data=b"x"), "BODY_KEY_WRONG"
    yield "body_no_tag", "Shorter than a tag.", {"key": key, "sealed": "AAAA"}, "BODY_KEY_WRONG"


def _tokens() -> Iterator[Probe]:
    key, hashed = secret("token key"), secret("leaf")

    def inputs(token: bytes, origin: str = ORIGIN, leaf: bytes = hashed) -> Document:
        return {"token": token.hex(), "key": key.hex(), "origin": origin, "leaf_hash": leaf.hex()}

    for name, index in (("first", 0), ("large", 2**53 - 1), ("largest", 2**64 - 1)):
        token = log.feedback_token(key, ORIGIN, index, hashed)
        yield f"token_{name}", f"The token of decision {index}.", inputs(token), None
    token = log.feedback_token(key, ORIGIN, 5, hashed)
    for name, desc, wrong in (
        ("cut_short", "The last byte is missing.", token[:-1]),
        ("longer", "One byte more.", token + b"\0"),
        ("empty", "No bytes.", b""),
        ("version", "Another version.", b"\2" + token[1:]),
    ):
        yield f"token_{name}", desc, inputs(wrong), "TOKEN_MALFORMED"
    for name, desc, foreign in (
        ("other_index", "The index of the next decision.", inputs(token[:8] + b"\6" + token[9:])),
        ("flipped_bit", "One bit of the code.", inputs(token[:-1] + bytes([token[-1] ^ 1]))),
        ("other_origin", "Another journal.", inputs(token, "dev.coop.example/events")),
        ("other_leaf", "Another leaf at that index.", inputs(token, leaf=secret("other leaf"))),
        ("other_key", "Another server.", inputs(log.feedback_token(secret("other key"), ORIGIN, 5, hashed))),
    ):
        yield f"token_{name}", desc, foreign, "TOKEN_FOREIGN"


def _names_and_lots() -> Iterator[Probe]:
    key = secret("period key").hex()
    for name, period, viewer in (("plain", 0, "ana"), ("unicode", 12, "chloé 🌱"), ("separator", 12, "a\n12\nb")):
        yield (
            f"pseudonym_{name}",
            "A viewer's name in records.",
            {"key": key, "period": period, "viewer_id": viewer},
            None,
        )
    code = "0" * 31 + "f"
    for name, text in (
        ("zero", f"p0-{code}"),
        ("large", f"p{10**15 - 1}-{code}"),
        ("too_large", f"p{10**15}-{code}"),
        ("leading_zero", f"p01-{code}"),
        ("capitals", f"p1-{code.upper()}"),
        ("short", f"p1-{code[1:]}"),
        ("line_feed", f"p1-{code}\n"),
        ("other_digits", f"p١-{code}"),
        ("plain_id", "ana"),
    ):
        yield f"period_{name}", "Whether this is a pseudonym, and of which period.", {"pseudonym": text}, None
    epoch = secret("epoch secret").hex()
    for name, worker, counter in (("first", "w1", 0), ("accent", "atelier-é", 41), ("large", "w1", 2**53 - 1)):
        inputs: Document = {"secret": epoch, "worker": worker, "counter": counter}
        yield f"nonce_{name}", "The nonce of a decision.", inputs, None
    lots = [
        int.from_bytes(hmac_sha256(bytes.fromhex(epoch), b"rankd.keep.v1", b"w1", n.to_bytes(8, "big")), "big")
        for n in range(2000)
    ]
    at = lots.index(min(lots))
    edge = lots[at] * 10**6 // 2**256
    for name, counter, ppm in (
        ("none", at, 0),
        ("all", 1, 1_000_000),
        ("just_out", at, edge),
        ("just_in", at, edge + 1),
        ("one_percent", 0, 10_000),
    ):
        retention = EPOCH["retention"] | {"sample_ppm": ppm}
        inputs = {"secret": epoch, "worker": "w1", "counter": counter, "retention": retention, "time_ms": TIME_MS}
        yield f"sample_{name}", f"A share of {ppm} parts per million.", inputs, None
