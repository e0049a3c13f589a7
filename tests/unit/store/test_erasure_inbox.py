import json
import os
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.core.exact.canonical import canonical_json, sha256
from rankd.store.erasure_inbox import ErasureInbox
from tests.interruption import Killed, watch_disk

ORDER = {"payload": "AAAA", "signatures": [1], "payloadType": "x"}


def files(data: Path) -> dict[str, str]:
    found = {}
    for path in sorted((data / "erasures").rglob("*.json")):
        found[path.name.replace(digest(), "D")] = path.parent.name
    return found


def digest() -> str:
    return sha256(canonical_json(ORDER)).hex()


def test_an_order_waits_under_its_digest_for_the_owner_alone(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    assert inbox.waiting() == ()
    assert inbox.put(ORDER) == digest()
    (order,) = inbox.waiting()
    assert (order.digest, order.envelope, order.since) == (digest(), ORDER, None)
    assert order.path.stat().st_mode & 0o777 == 0o600
    for folder in (tmp_path / "erasures", tmp_path / "erasures" / "inbox"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_an_order_that_is_laid_there_twice_waits_once(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    inbox.put(ORDER)
    inbox.begin(inbox.waiting()[0], 7)
    inbox.put(dict(reversed(ORDER.items())))
    assert files(tmp_path) == {"D.7.json": "inbox"}


def test_the_oldest_order_comes_first(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    digests = [inbox.put(ORDER | {"n": number}) for number in range(4)]
    for age, name in enumerate(reversed(digests)):
        os.utime(tmp_path / "erasures" / "inbox" / f"{name}.json", (1_000 + age, 1_000 + age))
    assert [order.digest for order in inbox.waiting()] == digests[::-1]


def test_an_order_begins_again_where_the_journal_stands_then_and_is_finished(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    inbox.put(ORDER)
    (order,) = inbox.waiting()
    begun = inbox.begin(inbox.begin(order, 5), 9)
    assert begun.since == 9
    assert inbox.waiting() == (begun,)
    assert inbox.state(digest()) == "waiting"
    inbox.finish(begun)
    inbox.finish(begun)
    assert (inbox.waiting(), inbox.state(digest())) == ((), "gone")


def test_a_refused_order_is_moved_aside(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    for _ in range(2):
        inbox.put(ORDER)
        inbox.refuse(inbox.begin(inbox.waiting()[0], 3))
    assert inbox.state(digest()) == "refused"
    assert files(tmp_path) == {"D.json": "refused"}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", canonical_json(ORDER | {"payload": "AAAB"}), b"[" * 60_000, b" " * 70_000],
    ids=["empty", "cut", "list", "no text", "other", "deep", "long"],
)
def test_a_file_that_is_not_what_its_name_says_holds_no_order(tmp_path: Path, content: bytes) -> None:
    inbox = ErasureInbox(tmp_path)
    inbox.put(ORDER)
    (order,) = inbox.waiting()
    order.path.write_bytes(content)
    assert inbox.waiting()[0].envelope is None


def test_an_order_under_its_own_digest_that_is_no_object_holds_none(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    inbox.put(ORDER)
    data = json.dumps([ORDER]).encode()
    path = tmp_path / "erasures" / "inbox" / f"{sha256(data).hex()}.json"
    path.write_bytes(data)
    path.chmod(0o600)
    assert {order.envelope is None for order in inbox.waiting()} == {True, False}


def test_an_order_that_others_could_have_written_is_none(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    inbox.put(ORDER)
    inbox.waiting()[0].path.chmod(0o666)
    assert inbox.waiting()[0].envelope is None


def test_what_is_no_order_is_left_alone(tmp_path: Path) -> None:
    inbox = ErasureInbox(tmp_path)
    inbox.put(ORDER)
    for name in (f".{digest()}.json.x.tmp", "README", f"{digest()}.x.json", f"{digest()[:-1]}.json"):
        (tmp_path / "erasures" / "inbox" / name).write_text("{}")
    assert [order.digest for order in inbox.waiting()] == [digest()]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("work", ["put", "begin", "finish", "refuse"])
def test_a_crash_leaves_a_whole_order_in_one_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str, step: int, *, after: bool
) -> None:
    inbox = ErasureInbox(tmp_path)
    for folder in ("inbox", "refused"):
        (tmp_path / "erasures" / folder).mkdir(parents=True, mode=0o700)
    if work != "put":
        inbox.put(ORDER)
    with monkeypatch.context() as patch:
        watch_disk(patch, step, after=after)
        try:
            if work == "put":
                inbox.put(ORDER)
            elif work == "begin":
                inbox.begin(inbox.waiting()[0], 4)
            elif work == "finish":
                inbox.finish(inbox.waiting()[0])
            else:
                inbox.refuse(inbox.waiting()[0])
        except Killed:
            pass
    found = files(tmp_path)
    assert len(found) <= 1
    if not found:
        assert work in ("put", "finish")
        return
    for order in inbox.waiting():
        assert order.envelope == ORDER
        inbox.finish(order)
    assert files(tmp_path) in ({}, {"D.json": "refused"})


def test_a_disk_that_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    inbox = ErasureInbox(tmp_path)
    inbox.put(ORDER)
    (order,) = inbox.waiting()
    monkeypatch.setattr(Path, "rename", full)
    monkeypatch.setattr(Path, "unlink", full)
    monkeypatch.setattr(os, "link", full)
    for work in (
        lambda: inbox.put(ORDER | {"n": 1}),
        lambda: inbox.begin(order, 1),
        lambda: inbox.finish(order),
        lambda: inbox.refuse(order),
    ):
        with pytest.raises(ServiceError) as caught:
            work()
        assert caught.value.reason == "ERASURES_UNUSABLE"
