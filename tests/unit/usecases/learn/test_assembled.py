from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from rankd.usecases.learn.assembled import assemble_from, assemble_requests
from rankd.usecases.learn.definitions import FEATURES
from rankd.usecases.learn.kuairand import Events, History
from rankd.usecases.learn.refusal import LearnError

AT = datetime(2022, 5, 3, 12, tzinfo=UTC)
AT_MS = round(AT.timestamp() * 1000)


def test_requests_hold_every_feature_once_with_the_lengths_that_the_wire_wants(data_folder: Path) -> None:
    requests = assemble_requests(data_folder, 3, 20, AT)
    assert len({request.viewer_id for request in requests}) == 3
    for request in requests:
        assert len(set(request.ids)) == len(request.author_ids) == len(request.titles) == 20
        assert {*request.viewer_columns, *request.columns} == {feature.name for feature in FEATURES}
        assert {(column.shape, column.dtype.name) for column in request.columns.values()} == {((20,), "float32")}


def test_only_nullable_features_hold_nan(data_folder: Path) -> None:
    nullable = {feature.name for feature in FEATURES if feature.nullable}
    for request in assemble_requests(data_folder, 10, 40, AT):
        unknown = {name for name, column in request.columns.items() if np.isnan(column).any()}
        unknown |= {name for name, value in request.viewer_columns.items() if np.isnan(value)}
        assert unknown <= nullable


def test_the_same_arguments_give_the_same_requests_and_another_moment_others(history: History) -> None:
    first, second, later = (assemble_from(history, 4, 10, moment) for moment in (AT_MS, AT_MS, AT_MS + 1))
    assert [(r.viewer_id, r.ids) for r in first] == [(r.viewer_id, r.ids) for r in second]
    assert [(r.viewer_id, r.ids) for r in first] != [(r.viewer_id, r.ids) for r in later]


def test_what_happens_later_changes_no_request(history: History) -> None:
    events = history.events
    past = events.times_ms < AT_MS
    cut = Events(*(getattr(events, name)[past] for name in Events.__slots__))
    whole = assemble_from(history, 5, 15, AT_MS)
    alone = assemble_from(History(cut, history.viewers, history.items, 0, 0), 5, 15, AT_MS)
    for one, two in zip(whole, alone, strict=True):
        assert (one.viewer_id, one.ids) == (two.viewer_id, two.ids)
        assert list(map(str, one.viewer_columns.values())) == list(map(str, two.viewer_columns.values()))
        for name, column in one.columns.items():
            assert np.array_equal(column, two.columns[name], equal_nan=True)


def test_titles_tell_topic_and_duration_in_both_languages(history: History) -> None:
    request = assemble_from(history, 1, 50, AT_MS)[0]
    titles = dict(zip(request.ids, request.titles, strict=True))
    assert (titles["1"].fr, titles["1"].en) == ("Sujet 1 · 0:06", "Topic 1 · 0:06")
    assert (titles["4"].fr, titles["9"].en) == ("Sujet inconnu · 0:09", "Topic 4")


def test_more_than_the_pool_holds_is_refused(history: History) -> None:
    with pytest.raises(LearnError) as caught:
        assemble_from(history, 1, 51, AT_MS)
    assert (caught.value.reason, caught.value.metadata["found"]) == ("DATA_POOL_TOO_SMALL", 50)
