"""The file of witnesses: read strictly, and no witness twice under two names."""

from pathlib import Path

import pytest

from rankd.core.errors import WitnessError
from rankd.core.log.note import COSIGNATURE, NoteSigner
from rankd.store.witness_policy import read_witness_policy
from tests.plain_log import private_key, witness_signer

A, B, C = (witness_signer(f"{letter}.example") for letter in "abc")


def entry(signer: NoteSigner, *, name: str | None = None, url: str = "https://w.example/x") -> str:
    return f'[[witness]]\nname = "{name or signer.name}"\nvkey = "{signer.verifier.vkey}"\nurl = "{url}"\n'


def refusal(tmp_path: Path, text: str | bytes) -> WitnessError:
    path = tmp_path / "witnesses.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(WitnessError) as caught:
        read_witness_policy(path)
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value


def test_quorum_and_witnesses_are_read(tmp_path: Path) -> None:
    path = tmp_path / "witnesses.toml"
    path.write_text("quorum = 2\n" + entry(A) + entry(B, url="http://127.0.0.1:7380/") + entry(C))
    policy = read_witness_policy(path)
    assert (policy.quorum, policy.verifiers) == (2, (A.verifier, B.verifier, C.verifier))
    assert [(witness.name, witness.url) for witness in policy.witnesses][1] == ("b.example", "http://127.0.0.1:7380")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (entry(A), "quorum"),
        ("quorum = 0\n" + entry(A), "quorum"),
        ("quorum = 2\n" + entry(A), "quorum"),
        ("quorum = true\n" + entry(A), "quorum"),
        ("quorum = 1.0\n" + entry(A), "quorum"),
        ("quorum = 1\n", "witness"),
        ("quorum = 1\nwitness = 5\n", "witness"),
        ("quorum = 1\nwitness = [5]\n", "witness[0].name"),
        ("quorum = 1\nsecret = 5\n" + entry(A), "secret"),
        ("quorum = 1\n" + entry(A) + "weight = 5\n", "witness[0].weight"),
        ("quorum = 1\n" + entry(A, name="b.example"), "witness[0].name"),
        ("quorum = 1\n" + entry(A) + entry(A), "witness[1].name"),
        ("quorum = 1\n" + entry(NoteSigner("log.example", private_key("log"))), "witness[0].vkey"),
        ('quorum = 1\n[[witness]]\nname = "a"\nvkey = "a+00000000+BA=="\nurl = "https://a"\n', "witness[0].vkey"),
        ('quorum = 1\n[[witness]]\nname = "a"\nvkey = 5\nurl = "https://a"\n', "witness[0].vkey"),
        (f'quorum = 1\n[[witness]]\nname = "{A.name}"\nvkey = "{A.verifier.vkey}"\n', "witness[0].url"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, key: str) -> None:
    error = refusal(tmp_path, text)
    assert (error.reason, error.metadata["key"]) == ("WITNESS_POLICY_INVALID", key)


def test_one_key_under_two_names_is_not_two_witnesses(tmp_path: Path) -> None:
    twin = NoteSigner("twin.example", private_key(A.name), COSIGNATURE)
    assert refusal(tmp_path, "quorum = 2\n" + entry(A) + entry(twin)).metadata["key"] == "witness[1].vkey"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "w.example",
        "ftp://w.example",
        "file:///etc/passwd",
        "https://",
        "https://user:word@w.example",
        "https://w.example/?x=1",
        "https://w.example/?",
        "https://w.example/#x",
        "https://w.example:0",
        "https://w.example:99999",
        "https://w.example/a b",
        "https://w.example/é",
        "https://[::1",
    ],
)
def test_an_address_that_is_no_prefix_is_refused(tmp_path: Path, url: str) -> None:
    assert refusal(tmp_path, "quorum = 1\n" + entry(A, url=url)).metadata["key"] == "witness[0].url"


@pytest.mark.parametrize("text", ["quorum = ", b"\xff", "x = " + "[" * 50_000, "#" * 70_000])
def test_what_is_no_file_of_witnesses_is_refused(tmp_path: Path, text: str | bytes) -> None:
    assert refusal(tmp_path, text).reason == "WITNESS_POLICY_UNREADABLE"


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WitnessError) as caught:
        read_witness_policy(tmp_path / "absent.toml")
    assert caught.value.reason == "WITNESS_POLICY_UNREADABLE"


def test_more_witnesses_than_a_note_may_carry_are_refused(tmp_path: Path) -> None:
    text = "quorum = 1\n" + "".join(entry(witness_signer(f"w{at}.example")) for at in range(16))
    assert refusal(tmp_path, text).metadata["key"] == "witness"
