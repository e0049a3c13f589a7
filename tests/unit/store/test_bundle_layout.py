import pytest

from rankd.core.errors import BundleError
from rankd.core.exact.canonical import canonical_json
from rankd.store.bundle_layout import (
    ABOUT,
    ARCHIVE,
    BODIES,
    CHECKPOINT,
    ENTRIES,
    HASHES,
    About,
    Place,
    archive_member,
    bodies_member,
    most_bytes,
    place_of,
    read_about,
)

ABOUT_IT = About("dev.test", 70_000, 300, 66_000)
HEX = "0123456789abcdef" * 4


def test_what_a_bundle_says_of_itself_is_read_back() -> None:
    assert read_about(ABOUT_IT.document) == ABOUT_IT
    assert ABOUT_IT.document == (
        b'{"end":66000,"first":300,"origin":"dev.test","schema":"rankd.bundle/1","size":70000}'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "rankd.bundle/2"},
        {"origin": 7},
        {"first": -1},
        {"first": 66_001},
        {"end": 70_001},
        {"size": True},
        {"size": "70000"},
        {"more": 1},
        {"end": None},
    ],
)
def test_a_bundle_that_says_something_else_is_refused(change: dict[str, object]) -> None:
    document = {"schema": "rankd.bundle/1", "origin": "dev.test", "size": 70_000, "first": 300, "end": 66_000}
    with pytest.raises(BundleError) as caught:
        read_about(canonical_json(document | change))
    assert caught.value.reason == "BUNDLE_ABOUT"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b'{"a":1,"a":1}',
        b'{"end": 1,"first":0,"origin":"o","schema":"rankd.bundle/1","size":1}',
        b'{"end":1.0,"first":0,"origin":"o","schema":"rankd.bundle/1","size":1}',
        b'{"end":1e0,"first":0,"origin":"o","schema":"rankd.bundle/1","size":1}',
        b'{"end":01,"first":0,"origin":"o","schema":"rankd.bundle/1","size":1}',
        b'{"end":-0,"first":0,"origin":"o","schema":"rankd.bundle/1","size":1}',
        b'{"end":1,"first":0,"origin":"o","schema":"rankd.bundle/1","size":9007199254740993}',
        b'{"end":1,"first":0,"origin":"o","schema":"rankd.bundle/1","size":1' + b"0" * 4_000 + b"}",
        b'{"end":1,"first":0,"origin":"o","schema":"rankd.bundle/1","size":NaN}',
        b"[" * 4_000,
        b"\xff",
    ],
)
def test_numbers_and_texts_that_are_not_canonical_are_refused(data: bytes) -> None:
    with pytest.raises(BundleError) as caught:
        read_about(data)
    assert caught.value.reason == "BUNDLE_ABOUT"


@pytest.mark.parametrize(
    ("member", "place"),
    [
        ("tile/0/000", Place(HASHES, 0, 0, "")),
        ("tile/0/273.p/112", Place(HASHES, 0, 273, "")),
        ("tile/1/001.p/17", Place(HASHES, 1, 1, "")),
        ("tile/2/000.p/1", Place(HASHES, 2, 0, "")),
        ("tile/entries/000", Place(ENTRIES, 0, 0, "")),
        ("tile/entries/273.p/112", Place(ENTRIES, 0, 273, "")),
        ("bodies/001", Place(BODIES, 0, 1, "")),
        ("bodies/257", Place(BODIES, 0, 257, "")),
        (f"archive/policies/{HEX}/{HEX}.yaml", Place(ARCHIVE, 0, 0, f"archive/policies/{HEX}-{HEX}.yaml")),
        (f"archive/models/{HEX}/MODEL_CARD.md", Place(ARCHIVE, 0, 0, f"archive/models/{HEX}/MODEL_CARD.md")),
        (f"archive/models/{HEX}/FEATURES.yaml", Place(ARCHIVE, 0, 0, f"archive/models/{HEX}/FEATURES.yaml")),
        (f"archive/models/{HEX}/long_view.txt", Place(ARCHIVE, 0, 0, f"archive/models/{HEX}/long_view.txt")),
    ],
)
def test_each_member_has_its_place(member: str, place: Place) -> None:
    assert place_of(member, ABOUT_IT) == place


@pytest.mark.parametrize(
    "member",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "../../etc/passwd",
        "tile/../../etc/passwd",
        "tile/0/000/",
        "./tile/0/000",
        "tile//0/000",
        "tile/0/000.p/255",
        "tile/0/273",
        "tile/0/273.p/111",
        "tile/0/274",
        "tile/3/000",
        "tile/64/000",
        "tile/00/000",
        "tile/entries/274.p/1",
        "tile/entries/x000/000",
        "bodies/000",
        "bodies/258",
        "bodies/001.p/7",
        "bodies/../001",
        "bodies/bodies/001",
        "bundle.json",
        "checkpoint",
        "private/keys.sqlite",
        f"archive/policies/{HEX}-{HEX}.yaml",
        f"archive/policies/{HEX}/{HEX}.yaml/",
        f"archive/policies/{HEX.upper()}/{HEX}.yaml",
        f"archive/policies/{HEX}/{HEX[1:]}.yaml",
        f"archive/models/{HEX}/../x.txt",
        f"archive/models/{HEX}/.hidden",
        f"archive/models/{HEX}/a/b.txt",
        f"archive/models/{HEX}/manifest.json\n",
        "tile/0/٠٠٠",
    ],
)
def test_a_name_that_no_bundle_has_is_refused(member: str) -> None:
    with pytest.raises(BundleError) as caught:
        place_of(member, ABOUT_IT)
    assert caught.value.reason == "BUNDLE_MEMBER"


def test_places_are_ordered_as_members_stand() -> None:
    names = ["tile/0/001", "tile/0/010", "tile/1/000", "tile/entries/001", "bodies/001", "bodies/010"]
    names += [f"archive/limits/{HEX}/{HEX}.yaml", f"archive/models/{HEX}/click.txt"]
    places = [place_of(name, ABOUT_IT) for name in names]
    assert places == sorted(set(places))


def test_names_are_made_as_they_are_read() -> None:
    assert bodies_member(1_234) == "bodies/x001/234"
    assert archive_member(f"archive/limits/{HEX}-{HEX}.yaml") == f"archive/limits/{HEX}/{HEX}.yaml"
    assert archive_member(f"archive/models/{HEX}/LICENSE") == f"archive/models/{HEX}/LICENSE"
    assert archive_member(f"archive/models/{HEX}/x/y") is None


def test_every_member_has_a_most_that_it_can_take() -> None:
    assert most_bytes(ABOUT, None) == 4_096
    assert most_bytes(CHECKPOINT, None) == 1_000_000
    assert most_bytes("", Place(HASHES, 0, 0, "")) == 256 * 32
    assert most_bytes("", Place(ENTRIES, 0, 0, "")) == 256 * 65_537
    assert most_bytes("", Place(ARCHIVE, 0, 0, "x")) == 64 * 1024 * 1024
