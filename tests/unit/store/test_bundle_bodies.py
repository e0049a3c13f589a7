import pytest

from rankd.core.errors import BundleError
from rankd.store.bundle_bodies import BundleBodies, body_bytes, body_head

KEY = bytes(range(32))


def bodies(data: bytes, allowed: range = range(256, 512)) -> BundleBodies:
    return BundleBodies(lambda offset, size: data[offset : offset + size], "bodies/001", 0, len(data), allowed)


def entry(index: int, sealed: bytes = b"sealed") -> bytes:
    return body_head(index, KEY, len(sealed)) + sealed


def test_bodies_are_found_by_their_leaf() -> None:
    found = bodies(entry(256, b"") + entry(300, b"three hundred") + entry(511))
    assert dict(found) == {256: (KEY, b""), 300: (KEY, b"three hundred"), 511: (KEY, b"sealed")}
    assert (len(found), 300 in found, 301 in found, body_bytes(6)) == (3, True, False, len(entry(0)))


def test_nothing_is_read_before_it_is_asked_for() -> None:
    data, asked = entry(256, bytes(1_000)), list[int]()

    def read(offset: int, size: int) -> bytes:
        asked.append(size)
        return data[offset : offset + size]

    found = BundleBodies(read, "bodies/001", 0, len(data), range(256, 512))
    assert 256 in found
    assert asked == [44]
    assert found[256] == (KEY, bytes(1_000))


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (entry(255), 0),
        (entry(512), 0),
        (entry(2**64 - 1), 0),
        (entry(256) + entry(256), 50),
        (entry(300) + entry(299), 50),
        (entry(256) + b"x", 50),
        (entry(256)[:43], 0),
        (body_head(256, KEY, 7) + b"sealed", 0),
        (body_head(256, KEY, 2**32 - 1), 0),
    ],
)
def test_a_member_that_lies_about_its_bodies_is_refused(data: bytes, offset: int) -> None:
    with pytest.raises(BundleError) as caught:
        bodies(data)
    assert (caught.value.reason, caught.value.metadata["offset"]) == ("BUNDLE_BODIES", offset)


def test_a_body_is_never_larger_than_one_can_be() -> None:
    head = body_head(256, KEY, 70_000_000)

    def read(offset: int, size: int) -> bytes:
        return head if offset == 0 else bytes(size)

    with pytest.raises(BundleError):
        BundleBodies(read, "bodies/001", 0, 44 + 70_000_000, range(256, 512))
