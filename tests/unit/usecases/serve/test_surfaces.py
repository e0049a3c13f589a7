import logging
import os
import re
import threading
from pathlib import Path
from time import monotonic, sleep

import pytest

from rankd.core.errors import RankdError, RequestError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.reader import read_policy
from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.core.ranking.request import Mode
from rankd.usecases.serve.rank import Answer
from rankd.usecases.serve.surfaces import SurfaceBook
from tests.conftest import HOUSE_TIME_MS, House
from tests.evidence import replayed


def reason(refusal: RankdError | None) -> str | None:
    if refusal is None:
        return None
    assert refusal.say("fr") != refusal.say("en")
    return refusal.reason


def digests(book: SurfaceBook, surface: str = "video") -> tuple[bytes, bytes, bytes | None]:
    snapshot = book.snapshot(surface)
    return snapshot.policy_digest, snapshot.limits.canon_digest, snapshot.model_digest


def named(answer: Answer) -> tuple[bytes, bytes, bytes | None]:
    decision = answer.decided.decision
    return decision.policy_digest, decision.constitution_digest, decision.model_digest


def test_a_good_pair_is_served_and_archived(house: House) -> None:
    book = house.book()
    snapshot = book.snapshot("video")
    assert book.surfaces() == ("video",)
    assert book.refusal("video") is None
    assert snapshot.policy is not None
    assert snapshot.policy_file == (house.policies / "video.yaml").read_bytes()
    assert snapshot.policy.file_digest == sha256(snapshot.policy_file)
    assert snapshot.silent == ("reply",)
    assert snapshot.active_time_ms == HOUSE_TIME_MS
    assert house.archive.policy(snapshot.policy_digest) == snapshot.policy
    assert house.archive.limits(snapshot.limits.canon_digest) == snapshot.limits
    assert house.archive.model(snapshot.model_digest or b"").manifest.digest == snapshot.model_digest


def test_an_unknown_surface_is_refused_with_those_that_are_known(house: House) -> None:
    book = house.book()
    with pytest.raises(RequestError) as caught:
        book.snapshot("v" * 1000)
    assert caught.value.reason == "SURFACE_UNKNOWN"
    assert caught.value.metadata == {"field": "surface", "found": "v" * 64, "known": "video"}
    assert book.find("v" * 1000) is None


def test_a_policy_without_a_model_is_served_as_the_baseline_until_there_is_one(house: House) -> None:
    house.write_policy(surface="friends")
    book = house.book()
    assert book.surfaces() == ("friends", "video")
    assert book.snapshot("friends").policy_digest == BASELINE_DIGEST
    assert reason(book.refusal("friends")) == "SURFACE_WITHOUT_MODEL"
    house.write_model(surface="friends")
    book.refresh()
    assert book.snapshot("friends").policy is not None
    assert book.refusal("friends") is None


def test_a_pair_that_cannot_rank_is_served_as_the_baseline_at_the_first_start(house: House) -> None:
    house.write_policy(report=100)
    book = house.book()
    assert digests(book)[::2] == (BASELINE_DIGEST, None)
    assert reason(book.refusal("video")) == "HEAD_MISSING"


def test_a_text_that_is_no_policy_is_served_as_the_baseline_at_the_first_start(house: House) -> None:
    (house.policies / "video.yaml").write_text("schema: &anchor rankd.policy/1\n")
    book = house.book()
    assert book.snapshot("video").policy is None
    assert "ANCHOR" in (reason(book.refusal("video")) or "")


def test_a_file_whose_name_is_no_surface_is_refused_and_makes_none(house: House) -> None:
    text = (house.policies / "video.yaml").read_text()
    (house.policies / "Video copy.yaml").write_text(text)
    book = house.book()
    assert book.surfaces() == ("video",)
    assert reason(book.refusals()["Video copy"]) == "SURFACE_FILE_NAME"


@pytest.mark.parametrize("content", [None, b"schema: rankd.limits/1\n"])
def test_without_limits_there_is_no_start(house: House, content: bytes | None) -> None:
    limits = house.policies / "limits.yaml"
    limits.unlink()
    if content is not None:
        limits.write_bytes(content)
    with pytest.raises(RankdError) as caught:
        house.book()
    assert "limits.yaml" in str(caught.value)


def test_without_a_policies_folder_there_is_no_start(house: House, tmp_path: Path) -> None:
    with pytest.raises(RankdError) as caught:
        SurfaceBook(tmp_path / "nowhere", house.models, house.archive, lambda: 0)
    assert caught.value.reason == "POLICY_FILE_UNREADABLE"


def break_policy(house: House) -> None:
    house.write_policy(end="click: 3\n")


def break_pair(house: House) -> None:
    house.write_policy(report=10)


def remove_policy(house: House) -> None:
    (house.policies / "video.yaml").unlink()


def pipe_policy(house: House) -> None:
    remove_policy(house)
    os.mkfifo(house.policies / "video.yaml")


