import os
from pathlib import Path

import numpy as np
import pytest

from rankd.core.features.declaration import Sent
from rankd.core.features.kinds import KINDS
from rankd.core.features.reader import read_declaration
from rankd.edge.cli.demo.real import has_real_data, read_real_stage

PROJECT = Path(__file__).resolve().parents[5]
DATA = Path(os.environ.get("RANKD_DATA") or PROJECT / "../shared/data") / "kuairand-pure"


def test_a_folder_without_impressions_holds_no_real_data(tmp_path: Path) -> None:
    assert not has_real_data(tmp_path)
    (tmp_path / "impressions.parquet").touch()
    assert has_real_data(tmp_path)


@pytest.mark.data
@pytest.mark.skipif(
    not has_real_data(DATA),
    reason="the real impressions are absent: no kuairand-pure under RANKD_DATA or ../shared/data",
)
def test_real_people_bring_what_is_sent_and_the_past_is_what_they_really_did() -> None:
    declaration = read_declaration((PROJECT / "training" / "video" / "FEATURES.yaml").read_bytes())
    sent = {entry.feature.name for entry in declaration.features if isinstance(entry.reading, Sent)}

    stage = read_real_stage(DATA, declaration)

    assert "Requêtes assemblées sur de vraies vidéos" in stage.notice.say("fr")
    assert "Requests assembled over real videos" in stage.notice.say("en")
    assert not stage.dated
    assert len(stage.visits) == 4
    main = {visit.viewer_id for visit in stage.visits}
    for visit in stage.visits:
        assert len(visit.videos) == 120
        assert set(visit.columns) == sent
    past = [lived.visit.viewer_id for lived in stage.past]
    assert len(set(past) - main) == 100
    # Everybody else comes once; of the four every day is lived through.
    assert all(past.count(viewer) == 1 for viewer in set(past) - main)
    assert set(past) >= main
    offered = {video.id for visit in stage.visits for video in visit.videos}
    shown = [video for lived in stage.past for video, kind in lived.events if kind == "shown"]
    assert sum(video in offered for video in shown) > len(shown) / 5
    for lived in stage.past:
        ids = [video.id for video in lived.visit.videos]
        assert len(set(ids)) == len(ids) > 0
        assert [video for video, kind in lived.events if kind == "shown"] == ids
        assert {kind for _, kind in lived.events} <= set(KINDS)
        assert set(lived.visit.columns) == sent
        assert all(
            values.shape == (len(ids),) and values.dtype == np.float32 for values in lived.visit.columns.values()
        )
