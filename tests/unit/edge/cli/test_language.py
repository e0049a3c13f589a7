import pytest

from rankd.edge.cli.language import default_language, said


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "fr"),
        ({"LANG": "en_CA.UTF-8"}, "en"),
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "fr"),
        ({"LANG": "C.UTF-8"}, "fr"),
        ({"LC_ALL": "en_GB", "LANG": "fr_CA"}, "en"),
        ({"RANKD_LANG": "fr", "LC_ALL": "en_GB", "LANG": "en_GB"}, "fr"),
        ({"RANKD_LANG": "EN"}, "en"),
        ({"RANKD_LANG": "", "LANG": "en"}, "en"),
    ],
)
def test_the_environment_chooses_and_french_is_first(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language
    assert said("oui", "yes") == {"fr": "oui", "en": "yes"}[language]
