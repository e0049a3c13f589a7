"""The service's witnesses: none unless the configuration names their file, which is refused before anything starts."""

from pathlib import Path

import pytest

from rankd.core.errors import WitnessError
from rankd.edge.config import read_config
from rankd.edge.witnesses import open_witnessing
from rankd.usecases.witness.witnessing import Witnessing
from tests.plain_log import NOW_S, PlainLog, witness_signer


class Log:
    plain = PlainLog.of(3)

    def checkpoint(self) -> bytes:
        return self.plain.note(3)

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        return self.plain.proof(first, second)

    def add_cosignatures(self, note: bytes, *, is_witnessed: bool) -> bool:
        return is_witnessed and note == self.checkpoint()


def opened(path: Path, text: str) -> Witnessing | None:
    path.write_text(text)
    config = read_config(path, {})
    return open_witnessing(config, Log(), Log.plain.signer.verifier, lambda: 1_000 * NOW_S)


def test_without_a_file_nobody_is_asked(tmp_path: Path) -> None:
    assert opened(tmp_path / "rankd.toml", "") is None


def test_the_file_counts_from_the_configuration_that_names_it(tmp_path: Path) -> None:
    vkey = witness_signer("w.example").verifier.vkey
    (tmp_path / "w.toml").write_text(
        f'quorum = 1\n[[witness]]\nname = "w.example"\nvkey = "{vkey}"\nurl = "http://127.0.0.1:1"\n'
    )
    witnessing = opened(tmp_path / "rankd.toml", '[witnesses]\nfile = "w.toml"\n')
    assert witnessing is not None
    witnessing.round()
    assert {name: failure.reason for name, failure in witnessing.failures().items()} == {
        "w.example": "WITNESS_UNREACHABLE"
    }


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WitnessError) as caught:
        opened(tmp_path / "rankd.toml", '[witnesses]\nfile = "absent.toml"\n')
    assert caught.value.reason == "WITNESS_POLICY_UNREADABLE"