def rename_policy(house: House) -> None:
    path = house.policies / "video.yaml"
    path.write_text(path.read_text().replace("surface: video", "surface: other"))


def alter_model(house: House) -> None:
    path = house.models / "video" / "click.txt"
    path.write_bytes(path.read_bytes().replace(b"30", b"31"))


def thin_model(house: House) -> None:
    (house.models / "video" / "hide.txt").unlink()


def remove_model(house: House) -> None:
    (house.models / "video").rename(house.models / ".gone")


def misplace_model(house: House) -> None:
    remove_model(house)
    house.write_model(surface="other").rename(house.models / "video")


@pytest.mark.parametrize(
    ("spoil", "wanted"),
    [
        (break_policy, "POLICY_FIELD_UNKNOWN"),
        (break_pair, "HEAD_MISSING"),
        (remove_policy, "SURFACE_FILE_ABSENT"),
        (pipe_policy, "SURFACE_FILE_ABSENT"),
        (rename_policy, "SURFACE_FILE_NAME"),
        (alter_model, "MODEL_FILE_DIFFERS"),
        (thin_model, "MODEL_FILE_MISSING"),
        (remove_model, "SURFACE_WITHOUT_MODEL"),
        (misplace_model, "MODEL_SURFACE"),
    ],
)
def test_files_that_cannot_rank_leave_the_last_good_pair_in_force_until_they_can(
    house: House, caplog: pytest.LogCaptureFixture, spoil: object, wanted: str
) -> None:
    assert callable(spoil)
    book = house.book()
    before = book.snapshot("video")
    spoil(house)
    caplog.clear()
    for _ in range(4):
        book.poll()
    assert book.snapshot("video") is before
    assert reason(book.refusal("video")) == wanted
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert wanted in warnings[0].getMessage()
    assert book.refused_count == 1
    (house.policies / "video.yaml").unlink(missing_ok=True)
    house.write_policy(click=600)
    house.write_model()
    book.refresh()
    assert book.refusal("video") is None
    assert book.snapshot("video").policy_file == (house.policies / "video.yaml").read_bytes()


def test_files_that_come_back_as_they_were_clear_the_refusal_and_change_nothing(house: House) -> None:
    book = house.book()
    before = book.snapshot("video")
    good = (house.policies / "video.yaml").read_bytes()
    break_policy(house)
    book.refresh()
    (house.policies / "video.yaml").write_bytes(good)
    book.refresh()
    assert book.refusal("video") is None
    assert book.snapshot("video") is before


def test_a_change_is_read_only_once_it_has_settled(house: House) -> None:
    book = house.book()
    book.poll()
    before = book.snapshot("video")
    path = house.write_policy(click=600)
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    book.poll()
    path.write_bytes(whole)
    book.poll()
    assert book.snapshot("video") is before
    assert book.refused_count == 0
    book.poll()
    assert book.snapshot("video").policy_file == whole


def test_a_surface_is_added_by_its_files_alone(house: House) -> None:
    book = house.book()
    house.write_policy(surface="friends")
    house.write_model(surface="friends")
    book.poll()
    book.poll()
    assert book.surfaces() == ("friends", "video")
    assert book.snapshot("friends").policy is not None


def test_a_model_behind_a_link_is_replaced_by_moving_the_link(house: House) -> None:
    (house.models / "video").rename(house.models / ".one")
    (house.models / "video").symlink_to(".one")
    book = house.book()
    before = digests(book)
    house.write_model(surface="other", leaf=2 * MARGIN_ONE)
    files = house.model_files(leaf=2 * MARGIN_ONE)
    for name, data in files.items():
        (house.models / "other" / name).write_bytes(data)
    (house.models / "new").symlink_to("other")
    (house.models / "new").replace(house.models / "video")
    book.poll()
    book.poll()
    assert digests(book) == (*before[:2], sha256(files["manifest.json"]))


def test_a_note_in_the_text_alone_is_served_and_archived_too(house: House) -> None:
    book = house.book()
    before = book.snapshot("video")
    house.write_policy(end="# une note\n")
    book.refresh()
    after = book.snapshot("video")
    assert after.policy_digest == before.policy_digest
    assert after.policy_file == before.policy_file + b"# une note\n"
    assert after.engine is before.engine
    assert len(list((house.data / "archive" / "policies").iterdir())) == 2


def test_other_limits_put_every_pair_to_the_test_again(house: House) -> None:
    house.write_policy(surface="plain")
    book = house.book()
    before = digests(book)
    house.write_limits(most=510)
    book.poll()
    assert digests(book) == before
    book.poll()
    assert book.refusal("video") is None
    assert digests(book) == (before[0], book.snapshot("plain").limits.canon_digest, before[2])
    assert digests(book) != before
    house.write_limits(most=450)
    book.refresh()
    assert reason(book.refusal("video")) == "POINTS_OUTSIDE_LIMITS"
    assert book.snapshot("video").limits.objectives[0].max_points == 510
    assert book.snapshot("plain").limits.objectives[0].max_points == 450


