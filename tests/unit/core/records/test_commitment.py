import hashlib

import pytest

from rankd.core.records.commitment import commitment


def test_a_commitment_by_hand() -> None:
    wanted = hashlib.sha256(b"rankd/record/1\x00" + b"k" * 32 + b"record").digest()
    assert commitment(b"k" * 32, b"record") == wanted


@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_is_refused_since_two_splits_would_commit_alike(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(key, b"record")
