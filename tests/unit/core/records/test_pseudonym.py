from rankd.core.exact.chance import mac
from rankd.core.records.pseudonym import pseudonym, pseudonym_period

KEY = b"k" * 32


def test_a_pseudonym_by_hand() -> None:
    assert pseudonym(KEY, 3, "ana") == f"p3-{mac(KEY, b'rankd.viewer.v1', b'ana')[:16].hex()}"


def test_a_viewer_has_one_pseudonym_in_a_period_and_no_two_periods_can_be_linked() -> None:
    assert pseudonym(KEY, 3, "ana") == pseudonym(KEY, 3, "ana")
    assert pseudonym(KEY, 3, "ana") != pseudonym(KEY, 3, "bao")
    assert pseudonym(KEY, 3, "ana").partition("-")[2] != pseudonym(b"j" * 32, 4, "ana").partition("-")[2]


def test_a_pseudonym_tells_its_period() -> None:
    assert pseudonym_period(pseudonym(KEY, 0, "ana")) == 0
    assert pseudonym_period(pseudonym(KEY, 10**15 - 1, "ana")) == 10**15 - 1


def test_what_is_no_pseudonym_has_no_period() -> None:
    good = pseudonym(KEY, 12, "ana")
    for text in (
        "",
        "ana",
        good[:-1],
        good + "0",
        good.upper(),
        f" {good}",
        good.replace("p12", "p012"),
        "p-" + good[4:],
    ):
        assert pseudonym_period(text) is None