def test_limits_that_cannot_be_read_leave_the_last_ones_in_force_and_every_surface_says_so(house: House) -> None:
    book = house.book()
    before = digests(book)
    (house.policies / "limits.yaml").write_text("schema: no\n")
    house.write_policy(click=600)
    book.refresh()
    assert digests(book)[1] == before[1]
    assert digests(book)[0] != before[0]
    assert reason(book.refusal("video")) == reason(book.refusals()["limits.yaml"])
    house.write_limits()
    book.refresh()
    assert book.refusal("video") is None


def test_nothing_takes_effect_that_is_not_in_the_archive_and_a_full_disk_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = house.book()
    before = book.snapshot("video")
    house.write_policy(click=600)

    def full(*_: object) -> None:
        raise ServiceError("ARCHIVE_UNWRITABLE", path="archive", detail="No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(house.archive, "keep_model", full)
        for _ in range(3):
            book.poll()
        assert book.snapshot("video") is before
        assert reason(book.refusal("video")) == "ARCHIVE_UNWRITABLE"
        assert book.refused_count == 1
    book.poll()
    assert book.snapshot("video").policy_digest != before.policy_digest
    assert book.refusal("video") is None


def test_a_policies_folder_that_disappears_changes_nothing(house: House) -> None:
    book = house.book()
    before = book.snapshot("video")
    house.policies.rename(house.policies.with_name("away"))
    book.refresh()
    assert book.snapshot("video") is before
    assert reason(book.refusals()[str(house.policies)]) == "POLICY_FILE_UNREADABLE"
    house.policies.with_name("away").rename(house.policies)
    book.refresh()
    assert book.refusals() == {}


def test_the_log_of_changes_names_digests_only(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        book = house.book()
    policy, limits, model = digests(book)
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    assert lines == [
        f"surface video: policy {policy.hex()}, limits {limits.hex()}, model {model.hex() if model else None}"
    ]


def test_the_watch_goes_on_after_a_defect_and_ends_when_told(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    book = house.book()
    polls = threading.Semaphore(0)

    def defect() -> None:
        polls.release()
        raise ZeroDivisionError

    monkeypatch.setattr(book, "poll", defect)
    book.watch(0.001)
    book.watch(0.001)
    assert all(polls.acquire(timeout=5) for _ in range(3))
    assert "ZeroDivisionError" in caplog.text
    assert [thread.name for thread in threading.enumerate()].count("surfaces") == 1
    book.stop()
    book.stop()
    assert "surfaces" not in [thread.name for thread in threading.enumerate()]


def test_no_request_fails_while_files_change_and_each_answer_rests_on_one_pair_that_existed(house: House) -> None:
    book = house.book()
    desk = house.desk(book)
    policies, models = {digests(book)[0]}, {digests(book)[2]}
    answers: list[Answer] = []
    failures: list[RankdError] = []
    over = threading.Event()

    def serve(first: int) -> None:
        seed = first
        while not over.is_set():
            try:
                answers.append(desk.ranker.rank(house.incoming(seed, mode=Mode.RANKED)))
            except RankdError as error:
                failures.append(error)
            seed += 2

    book.watch(0.01)
    threads = [threading.Thread(target=serve, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    until = monotonic() + 20
    for turn in range(1, 8):
        if turn % 3 == 0:
            break_policy(house)
            while book.refusal("video") is None and monotonic() < until:
                sleep(0.002)
        if turn % 2:
            wanted = read_policy(house.write_policy(click=500 + turn).read_bytes()).canon_digest
            policies.add(wanted)
        else:
            house.write_policy(click=500)
            house.write_model(leaf=MARGIN_ONE + turn)
            wanted = sha256((house.models / "video" / "manifest.json").read_bytes())
            models.add(wanted)
        while wanted not in digests(book) and monotonic() < until:
            sleep(0.002)
        served = len(answers)
        while len(answers) < served + 5 and monotonic() < until:
            sleep(0.002)
    broken = book.refusal("video")
    over.set()
    for thread in threads:
        thread.join(timeout=10)
    book.stop()
    desk.close()
    assert broken is None
    assert failures == []
    seen = {named(answer) for answer in answers}
    assert len(seen) > 3
    # Between the two writes of one turn, the new policy may meet the old model, or the other way round.
    assert {policy for policy, _, _ in seen} <= policies
    assert {model for _, _, model in seen} <= models
    assert all(answer.decided.snapshot.matches(*named(answer)) for answer in answers)
    report = replayed(house.data)
    assert (report.count, report.identical, report.good) == (len(answers), len(answers), True)


def test_every_reason_of_a_refusal_is_safe_to_log(house: House) -> None:
    house.write_policy(end="\u202e: 1\n")
    book = house.book()
    assert re.search(r"[\x00-\x1f\u202e]", str(book.refusal("video"))) is None
