"""Bytes that nobody vouches for: whatever is changed in them, they are refused, void or told of, and nothing raises.

Each run is short and the same every time; a seed that failed once is tried again by naming it here.
"""

import json
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.leaf_codec import decode_leaf, encode_leaf
from rankd.core.assembly.signing import envelope_bytes, signature_holds, signatures_hold
from rankd.core.errors import RankdError
from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.core.log.envelope import parse_envelope, sign_envelope
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.verdict import judge_minutes
from tests.assemblies import DAY_MS, FOUNDERS, GUARDIANS, SECRETARY, key_of
from tests.minutes import Kept, kept
from tests.property.assembly_walks import Walk

BUDGET_S = 3.0
KEYS = {key_of(name).public_key().public_bytes_raw().hex(): key_of(name) for name in (*FOUNDERS, SECRETARY, *GUARDIANS)}
JUNK: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 2**53 - 1, 2**53, 10**400, 1.5, "", "x", [], [[]], [0], {}, {"": ""}),
    *("\x1b[31m", "\ud800", "\u202e", "sha256:" + "0" * 64, "schema: rankd.policy/1\n", "points: vote\n", "[" * 500),
    json.loads("[" * 300 + "]" * 300),
)
MARKS = ("\x00", "\x1b", "e\u0301", "\u202e", "9", "\n", " ", "-", "#", "{", "[", "\ud800", "9" * 5_000, "a: " * 90)


