from collections.abc import Callable

import pytest

from rankd.core.features.declaration import Declaration
from rankd.core.features.reader import read_declaration

HEAD = 'meaning: {fr: "f", en: "e"}, unit: u, '


@pytest.fixture
def declare() -> Callable[..., Declaration]:
    """Read a declaration of entities (name: parts) and readings (name: text); all the rest follows from them."""

    def read(entities: dict[str, str], /, **readings: str) -> Declaration:
        personal = {name for name, parts in entities.items() if "viewer" in parts}
        lines = ["schema: rankd.features/1", "entities:" if entities else "entities: {}"]
        lines += [f"  {name}: [{parts}]" for name, parts in entities.items()]
        lines.append("features:")
        for name, reading in readings.items():
            nullable = "yes" if reading.endswith("?") else "no"
            depends = "yes" if any(f"{key}: {one}," in reading for one in personal for key in ("of", "among")) else "no"
            body = f'default: "0", nullable: "{nullable}", profiling: "{depends}", {reading.removesuffix("?")}'
            lines.append(f"  {name}: {{{HEAD}{body}}}")
        return read_declaration(("\n".join(lines) + "\n").encode())

    return read
