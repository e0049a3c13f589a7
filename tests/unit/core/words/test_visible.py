"""What strangers wrote cannot steer the terminal of whoever reads a refusal, nor pass for a line of ours."""

import os
from pathlib import Path

import pytest

from rankd.core.errors import AssemblyError
from rankd.core.words.visible import visible


@pytest.mark.parametrize(
    "name", [b"\x1b[31mred", b"\x1b]0;title\x07", b"one\nThe minutes are good.", b"\xff\xfe", "\u202etxt".encode()]
)
def test_the_name_of_a_file_in_a_strangers_record_is_told_harmlessly(name: bytes) -> None:
    path = Path("record") / os.fsdecode(name)
    error = AssemblyError("RECORD_FILE_UNEXPECTED", path=path)
    for said in (error.say("fr"), error.say("en")):
        said.encode("utf-8")
        assert "\n" not in said
        assert "\x1b" not in said
        assert "\u202e" not in said
    assert error.metadata["path"] == path


def test_what_can_be_seen_is_told_as_it_is() -> None:
    assert visible("Élise\u00a0: « ça »\u200d 日本") == "Élise\u00a0: « ça »\u200d 日本"
