from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from rankd.core.features.declaration import Declaration
from rankd.usecases.learn.assembled import assemble_from, assemble_requests
from rankd.usecases.learn.history import History
from rankd.usecases.learn.refusal import LearnError

AT = datetime(2022, 5, 3, 12, tzinfo=UTC)
AT_MS = round(AT.timestamp() * 1000)


def test_requests_hold_every_feature_once_and_send_only_what_must_be_sent(
    data_folder: Path, declaration: Declaration
) -> None:
    requests = assemble_requests(data_folder, declaration, 3, 20, AT)
    assert len({request.viewer_id for request in requests}) == 3
    for request in requests:
        assert len(set(request.ids)) == len(request.author_ids) == len(request.titles) == 20
        assert list(request.columns) == [feature.name for feature in declaration.columns]
        assert list(request.sent) == ["scene", "topic", "duration_s"]
        assert {(column.shape, column.dtype.name) for column in request.columns.values()} == {((20,), "float32")}
        assert set(request.sent["scene"].tolist()) == {1.0}


def test_only_nullable_features_hold_nan(data_folder: Path, declaration: Declaration) -> None:
    nullable = {feature.name for feature in declaration.columns if feature.nullable}
    for request in assemble_requests(data_folder, declaration, 10, 40, AT):
        assert {name for name, column in request.columns.items() if np.isnan(column).any()} <= nullable


def test_the_same_arguments_give_the_same_requests_and_another_moment_others(
    history: History, declaration: Declaration
) -> None:
    moments = (AT_MS, AT_MS, AT_MS + 1)
    first, second, later = (assemble_from(history, declaration, 4, 10, moment) for moment in moments)
    assert [(r.viewer_id, r.ids) for r in first] == [(r.viewer_id, r.ids) for r in second]
    assert [(r.viewer_id, r.ids) for r in first] != [(r.viewer_id, r.ids) for r in later]


def test_what_happens_later_changes_no_request(history: History, declaration: Declaration) -> None:
    past = history.events.take(history.events.visible_at < AT_MS)
    whole = assemble_from(history, declaration, 5, 15, AT_MS)
    alone = assemble_from(replace(history, events=past), declaration, 5, 15, AT_MS)
    for one, two in zip(whole, alone, strict=True):
        assert (one.viewer_id, one.ids, one.shown_count) == (two.viewer_id, two.ids, two.shown_count)
        for name, column in one.columns.items():
            assert np.array_equal(column, two.columns[name], equal_nan=True)


def test_titles_tell_topic_and_duration_in_both_languages(history: History, declaration: Declaration) -> None:
    request = assemble_from(history, declaration, 1, 50, AT_MS)[0]
    titles = dict(zip(request.ids, request.titles, strict=True))
    assert (titles["1"].fr, titles["1"].en) == ("Sujet 1 · 0:06", "Topic 1 · 0:06")
    assert (titles["4"].fr, titles["9"].en) == ("Sujet inconnu · 0:09", "Topic 4")


def test_more_than_the_pool_holds_is_refused(history: History, declaration: Declaration) -> None:
    with pytest.raises(LearnError) as caught:
        assemble_from(history, declaration, 1, 51, AT_MS)
    assert (caught.value.reason, caught.value.metadata["found"]) == ("DATA_POOL_TOO_SMALL", 50)