def changed(dice: random.Random, value: Any) -> Any:
    """Return a value with one thing in it changed, wherever."""
    luck = dice.random()
    if isinstance(value, dict) and value and luck < 0.9:
        key = dice.choice(sorted(value))
        if luck < 0.1:
            return {name: value[name] for name in value if name != key}
        return value | ({"\u2028": dice.choice(JUNK)} if luck < 0.15 else {key: changed(dice, value[key])})
    if isinstance(value, list) and value and luck < 0.9:
        at = dice.randrange(len(value))
        if luck < 0.3:
            return dice.choice((value[:at], value * 2, value * 50, value[::-1]))
        return [*value[:at], changed(dice, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and luck < 0.6:
        at = dice.randrange(len(value) + 1)
        return value[:at] + dice.choice(MARKS) + value[at + dice.randrange(2) :]
    if type(value) is int and luck < 0.6:
        return value + dice.choice((-1, 1, 2**32, 2**53))
    return dice.choice(JUNK)


def damaged(dice: random.Random, data: bytes) -> bytes:
    """Return bytes with some of them changed, cut off, or more of them."""
    found = bytearray(data)
    for _ in range(dice.choice((1, 1, 4))):
        if found:
            found[dice.randrange(len(found))] = dice.choice((0, 10, 32, 45, 123, 255, dice.randrange(256)))
    luck = dice.random()
    return bytes(found[: dice.randrange(len(found) + 1)] if luck < 0.2 else found + bytes(40) if luck < 0.3 else found)


def forged(dice: random.Random, envelope: bytes) -> bytes:
    """Return an envelope whose payload its own author might have signed so; or one that nobody did."""
    signed = parse_envelope(parse_canonical(envelope))
    ((keyid, _),) = signed.signatures
    body = changed(dice, json.loads(signed.payload))
    try:
        payload = canonical_json(body)
    except ValueError:
        payload = json.dumps(body).encode()
    payload = damaged(dice, payload) if dice.random() < 0.1 else payload
    data = envelope_bytes(sign_envelope(signed.payload_type, payload, KEYS.get(keyid, key_of("Alice"))))
    return damaged(dice, data) if dice.random() < 0.1 else data


def within(budget_s: float, attempt: Callable[[random.Random], None], first: int) -> None:
    """Make attempts until the time is over, and a few whatever the time."""
    until_s = time.monotonic() + budget_s
    for seed in range(first, first + 100_000):
        if seed > first + 3 and time.monotonic() > until_s:
            return
        try:
            attempt(random.Random(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


def test_the_fold_never_raises_for_what_is_in_an_entry() -> None:
    def attempt(dice: random.Random) -> None:
        walk = Walk(dice.randrange(1_000))
        walk.run(25)
        first, *entries = walk.minutes.entries
        assembly = Assembly(walk.minutes.genesis)
        assembly.take(first)
        for entry in entries:
            envelope = forged(dice, entry.envelope or b"")
            signature_holds(envelope)
            signatures_hold(envelope)
            leaf = entry.leaf
            time_ms = dice.choice((leaf.time_ms, leaf.time_ms, 0, leaf.time_ms + DAY_MS))
            about = dice.choice((leaf.about, leaf.about, None, 0, 2**53 - 1))
            other = assembly.at(assembly.time_ms)
            said = dice.choice((envelope, envelope, None))
            other.take(Entry(other.size, MinutesLeaf(time_ms, leaf.kind, about, leaf.commitment), said))
            for void in other.voids:
                void.error.say("fr").encode()
            other.at(other.time_ms + 90 * DAY_MS)
            assembly.take(Entry(assembly.size, leaf, entry.envelope))

    within(BUDGET_S, attempt, 0)


def test_judging_refuses_with_a_reason() -> None:
    def attempt(dice: random.Random) -> None:
        walk = Walk(dice.randrange(1_000))
        walk.run(10)
        assembly = walk.minutes.assembly
        for entry in walk.minutes.entries:
            try:
                assembly.at(assembly.time_ms).judge(forged(dice, entry.envelope or b""), assembly.time_ms)
            except RankdError as error:
                error.say("en").encode()

    within(BUDGET_S / 2, attempt, 5_000)


def test_a_leaf_is_read_as_it_was_written_or_refused() -> None:
    leaf = encode_leaf(MinutesLeaf(1_800_000_000_000, "ballot", 7, bytes(32)))

    def attempt(dice: random.Random) -> None:
        for _ in range(50):
            data = canonical_json(changed(dice, json.loads(leaf))) if dice.random() < 0.3 else damaged(dice, leaf)
            try:
                assert encode_leaf(decode_leaf(data)) == data
            except RankdError as error:
                error.say("en").encode()

    def tolerant(dice: random.Random) -> None:
        try:
            attempt(dice)
        except ValueError:
            # What was to be tried has no canonical form.
            return

    within(1.0, tolerant, 0)


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return minutes with a vote that is counted and an argument that is erased."""
    minutes = kept(tmp_path_factory.mktemp("hostile") / "co")
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
    argument = minutes.argue(index, "Oui.")
    minutes.wait(8)
    minutes.erase(argument)
    minutes.keeper.publish()
    return minutes


def spoil(dice: random.Random, root: Path) -> None:
    """Do something to one file of a record."""
    file = dice.choice(sorted(path for path in root.rglob("*") if path.is_file()))
    deed = dice.randrange(12)
    if deed == 0:
        file.unlink()
    elif deed == 1:
        file.unlink()
        file.mkdir()
    elif deed == 2:
        file.unlink()
        os.mkfifo(file)
    elif deed == 3:
        file.unlink()
        file.symlink_to("/etc/passwd")
    elif deed == 4:
        (file.parent / os.fsdecode(dice.choice((b"\xff\x1b[31m", b"one\ntwo", b"0" * 200)))).write_bytes(b"x")
    elif deed == 5:
        shutil.copy(dice.choice(sorted(path for path in root.rglob("*") if path.is_file())), root / "other")
        (root / "other").rename(file)
    else:
        file.write_bytes(damaged(dice, file.read_bytes()))


def test_a_spoilt_record_is_refused_or_its_faults_are_told(minutes: Kept, tmp_path: Path) -> None:
    good = judge_minutes(RecordFolder(minutes.record), minutes.genesis, now_ms=minutes.now_ms)
    assert good.good
    activations = good.assembly.activations

    def attempt(dice: random.Random) -> None:
        root = tmp_path / "spoilt"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(minutes.record, root)
        for _ in range(dice.choice((1, 1, 3))):
            spoil(dice, root)
        try:
            verdict = judge_minutes(RecordFolder(root), minutes.genesis, now_ms=minutes.now_ms)
        except RankdError as error:
            error.say("fr").encode()
            return
        for fault in verdict.faults:
            fault.error.say("fr").encode()
        if verdict.good:
            assert verdict.assembly.activations == activations

    within(BUDGET_S, attempt, 0)
